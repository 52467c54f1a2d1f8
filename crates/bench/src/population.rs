//! 「合成人口」 Invented people in households, as columns: drawn by seed from a
//! description, so that every engine of a run judges the same ones.

use crate::BenchError;
use expr::{Decimal, FactDecl, FieldDecl, Frame, Level, Type, Value};
use kernel::Date;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// How people are drawn; see peers/population.toml.
#[derive(Debug, Deserialize)]
pub(crate) struct Description {
    households: Vec<f64>,
    unknown: f64,
    authorised: f64,
    /// The day of judgement.
    pub(crate) on: Date,
    ages: Ages,
    code: BTreeMap<String, Vec<String>>,
    #[serde(rename = "bool")]
    truths: BTreeMap<String, f64>,
    number: BTreeMap<String, (f64, i64, i64)>,
}

#[derive(Debug, Deserialize)]
struct Ages {
    first: (i64, i64),
    second: (i64, i64),
    others: (i64, i64),
}

impl Description {
    /// The one that lies beside the bench.
    pub(crate) fn read() -> Result<Description, BenchError> {
        let text = include_str!("../peers/population.toml");
        toml::from_str(text).map_err(|why| BenchError::Population(why.to_string()))
    }
}

/// Draws people into a frame until there are `people`. With `complete` every fact is
/// known. `sealed` are facts that need the household's authorisation.
pub(crate) fn fill(
    frame: &mut Frame,
    description: &Description,
    people: usize,
    complete: bool,
    sealed: &BTreeSet<String>,
) -> Result<(), BenchError> {
    let dice = &mut ChaCha8Rng::seed_from_u64(330_482);
    draw(frame, description, people, complete, sealed, dice)
}

/// As [`fill`], with dice that others have thrown before.
pub(crate) fn draw(
    frame: &mut Frame,
    description: &Description,
    people: usize,
    complete: bool,
    sealed: &BTreeSet<String>,
    dice: &mut ChaCha8Rng,
) -> Result<(), BenchError> {
    let layout = frame.layout().clone();
    let put = |why: expr::FrameError| BenchError::Engine(why.to_string());
    let facts = layout.facts().iter().map(|decl| {
        let place = layout.fact(decl.id.as_str());
        let plan = FactPlan::new(decl, description, sealed);
        place.map(|place| (decl.level, place, plan))
    });
    let facts: Vec<_> = facts.flatten().collect();
    let kinds: Vec<_> = layout
        .kinds()
        .iter()
        .filter_map(|kind| Some((layout.kind(kind.id.as_str())?, kind.clone())))
        .collect();
    while frame.persons() < people {
        let size = drawn(&description.households, dice) + 1;
        let authorised = dice.random_bool(description.authorised);
        let unknown = |plan: &FactPlan, dice: &mut ChaCha8Rng| match (complete, plan.sealed) {
            (true, _) => false,
            (false, true) if !authorised => true,
            _ => dice.random_bool(description.unknown),
        };
        frame.push_household(0);
        for (_, place, plan) in facts
            .iter()
            .filter(|(level, ..)| *level == Level::Household)
        {
            if !unknown(plan, dice) {
                let value = plan.draw(0, description, dice);
                frame.set(*place, value).map_err(put)?;
            }
        }
        for member in 0..size {
            frame.push_member().map_err(put)?;
            for (_, place, plan) in facts.iter().filter(|(level, ..)| *level == Level::Person) {
                if !unknown(plan, dice) {
                    let value = plan.draw(member, description, dice);
                    frame.set(*place, value).map_err(put)?;
                }
            }
            for (place, kind) in &kinds {
                let records = usize::from(dice.random_bool(0.08)) * dice.random_range(1..4);
                for _ in 0..records {
                    frame.push_record(*place).map_err(put)?;
                    for (field, decl) in kind.fields.iter().enumerate() {
                        let value = field_value(decl, description, dice);
                        frame.set_field(*place, field, value).map_err(put)?;
                    }
                }
                if complete || !dice.random_bool(description.unknown) {
                    frame.answer_records(*place);
                }
            }
        }
    }
    Ok(())
}

fn drawn(shares: &[f64], dice: &mut ChaCha8Rng) -> usize {
    let mut left: f64 = dice.random();
    for (place, share) in shares.iter().enumerate() {
        left -= share;
        if left < 0.0 {
            return place;
        }
    }
    shares.len().saturating_sub(1)
}

struct FactPlan {
    sealed: bool,
    what: Drawn,
}

/// How a fact's values are drawn.
enum Drawn {
    Truth(f64),
    Born,
    Day,
    Number {
        some: f64,
        low: i64,
        high: i64,
        scale: u8,
    },
    /// By place in the household.
    Codes(Vec<u16>),
    Code(u16),
}

impl FactPlan {
    fn new(decl: &FactDecl, description: &Description, sealed: &BTreeSet<String>) -> FactPlan {
        let id = decl.id.as_str();
        let what = match &decl.ty {
            Type::Bool => Drawn::Truth(description.truths.get(id).copied().unwrap_or(0.01)),
            Type::Date if id == "born" => Drawn::Born,
            Type::Date => Drawn::Day,
            Type::Number { scale, .. } => {
                let told = description.number.get(id).copied();
                let (some, low, high) = told.unwrap_or((0.03, 100, 3_000));
                let power = 10_i64.pow(u32::from(*scale));
                // A count nobody described stays small.
                let counts = told.is_none() && *scale == 0;
                Drawn::Number {
                    some,
                    low: if counts { 1 } else { low * power },
                    high: if counts { 6 } else { high * power },
                    scale: *scale,
                }
            }
            Type::Code(set) => match description.code.get(id) {
                Some(places) => Drawn::Codes(
                    places
                        .iter()
                        .map(|member| set.number_of(member).unwrap_or(0))
                        .collect(),
                ),
                None => Drawn::Code(u16::try_from(set.members.len()).unwrap_or(1)),
            },
        };
        FactPlan {
            sealed: sealed.contains(id),
            what,
        }
    }

    fn draw(&self, member: usize, description: &Description, dice: &mut ChaCha8Rng) -> Value {
        match &self.what {
            Drawn::Truth(share) => Value::Bool(dice.random_bool(*share)),
            Drawn::Born => {
                let (low, high) = match member {
                    0 => description.ages.first,
                    1 => description.ages.second,
                    _ => description.ages.others,
                };
                let days = dice.random_range(low * 365..high * 365);
                Value::Date(description.on - chrono::Duration::days(days))
            }
            Drawn::Day => Value::Date(day_before(description.on, 3_650, dice)),
            Drawn::Number {
                some,
                low,
                high,
                scale,
            } => {
                let mantissa = match dice.random_bool(*some) {
                    true => dice.random_range(*low..=*high),
                    false => 0,
                };
                Value::Number(Decimal {
                    mantissa,
                    scale: *scale,
                })
            }
            Drawn::Codes(places) => Value::Code(places.get(member).copied().unwrap_or(0)),
            Drawn::Code(members) => Value::Code(match dice.random_bool(0.06) {
                true => dice.random_range(0..*members),
                false => 0,
            }),
        }
    }
}

fn day_before(on: Date, days: i64, dice: &mut ChaCha8Rng) -> Date {
    on - chrono::Duration::days(dice.random_range(0..days))
}

fn field_value(decl: &FieldDecl, description: &Description, dice: &mut ChaCha8Rng) -> Value {
    match &decl.ty {
        Type::Bool => Value::Bool(dice.random_bool(0.5)),
        Type::Date => Value::Date(day_before(description.on, 700, dice)),
        Type::Number { .. } => Value::Number(Decimal::whole(dice.random_range(50..8_000))),
        Type::Code(set) => {
            let members = u16::try_from(set.members.len()).unwrap_or(1);
            Value::Code(dice.random_range(0..members))
        }
    }
}
