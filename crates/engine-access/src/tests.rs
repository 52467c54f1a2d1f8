//! Tests of access: a second table, written independently, must agree on every
//! role × region tie × action × purpose × state × level.

use crate::*;
use kernel::*;
use std::sync::LazyLock;

const TODAY: &str = "2026-09-01";

/// Parsed once: the big table asks two million times.
static NOW: LazyLock<Now> = LazyLock::new(|| Now {
    at: format!("{TODAY}T02:00:00Z").parse().unwrap(),
});
static SPAN: LazyLock<(Date, Date)> = LazyLock::new(|| (date("2026-01-01"), date(TODAY)));

fn now() -> Now {
    *NOW
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn region(code: u64) -> RegionCode {
    RegionCode::from_u64(code).unwrap()
}

const ROLES: [Role; 18] = [
    Role::Citizen,
    Role::Agent,
    Role::VillageWorker,
    Role::TownOfficer,
    Role::CountyApprover,
    Role::Leader,
    Role::Finance,
    Role::AlarmOperator,
    Role::Provider,
    Role::CharityAccountant,
    Role::RuleAuthor,
    Role::RuleApprover,
    Role::DepartmentMachine,
    Role::Auditor,
    Role::SystemAdministrator,
    Role::SecurityAdministrator,
    Role::AuditAdministrator,
    Role::System,
];

const LEVELS: [FieldLevel; 5] = [
    FieldLevel::L0,
    FieldLevel::L1,
    FieldLevel::L2,
    FieldLevel::L3,
    FieldLevel::L4,
];

/// How the actor stands to the record.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tie {
    /// The record lies below the grant's region.
    Inside,
    /// The record's region is the grant's own.
    Same,
    /// The record lies above the grant's region.
    Above,
    /// The record lies elsewhere.
    Elsewhere,
    /// The right region, but the grant has ended.
    Expired,
    /// The right region, but the grant is of another role.
    OtherRole,
    /// No grant; the record is the actor's own (or his ward's).
    Own,
    /// The right region and the record is the actor's own.
    InsideAndOwn,
    /// The right region and a near relative's record.
    InsideAndRelative,
    /// Neither grant nor tie.
    None,
}

const TIES: [Tie; 10] = [
    Tie::Inside,
    Tie::Same,
    Tie::Above,
    Tie::Elsewhere,
    Tie::Expired,
    Tie::OtherRole,
    Tie::Own,
    Tie::InsideAndOwn,
    Tie::InsideAndRelative,
    Tie::None,
];

const ME: PersonId = PersonId(7);

fn actor(role: Role) -> Actor {
    Actor {
        account: "me".into(),
        person: role.is_human().then_some(ME),
        role,
    }
}

fn grants(role: Role, tie: Tie) -> Vec<Grant> {
    let holder = match role.is_human() {
        true => Holder::Person(ME),
        false => Holder::Account("me".into()),
    };
    let grant = |role, to: Option<&str>| Grant {
        holder: holder.clone(),
        role,
        region: region(330482001000),
        from: date("2026-01-01"),
        to: to.map(date),
    };
    match tie {
        Tie::Own | Tie::None => Vec::new(),
        Tie::Expired => vec![grant(role, Some("2026-08-31"))],
        Tie::OtherRole if role == Role::Auditor => vec![grant(Role::Finance, None)],
        Tie::OtherRole => vec![grant(Role::Auditor, None)],
        _ => vec![grant(role, Some(TODAY))],
    }
}

fn record(tie: Tie, state: RecordState, level: FieldLevel) -> Record {
    let place = match tie {
        Tie::Same => 330482001000,
        Tie::Above => 330482000000,
        Tie::Elsewhere => 330482002001,
        _ => 330482001001,
    };
    let mine = matches!(tie, Tie::Own | Tie::InsideAndOwn);
    Record {
        region: Some(region(place)),
        subjects: vec![if mine { ME } else { PersonId(1) }],
        state,
        level,
    }
}

fn purpose(kind: PurposeKind) -> Purpose {
    match kind {
        PurposeKind::Own => Purpose::Own,
        PurposeKind::Case => Purpose::Case(CaseId(1)),
        PurposeKind::Visit => Purpose::Visit(FindingId(1)),
        PurposeKind::Counter => Purpose::Counter,
        PurposeKind::Assessment => Purpose::Assessment(AssessmentId(1)),
        PurposeKind::Alarm => Purpose::Alarm("a1".into()),
        PurposeKind::Discovery => Purpose::Discovery,
        PurposeKind::Payment => Purpose::Payment(PaymentBatchId(1)),
        PurposeKind::Collection => Purpose::Collection,
        PurposeKind::Audit => Purpose::Audit("a".into()),
        PurposeKind::Administration => Purpose::Administration,
        PurposeKind::Duty => Purpose::Duty,
    }
}

/// The expectation, one line per action: `action: role purposes states level; …`.
/// Purposes: o own, c case, v visit, h counter, s assessment, a alarm, d discovery, p payment, k collection,
/// u audit, m administration, w duty. States: n none, d draft, o open, e decided, c closed.
/// Nothing ever opens a sealed record. Written from trust.md §2 and the law, not
/// from the table.
const EXPECTED: &str = "
read_case: citizen o ndoec 4; agent o ndoec 3; village cv oec 3; town cvu oec 4; county cvu oec 4; auditor u oec 3
read_work: village w n 1; town w n 1; county w n 1; finance w n 1; leader w n 1; alarm w n 1
read_figures: town w n 1; county w n 1; leader w n 1; alarm w n 1
read_person: citizen o ndoec 4; agent o ndoec 3; village cv oec 3; town cv ndoec 4; county cv ndoec 4; alarm a no 2
search_person: town cv n 3; county cv n 3
unmask: town c oec 4; county c oec 4
set_colour: town cv noec 3; county cv noec 3
export: county u n 2
apply: citizen o ndo 4; agent o ndo 4; village chv ndo 4; town chv ndo 4; system d nd 4
accept: town c oe 4
verify: town c oe 4; county c oe 4; system c doe 4
survey: village c o 4; town c oe 4; county c oe 4
publicise: village c o 1; town c o 1
object: village c o 1; town c o 1
review: town c oe 4; county c oe 4
judge: citizen o ndoec 4; town c oe 4; county c oe 4; system c doe 4; system d n 3; system u n 4
screen: county d n 3; system d n 3
escalate: town c oe 4; county c oe 4
hear: town c oe 4; county c oe 4
speak: citizen o oe 4; agent o oe 4; town c oe 4; county c oe 4
decide: town c oec 4; county c oec 4
withdraw: citizen o doe 3; agent o doe 3; town c doe 3
appeal: citizen o ec 3; agent o ec 3; town cs ec 3; county c ec 3
tick: system c doe 4
call_review: village v e 3; town v e 3
answer_part: town c o 3; county c o 3; machine c o 3
register: town cv ndoe 3
settle_question: county d n 3
authorise: citizen o ndoe 3; town cv ndoe 3
ask_as_party: machine k n 3
import: county k n 3; machine k n 4; sysadmin k n 4; system k n 4
ask_share: town k n 1; county k n 1
answer_share: county k n 1
compute_batch: finance p ndoe 3; system p ndo 3
check_batch: finance p ndoe 3
approve_batch: county p oec 3
release_batch: finance p ndoe 3
reconcile: finance p ndoe 3; system p ndo 3
propose_past: county p n 3; finance p n 3
confirm_past: county p n 3
change_account: citizen o n 3; finance p n 3
read_ledger: finance p ndoec 3; charity p ndoec 2; auditor u oec 3
post_ledger: finance p ndoec 3; charity p ndoec 2
write_rule: author m nd 1
activate_rule: approver m nd 1
suspend_rule: approver m n 1
review_version: county m n 3
simulate: county d n 1; author m n 1; approver m n 1; system d n 1
grant_role: secadmin m n 1
operate: sysadmin m n 1
read_audit: auditor u n 1; audadmin u n 1
break_glass: alarm a no 4
review_glass: county u n 4
show_xingfuma: citizen o n 1
scan_xingfuma: village w n 1; town w n 1
order: citizen o noc 4; agent o noc 3; village w noc 4; town w noc 4; alarm aw noc 3; system aw no 4
read_order: citizen o noc 4; agent o noc 3; village w noc 4; town w noc 4; county w noc 4; alarm aw noc 3; provider w oc 4; finance w c 2
dispatch: town w noc 4; county w noc 4; alarm aw noc 3; system aw no 4
do_order: village w noc 4; provider w oc 4
confirm_order: citizen o noc 4; agent o noc 3; town w noc 4; county w noc 4; alarm aw noc 3
settle_order: finance w c 2
keep_provider: county w n 2
bind_device: town w n 2; county w n 2
signal: machine a no 2
read_assessment: citizen o oec 4; agent o oec 4; village s oec 4; town s oec 4; county s oec 4
assess: village hs noe 4; town hs noe 4; county hs noe 4
confirm_grade: county s oe 4
draw_lots: county w n 1
book: citizen o noc 3; agent o noc 3; town w noc 3; county w noc 3
read_booking: citizen o noc 3; agent o noc 3; town w noc 3; county w noc 3
keep_booking: town w noc 3; county w noc 3; system w noc 3
keep_plan: town w n 1; county w n 1; system w n 1
freeze_plan: county w n 1
keep_life: town w no 3; county w no 3; system w no 3
open_joint: county ch ndo 4
read_book: citizen o no 3; agent o no 3; county w no 3; charity w no 3
use_book: citizen o no 3; agent o no 3
keep_book: county w no 3; charity w no 3
";

fn role_named(name: &str) -> Role {
    match name {
        "citizen" => Role::Citizen,
        "agent" => Role::Agent,
        "village" => Role::VillageWorker,
        "town" => Role::TownOfficer,
        "county" => Role::CountyApprover,
        "leader" => Role::Leader,
        "finance" => Role::Finance,
        "alarm" => Role::AlarmOperator,
        "provider" => Role::Provider,
        "charity" => Role::CharityAccountant,
        "author" => Role::RuleAuthor,
        "approver" => Role::RuleApprover,
        "machine" => Role::DepartmentMachine,
        "auditor" => Role::Auditor,
        "sysadmin" => Role::SystemAdministrator,
        "secadmin" => Role::SecurityAdministrator,
        "audadmin" => Role::AuditAdministrator,
        "system" => Role::System,
        other => panic!("{other}"),
    }
}

struct Line {
    role: Role,
    purposes: String,
    states: String,
    level: usize,
}

fn expectation(action: Action) -> Vec<Line> {
    let name = serde_json::to_string(&action).unwrap();
    let start = format!("{}: ", name.trim_matches('"'));
    let line = EXPECTED.lines().find_map(|line| line.strip_prefix(&start));
    let line = line.unwrap_or_else(|| panic!("{start} is not in the expectation"));
    let part = |part: &str| {
        let words: Vec<_> = part.split_whitespace().collect();
        Line {
            role: role_named(words[0]),
            purposes: words[1].into(),
            states: words[2].into(),
            level: words[3].parse().unwrap(),
        }
    };
    line.split(';').map(part).collect()
}

/// Whether the tie reaches the record, by what kind of role it is.
fn reaches(role: Role, action: Action, tie: Tie) -> bool {
    use Tie::*;
    let held = matches!(
        tie,
        Inside | Same | Above | Elsewhere | InsideAndOwn | InsideAndRelative
    );
    let impartial = !matches!(tie, Own | InsideAndOwn | InsideAndRelative);
    let person = role.is_human();
    match role {
        Role::Citizen | Role::Agent => matches!(tie, Own | InsideAndOwn),
        Role::System => true,
        Role::SystemAdministrator | Role::SecurityAdministrator | Role::AuditAdministrator => {
            held && impartial
        }
        Role::Auditor if action == Action::ReadAudit => held && impartial,
        Role::DepartmentMachine
            if matches!(action, Action::Import | Action::AskAsParty | Action::Signal) =>
        {
            held
        }
        Role::Provider => held && impartial,
        _ if person => matches!(tie, Inside | Same),
        _ => matches!(tie, Inside | Same | InsideAndOwn | InsideAndRelative),
    }
}

fn letters<T: Copy + PartialEq>(all: &[T], letters: &str, one: T, text: &str) -> bool {
    let at = all.iter().position(|x| *x == one);
    let letter = at.and_then(|at| letters.chars().nth(at));
    letter.is_some_and(|letter| text.contains(letter))
}

fn ask(
    role: Role,
    tie: Tie,
    action: Action,
    why: PurposeKind,
    record: Record,
) -> Result<Permit, Refusal> {
    ask_with(&grants(role, tie), role, tie, action, why, record)
}

fn ask_with(
    grants: &[Grant],
    role: Role,
    tie: Tie,
    action: Action,
    why: PurposeKind,
    record: Record,
) -> Result<Permit, Refusal> {
    let ward = matches!(tie, Tie::Own | Tie::InsideAndOwn);
    let agencies = [Agency {
        agent: ME,
        of: if ward { ME } else { PersonId(2) },
        from: SPAN.0,
        to: SPAN.1,
    }];
    let related = tie == Tie::InsideAndRelative;
    let relatives = if related { vec![ME] } else { Vec::new() };
    let known = Knowledge {
        grants,
        agencies: &agencies,
        relatives: &relatives,
    };
    let request = Request {
        actor: actor(role),
        action,
        record,
        purpose: purpose(why),
    };
    allow(&request, known, now())
}

#[test]
fn the_table_agrees_with_the_expectation_everywhere() {
    let mut wrong = Vec::new();
    let (mut asked, mut allowed) = (0, 0);
    for &action in Action::ALL {
        let lines = expectation(action);
        for role in ROLES {
            for tie in TIES {
                let held = grants(role, tie);
                let reached = reaches(role, action, tie);
                for &why in PurposeKind::ALL {
                    for &state in RecordState::ALL {
                        for (rank, level) in LEVELS.into_iter().enumerate() {
                            let expected = reached
                                && lines.iter().any(|line| {
                                    line.role == role
                                        && rank <= line.level
                                        && letters(
                                            PurposeKind::ALL,
                                            "ocvhsadpkumw",
                                            why,
                                            &line.purposes,
                                        )
                                        && letters(RecordState::ALL, "ndoecs", state, &line.states)
                                });
                            let record = record(tie, state, level);
                            let answer = ask_with(&held, role, tie, action, why, record);
                            asked += 1;
                            allowed += usize::from(answer.is_ok());
                            if answer.is_ok() != expected {
                                wrong.push(format!(
                                    "{role:?} {tie:?} {action:?} {why:?} {state:?} {level:?}: {answer:?}"
                                ));
                            }
                        }
                    }
                }
            }
        }
    }
    let shown: Vec<_> = wrong.iter().take(20).collect();
    assert!(
        wrong.is_empty(),
        "{} of {asked} wrong: {shown:#?}",
        wrong.len()
    );
    assert_eq!(
        asked,
        Action::ALL.len() * ROLES.len() * TIES.len() * PurposeKind::ALL.len() * 6 * LEVELS.len()
    );
    assert!(allowed > 1000, "{allowed}");
}

#[test]
fn the_refusal_names_what_is_missing() {
    let town = |tie, why, state, level| {
        let record = record(tie, state, level);
        ask(Role::TownOfficer, tie, Action::Accept, why, record).unwrap_err()
    };
    use {FieldLevel::L1, PurposeKind::Audit, PurposeKind::Case, RecordState::Closed};
    use {RecordState::Open, Tie::*};
    assert_eq!(town(Elsewhere, Case, Open, L1), Refusal::Region);
    assert_eq!(town(Inside, Audit, Open, L1), Refusal::Purpose);
    assert_eq!(town(InsideAndRelative, Case, Open, L1), Refusal::Conflict);
    assert_eq!(town(Inside, Case, Closed, L1), Refusal::State);
    let finance = ask(
        Role::Finance,
        Inside,
        Action::ReadLedger,
        PurposeKind::Payment,
        record(Inside, Open, FieldLevel::L4),
    );
    assert_eq!(finance, Err(Refusal::Level));
    let nobody = ask(
        Role::Finance,
        Inside,
        Action::Decide,
        Case,
        record(Inside, Open, L1),
    );
    assert_eq!(nobody, Err(Refusal::Role));
}

#[test]
fn a_human_role_with_nobody_behind_it_may_nothing() {
    let request = Request {
        actor: Actor {
            person: None,
            ..actor(Role::TownOfficer)
        },
        action: Action::Accept,
        record: record(Tie::Inside, RecordState::Open, FieldLevel::L1),
        purpose: Purpose::Case(CaseId(1)),
    };
    let grants = [Grant {
        holder: Holder::Account("me".into()),
        role: Role::TownOfficer,
        region: region(330482001000),
        from: date("2026-01-01"),
        to: None,
    }];
    let known = Knowledge {
        grants: &grants,
        ..Knowledge::default()
    };
    assert_eq!(allow(&request, known, now()), Err(Refusal::NotAPerson));
}

#[test]
fn four_eyes_are_counted_by_person_not_by_account() {
    let one = actor(Role::Finance);
    let same_person = Actor {
        account: "another".into(),
        ..one.clone()
    };
    let other = Actor {
        person: Some(PersonId(8)),
        ..one.clone()
    };
    let system = actor(Role::System);
    let earlier = std::slice::from_ref(&one);
    assert_eq!(four_eyes(&same_person, earlier), Err(Refusal::FourEyes));
    assert_eq!(four_eyes(&system, earlier), Err(Refusal::NotAPerson));
    assert_eq!(four_eyes(&other, earlier), Ok(PersonId(8)));
    assert_eq!(distinct_people(&[one, same_person, other, system]), 2);
    assert_eq!(people_needed(Action::ReleaseBatch), 2);
    assert_eq!(people_needed(Action::ReadCase), 1);
}

#[test]
fn values_are_masked_on_the_server() {
    let permit = |level| Permit {
        action: Action::ReadCase,
        level,
    };
    let id = "990101199001011239";
    let full = Some(id.to_owned());
    let masked = Some("****1239".to_owned());
    use FieldLevel::*;
    use View::*;
    for (level, view, ceiling, expected) in [
        (L0, List, L0, &full),
        (L1, List, L4, &full),
        (L2, List, L4, &masked),
        (L3, List, L4, &masked),
        (L4, List, L4, &None),
        (L3, Detail, L3, &full),
        (L3, Detail, L2, &masked),
        (L2, Detail, L1, &masked),
        (L4, Detail, L3, &None),
        (L4, Detail, L4, &full),
        (L1, Detail, L0, &None),
    ] {
        let shown = show(id, level, view, &permit(ceiling));
        assert_eq!(&shown, expected, "{level:?} {view:?} {ceiling:?}");
    }
    assert_eq!(last_four("12345678"), "****");
    assert_eq!(last_four("建设银行卡尾号一二三四"), "****一二三四");
}

fn calendar() -> WorkCalendar {
    WorkCalendar::from_csv("date,kind,name\n2026-01-01,holiday,元旦\n").unwrap()
}

fn later(minutes: i64) -> Now {
    Now {
        at: now().at + chrono::TimeDelta::minutes(minutes),
    }
}

fn break_glass(others: &[BreakGlass], when: Now) -> Result<BreakGlass, Refusal> {
    let open = GlassCommand::Open {
        actor: actor(Role::AlarmOperator),
        subject: PersonId(1),
        alarm: "a1".into(),
        reason: "老人按了红键没有应答".into(),
    };
    let event = BreakGlass::decide(None, open, others, &calendar(), when)?;
    Ok(BreakGlass::apply(None, &event).unwrap())
}

#[test]
fn break_glass_opens_one_person_for_thirty_minutes_for_reading_only() {
    let glass = break_glass(&[], now()).unwrap();
    let ask = |role, action, subject, why: &str, when| {
        let request = Request {
            actor: actor(role),
            action,
            record: Record {
                subjects: vec![PersonId(subject)],
                ..record(Tie::Inside, RecordState::Sealed, FieldLevel::L4)
            },
            purpose: Purpose::Alarm(why.into()),
        };
        allow_with(&request, Knowledge::default(), Some(&glass), when).is_ok()
    };
    let operator = Role::AlarmOperator;
    assert!(ask(operator, Action::ReadPerson, 1, "a1", later(29)));
    assert!(!ask(operator, Action::ReadPerson, 1, "a1", later(30)));
    assert!(!ask(operator, Action::ReadPerson, 2, "a1", later(1)));
    assert!(!ask(operator, Action::ReadPerson, 1, "a2", later(1)));
    assert!(!ask(operator, Action::Export, 1, "a1", later(1)));
    assert!(!ask(operator, Action::Decide, 1, "a1", later(1)));
    assert!(!ask(
        Role::TownOfficer,
        Action::ReadPerson,
        1,
        "a1",
        later(1)
    ));
}

#[test]
fn break_glass_locks_until_reviewed_by_another() {
    let glass = break_glass(&[], now()).unwrap();
    assert_eq!(glass.review_by, date("2026-09-04"));
    let day = 24 * 60;
    // still within the three working days
    assert!(break_glass(std::slice::from_ref(&glass), later(3 * day)).is_ok());
    assert_eq!(
        break_glass(std::slice::from_ref(&glass), later(4 * day)),
        Err(Refusal::GlassLocked(date("2026-09-04")))
    );
    let review = |person| GlassCommand::Review {
        actor: Actor {
            person: Some(PersonId(person)),
            ..actor(Role::CountyApprover)
        },
        found: "情况属实，应当查看".into(),
    };
    let decide = |command| BreakGlass::decide(Some(&glass), command, &[], &calendar(), now());
    assert_eq!(decide(review(ME.0)), Err(Refusal::FourEyes));
    let event = decide(review(8)).unwrap();
    let reviewed = BreakGlass::apply(Some(glass.clone()), &event).unwrap();
    assert!(break_glass(std::slice::from_ref(&reviewed), later(4 * day)).is_ok());
    let again = BreakGlass::decide(Some(&reviewed), review(9), &[], &calendar(), now());
    assert_eq!(again, Err(Refusal::NothingThere));
    let reopen = GlassCommand::Open {
        actor: actor(Role::AlarmOperator),
        subject: PersonId(5),
        alarm: "a1".into(),
        reason: "换一个人看一看".into(),
    };
    assert_eq!(decide(reopen), Err(Refusal::GlassOpen));
    let short = GlassCommand::Open {
        actor: actor(Role::AlarmOperator),
        subject: PersonId(5),
        alarm: "a1".into(),
        reason: "急".into(),
    };
    let answer = BreakGlass::decide(None, short, &[], &calendar(), now());
    assert_eq!(answer, Err(Refusal::Reason(6)));
}

#[test]
fn roles_are_granted_by_two_people_and_some_never_meet() {
    let admin = |person| Actor {
        account: format!("admin{person}"),
        person: Some(PersonId(person)),
        role: Role::SecurityAdministrator,
    };
    let grant = |role, person| Grant {
        holder: Holder::Person(PersonId(person)),
        role,
        region: region(330482000000),
        from: date(TODAY),
        to: None,
    };
    let mut held = Grants::default();
    let step = |held: &mut Grants, by: &Actor, command| {
        let event = held.decide(by, command, now())?;
        held.apply(&event);
        Ok::<_, Refusal>(())
    };
    use GrantCommand::{Approve, Propose, Revoke};
    let town = || grant(Role::TownOfficer, 50);
    assert_eq!(
        step(
            &mut held,
            &actor(Role::SystemAdministrator),
            Propose(town())
        ),
        Err(Refusal::Role)
    );
    assert_eq!(
        step(&mut held, &admin(50), Propose(town())),
        Err(Refusal::Conflict)
    );
    step(&mut held, &admin(1), Propose(town())).unwrap();
    assert_eq!(
        step(&mut held, &admin(1), Approve(0)),
        Err(Refusal::FourEyes)
    );
    assert_eq!(
        step(&mut held, &admin(50), Approve(0)),
        Err(Refusal::Conflict)
    );
    assert!(held.grants.is_empty());
    step(&mut held, &admin(2), Approve(0)).unwrap();
    assert_eq!(held.grants.len(), 1);
    for (role, expected) in [
        (Role::Finance, Refusal::Incompatible),
        (Role::SystemAdministrator, Refusal::Incompatible),
        (Role::Auditor, Refusal::Incompatible),
        (Role::System, Refusal::Role),
        (Role::DepartmentMachine, Refusal::NotAPerson),
    ] {
        let proposed = step(&mut held, &admin(1), Propose(grant(role, 50)));
        assert_eq!(proposed, Err(expected), "{role:?}");
    }
    let past = Grant {
        to: Some(date("2026-08-31")),
        ..town()
    };
    assert_eq!(
        step(&mut held, &admin(1), Propose(past)),
        Err(Refusal::Dates)
    );
    step(&mut held, &admin(1), Revoke(0)).unwrap();
    assert!(!held.grants[0].holds_on(date(TODAY)), "revoked at once");
    assert_eq!(
        step(&mut held, &admin(1), Revoke(0)),
        Err(Refusal::NothingThere)
    );
}
