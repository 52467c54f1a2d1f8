//! 「分段收」 A large delivery is kept in pieces, each with the mark of how far it came in
//! a transaction of its own, beside the pool. Killed anywhere, the same file goes on after
//! the last piece; when all are here, one transaction files them, and until then the pool
//! knows nothing of it. Another law, another day, or a register that grew meanwhile:
//! what was kept is thrown away and kept anew. Absent: the register's own sources and
//! mendings, which are one transaction still.

use super::gate::{Judged, delivery, judged, outcome};
use super::keep::changed_meanwhile;
use super::reading::{self, Piece, ReadFile};
use super::touched::number_of;
use super::{Bringable, ImportOutcome, Manifest};
use crate::{App, AppError, Context, Law, Result};
use chrono::TimeDelta;
use engine_access::{Action, Grant, Record as AccessRecord};
use engine_pool::Category;
use kernel::{DataBatchId, FieldLevel, Instant, Now, Slug};
use std::sync::{Arc, Mutex, PoisonError};
use store::{ImportRun, NumberIndex, NumbersMark, StoredRecord, Tx};

/// From how many rows on a delivery is kept in pieces.
const PIECES_FROM: u64 = 20_000;
/// Rows kept in one transaction.
const UNIT: u64 = 5_000;
/// A run nobody moved for so many days is thrown away.
const DAYS_KEPT: i64 = 7;

/// 「证件号索引」 The last index of the register's numbers, and of which register.
pub(crate) type Numbers = Arc<Mutex<Option<(NumbersMark, Arc<NumberIndex>)>>>;

/// A large delivery on its way.
#[derive(Clone, Debug)]
pub struct UnderWay {
    /// The number it will have.
    pub batch: DataBatchId,
    /// What it holds.
    pub what: Bringable,
    /// Rows of it.
    pub rows: u64,
    /// Of them kept so far.
    pub done: u64,
    /// When the last piece was kept.
    pub moved: Instant,
}

impl App {
    /// Large deliveries on their way or left half-way, oldest first.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn imports_under_way(&self, ctx: &Context) -> Result<Vec<UnderWay>> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                app.may_import(tx, &ctx).await?;
                let runs = tx.import_runs().await?.into_iter();
                let told = runs.map(|run| {
                    Ok(UnderWay {
                        batch: run.batch,
                        what: app.bringing(app.category(&run.category)?),
                        rows: run.rows,
                        done: run.done,
                        moved: run.moved,
                    })
                });
                told.collect()
            })
            .await
    }

    /// How far the house came with the file it takes in now.
    pub fn import_progress(&self) -> super::Progress {
        self.progress.clone()
    }

    pub(super) fn watched_by_progress(&self, manifest: Manifest) -> Manifest {
        self.progress.begin(manifest.rows);
        Manifest {
            progress: self.progress.clone(),
            ..manifest
        }
    }

    /// Keeps a large delivery in pieces; the run that is whole then. `None`: it is to be
    /// taken in one transaction.
    pub(super) async fn in_pieces(
        &self,
        ctx: &Context,
        by: &Arc<[Grant]>,
        manifest: &Manifest,
        read: &ReadFile,
        now: Now,
    ) -> Result<Option<ImportRun>> {
        let law = self.law.clone();
        let Some(category) = law.pack.data().catalogue.category(&manifest.category) else {
            return Ok(None);
        };
        let mut sources = law.pack.register().iter();
        let registers = sources.any(|source| source.category == category.id);
        if registers || manifest.mending.is_some() || read.told.quality.rows < PIECES_FROM {
            return Ok(None);
        }
        let begun = self.begin_run(ctx, by, manifest, read, now).await?;
        match begun {
            Some(run) => {
                let run = self.go_on(run, category, manifest, read, now).await?;
                Ok(Some(run))
            }
            None => Ok(None),
        }
    }

    /// The run of these bytes, begun or found; none when they will not be taken in.
    async fn begin_run(
        &self,
        ctx: &Context,
        by: &Arc<[Grant]>,
        manifest: &Manifest,
        read: &ReadFile,
        now: Now,
    ) -> Result<Option<ImportRun>> {
        let (law, ctx, by) = (self.law.clone(), ctx.clone(), by.clone());
        let (manifest, told) = (manifest.clone(), read.told.clone());
        self.db
            .write(async move |tx: &mut Tx| {
                let place = AccessRecord::of_place(law.pack.region(), FieldLevel::L3);
                ctx.authorise_by(tx, Action::Import, place, &[], &by, now)
                    .await?;
                tx.drop_old_imports(now.at - TimeDelta::days(DAYS_KEPT))
                    .await?;
                let digest = manifest.sha256.to_ascii_lowercase();
                let found = tx.import_run(&manifest.category, &digest).await?;
                let state = tx.pool(&manifest.category).await?;
                // No delivery has this number: only what would become of it is asked.
                let asked = DataBatchId(i64::MAX);
                let read = Ok(ReadFile::of(told.clone()));
                let wanted = delivery(&manifest, &ctx, asked, &read);
                let taken = match judged(state, &law, wanted, &read, now)? {
                    Judged::Events(events) => {
                        matches!(outcome(&events)?, ImportOutcome::Accepted(_))
                    }
                    Judged::NoDelivery(_) => false,
                };
                let fresh = ImportRun {
                    batch: DataBatchId(0),
                    category: manifest.category.clone(),
                    digest,
                    law: law.pack.hash().to_owned(),
                    day: now.today(),
                    numbers: tx.count_numbers().await?,
                    rows: told.quality.rows,
                    done: 0,
                    moved: now.at,
                };
                match found {
                    Some(found) if taken && found.goes_on_as(&fresh) => return Ok(Some(found)),
                    Some(found) => tx.drop_import(found.batch).await?,
                    None => {}
                }
                if !taken {
                    return Ok(None);
                }
                let batch = DataBatchId(tx.next_id("data_batch").await?);
                let run = ImportRun { batch, ..fresh };
                tx.begin_import(&run).await?;
                Ok::<_, AppError>(Some(run))
            })
            .await
    }

    /// Reads the file again and keeps what is not kept yet.
    async fn go_on(
        &self,
        mut run: ImportRun,
        category: &Category,
        manifest: &Manifest,
        read: &ReadFile,
        now: Now,
    ) -> Result<ImportRun> {
        let people = self.whose_numbers().await?;
        manifest.progress.keep(run.done);
        let law: Law = self.law.clone();
        let (mut pieces, again) =
            reading::pieces(manifest.clone(), category.clone(), law, now.today());
        let (mut seen, mut unit) = (0, Piece::default());
        while let Some(piece) = pieces.recv().await {
            seen += piece.rows();
            if seen <= run.done {
                continue;
            }
            unit.records.extend(piece.records);
            unit.set_back.extend(piece.set_back);
            if unit.rows() >= UNIT {
                let unit = std::mem::take(&mut unit);
                self.keep_unit(&mut run, unit, &people, &manifest.progress)
                    .await?;
            }
        }
        let again = again
            .await
            .map_err(|why| AppError::Fault(why.to_string()))?;
        if again.as_ref() != Ok(&read.told) {
            let batch = run.batch;
            self.db
                .write(async move |tx: &mut Tx| tx.drop_import(batch).await)
                .await?;
            return Err(changed_meanwhile(manifest));
        }
        if unit.rows() > 0 {
            self.keep_unit(&mut run, unit, &people, &manifest.progress)
                .await?;
        }
        Ok(run)
    }

    /// Whose every number is; read once for as many deliveries as leave the register as
    /// it is.
    async fn whose_numbers(&self) -> Result<Arc<NumberIndex>> {
        let known = self.numbers.clone();
        let read = async move |tx: &mut Tx| {
            let mark = tx.numbers_mark().await?;
            let still = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some((_, people)) = still.filter(|(of, _)| *of == mark) {
                return Ok(people);
            }
            let people = Arc::new(tx.number_index().await?);
            *known.lock().unwrap_or_else(PoisonError::into_inner) = Some((mark, people.clone()));
            Ok::<_, AppError>(people)
        };
        self.db.read(read).await
    }

    /// A whole register's numbers are too much to hold for nothing.
    pub(super) fn forget_numbers(&self) {
        *self.numbers.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn keep_unit(
        &self,
        run: &mut ImportRun,
        unit: Piece,
        people: &Arc<NumberIndex>,
        progress: &super::Progress,
    ) -> Result<()> {
        let rows = unit.rows();
        let (own, people, unit, now) = (run.clone(), people.clone(), Arc::new(unit), self.now());
        let moved = self
            .db
            .write(async move |tx: &mut Tx| {
                let records = unit.records.iter().cloned();
                let records = records.map(|record| StoredRecord {
                    person: number_of(&record).and_then(|number| people.person(number)),
                    record,
                });
                let records = records.collect();
                let moved = tx.move_import(&own, rows, records, now).await?;
                if moved {
                    let set_back = unit.set_back.iter().map(|row| (row.line, row));
                    tx.keep_set_back(own.batch, set_back).await?;
                }
                Ok::<_, AppError>(moved)
            })
            .await?;
        if !moved {
            return Err(AppError::Fault(
                "另一个程序正在收同一份文件。请等它收完，再看结果".to_owned(),
            ));
        }
        run.done += rows;
        progress.keep(rows);
        Ok(())
    }
}

/// The run of a delivery as it is when it is filed: whole, and of a register that did not
/// grow meanwhile. Any other is thrown away, and the delivery kept in one transaction.
pub(super) async fn whole(tx: &mut Tx, category: &Slug, digest: &str) -> Result<Option<ImportRun>> {
    let digest = digest.to_ascii_lowercase();
    let Some(run) = tx.import_run(category, &digest).await? else {
        return Ok(None);
    };
    if run.done == run.rows && run.numbers == tx.count_numbers().await? {
        return Ok(Some(run));
    }
    tx.drop_import(run.batch).await?;
    Ok(None)
}
