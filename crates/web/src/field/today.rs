//! 「今天」 The homes that wait for a visit, and what was found in this place.

use crate::desk::{LeadsAsked, Pages, group_query, place, request_key};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::Context;
use app::field::{Visit, VisitStanding};
use app::found::{FoundGroup, FoundLine, finding_words};
use app::order::{HomeCovered, Reached};
use app::visits::ToVisit;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use engine_access::Purpose;
use engine_policy::Finding;
use kernel::{RegionCode, RegionLevel};

#[derive(Template)]
#[template(path = "field/today.html")]
struct TodayPage {
    page: Page,
    visits: Vec<Visit>,
    leads: Vec<FoundGroup>,
    week: ToVisit,
    /// Recurring visits past their day: the kind, its homes, how many in all.
    late: Vec<(String, Vec<HomeCovered>, usize)>,
}

impl TodayPage {
    fn light(&self, visit: &Visit) -> crate::desk::today::Light {
        crate::desk::today::light(&visit.line, self.page.today)
    }

    /// Under which name the telephone keeps what is typed for a visit.
    fn keep(&self, visit: &Visit) -> String {
        super::survey::kept_as(&self.page, visit.line.case, &visit.step)
    }

    fn lead(&self, group: &FoundGroup) -> String {
        format!("/field/leads?{}", group_query(group))
    }
}

/// What is past its day in a worker's own village; a larger place is asked on its board.
async fn late(
    site: &Site,
    ctx: &Context,
    region: RegionCode,
) -> Result<Vec<(String, Vec<HomeCovered>, usize)>, Trouble> {
    let mut late = Vec::new();
    if region.level() != RegionLevel::Village {
        return Ok(late);
    }
    for ty in site.app.recurring() {
        let homes = site
            .app
            .order_coverage_homes(ctx, region, &ty.id, Reached::Overdue);
        let (homes, count) = homes.await?;
        if count > 0 {
            late.push((ty.name.clone(), homes, count));
        }
    }
    Ok(late)
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let region = place(&page)?;
    let ctx = visitor.acts(Purpose::Duty, request_key()?);
    let (visits, found, week) = tokio::try_join!(
        site.app.visits(&ctx, region),
        site.app.found(&ctx, region, None),
        site.app.to_visit(&ctx, region)
    )?;
    let mut leads = found.groups;
    leads.retain(|one| {
        matches!(
            one.finding,
            Finding::FoundNotReceiving | Finding::ConsentWouldTell | Finding::ReceivingNotFound
        )
    });
    Ok(html(&TodayPage {
        page: page.titled("今天要去的"),
        visits,
        leads,
        week,
        late: late(&site, &ctx, region).await?,
    }))
}

#[derive(Template)]
#[template(path = "field/leads.html")]
struct LeadsPage {
    page: Page,
    name: String,
    /// What was found, in words.
    says: &'static str,
    count: i64,
    lines: Vec<FoundLine>,
    pages: Pages,
    /// Homes a worker can call on in a week.
    most: Option<u32>,
    here: String,
}

/// Lines of a page where the pack does not say what a worker can do in a week.
const PAGE: u32 = 20;

pub(super) async fn leads(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<LeadsAsked>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let most = site.app.law().pack.visits_per_week();
    let of = most.filter(|most| *most > 0).unwrap_or(PAGE);
    let wanted = asked.wanted(of).ok_or_else(Trouble::nothing)?;
    let name = site.app.service_name(&wanted.benefit);
    let ctx = visitor.acts(Purpose::Duty, "");
    let found = site
        .app
        .found(&ctx, place(&page)?, Some(wanted.clone()))
        .await?;
    let group = found.groups.iter().find(|one| one.is(&wanted));
    let count = group.map_or(0, |one| one.count);
    Ok(html(&LeadsPage {
        page: page.titled(name.clone()),
        says: finding_words(wanted.finding).unwrap_or_default(),
        pages: Pages::of((wanted.page, of), found.lines.len(), count),
        here: group.map_or_else(String::new, group_query),
        lines: found.lines,
        name,
        count,
        most,
    }))
}
