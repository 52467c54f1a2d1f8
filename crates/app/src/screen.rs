//! 「筛查」 政策找人: every household judged for every benefit, over the data that
//! may be looked at without being asked. What is found is a lead for a person;
//! the house decides nothing here.

use crate::context::Context;
use crate::contradict::disputed;
use crate::error::{AppError, Result};
use crate::everybody::Everybody;
use crate::facts::{Answers, Asked};
use crate::judging::Judging;
use crate::verify::set_aside;
use crate::{App, Law};
use engine_access::{Action, Record as AccessRecord};
use engine_policy::{Finding, Household, push_household, screen};
use engine_pool::{Answer, NoAnswer, PurposeKind, Standing, from_pool};
use engine_registry::Config as RegisterConfig;
use kernel::{Date, FieldLevel, HouseholdId, Money, PersonId, PersonNumber, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use store::{Found, FoundCount, PoolRecord, Register, Screening, Tx};

/// What a screening found, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenReport {
    /// The run's number.
    pub screening: i64,
    /// Households judged.
    pub households: u64,
    /// Persons judged.
    pub persons: u64,
    /// By benefit, in the pack's order.
    pub benefits: Vec<BenefitFound>,
}

/// What was found for one benefit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenefitFound {
    /// Which.
    pub benefit: Slug,
    /// Its name.
    pub name: String,
    /// How many by finding; [`Finding::Neither`] is not counted.
    pub findings: BTreeMap<Finding, u64>,
    /// What those found and not receiving are owed per payment, together.
    pub owed: Money,
    /// Undetermined ones by the cheapest fact to get next.
    pub undetermined_by: BTreeMap<Slug, u64>,
}

/// A household with everything a judgement needs beside its facts.
pub(crate) struct Family {
    pub(crate) id: HouseholdId,
    pub(crate) region: RegionCode,
    pub(crate) members: Vec<(PersonId, PersonNumber)>,
}

impl App {
    /// Judges everyone on `day`; `progress` hears of each thousand households.
    ///
    /// # Errors
    /// Refused when the actor may not screen; a fault of the store or of a rule.
    pub async fn screen(
        &self,
        ctx: &Context,
        day: Date,
        mut progress: impl FnMut(i64),
    ) -> Result<ScreenReport> {
        let standings = self.may_screen(ctx).await?;
        let mut run = Screening {
            id: 0,
            as_of: day,
            pack_hash: self.law.pack.hash().to_owned(),
            data_mark: data_mark(&standings)?,
            households: 0,
            persons: 0,
        };
        if let Some(same) = self.same_run(&run).await? {
            return self.report(same).await;
        }
        let categories = discoverable(&self.law);
        let (mut found, mut judging) = (Vec::new(), Judging::new(self, day, standings.clone()));
        let mut everybody = Everybody::new(self, day, categories, &standings);
        while let Some((families, pooled)) = everybody.page().await? {
            run.households += families.len() as i64;
            run.persons += families
                .iter()
                .map(|family| family.members.len() as i64)
                .sum::<i64>();
            found.extend(judging.page(families, pooled).await?);
            progress(run.households);
        }
        found.extend(judging.rest().await?);
        let faults = found.iter().filter(|row| row.fault).count();
        if faults > 0 {
            tracing::error!(
                faults,
                "rules whose arithmetic failed; kept with their findings"
            );
        }
        let kept = self.keep(ctx, run, found).await?;
        self.report(kept).await
    }

    /// The day of the latest screening: the data of that day are whole.
    ///
    /// # Errors
    /// The store's.
    pub async fn screened_on(&self) -> Result<Option<Date>> {
        let run = self.db.read(async |tx| tx.latest_screening().await).await?;
        Ok(run.map(|run| run.as_of))
    }

    async fn same_run(&self, run: &Screening) -> Result<Option<Screening>> {
        let run = run.clone();
        let found = self.db.read(async move |tx| {
            tx.same_screening(run.as_of, &run.pack_hash, &run.data_mark)
                .await
        });
        Ok(found.await?)
    }

    /// Counts a run from its findings as they are kept, so that every number can
    /// be opened to its records.
    async fn report(&self, run: Screening) -> Result<ScreenReport> {
        let id = run.id;
        let counts = self
            .db
            .read(async move |tx| tx.count_findings(id).await)
            .await?;
        report(&self.law, &run, &counts)
    }

    pub(crate) async fn may_screen(&self, ctx: &Context) -> Result<BTreeMap<Slug, Standing>> {
        let (ctx, now, law) = (ctx.clone(), self.now(), self.law.clone());
        self.db
            .read(async move |tx| {
                let everyone = AccessRecord::of_place(law.pack.region(), FieldLevel::L3);
                ctx.authorise(tx, Action::Screen, everyone, &[], now)
                    .await?;
                Ok(tx.pool_standings().await?)
            })
            .await
    }

    /// What may be known of one household without asking it, as facts. The
    /// reading is put on record before anything is given.
    ///
    /// # Errors
    /// Refused to whoever may not screen; an unknown household.
    pub async fn known_facts(
        &self,
        ctx: &Context,
        household: HouseholdId,
        day: Date,
    ) -> Result<Household> {
        self.may_screen(ctx).await?;
        let (ctx, law, now) = (ctx.clone(), self.law.clone(), self.now());
        self.db
            .look(async move |tx| {
                let facts = look_up(tx, &law, household, day).await?;
                let subject = format!("household:{household}");
                ctx.record(tx, "policy.known_facts", &subject, &day, now)
                    .await?;
                Ok(facts.household)
            })
            .await
    }

    async fn keep(&self, ctx: &Context, run: Screening, found: Vec<Found>) -> Result<Screening> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let same = tx
                    .same_screening(run.as_of, &run.pack_hash, &run.data_mark)
                    .await?;
                if let Some(same) = same {
                    return Ok(same);
                }
                let id = tx.save_screening(&run, &found, now).await?;
                let told = (run.as_of, &run.pack_hash, run.households, found.len());
                ctx.record(tx, "policy.screen", &format!("screening:{id}"), &told, now)
                    .await?;
                Ok(Screening { id, ..run.clone() })
            })
            .await
    }
}

/// A household's facts, and whose they are.
pub(crate) struct LookedUp {
    /// In the order of `people`.
    pub(crate) household: Household,
    /// The members departments know by a number.
    pub(crate) people: Vec<PersonId>,
}

/// What may be known of one household without asking it. The caller has asked access
/// and puts the reading on record.
pub(crate) async fn look_up(
    tx: &mut Tx,
    law: &Law,
    household: HouseholdId,
    day: Date,
) -> Result<LookedUp> {
    let standings = tx.pool_standings().await?;
    let register = tx.register_page(HouseholdId(household.0 - 1), 1).await?;
    let families = families(&register, day);
    let Some(family) = families.iter().find(|family| family.id == household) else {
        return Err(AppError::BadInput(format!(
            "底册里没有编号 {household} 的家庭"
        )));
    };
    let people: Vec<PersonId> = family.members.iter().map(|(id, _)| *id).collect();
    let all = people.iter().copied().collect();
    let mut pooled = pooled(tx, &all, &discoverable(law), &standings).await?;
    let household = discovered(law, day, &standings, family, &mut pooled);
    Ok(LookedUp { household, people })
}

/// Which data a run reads: changes whenever a delivery is accepted.
fn data_mark(standings: &BTreeMap<Slug, Standing>) -> Result<String> {
    let text = serde_json::to_vec(standings).map_err(|why| AppError::Fault(why.to_string()))?;
    Ok(Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Categories any fact reads and discovery may look at.
pub(crate) fn discoverable(law: &Law) -> BTreeSet<Slug> {
    let pack = &law.pack;
    let of_facts = pack
        .facts()
        .values()
        .flat_map(|fact| &fact.sources)
        .map(|source| &source.category);
    let of_records = pack
        .records()
        .values()
        .filter_map(|kind| Some(&kind.source.as_ref()?.category));
    let catalogue = &pack.data().catalogue;
    let may = |id: &&Slug| {
        catalogue
            .category(id)
            .is_some_and(|category| category.allows(PurposeKind::Discovery))
    };
    let contradicted = crate::contradict::categories(&pack.data().contradictions);
    let of_rules = contradicted.iter();
    let all = of_facts.chain(of_records).chain(of_rules);
    all.filter(may).cloned().collect()
}

pub(crate) fn families(register: &Register, day: Date) -> Vec<Family> {
    let config = RegisterConfig::default();
    let people = &register.state.people;
    let mut families = Vec::new();
    for household in register.state.households.values() {
        let members: Vec<(PersonId, PersonNumber)> = household
            .members_on(day)
            .filter_map(|member| {
                let person = people.get(&member.person)?;
                // Nothing is found for the dead, even while a person looks into it.
                let dead = person.died(&config).is_some_and(|died| died <= day);
                Some((member.person, person.number(&config)?)).filter(|_| !dead)
            })
            .collect();
        if members.is_empty() {
            continue;
        }
        let Some(region) = household.region_on(day) else {
            continue;
        };
        families.push(Family {
            id: household.id,
            region,
            members,
        });
    }
    families
}

fn report(law: &Law, run: &Screening, counts: &[FoundCount]) -> Result<ScreenReport> {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let mut benefits = Vec::new();
    for benefit in &law.judge.book().benefits {
        let mut found = BenefitFound {
            benefit: benefit.id.clone(),
            name: benefit.name.clone(),
            findings: BTreeMap::new(),
            owed: Money::ZERO,
            undetermined_by: BTreeMap::new(),
        };
        for row in counts.iter().filter(|row| row.benefit == benefit.id) {
            *found.findings.entry(row.finding).or_default() += count(row.count);
            if row.finding == Finding::FoundNotReceiving {
                let sum = found.owed.checked_add(row.amount);
                found.owed = sum.ok_or_else(|| AppError::Fault("a sum overflows".into()))?;
            }
            if let (Finding::Undetermined, Some(next)) = (row.finding, &row.next) {
                *found.undetermined_by.entry(next.clone()).or_default() += count(row.count);
            }
        }
        benefits.push(found);
    }
    Ok(ScreenReport {
        screening: run.id,
        households: count(run.households),
        persons: count(run.persons),
        benefits,
    })
}

/// What the pool holds of some people.
#[derive(Clone)]
pub(crate) struct Pooled {
    records: BTreeMap<PersonId, BTreeMap<Slug, Vec<PoolRecord>>>,
    /// Whose row of which category was refused: nobody knows what it said.
    gaps: BTreeSet<(PersonId, Slug)>,
    /// What people found where departments contradict each other.
    ruled: crate::contradict::Ruled,
}

impl Pooled {
    /// The same with only some of the records.
    pub(crate) fn only(&self, wanted: impl Fn(&PoolRecord) -> bool) -> Pooled {
        let mut kept = self.clone();
        for held in kept.records.values_mut().flat_map(BTreeMap::values_mut) {
            held.retain(&wanted);
        }
        kept
    }

    /// Puts records beside those held.
    pub(crate) fn put(&mut self, records: impl IntoIterator<Item = PoolRecord>) {
        for record in records {
            let of_person = self.records.entry(record.person).or_default();
            let of_category = of_person.entry(record.category.clone()).or_default();
            of_category.push(record);
        }
    }

    /// Every record.
    pub(crate) fn records(&self) -> impl Iterator<Item = &PoolRecord> {
        let all = self.records.values().flat_map(BTreeMap::values);
        all.flatten()
    }
}

pub(crate) async fn pooled(
    tx: &mut Tx,
    people: &BTreeSet<PersonId>,
    categories: &BTreeSet<Slug>,
    standings: &BTreeMap<Slug, Standing>,
) -> Result<Pooled> {
    let records = tx.records_of(people, Some(categories)).await?;
    let gaps = tx.gaps_of(people, standings).await?;
    let ruled = crate::contradict::ruled_of(tx, people).await?;
    let mut pooled = Pooled {
        records: BTreeMap::new(),
        gaps,
        ruled,
    };
    pooled.put(records);
    Ok(pooled)
}

pub(crate) fn judge_page(
    law: &Law,
    day: Date,
    standings: &BTreeMap<Slug, Standing>,
    families: &[Family],
    mut pooled: Pooled,
) -> Result<Vec<Found>> {
    let regions: Vec<RegionCode> = families
        .iter()
        .map(|family| family.region)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut frame = law.judge.frame();
    for family in families {
        let household = discovered(law, day, standings, family, &mut pooled);
        let place = regions.binary_search(&family.region).unwrap_or(0);
        let place = u32::try_from(place).unwrap_or(0);
        push_household(&mut frame, &household, place)
            .map_err(|why| AppError::Fault(why.to_string()))?;
    }
    let environment = law.judge.environment(&regions, day);
    let screened =
        screen(&law.judge, &frame, &environment).map_err(|why| AppError::Fault(why.to_string()))?;
    let found = screened.into_iter().map(|row| {
        let family = &families[row.household];
        Found {
            benefit: law.judge.book().benefits[row.benefit].id.clone(),
            household: family.id,
            person: row
                .member
                .and_then(|at| family.members.get(at))
                .map(|(id, _)| *id),
            finding: row.finding,
            verdict: row.verdict,
            amount: row.amount,
            next: row.next,
            fault: row.fault,
        }
    });
    Ok(found.collect())
}

/// A household's facts as far as they may be seen without being asked.
pub(crate) fn discovered(
    law: &Law,
    day: Date,
    standings: &BTreeMap<Slug, Standing>,
    family: &Family,
    pooled: &mut Pooled,
) -> Household {
    let catalogue = &law.pack.data().catalogue;
    let answers: Vec<Answers> = family
        .members
        .iter()
        .map(|(person, number)| {
            let mut held = pooled.records.remove(person).unwrap_or_default();
            let categories = catalogue
                .categories()
                .filter(|one| one.allows(PurposeKind::Discovery));
            categories
                .map(|category| {
                    let records = held.remove(&category.id).unwrap_or_default();
                    let records = records
                        .into_iter()
                        .map(|record| record.held(*number))
                        .collect();
                    let standing = standings.get(&category.id).copied();
                    let answer = match pooled.gaps.contains(&(*person, category.id.clone())) {
                        true => Answer::NoAnswer {
                            why: NoAnswer::RowRefused,
                        },
                        false => from_pool(category, standing, records, day),
                    };
                    (category.id.clone(), answer)
                })
                .collect()
        })
        .collect();
    let asked = Asked {
        pack: &law.pack,
        purpose: PurposeKind::Discovery,
        day,
    };
    let mut household = asked.household(family.region, &answers);
    let people: Vec<PersonId> = family.members.iter().map(|(person, _)| *person).collect();
    let disputed = disputed(
        &law.pack.data().contradictions,
        &people,
        &answers,
        &pooled.ruled,
    );
    set_aside(law, &mut household, &people, &disputed);
    household
}
