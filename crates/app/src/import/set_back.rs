//! 「没收下的行」 What the gate set back, at the desk: deliveries with rows that wait,
//! one delivery's rows with why, a file of them to be mended, and a row mended by hand.
//! Cells are shown by their field's level; whoever looks is on record. A mended row
//! goes through the same gate as any other. Absent: the rule of mending (engine-pool's).

mod shown;
mod waive;

use super::gate::Imported;
use super::mending::{AS_IT_CAME, Mending};
use super::reading::{self, SetBack};
use super::{Bringable, ImportOutcome, Manifest, WrittenIn, sha256_hex};
use crate::table::Table;
use crate::{App, AppError, Context, Result};
use engine_pool::{Batch, BatchState, Came, Category, FileKind, RowFault, RowName, SET_BACK_ROW};
use kernel::{DataBatchId, Date, Instant, Slug};
use shown::{columns, detail, fault_of, filed, line};
use std::collections::BTreeMap;
use store::{SetBackCount, SetBackRow, Tx, Waived};

/// Rows on a page.
pub const ROWS_SHOWN: u32 = 50;
/// Rows of a file to be mended.
const ROWS_FILED: usize = 20_000;

/// A delivery with rows set back: rows = taken + set back.
#[derive(Clone, Debug)]
pub struct SetBackDelivery {
    /// Its number.
    pub batch: DataBatchId,
    /// What it holds.
    pub what: Bringable,
    /// The day it speaks of.
    pub as_of: Date,
    /// When it came.
    pub received: Instant,
    /// Rows that came.
    pub rows: u64,
    /// Rows taken.
    pub taken: u64,
    /// Rows set back.
    pub set_back: u64,
    /// Of them kept as they came.
    pub kept: u64,
    /// Of these mended.
    pub mended: u64,
    /// Of these closed without mending.
    pub waived: u64,
    /// Whether it was taken in: only then its rows are mended one by one.
    pub accepted: bool,
    /// The delivery it mends.
    pub mends: Option<DataBatchId>,
}

/// One delivery's rows.
#[derive(Clone, Debug)]
pub struct SetBackPage {
    /// The delivery.
    pub delivery: SetBackDelivery,
    /// Its rows, by line.
    pub rows: Vec<SetBackLine>,
    /// The line after which more stand.
    pub next: Option<u64>,
}

/// A row as it is shown in a list.
#[derive(Clone, Debug)]
pub struct SetBackLine {
    /// Its line.
    pub line: u64,
    /// Column and cell; no cell: not shown.
    pub cells: Vec<(String, Option<String>)>,
    /// What is wrong: column (empty: the whole row) and words.
    pub faults: Vec<(String, String)>,
    /// The delivery that brought it again.
    pub mended: Option<DataBatchId>,
    /// Why it needs no mending, when somebody said so.
    pub waived: Option<Waived>,
}

/// A row as it is mended.
#[derive(Clone, Debug)]
pub struct MendForm {
    /// The delivery.
    pub delivery: SetBackDelivery,
    /// The row's line.
    pub line: u64,
    /// Its columns.
    pub columns: Vec<MendColumn>,
    /// What is wrong with the whole row.
    pub faults: Vec<String>,
    /// The delivery that brought it again.
    pub mended: Option<DataBatchId>,
    /// Why it needs no mending, when somebody said so.
    pub waived: Option<Waived>,
}

/// A column of it.
#[derive(Clone, Debug)]
pub struct MendColumn {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The cell as it came; `None`: not shown, and left as it came.
    pub value: Option<String>,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// What became of a row mended by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mended {
    /// Taken in by this delivery.
    By(DataBatchId),
    /// Still wrong; nothing was kept.
    StillWrong(Vec<RowFault>),
}

impl App {
    /// 没收下的行 Deliveries with rows set back, newest first.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn set_back_deliveries(&self, ctx: &Context) -> Result<Vec<SetBackDelivery>> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                app.may_import(tx, &ctx).await?;
                let counts = tx.set_back_counts().await?;
                let batches = tx.deliveries().await?;
                ctx.record(tx, "pool.set_back", "pool", &counts.len(), app.now())
                    .await?;
                let all = batches.iter().rev();
                let all = all.filter_map(|one| app.set_back_of(one, counts.get(&one.id)).ok());
                Ok::<_, AppError>(all.filter(|one| one.set_back > 0).collect())
            })
            .await
    }

    /// One delivery's rows after a line, cells by their field's level.
    ///
    /// # Errors
    /// A refusal; no such delivery; the store's.
    pub async fn set_back_page(
        &self,
        ctx: &Context,
        (category, batch): (&Slug, DataBatchId),
        after: u64,
    ) -> Result<SetBackPage> {
        let category = self.category(category)?.clone();
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                let permit = app.may_import(tx, &ctx).await?;
                let delivery = app.set_back_delivery(tx, &category, batch).await?;
                let rows: Vec<SetBackRow<SetBack>> =
                    tx.set_back_rows(batch, after, ROWS_SHOWN + 1).await?;
                app.looked(tx, &ctx, batch, rows.iter().map(|row| row.line))
                    .await?;
                let shown = rows.iter().take(ROWS_SHOWN as usize);
                let shown: Vec<SetBackLine> =
                    shown.map(|row| line(&category, row, &permit)).collect();
                let more = rows.len() > ROWS_SHOWN as usize;
                Ok(SetBackPage {
                    delivery,
                    next: shown.last().filter(|_| more).map(|row| row.line),
                    rows: shown,
                })
            })
            .await
    }

    /// One row to be mended.
    ///
    /// # Errors
    /// A refusal; no such row; the store's.
    pub async fn mend_form(
        &self,
        ctx: &Context,
        category: &Slug,
        row: RowName,
    ) -> Result<MendForm> {
        let category = self.category(category)?.clone();
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                let permit = app.may_import(tx, &ctx).await?;
                let delivery = app.set_back_delivery(tx, &category, row.batch).await?;
                let found: Option<SetBackRow<SetBack>> =
                    tx.set_back_row(row.batch, row.line).await?;
                let found = found.ok_or_else(|| missing(row.batch))?;
                app.looked(tx, &ctx, row.batch, std::iter::once(row.line))
                    .await?;
                let columns = columns(&category, std::iter::once(&found.what));
                let columns = columns.into_iter().map(|(id, name, level)| MendColumn {
                    value: detail(&category, &found.what, &id, level, &permit),
                    fault: fault_of(&found.what.faults, &name),
                    id,
                    name,
                });
                let whole = found.what.faults.iter().filter(|one| one.column.is_empty());
                Ok::<_, AppError>(MendForm {
                    delivery,
                    line: row.line,
                    columns: columns.collect(),
                    faults: whole.map(|one| one.kind.to_string()).collect(),
                    mended: found.mended,
                    waived: found.waived,
                })
            })
            .await
    }

    /// 改一行 A row with its values mended, through the gate. A column that is not given
    /// stays as it came. What is still wrong keeps nothing.
    ///
    /// # Errors
    /// A refusal; no such row; somebody mended it before; the store's.
    pub async fn mend_row(
        &self,
        ctx: &Context,
        category: &Slug,
        row: RowName,
        values: &BTreeMap<String, String>,
    ) -> Result<Mended> {
        let form = self.mend_form(ctx, category, row).await?;
        if form.mended.is_some() {
            return Err(AppError::BadInput("这一行已经补过了，不用再补".to_owned()));
        }
        if form.waived.is_some() {
            let says = "这一行已经有人说不用补了，不能再补";
            return Err(AppError::BadInput(says.to_owned()));
        }
        let mut columns = vec![SET_BACK_ROW.0.to_owned()];
        let mut cells = vec![row.to_string()];
        for column in &form.columns {
            let given = values.get(&column.id).map(|cell| cell.trim().to_owned());
            let kept = || AS_IT_CAME.to_owned();
            let shown = column.value.is_some();
            let stays = |cell: &String| !shown && cell.is_empty();
            cells.push(given.filter(|cell| !stays(cell)).unwrap_or_else(kept));
            columns.push(column.id.clone());
        }
        let table = Table {
            name: "补",
            note: String::new(),
            columns,
            rows: vec![cells],
        };
        let folder = tempfile::tempdir().map_err(|why| AppError::Fault(why.to_string()))?;
        let path = folder.path().join("补一行.csv");
        let manifest = self.mending_slip(&form.delivery, &path, &table.write("csv")?, 1)?;
        let category = self.category(category)?.clone();
        let looked = self.with_waiting(manifest.clone()).await?;
        let looked = self.under_agreement(looked);
        let looked = looked.map_err(|why| AppError::BadInput(why.join("；")))?;
        let read = reading::judge(&looked, &category, self.law(), self.now().today());
        let read = read.map_err(|why| AppError::BadInput(plain(&why, &path)))?;
        if read.told.quality.taken == 0 {
            return Ok(Mended::StillWrong(read.told.quality.faults));
        }
        let imported = self.import_one(ctx, &manifest).await?;
        self.look_after_delivery(&imported).await?;
        taken(imported, &path)
    }

    /// 要补的表格 Every row of a delivery that waits, with why, as a file to be mended and
    /// brought again. What its reader may not see stays as it came.
    ///
    /// # Errors
    /// A refusal; no such delivery; more rows than a file holds; the store's.
    pub async fn set_back_file(
        &self,
        ctx: &Context,
        category: &Slug,
        batch: DataBatchId,
    ) -> Result<Vec<u8>> {
        let category = self.category(category)?.clone();
        let (app, ctx) = (self.clone(), ctx.clone());
        let table = self
            .db
            .look(async move |tx| {
                let permit = app.may_import(tx, &ctx).await?;
                app.set_back_delivery(tx, &category, batch).await?;
                let mending = Mending::load(tx, &category, batch).await?;
                let rows = mending.rows();
                if rows.len() > ROWS_FILED {
                    return Err(AppError::BadInput(format!(
                        "有 {} 行，一个表格最多 {ROWS_FILED} 行。请改好整份再送",
                        rows.len()
                    )));
                }
                app.looked(tx, &ctx, batch, rows.keys().copied()).await?;
                Ok(filed(&category, batch, rows, &permit))
            })
            .await?;
        table.write("csv")
    }

    /// 补一份 A file of mended rows, as the command line brings it.
    ///
    /// # Errors
    /// A refusal; no such delivery; a file that cannot be read. What the gate refuses
    /// is no error.
    pub async fn mend_file(
        &self,
        ctx: &Context,
        batch: DataBatchId,
        file: &std::path::Path,
    ) -> Result<Imported> {
        let (app, own) = (self.clone(), ctx.clone());
        let delivery = self
            .db
            .look(async move |tx| {
                app.may_import(tx, &own).await?;
                let category = tx.delivery(batch).await?.category;
                let category = app.category(&category)?.clone();
                app.set_back_delivery(tx, &category, batch).await
            })
            .await?;
        let bytes = std::fs::read(file).map_err(|why| {
            AppError::BadInput(format!("打不开 {}：{why}。请检查路径", file.display()))
        })?;
        let name = file.file_name().unwrap_or_default();
        let brought = super::BroughtFile {
            category: delivery.what.id.clone(),
            as_of: delivery.as_of,
            name: name.to_string_lossy().into_owned(),
            body: bytes,
            mends: Some(batch),
        };
        let imported = self.bring_now(ctx, &brought).await?;
        self.look_after_delivery(&imported).await?;
        Ok(imported)
    }

    /// The rows of a delivery in figures.
    pub(super) async fn set_back_delivery(
        &self,
        tx: &mut Tx,
        category: &Category,
        batch: DataBatchId,
    ) -> Result<SetBackDelivery> {
        let mut pool = tx.pool(&category.id).await?;
        let found = pool.batches.remove(&batch).ok_or_else(|| missing(batch))?;
        let counts = tx.set_back_counts().await?;
        self.set_back_of(&found, counts.get(&batch))
    }

    fn set_back_of(&self, batch: &Batch, count: Option<&SetBackCount>) -> Result<SetBackDelivery> {
        let count = count.copied().unwrap_or_default();
        let (taken, faulty, accepted) = match &batch.state {
            BatchState::Accepted { quality, .. } => (quality.taken, quality.faulty(), true),
            BatchState::Refused { quality, .. } => {
                let faulty = quality.as_ref().map_or(0, |quality| quality.faulty());
                (0, faulty, false)
            }
            BatchState::Received => (0, 0, false),
        };
        Ok(SetBackDelivery {
            batch: batch.id,
            what: self.bringing(self.category(&batch.category)?),
            as_of: batch.as_of,
            received: batch.received_at,
            rows: batch.rows,
            taken,
            set_back: faulty,
            kept: count.set_back.unsigned_abs(),
            mended: count.mended.unsigned_abs(),
            waived: count.waived.unsigned_abs(),
            accepted,
            mends: batch.mends,
        })
    }

    async fn looked(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        batch: DataBatchId,
        lines: impl Iterator<Item = u64>,
    ) -> Result<()> {
        let lines: Vec<u64> = lines.collect();
        let subject = format!("data_batch:{batch}");
        ctx.record(tx, "pool.set_back", &subject, &lines, self.now())
            .await
    }

    fn mending_slip(
        &self,
        delivery: &SetBackDelivery,
        path: &std::path::Path,
        body: &[u8],
        rows: u64,
    ) -> Result<Manifest> {
        std::fs::write(path, body).map_err(|why| AppError::Fault(why.to_string()))?;
        let owner = self.law.pack.data().catalogue.owner(&delivery.what.id);
        let owner = owner.ok_or_else(|| AppError::Fault("a category without an owner".into()))?;
        let name = path.file_name().unwrap_or_default();
        Ok(Manifest {
            department: owner.id.clone(),
            category: delivery.what.id.clone(),
            as_of: delivery.as_of,
            rows,
            file: name.to_string_lossy().into_owned(),
            sha256: sha256_hex(body),
            encoding: Some(WrittenIn::Utf8),
            mends: Some(delivery.batch),
            came: Some(Came::Desk),
            kind: Some(FileKind::Csv),
            agreed: None,
            mending: None,
            stood: None,
            progress: crate::import::Progress::default(),
            path: path.to_path_buf(),
        })
    }
}

fn missing(batch: DataBatchId) -> AppError {
    let id = batch.to_string();
    store::StoreError::NotFound { what: "批次", id }.into()
}

/// What a mending by hand ended with.
fn taken(imported: Imported, path: &std::path::Path) -> Result<Mended> {
    match (imported.outcome, imported.batch) {
        (ImportOutcome::Accepted(_) | ImportOutcome::Repeated, Some(batch)) => {
            Ok(Mended::By(batch))
        }
        (ImportOutcome::Refused { reasons, .. }, _) => {
            Err(AppError::BadInput(plain(&reasons, path)))
        }
        _ => Err(AppError::Fault("a mending without a delivery".into())),
    }
}

/// The reasons without the folder of this house.
fn plain(reasons: &[String], path: &std::path::Path) -> String {
    reasons
        .join("；")
        .replace(&format!("{}：", path.display()), "")
}
