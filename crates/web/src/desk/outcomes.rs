//! 「准不准的底账」 One number of a rule's precision opened: at whose homes somebody was.
//! Rows: A28.

use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::found::finding_words;
use app::outcomes::{OutcomeLine, OutcomesWanted};
use app::watch::LeadOutcome;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use engine_access::Purpose;
use engine_policy::Finding;
use kernel::Slug;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "desk/outcomes.html")]
struct OutcomesPage {
    page: Page,
    name: String,
    says: &'static str,
    came: &'static str,
    count: i64,
    lines: Vec<OutcomeLine>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    benefit: Slug,
    kind: Finding,
    outcome: LeadOutcome,
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let region = super::list::place(&page)?;
    let ctx = page.acts(Purpose::Duty, "")?;
    let name = site.app.service_name(&asked.benefit);
    let wanted = OutcomesWanted {
        benefit: asked.benefit,
        finding: asked.kind,
        outcome: asked.outcome,
    };
    let (count, lines) = site.app.outcomes(&ctx, region, wanted).await?;
    Ok(html(&OutcomesPage {
        page: page.titled(format!("{name}，去看过的")),
        name,
        says: finding_words(asked.kind).unwrap_or_default(),
        came: super::found::outcome_words(asked.kind, asked.outcome),
        count,
        lines,
    }))
}
