//! 「共享申请」 A department's request for a category: put down by an officer, answered by
//! another with reasons, within the days the pack says; deadlines are seen by all.

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_pool::share::{ShareCommand, ShareKind, ShareRequest, ShareRules, ShareWanted, share};
use kernel::{Date, FieldLevel, Instant, Now, RegionCode, Slug};
use std::collections::BTreeSet;
use store::Tx;

/// The most requests shown.
pub(super) const SHOWN: u32 = 200;

/// A request as it is written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareAsked {
    /// The category.
    pub category: String,
    /// Which department asks.
    pub asker: String,
    /// Fields; empty: all.
    pub fields: Vec<String>,
    /// What for.
    pub purpose: String,
    /// On which article.
    pub basis: String,
}

/// A request as its page shows it.
#[derive(Clone, Debug)]
pub struct ShareLine {
    /// Its number.
    pub id: i64,
    /// The category's id.
    pub category: Slug,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub department: String,
    /// Which department asks.
    pub asker: String,
    /// The fields asked for, by name; empty: all.
    pub fields: Vec<String>,
    /// What for.
    pub purpose: String,
    /// On which article.
    pub basis: String,
    /// How it may be shared.
    pub kind: ShareKind,
    /// When it was asked.
    pub at: Instant,
    /// The last day to answer.
    pub due: Date,
    /// Working days left; negative: over. `None`: the calendar ends before.
    pub left: Option<i64>,
    /// Why it takes longer.
    pub prolonged: Option<String>,
    /// The answer: yes or no, reasons, in which role, when, late, until when the data.
    pub answer: Option<AnswerLine>,
    /// Whether the reader put it down.
    pub mine: bool,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct AnswerLine {
    /// Yes or no.
    pub granted: bool,
    /// Why.
    pub reasons: String,
    /// In which role.
    pub by: &'static str,
    /// When.
    pub at: Instant,
    /// After its last day.
    pub late: bool,
    /// After a yes, the last day to supply the data.
    pub supply_by: Option<Date>,
}

impl App {
    /// 提出共享申请 Gives its number; the same request again is the same number.
    ///
    /// # Errors
    /// A refusal; no such category; the store's.
    pub async fn ask_share(
        &self,
        ctx: &Context,
        region: RegionCode,
        asked: &ShareAsked,
    ) -> Result<i64> {
        let unknown = |what: &str| AppError::BadInput(format!("数据目录里没有“{what}”"));
        let slug = |text: &String| text.parse::<Slug>().map_err(|_| unknown(text));
        let wanted = ShareWanted {
            category: slug(&asked.category)?,
            asker: asked.asker.clone(),
            fields: asked
                .fields
                .iter()
                .map(slug)
                .collect::<Result<BTreeSet<_>>>()?,
            purpose: asked.purpose.clone(),
            basis: asked.basis.clone(),
        };
        let command = ShareCommand::Ask(wanted);
        self.on_share(ctx, (region, None), command).await
    }

    /// 延长、答复 More time, or the answer.
    ///
    /// # Errors
    /// A refusal; no such request; the store's.
    pub async fn on_share_request(
        &self,
        ctx: &Context,
        region: RegionCode,
        id: i64,
        command: ShareCommand,
    ) -> Result<()> {
        self.on_share(ctx, (region, Some(id)), command).await?;
        Ok(())
    }

    async fn on_share(
        &self,
        ctx: &Context,
        (region, id): (RegionCode, Option<i64>),
        command: ShareCommand,
    ) -> Result<i64> {
        let key = ctx.key("share", &(id, &command))?;
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let write = async move |tx: &mut Tx| {
            let command = command.clone();
            let does = async |tx: &mut Tx| app.shared(tx, &ctx, (region, id), command, now).await;
            Ok::<_, AppError>(tx.idempotent(&key, now, does).await?.value)
        };
        self.db.write(write).await
    }

    async fn shared(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        (region, id): (RegionCode, Option<i64>),
        command: ShareCommand,
        now: Now,
    ) -> Result<i64> {
        let action = match &command {
            ShareCommand::Ask(_) => Action::AskShare,
            ShareCommand::Prolong { .. } | ShareCommand::Answer { .. } => Action::AnswerShare,
        };
        let record = Record::of_place(region, FieldLevel::L1);
        ctx.authorise(tx, action, record, &[], now).await?;
        let (before, state) = match id {
            Some(id) => {
                let loaded = tx.share_request(id).await?;
                (Some((id, loaded.version)), Some(loaded.state))
            }
            None => (None, None),
        };
        let asked = match &command {
            ShareCommand::Ask(wanted) => Some(wanted.category.clone()),
            _ => state.as_ref().map(|one| one.wanted.category.clone()),
        };
        let pack = &self.law.pack;
        let gone = || AppError::BadInput("数据目录里没有这类数据".to_owned());
        let category = asked.and_then(|id| pack.data().catalogue.category(&id));
        let rules = ShareRules {
            category: category.ok_or_else(gone)?,
            days: pack.sharing(),
            calendar: pack.calendar(),
        };
        let request = share(state, command, &ctx.actor, &rules, now);
        let request = request.map_err(AppError::refused)?;
        let id = tx.save_share(before, &request, &ctx.actor, now).await?;
        if let Some(answer) = &request.answer {
            let wanted = &request.wanted;
            let what = (&wanted.category, wanted.asker.as_str(), answer.granted);
            crate::hook::of_share(tx, &self.law, id, what, now).await?;
        }
        let subject = format!("share_request:{id}");
        ctx.record(tx, "pool.share", &subject, &request, now)
            .await?;
        Ok(id)
    }

    /// 看共享申请 Every request, those that wait first; the basis of the days.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn share_requests(
        &self,
        ctx: &Context,
        region: RegionCode,
    ) -> Result<Vec<ShareLine>> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                app.may_count(tx, &ctx, region).await?;
                let requests = tx.share_requests(SHOWN).await?;
                let line = |(id, one)| app.share_line(id, one, &ctx);
                Ok::<_, AppError>(requests.into_iter().map(line).collect())
            })
            .await
    }

    fn share_line(&self, id: i64, one: ShareRequest, ctx: &Context) -> ShareLine {
        let catalogue = &self.law.pack.data().catalogue;
        let category = catalogue.category(&one.wanted.category);
        let owner = catalogue.owner(&one.wanted.category);
        let field = |id: &Slug| {
            let found = category.and_then(|category| category.field(id));
            found.map_or_else(|| id.to_string(), |field| field.name.clone())
        };
        let today = self.now().today();
        let left = self
            .law
            .pack
            .calendar()
            .working_days_between(today, one.due);
        ShareLine {
            id,
            name: category.map_or_else(
                || one.wanted.category.to_string(),
                |category| category.name.clone(),
            ),
            department: owner.map(|one| one.name.clone()).unwrap_or_default(),
            fields: one.wanted.fields.iter().map(field).collect(),
            category: one.wanted.category,
            asker: one.wanted.asker,
            purpose: one.wanted.purpose,
            basis: one.wanted.basis,
            kind: one.kind,
            at: one.at,
            due: one.due,
            left: left.ok(),
            prolonged: one
                .prolonged
                .map(|one| format!("{}（{}同意）", one.reason, one.agreed_by)),
            answer: one.answer.map(|one| AnswerLine {
                granted: one.granted,
                reasons: one.reasons,
                by: one.by.role.label(),
                at: one.at,
                late: one.late,
                supply_by: one.supply_by,
            }),
            mine: one.by.person == ctx.actor.person,
        }
    }
}
