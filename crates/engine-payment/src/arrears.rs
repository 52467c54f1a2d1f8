//! 「补发与追回」 What past months should have been beside what was paid. Proposals
//! only: a person decides, arrears become an obligation with the next revision,
//! and nothing is ever taken back by the machine.

use crate::entitlement::Entitlement;
use crate::obligation::{Beneficiary, ObligationKey};
use kernel::{DecisionId, EntitlementId, Money, Period, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One obligation of the past that was made and not cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidRecord {
    /// Its key.
    pub key: ObligationKey,
    /// Its amount.
    pub amount: Money,
}

/// 建议 What somebody may decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrearsProposal {
    /// The key the obligation would have: the month's next revision.
    pub key: ObligationKey,
    /// By the entitlements as they stand now.
    pub owed: Money,
    /// As made then.
    pub made: Money,
    /// Owed less made: above zero to pay (补发), below zero paid too much (a
    /// person decides whether anything is asked back).
    pub difference: Money,
    /// The decision that owes it, where one does.
    pub decision: Option<DecisionId>,
    /// Its entitlement.
    pub entitlement: Option<EntitlementId>,
}

type Month = (Slug, Beneficiary, Slug, Period);

/// Compares `from..=through` month by month, by the entitlements as they stand.
pub fn propose_arrears(
    entitlements: &[Entitlement],
    made: &[PaidRecord],
    from: Period,
    through: Period,
) -> Vec<ArrearsProposal> {
    propose_past(entitlements, made, (from, through), |_, _| None)
}

/// The same, where `judged` says what an entitlement should have given in a month by
/// what is known now; `None`: what it says itself. What fades out (渐退期) is as its
/// stop says.
pub fn propose_past(
    entitlements: &[Entitlement],
    made: &[PaidRecord],
    (from, through): (Period, Period),
    judged: impl Fn(&Entitlement, Period) -> Option<Money>,
) -> Vec<ArrearsProposal> {
    let mut owed: BTreeMap<Month, (i64, DecisionId, EntitlementId)> = BTreeMap::new();
    for offset in 0..=from.months_until(through).max(-1) {
        let period = from.plus_months(offset);
        for e in entitlements {
            if let Some((amount, fading)) = e.due_in(period) {
                let judged = if fading { None } else { judged(e, period) };
                let amount = judged.unwrap_or(amount);
                let month = (
                    e.programme.clone(),
                    e.beneficiary,
                    e.component.clone(),
                    period,
                );
                let entry = owed.entry(month).or_insert((0, e.decision, e.id));
                // Two grants at once never add: the larger right stands.
                if amount.fen() > entry.0 {
                    *entry = (amount.fen(), e.decision, e.id);
                }
            }
        }
    }
    let mut paid: BTreeMap<Month, (i64, u32)> = BTreeMap::new();
    for record in made {
        let key = &record.key;
        if key.period < from || key.period > through {
            continue;
        }
        let month = (
            key.programme.clone(),
            key.beneficiary,
            key.component.clone(),
            key.period,
        );
        let entry = paid.entry(month).or_insert((0, 0));
        entry.0 = entry.0.saturating_add(record.amount.fen());
        entry.1 = entry.1.max(key.revision + 1);
    }
    let months: std::collections::BTreeSet<&Month> = owed.keys().chain(paid.keys()).collect();
    months
        .into_iter()
        .filter_map(|month| {
            let found = owed.get(month);
            let fen = found.map_or(0, |(fen, _, _)| *fen);
            let (made, revision) = paid.get(month).copied().unwrap_or((0, 0));
            let difference = fen.checked_sub(made)?;
            (difference != 0).then(|| ArrearsProposal {
                key: ObligationKey {
                    programme: month.0.clone(),
                    beneficiary: month.1,
                    period: month.3,
                    component: month.2.clone(),
                    revision,
                },
                owed: Money::from_fen(fen),
                made: Money::from_fen(made),
                difference: Money::from_fen(difference),
                decision: found.map(|(_, decision, _)| *decision),
                entitlement: found.map(|(_, _, id)| *id),
            })
        })
        .collect()
}
