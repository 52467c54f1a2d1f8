//! 「规划指标」 Pages of plans: a plan in a place (`page`), one indicator with its figures
//! (`one`), a report as it was frozen (`report`).
//! Rows: N11.

mod one;
mod page;
mod report;

use crate::guard::May;
use crate::routes::Route;
use engine_insight::Standing;
use kernel::Role;

/// Who reads plans.
pub(crate) const READERS: &[Role] = crate::board::READERS;
/// Who reports, confirms and closes alerts.
const KEEPERS: &[Role] = &[Role::TownOfficer, Role::CountyApprover];
/// Who freezes.
const FREEZERS: &[Role] = &[Role::CountyApprover];

pub(crate) fn routes() -> Vec<Route> {
    let reads = May::Roles(READERS);
    vec![
        Route::get("/desk/plan", reads, page::show),
        Route::post("/desk/plan/freeze", May::Roles(FREEZERS), page::freeze),
        Route::get("/desk/plan/reports/{report}", reads, report::show),
        Route::get("/desk/indicators/{indicator}", reads, one::show),
        Route::post(
            "/desk/indicators/{indicator}",
            May::Roles(KEEPERS),
            one::act,
        ),
        Route::get("/desk/indicators/{indicator}/records", reads, one::records),
    ]
}

/// The colour of where an indicator stands.
pub(crate) fn light(standing: &Standing) -> &'static str {
    match standing {
        Standing::Reached | Standing::OnTrack => "ok",
        Standing::Behind { .. } => "stop",
        Standing::Unknown(_) => "none",
    }
}
