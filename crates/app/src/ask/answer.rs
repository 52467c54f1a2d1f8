//! 「答什么」 What is found for a question that was allowed: the pool's records within the
//! agreed fields, or whether a signed decision gives a benefit this month. No answer is
//! never “no record” and never “no”. Merged entries are read together.

use super::Believed;
use crate::cockpit::Statistics;
use crate::{App, Result};
use engine_payment::Beneficiary;
use engine_pool::ask::{Question, Receives, receives};
use engine_pool::{Agreement, Answer, Category, Held, NoAnswer, Subject, from_pool};
use kernel::{Date, Period, PersonId, PersonNumber, Slug};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterSlice, Tx};

/// What a party is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// These records: number, day, and the agreed fields as text.
    Records {
        /// The day the data speaks of.
        as_of: Option<Date>,
        /// The records.
        records: Vec<BTreeMap<String, String>>,
    },
    /// Whoever holds the data looked and has nothing.
    NoRecord {
        /// The day up to which they looked.
        as_of: Date,
    },
    /// Nobody can say.
    NotKnown,
    /// Whether somebody receives it.
    Receives {
        /// Yes, no, not known.
        answer: Receives,
        /// Today.
        on: Date,
    },
    /// Counts, small ones hidden.
    Statistics(Statistics),
}

impl Answered {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Answered::Records { .. } => "records",
            Answered::NoRecord { .. } => "no_record",
            Answered::NotKnown => "not_known",
            Answered::Receives { answer, .. } => match answer {
                Receives::Yes => "yes",
                Receives::No => "no",
                Receives::NotKnown => "not_known",
            },
            Answered::Statistics(_) => "statistics",
        }
    }
}

impl App {
    /// What is found, and about whom, for the audit.
    pub(super) async fn found_for(
        &self,
        tx: &mut Tx,
        agreement: &Agreement,
        believed: &Believed,
        today: Date,
    ) -> Result<(Answered, String)> {
        let Some(number) = believed.number else {
            return Ok((Answered::NotKnown, "pool".to_owned()));
        };
        let whose = whose(tx, number).await?;
        let person = match whose {
            Whose::Known(person) => person,
            Whose::Several => None,
        };
        let subject = person.map_or_else(|| "search".to_owned(), |one| format!("person:{one}"));
        let given = match &believed.question {
            Question::Records { category, fields } => {
                let agreed = agreement.term(category).map(|term| &term.fields);
                let fields = match fields.is_empty() {
                    true => agreed.cloned().unwrap_or_default(),
                    false => fields.clone(),
                };
                let found = self.law.pack.data().catalogue.category(category);
                match (found, whose) {
                    (Some(category), Whose::Known(person)) => {
                        let whom = (number, person);
                        let answer = pooled(tx, category, whom, today).await?;
                        told(answer, &fields)
                    }
                    (None, _) | (_, Whose::Several) => Answered::NotKnown,
                }
            }
            Question::Receives { benefit } => {
                let answer = match person {
                    Some(person) => receiving(tx, person, benefit, today).await?,
                    None => Receives::NotKnown,
                };
                Answered::Receives { answer, on: today }
            }
            Question::Statistics => Answered::NotKnown,
        };
        Ok((given, subject))
    }
}

/// Whose a number is.
#[derive(Clone, Copy)]
enum Whose {
    /// One person's, or nobody's the register knows.
    Known(Option<PersonId>),
    /// Several different people's: nobody can say whom a question is about.
    Several,
}

/// Whose number it is; an entry that was merged is the other one.
async fn whose(tx: &mut Tx, number: PersonNumber) -> Result<Whose> {
    let found = tx.people_with(number).await?;
    let slice = RegisterSlice {
        people: found.iter().copied().collect(),
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let heads: BTreeSet<PersonId> = found.iter().map(|one| register.resolve(*one)).collect();
    Ok(match heads.len() {
        0 | 1 => Whose::Known(heads.into_iter().next()),
        _ => Whose::Several,
    })
}

/// What the pool says of somebody in a category.
async fn pooled(
    tx: &mut Tx,
    category: &Category,
    (number, person): (PersonNumber, Option<PersonId>),
    today: Date,
) -> Result<Answer> {
    let standings = tx.pool_standings().await?;
    let standing = standings.get(&category.id).copied();
    if tx.has_gap(number, &category.id, standing).await? {
        let why = NoAnswer::RowRefused;
        return Ok(Answer::NoAnswer { why });
    }
    let held: Vec<Held> = match person {
        Some(person) => {
            let (whose, wanted) = ([person].into(), [category.id.clone()].into());
            let gaps = tx.gaps_of(&whose, &standings).await?;
            if gaps.contains(&(person, category.id.clone())) {
                let why = NoAnswer::RowRefused;
                return Ok(Answer::NoAnswer { why });
            }
            let records = tx.records_of(&whose, Some(&wanted)).await?;
            records.into_iter().map(|one| one.held(number)).collect()
        }
        None => {
            let held = tx.records_about(&Subject::Person(number)).await?;
            let of = held.into_iter();
            of.filter(|one| one.record.category == category.id)
                .collect()
        }
    };
    Ok(from_pool(category, standing, held, today))
}

fn told(answer: Answer, fields: &BTreeSet<Slug>) -> Answered {
    match answer {
        Answer::NoAnswer { .. } => Answered::NotKnown,
        Answer::NoRecord { as_of } => Answered::NoRecord { as_of },
        Answer::Records(held) => Answered::Records {
            as_of: held.iter().map(|one| one.record.as_of).max(),
            records: held.iter().map(|one| row(one, fields)).collect(),
        },
    }
}

fn row(held: &Held, fields: &BTreeSet<Slug>) -> BTreeMap<String, String> {
    let record = &held.record;
    let own = [
        ("record_no".to_owned(), record.record_no.clone()),
        ("as_of".to_owned(), record.as_of.to_string()),
    ];
    let agreed = record.values.iter().filter(|(id, _)| fields.contains(*id));
    let agreed = agreed.map(|(id, value)| (id.to_string(), value.to_string()));
    own.into_iter().chain(agreed).collect()
}

/// Whether a signed decision gives somebody, or the household they live in, a benefit
/// this month.
async fn receiving(tx: &mut Tx, person: PersonId, benefit: &Slug, today: Date) -> Result<Receives> {
    let people = BTreeSet::from([person]);
    let slice = RegisterSlice {
        households: tx.homes_of_people(&people).await?,
        people,
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let home = register
        .household_of(person, today)
        .map(|(home, _)| home.id);
    let own = [Beneficiary::Person(person)];
    let whose = own.into_iter().chain(home.map(Beneficiary::Household));
    let month = Period::of(today);
    let mut given = false;
    for whose in whose {
        for right in tx.entitlements_of(whose).await? {
            let right = right.state;
            given |= right.programme == *benefit && right.due_in(month).is_some();
        }
    }
    Ok(receives(given, home.is_some()))
}
