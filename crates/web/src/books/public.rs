//! 「阳光慈善」 Funds and campaigns for everybody: what came in, what it was spent on, when it
//! must be shown; late is said. A named donor is shown as they asked to be.
//!
//! Rows: H01, H02, H03, H04, H17.

use crate::desk::unseen;
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::{filters, yuan_words};
use app::ledger::FundView;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use engine_ledger::Due;
use kernel::{AccountId, Money};

#[derive(Template)]
#[template(path = "books/charity.html")]
struct ListView {
    page: Page,
    funds: Vec<FundView>,
}

impl ListView {
    fn received(&self) -> String {
        let all = self.funds.iter().map(|one| one.received.fen());
        yuan_words(Money::from_fen(all.sum()))
    }

    fn spent(&self) -> String {
        let all = self.funds.iter().map(|one| one.spent.fen());
        yuan_words(Money::from_fen(all.sum()))
    }

    fn late(&self, one: &FundView) -> i64 {
        one.late(self.page.today)
    }

    fn late_ones(&self) -> usize {
        let late = self.funds.iter().filter(|one| self.late(one) > 0);
        late.count()
    }
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&ListView {
        page: page.titled("善款公开"),
        funds: site.app.public_funds().await?,
    }))
}

#[derive(Template)]
#[template(path = "books/fund_public.html")]
struct OneView {
    page: Page,
    view: FundView,
}

impl OneView {
    fn fen(&self, fen: &i64) -> String {
        yuan_words(Money::from_fen(*fen))
    }

    fn late(&self) -> i64 {
        self.view.late(self.page.today)
    }

    fn due_late(&self, due: &Due) -> i64 {
        due.late_days(self.page.today)
    }

    /// Per cent of what was spent, one decimal.
    fn share(&self, line: &app::ledger::PurposeLine) -> String {
        match self.view.share(line) {
            Some(mille) => format!("{}.{}%", mille / 10, mille % 10),
            None => "还没有用".to_owned(),
        }
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(fund): Path<i64>,
) -> Result<Response, Trouble> {
    let view = site.app.public_fund(AccountId(fund)).await;
    let view = view.map_err(unseen)?;
    Ok(html(&OneView {
        page: page.titled(view.fund.name.clone()),
        view,
    }))
}
