//! 「核对的每一步」 What happens within one transaction: may they, load, decide,
//! save, put on record.

use super::conduct::Wanted;
use crate::context::Context;
use crate::error::{AppError, Result};
use engine_access::{Action, Purpose, Record};
use engine_case::Case;
use engine_pool::verification::{Command, Member, Request};
use engine_pool::{Authorisation, Config, Refusal, Verification, may_read, verify};
use kernel::{CaseId, FieldLevel, Now, PersonId, VerificationId};
use store::{RegisterSlice, Tx};

/// Begins a verification within a transaction: for use cases that begin it
/// together with something else.
pub(crate) async fn begin(
    tx: &mut Tx,
    ctx: &Context,
    data: &Config,
    wanted: &Wanted,
    now: Now,
) -> Result<VerificationId> {
    let case = authorise(tx, ctx, Action::Verify, wanted.case, now).await?;
    let Some(opened) = &case.opened else {
        return Err(AppError::BadInput("这件事还没有建立，不能核对".to_owned()));
    };
    if ctx.purpose != Purpose::Case(wanted.case) {
        return Err(AppError::refused(Refusal::NotForThisCase));
    }
    let all: Vec<PersonId> = opened.members.iter().map(|one| one.person).collect();
    if let Some(other) = wanted.people.iter().find(|one| !all.contains(one)) {
        let refusal = Refusal::NotOfTheHousehold { member: *other };
        return Err(AppError::refused(refusal));
    }
    let asked = |one: &PersonId| wanted.people.is_empty() || wanted.people.contains(one);
    let people = all.into_iter().filter(asked);
    let id = VerificationId(tx.next_id("verification").await?);
    let request = Request {
        id,
        household: opened.household,
        members: numbered(tx, people.collect()).await?,
        categories: wanted.categories.clone(),
        declared: wanted.declared.clone(),
        purpose: engine_pool::Purpose::Verification { case: wanted.case },
        by: ctx.actor.clone(),
    };
    let paper = tx.authorisation(wanted.authorisation).await?.state;
    let command = Command::Request {
        request: Box::new(request),
        authorisation: Some(Box::new(paper)),
    };
    let mut state = Verification::default();
    let events = verify(&state, command, data, now).map_err(AppError::refused)?;
    events.iter().for_each(|event| state.apply(event));
    tx.save_verification(0, &state, &events, &ctx.actor, now)
        .await?;
    ctx.record(tx, "verification_requested", &subject(id), &events, now)
        .await?;
    Ok(id)
}

/// One verb on a verification within a transaction.
pub(super) async fn step(
    tx: &mut Tx,
    ctx: &Context,
    data: &Config,
    id: VerificationId,
    command: Command,
    now: Now,
) -> Result<()> {
    let loaded = tx.verification(id).await?;
    let mut state = loaded.state;
    authorise(tx, ctx, Action::Verify, case_of(&state)?, now).await?;
    let events = verify(&state, command, data, now).map_err(AppError::refused)?;
    events.iter().for_each(|event| state.apply(event));
    tx.save_verification(loaded.version, &state, &events, &ctx.actor, now)
        .await?;
    ctx.record(tx, "verification_step", &subject(id), &events, now)
        .await
}

/// Whether the actor may do this to a verification of the case; gives the case.
pub(super) async fn authorise(
    tx: &mut Tx,
    ctx: &Context,
    action: Action,
    case: CaseId,
    now: Now,
) -> Result<Case> {
    let case = tx.case(case).await?.state;
    let opened = case.opened.as_ref();
    let record = Record {
        region: opened.map(|opened| opened.region),
        subjects: opened
            .map(|opened| opened.members.iter().map(|member| member.person).collect())
            .unwrap_or_default(),
        state: crate::case::record_state(case.phase),
        level: FieldLevel::L4,
    };
    let relatives: Vec<PersonId> = case.conflicts.iter().map(|one| one.official).collect();
    ctx.authorise(tx, action, record, &relatives, now).await?;
    Ok(case)
}

/// The members with the numbers departments know them by.
pub(super) async fn numbered(tx: &mut Tx, people: Vec<PersonId>) -> Result<Vec<Member>> {
    let slice = RegisterSlice {
        people: people.iter().copied().collect(),
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let config = engine_registry::Config::default();
    people
        .into_iter()
        .map(|person| {
            let entry = register.people.get(&register.resolve(person));
            let number = entry.and_then(|entry| entry.number(&config));
            let number = number.ok_or_else(|| {
                let what = format!("编号 {person} 的成员没有证件号码，部门无法核对。请先补登");
                AppError::BadInput(what)
            })?;
            Ok(Member { person, number })
        })
        .collect()
}

/// Whether the authorisation still covers everyone and everything.
pub(super) fn still_holds(
    request: &Request,
    paper: &Authorisation,
    data: &Config,
    now: Now,
) -> Result<(), Refusal> {
    for id in &request.categories {
        let unknown = || Refusal::UnknownCategory(id.clone());
        let category = data.catalogue.category(id).ok_or_else(unknown)?;
        for member in &request.members {
            let (person, day) = (member.person, now.today());
            may_read(category, &request.purpose, person, Some(paper), day)?;
        }
    }
    Ok(())
}

pub(super) fn case_of(state: &Verification) -> Result<CaseId> {
    state
        .case
        .ok_or_else(|| AppError::refused(Refusal::NotRequested))
}

pub(super) fn subject(id: VerificationId) -> String {
    format!("verification:{id}")
}
