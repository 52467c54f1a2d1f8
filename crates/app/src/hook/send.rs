//! 「推一轮」 One round of telling: for every address its consent, then what waits, as
//! fast as it allows, until it is silent. What it answered, the event's fate and the
//! row in the audit are one transaction; the call itself is outside of any, so that a
//! house that dies in between tells twice, under the same id.

use super::cloud::Cloud;
use super::{Happened, HookLine, HookTarget, topic};
use crate::{App, AppError, Context, Result};
use engine_access::Purpose;
use engine_pool::hook::{Consented, Heard, Hook, Stopped, Then, Turn};
use engine_pool::{Agreement, Way};
use futures_util::StreamExt as _;
use kernel::{Actor, Role, Slug};
use std::time::Duration;
use store::{Lease, Tx};

/// How long a worker may hold an event.
const LEASE: Duration = Duration::from_secs(120);
/// Events of one address in one round.
const EVENTS: u32 = 50;
/// Addresses told at once.
const AT_ONCE: usize = 4;

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HookRound {
    /// Events taken.
    pub taken: u32,
    /// Attempts that failed.
    pub failed: u32,
    /// Events that nobody may be told any more: their agreement is over.
    pub dropped: u32,
}

impl App {
    /// 登记推送地址 What the operator wrote down, before the first round: addresses that
    /// are not on the list any more are told nothing.
    ///
    /// # Errors
    /// An agreement that is none or tells of nothing; the store's.
    pub async fn list_hooks(&self, line: &HookLine) -> Result<()> {
        for target in line.targets() {
            self.telling(&target.agreement)?;
        }
        let listed: Vec<(Slug, String)> = line
            .targets()
            .map(|one| (one.agreement.clone(), one.url.clone()))
            .collect();
        self.keep_list(listed, line.origin().to_owned()).await
    }

    /// 没有推送专线 Nobody is on the list.
    ///
    /// # Errors
    /// The store's.
    pub async fn list_no_hooks(&self) -> Result<()> {
        self.keep_list(Vec::new(), String::new()).await
    }

    async fn keep_list(&self, listed: Vec<(Slug, String)>, origin: String) -> Result<()> {
        let now = self.now();
        self.db
            .write(async move |tx: &mut Tx| {
                for (agreement, url) in &listed {
                    let mut hook = tx.hook(agreement).await?;
                    let before = hook.state.clone();
                    hook.state.listed(url, &origin);
                    if hook.state != before {
                        tx.save_hook(agreement, hook.version, &hook.state).await?;
                    }
                }
                for (agreement, mut hook) in tx.hooks().await? {
                    let off = !listed.iter().any(|(one, _)| *one == agreement);
                    if off && hook.state.is_open() {
                        hook.state.stopped = Some(Stopped::Unlisted { at: now.at });
                        tx.save_hook(&agreement, hook.version, &hook.state).await?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// An agreement that tells its party of events.
    fn telling(&self, id: &Slug) -> Result<&Agreement> {
        let found = self.law.pack.data().agreements.get(id);
        let found = found.filter(|one| one.way == Way::Out && !one.events.is_empty());
        found.ok_or_else(|| {
            let says = format!("推送写的协议“{id}”不在规则包里，或者没有约定推送事件");
            AppError::BadInput(says)
        })
    }

    /// 推一轮 Every address of the list, as far as it is its turn.
    ///
    /// # Errors
    /// The first fault of the store; the others were tried all the same.
    pub async fn hook_round(&self, line: &HookLine) -> Result<HookRound> {
        let told = line.targets().map(|target| self.tell_one(line, target));
        let done: Vec<Result<HookRound>> = futures_util::stream::iter(told)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut round = HookRound::default();
        for one in done {
            let one = one?;
            round.taken += one.taken;
            round.failed += one.failed;
            round.dropped += one.dropped;
        }
        Ok(round)
    }

    async fn tell_one(&self, line: &HookLine, target: &HookTarget) -> Result<HookRound> {
        let mut round = HookRound::default();
        let id = &target.agreement;
        let today = self.now().today();
        let agreement = self.telling(id).ok().filter(|one| one.runs_on(today));
        let Some(agreement) = agreement else {
            round.dropped = self.drop_events(id).await?;
            return Ok(round);
        };
        let mut turn = self.hook_of(id).await?.turn(self.now());
        if turn == Turn::AskConsent && self.has_events(id).await? {
            let answer = line.ask(target).await?;
            turn = self.asked_consent(id, answer).await?;
        }
        let Turn::Send(room) = turn else {
            return Ok(round);
        };
        let mut leases = self.lease_events(id, room.min(EVENTS)).await?.into_iter();
        for lease in leases.by_ref() {
            let (then, go_on) = self.tell_event(line, target, agreement, lease).await?;
            match then {
                Then::Done => round.taken += 1,
                Then::Failed => round.failed += 1,
                Then::PutBack(_) => {}
            }
            if !go_on {
                break;
            }
        }
        let rest: Vec<Lease> = leases.collect();
        self.give_back(rest).await?;
        Ok(round)
    }

    /// Tells one event; gives its fate and whether the next one may follow.
    async fn tell_event(
        &self,
        line: &HookLine,
        target: &HookTarget,
        agreement: &Agreement,
        lease: Lease,
    ) -> Result<(Then, bool)> {
        let happened: Happened =
            serde_json::from_str(&lease.body).map_err(store::StoreError::fault)?;
        let (origin, by) = (line.origin().to_owned(), agreement.clone());
        let event = self
            .db
            .read(async move |tx: &mut Tx| Cloud::of(tx, &origin, &by, &happened).await)
            .await?;
        let heard = line.tell(target, &event).await?;
        let personal = event.is_personal;
        let (id, now) = (target.agreement.clone(), self.now());
        self.db
            .write(async move |tx: &mut Tx| {
                let mut hook = tx.hook(&id).await?;
                let then = hook.state.heard(&heard, now);
                tx.save_hook(&id, hook.version, &hook.state).await?;
                match then {
                    Then::Done => tx.complete(&lease, now).await?,
                    Then::Failed => {
                        tx.failed(&lease, &in_words(&heard), now).await?;
                    }
                    Then::PutBack(until) => tx.put_back(&lease, until).await?,
                }
                let details = (&lease.key, format!("{heard:?}"), personal);
                let subject = format!("agreement:{id}");
                machine(&id)
                    .record(tx, "hook.told", &subject, &details, now)
                    .await?;
                let go_on = matches!(hook.state.turn(now), Turn::Send(_));
                Ok::<_, AppError>((then, go_on))
            })
            .await
    }

    async fn hook_of(&self, id: &Slug) -> Result<Hook> {
        let id = id.clone();
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.hook(&id).await?.state);
        self.db.read(read).await
    }

    async fn has_events(&self, id: &Slug) -> Result<bool> {
        let topic = topic(id);
        let count = async move |tx: &mut Tx| Ok::<_, AppError>(tx.waiting(&topic).await?);
        Ok(self.db.read(count).await? > 0)
    }

    async fn asked_consent(&self, id: &Slug, answer: Consented) -> Result<Turn> {
        let (id, now) = (id.clone(), self.now());
        self.db
            .write(async move |tx: &mut Tx| {
                let mut hook = tx.hook(&id).await?;
                hook.state.consented(answer.clone(), now);
                tx.save_hook(&id, hook.version, &hook.state).await?;
                Ok::<_, AppError>(hook.state.turn(now))
            })
            .await
    }

    async fn lease_events(&self, id: &Slug, most: u32) -> Result<Vec<Lease>> {
        let (topic, now) = (topic(id), self.now());
        let take = async move |tx: &mut Tx| {
            Ok::<_, AppError>(tx.lease(&topic, "hooks", now, LEASE, most).await?)
        };
        self.db.write(take).await
    }

    async fn give_back(&self, leases: Vec<Lease>) -> Result<()> {
        if leases.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let back = async move |tx: &mut Tx| {
            for lease in &leases {
                tx.put_back(lease, now.at).await?;
            }
            Ok::<_, AppError>(())
        };
        self.db.write(back).await
    }

    /// What waits under an agreement that is over is told to nobody, on record.
    async fn drop_events(&self, id: &Slug) -> Result<u32> {
        let leases = self.lease_events(id, EVENTS).await?;
        let dropped = u32::try_from(leases.len()).unwrap_or(u32::MAX);
        if leases.is_empty() {
            return Ok(0);
        }
        let (id, now) = (id.clone(), self.now());
        self.db
            .write(async move |tx: &mut Tx| {
                for lease in &leases {
                    tx.complete(lease, now).await?;
                    let subject = format!("agreement:{id}");
                    machine(&id)
                        .record(tx, "hook.dropped", &subject, &lease.key, now)
                        .await?;
                }
                Ok::<_, AppError>(dropped)
            })
            .await
    }
}

fn in_words(heard: &Heard) -> String {
    match heard {
        Heard::NotTaken(status) => format!("对方没收下（HTTP {status}）"),
        Heard::Silent(why) => why.clone(),
        Heard::Taken | Heard::Later(_) | Heard::Gone => String::new(),
    }
}

/// The house itself, telling by an agreement.
fn machine(agreement: &Slug) -> Context {
    Context {
        actor: Actor {
            account: "hooks".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Collection,
        request: agreement.to_string(),
    }
}
