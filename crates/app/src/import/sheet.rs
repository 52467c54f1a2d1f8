//! 「工作表」 An XLSX's first sheet as rows of text. An archive says small and may
//! unpack without end, a sheet may name its last cell only, a short cell may stand
//! for a long text: everything is counted before and while it is read. A formula is no
//! value, and entities are none of a sheet's: both refuse the file. Absent: styles,
//! further sheets.

use super::decode::RECORD_BYTES_MAX;
use calamine::{Data, Reader as _, Xlsx};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use zip::ZipArchive;

/// The file may be so long.
pub(super) const PACKED_MAX: u64 = 64 << 20;
/// Unpacked, everything in it together.
const UNPACKED_MAX: u64 = 128 << 20;
/// The texts all cells share.
const STRINGS_MAX: u64 = 32 << 20;
/// Any other part that is parsed (workbook, styles, relations).
const PART_MAX: u64 = 2 << 20;
/// Parts in the archive.
const PARTS_MAX: usize = 1000;
/// Texts of all cells together, once the shared ones are written out.
const TEXT_MAX: usize = 64 << 20;
/// Columns of a sheet.
const COLUMNS_MAX: u32 = 1000;

/// Why a workbook cannot be read, in words that complete “第 N 行附近”.
pub(super) struct SheetFault {
    pub(super) line: u64,
    pub(super) why: String,
}

/// A sheet's used rows, all their texts in one.
#[derive(Default)]
pub(super) struct Sheet {
    text: String,
    /// Where each cell's text ends.
    cells: Vec<usize>,
    /// Each row's number in the sheet, from 1, and where its cells end.
    rows: Vec<(u64, usize)>,
    next: usize,
}

impl Sheet {
    /// Reads the first sheet. Rows without any text are left out.
    pub(super) fn read(mut file: File) -> Result<Sheet, SheetFault> {
        let broken = |line: u64, why: String| SheetFault { line, why };
        let not_whole =
            |why: &dyn std::fmt::Display| broken(1, format!("不是完整的 Excel 文件（{why}）"));
        check_parts(&file).map_err(|why| broken(1, why))?;
        file.rewind().map_err(|why| not_whole(&why))?;
        let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|why| not_whole(&why))?;
        let name = book.sheet_names().into_iter().next();
        let name = name.ok_or_else(|| broken(1, "里面没有工作表".into()))?;
        let mut reader = book
            .worksheet_cells_reader(&name)
            .map_err(|why| not_whole(&why))?;
        let mut sheet = Sheet::default();
        let mut origin = None;
        loop {
            let line = sheet.rows.last().map_or(1, |(line, _)| *line);
            let cell = match reader.next_cell() {
                Ok(Some(cell)) => cell,
                Ok(None) => return Ok(sheet),
                Err(why) => return Err(broken(line, format!("不是完整的 Excel 文件（{why}）"))),
            };
            let text = cell_text(&Data::from(cell.get_value().clone()));
            if text.is_empty() {
                continue;
            }
            let (row, column) = cell.get_position();
            let origin = *origin.get_or_insert(column);
            let placed = sheet.place(u64::from(row) + 1, column, origin, &text);
            placed.map_err(|why| broken(u64::from(row) + 1, why))?;
        }
    }

    /// Puts a text into its cell; empty ones before it are missing values.
    fn place(&mut self, line: u64, column: u32, origin: u32, text: &str) -> Result<(), String> {
        let at = column
            .checked_sub(origin)
            .ok_or("这一格在表头左边，没有列名")?;
        if at >= COLUMNS_MAX {
            return Err(format!("超过 {COLUMNS_MAX} 列"));
        }
        match self.rows.last() {
            Some((last, _)) if *last > line => return Err("行的次序乱了".into()),
            Some((last, _)) if *last == line => {}
            _ => self.rows.push((line, self.cells.len())),
        }
        let first = self.first_cell(self.rows.len() - 1);
        if self.cells.len() - first > at as usize {
            return Err("同一格写了两次，或格子的次序乱了".into());
        }
        let before = first.checked_sub(1).map_or(0, |cell| self.cells[cell]);
        let so_far = self.text.len();
        if (so_far - before + text.len()) as u64 > RECORD_BYTES_MAX {
            return Err("这一行多于 1 MB".into());
        }
        if so_far + text.len() > TEXT_MAX {
            return Err(format!("文字太多，超过 {} MB。请改用 CSV", TEXT_MAX >> 20));
        }
        self.cells.resize(first + at as usize, so_far);
        self.text.push_str(text);
        self.cells.push(self.text.len());
        if let Some(row) = self.rows.last_mut() {
            row.1 = self.cells.len();
        }
        Ok(())
    }

    /// Where a row's cells begin.
    fn first_cell(&self, row: usize) -> usize {
        row.checked_sub(1).map_or(0, |before| self.rows[before].1)
    }

    /// The next row: its number in the sheet and its cells; `width` of them at least.
    pub(super) fn next_row(&mut self, width: usize) -> Option<(u64, Vec<String>)> {
        let (line, end) = *self.rows.get(self.next)?;
        let first = self.first_cell(self.next);
        self.next += 1;
        let start = |cell: usize| cell.checked_sub(1).map_or(0, |before| self.cells[before]);
        let cells = (first..end).map(|cell| self.text[start(cell)..self.cells[cell]].to_owned());
        let mut cells: Vec<String> = cells.collect();
        cells.resize(cells.len().max(width), String::new());
        Some((line, cells))
    }
}

/// Whether every part stays within its bounds, by what the archive says and by
/// what it really unpacks to.
fn check_parts(file: &File) -> Result<(), String> {
    let mut archive = ZipArchive::new(BufReader::new(file))
        .map_err(|why| format!("不是完整的 Excel 文件（{why}）"))?;
    if archive.len() > PARTS_MAX {
        return Err(format!(
            "压缩包里有 {} 个部件，不像 Excel 文件",
            archive.len()
        ));
    }
    let mut left = UNPACKED_MAX;
    for at in 0..archive.len() {
        let part = archive
            .by_index(at)
            .map_err(|why| format!("不是完整的 Excel 文件（{why}）"))?;
        let name = part
            .name()
            .map_err(|why| format!("部件名读不懂（{why}）"))?;
        let name = name.to_ascii_lowercase();
        let most = left.min(most_of(&name));
        if part.size() > most {
            return Err(too_big(&name));
        }
        let mut bounded = part.take(most + 1);
        let mut tags = Tags::default();
        let unpacked = match name.ends_with("sharedstrings.xml") {
            true => check_strings(&mut bounded),
            false => io::copy(&mut bounded, &mut tags).map_err(|why| why.to_string()),
        };
        let unpacked = unpacked.map_err(|why| format!("部件 {name} 解不开（{why}）"))?;
        if tags.entities && is_xml(&name) {
            return Err(format!(
                "部件 {name} 里有实体定义，像是 XML 炸弹。请用 Excel 重新另存"
            ));
        }
        if let Some(row) = tags.formula.filter(|_| name.contains("worksheets/")) {
            return Err(format!(
                "第 {row} 行有公式，算出来的值可能是旧的。请复制后只粘贴值，再另存"
            ));
        }
        if unpacked > most {
            return Err(too_big(&name));
        }
        left -= unpacked;
    }
    Ok(())
}

fn is_xml(name: &str) -> bool {
    let endings = [".xml", ".rels", ".vml"];
    endings.iter().any(|ending| name.ends_with(ending))
}

/// The tags of a part as it is unpacked: nothing of it stays here.
#[derive(Default)]
struct Tags {
    /// The beginning of the tag that is open; none outside of one.
    open: Option<Vec<u8>>,
    rows: u64,
    /// The row with the first formula.
    formula: Option<u64>,
    /// Whether it declares entities of its own.
    entities: bool,
}

impl Tags {
    /// A tag's name is known.
    fn named(&mut self, name: &[u8]) {
        let own = name.rsplit(|byte| *byte == b':').next().unwrap_or(name);
        match own {
            b"row" => self.rows += 1,
            b"f" => self.formula = self.formula.or(Some(self.rows)),
            _ if own.starts_with(b"!DOC") || own.starts_with(b"!ENT") => self.entities = true,
            _ => {}
        }
    }
}

impl io::Write for Tags {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        /// Longer than any name that is looked for.
        const NAME_MAX: usize = 24;
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            let Some(name) = &mut self.open else {
                // Most of a part is outside of a tag's name.
                let Some(at) = rest.iter().position(|byte| *byte == b'<') else {
                    break;
                };
                self.open = Some(Vec::new());
                rest = rest.get(at + 1..).unwrap_or_default();
                continue;
            };
            let ended = b" \t\r\n/>".contains(byte) || name.len() > NAME_MAX;
            if ended {
                let name = std::mem::take(name);
                self.open = None;
                self.named(&name);
            } else {
                name.push(*byte);
            }
            rest = after;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn too_big(name: &str) -> String {
    let most = UNPACKED_MAX >> 20;
    format!("部件 {name} 解开后太大（整个文件解开最多 {most} MB），像是压缩炸弹。请改用 CSV")
}

/// The most a part may unpack to, by its name in lower case.
fn most_of(name: &str) -> u64 {
    let last = name.rsplit('/').next().unwrap_or(name);
    match last {
        "sharedstrings.xml" => STRINGS_MAX,
        sheet if sheet.starts_with("sheet") => UNPACKED_MAX,
        parsed if is_xml(parsed) => PART_MAX,
        _ => UNPACKED_MAX,
    }
}

/// The parser makes room for as many shared texts as the part says it has: a
/// number nobody checked. It may not be more than its bytes could hold.
fn check_strings(part: &mut impl Read) -> Result<u64, String> {
    const COUNT: &[u8] = b"uniqueCount";
    /// `<si></si>`
    const STRING_BYTES_MIN: usize = 9;
    let mut bytes = Vec::new();
    part.read_to_end(&mut bytes)
        .map_err(|why| why.to_string())?;
    let mut rest = bytes.as_slice();
    while let Some(at) = rest.windows(COUNT.len()).position(|window| window == COUNT) {
        rest = &rest[at + COUNT.len()..];
        let said = rest.iter().skip_while(|byte| b" \t\r\n=\"'".contains(byte));
        let said = said.take_while(|byte| byte.is_ascii_digit());
        let said = said.fold(0_usize, |sum, byte| {
            sum.saturating_mul(10)
                .saturating_add(usize::from(byte - b'0'))
        });
        if said > bytes.len() / STRING_BYTES_MIN {
            return Err(format!("自称有 {said} 段文字"));
        }
    }
    Ok(bytes.len() as u64)
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
