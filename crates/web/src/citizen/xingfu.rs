//! 「幸福清单」和「三问」 What came, month by month and from whom; and the three
//! questions everybody asks, answered on one page.
//! Rows: A16.

use super::{Where, context};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::{filters, yuan_words};
use app::WorkLine;
use app::payment::{Statement, StatementLine};
use app::resident::{Finding, HouseholdCheck};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use engine_case::Phase;
use kernel::{Date, Money, Period};

/// How many months a statement shows.
pub(crate) const MONTHS: i32 = 12;

/// What one service brought.
struct Given {
    name: String,
    total: Money,
    /// Listed and not arrived, as words.
    waits: Option<String>,
    /// How many payments arrived.
    times: usize,
    /// The last day one arrived.
    last: Option<Date>,
    lines: Vec<StatementLine>,
}

/// What arrived, by service, in the order of the statement.
fn given(statement: &Statement) -> Vec<Given> {
    let mut all: Vec<Given> = Vec::new();
    for line in &statement.lines {
        let place = all.iter().position(|one| one.name == line.name);
        let place = place.unwrap_or_else(|| {
            all.push(Given {
                name: line.name.clone(),
                total: Money::ZERO,
                waits: None,
                times: 0,
                last: None,
                lines: Vec::new(),
            });
            all.len() - 1
        });
        let one = &mut all[place];
        if let Some(day) = line.paid_on {
            let paid = statement.totals.by_programme.get(&line.programme);
            one.total = paid.copied().unwrap_or(Money::ZERO);
            one.times += 1;
            one.last = one.last.max(Some(day));
        }
        if line.paid_on.is_none() {
            one.waits = Some(format!("{} 元，{}", yuan_words(line.amount), line.says));
        }
        one.lines.push(line.clone());
    }
    all
}

fn month_words(period: &Period) -> String {
    format!("{} 年 {} 月", period.year(), period.month())
}

/// A household looked over, what it was paid, its cases. Each reading is on record
/// before it is shown: together, one commit does for all.
async fn looked_over(
    site: &Site,
    page: &Page,
    at: Where,
) -> Result<(HouseholdCheck, Statement, Vec<WorkLine>), Trouble> {
    let ctx = context(page, "")?;
    let home = match at.household() {
        Some(home) => home,
        None => site.app.own_home(&ctx).await?,
    };
    // The month to come is on its list before it begins.
    let through = Period::of(page.today).plus_months(1);
    let from = through.plus_months(1 - MONTHS);
    let (check, statement, mut lines) = tokio::try_join!(
        site.app.check_household(&ctx, Some(home)),
        site.app.statement(&ctx, home, from, through),
        site.app.own_cases(&ctx)
    )?;
    lines.retain(|line| {
        let soon = matches!(
            line.phase,
            Phase::Submitted | Phase::Returned | Phase::Handling | Phase::Granted
        );
        soon && line.household == home
    });
    Ok((check, statement, lines))
}

#[derive(Template)]
#[template(path = "citizen/xingfu.html")]
struct XingfuPage {
    page: Page,
    at: Where,
    check: HouseholdCheck,
    statement: Statement,
    given: Vec<Given>,
    /// Granted and not yet paid, and what is being handled.
    coming: Vec<WorkLine>,
}

impl XingfuPage {
    /// Whether the bank sent a payment back.
    fn came_back(&self) -> bool {
        self.statement
            .lines
            .iter()
            .any(|line| line.state == "returned")
    }
}

pub(crate) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
) -> Result<Response, Trouble> {
    let (check, statement, coming) = looked_over(&site, &page, at).await?;
    let mut page = page.titled("幸福清单");
    page.solemn = check.solemn;
    Ok(html(&XingfuPage {
        page,
        at,
        given: given(&statement),
        check,
        statement,
        coming,
    }))
}

#[derive(Template)]
#[template(path = "citizen/three.html")]
struct ThreePage {
    page: Page,
    at: Where,
    check: HouseholdCheck,
    statement: Statement,
    given: Vec<Given>,
    running: Vec<WorkLine>,
}

pub(crate) async fn three(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
) -> Result<Response, Trouble> {
    let (check, statement, running) = looked_over(&site, &page, at).await?;
    let mut page = page.titled("三问");
    page.solemn = check.solemn;
    Ok(html(&ThreePage {
        page,
        at,
        given: given(&statement),
        check,
        statement,
        running,
    }))
}
