//! 「待遇」 An entitlement: who is owed what from which month, by whose decision,
//! and how it ends. It never ends silently: an end is the grant's own last month
//! or a signed stop, and a phase-out (渐退期) runs out by itself.

use crate::obligation::Beneficiary;
use kernel::{DecisionId, EntitlementId, Money, Period, PersonId, Slug};
use serde::{Deserialize, Serialize};

/// How often an entitlement falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// 按月
    Month,
    /// 按年 In the month it began, each year.
    Year,
    /// 一次性 In its first month alone.
    Once,
}

/// One step of a phase-out: so many months at so many percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PhaseOutStep {
    /// How long.
    pub months: u32,
    /// Of the full amount, 0–100.
    pub percent: u32,
}

/// 停发 A signed end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stop {
    /// Who signed it is in the decision.
    pub decision: DecisionId,
    /// The last month at the full amount.
    pub last: Period,
    /// 渐退期 What is still paid after `last`, then it ends by itself.
    pub phase_out: Vec<PhaseOutStep>,
}

/// 待遇 What somebody is owed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entitlement {
    /// Its number.
    pub id: EntitlementId,
    /// The service.
    pub programme: Slug,
    /// Which part of it: `base`, `care`… One programme may pay several.
    pub component: Slug,
    /// Whose right it is.
    pub beneficiary: Beneficiary,
    /// Who receives it: the person, the applicant, the guardian.
    pub payee: PersonId,
    /// Each time it falls due; above zero.
    pub amount: Money,
    /// How often.
    pub every: Every,
    /// The first month (the month after the decision, 暂行办法 第十一条).
    pub from: Period,
    /// The last month where the grant itself names one.
    pub to: Option<Period>,
    /// The signed grant.
    pub decision: DecisionId,
    /// The signed end, once there is one.
    pub stop: Option<Stop>,
}

impl Entitlement {
    /// What falls due in a month, and whether it is a phase-out payment;
    /// `None` when nothing does.
    pub fn due_in(&self, period: Period) -> Option<(Money, bool)> {
        if period < self.from || self.to.is_some_and(|last| period > last) {
            return None;
        }
        let months = self.from.months_until(period);
        let falls = match self.every {
            Every::Month => true,
            Every::Year => months % 12 == 0,
            Every::Once => months == 0,
        };
        if !falls {
            return None;
        }
        let Some(stop) = self.stop.as_ref().filter(|stop| period > stop.last) else {
            return Some((self.amount, false));
        };
        // What an entitlement that does not run monthly leaves behind has no
        // months to fade over.
        if self.every != Every::Month {
            return None;
        }
        let mut after = u32::try_from(stop.last.months_until(period)).ok()?;
        for step in &stop.phase_out {
            if after <= step.months {
                let part = percent_of(self.amount, step.percent)?;
                return (part > Money::ZERO).then_some((part, true));
            }
            after -= step.months;
        }
        None
    }

    /// The last month in which anything falls due; `None` while it has no end.
    pub fn last_month(&self) -> Option<Period> {
        let stopped = self.stop.as_ref().map(|stop| {
            let fading: u32 = stop.phase_out.iter().map(|step| step.months).sum();
            stop.last
                .plus_months(i32::try_from(fading).unwrap_or(i32::MAX / 2))
        });
        let once = (self.every == Every::Once).then_some(self.from);
        [self.to, stopped, once].into_iter().flatten().min()
    }
}

/// A part of an amount, half a fen upward; `None` beyond the range.
fn percent_of(amount: Money, percent: u32) -> Option<Money> {
    let product = i128::from(amount.fen()) * i128::from(percent.min(100));
    let fen = (product + 50).div_euclid(100);
    i64::try_from(fen).ok().map(Money::from_fen)
}
