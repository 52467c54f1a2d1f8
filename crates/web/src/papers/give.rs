//! 「打印」 Papers as PDF; whoever may read what one tells may have it.

use super::address;
use crate::citizen::{MONTHS, Where, context as own};
use crate::page::{Page, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use app::papers::Printed;
use app::{AppError, Context};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine_access::Purpose;
use kernel::{CaseId, Period};

pub(super) async fn of_own_case(
    State(site): State<Site>,
    page: Page,
    Path((case, what)): Path<(i64, String)>,
) -> Result<Response, Trouble> {
    let ctx = own(&page, "")?;
    case_paper(&site, &ctx, case, &what).await
}

pub(super) async fn of_case(
    State(site): State<Site>,
    page: Page,
    Path((case, what)): Path<(i64, String)>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Case(CaseId(case)), "");
    case_paper(&site, &ctx, case, &what).await
}

async fn case_paper(
    site: &Site,
    ctx: &Context,
    case: i64,
    what: &str,
) -> Result<Response, Trouble> {
    let address = address(site);
    let printed = site.app.print_of_case(ctx, CaseId(case), what, &address);
    match printed.await {
        Ok(printed) => Ok(pdf(printed)),
        // Another's case and no case sound the same.
        Err(AppError::Refused(why)) if why.code.starts_with("access.") => Err(Trouble::nothing()),
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn statement(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
) -> Result<Response, Trouble> {
    let ctx = own(&page, "")?;
    let through = Period::of(page.today).plus_months(1);
    let months = (through.plus_months(1 - MONTHS), through);
    let address = address(&site);
    let app = &site.app;
    let printed = app.print_statement(&ctx, at.household(), months, &address);
    Ok(pdf(printed.await?))
}

pub(crate) fn pdf(printed: Printed) -> Response {
    let name = percent(&format!("{} {}.pdf", printed.title, printed.code));
    let shown = format!("inline; filename=\"paper.pdf\"; filename*=UTF-8''{name}");
    let head = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, shown),
    ];
    (head, printed.pdf).into_response()
}
