//! 「天花板」 What a machine can do at most: ten invented benefits of five conditions with
//! household sums, once as rules of the language, once as one loop written by hand for
//! exactly these rules, both three-valued, over the same columns. Nothing is timed before
//! every condition and every amount agrees. Absent on purpose: any real benefit.
//!
//! `cargo run --release -p bench --example ceiling -- PEOPLE`

use expr::{
    ColumnView, Decimal, Environment, FactDecl, FactPlace, Frame, Level, Output, ParameterDecl,
    Program, ProgramBuilder, Results, Schema, Type, Value, check, parse,
};
use kernel::Date;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

const BENEFITS: usize = 10;
const CONDITIONS: usize = 5;
/// Yuan a person and month; yuan a person; years; square metres: of the first benefit,
/// and how much more of each next one.
const INCOME: (i64, i64) = (800, 150);
const ASSETS: (i64, i64) = (20_000, 5_000);
const AGE: (i64, i64) = (60, 2);
const AREA: (i64, i64) = (60, 8);
const TODAY: &str = "2026-09-01";

fn step((first, more): (i64, i64), benefit: usize) -> i64 {
    first + more * benefit as i64
}

const FACTS: [(&str, Level, &str); 8] = [
    ("local", Level::Household, ""),
    ("area", Level::Household, "平方米"),
    ("wage", Level::Person, "元/月"),
    ("pension", Level::Person, "元/月"),
    ("rent", Level::Person, "元/月"),
    ("deposits", Level::Person, "元"),
    ("disabled", Level::Person, ""),
    ("born", Level::Person, "日"),
];

fn type_of(unit: &str) -> Fallible<Type> {
    Ok(match unit {
        "" => Type::Bool,
        "日" => Type::Date,
        unit => Type::number(unit.parse()?),
    })
}

/// The rules as the language says them: five conditions and an amount for each benefit.
fn compiled() -> Fallible<(Program, Vec<Output>)> {
    let mut schema = Schema::new();
    for (id, level, unit) in FACTS {
        let (id, label, ty) = (id.parse()?, id.to_owned(), type_of(unit)?);
        let decl = FactDecl {
            id,
            label: label.clone(),
            level,
            ty,
        };
        schema.add_fact(&label, decl)?;
    }
    for benefit in 0..BENEFITS {
        for (name, unit) in [
            ("income", "元/人·月"),
            ("assets", "元/人"),
            ("area", "平方米"),
        ] {
            let name = format!("{name}_{benefit}");
            let (id, ty) = (name.parse()?, type_of(unit)?);
            schema.add_parameter(
                &name,
                ParameterDecl {
                    id,
                    label: name.clone(),
                    ty,
                },
            )?;
        }
    }
    let mut builder = ProgramBuilder::new();
    let mut outputs = Vec::new();
    for n in 0..BENEFITS {
        let age = step(AGE, n);
        let rules = [
            "local".to_owned(),
            format!("sum(members, wage + pension + rent) < income_{n} * count(members)"),
            format!("sum(members, deposits) < assets_{n} * count(members)"),
            format!("any(members, disabled or age_on(born, as_of) >= {age})"),
            format!("area < area_{n}"),
            format!("income_{n} * count(members) - sum(members, wage + pension + rent)"),
        ];
        for rule in rules {
            let tree = parse(&rule).map_err(|why| format!("{rule}: {why:?}"))?;
            let typed = check(&tree, &schema, Level::Household);
            outputs.push(builder.add(&typed.map_err(|why| format!("{rule}: {why:?}"))?));
        }
    }
    Ok((builder.finish(), outputs))
}

fn drawn(program: &Program, people: usize) -> Fallible<Frame> {
    let mut dice = ChaCha8Rng::seed_from_u64(7);
    let mut frame = Frame::new(program.layout().clone());
    let place = |frame: &Frame, id: &str| frame.layout().fact(id).ok_or(format!("no {id}"));
    let places = FACTS.map(|(id, ..)| place(&frame, id));
    let today: Date = TODAY.parse()?;
    let mut put = |frame: &mut Frame, fact: usize, value: Value| -> Fallible<()> {
        let place = places[fact].clone()?;
        // One in a hundred was not told.
        if dice.random_bool(0.99) {
            frame.set(place, value)?;
        }
        Ok(())
    };
    let mut other = ChaCha8Rng::seed_from_u64(8);
    let yuan = |dice: &mut ChaCha8Rng, share: f64, most: i64| {
        let some = dice.random_bool(share);
        Value::Number(Decimal::whole(if some {
            dice.random_range(1..most)
        } else {
            0
        }))
    };
    while frame.persons() < people {
        frame.push_household(0);
        put(&mut frame, 0, Value::Bool(other.random_bool(0.85)))?;
        let area = Value::Number(Decimal::whole(other.random_range(20..180)));
        put(&mut frame, 1, area)?;
        for _ in 0..other.random_range(1..6) {
            frame.push_member()?;
            for (fact, share, most) in [
                (2, 0.5, 9_000),
                (3, 0.2, 4_000),
                (4, 0.05, 3_000),
                (5, 0.6, 90_000),
            ] {
                put(&mut frame, fact, yuan(&mut other, share, most))?;
            }
            put(&mut frame, 6, Value::Bool(other.random_bool(0.03)))?;
            let days = chrono::Duration::days(other.random_range(0..90 * 365));
            put(&mut frame, 7, Value::Date(today - days))?;
        }
    }
    Ok(frame)
}

/// What both sides make: of each household and benefit the conditions that hold, those
/// that fail, and the amount where all hold.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    holds: [Vec<u8>; BENEFITS],
    fails: [Vec<u8>; BENEFITS],
    amounts: [Vec<(usize, i64)>; BENEFITS],
}

const ALL: u8 = (1 << CONDITIONS) - 1;

/// By the rules.
fn by_rules(
    (program, outputs): (&Program, &[Output]),
    frame: &Frame,
    environment: &Environment,
) -> Fallible<Found> {
    let (mut found, mut results) = (Found::default(), Results::default());
    let mut runner = program.runner();
    let mut next = 0;
    while next < frame.households() {
        let rows = runner.run_next(frame, environment, next, frame.households(), &mut results)?;
        for benefit in 0..BENEFITS {
            let own = &outputs[benefit * (CONDITIONS + 1)..][..=CONDITIONS];
            let (holds, fails) = (&mut found.holds[benefit], &mut found.fails[benefit]);
            holds.resize(rows.end, 0);
            fails.resize(rows.end, 0);
            for (bit, output) in own[..CONDITIONS].iter().enumerate() {
                let truths = results
                    .column(*output)
                    .and_then(|c| c.truths())
                    .ok_or("truths")?;
                let cells = holds[rows.clone()].iter_mut().zip(&mut fails[rows.clone()]);
                expr::wide(
                    #[inline(always)]
                    move || {
                        for ((holds, fails), truth) in cells.zip(truths) {
                            *holds |= (truth & 1) << bit;
                            *fails |= ((truth >> 1) & 1) << bit;
                        }
                    },
                );
            }
            let amount = results.column(own[CONDITIONS]).and_then(|c| c.numbers());
            let (digits, gaps) = amount.ok_or("numbers")?;
            for (row, holds) in holds[rows.clone()].iter().enumerate() {
                if *holds == ALL && gaps[row] == 0 {
                    found.amounts[benefit].push((rows.start + row, digits[row]));
                }
            }
        }
        next = rows.end;
    }
    Ok(found)
}

/// The columns as they lie, and the law's numbers at the columns' scale.
struct Columns<'f> {
    frame: &'f Frame,
    truths: [&'f [u8]; 2],
    numbers: [(&'f [i64], &'f [u8]); 5],
    born: (&'f [i32], &'f [u8]),
    income: [i64; BENEFITS],
    assets: [i64; BENEFITS],
    area: [i64; BENEFITS],
    /// The latest day of birth of those old enough.
    old: [i32; BENEFITS],
}

fn columns<'f>(frame: &'f Frame, environment: &Environment) -> Fallible<Columns<'f>> {
    let view = |id: &str| {
        let place: Option<FactPlace> = frame.layout().fact(id);
        place
            .and_then(|place| frame.column(place))
            .ok_or(format!("no {id}"))
    };
    let truths = |id: &str| match view(id)? {
        ColumnView::Truth(truths) => Ok(truths),
        _ => Err(format!("{id} is no truth")),
    };
    let numbers = |id: &str| match view(id)? {
        ColumnView::Number(values, gaps) => Ok((values, gaps)),
        _ => Err(format!("{id} is no number")),
    };
    let ColumnView::Date(days, gaps) = view("born")? else {
        return Err("born is no day".into());
    };
    let digits = |name: &str| -> [i64; BENEFITS] {
        std::array::from_fn(|benefit| {
            match environment.get(&format!("{name}_{benefit}"), 0).known() {
                Some(Value::Number(number)) => number.mantissa,
                _ => 0,
            }
        })
    };
    let today = chrono::Datelike::num_days_from_ce(&TODAY.parse::<Date>()?);
    let first = |benefit: usize| {
        let back = i32::try_from(step(AGE, benefit) * 12).unwrap_or(0);
        kernel::months_after(environment.as_of(), -back)
    };
    let old = std::array::from_fn(|benefit| {
        first(benefit).map_or(today, |day| chrono::Datelike::num_days_from_ce(&day))
    });
    Ok(Columns {
        frame,
        truths: [truths("local")?, truths("disabled")?],
        numbers: [
            numbers("wage")?,
            numbers("pension")?,
            numbers("rent")?,
            numbers("deposits")?,
            numbers("area")?,
        ],
        born: (days, gaps),
        income: digits("income"),
        assets: digits("assets"),
        area: digits("area"),
        old,
    })
}

/// One loop over households, everything at once.
fn by_hand(columns: &Columns<'_>) -> Found {
    let mut found = Found::default();
    let households = columns.frame.households();
    for masks in found.holds.iter_mut().chain(&mut found.fails) {
        masks.resize(households, 0);
    }
    let [wage, pension, rent, deposits, area] = columns.numbers;
    let [local, disabled] = columns.truths;
    for (household, home_here) in local.iter().enumerate() {
        let members = columns.frame.members_of(household);
        let count = members.len() as i64;
        let (mut income, mut income_gap, mut assets, mut assets_gap) = (0, 0, 0, 0);
        let (mut some_disabled, mut open_disabled) = (0_u8, 0_u8);
        let (mut eldest, mut some_unborn) = (i32::MAX, 0_u8);
        for row in members {
            income += wage.0[row] + pension.0[row] + rent.0[row];
            income_gap |= wage.1[row] | pension.1[row] | rent.1[row];
            assets += deposits.0[row];
            assets_gap |= deposits.1[row];
            some_disabled |= disabled[row] & 1;
            open_disabled |= u8::from(disabled[row] == 0);
            let born = columns.born.0[row];
            let known = columns.born.1[row] == 0;
            eldest = eldest.min(if known { born } else { i32::MAX });
            some_unborn |= columns.born.1[row];
        }
        let (home, home_gap) = (area.0[household], area.1[household]);
        for benefit in 0..BENEFITS {
            let limit = columns.income[benefit] * count;
            let asked = [
                (home_here & 1 != 0, *home_here != 0),
                (income < limit, income_gap == 0),
                (assets < columns.assets[benefit] * count, assets_gap == 0),
                {
                    let some = some_disabled != 0 || eldest <= columns.old[benefit];
                    (some, some || (open_disabled == 0 && some_unborn == 0))
                },
                (home < columns.area[benefit], home_gap == 0),
            ];
            let (mut holds, mut fails) = (0, 0);
            for (bit, (yes, known)) in asked.into_iter().enumerate() {
                holds |= u8::from(yes & known) << bit;
                fails |= u8::from(!yes & known) << bit;
            }
            found.holds[benefit][household] = holds;
            found.fails[benefit][household] = fails;
            if holds == ALL && income_gap == 0 {
                found.amounts[benefit].push((household, limit - income));
            }
        }
    }
    found
}

fn processor() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = told.split(' ').next().and_then(|word| word.parse().ok());
    Duration::from_nanos(spent.unwrap_or(0))
}

fn best<T>(what: &str, mut work: impl FnMut() -> T) {
    let (mut wall, mut spent) = (Duration::MAX, Duration::MAX);
    for _ in 0..7 {
        let (began, start) = (Instant::now(), processor());
        std::hint::black_box(work());
        spent = spent.min(processor().saturating_sub(start));
        wall = wall.min(began.elapsed());
    }
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!("{what}: {:.1} ms (processor {:.1})", ms(wall), ms(spent));
}

fn main() -> Fallible<()> {
    let people = std::env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |word| word.parse())?;
    let (program, outputs) = compiled()?;
    let mut frame = drawn(&program, people)?;
    let mut environment = program.environment(TODAY.parse()?, 1);
    for benefit in 0..BENEFITS {
        for (name, of) in [("income", INCOME), ("assets", ASSETS), ("area", AREA)] {
            let value = Value::Number(Decimal::whole(step(of, benefit)));
            environment.set(&format!("{name}_{benefit}"), 0, value)?;
        }
    }
    let rules = (&program, &outputs[..]);
    let hand = by_hand(&columns(&frame, &environment)?);
    let plain = by_rules(rules, &frame, &environment)?;
    let bare = frame.clone();
    frame.settle();
    if plain != hand || by_rules(rules, &frame, &environment)? != hand {
        return Err("the loop and the rules do not agree".into());
    }
    let ones = |masks: &[Vec<u8>]| -> u64 {
        masks
            .iter()
            .flatten()
            .map(|mask| u64::from(mask.count_ones()))
            .sum()
    };
    let amounts = hand.amounts.iter().flatten();
    println!(
        "{} people in {} households, {BENEFITS} × {CONDITIONS} conditions, {} operations: {} hold, \
         {} fail, {} amounts of {} digits in all; equal",
        frame.persons(),
        frame.households(),
        program.operations(),
        ones(&hand.holds),
        ones(&hand.fails),
        amounts.clone().count(),
        amounts.map(|(_, digits)| i128::from(*digits)).sum::<i128>(),
    );
    best("by hand, one loop", || by_hand_again(&frame, &environment));
    best("by rules", || by_rules(rules, &bare, &environment).ok());
    best("by rules, settled", || {
        by_rules(rules, &frame, &environment).ok()
    });
    Ok(())
}

fn by_hand_again(frame: &Frame, environment: &Environment) -> Option<Found> {
    Some(by_hand(&columns(frame, environment).ok()?))
}
