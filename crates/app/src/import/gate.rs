//! 「入库」 A folder of deliveries through the one gate. A file is read twice, row by
//! row: once to judge it whole, and again, when it is accepted, inside the one
//! transaction that keeps the delivery, its records piece by piece and its row in
//! the audit: all of it or nothing. The same bytes again change nothing.

use super::keep::{FEW_ROWS, filed, keep};
use super::manifest::Manifest;
use super::owed::owe;
use super::reading::{self, ReadFile};
use super::register::Registered;
use super::run;
use super::touched::Touched;
use crate::context::Context;
use crate::contradict::Contradicting;
use crate::error::{AppError, Result};
use crate::turned::Brought;
use crate::watch::Watched;
use crate::{App, Law};
use chrono::TimeDelta;
use engine_access::{Action, Grant, Record as AccessRecord};
use engine_pool::{Category, Command, Delivery, Digest, Event, QualityReport, State, Way, decide};
use kernel::{DataBatchId, Date, FieldLevel, Now, Slug};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use store::{KeptRepair, RequestKey, Tx};

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
    /// Its number here; of bytes that came before, the number they have.
    #[serde(default)]
    pub batch: Option<DataBatchId>,
    /// People and households that entered the register by it.
    pub registered: Option<Registered>,
    /// Whom it says something about.
    #[serde(skip)]
    pub touched: Touched,
    /// What it came instead of, where somebody may have to be told.
    #[serde(skip)]
    pub(crate) brought: Option<Box<Brought>>,
    /// What it changed in what is found about them.
    #[serde(skip)]
    pub watched: Watched,
}

/// One taking of one file: killed after it, the same taking again has the same answer.
pub(super) struct Once(RequestKey);

impl Once {
    /// Of the context's own request, with these bytes.
    pub(super) fn of(ctx: &Context, sha256: &str) -> Result<Once> {
        ctx.key("pool.import", &sha256).map(Once)
    }
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
    /// Where departments contradict each other afterwards: leads for a person.
    pub contradictions: Vec<Contradicting>,
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
        let catalogue = &self.law.pack.data().catalogue;
        if let Some(only) = only
            && catalogue.department(only).is_none()
        {
            return Err(AppError::BadInput(format!(
                "数据目录里没有“{only}”这个部门。请核对部门代码"
            )));
        }
        let mut manifests = Manifest::all_in(folder)?;
        // Residents first: every other record is then filed under a known person. Of
        // one category the older delivery first.
        manifests.sort_by_key(|found| {
            let place = self.register_place(&found.category);
            (place, found.as_of, found.path.clone())
        });
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
        let wanted = catalogue.categories().filter(|category| {
            only.is_none_or(|only| {
                catalogue
                    .owner(&category.id)
                    .is_some_and(|owner| owner.id == *only)
            })
        });
        self.forget_numbers();
        report.absent = wanted
            .filter(|category| !came(category))
            .map(|one| one.id.clone())
            .collect();
        // Whoever took something in before this may have died before looking.
        self.catch_up(TimeDelta::zero()).await?;
        report.contradictions = self.standing_contradictions().await?;
        Ok(report)
    }

    /// When a category is taken in beside others: the register's sources come first.
    pub(super) fn register_place(&self, category: &Slug) -> usize {
        let sources = self.law.pack.register();
        let mut places = sources.iter();
        let found = places.position(|source| source.category == *category);
        found.unwrap_or(sources.len())
    }

    pub(super) async fn import_one(&self, ctx: &Context, manifest: &Manifest) -> Result<Imported> {
        self.import_by(ctx, manifest, Arc::default()).await
    }

    /// The same for a department that acts by its agreement (`by`).
    pub(crate) async fn import_by(
        &self,
        ctx: &Context,
        manifest: &Manifest,
        by: Arc<[Grant]>,
    ) -> Result<Imported> {
        self.import_once(ctx, manifest, by, None).await
    }

    /// The same; under a key it was given before (`once`) it is what it was then. What
    /// follows is done as far as it is still owed.
    pub(super) async fn import_once(
        &self,
        ctx: &Context,
        manifest: &Manifest,
        by: Arc<[Grant]>,
        once: Option<Once>,
    ) -> Result<Imported> {
        let mut imported = self.accept(ctx, manifest, by, once).await?;
        imported.watched = self.follow_owed(&imported).await?;
        Ok(imported)
    }

    /// The taking alone: what follows it is written down as owed.
    pub(super) async fn accept(
        &self,
        ctx: &Context,
        manifest: &Manifest,
        by: Arc<[Grant]>,
        once: Option<Once>,
    ) -> Result<Imported> {
        let now = self.now();
        let law = self.law.clone();
        let manifest = self.with_waiting(manifest.clone()).await?;
        let manifest = self.watched_by_progress(manifest);
        let (read, manifest) = match self.under_agreement(manifest.clone()) {
            Ok(manifest) => (
                read_file(law.clone(), manifest.clone(), now).await?,
                manifest,
            ),
            Err(reasons) => (Err(reasons), manifest),
        };
        let pieces = match &read {
            Ok(read) => self.in_pieces(ctx, &by, &manifest, read, now).await?,
            Err(_) => None,
        };
        let (read, pieces) = (Arc::new(read), pieces.is_some());
        let ctx = ctx.clone();
        let imported = self
            .db
            .write(async move |tx| {
                let taken = Taking {
                    law: &law,
                    ctx: &ctx,
                    by: &by,
                    now,
                    pieces,
                };
                let act = async |tx: &mut Tx| taken.take_in(tx, &manifest, &read).await;
                match &once {
                    Some(Once(key)) => Ok(tx.idempotent(key, now, act).await?.value),
                    None => act(tx).await,
                }
            })
            .await?;
        Ok(imported)
    }

    /// The slip with what was agreed about its category today; otherwise why it may
    /// not come at all. A pack that says nothing of agreements leaves it to the
    /// catalogue.
    pub(super) fn under_agreement(&self, manifest: Manifest) -> Result<Manifest, Vec<String>> {
        let agreements = &self.law.pack.data().agreements;
        if !agreements.all().any(|one| one.way == Way::In) {
            return Ok(manifest);
        }
        let (party, category) = (&manifest.department, &manifest.category);
        let found = agreements.with(party, category, Way::In, self.now().today());
        let (_, term) = found.map_err(|why| vec![why.to_string()])?;
        Ok(Manifest {
            agreed: Some(term.clone()),
            ..manifest
        })
    }
}

/// Reads a file to its end, away from those who answer.
async fn read_file(
    law: Law,
    manifest: Manifest,
    now: Now,
) -> Result<Result<ReadFile, Vec<String>>> {
    let reading = tokio::task::spawn_blocking(move || {
        let Some(category) = law.pack.data().catalogue.category(&manifest.category) else {
            let says = format!("数据目录里没有“{}”这类数据", manifest.category);
            return Err(vec![says]);
        };
        reading::judge(&manifest, category, &law, now.today())
    });
    reading
        .await
        .map_err(|why| AppError::Fault(why.to_string()))
}

/// Who takes a delivery in, under which law, by which right, when.
struct Taking<'a> {
    law: &'a Law,
    ctx: &'a Context,
    by: &'a [Grant],
    now: Now,
    /// Whether its records wait beside the pool already.
    pieces: bool,
}

impl Taking<'_> {
    /// Keeps what was read, or why not.
    async fn take_in(
        &self,
        tx: &mut Tx,
        manifest: &Manifest,
        read: &Result<ReadFile, Vec<String>>,
    ) -> Result<Imported> {
        let Taking {
            law, ctx, by, now, ..
        } = *self;
        let place = AccessRecord::of_place(law.pack.region(), FieldLevel::L3);
        ctx.authorise_by(tx, Action::Import, place, &[], by, now)
            .await?;
        let run = match self.pieces {
            true => run::whole(tx, &manifest.category, &manifest.sha256).await?,
            false => None,
        };
        let id = match &run {
            Some(run) => run.batch,
            None => DataBatchId(tx.next_id("data_batch").await?),
        };
        let mut imported = Imported {
            department: manifest.department.clone(),
            category: manifest.category.clone(),
            as_of: manifest.as_of,
            outcome: ImportOutcome::Repeated,
            batch: Some(id),
            registered: None,
            touched: Touched::default(),
            brought: None,
            watched: Watched::default(),
        };
        let state = tx.pool(&manifest.category).await?;
        let stood = state.standing();
        let clashes = clashes(tx, &state, manifest, read).await?;
        let stopped = (!clashes.is_empty()).then_some(Err(clashes));
        let read = stopped.as_ref().unwrap_or(read);
        match judged(state, law, delivery(manifest, ctx, id, read), read, now)? {
            Judged::NoDelivery(reasons) => {
                let quality = None;
                imported.batch = None;
                imported.outcome = ImportOutcome::Refused { reasons, quality };
            }
            Judged::Events(events) => {
                tx.save_pool(&events, &ctx.actor, now).await?;
                if let Some(Event::Repeated { id, .. }) = events.last() {
                    imported.batch = Some(*id);
                }
                imported.outcome = outcome(&events)?;
                crate::hook::of_delivery(tx, law, &events, now).await?;
            }
        }
        if let (Some(batch), Ok(read), ImportOutcome::Refused { .. }) =
            (imported.batch, read, &imported.outcome)
        {
            let rows = read.set_back.iter().map(|row| (row.line, row));
            tx.keep_set_back(batch, rows).await?;
        }
        if let (ImportOutcome::Accepted(_), Ok(read)) = (&imported.outcome, read) {
            let few = read.told.quality.rows <= FEW_ROWS;
            imported.brought = Brought::instead(tx, few, (id, &manifest.category), stood).await?;
            let slip = (manifest, imported.brought.as_deref_mut());
            (imported.registered, imported.touched) = match run.is_some() {
                true => (None, filed(tx, law, id, manifest, read).await?),
                false => keep(tx, law, ctx, id, slip, read, now).await?,
            };
            let repairs = read.told.repairs.iter().map(|(no, what)| KeptRepair {
                record_no: no.clone(),
                field: what.field.clone(),
                what: what.clone(),
            });
            tx.keep_repairs(id, &manifest.category, repairs).await?;
            owe(tx, id, &imported, now).await?;
        }
        if let Some(run) = run
            && !matches!(imported.outcome, ImportOutcome::Accepted(_))
        {
            tx.drop_import(run.batch).await?;
        }
        let subject = format!("data_batch:{id}");
        ctx.record(tx, "pool.import", &subject, &imported, now)
            .await?;
        Ok(imported)
    }
}

/// What a mending would put in the place of other records of the same delivery.
pub(super) async fn clashes(
    tx: &mut Tx,
    state: &State,
    manifest: &Manifest,
    read: &Result<ReadFile, Vec<String>>,
) -> Result<Vec<String>> {
    match (&manifest.mending, read) {
        (Some(mending), Ok(read)) => {
            let closed = &read.told.closed;
            mending.clashes(tx, state, &manifest.category, closed).await
        }
        _ => Ok(Vec::new()),
    }
}

/// What the pool says of a delivery.
pub(super) enum Judged {
    /// It cannot even be received: a stranger's, unknown, from the future, or other
    /// bytes under the slip of a file that came before.
    NoDelivery(Vec<String>),
    /// What happened to it.
    Events(Vec<Event>),
}

pub(super) fn judged(
    mut state: State,
    law: &Law,
    delivery: Delivery,
    read: &Result<ReadFile, Vec<String>>,
    now: Now,
) -> Result<Judged> {
    let id = delivery.id;
    let mut events = match decide(&state, Command::Receive(delivery), law.pack.data(), now) {
        Ok(events) => events,
        Err(refusal) => return Ok(Judged::NoDelivery(vec![refusal.to_string()])),
    };
    if let (Some(Event::Repeated { .. }), Err(reasons)) = (events.last(), read) {
        return Ok(Judged::NoDelivery(reasons.clone()));
    }
    for event in &events {
        state.apply(event);
    }
    if let Some(Event::Received(batch)) = events.last() {
        let command = match read {
            Ok(read) => {
                let quality = QualityReport {
                    late: batch.late,
                    ..read.told.quality.clone()
                };
                Command::Judge { id, quality }
            }
            Err(reasons) => {
                let reasons = reasons.clone();
                Command::Reject { id, reasons }
            }
        };
        let more = decide(&state, command, law.pack.data(), now).map_err(AppError::refused)?;
        events.extend(more);
    }
    Ok(Judged::Events(events))
}

pub(super) fn outcome(events: &[Event]) -> Result<ImportOutcome> {
    match events.last().cloned() {
        Some(Event::Repeated { .. }) => Ok(ImportOutcome::Repeated),
        Some(Event::Accepted { quality, .. }) => Ok(ImportOutcome::Accepted(quality)),
        Some(Event::Refused {
            reasons, quality, ..
        }) => Ok(ImportOutcome::Refused { reasons, quality }),
        Some(Event::Received(_)) | None => {
            Err(AppError::Fault("a delivery without an outcome".into()))
        }
    }
}

pub(super) fn delivery(
    manifest: &Manifest,
    ctx: &Context,
    id: DataBatchId,
    read: &Result<ReadFile, Vec<String>>,
) -> Delivery {
    let rows = read.as_ref().map(|read| read.told.quality.rows);
    Delivery {
        id,
        department: manifest.department.clone(),
        category: manifest.category.clone(),
        digest: Digest(manifest.sha256.to_ascii_lowercase()),
        as_of: manifest.as_of,
        rows: rows.unwrap_or(manifest.rows),
        by: ctx.actor.clone(),
        mends: manifest.mends,
        came: manifest.came,
    }
}
