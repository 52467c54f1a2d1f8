//! 「评估」 Pages of assessments: the sheet on a telephone (`fill`), results, ranking and
//! confirmation at the desk (`desk`), random draws (`draw`), a resident's own (`mine`).

mod desk;
mod draw;
mod fill;
mod mine;

use crate::guard::May;
use crate::pace::Limit;
use crate::routes::Route;
use crate::trouble::Trouble;
use app::AppError;
use kernel::Role;

/// Who fills in sheets.
pub(crate) const ASSESSORS: &[Role] =
    &[Role::VillageWorker, Role::TownOfficer, Role::CountyApprover];
/// Who sees results and ranking.
const READERS: &[Role] = ASSESSORS;
/// Who draws lots.
const DRAWERS: &[Role] = &[Role::CountyApprover];

pub(crate) fn routes() -> Vec<Route> {
    let (fills, reads) = (May::Roles(ASSESSORS), May::Roles(READERS));
    let own = May::Roles(crate::citizen::RESIDENTS);
    vec![
        Route::get("/field/assess", fills, fill::list),
        Route::post("/field/assess", fills, fill::begin).paced(Limit::Search),
        Route::get("/field/assess/{assessment}", fills, fill::show),
        Route::post("/field/assess/{assessment}", fills, fill::write),
        Route::get("/desk/assess", reads, desk::list),
        Route::get("/desk/assess/{assessment}", reads, desk::show),
        Route::post("/desk/assess/{assessment}/act", reads, desk::act),
        Route::get("/desk/draws", May::Roles(DRAWERS), draw::list),
        Route::post("/desk/draws", May::Roles(DRAWERS), draw::make),
        Route::post("/desk/bodies", May::Roles(DRAWERS), draw::body),
        Route::get("/desk/draws/{draw}", reads, draw::show),
        Route::post("/desk/draws/{draw}/act", May::Proved(DRAWERS), draw::act),
        Route::get("/assessments", own, mine::show),
        Route::post("/assessments/{assessment}/appeal", own, mine::appeal),
    ]
}

/// What is said beside the form; what access refuses is a page of its own.
pub(crate) fn said(why: AppError) -> Result<String, Trouble> {
    match why {
        AppError::BadInput(says) => Ok(says),
        AppError::Refused(why) if !why.code.starts_with("access.") => Ok(why.says),
        other => Err(crate::desk::unseen(other)),
    }
}
