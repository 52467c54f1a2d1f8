//! 「工单」 Pages of orders: the centre's desk, whoever does the work (on a telephone),
//! residents, leaders; and the door where device gateways and other hotlines speak.

mod coverage;
mod desk;
mod figures;
pub(crate) mod gate;
mod mine;
mod partners;
mod settle;
mod typed;
mod work;

use crate::files::served;
use crate::guard::May;
use crate::page::Page;
use crate::routes::Route;
use crate::site::Site;
use crate::trouble::Trouble;
use app::Context;
use axum::extract::{Path, State};
use axum::response::Response;
use engine_access::Purpose;
use engine_order::{Clock, Order};
use kernel::{DocumentId, Instant, OrderId, Role};

/// Who takes calls, dispatches, answers alarms.
pub(crate) const OPERATORS: &[Role] =
    &[Role::AlarmOperator, Role::TownOfficer, Role::CountyApprover];
/// Who keeps the partners of a place: stops, clears, lets in again.
pub(crate) const KEEPERS: &[Role] = &[Role::CountyApprover];
/// Who settles what was done and confirmed.
pub(crate) const SETTLERS: &[Role] = &[Role::Finance];
/// Who takes an order down for somebody.
const TAKERS: &[Role] = &[Role::AlarmOperator, Role::TownOfficer, Role::VillageWorker];
/// Who does the work.
pub(crate) const WORKERS: &[Role] = &[Role::Provider, Role::VillageWorker];
/// Who reads the figures of orders.
pub(crate) const COUNTERS: &[Role] = &[
    Role::Leader,
    Role::AlarmOperator,
    Role::TownOfficer,
    Role::CountyApprover,
];

pub(crate) fn routes() -> Vec<Route> {
    let operators = May::Roles(OPERATORS);
    let workers = May::Roles(WORKERS);
    let residents = May::Roles(crate::citizen::RESIDENTS);
    let counters = May::Roles(COUNTERS);
    vec![
        Route::get("/desk/orders", operators, desk::queue),
        Route::get("/desk/orders/new", May::Roles(TAKERS), desk::new),
        Route::post("/desk/orders/new", May::Roles(TAKERS), desk::take),
        Route::get("/desk/orders/partners", operators, partners::show),
        Route::post(
            "/desk/orders/partners/{provider}",
            May::Roles(KEEPERS),
            partners::rule,
        ),
        Route::get("/desk/orders/settle", May::Roles(SETTLERS), settle::show),
        Route::post("/desk/orders/settle", May::Roles(SETTLERS), settle::act),
        Route::get("/desk/orders/{order}", operators, desk::show),
        Route::post("/desk/orders/{order}", operators, desk::act),
        Route::upload("/desk/orders/{order}/step", operators, desk::step),
        Route::get("/desk/orders/{order}/files/{document}", operators, photo),
        Route::get("/jobs", workers, work::list),
        Route::post(
            "/jobs/standing/{provider}",
            May::Roles(&[Role::Provider]),
            partners::object,
        ),
        Route::get("/jobs/{order}", workers, work::show),
        Route::upload("/jobs/{order}", workers, work::act),
        Route::get("/jobs/{order}/files/{document}", workers, photo),
        Route::get("/orders", residents, mine::list),
        Route::get("/orders/new", residents, mine::new),
        Route::post("/orders/new", residents, mine::ask),
        Route::get("/orders/{order}", residents, mine::show),
        Route::post("/orders/{order}", residents, mine::act),
        Route::get("/orders/{order}/files/{document}", residents, photo),
        Route::get("/cockpit/orders", counters, figures::show),
        Route::get("/cockpit/orders/list", counters, figures::list),
        Route::get("/cockpit/orders/coverage", counters, coverage::show),
        Route::get("/cockpit/orders/coverage/list", counters, coverage::list),
        Route::post("/api/v1/signals", May::Anyone, gate::signal),
        Route::post("/api/v1/lines/orders", May::Anyone, gate::from_line),
        Route::post("/api/v1/lines/answers", May::Anyone, gate::answer),
        Route::get("/api/v1/lines/handed", May::Anyone, gate::handed),
    ]
}

/// Who looks, for their work or for themselves.
fn context(page: &Page, request: impl Into<String>) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let own = crate::citizen::RESIDENTS.contains(&visitor.actor.role);
    let purpose = match own {
        true => Purpose::Own,
        false => Purpose::Duty,
    };
    Ok(visitor.acts(purpose, request))
}

/// A photograph of an order, for everybody who may read the order.
async fn photo(
    State(site): State<Site>,
    page: Page,
    Path((order, document)): Path<(i64, i64)>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let file = site
        .app
        .order_photo(&ctx, OrderId(order), DocumentId(document))
        .await;
    Ok(served(file.map_err(crate::desk::unseen)?))
}

/// A running clock as a page shows it.
pub(crate) struct Light {
    pub(crate) label: &'static str,
    /// `ok`, `warn`, `stop`.
    pub(crate) class: &'static str,
    pub(crate) says: String,
}

/// `12 分钟`, `3 小时`, `2 天`.
pub(crate) fn span(seconds: i64) -> String {
    match seconds.abs() {
        s if s < 60 => format!("{s} 秒"),
        s if s < 3_600 => format!("{} 分 {} 秒", s / 60, s % 60),
        s if s < 86_400 => format!("{} 小时 {} 分", s / 3_600, s % 3_600 / 60),
        s => format!("{} 天", s / 86_400),
    }
}

/// The most urgent running clock.
pub(crate) fn light(order: &Order, now: Instant) -> Option<Light> {
    let running = order.clocks.iter().filter(|clock| clock.stopped.is_none());
    let clock: &Clock = running.min_by_key(|clock| clock.due)?;
    let left = (clock.due - now).num_seconds();
    let whole = (clock.due - clock.from).num_seconds().max(1);
    let (class, says) = match left {
        left if left < 0 => ("stop", format!("超 {}", span(left))),
        left if left * 2 < whole => ("warn", format!("剩 {}", span(left))),
        left => ("ok", format!("剩 {}", span(left))),
    };
    Some(Light {
        label: clock.of.label(),
        class,
        says,
    })
}
