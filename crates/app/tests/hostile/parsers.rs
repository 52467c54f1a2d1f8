//! 「谁的字节都不怕」 What must hold of every parser whatever the bytes; run by the
//! fuzz targets of `fuzz/` and by the ordinary suite over the same seeds.

#[path = "lines.rs"]
mod lines;

pub(crate) use lines::{
    DEPARTMENT_ANSWER, HOOK_REPLY, MACHINE, NUMBER, PICTURE, PULL_PAGE, QUESTION,
};

use app::import::drop::{DropName, is_unfinished};
use app::import::{Announced, FileFormat, Manifest, Rows, TextEncoding};
use app::signing::{KeyRing, PublicKey, SignatureError, SignedHeaders, Signer};
use engine_payment::{Reply, ReplyFault, read_bank_file, read_reply, write_reply};
use engine_policy::Judge;
use engine_pool::repair::Mender;
use engine_pool::{Category, Header, validate_row};
use kernel::{Date, Now, PersonNumber};
use packs::Pack;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A parser under test; its name is its folder of seeds.
pub(crate) struct Parser {
    #[allow(
        dead_code,
        reason = "a fuzz target takes one of them and needs no name"
    )]
    pub(crate) name: &'static str,
    pub(crate) holds: fn(&[u8]),
}

pub(crate) const PACK: Parser = Parser {
    name: "pack",
    holds: pack,
};
pub(crate) const DEPARTMENT_FILE: Parser = Parser {
    name: "department_file",
    holds: department_file,
};
pub(crate) const BANK_REPLY: Parser = Parser {
    name: "bank_reply",
    holds: bank_reply,
};
pub(crate) const EVAL_FILE: Parser = Parser {
    name: "eval_file",
    holds: eval_file,
};
pub(crate) const SLIP: Parser = Parser {
    name: "slip",
    holds: slip,
};

pub(crate) const PUSH_HEAD: Parser = Parser {
    name: "push_head",
    holds: push_head,
};
pub(crate) const NUMBER_REPAIR: Parser = Parser {
    name: "number_repair",
    holds: number_repair,
};
pub(crate) const DROP_NAME: Parser = Parser {
    name: "drop_name",
    holds: drop_name,
};
#[allow(dead_code, reason = "a fuzz target takes one of them")]
pub(crate) const ALL: [Parser; 15] = [
    PACK,
    DEPARTMENT_FILE,
    BANK_REPLY,
    EVAL_FILE,
    SLIP,
    PUSH_HEAD,
    NUMBER_REPAIR,
    DROP_NAME,
    PULL_PAGE,
    DEPARTMENT_ANSWER,
    QUESTION,
    HOOK_REPLY,
    MACHINE,
    NUMBER,
    PICTURE,
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|dir| dir.join("crates/packs/fixtures"))
        .find(|dir| dir.is_dir())
        .unwrap()
}

static CITY: LazyLock<Pack> = LazyLock::new(|| packs::load(&fixtures().join("city")).pack.unwrap());
static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::new(CITY.rules().clone()));
static CATEGORIES: LazyLock<Vec<Category>> =
    LazyLock::new(|| CITY.data().catalogue.categories().cloned().collect());

thread_local! {
    /// A copy of the loader's own fixtures, to be broken.
    static HOME: tempfile::TempDir = {
        let home = tempfile::tempdir().unwrap();
        copy(&fixtures(), home.path());
        home
    };
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}

const FILES: [&str; 6] = [
    "base/aid/living.toml",
    "base/facts.toml",
    "base/data/police.toml",
    "base/pack.toml",
    "base/regions.csv",
    "city/living.toml",
];

/// A whole pack, one file of it replaced (the first byte says which): a pack or its
/// errors, never both, never neither; every error has a place.
fn pack(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else {
        return;
    };
    let loaded = HOME.with(|home| {
        let path = home.path().join(FILES[usize::from(*which) % FILES.len()]);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        let loaded = packs::load(&home.path().join("city"));
        fs::write(&path, whole).unwrap();
        loaded
    });
    let report = loaded.report;
    assert_eq!(loaded.pack.is_none(), report.errors() > 0);
    let told = report.diagnostics();
    assert_eq!(told.len(), report.errors() + report.warnings());
    assert!(
        told.iter()
            .all(|one| one.at.line >= 1 && one.at.column >= 1)
    );
    assert!(report.render().lines().count() >= told.len());
}

/// A department's file in any format (the first byte says format and category): its
/// rows are typed records or faults in words.
fn department_file(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else {
        return;
    };
    let format = match which % 4 {
        0 => FileFormat::Csv(TextEncoding::Gb18030),
        1 => FileFormat::Csv(TextEncoding::Utf8),
        2 => FileFormat::Xlsx,
        _ => FileFormat::JsonLines,
    };
    let category = &CATEGORIES[usize::from(which / 4) % CATEGORIES.len()];
    let path = HOME.with(|home| home.path().join("file"));
    fs::write(&path, bytes).unwrap();
    let columns = engine_pool::gate::column_ids(category);
    let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
    let rows = match Rows::open(&path, format, &columns) {
        Ok(rows) => rows,
        Err(why) => return assert!(!why.to_string().is_empty()),
    };
    let today: Date = "2026-08-31".parse().unwrap();
    // Whatever the header says, the rows are judged too.
    let header = Header::read(category, rows.header()).unwrap_or_else(|faults| {
        assert!(!faults.is_empty());
        Header::agreed(category)
    });
    for row in rows.map_while(Result::ok) {
        match validate_row(category, &header, row.line, &row.cells, today) {
            Ok(record) => assert!(record.as_of <= today),
            Err(faults) => assert!(!faults.is_empty()),
        }
    }
}

/// A reply, and the file we send: nothing is taken where a fault is fatal; what was
/// read and written again reads the same.
fn bank_reply(bytes: &[u8]) {
    drop(read_bank_file(bytes));
    let reading = read_reply(bytes);
    if reading.faults.iter().any(ReplyFault::is_fatal) {
        assert!(reading.lines.is_empty());
        return;
    }
    let reply = Reply {
        file_reference: reading.file_reference,
        file_digest: reading.file_digest,
        number: 1,
        lines: reading.lines.clone(),
    };
    assert_eq!(read_reply(&write_reply(&reply)).lines, reading.lines);
}

/// Households, as TOML and as JSON: judged, or the errors in words.
fn eval_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let today: Date = "2026-08-31".parse().unwrap();
    for name in ["family.toml", "family.json"] {
        match packs::households(&CITY, name, text, today) {
            Ok(all) => {
                for one in all {
                    let day = one.on.unwrap_or(today);
                    drop(JUDGE.judge_all(&one.household, day));
                }
            }
            Err(report) => {
                assert!(report.errors() > 0);
                assert!(!report.render().is_empty());
            }
        }
    }
}

/// A slip is one, or says why not.
fn slip(bytes: &[u8]) {
    match Manifest::parse(bytes) {
        Ok(slip) => assert!(!slip.department.as_str().is_empty()),
        Err(why) => assert!(!why.is_empty()),
    }
}

/// The clock where pushed heads are read.
pub(crate) fn push_now() -> Now {
    Now {
        at: "2026-08-31T04:00:00Z".parse().unwrap(),
    }
}

/// Whose heads of the seeds are.
pub(crate) fn push_signer() -> Signer {
    Signer::sm2("agri", &[9; 32]).unwrap()
}

/// Where they went to, before the query.
pub(crate) const PUSH_PATH: &str = "/api/v1/data/land_contract";

static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let mut ring = KeyRing::default();
    ring.trust("agri", push_signer().verifying_key());
    let pem = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PUBLIC KEY-----\n";
    ring.trust("bank", PublicKey::from_pem(pem).unwrap());
    ring
});

/// Five headers and a query, a line each: what is believed is believed for that method
/// and address only; what a query says is a day, rows, and a number of plain characters.
fn push_head(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(said) = Announced::parse(text.split('\n').nth(5).unwrap_or_default()) {
        assert!((1..=64).contains(&said.batch.len()));
        assert!(said.batch.is_ascii());
    }
    if let Err(why) = head_of(text) {
        assert!(!why.to_string().is_empty());
    }
}

/// Whether the lines are a head that is believed; for another method or address it must
/// not be.
pub(crate) fn head_of(text: &str) -> Result<(), SignatureError> {
    let lines: Vec<&str> = text.split('\n').collect();
    let query = lines.get(5).copied().unwrap_or_default();
    let names = [
        "x-nx-key",
        "x-nx-time",
        "x-nx-nonce",
        "x-nx-digest",
        "x-nx-signature",
    ];
    let head = SignedHeaders::collect(|name| {
        let at = names.iter().position(|one| *one == name)?;
        lines.get(at).copied()
    })?;
    let path = format!("{PUSH_PATH}?{query}");
    RING.verify_head(&head, "POST", &path, push_now())?;
    for (method, path) in [("GET", path.clone()), ("POST", format!("{path}&x=1"))] {
        assert!(RING.verify_head(&head, method, &path, push_now()).is_err());
    }
    Ok(())
}

/// A row of cells, a line each (the first byte says which category): what is mended is
/// whole, says what it was, and needs no mending again; a number made of an old one is a
/// number.
fn number_repair(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let category = &CATEGORIES[usize::from(*which) % CATEGORIES.len()];
    let names = engine_pool::gate::column_ids(category);
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let mut cells: Vec<String> = text.split('\n').map(str::to_owned).collect();
    cells.resize(names.len(), String::new());
    let today: Date = "2026-08-31".parse().unwrap();
    let mender = Mender::new(category, &names, CITY.regions(), today);
    let Some((mended, repairs)) = mender.mend(&cells) else {
        return;
    };
    assert_eq!(mended.len(), cells.len());
    assert!(!repairs.is_empty());
    for one in &repairs {
        let at = names.iter().position(|name| *name == one.field).unwrap();
        assert_eq!((&one.was, &one.now), (&cells[at], &mended[at]));
        assert_ne!(one.was, one.now);
        let upgraded = one.kind == engine_pool::repair::RepairKind::Upgraded;
        assert!(!upgraded || one.now.parse::<PersonNumber>().is_ok());
    }
    assert!(mender.mend(&mended).is_none());
}

/// A name of a file: what is read is one name in one folder, or it is told why not.
fn drop_name(bytes: &[u8]) {
    let unfinished = is_unfinished(bytes);
    match DropName::read(bytes) {
        Ok(named) => {
            assert_eq!(named.name.as_bytes(), bytes);
            assert!(!unfinished || named.name.starts_with("~$"));
            assert!(!named.name.contains(['/', '\\', '\0']));
            assert_ne!(named.name, "..");
            assert_eq!(Path::new(&named.name).components().count(), 1);
            assert!(Path::new("in").join(&named.name).starts_with("in"));
        }
        Err(why) => assert!(!why.to_string().is_empty()),
    }
}
