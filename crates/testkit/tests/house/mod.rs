//! A house under the shipped law for tests: in whose name it acts, its law, deliveries
//! written by hand, a small synthetic city.

#![allow(dead_code, reason = "each test takes its part")]

use app::import::Imported;
use app::{App, Context, Law};
use engine_access::{Grant, Grants, Holder, Purpose};
use engine_pool::config::FileKind;
use kernel::{Actor, CitizenId, Clock, Date, Now, PersonId, PersonNumber, RegionCode, Role};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use testkit::city::{City, write_department_files};
use testkit::story::FileClock;

/// The house itself, for some purpose.
pub(crate) fn itself(purpose: Purpose) -> Context {
    let actor = Actor {
        account: "system".to_owned(),
        person: None,
        role: Role::System,
    };
    Context {
        actor,
        purpose,
        request: "test".to_owned(),
    }
}

/// The shipped packs.
pub(crate) fn packs_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")
}

/// The law of a folder.
pub(crate) fn law(dir: &Path) -> Law {
    let loaded = packs::load(dir);
    let told = loaded.report.render();
    Law::new(loaded.pack.unwrap_or_else(|| panic!("{told}")))
}

/// The law of the county the examples live in.
pub(crate) fn county_law() -> Law {
    static LAW: LazyLock<Law> = LazyLock::new(|| law(&packs_dir().join("pinghu")));
    LAW.clone()
}

/// The shipped packs with words of one file replaced.
pub(crate) fn draft(file: &str, was: &str, now: &str) -> Law {
    let copy = tempfile::tempdir().unwrap();
    let mut folders = vec![std::path::PathBuf::new()];
    while let Some(folder) = folders.pop() {
        std::fs::create_dir_all(copy.path().join(&folder)).unwrap();
        for entry in std::fs::read_dir(packs_dir().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
                continue;
            }
            let mut text = std::fs::read_to_string(entry.path()).unwrap();
            if path == Path::new(file) {
                assert!(text.contains(was), "{file}: {was}");
                text = text.replace(was, now);
            }
            std::fs::write(copy.path().join(path), text).unwrap();
        }
    }
    law(&copy.path().join("pinghu"))
}

/// A day.
pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Noon of a day, by a clock that stands.
pub(crate) fn standing(folder: &Path, today: Date) -> Now {
    FileClock::set(&folder.join("clock"), today).unwrap().now()
}

/// A synthetic person's number.
pub(crate) fn number(born: &str, nth: u16) -> PersonNumber {
    PersonNumber::Citizen(CitizenId::build(990_482, day(born), nth).unwrap())
}

/// How a department writes somebody's sex.
pub(crate) fn sex(who: PersonNumber) -> &'static str {
    match who.sex() {
        Some(kernel::Sex::Male) => "male",
        _ => "female",
    }
}

/// The first line of a file of residents.
pub(crate) const RESIDENTS: &str =
    "id_no,record_no,as_of,name,sex,birth,ethnic,address,region,household_no,relation,marital";

/// A resident as the police write them.
pub(crate) struct Row<'a> {
    pub(crate) no: &'a str,
    pub(crate) person: PersonNumber,
    pub(crate) name: &'a str,
    pub(crate) region: String,
    pub(crate) household: &'a str,
    pub(crate) relation: &'a str,
    pub(crate) marital: &'a str,
}

/// A file of residents.
pub(crate) fn hukou(as_of: &str, rows: &[Row<'_>]) -> Vec<String> {
    let mut lines = vec![RESIDENTS.to_owned()];
    lines.extend(rows.iter().map(|row| {
        let id = row.person.reveal();
        let (sex, born) = (sex(row.person), row.person.born().unwrap());
        format!(
            "{id},{},{as_of},{},{sex},{born},han,合成路1号,{},{},{},{}",
            row.no, row.name, row.region, row.household, row.relation, row.marital
        )
    }));
    lines
}

/// Somebody at work in a place from the year's first day, for some purpose.
pub(crate) async fn hired(
    house: &App,
    (person, role): (PersonId, Role),
    region: RegionCode,
    (purpose, now): (Purpose, Now),
) -> Context {
    let actor = Actor {
        account: format!("staff:{person}"),
        person: Some(person),
        role,
    };
    let holder = Holder::Person(person);
    let grant = Grant {
        holder: holder.clone(),
        role,
        region,
        from: "2026-01-01".parse().unwrap(),
        to: None,
    };
    let state = Grants {
        grants: vec![grant],
        proposals: vec![],
    };
    let (grants, own) = (store::Loaded { state, version: 0 }, actor.clone());
    let write = house
        .db()
        .write(async move |tx| tx.save_grants(&holder, &grants, &[], &own, now).await);
    write.await.unwrap();
    Context {
        actor,
        purpose,
        request: "test".to_owned(),
    }
}

/// Lines of cells as a workbook's first sheet.
fn workbook(lines: &[String]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (line, cells) in lines.iter().enumerate() {
        for (column, cell) in cells.split(',').enumerate() {
            let at = (u32::try_from(line).unwrap(), u16::try_from(column).unwrap());
            sheet.write_string(at.0, at.1, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// Writes one delivery and takes it in.
pub(crate) async fn deliver(
    house: &App,
    category: &str,
    as_of: &str,
    lines: &[String],
) -> Imported {
    let catalogue = &house.law().pack.data().catalogue;
    let id = category.parse().unwrap();
    let department = catalogue.owner(&id).unwrap().id.to_string();
    let kind = catalogue.category(&id).unwrap().file;
    let rows = lines.len() - usize::from(kind != FileKind::Jsonl);
    let folder = tempfile::tempdir().unwrap();
    let (file, bytes) = match kind {
        FileKind::Jsonl => ("a.jsonl", (lines.join("\n") + "\n").into_bytes()),
        FileKind::Csv => ("a.csv", (lines.join("\n") + "\n").into_bytes()),
        FileKind::Xlsx => ("a.xlsx", workbook(lines)),
    };
    std::fs::write(folder.path().join(file), &bytes).unwrap();
    let sha256: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let slip = serde_json::json!({
        "department": department, "category": category, "as_of": as_of, "rows": rows,
        "file": file, "sha256": sha256, "encoding": "UTF-8",
    });
    let path = folder.path().join(format!("{file}.manifest.json"));
    std::fs::write(path, slip.to_string()).unwrap();
    let ctx = itself(Purpose::Collection);
    let report = house.import(&ctx, folder.path(), None, |_| {}).await;
    report.unwrap().deliveries.pop().unwrap()
}

/// Writes a small city's files under a folder; gives where.
pub(crate) fn city(folder: &Path, law: &Law, residents: usize, today: Date) -> PathBuf {
    let region = law.pack.head().unwrap().region;
    let city = City::build(7, residents, law.pack.regions(), region, today).unwrap();
    let files = folder.join("city");
    write_department_files(&city, &law.pack.data().catalogue, &files, today).unwrap();
    files
}
