//! 「收数」 The verbs of deliveries.

use crate::config::Config;
use crate::mend::may_mend;
use crate::model::{Batch, BatchState, Command, Delivery, Event, State};
use crate::quality::QualityReport;
use crate::refusal::Refusal;
use kernel::{DataBatchId, Now};

/// Decides one command on the deliveries of one category.
pub fn decide(
    state: &State,
    command: Command,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Receive(delivery) => receive(state, delivery, config, now),
        Command::Judge { id, quality } => judge(state, id, quality, config, now),
        Command::Reject { id, reasons } => {
            if reasons.iter().all(|reason| reason.trim().is_empty()) {
                return Err(Refusal::WordsMissing);
            }
            let batch = waiting(state, id)?;
            Ok(vec![Event::Refused {
                id: batch.id,
                reasons,
                quality: None,
                at: now.at,
            }])
        }
    }
}

fn receive(
    state: &State,
    delivery: Delivery,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let catalogue = &config.catalogue;
    if catalogue.department(&delivery.department).is_none() {
        return Err(Refusal::UnknownDepartment(delivery.department));
    }
    let Some(category) = catalogue.category(&delivery.category) else {
        return Err(Refusal::UnknownCategory(delivery.category));
    };
    let owner = catalogue.owner(&delivery.category);
    if owner.is_none_or(|owner| owner.id != delivery.department) {
        let (category, department) = (delivery.category, delivery.department);
        return Err(Refusal::NotTheOwner {
            category,
            department,
        });
    }
    if let Some(first) = state.by_digest(&delivery.digest) {
        let (id, by, at) = (first.id, delivery.by, now.at);
        return Ok(vec![Event::Repeated { id, by, at }]);
    }
    if state.batches.contains_key(&delivery.id) {
        return Err(Refusal::BatchNumberTaken(delivery.id));
    }
    if let Some(old) = delivery.mends {
        may_mend(state, old, &delivery)?;
    }
    let today = now.today();
    if delivery.as_of > today {
        return Err(Refusal::FromTheFuture(delivery.as_of));
    }
    let age_days = today.signed_duration_since(delivery.as_of).num_days();
    Ok(vec![Event::Received(Batch {
        id: delivery.id,
        department: delivery.department,
        category: delivery.category,
        digest: delivery.digest,
        as_of: delivery.as_of,
        rows: delivery.rows,
        by: delivery.by,
        received_at: now.at,
        late: age_days > i64::from(category.frequency.days_fresh()),
        mends: delivery.mends,
        came: delivery.came,
        state: BatchState::Received,
    })])
}

fn judge(
    state: &State,
    id: DataBatchId,
    quality: QualityReport,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let batch = waiting(state, id)?;
    if quality.rows != batch.rows {
        let (reported, rows) = (quality.rows, batch.rows);
        return Err(Refusal::ReportDoesNotFit { reported, rows });
    }
    let at = now.at;
    if batch.mends.is_some() {
        return Ok(vec![judge_mending(id, quality, now)]);
    }
    if quality.faulty_share() > config.faulty_share_most {
        let reason = format!(
            "{}行中有{}行有错（{}），超过允许的{}，整批退回。请改正后重新提供",
            quality.rows,
            quality.faulty(),
            quality.faulty_share().one_decimal(),
            config.faulty_share_most.percent(),
        );
        let (reasons, quality) = (vec![reason], Some(quality));
        return Ok(vec![Event::Refused {
            id,
            reasons,
            quality,
            at,
        }]);
    }
    Ok(vec![Event::Accepted { id, quality, at }])
}

/// What was wrong before may be wrong again: the good rows of a mending are taken, the
/// others go on waiting. None good: it is refused.
fn judge_mending(id: DataBatchId, quality: QualityReport, now: Now) -> Event {
    let at = now.at;
    if quality.taken > 0 || quality.rows == 0 {
        return Event::Accepted { id, quality, at };
    }
    let reason = "没有一行补对，都没有收。请照下面写的再改".to_owned();
    Event::Refused {
        id,
        reasons: vec![reason],
        quality: Some(quality),
        at,
    }
}

fn waiting(state: &State, id: DataBatchId) -> Result<&Batch, Refusal> {
    let batch = state.batches.get(&id).ok_or(Refusal::UnknownBatch(id))?;
    match batch.state {
        BatchState::Received => Ok(batch),
        _ => Err(Refusal::BatchAlreadyJudged(id)),
    }
}
