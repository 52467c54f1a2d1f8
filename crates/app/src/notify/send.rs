//! 「交给专线」 The worker: takes due work on lease, hands it over, writes down what
//! came of it. The call to the centre is outside any transaction; its key makes
//! a second call harmless.

use super::{RECEIPT, step};
use crate::case::{SEND, ToSend};
use crate::sms::{Outgoing, Receipt, SmsGateway, SmsTrouble, Taken};
use crate::{App, AppError, Result};
use engine_notify::{AttemptState, Channel, Command, State};
use engine_registry::{Config, PersonFact, PersonField};
use kernel::{Actor, PersonId, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;
use store::{ATTEMPTS, Lease, RegisterSlice, Tx};

/// How long a worker may hold a work.
const LEASE: Duration = Duration::from_secs(60);
/// Minutes until a receipt is asked for.
const RECEIPT_AFTER: i64 = 1;

/// The line SMS goes out by.
pub trait SmsLine: Sync {
    /// Hands a message in; the same key again is the same message.
    fn send(&self, message: &Outgoing) -> impl Future<Output = Result<Taken, SmsTrouble>> + Send;
    /// What became of it.
    fn receipt(&self, reference: &str) -> impl Future<Output = Result<Receipt, SmsTrouble>> + Send;
}

impl SmsLine for SmsGateway {
    async fn send(&self, message: &Outgoing) -> Result<Taken, SmsTrouble> {
        SmsGateway::send(self, message).await
    }

    async fn receipt(&self, reference: &str) -> Result<Receipt, SmsTrouble> {
        SmsGateway::receipt(self, reference).await
    }
}

/// What one round of the worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Put into an inbox.
    pub in_app: u32,
    /// Taken by the SMS centre.
    pub sms: u32,
    /// Received.
    pub delivered: u32,
    /// Not handed over, or not received.
    pub failed: u32,
}

fn worker() -> Actor {
    Actor {
        account: "messages".to_owned(),
        person: None,
        role: Role::System,
    }
}

impl App {
    /// 发消息 One round: up to `limit` messages handed over and as many receipts
    /// fetched. Run it again until it does nothing.
    ///
    /// # Errors
    /// The store's; a silent centre is no error but a failed attempt.
    pub async fn send_messages(&self, line: &impl SmsLine, limit: u32) -> Result<Carried> {
        let mut carried = Carried::default();
        for lease in self.due(SEND, limit).await? {
            self.send_one(line, lease, &mut carried).await?;
        }
        for lease in self.due(RECEIPT, limit).await? {
            self.fetch_one(line, lease, &mut carried).await?;
        }
        Ok(carried)
    }

    async fn due(&self, topic: &'static str, limit: u32) -> Result<Vec<Lease>> {
        let now = self.now();
        let take = async move |tx: &mut Tx| {
            let leases = tx.lease(topic, "messages", now, LEASE, limit).await?;
            Ok::<_, AppError>(leases)
        };
        self.db.write(take).await
    }

    async fn send_one(
        &self,
        line: &impl SmsLine,
        lease: Lease,
        carried: &mut Carried,
    ) -> Result<()> {
        let work = work(&lease)?;
        let (state, mobile) = self.message_and_mobile(work).await?;
        let attempt = state.attempts.get(work.attempt);
        let queued = attempt.filter(|attempt| attempt.state == AttemptState::Queued);
        let attempt = work.attempt;
        let Some(queued) = queued else {
            // Handed over before, or overtaken: only the work is left to close.
            return self.write_down(lease, work, None, None).await;
        };
        let command = match queued.channel {
            Channel::Phone => None,
            Channel::InApp => {
                carried.in_app += 1;
                let reference = None;
                Some(Command::Sent { attempt, reference })
            }
            Channel::Sms => {
                let answer = hand_over(line, work, &state, mobile).await;
                let count = match answer {
                    Command::Sent { .. } => &mut carried.sms,
                    _ => &mut carried.failed,
                };
                *count += 1;
                Some(answer)
            }
        };
        let receipt = matches!(
            command,
            Some(Command::Sent {
                reference: Some(_),
                ..
            })
        );
        let receipt = receipt.then_some(RECEIPT_AFTER);
        self.write_down(lease, work, command, receipt).await
    }

    async fn fetch_one(
        &self,
        line: &impl SmsLine,
        lease: Lease,
        carried: &mut Carried,
    ) -> Result<()> {
        let work = work(&lease)?;
        let (state, _) = self.message_and_mobile(work).await?;
        let sent = state.attempts.get(work.attempt);
        let reference = sent
            .filter(|attempt| attempt.state == AttemptState::Sent)
            .and_then(|attempt| attempt.reference.clone());
        let Some(reference) = reference else {
            return self.write_down(lease, work, None, None).await;
        };
        let attempt = work.attempt;
        let command = match line.receipt(&reference).await {
            Ok(Receipt::Delivered) => {
                carried.delivered += 1;
                Command::Delivered { attempt }
            }
            Ok(Receipt::Failed { why }) => {
                carried.failed += 1;
                Command::Failed { attempt, why }
            }
            // Asked often enough: the next channel takes over. A late receipt of
            // this attempt would still count.
            _ if lease.attempts >= ATTEMPTS => {
                carried.failed += 1;
                let why = "一直没有回执".to_owned();
                Command::Failed { attempt, why }
            }
            Ok(Receipt::Pending) | Err(_) => return self.ask_later(lease).await,
        };
        self.write_down(lease, work, Some(command), None).await
    }

    async fn ask_later(&self, lease: Lease) -> Result<()> {
        let now = self.now();
        let later = async move |tx: &mut Tx| {
            tx.failed(&lease, "还没有回执", now).await?;
            Ok::<_, AppError>(())
        };
        self.db.write(later).await
    }

    /// What came of a work, its closing and what follows, in one transaction.
    async fn write_down(
        &self,
        lease: Lease,
        work: ToSend,
        command: Option<Command>,
        receipt_after: Option<i64>,
    ) -> Result<()> {
        let now = self.now();
        let write = async move |tx: &mut Tx| {
            if let Some(command) = command.clone() {
                step(tx, work.message, command, &worker(), now).await?;
            }
            if let Some(minutes) = receipt_after {
                let due = now.at + chrono::TimeDelta::minutes(minutes);
                tx.publish(RECEIPT, &lease.key, &work, now, due).await?;
            }
            tx.complete(&lease, now).await?;
            Ok::<_, AppError>(())
        };
        self.db.write(write).await
    }

    async fn message_and_mobile(&self, work: ToSend) -> Result<(State, Option<String>)> {
        let look = async move |tx: &mut Tx| {
            let state = tx.message(work.message).await?.state;
            let to = state.message.as_ref().map(|message| message.to.person);
            let mobile = match to {
                Some(person) => mobile_of(tx, person).await?,
                None => None,
            };
            Ok::<_, AppError>((state, mobile))
        };
        self.db.read(look).await
    }
}

/// Hands an SMS in; whatever goes wrong is a failed attempt with its reason.
async fn hand_over(
    line: &impl SmsLine,
    work: ToSend,
    state: &State,
    mobile: Option<String>,
) -> Command {
    let attempt = work.attempt;
    let text = state.message.as_ref().and_then(|m| m.sms.clone());
    let (Some(mobile), Some(text)) = (mobile, text) else {
        let why = "没有手机号".to_owned();
        return Command::Failed { attempt, why };
    };
    let outgoing = Outgoing {
        key: format!("{}/{attempt}", work.message),
        mobile,
        text,
    };
    match line.send(&outgoing).await {
        Ok(taken) => Command::Sent {
            attempt,
            reference: Some(taken.reference),
        },
        Err(why) => Command::Failed {
            attempt,
            why: why.to_string(),
        },
    }
}

fn work(lease: &Lease) -> Result<ToSend> {
    serde_json::from_str(&lease.body).map_err(|why| AppError::Fault(why.to_string()))
}

async fn mobile_of(tx: &mut Tx, person: PersonId) -> Result<Option<String>> {
    let slice = RegisterSlice {
        people: BTreeSet::from([person]),
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let known = register.people.get(&register.resolve(person));
    if known.is_none() {
        // Partners are no residents: their telephone stands in their own register.
        return Ok(tx.provider_phone(person).await?);
    }
    let standing = known.and_then(|p| p.standing(PersonField::Mobile, &Config::default()));
    Ok(standing.and_then(|version| match &version.fact {
        PersonFact::Mobile(mobile) => Some(mobile.reveal().to_owned()),
        _ => None,
    }))
}
