//! 「过闸」 A delivery's file row by row: judged, counted, handed on. Nothing of a
//! row stays here but what the report needs, so a file may be as long as it likes.

use super::manifest::Manifest;
use super::mending::{Closed, MendedHeader, Mending};
use super::rows::{FileFormat, RawRow, Rows};
use super::told::Told as Word;
use crate::Law;
use engine_pool::config::RECORD_NO;
use engine_pool::repair::{Mender, Repair};
use engine_pool::{
    Category, FaultKind, Header, QualityCounter, QualityReport, Record, RowFault, SET_BACK_ROW,
    SET_BACK_WHY, validate_row,
};
use kernel::{Date, PersonNumber};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;

/// Records handed to the store at a time.
const PIECE: usize = 1000;

/// What reading a file to its end told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// What the gate found.
    pub(super) quality: QualityReport,
    /// Whose rows were refused, where the row still says whose it is.
    pub(super) refused: BTreeSet<PersonNumber>,
    /// Which rows of the delivery it mends are closed by it.
    pub(super) closed: Vec<Closed>,
    /// What was mended in the rows that were taken, by record number.
    pub(super) repairs: Vec<(String, Repair)>,
}

/// What became of a row.
enum Judged {
    Taken(Record),
    SetBack(SetBack),
}

/// 没收下的行 A row the gate refused: its cells, and what is wrong with them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetBack {
    /// Its line in the file, the header being 1.
    pub line: u64,
    /// Column (as the file calls it) and cell.
    pub cells: Vec<(String, String)>,
    /// Every fault.
    pub faults: Vec<RowFault>,
}

impl fmt::Debug for SetBack {
    /// The line only: what people are is nothing for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetBack({})", self.line)
    }
}

/// So many rows of a delivery that was refused whole are kept as they came: it comes
/// again whole. Of one that was taken every row that was not is kept.
pub const SET_BACK_MAX: usize = 2_000;
/// So many cells of a delivery are mended, each of them kept; the rows after that are
/// judged as they came.
const REPAIRS_MAX: usize = 50_000;
/// A cell of a row that is kept is cut after so many characters.
const CELL_MAX: usize = 600;

/// A file read to its end once, for judging it.
pub(super) struct ReadFile {
    pub(super) told: Told,
    /// The first rows that were refused, as they came.
    pub(super) set_back: Vec<SetBack>,
    /// What it tells the register, when it is one of the register's sources.
    pub(super) words: Vec<Word>,
    /// Records that could not become a person, in words.
    pub(super) left_out: Vec<String>,
}

impl ReadFile {
    /// What was told only, for asking what would become of it.
    pub(super) fn of(told: Told) -> ReadFile {
        ReadFile {
            told,
            set_back: Vec::new(),
            words: Vec::new(),
            left_out: Vec::new(),
        }
    }
}

/// Reads and judges every row; the whole file's faults in words otherwise.
pub(super) fn judge(
    manifest: &Manifest,
    category: &Category,
    law: &Law,
    today: Date,
) -> Result<ReadFile, Vec<String>> {
    let (mut words, mut left_out, mut set_back) = (Vec::new(), Vec::new(), Vec::new());
    let mut sources = law.pack.register().iter();
    let source = sources.find(|source| source.category == category.id);
    let told = read(manifest, category, law, today, |judged| {
        let record = match judged {
            Judged::Taken(record) => record,
            Judged::SetBack(row) => {
                if set_back.len() < SET_BACK_MAX {
                    set_back.push(row);
                }
                return true;
            }
        };
        match source.map(|source| Word::read(source, &record)) {
            Some(Ok(word)) => words.extend(word),
            Some(Err(why)) => left_out.push(format!("记录 {}：{why}", record.record_no)),
            None => {}
        }
        true
    })?;
    Ok(ReadFile {
        told,
        set_back,
        words,
        left_out,
    })
}

/// What the second reading of a file ends with.
pub(super) type Again = JoinHandle<Result<Told, Vec<String>>>;

/// Some rows of a file, judged.
#[derive(Default)]
pub(super) struct Piece {
    pub(super) records: Vec<Record>,
    pub(super) set_back: Vec<SetBack>,
}

impl Piece {
    /// Rows in it.
    pub(super) fn rows(&self) -> u64 {
        (self.records.len() + self.set_back.len()) as u64
    }
}

/// Reads a judged file again, its rows in pieces. The reading waits for whoever
/// takes them, and ends when nobody does.
pub(super) fn pieces(
    manifest: Manifest,
    category: Category,
    law: Law,
    today: Date,
) -> (Receiver<Piece>, Again) {
    let (send, receive) = channel(1);
    let reading = tokio::task::spawn_blocking(move || {
        let mut piece = Piece::default();
        let told = read(&manifest, &category, &law, today, |judged| {
            match judged {
                Judged::Taken(record) => piece.records.push(record),
                Judged::SetBack(row) => piece.set_back.push(row),
            }
            let full = piece.records.len() + piece.set_back.len() >= PIECE;
            !full || send.blocking_send(std::mem::take(&mut piece)).is_ok()
        })?;
        // Whoever stopped listening does not ask for the rest either.
        drop(send.blocking_send(piece));
        Ok(told)
    });
    (receive, reading)
}

/// Reads every row; `keep` takes them and says whether to go on.
fn read(
    manifest: &Manifest,
    category: &Category,
    law: &Law,
    today: Date,
    mut keep: impl FnMut(Judged) -> bool,
) -> Result<Told, Vec<String>> {
    let words = |why: &dyn std::fmt::Display| vec![why.to_string()];
    let mending = manifest.mending.as_deref();
    let (mut rows, columns) = opened(manifest, category)?;
    let mended = MendedHeader::read(mending, category, rows.header());
    let header = Header::read(category, &mended.names).map_err(|faults| {
        let hint = other_encoding(manifest, category, &columns);
        let faults = faults.iter().map(ToString::to_string);
        in_file(manifest, hint.into_iter().chain(faults))
    })?;
    let mut waiting = mending.map(Mending::waiting);
    // A row speaks of wages of a year ago in yesterday's file. What makes it outdated is
    // that its whole file is of an earlier day than what stands.
    let stood = manifest.stood.filter(|stood| manifest.as_of < *stood);
    let mut counter = QualityCounter::new(stood);
    let names = mended.names.clone();
    let key = names.iter().position(|name| {
        [category.keyed_by.column().0, category.keyed_by.column().1].contains(&name.as_str())
    });
    let (mut refused, mut closed) = (BTreeSet::new(), Vec::new());
    let mut repairs = Vec::new();
    let mender = Mender::new(category, &names, law.pack.regions(), today);
    let mut count = 0;
    for row in rows.by_ref() {
        let RawRow { line, cells } = row.map_err(|why| words(&why))?;
        count += 1;
        manifest.progress.read(count);
        let (name, cells) = mended.split(cells);
        let repaired = match repairs.len() {
            ..REPAIRS_MAX => mender.mend(&cells),
            _ => None,
        };
        let plain = repaired.as_ref().map_or(&cells, |(row, _)| row);
        let judged = validate_row(category, &header, line, plain, today).and_then(|record| {
            let Some(waiting) = &waiting else {
                return Ok(record);
            };
            let fits = waiting.find(&name, &record.record_no);
            let fault = |kind| vec![RowFault::new(line, SET_BACK_ROW.1, kind)];
            fits.map(|_| record).map_err(fault)
        });
        let judged = match judged {
            Ok(record) if counter.valid(line, &record.record_no, record.as_of) => {
                let at = waiting
                    .as_mut()
                    .and_then(|waiting| waiting.close(&name, &record.record_no).ok());
                closed.extend(at.map(|line| Closed::new(line, &record)));
                let repaired = repaired.into_iter().flat_map(|(_, repairs)| repairs);
                repairs.extend(repaired.map(|one| (record.record_no.clone(), one)));
                Judged::Taken(record)
            }
            Ok(_) => {
                let fault = RowFault::new(line, RECORD_NO.1, FaultKind::RepeatedRecord);
                Judged::SetBack(kept_row(line, &names, cells, &[fault]))
            }
            Err(faults) => {
                let cell = key.and_then(|key| plain.get(key));
                refused.extend(cell.and_then(|cell| cell.parse::<PersonNumber>().ok()));
                let row = kept_row(line, &names, cells, &faults);
                counter.faulty(faults);
                Judged::SetBack(row)
            }
        };
        if !keep(judged) {
            break;
        }
    }
    let quality = check_whole(manifest, &rows, counter.finish(false))?;
    Ok(Told {
        quality,
        refused,
        closed,
        repairs,
    })
}

/// The file opened, its columns within what was agreed; the columns it may have.
fn opened(manifest: &Manifest, category: &Category) -> Result<(Rows, Vec<String>), Vec<String>> {
    let words = |why: &dyn std::fmt::Display| vec![why.to_string()];
    let columns: Vec<String> = engine_pool::gate::column_ids(category)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut agreed: Vec<String> = match &manifest.agreed {
        Some(term) => columns
            .iter()
            .enumerate()
            .filter(|(at, id)| *at < 3 || term.fields.contains(id.as_str()))
            .map(|(_, id)| id.clone())
            .collect(),
        None => columns.clone(),
    };
    if manifest.mending.is_some() {
        agreed.extend([SET_BACK_ROW.0.to_owned(), SET_BACK_WHY.0.to_owned()]);
    }
    let rows = manifest
        .open(category.file, &agreed)
        .map_err(|why| words(&why))?;
    if let Some(term) = &manifest.agreed {
        let known: Vec<&String> = rows
            .header()
            .iter()
            .filter(|one| in_catalogue(category, one))
            .collect();
        term.allows(category, &known).map_err(|why| words(&why))?;
    }
    Ok((rows, columns))
}

fn kept_row(line: u64, names: &[String], cells: Vec<String>, faults: &[RowFault]) -> SetBack {
    let names = names
        .iter()
        .cloned()
        .map(Some)
        .chain(std::iter::repeat(None));
    let cut = |cell: String| cell.chars().take(CELL_MAX).collect();
    let cells = names.zip(cells.into_iter().take(200));
    SetBack {
        line,
        cells: cells
            .map(|(name, cell)| (name.unwrap_or_default(), cut(cell)))
            .collect(),
        faults: faults.to_vec(),
    }
}

/// Whether the catalogue knows a column; one it does not know is the header's fault.
fn in_catalogue(category: &Category, column: &str) -> bool {
    let (ids, names) = (
        engine_pool::gate::column_ids(category),
        engine_pool::gate::column_names(category),
    );
    ids.contains(&column) || names.contains(&column)
}

/// UTF-8 now and then decodes as GB18030 without a fault, into nonsense: a header
/// that reads well the other way says so.
fn other_encoding(manifest: &Manifest, category: &Category, columns: &[String]) -> Option<String> {
    let FileFormat::Csv(declared) = manifest.format(category.file) else {
        return None;
    };
    let other = FileFormat::Csv(declared.other());
    let rows = Rows::open(&manifest.path, other, columns).ok()?;
    Header::read(category, rows.header()).ok()?;
    let (declared, other) = (declared.name(), declared.other().name());
    Some(format!(
        "文件不是 {declared} 编码，它看起来是 {other}，请改清单里的编码，或按 {declared} 重新导出"
    ))
}

/// Whether the rows read are the bytes and the number the slip promises.
fn check_whole(
    manifest: &Manifest,
    rows: &Rows,
    quality: QualityReport,
) -> Result<QualityReport, Vec<String>> {
    manifest
        .check_digest(&rows.digest())
        .map_err(|why| vec![why.to_string()])?;
    if quality.rows == manifest.rows {
        return Ok(quality);
    }
    let (found, promised) = (quality.rows, manifest.rows);
    let why = format!("清单说有 {promised} 行，文件里是 {found} 行。请重新导出完整的文件");
    Err(in_file(manifest, std::iter::once(why)))
}

fn in_file(manifest: &Manifest, reasons: impl Iterator<Item = String>) -> Vec<String> {
    let path = manifest.path.display();
    reasons.map(|why| format!("{path}：{why}")).collect()
}
