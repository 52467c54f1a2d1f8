//! 「从部门的库拉」 Pages of a department's own PostgreSQL, through the same pull and the
//! same gate as pages over HTTP. Only the columns that were agreed are asked for. An
//! edition is the newest day and the number of rows: when either changes between two
//! pages the pull begins anew. A row changed in place in that time is taken as it was
//! when its page was read.

use super::{PageSource, PullPlan};
use crate::verify::wire::PageReply;
use engine_pool::NoAnswer;
use engine_pool::config::{AS_OF, RECORD_NO};
use kernel::{Date, Slug};
use std::collections::BTreeMap;
use store::{PartnerDb, PartnerView};

/// Databases of departments, by what is read there.
#[derive(Default)]
pub struct DatabasePages {
    tapped: BTreeMap<Slug, Tapped>,
}

/// A view of a department's database.
pub struct Tapped {
    db: PartnerDb,
    view: String,
}

impl Tapped {
    /// A view, `schema.name`, whose columns are called as the catalogue calls them.
    pub fn new(db: PartnerDb, view: impl Into<String>) -> Tapped {
        let view = view.into();
        Tapped { db, view }
    }
}

impl DatabasePages {
    /// Adds where a category is read.
    pub fn tap(&mut self, category: Slug, tapped: Tapped) -> &mut Self {
        self.tapped.insert(category, tapped);
        self
    }
}

impl PageSource for DatabasePages {
    async fn page(
        &self,
        plan: &PullPlan,
        columns: &[String],
        after: Option<String>,
    ) -> Result<PageReply, NoAnswer> {
        let tapped = self.tapped.get(&plan.category);
        let tapped = tapped.ok_or_else(|| NoAnswer::Failed("没有接这类数据的库".to_owned()))?;
        let view = PartnerView {
            view: tapped.view.clone(),
            columns: columns.to_vec(),
            key: RECORD_NO.0.to_owned(),
            as_of: AS_OF.0.to_owned(),
        };
        let asked = plan.rhythm.page_rows;
        let page = tapped.db.page(&view, after.as_deref(), asked).await;
        let page = page.map_err(|why| {
            // What the database says may name its tables: for our log, not for a page.
            tracing::warn!(category = %plan.category, why = ?why, "a partner's database");
            NoAnswer::Unreachable
        })?;
        let untrusted = |why: &str| NoAnswer::Untrusted(why.to_owned());
        let as_of = page.as_of.as_deref().map(str::parse::<Date>).transpose();
        let as_of = as_of.map_err(|_| untrusted("数据日期不是日期"))?;
        let as_of = as_of.ok_or_else(|| untrusted("视图是空的，一行也没有"))?;
        let last = page.rows.last().and_then(|row| row.get(RECORD_NO.0));
        let next = match page.rows.len() < asked as usize {
            true => None,
            false => last.cloned(),
        };
        Ok(PageReply {
            category: plan.category.clone(),
            edition: format!("{as_of}-{}", page.total),
            as_of,
            total: page.total.unsigned_abs(),
            rows: page.rows,
            next,
        })
    }
}
