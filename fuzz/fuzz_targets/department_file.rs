//! 「部门文件」 Any bytes as a department's file, in every format, through the reader
//! and the gate: no panic, no memory without bound, every fault in words.
#![no_main]

use app::import::{FileFormat, Rows, TextEncoding};
use engine_pool::{Category, Header, validate_row};
use kernel::Date;
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

static CATEGORIES: LazyLock<Vec<Category>> = LazyLock::new(|| {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/packs/fixtures/city");
    let pack = packs::load(&pack).pack.unwrap();
    pack.data().catalogue.categories().cloned().collect()
});

static HOME: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

// The first byte says format and category.
fuzz_target!(|bytes: &[u8]| {
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
    let path = HOME.path().join("file");
    fs::write(&path, bytes).unwrap();
    let columns: Vec<String> = engine_pool::gate::column_ids(category)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut rows = match Rows::open(&path, format, &columns) {
        Ok(rows) => rows,
        Err(why) => return assert!(!why.to_string().is_empty()),
    };
    let today: Date = "2026-08-31".parse().unwrap();
    // Whatever the header says, the rows are judged too.
    let header = Header::read(category, rows.header()).unwrap_or_else(|faults| {
        assert!(!faults.is_empty());
        Header::agreed(category)
    });
    for row in rows.by_ref() {
        let Ok(row) = row else {
            break;
        };
        match validate_row(category, &header, row.line, &row.cells, today) {
            Ok(record) => assert!(record.as_of <= today),
            Err(faults) => assert!(!faults.is_empty()),
        }
    }
});
