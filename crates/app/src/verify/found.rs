//! 「核对所得」 What a verification found, as the facts a case is judged by. A
//! department that did not answer leaves what the pool still knows, with its own
//! day; what is in dispute is known to nobody until a person has settled it.

use super::ruled::ruled_now;
use super::steps::{authorise, case_of, numbered, subject};
use crate::context::Context;
use crate::error::{AppError, Result};
use crate::facts::{Answers, Asked};
use crate::{App, Law};
use engine_access::Action;
use engine_policy::{Entry, Household, Source, WhyMissing};
use engine_pool::contradiction::unreliable;
use engine_pool::verification::{Declared, Difference, Member};
use engine_pool::{
    Answer, Held, NoAnswer, PurposeKind, Refusal, Report, Standing, Verification, from_pool, report,
};
use kernel::{CaseId, Date, PersonId, RegionCode, Slug, VerificationId};
use std::collections::{BTreeMap, BTreeSet};
use store::{PoolRecord, Tx};

impl App {
    /// The facts a compared verification gives, members in the case's order.
    ///
    /// # Errors
    /// [`AppError::Refused`] without right, or before anything was compared.
    pub async fn verified_facts(&self, ctx: &Context, id: VerificationId) -> Result<Household> {
        let (ctx, law, now) = (ctx.clone(), self.law.clone(), self.now());
        self.db
            .look(async move |tx| {
                let state = tx.verification(id).await?.state;
                let case = authorise(tx, &ctx, Action::Verify, case_of(&state)?, now).await?;
                let Some(region) = case.opened.as_ref().map(|opened| opened.region) else {
                    return Err(AppError::refused(Refusal::NotRequested));
                };
                let household = compared(tx, &law, &state, region, now.today()).await?;
                let household = household.ok_or_else(|| AppError::refused(Refusal::NotCompared))?;
                ctx.record(tx, "verification_facts", &subject(id), &(), now)
                    .await?;
                Ok(household)
            })
            .await
    }

    /// The facts a case can be judged by now: those of its last verification or,
    /// where none was compared, what may be known without asking anybody.
    ///
    /// # Errors
    /// [`AppError::Refused`] without right; the store's.
    pub async fn case_facts(&self, ctx: &Context, case: CaseId) -> Result<Household> {
        let (ctx, law, now) = (ctx.clone(), self.law.clone(), self.now());
        self.db
            .look(async move |tx| {
                let state = authorise(tx, &ctx, Action::Judge, case, now).await?;
                let opened = state.opened.as_ref();
                let opened = opened.ok_or_else(|| AppError::refused(Refusal::NotRequested))?;
                ctx.record(tx, "case_facts", &format!("case:{case}"), &(), now)
                    .await?;
                let last = super::case::latest(tx, &state).await?;
                if let Some(id) = last {
                    let verification = tx.verification(id).await?.state;
                    let (region, today) = (opened.region, now.today());
                    let found = compared(tx, &law, &verification, region, today).await?;
                    if let Some(household) = found {
                        return Ok(household);
                    }
                }
                let members = opened.members.iter().map(|member| member.person);
                let members = numbered(tx, members.collect()).await?;
                let known = known(tx, &law, &members, now.today()).await?;
                let asked = Asked {
                    pack: &law.pack,
                    purpose: PurposeKind::Discovery,
                    day: now.today(),
                };
                Ok(asked.household(opened.region, &known))
            })
            .await
    }
}

/// The facts a compared verification gives; `None` before anything was compared.
pub(crate) async fn compared(
    tx: &mut Tx,
    law: &Law,
    state: &Verification,
    region: RegionCode,
    today: Date,
) -> Result<Option<Household>> {
    let Some(request) = &state.request else {
        return Ok(None);
    };
    let known = known(tx, law, &request.members, today).await?;
    let state = ruled_now(tx, state.clone()).await?;
    Ok(compared_over(law, &state, (region, today), known))
}

/// The same over what the pool knew, members in the request's order.
pub(super) fn compared_over(
    law: &Law,
    state: &Verification,
    (region, today): (RegionCode, Date),
    known: Vec<Answers>,
) -> Option<Household> {
    let (Some(request), Some(report)) = (&state.request, report(state)) else {
        return None;
    };
    let answers: Vec<Answers> = known
        .into_iter()
        .zip(&request.members)
        .map(|(known, member)| found(state, &report, member.person, known))
        .collect();
    let asked = Asked {
        pack: &law.pack,
        purpose: PurposeKind::Verification,
        day: today,
    };
    let mut household = asked.household(region, &answers);
    let disputed = disputed(&report, &request.members, &answers);
    let people: Vec<PersonId> = request.members.iter().map(|member| member.person).collect();
    set_aside(law, &mut household, &people, &disputed);
    Some(household)
}

/// What the pool knows of each member, where it may stand in for a department
/// that is silent: only categories that may be held and read without being asked.
/// A bank's silence is never filled with an old balance.
pub(crate) async fn known(
    tx: &mut Tx,
    law: &Law,
    members: &[Member],
    today: Date,
) -> Result<Vec<Answers>> {
    let catalogue = &law.pack.data().catalogue;
    let categories: Vec<_> = catalogue
        .categories()
        .filter(|one| one.allows(PurposeKind::Verification) && one.keyed_by.is_people())
        .filter(|one| one.allows(PurposeKind::Discovery))
        .collect();
    let ids: BTreeSet<Slug> = categories.iter().map(|one| one.id.clone()).collect();
    let people: BTreeSet<PersonId> = members.iter().map(|member| member.person).collect();
    let standings: BTreeMap<Slug, Standing> = tx.pool_standings().await?;
    let gaps = tx.gaps_of(&people, &standings).await?;
    let mut records: BTreeMap<(PersonId, Slug), Vec<PoolRecord>> = BTreeMap::new();
    for record in tx.records_of(&people, Some(&ids)).await? {
        let key = (record.person, record.category.clone());
        records.entry(key).or_default().push(record);
    }
    let answers = members.iter().map(|member| {
        let one = categories.iter().map(|category| {
            let key = (member.person, category.id.clone());
            let held = records.remove(&key).unwrap_or_default();
            let held = held.into_iter().map(|one| one.held(member.number));
            let standing = standings.get(&category.id).copied();
            let answer = match gaps.contains(&key) {
                true => Answer::NoAnswer {
                    why: NoAnswer::RowRefused,
                },
                false => from_pool(category, standing, held.collect(), today),
            };
            (key.1, answer)
        });
        one.collect()
    });
    Ok(answers.collect())
}

/// What the verification found of one person, laid over what the pool knows.
fn found(state: &Verification, report: &Report, person: PersonId, mut known: Answers) -> Answers {
    let categories = state.request.iter().flat_map(|request| &request.categories);
    for category in categories {
        match state.answer(person, category) {
            Some(answer) if answer.is_answered() => {
                known.insert(category.clone(), answer.clone());
            }
            _ => {}
        }
    }
    // A person has accepted that what was found is not theirs.
    let theirs = report.differences.iter().filter(|one| one.person == person);
    for difference in theirs.filter(|one| is_cleared(one)) {
        let as_of = match known.get(&difference.category) {
            Some(Answer::Records(held)) => held.iter().map(|one| one.record.as_of).max(),
            _ => None,
        };
        if let Some(as_of) = as_of {
            known.insert(difference.category.clone(), Answer::NoRecord { as_of });
        }
    }
    known
}

/// “There is nothing”, and a person accepts why something was found.
fn is_cleared(difference: &Difference) -> bool {
    let accepted = difference.settled.as_ref().is_some_and(|one| one.accepted);
    accepted && difference.declared == Declared::Nothing
}

/// Whose data of which category nobody may rely on: what differs and is not
/// settled as it was found, and both sides of every contradiction, or the one that
/// somebody found to be wrong.
fn disputed(
    report: &Report,
    members: &[Member],
    answers: &[Answers],
) -> BTreeSet<(PersonId, Slug)> {
    let stands = |one: &&Difference| {
        one.settled
            .as_ref()
            .is_some_and(|settled| !settled.accepted)
    };
    let mut disputed: BTreeSet<(PersonId, Slug)> = report
        .differences
        .iter()
        .filter(|one| !stands(one) && !is_cleared(one))
        .map(|one| (one.person, one.category.clone()))
        .collect();
    let open = report.contradictions.iter().map(|one| (one, None));
    let ruled = report.ruled.iter().map(|(one, by)| (one, Some(by.says)));
    for (one, says) in open.chain(ruled) {
        let aside = unreliable(&one.left.0, &one.right.0, says);
        let sides = [&one.left, &one.right];
        for (category, record_no) in sides.into_iter().filter(|(id, _)| aside.contains(id)) {
            let has = |held: &Held| held.record.record_no == *record_no;
            let whose = members.iter().zip(answers).filter(|(_, answers)| {
                matches!(answers.get(category), Some(Answer::Records(held)) if held.iter().any(has))
            });
            disputed.extend(whose.map(|(member, _)| (member.person, category.clone())));
        }
    }
    disputed
}

/// Makes every fact unknown that rests on disputed data.
pub(crate) fn set_aside(
    law: &Law,
    household: &mut Household,
    members: &[PersonId],
    disputed: &BTreeSet<(PersonId, Slug)>,
) {
    let rests_on = |entry: &Entry, category: &Slug| matches!(entry, Entry::Known(_, Source::Department { category: from, .. }) if from == category);
    let unknown = || Entry::Missing(WhyMissing::Disputed);
    for (person, category) in disputed {
        for entry in household.facts.values_mut() {
            if rests_on(entry, category) {
                *entry = unknown();
            }
        }
        let place = members.iter().position(|member| member == person);
        let Some(member) = place.and_then(|place| household.members.get_mut(place)) else {
            continue;
        };
        for entry in member.facts.values_mut() {
            if rests_on(entry, category) {
                *entry = unknown();
            }
        }
        for origin in law.pack.records().values() {
            if origin
                .source
                .as_ref()
                .is_some_and(|source| source.category == *category)
            {
                member.records.remove(&origin.kind.id);
            }
        }
    }
}
