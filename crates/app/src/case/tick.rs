//! 「按日子走」 What only the calendar brings about: a publicity has had its full
//! days, a review falls due, a phase-out is over. Run it once a day, or twice:
//! nothing happens twice. Absent on purpose: any decision.

use crate::{App, AppError, Context, Result};
use engine_access::Purpose;
use engine_case::{Act, Case, Phase, StepKind, StepStatus};
use kernel::{Actor, CaseId, Date, RegionCode, RegionLevel, Role};
use serde::{Deserialize, Serialize};
use store::Tx;

/// Cases looked at in one transaction.
const PAGE: u32 = 5_000;

/// What a day brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticked {
    /// Publicities that had their full days.
    pub publicities: u32,
    /// Reviews that fell due.
    pub reviews: u32,
    /// Phase-outs that are over.
    pub phase_outs: u32,
    /// Cases that could not be moved on: somebody must look.
    pub stuck: u32,
}

impl App {
    /// 按日子走 Moves on every case under a region whose day has come.
    ///
    /// # Errors
    /// The store's; a case that cannot be moved on is counted, not an error.
    pub async fn tick_cases(&self, region: RegionCode) -> Result<Ticked> {
        let mut ticked = Ticked::default();
        let today = self.now().today();
        for phase in [Phase::Handling, Phase::Paying, Phase::PhaseOut] {
            for (case, act) in self.due_acts(phase, region, today).await? {
                let count = match &act {
                    Act::EndPublicity { .. } => &mut ticked.publicities,
                    Act::FallDue => &mut ticked.reviews,
                    _ => &mut ticked.phase_outs,
                };
                match self.on_case(&clockwork(case, today), case, act).await {
                    Ok(_) => *count += 1,
                    Err(AppError::Store(why)) => return Err(AppError::Store(why)),
                    Err(_) => ticked.stuck += 1,
                }
            }
        }
        Ok(ticked)
    }

    async fn due_acts(
        &self,
        phase: Phase,
        region: RegionCode,
        today: Date,
    ) -> Result<Vec<(CaseId, Act)>> {
        let app = self.clone();
        let look = async move |tx: &mut Tx| {
            let mut acts = Vec::new();
            let mut ranges = vec![(region, last(region))];
            while let Some((from, to)) = ranges.pop() {
                let lines = tx.cases_in(phase, from, to, PAGE).await?;
                let parts = app.law.pack.regions().children(from, today);
                let parts: Vec<_> = parts.map(|r| (r.code, last(r.code))).collect();
                if lines.len() as u32 == PAGE && from != to && !parts.is_empty() {
                    // More than one page: the region itself, then each part of it.
                    ranges.push((from, from));
                    ranges.extend(parts);
                    continue;
                }
                for line in lines {
                    let case = tx.case(line.id).await?.state;
                    let pinned = case.pinned.as_ref().and_then(|p| app.law_of(&p.pack));
                    let flow = pinned.and_then(|law| law.pack.flow(line.service.as_str()));
                    let act = due_act(&case, flow.map(AsRef::as_ref), today);
                    acts.extend(act.map(|act| (line.id, act)));
                }
            }
            Ok::<_, AppError>(acts)
        };
        self.db.read(look).await
    }
}

/// The act the calendar calls for, if any.
fn due_act(case: &Case, flow: Option<&engine_case::ServiceFlow>, today: Date) -> Option<Act> {
    match case.phase {
        Phase::Handling => {
            let step = flow?.step_of(StepKind::Publicity)?;
            let state = case.steps.get(&step.id)?;
            let over = state.days.is_some_and(|(_, last)| today > last);
            let open = state.status == StepStatus::Open;
            (over && open).then(|| Act::EndPublicity {
                step: step.id.clone(),
            })
        }
        Phase::Paying => {
            let due = case.review_on()?;
            (today >= due).then_some(Act::FallDue)
        }
        Phase::PhaseOut => {
            let until = case.latest()?.until?;
            (today >= until.first_day()).then_some(Act::EndPhaseOut)
        }
        _ => None,
    }
}

fn clockwork(case: CaseId, today: Date) -> Context {
    Context {
        actor: Actor {
            account: "clockwork".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Case(case),
        request: format!("{case}/{today}"),
    }
}

/// The last code a region contains.
fn last(region: RegionCode) -> RegionCode {
    let tail: u64 = match region.level() {
        RegionLevel::Province => 9_999_999_999,
        RegionLevel::City => 99_999_999,
        RegionLevel::County => 999_999,
        RegionLevel::Town => 999,
        RegionLevel::Village => 0,
    };
    RegionCode::from_u64(region.as_u64() + tail).unwrap_or(region)
}
