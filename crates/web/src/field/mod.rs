//! 「探访」 The pages for the telephone of who goes to people's doors. What is typed
//! is kept on the telephone by a small script and sent when the line is back;
//! without the script the same pages work as any other.

mod behalf;
mod counter;
mod survey;
mod today;

use crate::guard::May;
use crate::pace::Limit;
use crate::routes::Route;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::Role;

/// Who goes to people's doors.
pub(crate) const FIELD: &[Role] = &[Role::VillageWorker, Role::TownOfficer];

pub(crate) fn routes() -> Vec<Route> {
    let field = May::Roles(FIELD);
    // Whoever fills in sheets has these pages on the telephone too.
    let phones = May::Roles(crate::assess::ASSESSORS);
    vec![
        Route::get("/field", field, today::show),
        Route::get("/field/line", phones, line),
        Route::get("/field/counter", field, counter::show),
        Route::post("/field/counter", field, counter::begin).paced(Limit::Search),
        Route::get("/field/pages.js", phones, pages),
        Route::get("/field/leads", field, today::leads),
        Route::get("/field/leads/{finding}", field, behalf::lead),
        Route::post("/field/leads/{finding}", field, behalf::begin),
        Route::post("/field/leads/{finding}/followed", field, behalf::followed),
        Route::get("/field/apply/{case}", field, behalf::show),
        Route::upload("/field/apply/{case}", field, behalf::fill),
        Route::get("/field/cases/{case}/{step}", field, survey::show),
        Route::upload("/field/cases/{case}/{step}", field, survey::write),
        Route::post("/field/cases/{case}/{step}/sign", field, survey::sign),
    ]
}

/// Whether the line is there and the session holds: asked before a form is sent.
async fn line() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The worker that keeps today's pages on the telephone: for these pages alone.
async fn pages() -> Response {
    let head = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (
            header::HeaderName::from_static("service-worker-allowed"),
            "/field",
        ),
    ];
    let script = include_str!("../../../../web/js/field-pages.js");
    (head, script).into_response()
}
