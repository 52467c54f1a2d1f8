//! 「文书」 Papers to take home as PDF, and the page where anybody finds out whether
//! one is genuine.

mod check;
mod give;

pub(crate) use give::pdf;

use crate::desk::OFFICERS;
use crate::guard::May;
use crate::pace::Limit;
use crate::routes::Route;
use crate::site::Site;
use app::papers::PaperAddress;

pub(crate) fn routes() -> Vec<Route> {
    let residents = May::Roles(crate::citizen::RESIDENTS);
    vec![
        Route::get("/papers", May::Anyone, check::ask),
        Route::get("/papers/{code}", May::Anyone, check::show).paced(Limit::Visitor),
        Route::post("/papers/{code}", May::Anyone, check::compare).paced(Limit::Visitor),
        Route::get("/cases/{case}/papers/{what}", residents, give::of_own_case),
        Route::get("/xingfu/paper", residents, give::statement),
        Route::get(
            "/desk/cases/{case}/papers/{what}",
            May::Roles(OFFICERS),
            give::of_case,
        ),
    ]
}

/// Where people check papers.
pub(crate) fn address(site: &Site) -> PaperAddress {
    PaperAddress {
        base: site.settings.address.clone(),
        office: site.settings.office.clone(),
    }
}
