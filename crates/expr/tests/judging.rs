//! 「判断的例子」 Dibao in miniature: one household, with reasons and with what is
//! missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use expr::*;
use kernel::{Date, Slug, Truth};

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn number(unit: &str) -> Type {
    Type::number(unit.parse().unwrap())
}

fn yuan(yuan: i64) -> Value {
    Value::Number(Decimal::whole(yuan))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    for (id, level, ty) in [
        ("wage_net", Level::Person, number("元/月")),
        ("deposits", Level::Person, number("元")),
        ("born", Level::Person, Type::Date),
        ("disabled", Level::Person, Type::Bool),
        ("exempt_income", Level::Household, number("元/月")),
    ] {
        let (id, label) = (slug(id), id.to_owned());
        let decl = FactDecl {
            id,
            label,
            level,
            ty,
        };
        schema.add_fact(decl.id.clone().as_str(), decl).unwrap();
    }
    for (id, unit) in [("standard", "元/人·月"), ("cap", "月")] {
        let decl = ParameterDecl {
            id: slug(id),
            label: id.to_owned(),
            ty: number(unit),
        };
        schema.add_parameter(id, decl).unwrap();
    }
    schema
        .add_records(RecordKind {
            id: slug("bill"),
            label: "医疗费用".to_owned(),
            fields: vec![
                FieldDecl {
                    id: slug("paid_on"),
                    label: String::new(),
                    ty: Type::Date,
                },
                FieldDecl {
                    id: slug("self_pay"),
                    label: String::new(),
                    ty: number("元"),
                },
            ],
            date_field: 0,
        })
        .unwrap();
    let is = typed(
        &schema,
        "(sum(members, wage_net) - exempt_income) / count(members)",
        Level::Household,
    );
    schema
        .add_derived(
            "income_per_head",
            DerivedDecl {
                id: slug("income_per_head"),
                label: "人均收入".to_owned(),
                is,
            },
        )
        .unwrap();
    schema
}

fn typed(schema: &Schema, text: &str, at: Level) -> Typed {
    let ast = parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    check(&ast, schema, at).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

/// A program of these expressions and its outputs.
fn program(expressions: &[(&str, Level)]) -> (Program, Vec<Output>) {
    let schema = schema();
    let mut builder = ProgramBuilder::new();
    let outputs = expressions
        .iter()
        .map(|(text, at)| builder.add(&typed(&schema, text, *at)))
        .collect();
    (builder.finish(), outputs)
}

fn environment(program: &Program) -> Environment {
    let mut environment = program.environment(day("2021-09-01"), 1);
    environment.set("standard", 0, yuan(860)).unwrap();
    environment.set("cap", 0, yuan(24)).unwrap();
    environment
}

fn set(frame: &mut Frame, fact: &str, value: Value) {
    if let Some(place) = frame.layout().fact(fact) {
        frame.set(place, value).unwrap();
    }
}

const DIBAO: [(&str, Level); 3] = [
    ("income_per_head < standard", Level::Household),
    (
        "sum(members, deposits) <= cap * standard * count(members)",
        Level::Household,
    ),
    (
        "round((standard - income_per_head) * count(members), 0.01)",
        Level::Household,
    ),
];

#[test]
fn a_household_of_two_is_owed_820_yuan() {
    let (program, outputs) = program(&DIBAO);
    let mut frame = Frame::new(program.layout().clone());
    frame.push_household(0);
    set(&mut frame, "exempt_income", yuan(0));
    for (wage, deposits) in [(900, 3_000), (0, 0)] {
        frame.push_member().unwrap();
        set(&mut frame, "wage_net", yuan(wage));
        set(&mut frame, "deposits", yuan(deposits));
    }
    let results = program.run(&frame, &environment(&program)).unwrap();
    assert_eq!(results.truth(outputs[0], 0), Truth::True);
    assert_eq!(results.truth(outputs[1], 0), Truth::True);
    let amount = results.cell(outputs[2], 0);
    assert_eq!(amount.money(), "820".parse().ok());
    let ty = results.column(outputs[2]).unwrap().ty();
    assert_eq!(amount.known().unwrap().spoken(ty), "820 元");
}

#[test]
fn what_is_missing_is_named_and_only_what_matters() {
    let (program, outputs) = program(&[
        ("sum(members, deposits) <= 100000", Level::Household),
        (
            "any(members, disabled) and sum(members, deposits) <= 100000",
            Level::Household,
        ),
        ("any(members, disabled)", Level::Household),
        (
            "max(members where disabled, wage_net) > 5",
            Level::Household,
        ),
        ("count(records.bill within 12 months) > 0", Level::Person),
        ("age_on(born, as_of) > 5", Level::Person),
    ]);
    let mut frame = Frame::new(program.layout().clone());
    frame.push_household(0);
    frame.push_member().unwrap();
    set(&mut frame, "deposits", yuan(5));
    set(&mut frame, "disabled", Value::Bool(false));
    frame.push_member().unwrap();
    set(&mut frame, "disabled", Value::Bool(false));
    set(&mut frame, "born", Value::Date(day("2030-01-01")));
    let environment = environment(&program);
    let trace = program.trace(&frame, &environment).unwrap();
    let missing = |output: usize, row| {
        let leaves = trace.missing_leaves(outputs[output], row).into_iter();
        leaves.map(|leaf| (leaf.what, leaf.row)).collect::<Vec<_>>()
    };
    let deposits = (Missing::Fact(slug("deposits")), Row::Person(1));
    assert_eq!(missing(0, 0), [deposits]);
    assert_eq!(
        missing(1, 0),
        [],
        "nobody is disabled: deposits do not matter"
    );
    assert_eq!(trace.cell(outputs[1], 0).truth(), Truth::False);
    assert_eq!(missing(2, 0), []);
    assert_eq!(missing(3, 0), [(Missing::Empty, Row::Household(0))]);
    assert_eq!(
        missing(4, 1),
        [(Missing::Records(slug("bill")), Row::Person(1))]
    );
    assert_eq!(
        missing(5, 0),
        [(Missing::Fact(slug("born")), Row::Person(0))]
    );
    assert_eq!(missing(5, 1), [(Missing::BeforeBirth, Row::Person(1))]);
}

#[test]
fn no_answer_is_not_no_record() {
    let (program, outputs) = program(&[
        (
            "sum(records.bill within 12 months, self_pay) > 100",
            Level::Person,
        ),
        (
            "any(records.bill within 12 months, self_pay > 100)",
            Level::Person,
        ),
    ]);
    let mut frame = Frame::new(program.layout().clone());
    let bill = frame.layout().kind("bill").unwrap();
    frame.push_household(0);
    // Who: (answered, bills), then the two verdicts.
    use Truth::*;
    type Bills = &'static [(&'static str, i64)];
    let table: &[(bool, Bills, [Truth; 2])] = &[
        (false, &[], [Undetermined, Undetermined]),
        (true, &[], [False, False]),
        (true, &[("2020-09-01", 900)], [False, False]),
        (true, &[("2020-09-02", 900)], [True, True]),
        (
            true,
            &[("2021-09-01", 60), ("2021-01-01", 60)],
            [True, False],
        ),
        (true, &[("2021-09-02", 900)], [False, False]),
        (false, &[("2021-01-01", 900)], [Undetermined, True]),
    ];
    for (answered, bills, _) in table {
        frame.push_member().unwrap();
        for (date, paid) in *bills {
            frame.push_record(bill).unwrap();
            frame.set_field(bill, 0, Value::Date(day(date))).unwrap();
            frame.set_field(bill, 1, yuan(*paid)).unwrap();
        }
        if *answered {
            frame.answer_records(bill);
        }
    }
    let results = program.run(&frame, &environment(&program)).unwrap();
    for (person, (_, bills, expected)) in table.iter().enumerate() {
        for (output, expected) in outputs.iter().zip(expected) {
            assert_eq!(results.truth(*output, person), *expected, "{bills:?}");
        }
    }
}

#[test]
fn explanations_name_what_was_used() {
    let (program, outputs) = program(&DIBAO[..1]);
    let mut frame = Frame::new(program.layout().clone());
    frame.push_household(0);
    set(&mut frame, "exempt_income", yuan(100));
    frame.push_member().unwrap();
    set(&mut frame, "wage_net", yuan(900));
    let environment = environment(&program);
    let trace = program.trace(&frame, &environment).unwrap();
    let used: Vec<_> = trace
        .used(outputs[0], 0)
        .into_iter()
        .map(|used| {
            let value = used.cell.known().map(|value| value.spoken(&used.ty));
            (used.id.to_string(), used.row, value.unwrap_or_default())
        })
        .collect();
    let row = |id: &str, row, value: &str| (id.to_owned(), row, value.to_owned());
    let expected = [
        row("income_per_head", Row::Household(0), "800 元"),
        row("wage_net", Row::Person(0), "900 元"),
        row("exempt_income", Row::Household(0), "100 元"),
        row("standard", Row::Household(0), "860 元"),
    ];
    assert_eq!(used, expected);
}

#[test]
fn arithmetic_that_cannot_be_exact_is_a_fault_not_a_number() {
    let (program, outputs) = program(&[
        ("exempt_income * exempt_income", Level::Household),
        ("exempt_income / count(members)", Level::Household),
        ("exempt_income * exempt_income > 0", Level::Household),
        (
            "exempt_income > 0 or exempt_income * exempt_income > 0",
            Level::Household,
        ),
    ]);
    let mut frame = Frame::new(program.layout().clone());
    frame.push_household(0);
    set(&mut frame, "exempt_income", yuan(90_000_000_000_000_000));
    let results = program.run(&frame, &environment(&program)).unwrap();
    assert_eq!(results.cell(outputs[0], 0), Cell::Fault, "too large");
    assert_eq!(
        results.cell(outputs[1], 0),
        Cell::Fault,
        "nobody to divide by"
    );
    assert_eq!(results.cell(outputs[2], 0), Cell::Fault);
    assert_eq!(results.truth(outputs[3], 0), Truth::True);
}

#[test]
fn equal_parts_are_computed_once() {
    let (one, _) = program(&DIBAO[..1]);
    let (twice, _) = program(&[DIBAO[0], DIBAO[0]]);
    assert_eq!(one.operations(), twice.operations());
    let (more, _) = program(&[
        DIBAO[0],
        ("income_per_head < 2 * standard", Level::Household),
    ]);
    assert_eq!(
        more.operations(),
        one.operations() + 4,
        "2, ×, its scale, <"
    );
}

#[test]
fn frames_of_other_layouts_and_environments_are_refused() {
    let (program_one, _) = program(&DIBAO);
    let (program_two, outputs) = program(&DIBAO[..1]);
    let mut frame = Frame::new(program_one.layout().clone());
    frame.push_household(0);
    set(&mut frame, "exempt_income", yuan(0));
    frame.push_member().unwrap();
    set(&mut frame, "wage_net", yuan(1));
    let environment_two = environment(&program_two);
    let results = program_two.run(&frame, &environment_two).unwrap();
    assert_eq!(
        results.truth(outputs[0], 0),
        Truth::True,
        "a wider frame will do"
    );
    assert_eq!(
        program_one.run(&frame, &environment_two).unwrap_err(),
        RunError::Environment
    );
    let narrow = Frame::new(program_two.layout().clone());
    assert_eq!(
        program_one
            .run(&narrow, &environment(&program_one))
            .unwrap_err(),
        RunError::Fact(slug("deposits"))
    );
    frame.push_household(7);
    assert_eq!(
        program_two.run(&frame, &environment_two).unwrap_err(),
        RunError::Region(7)
    );
}

#[test]
fn a_share_is_said_in_percent_and_other_numbers_as_they_are() {
    let said = |mantissa, scale, unit: &str| {
        let ty = Type::number(unit.parse().unwrap());
        Value::Number(Decimal { mantissa, scale }).spoken(&ty)
    };
    for (mantissa, scale, unit, words) in [
        (20, 2, "1", "20%"),
        (2_000, 4, "%", "20%"),
        (125, 3, "倍", "12.5%"),
        (-5, 1, "1", "-50%"),
        (15, 1, "倍", "1.5"),
        (1, 0, "倍", "1"),
        (0, 2, "1", "0"),
        (50, 2, "元", "0.50 元"),
        (5, 1, "人", "0.5 人"),
    ] {
        assert_eq!(said(mantissa, scale, unit), words);
    }
}
