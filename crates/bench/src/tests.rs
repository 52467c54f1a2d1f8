//! Batch against single, and what is assumed against a law that says so, on all packs'
//! examples and on invented people.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use crate::population::{Description, fill};
use crate::screen::{ScreenOptions, assumptions, narrowed, sweep};
use engine_policy::{
    Assumption, AssumptionError, Beneficiary, Entry, Household, Judge, JudgeError, Member,
    RecordRow, RuleBook, Screened, Source, Sweep, Verdict, push_household, screen,
};
use expr::{ColumnView, Frame, Level, Value};
use kernel::{Date, Money, RegionCode, Slug, Truth};
use packs::Pack;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

const PACKS: [&str; 5] = ["zhejiang", "jiaxing", "pinghu", "huzhou", "yiwu"];

fn pack(name: &str) -> Pack {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let loaded = packs::load(&folder.join(name));
    loaded
        .pack
        .unwrap_or_else(|| panic!("{}", loaded.report.render()))
}

/// What one row gets: truth of each condition, verdict, amount, whether arithmetic failed.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    truths: Vec<Truth>,
    verdict: Verdict,
    amount: Option<Money>,
    fault: bool,
}

/// By benefit and row of the frame; chunks of what `step` says.
fn swept(judge: &Judge, frame: &Frame, day: Date, regions: &[RegionCode]) -> Vec<Vec<Told>> {
    let environment = judge.environment(regions, day);
    let mut sweep = Sweep::new(judge);
    let mut told = vec![Vec::new(); sweep.benefits()];
    let (mut next, end) = (0, frame.households());
    while next < end {
        next = sweep.next(frame, &environment, next, end).unwrap().end;
        let all = judge.book().benefits.iter().cycle();
        for ((place, rows), benefit) in told.iter_mut().enumerate().zip(all) {
            let swept = sweep.of(place);
            let amounts: BTreeMap<usize, Money> = swept.amounts.iter().copied().collect();
            for (row, verdict) in swept.verdicts.iter().enumerate() {
                let truth =
                    |bit: usize| match (swept.holds[row] >> bit & 1, swept.fails[row] >> bit & 1) {
                        (1, 0) => Truth::True,
                        (0, 1) => Truth::False,
                        (0, 0) => Truth::Undetermined,
                        _ => panic!("both"),
                    };
                rows.push(Told {
                    truths: (0..benefit.conditions.len()).map(truth).collect(),
                    verdict: *verdict,
                    amount: amounts.get(&row).copied(),
                    fault: swept.faults.contains(&row),
                });
            }
        }
    }
    told
}

/// A household of a frame as the single path takes it.
fn household(frame: &Frame, place: usize, region: RegionCode) -> Household {
    let layout = frame.layout();
    let facts = |level: Level, row: usize| {
        let of_level = layout.facts().iter().filter(|fact| fact.level == level);
        let known = of_level.filter_map(|fact| {
            let cell = frame.get(layout.fact(fact.id.as_str())?, row);
            Some((
                fact.id.clone(),
                Entry::Known(cell.known()?, Source::Example),
            ))
        });
        known.collect::<BTreeMap<Slug, Entry>>()
    };
    let records = |row: usize| {
        let mut found = BTreeMap::new();
        for kind in layout.kinds() {
            let (offsets, gaps, fields) = frame
                .records(layout.kind(kind.id.as_str()).unwrap())
                .unwrap();
            if gaps[row] != 0 {
                continue;
            }
            let rows = offsets[row] as usize..offsets[row + 1] as usize;
            let rows = rows.map(|at| RecordRow {
                fields: fields
                    .iter()
                    .zip(&kind.fields)
                    .map(|(column, decl)| field(*column, at, decl.ty.scale()))
                    .collect(),
                source: Source::Example,
            });
            found.insert(kind.id.clone(), rows.collect());
        }
        found
    };
    Household {
        region,
        facts: facts(Level::Household, place),
        members: frame
            .members_of(place)
            .map(|row| Member {
                facts: facts(Level::Person, row),
                records: records(row),
            })
            .collect(),
    }
}

fn field(column: ColumnView<'_>, row: usize, scale: Option<u8>) -> Option<Value> {
    match column {
        ColumnView::Truth(truths) => match truths[row] {
            1 => Some(Value::Bool(true)),
            2 => Some(Value::Bool(false)),
            _ => None,
        },
        ColumnView::Number(values, gaps) => (gaps[row] == 0).then(|| {
            Value::Number(expr::Decimal {
                mantissa: values[row],
                scale: scale.unwrap(),
            })
        }),
        ColumnView::Date(values, gaps) => (gaps[row] == 0).then(|| {
            Value::Date(chrono::NaiveDate::from_num_days_from_ce_opt(values[row]).unwrap())
        }),
        ColumnView::Code(values, gaps) => (gaps[row] == 0).then(|| Value::Code(values[row])),
    }
}

/// What the single path says of a household for a benefit, by member for personal ones.
fn alone(judge: &Judge, benefit: &str, household: &Household, day: Date) -> Option<Vec<Told>> {
    let told = match judge.judge(benefit, household, day) {
        Ok(told) => told,
        Err(JudgeError::Arithmetic { .. }) => return None,
        Err(why) => panic!("{why}"),
    };
    let told = told.into_iter().map(|one| Told {
        truths: one
            .conditions
            .iter()
            .map(|condition| condition.truth)
            .collect(),
        verdict: one.verdict,
        amount: one.amount,
        fault: false,
    });
    Some(told.collect())
}

/// Holds every row of a sweep and of a screening to the single path; how many rows.
fn hold(judge: &Judge, frame: &Frame, households: &[Household], day: Date) -> usize {
    let regions: BTreeSet<RegionCode> = households.iter().map(|one| one.region).collect();
    let regions: Vec<RegionCode> = regions.into_iter().collect();
    let told = swept(judge, frame, day, &regions);
    let environment = judge.environment(&regions, day);
    let screened = screen(judge, frame, &environment).unwrap();
    let by_row: BTreeMap<_, Screened> = screened
        .into_iter()
        .map(|one| ((one.benefit, one.household, one.member), one))
        .collect();
    let mut rows = 0;
    for (place, benefit) in judge.book().benefits.iter().enumerate() {
        for (number, household) in households.iter().enumerate() {
            let (range, personal) = match benefit.beneficiary {
                Beneficiary::Household => (number..number + 1, false),
                Beneficiary::Person => (frame.members_of(number), true),
            };
            let here = &told[place][range];
            rows += here.len();
            match alone(judge, benefit.id.as_str(), household, day) {
                Some(alone) => assert_eq!(here, alone, "{} {number}", benefit.id),
                None => assert!(here.iter().any(|one| one.fault), "{} {number}", benefit.id),
            }
            for (member, one) in here.iter().enumerate() {
                let member = personal.then_some(member);
                if let Some(found) = by_row.get(&(place, number, member)) {
                    assert_eq!(
                        (found.verdict, found.amount, found.fault),
                        (one.verdict, one.amount, one.fault)
                    );
                } else {
                    assert!(one.verdict != Verdict::Eligible && !one.fault);
                }
            }
        }
    }
    rows
}

#[test]
fn a07_every_example_of_every_pack_is_judged_alike_together_and_alone() {
    let (mut examples, mut rows) = (0, 0);
    for name in PACKS {
        let pack = pack(name);
        let judge = Judge::new(pack.rules().clone());
        let mut days: BTreeMap<Date, Vec<Household>> = BTreeMap::new();
        for example in pack.services().iter().flat_map(|service| &service.examples) {
            days.entry(example.on)
                .or_default()
                .push(example.household.clone());
            examples += 1;
        }
        for (day, households) in days {
            let regions: BTreeSet<RegionCode> = households.iter().map(|one| one.region).collect();
            let mut frame = judge.frame();
            for household in &households {
                let region = regions
                    .iter()
                    .position(|one| *one == household.region)
                    .unwrap();
                push_household(&mut frame, household, region as u32).unwrap();
            }
            rows += hold(&judge, &frame, &households, day);
        }
    }
    println!("{examples} examples, {rows} rows");
    assert!(examples > 100 && rows > 10 * examples, "{examples}, {rows}");
}

/// An invented population of the pack, and what it takes to judge it.
fn invented(pack: &Pack, judge: &Judge, people: usize, complete: bool) -> Frame {
    let description = Description::read().unwrap();
    let sealed = pack
        .rules()
        .facts
        .iter()
        .filter(|fact| fact.needs_authorisation);
    let sealed = sealed.map(|fact| fact.decl.id.to_string()).collect();
    let mut frame = judge.narrow_frame();
    fill(&mut frame, &description, people, complete, &sealed).unwrap();
    frame
}

#[test]
fn invented_people_are_judged_alike_together_and_alone() {
    let pack = pack("pinghu");
    let judge = Judge::new(pack.rules().clone());
    let (region, day) = (pack.head().unwrap().region, Description::read().unwrap().on);
    for complete in [false, true] {
        let frame = invented(&pack, &judge, 900, complete);
        let households: Vec<Household> = (0..frame.households())
            .map(|place| household(&frame, place, region))
            .collect();
        let rows = hold(&judge, &frame, &households, day);
        assert!(rows > 900 * judge.book().benefits.len() / 3);
    }
}

/// A book whose parameters have these values, everywhere and always.
fn decreed(book: &RuleBook, assumption: &Assumption) -> Judge {
    let mut book = book.clone();
    for parameter in &mut book.parameters {
        if let Some(value) = assumption.parameters.get(&parameter.decl.id) {
            parameter
                .values
                .iter_mut()
                .for_each(|one| one.value = *value);
        }
    }
    Judge::new(Arc::new(book))
}

#[test]
fn what_is_assumed_is_what_a_law_with_those_numbers_says() {
    let pack = pack("pinghu");
    let (region, day) = (pack.head().unwrap().region, Description::read().unwrap().on);
    let (book, copies) = narrowed(pack.rules(), 40);
    let assumed = assumptions(&book, copies, region, day);
    assert!(assumed.len() > 1);
    let judge = Judge::comparing(Arc::new(book.clone()), assumed.clone()).unwrap();
    let frame = invented(&pack, &judge, 3_000, false);
    let told = swept(&judge, &frame, day, &[region]);
    let own = book.benefits.len();
    let mut differing = 0;
    for (number, assumption) in [Assumption::default()].iter().chain(&assumed).enumerate() {
        let alone = decreed(&book, assumption);
        let expected = swept(&alone, &frame, day, &[region]);
        for (place, rows) in expected.iter().enumerate() {
            assert_eq!(
                rows,
                &told[number * own + place],
                "{}",
                book.benefits[place].id
            );
            differing += rows
                .iter()
                .zip(&told[place])
                .filter(|(a, b)| a != b)
                .count();
        }
    }
    assert!(differing > 1_000, "{differing}");
}

#[test]
fn nothing_is_assumed_that_the_law_does_not_know() {
    let pack = pack("pinghu");
    let assume = |id: &str, value: Value| {
        let parameters = BTreeMap::from([(id.parse().unwrap(), value)]);
        Judge::comparing(pack.rules().clone(), vec![Assumption { parameters }])
    };
    let number = pack
        .rules()
        .parameters
        .iter()
        .find(|one| one.decl.ty.scale().is_some());
    let id = number.unwrap().decl.id.as_str();
    assert!(matches!(
        assume(id, Value::Bool(true)),
        Err(AssumptionError::Value { .. })
    ));
    let fine = Value::Number("1.000001".parse().unwrap());
    let coarse = pack
        .rules()
        .parameters
        .iter()
        .find(|one| one.decl.ty.scale().is_some_and(|scale| scale < 6));
    let fine = assume(coarse.unwrap().decl.id.as_str(), fine);
    assert!(matches!(fine, Err(AssumptionError::Value { .. })));
    let unknown = assume("no_such_number", Value::Bool(true));
    assert!(matches!(unknown, Err(AssumptionError::Unknown(_))));
    let whole = Value::Number(expr::Decimal::whole(1_000));
    assert!(assume(id, whole).is_ok());
}

/// The whole of what a sweep finds, by how many threads.
#[test]
fn one_core_and_many_give_identical_screenings() {
    let pack = pack("pinghu");
    let judge = Judge::new(pack.rules().clone());
    let (region, day) = (pack.head().unwrap().region, Description::read().unwrap().on);
    let mut frame = invented(&pack, &judge, 60_000, false);
    let environment = judge.environment(&[region], day);
    let (alone, _) = sweep(&judge, &frame, &environment, 1).unwrap();
    assert!(alone.eligible > 1_000 && alone.fen > 0, "{alone:?}");
    let plain = swept(&judge, &frame, day, &[region]);
    for settled in [false, true] {
        if settled {
            frame.settle();
            // Row by row, not only in sum.
            assert!(swept(&judge, &frame, day, &[region]) == plain);
        }
        for threads in [1, 2, 3, 8] {
            let (together, _) = sweep(&judge, &frame, &environment, threads).unwrap();
            assert_eq!(together, alone, "{threads} threads, settled {settled}");
        }
    }
}

#[test]
fn a_set_limit_of_memory_is_kept_or_told() {
    let options = |memory| ScreenOptions {
        pack: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu"),
        people: 50_000,
        benefits: 10,
        complete: false,
        peers: Vec::new(),
        folder: PathBuf::new(),
        only_answers: false,
        memory: Some(memory),
    };
    let mut told = Vec::new();
    let done = crate::screen(&options(4_000), &mut |line| told.push(line.to_owned()));
    done.unwrap();
    assert!(told[0].starts_with("5000"), "{told:?}");
    // Nobody judges a city in one megabyte.
    let done = crate::screen(&options(1), &mut |_| {});
    assert!(matches!(done, Err(crate::BenchError::Engine(_))));
}

#[test]
fn facts_come_back_from_their_lines_as_they_were() {
    let mut text = Vec::new();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu");
    let (households, people) = crate::write_facts(&folder, 2_000, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let mut lines = text.lines();
    let head: engine_policy::FactsHead = serde_json::from_str(lines.next().unwrap()).unwrap();
    let pack = pack("pinghu");
    assert_eq!(head.pack_hash, pack.hash());
    let judge = Judge::new(pack.rules().clone());
    let mut frame = judge.frame();
    let lines: Vec<engine_policy::FactsLine> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &lines {
        line.push(&mut frame, 0).unwrap();
    }
    assert_eq!(
        (frame.households() as u64, frame.persons() as u64),
        (households, people)
    );
    for (row, line) in lines.iter().enumerate() {
        let again = engine_policy::FactsLine::of_row(&frame, row, line.region().unwrap());
        assert_eq!(again, *line);
        let whole = household(&frame, row, line.region().unwrap());
        assert_eq!(engine_policy::FactsLine::of(&whole, &frame), *line);
    }
}
