//! 「应发」 An obligation: one thing owed once. Its key is unique in the whole
//! system; paying twice would need two keys.

use crate::account::PayAccount;
use kernel::{DecisionId, EntitlementId, HouseholdId, Money, Period, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whose right it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beneficiary {
    /// 个人
    Person(PersonId),
    /// 家庭
    Household(HouseholdId),
}

impl fmt::Display for Beneficiary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Beneficiary::Person(id) => write!(f, "person:{id}"),
            Beneficiary::Household(id) => write!(f, "household:{id}"),
        }
    }
}

/// programme × person × period × component × revision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObligationKey {
    /// The service.
    pub programme: Slug,
    /// Whose right.
    pub beneficiary: Beneficiary,
    /// For which month.
    pub period: Period,
    /// Which part.
    pub component: Slug,
    /// 0 for the month's own payment; 1, 2… for approved arrears of that month.
    pub revision: u32,
}

impl fmt::Display for ObligationKey {
    /// `dibao/household:7/2026-12/base/0`: stable, ASCII, unique.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ObligationKey {
            programme,
            beneficiary,
            period,
            component,
            revision,
        } = self;
        write!(
            f,
            "{programme}/{beneficiary}/{period}/{component}/{revision}"
        )
    }
}

/// Why it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// 当月
    Regular,
    /// 渐退期
    PhaseOut,
    /// 补发 An approved arrears proposal.
    Arrears,
}

/// What is to be paid: an obligation with its amount and account, before a batch
/// gives it a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// What it pays.
    pub key: ObligationKey,
    /// From which entitlement.
    pub entitlement: EntitlementId,
    /// By which signed decision.
    pub decision: DecisionId,
    /// How much; above zero.
    pub amount: Money,
    /// Who receives it.
    pub payee: PersonId,
    /// Where it goes; `None`: the item is held until there is an account.
    pub account: Option<PayAccount>,
    /// Why it is due.
    pub kind: DueKind,
    /// What makes somebody look first, e.g. a recorded death; the item is held until
    /// a person has.
    pub doubt: Option<String>,
    /// 1, or one more than the attempt it reissues.
    pub attempt: u32,
}
