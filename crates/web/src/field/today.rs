//! 「今天」 The homes that wait for a visit, and what was found in this place.

use crate::desk::{found_address, place, request_key};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use app::field::{Visit, VisitStanding};
use app::found::FoundGroup;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use engine_access::Purpose;
use engine_policy::Finding;

#[derive(Template)]
#[template(path = "field/today.html")]
struct TodayPage {
    page: Page,
    visits: Vec<Visit>,
    leads: Vec<FoundGroup>,
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
        found_address(group)
    }
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let region = place(&page)?;
    let ctx = visitor.acts(Purpose::Duty, request_key()?);
    let visits = site.app.visits(&ctx, region).await?;
    let mut leads = site.app.found(&ctx, region, None).await?.groups;
    leads.retain(|one| {
        matches!(
            one.finding,
            Finding::FoundNotReceiving | Finding::ConsentWouldTell
        )
    });
    Ok(html(&TodayPage {
        page: page.titled("今天要去的"),
        visits,
        leads,
    }))
}
