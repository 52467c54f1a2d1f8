//! 「预约」 Pages of bookings: residents find, book, wait and change; whoever keeps a place
//! lets in, asks the next, cares for what came back; things go from hand to hand; leaders
//! see how full it is.

mod custody;
mod desk;
mod figures;
mod mine;
mod typed;

use crate::guard::May;
use crate::page::Page;
use crate::routes::Route;
use crate::trouble::Trouble;
use crate::words::{day_words, moment_words};
use app::Context;
use engine_access::Purpose;
use engine_booking::{BookingType, How, Span};
use kernel::{Date, Instant, Now, Role};

/// Who keeps places.
pub(crate) const KEEPERS: &[Role] = &[Role::TownOfficer, Role::CountyApprover];
/// Who reads the figures of bookings.
pub(crate) const COUNTERS: &[Role] = &[Role::Leader, Role::TownOfficer, Role::CountyApprover];

pub(crate) fn routes() -> Vec<Route> {
    let residents = May::Roles(crate::citizen::RESIDENTS);
    let keepers = May::Roles(KEEPERS);
    let counters = May::Roles(COUNTERS);
    vec![
        Route::get("/bookings", residents, mine::list),
        Route::get("/bookings/find", residents, mine::find),
        Route::post("/bookings/new", residents, mine::book),
        Route::get("/bookings/{booking}", residents, mine::show),
        Route::post("/bookings/{booking}", residents, mine::act),
        Route::get("/desk/bookings", keepers, desk::places),
        Route::post("/desk/bookings", keepers, desk::open),
        Route::get("/desk/bookings/{stock}", keepers, desk::show),
        Route::post("/desk/bookings/{stock}", keepers, desk::act),
        Route::get("/desk/bookings/{stock}/log", keepers, desk::log),
        Route::get("/desk/custody", keepers, custody::list),
        Route::post("/desk/custody", keepers, custody::take_in),
        Route::get("/desk/custody/{code}", keepers, custody::show),
        Route::post("/desk/custody/{code}", keepers, custody::hand_over),
        Route::get("/cockpit/bookings", counters, figures::show),
        Route::get("/cockpit/bookings/list", counters, figures::list),
        Route::get("/cockpit/bookings/units", counters, figures::units),
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

/// The day of a moment, here.
fn day(at: Instant) -> Date {
    Now { at }.today()
}

/// `09:30`, here.
fn clock(at: Instant) -> String {
    let words = moment_words(at);
    words.split(' ').next_back().unwrap_or_default().to_owned()
}

fn by_slots(ty: &BookingType) -> bool {
    matches!(ty.how, How::Slots { .. })
}

/// When, in plain words: `9月29日（周二）09:00 到 09:30`, `9月29日（周二）起住到 10月1日（周四）`.
fn when(ty: &BookingType, span: Span) -> String {
    let from = day_words(day(span.from));
    match (by_slots(ty), span.to) {
        (true, Some(to)) => format!("{from} {} 到 {}", clock(span.from), clock(to)),
        (true, None) => format!("{from} {}", clock(span.from)),
        (false, None) => format!("{from}起，到离开为止"),
        (false, Some(to)) => {
            // The last day is the one before the morning it ends on.
            let last = day(to - chrono::TimeDelta::seconds(1));
            format!("{from}到 {}", day_words(last))
        }
    }
}

/// The slots of a day, those of the morning and the rest, as buttons draw them.
struct Slot {
    span: Span,
    from: String,
    to: String,
    left: usize,
}

fn slots(free: &[engine_booking::FreeSlot]) -> Vec<Slot> {
    let slot = |one: &engine_booking::FreeSlot| Slot {
        span: one.span,
        from: clock(one.span.from),
        to: one.span.to.map(clock).unwrap_or_default(),
        left: one.left,
    };
    free.iter().map(slot).collect()
}
