//! 「数据服务用得怎样」 Who may ask what until when, and how often they did. Whom they
//! asked about is not told: that is the auditors'.

use crate::{App, AppError, Context, Result};
use chrono::Days;
use engine_pool::Way;
use engine_pool::ask::AskKind;
use kernel::{Date, RegionCode, Slug};
use store::{AskUse, Tx};

/// How far back questions count, days.
const DAYS: u64 = 30;

/// An agreement that lets its party ask.
#[derive(Clone, Debug)]
pub struct AskLine {
    /// The agreement.
    pub agreement: Slug,
    /// What it is called.
    pub name: String,
    /// With whom.
    pub party: String,
    /// Its last day.
    pub until: Date,
    /// Whether it runs today.
    pub runs: bool,
    /// What may be asked: in words, answered in thirty days.
    pub kinds: Vec<(&'static str, i64)>,
    /// How many a day.
    pub per_day: u32,
    /// Answered today.
    pub today: i64,
    /// Questions beyond the day's number.
    pub over: i64,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct AskTold {
    /// By name.
    pub lines: Vec<AskLine>,
    /// Questions answered.
    pub answered: i64,
    /// Questions that were not agreed: who asked, of which kind, how often, the last day.
    pub refused: Vec<(String, &'static str, i64, Date)>,
}

impl App {
    /// 数据服务 Every agreement that is asked under.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn asks(&self, ctx: &Context, region: RegionCode) -> Result<AskTold> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                app.may_count(tx, &ctx, region).await?;
                app.asks_in(tx).await
            })
            .await
    }

    pub(crate) async fn asks_in(&self, tx: &mut Tx) -> Result<AskTold> {
        let today = self.now().today();
        let since = today.checked_sub_days(Days::new(DAYS)).unwrap_or(today);
        let uses = tx.asks_since(since).await?;
        let agreements = self.law.pack.data().agreements.all();
        let agreements = agreements.filter(|one| one.way == Way::Out && !one.asks.is_empty());
        let mut lines = Vec::new();
        for one in agreements {
            let of = |kind: Option<AskKind>| {
                let kind = kind.map(AskKind::word);
                let fits = move |line: &&AskUse| {
                    line.agreement == one.id.as_str() && kind.is_none_or(|kind| kind == line.kind)
                };
                uses.iter().filter(fits)
            };
            let kinds = one.asks.iter().map(|kind| {
                let answered = of(Some(*kind)).map(|line| line.answered).sum();
                (kind.label(), answered)
            });
            lines.push(AskLine {
                name: one.name.clone(),
                party: one.party_name.clone(),
                until: one.until,
                runs: one.runs_on(today),
                kinds: kinds.collect(),
                per_day: one.asks_per_day,
                today: tx.asks_on(one.id.as_str(), today).await?,
                over: of(None).map(|line| line.refused).sum(),
                agreement: one.id.clone(),
            });
        }
        let refused = uses.iter().filter(|one| one.agreement.is_empty());
        let refused = refused.map(|one| {
            let kind = AskKind::ALL.iter().find(|kind| kind.word() == one.kind);
            let kind = kind.map_or("", |kind| kind.label());
            (one.party.clone(), kind, one.refused, one.last)
        });
        Ok::<_, AppError>(AskTold {
            answered: uses.iter().map(|one| one.answered).sum(),
            refused: refused.collect(),
            lines,
        })
    }
}
