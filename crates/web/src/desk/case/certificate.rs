//! 「每一步」 The certificate laid open, judged again while it is looked at.

use super::context;
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::case::file::Steps;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use kernel::CaseId;

#[derive(Template)]
#[template(path = "desk/case/certificate.html")]
struct CertificatePage {
    page: Page,
    steps: Steps,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let ctx = context(&page, case, String::new())?;
    let steps = site.app.certificate_steps(&ctx, case).await;
    let steps = steps.map_err(crate::desk::unseen)?;
    let page = page.titled("规则的每一步");
    Ok(html(&CertificatePage { page, steps }))
}
