//! 「变了什么」 Which facts of a household a delivery changed: its members and what is
//! known of them unasked, before and after, in words for who follows the lead. Absent on
//! purpose: facts worked out from others; they follow from these, and the lead says what
//! came of them.

use crate::Law;
use crate::Result;
use crate::screen::{Family, Pooled, discoverable, discovered, pooled};
use engine_policy::{Entry, Household, Member};
use engine_pool::Standing;
use engine_registry::{Config, Membership, Origin, Person, PersonField};
use kernel::{DataBatchId, Date, FieldLevel, HouseholdId, PersonId, PersonNumber, Slug};
use std::collections::{BTreeMap, BTreeSet};
use store::{FactTurn, PoolRecord, Register, StoredRecord, Tx};

/// A delivery small enough to be followed at once, and what it came instead of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Brought {
    /// It.
    pub(crate) batch: DataBatchId,
    /// What it holds.
    pub(crate) category: Slug,
    /// How far the category was delivered before; `None`: never.
    pub(crate) stood: Option<Standing>,
    /// What was on file about the same people.
    pub(crate) replaced: Vec<PoolRecord>,
}

impl Brought {
    /// What a delivery comes instead of, as long as it can be followed at once (`few`) and
    /// there is a run over everyone to hold it against.
    pub(crate) async fn instead(
        tx: &mut Tx,
        few: bool,
        (batch, category): (DataBatchId, &Slug),
        stood: Option<Standing>,
    ) -> Result<Option<Box<Brought>>> {
        if !few || tx.latest_screening().await?.is_none() {
            return Ok(None);
        }
        Ok(Some(Box::new(Brought {
            batch,
            category: category.clone(),
            stood,
            replaced: Vec::new(),
        })))
    }

    /// Keeps what is on file of the people these records are about, once; what this
    /// delivery itself filed was not.
    pub(crate) async fn remember(&mut self, tx: &mut Tx, about: &[StoredRecord]) -> Result<()> {
        for who in about.iter().filter_map(|one| one.person) {
            for one in tx.records_in(who, &self.category).await? {
                if one.batch != self.batch && !self.replaced.contains(&one) {
                    self.replaced.push(one);
                }
            }
        }
        Ok(())
    }

    fn is(&self, origin: &Origin) -> bool {
        matches!(origin, Origin::Department { batch, .. } if *batch == self.batch)
    }

    /// The pool of these people as it was before.
    async fn before(
        &self,
        tx: &mut Tx,
        law: &Law,
        people: &BTreeSet<PersonId>,
        standings: &BTreeMap<Slug, Standing>,
    ) -> Result<(Pooled, BTreeMap<Slug, Standing>)> {
        let mut stood = standings.clone();
        match self.stood {
            Some(before) => stood.insert(self.category.clone(), before),
            None => stood.remove(&self.category),
        };
        let pooled = pooled(tx, people, &discoverable(law), &stood).await?;
        let mut pooled = pooled.only(|one| one.batch != self.batch);
        let own = self.replaced.iter();
        pooled.put(own.filter(|one| people.contains(&one.person)).cloned());
        Ok((pooled, stood))
    }
}

/// A change of facts in words, for who may read so much. What they may not is said to have
/// changed, not how.
pub(crate) fn spoken(
    turned: &[FactTurn],
    level: FieldLevel,
    name: impl Fn(PersonId) -> String,
) -> Vec<String> {
    let unknown = || "不知道".to_owned();
    let words = |one: &FactTurn| {
        let whose = one.person.map(|who| format!("{}：", name(who)));
        let whose = whose.unwrap_or_default();
        if one.level > level {
            return format!("{whose}{}，变了", one.fact);
        }
        let before = one.before.clone().unwrap_or_else(unknown);
        let after = one.after.clone().unwrap_or_else(unknown);
        format!("{whose}{}，从“{before}”变成“{after}”", one.fact)
    };
    turned.iter().map(words).collect()
}

/// A household on both sides of a delivery.
struct Turn<'a> {
    law: &'a Law,
    brought: &'a Brought,
    home: HouseholdId,
    day: Date,
}

/// What `brought` changed in a household.
///
/// # Errors
/// The store's.
pub(crate) async fn turns(
    tx: &mut Tx,
    law: &Law,
    brought: &Brought,
    (home, day): (HouseholdId, Date),
    standings: &BTreeMap<Slug, Standing>,
) -> Result<Vec<FactTurn>> {
    let register = tx.register_page(HouseholdId(home.0 - 1), 1).await?;
    let turn = Turn {
        law,
        brought,
        home,
        day,
    };
    let (Some(was), Some(is)) = (turn.family(&register, true), turn.family(&register, false))
    else {
        return Ok(Vec::new());
    };
    let all: BTreeSet<PersonId> = was
        .members
        .iter()
        .chain(&is.members)
        .map(|one| one.0)
        .collect();
    let mut turned = turn.people(&register, &was, &is);
    let (mut before, stood) = brought.before(tx, law, &all, standings).await?;
    let mut after = pooled(tx, &all, &discoverable(law), standings).await?;
    let before = discovered(law, day, &stood, &was, &mut before);
    let after = discovered(law, day, standings, &is, &mut after);
    turned.extend(turn.facts((&was, &before), (&is, &after)));
    Ok(turned)
}

impl Turn<'_> {
    /// The living members, before the delivery or after it.
    fn family(&self, register: &Register, before: bool) -> Option<Family> {
        let household = register.state.households.get(&self.home)?;
        let config = Config::default();
        let person = |one: &Membership| register.state.people.get(&one.person);
        // Whoever died leaves the household by it: before, they were there.
        let told =
            |one: &Membership| before && person(one).is_some_and(|who| self.told_of_death(who));
        let came = |one: &Membership| before && self.brought.is(&one.origin);
        let members = household.memberships.iter();
        let members = members.filter(|one| one.holds_on(self.day) || told(one));
        let members = members.filter(|one| !came(one));
        let members = members.filter_map(|one| {
            let who = person(one)?;
            let dead = who.died(&config).is_some_and(|died| died <= self.day);
            Some((one.person, who.number(&config)?)).filter(|_| !dead || told(one))
        });
        Some(Family {
            id: self.home,
            region: household.region_on(self.day)?,
            members: members.collect(),
        })
    }

    fn told_of_death(&self, person: &Person) -> bool {
        let died = person.standing(PersonField::Died, &Config::default());
        died.is_some_and(|died| self.brought.is(&died.origin))
    }

    fn people(&self, register: &Register, was: &Family, is: &Family) -> Vec<FactTurn> {
        let among = |family: &Family, who: &(PersonId, PersonNumber)| {
            family.members.iter().any(|one| one.0 == who.0)
        };
        let words = |yes: bool| Some(if yes { "是" } else { "不是" }.to_owned());
        let came = is.members.iter().filter(|one| !among(was, one));
        let came = came.map(|(who, _)| FactTurn {
            person: Some(*who),
            fact: "这一家的人".to_owned(),
            level: FieldLevel::L3,
            before: words(false),
            after: words(true),
        });
        let gone = was.members.iter().filter(|one| !among(is, one));
        let gone = gone.map(|(who, _)| {
            let person = register.state.people.get(who);
            let died = person.and_then(|one| one.died(&Config::default()));
            let died = died.map(|day| day.format("%Y年%-m月%-d日去世").to_string());
            FactTurn {
                person: Some(*who),
                fact: "在世".to_owned(),
                level: FieldLevel::L3,
                before: Some("是".to_owned()),
                after: died,
            }
        });
        came.chain(gone).collect()
    }

    fn facts(
        &self,
        (was, before): (&Family, &Household),
        (is, after): (&Family, &Household),
    ) -> Vec<FactTurn> {
        let mut turned = self.between(None, &before.facts, &after.facts);
        for ((who, _), after) in is.members.iter().zip(&after.members) {
            let place = was.members.iter().position(|one| one.0 == *who);
            let Some(before) = place.and_then(|place| before.members.get(place)) else {
                continue;
            };
            turned.extend(self.between(Some(*who), &before.facts, &after.facts));
            turned.extend(self.records(*who, before, after));
        }
        turned
    }

    fn between(
        &self,
        person: Option<PersonId>,
        before: &BTreeMap<Slug, Entry>,
        after: &BTreeMap<Slug, Entry>,
    ) -> Vec<FactTurn> {
        let rules = self.law.pack.rules();
        let turn = |(fact, now): (&Slug, &Entry)| {
            let rule = rules.fact(fact.as_str())?;
            let decl = &rule.decl;
            let spoken = |one: &Entry| one.value().map(|value| value.spoken(&decl.ty));
            let (before, after) = (before.get(fact).and_then(spoken), spoken(now));
            (before != after).then(|| FactTurn {
                person,
                fact: decl.label.clone(),
                level: rule.field_level,
                before,
                after,
            })
        };
        after.iter().filter_map(turn).collect()
    }

    /// How many records of a kind there are, where that changed.
    fn records(&self, who: PersonId, before: &Member, after: &Member) -> Vec<FactTurn> {
        let kinds = self.law.pack.records();
        let count = |member: &Member, kind: &Slug| {
            let rows = member.records.get(kind)?;
            Some(format!("{} 条", rows.len()))
        };
        let turn = |kind: &Slug| {
            let (before, after) = (count(before, kind), count(after, kind));
            let label = kinds.get(kind)?.kind.label.clone();
            (before != after).then_some(FactTurn {
                person: Some(who),
                fact: label,
                level: FieldLevel::L4,
                before,
                after,
            })
        };
        let all: BTreeSet<&Slug> = before.records.keys().chain(after.records.keys()).collect();
        all.into_iter().filter_map(turn).collect()
    }
}
