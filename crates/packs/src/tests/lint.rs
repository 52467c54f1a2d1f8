//! The linter for law: a pack it faults in ten ways and more (a snapshot), what it
//! must not fault, and the ways round it.

use super::{change, file, fixture, load};
use crate::diagnostic::Severity;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const LIVING: &str = "base/aid/living.toml";
const FACTS: &str = "base/facts.toml";

#[test]
fn a_pack_faulted_in_ten_ways_and_more() {
    let report = load(&fixture("faulty")).report;
    let codes: BTreeSet<&str> = report.faults.iter().map(|fault| fault.code).collect();
    assert!(codes.len() >= 10, "{codes:?}");
    insta::assert_snapshot!(report.render());
}

#[test]
fn sound_packs_have_nothing_to_lint() {
    for name in ["base", "city"] {
        let report = load(&fixture(name)).report;
        let told: Vec<_> = report.faults.iter().map(|one| one.code).collect();
        assert_eq!(report.errors(), 0, "{}", report.render());
        assert!(
            told.iter()
                .all(|code| *code == "no_value" || *code == "unused"),
            "{told:?}"
        );
    }
}

/// What a rule of the fixture becomes; the code of the fault and the words it
/// underlines, or nothing where there is nothing to fault.
const RULES: &[(&str, Option<(&str, &str)>)] = &[
    ("income_per_head < standard", None),
    (
        "income_per_head < standard and income_per_head >= standard",
        Some((
            "never",
            "income_per_head < standard and income_per_head >= standard",
        )),
    ),
    (
        "income_per_head < standard or income_per_head >= standard",
        Some((
            "always",
            "income_per_head < standard or income_per_head >= standard",
        )),
    ),
    (
        "income_per_head < standard or not (income_per_head < 100 元/人·月 or income_per_head >= 50 元/人·月)",
        Some((
            "always",
            "(income_per_head < 100 元/人·月 or income_per_head >= 50 元/人·月)",
        )),
    ),
    // the standard is 800 or 1000.5 元: never under 800, sometimes above 900
    (
        "income_per_head < standard and standard < 700 元/人·月",
        Some(("never", "standard < 700 元/人·月")),
    ),
    // only in some years: see below
    (
        "income_per_head < standard and standard < 900 元/人·月",
        None,
    ),
    (
        "income_per_head < standard and count(members where wage > 1 元/月 and wage < 1 元/月) == 0",
        Some(("never", "wage > 1 元/月 and wage < 1 元/月")),
    ),
    (
        "income_per_head < standard and any(members, relation in [relation_kind.self, relation_kind.child])",
        Some((
            "always",
            "relation in [relation_kind.self, relation_kind.child]",
        )),
    ),
    (
        "income_per_head < standard and any(members, relation == relation_kind.self and relation == relation_kind.child)",
        Some((
            "never",
            "relation == relation_kind.self and relation == relation_kind.child",
        )),
    ),
    (
        "income_per_head < standard and any(members, relation == relation_kind.self) and any(members, relation == relation_kind.child)",
        None,
    ),
    ("income_per_head < standard and born_before", None),
    ("true", Some(("always", "true"))),
];

#[test]
fn rules_that_never_hold_or_always_do_are_underlined() {
    let mut complaints = String::new();
    for (rule, wanted) in RULES {
        let rule = rule.replace("born_before", "any(members, born < 1960-01-01)");
        let mut folders = fixture("city");
        change(
            &mut folders,
            LIVING,
            "holds = \"income_per_head < standard\"",
            &format!("holds = \"{rule}\""),
        );
        let report = load(&folders).report;
        let told: Vec<(&str, &str)> = report
            .faults
            .iter()
            .filter(|fault| ["never", "always", "nobody"].contains(&fault.code))
            .filter(|fault| fault.severity == Severity::Error)
            .map(|fault| (fault.code, report.sources.text(fault.place)))
            .collect();
        let wanted: Vec<(&str, &str)> = wanted.iter().copied().collect();
        if told != wanted {
            let _ = writeln!(complaints, "{rule}: {told:?}\n{}", report.render());
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// The standard is 800 in the whole city from 2021, 1000.5 from 2025-07-01, and 300 in
/// 甲区 from 2024. A rule, and how each fault begins.
const THERE: &[(&str, &[&str])] = &[
    ("income_per_head < standard", &[]),
    (
        "income_per_head < standard and standard < 900 元/人·月",
        &[
            "只在东市没有另定数的地方，从 2021-01-01 到 2025-06-30；甲区，从 2021-01-01 起：这一句永远成立",
            "只在东市没有另定数的地方，从 2025-07-01 起：这一句永远不成立",
        ],
    ),
    (
        "income_per_head < standard and income_per_head >= 500 元/人·月",
        &["只在甲区，从 2024-01-01 起：这一句永远不成立"],
    ),
    (
        "income_per_head < standard or income_per_head >= 900 元/人·月",
        &["只在东市没有另定数的地方，从 2025-07-01 起：这一句永远成立"],
    ),
    (
        "sum(members, savings) <= (if income_per_head < standard then 900 元 else if income_per_head < 500 元/人·月 then 700 元 else 600 元)",
        &[
            "只在东市没有另定数的地方，从 2021-01-01 起；甲区，从 2021-01-01 到 2023-12-31：这一档永远轮不到",
        ],
    ),
];

#[test]
fn a_rule_dead_in_one_region_or_year_only_is_told_with_where_and_when() {
    let mut complaints = String::new();
    for (rule, wanted) in THERE {
        let mut folders = fixture("city");
        let own = "region = \"990101\"\nfrom = 2024-01-01\nis = 300\nprovenance = \"memory\"";
        let elsewhere = "[[parameter.standard.value]]\nfrom = 2025-07-01";
        let city = file(&mut folders, "city/living.toml");
        let text = String::from_utf8(city.clone()).unwrap();
        let text = text.replace("from       = 2025-07-01", "from = 2025-07-01");
        let with = format!("[[parameter.standard.value]]\n{own}\n\n{elsewhere}");
        assert_eq!(text.matches(elsewhere).count(), 1);
        *city = text.replace(elsewhere, &with).into_bytes();
        change(
            &mut folders,
            LIVING,
            "holds = \"income_per_head < standard\"",
            &format!("holds = \"{rule}\""),
        );
        let report = load(&folders).report;
        let codes = ["never", "always", "overlap", "nobody"];
        let told = report.faults.iter().filter(|one| codes.contains(&one.code));
        let told: Vec<&crate::diagnostic::Fault> = told.collect();
        let same = told.len() == wanted.len()
            && wanted.iter().all(|wanted| {
                let mut told = told.iter().filter(|one| one.severity == Severity::Warning);
                told.any(|one| one.message.starts_with(wanted) && !one.also.is_empty())
            });
        if !same {
            let _ = writeln!(complaints, "{rule}: {}", report.render());
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// A sum of money by bands; the codes it is faulted with.
const BANDS: &[(&str, &[&str])] = &[
    (
        "if wage > 10 元/月 then 1 元/月 else if wage > 5 元/月 then 2 元/月 else 3 元/月",
        &[],
    ),
    (
        "if wage > 5 元/月 then 1 元/月 else if wage > 10 元/月 then 2 元/月 else 3 元/月",
        &["overlap"],
    ),
    // the else is the band in the middle
    (
        "if wage < 5 元/月 then 1 元/月 else if wage > 10 元/月 then 2 元/月 else 3 元/月",
        &[],
    ),
    (
        "if wage >= 5 元/月 and wage < 10 元/月 then 1 元/月 else if wage >= 10 元/月 and wage < 20 元/月 then 2 元/月 else 0 元/月",
        &[],
    ),
    (
        "if wage >= 5 元/月 and wage < 10 元/月 then 1 元/月 else if wage > 10 元/月 and wage < 20 元/月 then 2 元/月 else 0 元/月",
        &["gap"],
    ),
    (
        "if wage >= 5 元/月 and wage <= 10 元/月 then 1 元/月 else if wage >= 10 元/月 and wage < 20 元/月 then 2 元/月 else 0 元/月",
        &["overlap"],
    ),
    (
        "if relation == relation_kind.self then 1 元/月 else if relation == relation_kind.child then 2 元/月 else 3 元/月",
        &[],
    ),
];

#[test]
fn bands_that_overlap_or_leave_a_gap() {
    for (bands, wanted) in BANDS {
        let mut folders = fixture("base");
        change(
            &mut folders,
            FACTS,
            "\"wage - wage * share\"",
            &format!("\"({bands}) + wage * share\""),
        );
        let report = load(&folders).report;
        let told: Vec<&str> = report
            .faults
            .iter()
            .map(|fault| fault.code)
            .filter(|code| ["overlap", "gap"].contains(code))
            .collect();
        assert_eq!(told, *wanted, "{bands}\n{}", report.render());
    }
}

#[test]
fn more_conditions_than_fit_are_refused_at_load() {
    let mut folders = fixture("base");
    let mut more = String::new();
    for at in 0..31 {
        let _ = write!(
            more,
            "[[condition]]\nid = \"more{at}\"\nholds = \"sum(members, wage) < {} 元/月\"\nyes = \"是\"\nno = \"否\"\nbasis = \"第三条\"\n\n",
            5000 + at
        );
    }
    change(
        &mut folders,
        LIVING,
        "[amount]\n",
        &format!("{more}[amount]\n"),
    );
    let loaded = load(&folders);
    let fault = loaded
        .report
        .faults
        .iter()
        .find(|one| one.code == "too_many");
    let fault = fault.unwrap();
    assert!(
        fault.message.contains("33 个条件，最多 32 个"),
        "{}",
        fault.message
    );
    assert_eq!(loaded.report.sources.text(fault.place), "\"more30\"");
    assert!(loaded.pack.is_none());
}

#[test]
fn a_parameter_name_too_long_to_be_simulated_is_refused_at_load() {
    for (length, told) in [(52, false), (53, true), (64, true)] {
        let name = "p".repeat(length);
        let mut folders = fixture("base");
        let parameter = format!(
            "\n[parameter.{name}]\nunit = \"元\"\n[[parameter.{name}.value]]\nfrom = 2021-01-01\nis = 1\nprovenance = \"assumed\"\n"
        );
        super::append(&mut folders, FACTS, &parameter);
        let report = load(&folders).report;
        let found = report.faults.iter().find(|fault| fault.code == "name");
        assert_eq!(found.is_some(), told, "{}", report.render());
        if let Some(found) = found {
            assert_eq!(report.sources.text(found.place), name);
        }
    }
}

/// What `born` becomes in the fixture; what reviews look at; the fault's code.
#[test]
fn a_trait_makes_nobody_suspect_and_a_right_by_it_names_its_article() {
    let review = "if    = { when = \"any(members, wage > 0)\", every = \"6 months\" }";
    let by = |when: &str, basis: &str| {
        format!("{basis}if    = {{ when = \"{when}\", every = \"6 months\" }}")
    };
    let hidden = "\n[fact.hidden]\nlabel = \"绕弯\"\nof = \"person\"\ntype = \"bool\"\nis = \"sex == relation_kind.self\"\n";
    let founded = format!("{hidden}basis = \"示例法 第二十条\"\n");
    let sex = "\n[fact.sex]\nlabel = \"性别\"\nof = \"person\"\ncode = \"relation_kind\"\nlevel = \"L3\"\nasks = \"？\"\n";
    let said = format!("{sex}trait = \"sex\"\n");
    let cases: &[(String, String, &[&str])] = &[
        (said.clone(), review.to_owned(), &[]),
        // named by its label, not said to be one
        (sex.to_owned(), review.to_owned(), &["trait"]),
        // directly: no article helps
        (
            said.clone(),
            by(
                "any(members, sex == relation_kind.self)",
                "basis = \"示例法 第二十条\"\n",
            ),
            &["suspicion"],
        ),
        // round a corner
        (
            format!("{said}{hidden}"),
            by("any(members, hidden)", ""),
            &["suspicion", "trait"],
        ),
        (
            format!("{said}{founded}"),
            by("any(members, hidden)", ""),
            &["suspicion"],
        ),
        (
            format!("{said}{founded}"),
            by("any(members, hidden)", "basis = \"示例法 第二十条\"\n"),
            &[],
        ),
    ];
    for (facts, review_by, wanted) in cases {
        let mut folders = fixture("base");
        super::append(&mut folders, FACTS, facts);
        change(&mut folders, LIVING, review, review_by);
        let report = load(&folders).report;
        let told: BTreeSet<&str> = report
            .faults
            .iter()
            .map(|fault| fault.code)
            .filter(|code| !["unused", "no_value"].contains(code))
            .collect();
        let wanted: BTreeSet<&str> = wanted.iter().copied().collect();
        assert_eq!(told, wanted, "{facts}{review_by}\n{}", report.render());
    }
}

const NEAR: &str = "base/aid/near.toml";
const NEAR_INCOME: &str = "\"sum(members, wage_net) / count(members) < living.standard * 2\"";

/// Words of a pack, what they become, and what is told then.
type Changed = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// What the condition that gives way, or the one of the income, becomes in 边缘认定; what
/// is told of it and 基本生活补助 (code, words of the message).
const BESIDE: &[Changed] = &[
    ("\"not verdict.living\"", "\"not verdict.living\"", &[]),
    // says that it gives way, and looks at something else
    (
        "\"not verdict.living\"",
        "\"any(members, wage > 1500 元/月)\"",
        &[("both", "却没有看够不够它")],
    ),
    // an exception nobody's example shows
    (
        "\"not verdict.living\"",
        "\"not verdict.living or any(members, wage > 90 元/月)\"",
        &[("both", "有例外")],
    ),
    // an exception that can never be: who has the other has savings up to 10000
    (
        "\"not verdict.living\"",
        "\"not verdict.living or sum(members, savings) > 10000 元\"",
        &[],
    ),
    (
        NEAR_INCOME,
        "\"sum(members, savings) > 20000 元 and sum(members, savings) <= 30000 元\"",
        &[("gap", "哪一项都不给：10000.01 元 到 20000 元")],
    ),
    (
        NEAR_INCOME,
        "\"sum(members, savings) > 10000 元 and sum(members, savings) <= 30000 元\"",
        &[],
    ),
    (
        NEAR_INCOME,
        "\"sum(members, savings) <= 9000 元\"",
        &[("overlap", "几乎轮不到")],
    ),
    (NEAR_INCOME, "\"sum(members, savings) <= 10000 元\"", &[]),
];

#[test]
fn two_services_that_cross_or_leave_a_gap_are_named_with_source_and_remedy() {
    let mut complaints = String::new();
    for (from, to, wanted) in BESIDE {
        let mut folders = fixture("base");
        change(&mut folders, NEAR, from, to);
        let report = load(&folders).report;
        let told = between(&report);
        let same = told.len() == wanted.len()
            && told.iter().zip(*wanted).all(|(one, (code, words))| {
                let named = ["`near`", "`living`", "示例办法 第"];
                one.code == *code
                    && one.message.contains(words)
                    && named.iter().all(|name| one.message.contains(name))
                    && one.help.is_some()
                    && one.also.len() == 1
            });
        if !same {
            let _ = writeln!(complaints, "{to}: {}", report.render());
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// What is told of two services: only a warning, the law may have meant it.
fn between(report: &crate::diagnostic::Report) -> Vec<&crate::diagnostic::Fault> {
    let codes = ["both", "gap", "overlap"];
    let told = report
        .faults
        .iter()
        .filter(|one| one.severity == Severity::Warning && codes.contains(&one.code));
    told.collect()
}

#[test]
fn bands_of_one_family_that_cross_are_told_unless_they_stand_apart() {
    let cases = [
        (
            "sum(members, wage) < 2000 元/月",
            Some("9000.01 元 到 10000 元"),
        ),
        (
            "sum(members, wage) < 2000 元/月 and not verdict.living",
            None,
        ),
    ];
    for (other, wanted) in cases {
        let mut folders = fixture("base");
        change(&mut folders, LIVING, "excludes = [\"near\"]\n", "");
        change(&mut folders, NEAR, "excludes = [\"living\"]\n", "");
        change(&mut folders, NEAR, "gives_way = [\"living\"]\n", "");
        change(
            &mut folders,
            NEAR,
            "\"not verdict.living\"",
            &format!("\"{other}\""),
        );
        let money = "sum(members, savings)";
        let low = format!("\"{money} >= 5000 元 and {money} <= 10000 元\"");
        change(
            &mut folders,
            LIVING,
            &format!("\"{money} <= 10000 元\""),
            &low,
        );
        let high = format!("\"{money} > 9000 元 and {money} <= 30000 元\"");
        change(&mut folders, NEAR, NEAR_INCOME, &high);
        let report = load(&folders).report;
        let told = between(&report);
        assert_eq!(
            told.len(),
            usize::from(wanted.is_some()),
            "{other}: {}",
            report.render()
        );
        if let (Some(words), Some(one)) = (wanted, told.first()) {
            assert!(one.message.contains(words), "{}", one.message);
            assert_eq!(one.code, "overlap");
        }
    }
}

#[test]
fn an_exception_shown_by_one_household_in_both_services_is_meant() {
    let mut folders = fixture("base");
    let exception = "\"not verdict.living or any(members, wage > 90 元/月)\"";
    change(&mut folders, NEAR, "\"not verdict.living\"", exception);
    let example = |members: &str| {
        format!(
            "\n[[example]]\ntitle = \"两项都够\"\non = 2026-03-01\nrest = \"usual\"\nmembers = [{members}]\n"
        )
    };
    let near = format!(
        "{}expect = {{ verdict = \"eligible\" }}\n",
        example("{ wage = 95 }")
    );
    super::append(&mut folders, NEAR, &near);
    assert_eq!(
        between(&load(&folders).report).len(),
        1,
        "only one of them shows it"
    );
    let living = "expect = { verdict = \"eligible\", amount = 705 }\n";
    let mut other = folders.clone();
    super::append(
        &mut other,
        LIVING,
        &format!("{}{living}", example("{ wage = 96 }")),
    );
    assert_eq!(
        between(&load(&other).report).len(),
        1,
        "not the same household"
    );
    super::append(
        &mut folders,
        LIVING,
        &format!("{}{living}", example("{  wage  = 95 }")),
    );
    let report = load(&folders).report;
    assert!(between(&report).is_empty(), "{}", report.render());
}

/// The standard is 800 from 2021 and 1000.5 from 2025-07-01 in the city.
#[test]
fn a_gap_between_two_services_in_some_years_only_is_told_with_when() {
    let mut folders = fixture("city");
    let income = "\"sum(members, wage_net) >= 900 元/月 and sum(members, wage_net) < 2000 元/月\"";
    change(&mut folders, NEAR, NEAR_INCOME, income);
    let standard = "holds = \"income_per_head < standard\"";
    let whole = "holds = \"sum(members, wage_net) < standard * 1人\"";
    change(&mut folders, LIVING, standard, whole);
    let report = load(&folders).report;
    let told = between(&report);
    let [one] = told.as_slice() else {
        panic!("{}", report.render());
    };
    assert!(one.message.contains("到 2025-06-30"), "{}", one.message);
    assert!(one.message.contains("空了一段"), "{}", one.message);
}

/// 社会救助的四类基本生活救助 stand in order, without a hole; so do those of a city.
#[test]
fn the_packs_of_the_house_have_no_two_services_that_cross() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let mut packs = 0;
    for dir in std::fs::read_dir(root).unwrap() {
        let dir = dir.unwrap().path();
        if !dir.join("pack.toml").is_file() {
            continue;
        }
        packs += 1;
        let report = crate::load(&dir).report;
        assert_eq!(report.errors(), 0, "{}", report.render());
        assert!(between(&report).is_empty(), "{}", report.render());
    }
    assert!(packs >= 5, "{packs}");
}
