//! 「账本」 Pages of books: a person's own time and points (`own`), funds open to everybody
//! (`public`) with their years (`yearly`), the desks of whoever keeps them (`desk`, `funds`).

mod desk;
mod funds;
mod own;
mod public;
mod yearly;

use crate::desk::Taken;
use crate::guard::May;
use crate::page::Page;
use crate::routes::Route;
use crate::trouble::Trouble;
use app::{AppError, Context};
use engine_access::Purpose;
use kernel::{Money, Role, Slug};

/// Who keeps a county's books; every undoing and spending takes two of them.
pub(crate) const KEEPERS: &[Role] = &[Role::CountyApprover, Role::CharityAccountant];

pub(crate) fn routes() -> Vec<Route> {
    let (own, keeps) = (May::Roles(crate::citizen::RESIDENTS), May::Roles(KEEPERS));
    vec![
        Route::get("/books", own, own::list),
        Route::get("/books/{book}", own, own::show),
        Route::post("/books/{book}", own, own::act),
        Route::get("/charity", May::Anyone, public::list),
        Route::get("/charity/mine", own, yearly::mine),
        Route::get("/charity/years", May::Anyone, yearly::list),
        Route::get("/charity/years/{org}/{year}", May::Anyone, yearly::show),
        Route::get("/charity/{fund}", May::Anyone, public::show),
        Route::get("/desk/books", keeps, desk::list),
        Route::get("/desk/books/{book}", keeps, desk::show),
        Route::post("/desk/books/{book}", keeps, desk::act),
        Route::get("/desk/books/{book}/{part}", keeps, desk::entries),
        Route::get("/desk/funds", keeps, funds::list),
        Route::post("/desk/funds", keeps, funds::open),
        Route::get("/desk/funds/years", keeps, yearly::crossed),
        Route::post("/desk/funds/years", keeps, yearly::look),
        Route::get("/desk/funds/{fund}", keeps, funds::show),
        Route::post("/desk/funds/{fund}", keeps, funds::act),
    ]
}

fn on_duty(page: &Page, request: impl Into<String>) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    Ok(visitor.acts(Purpose::Duty, request))
}

/// What is said beside the form; what access refuses is a page of its own, but for the
/// second person that is wanted.
fn said(why: AppError) -> Result<String, Trouble> {
    match why {
        AppError::BadInput(says) => Ok(says),
        AppError::Refused(why)
            if !why.code.starts_with("access.") || why.code == "access.four_eyes" =>
        {
            Ok(why.says)
        }
        other => Err(crate::desk::unseen(other)),
    }
}

fn bad(says: &str) -> AppError {
    AppError::BadInput(says.to_owned())
}

fn slug(taken: &Taken, name: &str) -> Result<Slug, AppError> {
    let text = taken.get(name);
    text.parse().map_err(|_| bad("请从列出的里面选一样"))
}

/// A whole number above zero, as typed.
fn whole(taken: &Taken, name: &str) -> Result<i64, AppError> {
    let text = taken.get(name);
    let number: Option<i64> = text.trim().parse().ok();
    number
        .filter(|number| *number > 0)
        .ok_or_else(|| bad("数量请写大于 0 的整数"))
}

/// Yuan as typed.
fn yuan(taken: &Taken, name: &str) -> Result<Money, AppError> {
    let text = taken.get(name);
    let money = text.trim().parse::<Money>();
    money.map_err(|_| bad("金额请写成 200 或 200.50"))
}
