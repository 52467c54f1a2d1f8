//! 「办理」 Judges the batch's verbs.

use crate::bank_file::{encode_name, write_bank_file};
use crate::batch::{Batch, BatchState, Event, FrozenList, Stamp};
use crate::command::{BankAnswer, Command};
use crate::compute::{MonthDiff, hex};
use crate::config::Config;
use crate::item::{Item, ItemState};
use crate::obligation::{Due, ObligationKey};
use crate::reconcile::reconcile;
use crate::refusal::Refusal;
use crate::settle::settle;
use kernel::{Actor, Money, Now, ObligationId, PaymentBatchId, PersonId};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Judges one command.
///
/// # Errors
/// The [`Refusal`] that applies first: state, person, list, item.
pub fn decide(
    batch: &Batch,
    command: Command,
    by: &Actor,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let verb = command.verb();
    if !command.allowed_in(batch.state) {
        return Err(Refusal::WrongState {
            state: batch.state,
            verb,
        });
    }
    if command.wants_a_person() {
        person(by, verb)?;
    }
    let stamp = Stamp {
        by: by.clone(),
        at: now.at,
    };
    match command {
        Command::Compute {
            dues,
            live,
            diff,
            rule,
            inputs,
        } => {
            let items = freeze(batch, dues, &live, config)?;
            let list = frozen(batch, &items, diff, rule, inputs)?;
            Ok(vec![Event::Computed { list, items, stamp }])
        }
        Command::Check { seen } => {
            let list = seen_list(batch, &seen, verb)?;
            if list.count == 0 {
                return Err(Refusal::NothingDue);
            }
            if !list.diff.vanished.is_empty() {
                return Err(Refusal::Vanished(list.diff.vanished.len()));
            }
            other_than(by, verb, &[(batch.maker, "经办")])?;
            Ok(vec![Event::Checked { stamp }])
        }
        Command::Approve { seen } => {
            seen_list(batch, &seen, verb)?;
            other_than(by, verb, &[(batch.maker, "经办"), (batch.checker, "复核")])?;
            Ok(vec![Event::Approved { stamp }])
        }
        Command::Release { seen, doubts } => {
            seen_list(batch, &seen, verb)?;
            no_new_doubt(batch, doubts)?;
            other_than(by, verb, &[(batch.maker, "经办"), (batch.checker, "复核")])?;
            Ok(vec![Event::Released { stamp }])
        }
        Command::Reject { reason } => {
            words(&reason)?;
            Ok(vec![back_to_draft(batch, reason, stamp)])
        }
        Command::Hold { line, reason } => {
            words(&reason)?;
            mark(batch, line, ItemState::Held { reason }, verb, stamp)
        }
        Command::Resume { line } => resume(batch, line, verb, stamp),
        Command::Cancel { line, decision } => {
            mark(batch, line, ItemState::Cancelled { decision }, verb, stamp)
        }
        Command::Send => {
            let file = write_bank_file(batch, config)?;
            Ok(vec![Event::Sent {
                reference: file.reference,
                digest: file.digest,
                stamp,
            }])
        }
        Command::FallSilent => fall_silent(batch, config, now, stamp),
        Command::Answer(answer) => Ok(vec![answered(batch, answer, stamp)?]),
        Command::ReadReply(reading) => Ok(vec![settle(batch, reading, stamp)?]),
        Command::Explain { no, words: text } => {
            words(&text)?;
            if !batch.exceptions.iter().any(|e| e.no == no) {
                return Err(Refusal::NoSuchException(no));
            }
            Ok(vec![Event::Explained {
                no,
                words: text,
                stamp,
            }])
        }
        Command::Reconcile {
            ledger,
            bank,
            treasury,
            named,
        } => {
            no_open_exceptions(batch)?;
            let reconciliation = reconcile(&ledger, &bank, &treasury, named)?;
            if !reconciliation.is_settled() {
                return Err(Refusal::NotBalanced {
                    difference: reconciliation.difference(),
                    unnamed: reconciliation.unnamed(),
                });
            }
            Ok(vec![Event::Reconciled {
                reconciliation,
                stamp,
            }])
        }
        Command::Close => {
            no_open_exceptions(batch)?;
            other_than(by, verb, &[(batch.maker, "经办")])?;
            Ok(vec![Event::Closed { stamp }])
        }
        Command::Reissue { line, into } => reissue(batch, line, into, verb, stamp),
    }
}

/// The person behind an actor, if there is one who can sign.
fn person(by: &Actor, verb: &'static str) -> Result<PersonId, Refusal> {
    by.person
        .filter(|_| by.role.is_human())
        .ok_or(Refusal::NotHuman { verb })
}

fn other_than(
    by: &Actor,
    verb: &'static str,
    before: &[(Option<PersonId>, &'static str)],
) -> Result<(), Refusal> {
    let person = person(by, verb)?;
    match before.iter().find(|(other, _)| *other == Some(person)) {
        Some((_, before)) => Err(Refusal::SamePerson { before, verb }),
        None => Ok(()),
    }
}

fn seen_list<'a>(
    batch: &'a Batch,
    seen: &str,
    verb: &'static str,
) -> Result<&'a FrozenList, Refusal> {
    batch
        .list
        .as_ref()
        .filter(|list| list.hash == seen && list.hash == list_hash(batch, &batch.items))
        .ok_or(Refusal::ListChanged { verb })
}

/// A doubt that came after the list was frozen: the list is made anew first.
fn no_new_doubt(batch: &Batch, doubts: BTreeMap<u32, String>) -> Result<(), Refusal> {
    let unseen = doubts.into_iter().find(|(line, doubt)| {
        let item = batch.item(*line);
        item.is_some_and(|item| {
            item.state == ItemState::Ready && item.doubt.as_ref() != Some(doubt)
        })
    });
    match unseen {
        Some((line, doubt)) => Err(Refusal::Doubt { line, doubt }),
        None => Ok(()),
    }
}

fn words(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::NoWords);
    }
    Ok(())
}

fn no_open_exceptions(batch: &Batch) -> Result<(), Refusal> {
    let open = batch
        .exceptions
        .iter()
        .filter(|e| e.explained.is_none())
        .count();
    if open > 0 {
        return Err(Refusal::OpenExceptions(open));
    }
    Ok(())
}

/// Numbers the dues as items. What was held or cancelled in this draft stays so;
/// an item without an account, or whose name the bank cannot take, is held.
fn freeze(
    batch: &Batch,
    mut dues: Vec<(ObligationId, Due)>,
    live: &BTreeSet<ObligationKey>,
    config: &Config,
) -> Result<Vec<Item>, Refusal> {
    if dues.is_empty() {
        return Err(Refusal::NothingDue);
    }
    if dues.len() > config.most_lines {
        return Err(Refusal::TooManyLines {
            lines: dues.len(),
            most: config.most_lines,
        });
    }
    dues.sort_by(|one, other| one.1.key.cmp(&other.1.key));
    if let Some(pair) = dues.windows(2).find(|two| two[0].1.key == two[1].1.key) {
        return Err(Refusal::RepeatedKey(pair[0].1.key.clone()));
    }
    let mut items = Vec::with_capacity(dues.len());
    for (index, (obligation, due)) in dues.into_iter().enumerate() {
        if live.contains(&due.key) {
            return Err(Refusal::AlreadyLive(due.key));
        }
        if due.amount <= Money::ZERO {
            return Err(Refusal::WrongAmount { key: due.key });
        }
        let state = first_state(batch, &due);
        items.push(Item {
            line: u32::try_from(index + 1).unwrap_or(u32::MAX),
            obligation,
            key: due.key,
            entitlement: due.entitlement,
            decision: due.decision,
            amount: due.amount,
            payee: due.payee,
            account: due.account,
            kind: due.kind,
            doubt: due.doubt,
            attempt: due.attempt,
            state,
        });
    }
    Ok(items)
}

fn first_state(batch: &Batch, due: &Due) -> ItemState {
    let before = batch.items.iter().find(|item| item.key == due.key);
    if let Some(ItemState::Cancelled { decision }) = before.map(|item| &item.state) {
        return ItemState::Cancelled {
            decision: *decision,
        };
    }
    let Some(account) = &due.account else {
        return ItemState::Held {
            reason: "没有收款账户".to_owned(),
        };
    };
    if let Err(why) = encode_name(account) {
        return ItemState::Held {
            reason: why.to_string(),
        };
    }
    match before {
        // A hold for want of an account ends when there is one; a person's stays.
        Some(item) if item.account.is_some() && matches!(item.state, ItemState::Held { .. }) => {
            item.state.clone()
        }
        // A doubt somebody looked at and resumed does not come back; a new one does.
        Some(item) if item.account.is_some() && item.doubt == due.doubt => ItemState::Ready,
        _ => due
            .doubt
            .clone()
            .map_or(ItemState::Ready, |reason| ItemState::Held { reason }),
    }
}

fn frozen(
    batch: &Batch,
    items: &[Item],
    diff: MonthDiff,
    rule: String,
    inputs: String,
) -> Result<FrozenList, Refusal> {
    let ready: Vec<&Item> = items
        .iter()
        .filter(|item| item.state == ItemState::Ready)
        .collect();
    let total = Money::checked_sum(ready.iter().map(|i| i.amount)).ok_or(Refusal::TotalTooLarge)?;
    let held = items
        .iter()
        .filter(|item| matches!(item.state, ItemState::Held { .. }));
    Ok(FrozenList {
        hash: list_hash(batch, items),
        rule,
        inputs,
        count: u32::try_from(ready.len()).unwrap_or(u32::MAX),
        total,
        held: u32::try_from(held.count()).unwrap_or(u32::MAX),
        diff,
    })
}

/// SHA-256 over every item as frozen, lower-case hex.
fn list_hash(batch: &Batch, items: &[Item]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{}|{}\n", batch.id, batch.period));
    for item in items {
        let (name, number) = item.account.as_ref().map_or(("", ""), |account| {
            (account.name.as_str(), account.number.digits())
        });
        hash.update(format!(
            "{}|{}|{}|{}|{}|{name}|{number}|{}|{}|{}\n",
            item.line,
            item.key,
            item.decision,
            item.amount.fen(),
            item.payee,
            item.kind as u8,
            item.attempt,
            item.state.name()
        ));
    }
    hex(&hash.finalize())
}

fn back_to_draft(batch: &Batch, reason: String, stamp: Stamp) -> Event {
    Event::ReturnedToDraft {
        from: batch.state,
        reason,
        stamp,
    }
}

/// Marks an item; before release any mark sends the batch back to `Draft`.
fn mark(
    batch: &Batch,
    line: u32,
    state: ItemState,
    verb: &'static str,
    stamp: Stamp,
) -> Result<Vec<Event>, Refusal> {
    let item = batch.item(line).ok_or(Refusal::NoSuchLine(line))?;
    if !item.state.may_become(&state) {
        return Err(Refusal::WrongItemState {
            line,
            state: item.state.label(),
            verb,
        });
    }
    let mut events = Vec::new();
    if matches!(
        batch.state,
        BatchState::Computed | BatchState::Checked | BatchState::Approved
    ) {
        let reason = format!("第 {line} 行{verb}");
        events.push(back_to_draft(batch, reason, stamp.clone()));
    }
    events.push(Event::Marked { line, state, stamp });
    Ok(events)
}

fn resume(
    batch: &Batch,
    line: u32,
    verb: &'static str,
    stamp: Stamp,
) -> Result<Vec<Event>, Refusal> {
    let item = batch.item(line).ok_or(Refusal::NoSuchLine(line))?;
    let held = matches!(item.state, ItemState::Held { .. });
    if !held || item.account.is_none() {
        return Err(Refusal::WrongItemState {
            line,
            state: item.state.label(),
            verb,
        });
    }
    mark(batch, line, ItemState::Ready, verb, stamp)
}

fn fall_silent(
    batch: &Batch,
    config: &Config,
    now: Now,
    stamp: Stamp,
) -> Result<Vec<Event>, Refusal> {
    let sent = batch.file.as_ref().ok_or(Refusal::NothingOpen)?;
    let until = sent.at + chrono::TimeDelta::minutes(config.silence_minutes.into());
    if now.at < until {
        return Err(Refusal::TooEarly { until });
    }
    if !batch.items.iter().any(|i| i.state == ItemState::Sent) {
        return Err(Refusal::NothingOpen);
    }
    Ok(vec![Event::FellSilent { stamp }])
}

fn answered(batch: &Batch, answer: BankAnswer, stamp: Stamp) -> Result<Event, Refusal> {
    Ok(match answer {
        BankAnswer::Received { receipt } => Event::Accepted { receipt, stamp },
        BankAnswer::NeverReceived { proof } => {
            words(&proof)?;
            Event::NeverReceived { proof, stamp }
        }
        BankAnswer::Refused { proof } => {
            words(&proof)?;
            back_to_draft(batch, proof, stamp)
        }
    })
}

fn reissue(
    batch: &Batch,
    line: u32,
    into: PaymentBatchId,
    verb: &'static str,
    stamp: Stamp,
) -> Result<Vec<Event>, Refusal> {
    if into == batch.id {
        return Err(Refusal::SameBatch);
    }
    let item = batch.item(line).ok_or(Refusal::NoSuchLine(line))?;
    if item.state.is_open() {
        return Err(Refusal::NotProven(line));
    }
    mark(batch, line, ItemState::Reissued { into }, verb, stamp)
}
