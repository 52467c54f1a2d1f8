//! 「造坏文件」 Deliveries as departments send them, good until somebody bends them.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use zip::write::{SimpleFileOptions, ZipWriter};

/// Rows of every delivery: one bad one among them leaves it within the allowed tenth.
pub(crate) const ROWS: usize = 10;

/// A synthetic person's number: area 99, a right check digit.
pub(crate) fn number(person: usize) -> String {
    let stem = format!("99048219{:02}0101{:03}", 50 + person, person + 1);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = stem.bytes().map(|byte| usize::from(byte - b'0'));
    let sum: usize = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!(
        "{stem}{}",
        ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11]
    )
}

/// A table of cells, header first.
pub(crate) type Table = Vec<Vec<String>>;

fn table(header: &str, row: impl Fn(usize) -> String) -> Table {
    let split = |line: &str| line.split(',').map(str::to_owned).collect();
    let mut table = vec![split(header)];
    table.extend((0..ROWS).map(|at| split(&row(at))));
    table
}

/// Vehicles of the first people; `case` keeps record numbers apart.
pub(crate) fn vehicles(case: usize) -> Table {
    table(
        "证件号码,记录编号,数据日期,号牌号码,车辆类型,品牌,注册日期,估值,使用性质,状态",
        |at| {
            let number = number(at);
            format!(
                "{number},V{case}-{at},2026-08-30,合F·C{at},car,合成牌,2016-11-06,78616.00,private,normal"
            )
        },
    )
}

/// Residents, two to a household, from person `first` on.
pub(crate) fn residents(case: usize, first: usize) -> Table {
    table(
        "证件号码,记录编号,数据日期,姓名,性别,出生日期,民族,户籍地址,户籍所在村社,户号,与户主关系,婚姻状况",
        |at| {
            let (person, house) = (first + at, at / 2);
            let relation = ["self", "spouse"][at % 2];
            let born = format!("19{:02}-01-01", 50 + person);
            format!(
                "{},R{case}-{at},2026-08-30,合成,male,{born},han,合成路{house}号,330482001019,H{case}-{house},{relation},married",
                number(person)
            )
        },
    )
}

pub(crate) fn csv(table: &Table) -> String {
    let lines = table.iter().map(|row| row.join(",") + "\n");
    lines.collect()
}

pub(crate) fn gb(text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = encoding_rs::GB18030.encode(text);
    assert!(!lossy);
    bytes.into_owned()
}

/// Bank balances, one JSON object a line.
pub(crate) fn balances(case: usize) -> Vec<String> {
    let line = |at: usize| {
        json!({
            "id_no": number(at), "record_no": format!("B{case}-{at}"), "as_of": "2026-08-30",
            "bank": "合成银行", "balance": "100.25",
        })
        .to_string()
            + "\n"
    };
    (0..ROWS).map(line).collect()
}

/// Puts a file and its slip into a folder of its own; gives the file's path.
pub(crate) struct Delivery {
    pub(crate) department: &'static str,
    pub(crate) category: &'static str,
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// What the slip says otherwise.
    pub(crate) slip: Value,
}

impl Delivery {
    pub(crate) fn vehicles(bytes: Vec<u8>) -> Delivery {
        Delivery {
            department: "psb",
            category: "vehicle",
            name: "vehicle.csv",
            bytes,
            slip: json!({}),
        }
    }

    pub(crate) fn residents(bytes: Vec<u8>) -> Delivery {
        Delivery {
            category: "hukou_person",
            name: "hukou_person.csv",
            ..Delivery::vehicles(bytes)
        }
    }

    pub(crate) fn balances(bytes: Vec<u8>) -> Delivery {
        Delivery {
            department: "bank",
            category: "deposit_balance",
            name: "deposit_balance.jsonl",
            bytes,
            slip: json!({}),
        }
    }

    pub(crate) fn cancers(bytes: Vec<u8>) -> Delivery {
        Delivery {
            department: "women",
            category: "two_cancer",
            name: "two_cancer.xlsx",
            bytes,
            slip: json!({}),
        }
    }

    pub(crate) fn slip(mut self, says: Value) -> Delivery {
        self.slip = says;
        self
    }

    pub(crate) fn put(&self, folder: &Path) -> PathBuf {
        let path = folder.join(self.name);
        fs::write(&path, &self.bytes).unwrap();
        let digest = Sha256::digest(&self.bytes);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut slip = json!({
            "department": self.department, "category": self.category, "as_of": "2026-08-30",
            "rows": ROWS, "file": self.name, "sha256": digest,
        });
        for (key, value) in self.slip.as_object().unwrap() {
            slip[key] = value.clone();
        }
        let beside = folder.join(format!("{}.manifest.json", self.name));
        fs::write(beside, slip.to_string()).unwrap();
        path
    }
}

/// An archive of these parts.
pub(crate) fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// A workbook of one sheet, with whatever texts its cells share.
pub(crate) fn workbook(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    let types = format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
    );
    let rels = format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{RELATION}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATION}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let sheets = format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{RELATION}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{RELATION}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
    );
    archive(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", rels.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", sheets.as_bytes()),
        ("xl/sharedStrings.xml", strings),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

/// A sheet's XML of these rows, texts in their cells.
pub(crate) fn sheet(rows: &[Vec<String>]) -> Vec<u8> {
    let cell = |text: &String| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |row: &Vec<String>| {
        let cells: String = row.iter().map(cell).collect();
        format!("<row>{cells}</row>")
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>").into_bytes()
}

/// Grants, as the women's federation sends them.
pub(crate) fn grants(case: usize) -> Table {
    table(
        "证件号码,记录编号,数据日期,救助金额,年度",
        |at| format!("{},W{case}-{at},2026-08-30,5000,2026", number(at)),
    )
}

pub(crate) fn no_strings() -> Vec<u8> {
    format!("<sst xmlns=\"{MAIN}\" count=\"0\" uniqueCount=\"0\"></sst>").into_bytes()
}

/// The same archive, but what unpacks to `real` bytes says it were `said`.
pub(crate) fn lying(mut archive: Vec<u8>, real: u32, said: u32) -> Vec<u8> {
    let real = real.to_le_bytes();
    let found = archive.windows(4).enumerate();
    let found: Vec<usize> = found
        .filter(|(_, window)| *window == real)
        .map(|(at, _)| at)
        .collect();
    assert!(!found.is_empty());
    for at in found {
        archive[at..at + 4].copy_from_slice(&said.to_le_bytes());
    }
    archive
}
