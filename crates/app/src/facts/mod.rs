//! 「取事实」 From what departments answered to the facts rules are judged by. Every
//! fact keeps its record, department and day, or the reason why it is missing.
//! “No answer” never becomes “no record”, and what needs the household's
//! authorisation is not read without it.

mod read;

pub use read::Answers;

use engine_policy::{Entry, Household, Member, RecordRow, Source, WhyMissing};
use engine_pool::{Answer, Held, PurposeKind};
use expr::Level;
use kernel::{Date, RegionCode, Slug};
use packs::{Pack, RecordSource};
use std::collections::BTreeMap;

/// What a household is judged by: its place, and per member what each category
/// answered.
pub struct Asked<'a> {
    /// The law and the catalogue.
    pub pack: &'a Pack,
    /// What the reading is for: decides which categories may be read at all.
    pub purpose: PurposeKind,
    /// The day of judgement.
    pub day: Date,
}

impl Asked<'_> {
    /// The facts of a household; `members` are the answers about each member, in
    /// the register's order.
    pub fn household(&self, region: RegionCode, members: &[Answers]) -> Household {
        let mut household = Household {
            region,
            facts: BTreeMap::new(),
            members: members.iter().map(|_| Member::default()).collect(),
        };
        for rule in &self.pack.rules().facts {
            let Some(origin) = self.pack.fact(rule.decl.id.as_str()) else {
                continue;
            };
            if origin.sources.is_empty() {
                continue;
            }
            if rule.decl.level == Level::Household {
                let all: Vec<&Answers> = members.iter().collect();
                household.facts.insert(
                    rule.decl.id.clone(),
                    self.entry(origin, &rule.decl.ty, &all),
                );
                continue;
            }
            for (member, answers) in household.members.iter_mut().zip(members) {
                let entry = self.entry(origin, &rule.decl.ty, &[answers]);
                member.facts.insert(rule.decl.id.clone(), entry);
            }
        }
        for (member, answers) in household.members.iter_mut().zip(members) {
            self.records(member, answers);
        }
        household
    }

    fn records(&self, member: &mut Member, answers: &Answers) {
        for origin in self.pack.records().values() {
            let Some(source) = &origin.source else {
                continue;
            };
            if let Some(rows) = self.record_rows(&origin.kind, source, answers) {
                member.records.insert(origin.kind.id.clone(), rows);
            }
        }
    }

    /// `None`: not known whether there are any.
    fn record_rows(
        &self,
        kind: &expr::RecordKind,
        source: &RecordSource,
        answers: &Answers,
    ) -> Option<Vec<RecordRow>> {
        if !self.may_read(&source.category) {
            return None;
        }
        let held: &[Held] = match answers.get(&source.category)? {
            Answer::Records(held) => held,
            Answer::NoRecord { .. } => &[],
            Answer::NoAnswer { .. } => return None,
        };
        let rows = held
            .iter()
            .filter(|held| read::matches(&held.record, &source.only));
        let row = |held: &Held| RecordRow {
            fields: source
                .fields
                .iter()
                .zip(&kind.fields)
                .map(|(field, decl)| {
                    read::field(&held.record, field).and_then(|v| read::typed(&v, &decl.ty))
                })
                .collect(),
            source: Source::Department {
                department: source.department.clone(),
                category: source.category.clone(),
                as_of: held.record.as_of,
                record: Some(held.record.record_no.clone()),
            },
        };
        Some(rows.map(row).collect())
    }

    /// Puts “asked, and there is nothing” where only the household's consent would tell.
    /// For counting the most a change can cost; no verdict about anybody is made so.
    pub fn suppose_nothing(&self, household: &mut Household) {
        for rule in &self.pack.rules().facts {
            let id = &rule.decl.id;
            let Some(value) = self.closed_and_empty(id) else {
                continue;
            };
            let members = household.members.iter_mut().map(|one| &mut one.facts);
            for facts in members.chain([&mut household.facts]) {
                if let Some(Entry::Missing(WhyMissing::NeedsAuthorisation)) = facts.get(id) {
                    facts.insert(id.clone(), Entry::Known(value, Source::Supposed));
                }
            }
        }
        for origin in self.pack.records().values() {
            let closed = |one: &RecordSource| !self.may_read(&one.category);
            if origin.source.as_ref().is_some_and(closed) {
                for member in &mut household.members {
                    member.records.entry(origin.kind.id.clone()).or_default();
                }
            }
        }
    }

    /// What a fact is when its first source that may not be read holds nothing.
    fn closed_and_empty(&self, id: &Slug) -> Option<expr::Value> {
        let sources = &self.pack.fact(id.as_str())?.sources;
        let closed = sources.iter().find(|one| !self.may_read(&one.category))?;
        read::nothing(closed)
    }

    fn may_read(&self, category: &Slug) -> bool {
        self.pack
            .data()
            .catalogue
            .category(category)
            .is_some_and(|category| category.allows(self.purpose))
    }

    fn entry(&self, origin: &packs::FactOrigin, ty: &expr::Type, answers: &[&Answers]) -> Entry {
        let mut first_reason = None;
        for source in &origin.sources {
            let entry = match self.may_read(&source.category) {
                false => Entry::Missing(WhyMissing::NeedsAuthorisation),
                true => read::entry(source, ty, answers, self.day),
            };
            match entry {
                Entry::Known(..) => return entry,
                Entry::Missing(why) => first_reason = first_reason.or(Some(why)),
            }
        }
        Entry::Missing(first_reason.unwrap_or(WhyMissing::NotAsked))
    }
}
