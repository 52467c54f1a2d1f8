//! 「推送」 Parties are told what happened, by their agreement. What is to be told goes
//! into the outbox in the transaction it happened in, with our own numbers of things
//! and no word of anybody; what the agreement allows of a person is put in when it is
//! sent. At least once, in no order; each event has one id for ever. Absent: addresses,
//! which only the operator writes down.

mod cloud;
mod line;
mod send;
mod told;

pub use engine_pool::hook::Stopped;
pub use line::{HookLine, HookTarget, seconds_to_wait};
pub use send::HookRound;
pub use told::{HookCommand, HookDead, HookTold, HookView};

use crate::{Law, Result};
use engine_case::{AdverseKind, Case, Event, Outcome, What};
use engine_order::{OrderType, Requested, Stage};
use engine_pool::{Agreement, BatchState, EventKind};
use kernel::{DecisionId, Instant, Money, Now, Period, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Tx;

/// Where what one agreement's party is to be told waits.
fn topic(agreement: &Slug) -> String {
    format!("hook.{agreement}")
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Happened {
    /// What kind of thing.
    pub(crate) kind: EventKind,
    /// What it happened to: our own number, `decision/12`.
    pub(crate) subject: String,
    /// Told by numbers and words of the catalogue, nothing of anybody.
    pub(crate) data: BTreeMap<String, String>,
    /// Whom it is about.
    pub(crate) person: Option<PersonId>,
    /// Of how much.
    pub(crate) amount: Option<Money>,
    /// When.
    pub(crate) at: Instant,
}

impl Happened {
    fn new(kind: EventKind, subject: String, now: Now) -> Happened {
        Happened {
            kind,
            subject,
            data: BTreeMap::new(),
            person: None,
            amount: None,
            at: now.at,
        }
    }

    fn with(mut self, key: &str, value: impl ToString) -> Happened {
        self.data.insert(key.to_owned(), value.to_string());
        self
    }

    /// The event's id, the same for ever.
    fn id(&self) -> String {
        format!("{}/{}", self.kind.word(), self.subject)
    }

    /// Puts it in the box of everybody who is told of such things and has an address;
    /// of a thing about one party (its id or its name), of that party only.
    async fn tell(&self, tx: &mut Tx, law: &Law, about: Option<&str>, now: Now) -> Result<()> {
        let agreements = &law.pack.data().agreements;
        let listening = agreements.listening(self.kind, about, now.today());
        self.tell_these(tx, listening, now).await
    }

    async fn tell_these(
        &self,
        tx: &mut Tx,
        listening: impl Iterator<Item = &Agreement>,
        now: Now,
    ) -> Result<()> {
        let listening: Vec<Slug> = listening.map(|one| one.id.clone()).collect();
        if listening.is_empty() {
            return Ok(());
        }
        let open = tx.open_hooks().await?;
        for agreement in listening.iter().filter(|one| open.contains(*one)) {
            tx.publish(&topic(agreement), &self.id(), self, now, now.at)
                .await?;
        }
        Ok(())
    }
}

/// What a case's events tell: a grant began, a benefit ended.
pub(crate) async fn of_case(
    tx: &mut Tx,
    law: &Law,
    case: &Case,
    events: &[Event],
    now: Now,
) -> Result<()> {
    let Some(opened) = &case.opened else {
        return Ok(());
    };
    for event in events {
        let Some((kind, subject, from, amount)) = standing(case, &event.what) else {
            continue;
        };
        let mut happened = Happened::new(kind, subject, now)
            .with("service", &opened.service)
            .with("case", opened.case);
        if let Some(from) = from {
            happened = happened.with("from", from);
        }
        (happened.person, happened.amount) = (Some(opened.beneficiary), amount);
        happened.tell(tx, law, None, now).await?;
    }
    Ok(())
}

type Standing = (EventKind, String, Option<Period>, Option<Money>);

/// Whether an event begins or ends a benefit, and which decision says so.
fn standing(case: &Case, what: &What) -> Option<Standing> {
    let of = |id: DecisionId| format!("decision/{id}");
    let ended = EventKind::BenefitEnded;
    match what {
        What::Decided(decision) => match &decision.outcome {
            Outcome::Granted(grant) => {
                let subject = of(decision.id);
                Some((
                    EventKind::BenefitBegan,
                    subject,
                    Some(grant.from),
                    grant.amount,
                ))
            }
            Outcome::Adverse(adverse) => {
                let draft = adverse.draft();
                let stops = draft.kind == AdverseKind::Stop;
                stops.then(|| (ended, of(decision.id), draft.from, None))
            }
            Outcome::Kept { .. } => None,
        },
        What::Revoked { decision } => {
            let found = case.decisions.iter().find(|one| one.id == *decision)?;
            let granted = matches!(found.outcome, Outcome::Granted(_));
            granted.then(|| (ended, format!("{}/revoked", of(*decision)), None, None))
        }
        What::GivenUp { from } | What::GaveWay { from, .. } => {
            let case = case.opened.as_ref()?.case;
            Some((ended, format!("case/{case}/{from}"), Some(*from), None))
        }
        _ => None,
    }
}

/// A right was ended by something other than its case: a death.
pub(crate) async fn of_end(
    tx: &mut Tx,
    law: &Law,
    (service, person, last): (&Slug, PersonId, Period),
    decision: DecisionId,
    now: Now,
) -> Result<()> {
    let subject = format!("decision/{decision}");
    let mut happened = Happened::new(EventKind::BenefitEnded, subject, now)
        .with("service", service)
        .with("from", last.plus_months(1));
    happened.person = Some(person);
    happened.tell(tx, law, None, now).await
}

/// What became of a party's own delivery; bytes that came before tell nothing anew.
pub(crate) async fn of_delivery(
    tx: &mut Tx,
    law: &Law,
    events: &[engine_pool::Event],
    now: Now,
) -> Result<()> {
    let mut state = engine_pool::State::default();
    events.iter().for_each(|event| state.apply(event));
    for batch in state.batches.values() {
        let (kind, counts) = match &batch.state {
            BatchState::Received => continue,
            BatchState::Accepted { quality, .. } => (EventKind::DeliveryTaken, Some(quality)),
            BatchState::Refused { quality, .. } => (EventKind::DeliveryRefused, quality.as_ref()),
        };
        let mut happened = Happened::new(kind, format!("delivery/{}", batch.id), now)
            .with("category", &batch.category)
            .with("as_of", batch.as_of)
            .with("sha256", &batch.digest.0);
        if let Some(quality) = counts {
            happened = happened
                .with("rows", quality.rows)
                .with("taken", quality.taken);
        }
        let party = batch.department.to_string();
        happened.tell(tx, law, Some(&party), now).await?;
    }
    Ok(())
}

/// A party's request to share was answered.
pub(crate) async fn of_share(
    tx: &mut Tx,
    law: &Law,
    id: i64,
    (category, asker, granted): (&Slug, &str, bool),
    now: Now,
) -> Result<()> {
    let happened = Happened::new(EventKind::ShareAnswered, format!("share_request/{id}"), now)
        .with("category", category)
        .with("granted", granted);
    happened.tell(tx, law, Some(asker), now).await
}

/// An order of a kind that was agreed came to another stage. Of a kind whose asker is
/// hidden from whoever fulfils it nobody is told who that is.
pub(crate) async fn of_order(
    tx: &mut Tx,
    law: &Law,
    (asked, ty): (&Requested, &OrderType),
    (stage, version): (Stage, i64),
    now: Now,
) -> Result<()> {
    let subject = format!("order/{}/{version}", asked.order);
    let mut happened = Happened::new(EventKind::OrderMoved, subject, now)
        .with("order", asked.order)
        .with("type", &ty.id)
        .with("stage", stage.id());
    happened.person = asked.about.person.filter(|_| !ty.masked);
    let agreements = &law.pack.data().agreements;
    let listening = agreements.listening_to_orders(&ty.id, now.today());
    happened.tell_these(tx, listening, now).await
}

#[cfg(test)]
mod tests;
