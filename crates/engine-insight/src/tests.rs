//! N11: tables of what indicators, alerts and reports do and refuse.

use crate::*;
use kernel::{Actor, Date, Instant, Now, PersonId, Provenance, ReportId, Role, Slug};
use std::collections::BTreeMap;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn q(text: &str) -> Quantity {
    text.parse().unwrap()
}

fn at(text: &str) -> Now {
    let at: Instant = format!("{text}T02:00:00Z").parse().unwrap();
    Now { at }
}

fn who(person: i64) -> Actor {
    Actor {
        account: format!("a{person}"),
        person: Some(PersonId(person)),
        role: Role::CountyApprover,
    }
}

fn machine() -> Actor {
    Actor {
        account: "system".to_owned(),
        person: None,
        role: Role::System,
    }
}

fn years(all: &[(i32, Option<&str>)]) -> BTreeMap<i32, Option<Quantity>> {
    all.iter()
        .map(|(year, text)| (*year, text.map(q)))
        .collect()
}

fn indicator(targets: &[(i32, Option<&str>)], known: &[(i32, Option<&str>)]) -> Indicator {
    Indicator {
        id: slug("homes"),
        name: "儿童之家".to_owned(),
        says: "建成的个数".to_owned(),
        unit: "个".to_owned(),
        better: Better::Higher,
        everywhere: false,
        always: false,
        source: Source::Reported {
            from: "县区".to_owned(),
        },
        targets: years(targets),
        known: years(known),
        every_months: 12,
        jump_percent: Some(50),
        provenance: Provenance::Assumed,
    }
}

fn plan(indicators: Vec<Indicator>) -> Plan {
    Plan {
        id: slug("plan"),
        name: "规划".to_owned(),
        place: "330400".parse().unwrap(),
        span: (2021, 2025),
        years: vec![2020, 2022, 2025],
        tasks: vec![Task {
            id: slug("care"),
            name: "保障".to_owned(),
            indicators,
        }],
        basis: "试验".to_owned(),
        provenance: Provenance::Assumed,
        rows: Vec::new(),
    }
}

fn homes() -> Indicator {
    indicator(
        &[(2022, Some("57")), (2025, Some("72"))],
        &[(2020, Some("28"))],
    )
}

fn point(on: &str, text: &str) -> Option<Point> {
    Some(Point {
        day: day(on),
        quantity: q(text),
    })
}

#[test]
fn n11_a_quantity_is_exact_and_a_share_of_nothing_is_not_zero() {
    for text in ["0", "8.53", "19.61", "10320", "3.1", "0.05"] {
        assert_eq!(q(text).to_string(), text);
    }
    assert_eq!(q("9.50").to_string(), "9.5");
    assert!("/".parse::<Quantity>().is_err());
    assert!("1.234".parse::<Quantity>().is_err());
    assert_eq!(Quantity::share(1, 3), Some(q("33.33")));
    assert_eq!(Quantity::share(2, 3), Some(q("66.67")));
    assert_eq!(Quantity::share(0, 3), Some(q("0")));
    assert_eq!(Quantity::share(0, 0), None);
}

#[test]
fn n11_a_figure_is_measured_by_the_straight_way_between_two_points() {
    let one = homes();
    let plan = plan(vec![one.clone()]);
    let behind = |text: &str| Standing::Behind { wanted: q(text) };
    // From 28 at the end of 2020 to 57 at the end of 2022: 42.5 in the middle.
    let table = [
        (point("2021-12-31", "42.5"), Standing::OnTrack),
        (point("2021-12-31", "42"), behind("42.5")),
        (point("2022-12-31", "57"), Standing::OnTrack),
        (point("2022-12-31", "56"), behind("57")),
        (point("2021-06-30", "72"), Standing::Reached),
        (point("2025-12-31", "71"), behind("72")),
    ];
    for (value, wanted) in table {
        let today = value.unwrap().day;
        let stands = standing(&plan, &one, value, true, today);
        assert_eq!(stands, wanted, "{value:?}");
    }
    // After the plan's end the last figure of its last day counts for ever.
    let late = standing(
        &plan,
        &one,
        point("2025-12-31", "80"),
        true,
        day("2031-01-01"),
    );
    assert_eq!(late, Standing::Reached);
}

#[test]
fn n11_lower_is_better_where_the_pack_says_so() {
    let mut one = indicator(
        &[(2022, Some("10")), (2025, Some("4"))],
        &[(2020, Some("20"))],
    );
    one.better = Better::Lower;
    let plan = plan(vec![one.clone()]);
    let stands = |text| {
        standing(
            &plan,
            &one,
            point("2022-12-31", text),
            true,
            day("2023-01-05"),
        )
    };
    assert_eq!(stands("10"), Standing::OnTrack);
    assert_eq!(stands("11"), Standing::Behind { wanted: q("10") });
    assert_eq!(stands("4"), Standing::Reached);
}

#[test]
fn n11_what_cannot_be_told_is_unknown_with_its_reason_and_never_zero() {
    let null = indicator(&[(2022, None), (2025, Some("100"))], &[(2020, None)]);
    let zero = indicator(
        &[(2022, Some("1")), (2025, Some("7"))],
        &[(2020, Some("0"))],
    );
    let p = plan(vec![null.clone()]);
    let stands = |one: &Indicator, value, whole| standing(&p, one, value, whole, day("2021-12-31"));
    let unknown = |why| Standing::Unknown(why);
    assert_eq!(stands(&null, None, true), unknown(Why::NoValue));
    // A true 0 is a figure; it is behind, not unknown.
    let behind = stands(&zero, point("2021-12-31", "0"), true);
    assert!(matches!(behind, Standing::Behind { .. }), "{behind:?}");
    assert_eq!(
        stands(&null, point("2021-12-31", "40"), true),
        unknown(Why::NoStart)
    );
    assert_eq!(
        stands(&null, point("2021-12-31", "40"), false),
        unknown(Why::OfTheWhole)
    );
    let everywhere = Indicator {
        everywhere: true,
        ..null.clone()
    };
    assert_eq!(
        stands(&everywhere, point("2021-12-31", "100"), false),
        Standing::Reached
    );
    let none = indicator(&[(2022, None), (2025, None)], &[(2020, None)]);
    assert_eq!(
        stands(&none, point("2021-12-31", "40"), true),
        unknown(Why::NoTarget)
    );
    let old = standing(
        &p,
        &null,
        point("2021-12-31", "100"),
        true,
        day("2024-01-01"),
    );
    assert_eq!(old, unknown(Why::Old(day("2021-12-31"))));
    let last = standing(
        &p,
        &null,
        point("2025-12-31", "40"),
        true,
        day("2026-11-26"),
    );
    assert_eq!(last, Standing::Behind { wanted: q("100") });
}

fn reported(on: &str, text: &str) -> Command {
    Command::Report {
        as_of: day(on),
        quantity: q(text),
        source: "年报第 3 页".to_owned(),
        reason: None,
    }
}

fn does(series: &mut Series, command: Command, by: &Actor) -> Result<(), Refusal> {
    let events = decide(series, command, by, &homes(), at("2023-03-01"))?;
    events.iter().for_each(|event| series.apply(event));
    Ok(())
}

fn confirm(on: &str, version: u32) -> Command {
    Command::Confirm {
        as_of: day(on),
        version,
    }
}

#[test]
fn n11_a_value_counts_when_a_second_person_confirmed_it_and_stays_when_corrected() {
    let mut series = Series::new(slug("homes"), "330482".parse().unwrap());
    let (anna, bert) = (who(1), who(2));
    assert_eq!(
        does(&mut series, reported("2023-04-01", "60"), &anna),
        Err(Refusal::Future(day("2023-04-01")))
    );
    assert_eq!(
        does(&mut series, reported("2022-12-31", "60"), &machine()),
        Err(Refusal::NotAPerson)
    );
    does(&mut series, reported("2022-12-31", "60"), &anna).unwrap();
    assert_eq!(series.on(day("2023-01-01")), None, "it waits");
    assert_eq!(
        does(&mut series, reported("2022-12-31", "61"), &bert),
        Err(Refusal::WaitsAlready(day("2022-12-31")))
    );
    assert_eq!(
        does(&mut series, confirm("2022-12-31", 1), &anna),
        Err(Refusal::SamePerson)
    );
    does(&mut series, confirm("2022-12-31", 1), &bert).unwrap();
    assert_eq!(
        does(&mut series, confirm("2022-12-31", 1), &bert),
        Err(Refusal::NotWaiting)
    );
    assert_eq!(series.on(day("2023-01-01")).unwrap().quantity, q("60"));
    // A correction says why, and stands beside the first.
    assert_eq!(
        does(&mut series, reported("2022-12-31", "58"), &anna),
        Err(Refusal::NoReason(day("2022-12-31")))
    );
    assert_eq!(
        does(&mut series, reported("2022-12-31", "60"), &anna),
        Err(Refusal::Same)
    );
    let corrects = Command::Report {
        as_of: day("2022-12-31"),
        quantity: q("58"),
        source: "复核".to_owned(),
        reason: Some("两家重复".to_owned()),
    };
    does(&mut series, corrects, &anna).unwrap();
    assert_eq!(
        series.on(day("2023-01-01")).unwrap().quantity,
        q("60"),
        "until confirmed"
    );
    does(&mut series, confirm("2022-12-31", 2), &bert).unwrap();
    assert_eq!(series.on(day("2023-01-01")).unwrap().quantity, q("58"));
    assert_eq!(series.values.len(), 2);
    assert_eq!(series.confirmed().len(), 1);
}

#[test]
fn n11_an_alert_is_raised_once_and_closed_by_an_outcome_of_a_person() {
    let mut series = Series::new(slug("homes"), "330400".parse().unwrap());
    let raise = Command::Raise {
        kind: AlertKind::OffTrack,
        about: day("2022-12-31"),
        says: "落后".to_owned(),
    };
    does(&mut series, raise.clone(), &machine()).unwrap();
    assert_eq!(
        does(&mut series, raise, &machine()),
        Err(Refusal::RaisedAlready)
    );
    let close = |says: &str| Command::Close {
        no: 1,
        says: says.to_owned(),
    };
    assert_eq!(
        does(&mut series, close("看过"), &machine()),
        Err(Refusal::NotAPerson)
    );
    assert_eq!(
        does(&mut series, close(" "), &who(1)),
        Err(Refusal::NoOutcome)
    );
    does(&mut series, close("两个点推迟到三月"), &who(1)).unwrap();
    assert_eq!(series.open_alerts().count(), 0);
    assert_eq!(
        does(&mut series, close("再看"), &who(1)),
        Err(Refusal::ClosedAlready)
    );
    let text = serde_json::to_string(&series).unwrap();
    assert_eq!(serde_json::from_str::<Series>(&text).unwrap(), series);
}

#[test]
fn n11_signs_tell_off_track_late_and_jump() {
    let one = homes();
    let plan = plan(vec![one.clone()]);
    let kinds = |values: &[Point], whole, today: &str| -> Vec<AlertKind> {
        let found = signs(&plan, &one, values, whole, day(today));
        found.iter().map(|sign| sign.kind).collect()
    };
    let p = |on: &str, text: &str| point(on, text).unwrap();
    assert_eq!(kinds(&[p("2022-12-31", "57")], true, "2023-02-01"), []);
    assert_eq!(
        kinds(&[p("2022-12-31", "50")], true, "2023-02-01"),
        [AlertKind::OffTrack]
    );
    assert_eq!(
        kinds(&[p("2022-12-31", "50")], false, "2023-02-01"),
        [],
        "a part has no target"
    );
    assert_eq!(
        kinds(&[p("2022-12-31", "57")], true, "2024-04-01"),
        [AlertKind::Late]
    );
    let jump = [p("2021-12-31", "30"), p("2022-12-31", "57")];
    assert_eq!(kinds(&jump, true, "2023-02-01"), [AlertKind::Jump]);
    assert_eq!(kinds(&[], false, "2021-06-01"), [], "not yet due");
    assert_eq!(kinds(&[], false, "2022-06-01"), [AlertKind::Late]);
    assert_eq!(kinds(&[], false, "2031-06-01"), [], "the plan is long over");
}

fn frozen(value: Option<&str>) -> Frozen {
    Frozen {
        indicator: slug("homes"),
        name: "儿童之家".to_owned(),
        unit: "个".to_owned(),
        value: value.map(q),
        day: None,
        target: Some(q("72")),
        standing: Standing::Unknown(Why::NoValue),
        lineage: Lineage {
            source: homes().source,
            says: "县区年报".to_owned(),
            records: None,
            digest: None,
        },
    }
}

#[test]
fn n11_a_frozen_report_never_changes_a_correction_is_a_version_beside_it() {
    let plan = plan(vec![homes()]);
    let ask = |figures: Vec<Frozen>, reason: Option<&str>| Freeze {
        id: ReportId(1),
        place: "330400".parse().unwrap(),
        as_of: day("2022-12-31"),
        reason: reason.map(str::to_owned),
        pack: "hash".to_owned(),
        figures,
    };
    let now = at("2023-03-01");
    let first = freeze(&[], ask(vec![frozen(None)], None), &who(1), &plan, now).unwrap();
    assert_eq!(
        (first.version, first.figures[0].value),
        (1, None),
        "a null stays null"
    );
    let earlier = [first];
    let again = |figures, reason| freeze(&earlier, ask(figures, reason), &who(1), &plan, now);
    assert_eq!(
        again(vec![frozen(Some("58"))], None),
        Err(Refusal::Frozen(day("2022-12-31")))
    );
    assert_eq!(
        again(vec![frozen(None)], Some("更正")),
        Err(Refusal::NothingNew)
    );
    let second = again(vec![frozen(Some("58"))], Some("补报")).unwrap();
    assert_eq!(
        (second.version, second.reason.as_deref()),
        (2, Some("补报"))
    );
    let none = freeze(&[], ask(Vec::new(), None), &who(1), &plan, now);
    assert_eq!(none, Err(Refusal::Incomplete("儿童之家".to_owned())));
    let mut bare = frozen(Some("58"));
    bare.lineage.says = " ".to_owned();
    let bare = freeze(&[], ask(vec![bare], None), &who(1), &plan, now);
    assert_eq!(bare, Err(Refusal::NoLineage("儿童之家".to_owned())));
    let mut counted = frozen(Some("58"));
    counted.lineage.source = Source::Counted(Query {
        records: Records::People,
        only: Vec::new(),
        grades: Vec::new(),
        share_of: None,
    });
    let counted = freeze(&[], ask(vec![counted], None), &who(1), &plan, now);
    assert_eq!(
        counted,
        Err(Refusal::NoLineage("儿童之家".to_owned())),
        "no records behind it"
    );
    let machine = freeze(&[], ask(vec![frozen(None)], None), &machine(), &plan, now);
    assert_eq!(machine, Err(Refusal::NotAPerson));
}

#[test]
fn n11_a_plan_that_cannot_be_meant_is_found_when_it_is_loaded() {
    let says = |one: Indicator| -> String {
        let found = prove(&plan(vec![one]));
        let words: Vec<String> = found.into_iter().map(|one| one.says).collect();
        words.join("；")
    };
    assert_eq!(says(homes()), "");
    let table = [
        (
            indicator(&[(2025, Some("72"))], &[(2020, None)]),
            "没有写 2022 年",
        ),
        (
            indicator(&[(2022, None), (2025, None)], &[(2020, None)]),
            "一年的目标也没有定",
        ),
        (
            indicator(&[(2022, Some("9")), (2025, Some("8"))], &[(2020, None)]),
            "越往后越差",
        ),
        (
            indicator(
                &[(2022, Some("7")), (2025, Some("8")), (2030, None)],
                &[(2020, None)],
            ),
            "没有 2030 年",
        ),
    ];
    for (one, wanted) in table {
        let found = says(one);
        assert!(found.contains(wanted), "{found}");
    }
    let twice = prove(&plan(vec![homes(), homes()]));
    assert_eq!(twice.len(), 1);
}
