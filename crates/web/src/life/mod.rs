//! 「人生大事」 Pages of life events: registering one and the list of a place (`list`), one
//! event with its steps and its timeline (`one`).

mod list;
mod one;

use crate::guard::May;
use crate::pace::Limit;
use crate::routes::Route;
use kernel::Role;

/// Who registers, confirms and takes back.
pub(crate) const KEEPERS: &[Role] = &[Role::TownOfficer, Role::CountyApprover];

pub(crate) fn routes() -> Vec<Route> {
    let keeps = May::Roles(KEEPERS);
    vec![
        Route::get("/desk/life", keeps, list::show),
        Route::post("/desk/life", keeps, list::begin).paced(Limit::Search),
        Route::get("/desk/life/{event}", keeps, one::show),
        Route::post("/desk/life/{event}", keeps, one::act),
    ]
}
