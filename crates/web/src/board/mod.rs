//! 「驾驶舱」 The pages of leaders and of those who run the house. Health for
//! machines first.

use crate::guard::May;
use crate::routes::Route;
use crate::site::Site;
use axum::extract::State;
use axum::http::StatusCode;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", May::Anyone, healthy),
        Route::get("/readyz", May::Anyone, ready),
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
