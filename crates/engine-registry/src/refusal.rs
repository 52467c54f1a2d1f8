//! 「不予」 What the register refuses, in words for the person before the screen.

use crate::person::PersonField;
use kernel::{Date, HouseholdId, MergeId, PersonId, Refuse};
use serde::{Deserialize, Serialize};

/// Why the register says no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Another entry has this number.
    #[error("编号 {0} 已经用过，请换一个编号")]
    IdTaken(i64),
    /// There is no such person.
    #[error("底册里没有编号为 {0} 的人")]
    UnknownPerson(PersonId),
    /// There is no such household.
    #[error("底册里没有编号为 {0} 的家庭")]
    UnknownHousehold(HouseholdId),
    /// There is no such proposal.
    #[error("没有编号为 {0} 的合并提议")]
    UnknownMerge(MergeId),
    /// A person without a name or a number.
    #[error("登记人员必须有{}", .0.label())]
    FieldMissing(PersonField),
    /// One field twice in one registration.
    #[error("{}写了两遍，请只留一个", .0.label())]
    FieldTwice(PersonField),
    /// Somebody else has this document number.
    #[error("这个证件号码已属于底册中的另一人（编号 {owner}）。若是同一人，请提议合并")]
    NumberTaken {
        /// Who has it.
        owner: PersonId,
    },
    /// The number says another birth date or sex.
    #[error("{}与证件号码不符，请核对", .0.label())]
    ContradictsNumber(PersonField),
    /// Died before birth, or on a day to come.
    #[error("死亡日期不对：不能早于出生，也不能是还没到的日子")]
    DeathImpossible,
    /// A fact about a day that is still to come.
    #[error("日期 {0} 还没有到，请核对")]
    FromTheFuture(Date),
    /// An empty text.
    #[error("内容是空的，请填写")]
    Empty,
    /// There is no such version of that field.
    #[error("{}没有第 {version} 个版本", field.label())]
    UnknownVersion {
        /// The field.
        field: PersonField,
        /// Which.
        version: usize,
    },
    /// The version is struck out already.
    #[error("这个版本已经更正过了")]
    AlreadyRetracted,
    /// The entry points to another one.
    #[error("编号 {merged} 已并入编号 {into}，请改那一条")]
    AlreadyMerged {
        /// The merged entry.
        merged: PersonId,
        /// Where it went.
        into: PersonId,
    },
    /// A household without members.
    #[error("家庭里一个人都没有，请至少填一位成员")]
    NoMembers,
    /// No head.
    #[error("家庭没有户主。请指定一位（关系填 01 本人或 02 户主）")]
    HeadMissing,
    /// Two heads.
    #[error("家庭有两位户主。请只留一位")]
    HeadTwice,
    /// The head leaves others behind.
    #[error("户主不能先离开。请先变更户主")]
    HeadCannotLeave,
    /// The same person twice.
    #[error("编号 {0} 在同一家庭里出现了两次")]
    MemberTwice(PersonId),
    /// The person belongs to another household on that day.
    #[error("编号 {person} 在{from}已属于家庭 {household}，一个人不能同时在两个家庭。请先办理离开")]
    InTwoHouseholds {
        /// Who.
        person: PersonId,
        /// Which household already.
        household: HouseholdId,
        /// On which day.
        from: Date,
    },
    /// The person does not belong to it.
    #[error("编号 {0} 在那一天不是这个家庭的成员")]
    NotAMember(PersonId),
    /// A list that is not all the members.
    #[error("变更户主要把每位成员都列出来，一位不多、一位不少")]
    NotAllMembers,
    /// The person had died.
    #[error("编号 {0} 在那之前已经去世")]
    Dead(PersonId),
    /// An end before the beginning, or a change before the last one.
    #[error("日期早于上一次变更，请核对")]
    OutOfOrder,
    /// A household within itself, directly or over others.
    #[error("家庭 {0} 不能包含它自己。请核对上级家庭")]
    ContainsItself(HouseholdId),
    /// A person merged with themselves.
    #[error("不能把一条记录与它自己合并")]
    MergeWithItself,
    /// The proposal is no longer open.
    #[error("这个合并提议已经处理过了")]
    MergeNotOpen,
    /// There is nothing to undo.
    #[error("这两条没有合并，不用撤销")]
    MergeNotDone,
    /// The proposer confirms.
    #[error("提议合并的人不能自己确认，请另一位工作人员核对后确认")]
    SamePerson,
    /// A machine or nobody where a person must act.
    #[error("这一步要由工作人员本人来做")]
    NeedsAPerson,
    /// Words are missing.
    #[error("请写明理由")]
    ReasonMissing,
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::IdTaken(_) => "registry.id_taken",
            Refusal::UnknownPerson(_) => "registry.unknown_person",
            Refusal::UnknownHousehold(_) => "registry.unknown_household",
            Refusal::UnknownMerge(_) => "registry.unknown_merge",
            Refusal::FieldMissing(_) => "registry.field_missing",
            Refusal::FieldTwice(_) => "registry.field_twice",
            Refusal::NumberTaken { .. } => "registry.number_taken",
            Refusal::ContradictsNumber(_) => "registry.contradicts_number",
            Refusal::DeathImpossible => "registry.death_impossible",
            Refusal::FromTheFuture(_) => "registry.from_the_future",
            Refusal::Empty => "registry.empty",
            Refusal::UnknownVersion { .. } => "registry.unknown_version",
            Refusal::AlreadyRetracted => "registry.already_retracted",
            Refusal::AlreadyMerged { .. } => "registry.already_merged",
            Refusal::NoMembers => "registry.no_members",
            Refusal::HeadMissing => "registry.head_missing",
            Refusal::HeadTwice => "registry.head_twice",
            Refusal::HeadCannotLeave => "registry.head_cannot_leave",
            Refusal::MemberTwice(_) => "registry.member_twice",
            Refusal::InTwoHouseholds { .. } => "registry.in_two_households",
            Refusal::NotAMember(_) => "registry.not_a_member",
            Refusal::NotAllMembers => "registry.not_all_members",
            Refusal::Dead(_) => "registry.dead",
            Refusal::OutOfOrder => "registry.out_of_order",
            Refusal::ContainsItself(_) => "registry.contains_itself",
            Refusal::MergeWithItself => "registry.merge_with_itself",
            Refusal::MergeNotOpen => "registry.merge_not_open",
            Refusal::MergeNotDone => "registry.merge_not_done",
            Refusal::SamePerson => "registry.same_person",
            Refusal::NeedsAPerson => "registry.needs_a_person",
            Refusal::ReasonMissing => "registry.reason_missing",
        }
    }
}
