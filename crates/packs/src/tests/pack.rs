//! The pack that comes out: what is in it, what overlays did, its hash.

use super::{append, change, file, fixture, load};
use crate::model::{NoticePart, Pack};
use crate::{Severity, show};
use engine_case::{NoticeKind, StepKind};
use engine_payment::PhaseOutStep;
use engine_policy::{Beneficiary, Entry, Verdict};
use expr::{Decimal, Value};
use kernel::{FieldLevel, Money, Provenance, Role};

fn pack(name: &str) -> Pack {
    let loaded = load(&fixture(name));
    let report = loaded.report.render();
    loaded.pack.unwrap_or_else(|| panic!("{report}"))
}

#[test]
fn a_city_gets_the_provinces_service_with_its_own_number_and_words() {
    let (base, city) = (pack("base"), pack("city"));
    let standard = |pack: &Pack, region: &str, day: &str| {
        let book = pack.rules();
        let found = book
            .parameters
            .iter()
            .find(|one| one.decl.id.as_str() == "living__standard");
        let region = region.parse().unwrap();
        found
            .unwrap()
            .at(region, day.parse().unwrap())
            .map(|value| (value.value, value.provenance))
    };
    let yuan = |mantissa, scale| Value::Number(Decimal { mantissa, scale });
    let (source, memory) = (Provenance::Source, Provenance::Memory);
    for (pack, region, day, expected) in [
        (
            &base,
            "990101",
            "2026-03-01",
            Some((yuan(80_000, 2), source)),
        ),
        (
            &city,
            "990101",
            "2026-03-01",
            Some((yuan(100_050, 2), memory)),
        ),
        (
            &city,
            "990101",
            "2025-06-30",
            Some((yuan(80_000, 2), source)),
        ),
        (&city, "990101", "2020-12-31", None),
    ] {
        assert_eq!(standard(pack, region, day), expected, "{region} {day}");
    }
    let decide = |pack: &Pack| {
        pack.flow("living")
            .unwrap()
            .step_of(StepKind::Decide)
            .unwrap()
            .by
    };
    assert_eq!(decide(&base), Role::CountyApprover);
    assert_eq!(decide(&city), Role::TownOfficer);
    assert_eq!(
        city.service("living").unwrap().brand.as_deref(),
        Some("东市暖心补")
    );
    assert_eq!(city.brand("living"), Some("东市暖心补"));
    let ids = |pack: &Pack| -> Vec<String> {
        let benefit = pack.rules().benefit("living").unwrap();
        benefit
            .conditions
            .iter()
            .map(|one| one.id.to_string())
            .collect()
    };
    assert_eq!(ids(&base), ["income", "savings"]);
    assert_eq!(ids(&city), ["income", "savings", "local"]);
}

#[test]
fn every_override_is_kept_with_both_places() {
    let city = pack("city");
    let told: Vec<String> = city
        .overrides()
        .iter()
        .map(|one| format!("{} {} → {}", one.what, one.base, one.by))
        .collect();
    assert_eq!(
        told,
        [
            "living.service.brand base/aid/living.toml:2:1 → city/living.toml:3:9",
            "living.parameter.standard base/aid/living.toml:17:14 → city/living.toml:8:14",
            "living.condition.income.no base/aid/living.toml:32:9 → city/living.toml:13:6",
            "living.step.decide.by base/aid/living.toml:100:10 → city/living.toml:24:6",
            "living.notice.granted.says base/aid/living.toml:109:8 → city/living.toml:27:8",
        ]
    );
    assert!(pack("base").overrides().is_empty());
}

#[test]
fn the_parts_of_a_service_arrive_typed() {
    let base = pack("base");
    let living = base.service("living").unwrap();
    assert_eq!(living.beneficiary, Beneficiary::Household);
    assert_eq!(
        base.service("bed").unwrap().beneficiary,
        Beneficiary::Person
    );
    let rules = base.rules().benefit("living");
    assert!(rules.is_some_and(|rule| rule.review_sooner.is_some()));
    let halves = [
        PhaseOutStep {
            months: 3,
            percent: 100,
        },
        PhaseOutStep {
            months: 3,
            percent: 50,
        },
    ];
    assert_eq!(living.phase_out, halves);
    let granted = &living.notices[&NoticeKind::Granted];
    assert!(matches!(granted.parts[0], NoticePart::Of("applicant")));
    assert_eq!(living.notices[&NoticeKind::Refused].remedy.len(), 2);
    assert_eq!(
        living.derived[0].level,
        FieldLevel::L3,
        "as strict as what it uses"
    );
    let savings = base.rules().fact("savings").unwrap();
    assert!(savings.needs_authorisation);
    assert_eq!(savings.cost, 3);
    let source = &base.fact("savings").unwrap().sources[0];
    assert_eq!(source.department.as_str(), "police");
    assert_eq!(
        source.absent,
        Some(Value::Number(Decimal {
            mantissa: 0,
            scale: 2
        }))
    );
    assert_eq!(
        base.records()["bill"].level,
        FieldLevel::L4,
        "the category's own level"
    );
    assert_eq!(base.joint("together").unwrap().services.len(), 2);
    assert_eq!(
        base.flow("together").unwrap().steps[2].parts[0]
            .department
            .as_str(),
        "police"
    );
    let share = base
        .rules()
        .parameters
        .iter()
        .find(|one| one.decl.id.as_str() == "share");
    let share = share.unwrap().values[0].value;
    assert_eq!(
        share,
        Value::Number(Decimal {
            mantissa: 2_000,
            scale: 4
        }),
        "20 %"
    );
}

#[test]
fn examples_are_households_ready_to_be_judged() {
    let base = pack("base");
    let examples = &base.service("living").unwrap().examples;
    let first = &examples[0];
    assert_eq!(first.expect.verdict, Verdict::Eligible);
    assert_eq!(first.expect.amount, Money::from_yuan(880));
    assert_eq!(first.household.members.len(), 2);
    let value = |example: usize, member: usize, fact: &str| {
        examples[example].household.members[member]
            .facts
            .get(fact)
            .and_then(Entry::value)
    };
    let yuan = |fen| {
        Some(Value::Number(Decimal {
            mantissa: fen,
            scale: 2,
        }))
    };
    assert_eq!(value(0, 0, "wage"), yuan(90_000));
    assert_eq!(value(0, 1, "wage"), yuan(0), "the usual");
    assert_eq!(value(0, 0, "relation"), Some(Value::Code(0)), "by label");
    assert_eq!(value(0, 1, "relation"), Some(Value::Code(1)), "by id");
    assert_eq!(
        value(0, 0, "born"),
        None,
        "no usual value, not written: missing"
    );
    assert_eq!(value(2, 0, "savings"), yuan(2_000_050));
    assert_eq!(
        value(3, 0, "savings"),
        None,
        "unknown stays unknown beside rest = usual"
    );
    let bed = &base.service("bed").unwrap().examples;
    assert_eq!(bed[0].household.members[0].records["bill"].len(), 1);
    assert_eq!(bed[1].who, 1);
    assert!(
        bed[1].household.members[1].records["bill"].is_empty(),
        "usually none"
    );
}

#[test]
fn a_pack_loads_again_from_its_archive_with_the_same_hash() {
    let pack = load(&fixture("city")).pack.unwrap();
    let text = serde_json::to_string(pack.archive()).unwrap();
    let archive: crate::Archive = serde_json::from_str(&text).unwrap();
    let again = archive.load().pack.unwrap();
    assert_eq!(again.hash(), pack.hash());
    assert_eq!(again.archive(), pack.archive());
}

#[test]
fn the_hash_is_of_the_files_alone() {
    let folders = fixture("city");
    let hash = |folders: &[crate::chain::Folder]| load(folders).pack.unwrap().hash().to_owned();
    let first = hash(&folders);
    assert_eq!(first.len(), 64);
    assert_eq!(first, hash(&folders), "again");
    let mut elsewhere = folders.clone();
    elsewhere[1].name = "another_place".to_owned();
    assert_eq!(first, hash(&elsewhere), "wherever it lies");
    let mut changed = folders.clone();
    append(&mut changed, "base/aid/living.toml", "# 一个注释也算\n");
    assert_ne!(
        first,
        hash(&changed),
        "any byte counts: what was read is what is pinned"
    );
    assert_eq!(load(&folders).pack.unwrap().rules().pack_hash, first);
}

#[test]
fn an_expired_number_is_a_warning_and_the_pack_still_loads() {
    let mut folders = fixture("city");
    let value = "[[parameter.share.value]]\nfrom       = 2021-01-01";
    change(
        &mut folders,
        "base/facts.toml",
        value,
        &format!("{value}\nto = 2025-12-31"),
    );
    let loaded = load(&folders);
    let pack = loaded.pack.unwrap();
    let told = pack.report().diagnostics();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].severity, told[0].code.as_str()),
        (Severity::Warning, "expires")
    );
}

#[test]
fn a_province_may_leave_a_number_to_its_cities_but_a_city_may_not() {
    for (name, errors, warnings) in [("base", 0, 1), ("city", 1, 0)] {
        let mut folders = fixture(name);
        let bytes = file(&mut folders, "base/facts.toml");
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (before, rest) = text.split_once("[[parameter.share.value]]").unwrap();
        let (_, after) = rest.split_once("\n\n").unwrap();
        *bytes = format!("{before}{after}").into_bytes();
        let report = load(&folders).report;
        assert_eq!(
            (report.errors(), report.warnings()),
            (errors, warnings),
            "{name}"
        );
    }
}

#[test]
fn underlines_are_exact_unless_escapes_make_them_a_guess() {
    for (sentence, underlined) in [
        ("没有低于 {standrad}", "standrad"),
        ("没有\\u4f4e于 {standrad}", "standrad"),
        ("standrad：没有\\u4f4e于 {standrad}", "\"平均每人每月"),
    ] {
        let mut folders = fixture("base");
        change(
            &mut folders,
            "base/aid/living.toml",
            "没有低于 {standard}",
            sentence,
        );
        let report = load(&folders).report;
        assert_eq!(report.errors(), 1, "{sentence}");
        let words = report.sources.text(report.faults[0].place);
        assert!(words.starts_with(underlined), "{sentence}: {words}");
    }
}

#[test]
fn a_service_reads_as_a_page_with_what_is_unfounded_labelled() {
    insta::assert_snapshot!(show(&pack("city"), "living").unwrap());
    insta::assert_snapshot!(show(&pack("city"), "together").unwrap());
    assert_eq!(show(&pack("city"), "nothing"), None);
}

#[test]
fn a_file_of_households_reads_like_an_example_in_toml_and_json() {
    let pack = pack("base");
    let day = "2026-03-01".parse().unwrap();
    let toml = "[[example]]\nregion = \"990101\"\nmembers = [ { born = 1988-03-02, wage = 900.5 }, { savings = \"unknown\" } ]\n";
    let json = r#"[{"region": "990101", "members": [{"born": "1988-03-02", "wage": 900.5}, {"savings": "unknown"}]}]"#;
    let read = |name: &str, text: &str| crate::households(&pack, name, text, day).unwrap();
    let (toml, json) = (read("a.toml", toml), read("a.json", json));
    let members = |all: &[crate::HouseholdAsked]| format!("{:?}", all[0].household.members);
    assert_eq!(members(&toml), members(&json));
    let facts = &toml[0].household.members[0].facts;
    assert_eq!(facts.len(), 2, "nothing is filled in");
    for (name, text, piece) in [
        (
            "a.toml",
            "[[example]]\nmembers = [ { wege = 1 } ]\n",
            "是不是想写 `wage`",
        ),
        ("a.toml", "[[example]]\n", "members"),
        ("a.json", "{\"members\": [", "JSON"),
        ("a.json", "{\"members\": [{\"wage\": null}]}", "unknown"),
        ("a.json", "3", "一组键值"),
    ] {
        let told = crate::households(&pack, name, text, day)
            .unwrap_err()
            .render();
        assert!(told.contains(piece), "{text}: {told}");
    }
}

#[test]
fn n02_every_category_of_the_catalogue_is_under_an_agreement_with_its_department() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/pinghu");
    let pack = crate::load(std::path::Path::new(folder)).pack.unwrap();
    let (catalogue, agreements) = (&pack.data().catalogue, &pack.data().agreements);
    let on = "2026-11-26".parse().unwrap();
    for category in catalogue.categories() {
        let owner = catalogue.owner(&category.id).unwrap();
        let found = agreements.with(&owner.id, &category.id, engine_pool::Way::In, on);
        let (one, term) = found.unwrap();
        assert!(one.purposes.iter().all(|purpose| category.allows(*purpose)));
        assert_eq!(term.fields.len(), category.fields.len(), "{}", category.id);
    }
    assert!(agreements.all().any(|one| one.way == engine_pool::Way::Out));
}
