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
    tale.providers[2].stopped = true;
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
fn m04_red_alone_stops_nobody_and_an_unsafe_mark_holds_only_where_the_pack_says_so() {
    let to = || Act::Dispatch {
        to: ProviderId(1),
        why: String::new(),
    };
    let mut tale = Tale::asked(hotline());
    tale.providers[2].record.late = 50;
    tale.providers[2].record.safety = 3;
    tale.ok(10, operator(), to());
    let mut ty = hotline();
    ty.colours.hold_unsafe = true;
    let mut tale = Tale::asked(ty);
    tale.providers[2].record.late = 50;
    tale.providers[2].record.safety = 3;
    assert_eq!(tale.no(10, operator(), to()), "order.held");
    tale.providers[2].record.seen.safety = 3;
    tale.ok(11, operator(), to());
}

#[test]
fn m04_a_person_decides_with_reasons_and_what_they_saw_counts_no_more() {
    let (rule, now) = (ColourRule::default(), at(0));
    let mut one = provider(1, "repair", "330482001001");
    let mut standing = Standing::default();
    one.record.late = 4;
    assert!(!standing.marked(&one, Some(kernel::OrderId(7)), &rule, now));
    assert_eq!(standing.proposal, None, "four are yellow");
    let early = standing.rule(&one, Verdict::Clear, "没事", &operator(), now);
    assert_eq!(early, Err(Refusal::NothingProposed(one.name.clone())));
    one.record.bad = 1;
    assert!(standing.marked(&one, Some(kernel::OrderId(8)), &rule, now));
    assert!(
        !standing.marked(&one, Some(kernel::OrderId(9)), &rule, now),
        "proposed once"
    );
    let orders = &standing.proposal.as_ref().unwrap().orders;
    assert_eq!(orders, &[kernel::OrderId(8), kernel::OrderId(9)]);
    let mut say =
        |one: &Provider, verdict, why: &str, by| standing.rule(one, verdict, why, &by, now);
    let stop = Verdict::Stop;
    assert_eq!(say(&one, stop, "x", system()), Err(Refusal::NotAPerson));
    assert_eq!(
        say(&one, stop, "x", of_provider(1)),
        Err(Refusal::OwnStanding)
    );
    assert_eq!(
        say(&one, stop, "  ", operator()),
        Err(Refusal::Blank("原因"))
    );
    assert_eq!(say(&one, stop, "五次迟到", operator()), Ok(true));
    one.stopped = true;
    assert!(
        say(&one, stop, "再停", operator()).is_err(),
        "decided already"
    );
    assert!(say(&one, Verdict::Clear, "x", operator()).is_err());
    standing.object(&one, "有三次是堵路", &rule, now).unwrap();
    assert_eq!(
        standing.rule(&one, Verdict::LetIn, "说得对", &operator(), now),
        Ok(false)
    );
    let told: Vec<Verdict> = standing.rulings.iter().map(|one| one.verdict).collect();
    assert_eq!(told, [Verdict::Stop, Verdict::LetIn]);
    one.stopped = false;
    one.record.seen = Seen {
        late: 4,
        bad: 1,
        safety: 0,
    };
    assert_eq!(one.record.colour(&rule), Colour::Green);
    assert!(
        standing.object(&one, "x", &rule, now).is_err(),
        "nothing waits"
    );
}

#[test]
fn m04_the_centre_is_reminded_again_and_again_and_a_standstill_is_not_made_up_for() {
    let rule = ColourRule {
        remind_hours: 4,
        ..ColourRule::default()
    };
    let mut one = provider(1, "repair", "330482001001");
    one.record.safety = 1;
    let mut standing = Standing::default();
    standing.marked(&one, None, &rule, at(0));
    let mut waits = standing.proposal.unwrap();
    let hour = 3_600;
    assert!(!waits.remind(at(4 * hour - 1)));
    assert!(waits.remind(at(4 * hour)));
    assert!(!waits.remind(at(4 * hour)));
    assert!(waits.remind(at(21 * hour)));
    assert_eq!(waits.reminded, 5);
    assert_eq!(waits.remind_at(), at(24 * hour).at);
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
