//! 「入库」 A folder of deliveries through the one gate: manifest, bytes, header,
//! rows, quality, then in one transaction the delivery, its records and its row in
//! the audit. The same bytes again change nothing.

use super::manifest::Manifest;
use super::register::{Registered, register};
use super::rows::{RawRow, Rows};
use crate::App;
use crate::context::Context;
use crate::error::{AppError, Result};
use engine_access::{Action, Record as AccessRecord, RecordState};
use engine_pool::{
    Category, Command, Delivery, Digest, Event, Header, QualityCounter, QualityReport, Record,
    Subject, decide, validate_row,
};
use kernel::{DataBatchId, Date, FieldLevel, Now, PersonId, PersonNumber, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use store::{StoredRecord, Tx};

/// What became of one delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Who sent it.
    pub department: Slug,
    /// What it holds.
    pub category: Slug,
    /// The day it speaks of.
    pub as_of: Date,
    /// What the house did with it.
    pub outcome: ImportOutcome,
    /// People and households that entered the register by it.
    pub registered: Option<Registered>,
}

/// What the house did with a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// 已入库
    Accepted(QualityReport),
    /// 已退回, none of it kept.
    Refused {
        /// Why, in words for the department.
        reasons: Vec<String>,
        /// What the gate found, when it got as far as the rows.
        quality: Option<QualityReport>,
    },
    /// 已经收过 The same bytes came before.
    Repeated,
}

/// What became of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Every delivery found, in the order taken.
    pub deliveries: Vec<Imported>,
    /// Categories of the catalogue for which nothing came.
    pub absent: Vec<Slug>,
}

/// A file read to its end.
struct ReadFile {
    records: Vec<Record>,
    /// Whose rows were refused, where the row still says whose it is.
    refused: BTreeSet<PersonNumber>,
    quality: QualityReport,
}

impl App {
    /// Takes in every delivery of a folder; of one department only, where given.
    /// `progress` hears of each delivery as it is done.
    ///
    /// # Errors
    /// Refused when the actor may not import; a fault of the store. A bad file is
    /// not an error: it is refused and reported.
    pub async fn import(
        &self,
        ctx: &Context,
        folder: &Path,
        only: Option<&Slug>,
        mut progress: impl FnMut(&Imported),
    ) -> Result<ImportReport> {
        let mut manifests = Manifest::all_in(folder)?;
        let first = self
            .law
            .pack
            .register()
            .map(|source| source.category.clone());
        // Residents first: every other record is then filed under a known person.
        manifests
            .sort_by_key(|found| (Some(&found.category) != first.as_ref(), found.path.clone()));
        let mut report = ImportReport::default();
        for manifest in manifests
            .iter()
            .filter(|found| only.is_none_or(|only| *only == found.department))
        {
            let imported = self.import_one(ctx, manifest).await?;
            progress(&imported);
            report.deliveries.push(imported);
        }
        let came = |category: &Category| {
            report
                .deliveries
                .iter()
                .any(|one| one.category == category.id)
        };
        let catalogue = &self.law.pack.data().catalogue;
        let wanted = catalogue.categories().filter(|category| {
            only.is_none_or(|only| {
                catalogue
                    .owner(&category.id)
                    .is_some_and(|owner| owner.id == *only)
            })
        });
        report.absent = wanted
            .filter(|category| !came(category))
            .map(|one| one.id.clone())
            .collect();
        Ok(report)
    }

    async fn import_one(&self, ctx: &Context, manifest: &Manifest) -> Result<Imported> {
        let now = self.now();
        let law = self.law.clone();
        let read = match law.pack.data().catalogue.category(&manifest.category) {
            Some(category) => read_file(manifest, category, now.today()),
            None => Err(vec![format!(
                "数据目录里没有“{}”这类数据",
                manifest.category
            )]),
        };
        let read = Arc::new(read);
        let (ctx, manifest) = (ctx.clone(), manifest.clone());
        self.db
            .write(async move |tx| take_in(tx, &law, &ctx, &manifest, &read, now).await)
            .await
    }
}

/// Reads and judges every row; the whole file's faults in words otherwise.
fn read_file(
    manifest: &Manifest,
    category: &Category,
    today: Date,
) -> Result<ReadFile, Vec<String>> {
    manifest
        .check_bytes()
        .map_err(|why| vec![why.to_string()])?;
    let columns: Vec<String> = engine_pool::gate::column_ids(category)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let rows = Rows::open(&manifest.path, manifest.format(category.file), &columns)
        .map_err(|why| vec![why.to_string()])?;
    let header = Header::read(category, rows.header())
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let mut counter = QualityCounter::new(None);
    let key = rows.header().iter().position(|name| {
        [category.keyed_by.column().0, category.keyed_by.column().1].contains(&name.as_str())
    });
    let (mut records, mut refused) = (Vec::new(), BTreeSet::new());
    for row in rows {
        let RawRow { line, cells } = row.map_err(|why| vec![why.to_string()])?;
        match validate_row(category, &header, line, &cells, today) {
            Ok(record) if counter.valid(line, &record.record_no, record.as_of) => {
                records.push(record)
            }
            Ok(_) => {}
            Err(faults) => {
                let cell = key.and_then(|key| cells.get(key));
                refused.extend(cell.and_then(|cell| cell.parse::<PersonNumber>().ok()));
                counter.faulty(faults);
            }
        }
    }
    let quality = counter.finish(false);
    if quality.rows != manifest.rows {
        let (found, promised) = (quality.rows, manifest.rows);
        return Err(vec![format!(
            "清单说有 {promised} 行，文件里是 {found} 行。请重新导出完整的文件"
        )]);
    }
    Ok(ReadFile {
        records,
        refused,
        quality,
    })
}

async fn take_in(
    tx: &mut Tx,
    law: &crate::Law,
    ctx: &Context,
    manifest: &Manifest,
    read: &Result<ReadFile, Vec<String>>,
    now: Now,
) -> Result<Imported> {
    let place = AccessRecord {
        region: law.pack.head().map(|head| head.region),
        subjects: Vec::new(),
        state: RecordState::None,
        level: FieldLevel::L3,
    };
    ctx.authorise(tx, Action::Import, place, &[], now).await?;
    let mut state = tx.pool(&manifest.category).await?;
    let mut events = Vec::new();
    let mut act = |command: Command| -> Result<Event> {
        let decided = decide(&state, command, law.pack.data(), now).map_err(AppError::refused)?;
        for event in &decided {
            state.apply(event);
        }
        let last = decided.last().cloned();
        events.extend(decided);
        last.ok_or_else(|| AppError::Fault("a delivery without an event".into()))
    };
    let id = DataBatchId(tx.next_id("data_batch").await?);
    let rows = read
        .as_ref()
        .map_or(manifest.rows, |read| read.quality.rows);
    let mut last = act(Command::Receive(delivery(manifest, ctx, id, rows)))?;
    let repeated = matches!(last, Event::Repeated { .. });
    if let Event::Received(batch) = &last {
        last = match read {
            Ok(read) => {
                let quality = QualityReport {
                    late: batch.late,
                    ..read.quality.clone()
                };
                act(Command::Judge { id, quality })?
            }
            Err(reasons) => act(Command::Reject {
                id,
                reasons: reasons.clone(),
            })?,
        };
    }
    tx.save_pool(&events, &ctx.actor, now).await?;
    let mut registered = None;
    let outcome = match (last, read) {
        _ if repeated => ImportOutcome::Repeated,
        (Event::Accepted { quality, .. }, Ok(read)) => {
            registered = keep(tx, law, ctx, id, read, now).await?;
            ImportOutcome::Accepted(quality)
        }
        (
            Event::Refused {
                reasons, quality, ..
            },
            _,
        ) => ImportOutcome::Refused { reasons, quality },
        _ => return Err(AppError::Fault("a delivery without an outcome".into())),
    };
    let imported = Imported {
        department: manifest.department.clone(),
        category: manifest.category.clone(),
        as_of: manifest.as_of,
        outcome,
        registered,
    };
    ctx.record(
        tx,
        "pool.import",
        &format!("data_batch:{id}"),
        &imported,
        now,
    )
    .await?;
    Ok(imported)
}

fn delivery(manifest: &Manifest, ctx: &Context, id: DataBatchId, rows: u64) -> Delivery {
    Delivery {
        id,
        department: manifest.department.clone(),
        category: manifest.category.clone(),
        digest: Digest(manifest.sha256.clone()),
        as_of: manifest.as_of,
        rows,
        by: ctx.actor.clone(),
    }
}

/// Puts accepted records under the people they are about.
async fn keep(
    tx: &mut Tx,
    law: &crate::Law,
    ctx: &Context,
    batch: DataBatchId,
    read: &ReadFile,
    now: Now,
) -> Result<Option<Registered>> {
    let records = &read.records;
    let mut registered = None;
    if let (Some(source), Some(first)) = (law.pack.register(), records.first())
        && first.category == source.category
    {
        registered = Some(register(tx, ctx, source, batch, records, now).await?);
    }
    let people = tx.number_index().await?;
    let owner = |subject: &Subject| match subject {
        Subject::Person(number) => people.person(*number),
        Subject::Organisation(_) | Subject::Place(_) => None,
    };
    let records = records.iter();
    let stored = records.map(|record| StoredRecord {
        person: owner(&record.subject),
        record: record.clone(),
    });
    tx.put_records(batch, stored.collect()).await?;
    // A refused row is not “no record”: of these people nobody knows.
    let gaps: BTreeSet<PersonId> = read
        .refused
        .iter()
        .filter_map(|number| people.person(*number))
        .collect();
    if let Some(first) = read.records.first() {
        tx.put_gaps(batch, &first.category, &gaps).await?;
    }
    Ok(registered)
}
