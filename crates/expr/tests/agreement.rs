//! 「一致」 The columnar program against the naive interpreter: random well-typed
//! expressions over random households with missing values must agree exactly.
//! NUANXIN_PROPERTY_PAIRS raises the number of (expression, household) pairs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod naive;
#[path = "naive/random.rs"]
mod random;

use expr::*;
use naive::{About, Plain, World};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use random::Random;
use std::collections::HashMap;

const EXPRESSIONS: usize = 8;
const HOUSEHOLDS: usize = 5;

/// How many (expression, household) pairs to try.
fn pairs() -> usize {
    let asked = std::env::var("NUANXIN_PROPERTY_PAIRS");
    asked.ok().and_then(|n| n.parse().ok()).unwrap_or(4_000)
}

fn put(frame: &mut Frame, facts: &naive::Facts, level: Level) {
    let layout = frame.layout().clone();
    for decl in layout.facts().iter().filter(|fact| fact.level == level) {
        if let Some(value) = facts.get(decl.id.as_str()) {
            let place = layout.fact(decl.id.as_str()).unwrap();
            frame.set(place, *value).unwrap();
        }
    }
}

fn frame_of(world: &World, program: &Program) -> Frame {
    let mut frame = Frame::new(program.layout().clone());
    let kinds = program.layout().kinds().to_vec();
    for household in &world.households {
        frame.push_household(household.region as u32);
        put(&mut frame, &household.facts, Level::Household);
        for person in &household.members {
            frame.push_member().unwrap();
            put(&mut frame, &person.facts, Level::Person);
            for kind in &kinds {
                let place = frame.layout().kind(kind.id.as_str()).unwrap();
                let (answered, records) = &person.records[kind.id.as_str()];
                for record in records {
                    frame.push_record(place).unwrap();
                    for (field, decl) in kind.fields.iter().enumerate() {
                        if let Some(value) = record.get(decl.id.as_str()) {
                            frame.set_field(place, field, *value).unwrap();
                        }
                    }
                }
                if *answered {
                    frame.answer_records(place);
                }
            }
        }
    }
    frame
}

fn environment_of(world: &World, program: &Program) -> Environment {
    let mut environment = program.environment(world.as_of, world.parameters.len());
    for (region, values) in world.parameters.iter().enumerate() {
        for (id, value) in values {
            environment.set(id, region, *value).unwrap();
        }
    }
    environment
}

fn same(cell: Cell, plain: Plain) -> bool {
    match (cell, plain) {
        (Cell::Missing, Plain::Missing) | (Cell::Fault, Plain::Fault) => true,
        (Cell::Known(Value::Bool(a)), Plain::Bool(b)) => a == b,
        (Cell::Known(Value::Number(a)), Plain::Number(b)) => i128::from(a.mantissa) == b,
        (Cell::Known(Value::Date(a)), Plain::Date(b)) => a == b,
        (Cell::Known(Value::Code(a)), Plain::Code(b)) => a == b,
        _ => false,
    }
}

/// What a world's households should get, one cell per row of the output.
fn expected(world: &World, typed: &Typed) -> Vec<Plain> {
    let mut cells = Vec::new();
    for household in &world.households {
        let about = About {
            world,
            household,
            person: None,
            record: None,
        };
        match typed.at() {
            Level::Person => cells.extend(household.members.iter().map(|person| {
                let person = Some(person);
                About { person, ..about }.judge(typed.root())
            })),
            _ => cells.push(about.judge(typed.root())),
        }
    }
    cells
}

struct Round {
    random: Random,
    world: World,
    texts: Vec<String>,
    typed: Vec<Typed>,
    program: Program,
    outputs: Vec<Output>,
}

fn round(seed: u64) -> Round {
    let mut random = Random::new(ChaCha8Rng::seed_from_u64(seed));
    for _ in 0..random.rng.random_range(0..4) {
        random.derive();
    }
    let regions = random.rng.random_range(1..3);
    let world = random.world(HOUSEHOLDS, regions);
    let (mut texts, mut typed) = (Vec::new(), Vec::new());
    let mut builder = ProgramBuilder::new();
    let mut outputs = Vec::new();
    for _ in 0..EXPRESSIONS {
        let sort = random.sort();
        let at = if random.rng.random_bool(0.5) {
            Level::Person
        } else {
            Level::Household
        };
        let depth = random.rng.random_range(1..6);
        let text = random.expression(sort, at, depth);
        let checked = random.check(&text, at);
        outputs.push(builder.add(&checked));
        texts.push(text);
        typed.push(checked);
    }
    Round {
        random,
        world,
        texts,
        typed,
        program: builder.finish(),
        outputs,
    }
}

#[test]
fn program_and_naive_interpreter_agree_exactly() {
    let rounds = pairs().div_ceil(EXPRESSIONS * HOUSEHOLDS);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for seed in 0..rounds as u64 {
        let round = round(seed);
        let frame = frame_of(&round.world, &round.program);
        let environment = environment_of(&round.world, &round.program);
        let results = round.program.run(&frame, &environment).unwrap();
        let trace = round.program.trace(&frame, &environment).unwrap();
        let mut settled = frame.clone();
        settled.settle_where(seed as usize % 3 + 1);
        let settled = round.program.run(&settled, &environment).unwrap();
        let mut alone = Results::default();
        let mut runner = round.program.runner().chunk_of(1);
        runner.run(&frame, &environment, &mut alone).unwrap();
        for ((text, typed), output) in round.texts.iter().zip(&round.typed).zip(&round.outputs) {
            let cells = expected(&round.world, typed);
            assert_eq!(results.column(*output).unwrap().rows(), cells.len());
            for (row, plain) in cells.into_iter().enumerate() {
                let cell = results.cell(*output, row);
                let kind = match plain {
                    Plain::Missing => "missing",
                    Plain::Fault => "fault",
                    _ => "known",
                };
                *seen.entry(kind).or_default() += 1;
                let told = || format!("seed {seed}, row {row}: {text}\n{cell:?} is not {plain:?}");
                assert!(same(cell, plain), "{}", told());
                let traced = trace.cell(*output, row);
                assert_eq!(traced, cell, "traced is not together: {}", told());
                let few = settled.cell(*output, row);
                assert_eq!(few, cell, "settled is not as it was: {}", told());
                let lone = alone.cell(*output, row);
                assert_eq!(lone, cell, "alone is not together: {}", told());
            }
        }
    }
    println!(
        "{} pairs: cells {seen:?}",
        rounds * EXPRESSIONS * HOUSEHOLDS
    );
    // A generator whose answers were all alike would prove nothing.
    let all: usize = seen.values().sum();
    assert!(seen["known"] > all / 4 && seen["missing"] > all / 20 && seen["fault"] > 0);
}

#[test]
fn answers_do_not_depend_on_chunks_nor_on_tracing() {
    for seed in 0..40 {
        let round = round(1_000_000 + seed);
        let frame = frame_of(&round.world, &round.program);
        let environment = environment_of(&round.world, &round.program);
        let whole = round.program.run(&frame, &environment).unwrap();
        let mut again = Results::default();
        for people in [1, 2, 3, 7] {
            let mut runner = round.program.runner().chunk_of(people);
            // Twice with the same memory: nothing may be left over.
            for _ in 0..2 {
                runner.run(&frame, &environment, &mut again).unwrap();
                assert_eq!(format!("{whole:?}"), format!("{again:?}"), "seed {seed}");
            }
        }
        let trace = round.program.trace(&frame, &environment).unwrap();
        for output in &round.outputs {
            let rows = whole.column(*output).unwrap().rows();
            for row in (0..=rows).rev() {
                assert_eq!(trace.cell(*output, row), whole.cell(*output, row));
            }
        }
    }
}

/// Whoever fills in everything *but* the leaves named learns nothing: so what
/// is named is what matters, all of it.
#[test]
fn missing_leaves_are_all_that_keeps_an_answer_undetermined() {
    let (mut asked, mut filled) = (0, 0);
    for seed in 0..(pairs() / 40).min(2_000) as u64 {
        let mut round = round(2_000_000 + seed);
        let frame = frame_of(&round.world, &round.program);
        let environment = environment_of(&round.world, &round.program);
        let whole = round.program.run(&frame, &environment).unwrap();
        let trace = round.program.trace(&frame, &environment).unwrap();
        for (text, output) in round.texts.iter().zip(&round.outputs) {
            let rows = whole.column(*output).unwrap().rows();
            let Some(row) = (0..rows)
                .rev()
                .find(|row| trace.cell(*output, *row) == Cell::Missing)
            else {
                continue;
            };
            let leaves = trace.missing_leaves(*output, row);
            assert!(!leaves.is_empty(), "seed {seed}, row {row}: {text}");
            let named = |id: &str, row: Row| {
                leaves.iter().any(|leaf| {
                    let same = match &leaf.what {
                        Missing::Fact(fact) | Missing::Field(fact) => fact.as_str() == id,
                        Missing::Records(kind) => kind.as_str() == id,
                        _ => false,
                    };
                    same && leaf.row == row
                })
            };
            let mut fuller = World {
                as_of: round.world.as_of,
                parameters: round.world.parameters.clone(),
                households: round.world.households.clone(),
            };
            filled += round.random.fill(&mut fuller, named);
            let frame = frame_of(&fuller, &round.program);
            let results = round.program.run(&frame, &environment).unwrap();
            let cell = results.cell(*output, row);
            assert!(
                cell.known().is_none(),
                "seed {seed}, row {row}: {text}\n{leaves:?}"
            );
            asked += 1;
        }
    }
    println!("{asked} undetermined cells, {filled} other facts filled in");
    assert!(asked > 50 && filled > asked);
}

/// Somebody judged alone, then by another law, by the same runner: nothing of the first
/// law may be left.
#[test]
fn a_changed_law_is_seen_by_who_is_judged_alone() {
    let mut changed = 0;
    for seed in 0..60 {
        let round = round(4_000_000 + seed);
        let frame = frame_of(&round.world, &round.program);
        let mut environment = environment_of(&round.world, &round.program);
        let mut runner = round.program.runner().chunk_of(1);
        let mut alone = Results::default();
        let before = round.program.run(&frame, &environment).unwrap();
        let told = |results: &Results| format!("{results:?}");
        for id in std::iter::once(None).chain(round.world.parameters[0].keys().map(Some)) {
            if let Some(id) = id {
                environment.unset(id, 0).unwrap();
            }
            // A copy is the same law; what is changed afterwards is another.
            let environment = environment.clone();
            runner.run(&frame, &environment, &mut alone).unwrap();
            let whole = round.program.run(&frame, &environment).unwrap();
            assert_eq!(told(&whole), told(&alone), "seed {seed}, without {id:?}");
            changed += usize::from(told(&whole) != told(&before));
        }
    }
    assert!(changed > 60, "{changed}");
}

/// Parts of a frame judged one after the other, from anywhere, are the whole.
#[test]
fn parts_of_a_frame_are_judged_as_the_whole_is() {
    for seed in 0..200 {
        let round = round(3_000_000 + seed);
        let frame = frame_of(&round.world, &round.program);
        let environment = environment_of(&round.world, &round.program);
        let whole = round.program.run(&frame, &environment).unwrap();
        for (people, end) in [
            (1, HOUSEHOLDS),
            (4, HOUSEHOLDS),
            (1_000, 3),
            (2, usize::MAX),
        ] {
            let mut runner = round.program.runner().chunk_of(people);
            let mut part = Results::default();
            let mut next = 0;
            let last = end.min(HOUSEHOLDS);
            while next < last {
                let done = runner
                    .run_next(&frame, &environment, next, end, &mut part)
                    .unwrap();
                assert!(done.start == next && done.end > next && done.end <= last);
                let first = frame.members_of(done.start).start;
                for output in &round.outputs {
                    let column = part.column(*output).unwrap();
                    let (start, rows) = match column.level() {
                        Level::Person => (first, frame.members_of(done.end - 1).end - first),
                        _ => (done.start, done.len()),
                    };
                    assert_eq!(column.rows(), rows);
                    for row in 0..rows {
                        assert_eq!(column.cell(row), whole.cell(*output, start + row));
                    }
                }
                next = done.end;
            }
            let after = runner.run_next(&frame, &environment, last, end, &mut part);
            assert_eq!(after.unwrap(), last..last);
        }
    }
}

/// Expressions with other parameters in one program are what they are in a program of
/// their own where the parameters have those values.
#[test]
fn a_variant_is_the_law_with_those_numbers() {
    let mut differing = 0;
    for seed in 0..200 {
        let round = round(4_000_000 + seed);
        let frame = frame_of(&round.world, &round.program);
        let mut random = Random::new(ChaCha8Rng::seed_from_u64(seed));
        let other = random.world(1, round.world.parameters.len());
        let names: Vec<String> = ["standard", "old", "factor", "began"][..1 + seed as usize % 4]
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let mut builder = ProgramBuilder::new();
        let plain: Vec<Output> = round.typed.iter().map(|one| builder.add(one)).collect();
        builder.vary(7, names.iter().map(|name| name.parse().unwrap()).collect());
        let varied: Vec<Output> = round.typed.iter().map(|one| builder.add(one)).collect();
        let together = builder.finish();
        let mut environment = environment_of(&round.world, &together);
        let mut alone = environment_of(&round.world, &round.program);
        for (region, values) in other.parameters.iter().enumerate() {
            for name in &names {
                if let Some(value) = values.get(name) {
                    let id = name.parse().unwrap();
                    environment.set_variant(7, &id, region, *value).unwrap();
                    alone.set(name, region, *value).unwrap();
                } else {
                    // Without a value it is missing in the variant; so it must be alone.
                    alone.unset(name, region).unwrap();
                }
            }
        }
        let both = together.run(&frame, &environment).unwrap();
        let expected = round.program.run(&frame, &alone).unwrap();
        let before = round
            .program
            .run(&frame, &environment_of(&round.world, &round.program))
            .unwrap();
        for (place, output) in round.outputs.iter().enumerate() {
            for row in 0..expected.column(*output).unwrap().rows() {
                let (a, b) = (before.cell(*output, row), expected.cell(*output, row));
                differing += usize::from(a != b);
                assert_eq!(
                    both.cell(plain[place], row),
                    a,
                    "seed {seed}: {}",
                    round.texts[place]
                );
                assert_eq!(
                    both.cell(varied[place], row),
                    b,
                    "seed {seed}: {}",
                    round.texts[place]
                );
            }
        }
    }
    assert!(differing > 500, "{differing}");
}
