//! What the city promises: the same bytes every time, invented people only,
//! families that can be, and a gate that can find everything planted.

mod catalogue;

use super::*;
use crate::departments::DepartmentData;
use catalogue::{catalogue, packs};
use engine_pool::{
    Category, FileKind, Header, PurposeKind, Sensitivity, validate_named, validate_row,
};
use kernel::{CitizenId, Money, Provenance};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn today() -> Date {
    Date::from_ymd_opt(2026, 11, 23).unwrap()
}

fn pinghu() -> RegionCode {
    "330482".parse().unwrap()
}

fn city(seed: u64, residents: usize) -> City {
    let text = std::fs::read_to_string(packs().join("pinghu/regions.csv")).unwrap();
    let regions = RegionTree::from_csv(&text).unwrap();
    City::build(seed, residents, &regions, pinghu(), today()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_catalogue_has_26_departments_and_184_categories() {
    let catalogue = catalogue();
    assert_eq!(catalogue.departments().count(), 26);
    assert_eq!(catalogue.categories().count(), 184);
    let numbers: BTreeSet<u32> = catalogue.categories().map(|c| c.no).collect();
    assert_eq!(numbers, (1..=184).collect());
    let mut strict_yet_discovered = Vec::new();
    for category in catalogue.categories() {
        assert!(
            departments::source(category.id.as_str()).is_some(),
            "{}",
            category.id
        );
        let discovers = category.allows(PurposeKind::Discovery);
        if category.sensitivity == Sensitivity::S4 && discovers {
            strict_yet_discovered.push(category.id.to_string());
        }
        let law = category.provenance == Provenance::Law;
        assert_eq!(law, category.source.is_some(), "{}", category.id);
    }
    // The two without which no household can be counted; the pack says why.
    strict_yet_discovered.sort();
    assert_eq!(
        strict_yet_discovered,
        ["custody_status", "divorce_judgment"]
    );
}

#[test]
fn the_same_seed_gives_the_same_city() {
    let digest = |city: &City| hex(&Sha256::digest(format!("{:?}", city.people)));
    // Debug prints numbers masked: add them whole.
    let numbers = |city: &City| -> Vec<String> {
        city.people
            .iter()
            .map(|p| p.number.reveal().to_owned())
            .collect()
    };
    let (one, two, other) = (city(7, 3_000), city(7, 3_000), city(8, 3_000));
    assert_eq!(digest(&one), digest(&two));
    assert_eq!(numbers(&one), numbers(&two));
    assert_ne!(digest(&one), digest(&other));
    assert!(one.residents() >= 3_000);
}

#[test]
fn everybody_is_invented_and_nobody_twice() {
    let city = city(7, 6_000);
    let mut seen = BTreeSet::new();
    for person in &city.people {
        let text = person.number.reveal();
        let read: CitizenId = text.parse().unwrap();
        assert!(text.starts_with("99") && read.is_synthetic(), "{text}");
        assert_eq!((read.born(), read.sex()), (person.born, person.sex));
        assert!(seen.insert(text.to_owned()), "{text} twice");
        person.name.parse::<kernel::PersonName>().unwrap();
        assert!(person.name.chars().count() <= 50);
        assert_eq!(city.find(&person.number).unwrap().index, person.index);
        let card: kernel::BankCard = city.card_of(person).parse().unwrap();
        assert!(card.luhn_fits());
    }
    let any = |want: &str| city.people.iter().any(|p| p.name.contains(want));
    assert!(any("𬭎") && any("㛃") && any("·"));
}

#[test]
fn families_can_be() {
    let city = city(7, 12_000);
    for home in &city.households {
        let members = city.members(home);
        assert!(!members.is_empty());
        assert!(members.iter().all(|p| p.household == home.index));
        assert!(members[0].relation.is_head() || !members[0].alive());
        for person in members {
            assert!(person.born <= city.today && person.age(city.today) <= 110);
            for parent in [person.father, person.mother].into_iter().flatten() {
                let parent = &city.people[parent as usize];
                assert_ne!(parent.index, person.index, "their own parent");
                assert_eq!(parent.household, home.index);
                let older = person.born.years_since(parent.born);
                assert!(older.is_some(), "a child older than the parent");
                let gap = parent.age(city.today) - person.age(city.today);
                assert!((15..=55).contains(&gap), "{gap} years between");
            }
            if let Some(spouse) = person.spouse {
                let spouse = &city.people[spouse as usize];
                assert_eq!(spouse.spouse, Some(person.index));
                assert_ne!(spouse.sex, person.sex);
                assert!(spouse.age(city.today) >= 20);
            }
            let child = person.age(city.today) < 16;
            assert!(!(child && (person.earnings > 0 || person.pension.total() > 0)));
        }
    }
    let shapes: BTreeSet<Shape> = city.households.iter().map(|home| home.shape).collect();
    assert_eq!(shapes.len(), rates::SHAPES.len(), "every shape occurs");
}

#[test]
fn benefits_are_received_rightly_wrongly_and_not_at_all() {
    let city = city(7, 20_000);
    let (mut rightly, mut wrongly, mut missed) = (0, 0, 0);
    for home in &city.households {
        let need = living::need(city.members(home));
        let heads = i64::from(need.heads.max(1));
        let needy = need.heads > 0 && need.poor && need.income / heads < rates::NEED_LINE;
        match home.aid {
            Some(aid) if aid.kind == AidKind::Living && aid.rightly => rightly += 1,
            Some(aid) if aid.kind == AidKind::Living => wrongly += 1,
            None if needy && !home.on_permit => missed += 1,
            _ => {}
        }
    }
    assert!(
        rightly >= 20 && wrongly >= 3 && missed >= 20,
        "{rightly} {wrongly} {missed}"
    );
}

#[test]
fn the_story_has_its_families_in_small_and_large_cities() {
    let catalogue = catalogue();
    for (seed, residents) in [(1, 600), (2, 2_000), (3, 2_000), (7, 20_000)] {
        let city = city(seed, residents);
        let told = city.story_families();
        let stories: Vec<Story> = told.iter().map(|family| family.story).collect();
        let all = [
            Story::Granted,
            Story::SavingsOver,
            Story::IncomeOver,
            Story::Undetermined,
            Story::Together,
            Story::Waiting,
        ];
        assert_eq!(stories, all, "seed {seed}");
        let homes: BTreeSet<u32> = told.iter().map(|family| family.household).collect();
        assert_eq!(homes.len(), 6);
        let granted = &told[0];
        let differs = granted.differs.as_ref().unwrap();
        assert!(differs.declared < differs.recorded && differs.declared > Money::ZERO);
        // The department says what the difference claims it says.
        let wages = catalogue
            .category(&differs.category.parse().unwrap())
            .unwrap();
        let answer = city.answer(wages, &differs.person, today());
        let last = answer.last().unwrap()[differs.field].as_str().unwrap();
        assert_eq!(last.parse::<Money>().unwrap(), differs.recorded);
        // And the banks answer something for it.
        let deposits = catalogue
            .category(&"deposit_balance".parse().unwrap())
            .unwrap();
        assert!(
            !city
                .answer(deposits, &granted.applicant, today())
                .is_empty()
        );
    }
}

/// Rows of a written file: (line, cells by column name).
fn read(folder: &Path, manifest: &Manifest, category: &Category) -> Vec<(u64, Vec<String>)> {
    let path = folder.join(&manifest.department).join(&manifest.file);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(hex(&Sha256::digest(&bytes)), manifest.sha256);
    match manifest.format {
        FileKind::Csv => {
            let (text, _, broken) = encoding_rs::GB18030.decode(&bytes);
            assert!(!broken, "{} is not GB18030", manifest.file);
            let mut reader = csv::ReaderBuilder::new()
                .flexible(true)
                .has_headers(false)
                .from_reader(text.as_bytes());
            let rows = reader.records().map(Result::unwrap);
            let rows = rows.map(|row| row.iter().map(str::to_owned).collect::<Vec<_>>());
            (1..).zip(rows).collect()
        }
        FileKind::Xlsx => {
            use calamine::{Reader, Xlsx};
            let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
            let sheet = book.worksheet_range_at(0).unwrap().unwrap();
            let width = category.fields.len() + 3;
            let row = |row: &[calamine::Data]| {
                let mut cells: Vec<String> = row.iter().map(ToString::to_string).collect();
                cells.resize(width, String::new());
                cells
            };
            (1..).zip(sheet.rows().map(row)).collect()
        }
        FileKind::Jsonl => {
            let text = String::from_utf8(bytes).unwrap();
            (1..)
                .zip(text.lines().map(|line| vec![line.to_owned()]))
                .collect()
        }
    }
}

/// Lines the pool's gate refuses; repeated record numbers included.
fn refused(folder: &Path, manifest: &Manifest, category: &Category) -> BTreeSet<u64> {
    let rows = read(folder, manifest, category);
    let mut numbers = BTreeSet::new();
    let mut refused = BTreeSet::new();
    let mut counted = 0;
    let mut header = None;
    for (line, cells) in rows {
        if category.file != FileKind::Jsonl && header.is_none() {
            let names: Vec<&str> = cells.iter().map(String::as_str).collect();
            header = Some(Header::read(category, &names).unwrap());
            continue;
        }
        counted += 1;
        let judged = match &header {
            Some(header) => validate_row(category, header, line, &cells, today()),
            None => {
                let object: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_str(&cells[0]).unwrap();
                let cells: Vec<(String, String)> = object
                    .into_iter()
                    .map(|(name, value)| {
                        let text = value.as_str().map(str::to_owned);
                        (name, text.unwrap_or_else(|| value.to_string()))
                    })
                    .collect();
                let cells = cells.iter().map(|(n, v)| (n.as_str(), v.as_str()));
                validate_named(category, line, cells, today())
            }
        };
        match judged {
            Ok(record) if numbers.insert(record.record_no.clone()) => {}
            _ => {
                refused.insert(line);
            }
        }
    }
    assert_eq!(counted, manifest.rows, "{}", manifest.file);
    refused
}

#[test]
fn a02_the_gate_finds_every_planted_fault_and_no_other() {
    let (city, catalogue) = (city(7, 4_000), catalogue());
    let folder = tempfile::tempdir().unwrap();
    let written = write_department_files(&city, &catalogue, folder.path(), today()).unwrap();
    let mut kinds = BTreeMap::new();
    for manifest in &written.manifests {
        let category = catalogue
            .category(&manifest.category.parse().unwrap())
            .unwrap();
        let file = format!("{}/{}", manifest.department, manifest.file);
        let planted = written
            .truth
            .faulty
            .iter()
            .filter(|fault| fault.file == file);
        for fault in planted.clone() {
            *kinds.entry(fault.kind).or_insert(0_u32) += 1;
        }
        let planted: BTreeSet<u64> = planted.map(|fault| fault.line).collect();
        assert_eq!(
            refused(folder.path(), manifest, category),
            planted,
            "{file}"
        );
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
    let total: u32 = kinds.values().sum();
    let share = f64::from(total) / written.rows as f64;
    assert!(
        (0.000_5..0.02).contains(&share),
        "{total} of {} rows",
        written.rows
    );
}

#[test]
fn a01_every_category_has_a_file_or_is_said_to_be_missing() {
    let (city, catalogue) = (city(9, 2_000), catalogue());
    let folder = tempfile::tempdir().unwrap();
    let written = write_department_files(&city, &catalogue, folder.path(), today()).unwrap();
    let sent: BTreeSet<&str> = written
        .manifests
        .iter()
        .map(|m| m.category.as_str())
        .collect();
    let truth = &written.truth;
    assert_eq!(truth.missing.len(), rates::MISSING_FILES);
    assert_eq!(truth.late.len(), rates::LATE_FILES);
    assert_eq!(truth.repeated.len(), rates::REPEATED_FILES);
    for category in catalogue.categories() {
        let missing = truth.missing.iter().any(|id| id == category.id.as_str());
        assert_ne!(
            sent.contains(category.id.as_str()),
            missing,
            "{}",
            category.id
        );
    }
    for manifest in &written.manifests {
        let slip = format!("{}/{}.manifest.json", manifest.department, manifest.file);
        let text = std::fs::read(folder.path().join(&slip)).unwrap();
        assert_eq!(
            serde_json::from_slice::<Manifest>(&text).unwrap(),
            *manifest
        );
    }
    for late in &truth.late {
        assert!(late.as_of < late.due);
    }
    let read = |file: &str| std::fs::read(folder.path().join(file)).unwrap();
    assert_eq!(
        read(&truth.repeated[0].file),
        read(&truth.repeated[0].same_as)
    );
    let kinds: BTreeSet<FileKind> = written.manifests.iter().map(|m| m.format).collect();
    assert_eq!(kinds.len(), 3);
    let saved: Truth = serde_json::from_slice(&read("truth.json")).unwrap();
    assert_eq!(saved, *truth);
}

#[test]
fn the_same_seed_gives_the_same_files() {
    let catalogue = catalogue();
    let write = || {
        let folder = tempfile::tempdir().unwrap();
        let city = city(11, 1_000);
        let written = write_department_files(&city, &catalogue, folder.path(), today()).unwrap();
        let sums: Vec<String> = written.manifests.iter().map(|m| m.sha256.clone()).collect();
        (sums, written.truth)
    };
    assert_eq!(write(), write());
}

#[test]
fn contradictions_are_in_both_files_and_not_in_the_answers() {
    let (city, catalogue) = (city(7, 5_000), catalogue());
    let folder = tempfile::tempdir().unwrap();
    let written = write_department_files(&city, &catalogue, folder.path(), today()).unwrap();
    let mut files = BTreeMap::new();
    let kinds: BTreeSet<&str> = written
        .truth
        .contradictions
        .iter()
        .map(|c| c.kind.as_str())
        .collect();
    assert_eq!(kinds.len(), 4);
    for contradiction in &written.truth.contradictions {
        for (category, record_no) in [&contradiction.right, &contradiction.wrong] {
            let category = catalogue.category(&category.parse().unwrap()).unwrap();
            let rows = files.entry(category.id.clone()).or_insert_with(|| {
                let mut manifests = written.manifests.iter();
                let manifest = manifests.find(|m| m.category == category.id.as_str());
                read(folder.path(), manifest.unwrap(), category)
            });
            let stands = rows
                .iter()
                .any(|(_, cells)| cells.iter().any(|cell| cell.contains(record_no.as_str())));
            assert!(stands, "{} {}", contradiction.kind, category.id);
        }
        let wrong = catalogue
            .category(&contradiction.wrong.0.parse().unwrap())
            .unwrap();
        let number = contradiction.id_no.parse().unwrap();
        let answer = city.answer(wrong, &number, today());
        match contradiction.kind.as_str() {
            "unemployed_with_wage" | "pension_after_death" => assert!(answer.is_empty()),
            "married_registered_single" => assert_eq!(answer[0]["marital"], "married"),
            _ => assert_eq!(answer.len(), 1),
        }
    }
}

#[test]
fn answers_agree_with_the_files() {
    let (city, catalogue) = (city(5, 1_500), catalogue());
    let folder = tempfile::tempdir().unwrap();
    let written = write_department_files(&city, &catalogue, folder.path(), today()).unwrap();
    let wages = catalogue.category(&"wage_tax".parse().unwrap()).unwrap();
    let manifest = written
        .manifests
        .iter()
        .find(|m| m.category == "wage_tax")
        .unwrap();
    let wrong: BTreeSet<u64> = written
        .truth
        .faulty
        .iter()
        .filter(|fault| fault.category == "wage_tax")
        .map(|fault| fault.line)
        .collect();
    let mut compared = 0;
    for (line, cells) in read(folder.path(), manifest, wages).into_iter().skip(1) {
        if wrong.contains(&line) {
            continue;
        }
        let answer = city.answer(wages, &cells[0].parse().unwrap(), manifest.as_of);
        let same = answer
            .iter()
            .find(|record| record["record_no"] == cells[1].as_str());
        assert_eq!(same.unwrap()["income"], cells[5].as_str());
        compared += 1;
    }
    assert!(compared > 500);
}

#[test]
fn the_simulators_serve_the_same_answers() {
    let (city, catalogue) = (city(5, 1_500), catalogue());
    let applicant = city.story_families()[0].applicant;
    let answers = CityDepartments::new(city, catalogue);
    let wages = "wage_tax".parse().unwrap();
    let objects = answers.answer(&wages, &applicant, today()).unwrap();
    let ask = |category, person| DepartmentData::answer(&answers, category, person, today());
    let records = ask("wage_tax", applicant.reveal()).unwrap();
    assert_eq!(records.len(), 3);
    for (record, object) in records.iter().zip(&objects) {
        assert_eq!(record.record_no, object["record_no"].as_str().unwrap());
        assert_eq!(record.fields["income"], object["income"].as_str().unwrap());
        assert!(!record.fields.contains_key("id_no"));
    }
    assert_eq!(ask("wage_tax", "990482190001010013"), Some(Vec::new()));
    assert_eq!(ask("no_such_category", applicant.reveal()), None);
}
