//! 「权限表」 The one table. What is not in it is refused. Order carries no
//! meaning: every line that fits allows. A second table, written independently,
//! stands in the tests and must agree on every combination.

use crate::model::{Action, PurposeKind as P, RecordState as S};
use kernel::{FieldLevel, FieldLevel::*, Role, Role::*};

/// How far a rule reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// 本人 The actor, or whom he acts for, is the one it is about.
    Own,
    /// 辖区 A grant of the role whose region contains the record's.
    Region,
    /// 不论地方 A grant of the role anywhere.
    Anywhere,
    /// 本系统 The system itself; no grant.
    Itself,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// For whom.
    pub role: Role,
    /// What.
    pub actions: &'static [Action],
    /// Where.
    pub reach: Reach,
    /// For which purposes.
    pub purposes: &'static [P],
    /// The highest field level.
    pub level: FieldLevel,
    /// In which states.
    pub states: &'static [S],
}

use Action as A;
use Reach::{Anywhere, Itself, Own, Region};

const BEGUN: &[S] = &[S::Draft, S::Open];
const RUNNING: &[S] = &[S::Open];
const LASTING: &[S] = &[S::Open, S::Decided];
const DONE: &[S] = &[S::Decided, S::Closed];
const KNOWN: &[S] = &[S::Open, S::Decided, S::Closed];
const ANY: &[S] = &[S::None, S::Draft, S::Open, S::Decided, S::Closed];
const PLAIN: &[S] = &[S::None];

const fn rule(
    role: Role,
    actions: &'static [Action],
    reach: Reach,
    purposes: &'static [P],
    level: FieldLevel,
    states: &'static [S],
) -> Rule {
    Rule {
        role,
        actions,
        reach,
        purposes,
        level,
        states,
    }
}

/// The policy table.
pub const TABLE: &[Rule] = &[
    // 居民 Sees and does everything of their own, in every state but a sealed one.
    rule(
        Citizen,
        &[A::ReadCase, A::ReadPerson, A::Judge],
        Own,
        &[P::Own],
        L4,
        ANY,
    ),
    rule(
        Citizen,
        &[A::Apply],
        Own,
        &[P::Own],
        L4,
        &[S::None, S::Draft, S::Open],
    ),
    rule(
        Citizen,
        &[A::Authorise],
        Own,
        &[P::Own],
        L3,
        &[S::None, S::Draft, S::Open, S::Decided],
    ),
    rule(
        Citizen,
        &[A::Withdraw],
        Own,
        &[P::Own],
        L3,
        &[S::Draft, S::Open, S::Decided],
    ),
    rule(Citizen, &[A::Speak], Own, &[P::Own], L4, LASTING),
    rule(Citizen, &[A::Appeal], Own, &[P::Own], L3, DONE),
    rule(Citizen, &[A::ChangeAccount], Own, &[P::Own], L3, PLAIN),
    // 监护人、代办人 The same for a time, but neither consent nor bank account.
    rule(
        Agent,
        &[A::ReadCase, A::ReadPerson],
        Own,
        &[P::Own],
        L3,
        ANY,
    ),
    rule(
        Agent,
        &[A::Apply],
        Own,
        &[P::Own],
        L4,
        &[S::None, S::Draft, S::Open],
    ),
    rule(
        Agent,
        &[A::Withdraw],
        Own,
        &[P::Own],
        L3,
        &[S::Draft, S::Open, S::Decided],
    ),
    rule(Agent, &[A::Speak], Own, &[P::Own], L4, LASTING),
    rule(Agent, &[A::Appeal], Own, &[P::Own], L3, DONE),
    // 当班 Each sees what waits in their place: names and dates, no record opened.
    rule(VillageWorker, &[A::ReadWork], Region, &[P::Duty], L1, PLAIN),
    rule(TownOfficer, &[A::ReadWork], Region, &[P::Duty], L1, PLAIN),
    rule(
        CountyApprover,
        &[A::ReadWork],
        Region,
        &[P::Duty],
        L1,
        PLAIN,
    ),
    rule(Finance, &[A::ReadWork], Region, &[P::Duty], L1, PLAIN),
    // 村社干部 Helps to apply, goes along, shows the list; no decision, no search of anybody.
    rule(
        VillageWorker,
        &[A::ReadCase, A::ReadPerson],
        Region,
        &[P::Case, P::Visit],
        L3,
        KNOWN,
    ),
    rule(
        VillageWorker,
        &[A::Apply],
        Region,
        &[P::Case, P::Visit],
        L4,
        &[S::None, S::Draft, S::Open],
    ),
    rule(VillageWorker, &[A::Survey], Region, &[P::Case], L4, RUNNING),
    rule(
        VillageWorker,
        &[A::Publicise, A::Object],
        Region,
        &[P::Case],
        L1,
        RUNNING,
    ),
    // 镇街 Accepts, verifies, surveys, gives an opinion.
    rule(
        TownOfficer,
        &[A::ReadCase],
        Region,
        &[P::Case, P::Visit, P::Audit],
        L4,
        KNOWN,
    ),
    rule(
        TownOfficer,
        &[A::ReadPerson],
        Region,
        &[P::Case, P::Visit],
        L4,
        ANY,
    ),
    rule(
        TownOfficer,
        &[A::SearchPerson],
        Region,
        &[P::Case, P::Visit],
        L3,
        PLAIN,
    ),
    rule(TownOfficer, &[A::Unmask], Region, &[P::Case], L4, KNOWN),
    rule(
        TownOfficer,
        &[A::Apply],
        Region,
        &[P::Case, P::Visit],
        L4,
        &[S::None, S::Draft, S::Open],
    ),
    rule(
        TownOfficer,
        &[A::Accept, A::Verify, A::Survey, A::Review],
        Region,
        &[P::Case],
        L4,
        LASTING,
    ),
    rule(
        TownOfficer,
        &[A::Publicise, A::Object],
        Region,
        &[P::Case],
        L1,
        RUNNING,
    ),
    rule(
        TownOfficer,
        &[A::Judge, A::Escalate, A::Hear, A::Speak],
        Region,
        &[P::Case],
        L4,
        LASTING,
    ),
    // A province may let the town decide (社会救助法 第四十四条); the pack says whom a step needs.
    rule(TownOfficer, &[A::Decide], Region, &[P::Case], L4, KNOWN),
    rule(
        TownOfficer,
        &[A::Withdraw],
        Region,
        &[P::Case],
        L3,
        &[S::Draft, S::Open, S::Decided],
    ),
    rule(TownOfficer, &[A::Appeal], Region, &[P::Case], L3, DONE),
    rule(
        TownOfficer,
        &[A::Register, A::Authorise],
        Region,
        &[P::Case, P::Visit],
        L3,
        &[S::None, S::Draft, S::Open, S::Decided],
    ),
    rule(
        TownOfficer,
        &[A::AnswerPart],
        Region,
        &[P::Case],
        L3,
        RUNNING,
    ),
    // 县级 Decides; sees the whole county.
    rule(
        CountyApprover,
        &[A::ReadCase],
        Region,
        &[P::Case, P::Visit, P::Audit],
        L4,
        KNOWN,
    ),
    rule(
        CountyApprover,
        &[A::ReadPerson],
        Region,
        &[P::Case, P::Visit],
        L4,
        ANY,
    ),
    rule(
        CountyApprover,
        &[A::SearchPerson],
        Region,
        &[P::Case, P::Visit],
        L3,
        PLAIN,
    ),
    rule(CountyApprover, &[A::Unmask], Region, &[P::Case], L4, KNOWN),
    rule(
        CountyApprover,
        &[
            A::Verify,
            A::Survey,
            A::Review,
            A::Judge,
            A::Escalate,
            A::Hear,
            A::Speak,
        ],
        Region,
        &[P::Case],
        L4,
        LASTING,
    ),
    rule(CountyApprover, &[A::Decide], Region, &[P::Case], L4, KNOWN),
    rule(CountyApprover, &[A::Appeal], Region, &[P::Case], L3, DONE),
    rule(
        CountyApprover,
        &[A::AnswerPart],
        Region,
        &[P::Case],
        L3,
        RUNNING,
    ),
    rule(
        CountyApprover,
        &[A::Screen],
        Region,
        &[P::Discovery],
        L3,
        PLAIN,
    ),
    rule(CountyApprover, &[A::Export], Region, &[P::Audit], L2, PLAIN),
    rule(
        CountyApprover,
        &[A::ApproveBatch],
        Region,
        &[P::Payment],
        L3,
        KNOWN,
    ),
    rule(
        CountyApprover,
        &[A::ReviewGlass],
        Region,
        &[P::Audit],
        L4,
        PLAIN,
    ),
    // 财务 Money, not illness.
    rule(
        Finance,
        &[
            A::ComputeBatch,
            A::CheckBatch,
            A::ReleaseBatch,
            A::Reconcile,
        ],
        Region,
        &[P::Payment],
        L3,
        &[S::None, S::Draft, S::Open, S::Decided],
    ),
    rule(
        Finance,
        &[A::ReadLedger, A::PostLedger],
        Region,
        &[P::Payment],
        L3,
        ANY,
    ),
    rule(
        Finance,
        &[A::ChangeAccount],
        Region,
        &[P::Payment],
        L3,
        PLAIN,
    ),
    rule(
        CharityAccountant,
        &[A::ReadLedger, A::PostLedger],
        Region,
        &[P::Payment],
        L2,
        ANY,
    ),
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

const BEGUN_OR_DECIDED: &[S] = &[BEGUN[0], BEGUN[1], S::Decided];
