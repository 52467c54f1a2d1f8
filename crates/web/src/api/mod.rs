//! 「接口」 What programs ask: JSON under `/api/v1`, described by an OpenAPI 3.1
//! document made from these very handlers. A program shows a token; the token's
//! scopes narrow what its account may do. Errors are JSON with the same words.

mod ask;
mod cases;
mod checks;
mod data;
mod document;
mod fault;
mod services;
mod tokens;

pub(crate) use fault::ApiFault;

use crate::guard::May;
use crate::pace::Limit;
use crate::routes::Route;
use engine_access::Scope;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api", May::Anyone, document::page),
        Route::get("/api/v1/openapi.json", May::Anyone, document::json),
        Route::get("/api/v1/services", May::Anyone, services::list).paced(Limit::Api),
        Route::get("/api/v1/services/{service}", May::Anyone, services::one).paced(Limit::Api),
        Route::post(
            "/api/v1/judgements",
            May::Scope(Scope::PolicyRead),
            services::judge,
        )
        .paced(Limit::Api),
        Route::get("/api/v1/cases", May::Scope(Scope::CasesRead), cases::list).paced(Limit::Api),
        Route::get(
            "/api/v1/cases/{case}/check",
            May::Scope(Scope::ChecksRead),
            checks::report,
        )
        .paced(Limit::Api),
        Route::get("/api/v1/data", May::Anyone, data::dictionary).paced(Limit::Api),
        Route::stream("/api/v1/data/{category}", May::Party, data::push).paced(Limit::Push),
        Route::post("/api/v1/ask/records/{category}", May::Party, ask::records).paced(Limit::Push),
        Route::post("/api/v1/ask/receives", May::Party, ask::receives).paced(Limit::Push),
        Route::post("/api/v1/ask/statistics", May::Party, ask::statistics).paced(Limit::Push),
        Route::get("/desk/tokens", May::Signed, tokens::show),
        Route::post("/desk/tokens", May::Proved(tokens::OWNERS), tokens::issue),
        Route::post("/desk/tokens/{token}/revoke", May::Signed, tokens::revoke),
    ]
}
