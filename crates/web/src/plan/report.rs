//! 「一份冻结的报告」 Every figure as it was, with what it counted and where it came from.

use super::light;
use crate::desk::unseen;
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use engine_access::Purpose;
use engine_insight::{Frozen, Report};
use kernel::ReportId;

#[derive(Template)]
#[template(path = "plan/report.html")]
struct ReportView {
    page: Page,
    name: String,
    report: Report,
}

impl ReportView {
    fn light(&self, one: &Frozen) -> &'static str {
        light(&one.standing)
    }

    /// Where the records it counted are, if it counted any.
    fn records(&self, one: &Frozen) -> Option<String> {
        one.lineage.records.filter(|_| one.value.is_some())?;
        Some(format!(
            "/desk/indicators/{}/records?place={}&report={}",
            one.indicator, self.report.place, self.report.id
        ))
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let report = site.app.plan_report(&ctx, ReportId(id)).await;
    let report = report.map_err(unseen)?;
    let mut plans = site.app.plans().iter();
    let plan = plans.find(|one| one.id == report.plan);
    let name = plan.map_or_else(|| report.plan.to_string(), |one| one.name.clone());
    Ok(html(&ReportView {
        page: page.titled(format!("{name}，{}", report.as_of)),
        name,
        report,
    }))
}
