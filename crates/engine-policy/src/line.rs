//! 「事实行」 A household's facts as one line of text, so that other programs can read
//! them: what is not known is left out, a kind of records that was answered for is
//! there even when it is empty. Whose facts they are is not in it.

use crate::certificate::{value_of, value_text};
use crate::household::{Household, Member};
use expr::{FactDecl, Frame, FrameError, Level, RecordKind};
use kernel::{RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first line of a file of facts: what the others were written by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsHead {
    /// The format's name: [`FactsHead::FORMAT`].
    pub format: String,
    /// The pack whose facts they are.
    pub pack_hash: String,
    /// The day they are of.
    pub as_of: kernel::Date,
}

impl FactsHead {
    /// The format's name; a change of the lines gets a new one.
    pub const FORMAT: &'static str = "nuanxin-facts/1";
}

/// A household: values as text (`true`, `12.50`, `2021-09-01`, a code's id).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsLine {
    /// Where it lives.
    pub region: u64,
    /// What is known of it as a whole.
    pub facts: BTreeMap<Slug, String>,
    /// Its members.
    pub members: Vec<MemberLine>,
}

/// A member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLine {
    /// What is known.
    pub facts: BTreeMap<Slug, String>,
    /// Records by kind, each a value per field of its kind, in the kind's order.
    pub records: BTreeMap<Slug, Vec<Vec<Option<String>>>>,
}

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// A fact or field the rules do not know.
    #[error("“{0}”不是这个政策包的事实。请用写它的那个政策包来读")]
    Unknown(Slug),
    /// A value of another type.
    #[error("“{id}”的值“{text}”读不懂")]
    Value {
        /// The fact or the kind of records.
        id: Slug,
        /// Its text.
        text: String,
    },
    /// A record with another number of fields than its kind.
    #[error("“{id}”的一条记录有 {found} 个字段，应当有 {wanted} 个")]
    Fields {
        /// The kind.
        id: Slug,
        /// How many there are.
        found: usize,
        /// How many its kind has.
        wanted: usize,
    },
    /// The frame takes no more.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

impl FactsLine {
    /// The facts of a household that a frame has columns for.
    pub fn of(household: &Household, frame: &Frame) -> FactsLine {
        let layout = frame.layout();
        let known = |facts: &BTreeMap<Slug, crate::Entry>, level: Level| {
            let wanted = layout.facts().iter().filter(|fact| fact.level == level);
            wanted
                .filter_map(|fact| {
                    let value = facts.get(&fact.id)?.value()?;
                    Some((fact.id.clone(), value_text(&value, &fact.ty)))
                })
                .collect()
        };
        let member = |member: &Member| MemberLine {
            facts: known(&member.facts, Level::Person),
            records: layout
                .kinds()
                .iter()
                .filter_map(|kind| Some((kind.id.clone(), records(kind, member)?)))
                .collect(),
        };
        FactsLine {
            region: household.region.as_u64(),
            facts: known(&household.facts, Level::Household),
            members: household.members.iter().map(member).collect(),
        }
    }

    /// A row of a frame: what is known of that household and its members.
    pub fn of_row(frame: &Frame, household: usize, region: RegionCode) -> FactsLine {
        let layout = frame.layout();
        let known = |level: Level, row: usize| {
            let wanted = layout.facts().iter().filter(|fact| fact.level == level);
            wanted
                .filter_map(|fact| {
                    let value = frame.get(layout.fact(fact.id.as_str())?, row).known()?;
                    Some((fact.id.clone(), value_text(&value, &fact.ty)))
                })
                .collect()
        };
        let member = |person: usize| MemberLine {
            facts: known(Level::Person, person),
            records: layout
                .kinds()
                .iter()
                .filter_map(|kind| Some((kind.id.clone(), rows_of(frame, kind, person)?)))
                .collect(),
        };
        FactsLine {
            region: region.as_u64(),
            facts: known(Level::Household, household),
            members: frame.members_of(household).map(member).collect(),
        }
    }

    /// Adds the household to a frame; `region` is its place among the environment's.
    ///
    /// # Errors
    /// [`LineError`]; the frame then has a household too many and must be cleared.
    pub fn push(&self, frame: &mut Frame, region: u32) -> Result<(), LineError> {
        let layout = frame.layout().clone();
        let find = |id: &Slug, level: Level| {
            let place = layout.fact(id.as_str());
            let decl = layout.facts().iter().find(|fact| fact.id == *id);
            let fits = decl.filter(|decl| decl.level == level);
            place
                .zip(fits)
                .ok_or_else(|| LineError::Unknown(id.clone()))
        };
        frame.push_household(region);
        for (id, text) in &self.facts {
            let (place, decl) = find(id, Level::Household)?;
            frame.set(place, read(decl, text)?)?;
        }
        for member in &self.members {
            frame.push_member()?;
            for (id, text) in &member.facts {
                let (place, decl) = find(id, Level::Person)?;
                frame.set(place, read(decl, text)?)?;
            }
            for (id, rows) in &member.records {
                push_records(frame, id, rows)?;
            }
        }
        Ok(())
    }

    /// Where it lives, as a code.
    ///
    /// # Errors
    /// No code of a region.
    pub fn region(&self) -> Result<RegionCode, kernel::RegionCodeError> {
        RegionCode::from_u64(self.region)
    }
}

fn records(kind: &RecordKind, member: &Member) -> Option<Vec<Vec<Option<String>>>> {
    let rows = member.records.get(&kind.id)?;
    let row = |row: &crate::RecordRow| {
        let cells = row.fields.iter().zip(&kind.fields);
        cells
            .map(|(value, field)| value.map(|value| value_text(&value, &field.ty)))
            .collect()
    };
    Some(rows.iter().map(row).collect())
}

/// A person's records as text; `None` when nobody answered for them.
fn rows_of(frame: &Frame, kind: &RecordKind, person: usize) -> Option<Vec<Vec<Option<String>>>> {
    let place = frame.layout().kind(kind.id.as_str())?;
    let (offsets, gaps, _) = frame.records(place)?;
    if gaps.get(person) != Some(&0) {
        return None;
    }
    let ends = offsets.get(person..person + 2)?;
    let row = |row: u32| {
        let cells = kind.fields.iter().enumerate();
        cells
            .map(|(field, decl)| {
                let value = frame.field(place, field, row as usize).known()?;
                Some(value_text(&value, &decl.ty))
            })
            .collect()
    };
    Some((ends[0]..ends[1]).map(row).collect())
}

fn read(decl: &FactDecl, text: &str) -> Result<expr::Value, LineError> {
    value_of(text, &decl.ty).ok_or_else(|| LineError::Value {
        id: decl.id.clone(),
        text: text.to_owned(),
    })
}

fn push_records(
    frame: &mut Frame,
    id: &Slug,
    rows: &[Vec<Option<String>>],
) -> Result<(), LineError> {
    let layout = frame.layout().clone();
    let place = layout.kind(id.as_str());
    let kind = layout.kinds().iter().find(|kind| kind.id == *id);
    let (place, kind) = place
        .zip(kind)
        .ok_or_else(|| LineError::Unknown(id.clone()))?;
    for row in rows {
        if row.len() != kind.fields.len() {
            return Err(LineError::Fields {
                id: id.clone(),
                found: row.len(),
                wanted: kind.fields.len(),
            });
        }
        frame.push_record(place)?;
        for (field, (text, decl)) in row.iter().zip(&kind.fields).enumerate() {
            let Some(text) = text else { continue };
            let value = value_of(text, &decl.ty).ok_or_else(|| LineError::Value {
                id: id.clone(),
                text: text.clone(),
            })?;
            frame.set_field(place, field, value)?;
        }
    }
    frame.answer_records(place);
    Ok(())
}
