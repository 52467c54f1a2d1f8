//! 「不予」 What the pool refuses, in words for the person before the screen.

use crate::purpose::PurposeKind;
use kernel::{DataBatchId, Date, PersonId, Refuse, Slug};
use serde::{Deserialize, Serialize};

/// Why the pool says no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The catalogue has no such department.
    #[error("数据目录里没有部门“{0}”。请核对部门代码")]
    UnknownDepartment(Slug),
    /// The catalogue has no such category.
    #[error("数据目录里没有数据类“{0}”。请核对")]
    UnknownCategory(Slug),
    /// The category is another department's.
    #[error("数据类“{category}”不归部门“{department}”提供")]
    NotTheOwner {
        /// The category.
        category: Slug,
        /// Who tried.
        department: Slug,
    },
    /// Another delivery has this number.
    #[error("批次号 {0} 已经用过")]
    BatchNumberTaken(DataBatchId),
    /// There is no such delivery.
    #[error("没有批次 {0}")]
    UnknownBatch(DataBatchId),
    /// The delivery has been judged already.
    #[error("批次 {0} 已经处理完，不能再改")]
    BatchAlreadyJudged(DataBatchId),
    /// The day a delivery speaks of is still to come.
    #[error("数据日期 {0} 还没有到。请核对")]
    FromTheFuture(Date),
    /// The delivery to be mended is another department's, or of another category.
    #[error("第 {0} 批不是这个部门的这一类数据，不能用这份来补。请核对批次号")]
    MendsAnothers(DataBatchId),
    /// The delivery to be mended is itself a mending.
    #[error("第 {batch} 批本身就是补的，它补的是第 {root} 批。请写第 {root} 批")]
    MendsAMending {
        /// The delivery named.
        batch: DataBatchId,
        /// The one it mends.
        root: DataBatchId,
    },
    /// None of the delivery's rows was taken: it comes again whole.
    #[error("第 {0} 批整份没有收，不能一行一行补。请改好整份再送")]
    MendsNothingTaken(DataBatchId),
    /// A mending speaks of the day of what it mends.
    #[error("第 {batch} 批说的是 {as_of} 的数据，补的也要写这一天")]
    MendsAnotherDay {
        /// The delivery named.
        batch: DataBatchId,
        /// Its day.
        as_of: Date,
    },
    /// The quality report is not about as many rows as the file has.
    #[error("质量报告写了 {reported} 行，文件有 {rows} 行，对不上")]
    ReportDoesNotFit {
        /// Rows in the report.
        reported: u64,
        /// Rows in the file.
        rows: u64,
    },
    /// The category may not be read for that.
    #[error("“{category}”不能用于{}", purpose_word(*purpose))]
    PurposeNotAllowed {
        /// The category's name.
        category: String,
        /// For what.
        purpose: PurposeKind,
    },
    /// Nobody signed.
    #[error("核对授权书上没有人签字。请让家庭成员签字后再核对")]
    NobodySigned,
    /// The end lies before the start.
    #[error("核对授权书的截止日早于起始日。请核对")]
    AuthorisationEndsBeforeStart,
    /// A signature that is not the member's and not a guardian's.
    #[error("成员 {member} 的签字不是本人签的，也没有写明监护人。请补签")]
    SignedByAnother {
        /// The member.
        member: PersonId,
    },
    /// A child's own signature, or a child's for another.
    #[error("成员 {member} 未成年或不能自己同意，不能签授权书。请监护人签字")]
    MinorSigned {
        /// The member.
        member: PersonId,
    },
    /// Somebody who does not belong to the case's household.
    #[error("编号 {member} 不是这件事里的家庭成员，不用签授权书")]
    NotOfTheHousehold {
        /// Who.
        member: PersonId,
    },
    /// The authorisation was withdrawn.
    #[error("这家人已在{on}撤回核对授权，不能再查。请先征得同意，重新签授权书")]
    AuthorisationWithdrawn {
        /// The day.
        on: Date,
    },
    /// The authorisation does not run today.
    #[error("核对授权只在{from}至{to}有效，今天不能用。请重新签授权书")]
    AuthorisationNotInForce {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// A member did not sign.
    #[error("成员 {member} 没有签核对授权书。请本人（或监护人）补签")]
    MemberDidNotSign {
        /// The member.
        member: PersonId,
    },
    /// The category is not in the authorisation.
    #[error("核对授权书没有包括“{category}”这一类。请补充授权后再查")]
    CategoryNotAuthorised {
        /// The category.
        category: Slug,
    },
    /// The authorisation was signed for another case.
    #[error("这份核对授权书是为另一件事签的，不能用在这里")]
    AuthorisationOfAnotherCase,
    /// The paper, or the member on it, is signed already.
    #[error("这份授权书上已经签过字了")]
    AlreadySigned,
    /// Somebody withdraws who never signed.
    #[error("编号 {person} 没有在授权书上签过字，不能由他撤回")]
    DidNotSign {
        /// Who.
        person: PersonId,
    },
    /// There is no authorisation.
    #[error("这家人还没有签同意核对的授权书，或者已经过期。请先请他们签")]
    NoAuthorisation,
    /// The purpose is not to verify for this case.
    #[error("核对只能为办理中的救助事项进行，请从办件里发起")]
    NotForThisCase,
    /// A verification without members.
    #[error("没有写明核对谁。请把家庭成员都列上")]
    NoMembers,
    /// The same member twice.
    #[error("成员 {0} 列了两次")]
    MemberTwice(PersonId),
    /// A verification of nothing.
    #[error("没有一类数据可以核对。请检查授权范围")]
    NothingToAsk,
    /// A category about organisations or places.
    #[error("“{0}”不是关于人的数据，不能用来核对家庭")]
    NotAboutPeople(String),
    /// The verification has begun.
    #[error("这次核对已经发起，不用再发起一次")]
    AlreadyRequested,
    /// The verification has not begun.
    #[error("这次核对还没有发起")]
    NotRequested,
    /// The department was not asked, or has answered.
    #[error("没有在等部门“{0}”的答复")]
    NotWaitingFor(Slug),
    /// An answer about someone or something not asked.
    #[error("部门“{department}”答了没有问的内容，整份答复不予采用")]
    AnsweredUnasked {
        /// The department.
        department: Slug,
    },
    /// A machine or nobody where a person must act.
    #[error("这一步要由工作人员本人来做")]
    NeedsAPerson,
    /// Departments are still working.
    #[error("还有部门没有答复：{}", join(.0))]
    StillWaiting(Vec<Slug>),
    /// Nothing has been compared yet.
    #[error("还没有比对结果")]
    NotCompared,
    /// There is no such difference.
    #[error("没有第 {0} 项差异")]
    UnknownDifference(usize),
    /// Words are missing.
    #[error("请写明理由或说明")]
    WordsMissing,
    /// No department is left to ask again.
    #[error("没有需要再问的部门")]
    NothingToRecheck,
}

fn join(slugs: &[Slug]) -> String {
    slugs
        .iter()
        .map(Slug::as_str)
        .collect::<Vec<_>>()
        .join("、")
}

fn purpose_word(purpose: PurposeKind) -> &'static str {
    match purpose {
        PurposeKind::Discovery => "主动发现",
        PurposeKind::Verification => "核对",
        PurposeKind::Audit => "审计",
    }
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::UnknownDepartment(_) => "pool.unknown_department",
            Refusal::UnknownCategory(_) => "pool.unknown_category",
            Refusal::NotTheOwner { .. } => "pool.not_the_owner",
            Refusal::BatchNumberTaken(_) => "pool.batch_number_taken",
            Refusal::UnknownBatch(_) => "pool.unknown_batch",
            Refusal::BatchAlreadyJudged(_) => "pool.batch_already_judged",
            Refusal::FromTheFuture(_) => "pool.from_the_future",
            Refusal::MendsAnothers(_) => "pool.mends_anothers",
            Refusal::MendsAMending { .. } => "pool.mends_a_mending",
            Refusal::MendsNothingTaken(_) => "pool.mends_nothing_taken",
            Refusal::MendsAnotherDay { .. } => "pool.mends_another_day",
            Refusal::ReportDoesNotFit { .. } => "pool.report_does_not_fit",
            Refusal::PurposeNotAllowed { .. } => "pool.purpose_not_allowed",
            Refusal::NobodySigned => "pool.nobody_signed",
            Refusal::AuthorisationEndsBeforeStart => "pool.authorisation_ends_before_start",
            Refusal::SignedByAnother { .. } => "pool.signed_by_another",
            Refusal::MinorSigned { .. } => "pool.minor_signed",
            Refusal::NotOfTheHousehold { .. } => "pool.not_of_the_household",
            Refusal::AuthorisationWithdrawn { .. } => "pool.authorisation_withdrawn",
            Refusal::AuthorisationNotInForce { .. } => "pool.authorisation_not_in_force",
            Refusal::MemberDidNotSign { .. } => "pool.member_did_not_sign",
            Refusal::CategoryNotAuthorised { .. } => "pool.category_not_authorised",
            Refusal::AuthorisationOfAnotherCase => "pool.authorisation_of_another_case",
            Refusal::AlreadySigned => "pool.already_signed",
            Refusal::DidNotSign { .. } => "pool.did_not_sign",
            Refusal::NoAuthorisation => "pool.no_authorisation",
            Refusal::NotForThisCase => "pool.not_for_this_case",
            Refusal::NoMembers => "pool.no_members",
            Refusal::MemberTwice(_) => "pool.member_twice",
            Refusal::NothingToAsk => "pool.nothing_to_ask",
            Refusal::NotAboutPeople(_) => "pool.not_about_people",
            Refusal::AlreadyRequested => "pool.already_requested",
            Refusal::NotRequested => "pool.not_requested",
            Refusal::NotWaitingFor(_) => "pool.not_waiting_for",
            Refusal::AnsweredUnasked { .. } => "pool.answered_unasked",
            Refusal::NeedsAPerson => "pool.needs_a_person",
            Refusal::StillWaiting(_) => "pool.still_waiting",
            Refusal::NotCompared => "pool.not_compared",
            Refusal::UnknownDifference(_) => "pool.unknown_difference",
            Refusal::WordsMissing => "pool.words_missing",
            Refusal::NothingToRecheck => "pool.nothing_to_recheck",
        }
    }

    fn article(&self) -> Option<&str> {
        match self {
            Refusal::NobodySigned
            | Refusal::MemberDidNotSign { .. }
            | Refusal::NoAuthorisation
            | Refusal::CategoryNotAuthorised { .. }
            | Refusal::AuthorisationNotInForce { .. } => {
                Some("民发〔2021〕57号 第十七条；个人信息保护法 第二十九条")
            }
            Refusal::AuthorisationWithdrawn { .. } => Some("个人信息保护法 第十五条"),
            Refusal::PurposeNotAllowed { .. } | Refusal::NotForThisCase => {
                Some("社会救助法 第十一条")
            }
            _ => None,
        }
    }
}
