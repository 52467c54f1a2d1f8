//! 「核对报告」 The report of a case's verification, as kept, to the byte.

use super::ApiFault;
use crate::page::Signed;
use crate::site::Site;
use app::AppError;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine_access::Purpose;
use kernel::CaseId;

/// The newest report of a case's verification, the very bytes that were kept. Reading
/// it is on record.
#[utoipa::path(
    get, path = "/api/v1/cases/{case}/check", tag = "核对",
    params(("case" = i64, Path, description = "办件号")),
    security(("token" = ["checks:read"])),
    responses(
        (status = 200, content_type = "application/json"), (status = 400, body = ApiFault),
        (status = 401, body = ApiFault), (status = 403, body = ApiFault),
        (status = 404, body = ApiFault)
    )
)]
pub(crate) async fn report(
    State(site): State<Site>,
    Extension(signed): Extension<Signed>,
    Path(case): Path<i64>,
) -> Result<Response, ApiFault> {
    let visitor = signed.visitor.ok_or_else(ApiFault::token)?;
    let case = CaseId(case);
    let ctx = visitor.acts(Purpose::Case(case), String::new());
    let given = match site.app.check_report(&ctx, case).await {
        // Another's case and no case sound the same.
        Err(AppError::Refused(why)) if why.code.starts_with("access.") => None,
        given => given?,
    };
    let given = given.ok_or_else(ApiFault::nothing)?;
    let head = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    Ok((head, given.text).into_response())
}
