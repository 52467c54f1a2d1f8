//! 「阳光慈善」 A year of every organisation that keeps funds, for everybody: what came in,
//! what was spent on charity and on running it, each against its limit and source, each
//! number opening to its entries. A keeper's page of what was crossed; what one gave.
//!
//! Rows: H10.

use super::{bad, on_duty, said, slug};
use crate::citizen::context;
use crate::desk::{Taken, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::{filters, yuan_words};
use app::AppError;
use app::ledger::{Fund, NewLook, OrgYear, OrgYearView, OwnGift, YearEntry, YearPart};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Datelike as _;
use engine_ledger::{BaseLine, Counts, Standing, YearCheck};
use kernel::{FundOrgId, Money};
use serde::Deserialize;

/// Which year.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Year {
    year: Option<i32>,
}

fn mark(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Within => ("ok", "在线内"),
        Standing::Crossed => ("warn", "越线，要人看"),
        Standing::NotYet => ("plain", "年还没过完"),
        Standing::Unknown => ("plain", "缺数，算不出"),
    }
}

fn fen(fen: i64) -> String {
    yuan_words(Money::from_fen(fen))
}

/// `至少 70%`.
fn line_words(check: &YearCheck) -> String {
    match (check.limit.least, check.limit.most) {
        (Some(percent), _) => format!("至少 {percent}%"),
        (None, Some(percent)) => format!("至多 {percent}%"),
        (None, None) => String::new(),
    }
}

/// What of the base was counted.
fn share_words(check: &YearCheck, line: &BaseLine) -> String {
    match check.counted.and_then(|counted| line.mille(counted)) {
        Some(mille) => format!("{}.{}%", mille / 10, mille % 10),
        None if line.amount.is_none() || check.counted.is_none() => "不知道".to_owned(),
        None => "—".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "books/years.html")]
struct ListView {
    page: Page,
    year: i32,
    all: Vec<OrgYear>,
    nobodys: Vec<Fund>,
}

impl ListView {
    fn mark(&self, standing: &Standing) -> (&'static str, &'static str) {
        mark(*standing)
    }

    fn fen(&self, of: &i64) -> String {
        fen(*of)
    }

    /// Whether a later year has begun.
    fn later(&self) -> bool {
        self.year < self.page.today.year()
    }

    /// All whose year is known.
    fn sum(&self, what: &str) -> String {
        let sums = self.all.iter().filter_map(|one| one.sums);
        let of = |one: engine_ledger::YearSums| match what {
            "income" => one.income,
            "charity" => one.charity,
            _ => one.admin,
        };
        fen(sums.map(of).sum())
    }

    fn known(&self) -> usize {
        self.all.iter().filter(|one| one.sums.is_some()).count()
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(year): Query<Year>,
) -> Result<Response, Trouble> {
    let year = year.year.unwrap_or_else(|| page.today.year());
    Ok(html(&ListView {
        page: page.titled("慈善信息统计"),
        all: site.app.charity_year(year).await.map_err(unseen)?,
        nobodys: site.app.funds_of_nobody().await?,
        year,
    }))
}

#[derive(Template)]
#[template(path = "books/year.html")]
struct OneView {
    page: Page,
    view: OrgYearView,
}

impl OneView {
    fn mark(&self, standing: &Standing) -> (&'static str, &'static str) {
        mark(*standing)
    }

    fn fen(&self, of: &i64) -> String {
        fen(*of)
    }

    fn line(&self, check: &YearCheck) -> String {
        line_words(check)
    }

    fn share(&self, check: &YearCheck, line: &BaseLine) -> String {
        share_words(check, line)
    }

    /// Where the number that was counted opens.
    fn opens(&self, check: &YearCheck) -> &'static str {
        match check.limit.counts {
            Counts::Charity => "charity",
            Counts::Admin => "admin",
        }
    }

    fn parts(&self) -> [(&'static str, &'static str, Vec<&YearEntry>); 3] {
        let of = |part: YearPart| {
            let all = self.view.entries.iter();
            all.filter(|one| one.part == part).collect()
        };
        [
            ("income", "收入", of(YearPart::Income)),
            ("charity", "慈善支出", of(YearPart::Charity)),
            ("admin", "管理费用", of(YearPart::Admin)),
        ]
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path((org, year)): Path<(i64, i32)>,
) -> Result<Response, Trouble> {
    let view = site.app.org_year(FundOrgId(org), year).await;
    let view = view.map_err(unseen)?;
    Ok(html(&OneView {
        page: page.titled(format!("{}，{year} 年", view.of.org.name)),
        view,
    }))
}

#[derive(Template)]
#[template(path = "books/mine.html")]
struct MineView {
    page: Page,
    gifts: Vec<OwnGift>,
}

impl MineView {
    /// What was given, mistakes left out.
    fn sum(&self) -> String {
        let kept = self.gifts.iter().filter(|one| !one.reversed);
        fen(kept.map(|one| one.amount.fen()).sum())
    }
}

pub(super) async fn mine(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    Ok(html(&MineView {
        gifts: site.app.own_gifts(&ctx).await?,
        page: page.titled("我的慈善记录"),
    }))
}

#[derive(Template)]
#[template(path = "books/crossed.html")]
struct CrossedView {
    page: Page,
    year: i32,
    all: Vec<OrgYear>,
    typed: Taken,
    request: String,
    fault: Option<String>,
}

impl CrossedView {
    fn line(&self, check: &YearCheck) -> String {
        line_words(check)
    }

    fn counted(&self, check: &YearCheck) -> String {
        check.counted.map_or_else(|| "不知道".to_owned(), fen)
    }

    fn shares(&self, check: &YearCheck) -> String {
        let all = check.lines.iter();
        let words = all.map(|line| format!("{}的 {}", line.base.label(), share_words(check, line)));
        words.collect::<Vec<_>>().join("，")
    }

    /// What was crossed, and whether somebody has yet to look.
    fn crossed(&self) -> Vec<(&OrgYear, &YearCheck, bool)> {
        let mut lines = Vec::new();
        for of in &self.all {
            let waits = of.to_look_at();
            for check in of.checks.iter() {
                if check.standing == Standing::Crossed {
                    let open = waits.iter().any(|one| one.limit.id == check.limit.id);
                    lines.push((of, check, open));
                }
            }
        }
        lines
    }

    fn typed(&self, field: &str) -> String {
        self.typed.get(field)
    }
}

async fn draw(site: &Site, page: Page, year: Option<i32>) -> Result<CrossedView, Trouble> {
    let year = year.unwrap_or_else(|| page.today.year());
    Ok(CrossedView {
        page: page.titled("越线的年度比例"),
        all: site.app.charity_year(year).await.map_err(unseen)?,
        year,
        typed: Taken::default(),
        request: request_key()?,
        fault: None,
    })
}

pub(super) async fn crossed(
    State(site): State<Site>,
    page: Page,
    Query(year): Query<Year>,
) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, year.year).await?))
}

pub(super) async fn look(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let year = taken.get("year").parse().ok();
    match looked(&site, &page, &taken).await {
        Ok(year) => Ok(Redirect::to(&format!("/desk/funds/years?year={year}")).into_response()),
        Err(why) => {
            let fault = Some(said(why)?);
            let view = draw(&site, page, year).await?;
            let view = CrossedView {
                typed: taken,
                fault,
                ..view
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}

async fn looked(site: &Site, page: &Page, taken: &Taken) -> Result<i32, AppError> {
    let ctx = on_duty(page, taken.get("request")).map_err(|_| bad("请先登录"))?;
    let again = |_| bad("请再点一次");
    let year = taken.get("year").parse().map_err(again)?;
    let look = NewLook {
        org: FundOrgId(taken.get("org").parse().map_err(again)?),
        year,
        limit: slug(taken, "limit")?,
        says: taken.get("says"),
    };
    site.app.look_at_limit(&ctx, look).await?;
    Ok(year)
}
