//! 「定时拉取」 What departments do not send is fetched: page after page, each kept in
//! one transaction with the mark of how far it came, so that a house that dies goes on
//! where it was. When all pages are here they become one file before the one gate. The
//! same edition pulled twice is one delivery. Absent: where pages come from
//! ([`PageSource`]) and what a page means for the others (engine-pool).

mod database;
mod http;
mod told;
mod whole;

pub use database::{DatabasePages, Tapped};
pub use engine_pool::pull::{Attempt, Pull, PullEnd, Rhythm};
pub use http::DepartmentPages;
pub use told::{PullLine, PullTold, in_words};

use crate::verify::wire::PageReply;
use crate::{App, Context, Result};
use engine_access::{Grant, Holder, Purpose};
use engine_pool::pull::{Edition, Next, PageHeard};
use engine_pool::{Agreement, NoAnswer, Term, Way};
use futures_util::StreamExt as _;
use kernel::{Actor, Role, Slug};
use std::future::Future;
use std::sync::Arc;
use store::{PullRun, Tx};

/// Pulls under way at once.
const AT_ONCE: usize = 4;
/// The longest mark or cursor, bytes.
const MARK_MAX: usize = 500;
/// The most bytes of one pull: as much as a delivery over the wire may have.
const BYTES_MAX: u64 = crate::import::ARRIVAL_BYTES_MAX;

/// 拉取计划 A category that is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullPlan {
    /// From whom.
    pub department: Slug,
    /// What.
    pub category: Slug,
    /// How.
    pub rhythm: Rhythm,
}

/// Where pages come from: a department's address, a department's database.
pub trait PageSource: Sync {
    /// The page after `after` (absent: the first one). `columns`: what was agreed, by id,
    /// the three columns every record has first.
    fn page(
        &self,
        plan: &PullPlan,
        columns: &[String],
        after: Option<String>,
    ) -> impl Future<Output = Result<PageReply, NoAnswer>> + Send;
}

/// What a round of pulls did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PullRound {
    /// Pulls that ended with a delivery before the gate.
    pub ended: usize,
    /// Pulls that wait for a department.
    pub waiting: usize,
}

/// How a pull stands when it stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pulled {
    /// It was not time.
    NotDue,
    /// It ended.
    Ended(PullEnd),
    /// It waits, and why.
    Waits(String),
}

impl App {
    /// 拉一轮 Everything that is due, several at once. A department that keeps silent
    /// holds up nobody else.
    ///
    /// # Errors
    /// The first fault of the store; the others were tried all the same.
    pub async fn pull_round<S: PageSource>(
        &self,
        plans: &[PullPlan],
        from: &S,
    ) -> Result<PullRound> {
        let pulls = plans.iter().map(|plan| self.pull(plan, from));
        let done: Vec<Result<Pulled>> = futures_util::stream::iter(pulls)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut round = PullRound::default();
        for one in done {
            match one? {
                Pulled::NotDue => {}
                Pulled::Ended(_) => round.ended += 1,
                Pulled::Waits(_) => round.waiting += 1,
            }
        }
        Ok(round)
    }

    /// 拉 One category, if it is time: from the page after the last one that is here to
    /// the end, or until the department does not answer.
    ///
    /// # Errors
    /// The store's; that another process pulls it at the same moment.
    pub async fn pull<S: PageSource>(&self, plan: &PullPlan, from: &S) -> Result<Pulled> {
        let mut run = self.pull_run(plan).await?;
        if !run.state.is_due(run.done, &plan.rhythm, self.now()) {
            return Ok(Pulled::NotDue);
        }
        let (agreement, term) = match self.pull_agreement(plan) {
            Ok(found) => found,
            Err(why) => return self.wait(plan, run, why).await,
        };
        while !run.state.is_whole() {
            match self.one_page(plan, &term, &mut run, from).await? {
                Ok(()) => {}
                Err(why) => return self.wait(plan, run, why).await,
            }
        }
        self.whole(plan, run, &agreement).await
    }

    /// Asks for a page and keeps it; why there is none otherwise.
    async fn one_page<S: PageSource>(
        &self,
        plan: &PullPlan,
        term: &Term,
        run: &mut PullRun<Pull>,
        from: &S,
    ) -> Result<Result<(), String>> {
        let pages = run.state.under_way.as_ref().map_or(0, |one| one.pages);
        let after = match pages {
            0 => None,
            _ => self.kept_page(plan, pages).await?.next,
        };
        let began = self.now();
        let columns = self.agreed_columns(plan, term);
        let asked = from.page(plan, &columns, after.clone()).await;
        let page = match asked.map_err(|why| why.to_string()) {
            Ok(page) => page,
            Err(why) => return Ok(Err(why)),
        };
        if let Err(why) = self.believable(plan, term, &page, after.as_deref()) {
            return Ok(Err(why));
        }
        let now = self.now();
        let body = serde_json::to_vec(&page).map_err(store::StoreError::fault)?;
        let heard = PageHeard {
            edition: Edition {
                mark: page.edition.clone(),
                as_of: page.as_of,
                rows: page.total,
            },
            rows: page.rows.len() as u64,
            bytes: body.len() as u64,
            last: page.next.is_none(),
            took_ms: (now.at - began.at).num_milliseconds().unsigned_abs(),
        };
        let before = run.state.under_way.as_ref().map_or(0, |one| one.bytes);
        if before + heard.bytes > BYTES_MAX {
            run.state.drop_pages();
            return Ok(Err(format!("一次拉取超过 {BYTES_MAX} 字节")));
        }
        let next = run.state.heard(&heard, now);
        self.keep_page(plan, run, body, next).await?;
        Ok(match run.state.is_restless() {
            true => {
                run.state.drop_pages();
                Err("翻页的时候数据一直在变，拼不成完整的一份".to_owned())
            }
            false => Ok(()),
        })
    }

    fn agreed_columns(&self, plan: &PullPlan, term: &Term) -> Vec<String> {
        let Some(category) = self.law.pack.data().catalogue.category(&plan.category) else {
            return Vec::new();
        };
        let ids = engine_pool::gate::column_ids(category)
            .into_iter()
            .enumerate();
        ids.filter(|(at, id)| *at < 3 || term.fields.contains(*id))
            .map(|(_, id)| id.to_owned())
            .collect()
    }

    /// Whether a page is what was asked for, within what was agreed.
    fn believable(
        &self,
        plan: &PullPlan,
        term: &Term,
        page: &PageReply,
        after: Option<&str>,
    ) -> Result<(), String> {
        if page.category != plan.category {
            return Err("答的不是问的那类数据".to_owned());
        }
        let marks = [Some(&page.edition), page.next.as_ref()];
        let long = marks
            .into_iter()
            .flatten()
            .any(|one| one.len() > MARK_MAX || one.is_empty());
        if long || page.rows.len() > plan.rhythm.page_rows as usize * 2 {
            return Err("这一页比要的大得多，或者翻页记号不对".to_owned());
        }
        if page.next.is_some() && (page.rows.is_empty() || page.next.as_deref() == after) {
            return Err("翻页翻不动了：这一页是空的，或者又指回这一页".to_owned());
        }
        let Some(category) = self.law.pack.data().catalogue.category(&plan.category) else {
            return Err(format!("数据目录里没有“{}”这类数据", plan.category));
        };
        let columns: std::collections::BTreeSet<&String> =
            page.rows.iter().flat_map(|row| row.keys()).collect();
        let columns: Vec<&String> = columns.into_iter().collect();
        term.allows(category, &columns)
            .map_err(|why| why.to_string())
    }

    /// The page and how far it brought the pull: both or neither.
    async fn keep_page(
        &self,
        plan: &PullPlan,
        run: &mut PullRun<Pull>,
        body: Vec<u8>,
        next: Next,
    ) -> Result<()> {
        let (plan, saved) = (plan.clone(), run.clone());
        let (source, now) = (plan.department.to_string(), self.now());
        self.db
            .write(async move |tx: &mut Tx| {
                let run = PullRun {
                    tried: Some(now.at),
                    ..saved.clone()
                };
                let pages = run.state.under_way.as_ref().map_or(0, |one| one.pages);
                match next {
                    Next::Anew => tx.drop_pull_pages(&source, &plan.category).await?,
                    Next::More | Next::Whole => {
                        let no = i64::from(pages);
                        tx.add_pull_page(&source, &plan.category, no, &body).await?;
                    }
                }
                tx.save_pull_run(&source, &plan.category, &run).await
            })
            .await?;
        run.version += 1;
        Ok(())
    }

    async fn kept_page(&self, plan: &PullPlan, no: u32) -> Result<PageReply> {
        let (source, category) = (plan.department.to_string(), plan.category.clone());
        let body = self
            .db
            .read(async move |tx| tx.pull_page(&source, &category, i64::from(no)).await)
            .await?;
        let gone = || store::StoreError::fault("a page of a pull is gone");
        let page = serde_json::from_slice(&body.ok_or_else(gone)?);
        Ok(page.map_err(store::StoreError::fault)?)
    }

    async fn pull_run(&self, plan: &PullPlan) -> Result<PullRun<Pull>> {
        let (source, category) = (plan.department.to_string(), plan.category.clone());
        let found = self
            .db
            .read(async move |tx| tx.pull_run::<Pull>(&source, &category).await)
            .await?;
        Ok(found.unwrap_or(PullRun {
            version: 0,
            done: None,
            tried: None,
            state: Pull::default(),
        }))
    }

    /// Waits, longer each time; on record.
    async fn wait(&self, plan: &PullPlan, mut run: PullRun<Pull>, why: String) -> Result<Pulled> {
        let now = self.now();
        run.state.silent(why.clone(), &plan.rhythm, now);
        run.tried = Some(now.at);
        let (plan, ctx, says) = (plan.clone(), fetching(&plan.department), why.clone());
        self.db
            .write(async move |tx: &mut Tx| {
                let source = plan.department.to_string();
                if run.state.under_way.is_none() {
                    tx.drop_pull_pages(&source, &plan.category).await?;
                }
                tx.save_pull_run(&source, &plan.category, &run).await?;
                let subject = format!("category:{}", plan.category);
                ctx.record(tx, "pool.pull_waits", &subject, &says, now)
                    .await
            })
            .await?;
        Ok(Pulled::Waits(why))
    }

    /// What was agreed about it today; why it may not be fetched otherwise.
    fn pull_agreement(&self, plan: &PullPlan) -> Result<(Agreement, Term), String> {
        let agreements = &self.law.pack.data().agreements;
        let today = self.now().today();
        let found = agreements.with(&plan.department, &plan.category, Way::In, today);
        let (agreement, term) = found.map_err(|why| why.to_string())?;
        Ok((agreement.clone(), term.clone()))
    }

    /// A department's data comes in by its agreement, as long as it runs.
    fn pull_grants(&self, plan: &PullPlan, agreement: &Agreement) -> Arc<[Grant]> {
        let region = self.law.pack.region();
        let grant = region.map(|region| Grant {
            holder: Holder::Account(plan.department.to_string()),
            role: Role::DepartmentMachine,
            region,
            from: agreement.from,
            to: Some(agreement.until),
        });
        grant.into_iter().collect()
    }
}

/// In whose name a department's pages come in.
fn fetching(department: &Slug) -> Context {
    Context {
        actor: Actor {
            account: department.to_string(),
            person: None,
            role: Role::DepartmentMachine,
        },
        purpose: Purpose::Collection,
        request: "pull".to_owned(),
    }
}
