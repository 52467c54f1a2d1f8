//! 「不予」 Why an assessment says no.

use kernel::{Date, Refuse};

/// The refusals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The sheet is not the one it began with.
    #[error("这次评估按“{0}”开始，不能换表")]
    OtherSheet(String),
    /// The sheet has no version.
    #[error("评估表没有写版本，不能定级")]
    NoVersion,
    /// A machine cannot assess or sign.
    #[error("评估和签字要由人来做")]
    NotAPerson,
    /// Of oneself or one's own.
    #[error("您和评估对象有亲属关系或利害关系，请换人评估")]
    Conflict,
    /// Assessed the first time.
    #[error("您参加过上一次评估，复评请换人")]
    AssessedBefore,
    /// Not among those drawn.
    #[error("这次检查抽到的是别人，请由抽到的检查人来做")]
    NotDrawn,
    /// There are enough.
    #[error("评估人已经够了")]
    Enough,
    /// Nothing is disputed for a third to settle.
    #[error("现在没有要第三人评定的题")]
    NothingDisputed,
    /// The third answers what is disputed and nothing else.
    #[error("第三人只评意见不一的题：{0}")]
    OnlyDisputed(String),
    /// No such question.
    #[error("表里没有这道题：{0}")]
    NoSuchQuestion(String),
    /// Not a value of the question.
    #[error("“{asks}”没有这个选项")]
    NoSuchAnswer {
        /// The question.
        asks: String,
    },
    /// An answer is missing; the first question.
    #[error("还有 {count} 题没有答，先答“{first}”")]
    Missing {
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// Evidence is missing.
    #[error("“{0}”要写看到了什么")]
    NoEvidence(String),
    /// Changed after signing without a reason.
    #[error("签过字再改，要写明原因")]
    NoReason,
    /// Nothing written by this person.
    #[error("您还没有填写")]
    NothingWritten,
    /// Signed already.
    #[error("您已经签过字")]
    SignedAlready,
    /// Not yet complete, or disputed.
    #[error("评估还没有做完：{0}")]
    NotGraded(&'static str),
    /// The same person assessed or proposed.
    #[error("评估人自己不能确认，请换一个人")]
    SamePerson,
    /// In force: it is not changed.
    #[error("已经定级，不能再改；不同意请申诉")]
    InForce,
    /// Not in force.
    #[error("还没有定级")]
    NotInForce,
    /// No such grade.
    #[error("表里没有这个等级")]
    NoSuchBand,
    /// Too late.
    #[error("申诉期到 {0} 为止，已经过了；情况有变化可以申请重新评估")]
    TooLate(Date),
    /// Asked already.
    #[error("已经申诉过，正在处理")]
    AppealedAlready,
    /// No appeal to answer.
    #[error("没有待处理的申诉")]
    NoAppeal,
    /// Nothing found by this question.
    #[error("没有这一项整改")]
    NoSuchMending,
    /// Closed already.
    #[error("这一项已经销号")]
    MendedAlready,
    /// No proof.
    #[error("没有整改凭据，不能销号；请先写明怎样改的")]
    NoProof,
    /// A draw's list.
    #[error("名单已经封存，不能再改")]
    Frozen,
    /// A draw without a frozen list.
    #[error("名单还没有封存，不能抽")]
    NotFrozen,
    /// A second draw.
    #[error("这份名单已经抽过，不能再抽")]
    DrawnAlready,
    /// No seed.
    #[error("没有种子，不能抽；种子至少 16 个字符")]
    NoSeed,
    /// Nothing to draw from.
    #[error("名单是空的")]
    Empty,
    /// Not a class of the sheet.
    #[error("没有这个风险类别：{0}")]
    NoSuchClass(String),
    /// Too few inspectors free of conflict for one of the list.
    #[error("“{object}”能去的检查人只有 {free} 位，要 {needed} 位。请先加人再封存")]
    TooFewInspectors {
        /// Which.
        object: String,
        /// How many may go.
        free: usize,
        /// How many must.
        needed: usize,
    },
    /// The sheet draws nothing.
    #[error("这张表没有写怎样抽查")]
    NoSortition,
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::OtherSheet(_) => "assessment.other_sheet",
            Refusal::NoVersion => "assessment.no_version",
            Refusal::NotAPerson => "assessment.not_a_person",
            Refusal::Conflict => "assessment.conflict",
            Refusal::AssessedBefore => "assessment.assessed_before",
            Refusal::NotDrawn => "assessment.not_drawn",
            Refusal::Enough => "assessment.enough",
            Refusal::NothingDisputed => "assessment.nothing_disputed",
            Refusal::OnlyDisputed(_) => "assessment.only_disputed",
            Refusal::NoSuchQuestion(_) => "assessment.no_such_question",
            Refusal::NoSuchAnswer { .. } => "assessment.no_such_answer",
            Refusal::Missing { .. } => "assessment.missing",
            Refusal::NoEvidence(_) => "assessment.no_evidence",
            Refusal::NoReason => "assessment.no_reason",
            Refusal::NothingWritten => "assessment.nothing_written",
            Refusal::SignedAlready => "assessment.signed_already",
            Refusal::NotGraded(_) => "assessment.not_graded",
            Refusal::SamePerson => "assessment.same_person",
            Refusal::InForce => "assessment.in_force",
            Refusal::NotInForce => "assessment.not_in_force",
            Refusal::NoSuchBand => "assessment.no_such_band",
            Refusal::TooLate(_) => "assessment.too_late",
            Refusal::AppealedAlready => "assessment.appealed_already",
            Refusal::NoAppeal => "assessment.no_appeal",
            Refusal::NoSuchMending => "assessment.no_such_mending",
            Refusal::MendedAlready => "assessment.mended_already",
            Refusal::NoProof => "assessment.no_proof",
            Refusal::Frozen => "assessment.frozen",
            Refusal::NotFrozen => "assessment.not_frozen",
            Refusal::DrawnAlready => "assessment.drawn_already",
            Refusal::NoSeed => "assessment.no_seed",
            Refusal::Empty => "assessment.empty",
            Refusal::NoSuchClass(_) => "assessment.no_such_class",
            Refusal::TooFewInspectors { .. } => "assessment.too_few_inspectors",
            Refusal::NoSortition => "assessment.no_sortition",
        }
    }
}
