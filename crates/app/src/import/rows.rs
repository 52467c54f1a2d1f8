//! 「读文件」 A department's file as rows of named cells, whatever its format.
//! Nothing is judged here; only what cannot be read at all is a fault.

use super::decode::{DecodeFault, SinceRecord, StrictDecoder, TextEncoding};
use super::digest::{Hashed, Seen};
use super::sheet::{PACKED_MAX, Sheet, SheetFault};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated, header first.
    Csv(TextEncoding),
    /// Excel 2007+, first sheet, header first.
    Xlsx,
    /// One JSON object a line.
    JsonLines,
}

/// One row: where it stands and its cells in the header's order; an empty cell
/// is a missing value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRow {
    /// Line (CSV, JSON lines) or sheet row (XLSX), from 1.
    pub line: u64,
    /// Cell texts.
    pub cells: Vec<String>,
}

/// Why a file cannot be read: the whole file is refused, nothing of it kept.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// Not there, not readable.
    #[error("打不开 {path}：{why}。请检查路径和权限")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        why: String,
    },
    /// Bytes that are no text in the declared encoding.
    #[error("{path} 不是 {declared} 编码（{why}）。{hint}")]
    Encoding {
        /// The file.
        path: String,
        /// The declared encoding.
        declared: &'static str,
        /// Where.
        why: String,
        /// How to mend it.
        hint: String,
    },
    /// A record without end.
    #[error(
        "{path} 第 {line} 行之后有一条超长记录（多于 1 MB）。多半是引号没有成对，或文件已损坏。请重新导出"
    )]
    RecordTooLong {
        /// The file.
        path: String,
        /// The last line read well.
        line: u64,
    },
    /// Broken structure: truncated archive, unequal columns, no JSON.
    #[error("{path} 第 {line} 行附近读不下去：{why}。请重新导出这个文件")]
    Broken {
        /// The file.
        path: String,
        /// About where.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// No header.
    #[error("{path} 是空的，连表头都没有。请重新导出")]
    Empty {
        /// The file.
        path: String,
    },
    /// Too large to be read whole.
    #[error("{path} 有 {bytes} 字节，超过 Excel 文件的上限 {PACKED_MAX}。请改用 CSV")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size.
        bytes: u64,
    },
}

/// A file being read.
pub struct Rows {
    path: String,
    header: Vec<String>,
    source: Source,
    line: u64,
    seen: Seen,
}

/// A text file: hashed and decoded on the way.
type Text = StrictDecoder<Hashed<File>>;

enum Source {
    Csv {
        reader: Box<csv::Reader<Text>>,
        since_record: SinceRecord,
        encoding: TextEncoding,
    },
    JsonLines {
        reader: BufReader<Text>,
        since_record: SinceRecord,
    },
    Sheet(Sheet),
}

impl Rows {
    /// Opens a file and reads its header. For JSON lines `columns` names the
    /// keys wanted, in order; the other formats bring their own header.
    ///
    /// # Errors
    /// [`FileFault`] when the file cannot be read as what it claims to be.
    pub fn open(path: &Path, format: FileFormat, columns: &[String]) -> Result<Rows, FileFault> {
        let shown = path.display().to_string();
        let file = File::open(path).map_err(|why| FileFault::Unreadable {
            path: shown.clone(),
            why: why.to_string(),
        })?;
        match format {
            FileFormat::Csv(encoding) => Rows::open_csv(file, shown, encoding),
            FileFormat::Xlsx => Rows::open_sheet(file, shown),
            FileFormat::JsonLines => Ok(Rows::open_json(file, shown, columns)),
        }
    }

    /// Column names, in order.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// SHA-256 of the bytes read so far: of the whole file after its last row.
    pub fn digest(&self) -> String {
        self.seen.digest()
    }

    fn open_json(file: File, path: String, columns: &[String]) -> Rows {
        let (since_record, seen) = (SinceRecord::default(), Seen::default());
        let hashed = Hashed::new(file, seen.clone());
        let decoder = StrictDecoder::new(hashed, TextEncoding::Utf8, since_record.clone());
        let source = Source::JsonLines {
            reader: BufReader::new(decoder),
            since_record,
        };
        Rows {
            path,
            header: columns.to_vec(),
            source,
            line: 0,
            seen,
        }
    }

    fn open_csv(file: File, path: String, encoding: TextEncoding) -> Result<Rows, FileFault> {
        let (since_record, seen) = (SinceRecord::default(), Seen::default());
        let hashed = Hashed::new(file, seen.clone());
        let decoder = StrictDecoder::new(hashed, encoding, since_record.clone());
        // `flexible`: a row of another length is the row's fault, told by the gate, not the file's.
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(decoder);
        let header = reader
            .headers()
            .map_err(|why| csv_fault(&path, 1, encoding, &why))?;
        if header.is_empty() {
            return Err(FileFault::Empty { path });
        }
        let header = header.iter().map(|name| name.trim().to_owned()).collect();
        since_record.set(0);
        let source = Source::Csv {
            reader: Box::new(reader),
            since_record,
            encoding,
        };
        Ok(Rows {
            path,
            header,
            source,
            line: 1,
            seen,
        })
    }

    fn open_sheet(mut file: File, path: String) -> Result<Rows, FileFault> {
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        if bytes > PACKED_MAX {
            return Err(FileFault::TooLarge { path, bytes });
        }
        let broken = |line: u64, why: String| FileFault::Broken {
            path: path.clone(),
            line,
            why,
        };
        let seen = Seen::default();
        io::copy(&mut Hashed::new(&mut file, seen.clone()), &mut io::sink())
            .and_then(|_| file.rewind())
            .map_err(|why| broken(1, why.to_string()))?;
        let mut sheet = Sheet::read(file).map_err(|SheetFault { line, why }| broken(line, why))?;
        let Some((line, header)) = sheet.next_row(0) else {
            return Err(FileFault::Empty { path });
        };
        Ok(Rows {
            path,
            header,
            source: Source::Sheet(sheet),
            line,
            seen,
        })
    }

    fn next_csv(&mut self) -> Option<Result<Vec<String>, FileFault>> {
        let Source::Csv {
            reader,
            since_record,
            encoding,
        } = &mut self.source
        else {
            return None;
        };
        let mut record = csv::StringRecord::new();
        match reader.read_record(&mut record) {
            Ok(false) => None,
            Ok(true) => {
                since_record.set(0);
                Some(Ok(record
                    .iter()
                    .map(|cell| cell.trim().to_owned())
                    .collect()))
            }
            Err(why) => Some(Err(csv_fault(&self.path, self.line, *encoding, &why))),
        }
    }

    fn next_json(&mut self) -> Option<Result<Vec<String>, FileFault>> {
        let Source::JsonLines {
            reader,
            since_record,
        } = &mut self.source
        else {
            return None;
        };
        let mut text = String::new();
        match reader.read_line(&mut text) {
            Ok(0) => return None,
            Ok(_) => since_record.set(0),
            Err(why) => {
                return Some(Err(io_fault(
                    &self.path,
                    self.line,
                    TextEncoding::Utf8,
                    &why,
                )));
            }
        }
        let broken = |why: String| FileFault::Broken {
            path: self.path.clone(),
            line: self.line + 1,
            why,
        };
        let object: serde_json::Map<String, serde_json::Value> = match serde_json::from_str(&text) {
            Ok(object) => object,
            Err(why) => return Some(Err(broken(format!("不是一个 JSON 对象（{why}）")))),
        };
        if let Some(extra) = object.keys().find(|key| !self.header.contains(key)) {
            return Some(Err(broken(format!("多出一个没有约定的字段“{extra}”"))));
        }
        Some(Ok(self
            .header
            .iter()
            .map(|name| object.get(name).map(json_text).unwrap_or_default())
            .collect()))
    }
}

impl Iterator for Rows {
    type Item = Result<RawRow, FileFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let cells = match &mut self.source {
            Source::Csv { .. } => self.next_csv()?,
            Source::JsonLines { .. } => self.next_json()?,
            Source::Sheet(sheet) => {
                let (line, cells) = sheet.next_row(self.header.len())?;
                self.line = line;
                return Some(Ok(RawRow { line, cells }));
            }
        };
        self.line += 1;
        Some(cells.map(|cells| RawRow {
            line: self.line,
            cells,
        }))
    }
}

fn csv_fault(path: &str, line: u64, encoding: TextEncoding, why: &csv::Error) -> FileFault {
    match why.kind() {
        csv::ErrorKind::Io(io) => io_fault(path, line, encoding, io),
        _ => FileFault::Broken {
            path: path.to_owned(),
            line,
            why: why.to_string(),
        },
    }
}

fn io_fault(path: &str, line: u64, encoding: TextEncoding, why: &io::Error) -> FileFault {
    let path = path.to_owned();
    let decode = why
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<DecodeFault>());
    match decode {
        Some(DecodeFault::RecordTooLong) => FileFault::RecordTooLong { path, line },
        Some(fault @ DecodeFault::Malformed { .. }) => {
            let other = encoding.other();
            let hint = if reads_as(&path, other) {
                format!(
                    "它看起来是 {}，请改清单里的编码，或按 {} 重新导出",
                    other.name(),
                    encoding.name()
                )
            } else {
                format!("请按 {} 重新导出", encoding.name())
            };
            FileFault::Encoding {
                path,
                declared: encoding.name(),
                why: fault.to_string(),
                hint,
            }
        }
        None => FileFault::Broken {
            path,
            line,
            why: why.to_string(),
        },
    }
}

/// Whether the first 64 KiB would decode in `encoding`: only to suggest, never to guess.
fn reads_as(path: &str, encoding: TextEncoding) -> bool {
    let Ok(file) = File::open(path) else {
        return false;
    };
    let mut text = Vec::new();
    let head = StrictDecoder::new(file, encoding, SinceRecord::default())
        .take(64 << 10)
        .read_to_end(&mut text);
    head.is_ok()
}

fn json_text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn a02_csv_and_json_lines_give_the_same_rows() {
        let (_a, csv) = file("a.csv", "id_no,amount\nX1,12.50\nX2,\n".as_bytes());
        let (_b, json) = file(
            "a.jsonl",
            b"{\"id_no\":\"X1\",\"amount\":12.50}\n{\"id_no\":\"X2\",\"amount\":null}\n",
        );
        let columns = ["id_no".to_owned(), "amount".to_owned()];
        let read = |path: &Path, format| -> Vec<Vec<String>> {
            Rows::open(path, format, &columns)
                .unwrap()
                .map(|row| row.unwrap().cells)
                .collect()
        };
        let from_csv = read(&csv, FileFormat::Csv(TextEncoding::Utf8));
        assert_eq!(from_csv[1], ["X2", ""]);
        let from_json = read(&json, FileFormat::JsonLines);
        assert_eq!(from_json[1], from_csv[1]);
    }

    #[test]
    fn the_wrong_encoding_says_what_it_probably_is() {
        let (bytes, _, _) = encoding_rs::GB18030.encode("编号,姓名\n1,合成\n");
        let (_folder, path) = file("a.csv", &bytes);
        let why = Rows::open(&path, FileFormat::Csv(TextEncoding::Utf8), &[])
            .err()
            .unwrap()
            .to_string();
        assert!(why.contains("它看起来是 GB18030"), "{why}");
    }

    #[test]
    fn a_truncated_workbook_is_refused_with_words() {
        let (_folder, path) = file("a.xlsx", b"PK\x03\x04 and then nothing");
        let why = Rows::open(&path, FileFormat::Xlsx, &[])
            .err()
            .unwrap()
            .to_string();
        assert!(why.contains("不是完整的 Excel 文件"), "{why}");
    }

    #[test]
    fn an_open_quote_does_not_swallow_memory() {
        let mut text = String::from("a,b\n1,\"open\n");
        text.push_str(&"x\n".repeat(2 << 20));
        let (_folder, path) = file("a.csv", text.as_bytes());
        let rows = Rows::open(&path, FileFormat::Csv(TextEncoding::Utf8), &[]).unwrap();
        let fault = rows.filter_map(Result::err).next().unwrap();
        assert!(matches!(fault, FileFault::RecordTooLong { .. }), "{fault}");
    }
}
