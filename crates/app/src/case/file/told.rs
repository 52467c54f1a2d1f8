//! 「规则算出来的」 The certificate in sentences: every condition with its article
//! and how well it is founded, the sum, what is missing.

use super::Reading;
use engine_policy::{Every, MissingFact, Verdict};
use kernel::{Date, Money, Truth};

/// What the rules say of the case.
#[derive(Clone, Debug)]
pub struct Told {
    /// The verdict.
    pub verdict: Verdict,
    /// Every condition; what does not hold first, then what is not known.
    pub reasons: Vec<Reason>,
    /// The arithmetic, line by line.
    pub sum: Vec<String>,
    /// The amount.
    pub amount: Option<Money>,
    /// `元/月`.
    pub every: &'static str,
    /// The day it was judged by.
    pub as_of: Date,
    /// The first digits of the pack's hash.
    pub pack: String,
    /// Whether it is on file for a decision still to come.
    pub open: bool,
}

/// A condition, or a fact still missing.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Whether it holds.
    pub truth: Truth,
    /// The sentence.
    pub says: String,
    /// The article.
    pub basis: String,
    /// `演示值`, `未核实`, where it is not founded.
    pub caution: Option<&'static str>,
}

impl Reading<'_> {
    pub(super) fn told(&self) -> Option<Told> {
        let certificate = self.certificate?;
        let told = &certificate.judgement;
        let mut reasons: Vec<Reason> = told
            .conditions
            .iter()
            .map(|condition| Reason {
                truth: condition.truth,
                says: condition.says.clone(),
                basis: condition.basis.clone(),
                caution: condition
                    .provenance
                    .filter(|one| !one.is_founded())
                    .map(|one| one.label()),
            })
            .collect();
        if told.verdict == Verdict::Undetermined {
            reasons.extend(self.missing(&told.missing));
        }
        reasons.sort_by_key(|reason| match reason.truth {
            Truth::False => 0,
            Truth::Undetermined => 1,
            Truth::True => 2,
        });
        Some(Told {
            verdict: told.verdict,
            reasons,
            sum: told.sum.clone(),
            amount: told.amount,
            every: match told.every {
                Some(Every::Year) => "元/年",
                Some(Every::Once) => "元",
                Some(Every::Month) | None => "元/月",
            },
            as_of: certificate.as_of,
            pack: certificate.pack_hash.chars().take(8).collect(),
            open: self.case.judgement.is_some(),
        })
    }

    /// What is missing, said once for all it is missing of, by the reason.
    fn missing(&self, missing: &[MissingFact]) -> Vec<Reason> {
        let mut by_reason: Vec<(String, Vec<&str>)> = Vec::new();
        for one in missing {
            let (why, label) = (self.why(&one.why), one.label.as_str());
            match by_reason.iter_mut().find(|(known, _)| *known == why) {
                Some((_, labels)) if labels.contains(&label) => {}
                Some((_, labels)) => labels.push(label),
                None => by_reason.push((why, vec![label])),
            }
        }
        let said = by_reason.into_iter().map(|(why, labels)| Reason {
            truth: Truth::Undetermined,
            says: format!("还差{}：{why}", labels.join("、")),
            basis: String::new(),
            caution: None,
        });
        said.collect()
    }
}
