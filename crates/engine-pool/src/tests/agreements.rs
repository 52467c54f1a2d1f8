//! What was agreed, and what is beyond it.

use super::*;
use crate::agreement::{Agreement, AgreementRefusal, Agreements, Term, Way};
use std::collections::BTreeSet;

fn agreement(id: &str, from: &str, until: &str, fields: &[&str]) -> Agreement {
    Agreement {
        id: slug(id),
        name: id.to_owned(),
        party: slug("psb"),
        party_name: "公安局".to_owned(),
        way: Way::In,
        purposes: BTreeSet::from([PurposeKind::Verification]),
        basis: "条例".to_owned(),
        provenance: kernel::Provenance::Assumed,
        from: day(from),
        until: day(until),
        terms: vec![Term {
            category: slug("vehicle"),
            fields: fields.iter().map(|id| slug(id)).collect(),
        }],
        events: BTreeSet::new(),
        event_fields: BTreeSet::new(),
        orders: BTreeSet::new(),
        asks: BTreeSet::new(),
        benefits: BTreeSet::new(),
        asks_per_day: 0,
    }
}

#[test]
fn n02_an_agreement_counts_from_its_first_to_its_last_day_and_in_its_direction() {
    let all = Agreements::new([agreement("a", "2026-01-01", "2026-06-30", &["plate"])]);
    let ask = |party: &str, category: &str, way, on: &str| {
        let found = all.with(&slug(party), &slug(category), way, day(on));
        found
            .map(|(one, _)| one.id.to_string())
            .map_err(|why| why.code())
    };
    let table = [
        ("psb", "vehicle", Way::In, "2026-01-01", Ok("a")),
        ("psb", "vehicle", Way::In, "2026-06-30", Ok("a")),
        (
            "psb",
            "vehicle",
            Way::In,
            "2026-07-01",
            Err("pool.agreement_ended"),
        ),
        (
            "psb",
            "vehicle",
            Way::In,
            "2025-12-31",
            Err("pool.agreement_not_begun"),
        ),
        (
            "psb",
            "vehicle",
            Way::Out,
            "2026-06-30",
            Err("pool.no_agreement"),
        ),
        (
            "psb",
            "wage",
            Way::In,
            "2026-06-30",
            Err("pool.no_agreement"),
        ),
        (
            "money",
            "vehicle",
            Way::In,
            "2026-06-30",
            Err("pool.no_agreement"),
        ),
    ];
    for (party, category, way, on, wanted) in table {
        let found = ask(party, category, way, on);
        assert_eq!(found, wanted.map(str::to_owned), "{party} {category} {on}");
    }
}

#[test]
fn n02_a_renewed_agreement_counts_beside_the_one_that_ended() {
    let all = Agreements::new([
        agreement("old", "2025-01-01", "2025-12-31", &["plate"]),
        agreement("new", "2026-01-01", "2026-12-31", &["plate", "size"]),
    ]);
    let (one, term) = all
        .with(&slug("psb"), &slug("vehicle"), Way::In, day("2026-03-01"))
        .unwrap();
    assert_eq!((one.id.as_str(), term.fields.len()), ("new", 2));
}

#[test]
fn n02_columns_beyond_the_agreement_are_named_whichever_way_they_are_written() {
    let config = config();
    let category = config.catalogue.category(&slug("vehicle")).unwrap();
    let all = Agreements::new([agreement(
        "a",
        "2026-01-01",
        "2026-06-30",
        &["plate", "size"],
    )]);
    let term = all.get(&slug("a")).unwrap().term(&slug("vehicle")).unwrap();
    assert_eq!(
        term.allows(category, &["id_no", "记录编号", "as_of", "plate", "车型"]),
        Ok(())
    );
    let beyond = term.allows(category, &["id_no", "price", "购买日期", "salary"]);
    let Err(AgreementRefusal::Fields(named)) = beyond else {
        panic!("{beyond:?}");
    };
    assert_eq!(named, ["price", "购买日期", "salary"]);
}
