//! 「事件」 What happened to the register.

use crate::household::{Membership, NewMember};
use crate::organisation::{OrganisationFact, PlaceFact};
use crate::person::PersonFact;
use crate::version::Origin;
use kernel::{Actor, Date, HouseholdId, Instant, MergeId, PersonId, PlaceId, RegionCode, Uscc};
use serde::{Deserialize, Serialize};

/// An event of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// 已登记
    PersonRegistered {
        /// Who.
        id: PersonId,
        /// When.
        at: Instant,
    },
    /// 已写入
    Recorded {
        /// Of whom.
        person: PersonId,
        /// What.
        fact: PersonFact,
        /// From where.
        origin: Origin,
        /// When.
        at: Instant,
    },
    /// 已更正
    Retracted {
        /// Of whom.
        person: PersonId,
        /// Which version.
        version: usize,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 已立户
    HouseholdFormed {
        /// Which.
        id: HouseholdId,
        /// Where.
        region: RegionCode,
        /// From when.
        from: Date,
        /// Within which.
        within: Option<HouseholdId>,
        /// When.
        at: Instant,
    },
    /// 已加入
    Joined {
        /// Which household.
        household: HouseholdId,
        /// Who and how.
        membership: Membership,
        /// When.
        at: Instant,
    },
    /// 已离开
    Left {
        /// Which household.
        household: HouseholdId,
        /// Who.
        person: PersonId,
        /// From which day on.
        until: Date,
        /// When.
        at: Instant,
    },
    /// 离开已撤销
    LeaveUndone {
        /// Which household.
        household: HouseholdId,
        /// Everybody's memberships as they are now.
        memberships: Vec<Membership>,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 加入已撤销
    JoinUndone {
        /// Which household.
        household: HouseholdId,
        /// Everybody's memberships as they are now.
        memberships: Vec<Membership>,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 户主已变更
    HeadChanged {
        /// Which household.
        household: HouseholdId,
        /// Everyone, with the relation to the new head.
        members: Vec<NewMember>,
        /// From when.
        from: Date,
        /// From where it is known.
        origin: Origin,
        /// When.
        at: Instant,
    },
    /// 已迁居
    Moved {
        /// Which household.
        household: HouseholdId,
        /// Where to.
        region: RegionCode,
        /// From when.
        from: Date,
        /// When.
        at: Instant,
    },
    /// 归属已变
    PlacedWithin {
        /// Which household.
        household: HouseholdId,
        /// Within which.
        within: Option<HouseholdId>,
        /// When.
        at: Instant,
    },
    /// 已提议合并
    MergeProposed {
        /// Its number.
        id: MergeId,
        /// The entry that stays.
        keep: PersonId,
        /// The other.
        merge: PersonId,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 已合并
    Merged {
        /// Which proposal.
        id: MergeId,
        /// Who confirmed it.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 未合并
    MergeRejected {
        /// Which proposal.
        id: MergeId,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 合并已撤销
    MergeUndone {
        /// Which proposal.
        id: MergeId,
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 组织已写入
    OrganisationRecorded {
        /// Which.
        code: Uscc,
        /// What.
        fact: OrganisationFact,
        /// From where.
        origin: Origin,
        /// When.
        at: Instant,
    },
    /// 地点已写入
    PlaceRecorded {
        /// Which.
        id: PlaceId,
        /// What.
        fact: PlaceFact,
        /// From where.
        origin: Origin,
        /// When.
        at: Instant,
    },
}
