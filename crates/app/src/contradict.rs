//! 「对不上」 What departments cannot both truly say of one person, looked for over
//! the whole pool by neighbouring numbers. Leads for a person: who is right is
//! not decided here, and nobody is paid less for it.

mod desk;

pub use desk::{ContradictionCard, ContradictionGroup, RulingShown, SideShown};
pub use engine_pool::contradiction::RightSide;

use crate::context::Context;
use crate::error::Result;
use crate::facts::Answers;
use crate::import::Touched;
use crate::{App, Law};
use engine_access::{Action, Record as AccessRecord};
use engine_pool::contradiction::{Rule, RuledPair, unreliable};
use engine_pool::{Answer, Contradiction, ContradictionRule, Held, Subject, contradictions};
use engine_registry::Config;
use kernel::{Date, FieldLevel, Now, PersonId, PersonNumber, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{ContradictionSide, FoundContradiction, KeptRuling, OfWhom, RegisterSlice, Tx};

/// People looked at a time: bounds the memory of a run.
const PAGE: u32 = 1_000;

/// People looked at in one transaction after a small delivery.
const AT_ONCE: usize = 100;

/// How often departments contradict each other in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradicting {
    /// The rule.
    pub rule: Slug,
    /// The sentence for people.
    pub says: String,
    /// People it stands of.
    pub people: i64,
    /// Pairs of records.
    pub pairs: i64,
}

/// One contradiction, both sides told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContradictionLine {
    /// Of whom.
    pub whom: OfWhom,
    /// The sentence for people.
    pub says: String,
    /// The one side.
    pub left: ContradictionSource,
    /// The other.
    pub right: ContradictionSource,
}

/// One side, with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContradictionSource {
    /// The department's name.
    pub department: String,
    /// The category's name.
    pub category: String,
    /// The record: its category, number, day and delivery.
    pub record: ContradictionSide,
}

impl App {
    /// Looks over the whole pool and keeps what stands; what no longer does is
    /// marked gone. Told by rule, in the pack's order.
    ///
    /// # Errors
    /// A fault of the store.
    pub(crate) async fn look_for_contradictions(&self) -> Result<Vec<Contradicting>> {
        let wanted = categories(&self.law.pack.data().contradictions);
        let mut after = PersonId(0);
        while let Some(last) = self.look_among_people(after, &wanted).await? {
            after = last;
        }
        self.look_among_all_others(&wanted).await?;
        self.standing_contradictions().await
    }

    /// How many stand, by rule, in the pack's order.
    pub(crate) async fn standing_contradictions(&self) -> Result<Vec<Contradicting>> {
        let counts = self
            .db
            .read(async move |tx| tx.contradiction_counts().await);
        let counts = counts.await?;
        let rules = self.law.pack.data().contradictions.iter();
        let told = rules.filter_map(|rule| {
            let count = counts.iter().find(|count| count.rule == rule.id)?;
            Some(Contradicting {
                rule: rule.id.clone(),
                says: rule.says.clone(),
                people: count.people,
                pairs: count.pairs,
            })
        });
        Ok(told.collect())
    }

    /// The same after deliveries about these, or after they were merged or parted, and of
    /// whom else they may have changed something.
    pub(crate) async fn look_after(&self, touched: &Touched) -> Result<()> {
        let Touched::Some { people, others } = touched else {
            self.look_for_contradictions().await?;
            return Ok(());
        };
        let wanted = categories(&self.law.pack.data().contradictions);
        let people: Vec<PersonId> = self.with_heads(people).await?.into_iter().collect();
        for some in people.chunks(AT_ONCE) {
            let (law, wanted, now) = (self.law.clone(), wanted.clone(), self.now());
            let some = some.to_vec();
            self.db
                .write(async move |tx| {
                    for person in &some {
                        let one = (PersonId(person.0 - 1), 1);
                        look_among(tx, &law, one, &wanted, now).await?;
                    }
                    Ok::<_, store::StoreError>(())
                })
                .await?;
        }
        if *others {
            self.look_among_all_others(&wanted).await?;
        }
        Ok(())
    }

    /// These people and the entries they point to.
    async fn with_heads(&self, people: &BTreeSet<PersonId>) -> Result<BTreeSet<PersonId>> {
        let mut all = people.clone();
        let slice = RegisterSlice {
            people: people.clone(),
            ..RegisterSlice::default()
        };
        let read = async move |tx: &mut Tx| tx.register(&slice).await;
        let register = self.db.read(read).await?.state;
        all.extend(people.iter().map(|one| register.resolve(*one)));
        Ok(all)
    }

    /// The next registered people; the last of them, none at the end.
    async fn look_among_people(
        &self,
        after: PersonId,
        wanted: &BTreeSet<Slug>,
    ) -> Result<Option<PersonId>> {
        let (law, wanted, now) = (self.law.clone(), wanted.clone(), self.now());
        let page = self
            .db
            .write(async move |tx| look_among(tx, &law, (after, PAGE), &wanted, now).await);
        Ok(page.await?)
    }

    async fn look_among_all_others(&self, wanted: &BTreeSet<Slug>) -> Result<()> {
        let mut after = Vec::new();
        while let Some(last) = self.look_among_others(&after, wanted).await? {
            after = last;
        }
        Ok(())
    }

    /// The next people the register does not know.
    async fn look_among_others(
        &self,
        after: &[u8],
        wanted: &BTreeSet<Slug>,
    ) -> Result<Option<Vec<u8>>> {
        let (law, wanted, now) = (self.law.clone(), wanted.clone(), self.now());
        let after = after.to_owned();
        let page = self.db.write(async move |tx| {
            let Some(page) = tx.others_after(&after, PAGE, &wanted).await? else {
                // Whoever was registered since is no longer among them.
                tx.keep_contradictions_of_others(&after, None, &[], now)
                    .await?;
                return Ok(None);
            };
            let rules = &law.pack.data().contradictions;
            let whom = |number: &PersonNumber| OfWhom::Subject(Subject::Person(*number));
            let found: Vec<_> = page
                .people
                .iter()
                .flat_map(|(number, held)| found(whom(number), held, rules))
                .collect();
            tx.keep_contradictions_of_others(&after, Some(&page.last), &found, now)
                .await?;
            Ok::<_, store::StoreError>(Some(page.last))
        });
        Ok(page.await?)
    }

    /// How many contradictions stand, by rule.
    ///
    /// # Errors
    /// Refused to whoever may not see leads.
    pub async fn contradictions(&self, ctx: &Context) -> Result<Vec<Contradicting>> {
        self.may_see_contradictions(ctx, "every rule").await?;
        self.standing_contradictions().await
    }

    /// What stands of one rule, up to `limit`, both sides with source and day.
    /// The reading is put on record before anything is given.
    ///
    /// # Errors
    /// Refused to whoever may not see leads.
    pub async fn contradictions_of(
        &self,
        ctx: &Context,
        rule: &Slug,
        limit: u32,
    ) -> Result<Vec<ContradictionLine>> {
        self.may_see_contradictions(ctx, rule.as_str()).await?;
        let rule = rule.clone();
        let found = self
            .db
            .read(async move |tx| tx.contradictions_of(&rule, limit).await)
            .await?;
        let line = |(whom, one): (OfWhom, FoundContradiction)| ContradictionLine {
            whom,
            says: one.says,
            left: self.source(one.left),
            right: self.source(one.right),
        };
        Ok(found.into_iter().map(line).collect())
    }

    async fn may_see_contradictions(&self, ctx: &Context, what: &str) -> Result<()> {
        let (ctx, now, law) = (ctx.clone(), self.now(), self.law.clone());
        let what = what.to_owned();
        self.db
            .write(async move |tx| {
                let everyone = AccessRecord::of_place(law.pack.region(), FieldLevel::L3);
                ctx.authorise(tx, Action::Screen, everyone, &[], now)
                    .await?;
                ctx.record(tx, "pool.contradictions", &what, &(), now).await
            })
            .await
    }

    fn source(&self, record: ContradictionSide) -> ContradictionSource {
        let catalogue = &self.law.pack.data().catalogue;
        let category = catalogue.category(&record.category);
        let owner = catalogue.owner(&record.category);
        // A category the law no longer has is still named as it was.
        let id = || record.category.to_string();
        ContradictionSource {
            department: owner.map_or_else(id, |owner| owner.name.clone()),
            category: category.map_or_else(id, |one| one.name.clone()),
            record,
        }
    }
}

/// Up to `count` people after one; the last of them, none at the end.
async fn look_among(
    tx: &mut Tx,
    law: &Law,
    (after, count): (PersonId, u32),
    wanted: &BTreeSet<Slug>,
    now: Now,
) -> std::result::Result<Option<PersonId>, store::StoreError> {
    let people = tx.people_after(after, count).await?;
    let first = PersonId(after.0 + 1);
    let Some(last) = people.last().map(|person| person.id) else {
        return Ok(None);
    };
    let config = Config::default();
    let numbers = people
        .iter()
        .filter_map(|one| Some((one.id, one.number(&config)?)));
    let numbers: BTreeMap<PersonId, PersonNumber> = numbers.collect();
    let mut held: BTreeMap<PersonId, Vec<Held>> = BTreeMap::new();
    // What is filed under a merged entry is the other's, wherever it lies; under its own
    // number nothing stands any more.
    let heads = people.iter().filter(|one| one.merged_into.is_none());
    let heads: BTreeSet<PersonId> = heads.map(|one| one.id).collect();
    for record in tx.records_of(&heads, Some(wanted)).await? {
        if let Some(number) = numbers.get(&record.person) {
            let person = record.person;
            held.entry(person).or_default().push(record.held(*number));
        }
    }
    let rules = &law.pack.data().contradictions;
    let found: Vec<_> = held
        .iter()
        .flat_map(|(person, held)| found(OfWhom::Person(*person), held, rules))
        .collect();
    tx.keep_contradictions_between(first, last, &found, now)
        .await?;
    Ok(Some(last))
}

/// The categories rules speak of.
pub(crate) fn categories(rules: &[ContradictionRule]) -> BTreeSet<Slug> {
    rules.iter().flat_map(sides).cloned().collect()
}

/// What people found of contradictions: of whom, by which rule, of which two records
/// as they stood on which days.
pub(crate) type Ruled = BTreeMap<(PersonId, Slug, RecordAt, RecordAt), RightSide>;

/// A record by its number and the day it speaks of.
pub(crate) type RecordAt = (String, Date);

/// What people found of contradictions about these.
pub(crate) async fn ruled_of(tx: &mut Tx, people: &BTreeSet<PersonId>) -> Result<Ruled> {
    let (Some(first), Some(last)) = (people.first(), people.last()) else {
        return Ok(Ruled::new());
    };
    let mut ruled = Ruled::new();
    for one in tx.rulings_between(*first, *last).await? {
        let (OfWhom::Person(person), Some(right)) = (one.whom, one.ruling.right) else {
            continue;
        };
        let (rule, left, right_at) = pair_of(&one.found);
        ruled.insert((person, rule, left, right_at), right);
    }
    Ok(ruled)
}

/// The same of each of these, with who found it, why and when.
pub(crate) async fn ruled_pairs(tx: &mut Tx, people: &[PersonId]) -> Result<Vec<RuledPair>> {
    let mut ruled = Vec::new();
    for person in people {
        for kept in tx.rulings_between(*person, *person).await? {
            let Some(says) = kept.ruling.right else {
                continue;
            };
            let (rule, left, right) = pair_of(&kept.found);
            ruled.push(RuledPair {
                person: *person,
                rule,
                left,
                right,
                says,
                reason: kept.ruling.reason,
                by: kept.ruling.by,
                at: kept.at,
            });
        }
    }
    Ok(ruled)
}

/// Whether a ruling is of these two records as they stand. Which delivery brought them
/// does not matter: the same record comes with every one.
pub(crate) fn is_of(kept: &KeptRuling, found: &FoundContradiction) -> bool {
    pair_of(&kept.found) == pair_of(found)
}

fn pair_of(found: &FoundContradiction) -> (Slug, RecordAt, RecordAt) {
    let at = |side: &ContradictionSide| (side.record_no.clone(), side.as_of);
    (found.rule.clone(), at(&found.left), at(&found.right))
}

/// Whose data of which category nobody may rely on while departments contradict
/// each other: both sides, unless a person found which is right.
pub(crate) fn disputed(
    rules: &[ContradictionRule],
    people: &[PersonId],
    answers: &[Answers],
    ruled: &Ruled,
) -> BTreeSet<(PersonId, Slug)> {
    let mut disputed = BTreeSet::new();
    for (person, answers) in people.iter().zip(answers) {
        for rule in rules {
            let sides = sides(rule);
            let held = |category: &Slug| match answers.get(category) {
                Some(Answer::Records(held)) => &held[..],
                _ => &[],
            };
            let [left, right] = sides.map(held);
            if left.is_empty() || right.is_empty() {
                continue;
            }
            let both = [left, right].concat();
            for (_, found) in found(OfWhom::Person(*person), &both, std::slice::from_ref(rule)) {
                let (id, left, right) = pair_of(&found);
                let right = ruled.get(&(*person, id, left, right)).copied();
                let aside = unreliable(&found.left.category, &found.right.category, right);
                disputed.extend(aside.into_iter().map(|side| (*person, side)));
            }
        }
    }
    disputed
}

fn sides(rule: &ContradictionRule) -> [&Slug; 2] {
    match &rule.rule {
        Rule::Same { left, right } => [&left.category, &right.category],
        Rule::NotBoth { left, right } => [left, right],
        Rule::NotAfter { event, other } => [&event.category, other],
    }
}

fn found(
    whom: OfWhom,
    held: &[Held],
    rules: &[ContradictionRule],
) -> Vec<(OfWhom, FoundContradiction)> {
    let side = |(category, record_no): &(Slug, String)| {
        let this =
            |one: &&Held| one.record.category == *category && one.record.record_no == *record_no;
        let held = held.iter().find(this)?;
        Some(ContradictionSide {
            category: category.clone(),
            record_no: record_no.clone(),
            as_of: held.record.as_of,
            batch: held.batch,
        })
    };
    let told = |one: Contradiction| {
        let found = FoundContradiction {
            left: side(&one.left)?,
            right: side(&one.right)?,
            rule: one.rule,
            says: one.says,
        };
        Some((whom.clone(), found))
    };
    contradictions(held, rules)
        .into_iter()
        .filter_map(told)
        .collect()
}

#[cfg(test)]
mod tests;
