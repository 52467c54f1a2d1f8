//! 「颁布」 A text of the law from draft to force: kept with its hash, its examples
//! passed, tried on everyone, signed by two others than its author; put out of force in
//! one step. A house opened later takes the law in force from here, and every earlier
//! one that a case still stands on. Absent on purpose: any change to a running case.

mod again;
mod number;
mod told;

pub use again::{Again, AgainLine, Effect};
pub use number::NumberDraft;
pub use told::{LawPage, VersionLine};

use crate::simulate::{Proposed, SimulateReport, Simulation};
use crate::{App, AppError, Context, Law, Result, try_examples};
use engine_access::{Action, Record};
use engine_policy::publish::{Command, DryRun, Standing, Version, decide};
use kernel::{Actor, Date, FieldLevel, RegionCode, Slug};
use packs::{Archive, Pack};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Loaded, Tx};

/// From when on which number has which value, and where.
fn starts(law: &Law) -> impl Iterator<Item = (Date, Slug, RegionCode, String)> + '_ {
    let all = law.pack.rules().parameters.iter();
    all.flat_map(|one| {
        one.values.iter().map(|value| {
            let says = value.value.spoken(&one.decl.ty);
            (value.from, one.decl.id.clone(), value.region, says)
        })
    })
}

impl App {
    /// 起草 Keeps a pack as a draft of the law; gives its hash. The same text again is
    /// the same draft.
    ///
    /// # Errors
    /// A refusal of access; examples that fail; the store's.
    pub async fn draft_law(&self, ctx: &Context, pack: Pack) -> Result<String> {
        let law = Law::new(pack);
        let tried = try_examples(&law.pack, &law.judge);
        let failed = tried.iter().filter(|one| !one.faults.is_empty()).count() as u64;
        let command = Command::Draft {
            examples: tried.len() as u64,
            failed,
        };
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                app.may_publish(tx, &ctx, Action::WriteRule).await?;
                app.keep_law_in_force(tx).await?;
                let hash = law.pack.hash().to_owned();
                if tx.law_version(&hash).await?.is_some() {
                    return Ok(hash);
                }
                let version = step(Version::default(), command.clone(), &ctx.actor, now)?;
                let name = name_of(&law.pack);
                tx.create_law((&hash, &name), &version, law.pack.archive(), now)
                    .await?;
                ctx.record(tx, "law.draft", &subject(&hash), &version.examples, now)
                    .await?;
                Ok(hash)
            })
            .await
    }

    /// The day a draft is tried on where nobody names one: the first day to come of a
    /// number the law in force does not have, otherwise the day everybody was last looked
    /// at.
    ///
    /// # Errors
    /// No such draft; the store's.
    pub async fn first_day(&self, hash: &str) -> Result<Date> {
        let draft = self.stored_law(hash).await?;
        let today = self.now().today();
        let known: BTreeSet<_> = starts(&self.law).collect();
        let new = starts(&draft).filter(|one| one.0 > today && !known.contains(one));
        match new.map(|one| one.0).min() {
            Some(first) => Ok(first),
            None => Ok(self.screened_on().await?.unwrap_or(today)),
        }
    }

    /// 试算 Judges everyone by the law in force and by a draft, and keeps what it counted
    /// beside the draft. Signatures given under other figures no longer count.
    ///
    /// # Errors
    /// A refusal; no such draft; the store's.
    pub async fn try_law(
        &self,
        ctx: &Context,
        hash: &str,
        day: Date,
        progress: impl FnMut(u64),
    ) -> Result<SimulateReport> {
        let draft = self.stored_law(hash).await?;
        let warnings = self.warned_of(hash).await?;
        let what = Simulation {
            day,
            proposed: Proposed::Draft(draft),
            region: None,
            supposed: true,
        };
        let report = self.simulate(ctx, &what, progress).await?;
        let run = DryRun {
            against: self.law.pack.hash().to_owned(),
            at: self.now().at,
            households: report.households,
            warnings: Some(warnings),
        };
        let (ctx, now) = (ctx.clone(), self.now());
        let (hash, counted) = (hash.to_owned(), report.clone());
        self.db
            .write(async move |tx| {
                let loaded = found(tx, &hash).await?;
                let command = Command::TryOut(run.clone());
                let version = step(loaded.state, command, &ctx.actor, now)?;
                tx.save_law(&hash, loaded.version, &version, now).await?;
                tx.count_law(&hash, &counted).await?;
                ctx.record(tx, "law.try", &subject(&hash), &counted.households, now)
                    .await
            })
            .await?;
        Ok(report)
    }

    /// 签字 One of the two signatures; with the second the draft comes into force and
    /// the version before it gives way. Gives where the version stands now.
    ///
    /// # Errors
    /// A refusal: no dry run, an old one, the author, the same person; the store's.
    pub async fn sign_law(&self, ctx: &Context, hash: &str) -> Result<Standing> {
        let (app, ctx, now, hash) = (self.clone(), ctx.clone(), self.now(), hash.to_owned());
        self.db
            .write(async move |tx| {
                app.may_publish(tx, &ctx, Action::ActivateRule).await?;
                let in_force = app.hash_in_force(tx).await?;
                let loaded = found(tx, &hash).await?;
                let command = Command::Sign {
                    in_force: in_force.clone(),
                };
                let version = step(loaded.state, command, &ctx.actor, now)?;
                if version.standing == Standing::Active {
                    let before = found(tx, &in_force).await?;
                    let gone = step(before.state, Command::Supersede, &ctx.actor, now)?;
                    tx.save_law(&in_force, before.version, &gone, now).await?;
                }
                tx.save_law(&hash, loaded.version, &version, now).await?;
                ctx.record(tx, "law.sign", &subject(&hash), &version.standing, now)
                    .await?;
                Ok(version.standing)
            })
            .await
    }

    /// 停用 Puts the version in force out of it in one step; the one before it comes
    /// back. Gives the hash that is in force now.
    ///
    /// # Errors
    /// A refusal: not in force, no reasons, nothing to go back to; the store's.
    pub async fn suspend_law(&self, ctx: &Context, hash: &str, reasons: &str) -> Result<String> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let (hash, reasons) = (hash.to_owned(), reasons.to_owned());
        self.db
            .write(async move |tx| {
                app.may_publish(tx, &ctx, Action::SuspendRule).await?;
                let loaded = found(tx, &hash).await?;
                let reasons = reasons.clone();
                let command = Command::Suspend { reasons };
                let gone = step(loaded.state, command, &ctx.actor, now)?;
                let earlier = tx.laws_at(Standing::Superseded).await?;
                let back = earlier.first().map(|line| line.hash.clone());
                let says = "没有上一版可以退回去。请先颁布一版新的";
                let back = back.ok_or_else(|| AppError::BadInput(says.to_owned()))?;
                let before = found(tx, &back).await?;
                let restored = step(before.state, Command::Restore, &ctx.actor, now)?;
                tx.save_law(&hash, loaded.version, &gone, now).await?;
                tx.save_law(&back, before.version, &restored, now).await?;
                ctx.record(tx, "law.suspend", &subject(&hash), &back, now)
                    .await?;
                Ok(back)
            })
            .await
    }

    /// The house under the law in force now, with every earlier law a case may stand on;
    /// `None`: nothing changed since this house was opened.
    ///
    /// # Errors
    /// The store's; a kept version that no longer loads.
    pub async fn renewed(&self) -> Result<Option<App>> {
        let lines = self.db.read(async |tx| tx.law_versions().await).await?;
        let at = |standing| lines.iter().filter(move |line| line.standing == standing);
        let suspended = at(Standing::Suspended)
            .map(|line| line.hash.clone())
            .collect();
        let in_force = at(Standing::Active).next().map(|line| line.hash.as_str());
        let present = self.law.pack.hash();
        let known = |hash: &str| self.law_of(hash).is_some();
        let kept = lines.iter().filter(|line| line.standing != Standing::Draft);
        let new: Vec<&str> = kept
            .map(|line| line.hash.as_str())
            .filter(|hash| !known(hash))
            .collect();
        let same = in_force.is_none_or(|hash| hash == present);
        if same && new.is_empty() && *self.suspended == suspended {
            return Ok(None);
        }
        let mut app = self.clone();
        for hash in new {
            app = app.with_earlier([self.stored_law(hash).await?]);
        }
        app = app.with_earlier([self.law.clone()]);
        if let Some(law) = in_force.and_then(|hash| app.law_of(hash)) {
            app.law = law.clone();
        }
        app.suspended = Arc::new(suspended);
        Ok(Some(app))
    }

    pub(crate) fn is_suspended(&self, hash: &str) -> bool {
        self.suspended.contains(hash)
    }

    /// A version as it was kept, loaded and proven again.
    pub(crate) async fn stored_law(&self, hash: &str) -> Result<Law> {
        if let Some(law) = self.law_of(hash) {
            return Ok(law.clone());
        }
        let wanted = hash.to_owned();
        let body = self
            .db
            .read(async move |tx| tx.law_body::<Archive>(&wanted).await)
            .await?;
        let archive = body.ok_or_else(|| unknown(hash))?;
        let loaded = archive.load();
        let pack = loaded.pack.filter(|pack| pack.hash() == hash);
        let pack = pack.ok_or_else(|| {
            AppError::Fault(format!(
                "存着的规定 {hash} 读不出来：{}",
                loaded.report.render()
            ))
        })?;
        Ok(Law::new(pack))
    }

    /// What the linter warns of in a kept text, with file and line.
    async fn warned_of(&self, hash: &str) -> Result<Vec<String>> {
        let wanted = hash.to_owned();
        let body = self
            .db
            .read(async move |tx| tx.law_body::<Archive>(&wanted).await)
            .await?;
        let report = body.ok_or_else(|| unknown(hash))?.load().report;
        let warns = |one: &packs::Diagnostic| one.severity == packs::Severity::Warning;
        let words = |one: packs::Diagnostic| {
            let help = one.help.map(|help| format!("。{help}")).unwrap_or_default();
            format!(
                "{}{help}（{} 第 {} 行）",
                one.message, one.at.file, one.at.line
            )
        };
        let told = report.diagnostics().into_iter().filter(warns).map(words);
        Ok(told.collect())
    }

    async fn may_publish(&self, tx: &mut Tx, ctx: &Context, action: Action) -> Result<()> {
        let record = Record::of_place(self.law.pack.region(), FieldLevel::L1);
        ctx.authorise(tx, action, record, &[], self.now()).await?;
        Ok(())
    }

    /// The version the house was opened with is the first to be kept.
    async fn keep_law_in_force(&self, tx: &mut Tx) -> Result<()> {
        if !tx.law_versions().await?.is_empty() {
            return Ok(());
        }
        let (pack, now) = (&self.law.pack, self.now());
        let examples = pack.services().iter().map(|one| one.examples.len() as u64);
        let version = Version {
            examples: examples.sum(),
            ..Version::found(now)
        };
        let name = name_of(pack);
        tx.create_law((pack.hash(), &name), &version, pack.archive(), now)
            .await?;
        Ok(())
    }

    async fn hash_in_force(&self, tx: &mut Tx) -> Result<String> {
        let active = tx.laws_at(Standing::Active).await?;
        let first = active.into_iter().next().map(|line| line.hash);
        Ok(first.unwrap_or_else(|| self.law.pack.hash().to_owned()))
    }
}

fn step(version: Version, command: Command, by: &Actor, now: kernel::Now) -> Result<Version> {
    let events = decide(&version, command, by, now).map_err(AppError::refused)?;
    Ok(version.after(&events))
}

async fn found(tx: &mut Tx, hash: &str) -> Result<Loaded<Version>> {
    tx.law_version(hash).await?.ok_or_else(|| unknown(hash))
}

fn unknown(hash: &str) -> AppError {
    AppError::BadInput(format!("没有 {hash} 这一版。用 nuanxin law list 看全部"))
}

fn name_of(pack: &Pack) -> String {
    pack.head()
        .map(|head| head.name.clone())
        .unwrap_or_default()
}

fn subject(hash: &str) -> String {
    format!("law:{hash}")
}
