//! 「乱写」 Whatever is written, reading and checking give an answer or errors in
//! place, never a panic; what is read prints to text that reads the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use expr::*;
use proptest::prelude::*;

fn schema() -> Schema {
    let mut schema = Schema::new();
    let decl = FactDecl {
        id: "a".parse().unwrap(),
        label: String::new(),
        level: Level::Person,
        ty: Type::number(Unit::YUAN),
    };
    schema.add_fact("a", decl).unwrap();
    let decl = FactDecl {
        id: "b".parse().unwrap(),
        label: String::new(),
        level: Level::Household,
        ty: Type::Bool,
    };
    schema.add_fact("b", decl).unwrap();
    schema
}

fn try_all(text: &str, schema: &Schema) {
    match parse(text) {
        Err(errors) => in_place(text, &errors),
        Ok(ast) => {
            let printed = ast.to_string();
            let again = parse(&printed);
            assert_eq!(again.as_ref(), Ok(&ast), "{text} printed as {printed}");
            for at in [Level::Constant, Level::Household, Level::Person] {
                match check(&ast, schema, at) {
                    Err(errors) => in_place(text, &errors),
                    Ok(typed) => {
                        let mut builder = ProgramBuilder::new();
                        builder.add(&typed);
                        builder.finish();
                    }
                }
            }
        }
    }
}

/// Errors underline whole characters of the text, and there is one at least.
fn in_place(text: &str, errors: &[ExprError]) {
    assert!(!errors.is_empty(), "{text}");
    for error in errors {
        assert!(text.get(error.span.clone()).is_some(), "{text}: {error:?}");
    }
}

/// Texts out of the language's own words are far more likely to get deep into
/// the parser than arbitrary ones.
fn words() -> impl Strategy<Value = String> {
    let words = [
        "a",
        "b",
        "c",
        ".",
        ",",
        "(",
        ")",
        "[",
        "]",
        "+",
        "-",
        "*",
        "/",
        "<",
        "<=",
        "==",
        "!=",
        "and",
        "or",
        "not",
        "in",
        "if",
        "then",
        "else",
        "where",
        "within",
        "months",
        "members",
        "records",
        "verdict",
        "any",
        "all",
        "sum",
        "min",
        "max",
        "count",
        "abs",
        "round",
        "age_on",
        "as_of",
        "true",
        "1",
        "0.01",
        "12",
        "3%",
        "5 元",
        "元/月",
        "2021-09",
        "2021-09-01",
        "2021-13",
        "9999999999999999999",
        "=",
        "（",
        "且",
        "\u{0}",
        "１",
        "60 岁",
        "5 1/月",
        "2 倍",
        "sum(members",
        "records.x",
        "a.b",
        "1.2.3",
        "7 m²",
        "8 kg",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..24).prop_map(|all| all.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        try_all(&text, &schema());
    }

    #[test]
    fn any_words_are_read_without_panic(text in words()) {
        try_all(&text, &schema());
        let close: String = text.split(' ').collect();
        try_all(&close, &schema());
    }

    #[test]
    fn any_unit_is_read_without_panic_and_prints_the_same(text in "[元人月年分钟平方米/·0-9a-z%倍 ]{0,12}") {
        if let Ok(unit) = text.parse::<Unit>() {
            prop_assert_eq!(unit.to_string().parse::<Unit>(), Ok(unit));
        }
    }
}
