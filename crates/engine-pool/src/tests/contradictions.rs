//! What contradicts in one person's records, however many there are.

use super::*;
use crate::contradiction::{PAIRS_MAX, contradictions};

fn held(category: &str, no: usize, gender: &str) -> Held {
    Held {
        record: Record {
            category: slug(category),
            subject: Subject::Person(number(SON)),
            record_no: no.to_string(),
            as_of: day("2026-08-30"),
            values: [(slug("gender"), Value::Text(gender.to_owned()))].into(),
        },
        batch: Some(DataBatchId(1)),
    }
}

fn rules() -> Vec<ContradictionRule> {
    let field = |category| FieldOf {
        category: slug(category),
        field: slug("gender"),
    };
    let rule = |id, rule| ContradictionRule {
        id: slug(id),
        says: "对不上".to_owned(),
        rule,
    };
    vec![
        rule(
            "same",
            Rule::Same {
                left: field("hukou"),
                right: field("school"),
            },
        ),
        rule(
            "not_both",
            Rule::NotBoth {
                left: slug("hukou"),
                right: slug("grave"),
            },
        ),
    ]
}

#[test]
fn a02_every_pair_is_told_in_the_order_of_the_rules() {
    let records = [
        held("hukou", 1, "男"),
        held("school", 2, "男"),
        held("school", 3, "女"),
        held("grave", 4, ""),
    ];
    let found = contradictions(&records, &rules());
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.rule.as_str(), one.left.1.as_str(), one.right.1.as_str()))
        .collect();
    assert_eq!(told, [("same", "1", "3"), ("not_both", "1", "4")]);
}

#[test]
fn a02_thousands_of_records_about_one_number_do_not_multiply() {
    let records: Vec<Held> = (0..5_000)
        .flat_map(|no| [held("hukou", no, "男"), held("grave", no, "")])
        .collect();
    let found = contradictions(&records, &rules());
    assert_eq!(found.len(), PAIRS_MAX);
    assert!(found.iter().all(|one| one.rule == slug("not_both")));
}
