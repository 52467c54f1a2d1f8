//! Tests of messages.

use crate::*;
use kernel::{Actor, FieldLevel, Instant, MessageId, Now, PersonId, Role};
use proptest::prelude::*;

fn now(minute: i64) -> Now {
    let start: Instant = "2026-09-01T01:00:00Z".parse().unwrap();
    Now {
        at: start + chrono::TimeDelta::minutes(minute),
    }
}

fn sender() -> Actor {
    Actor {
        account: "outbox".into(),
        person: None,
        role: Role::System,
    }
}

fn caller() -> Actor {
    Actor {
        account: "li".into(),
        person: Some(PersonId(7)),
        role: Role::TownOfficer,
    }
}

fn message(mobile: bool, inbox: bool) -> Message {
    Message {
        id: MessageId(1),
        occasion: "case_refused".parse().unwrap(),
        to: Recipient {
            person: PersonId(3),
            mobile,
            inbox,
        },
        case: None,
        text: "您的申请有了结果。".into(),
        sms: Some("您好，您的申请有了结果，请登录查看。".into()),
        proof_wanted: true,
    }
}

fn step(state: &mut State, by: &Actor, command: Command, minute: i64) -> Result<usize, Refusal> {
    let events = decide(state, by, command, &Config::default(), now(minute))?;
    events.iter().for_each(|event| state.apply(event));
    Ok(events.len())
}

fn failed(attempt: usize) -> Command {
    let why = "号码停机".into();
    Command::Failed { attempt, why }
}

#[test]
fn every_channel_failing_ends_on_the_phone_list() {
    for (mobile, inbox, channels) in [
        (
            true,
            true,
            vec![Channel::InApp, Channel::Sms, Channel::Phone],
        ),
        (true, false, vec![Channel::Sms, Channel::Phone]),
        (false, true, vec![Channel::InApp, Channel::Phone]),
        (false, false, vec![Channel::Phone]),
    ] {
        let mut state = State::default();
        step(
            &mut state,
            &sender(),
            Command::Queue(message(mobile, inbox)),
            0,
        )
        .unwrap();
        for attempt in 0.. {
            if state.status == Status::ToCall {
                break;
            }
            step(&mut state, &sender(), failed(attempt), 1).unwrap();
        }
        let mut taken: Vec<_> = state.attempts.iter().map(|a| a.channel).collect();
        taken.dedup();
        assert_eq!(taken, channels);
        // three tries on each channel but the last
        assert_eq!(state.attempts.len(), (channels.len() - 1) * 3 + 1);
        let call = |reached| Command::Called {
            how: "第一次没接，第二次说知道了".into(),
            reached,
        };
        assert_eq!(
            step(&mut state, &sender(), call(true), 2),
            Err(Refusal::NotAPerson)
        );
        step(&mut state, &caller(), call(false), 2).unwrap();
        assert_eq!(state.status, Status::ToCall);
        step(&mut state, &caller(), call(true), 3).unwrap();
        assert_eq!(state.status, Status::Delivered);
    }
}

#[test]
fn a_receipt_told_twice_changes_nothing() {
    let mut state = State::default();
    step(
        &mut state,
        &sender(),
        Command::Queue(message(true, true)),
        0,
    )
    .unwrap();
    let again = Command::Queue(message(true, true));
    assert_eq!(step(&mut state, &sender(), again, 0), Ok(0));
    let sent = Command::Sent {
        attempt: 0,
        reference: Some("a1".into()),
    };
    assert_eq!(step(&mut state, &sender(), sent.clone(), 1), Ok(1));
    assert_eq!(step(&mut state, &sender(), sent, 1), Ok(0));
    let received = Command::Delivered { attempt: 0 };
    assert_eq!(step(&mut state, &sender(), received.clone(), 2), Ok(1));
    let before = state.clone();
    for late in [received, failed(0), Command::Tick] {
        assert_eq!(step(&mut state, &sender(), late, 9999), Ok(0));
    }
    assert_eq!(state, before);
}

#[test]
fn silence_goes_on_to_the_next_channel_and_a_late_receipt_still_counts() {
    let mut state = State::default();
    step(
        &mut state,
        &sender(),
        Command::Queue(message(true, true)),
        0,
    )
    .unwrap();
    let sent = Command::Sent {
        attempt: 0,
        reference: None,
    };
    step(&mut state, &sender(), sent, 0).unwrap();
    assert_eq!(
        step(&mut state, &sender(), Command::Tick, 24 * 60 - 1),
        Ok(0)
    );
    assert_eq!(step(&mut state, &sender(), Command::Tick, 24 * 60), Ok(1));
    assert_eq!(state.attempts[1].channel, Channel::Sms);
    step(
        &mut state,
        &sender(),
        Command::Delivered { attempt: 0 },
        2000,
    )
    .unwrap();
    assert_eq!(state.status, Status::Delivered);
    // the SMS fails afterwards: nothing further is tried
    assert_eq!(step(&mut state, &sender(), failed(1), 2001), Ok(1));
    assert_eq!(state.attempts.len(), 2);
    assert_eq!(state.status, Status::Delivered);
}

#[test]
fn what_is_wrong_is_refused() {
    let mut state = State::default();
    let tick = step(&mut state, &sender(), Command::Tick, 0);
    assert_eq!(tick, Err(Refusal::NoMessage));
    let blank = Message {
        text: " ".into(),
        ..message(true, true)
    };
    let queued = step(&mut state, &sender(), Command::Queue(blank), 0);
    assert_eq!(queued, Err(Refusal::NoText));
    step(
        &mut state,
        &sender(),
        Command::Queue(message(true, true)),
        0,
    )
    .unwrap();
    let other = Message {
        text: "另一条".into(),
        ..message(true, true)
    };
    let queued = step(&mut state, &sender(), Command::Queue(other), 0);
    assert_eq!(queued, Err(Refusal::QueuedAlready));
    let unknown = step(&mut state, &sender(), Command::Delivered { attempt: 5 }, 0);
    assert_eq!(unknown, Err(Refusal::NoAttempt));
    let called = Command::Called {
        how: "打通了".into(),
        reached: true,
    };
    let called = step(&mut state, &caller(), called, 0);
    assert_eq!(called, Err(Refusal::NotOnPhoneList));
}

#[test]
fn an_sms_carries_nothing_above_its_level() {
    let value = |name: &str, text: &str, level| Value {
        name: name.parse().unwrap(),
        text: text.into(),
        level,
    };
    let template = Template::parse("{name}，您的{service}申请有结果了，请登录查看。").unwrap();
    let values = [
        value("name", "张三", FieldLevel::L2),
        value("service", "最低生活保障", FieldLevel::L0),
    ];
    assert_eq!(
        template.sms(&values).unwrap(),
        "张三，您的最低生活保障申请有结果了，请登录查看。"
    );
    let leak = Template::parse("{name}，每月{amount}元").unwrap();
    for level in [FieldLevel::L2, FieldLevel::L3, FieldLevel::L4] {
        let values = [
            value("name", "张三", FieldLevel::L2),
            value("amount", "820.00", level),
        ];
        assert_eq!(
            leak.sms(&values),
            Err(TemplateError::TooSensitive("amount".parse().unwrap()))
        );
    }
    assert_eq!(
        leak.sms(&[value("name", "张三", FieldLevel::L2)]),
        Err(TemplateError::Missing("amount".parse().unwrap()))
    );
    let long = [value("name", &"长".repeat(301), FieldLevel::L0)];
    assert_eq!(
        Template::parse("{name}").unwrap().sms(&long),
        Err(TemplateError::TooLong(301))
    );
    for bad in ["{", "}", "{a", "a}", "{}", "{A b}", "{a}}"] {
        assert!(Template::parse(bad).is_err(), "{bad}");
    }
}

proptest! {
    /// Whatever happens in whatever order: the message is received, on its way, or
    /// on the phone list, and at most one attempt is current.
    #[test]
    fn no_sequence_loses_a_message(steps in proptest::collection::vec((0usize..8, 0u8..5, 0i64..3000), 0..60)) {
        let mut state = State::default();
        step(&mut state, &sender(), Command::Queue(message(true, true)), 0).unwrap();
        let mut minute = 0;
        for (attempt, kind, later) in steps {
            minute += later;
            let command = match kind {
                0 => Command::Sent { attempt, reference: None },
                1 => Command::Delivered { attempt },
                2 => failed(attempt),
                3 => Command::Tick,
                _ => Command::Called { how: "打过".into(), reached: attempt % 2 == 0 },
            };
            let was = state.status;
            let _ = step(&mut state, &caller(), command, minute);
            prop_assert!(!(was == Status::Delivered && state.status != Status::Delivered));
            let alive = state.status == Status::Delivered || state.status == Status::ToCall || state.under_way().is_some();
            prop_assert!(alive, "{state:?}");
            prop_assert!(state.attempts.len() <= 7);
        }
    }
}
