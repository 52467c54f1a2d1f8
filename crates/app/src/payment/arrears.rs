//! 「补发与追回的建议」 What past months should have been beside what was made, for a
//! person to decide about. Changes nothing.

use super::Payments;
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{ArrearsProposal, ItemState, PaidRecord, propose_arrears};
use kernel::Period;
use std::collections::BTreeMap;
use store::Tx;

/// Most months looked at at once.
const MOST_MONTHS: i32 = 36;

impl Payments {
    /// Proposals for `from..=through`, in the order of the obligations.
    ///
    /// # Errors
    /// [`AppError::BadInput`] for months the wrong way round or too many;
    /// [`AppError::Refused`] without the right.
    pub async fn arrears(
        &self,
        ctx: &Context,
        from: Period,
        through: Period,
    ) -> Result<Vec<ArrearsProposal>> {
        let months = from.months_until(through);
        if !(0..MOST_MONTHS).contains(&months) {
            let says = format!("请选 1 到 {MOST_MONTHS} 个月，起始月份在前");
            return Err(AppError::BadInput(says));
        }
        let (desk, ctx) = (self.clone(), ctx.clone());
        let read = async move |tx: &mut Tx| {
            desk.authorise(tx, &ctx, Action::ReadLedger, None).await?;
            let mut entitlements = BTreeMap::new();
            let mut made = BTreeMap::new();
            for offset in 0..=months {
                let period = from.plus_months(offset);
                for entitlement in tx.entitlements_in(period).await? {
                    entitlements.insert(entitlement.id, entitlement);
                }
                for id in tx.payment_batches_in(period).await? {
                    for item in tx.payment_batch(id).await?.state.items {
                        if !matches!(item.state, ItemState::Cancelled { .. }) {
                            // Attempts at one obligation are one obligation.
                            made.insert(item.key, item.amount);
                        }
                    }
                }
            }
            let entitlements: Vec<_> = entitlements.into_values().collect();
            let made: Vec<_> = made
                .into_iter()
                .map(|(key, amount)| PaidRecord { key, amount })
                .collect();
            Ok::<_, AppError>(propose_arrears(&entitlements, &made, from, through))
        };
        self.app.db.read(read).await
    }
}
