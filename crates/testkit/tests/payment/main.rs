//! 「发放验收」 A month paid on both databases, against the bank's simulator over
//! real TCP: three people sign, a file gets lost, a reply comes truncated, one
//! line comes back, the three sides agree to the fen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod doubt;
mod world;

use app::payment::{BankGateway, Payments, follow_case};
use app::{AppError, Context};
use engine_access::Purpose;
use engine_case::{
    AdverseDecision, AdverseDraft, AdverseKind, Case, Cause, Channel, Decision, EvidenceReference,
    Notice, NoticeKind, Opened, Outcome, RuleReference, Signature,
};
use engine_payment::*;
use kernel::*;
use std::collections::BTreeSet;
use store::StoreError;
use store::testing::both;
use testkit::bank::{Manners, Spoil};

use world::*;

#[tokio::test(flavor = "multi_thread")]
async fn a35_a16_a_month_is_paid_matched_to_the_fen_and_stated() {
    both(async |db| {
        let world = world(db).await;
        let desk = &world.desk;
        families(&world, 6).await;
        let manners = Manners {
            return_accounts: BTreeSet::from([card(3, 1).number]),
            replies: vec![Spoil::Truncated, Spoil::Honest, Spoil::Honest],
            lose_files: 1,
            ..Manners::default()
        };
        let (serving, bank) = the_bank(manners, &world.clock).await;
        let ten_thousand = Money::from_yuan(10_000).unwrap();
        let programme = slug("dibao");
        desk.appropriate(&ctx(&finance(901)), &programme, ten_thousand, "2026-12")
            .await
            .unwrap();
        let id = first_batch(desk).await;
        through_the_bank(&world, &bank, id).await;
        again(&world, &bank, id).await;
        statements(desk).await;
        arrears(&world).await;
        let faults = store::ledger::verify(&world.db).await.unwrap();
        assert_eq!(faults, []);
        let everything = Money::checked_sum((1..=6).map(owed)).unwrap();
        let paid = world
            .db
            .read(async |tx| tx.account_named("paid:dibao").await)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((paid.balance, paid.held_in), (everything.fen(), 0));
        serving.close().await;
    })
    .await;
}

/// Signed by different people, or refused; the same request twice is one act.
async fn first_batch(desk: &Payments) -> PaymentBatchId {
    let maker = ctx(&finance(901));
    let id = desk.open_batch(&maker, month(MONTH)).await.unwrap();
    assert_eq!(desk.open_batch(&maker, month(MONTH)).await.unwrap(), id);
    let computed = desk.compute_batch(&ctx(&finance(901)), id).await.unwrap();
    assert_eq!(computed.items.get("ready"), Some(&5));
    assert_eq!(computed.items.get("held"), Some(&1), "no account yet");
    let seen = computed.hash.unwrap();
    refused(
        desk.check(&ctx(&finance(901)), id, &seen).await,
        "payment.same_person",
    );
    let early = desk.release(&ctx(&finance(903)), id, &seen).await;
    refused(early, "payment.wrong_state");
    let stranger = actor(905, Role::Finance);
    let told = desk.check(&ctx(&stranger), id, &seen).await;
    assert!(
        matches!(told, Err(AppError::Refused(_))),
        "no grant: {told:?}"
    );
    let checking = ctx(&finance(902));
    let checked = desk.check(&checking, id, &seen).await.unwrap();
    assert_eq!(desk.check(&checking, id, &seen).await.unwrap(), checked);
    let approver = actor(904, Role::CountyApprover);
    desk.approve(&ctx(&approver), id, &seen).await.unwrap();
    for person in [901, 902] {
        let told = desk.release(&ctx(&finance(person)), id, &seen).await;
        refused(told, "payment.same_person");
    }
    let released = desk.release(&ctx(&finance(903)), id, &seen).await.unwrap();
    assert_eq!(released.state, BatchState::Released);
    id
}

async fn through_the_bank(world: &World, bank: &BankGateway, id: PaymentBatchId) {
    let (desk, nuanxin) = (&world.desk, machine());
    // The file is lost on its way: nothing is sent again by the clock.
    let round = desk.talk_to_bank(&ctx(&nuanxin), bank).await.unwrap();
    assert_eq!((round.sent, round.no_word), (0, 1), "{round:?}");
    world.clock.forward(29);
    let round = desk.talk_to_bank(&ctx(&nuanxin), bank).await.unwrap();
    assert_eq!((round.waiting, round.never_received), (1, 0), "too early");
    world.clock.forward(2);
    let round = desk.talk_to_bank(&ctx(&nuanxin), bank).await.unwrap();
    assert_eq!((round.fell_silent, round.never_received), (1, 1));
    // With the bank's proof the same bytes go again; a truncated reply is named.
    let round = desk.talk_to_bank(&ctx(&nuanxin), bank).await.unwrap();
    assert_eq!(round.sent, 1);
    assert_eq!(round.faults, [(id, ReplyFault::Truncated)]);
    let round = desk.talk_to_bank(&ctx(&nuanxin), bank).await.unwrap();
    assert_eq!(round.read[0].state, BatchState::PartlyFailed);
    assert_eq!(round.read[0].returned, owed(3));

    let treasurer = finance(903);
    let told = desk.compare(&ctx(&treasurer), bank, id).await.unwrap();
    assert_eq!(
        (told.difference(), told.differences.len()),
        (Money::ZERO, 0)
    );
    let done = desk
        .reconcile(&ctx(&treasurer), bank, id, vec![])
        .await
        .unwrap();
    assert_eq!(done.state, BatchState::Reconciled);
    let told = desk.close(&ctx(&finance(901)), id).await;
    refused(told, "payment.same_person");
    desk.close(&ctx(&treasurer), id).await.unwrap();
}

/// What came back and what was held goes on in a second batch of the month.
async fn again(world: &World, bank: &BankGateway, first: PaymentBatchId) {
    let desk = &world.desk;
    let (one, two) = (finance(901), finance(902));
    let holding = desk
        .enter_account(&ctx(&one), PersonId(3), &card(3, 2))
        .await
        .unwrap();
    assert_eq!(
        holding.current,
        Some(card(3, 1)),
        "a second person is needed"
    );
    let told = desk
        .confirm_account(&ctx(&one), PersonId(3), &card(3, 2))
        .await;
    refused(told, "payment.same_person");
    desk.confirm_account(&ctx(&two), PersonId(3), &card(3, 2))
        .await
        .unwrap();
    desk.enter_account(&ctx(&one), PersonId(6), &card(6, 1))
        .await
        .unwrap();

    let batch = desk.batch(&ctx(&one), first).await.unwrap();
    let second = desk.open_batch(&ctx(&one), month(MONTH)).await.unwrap();
    let told = desk.compute_batch(&ctx(&one), second).await;
    refused(told, "payment.nothing_due");
    for item in &batch.items {
        let told = desk.reissue(&ctx(&one), first, item.line, second).await;
        match item.key.beneficiary {
            Beneficiary::Household(HouseholdId(3 | 6)) => drop(told.unwrap()),
            _ => refused(told, "payment.wrong_item_state"),
        }
    }
    signed_off(desk, second).await;
    let after = desk.batch(&ctx(&one), second).await.unwrap();
    let attempts: Vec<u32> = after.items.iter().map(|item| item.attempt).collect();
    assert_eq!(attempts, [2, 2]);
    for _ in 0..3 {
        desk.talk_to_bank(&ctx(&machine()), bank).await.unwrap();
    }
    let after = desk.batch(&ctx(&one), second).await.unwrap();
    assert_eq!(after.state, BatchState::Settled);
    let treasurer = finance(903);
    desk.reconcile(&ctx(&treasurer), bank, second, vec![])
        .await
        .unwrap();
    desk.close(&ctx(&treasurer), second).await.unwrap();
}

/// A raise that came late is proposed as arrears; nothing is paid by itself.
async fn arrears(world: &World) {
    let desk = &world.desk;
    let months = (month("2026-11"), month(MONTH));
    let told = desk.arrears(&ctx(&finance(901)), months.0, months.1).await;
    assert_eq!(told.unwrap(), []);
    let now = world.clock.now();
    let raise = async move |tx: &mut store::Tx| {
        let whose = Beneficiary::Household(HouseholdId(2));
        let mut old = tx.entitlements_of(whose).await?.remove(0);
        old.state.amount = owed(2).checked_add(Money::from_fen(5_000)).unwrap();
        tx.save_entitlement(old.version, &old.state, &machine(), now)
            .await
    };
    world.db.write(raise).await.unwrap();
    let told = desk
        .arrears(&ctx(&finance(901)), months.0, months.1)
        .await
        .unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].difference, Money::from_fen(5_000));
    assert_eq!(told[0].key.revision, 1);
}

/// a16: the family's own statement, with a total, opened to its obligations.
async fn statements(desk: &Payments) {
    let own = |person: i64| Context {
        purpose: Purpose::Own,
        ..ctx(&actor(person, Role::Citizen))
    };
    for family in [1, 3, 6] {
        let house = HouseholdId(family);
        let (from, through) = (month("2026-01"), month(MONTH));
        let statement = desk
            .statement(&own(family), house, from, through)
            .await
            .unwrap();
        assert_eq!(statement.totals.paid, owed(family));
        assert_eq!(statement.totals.outstanding, Money::ZERO);
        let line = &statement.lines[0];
        assert_eq!(
            statement.lines.len(),
            1,
            "one obligation, however often tried"
        );
        assert_eq!(line.attempts, if family == 1 { 1 } else { 2 });
        assert_eq!(line.name, "最低生活保障");
        let key = format!("dibao/household:{family}/{MONTH}/base/0");
        assert_eq!(line.obligation, key);
        assert!(statement.is_genuine());
        let mut forged = statement.clone();
        forged.lines[0].amount = Money::from_fen(1);
        assert!(!forged.is_genuine());
        let told = desk.statement(&own(2), house, from, through).await;
        assert!(matches!(told, Err(AppError::Refused(_))), "somebody else's");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_money_in_the_fund_nothing_is_approved() {
    both(async |db| {
        let world = world(db).await;
        let desk = &world.desk;
        families(&world, 3).await;
        let maker = finance(901);
        let id = desk.open_batch(&ctx(&maker), month(MONTH)).await.unwrap();
        let computed = desk.compute_batch(&ctx(&maker), id).await.unwrap();
        let seen = computed.hash.unwrap();
        desk.check(&ctx(&finance(902)), id, &seen).await.unwrap();
        let approver = actor(904, Role::CountyApprover);
        let short = Money::from_fen(owed(1).fen() + owed(2).fen() - 1);
        desk.appropriate(&ctx(&maker), &slug("dibao"), short, "one")
            .await
            .unwrap();
        let told = desk.approve(&ctx(&approver), id, &seen).await;
        refused(told, "ledger.below_floor");
        let batch = desk.batch(&ctx(&maker), id).await.unwrap();
        assert_eq!(batch.state, BatchState::Checked, "nothing of it was kept");
        let cent = Money::from_fen(1);
        desk.appropriate(&ctx(&maker), &slug("dibao"), cent, "two")
            .await
            .unwrap();
        let told = desk
            .appropriate(&ctx(&maker), &slug("dibao"), cent, "two")
            .await;
        refused(told, "ledger.reference_taken");
        desk.approve(&ctx(&approver), id, &seen).await.unwrap();
        // Sent back: the money is free again, and reserved anew.
        desk.reject(&ctx(&finance(903)), id, "金额有疑问")
            .await
            .unwrap();
        let held = held(&world).await;
        assert_eq!(held, 0);
        signed_off(desk, id).await;
        let held = self::held(&world).await;
        assert_eq!(held, owed(1).fen() + owed(2).fen());
        assert_eq!(store::ledger::verify(&world.db).await.unwrap(), []);
    })
    .await;
}

async fn held(world: &World) -> i64 {
    let account = world
        .db
        .read(async |tx| tx.account_named("fund:dibao").await)
        .await
        .unwrap();
    account.unwrap().held_out
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_at_once_pay_nobody_twice() {
    both(async |db| {
        let world = world(db).await;
        let desk = &world.desk;
        families(&world, 20).await;
        let manners = Manners {
            return_every: 4,
            replies: vec![Spoil::Incomplete, Spoil::Repeated],
            ..Manners::default()
        };
        let (serving, bank) = the_bank(manners, &world.clock).await;
        let plenty = Money::from_yuan(100_000).unwrap();
        desk.appropriate(&ctx(&finance(901)), &slug("dibao"), plenty, "one")
            .await
            .unwrap();
        let id = desk
            .open_batch(&ctx(&finance(901)), month(MONTH))
            .await
            .unwrap();
        signed_off(desk, id).await;
        let mut conflicts = 0;
        for _ in 0..8 {
            let (one, two) = (ctx(&machine()), ctx(&machine()));
            let (one, two) = tokio::join!(
                desk.talk_to_bank(&one, &bank),
                desk.talk_to_bank(&two, &bank)
            );
            for told in [one, two] {
                match told {
                    Ok(_) => {}
                    // The slower one found the work done: nothing of its was kept.
                    Err(AppError::Store(StoreError::Conflict { .. } | StoreError::LeaseLost))
                    | Err(AppError::Refused(_)) => conflicts += 1,
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
        eprintln!("{conflicts} of 16 rounds met the other worker");
        let batch = desk.batch(&ctx(&finance(901)), id).await.unwrap();
        assert_eq!(batch.state, BatchState::PartlyFailed);
        let done = desk
            .reconcile(&ctx(&finance(903)), &bank, id, vec![])
            .await
            .unwrap();
        assert_eq!(done.items.get("returned"), Some(&4));
        assert_eq!(done.items.get("paid"), Some(&15));
        assert_eq!(store::ledger::verify(&world.db).await.unwrap(), []);
        serving.close().await;
    })
    .await;
}

// ── entitlements from decisions ──

fn notice(kind: NoticeKind) -> Notice {
    Notice {
        kind,
        text: "告知".into(),
        remedy: vec!["60 日内申请行政复议".into()],
    }
}

fn granted(id: i64, amount: i64, from: &str) -> Decision {
    let grant = engine_case::Grant {
        amount: Money::from_yuan(amount),
        from: month(from),
        review_on: None,
        reasons: "符合条件".into(),
        notice: notice(NoticeKind::Granted),
    };
    decision(id, Outcome::Granted(grant))
}

/// Stopped because of a death: nobody is left to be heard.
fn stopped(id: i64, from: &str, phase_out_months: u32) -> Decision {
    let draft = AdverseDraft {
        kind: AdverseKind::Stop,
        cause: Cause::Death,
        rules: vec![RuleReference {
            rule: slug("death"),
            says: "已经去世".into(),
            basis: "第一条".into(),
        }],
        evidence: vec![EvidenceReference {
            what: "死亡注销".into(),
            source: "公安局".into(),
            as_of: None,
            reference: "1".into(),
        }],
        reasons: "已经去世".into(),
        notice: notice(NoticeKind::Stopped),
        from: Some(month(from)),
        amount: None,
        phase_out_months,
    };
    let adverse = AdverseDecision::new(draft, signature(), None, false).unwrap();
    decision(id, Outcome::Adverse(adverse))
}

fn signature() -> Signature {
    let at = Instant::from_timestamp(1_796_000_000, 0).unwrap();
    Signature::of(&actor(904, Role::CountyApprover), at).unwrap()
}

fn decision(id: i64, outcome: Outcome) -> Decision {
    Decision {
        id: DecisionId(id),
        revision: 1,
        replaces: None,
        outcome,
        signed: signature(),
        certificate: None,
        served: None,
        paused: false,
        revoked: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entitlements_follow_the_decisions_and_their_appeals() {
    both(async |db| {
        let world = world(db).await;
        let mut case = Case {
            opened: Some(Opened {
                case: CaseId(1),
                service: slug("dibao"),
                applicant: PersonId(1),
                beneficiary: PersonId(1),
                household: HouseholdId(1),
                members: vec![],
                region: "330482001001".parse().unwrap(),
                channel: Channel::Window,
                part_of: None,
            }),
            ..Case::default()
        };
        one_off_aid(&world, &case).await;
        let follow = async |case: &Case| {
            let (law, case, now) = (world.law.clone(), case.clone(), world.clock.now());
            let write = async move |tx: &mut store::Tx| {
                let changed = follow_case(tx, &law, &case, &finance(901), now).await?;
                let whose = Beneficiary::Household(HouseholdId(1));
                let all = tx.entitlements_of(whose).await?;
                Ok::<_, AppError>((changed.len(), all))
            };
            let (changed, all) = world.db.write(write).await.unwrap();
            let due = |period: &str| {
                let due = all.iter().filter_map(|e| e.state.due_in(month(period)));
                due.map(|(amount, _)| amount.fen() / 100)
                    .collect::<Vec<_>>()
            };
            (changed, due("2026-12"), due("2027-03"), due("2027-07"))
        };
        assert_eq!(follow(&case).await, (0, vec![], vec![], vec![]));
        case.decisions.push(granted(1, 800, "2026-12"));
        assert_eq!(follow(&case).await, (1, vec![800], vec![800], vec![800]));
        assert_eq!(follow(&case).await.0, 0, "again changes nothing");
        case.decisions.push(granted(2, 900, "2027-03"));
        assert_eq!(follow(&case).await, (2, vec![800], vec![900], vec![900]));
        case.decisions.push(stopped(3, "2027-07", 0));
        assert_eq!(follow(&case).await, (1, vec![800], vec![900], vec![]));
        // An appeal holds the stop up, then revokes the second grant.
        case.decisions[2].paused = true;
        assert_eq!(follow(&case).await, (1, vec![800], vec![900], vec![900]));
        case.decisions[1].revoked = true;
        assert_eq!(follow(&case).await, (2, vec![800], vec![800], vec![800]));
        case.decisions[2].paused = false;
        case.given_up = Some(month("2027-03"));
        let (_, december, march, july) = follow(&case).await;
        assert_eq!((december, march, july), (vec![800], vec![], vec![]));
    })
    .await;
}

/// Two emergencies in one month are two; a second grant of one case is not.
async fn one_off_aid(world: &World, like: &Case) {
    let case = |id: i64, decisions: Vec<Decision>| {
        let mut case = like.clone();
        let opened = case.opened.as_mut().unwrap();
        opened.case = CaseId(id);
        opened.service = slug("temporary_assistance");
        opened.household = HouseholdId(7);
        case.decisions = decisions;
        case
    };
    let follow = async |case: Case| {
        let (law, now) = (world.law.clone(), world.clock.now());
        let write = async move |tx: &mut store::Tx| {
            follow_case(tx, &law, &case, &finance(901), now).await?;
            let whose = Beneficiary::Household(HouseholdId(7));
            let all = tx.entitlements_of(whose).await?;
            Ok::<_, AppError>(all.into_iter().map(|e| e.state).collect::<Vec<_>>())
        };
        let all = world.db.write(write).await.unwrap();
        let dues = compute(&all, |_| None, month(MONTH), &BTreeSet::new()).unwrap();
        let told = dues.iter().map(|due| due.amount.fen() / 100);
        told.collect::<Vec<_>>()
    };
    let told = follow(case(11, vec![granted(111, 2_000, MONTH)])).await;
    assert_eq!(told, [2_000]);
    let told = follow(case(12, vec![granted(121, 500, MONTH)])).await;
    assert_eq!(told, [2_000, 500]);
    let revised = vec![granted(111, 2_000, MONTH), granted(112, 2_600, MONTH)];
    assert_eq!(follow(case(11, revised)).await, [2_600, 500]);
}
