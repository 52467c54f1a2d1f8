//! 「命令」 What can be done with the register.

use crate::household::NewMember;
use crate::organisation::{OrganisationFact, PlaceFact};
use crate::person::{PersonFact, PersonField};
use crate::version::Origin;
use kernel::{Actor, Date, HouseholdId, MergeId, PersonId, PlaceId, RegionCode, Uscc};

/// A verb of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 登记 a person. Needs a name and a number nobody else has.
    RegisterPerson {
        /// The number it gets.
        id: PersonId,
        /// What is known.
        facts: Vec<PersonFact>,
        /// From where.
        origin: Origin,
    },
    /// 更新: write a version down. The same fact of the same origin again
    /// changes nothing.
    Record {
        /// Of whom.
        person: PersonId,
        /// What.
        fact: PersonFact,
        /// From where.
        origin: Origin,
    },
    /// 更正: strike out a version.
    Retract {
        /// Of whom.
        person: PersonId,
        /// Which field.
        field: PersonField,
        /// Which of the person's versions, from 0.
        version: usize,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// 立户
    FormHousehold {
        /// The number it gets.
        id: HouseholdId,
        /// Where it lives.
        region: RegionCode,
        /// Who belongs to it; exactly one head.
        members: Vec<NewMember>,
        /// The first day.
        from: Date,
        /// The household it lies within.
        within: Option<HouseholdId>,
        /// From where.
        origin: Origin,
    },
    /// 加入
    Join {
        /// Which household.
        household: HouseholdId,
        /// Who, and the relation to its head.
        member: NewMember,
        /// The first day.
        from: Date,
        /// From where.
        origin: Origin,
    },
    /// 离开. The head can only leave as the last; else [`Command::ChangeHead`] first.
    Leave {
        /// Which household.
        household: HouseholdId,
        /// Who.
        person: PersonId,
        /// The day from which they no longer belong to it.
        until: Date,
    },
    /// 撤销离开: who left last had not; a head is head again.
    UndoLeave {
        /// Which household.
        household: HouseholdId,
        /// Who.
        person: PersonId,
        /// Why.
        reason: String,
        /// Who says so.
        by: Actor,
    },
    /// 撤销加入: who joined last had not.
    UndoJoin {
        /// Which household.
        household: HouseholdId,
        /// Who.
        person: PersonId,
        /// Why.
        reason: String,
        /// Who says so.
        by: Actor,
    },
    /// 变更户主. Relations are to the head, so all are stated anew.
    ChangeHead {
        /// Which household.
        household: HouseholdId,
        /// Everyone who belongs to it, with the relation to the new head.
        members: Vec<NewMember>,
        /// The first day.
        from: Date,
        /// From where.
        origin: Origin,
    },
    /// 迁居
    Move {
        /// Which household.
        household: HouseholdId,
        /// Where to.
        region: RegionCode,
        /// The first day.
        from: Date,
    },
    /// 单人户归属: put a household within another, or take it out.
    PlaceWithin {
        /// Which household.
        household: HouseholdId,
        /// Within which.
        within: Option<HouseholdId>,
    },
    /// 提议合并
    ProposeMerge {
        /// The number it gets.
        id: MergeId,
        /// The entry that stays.
        keep: PersonId,
        /// The entry that will point to it.
        merge: PersonId,
        /// Why they are one person.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// 确认合并, by another person.
    ConfirmMerge {
        /// Which proposal.
        id: MergeId,
        /// Who.
        by: Actor,
    },
    /// 不合并
    RejectMerge {
        /// Which proposal.
        id: MergeId,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// 撤销合并
    UndoMerge {
        /// Which proposal.
        id: MergeId,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
    },
    /// 登记组织, or write more down about one.
    RecordOrganisation {
        /// Which.
        code: Uscc,
        /// What.
        facts: Vec<OrganisationFact>,
        /// From where.
        origin: Origin,
    },
    /// 登记地点, or write more down about one.
    RecordPlace {
        /// Which.
        id: PlaceId,
        /// What.
        facts: Vec<PlaceFact>,
        /// From where.
        origin: Origin,
    },
}
