//! 「生成清单」 The month's obligations from the entitlements, and what changed
//! since last month. Pure. Nobody vanishes: whoever was paid last month and is
//! not owed now has a signed reason, or the batch cannot be checked.

use crate::account::PayAccount;
use crate::entitlement::{Entitlement, Every};
use crate::obligation::{Beneficiary, Due, DueKind, ObligationKey};
use crate::refusal::Refusal;
use kernel::{DecisionId, Money, Period, PersonId, Slug};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Programme, beneficiary, component: what recurs from month to month.
type Right = (Slug, Beneficiary, Slug);

/// What a month owes, in the order of the keys. `made` are the keys that exist
/// already (in other batches, whatever became of them): they are not made again.
/// `account_of` gives a payee's account; without one the due still stands.
///
/// # Errors
/// [`Refusal::Overlapping`] when two entitlements claim the same key (a running
/// grant beats another's phase-out), [`Refusal::WrongAmount`] for an amount that
/// is not above zero.
pub fn compute(
    entitlements: &[Entitlement],
    account_of: impl Fn(PersonId) -> Option<PayAccount>,
    period: Period,
    made: &BTreeSet<ObligationKey>,
) -> Result<Vec<Due>, Refusal> {
    let mut dues: BTreeMap<ObligationKey, Due> = BTreeMap::new();
    for entitlement in entitlements {
        let Some((amount, fading)) = entitlement.due_in(period) else {
            continue;
        };
        let key = ObligationKey {
            programme: entitlement.programme.clone(),
            beneficiary: entitlement.beneficiary,
            period,
            component: entitlement.component.clone(),
            revision: 0,
        };
        if amount <= Money::ZERO {
            return Err(Refusal::WrongAmount { key });
        }
        if made.contains(&key) {
            continue;
        }
        let kind = if fading {
            DueKind::PhaseOut
        } else {
            DueKind::Regular
        };
        if let Some(other) = dues.get(&key) {
            match (other.kind, kind) {
                (DueKind::Regular, DueKind::PhaseOut) => continue,
                (DueKind::PhaseOut, DueKind::Regular) => {}
                _ => {
                    return Err(Refusal::Overlapping {
                        key,
                        one: other.entitlement,
                        other: entitlement.id,
                    });
                }
            }
        }
        let due = Due {
            key: key.clone(),
            entitlement: entitlement.id,
            decision: entitlement.decision,
            amount,
            payee: entitlement.payee,
            account: account_of(entitlement.payee),
            kind,
            doubt: None,
            attempt: 1,
        };
        dues.insert(key, due);
    }
    Ok(dues.into_values().collect())
}

/// SHA-256 over the entitlements a list was computed from, lower-case hex;
/// their order does not matter.
pub fn inputs_digest(entitlements: &[Entitlement]) -> String {
    let mut sorted: Vec<&Entitlement> = entitlements.iter().collect();
    sorted.sort_by_key(|e| e.id);
    let mut hash = Sha256::new();
    for e in sorted {
        let stop = e.stop.as_ref().map_or_else(String::new, |stop| {
            let steps: Vec<String> = stop
                .phase_out
                .iter()
                .map(|step| format!("{}x{}", step.months, step.percent))
                .collect();
            format!("{}@{}+{}", stop.decision, stop.last, steps.join("+"))
        });
        let to = e.to.map_or_else(String::new, |to| to.to_string());
        hash.update(format!(
            "{}|{}|{}|{}|{}|{}|{:?}|{}|{to}|{}|{stop}\n",
            e.id,
            e.programme,
            e.beneficiary,
            e.component,
            e.payee,
            e.amount.fen(),
            e.every,
            e.from,
            e.decision
        ));
    }
    hex(&hash.finalize())
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a right's amount is not what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopLink {
    /// 新给 A grant.
    Granted(DecisionId),
    /// 调整 A new grant in place of the old.
    Revised(DecisionId),
    /// 渐退 A stop whose phase-out runs.
    Fading(DecisionId),
    /// 停发 A stop.
    Stopped(DecisionId),
    /// 渐退期满 The phase-out of a stop ran out.
    FadedOut(DecisionId),
    /// 到期 The grant named its own last month.
    GrantEnded(DecisionId),
    /// 一次性、按年 The grant was never for this month.
    NotThisMonth(DecisionId),
}

/// One right whose amount changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The service.
    pub programme: Slug,
    /// Whose.
    pub beneficiary: Beneficiary,
    /// Which part.
    pub component: Slug,
    /// Last month.
    pub was: Option<Money>,
    /// This month.
    pub is: Option<Money>,
    /// The signed decision behind it.
    pub link: StopLink,
}

/// A right that changed or ended with no decision behind it: a defect to mend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vanished {
    /// The service.
    pub programme: Slug,
    /// Whose.
    pub beneficiary: Beneficiary,
    /// Which part.
    pub component: Slug,
    /// Last month.
    pub was: Money,
    /// This month.
    pub is: Option<Money>,
}

/// This month beside last month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthDiff {
    /// Rights with the same amount in both.
    pub unchanged: u32,
    /// Everything else that has its decision.
    pub changes: Vec<Change>,
    /// Everything else that has none. Not empty: the batch cannot be checked.
    pub vanished: Vec<Vanished>,
}

/// Compares the whole of two months (all batches of each). Arrears are left out:
/// they do not recur.
pub fn diff_months(
    previous: &[Due],
    current: &[Due],
    entitlements: &[Entitlement],
    period: Period,
) -> MonthDiff {
    let was = by_right(previous);
    let is = by_right(current);
    let mut diff = MonthDiff::default();
    let rights: BTreeSet<&Right> = was.keys().chain(is.keys()).collect();
    for right in rights {
        let (before, after) = (was.get(right), is.get(right));
        if before.is_some() && before.map(|d| d.amount) == after.map(|d| d.amount) {
            diff.unchanged += 1;
            continue;
        }
        let link = match (before, after) {
            (None, Some(due)) => Some(StopLink::Granted(due.decision)),
            (Some(old), Some(new)) => changed(old, new, entitlements),
            (old, None) => old.and_then(|old| ended(old, right, entitlements, period)),
        };
        let (programme, beneficiary, component) = right.clone();
        match (link, before) {
            (Some(link), _) => diff.changes.push(Change {
                programme,
                beneficiary,
                component,
                was: before.map(|due| due.amount),
                is: after.map(|due| due.amount),
                link,
            }),
            (None, Some(before)) => diff.vanished.push(Vanished {
                programme,
                beneficiary,
                component,
                was: before.amount,
                is: after.map(|due| due.amount),
            }),
            (None, None) => {}
        }
    }
    diff
}

fn by_right(dues: &[Due]) -> BTreeMap<Right, &Due> {
    dues.iter()
        .filter(|due| due.kind != DueKind::Arrears)
        .map(|due| {
            let key = &due.key;
            let right = (
                key.programme.clone(),
                key.beneficiary,
                key.component.clone(),
            );
            (right, due)
        })
        .collect()
}

/// A changed amount needs another decision than last month's, or a running
/// phase-out.
fn changed(old: &Due, new: &Due, entitlements: &[Entitlement]) -> Option<StopLink> {
    if new.kind == DueKind::PhaseOut {
        let stop = entitlements
            .iter()
            .find(|e| e.id == new.entitlement)?
            .stop
            .as_ref()?;
        return Some(StopLink::Fading(stop.decision));
    }
    (new.decision != old.decision).then_some(StopLink::Revised(new.decision))
}

/// Why a right of last month is not owed this month, from its entitlements.
fn ended(
    old: &Due,
    right: &Right,
    entitlements: &[Entitlement],
    period: Period,
) -> Option<StopLink> {
    let of_right = |e: &&Entitlement| {
        (&e.programme, &e.beneficiary, &e.component) == (&right.0, &right.1, &right.2)
    };
    let entitlement = entitlements
        .iter()
        .filter(of_right)
        .find(|e| e.id == old.entitlement)?;
    if let Some(stop) = entitlement.stop.as_ref().filter(|s| period > s.last) {
        return Some(if stop.phase_out.is_empty() {
            StopLink::Stopped(stop.decision)
        } else {
            StopLink::FadedOut(stop.decision)
        });
    }
    if entitlement.to.is_some_and(|last| period > last) {
        return Some(StopLink::GrantEnded(entitlement.decision));
    }
    (entitlement.every != Every::Month).then_some(StopLink::NotThisMonth(entitlement.decision))
}
