//! 「驾驶舱」 The pages of leaders and of those who run the house. Health for
//! machines first.

mod asks;
mod audit;
mod chart;
mod cockpit;
mod data;
mod hooks;
mod list;
mod map;
mod metrics;

pub(crate) use audit::WATCHERS;
pub(crate) use cockpit::READERS;
pub(crate) use data::DATA_READERS;
pub(crate) use metrics::{Counts, count};

use crate::guard::May;
use crate::routes::Route;
use crate::site::Site;
use axum::extract::State;
use axum::http::StatusCode;
use engine_access::Scope;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", May::Anyone, healthy),
        Route::get("/readyz", May::Anyone, ready),
        Route::get("/audit", May::Roles(WATCHERS), audit::list),
        Route::get("/audit/{row}", May::Roles(WATCHERS), audit::row),
        Route::get("/audit/{row}/proof.json", May::Roles(WATCHERS), audit::file),
        Route::get("/cockpit", May::Roles(READERS), cockpit::show),
        Route::get("/cockpit/list", May::Roles(READERS), list::show),
        Route::get("/cockpit/map", May::Roles(READERS), map::show),
        Route::get("/board/data", May::Roles(DATA_READERS), data::show),
        Route::get("/board/data/list", May::Roles(DATA_READERS), data::list),
        Route::get("/board/data/pulls", May::Roles(DATA_READERS), data::pulls),
        Route::get("/board/data/asks", May::Roles(DATA_READERS), asks::show),
        Route::get("/board/data/hooks", May::Roles(DATA_READERS), hooks::show),
        Route::post(
            "/board/data/hooks/{agreement}",
            May::Proved(hooks::STOPPERS),
            hooks::act,
        ),
        Route::get("/metrics", May::Scope(Scope::MetricsRead), metrics::show),
    ]
}

/// The process answers.
async fn healthy() -> &'static str {
    "ok\n"
}

/// The database answers too.
async fn ready(State(site): State<Site>) -> (StatusCode, &'static str) {
    match site.app.is_ready().await {
        true => (StatusCode::OK, "ready\n"),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        ),
    }
}
