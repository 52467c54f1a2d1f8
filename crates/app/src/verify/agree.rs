//! 「签授权」 The household agrees to be looked up: who signed for whom, for this
//! case, until when. And what the answers then say, as facts to judge by.

use super::steps::{authorise, case_of};
use crate::App;
use crate::context::Context;
use crate::error::{AppError, Result};
use crate::facts::{Answers, Asked};
use engine_access::Action;
use engine_policy::Household;
use engine_pool::authorisation::{AuthorisationCommand, Scope, Signature};
use engine_pool::verification::AskState;
use engine_pool::{Answer, Authorisation, NoAnswer, PurposeKind, Verification};
use kernel::{AuthorisationId, CaseId, Date, PersonId, Slug, VerificationId};
use serde::Serialize;
use std::collections::BTreeMap;
use store::Tx;

/// A paper as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignedPaper {
    /// The case it was signed for.
    pub case: CaseId,
    /// Member → who signed for them.
    pub signatures: BTreeMap<PersonId, Signature>,
    /// What may be checked.
    pub scope: Scope,
    /// Last day.
    pub to: Date,
}

impl App {
    /// 签授权 Takes in a household's signed authorisation.
    ///
    /// # Errors
    /// Refused without right, without signatures, for a case not opened.
    pub async fn sign_authorisation(
        &self,
        ctx: &Context,
        paper: SignedPaper,
    ) -> Result<AuthorisationId> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let key = ctx.key("authorisation.sign", &paper)?;
                let act = async |tx: &mut Tx| {
                    let case = authorise(tx, &ctx, Action::Authorise, paper.case, now).await?;
                    let opened = case.opened.as_ref();
                    let household = opened.map(|opened| opened.household).ok_or_else(|| {
                        AppError::BadInput("这件事还没有建立，不能签授权".to_owned())
                    })?;
                    let id = AuthorisationId(tx.next_id("authorisation").await?);
                    let signed = Authorisation {
                        id,
                        household,
                        case: paper.case,
                        signatures: paper.signatures.clone(),
                        scope: paper.scope.clone(),
                        from: now.today(),
                        to: paper.to,
                        withdrawn: None,
                    };
                    let by = ctx.actor.clone();
                    let command = AuthorisationCommand::Sign {
                        paper: Box::new(signed.clone()),
                        by,
                    };
                    let events = engine_pool::authorisation::authorise(None, command, now)
                        .map_err(AppError::refused)?;
                    tx.keep_authorisation(&signed, &ctx.actor, now).await?;
                    let subject = format!("authorisation:{id}");
                    ctx.record(tx, "authorisation.sign", &subject, &events, now)
                        .await?;
                    Ok::<_, AppError>(id)
                };
                Ok(tx.idempotent(&key, now, act).await?.value)
            })
            .await
    }

    /// What a verification's answers say of the household, as facts: what nobody
    /// answered stays missing, with the department named. The reading is put on
    /// record before anything is given.
    ///
    /// # Errors
    /// Refused without right.
    pub async fn verified_facts(&self, ctx: &Context, id: VerificationId) -> Result<Household> {
        let (ctx, law, now) = (ctx.clone(), self.law.clone(), self.now());
        self.db
            .write(async move |tx| {
                let state = tx.verification(id).await?.state;
                let case = authorise(tx, &ctx, Action::ReadCase, case_of(&state)?, now).await?;
                ctx.record(
                    tx,
                    "verification.facts",
                    &format!("verification:{id}"),
                    &(),
                    now,
                )
                .await?;
                let Some(opened) = &case.opened else {
                    return Err(AppError::BadInput("这件事还没有建立".to_owned()));
                };
                let people: Vec<PersonId> = opened.members.iter().map(|one| one.person).collect();
                let answers = answers_of(&state, &people);
                let asked = Asked {
                    pack: &law.pack,
                    purpose: PurposeKind::Verification,
                    day: now.today(),
                };
                Ok(asked.household(opened.region, &answers))
            })
            .await
    }
}

/// Each person's answers by category; a category whose department failed is an
/// unanswered one.
fn answers_of(state: &Verification, people: &[PersonId]) -> Vec<Answers> {
    let mut all: BTreeMap<PersonId, Answers> =
        people.iter().map(|id| (*id, Answers::new())).collect();
    for ask in state.asks.values() {
        match &ask.state {
            AskState::Answered { answers, .. } => {
                for one in answers {
                    let of_person = all.entry(one.person).or_default();
                    of_person.insert(one.category.clone(), one.answer.clone());
                }
            }
            AskState::Failed { why, .. } => silent(&mut all, ask.categories.iter(), why),
            AskState::Waiting { .. } => silent(&mut all, ask.categories.iter(), &NoAnswer::LeftOut),
        }
    }
    people.iter().filter_map(|id| all.remove(id)).collect()
}

fn silent<'c>(
    all: &mut BTreeMap<PersonId, Answers>,
    categories: impl Iterator<Item = &'c Slug>,
    why: &NoAnswer,
) {
    for category in categories {
        for answers in all.values_mut() {
            answers.insert(category.clone(), Answer::NoAnswer { why: why.clone() });
        }
    }
}
