//! 「家庭」 One invented household: where it lives, how it is made up, what it
//! receives. Its members are neighbours in the list of people.

use kernel::{Date, RegionCode};

/// How a household is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// 夫妻
    Couple,
    /// 夫妻带孩子
    CoupleWithChildren,
    /// 三代同住
    ThreeGenerations,
    /// 老年夫妻
    ElderCouple,
    /// 独居老人
    LoneElder,
    /// 独居成年人
    LoneAdult,
    /// 单亲
    SingleParent,
    /// 祖父母带孙辈：父母外出、服刑、失踪或去世
    GrandparentsWithChild,
    /// 残疾成年子女和父母
    DisabledAdultWithParents,
    /// 福利机构里的孤儿
    ChildInInstitution,
}

/// One household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// Place in [`super::City::households`].
    pub index: u32,
    /// The village or community.
    pub village: u32,
    /// House number.
    pub house: u32,
    /// How it is made up.
    pub shape: Shape,
    /// Lives here on a residence permit, registered elsewhere.
    pub on_permit: bool,
    /// Whether an agricultural registration.
    pub rural: bool,
    /// How well off it is, 0–9,999.
    pub standing: u32,
    /// First member's place in [`super::City::people`].
    pub first: u32,
    /// Members, the dead and the gone included.
    pub size: u32,
    /// What it receives as a household.
    pub aid: Option<Aid>,
}

/// What a household receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aid {
    /// Which.
    pub kind: AidKind,
    /// Fen a month; 0 where nothing is paid.
    pub amount: i64,
    /// Since.
    pub since: Date,
    /// Whether it (still) needs it, by the city's own measure.
    pub rightly: bool,
}

/// Household benefits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AidKind {
    /// 低保
    Living,
    /// 低保边缘
    Edge,
    /// 刚性支出困难
    RigidExpense,
}

/// A village or community people live in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Village {
    /// 12 digits.
    pub code: RegionCode,
    /// From the county down, e.g. 平湖市当湖街道….
    pub name: String,
    /// A village committee (as opposed to a residents' committee).
    pub rural: bool,
}
