//! 「人生大事」 Pages of life events: registering one and the list of a place (`list`), one
//! event with its steps and its timeline (`one`).

mod list;
mod one;

use crate::desk::Taken;
use crate::guard::May;
use crate::pace::Limit;
use crate::routes::Route;
use app::AppError;
use kernel::{Date, PersonNumber, Role};

/// Who registers, confirms and takes back.
pub(crate) const KEEPERS: &[Role] = &[Role::TownOfficer, Role::CountyApprover];

/// A card's number from a form.
fn number(taken: &Taken, name: &str, today: Date) -> Result<PersonNumber, AppError> {
    let read = PersonNumber::parse_on(taken.get(name).trim(), today);
    read.map_err(|why| AppError::BadInput(why.to_string()))
}

pub(crate) fn routes() -> Vec<Route> {
    let keeps = May::Roles(KEEPERS);
    vec![
        Route::get("/desk/life", keeps, list::show),
        Route::post("/desk/life", keeps, list::begin).paced(Limit::Search),
        Route::get("/desk/life/{event}", keeps, one::show),
        Route::post("/desk/life/{event}", keeps, one::act),
    ]
}
