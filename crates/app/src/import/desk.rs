//! 「送文件」 A file somebody brings to the desk, through the same gate: looked at
//! first and nothing kept; taken in when they say so, the very bytes that were
//! looked at. Until then it waits sealed, for half an hour, for its bringer alone.

use super::gate::{Judged, clashes, delivery, judged, outcome};
use super::reading::{self, ReadFile};
use super::rows::Rows;
use super::set_back::SetBackDelivery;
use super::{ImportOutcome, Imported, Manifest, MendedFrom, WrittenIn};
use crate::sign_in::new_token;
use crate::{App, AppError, Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use engine_access::{Action, Permit, Record, View, show};
use engine_pool::repair::{Repair, RepairKind};
use engine_pool::{BatchState, Came, Category, FileKind, QualityReport};
use kernel::{DataBatchId, Date, FieldLevel, Instant, Slug};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::Tx;

/// How long a file that was looked at waits.
const MINUTES: i64 = 30;
const KIND: &str = "brought_file";
/// So many mended values are shown.
const REPAIRS_SHOWN: u32 = 200;

/// A file as it was brought.
#[derive(Clone, Debug)]
pub struct BroughtFile {
    /// What it holds.
    pub category: Slug,
    /// The day it speaks of.
    pub as_of: Date,
    /// Its name; only its ending counts.
    pub name: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// The delivery whose rows it brings again, mended.
    pub mends: Option<DataBatchId>,
}

/// A kind of data that can be brought.
#[derive(Clone, Debug)]
pub struct Bringable {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub department: String,
}

/// What the gate would do with a file.
#[derive(Clone, Debug)]
pub struct LookedAt {
    /// What to ask for it with, when it can be taken in.
    pub key: Option<String>,
    /// What it holds.
    pub what: Bringable,
    /// The day it speaks of.
    pub as_of: Date,
    /// What would become of it.
    pub outcome: ImportOutcome,
}

/// What became of a delivery.
#[derive(Clone, Debug)]
pub struct DeliveryReport {
    /// Its number.
    pub batch: DataBatchId,
    /// What it holds.
    pub what: Bringable,
    /// The day it speaks of.
    pub as_of: Date,
    /// When it came.
    pub received: Instant,
    /// By which way.
    pub came: Option<Came>,
    /// Why it was refused whole; empty: it was taken.
    pub reasons: Vec<String>,
    /// What the gate found in its rows.
    pub quality: Option<QualityReport>,
    /// Its rows in figures: taken, set back, mended.
    pub rows: SetBackDelivery,
    /// Of a mending, the lines it closed in the delivery it mends.
    pub closed: Vec<u64>,
    /// What the gate mended: how, in which column, what it was, what it is; nobody's
    /// number whole.
    pub repairs: Vec<RepairLine>,
}

/// What is kept beside a record: a cell the gate mended, or which row it mends.
#[derive(Deserialize)]
#[serde(untagged)]
enum Beside {
    Gate(Repair),
    Mended(#[expect(dead_code, reason = "told apart by its shape")] MendedFrom),
}

/// A value the gate mended.
#[derive(Clone, Debug)]
pub struct RepairLine {
    /// How.
    pub kind: RepairKind,
    /// In which column.
    pub column: String,
    /// What it was.
    pub was: String,
    /// What it is.
    pub now: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    category: Slug,
    as_of: Date,
    kind: FileKind,
    /// Base 64.
    body: String,
    #[serde(default)]
    mends: Option<DataBatchId>,
}

impl App {
    /// Every kind of data of the catalogue, by department.
    pub fn bringable(&self) -> Vec<Bringable> {
        let catalogue = &self.law.pack.data().catalogue;
        let mut all: Vec<_> = catalogue.categories().collect();
        all.sort_by_key(|category| category.no);
        all.into_iter().map(|one| self.bringing(one)).collect()
    }

    /// The columns of a category, in the order of its files.
    ///
    /// # Errors
    /// No such category.
    pub fn columns_of(&self, category: &Slug) -> Result<Vec<String>> {
        let ids = engine_pool::gate::column_ids(self.category(category)?);
        Ok(ids.into_iter().map(str::to_owned).collect())
    }

    pub(super) fn bringing(&self, category: &Category) -> Bringable {
        let owner = self.law.pack.data().catalogue.owner(&category.id);
        Bringable {
            id: category.id.clone(),
            name: category.name.clone(),
            department: owner.map(|one| one.name.clone()).unwrap_or_default(),
        }
    }

    /// A category of the catalogue.
    pub(super) fn category(&self, id: &Slug) -> Result<&Category> {
        let found = self.law.pack.data().catalogue.category(id);
        found.ok_or_else(|| AppError::BadInput(format!("数据目录里没有“{id}”这类数据")))
    }

    /// 先看看 What the gate would do with a file; nothing of it is kept but the file
    /// itself, sealed, when it can be taken in.
    ///
    /// # Errors
    /// A refusal; a file of another kind; the store's.
    pub async fn look_at_file(&self, ctx: &Context, file: BroughtFile) -> Result<LookedAt> {
        let category = self.category(&file.category)?;
        let what = self.bringing(category);
        let waiting = Waiting {
            category: file.category,
            as_of: file.as_of,
            kind: kind_of(&file.name)?,
            body: STANDARD.encode(&file.body),
            mends: file.mends,
        };
        let mut laid = self.lay(&waiting, &file.body)?;
        laid.manifest = self.with_waiting(laid.manifest).await?;
        let read = self.read_laid(&laid, category);
        let key = new_token()?.0;
        let (app, ctx, now, given) = (self.clone(), ctx.clone(), self.now(), key.clone());
        let (manifest, as_of) = (laid.manifest.clone(), file.as_of);
        let outcome = self
            .db
            .write(async move |tx: &mut Tx| {
                app.may_import(tx, &ctx).await?;
                let state = tx.pool(&manifest.category).await?;
                let clashes = clashes(tx, &state, &manifest, &read).await?;
                let stopped = (!clashes.is_empty()).then_some(Err(clashes));
                let read = stopped.as_ref().unwrap_or(&read);
                let came = delivery(&manifest, &ctx, DataBatchId(0), read);
                let outcome = match judged(state, &app.law, came, read, now)? {
                    Judged::NoDelivery(reasons) => ImportOutcome::Refused {
                        reasons,
                        quality: None,
                    },
                    Judged::Events(events) => outcome(&events)?,
                };
                if matches!(outcome, ImportOutcome::Accepted(_)) {
                    let until = now.at + TimeDelta::minutes(MINUTES);
                    let key = waiting_key(&ctx, &given);
                    tx.set_aside(KIND, &key, &waiting, until, now).await?;
                }
                let subject = format!("category:{}", manifest.category);
                ctx.record(tx, "pool.look", &subject, &manifest.sha256, now)
                    .await?;
                Ok::<_, AppError>(outcome)
            })
            .await?;
        let key = matches!(outcome, ImportOutcome::Accepted(_)).then_some(key);
        Ok(LookedAt {
            key,
            what,
            as_of,
            outcome: told_plainly(outcome, &laid),
        })
    }

    /// 收进来 Takes in a file that was looked at; the number of its delivery. Asked for
    /// again it is the same delivery.
    ///
    /// # Errors
    /// A refusal; nothing waits under this key; the gate changed its mind, in its
    /// words; the store's.
    pub async fn take_file(&self, ctx: &Context, key: &str) -> Result<(Slug, DataBatchId)> {
        let (own, now) = (waiting_key(ctx, key), self.now());
        let waiting: Option<Waiting> = self
            .db
            .read(async move |tx| Ok::<_, AppError>(tx.look_aside(KIND, &own, now).await?))
            .await?;
        let gone = || AppError::BadInput("这份文件等了半个小时，已经丢掉了。请再传一次".into());
        let waiting = waiting.ok_or_else(gone)?;
        let body = STANDARD.decode(&waiting.body);
        let body = body.map_err(|why| AppError::Fault(why.to_string()))?;
        let laid = self.lay(&waiting, &body)?;
        let imported = self.import_one(ctx, &laid.manifest).await?;
        self.look_after_delivery(&imported).await?;
        let (category, sha256) = (waiting.category.clone(), laid.manifest.sha256.clone());
        let pool = self
            .db
            .read(async move |tx| Ok::<_, AppError>(tx.pool(&category).await?))
            .await?;
        let mut batches = pool.batches.values().rev();
        match batches.find(|batch| batch.digest.0 == sha256) {
            Some(batch) => Ok((waiting.category, batch.id)),
            None => {
                let reasons = match told_plainly(imported.outcome, &laid) {
                    ImportOutcome::Refused { reasons, .. } => reasons.join("；"),
                    _ => "这份文件没有收进来".to_owned(),
                };
                Err(AppError::BadInput(reasons))
            }
        }
    }

    /// A file through the gate at once, without a look before: the command line's way.
    ///
    /// # Errors
    /// A refusal; a file of another kind; the store's.
    pub(super) async fn bring_now(&self, ctx: &Context, file: &BroughtFile) -> Result<Imported> {
        let waiting = Waiting {
            category: file.category.clone(),
            as_of: file.as_of,
            kind: kind_of(&file.name)?,
            body: String::new(),
            mends: file.mends,
        };
        let mut laid = self.lay(&waiting, &file.body)?;
        laid.manifest.came = Some(Came::Command);
        let mut imported = self.import_one(ctx, &laid.manifest).await?;
        imported.outcome = told_plainly(imported.outcome, &laid);
        Ok(imported)
    }

    /// 批次报告 What became of a delivery.
    ///
    /// # Errors
    /// A refusal; no such delivery; the store's.
    pub async fn delivery_report(
        &self,
        ctx: &Context,
        category: &Slug,
        batch: DataBatchId,
    ) -> Result<DeliveryReport> {
        let what = self.bringing(self.category(category)?);
        let (app, ctx, now, id) = (self.clone(), ctx.clone(), self.now(), category.clone());
        self.db
            .write(async move |tx: &mut Tx| {
                let permit = app.may_import(tx, &ctx).await?;
                let mut pool = tx.pool(&id).await?;
                let missing = || store::StoreError::NotFound {
                    what: "批次",
                    id: batch.to_string(),
                };
                let found = pool.batches.remove(&batch).ok_or_else(missing)?;
                let subject = format!("data_batch:{batch}");
                ctx.record(tx, "pool.report", &subject, &(), now).await?;
                let category = app.category(&id)?.clone();
                let repairs = tx.repairs_of_batch::<Beside>(batch, REPAIRS_SHOWN).await?;
                let by_gate = repairs.into_iter().filter_map(|one| match one.what {
                    Beside::Gate(repair) => Some(repair_line(&category, repair, &permit)),
                    Beside::Mended(_) => None,
                });
                let repairs = by_gate.collect();
                let rows = app.set_back_delivery(tx, &category, batch).await?;
                let closed = match found.mends {
                    Some(first) => tx.lines_mended_by(first, batch).await?,
                    None => Vec::new(),
                };
                let (reasons, quality) = match found.state {
                    BatchState::Received => (Vec::new(), None),
                    BatchState::Accepted { quality, .. } => (Vec::new(), Some(quality)),
                    BatchState::Refused {
                        reasons, quality, ..
                    } => (reasons, quality),
                };
                Ok::<_, AppError>(DeliveryReport {
                    batch,
                    what: what.clone(),
                    as_of: found.as_of,
                    received: found.received_at,
                    came: found.came,
                    reasons: reasons.iter().map(|why| without_folder(why)).collect(),
                    quality,
                    repairs,
                    rows,
                    closed,
                })
            })
            .await
    }

    pub(super) async fn may_import(&self, tx: &mut Tx, ctx: &Context) -> Result<Permit> {
        let place = Record::of_place(self.law.pack.region(), FieldLevel::L3);
        let now = self.now();
        ctx.authorise(tx, Action::Import, place, &[], now).await
    }

    /// Lays the file in a folder of its own with a slip that says what it is.
    fn lay(&self, waiting: &Waiting, body: &[u8]) -> Result<Laid> {
        let broken = |why: std::io::Error| AppError::Fault(why.to_string());
        let folder = tempfile::tempdir().map_err(broken)?;
        let file = match waiting.kind {
            FileKind::Xlsx => "您的文件.xlsx",
            FileKind::Csv | FileKind::Jsonl => "您的文件.csv",
        };
        let path = folder.path().join(file);
        std::fs::write(&path, body).map_err(broken)?;
        let owner = self.law.pack.data().catalogue.owner(&waiting.category);
        let owner = owner.ok_or_else(|| AppError::Fault("a category without an owner".into()))?;
        let encoding = match std::str::from_utf8(body) {
            Ok(_) => WrittenIn::Utf8,
            Err(_) => WrittenIn::Gb18030,
        };
        let digest = Sha256::digest(body);
        let mut manifest = Manifest {
            department: owner.id.clone(),
            category: waiting.category.clone(),
            as_of: waiting.as_of,
            rows: 0,
            file: file.to_owned(),
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            encoding: Some(encoding),
            mends: waiting.mends,
            came: Some(Came::Desk),
            mending: None,
            stood: None,
            progress: crate::import::Progress::default(),
            kind: Some(waiting.kind),
            agreed: None,
            path,
        };
        // Who brings a file promises no number of rows: it has as many as it has. What
        // cannot be read is told by the gate.
        let rows = Rows::open(&manifest.path, manifest.format(waiting.kind), &[]);
        manifest.rows = rows.map_or(0, |rows| rows.take_while(|row| row.is_ok()).count() as u64);
        Ok(Laid { folder, manifest })
    }

    fn read_laid(&self, laid: &Laid, category: &Category) -> Result<ReadFile, Vec<String>> {
        let laid = self.under_agreement(laid.manifest.clone())?;
        reading::judge(&laid, category, &self.law, self.now().today())
    }
}

/// A mended value as a list shows it: by the field's level, no number whole.
fn repair_line(category: &Category, one: Repair, permit: &Permit) -> RepairLine {
    let fields = category.fields.iter();
    let found = fields.clone().find(|field| field.id.as_str() == one.field);
    let level = found.map_or(FieldLevel::L3, |field| field.level);
    let numbers = matches!(one.kind, RepairKind::Upgraded | RepairKind::NumberForm);
    let shown = |text: &str| match numbers {
        true => engine_access::last_four(text),
        false => show(text, level, View::List, permit).unwrap_or_else(|| "（不给看）".to_owned()),
    };
    RepairLine {
        kind: one.kind,
        column: found.map_or_else(
            || category.keyed_by.column().1.to_owned(),
            |field| field.name.clone(),
        ),
        was: shown(&one.was),
        now: shown(&one.now),
    }
}

/// A brought file in a folder that goes with it.
struct Laid {
    folder: tempfile::TempDir,
    manifest: Manifest,
}

fn waiting_key(ctx: &Context, key: &str) -> String {
    format!("{}/{key}", ctx.actor.account)
}

fn kind_of(name: &str) -> Result<FileKind> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    match ending.map(str::to_ascii_lowercase).as_deref() {
        Some("xlsx") => Ok(FileKind::Xlsx),
        Some("csv") => Ok(FileKind::Csv),
        _ => Err(AppError::BadInput(
            "只收 .xlsx 和 .csv 的文件。请在 Excel 里另存为其中一种再传".to_owned(),
        )),
    }
}

/// The same without the folder of this house the file lay in.
fn told_plainly(outcome: ImportOutcome, laid: &Laid) -> ImportOutcome {
    let folder = format!("{}/", laid.folder.path().display());
    match outcome {
        ImportOutcome::Refused { reasons, quality } => ImportOutcome::Refused {
            reasons: reasons.iter().map(|why| why.replace(&folder, "")).collect(),
            quality,
        },
        other => other,
    }
}

/// A sentence that begins with a path keeps the file's name of it.
fn without_folder(why: &str) -> String {
    match why.split_once("您的文件") {
        Some((folder, rest)) if folder.starts_with('/') => format!("您的文件{rest}"),
        _ => why.to_owned(),
    }
}
