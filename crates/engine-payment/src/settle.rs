//! 「核销回盘」 Matches a reply's lines with a batch's items.

use crate::bank_file::{is_in_file, line_reference};
use crate::batch::{Batch, BatchException, BatchState, Event, ExceptionKind, Stamp};
use crate::item::{Item, ItemState};
use crate::refusal::Refusal;
use crate::reply::{LineOutcome, ReplyFault, ReplyLine, ReplyReading};
use std::collections::{BTreeMap, BTreeSet};

/// The event a reading makes of a batch.
///
/// # Errors
/// [`Refusal::AnotherFile`] when it answers another file.
pub(crate) fn settle(batch: &Batch, reading: ReplyReading, stamp: Stamp) -> Result<Event, Refusal> {
    let sent = batch.file.as_ref();
    if !reading.file_reference.is_empty()
        && sent.is_none_or(|file| file.reference != reading.file_reference)
    {
        return Err(Refusal::AnotherFile(reading.file_reference));
    }
    let mut faults = reading.faults;
    let repeated = batch.replies.contains(&reading.digest);
    if repeated {
        faults = vec![ReplyFault::ReadBefore];
    } else if !reading.file_reference.is_empty()
        && sent.is_some_and(|file| file.digest != reading.file_digest)
    {
        faults.push(ReplyFault::AnotherDigest);
    }
    let unusable = repeated || faults.iter().any(ReplyFault::is_fatal);
    let mut matched = Matched::default();
    if !unusable {
        matched = match_lines(batch, &reading.lines, &faults);
        let missing = matched.still_open(batch);
        if missing > 0 {
            faults.push(ReplyFault::Incomplete { count: missing });
        }
    }
    let state = if unusable {
        batch.state
    } else {
        matched.state_after(batch)
    };
    Ok(Event::ReplyRead {
        digest: reading.digest,
        faults,
        outcomes: matched.outcomes,
        unclear: matched.unclear.into_iter().collect(),
        exceptions: matched.exceptions,
        state,
        // A faulty reply is remembered by its event, not among replies read whole.
        repeated: unusable,
        stamp,
    })
}

#[derive(Default)]
struct Matched {
    outcomes: BTreeMap<u32, LineOutcome>,
    unclear: BTreeSet<u32>,
    exceptions: Vec<BatchException>,
}

impl Matched {
    fn except(&mut self, batch: &Batch, line: &ReplyLine, kind: ExceptionKind) {
        let known = batch.exceptions.iter().chain(&self.exceptions).any(|e| {
            e.kind == kind
                && e.reference == line.reference
                && e.line == line.line
                && e.amount == line.amount
        });
        if known {
            return;
        }
        let no = batch.exceptions.len() + self.exceptions.len() + 1;
        self.exceptions.push(BatchException {
            no: u32::try_from(no).unwrap_or(u32::MAX),
            kind,
            line: line.line,
            reference: line.reference.clone(),
            amount: line.amount,
            explained: None,
        });
    }

    fn becomes_paid(&self, item: &Item) -> Option<bool> {
        match (self.outcomes.get(&item.line), &item.state) {
            (Some(LineOutcome::Paid { .. }), _) => Some(true),
            (Some(LineOutcome::Returned { .. }), _) => Some(false),
            (None, ItemState::Paid { .. }) => Some(true),
            (None, ItemState::Returned { .. }) => Some(false),
            _ => None,
        }
    }

    fn still_open(&self, batch: &Batch) -> u32 {
        let open = batch
            .items
            .iter()
            .filter(|item| item.state.is_open() && !self.outcomes.contains_key(&item.line));
        u32::try_from(open.count()).unwrap_or(u32::MAX)
    }

    /// Where the batch stands once these outcomes are in.
    fn state_after(&self, batch: &Batch) -> BatchState {
        if !matches!(batch.state, BatchState::Sent | BatchState::Accepted) {
            return batch.state;
        }
        if self.still_open(batch) > 0 {
            return BatchState::Accepted;
        }
        let all_paid = batch
            .items
            .iter()
            .filter(|item| is_in_file(item))
            .all(|item| self.becomes_paid(item) == Some(true));
        if all_paid {
            BatchState::Settled
        } else {
            BatchState::PartlyFailed
        }
    }
}

fn match_lines(batch: &Batch, lines: &[ReplyLine], faults: &[ReplyFault]) -> Matched {
    let mut matched = Matched::default();
    for line in lines {
        let item = batch
            .item(line.line)
            .filter(|item| line_reference(batch, item) == line.reference);
        let Some(item) = item else {
            matched.except(batch, line, ExceptionKind::UnknownLine);
            continue;
        };
        match_item(batch, item, line, &mut matched);
    }
    for fault in faults {
        if let ReplyFault::Contradicts { line } = fault
            && batch
                .item(*line)
                .is_some_and(|i| i.state == ItemState::Sent)
        {
            matched.unclear.insert(*line);
        }
    }
    matched
}

fn match_item(batch: &Batch, item: &Item, line: &ReplyLine, matched: &mut Matched) {
    if !is_in_file(item) || item.state == ItemState::Ready {
        // A returned line that went on in another batch is still the same answer.
        let known = matches!(
            item.state,
            ItemState::Reissued { .. } | ItemState::Cancelled { .. }
        ) && matches!(line.outcome, LineOutcome::Returned { .. })
            && batch.file.is_some();
        if !known {
            matched.except(batch, line, ExceptionKind::NotSent);
        }
        return;
    }
    let wrong_account = item
        .account
        .as_ref()
        .is_none_or(|account| account.number != line.account);
    let kind = if line.amount != item.amount {
        Some(ExceptionKind::WrongAmount { ours: item.amount })
    } else if wrong_account {
        Some(ExceptionKind::WrongAccount)
    } else if !item.state.is_open() && item.state != line.outcome.as_state() {
        Some(ExceptionKind::Contradiction {
            before: item.state.name().to_owned(),
        })
    } else {
        None
    };
    match kind {
        Some(kind) => {
            matched.except(batch, line, kind);
            if item.state == ItemState::Sent {
                matched.unclear.insert(item.line);
            }
        }
        None if item.state.is_open() => {
            matched.outcomes.insert(item.line, line.outcome.clone());
        }
        None => {}
    }
}
