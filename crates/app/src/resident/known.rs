//! 「我们查到的」 Facts departments gave, each with who says so and on which day,
//! for the people they are about to look over.

use super::form::{Kind, kind_of};
use super::home::Home;
use crate::{App, Context, Law, Result};
use engine_access::{View, show};
use engine_policy::{Entry, Household, Source};
use expr::Value;
use kernel::{Date, HouseholdId, PersonId, Slug};
use std::collections::BTreeMap;

/// One fact as a department has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Which fact.
    pub fact: Slug,
    /// About whom; `None`: the household.
    pub about: Option<PersonId>,
    /// Their name.
    pub who: String,
    /// What it is.
    pub label: String,
    /// Its value in words.
    pub value: String,
    /// Which department says so.
    pub department: String,
    /// Of which day.
    pub as_of: Date,
    /// Whether there is a record; otherwise the department answered that there is
    /// none.
    pub record: bool,
}

/// Everything known of a household that the reader may see, people first.
pub(super) fn known(law: &Law, home: &Home, household: &Household) -> Vec<Known> {
    let mut all = Vec::new();
    for (member, facts) in home.members.iter().zip(&household.members) {
        collect(law, home, Some(member.person), &facts.facts, &mut all);
    }
    collect(law, home, None, &household.facts, &mut all);
    all
}

fn collect(
    law: &Law,
    home: &Home,
    about: Option<PersonId>,
    facts: &BTreeMap<Slug, Entry>,
    all: &mut Vec<Known>,
) {
    for (id, entry) in facts {
        let Entry::Known(
            value,
            Source::Department {
                department,
                as_of,
                record,
                ..
            },
        ) = entry
        else {
            continue;
        };
        let Some(rule) = law.pack.rules().fact(id.as_str()) else {
            continue;
        };
        let spoken = value.spoken(&rule.decl.ty);
        let Some(value_words) = show(&spoken, rule.field_level, View::Detail, &home.permit) else {
            continue;
        };
        all.push(Known {
            fact: id.clone(),
            about,
            who: about.map(|person| home.name(person)).unwrap_or_default(),
            label: rule.decl.label.clone(),
            value: value_words,
            department: department_name(law, department),
            as_of: *as_of,
            record: record.is_some() && *value != Value::Bool(false),
        });
    }
}

/// A department's name.
pub(super) fn department_name(law: &Law, id: &Slug) -> String {
    law.department(id)
}

/// A fact somebody says is not right.
#[derive(Clone, Debug)]
pub struct Disputed {
    /// As the department has it.
    pub known: Known,
    /// What kind of answer sets it right.
    pub kind: Kind,
}

impl App {
    /// 一项查到的 One fact as a department has it; `None`: nothing is known of it, or
    /// nothing the reader may see.
    ///
    /// # Errors
    /// As [`App::check_household`].
    pub async fn known_fact(
        &self,
        ctx: &Context,
        household: Option<HouseholdId>,
        fact: &Slug,
        about: Option<PersonId>,
    ) -> Result<Option<Disputed>> {
        let check = self.check_household(ctx, household).await?;
        let mut all = check.known.into_iter();
        let found = all.find(|one| one.fact == *fact && one.about == about);
        Ok(found.and_then(|known| {
            let rule = self.law.pack.rules().fact(fact.as_str())?;
            Some(Disputed {
                kind: kind_of(&rule.decl.ty),
                known,
            })
        }))
    }
}
