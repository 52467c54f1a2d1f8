//! Finding somebody.

use super::world::*;
use crate::*;
use kernel::ProviderId;

#[test]
fn m01_m03_the_nearest_who_can_is_sent_and_nobody_else() {
    let mut ty = hotline();
    ty.dispatch.by = DispatchBy::Nearest;
    let tale = Tale::asked(ty);
    assert_eq!(sent_to(&tale.order), [1], "same village before same town");
    assert_eq!(tale.order.stage, Stage::Offered);
}

#[test]
fn m02_five_minutes_without_an_answer_and_it_goes_to_the_next() {
    let mut ty = hotline();
    ty.dispatch.by = DispatchBy::Nearest;
    let mut tale = Tale::asked(ty);
    tale.ok(180, system(), Act::Tick);
    assert_eq!(tale.order.callings.len(), 1, "warned after three minutes");
    assert_eq!(sent_to(&tale.order), [1]);
    tale.ok(300, system(), Act::Tick);
    assert_eq!(sent_to(&tale.order), [1, 2]);
    let why = "在忙".to_owned();
    tale.ok(310, of_provider(2), Act::Decline { why });
    assert_eq!(sent_to(&tale.order), [1, 2, 3]);
    assert!(!tale.order.wants_person);
    tale.ok(610, system(), Act::Tick);
    assert_eq!(tale.order.stage, Stage::Waiting);
    assert!(
        tale.order.wants_person,
        "three said no or nothing: a person looks"
    );
    assert_eq!(
        tale.no(620, of_provider(1), Act::Accept),
        "order.wrong_stage"
    );
}

#[test]
fn m02_the_response_is_the_first_yes_not_silence_and_not_a_no() {
    let mut ty = hotline();
    ty.dispatch.by = DispatchBy::Nearest;
    let mut tale = Tale::asked(ty);
    assert_eq!(tale.order.response(), None);
    tale.ok(300, system(), Act::Tick);
    assert_eq!(sent_to(&tale.order), [1, 2]);
    assert_eq!(tale.order.response(), None, "nobody said anything");
    let why = "在忙".to_owned();
    tale.ok(310, of_provider(2), Act::Decline { why });
    assert_eq!(tale.order.response(), None, "a no is no answer");
    tale.ok(340, of_provider(3), Act::Accept);
    let took = tale.order.response().map(|took| took.num_seconds());
    assert_eq!(took, Some(340), "from when it was first sent");
}

#[test]
fn m01_refused_without_skill_outside_the_area_full_or_struck_off() {
    let mut tale = Tale::asked(hotline());
    tale.providers[0].areas = vec!["330483".parse().unwrap()];
    tale.providers[1].load = 2;
    tale.providers[2].record.safety = 1;
    for (id, code) in [
        (4, "order.no_skill"),
        (3, "order.out_of_area"),
        (2, "order.full"),
        (1, "order.stopped"),
        (9, "order.no_such_provider"),
    ] {
        let act = Act::Dispatch {
            to: ProviderId(id),
            why: String::new(),
        };
        assert_eq!(tale.no(10, operator(), act), code, "{id}");
    }
    assert_eq!(tale.order.offers, []);
}

#[test]
fn m04_colours_of_partners_and_items() {
    let rule = ColourRule::default();
    let record = |late, bad, safety| Record {
        late,
        bad,
        safety,
        ..Record::default()
    };
    for (record, colour) in [
        (record(0, 0, 0), Colour::Green),
        (record(1, 1, 0), Colour::Green),
        (record(2, 1, 0), Colour::Yellow),
        (record(2, 3, 0), Colour::Red),
        (record(0, 0, 1), Colour::Red),
    ] {
        assert_eq!(record.colour(&rule), colour, "{record:?}");
    }
    for ((now, before, bad), colour) in [
        ((14, 10, 0), Colour::Green),
        ((15, 10, 0), Colour::Yellow),
        ((100, 0, 0), Colour::Green),
        ((1, 1, 3), Colour::Yellow),
        ((1, 1, 5), Colour::Red),
    ] {
        assert_eq!(item_colour(now, before, bad, &rule), colour);
    }
}

#[test]
fn b05_a_wish_is_claimed_by_whoever_wants_to() {
    let mut ty = hotline();
    ty.dispatch.by = DispatchBy::Claim;
    let mut tale = Tale::asked(ty);
    let claim = |id| Act::Claim {
        provider: ProviderId(id),
    };
    assert_eq!(tale.no(5, of_provider(2), claim(1)), "order.not_yours");
    tale.ok(6, of_provider(2), claim(2));
    assert_eq!(tale.order.stage, Stage::Accepted);
    assert_eq!(tale.no(7, of_provider(1), claim(1)), "order.wrong_stage");
    let mut other = Tale::asked(hotline());
    assert_eq!(other.no(5, of_provider(1), claim(1)), "order.not_claimed");
}

#[test]
fn m07_to_another_line_and_back() {
    let mut tale = Tale::asked(hotline());
    let to = |to: &str| Act::Transfer {
        to: slug(to),
        why: "要部门办".into(),
    };
    assert_eq!(tale.no(5, operator(), to("nowhere")), "order.no_such_line");
    tale.ok(5, operator(), to("line_12345"));
    let answered = |reference: Option<&str>, result: Option<&str>, undone| Act::Answered {
        reference: reference.map(str::to_owned),
        result: result.map(str::to_owned),
        undone,
    };
    tale.ok(6, system(), answered(Some("A1"), None, false));
    assert_eq!(tale.ok(7, system(), answered(Some("A1"), None, false)), []);
    tale.ok(8, system(), answered(None, Some("不归我们"), true));
    assert_eq!(tale.order.stage, Stage::Waiting);
    assert!(tale.order.wants_person);
    tale.ok(9, operator(), to("line_12345"));
    tale.ok(10, system(), answered(Some("A2"), Some("修好了"), false));
    assert_eq!(
        tale.order.stage,
        Stage::Done,
        "the resident still says whether it is"
    );
    tale.ok(
        11,
        resident(),
        Act::Confirm {
            words: "好了".into(),
            by_phone: false,
        },
    );
    assert_eq!(tale.order.stage, Stage::Closed);
}

#[test]
fn m03_metres_between_places() {
    let from = Point {
        lat: 30_700_000,
        lon: 121_000_000,
    };
    for ((lat, lon), metres) in [((0, 0), 0), ((1_000, 0), 111), ((0, 10_000), 958)] {
        let to = Point {
            lat: from.lat + lat,
            lon: from.lon + lon,
        };
        let told = from.metres_to(to);
        assert!((told - metres).abs() <= 8, "{told} for {metres}");
    }
}
