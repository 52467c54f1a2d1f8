//! 「全息查询」 Everything the city knows of one household or one person of it, on one
//! page, for a case or a lead and with a reason: relations, what happened, what was
//! paid, cases, data with its age and where it comes from, what does not fit. Only
//! people of the household the matter is about, or who ever shared a household with
//! one of them. Who is outside of that, and who does not exist, sound the same.
//! Absent on purpose: any search by name, and anything without a reason.

mod data;
mod doubt;
mod past;

pub use data::{HoloCategory, HoloData, HoloNone, HoloRecord, HoloUnknown};
pub use doubt::HoloContradiction;
pub use past::{HoloEvent, HoloPaid};

use crate::case::file::{Kin, Receiving, kin_of, received};
use crate::household::PersonPage;
use crate::portrait::PortraitPage;
use crate::{App, AppError, Context, Result, WorkLine};
use engine_access::{Action, Permit, Purpose, Record, RecordState};
use engine_payment::Beneficiary;
use engine_registry::{Config, State};
use kernel::{FieldLevel, HouseholdId, Now, PersonId, PersonNumber};
use std::collections::BTreeSet;
use store::{RegisterSlice, Tx};

/// The fewest characters of a reason.
const REASON_MIN: usize = 4;

/// Whom somebody asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoloWho {
    /// 全家 The household of the matter.
    Home,
    /// 一个人 By the number of the document, as typed.
    Number(String),
}

/// What the city knows.
#[derive(Clone, Debug)]
pub struct HoloPage {
    /// Whose: a name, or a head's with 家.
    pub name: String,
    /// Where they live.
    pub place: String,
    /// The tree of the household.
    pub kin: Vec<Kin>,
    /// Who is shown, with what the register knows.
    pub people: Vec<HoloPerson>,
    /// What happened, newest first.
    pub past: Vec<HoloEvent>,
    /// What was paid in the last two years, newest first.
    pub paid: Vec<HoloPaid>,
    /// What they receive now.
    pub receiving: Vec<Receiving>,
    /// Their cases, newest first.
    pub cases: Vec<WorkLine>,
    /// Where departments do not agree, those nobody ruled on first.
    pub contradictions: Vec<HoloContradiction>,
    /// Their tags, for a household the pack has a portrait of.
    pub portrait: Option<PortraitPage>,
}

/// Somebody shown.
#[derive(Clone, Debug)]
pub struct HoloPerson {
    /// What the register knows.
    pub page: PersonPage,
    /// What departments hold, by category.
    pub data: HoloData,
}

/// Whom the question is about, once it was found to be allowed.
struct Found {
    home: HouseholdId,
    /// Who is shown.
    people: BTreeSet<PersonId>,
    register: State,
    /// One person only.
    alone: Option<PersonId>,
}

impl App {
    /// 全息查询 `None`: nobody of that number, or nobody this matter reaches: both leave
    /// a row in the audit and take the same steps.
    ///
    /// # Errors
    /// [`AppError::BadInput`]: no reason; a refusal without any matter; the store's.
    pub async fn holo(
        &self,
        ctx: &Context,
        who: &HoloWho,
        reason: &str,
    ) -> Result<Option<HoloPage>> {
        let reason = reason.trim().to_owned();
        if reason.chars().count() < REASON_MIN {
            self.asked_in_vain(ctx, "no_reason").await?;
            let says = format!("请写明为什么要查，至少 {REASON_MIN} 个字");
            return Err(AppError::BadInput(says));
        }
        if !matches!(ctx.purpose, Purpose::Case(_) | Purpose::Visit(_)) {
            self.asked_in_vain(ctx, "no_purpose").await?;
            return Err(AppError::refused(engine_access::Refusal::Purpose));
        }
        let (app, ctx, who, now) = (self.clone(), ctx.clone(), who.clone(), self.now());
        self.db
            .look(async move |tx| {
                let asked = app.reached(tx, &ctx, &who, now).await?;
                let (action, subject) = match &asked {
                    Reached::Yes(found, _) => match found.alone {
                        Some(person) => ("holo.read", format!("person:{person}")),
                        None => ("holo.read", format!("household:{}", found.home)),
                    },
                    Reached::Outside(person) => ("holo.refused", format!("person:{person}")),
                    Reached::Nobody => ("holo.none", "search".to_owned()),
                };
                ctx.record(tx, action, &subject, &reason, now).await?;
                match asked {
                    Reached::Yes(found, permit) => {
                        let page = app.holo_of(tx, &ctx, *found, &permit, now).await?;
                        Ok::<_, AppError>(Some(page))
                    }
                    Reached::Outside(_) | Reached::Nobody => Ok(None),
                }
            })
            .await
    }

    /// A question nobody looked into is on record, too: who asks without a reason is
    /// somebody to ask back.
    async fn asked_in_vain(&self, ctx: &Context, why: &'static str) -> Result<()> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx: &mut Tx| {
                ctx.record(tx, "holo.refused", "search", &why, now).await
            })
            .await
    }

    /// Somebody was stopped because they asked about people too fast: on record.
    ///
    /// # Errors
    /// The store's.
    pub async fn asked_too_fast(&self, ctx: &Context) -> Result<()> {
        self.asked_in_vain(ctx, "too_fast").await
    }

    /// Whom the matter lets this actor see.
    async fn reached(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        who: &HoloWho,
        now: Now,
    ) -> Result<Reached> {
        let home = match matter_home(tx, &ctx.purpose).await {
            Ok(home) => home,
            Err(AppError::Store(why)) if why.is_missing() => None,
            Err(other) => return Err(other),
        };
        let typed = match who {
            HoloWho::Home => None,
            HoloWho::Number(text) => {
                let number = text.trim().to_ascii_uppercase().parse::<PersonNumber>();
                let found = match number {
                    Ok(number) => tx.people_with(number).await?,
                    Err(_) => Vec::new(),
                };
                // A number of a merged entry is the other's.
                let slice = RegisterSlice {
                    people: found.iter().copied().collect(),
                    ..RegisterSlice::default()
                };
                let register = tx.register(&slice).await?.state;
                Some(found.last().map(|one| register.resolve(*one)))
            }
        };
        let Some(home) = home else {
            return Ok(Reached::Nobody);
        };
        let register = circle(tx, home).await?;
        let known = |person: &PersonId| register.people.contains_key(person);
        let (people, alone) = match typed {
            None => {
                let household = register.households.get(&home);
                let members = household.into_iter().flat_map(|one| &one.memberships);
                (members.map(|one| one.person).collect(), None)
            }
            Some(Some(person)) => match known(&person) {
                true => (BTreeSet::from([person]), Some(person)),
                false => return Ok(Reached::Outside(person)),
            },
            Some(None) => return Ok(Reached::Nobody),
        };
        let found = Found {
            home,
            people,
            register,
            alone,
        };
        match self.may_see(tx, ctx, &found, now).await {
            Ok(permit) => Ok(Reached::Yes(Box::new(found), permit)),
            Err(AppError::Refused(_)) => match alone {
                Some(person) => Ok(Reached::Outside(person)),
                None => Ok(Reached::Nobody),
            },
            Err(other) => Err(other),
        }
    }

    async fn may_see(&self, tx: &mut Tx, ctx: &Context, found: &Found, now: Now) -> Result<Permit> {
        let today = now.today();
        let homes = found.register.households.values();
        let lives = |person: PersonId| {
            let mut homes = homes.clone();
            let home = homes.find(|one| one.members_on(today).any(|m| m.person == person));
            home.and_then(|home| home.region_on(today))
        };
        let household = found.register.households.get(&found.home);
        let own = household.and_then(|home| home.region_on(today));
        let record = Record {
            region: found.alone.map_or(own, |person| lives(person).or(own)),
            subjects: found.people.iter().copied().collect(),
            state: RecordState::None,
            level: FieldLevel::L3,
        };
        ctx.authorise(tx, Action::SearchPerson, record, &[], now)
            .await
    }

    async fn holo_of(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        found: Found,
        permit: &Permit,
        now: Now,
    ) -> Result<HoloPage> {
        let (today, config) = (now.today(), Config::default());
        let gone = || AppError::BadInput("这一户已经不在底册里".to_owned());
        let homes = &found.register.households;
        let household = homes.get(&found.home).ok_or_else(gone)?;
        let named = |person: PersonId| {
            let one = found.register.people.get(&person);
            one.and_then(|one| one.name(&config))
                .map(ToString::to_string)
        };
        let head = household.head_on(today).and_then(named);
        let name = match found.alone {
            Some(person) => named(person).unwrap_or_default(),
            None => format!("{}家", head.unwrap_or_default()),
        };
        let mut pooled = self.pooled_for(tx, ctx, &found, permit, now).await?;
        let shown = found.register.people.values();
        let shown = shown.filter(|one| found.people.contains(&one.id));
        let people: Vec<HoloPerson> = shown
            .map(|one| HoloPerson {
                page: self.person_page(one, household, permit, None),
                data: pooled.remove(&one.id).unwrap_or_default(),
            })
            .collect();
        let mut cases = Vec::new();
        for case in tx.cases_of_household(found.home).await? {
            cases.push(tx.case(case).await?.state);
        }
        cases.reverse();
        let mut whose: Vec<Beneficiary> = found
            .people
            .iter()
            .copied()
            .map(Beneficiary::Person)
            .collect();
        // What was paid to an entry that was merged was paid to the other.
        let merged = tx.merged_into(&found.people).await?;
        whose.extend(merged.into_keys().map(Beneficiary::Person));
        if found.alone.is_none() {
            whose.insert(0, Beneficiary::Household(found.home));
        }
        let paid = self.paid_to(tx, &whose, today).await?;
        let contradictions = self.doubts_about(tx, ctx, &found.people, now).await?;
        let portrait = match household.region_on(today).filter(|_| found.alone.is_none()) {
            Some(region) if !self.law.pack.portrait().is_empty() => {
                Some(self.portrait_of(tx, found.home, region, permit).await?)
            }
            _ => None,
        };
        Ok(HoloPage {
            name,
            place: household
                .region_on(today)
                .map(|region| self.place(region))
                .unwrap_or_default(),
            kin: kin_of(&found.register, &household.memberships, today),
            past: self.past_of(&found, &cases, &paid),
            people,
            paid,
            receiving: received(tx, self, whose).await?,
            cases: self.lines(tx, cases).await?,
            contradictions,
            portrait,
        })
    }
}

/// What came of a question.
enum Reached {
    Yes(Box<Found>, Permit),
    /// Somebody the matter does not reach.
    Outside(PersonId),
    Nobody,
}

/// The household a matter is about.
async fn matter_home(tx: &mut Tx, purpose: &Purpose) -> Result<Option<HouseholdId>> {
    Ok(match purpose {
        Purpose::Case(case) => {
            let case = tx.case(*case).await?.state;
            // Nobody looks around for an application that was never handed in.
            let open = case.phase != engine_case::Phase::Draft;
            case.opened.filter(|_| open).map(|one| one.household)
        }
        Purpose::Visit(finding) => Some(tx.finding(*finding).await?.household),
        _ => None,
    })
}

/// A household, and every household somebody of it ever belonged to.
async fn circle(tx: &mut Tx, home: HouseholdId) -> Result<State> {
    let one = RegisterSlice {
        households: BTreeSet::from([home]),
        ..RegisterSlice::default()
    };
    let register = tx.register(&one).await?.state;
    let people: BTreeSet<PersonId> = register.people.keys().copied().collect();
    let homes = tx.homes_of_people(&people).await?;
    let all = RegisterSlice {
        households: homes.into_iter().chain([home]).collect(),
        ..RegisterSlice::default()
    };
    Ok(tx.register(&all).await?.state)
}

#[cfg(test)]
mod tests;
