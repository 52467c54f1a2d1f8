//! 「出核对报告」 Draws up the report of a case's verification, keeps its bytes and
//! what they were made from, gives the same bytes ever after, and can make them
//! again from the events to show that they are what they were.

use super::case::latest;
use super::found::known;
use super::ruled::ruled_now;
use super::steps::{authorise, subject};
use super::told::{CheckReport, Telling};
use crate::context::Context;
use crate::error::{AppError, Result};
use crate::{App, Law};
use engine_access::Action;
use engine_case::Opened;
use engine_pool::sheet::Known;
use engine_pool::verification::Event;
use engine_pool::{Refusal, Verification, sheet};
use kernel::{CaseId, Now, Slug, VerificationId};
use std::collections::BTreeMap;
use store::{KeptReport, Loaded, RegisterSlice, ReportInputs, Tx, digest_hex};

/// A report as it was given out.
#[derive(Clone, Debug)]
pub struct GivenReport {
    /// What it says.
    pub report: CheckReport,
    /// Its bytes.
    pub text: String,
    /// SHA-256 of them, lower-case hex.
    pub digest: String,
    /// Whether something happened to the verification since, or to its contradictions.
    pub outdated: bool,
}

/// A report made again from what was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remade {
    /// The digest it was given out under.
    pub was: String,
    /// The digest of what was made now.
    pub is: String,
}

impl Remade {
    /// Whether both are the same bytes.
    pub fn holds(&self) -> bool {
        self.was == self.is
    }
}

impl App {
    /// 出核对报告 Draws up the report of the case's last verification; what was drawn
    /// up of the same version before is given again.
    ///
    /// # Errors
    /// A refusal; nothing was compared yet; the store's.
    pub async fn draw_check_report(&self, ctx: &Context, case: CaseId) -> Result<GivenReport> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let state = authorise(tx, &ctx, Action::Verify, case, now).await?;
                let id = latest(tx, &state).await?;
                let id = id.ok_or_else(|| AppError::refused(Refusal::NotCompared))?;
                app.take_rulings(tx, &ctx, id, now).await?;
                let version = tx.verification(id).await?.version;
                if tx.check_report(id, version).await?.is_none() {
                    let opened = state.opened.as_ref();
                    let opened = opened.ok_or_else(|| AppError::refused(Refusal::NotRequested))?;
                    let (kept, silent) = app.drawn(tx, &ctx, (id, version), opened, now).await?;
                    tx.keep_check_report(&kept).await?;
                    tx.note_silence(&kept, &silent).await?;
                    let told = (version, &kept.digest);
                    ctx.record(tx, "verification_report", &subject(id), &told, now)
                        .await?;
                }
                let kept = tx.check_report(id, version).await?;
                given(
                    kept.ok_or_else(|| AppError::Fault("a report went away".into()))?,
                    version,
                )
            })
            .await
    }

    /// 看核对报告 The newest report of the case's last verification; `None`: there is
    /// none yet. Reading it is on record before it is given.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn check_report(&self, ctx: &Context, case: CaseId) -> Result<Option<GivenReport>> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let state = authorise(tx, &ctx, Action::ReadCase, case, now).await?;
                let Some(id) = latest(tx, &state).await? else {
                    return Ok(None);
                };
                let Loaded { state, version } = tx.verification(id).await?;
                ctx.record(tx, "verification_read", &subject(id), &version, now)
                    .await?;
                let kept = tx.newest_check_report(id).await?;
                let mut given = kept.map(|kept| given(kept, version)).transpose()?;
                // What was found at the contradiction desk since is not in it yet.
                let ruled = ruled_now(tx, state.clone()).await?.ruled != state.ruled;
                given.iter_mut().for_each(|one| one.outdated |= ruled);
                Ok(given)
            })
            .await
    }

    /// 重做核对报告 Makes the newest report again from the events and what the pool
    /// knew then, by the law of then.
    ///
    /// # Errors
    /// A refusal; no report; the law it was made by is not loaded; the store's.
    pub async fn remake_check_report(&self, ctx: &Context, case: CaseId) -> Result<Remade> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let state = authorise(tx, &ctx, Action::ReadCase, case, now).await?;
                let none = || AppError::BadInput("这件事还没有核对报告".to_owned());
                let id = latest(tx, &state).await?.ok_or_else(none)?;
                let kept = tx.newest_check_report(id).await?.ok_or_else(none)?;
                let law = app.law_of(&kept.pack).ok_or_else(|| {
                    let says = "出这份报告时的规则包没有装入，没法重做。请装入后再试";
                    AppError::BadInput(says.to_owned())
                })?;
                let events = events(tx, id, kept.version).await?;
                let made = made(
                    law,
                    &events,
                    &kept.inputs,
                    (kept.version, Now { at: kept.at }),
                )?;
                ctx.record(tx, "verification_remade", &subject(id), &made.1, now)
                    .await?;
                Ok(Remade {
                    was: kept.digest,
                    is: made.1,
                })
            })
            .await
    }

    async fn drawn(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        (id, version): (VerificationId, i64),
        opened: &Opened,
        now: Now,
    ) -> Result<(KeptReport, Vec<(Slug, i64)>)> {
        let events = events(tx, id, version).await?;
        let mut state = Verification::default();
        events.iter().for_each(|event| state.apply(event));
        let members = state.request.as_ref().map(|one| one.members.clone());
        let members = members.ok_or_else(|| AppError::refused(Refusal::NotRequested))?;
        let answers = known(tx, &self.law, &members, now.today()).await?;
        let people = members.iter().map(|one| one.person);
        let known: Known = people.clone().zip(answers).collect();
        let slice = RegisterSlice {
            people: people.collect(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let config = engine_registry::Config::default();
        let named = register.people.values();
        let names = named.filter_map(|one| Some((one.id, one.name(&config)?.to_string())));
        let inputs = ReportInputs {
            by: ctx.actor.clone(),
            opened: opened.clone(),
            names: names.collect(),
            known,
        };
        let (text, digest) = made(&self.law, &events, &inputs, (version, now))?;
        let silent = silent(&state);
        let kept = KeptReport {
            verification: id,
            version,
            at: now.at,
            pack: self.law.pack.hash().to_owned(),
            digest,
            inputs,
            text,
        };
        Ok((kept, silent))
    }
}

/// Who left how many questions open.
fn silent(state: &Verification) -> Vec<(Slug, i64)> {
    let unanswered = engine_pool::report(state).map(|report| report.unanswered);
    let mut silent: BTreeMap<Slug, i64> = BTreeMap::new();
    for one in unanswered.unwrap_or_default() {
        *silent.entry(one.department).or_default() += 1;
    }
    silent.into_iter().collect()
}

/// The first events of a verification.
async fn events(tx: &mut Tx, id: VerificationId, version: i64) -> Result<Vec<Event>> {
    let history = tx.verification_history(id).await?.into_iter();
    let told = history.filter(|one| one.seq <= version);
    Ok(told.map(|one| one.event).collect())
}

/// The bytes of a report and their digest.
fn made(
    law: &Law,
    events: &[Event],
    inputs: &ReportInputs,
    (version, now): (i64, Now),
) -> Result<(String, String)> {
    let mut state = Verification::default();
    events.iter().for_each(|event| state.apply(event));
    let maker = (now.at, &inputs.by);
    let sheet = sheet(events, &inputs.known, maker, now.today());
    let sheet = sheet.ok_or_else(|| AppError::refused(Refusal::NotCompared))?;
    let request = state.request.as_deref();
    let telling = Telling {
        law,
        state: &state,
        request: request.ok_or_else(|| AppError::refused(Refusal::NotRequested))?,
        sheet: &sheet,
        known: &inputs.known,
        names: &inputs.names,
        opened: &inputs.opened,
        made: maker,
        version,
        today: now.today(),
    };
    let text = serde_json::to_string_pretty(&telling.report());
    let text = text.map_err(|why| AppError::Fault(why.to_string()))?;
    let digest = digest_hex(text.as_bytes());
    Ok((text, digest))
}

fn given(kept: KeptReport, version: i64) -> Result<GivenReport> {
    let report = serde_json::from_str(&kept.text);
    Ok(GivenReport {
        report: report.map_err(|why| AppError::Fault(why.to_string()))?,
        outdated: kept.version != version,
        digest: kept.digest,
        text: kept.text,
    })
}
