//! 「数据全景、运行监控」 The whole pool on one screen: sources, delays against their
//! rhythm, failures, volumes, who looked at whose data. Every number is the length of
//! a list that opens from it. No subject of a look is told: that is the auditors'.

use super::CatalogueLine;
use crate::cockpit::DataState;
use crate::{App, AppError, Context, Result};
use chrono::TimeDelta;
use engine_pool::{Batch, BatchState, waiting_rows};
use kernel::{DataBatchId, Date, Instant, Now, RegionCode, Role, Slug};
use std::collections::BTreeMap;
use store::{SetBackCount, Silence, Tx};

/// How far back looks and silences count, days.
const DAYS: i64 = 30;
/// The most lines of a list.
const SHOWN: u32 = 500;

/// Which lines a number counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataOf {
    /// 在这个状态的类 Categories in a state.
    State(DataState),
    /// 整批退回 Deliveries refused whole.
    Refused,
    /// 晚到 Deliveries that came after their time.
    Late,
    /// 没收下的行 Standing deliveries with rows left out.
    LeftOut,
    /// 核对时没答复 Reports a department left open.
    Silent,
    /// 谁查了什么 Looks of a kind in a role.
    Looks(String, Role),
}

/// Looks by what and role, requests to share (waiting, over), records.
type Counted = (Vec<(String, Role, i64)>, (usize, usize), i64);

/// The whole.
#[derive(Clone, Debug)]
pub struct DataOverview {
    /// Departments.
    pub sources: Vec<SourceLine>,
    /// Categories in each state.
    pub states: [(DataState, usize); 3],
    /// Records about registered people.
    pub records: i64,
    /// Rows of the standing deliveries.
    pub rows: u64,
    /// Deliveries: all, refused whole, late.
    pub deliveries: (usize, usize, usize),
    /// Categories with rows left out, and how many rows.
    pub left_out: (usize, u64),
    /// The categories furthest behind their rhythm: line and days over.
    pub behind: Vec<(CatalogueLine, i64)>,
    /// Looks at people's data: what, in which role, how often.
    pub looks: Vec<(String, &'static str, Role, i64)>,
    /// Reports with somebody silent.
    pub silences: usize,
    /// Requests to share that wait, and those past their day.
    pub shares: (usize, usize),
    /// Categories that are fetched, and those that wait for their department.
    pub pulls: (usize, usize),
    /// Addresses that are told of events, and those in trouble.
    pub hooks: (usize, usize),
    /// Agreements that are asked under, and questions answered.
    pub asks: (usize, i64),
}

/// A department.
#[derive(Clone, Debug)]
pub struct SourceLine {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Categories in each state.
    pub states: [(DataState, usize); 3],
    /// Rows of its standing deliveries.
    pub rows: u64,
    /// Rows left out of them.
    pub left_out: u64,
    /// Its deliveries refused whole.
    pub refused: usize,
    /// Its deliveries that came late.
    pub late: usize,
    /// Reports it left open.
    pub silent: usize,
    /// The newest day it told of.
    pub as_of: Option<Date>,
}

/// The lines behind a number.
#[derive(Clone, Debug)]
pub struct DataList {
    /// What they are, in words.
    pub says: String,
    /// The lines, the newest where there are more.
    pub lines: Vec<DataListLine>,
    /// How many more there are than are listed.
    pub more: usize,
}

/// A line.
#[derive(Clone, Debug)]
pub struct DataListLine {
    /// The category's id, where there is one.
    pub category: Option<Slug>,
    /// What it is.
    pub name: String,
    /// Whose, or by whom.
    pub whose: String,
    /// How it stands.
    pub says: String,
    /// When.
    pub at: Option<Instant>,
}

struct Stock {
    lines: Vec<CatalogueLine>,
    batches: Vec<Batch>,
    silences: Vec<Silence>,
    set_back: BTreeMap<DataBatchId, SetBackCount>,
}

impl App {
    /// 数据全景 Everything at once.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn data_overview(&self, ctx: &Context, region: RegionCode) -> Result<DataOverview> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                app.may_count(tx, &ctx, region).await?;
                let stock = app.stock_of_data(tx, now).await?;
                let looks = tx.looks_since(since(now)).await?;
                let shares = tx.share_requests(SHOWN).await?;
                let waiting = shares.iter().filter(|(_, one)| one.answer.is_none());
                let over = waiting.clone().filter(|(_, one)| one.due < now.today());
                let shares = (waiting.count(), over.count());
                let records = tx.count_records().await?;
                let pulls = app.pulls_in(tx).await?;
                let hooks = app.hooks_in(tx).await?;
                let asks = app.asks_in(tx).await?;
                let counted = app.counted_data(&stock, (looks, shares, records), now);
                Ok::<_, AppError>(DataOverview {
                    pulls: (pulls.lines.len(), pulls.waiting),
                    hooks: (hooks.lines.len(), hooks.troubled),
                    asks: (asks.lines.len(), asks.answered),
                    ..counted
                })
            })
            .await
    }

    /// 数后面的 The lines a number counts; of one department, where given.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn data_list(
        &self,
        ctx: &Context,
        region: RegionCode,
        of: &DataOf,
        department: Option<&Slug>,
    ) -> Result<DataList> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let (of, department) = (of.clone(), department.cloned());
        self.db
            .look(async move |tx| {
                app.may_count(tx, &ctx, region).await?;
                if let DataOf::Looks(action, role) = &of {
                    return app.looks_list(tx, action, *role, now).await;
                }
                let stock = app.stock_of_data(tx, now).await?;
                Ok::<_, AppError>(app.listed(&stock, &of, department.as_ref()))
            })
            .await
    }

    async fn stock_of_data(&self, tx: &mut Tx, now: Now) -> Result<Stock> {
        Ok(Stock {
            lines: self.catalogue_lines(tx).await?,
            batches: tx.deliveries().await?,
            silences: tx.silences(since(now), SHOWN).await?,
            set_back: tx.set_back_counts().await?,
        })
    }

    fn counted_data(
        &self,
        stock: &Stock,
        (looks, shares, records): Counted,
        now: Now,
    ) -> DataOverview {
        let catalogue = &self.law.pack.data().catalogue;
        let sources = catalogue.departments().map(|one| {
            let own: Vec<&CatalogueLine> = stock
                .lines
                .iter()
                .filter(|line| line.department_id == one.id)
                .collect();
            let batches = stock
                .batches
                .iter()
                .filter(|batch| batch.department == one.id);
            let silent = stock.silences.iter().filter(|gap| gap.department == one.id);
            SourceLine {
                id: one.id.clone(),
                name: one.name.clone(),
                states: states(own.iter().copied()),
                rows: own.iter().map(|line| line.rows).sum(),
                left_out: left_out(stock, Some(&one.id))
                    .iter()
                    .map(|(_, rows)| rows)
                    .sum(),
                refused: batches.clone().filter(|batch| is_refused(batch)).count(),
                late: batches.filter(|batch| batch.late).count(),
                silent: silent.count(),
                as_of: own.iter().filter_map(|line| line.as_of).max(),
            }
        });
        let mut sources: Vec<SourceLine> = sources.collect();
        let worst = |one: &SourceLine| (one.silent + one.refused, one.states[1].1, one.states[2].1);
        sources.sort_by_key(|one| std::cmp::Reverse(worst(one)));
        let refused = stock.batches.iter().filter(|one| is_refused(one)).count();
        let late = stock.batches.iter().filter(|one| one.late).count();
        let left = left_out(stock, None);
        let looks = looks.into_iter().map(|(action, role, count)| {
            let says = did(&action);
            (action, says, role, count)
        });
        DataOverview {
            states: states(stock.lines.iter()),
            records,
            rows: stock.lines.iter().map(|line| line.rows).sum(),
            deliveries: (stock.batches.len(), refused, late),
            left_out: (left.len(), left.iter().map(|(_, rows)| rows).sum()),
            behind: behind(self, stock, now),
            looks: looks.collect(),
            silences: stock.silences.len(),
            shares,
            pulls: (0, 0),
            hooks: (0, 0),
            asks: (0, 0),
            sources,
        }
    }

    fn listed(&self, stock: &Stock, of: &DataOf, department: Option<&Slug>) -> DataList {
        let own = |id: &Slug| department.is_none_or(|one| one == id);
        let category = |line: &CatalogueLine, says: String| DataListLine {
            category: Some(line.id.clone()),
            name: line.name.clone(),
            whose: line.department.clone(),
            says,
            at: None,
        };
        let batch = |one: &Batch, says: String| DataListLine {
            category: Some(one.category.clone()),
            name: self.category_name(&one.category),
            whose: self.law.department(&one.department),
            says,
            at: Some(one.received_at),
        };
        let lines = stock.lines.iter().filter(|line| own(&line.department_id));
        let batches = stock.batches.iter().filter(|one| own(&one.department));
        match of {
            DataOf::State(state) => DataList {
                more: 0,
                says: format!("{}的数据", state.label()),
                lines: lines
                    .filter(|line| line.state == *state)
                    .map(|line| category(line, self.age_words(line)))
                    .collect(),
            },
            DataOf::Refused => DataList {
                more: 0,
                says: "整批退回的".to_owned(),
                lines: batches
                    .filter(|one| is_refused(one))
                    .map(|one| batch(one, reasons(one)))
                    .collect(),
            },
            DataOf::Late => DataList {
                more: 0,
                says: "晚到的".to_owned(),
                lines: batches
                    .filter(|one| one.late)
                    .map(|one| batch(one, format!("说的是 {}", one.as_of)))
                    .collect(),
            },
            DataOf::LeftOut => DataList {
                more: 0,
                says: "有行没收下的".to_owned(),
                lines: left_out(stock, department)
                    .into_iter()
                    .map(|(line, rows)| category(line, format!("{rows} 行没收下")))
                    .collect(),
            },
            DataOf::Silent => DataList {
                more: 0,
                says: format!("{DAYS} 天里核对时没答复的"),
                lines: stock
                    .silences
                    .iter()
                    .filter(|one| own(&one.department))
                    .map(|one| DataListLine {
                        category: None,
                        name: self.law.department(&one.department),
                        whose: format!("核对 {}", one.verification),
                        says: format!("{} 项没答", one.open),
                        at: Some(one.at),
                    })
                    .collect(),
            },
            DataOf::Looks(..) => DataList {
                more: 0,
                says: String::new(),
                lines: Vec::new(),
            },
        }
    }

    async fn looks_list(
        &self,
        tx: &mut Tx,
        action: &str,
        role: Role,
        now: Now,
    ) -> Result<DataList> {
        let (rows, all) = tx.looks_of((action, role), since(now), SHOWN).await?;
        let all = usize::try_from(all).unwrap_or(rows.len());
        let more = all.saturating_sub(rows.len());
        Ok(DataList {
            says: format!("{}，{DAYS} 天里", did(action)),
            more,
            lines: rows
                .into_iter()
                .map(|row| DataListLine {
                    category: None,
                    name: row.actor.account,
                    whose: row.actor.role.label().to_owned(),
                    says: kind_of(&row.subject).to_owned(),
                    at: Some(row.at),
                })
                .collect(),
        })
    }

    fn category_name(&self, id: &Slug) -> String {
        let found = self.law.pack.data().catalogue.category(id);
        found.map_or_else(|| id.to_string(), |one| one.name.clone())
    }

    fn age_words(&self, line: &CatalogueLine) -> String {
        match line.as_of {
            None => "没来过".to_owned(),
            Some(day) => {
                let age = (self.now().today() - day).num_days();
                format!("{}报，最新的是 {age} 天前的", line.rhythm)
            }
        }
    }
}

fn since(now: Now) -> Instant {
    now.at - TimeDelta::days(DAYS)
}

fn states<'a>(lines: impl Iterator<Item = &'a CatalogueLine>) -> [(DataState, usize); 3] {
    let mut counts: BTreeMap<DataState, usize> = BTreeMap::new();
    for line in lines {
        *counts.entry(line.state).or_default() += 1;
    }
    DataState::ALL.map(|state| (state, counts.get(&state).copied().unwrap_or(0)))
}

fn is_refused(batch: &Batch) -> bool {
    matches!(batch.state, BatchState::Refused { .. })
}

fn reasons(batch: &Batch) -> String {
    match &batch.state {
        BatchState::Refused { reasons, .. } => reasons.join("；"),
        _ => String::new(),
    }
}

/// Categories whose standing delivery left rows out that wait to be mended.
fn left_out<'s>(stock: &'s Stock, department: Option<&Slug>) -> Vec<(&'s CatalogueLine, u64)> {
    let mut left = Vec::new();
    for line in &stock.lines {
        if department.is_some_and(|one| *one != line.department_id) {
            continue;
        }
        let accepted = stock.batches.iter().filter_map(|batch| match &batch.state {
            BatchState::Accepted { .. } if batch.category == line.id && batch.mends.is_none() => {
                let waits = waiting_rows(batch, stock.batches.iter());
                let waived = stock.set_back.get(&batch.id).map_or(0, |one| one.waived);
                let waits = waits.saturating_sub(waived.unsigned_abs());
                Some((batch.as_of, batch.id, waits))
            }
            _ => None,
        });
        let last = accepted.max_by_key(|(as_of, id, _)| (*as_of, *id));
        if let Some((_, _, faulty)) = last.filter(|(_, _, faulty)| *faulty > 0) {
            left.push((line, faulty));
        }
    }
    left
}

/// How many of the furthest behind are shown.
const BEHIND: usize = 6;

fn behind(app: &App, stock: &Stock, now: Now) -> Vec<(CatalogueLine, i64)> {
    let catalogue = &app.law.pack.data().catalogue;
    let mut behind: Vec<(CatalogueLine, i64)> = stock
        .lines
        .iter()
        .filter_map(|line| {
            let days = catalogue.category(&line.id)?.frequency.days_fresh();
            let over = (now.today() - line.as_of?).num_days() - i64::from(days);
            (over > 0).then(|| (line.clone(), over))
        })
        .collect();
    behind.sort_by_key(|(_, over)| std::cmp::Reverse(*over));
    behind.truncate(BEHIND);
    behind
}

/// What a look is called.
fn did(action: &str) -> &'static str {
    match action {
        "household.read" => "看家庭画像",
        "person.unmask" => "看遮住的一项",
        "case.read" => "看办件",
        "holo.read" => "全息查询",
        "holo.refused" => "全息查询没让查",
        "holo.none" => "全息查询没查到",
        "verification_requested" => "发起核对",
        "verification_read" => "看核对结果",
        "verification_refused" => "核对没让查",
        "pool.contradictions" => "看对不上的数据",
        _ => "看数据",
    }
}

/// What was looked at, without saying whose.
fn kind_of(subject: &str) -> &'static str {
    match subject.split(':').next() {
        Some("household") => "一户",
        Some("person") => "一个人",
        Some("case") => "一个办件",
        Some("verification") => "一次核对",
        _ => "没有对上谁",
    }
}
