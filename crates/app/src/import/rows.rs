//! 「读文件」 A department's file as rows of named cells, whatever its format.
//! Nothing is judged here; only what cannot be read at all is a fault.

use super::decode::{DecodeFault, SinceRecord, StrictDecoder, TextEncoding};
use calamine::{Data, Reader, Xlsx};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// An XLSX is read whole, so it may not be larger than this.
const XLSX_BYTES_MAX: u64 = 64 << 20;

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
    #[error("{path} 有 {bytes} 字节，超过 Excel 文件的上限 {XLSX_BYTES_MAX}。请改用 CSV")]
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
}

enum Source {
    Csv {
        reader: Box<csv::Reader<StrictDecoder<File>>>,
        since_record: SinceRecord,
        encoding: TextEncoding,
    },
    JsonLines {
        reader: BufReader<StrictDecoder<File>>,
        since_record: SinceRecord,
    },
    Sheet(std::vec::IntoIter<Vec<String>>),
}

impl Rows {
    /// Opens a file and reads its header. For JSON lines `columns` names the
    /// keys wanted, in order; the other formats bring their own header.
    ///
    /// # Errors
    /// [`FileFault`] when the file cannot be read as what it claims to be.
    pub fn open(path: &Path, format: FileFormat, columns: &[String]) -> Result<Rows, FileFault> {
        let shown = path.display().to_string();
        let open = || {
            File::open(path).map_err(|why| FileFault::Unreadable {
                path: shown.clone(),
                why: why.to_string(),
            })
        };
        match format {
            FileFormat::Csv(encoding) => Rows::open_csv(open()?, shown, encoding),
            FileFormat::Xlsx => Rows::open_sheet(open()?, shown),
            FileFormat::JsonLines => {
                let since_record = SinceRecord::default();
                let decoder = StrictDecoder::new(open()?, TextEncoding::Utf8, since_record.clone());
                let source = Source::JsonLines {
                    reader: BufReader::new(decoder),
                    since_record,
                };
                Ok(Rows {
                    path: shown,
                    header: columns.to_vec(),
                    source,
                    line: 0,
                })
            }
        }
    }

    /// Column names, in order.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    fn open_csv(file: File, path: String, encoding: TextEncoding) -> Result<Rows, FileFault> {
        let since_record = SinceRecord::default();
        let decoder = StrictDecoder::new(file, encoding, since_record.clone());
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
        })
    }

    fn open_sheet(file: File, path: String) -> Result<Rows, FileFault> {
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        if bytes > XLSX_BYTES_MAX {
            return Err(FileFault::TooLarge { path, bytes });
        }
        let broken = |why: String| FileFault::Broken {
            path: path.clone(),
            line: 1,
            why,
        };
        let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file))
            .map_err(|why| broken(format!("不是完整的 Excel 文件（{why}）")))?;
        let sheet = book
            .worksheet_range_at(0)
            .ok_or_else(|| broken("里面没有工作表".into()))?;
        let sheet = sheet.map_err(|why| broken(format!("不是完整的 Excel 文件（{why}）")))?;
        let mut rows = sheet
            .rows()
            .map(|row| row.iter().map(cell_text).collect::<Vec<_>>())
            .collect::<Vec<_>>();
        if rows.is_empty() {
            return Err(FileFault::Empty { path });
        }
        let header = rows.remove(0);
        Ok(Rows {
            path,
            header,
            source: Source::Sheet(rows.into_iter()),
            line: 1,
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
            Source::Sheet(rows) => Ok(rows.next()?),
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

/// A sheet's cell as the text a CSV would hold: dates as ISO, numbers plainly.
fn cell_text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::DateTime(moment) => moment
            .as_datetime()
            .map(|moment| moment.date().to_string())
            .unwrap_or_else(|| moment.to_string()),
        Data::Bool(flag) => flag.to_string(),
        other => other.to_string().trim().to_owned(),
    }
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
