//! 「上门」 What a village worker or town officer does at people's doors: which
//! homes wait for a visit, and the survey that two sign, each with their own
//! account. Absent on purpose: whether a survey is whole (the case engine).

mod survey;
#[cfg(test)]
mod tests;

pub use survey::{SurveyNotes, SurveyPage, SurveySigned, SurveyView};

use crate::{App, Context, Result, WorkLine};
use engine_access::{Action, Record};
use engine_case::{Case, Step, StepKind, StepStatus};
use kernel::{FieldLevel, PersonId, RegionCode, Slug};
use store::{OpenAfter, SurveyWritten, Tx};

/// How many cases are read at once.
const PAGE: u32 = 200;

/// A home that waits for a visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its case, as in lists.
    pub line: WorkLine,
    /// The step of the service.
    pub step: Slug,
    /// Its name.
    pub step_name: String,
    /// How far the survey is.
    pub standing: VisitStanding,
}

/// How far a survey is, as one of those who go sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VisitStanding {
    /// 等您签字 A colleague wrote it down and waits for this signature.
    ToSign,
    /// 要去
    ToGo,
    /// 等同去的人签字
    Signed,
}

impl App {
    /// 今天要去的 The homes of a place that wait for a visit, most urgent first.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn visits(&self, ctx: &Context, region: RegionCode) -> Result<Vec<Visit>> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let record = Record::of_place(region, FieldLevel::L1);
                ctx.authorise(tx, Action::ReadWork, record, &[], now)
                    .await?;
                let mut visits = Vec::new();
                let mut after = Some(OpenAfter::default());
                while let Some(from) = after {
                    let page = tx.open_cases(region.span(), from, PAGE).await?;
                    for case in page.cases {
                        visits.extend(app.visits_of(tx, case, ctx.actor.person).await?);
                    }
                    after = page.next;
                }
                visits.sort_by_key(|one| one.standing);
                let subject = format!("region:{region}");
                ctx.record(tx, "visits.read", &subject, &visits.len(), now)
                    .await?;
                Ok(visits)
            })
            .await
    }

    async fn visits_of(&self, tx: &mut Tx, case: Case, me: Option<PersonId>) -> Result<Vec<Visit>> {
        let pinned = case.pinned.as_ref();
        let law = pinned.and_then(|pinned| self.law_of(&pinned.pack));
        let service = case.opened.as_ref().map(|one| one.service.clone());
        let flow = law.zip(service);
        let flow = flow.and_then(|(law, service)| law.pack.flow(service.as_str()));
        let steps = flow.map_or(&[][..], |flow| flow.steps.as_slice());
        let mut visits = Vec::new();
        for step in steps.iter().filter(|step| is_open(&case, step)) {
            let Some(opened) = &case.opened else { continue };
            let round = case.steps.get(&step.id).map_or(1, |state| state.round);
            let written = tx.survey_written(opened.case, &step.id, round).await?;
            let lines = self.lines(tx, vec![case.clone()]).await?;
            visits.extend(lines.into_iter().map(|line| Visit {
                line,
                step: step.id.clone(),
                step_name: step.name.clone(),
                standing: standing(written.as_ref().map(|one| &one.state), me),
            }));
        }
        Ok(visits)
    }
}

fn is_open(case: &Case, step: &Step) -> bool {
    let state = case.steps.get(&step.id).map(|state| state.status);
    step.kind == StepKind::Survey && state == Some(StepStatus::Open)
}

fn standing(written: Option<&SurveyWritten>, me: Option<PersonId>) -> VisitStanding {
    match written {
        None => VisitStanding::ToGo,
        Some(written) if written.signed.iter().any(|(who, _)| who.person == me) => {
            VisitStanding::Signed
        }
        Some(_) => VisitStanding::ToSign,
    }
}
