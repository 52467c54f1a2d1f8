//! Alarms: nobody may lose one.

use super::world::*;
use crate::*;
use kernel::{Role, Slug};
use std::collections::BTreeMap;

fn who(order: &Order) -> Vec<(i64, Whom)> {
    let since = |calling: &Calling| (calling.at - at(0).at).num_seconds();
    order
        .callings
        .iter()
        .map(|one| (since(one), one.who))
        .collect()
}

fn answers(of: &[(&str, &str)]) -> BTreeMap<Slug, String> {
    of.iter()
        .map(|(id, text)| (slug(id), (*text).to_owned()))
        .collect()
}

#[test]
fn d04_a_red_key_calls_at_once_and_climbs_until_a_human_answers() {
    use Whom::*;
    let mut tale = Tale::pressed();
    assert_eq!(who(&tale.order), [(0, DutyOperator), (0, FamilyContacts)]);
    for seconds in [59, 60, 60, 90, 149, 150] {
        tale.ok(seconds, system(), Act::Tick);
    }
    assert_eq!(
        who(&tale.order),
        [
            (0, DutyOperator),
            (0, FamilyContacts),
            (60, NearestProvider),
            (90, Emergency),
            (150, DutyOperator),
            (150, FamilyContacts),
        ],
        "90 s and a minute's pause later the ladder begins anew"
    );
    assert!(tale.order.clocks[0].missed, "unanswered for 60 s is noted");
    assert_eq!(tale.no(160, system(), Act::Answer), "order.not_a_person");
    tale.ok(160, operator(), Act::Answer);
    tale.ok(700, system(), Act::Tick);
    assert_eq!(
        who(&tale.order).len(),
        6,
        "answered: the answer ladder is left"
    );
    // The close clock calls the operator when it has run out, and again.
    tale.ok(761, system(), Act::Tick);
    assert_eq!(who(&tale.order).len(), 7);
    let next = tale.order.next_tick(&tale.ty).unwrap();
    tale.ok((next - at(0).at).num_seconds(), system(), Act::Tick);
    assert_eq!(who(&tale.order).len(), 8);
}

#[test]
fn d36_presses_are_one_incident_and_a_later_one_wants_an_answer_of_its_own() {
    let mut tale = Tale::pressed();
    for seconds in [1, 2, 3] {
        tale.ok(seconds, system(), Act::Press);
    }
    assert_eq!((tale.order.presses, tale.order.clocks.len()), (4, 1));
    tale.ok(20, operator(), Act::Answer);
    tale.ok(25, system(), Act::Press);
    assert!(
        tale.order.clock(ClockOf::Answer).is_none(),
        "still the burst"
    );
    tale.ok(300, system(), Act::Press);
    assert!(
        tale.order.clock(ClockOf::Answer).is_some(),
        "help is wanted anew"
    );
    let all = answers(&[("who_answered", "甲"), ("what_happened", "跌倒")]);
    let close = Act::Close { answers: all };
    assert_eq!(
        tale.no(310, operator(), close.clone()),
        "order.not_answered"
    );
    tale.ok(320, operator(), Act::Answer);
    tale.ok(330, operator(), close);
    assert_eq!(tale.order.stage, Stage::Closed);
    assert_eq!(tale.order.next_tick(&tale.ty), None);
}

#[test]
fn d04_an_alarm_is_closed_only_with_what_the_pack_needs_and_never_cancelled() {
    let mut tale = Tale::pressed();
    let some = answers(&[("who_answered", "甲"), ("what_happened", "  ")]);
    let cancel = Act::Cancel {
        side: Side::Office,
        why: "误按".into(),
    };
    let transfer = Act::Transfer {
        to: slug("line_12345"),
        why: "x".into(),
    };
    assert_eq!(
        tale.no(
            5,
            operator(),
            Act::Close {
                answers: some.clone()
            }
        ),
        "order.not_answered"
    );
    tale.ok(6, operator(), Act::Answer);
    for (act, code) in [
        (Act::Close { answers: some }, "order.close_lacks"),
        (cancel, "order.alarm_not_cancelled"),
        (transfer, "order.alarm_not_transferred"),
    ] {
        assert_eq!(tale.no(7, operator(), act), code);
    }
    assert!(tale.order.stage.is_open());
}

#[test]
fn d36_after_a_standstill_people_are_called_once_not_sixty_times() {
    let mut tale = Tale::pressed();
    tale.ok(3_600, system(), Act::Tick);
    let later: Vec<_> = who(&tale.order)
        .into_iter()
        .filter(|(at, _)| *at > 0)
        .collect();
    let count = later.len();
    assert!((2..=6).contains(&count), "{later:?}");
    let again = tale.ok(3_600, system(), Act::Tick);
    assert_eq!(again, [], "the same moment twice does nothing twice");
    let next = tale.order.next_tick(&tale.ty).unwrap();
    assert!(next > at(3_600).at);
}

#[test]
fn d03_a_kind_that_could_lose_an_alarm_does_not_load() {
    let spoilt = |spoil: &dyn Fn(&mut OrderType)| {
        let mut ty = red_key();
        spoil(&mut ty);
        ty.validate()
    };
    type Spoil = fn(&mut OrderType);
    let table: [(Spoil, ConfigError); 7] = [
        (
            |ty| {
                ty.clocks = BTreeMap::from([
                    (ClockOf::Close, Lapse::Seconds(9)),
                    (ClockOf::Answer, Lapse::WorkingDays(1)),
                ])
            },
            ConfigError::AlarmSleeps,
        ),
        (|ty| ty.again = None, ConfigError::AlarmEnds),
        (
            |ty| ty.ladder.retain(|r| r.after > 0),
            ConfigError::AlarmUncalled,
        ),
        (
            |ty| ty.clocks.retain(|of, _| *of != ClockOf::Close),
            ConfigError::AlarmWithoutClose,
        ),
        (|ty| ty.close = Close::default(), ConfigError::NoProof),
        (
            |ty| ty.dispatch.by = DispatchBy::Claim,
            ConfigError::AlarmClaimed,
        ),
        (
            |ty| {
                let called = ty.ladder.iter_mut();
                called
                    .filter(|r| r.who == Whom::Emergency)
                    .for_each(|r| r.by = vec![Way::Sms]);
            },
            ConfigError::NobodyToText("120"),
        ),
    ];
    for (spoil, wrong) in table {
        assert!(spoilt(&spoil).contains(&wrong), "{wrong}");
    }
}

#[test]
fn d04_a_provider_may_not_close_what_it_was_sent_to() {
    let mut tale = Tale::pressed();
    tale.providers = vec![provider(1, "urgent", "330482001001")];
    tale.ok(5, operator(), Act::Answer);
    tale.sent(6, 1);
    tale.ok(7, of_provider(1), Act::Accept);
    let all = answers(&[("who_answered", "甲"), ("what_happened", "跌倒")]);
    let mut same = of_provider(1);
    same.role = Role::AlarmOperator;
    let close = Act::Close { answers: all };
    assert_eq!(tale.no(9, same, close.clone()), "order.office_step");
    tale.ok(10, operator(), close);
}
