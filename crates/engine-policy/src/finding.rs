//! 「发现」 政策找人: what a screening tells of a benefit and a household. A finding
//! is a lead for a person to follow, never a fact and never a decision.

use crate::judgement::Verdict;
use kernel::Truth;
use serde::{Deserialize, Serialize};

/// What a verdict and the present payment say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// 找到了，还没领 Owed by the rules, not received.
    FoundNotReceiving,
    /// 同意核对就知道 All that may be looked at agrees; the rest needs the
    /// household's authorisation.
    ConsentWouldTell,
    /// 在领，规则不再找到 Received, but a condition is known to fail: a person must
    /// look, the payment goes on.
    ReceivingNotFound,
    /// 还不知道 A fact is missing that could be had without authorisation.
    Undetermined,
    /// 在领，也该领 Received and owed.
    ReceivingRightly,
    /// 没领，也不该领 Neither.
    Neither,
}

/// Names the finding. `only_authorisation`: every missing fact needs the
/// household's authorisation.
pub fn finding(verdict: Verdict, receiving: Truth, only_authorisation: bool) -> Finding {
    match (verdict, receiving) {
        (Verdict::Eligible, Truth::True) => Finding::ReceivingRightly,
        // Whether it is received is itself unknown: look before knocking.
        (Verdict::Eligible, Truth::Undetermined) => Finding::Undetermined,
        (Verdict::Eligible, Truth::False) => Finding::FoundNotReceiving,
        (Verdict::Ineligible, Truth::True) => Finding::ReceivingNotFound,
        (Verdict::Ineligible, _) => Finding::Neither,
        // A payment in progress is not disturbed by what we have not looked at.
        (Verdict::Undetermined, Truth::True) if only_authorisation => Finding::ReceivingRightly,
        (Verdict::Undetermined, Truth::False) if only_authorisation => Finding::ConsentWouldTell,
        (Verdict::Undetermined, _) => Finding::Undetermined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a07_every_pair_of_verdict_and_payment_has_one_finding() {
        use Finding as F;
        use Truth::{False, True, Undetermined as Unknown};
        use Verdict::{Eligible, Ineligible, Undetermined};
        for (verdict, receiving, only_authorisation, expected) in [
            (Eligible, True, false, F::ReceivingRightly),
            (Eligible, False, false, F::FoundNotReceiving),
            (Eligible, Unknown, false, F::Undetermined),
            (Ineligible, True, false, F::ReceivingNotFound),
            (Ineligible, False, false, F::Neither),
            (Ineligible, Unknown, false, F::Neither),
            (Undetermined, True, true, F::ReceivingRightly),
            (Undetermined, True, false, F::Undetermined),
            (Undetermined, False, true, F::ConsentWouldTell),
            (Undetermined, False, false, F::Undetermined),
            (Undetermined, Unknown, true, F::Undetermined),
        ] {
            let told = finding(verdict, receiving, only_authorisation);
            assert_eq!(
                told, expected,
                "{verdict:?} {receiving:?} {only_authorisation}"
            );
        }
    }
}
