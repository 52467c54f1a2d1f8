//! 「扫码」 A resident shows a code; who scans chooses what to ask and says why.

use super::Taken;
use crate::page::{Page, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::xingfuma::Scanned;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use engine_access::Purpose;
use kernel::Role;

/// Who is shown codes.
pub(crate) const SCANNERS: &[Role] = &[Role::VillageWorker, Role::TownOfficer];

#[derive(Template)]
#[template(path = "desk/scan.html")]
struct ScanPage {
    page: Page,
    /// Id and name of what can be asked about.
    services: Vec<(String, String)>,
    code: String,
    service: String,
    why: String,
    told: Option<Scanned>,
    fault: Option<String>,
}

fn drawn(site: &Site, page: Page) -> ScanPage {
    let services = site.app.law().pack.services();
    ScanPage {
        page: page.titled("扫幸福码"),
        services: services
            .iter()
            .map(|one| (one.id.to_string(), one.name.clone()))
            .collect(),
        code: String::new(),
        service: String::new(),
        why: String::new(),
        told: None,
        fault: None,
    }
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Response {
    html_as(StatusCode::OK, &drawn(&site, page))
}

pub(super) async fn scan(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, "");
    let (code, service, why) = (taken.get("code"), taken.get("service"), taken.get("why"));
    let asked = match service.parse() {
        Ok(service) => site.app.scan_code(&ctx, &code, &service, &why).await,
        Err(_) => Err(AppError::BadInput("请选要看哪一项".to_owned())),
    };
    let mut drawn = drawn(&site, page);
    drawn.service = service;
    drawn.why = why;
    let status = match asked {
        Ok(told) => {
            drawn.told = Some(told);
            StatusCode::OK
        }
        Err(AppError::BadInput(says)) => {
            drawn.code = code;
            drawn.fault = Some(says);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(other) => return Err(other.into()),
    };
    Ok(html_as(status, &drawn))
}
