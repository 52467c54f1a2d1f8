//! 「核对这一件」 One button on the case's page: begins where nobody was asked, goes on
//! where somebody is waited for, asks the silent again, and asks everybody anew
//! where all have answered.

use super::conduct::Wanted;
use super::departments::Departments;
use crate::context::Context;
use crate::error::{AppError, Result};
use crate::{App, Law};
use engine_case::{Act, AnswerSource, AnswerValue, Case, StepKind, StepStatus};
use engine_pool::verification::{Declaration, Declared};
use engine_pool::{Report, Value, Verification, report};
use kernel::{AuthorisationId, CaseId, Slug, VerificationId};
use packs::{FactOrigin, Take};
use store::Tx;

/// What there is already.
struct Before {
    case: Case,
    last: Option<(VerificationId, Verification)>,
    paper: Option<AuthorisationId>,
}

/// What a case is judged by: its own last verification, else the one it took over
/// from the joint case it is a part of.
pub(crate) async fn latest(tx: &mut Tx, case: &Case) -> Result<Option<VerificationId>> {
    let Some(opened) = &case.opened else {
        return Ok(None);
    };
    let own = tx.verifications_of(opened.case).await?.last().copied();
    let mut steps = case.steps.values().filter(|_| opened.part_of.is_some());
    Ok(own.or_else(|| steps.find_map(|step| step.verification)))
}

impl App {
    /// 核对、再核对 Carries the case's verification to its report, by what there is
    /// already, and draws the report up.
    ///
    /// # Errors
    /// A refusal; no authorisation was signed; the store's.
    pub async fn verify_case(
        &self,
        ctx: &Context,
        departments: &Departments,
        case: CaseId,
    ) -> Result<Report> {
        let report = self.verified(ctx, departments, case).await?;
        self.draw_check_report(ctx, case).await?;
        Ok(report)
    }

    async fn verified(
        &self,
        ctx: &Context,
        departments: &Departments,
        case: CaseId,
    ) -> Result<Report> {
        let today = self.now().today();
        let before = self.db.read(async move |tx: &mut Tx| {
            let last = tx.verifications_of(case).await?.last().copied();
            let last = match last {
                Some(id) => Some((id, tx.verification(id).await?.state)),
                None => None,
            };
            let papers = tx.authorisations_of(case).await?;
            let holds = papers
                .into_iter()
                .rev()
                .map(|one| one.state)
                .find(|one| one.holds_on(today));
            Ok::<_, AppError>(Before {
                case: tx.case(case).await?.state,
                last,
                paper: holds.map(|one| one.id),
            })
        });
        let before = before.await?;
        let id = match &before.last {
            Some((id, state)) => match report(state) {
                None => *id,
                Some(last) if !last.unanswered.is_empty() => {
                    return self.recheck_verification(ctx, departments, *id).await;
                }
                Some(_) => self.begin_for(ctx, case, &before).await?,
            },
            None => self.begin_for(ctx, case, &before).await?,
        };
        if let Some(step) = self.unstarted(&before.case) {
            let verification = id;
            let start = Act::StartVerification { step, verification };
            self.on_case(ctx, case, start).await?;
        }
        self.carry_on_verification(ctx, departments, id).await
    }

    async fn begin_for(
        &self,
        ctx: &Context,
        case: CaseId,
        before: &Before,
    ) -> Result<VerificationId> {
        let unsigned = || AppError::refused(engine_pool::Refusal::NoAuthorisation);
        let paper = before.paper.ok_or_else(unsigned);
        let authorisation = self.on_record(ctx, case, paper).await?;
        let last = before.last.as_ref();
        let earlier = last.and_then(|(_, state)| state.request.as_ref());
        let declared = match earlier {
            Some(request) => request.declared.clone(),
            None => declared(&self.law, &before.case),
        };
        let wanted = Wanted {
            case,
            authorisation,
            categories: Default::default(),
            declared,
            people: Default::default(),
        };
        self.begin_verification(ctx, wanted).await
    }

    /// The open step that waits for a verification.
    fn unstarted(&self, case: &Case) -> Option<Slug> {
        let service = &case.opened.as_ref()?.service;
        let flow = self.law.pack.flow(service.as_str())?;
        let mut steps = flow.steps.iter().filter(|one| one.kind == StepKind::Verify);
        let step = steps.find(|step| {
            let state = case.steps.get(&step.id);
            state.is_some_and(|one| one.status == StepStatus::Open && one.verification.is_none())
        })?;
        Some(step.id.clone())
    }
}

/// What people wrote in the form, where a department's field can confirm it.
fn declared(law: &Law, case: &Case) -> Vec<Declaration> {
    let answers = case.answers.iter();
    let said = answers.filter(|one| one.source == AnswerSource::Person);
    said.filter_map(|answer| {
        let origin = law.pack.fact(answer.field.as_str())?;
        let says = says(origin, &answer.value)?;
        let source = origin.sources.first()?;
        Some(Declaration {
            person: answer.about?,
            category: source.category.clone(),
            says,
        })
    })
    .collect()
}

fn says(origin: &FactOrigin, value: &AnswerValue) -> Option<Declared> {
    let source = origin.sources.first()?;
    let AnswerValue::Money(amount) = value else {
        return None;
    };
    let (field, value) = (source.field.clone()?, Value::Money(*amount));
    match source.take {
        Take::Sum => Some(Declared::Sum { field, value }),
        Take::Latest => Some(Declared::Is { field, value }),
        Take::Count | Take::Exists | Take::Max | Take::Min => None,
    }
}
