//! 「Parquet 来件的检验」 What came as Parquet is in the pool what came as CSV is, to the
//! last fen; and everything that must be refused leaves nothing behind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod parquet;

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, ListArray, RecordBatch,
    StringArray, StringViewArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::Schema;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use engine_pool::{Catalogue, Category, Header, Record, validate_named, validate_row};
use kernel::{Date, Slug};
use lake::LakeError;
use lake::deliver::{Deliver, Delivered, deliver};
use parquet::{save, snappy, table, table_of};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

const PERSON: &str = "99048219700604001X";
const OTHER: &str = "990482197108130024";

fn packs_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu")
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let pack = lake::load(&packs_dir()).unwrap();
    pack.data().catalogue.clone()
});

fn category(id: &str) -> Category {
    CATALOGUE.category(&slug(id)).unwrap().clone()
}

/// Hands a file over into `drop` beside it.
fn hand(file: &Path, category: &str) -> Result<Delivered, LakeError> {
    let what = Deliver {
        file: file.to_path_buf(),
        category: Some(slug(category)),
        as_of: Some("2026-10-30".parse().unwrap()),
        drop: file.parent().unwrap().join("drop"),
    };
    deliver(&what, &CATALOGUE)
}

/// What the gate makes of the lines.
fn gated(category: &Category, lines: &Path) -> Vec<Record> {
    let text = fs::read_to_string(lines).unwrap();
    let read = |(at, line): (usize, &str)| {
        let row: BTreeMap<String, Option<String>> = serde_json::from_str(line).unwrap();
        let cells = row
            .iter()
            .map(|(name, cell)| (name.as_str(), cell.as_deref().unwrap_or("")));
        validate_named(category, at as u64 + 1, cells, today()).unwrap()
    };
    text.lines().enumerate().map(read).collect()
}

fn today() -> Date {
    "2026-10-31".parse().unwrap()
}

#[test]
fn n02_the_gate_reads_from_parquet_what_it_reads_from_csv() {
    let cases = [
        (
            "pension_benefit",
            "证件号码,记录编号,数据日期,月养老金,发放月份,发放账户后四位\n\
             99048219700604001X,1,2026-09-30,4657.01,2026-09,0001\n\
             990482197108130024,2,2026-09-30,0.10,2026-09,\n",
        ),
        (
            "realty",
            "id_no,record_no,as_of,不动产权证号,建筑面积,规划用途,共有份额,坐落村社,登记日期\n\
             99048219700604001X,A1,2026-10-30,合成第10号,56.123456,residence,1.00,330482001019,2024-05-11\n",
        ),
        (
            "vehicle",
            "证件号码,记录编号,数据日期,号牌号码,车辆类型,品牌,注册日期,估值,使用性质,状态\n\
             990482197108130024,9,2026-10-30,合F·C000000,car,合成牌,2017-01-06,99999999.99,private,normal\n",
        ),
    ];
    for (id, csv) in cases {
        let (folder, category) = (tempfile::tempdir().unwrap(), category(id));
        let mut lines = csv.lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        let header = Header::read(&category, &names).unwrap();
        let expected: Vec<Record> = lines
            .map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                validate_row(&category, &header, 2, &cells, today()).unwrap()
            })
            .collect();
        let (file, table) = (folder.path().join("a.parquet"), table_of(&category, csv));
        let zstd = Compression::ZSTD(ZstdLevel::default());
        for compression in [Compression::SNAPPY, zstd, Compression::UNCOMPRESSED] {
            let written = WriterProperties::builder().set_compression(compression);
            save(&file, &table, written.build());
            let done = hand(&file, id).unwrap();
            assert_eq!(done.slip.rows, expected.len() as u64);
            assert_eq!(gated(&category, &done.file), expected, "{id}");
        }
    }
}

#[test]
fn a_null_is_no_answer_a_number_is_whole_and_the_same_file_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.parquet");
    let csv = "证件号码,记录编号,数据日期,月养老金,发放月份,发放账户后四位\n\
               990482197108130024,2,2026-09-30,1234567890123.45,,\n\
               990482197108130024,3,2026-09-30,,2026-09,0000\n";
    let category = category("pension_benefit");
    save(&file, &table_of(&category, csv), snappy());
    let done = hand(&file, "pension_benefit").unwrap();
    let text = fs::read_to_string(&done.file).unwrap();
    let rows: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (pays, month, tail) = ids(&category);
    assert_eq!(rows[0][&pays], "1234567890123.45");
    assert!(rows[0][&month].is_null() && rows[0][&tail].is_null());
    assert!(rows[1][&pays].is_null(), "no answer is never zero");
    assert_eq!(rows[1][&tail], "0000");
    // What lies there waits; taken away, the same file gives the same bytes.
    assert!(matches!(
        hand(&file, "pension_benefit"),
        Err(LakeError::No(_))
    ));
    fs::remove_file(&done.file).unwrap();
    fs::remove_file(format!("{}.manifest.json", done.file.display())).unwrap();
    assert_eq!(hand(&file, "pension_benefit").unwrap().slip, done.slip);
    // A number that is a name keeps all of its digits.
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![990_482_197_108_130_024]));
    let table = with(&category, csv, "证件号码", numbers);
    save(&file, &table, snappy());
    let done = hand(&file, "pension_benefit").unwrap();
    let text = fs::read_to_string(done.file).unwrap();
    assert!(text.contains(&format!("\"{OTHER}\"")), "{text}");
}

fn ids(category: &Category) -> (String, String, String) {
    let id = |name: &str| {
        let found = category.fields.iter().find(|one| one.name == name);
        found.unwrap().id.to_string()
    };
    (id("月养老金"), id("发放月份"), id("发放账户后四位"))
}

/// The first row of a table with another column under a name.
fn with(category: &Category, csv: &str, name: &str, column: ArrayRef) -> RecordBatch {
    let table = table_of(category, csv).slice(0, column.len());
    let (schema, mut columns) = (table.schema(), table.columns().to_vec());
    let at = schema.index_of(name).unwrap();
    let mut fields = schema.fields().to_vec();
    let field = fields[at].as_ref().clone();
    fields[at] = Arc::new(field.with_data_type(column.data_type().clone()));
    columns[at] = column;
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

const GOOD: &str = "证件号码,记录编号,数据日期,月养老金,发放月份,发放账户后四位\n\
                    99048219700604001X,1,2026-09-30,4657.00,2026-09,0001\n";

#[test]
fn what_cannot_be_read_exactly_is_refused_by_its_column_and_leaves_nothing() {
    let category = category("pension_benefit");
    let list = ListArray::from_iter_primitive::<datafusion::arrow::datatypes::Int64Type, _, _>([
        Some([Some(4_657)]),
    ]);
    let moment = TimestampMicrosecondArray::from(vec![1_790_000_000_000_000]);
    let long: ArrayRef = Arc::new(StringArray::from(vec!["长".repeat(2_000)]));
    let words = |text: &str| -> ArrayRef { Arc::new(StringViewArray::from(vec![text])) };
    let float: ArrayRef = Arc::new(Float64Array::from(vec![4_657.1]));
    let cases: [(&str, ArrayRef, &str); 8] = [
        ("月养老金", float.clone(), "浮点数不准，到不了分"),
        ("证件号码", float.clone(), "浮点数会丢掉证件号码的尾数"),
        ("月养老金", Arc::new(list), "列里面还套着列"),
        ("数据日期", Arc::new(moment), "是一个时刻，不是一天"),
        (
            "月养老金",
            Arc::new(BooleanArray::from(vec![true])),
            "要 decimal",
        ),
        (
            "发放月份",
            Arc::new(Int64Array::from(vec![202_609])),
            "要文字",
        ),
        ("记录编号", long, "第 1 行“记录编号”：太长了"),
        (
            "数据日期",
            Arc::new(Date32Array::from(vec![i32::MAX])),
            "没有这一天",
        ),
    ];
    for (name, column, says) in cases {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.parquet");
        save(&file, &with(&category, GOOD, name, column), snappy());
        refused(&file, "pension_benefit", &[says, name]);
    }
    // Words are taken as they are: what they mean is the gate's to say.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.parquet");
    save(
        &file,
        &with(&category, GOOD, "月养老金", words("4,657")),
        snappy(),
    );
    assert!(hand(&file, "pension_benefit").is_ok());
    // Columns nobody agreed on, columns that are not there.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.parquet");
    let table = table(vec![("证件号码", words(PERSON)), ("薪水", words("1"))]);
    save(&file, &table, snappy());
    refused(&file, "pension_benefit", &["表头缺少", "表头多出：薪水"]);
    refused(&file, "no_such_kind", &["数据目录里没有"]);
}

/// It is refused with these words, and nothing lies in the drop folder.
fn refused(file: &Path, category: &str, says: &[&str]) {
    let told = hand(file, category).unwrap_err();
    let LakeError::BadInput(told) = told else {
        panic!("{told:?}");
    };
    for words in says {
        assert!(told.contains(words), "{words}: {told}");
    }
    let left = fs::read_dir(file.parent().unwrap().join("drop").join(category));
    let left = left.map(|left| left.count()).unwrap_or_default();
    assert_eq!(left, 0, "{told}");
}

#[test]
fn broken_and_swollen_files_are_refused_within_two_seconds() {
    let category = category("pension_benefit");
    let folder = tempfile::tempdir().unwrap();
    let (whole, file) = (
        folder.path().join("whole.parquet"),
        folder.path().join("a.parquet"),
    );
    let rows: String = (0..5_000)
        .map(|at| format!("{OTHER},{at},2026-09-30,{at}.50,2026-09,0001\n"))
        .collect();
    let head = GOOD.lines().next().unwrap();
    save(
        &whole,
        &table_of(&category, &format!("{head}\n{rows}")),
        snappy(),
    );
    let bytes = fs::read(&whole).unwrap();
    for cut in [0, 1, 4, 8, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&file, &bytes[..cut]).unwrap();
        refused(&file, "pension_benefit", &["不是完整的 Parquet 文件"]);
    }
    // Any byte turned over: refused, or read as something the gate then judges; never a
    // crash, never half a file.
    let mut taken = 0;
    for at in (0..bytes.len()).step_by(bytes.len() / 200) {
        let mut turned = bytes.clone();
        turned[at] ^= 0x41;
        fs::write(&file, &turned).unwrap();
        let drop = folder.path().join("drop");
        match hand(&file, "pension_benefit") {
            Ok(done) => {
                taken += 1;
                let lines = fs::read_to_string(&done.file).unwrap();
                assert_eq!(lines.lines().count() as u64, done.slip.rows);
            }
            Err(LakeError::BadInput(_)) => {
                let left = fs::read_dir(drop.join("pension_benefit")).unwrap();
                assert_eq!(left.count(), 0);
            }
            Err(other) => panic!("byte {at}: {other:?}"),
        }
        fs::remove_dir_all(drop).unwrap();
    }
    eprintln!("turned bytes that were still read: {taken}");
    // One group of rows that swells to more than a machine has at hand.
    let cell = "0".repeat(3_000);
    let cells: StringArray = (0..100_000).map(|_| Some(cell.as_str())).collect();
    let fat = table(vec![("证件号码", Arc::new(cells))]);
    let one_group = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(100_000))
        .build();
    save(&file, &fat, one_group);
    assert!(
        fs::metadata(&file).unwrap().len() < 2 << 20,
        "it is small on disk"
    );
    let asked = std::time::Instant::now();
    refused(
        &file,
        "pension_benefit",
        &["第 1 个行组太大", "请导出时把行组写小"],
    );
    assert!(asked.elapsed().as_secs() < 2);
}

#[test]
fn a_slip_is_held_to_the_file() {
    let category = category("pension_benefit");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.parquet");
    save(&file, &table_of(&category, GOOD), snappy());
    let sha256 = hand(&file, "pension_benefit").unwrap().parquet_sha256;
    fs::remove_dir_all(folder.path().join("drop")).unwrap();
    let slip = |key: &str, value: serde_json::Value| {
        let mut slip = serde_json::json!({
            "department": "hrss", "category": "pension_benefit", "as_of": "2026-10-30",
            "rows": 1, "file": "a.parquet", "sha256": sha256, "format": "parquet",
        });
        slip[key] = value;
        fs::write(
            folder.path().join("a.parquet.manifest.json"),
            slip.to_string(),
        )
        .unwrap();
    };
    for (key, value, says) in [
        ("rows", 2.into(), "清单写的是 2 行，文件里有 1 行"),
        ("sha256", "00".repeat(32).into(), "内容摘要不同"),
        ("file", "b.parquet".into(), "不是它"),
        ("department", "psb".into(), "请对照数据目录"),
        ("category", "vehicle".into(), "请只留一个"),
        ("as_of", "2026-10-29".into(), "请只留一个"),
        ("rows", "many".into(), "读不懂"),
    ] {
        slip(key, value);
        refused(&file, "pension_benefit", &[says]);
    }
    slip("rows", 1.into());
    assert_eq!(
        hand(&file, "pension_benefit").unwrap().slip.department,
        slug("hrss")
    );
}
