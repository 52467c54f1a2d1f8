//! 「测速」 Ten benefits of five conditions with household sums, judged for one
//! household and for many; beside it the tests' naive interpreter. Ratios within
//! one run are what counts.
//!
//! `cargo run --release -p expr --example measure [households]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement stops when it cannot measure"
)]

#[path = "../tests/naive/mod.rs"]
mod naive;

use expr::*;
use naive::{About, Household, Person, Plain, World};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;
use std::time::Instant;

const BENEFITS: usize = 10;

const FACTS: [(&str, Level, &str); 9] = [
    ("wage", Level::Person, "元/月"),
    ("pension", Level::Person, "元/月"),
    ("deposits", Level::Person, "元"),
    ("securities", Level::Person, "元"),
    ("vehicles", Level::Person, "个"),
    ("disability_grade", Level::Person, "倍"),
    ("born", Level::Person, "date"),
    ("student", Level::Person, "bool"),
    ("rent", Level::Household, "元/月"),
];

fn ty(unit: &str) -> Type {
    match unit {
        "date" => Type::Date,
        "bool" => Type::Bool,
        "倍" => Type::Number {
            unit: Unit::NONE,
            scale: 0,
        },
        unit => Type::number(unit.parse().unwrap()),
    }
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    for (id, level, unit) in FACTS {
        let decl = FactDecl {
            id: id.parse().unwrap(),
            label: id.to_owned(),
            level,
            ty: ty(unit),
        };
        schema.add_fact(id, decl).unwrap();
    }
    for benefit in 0..BENEFITS {
        let id = format!("standard_{benefit}");
        let decl = ParameterDecl {
            id: id.parse().unwrap(),
            label: id.clone(),
            ty: ty("元/人·月"),
        };
        schema.add_parameter(&id, decl).unwrap();
    }
    for (id, text) in [
        (
            "income_per_head",
            "(sum(members, wage + pension) - min(rent, 500)) / count(members)",
        ),
        ("assets", "sum(members, deposits + securities)"),
    ] {
        let is = check(&parse(text).unwrap(), &schema, Level::Household).unwrap();
        let decl = DerivedDecl {
            id: id.parse().unwrap(),
            label: id.to_owned(),
            is,
        };
        schema.add_derived(id, decl).unwrap();
    }
    schema
}

/// Five conditions and an amount of a benefit.
fn expressions(benefit: usize) -> Vec<String> {
    let k = benefit;
    vec![
        format!("income_per_head < standard_{k}"),
        format!("assets <= {} 月 * standard_{k} * count(members)", 24 + k),
        format!("count(members where vehicles > {}) == 0", k % 3),
        format!(
            "any(members, disability_grade in [1, {}] or age_on(born, as_of) >= {})",
            2 + k % 3,
            60 + k
        ),
        format!("not all(members, student or wage > {})", 3_000 + 100 * k),
        format!("round((standard_{k} - income_per_head) * count(members), 0.01)"),
    ]
}

fn world(households: usize) -> World {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let yuan = |n: i64| Value::Number(Decimal::whole(n));
    let start: kernel::Date = "1935-01-01".parse().unwrap();
    let mut person = || {
        let mut facts = naive::Facts::new();
        let mut put = |id: &str, rng: &mut ChaCha8Rng, value: Value| {
            if rng.random_range(0..50) != 0 {
                facts.insert(id.to_owned(), value);
            }
        };
        let wage = rng.random_range(0..6) * 900;
        put("wage", &mut rng, yuan(wage));
        put("pension", &mut rng, yuan(300));
        let deposits = rng.random_range(0..80_000);
        put("deposits", &mut rng, yuan(deposits));
        put("securities", &mut rng, yuan(0));
        let vehicles = rng.random_range(0..3);
        put("vehicles", &mut rng, yuan(vehicles));
        let grade = rng.random_range(0..5);
        put("disability_grade", &mut rng, yuan(grade));
        let born = start + chrono::Days::new(rng.random_range(0..30_000));
        put("born", &mut rng, Value::Date(born));
        let student = rng.random_bool(0.2);
        put("student", &mut rng, Value::Bool(student));
        Person {
            facts,
            records: Default::default(),
        }
    };
    let households = (0..households).map(|h| Household {
        region: 0,
        facts: [("rent".to_owned(), yuan(h as i64 % 800))].into(),
        members: (0..1 + h % 4).map(|_| person()).collect(),
    });
    let households = households.collect();
    let parameters = (0..BENEFITS).map(|k| (format!("standard_{k}"), yuan(860 + 50 * k as i64)));
    World {
        as_of: "2021-09-01".parse().unwrap(),
        parameters: vec![parameters.collect()],
        households,
    }
}

fn frame_of(program: &Program, households: &[Household]) -> Frame {
    let layout = program.layout().clone();
    let mut frame = Frame::new(layout.clone());
    let put = |frame: &mut Frame, facts: &naive::Facts| {
        for (id, value) in facts {
            frame.set(layout.fact(id).unwrap(), *value).unwrap();
        }
    };
    for household in households {
        frame.push_household(0);
        put(&mut frame, &household.facts);
        for person in &household.members {
            frame.push_member().unwrap();
            put(&mut frame, &person.facts);
        }
    }
    frame
}

fn main() {
    let asked = std::env::args().nth(1);
    let households = asked.map_or(400_000, |n| n.parse().unwrap());
    let schema = schema();
    let compiling = Instant::now();
    let mut builder = ProgramBuilder::new();
    let mut typed = Vec::new();
    for text in (0..BENEFITS).flat_map(expressions) {
        let checked = check(&parse(&text).unwrap(), &schema, Level::Household).unwrap();
        typed.push((builder.add(&checked), checked));
    }
    let program = builder.finish();
    println!(
        "compiled {} expressions into {} operations in {:?}",
        typed.len(),
        program.operations(),
        compiling.elapsed()
    );

    let world = world(households);
    let mut environment = program.environment(world.as_of, 1);
    for (id, value) in &world.parameters[0] {
        environment.set(id, 0, *value).unwrap();
    }
    one_household(&program, &environment, &world, &typed);
    many_households(&program, &environment, &world);
}

fn one_household(
    program: &Program,
    environment: &Environment,
    world: &World,
    typed: &[(Output, Typed)],
) {
    let frames: Vec<Frame> = (0..200)
        .map(|h| frame_of(program, &world.households[h..=h]))
        .collect();
    let mut runner = program.runner();
    let mut results = Results::default();
    for (frame, household) in frames.iter().zip(&world.households) {
        runner.run(frame, environment, &mut results).unwrap();
        for (output, typed) in typed {
            assert!(same(
                results.cell(*output, 0),
                judge(world, household, typed)
            ));
        }
    }
    let mut times = Vec::new();
    for _ in 0..50 {
        for frame in &frames {
            let start = Instant::now();
            runner
                .run(black_box(frame), environment, &mut results)
                .unwrap();
            times.push(start.elapsed());
        }
    }
    times.sort();
    let program_time = times[times.len() / 2];
    println!(
        "one household, all {} outputs: p50 {:?}, p99 {:?}",
        typed.len(),
        program_time,
        times[times.len() * 99 / 100]
    );
    let start = Instant::now();
    for household in &world.households[..200] {
        for (_, typed) in typed {
            black_box(judge(world, household, typed));
        }
    }
    let naive_time = start.elapsed() / 200;
    println!(
        "naive interpreter: {naive_time:?} a household, {:.1} times as long",
        naive_time.as_secs_f64() / program_time.as_secs_f64()
    );
    let start = Instant::now();
    for frame in &frames {
        let trace = program.trace(frame, environment).unwrap();
        for (output, _) in typed {
            black_box(trace.missing_leaves(*output, 0));
        }
    }
    println!(
        "one household with what is missing: {:?}",
        start.elapsed() / frames.len() as u32
    );
}

fn judge(world: &World, household: &Household, typed: &Typed) -> Plain {
    let about = About {
        world,
        household,
        person: None,
        record: None,
    };
    about.judge(typed.root())
}

fn same(cell: Cell, plain: Plain) -> bool {
    match (cell, plain) {
        (Cell::Missing, Plain::Missing) | (Cell::Fault, Plain::Fault) => true,
        (Cell::Known(Value::Bool(a)), Plain::Bool(b)) => a == b,
        (Cell::Known(Value::Number(a)), Plain::Number(b)) => i128::from(a.mantissa) == b,
        _ => false,
    }
}

fn many_households(program: &Program, environment: &Environment, world: &World) {
    let frame = frame_of(program, &world.households);
    for people in [256, 1_024, 4_096] {
        let mut runner = program.runner().chunk_of(people);
        let mut results = Results::default();
        runner.run(&frame, environment, &mut results).unwrap();
        let times = (0..3).map(|_| {
            let start = Instant::now();
            runner
                .run(black_box(&frame), environment, &mut results)
                .unwrap();
            start.elapsed()
        });
        let best = times.min().unwrap();
        println!(
            "{} people in {} households, chunks of {people}: {best:?}, {:.1} ns a person",
            frame.persons(),
            frame.households(),
            best.as_nanos() as f64 / frame.persons() as f64
        );
    }
}
