//! 「工作台」 The pages of town and county officers, village workers and finance.

mod today;

use crate::guard::May;
use crate::routes::Route;
use kernel::Role;

/// Who works with cases.
pub(crate) const OFFICERS: &[Role] = &[
    Role::VillageWorker,
    Role::TownOfficer,
    Role::CountyApprover,
    Role::Finance,
];

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/desk", May::Roles(OFFICERS), today::show)]
}
