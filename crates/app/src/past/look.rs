//! 「回头看」 Goes over every case that was ever paid and puts what it finds beside what
//! was proposed before. The same looking twice proposes nothing twice.

use super::judged::Judges;
use crate::screen::{Pooled, discoverable, pooled};
use crate::{App, AppError, Context, Result};
use engine_case::{Case, Opened};
use engine_payment::{
    Entitlement, Item, ItemState, PaidRecord, PastCommand, PastEvent, PastFinding, PastProposal,
    decide_past, propose_past,
};
use engine_policy::{Beneficiary as Judged, Certificate};
use engine_registry::Person;
use kernel::{CaseId, DataBatchId, Instant, Money, Now, Period, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{PastRow, RegisterSlice, Tx};

/// Cases looked at in one transaction.
const PAGE: u32 = 200;

/// The longest way back, months.
const MONTHS_MAX: i32 = 60;

/// What a look over months gone by came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastReport {
    /// Cases with money paid.
    pub cases: u64,
    /// Proposed now, for the first time or with another amount.
    pub found: u64,
    /// Proposals that have no difference any more.
    pub gone: u64,
    /// Months in which too little was paid, and how much, of what was proposed now.
    pub too_little: (u64, Money),
    /// The same of what was too much, above zero.
    pub too_much: (u64, Money),
    /// Months of which nobody can say: a fact is missing.
    pub unknown: u64,
}

/// Everything known of a case's past.
pub(super) struct Seen {
    pub(super) id: CaseId,
    pub(super) case: Case,
    pub(super) opened: Opened,
    pub(super) certificates: BTreeMap<String, Certificate>,
    pub(super) entitlements: Vec<Entitlement>,
    pub(super) items: Vec<Item>,
    pub(super) people: BTreeMap<PersonId, Person>,
    pub(super) pooled: Pooled,
}

impl App {
    /// 回头看 Compares every month paid with what the law and the facts known now say of
    /// it, and keeps the differences as proposals.
    ///
    /// # Errors
    /// Refused when the actor may not judge everyone; the store's; a fault of a rule.
    pub async fn look_over_past(
        &self,
        ctx: &Context,
        mut progress: impl FnMut(u64),
    ) -> Result<PastReport> {
        let standings = self.may_screen(ctx).await?;
        let came = self.db.read(async |tx| tx.deliveries().await).await?;
        let came: BTreeMap<DataBatchId, Instant> = came
            .into_iter()
            .map(|one| (one.id, one.received_at))
            .collect();
        let mut judges = Judges::new(self.clone(), standings, came);
        let mut report = PastReport::default();
        let mut after = CaseId(0);
        loop {
            let (last, seen) = self.past_page(after).await?;
            let Some(last) = last else { break };
            after = last;
            let mut found = Vec::new();
            for one in &seen {
                let (findings, unknown) = findings(&mut judges, one).await?;
                report.cases += 1;
                report.unknown += unknown;
                found.push((one.id, findings));
            }
            self.keep_past(ctx, found, &mut report).await?;
            progress(report.cases);
        }
        let (ctx, now, told) = (ctx.clone(), self.now(), report.clone());
        self.db
            .write(async move |tx| {
                ctx.record(tx, "past.look", "population", &told, now)
                    .await?;
                Ok::<_, AppError>(())
            })
            .await?;
        Ok(report)
    }

    async fn past_page(&self, after: CaseId) -> Result<(Option<CaseId>, Vec<Seen>)> {
        let (app, now) = (self.clone(), self.now());
        self.db
            .read(async move |tx| {
                let ids = tx.cases_taken_up(after, PAGE).await?;
                let mut seen = Vec::new();
                for id in &ids {
                    seen.extend(app.past_seen(tx, *id, now).await?);
                }
                Ok::<_, AppError>((ids.last().copied(), seen))
            })
            .await
    }

    /// `None`: nothing was ever paid by the case.
    async fn past_seen(&self, tx: &mut Tx, id: CaseId, now: Now) -> Result<Option<Seen>> {
        let case = tx.case(id).await?.state;
        let Some(opened) = case.opened.clone().filter(|_| !case.decisions.is_empty()) else {
            return Ok(None);
        };
        let service = self.law.pack.service(opened.service.as_str());
        let Some(service) = service else {
            return Ok(None);
        };
        let whose = match service.beneficiary {
            Judged::Household => engine_payment::Beneficiary::Household(opened.household),
            Judged::Person => engine_payment::Beneficiary::Person(opened.beneficiary),
        };
        let this = Period::of(now.today());
        let since = this.plus_months(-MONTHS_MAX);
        let paid = tx.payments_for(whose, since, this).await?;
        let own = paid.into_iter().map(|(_, item)| item);
        let items: Vec<Item> = own
            .filter(|item| item.key.programme == opened.service)
            .collect();
        if items.is_empty() {
            return Ok(None);
        }
        let all = tx.entitlements_of(whose).await?.into_iter();
        // Of another case of the same people it is that case's affair.
        let mine = |one: &Entitlement| case.decisions.iter().any(|d| d.id == one.decision);
        let entitlements: Vec<Entitlement> = all
            .map(|one| one.state)
            .filter(|one| one.programme == opened.service && mine(one))
            .collect();
        let held: BTreeSet<_> = entitlements.iter().map(|one| one.id).collect();
        let items: Vec<Item> = items
            .into_iter()
            .filter(|item| held.contains(&item.entitlement))
            .collect();
        if items.is_empty() {
            return Ok(None);
        }
        let mut certificates = BTreeMap::new();
        for digest in case.decisions.iter().filter_map(|d| d.certificate.clone()) {
            if let Some(found) = tx.certificate(&digest).await? {
                certificates.insert(digest, found);
            }
        }
        let people: BTreeSet<PersonId> = opened.members.iter().map(|one| one.person).collect();
        let slice = RegisterSlice {
            people: people.clone(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let standings = tx.pool_standings().await?;
        let pooled = pooled(tx, &people, &discoverable(&self.law), &standings).await?;
        Ok(Some(Seen {
            id,
            case,
            opened,
            certificates,
            entitlements,
            items,
            people: register.people,
            pooled,
        }))
    }

    async fn keep_past(
        &self,
        ctx: &Context,
        found: Vec<(CaseId, Vec<PastFinding>)>,
        report: &mut PastReport,
    ) -> Result<()> {
        let (ctx, now) = (ctx.clone(), self.now());
        let events = self
            .db
            .write(async move |tx| {
                let mut all = Vec::new();
                for (case, findings) in &found {
                    all.extend(keep(tx, &ctx, *case, findings.clone(), now).await?);
                }
                Ok::<_, AppError>(all)
            })
            .await?;
        for event in events {
            match event {
                PastEvent::Found { finding, .. } => {
                    report.found += 1;
                    let difference = finding.difference;
                    let (sum, more) = match difference < Money::ZERO {
                        false => (&mut report.too_little, difference.fen()),
                        true => (&mut report.too_much, -difference.fen()),
                    };
                    sum.0 += 1;
                    sum.1 = Money::from_fen(sum.1.fen().saturating_add(more));
                }
                PastEvent::Vanished { .. } => report.gone += 1,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Puts what is found of a case now beside what was proposed of it.
async fn keep(
    tx: &mut Tx,
    ctx: &Context,
    case: CaseId,
    mut findings: Vec<PastFinding>,
    now: Now,
) -> Result<Vec<PastEvent>> {
    let mut happened = Vec::new();
    for row in tx.past_of_case(case).await? {
        let key = &row.loaded.state.finding.key;
        let at = findings.iter().position(|one| one.key == *key);
        let found = at.map(|at| findings.remove(at));
        happened.extend(step(tx, ctx, Some(row), found, now).await?);
    }
    for finding in findings {
        happened.extend(step(tx, ctx, None, Some(finding), now).await?);
    }
    Ok(happened)
}

async fn step(
    tx: &mut Tx,
    ctx: &Context,
    known: Option<PastRow>,
    found: Option<PastFinding>,
    now: Now,
) -> Result<Vec<PastEvent>> {
    let before = known.as_ref().map(|row| &row.loaded.state);
    let listed = match (&known, &found) {
        (Some(row), _) => row.batch.is_some(),
        // Listed between the reading and now: the next look sees it whole.
        (None, Some(finding)) => {
            let nowhere = kernel::PaymentBatchId(0);
            if tx.listed_in(&finding.key, nowhere).await?.is_some() {
                return Ok(Vec::new());
            }
            false
        }
        (None, None) => false,
    };
    let command = PastCommand::Look { found, listed };
    let events = decide_past(before, command, &ctx.actor, now).map_err(AppError::refused)?;
    save(tx, ctx, known, &events, now).await?;
    Ok(events)
}

/// Folds and keeps what happened to a proposal, with a row in the audit for each.
pub(super) async fn save(
    tx: &mut Tx,
    ctx: &Context,
    known: Option<PastRow>,
    events: &[PastEvent],
    now: Now,
) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let at = known.as_ref().map(|row| (row.id, row.loaded.version));
    let mut state = known.map(|row| row.loaded.state);
    for event in events {
        state = PastProposal::after(state, event);
    }
    let Some(state) = state else {
        return Err(AppError::Fault("a proposal out of nothing".to_owned()));
    };
    let id = tx.save_past(at, &state, events, &ctx.actor, now).await?;
    for event in events {
        let action = match event {
            PastEvent::Found { .. } => "past.found",
            PastEvent::Vanished { .. } => "past.vanished",
            PastEvent::Taken { .. } => "past.taken",
            PastEvent::SentBack { .. } => "past.sent_back",
            PastEvent::Confirmed { .. } => "past.confirmed",
        };
        ctx.record(tx, action, &format!("past_proposal:{id}"), event, now)
            .await?;
    }
    Ok(())
}

/// What is found about a case, and in how many months nobody can say.
async fn findings(judges: &mut Judges, seen: &Seen) -> Result<(Vec<PastFinding>, u64)> {
    let mut made: BTreeMap<_, (Money, &Item)> = BTreeMap::new();
    for item in &seen.items {
        if !matches!(item.state, ItemState::Cancelled { .. }) {
            // Attempts at one obligation are one obligation.
            made.insert(item.key.clone(), (item.amount, item));
        }
    }
    let months: BTreeSet<Period> = made.keys().map(|key| key.period).collect();
    let (Some(from), Some(through)) = (months.first().copied(), months.last().copied()) else {
        return Ok((Vec::new(), 0));
    };
    let mut told = BTreeMap::new();
    let mut unknown = 0;
    for entitlement in &seen.entitlements {
        for month in &months {
            if entitlement.due_in(*month).is_none_or(|(_, fading)| fading) {
                continue;
            }
            match judges.month(seen, entitlement, *month).await? {
                super::judged::Told::Same => {}
                super::judged::Told::Unknown => unknown += 1,
                super::judged::Told::Other(amount, causes) => {
                    told.insert((entitlement.id, *month), (amount, causes));
                }
            }
        }
    }
    let paid: Vec<PaidRecord> = made
        .iter()
        .map(|(key, (amount, _))| PaidRecord {
            key: key.clone(),
            amount: *amount,
        })
        .collect();
    let judged =
        |one: &Entitlement, month: Period| told.get(&(one.id, month)).map(|(amount, _)| *amount);
    let proposed = propose_past(&seen.entitlements, &paid, (from, through), judged);
    let law = judges.law();
    // A month no list holds is the list's affair: it is made, not mended.
    let proposed = proposed.into_iter().filter(|one| one.key.revision > 0);
    let findings = proposed.filter_map(|one| {
        let first = made
            .iter()
            .find(|(key, _)| key.period == one.key.period && key.component == one.key.component);
        let (_, (_, item)) = first?;
        let entitlement = one.entitlement.unwrap_or(item.entitlement);
        let decision = one.decision.unwrap_or_else(|| ended(seen, item));
        let found = told.get(&(entitlement, one.key.period));
        let causes = found.map(|(_, causes)| causes.clone());
        Some(PastFinding {
            case: seen.id,
            entitlement,
            decision,
            payee: item.payee,
            owed: one.owed,
            made: one.made,
            difference: one.difference,
            causes: causes
                .unwrap_or_else(|| vec![engine_payment::PastCause::Decision { decision }]),
            law: law.clone(),
            key: one.key,
        })
    });
    Ok((findings.collect(), unknown))
}

/// The decision that ended a right that was paid all the same.
fn ended(seen: &Seen, item: &Item) -> kernel::DecisionId {
    let own = seen.entitlements.iter();
    let own = own.filter(|one| one.id == item.entitlement);
    let mut stops = own.filter_map(|one| one.stop.as_ref().map(|stop| stop.decision));
    stops.next_back().unwrap_or(item.decision)
}
