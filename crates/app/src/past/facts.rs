//! 「后到的事实」 What came after a decision and speaks of a month before: deaths the
//! register learnt of late, and records whose own day is not after the month and whose
//! delivery is after the signature. What an officer established stands against both; no
//! record is never an answer here.

use super::look::Seen;
use crate::App;
use crate::screen::{Family, Pooled, discovered};
use engine_payment::PastCause;
use engine_policy::{Entry, Household, RecordRow, Source};
use engine_pool::Standing;
use engine_pool::config::AS_OF;
use expr::Value;
use kernel::{DataBatchId, Date, Instant, Period, PersonId, Slug};
use packs::Pack;
use std::collections::{BTreeMap, BTreeSet};
use store::PoolRecord;

/// What came late about a case's people, for one month.
pub(super) struct Late<'a> {
    pub(super) app: &'a App,
    pub(super) standings: &'a BTreeMap<Slug, Standing>,
    pub(super) came: &'a BTreeMap<DataBatchId, Instant>,
    pub(super) seen: &'a Seen,
    /// When the decision was signed.
    pub(super) since: Instant,
    /// The day the month is judged by.
    pub(super) day: Date,
}

impl Late<'_> {
    /// Takes out of the household whoever had died before the month began; gives the
    /// places of the others in the certificate.
    pub(super) fn bury(
        &self,
        month: Period,
        household: &mut Household,
        causes: &mut Vec<PastCause>,
    ) -> Vec<usize> {
        let config = engine_registry::Config::default();
        let died = |place: usize| {
            let member = self.seen.opened.members.get(place)?;
            let person = self.seen.people.get(&member.person)?;
            let died = person.died(&config)?;
            (died < month.first_day()).then_some((member.person, died))
        };
        let mut alive = Vec::new();
        let mut left = Vec::new();
        let members = std::mem::take(&mut household.members);
        for (place, member) in members.into_iter().enumerate() {
            match died(place) {
                Some((person, died)) => causes.push(PastCause::Death { person, died }),
                None => {
                    alive.push(place);
                    left.push(member);
                }
            }
        }
        household.members = left;
        alive
    }

    /// Lays what came late over the certificate's facts.
    pub(super) fn lay(
        &self,
        alive: &[usize],
        household: &mut Household,
        causes: &mut Vec<PastCause>,
    ) {
        let config = engine_registry::Config::default();
        let members = alive.iter().filter_map(|place| {
            let member = self.seen.opened.members.get(*place)?;
            let person = self.seen.people.get(&member.person)?;
            Some((member.person, person.number(&config)?))
        });
        let members: Vec<(PersonId, kernel::PersonNumber)> = members.collect();
        if members.len() != household.members.len() {
            return;
        }
        let pack = &self.app.law.pack;
        let days = days(pack);
        let mut known = self.seen.pooled.only(|one| day_of(&days, one) <= self.day);
        let late: BTreeSet<(PersonId, Slug)> = known
            .records()
            .filter(|one| self.came.get(&one.batch).is_some_and(|at| *at > self.since))
            .map(|one| (one.person, one.category.clone()))
            .collect();
        if late.is_empty() {
            return;
        }
        let family = Family {
            id: self.seen.opened.household,
            region: household.region,
            members: members.clone(),
        };
        let told = self.told(&family, &mut known);
        let all = |category: &Slug| late.iter().any(|(_, one)| one == category);
        for (fact, entry) in &told.facts {
            self.put((fact, entry), &mut household.facts, None, all, causes);
        }
        for (place, (person, _)) in members.iter().enumerate() {
            let own = |category: &Slug| late.contains(&(*person, category.clone()));
            let member = &mut household.members[place];
            for (fact, entry) in &told.members[place].facts {
                self.put((fact, entry), &mut member.facts, Some(*person), own, causes);
            }
            for (kind, rows) in &told.members[place].records {
                let fresh = rows.iter().find(|row| comes_from(&row.source, own));
                let same = member.records.get(kind).is_none_or(|was| alike(was, rows));
                if let (Some(fresh), false) = (fresh, same) {
                    member.records.insert(kind.clone(), rows.clone());
                    causes.extend(self.rows(kind, *person, fresh));
                }
            }
        }
    }

    fn told(&self, family: &Family, known: &mut Pooled) -> Household {
        discovered(&self.app.law, self.day, self.standings, family, known)
    }

    fn put(
        &self,
        (fact, entry): (&Slug, &Entry),
        facts: &mut BTreeMap<Slug, Entry>,
        person: Option<PersonId>,
        late: impl Fn(&Slug) -> bool,
        causes: &mut Vec<PastCause>,
    ) {
        let Entry::Known(value, source) = entry else {
            return;
        };
        // Only what the benefit reads is in the certificate.
        let Some(was) = facts.get(fact) else { return };
        let seen_by_officer = matches!(was, Entry::Known(_, Source::Surveyed { .. }));
        if seen_by_officer || !comes_from(source, late) {
            return;
        }
        if was.value().is_some_and(|was| same(&was, value)) {
            return;
        }
        let Some(rule) = self.app.law.pack.rules().fact(fact.as_str()) else {
            return;
        };
        let spoken = |value: &Value| value.spoken(&rule.decl.ty);
        if let Source::Department {
            department,
            category,
            as_of,
            record: Some(record),
        } = source
        {
            causes.push(PastCause::Record {
                fact: fact.clone(),
                name: rule.decl.label.clone(),
                person,
                was: was.value().map(|was| spoken(&was)),
                is: spoken(value),
                department: department.clone(),
                category: category.clone(),
                record: record.clone(),
                as_of: *as_of,
            });
        }
        facts.insert(fact.clone(), entry.clone());
    }

    fn rows(&self, kind: &Slug, person: PersonId, fresh: &RecordRow) -> Option<PastCause> {
        let Source::Department {
            department,
            category,
            as_of,
            record: Some(record),
        } = &fresh.source
        else {
            return None;
        };
        let catalogue = &self.app.law.pack.data().catalogue;
        let name = catalogue.category(category);
        Some(PastCause::Record {
            fact: kind.clone(),
            name: name.map_or_else(|| category.to_string(), |one| one.name.clone()),
            person: Some(person),
            was: None,
            is: "有新的记录".to_owned(),
            department: department.clone(),
            category: category.clone(),
            record: record.clone(),
            as_of: *as_of,
        })
    }
}

/// Whether a value rests on a record of a category that came late.
fn comes_from(source: &Source, late: impl Fn(&Slug) -> bool) -> bool {
    match source {
        Source::Department {
            category,
            record: Some(_),
            ..
        } => late(category),
        _ => false,
    }
}

fn alike(was: &[RecordRow], is: &[RecordRow]) -> bool {
    let fields = |rows: &[RecordRow]| {
        rows.iter()
            .map(|row| row.fields.clone())
            .collect::<Vec<_>>()
    };
    fields(was) == fields(is)
}

fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.at_scale(6) == other.at_scale(6),
        _ => one == other,
    }
}

/// By category, the fields in which its records say of which day they are.
fn days(pack: &Pack) -> BTreeMap<Slug, BTreeSet<Slug>> {
    let mut days: BTreeMap<Slug, BTreeSet<Slug>> = BTreeMap::new();
    for source in pack.facts().values().flat_map(|fact| &fact.sources) {
        if source.date.as_str() != AS_OF.0 {
            let of = days.entry(source.category.clone()).or_default();
            of.insert(source.date.clone());
        }
    }
    days
}

/// The day a record speaks of: the earliest its rules go by, else its own.
fn day_of(days: &BTreeMap<Slug, BTreeSet<Slug>>, record: &PoolRecord) -> Date {
    let named = days.get(&record.category).into_iter().flatten();
    let told = named.filter_map(|field| match record.values.get(field)? {
        engine_pool::Value::Date(date) => Some(*date),
        engine_pool::Value::Month(month) => Some(month.first_day()),
        _ => None,
    });
    told.min().unwrap_or(record.as_of)
}
