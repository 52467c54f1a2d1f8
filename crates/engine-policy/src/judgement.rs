//! 「判断」 What the engine says of a household and a benefit: a verdict, reasons,
//! the sum, what is missing. Never a decision: only a person grants or refuses.

use crate::config::{Beneficiary, Every};
use crate::household::WhyMissing;
use kernel::{Money, Provenance, Slug, Truth};
use serde::{Deserialize, Serialize};

/// 结论 What the rules say with the facts at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 符合 Every condition holds.
    Eligible,
    /// 不符合 Some condition is known not to hold.
    Ineligible,
    /// 还不知道 No condition is known to fail, but facts are missing.
    Undetermined,
}

impl Verdict {
    /// All conditions together. No conditions at all would be a gift to everyone;
    /// packs refuse such a benefit at load.
    pub fn of(conditions: impl IntoIterator<Item = Truth>) -> Verdict {
        let all = conditions.into_iter().fold(Truth::True, Truth::and);
        match all {
            Truth::True => Verdict::Eligible,
            Truth::False => Verdict::Ineligible,
            Truth::Undetermined => Verdict::Undetermined,
        }
    }

    /// The word people read.
    pub fn label(self) -> &'static str {
        match self {
            Verdict::Eligible => "符合",
            Verdict::Ineligible => "不符合",
            Verdict::Undetermined => "还不知道",
        }
    }
}

/// Who was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The household.
    Household,
    /// The member at this place, from 0.
    Member(usize),
}

/// One benefit judged for one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Which benefit.
    pub benefit: Slug,
    /// Household or person.
    pub beneficiary: Beneficiary,
    /// Who.
    pub subject: Subject,
    /// The verdict.
    pub verdict: Verdict,
    /// Per payment; only when eligible.
    pub amount: Option<Money>,
    /// How often it is paid.
    pub every: Option<Every>,
    /// Every condition, in the pack's order.
    pub conditions: Vec<ConditionOutcome>,
    /// The arithmetic, line by line; only when eligible.
    pub sum: Vec<String>,
    /// What is missing, cheapest first; only when undetermined.
    pub missing: Vec<MissingFact>,
    /// Whether it is being received now.
    pub receiving: Truth,
    /// Whether it is to be looked at again sooner than usual.
    pub review_sooner: Truth,
}

/// One condition judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionOutcome {
    /// Its id.
    pub id: Slug,
    /// Whether it holds.
    pub truth: Truth,
    /// The sentence for the person.
    pub says: String,
    /// The rule as the pack writes it.
    pub rule: String,
    /// The article.
    pub basis: String,
    /// The weakest provenance among the rule and the parameters it used;
    /// `None` when the rule uses no parameter and claims none.
    pub provenance: Option<Provenance>,
    /// The stronger benefits it gives way to by this condition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gives_way: Vec<Slug>,
}

/// A fact that keeps a verdict undetermined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingFact {
    /// Which fact, or kind of records.
    pub fact: Slug,
    /// Its name.
    pub label: String,
    /// Of whom; `None`: of the household.
    pub member: Option<usize>,
    /// Why it is missing.
    pub why: WhyMissing,
    /// How dear it is to get.
    pub cost: u8,
    /// It needs the household's authorisation.
    pub needs_authorisation: bool,
    /// The question, where the person can be asked.
    pub asks: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use Truth::{False, True, Undetermined};

    #[test]
    fn a_known_failure_outweighs_what_is_missing() {
        for (conditions, verdict) in [
            (vec![True, True], Verdict::Eligible),
            (vec![True, Undetermined], Verdict::Undetermined),
            (vec![Undetermined, False], Verdict::Ineligible),
            (vec![False, True], Verdict::Ineligible),
        ] {
            assert_eq!(Verdict::of(conditions.clone()), verdict, "{conditions:?}");
        }
    }
}
