//! 「对不上的怎么认」 The contradiction desk: both sides with where they come from; a
//! person says which is right and why, and can take that back. What is found holds
//! for these two records as they stand: a newer record opens the matter again.

use super::ContradictionSource;
use crate::context::Context;
use crate::holo::HoloRecord;
use crate::{App, AppError, Result};
use engine_access::{Action, Permit, Record as AccessRecord};
use engine_pool::contradiction::{RightSide, Ruling};
use engine_registry::{Config, State};
use kernel::{FieldLevel, HouseholdId, Instant, PersonId, RegionCode, Slug};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use store::{ContradictionSide, FoundContradiction, KeptRuling, OfWhom, RegisterSlice, Tx};

/// The most of one rule that is shown.
const SHOWN: usize = 200;
/// Pairs read at a time.
const PAGE: u32 = 1_000;

/// A rule and how much of it is open in a place.
#[derive(Clone, Debug)]
pub struct ContradictionGroup {
    /// The rule.
    pub rule: Slug,
    /// The sentence.
    pub says: String,
    /// Pairs nobody has ruled on.
    pub open: usize,
    /// Pairs somebody has.
    pub settled: usize,
}

/// A contradiction with both sides.
#[derive(Clone, Debug)]
pub struct ContradictionCard {
    /// What a form names it by: a digest, since a record's number may be a person's.
    pub key: String,
    /// Whose.
    pub name: String,
    /// The household to look at, where there is one.
    pub household: Option<HouseholdId>,
    /// The sentence.
    pub says: String,
    /// The one side.
    pub left: SideShown,
    /// The other.
    pub right: SideShown,
    /// What somebody found.
    pub ruling: Option<RulingShown>,
}

/// One side.
#[derive(Clone, Debug)]
pub struct SideShown {
    /// Whose, which data, which record.
    pub source: ContradictionSource,
    /// The record itself, where it still stands.
    pub record: Option<HoloRecord>,
}

/// What somebody found.
#[derive(Clone, Debug)]
pub struct RulingShown {
    /// Which side is right, in words.
    pub says: &'static str,
    /// Why.
    pub reason: String,
    /// In which role.
    pub by: &'static str,
    /// When.
    pub at: Instant,
}

impl RulingShown {
    /// `None`: it was taken back.
    pub(crate) fn of(kept: KeptRuling) -> Option<RulingShown> {
        Some(RulingShown {
            says: kept.ruling.right?.label(),
            reason: kept.ruling.reason,
            by: kept.ruling.by.role.label(),
            at: kept.at,
        })
    }
}

impl App {
    /// 对不上的 How much of each rule is open in a place, and the pairs of one of them, up
    /// to [`SHOWN`], those that wait first.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn contradiction_desk(
        &self,
        ctx: &Context,
        place: RegionCode,
        rule: Option<&Slug>,
    ) -> Result<(Vec<ContradictionGroup>, Vec<ContradictionCard>)> {
        let (app, ctx, rule) = (self.clone(), ctx.clone(), rule.cloned());
        self.db
            .look(async move |tx| {
                let permit = app.may_rule(tx, &ctx, place).await?;
                let (mut groups, mut cards) = (Vec::new(), Vec::new());
                for one in &app.law.pack.data().contradictions {
                    let mut pairs = app.pairs(tx, &one.id, place).await?;
                    let settled = pairs.iter().filter(|pair| pair.ruling.is_some()).count();
                    if !pairs.is_empty() {
                        groups.push(ContradictionGroup {
                            rule: one.id.clone(),
                            says: one.says.clone(),
                            open: pairs.len() - settled,
                            settled,
                        });
                    }
                    if rule.as_ref() == Some(&one.id) {
                        pairs.sort_by_key(|pair| pair.ruling.is_some());
                        for pair in pairs.into_iter().take(SHOWN) {
                            cards.push(app.card(tx, pair, &permit).await?);
                        }
                    }
                }
                let now = app.now();
                let what = rule.as_ref().map_or("every rule", Slug::as_str);
                ctx.record(tx, "pool.contradictions", what, &cards.len(), now)
                    .await?;
                Ok::<_, AppError>((groups, cards))
            })
            .await
    }

    /// 认定、撤回 Says which side is right and why; `None` takes it back.
    ///
    /// # Errors
    /// A refusal; no reason; no such contradiction any more; the store's.
    pub async fn rule_contradiction(
        &self,
        ctx: &Context,
        place: RegionCode,
        (rule, key): (&Slug, &str),
        (right, reason): (Option<RightSide>, &str),
    ) -> Result<()> {
        let reason = reason.trim().to_owned();
        if reason.chars().count() < 4 {
            let says = "请写明怎样查清楚的，至少四个字";
            return Err(AppError::BadInput(says.to_owned()));
        }
        let body = (rule, key, right, &reason);
        let request = ctx.key("contradiction.rule", &body)?;
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let (rule, key) = (rule.clone(), key.to_owned());
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| {
                app.may_rule(tx, &ctx, place).await?;
                let pairs = app.pairs(tx, &rule, place).await?;
                let gone = || AppError::BadInput("这一对已经变了，请重新打开看".to_owned());
                let pair = pairs.into_iter().find(|pair| pair.key() == key);
                let pair = pair.ok_or_else(gone)?;
                if right.is_none() && pair.ruling.is_none() {
                    return Err(AppError::BadInput("还没有人认定过，不用撤回".to_owned()));
                }
                let ruling = Ruling {
                    right,
                    reason: reason.clone(),
                    by: ctx.actor.clone(),
                };
                tx.keep_ruling(&pair.whom, &pair.found, &ruling, now)
                    .await?;
                let subject = match &pair.whom {
                    OfWhom::Person(person) => format!("person:{person}"),
                    OfWhom::Subject(_) => "pool".to_owned(),
                };
                let told = (&rule, &key, right, &reason);
                ctx.record(tx, "contradiction.rule", &subject, &told, now)
                    .await?;
                Ok::<_, AppError>(())
            };
            tx.idempotent(&request, now, does).await
        };
        self.db.write(write).await?;
        Ok(())
    }

    async fn may_rule(&self, tx: &mut Tx, ctx: &Context, place: RegionCode) -> Result<Permit> {
        let everyone = AccessRecord::of_place(place, FieldLevel::L3);
        ctx.authorise(tx, Action::SettleQuestion, everyone, &[], self.now())
            .await
    }

    /// What stands of a rule about people of a place, with what was found: all of it, so
    /// that what is elsewhere takes nobody's place.
    async fn pairs(&self, tx: &mut Tx, rule: &Slug, place: RegionCode) -> Result<Vec<Pair>> {
        let rulings = tx.rulings_of(rule).await?;
        let (mut pairs, mut last) = (Vec::new(), None);
        loop {
            let page = tx.contradictions_after(rule, last.as_ref(), PAGE).await?;
            last = page.last().cloned();
            if last.is_none() {
                return Ok(pairs);
            }
            pairs.extend(self.pairs_among(tx, page, &rulings, place).await?);
        }
    }

    async fn pairs_among(
        &self,
        tx: &mut Tx,
        standing: Vec<(OfWhom, FoundContradiction)>,
        rulings: &[KeptRuling],
        place: RegionCode,
    ) -> Result<Vec<Pair>> {
        let people = standing.iter().filter_map(|(whom, _)| match whom {
            OfWhom::Person(person) => Some(*person),
            OfWhom::Subject(_) => None,
        });
        let people: BTreeSet<PersonId> = people.collect();
        let households = tx.homes_of_people(&people).await?;
        let slice = RegisterSlice {
            people,
            households,
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let today = self.now().today();
        let mut pairs = Vec::new();
        for (whom, found) in standing {
            let home = match &whom {
                OfWhom::Person(person) => home_of(&register, *person, today),
                OfWhom::Subject(_) => None,
            };
            // Who lives nowhere known is everybody's who rules here.
            if home.is_some_and(|(_, region)| !place.contains(region)) {
                continue;
            }
            let same = |kept: &&KeptRuling| kept.whom == whom && super::is_of(kept, &found);
            let ruling = rulings.iter().find(same).cloned();
            pairs.push(Pair {
                name: name_of(&register, &whom),
                household: home.map(|(home, _)| home),
                ruling: ruling.filter(|kept| kept.ruling.right.is_some()),
                whom,
                found,
            });
        }
        Ok(pairs)
    }

    async fn card(&self, tx: &mut Tx, pair: Pair, permit: &Permit) -> Result<ContradictionCard> {
        let key = pair.key();
        let left = self.side(tx, &pair.whom, pair.found.left, permit).await?;
        let right = self.side(tx, &pair.whom, pair.found.right, permit).await?;
        Ok(ContradictionCard {
            key,
            name: pair.name,
            household: pair.household,
            says: pair.found.says,
            left,
            right,
            ruling: pair.ruling.and_then(RulingShown::of),
        })
    }

    async fn side(
        &self,
        tx: &mut Tx,
        whom: &OfWhom,
        side: ContradictionSide,
        permit: &Permit,
    ) -> Result<SideShown> {
        let mut shown = None;
        let catalogue = &self.law.pack.data().catalogue;
        if let (OfWhom::Person(person), Some(category)) = (whom, catalogue.category(&side.category))
        {
            let (whose, wanted) = ([*person].into(), [side.category.clone()].into());
            let records = tx.records_of(&whose, Some(&wanted)).await?;
            let record = records
                .into_iter()
                .find(|one| one.record_no == side.record_no);
            if let Some(record) = record {
                let received = tx.delivery(record.batch).await?.received_at;
                shown = Some(self.holo_record(category, &record, received, permit));
            }
        }
        Ok(SideShown {
            source: self.source(side),
            record: shown,
        })
    }
}

/// A standing contradiction and what was found.
struct Pair {
    whom: OfWhom,
    found: FoundContradiction,
    name: String,
    household: Option<HouseholdId>,
    ruling: Option<KeptRuling>,
}

impl Pair {
    fn key(&self) -> String {
        let bytes = serde_json::to_vec(&(&self.whom, &self.found)).unwrap_or_default();
        let digest = format!("{:x}", Sha256::digest(bytes));
        digest.chars().take(24).collect()
    }
}

fn home_of(
    register: &State,
    person: PersonId,
    today: kernel::Date,
) -> Option<(HouseholdId, RegionCode)> {
    let mut homes = register.households.iter();
    homes.find_map(|(id, home)| {
        let lives = home.members_on(today).any(|member| member.person == person);
        lives.then(|| home.region_on(today).map(|region| (*id, region)))?
    })
}

fn name_of(register: &State, whom: &OfWhom) -> String {
    let name = match whom {
        OfWhom::Person(person) => register.people.get(person),
        OfWhom::Subject(_) => None,
    };
    let name = name.and_then(|one| one.name(&Config::default()));
    name.map_or_else(|| "没有登记的人".to_owned(), ToString::to_string)
}
