//! 「其他的权限」 Duty rooms, rule makers, departments, auditors, the three administrators, the system.

use super::*;

pub(super) const RULES: &[Rule] = &[
    // 值班 Life first: one person, thirty minutes.
    rule(
        AlarmOperator,
        &[A::ReadPerson],
        Region,
        &[P::Alarm],
        L2,
        &[S::None, S::Open],
    ),
    rule(
        AlarmOperator,
        &[A::BreakGlass],
        Region,
        &[P::Alarm],
        L4,
        &[S::None, S::Open],
    ),
    // 规则 Rules are written and activated by different people, without case data.
    rule(
        RuleAuthor,
        &[A::WriteRule],
        Region,
        &[P::Administration],
        L1,
        &[S::None, S::Draft],
    ),
    rule(
        RuleApprover,
        &[A::ActivateRule],
        Region,
        &[P::Administration],
        L1,
        &[S::None, S::Draft],
    ),
    // 部门系统
    rule(
        DepartmentMachine,
        &[A::Import],
        Anywhere,
        &[P::Collection],
        L4,
        PLAIN,
    ),
    rule(
        DepartmentMachine,
        &[A::AnswerPart],
        Region,
        &[P::Case],
        L3,
        RUNNING,
    ),
    // 审计 Reads everything that was decided, changes nothing.
    rule(
        Auditor,
        &[A::ReadCase, A::ReadLedger],
        Region,
        &[P::Audit],
        L3,
        KNOWN,
    ),
    rule(Auditor, &[A::ReadAudit], Anywhere, &[P::Audit], L1, PLAIN),
    // 三员 Apart from each other and from every case.
    rule(
        SystemAdministrator,
        &[A::Operate],
        Anywhere,
        &[P::Administration],
        L1,
        PLAIN,
    ),
    rule(
        SystemAdministrator,
        &[A::Import],
        Anywhere,
        &[P::Collection],
        L4,
        PLAIN,
    ),
    rule(
        SecurityAdministrator,
        &[A::GrantRole],
        Anywhere,
        &[P::Administration],
        L1,
        PLAIN,
    ),
    rule(
        AuditAdministrator,
        &[A::ReadAudit],
        Anywhere,
        &[P::Audit],
        L1,
        PLAIN,
    ),
    // 本系统 Looks, computes, reminds. Signs nothing.
    rule(
        System,
        &[A::Judge, A::Verify, A::Tick],
        Itself,
        &[P::Case],
        L4,
        BEGUN_OR_DECIDED,
    ),
    rule(
        System,
        &[A::Screen, A::Judge],
        Itself,
        &[P::Discovery],
        L3,
        PLAIN,
    ),
    rule(
        System,
        &[A::Apply],
        Itself,
        &[P::Discovery],
        L4,
        &[S::None, S::Draft],
    ),
    rule(
        System,
        &[A::ComputeBatch, A::Reconcile],
        Itself,
        &[P::Payment],
        L3,
        &[S::None, S::Draft, S::Open],
    ),
    rule(System, &[A::Import], Itself, &[P::Collection], L4, PLAIN),
];
