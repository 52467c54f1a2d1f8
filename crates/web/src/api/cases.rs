//! 「办件」 What waits in the place of the token's account.

use super::ApiFault;
use crate::page::Signed;
use crate::site::Site;
use app::WorkLine;
use axum::extract::State;
use axum::{Extension, Json};
use engine_access::Purpose;
use serde::Serialize;
use utoipa::ToSchema;

/// An open case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CaseView {
    /// Its number.
    case: i64,
    /// The service.
    service: String,
    /// Its name.
    service_name: String,
    /// Who asks.
    applicant_name: String,
    /// How many people the household has.
    people: usize,
    /// The responsible node, twelve digits.
    region: String,
    /// Where it stands, in words.
    stage: String,
    /// The nearest deadline, `2026-09-18`.
    due: Option<String>,
    /// Days left; negative: over.
    days_left: Option<i64>,
}

/// Open cases in the account's place, most urgent first. Reading the
/// list is on record.
#[utoipa::path(
    get, path = "/api/v1/cases", tag = "办件",
    security(("token" = ["cases:read"])),
    responses(
        (status = 200, body = [CaseView]),
        (status = 401, body = ApiFault), (status = 403, body = ApiFault)
    )
)]
pub(crate) async fn list(
    State(site): State<Site>,
    Extension(signed): Extension<Signed>,
) -> Result<Json<Vec<CaseView>>, ApiFault> {
    let visitor = signed.visitor.ok_or_else(ApiFault::token)?;
    let region = visitor
        .region
        .ok_or_else(|| ApiFault::from(app::AppError::refused(engine_access::Refusal::Region)))?;
    let context = visitor.acts(Purpose::Duty, String::new());
    let today = site.now().today();
    let view = |line: WorkLine| CaseView {
        case: line.case.0,
        service: line.service.to_string(),
        service_name: line.service_name,
        applicant_name: line.applicant_name,
        people: line.people,
        region: line.region.to_string(),
        stage: line.stage.to_owned(),
        due: line.deadline.map(|one| one.due.to_string()),
        days_left: line.deadline.map(|one| one.days_left(today)),
    };
    let lines = site.app.whole_worklist(&context, region).await?;
    Ok(Json(lines.into_iter().map(view).collect()))
}
