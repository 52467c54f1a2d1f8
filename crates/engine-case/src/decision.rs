//! 「决定」 A signed decision. An adverse one (refuse, reduce, stop, recover,
//! terminate) cannot be built without a human signer, a rule, evidence, reasons,
//! a notice with remedies and, where the law or the pack wants it, a finished
//! hearing: [`AdverseDecision`] has private fields and one checked constructor,
//! and reading it back from storage goes through the same checks.

use crate::config::NoticeKind;
use crate::hearing::Heard;
use crate::refusal::Refusal;
use crate::signature::Signature;
use kernel::{Date, DecisionId, Money, Period, Slug};
use serde::{Deserialize, Serialize};

/// 不利结果 What an adverse decision does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdverseKind {
    /// 不予 Refuse what was asked for.
    Refuse,
    /// 减少 Pay less.
    Reduce,
    /// 停止 Pay no more.
    Stop,
    /// 追回 Ask back what was paid.
    Recover,
    /// 终止办理 End the case because the household does not take part.
    Terminate,
}

/// Why something stops. Decides whether the engine's judgement and a hearing are
/// needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// 条件不再符合 The conditions say so: needs a judgement.
    Conditions,
    /// 死亡 Confirmed death of the only recipient: nobody is left to be heard.
    Death,
    /// 行为 What someone did or did not do (57号 第三十四条); needs a hearing, no judgement.
    Conduct,
}

/// 依据 A rule that leads to the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReference {
    /// The condition's id in the pack, or the id of the rule of conduct.
    pub rule: Slug,
    /// The sentence with its figures, `平均每人每月 1012.00 元，没有低于 860 元的标准`.
    pub says: String,
    /// Articles.
    pub basis: String,
}

/// 证据 What the outcome rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceReference {
    /// What it is, `车辆登记`.
    pub what: String,
    /// Where it came from, `公安局`.
    pub source: String,
    /// The date the fact is about.
    pub as_of: Option<Date>,
    /// Where to open it: a record number, a document id, a digest.
    pub reference: String,
}

/// 告知书 What the person is told, already in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The occasion.
    pub kind: NoticeKind,
    /// The whole text.
    pub text: String,
    /// Ways to appeal.
    pub remedy: Vec<String>,
}

/// An adverse outcome before it is signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdverseDraft {
    /// What it does.
    pub kind: AdverseKind,
    /// Why.
    pub cause: Cause,
    /// The rules, at least one.
    pub rules: Vec<RuleReference>,
    /// The evidence, at least one.
    pub evidence: Vec<EvidenceReference>,
    /// The signer's own reasons, in words for the person.
    pub reasons: String,
    /// The notice.
    pub notice: Notice,
    /// The month it begins with (reduce, stop).
    pub from: Option<Period>,
    /// The new amount (reduce) or the amount asked back (recover).
    pub amount: Option<Money>,
    /// Months of phase-out before the stop, 0 for none.
    pub phase_out_months: u32,
}

/// An adverse outcome: signed, reasoned, told, heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "AdverseWritten", into = "AdverseWritten")]
pub struct AdverseDecision {
    draft: AdverseDraft,
    signed: Signature,
    heard: Option<Heard>,
}

/// An adverse decision as it is written down.
#[derive(Serialize, Deserialize)]
struct AdverseWritten {
    draft: AdverseDraft,
    signed: Signature,
    heard: Option<Heard>,
}

impl AdverseKind {
    /// The notice it needs.
    pub fn notice(self) -> NoticeKind {
        match self {
            AdverseKind::Refuse => NoticeKind::Refused,
            AdverseKind::Reduce => NoticeKind::Reduced,
            AdverseKind::Stop => NoticeKind::Stopped,
            AdverseKind::Recover => NoticeKind::Recovered,
            AdverseKind::Terminate => NoticeKind::Terminated,
        }
    }

    /// Whether the law itself wants the person heard first.
    pub fn heard_by_law(self) -> bool {
        matches!(
            self,
            AdverseKind::Reduce | AdverseKind::Stop | AdverseKind::Recover
        )
    }
}

impl AdverseDraft {
    /// The first month with nothing: after the phase-out, if there is one.
    pub(crate) fn last_months(&self, from: Period) -> Period {
        from.plus_months(self.phase_out_months as i32)
    }

    /// What is still missing, in words; empty when it can be signed.
    pub fn missing(&self) -> Vec<&'static str> {
        let blank = |text: &str| text.trim().is_empty();
        let mut missing = Vec::new();
        let mut need = |present: bool, what| {
            if !present {
                missing.push(what);
            }
        };
        need(!self.rules.is_empty(), "依据哪一条");
        need(
            self.rules
                .iter()
                .all(|r| !blank(&r.says) && !blank(&r.basis)),
            "每条依据的内容和条款",
        );
        need(!self.evidence.is_empty(), "证据");
        need(
            self.evidence
                .iter()
                .all(|e| !blank(&e.what) && !blank(&e.source) && !blank(&e.reference)),
            "每项证据的来源和编号",
        );
        need(!blank(&self.reasons), "理由");
        need(!blank(&self.notice.text), "告知书的文字");
        need(
            !self.notice.remedy.is_empty() && !self.notice.remedy.iter().any(|r| blank(r)),
            "怎样申请复议或起诉",
        );
        need(self.notice.kind == self.kind.notice(), "与结果相符的告知书");
        let when = matches!(self.kind, AdverseKind::Reduce | AdverseKind::Stop);
        need(!when || self.from.is_some(), "从哪个月开始");
        let how_much = matches!(self.kind, AdverseKind::Reduce | AdverseKind::Recover);
        need(
            !how_much || self.amount.is_some_and(|amount| amount.fen() >= 0),
            "金额",
        );
        missing
    }
}

impl AdverseDecision {
    /// Signs a draft. `hearing_wanted` is what the pack wants beyond the law.
    pub fn new(
        draft: AdverseDraft,
        signed: Signature,
        heard: Option<Heard>,
        hearing_wanted: bool,
    ) -> Result<Self, Refusal> {
        let missing = draft.missing();
        if !missing.is_empty() {
            return Err(Refusal::AdverseIncomplete {
                missing: missing.join("、"),
            });
        }
        let nobody_to_hear = draft.kind == AdverseKind::Stop && draft.cause == Cause::Death;
        let needed = (draft.kind.heard_by_law() || hearing_wanted) && !nobody_to_hear;
        match &heard {
            None if needed => return Err(Refusal::NotHeard),
            Some(heard) if heard.kind() != draft.kind => return Err(Refusal::HeardOnAnother),
            _ => {}
        }
        Ok(AdverseDecision {
            draft,
            signed,
            heard,
        })
    }

    /// What it says.
    pub fn draft(&self) -> &AdverseDraft {
        &self.draft
    }

    /// Who signed.
    pub fn signed(&self) -> &Signature {
        &self.signed
    }

    /// Proof that the person was heard.
    pub fn heard(&self) -> Option<&Heard> {
        self.heard.as_ref()
    }
}

impl TryFrom<AdverseWritten> for AdverseDecision {
    type Error = Refusal;

    fn try_from(written: AdverseWritten) -> Result<Self, Refusal> {
        AdverseDecision::new(written.draft, written.signed, written.heard, false)
    }
}

impl From<AdverseDecision> for AdverseWritten {
    fn from(decision: AdverseDecision) -> AdverseWritten {
        AdverseWritten {
            draft: decision.draft,
            signed: decision.signed,
            heard: decision.heard,
        }
    }
}

/// 给予 What is granted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// Per period, or once; `None` where no money is granted.
    pub amount: Option<Money>,
    /// The first month it is for.
    pub from: Period,
    /// When it is looked at again.
    pub review_on: Option<Date>,
    /// The signer's reasons, in words for the person.
    pub reasons: String,
    /// The notice.
    pub notice: Notice,
}

/// What a decision says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 给予
    Granted(Grant),
    /// 不利
    Adverse(AdverseDecision),
    /// 复核后不变
    Kept {
        /// Why.
        reasons: String,
        /// When it is looked at again.
        review_on: Option<Date>,
    },
}

/// A decision of the case; a later one revises the earlier, which stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// 1 for the first of the case.
    pub revision: u32,
    /// The decision it takes the place of.
    pub replaces: Option<DecisionId>,
    /// What it says.
    pub outcome: Outcome,
    /// Who signed.
    pub signed: Signature,
    /// Digest of the certificate it was made on.
    pub certificate: Option<String>,
    /// The day its notice reached the person.
    pub served: Option<Date>,
    /// Whether an appeal holds up its effect.
    pub paused: bool,
    /// Whether an appeal revoked it.
    pub revoked: bool,
}

impl Decision {
    /// The adverse outcome, if it is one.
    pub fn adverse(&self) -> Option<&AdverseDecision> {
        match &self.outcome {
            Outcome::Adverse(adverse) => Some(adverse),
            _ => None,
        }
    }
}
