//! 「过闸」 A delivery's file row by row: judged, counted, handed on. Nothing of a
//! row stays here but what the report needs, so a file may be as long as it likes.

use super::manifest::Manifest;
use super::rows::{FileFormat, RawRow, Rows};
use super::told::Told as Word;
use engine_pool::{Category, Header, QualityCounter, QualityReport, Record, validate_row};
use kernel::{Date, PersonNumber};
use packs::RegisterSource;
use std::collections::BTreeSet;
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
}

/// A file read to its end once, for judging it.
pub(super) struct ReadFile {
    pub(super) told: Told,
    /// What it tells the register, when it is one of the register's sources.
    pub(super) words: Vec<Word>,
    /// Records that could not become a person, in words.
    pub(super) left_out: Vec<String>,
}

/// Reads and judges every row; the whole file's faults in words otherwise.
/// `source`: the register's source, when this is its category.
pub(super) fn judge(
    manifest: &Manifest,
    category: &Category,
    source: Option<&RegisterSource>,
    today: Date,
) -> Result<ReadFile, Vec<String>> {
    let (mut words, mut left_out) = (Vec::new(), Vec::new());
    let told = read(manifest, category, today, |record| {
        match source.map(|source| Word::read(source, &record)) {
            Some(Ok(word)) => words.extend(word),
            Some(Err(why)) => left_out.push(format!("记录 {}：{why}", record.record_no)),
            None => {}
        }
        true
    })?;
    Ok(ReadFile {
        told,
        words,
        left_out,
    })
}

/// What the second reading of a file ends with.
pub(super) type Again = JoinHandle<Result<Told, Vec<String>>>;

/// Reads a judged file again, its records in pieces. The reading waits for whoever
/// takes them, and ends when nobody does.
pub(super) fn pieces(
    manifest: Manifest,
    category: Category,
    today: Date,
) -> (Receiver<Vec<Record>>, Again) {
    let (send, receive) = channel(1);
    let reading = tokio::task::spawn_blocking(move || {
        let mut piece = Vec::with_capacity(PIECE);
        let told = read(&manifest, &category, today, |record| {
            piece.push(record);
            piece.len() < PIECE || send.blocking_send(std::mem::take(&mut piece)).is_ok()
        })?;
        // Whoever stopped listening does not ask for the rest either.
        drop(send.blocking_send(piece));
        Ok(told)
    });
    (receive, reading)
}

/// Reads every row; `keep` takes the good ones and says whether to go on.
fn read(
    manifest: &Manifest,
    category: &Category,
    today: Date,
    mut keep: impl FnMut(Record) -> bool,
) -> Result<Told, Vec<String>> {
    let words = |why: &dyn std::fmt::Display| vec![why.to_string()];
    let columns: Vec<String> = engine_pool::gate::column_ids(category)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut rows = manifest
        .open(category.file, &columns)
        .map_err(|why| words(&why))?;
    let header = Header::read(category, rows.header()).map_err(|faults| {
        let hint = other_encoding(manifest, category, &columns);
        let faults = faults.iter().map(ToString::to_string);
        in_file(manifest, hint.into_iter().chain(faults))
    })?;
    let mut counter = QualityCounter::new(None);
    let key = rows.header().iter().position(|name| {
        [category.keyed_by.column().0, category.keyed_by.column().1].contains(&name.as_str())
    });
    let mut refused = BTreeSet::new();
    for row in rows.by_ref() {
        let RawRow { line, cells } = row.map_err(|why| words(&why))?;
        match validate_row(category, &header, line, &cells, today) {
            Ok(record) if counter.valid(line, &record.record_no, record.as_of) => {
                if !keep(record) {
                    break;
                }
            }
            Ok(_) => {}
            Err(faults) => {
                let cell = key.and_then(|key| cells.get(key));
                refused.extend(cell.and_then(|cell| cell.parse::<PersonNumber>().ok()));
                counter.faulty(faults);
            }
        }
    }
    check_whole(manifest, &rows, counter.finish(false)).map(|quality| Told { quality, refused })
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
