//! 「办核对」 The use case: authorise → load → decide → save, department by department.
//! Every step is kept before the next, so that whatever interrupts it, carrying
//! on asks only those who are still waited for.

use super::answers::{answers, query};
use super::departments::Departments;
use super::ruled::ruled_now;
use super::steps::{authorise, begin, case_of, step, still_holds, subject};
use crate::context::Context;
use crate::error::{AppError, Result};
use crate::{App, Refused};
use engine_access::Action;
use engine_pool::verification::{Command, Declaration};
use engine_pool::{NoAnswer, Refusal, Report, Verification, report};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use kernel::{AuthorisationId, CaseId, PersonId, Slug, VerificationId};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{StoreError, Tx};

/// How often a step is tried again when somebody else was quicker.
const TRIES: u32 = 8;

/// What a worker wants verified. The household is the case's, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// The case it is for.
    pub case: CaseId,
    /// The authorisation it rests on.
    pub authorisation: AuthorisationId,
    /// What is to be asked; empty: everything that may be.
    pub categories: BTreeSet<Slug>,
    /// What the household says.
    pub declared: Vec<Declaration>,
    /// Whom; empty: everyone of the case. Anybody else is refused.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub people: BTreeSet<PersonId>,
}

impl App {
    /// 一键核对 Begins a verification and carries it to its report.
    ///
    /// # Errors
    /// [`AppError::Refused`] without right, purpose or authorisation. Departments
    /// that do not answer are no error: the report names them.
    pub async fn verify_household(
        &self,
        ctx: &Context,
        departments: &Departments,
        wanted: Wanted,
    ) -> Result<Report> {
        let id = self.begin_verification(ctx, wanted).await?;
        self.carry_on_verification(ctx, departments, id).await
    }

    /// Begins a verification; the same request again gets the same number.
    ///
    /// # Errors
    /// [`AppError::Refused`] without right, purpose or authorisation.
    pub async fn begin_verification(
        &self,
        ctx: &Context,
        wanted: Wanted,
    ) -> Result<VerificationId> {
        let case = wanted.case;
        let begun = self.begun(ctx, wanted).await;
        self.on_record(ctx, case, begun).await
    }

    async fn begun(&self, ctx: &Context, wanted: Wanted) -> Result<VerificationId> {
        let (ctx, pack, now) = (ctx.clone(), Arc::clone(&self.law.pack), self.now());
        self.db
            .write(async move |tx| {
                let key = ctx.key("verify", &wanted)?;
                let act = async |tx: &mut Tx| begin(tx, &ctx, pack.data(), &wanted, now).await;
                Ok(tx.idempotent(&key, now, act).await?.value)
            })
            .await
    }

    /// 不该查的 A refusal to verify is itself put on record: who asked, in which case,
    /// and why not (社会救助法 第十一条: no look-up that no application needs).
    pub(super) async fn on_record<T>(
        &self,
        ctx: &Context,
        case: CaseId,
        done: Result<T>,
    ) -> Result<T> {
        if let Err(AppError::Refused(refused)) = &done {
            let (ctx, now, code) = (ctx.clone(), self.now(), refused.code);
            let note = async move |tx: &mut Tx| {
                let subject = format!("case:{case}");
                ctx.record(tx, "verification_refused", &subject, &code, now)
                    .await
            };
            self.db.write(note).await?;
        }
        done
    }

    /// Asks everyone a begun verification still waits for, all at once, compares,
    /// and gives the report. Can be called again after any interruption.
    ///
    /// # Errors
    /// [`AppError::Refused`] without right, or when the authorisation no longer
    /// holds: then nobody is asked.
    pub async fn carry_on_verification(
        &self,
        ctx: &Context,
        departments: &Departments,
        id: VerificationId,
    ) -> Result<Report> {
        let state = self.may_ask(ctx, id).await;
        let state = match state {
            Err(refused @ AppError::Refused(_)) => {
                let case = self.load_verification(id).await?.case;
                return match case {
                    Some(case) => self.on_record(ctx, case, Err(refused)).await,
                    None => Err(refused),
                };
            }
            other => other?,
        };
        let mut asking: FuturesUnordered<_> = state
            .waiting_for()
            .into_iter()
            .map(|department| self.ask(&state, departments, department))
            .collect();
        while let Some((department, command)) = asking.next().await {
            self.keep_answer(ctx, id, department, command).await?;
        }
        let state = self.load_verification(id).await?;
        if report(&state).is_none() {
            self.verification_step(ctx, id, Command::Compare).await?;
        }
        let compared = async move |tx: &mut Tx| {
            let state = tx.verification(id).await?.state;
            ruled_now(tx, state).await
        };
        let state = self.db.read(compared).await?;
        report(&state).ok_or_else(|| AppError::refused(Refusal::NotCompared))
    }

    /// 说明 Takes down what the household says of a difference.
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub async fn explain_difference(
        &self,
        ctx: &Context,
        id: VerificationId,
        difference: usize,
        words: String,
    ) -> Result<()> {
        let by = ctx.actor.clone();
        let command = Command::Explain {
            difference,
            words,
            by,
        };
        self.verification_step(ctx, id, command).await
    }

    /// 认定 A person settles a difference, with a reason.
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub async fn settle_difference(
        &self,
        ctx: &Context,
        id: VerificationId,
        (difference, accepted): (usize, bool),
        reason: String,
    ) -> Result<()> {
        let by = ctx.actor.clone();
        let command = Command::Settle {
            difference,
            accepted,
            reason,
            by,
        };
        self.verification_step(ctx, id, command).await
    }

    /// 复核 Asks again whoever did not answer, and gives the new report.
    ///
    /// # Errors
    /// [`AppError::Refused`], also when everyone has answered.
    pub async fn recheck_verification(
        &self,
        ctx: &Context,
        departments: &Departments,
        id: VerificationId,
    ) -> Result<Report> {
        self.may_ask(ctx, id).await?;
        let by = ctx.actor.clone();
        self.verification_step(ctx, id, Command::Recheck { by })
            .await?;
        self.carry_on_verification(ctx, departments, id).await
    }

    /// The report of a verification, if it has come to one. Reading it is put on
    /// record before it is given.
    ///
    /// # Errors
    /// [`AppError::Refused`] without right.
    pub async fn verification_report(
        &self,
        ctx: &Context,
        id: VerificationId,
    ) -> Result<Option<Report>> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let state = tx.verification(id).await?.state;
                authorise(tx, &ctx, Action::ReadCase, case_of(&state)?, now).await?;
                ctx.record(tx, "verification_read", &subject(id), &(), now)
                    .await?;
                Ok(report(&ruled_now(tx, state).await?))
            })
            .await
    }

    async fn load_verification(&self, id: VerificationId) -> Result<Verification> {
        self.db
            .read(async move |tx| Ok::<_, AppError>(tx.verification(id).await?.state))
            .await
    }

    /// The verification, if this actor may go on with it and its authorisation
    /// still holds for everyone and everything it asks.
    async fn may_ask(&self, ctx: &Context, id: VerificationId) -> Result<Verification> {
        let (ctx, pack, now) = (ctx.clone(), Arc::clone(&self.law.pack), self.now());
        self.db
            .read(async move |tx| {
                let state = tx.verification(id).await?.state;
                authorise(tx, &ctx, Action::Verify, case_of(&state)?, now).await?;
                let (Some(request), Some(paper)) = (&state.request, state.authorisation) else {
                    return Err(AppError::refused(Refusal::NotRequested));
                };
                let paper = tx.authorisation(paper).await?.state;
                still_holds(request, &paper, pack.data(), now).map_err(AppError::refused)?;
                Ok(state)
            })
            .await
    }

    /// Asks one department; whatever comes of it is a command.
    async fn ask(
        &self,
        state: &Verification,
        departments: &Departments,
        department: Slug,
    ) -> (Slug, Command) {
        let asked = async {
            let request = state.request.as_deref().ok_or(NoAnswer::LeftOut)?;
            let ask = state.asks.get(&department).ok_or(NoAnswer::LeftOut)?;
            let ids = (
                request.id.0,
                state.case.map_or(0, |case| case.0),
                state.authorisation.map_or(0, |paper| paper.0),
            );
            let members = &request.members;
            let query = query(ids, members, ask.categories.iter().cloned());
            let reply = departments.ask(&department, &query, || self.now()).await?;
            let catalogue = &self.law.pack.data().catalogue;
            answers(reply, &query, members, catalogue, self.now().today())
        };
        let command = match asked.await {
            Ok(answers) => Command::Answer {
                department: department.clone(),
                answers,
            },
            Err(why) => Command::Fail {
                department: department.clone(),
                why,
            },
        };
        (department, command)
    }

    /// Keeps what came of asking. An answer the engine will not use counts as
    /// none; one that somebody else has kept already is not kept twice.
    async fn keep_answer(
        &self,
        ctx: &Context,
        id: VerificationId,
        department: Slug,
        command: Command,
    ) -> Result<()> {
        let kept = self.verification_step(ctx, id, command).await;
        let kept = match kept {
            Err(AppError::Refused(Refused {
                code: "pool.answered_unasked",
                says,
                ..
            })) => {
                let why = NoAnswer::Untrusted(says);
                let command = Command::Fail { department, why };
                self.verification_step(ctx, id, command).await
            }
            other => other,
        };
        match kept {
            Err(AppError::Refused(Refused {
                code: "pool.not_waiting_for",
                ..
            })) => Ok(()),
            other => other,
        }
    }

    /// One verb on a verification, tried again when somebody else was quicker.
    async fn verification_step(
        &self,
        ctx: &Context,
        id: VerificationId,
        command: Command,
    ) -> Result<()> {
        let now = self.now();
        for _ in 1..TRIES {
            let (ctx, pack, command) = (ctx.clone(), Arc::clone(&self.law.pack), command.clone());
            let done = self
                .db
                .write(async move |tx| step(tx, &ctx, pack.data(), id, command.clone(), now).await)
                .await;
            match done {
                Err(AppError::Store(StoreError::Conflict { .. })) => {}
                other => return other,
            }
        }
        Err(AppError::Store(StoreError::Conflict { what: "核对" }))
    }
}
