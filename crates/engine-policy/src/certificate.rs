//! 「证书」 Everything a judgement rested on, so that it can be judged again years
//! later: pack hash, day, place, facts with their sources, the law's numbers,
//! each condition, the arithmetic. The same bytes, or a named difference.

use crate::compile::Judge;
use crate::household::{Entry, Household, Member, RecordRow, Source, WhyMissing};
use crate::judge::{JudgeError, ParameterUsed};
use crate::judgement::{Judgement, Subject};
use expr::{Decimal, Layout, Level, Type, Value};
use kernel::{Date, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format's name; a change of layout gets a new one.
const FORMAT: &str = "nuanxin-certificate/1";

/// A judgement with everything it rested on. Serialised with keys in this order
/// and maps sorted, so equal certificates are equal bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The format.
    pub format: String,
    /// The pack that judged.
    pub pack_hash: String,
    /// The day of judgement.
    pub as_of: Date,
    /// Where the household lives.
    pub region: RegionCode,
    /// Facts of the household that the benefit reads.
    pub household: BTreeMap<Slug, WrittenEntry>,
    /// The same of each member.
    pub members: Vec<WrittenMember>,
    /// The law's numbers that were used.
    pub parameters: Vec<ParameterUsed>,
    /// What was judged.
    pub judgement: Judgement,
}

/// A member's facts and records that the benefit reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenMember {
    /// Facts.
    pub facts: BTreeMap<Slug, WrittenEntry>,
    /// Records by kind; a kind that is not here was not known.
    pub records: BTreeMap<Slug, Vec<WrittenRecord>>,
}

/// A record: its fields as text, in the kind's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenRecord {
    /// Field texts.
    pub fields: Vec<Option<String>>,
    /// Where it comes from.
    pub source: Source,
}

/// A fact as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrittenEntry {
    /// Known.
    Known {
        /// Its value: `true`, `12.50`, `2021-09-01`, a code's id.
        value: String,
        /// Where it comes from.
        source: Source,
    },
    /// Not known.
    Missing(WhyMissing),
}

/// How a replay differs from its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which part.
    pub part: String,
    /// As certified.
    pub certified: String,
    /// As judged now.
    pub replayed: String,
}

/// Why a certificate cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Another format.
    #[error("不认识证书格式“{0}”。请用写它的那个版本的程序重放")]
    Format(String),
    /// Another pack.
    #[error("证书用的政策包是 {certified}，现在这个是 {present}。请用同一个政策包重放")]
    Pack {
        /// The certificate's.
        certified: String,
        /// The present one's.
        present: String,
    },
    /// A value that is no value of its fact.
    #[error("证书里“{fact}”的值“{text}”读不懂，证书可能被改过")]
    Value {
        /// The fact.
        fact: Slug,
        /// Its text.
        text: String,
    },
    /// The judging failed.
    #[error(transparent)]
    Judge(#[from] JudgeError),
}

impl Certificate {
    /// Certifies a judgement of `household` by `judge` on `day`.
    ///
    /// # Errors
    /// As judging itself.
    pub fn issue(
        judge: &Judge,
        household: &Household,
        judgement: Judgement,
        day: Date,
    ) -> Result<Certificate, JudgeError> {
        let index = judge.index_of(judgement.benefit.as_str())?;
        let layout = judge.telling[index].program.layout();
        let parameters = judge.parameters_used(
            judgement.benefit.as_str(),
            household,
            judgement.subject,
            day,
        )?;
        Ok(Certificate {
            format: FORMAT.to_owned(),
            pack_hash: judge.book.pack_hash.clone(),
            as_of: day,
            region: household.region,
            household: write_facts(layout, Level::Household, &household.facts),
            members: household
                .members
                .iter()
                .map(|member| write_member(layout, member))
                .collect(),
            parameters,
            judgement,
        })
    }

    /// Judges again from the certificate alone. Empty: identical, to the byte.
    ///
    /// # Errors
    /// [`ReplayError`] when it cannot be judged again at all.
    pub fn replay(&self, judge: &Judge) -> Result<Vec<Difference>, ReplayError> {
        if self.format != FORMAT {
            return Err(ReplayError::Format(self.format.clone()));
        }
        let present = &judge.book.pack_hash;
        if self.pack_hash != *present {
            return Err(ReplayError::Pack {
                certified: self.pack_hash.clone(),
                present: present.clone(),
            });
        }
        let household = self.read_household(judge)?;
        let benefit = self.judgement.benefit.as_str();
        let judged = judge.judge(benefit, &household, self.as_of)?;
        let place = match self.judgement.subject {
            Subject::Household => 0,
            Subject::Member(member) => member,
        };
        let Some(judgement) = judged.into_iter().nth(place) else {
            return Ok(vec![Difference {
                part: "subject".into(),
                certified: format!("{:?}", self.judgement.subject),
                replayed: "没有这个人".into(),
            }]);
        };
        let replayed = Certificate::issue(judge, &household, judgement, self.as_of)?;
        Ok(differences(self, &replayed))
    }

    /// The certified facts, as far as this judge reads them: by another law some may
    /// be missing, and then they are missing.
    ///
    /// # Errors
    /// [`ReplayError`] for a value that is no value of its fact.
    pub fn read_household(&self, judge: &Judge) -> Result<Household, ReplayError> {
        let index = judge.index_of(self.judgement.benefit.as_str())?;
        let layout = judge.telling[index].program.layout();
        let members = self
            .members
            .iter()
            .map(|member| read_member(layout, member));
        Ok(Household {
            region: self.region,
            facts: read_facts(layout, &self.household)?,
            members: members.collect::<Result<_, _>>()?,
        })
    }
}

/// Every part that differs, as JSON text; parts are the certificate's keys.
fn differences(certified: &Certificate, replayed: &Certificate) -> Vec<Difference> {
    let parts = |certificate: &Certificate| match serde_json::to_value(certificate) {
        Ok(serde_json::Value::Object(parts)) => parts,
        _ => serde_json::Map::new(),
    };
    let (before, after) = (parts(certified), parts(replayed));
    before
        .iter()
        .filter(|(part, value)| after.get(*part) != Some(value))
        .map(|(part, value)| Difference {
            part: part.clone(),
            certified: value.to_string(),
            replayed: after.get(part).map(ToString::to_string).unwrap_or_default(),
        })
        .collect()
}

fn write_facts(
    layout: &Layout,
    level: Level,
    facts: &BTreeMap<Slug, Entry>,
) -> BTreeMap<Slug, WrittenEntry> {
    let read = layout.facts().iter().filter(|fact| fact.level == level);
    read.map(|fact| {
        let entry = match facts.get(&fact.id) {
            Some(Entry::Known(value, source)) => WrittenEntry::Known {
                value: value_text(value, &fact.ty),
                source: source.clone(),
            },
            Some(Entry::Missing(why)) => WrittenEntry::Missing(why.clone()),
            None => WrittenEntry::Missing(WhyMissing::NotAsked),
        };
        (fact.id.clone(), entry)
    })
    .collect()
}

fn write_member(layout: &Layout, member: &Member) -> WrittenMember {
    let mut records = BTreeMap::new();
    for kind in layout.kinds() {
        let Some(rows) = member.records.get(&kind.id) else {
            continue;
        };
        let write = |row: &RecordRow| WrittenRecord {
            fields: row
                .fields
                .iter()
                .zip(&kind.fields)
                .map(|(value, field)| value.map(|value| value_text(&value, &field.ty)))
                .collect(),
            source: row.source.clone(),
        };
        records.insert(kind.id.clone(), rows.iter().map(write).collect());
    }
    WrittenMember {
        facts: write_facts(layout, Level::Person, &member.facts),
        records,
    }
}

fn read_facts(
    layout: &Layout,
    written: &BTreeMap<Slug, WrittenEntry>,
) -> Result<BTreeMap<Slug, Entry>, ReplayError> {
    let mut facts = BTreeMap::new();
    for (id, entry) in written {
        let entry = match entry {
            WrittenEntry::Missing(why) => Entry::Missing(why.clone()),
            WrittenEntry::Known { value, source } => {
                let decl = layout.facts().iter().find(|fact| fact.id == *id);
                let read = decl.and_then(|decl| value_of(value, &decl.ty));
                let unread = || ReplayError::Value {
                    fact: id.clone(),
                    text: value.clone(),
                };
                Entry::Known(read.ok_or_else(unread)?, source.clone())
            }
        };
        facts.insert(id.clone(), entry);
    }
    Ok(facts)
}

fn read_member(layout: &Layout, written: &WrittenMember) -> Result<Member, ReplayError> {
    let mut records = BTreeMap::new();
    for (id, rows) in &written.records {
        let kind = layout.kinds().iter().find(|kind| kind.id == *id);
        let unread = |text: &str| ReplayError::Value {
            fact: id.clone(),
            text: text.to_owned(),
        };
        let kind = kind.ok_or_else(|| unread("?"))?;
        let mut read = Vec::new();
        for row in rows {
            let fields = row
                .fields
                .iter()
                .zip(&kind.fields)
                .map(|(text, field)| match text {
                    None => Ok(None),
                    Some(text) => value_of(text, &field.ty)
                        .map(Some)
                        .ok_or_else(|| unread(text)),
                });
            read.push(RecordRow {
                fields: fields.collect::<Result<_, _>>()?,
                source: row.source.clone(),
            });
        }
        records.insert(id.clone(), read);
    }
    Ok(Member {
        facts: read_facts(layout, &written.facts)?,
        records,
    })
}

/// A value as plain text, readable without the program.
pub(crate) fn value_text(value: &Value, ty: &Type) -> String {
    match (value, ty) {
        (Value::Bool(flag), _) => flag.to_string(),
        (Value::Number(number), _) => number.to_string(),
        (Value::Date(date), _) => date.to_string(),
        (Value::Code(number), Type::Code(set)) => set
            .member(*number)
            .map_or_else(|| number.to_string(), |member| member.id.to_string()),
        (Value::Code(number), _) => number.to_string(),
    }
}

/// The reverse of [`value_text`].
pub(crate) fn value_of(text: &str, ty: &Type) -> Option<Value> {
    match ty {
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Number { .. } => text.parse::<Decimal>().ok().map(Value::Number),
        Type::Date => text.parse().ok().map(Value::Date),
        Type::Code(set) => set.number_of(text).map(Value::Code),
    }
}
