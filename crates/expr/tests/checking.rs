//! 「检查的例子」 Expressions that must pass, and faults that must be told in
//! words a policy officer understands, each underlining the right words.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use expr::*;
use std::sync::Arc;

fn slug(text: &str) -> kernel::Slug {
    text.parse().unwrap()
}

fn number(unit: &str) -> Type {
    Type::number(unit.parse().unwrap())
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    let members = ["none", "visual", "hearing"].map(|id| CodeMember {
        id: slug(id),
        label: id.to_owned(),
    });
    let disability = schema
        .add_codes(CodeSet {
            id: slug("disability_kind"),
            label: "残疾类别".to_owned(),
            members: members.into(),
        })
        .unwrap();
    let facts = [
        ("wage_net", Level::Person, number("元/月")),
        ("pension_year", Level::Person, number("元/年")),
        ("deposits", Level::Person, number("元")),
        ("born", Level::Person, Type::Date),
        ("student", Level::Person, Type::Bool),
        ("disability", Level::Person, Type::Code(disability)),
        ("exempt_income", Level::Household, number("元/月")),
        ("rent", Level::Household, number("元/月")),
        ("owns_home", Level::Household, Type::Bool),
    ];
    for (id, level, ty) in facts {
        let decl = FactDecl {
            id: slug(id),
            label: id.to_owned(),
            level,
            ty,
        };
        schema.add_fact(id, decl).unwrap();
    }
    for (id, unit) in [
        ("standard", "元/人·月"),
        ("cap", "月"),
        ("dibao.floor", "元/人·月"),
    ] {
        let decl = ParameterDecl {
            id: slug(&id.replace('.', "_")),
            label: id.to_owned(),
            ty: number(unit),
        };
        schema.add_parameter(id, decl).unwrap();
    }
    let fields = [
        ("paid_on", Type::Date),
        ("self_pay", number("元")),
        ("serious", Type::Bool),
    ];
    let fields = fields.map(|(id, ty)| FieldDecl {
        id: slug(id),
        label: id.to_owned(),
        ty,
    });
    schema
        .add_records(RecordKind {
            id: slug("medical_bill"),
            label: "医疗费用".to_owned(),
            fields: fields.into(),
            date_field: 0,
        })
        .unwrap();
    let income =
        "(sum(members, wage_net + per_month(pension_year)) - exempt_income) / count(members)";
    let is = check_as(
        &parse(income).unwrap(),
        &schema,
        Level::Household,
        &number("元/人·月"),
    )
    .unwrap();
    schema
        .add_derived(
            "income_per_head",
            DerivedDecl {
                id: slug("income_per_head"),
                label: "人均收入".to_owned(),
                is: is.clone(),
            },
        )
        .unwrap();
    let poor = check(
        &parse("income_per_head < standard").unwrap(),
        &schema,
        Level::Household,
    )
    .unwrap();
    schema
        .add_verdict(
            slug("dibao"),
            DerivedDecl {
                id: slug("dibao"),
                label: "低保".to_owned(),
                is: poor,
            },
        )
        .unwrap();
    schema
}

#[test]
fn expressions_have_types_units_and_levels() {
    let schema = schema();
    use Level::*;
    for (text, at, ty, level) in [
        ("1 + 2", Constant, "数（无单位）", Constant),
        ("standard * 150%", Constant, "数（元/人·月）", Constant),
        ("income_per_head < standard", Household, "是否", Household),
        ("income_per_head < 860", Household, "是否", Household),
        (
            "income_per_head < 860 元/人·月",
            Household,
            "是否",
            Household,
        ),
        (
            "sum(members, deposits) <= cap * standard * count(members)",
            Household,
            "是否",
            Household,
        ),
        (
            "(standard - income_per_head) * count(members)",
            Household,
            "数（元/月）",
            Household,
        ),
        ("any(members, student)", Household, "是否", Household),
        (
            "count(members where age_on(born, as_of) >= 60) >= 1",
            Household,
            "是否",
            Household,
        ),
        ("age_on(born, as_of) >= 60 岁", Person, "是否", Person),
        (
            "disability == disability_kind.visual",
            Person,
            "是否",
            Person,
        ),
        (
            "disability in [disability.visual, disability_kind.hearing]",
            Person,
            "是否",
            Person,
        ),
        (
            "wage_net > sum(members, wage_net) / 2",
            Person,
            "是否",
            Person,
        ),
        (
            "sum(records.medical_bill within 12 months where serious, self_pay)",
            Person,
            "数（元）",
            Person,
        ),
        (
            "sum(members where student, sum(records.medical_bill, self_pay))",
            Household,
            "数（元）",
            Household,
        ),
        (
            "count(records.medical_bill where self_pay > deposits)",
            Person,
            "数（次）",
            Person,
        ),
        ("months_between(born, 2021-09) > 12", Person, "是否", Person),
        (
            "min(rent, 500, 30% * exempt_income)",
            Household,
            "数（元/月）",
            Household,
        ),
        ("max(0, rent - 500)", Household, "数（元/月）", Household),
        (
            "if owns_home then 0 else rent",
            Household,
            "数（元/月）",
            Household,
        ),
        ("round_up(rent, 0.1)", Household, "数（元/月）", Household),
        (
            "round(rent / count(members), 10)",
            Household,
            "数（元/人·月）",
            Household,
        ),
        ("per_year(rent)", Household, "数（元/年）", Household),
        (
            "verdict.dibao and not owns_home",
            Household,
            "是否",
            Household,
        ),
        ("verdict.dibao and student", Person, "是否", Person),
        ("dibao.floor", Constant, "数（元/人·月）", Constant),
        ("max(members, born)", Household, "日期", Household),
        (
            "-rent + 1 < 0 or owns_home == false",
            Household,
            "是否",
            Household,
        ),
    ] {
        let ast = parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let typed = check(&ast, &schema, at).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(typed.ty().to_string(), ty, "{text}");
        assert_eq!(typed.level(), level, "{text}");
        assert_eq!(
            parse(&ast.to_string()).unwrap(),
            ast,
            "{text} printed as {ast}"
        );
    }
}

/// The faults of an expression: (words underlined, message, help).
fn faults(text: &str, at: Level) -> Vec<(String, String, String)> {
    let errors = match parse(text) {
        Err(errors) => errors,
        Ok(ast) => check(&ast, &schema(), at).expect_err(text),
    };
    let told = errors.into_iter().map(|error| {
        (
            text[error.span].to_owned(),
            error.message,
            error.help.unwrap_or_default(),
        )
    });
    told.collect()
}

#[test]
fn faults_say_where_what_and_what_was_meant() {
    use Level::*;
    type Told = (&'static str, &'static str, &'static str);
    let table: &[(&str, Level, &[Told])] = &[
        (
            "wage_net < standard",
            Household,
            &[(
                "wage_net",
                "`wage_net` 是每个人的事实，这里要的是全家的，要写 sum(members, …)",
                "例如 `sum(members, wage_net)`",
            )],
        ),
        (
            "sum(members, wage_net + pension_year)",
            Household,
            &[(
                "wage_net + pension_year",
                "元/月 和 元/年 不能相加",
                "用 `per_month(…)` 把 元/年 换成 元/月",
            )],
        ),
        (
            "income_per_haed < standrad",
            Household,
            &[
                (
                    "income_per_haed",
                    "没有 `income_per_haed` 这个名字",
                    "是不是想写 `income_per_head`",
                ),
                (
                    "standrad",
                    "没有 `standrad` 这个名字",
                    "是不是想写 `standard`",
                ),
            ],
        ),
        (
            "rent < standard",
            Household,
            &[("rent < standard", "元/月 和 元/人·月 不能比较", "")],
        ),
        (
            "rent * 50% > 10%",
            Household,
            &[("rent * 50% > 10%", "元/月 和 没有单位的数 不能比较", "")],
        ),
        (
            "disability == visual",
            Person,
            &[(
                "visual",
                "没有 `visual` 这个名字",
                "是不是想写 `disability_kind.visual`",
            )],
        ),
        (
            "disability == disability_kind.visaul",
            Person,
            &[(
                "disability_kind.visaul",
                "“残疾类别”里没有 `visaul`",
                "是不是想写 `visual`",
            )],
        ),
        (
            "count(records.medical_bill) > 1",
            Household,
            &[(
                "count(records.medical_bill)",
                "记录是每个人的，这里要的是全家的，要先写 members",
                "例如 `sum(members, count(records.medical_bill …))`",
            )],
        ),
        (
            "1 < rent < 3",
            Household,
            &[("<", "比较不能连着写", "写成 `a < b and b < c`")],
        ),
        (
            "rent = 3",
            Household,
            &[("=", "规则里没有“=”", "是不是想写 `==`")],
        ),
        (
            "sum(wage_net)",
            Household,
            &[(
                "sum(wage_net)",
                "`sum` 要说明是对谁",
                "写成 `sum(members, …)` 或 `sum(records.x, …)`",
            )],
        ),
        (
            "mni(1, 2)",
            Constant,
            &[("mni", "没有 `mni` 这个函数", "是不是想写 `min`")],
        ),
        (
            "if owns_home then 1",
            Household,
            &[("", "`if` 少了 `else`", "`if … then … else …` 三样都要写")],
        ),
        (
            "rent > 5 and",
            Household,
            &[("", "这里应当是一个值，却是结尾", "")],
        ),
        ("standard / 0", Constant, &[("0", "除数是 0", "")]),
        (
            "wage_net",
            Constant,
            &[(
                "wage_net",
                "这里只能用参数和固定值，`wage_net` 是个人的事实",
                "",
            )],
        ),
        (
            "owns_home + 1",
            Household,
            &[("owns_home + 1", "是否 和 没有单位的数 不能相加", "")],
        ),
        (
            "not rent",
            Household,
            &[("rent", "`not` 后面要是“是否”，这里是数（元/月）", "")],
        ),
        (
            "per_month(rent)",
            Household,
            &[(
                "rent",
                "`per_month` 换算的是“每年”的数，这里的单位是 元/月",
                "",
            )],
        ),
        (
            "count(members, student)",
            Household,
            &[(
                "count(members, student)",
                "`count` 只数个数，条件写在 `where` 后面",
                "写成 `count(members where …)`",
            )],
        ),
        (
            "2021-02-30 < as_of",
            Household,
            &[("2021-02-30", "没有“2021-02-30”这一天", "")],
        ),
        (
            "(rent + ) * 2 + foo(",
            Household,
            &[
                (")", "这里应当是一个值，却是 `)`", ""),
                ("", "这里应当是 `)`，却是结尾", ""),
            ],
        ),
    ];
    for (text, at, expected) in table {
        let found = faults(text, *at);
        for (words, message, help) in *expected {
            let wanted = (words.to_string(), message.to_string(), help.to_string());
            assert!(found.contains(&wanted), "{text}: {found:#?}");
        }
        if !text.starts_with('(') {
            assert_eq!(found.len(), expected.len(), "{text}: {found:#?}");
        }
    }
}

#[test]
fn verdicts_are_suggested() {
    let ast = parse("verdict.dibo").unwrap();
    let errors = check(&ast, &schema(), Level::Household).unwrap_err();
    assert_eq!(errors[0].help.as_deref(), Some("是不是想写 `dibao`"));
}

#[test]
fn hostile_texts_are_refused_without_exhausting_the_stack() {
    let deep = [
        "(".repeat(8_000),
        "not ".repeat(2_000),
        "-".repeat(8_000),
        "1+".repeat(4_000),
        "if ".repeat(2_000),
        "min(".repeat(2_000),
        "sum(members,".repeat(600),
        "a in [".repeat(1_000),
        "x".repeat(10_000),
        format!("{}1{}", "(".repeat(99), ")".repeat(99)) + "+1".repeat(100).as_str(),
    ];
    for text in &deep {
        assert!(parse(text).is_err(), "{}", &text[..20]);
    }
}

#[test]
fn formulas_are_ordered_and_cycles_told() {
    let item = |name: &str, text: &str| (name.to_owned(), parse(text).unwrap());
    let items = [item("a", "b + c"), item("b", "c + x"), item("c", "1")];
    assert_eq!(dependency_order(&items), Ok(vec![2, 1, 0]));
    let items = [item("a", "b"), item("b", "c + 1"), item("c", "b")];
    let cycle = dependency_order(&items).unwrap_err();
    assert_eq!(cycle, ["b", "c", "b"]);
}

#[test]
fn names_of_the_language_are_refused() {
    let mut schema = Schema::new();
    let decl = ParameterDecl {
        id: slug("members"),
        label: String::new(),
        ty: Type::Bool,
    };
    assert_eq!(
        schema.add_parameter("members", decl).unwrap_err(),
        SchemaError::Reserved("members".to_owned())
    );
    let set: Arc<CodeSet> = schema
        .add_codes(CodeSet {
            id: slug("a"),
            label: String::new(),
            members: vec![CodeMember {
                id: slug("b"),
                label: String::new(),
            }],
        })
        .unwrap();
    assert_eq!(set.number_of("b"), Some(0));
}
