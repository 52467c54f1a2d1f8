//! 「规划和人生大事的权限」 Who reports, confirms and freezes figures of plans; who registers
//! a death, a birth, a marriage and takes a mistaken one back.

use super::*;

pub(super) const RULES: &[Rule] = &[
    // 规划 Figures of a place, no person in them.
    rule(TownOfficer, &[A::KeepPlan], Region, &[P::Duty], L1, PLAIN),
    rule(
        CountyApprover,
        &[A::KeepPlan, A::FreezePlan],
        Region,
        &[P::Duty],
        L1,
        PLAIN,
    ),
    // 人生大事
    rule(
        TownOfficer,
        &[A::KeepLife],
        Region,
        &[P::Duty],
        L3,
        &[S::None, S::Open],
    ),
    rule(
        CountyApprover,
        &[A::KeepLife],
        Region,
        &[P::Duty],
        L3,
        &[S::None, S::Open],
    ),
    // 一件事 The county beside the town, where a pack says so; nothing else of a case.
    rule(
        CountyApprover,
        &[A::OpenJoint],
        Region,
        &[P::Counter, P::Case],
        L4,
        &[S::None, S::Draft, S::Open],
    ),
    rule(System, &[A::KeepPlan], Itself, &[P::Duty], L1, PLAIN),
    rule(
        System,
        &[A::KeepLife],
        Itself,
        &[P::Duty],
        L3,
        &[S::None, S::Open],
    ),
];
