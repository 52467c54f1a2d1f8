//! 「拉得怎么样」 Every pull for the monitoring page: the last attempts, delays, failures.

use super::Pull;
use crate::{App, AppError, Context, Result};
use engine_pool::pull::{Attempt, PullEnd};
use kernel::{Instant, RegionCode, Slug};
use store::Tx;

/// A category that is fetched, as people see it.
#[derive(Clone, Debug)]
pub struct PullLine {
    /// The category.
    pub category: Slug,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub department: String,
    /// When the last one ended.
    pub done: Option<Instant>,
    /// When it was tried last.
    pub tried: Option<Instant>,
    /// Pages and rows of the one under way, and of how many rows.
    pub under_way: Option<(u32, u64, u64)>,
    /// Why it waits, and until when.
    pub waits: Option<(String, Instant)>,
    /// Silences in a row.
    pub silences: u32,
    /// How attempts ended, the newest first.
    pub past: Vec<Attempt>,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct PullTold {
    /// Those that wait first.
    pub lines: Vec<PullLine>,
    /// Those that wait.
    pub waiting: usize,
}

impl PullLine {
    /// How the newest attempt ended, in words.
    pub fn says(&self) -> String {
        match self.past.first() {
            None => "还没有拉完过".to_owned(),
            Some(one) => in_words(&one.end),
        }
    }
}

/// An end in words.
pub fn in_words(end: &PullEnd) -> String {
    match end {
        PullEnd::Taken {
            taken, set_back: 0, ..
        } => format!("收下 {taken} 行"),
        PullEnd::Taken {
            taken, set_back, ..
        } => format!("收下 {taken} 行，{set_back} 行没收下"),
        PullEnd::Same { .. } => "和上次一样".to_owned(),
        PullEnd::Refused { why } => format!("退回：{why}"),
        PullEnd::Silent { why } => format!("没拉成：{why}"),
    }
}

impl App {
    /// 拉取情况 Every pull.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn pulls(&self, ctx: &Context, region: RegionCode) -> Result<PullTold> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                app.may_count(tx, &ctx, region).await?;
                app.pulls_in(tx).await
            })
            .await
    }

    pub(crate) async fn pulls_in(&self, tx: &mut Tx) -> Result<PullTold> {
        let catalogue = &self.law.pack.data().catalogue;
        let runs = tx.pull_runs::<Pull>().await?;
        let line = |(source, category, run): (String, Slug, store::PullRun<Pull>)| {
            let found = catalogue.category(&category);
            let owner = source.parse().map(|id| self.law.department(&id));
            let mut past = run.state.past;
            past.reverse();
            PullLine {
                name: found.map_or_else(|| category.to_string(), |one| one.name.clone()),
                department: owner.unwrap_or(source),
                category,
                done: run.done,
                tried: run.tried,
                under_way: run
                    .state
                    .under_way
                    .map(|one| (one.pages, one.rows, one.edition.rows)),
                waits: run.state.why.zip(run.state.wait_until),
                silences: run.state.silences,
                past,
            }
        };
        let mut lines: Vec<PullLine> = runs.into_iter().map(line).collect();
        lines.sort_by_key(|one| (one.waits.is_none(), one.name.clone()));
        Ok::<_, AppError>(PullTold {
            waiting: lines.iter().filter(|one| one.waits.is_some()).count(),
            lines,
        })
    }
}
