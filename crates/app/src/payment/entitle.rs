//! 「待遇随决定」 Entitlements follow the case's decisions, in the decision's own
//! transaction: every grant begins one, every reduction or stop ends one with its
//! phase-out, and what an appeal revokes or holds up is followed as well. Doing
//! it again changes nothing.

use crate::{AppError, Law, Result};
use engine_case::{AdverseKind, Case, Outcome};
use engine_payment::{Beneficiary, Entitlement, Every, PhaseOutStep, Stop};
use engine_policy::Beneficiary as Judged;
use kernel::{Actor, DecisionId, EntitlementId, Money, Now, Period, Slug};
use std::collections::BTreeMap;
use store::Tx;

/// The one component of a service whose pack names no other.
const BASE: &str = "base";

/// Makes the entitlements of a case what its decisions say. To be called in the
/// transaction that saves the case. Gives the numbers of those that changed.
///
/// # Errors
/// [`AppError::Fault`] for a case that was never opened or a service the pack does
/// not know; the store's errors.
pub async fn follow_case(
    tx: &mut Tx,
    law: &Law,
    case: &Case,
    actor: &Actor,
    now: Now,
) -> Result<Vec<EntitlementId>> {
    let Some(grants) = wanted(law, case)? else {
        return Ok(Vec::new());
    };
    let mut known: BTreeMap<DecisionId, (Entitlement, i64)> = BTreeMap::new();
    for loaded in tx.entitlements_of(grants.beneficiary).await? {
        if loaded.state.programme == grants.programme {
            known.insert(loaded.state.decision, (loaded.state, loaded.version));
        }
    }
    let of_case = |id: &DecisionId| case.decisions.iter().any(|decision| decision.id == *id);
    let mut changed = Vec::new();
    for mut entitlement in grants.list {
        let version = match known.remove(&entitlement.decision) {
            Some((old, version)) => {
                entitlement.id = old.id;
                // An end signed elsewhere (a death confirmed) is not the case's to lift.
                let elsewhere = old.stop.as_ref().filter(|stop| !of_case(&stop.decision));
                if let Some(stop) = elsewhere {
                    entitlement.stop = Some(stop.clone());
                }
                if old == entitlement {
                    continue;
                }
                version
            }
            None => {
                entitlement.id = EntitlementId(tx.next_id("entitlement").await?);
                0
            }
        };
        tx.save_entitlement(version, &entitlement, actor, now)
            .await?;
        changed.push(entitlement.id);
    }
    // A grant that an appeal revoked or holds up: nothing of it falls due.
    for (decision, (mut entitlement, version)) in known {
        let nothing = Some(Stop {
            decision,
            last: entitlement.from.plus_months(-1),
            phase_out: Vec::new(),
        });
        if of_case(&decision) && entitlement.stop != nothing {
            entitlement.stop = nothing;
            tx.save_entitlement(version, &entitlement, actor, now)
                .await?;
            changed.push(entitlement.id);
        }
    }
    Ok(changed)
}

/// 停发 Ends a right with a month, signed by the actor. The number of the end.
///
/// # Errors
/// It has ended already; the store's.
pub(crate) async fn stop_right(
    tx: &mut Tx,
    id: EntitlementId,
    last: Period,
    actor: &Actor,
    now: Now,
) -> Result<DecisionId> {
    let loaded = tx.entitlement(id).await?;
    let mut right = loaded.state;
    if right.last_month().is_some_and(|ends| ends <= last) {
        return Err(AppError::BadInput("这项待遇已经停了".to_owned()));
    }
    let decision = DecisionId(tx.next_id("decision").await?);
    right.stop = Some(Stop {
        decision,
        last: last.max(right.from.plus_months(-1)),
        phase_out: Vec::new(),
    });
    tx.save_entitlement(loaded.version, &right, actor, now)
        .await?;
    Ok(decision)
}

/// 恢复 Lifts the end of that number; `false`: another end stands now.
///
/// # Errors
/// The store's.
pub(crate) async fn resume_right(
    tx: &mut Tx,
    id: EntitlementId,
    decision: DecisionId,
    actor: &Actor,
    now: Now,
) -> Result<bool> {
    let loaded = tx.entitlement(id).await?;
    let mut right = loaded.state;
    if right.stop.as_ref().map(|stop| stop.decision) != Some(decision) {
        return Ok(false);
    }
    right.stop = None;
    tx.save_entitlement(loaded.version, &right, actor, now)
        .await?;
    Ok(true)
}

struct Wanted {
    programme: Slug,
    beneficiary: Beneficiary,
    list: Vec<Entitlement>,
}

/// What the decisions in force owe; `None` for a service that pays no money.
fn wanted(law: &Law, case: &Case) -> Result<Option<Wanted>> {
    let fault = |what: &str| AppError::Fault(what.to_owned());
    let opened = case
        .opened
        .as_ref()
        .ok_or_else(|| fault("办件还没有建立"))?;
    let service = law
        .pack
        .service(opened.service.as_str())
        .ok_or_else(|| fault("规则包里没有这个事项"))?;
    let rule = law.pack.rules().benefit(opened.service.as_str());
    let Some(amount) = rule.and_then(|benefit| benefit.amount.as_ref()) else {
        return Ok(None);
    };
    // A household's money goes to its applicant, a person's to the person's own card.
    let (beneficiary, payee) = match service.beneficiary {
        Judged::Household => (Beneficiary::Household(opened.household), opened.applicant),
        Judged::Person => (Beneficiary::Person(opened.beneficiary), opened.beneficiary),
    };
    let every = how_often(amount.every);
    // One-off aid is known by its case: a second emergency in a month is not the first.
    let component = match every {
        Every::Once => format!("once_{}", opened.case.0.unsigned_abs()),
        Every::Month | Every::Year => BASE.to_owned(),
    };
    let component: Slug = component.parse().map_err(|_| fault("标识"))?;
    let begin = |decision: DecisionId, amount: Money, from: Period| Entitlement {
        id: EntitlementId(0),
        programme: opened.service.clone(),
        component: component.clone(),
        beneficiary,
        payee,
        amount,
        every,
        from,
        to: None,
        decision,
        stop: None,
    };
    let mut list: Vec<Entitlement> = Vec::new();
    let in_force = case.decisions.iter().filter(|d| !d.revoked && !d.paused);
    for decision in in_force {
        match &decision.outcome {
            Outcome::Granted(grant) => {
                end(&mut list, decision.id, grant.from, Vec::new());
                let due = grant.amount.filter(|amount| *amount > Money::ZERO);
                replace_once(&mut list, decision.id);
                list.extend(due.map(|due| begin(decision.id, due, grant.from)));
            }
            Outcome::Adverse(adverse) => {
                let draft = adverse.draft();
                match (draft.kind, draft.from) {
                    (AdverseKind::Reduce, Some(from)) => {
                        end(&mut list, decision.id, from, Vec::new());
                        let due = draft.amount.filter(|amount| *amount > Money::ZERO);
                        replace_once(&mut list, decision.id);
                        list.extend(due.map(|due| begin(decision.id, due, from)));
                    }
                    (AdverseKind::Stop, Some(from)) => {
                        let steps = phase_out(&service.phase_out, draft.phase_out_months);
                        end(&mut list, decision.id, from, steps);
                    }
                    _ => {}
                }
            }
            Outcome::Kept { .. } => {}
        }
    }
    if let (Some(from), Some(last)) = (case.given_up, case.decisions.last()) {
        end(&mut list, last.id, from, Vec::new());
    }
    Ok(Some(Wanted {
        programme: opened.service.clone(),
        beneficiary,
        list,
    }))
}

/// Ends whatever still runs in `from`: its last full month is the one before.
fn end(list: &mut [Entitlement], by: DecisionId, from: Period, phase_out: Vec<PhaseOutStep>) {
    for entitlement in list.iter_mut() {
        let runs = entitlement.last_month().is_none_or(|last| last >= from);
        if runs && entitlement.every != Every::Once {
            entitlement.stop = Some(Stop {
                decision: by,
                last: from.plus_months(-1),
                phase_out: phase_out.clone(),
            });
        }
    }
}

/// A new grant of the same case takes the place of a one-off one, paid or not; what
/// was paid already shows as arrears or overpayment for a person to look at.
fn replace_once(list: &mut [Entitlement], by: DecisionId) {
    for entitlement in list.iter_mut().filter(|e| e.every == Every::Once) {
        entitlement.stop = Some(Stop {
            decision: by,
            last: entitlement.from.plus_months(-1),
            phase_out: Vec::new(),
        });
    }
}

/// The pack's steps as far as the decision's months go; in full where the pack
/// names none.
fn phase_out(steps: &[PhaseOutStep], months: u32) -> Vec<PhaseOutStep> {
    let mut left = months;
    let mut taken = Vec::new();
    for step in steps {
        let months = step.months.min(left);
        if months > 0 {
            taken.push(PhaseOutStep { months, ..*step });
            left -= months;
        }
    }
    if left > 0 && steps.is_empty() {
        taken.push(PhaseOutStep {
            months: left,
            percent: 100,
        });
    }
    taken
}

fn how_often(every: engine_policy::Every) -> Every {
    match every {
        engine_policy::Every::Month => Every::Month,
        engine_policy::Every::Year => Every::Year,
        engine_policy::Every::Once => Every::Once,
    }
}
