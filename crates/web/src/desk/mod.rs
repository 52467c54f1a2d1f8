//! 「工作台」 The pages of town and county officers, village workers and finance.

mod case;
mod catalogue;
mod changes;
mod contradictions;
mod doubles;
mod export;
mod found;
mod holo;
mod household;
mod list;
mod outcomes;
mod past;
mod pay;
mod questions;
mod rules;
mod scan;
mod set_back;
mod take_in;
pub(crate) mod today;
mod warnings;

pub(crate) use catalogue::{READERS as CATALOGUE_READERS, said};
pub(crate) use found::{Asked as LeadsAsked, Pages, group_query, outcome_named, outcomes};
pub(crate) use holo::ASKERS;
pub(crate) use list::place;
pub(crate) use pay::PAYERS;
pub(crate) use questions::SETTLERS;
pub(crate) use scan::SCANNERS;
pub(crate) use take_in::{IMPORTERS, faults};
pub(crate) use warnings::WATCHERS as WARNED;

use crate::guard::May;
use crate::pace::Limit;
use crate::routes::Route;
use crate::trouble::Trouble;
use app::AppError;
use axum::http::StatusCode;
use kernel::Role;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Who works with cases.
pub(crate) const OFFICERS: &[Role] = &[
    Role::VillageWorker,
    Role::TownOfficer,
    Role::CountyApprover,
    Role::Finance,
];

/// Who reads the rules at the desk.
const READERS: &[Role] = &[
    Role::VillageWorker,
    Role::TownOfficer,
    Role::CountyApprover,
    Role::Finance,
    Role::RuleAuthor,
    Role::RuleApprover,
    Role::Auditor,
];

pub(crate) fn routes() -> Vec<Route> {
    let open = May::Roles(found::OPENERS);
    let unmask = May::Proved(household::UNMASKERS);
    let mut routes = vec![
        Route::get("/desk", May::Roles(OFFICERS), today::show),
        Route::get("/desk/cases", May::Roles(OFFICERS), list::show).paced(Limit::Search),
        Route::post("/desk/views", May::Roles(OFFICERS), list::keep),
        Route::post(
            "/desk/views/{view}/drop",
            May::Roles(OFFICERS),
            list::drop_view,
        ),
        Route::get(
            "/desk/cases/export",
            May::Roles(export::EXPORTERS),
            export::show,
        ),
        Route::post(
            "/desk/cases/export",
            May::Proved(export::EXPORTERS),
            export::ask,
        ),
        Route::post(
            "/desk/cases/export/{export}",
            May::Proved(export::EXPORTERS),
            export::answer,
        ),
        Route::get(
            "/desk/cases/export/{export}/file",
            May::Proved(export::EXPORTERS),
            export::fetch,
        ),
        Route::get("/desk/rules", May::Roles(READERS), rules::list),
        Route::get("/desk/rules/{service}", May::Roles(READERS), rules::show),
        Route::get("/desk/found", May::Roles(OFFICERS), found::show),
        Route::get("/desk/found/changes", May::Roles(OFFICERS), changes::list),
        Route::get("/desk/found/outcomes", May::Roles(OFFICERS), outcomes::list),
        Route::get(
            "/desk/found/changes/{change}",
            May::Roles(OFFICERS),
            changes::show,
        ),
        Route::post("/desk/found/open", open, found::open_all),
        Route::post("/desk/found/{finding}/open", open, found::open),
        Route::post("/desk/found/{finding}/followed", open, found::follow),
        Route::get(
            "/desk/households/{household}",
            May::Roles(OFFICERS),
            household::show,
        ),
        Route::post(
            "/desk/households/{household}/unmask",
            unmask,
            household::unmask,
        )
        .paced(Limit::Unmask),
        Route::post(
            "/desk/households/{household}/colour",
            May::Roles(household::UNMASKERS),
            household::colour,
        ),
        Route::get("/desk/holo", May::Roles(holo::ASKERS), holo::show),
        Route::post("/desk/holo", May::Roles(holo::ASKERS), holo::ask).paced(Limit::Holo),
        Route::get("/desk/scan", May::Roles(scan::SCANNERS), scan::show),
        Route::post("/desk/scan", May::Roles(scan::SCANNERS), scan::scan),
        Route::get(
            "/desk/questions",
            May::Roles(questions::SETTLERS),
            questions::show,
        ),
        Route::post(
            "/desk/questions",
            May::Proved(questions::SETTLERS),
            questions::settle,
        ),
        Route::get("/desk/pay", May::Roles(pay::PAYERS), pay::list),
        Route::post("/desk/pay/open", May::Proved(pay::MAKERS), pay::open),
        Route::get("/desk/pay/{batch}", May::Roles(pay::PAYERS), pay::show),
        Route::post(
            "/desk/pay/{batch}/step",
            May::Proved(pay::PAYERS),
            pay::step,
        ),
    ];
    routes.extend([
        Route::get("/desk/past", May::Roles(pay::PAYERS), past::show),
        Route::post("/desk/past", May::Proved(pay::PAYERS), past::step),
        Route::post("/desk/past/look", May::Proved(past::CHECKERS), past::look),
    ]);
    routes.extend([
        Route::get(
            "/desk/doubles",
            May::Roles(questions::SETTLERS),
            doubles::show,
        ),
        Route::post(
            "/desk/doubles",
            May::Proved(questions::SETTLERS),
            doubles::judge,
        ),
        Route::post(
            "/desk/doubles/look",
            May::Proved(questions::SETTLERS),
            doubles::look,
        ),
    ]);
    routes.extend(take_in_routes());
    routes.extend(set_back::routes());
    routes.extend(catalogue_routes());
    routes.extend(case::routes());
    routes
}

fn take_in_routes() -> Vec<Route> {
    let may = May::Roles(IMPORTERS);
    vec![
        Route::get("/desk/take-in", may, take_in::show),
        Route::upload("/desk/take-in", may, take_in::look),
        Route::post("/desk/take-in/keep", May::Proved(IMPORTERS), take_in::keep),
        Route::get(
            "/desk/take-in/templates/{category}/{kind}",
            may,
            take_in::template,
        ),
        Route::get("/desk/take-in/{category}/{batch}", may, take_in::report),
    ]
}

fn catalogue_routes() -> Vec<Route> {
    let readers = May::Roles(catalogue::READERS);
    vec![
        Route::get("/desk/catalogue", readers, catalogue::list),
        Route::get("/desk/catalogue/{category}", readers, catalogue::category),
        Route::post(
            "/desk/catalogue/{category}/share",
            May::Roles(catalogue::ASKERS),
            catalogue::ask,
        ),
        Route::get(
            "/desk/contradictions",
            May::Roles(contradictions::RULERS),
            contradictions::show,
        ),
        Route::post(
            "/desk/contradictions",
            May::Proved(contradictions::RULERS),
            contradictions::rule,
        ),
        Route::get(
            "/desk/warnings",
            May::Roles(warnings::WATCHERS),
            warnings::list,
        ),
        Route::get(
            "/desk/warnings/{warning}",
            May::Roles(warnings::WATCHERS),
            warnings::show,
        ),
        Route::post(
            "/desk/warnings/{warning}",
            May::Roles(warnings::WATCHERS),
            warnings::close,
        ),
        Route::get("/desk/shares", readers, catalogue::shares),
        Route::post(
            "/desk/shares/{share}",
            May::Proved(catalogue::ANSWERERS),
            catalogue::answer,
        ),
    ]
}

/// A form as it came: names may repeat.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Taken(Vec<(String, String)>);

impl Taken {
    /// The first value of a field; empty when there is none.
    pub(crate) fn get(&self, name: &str) -> String {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Every value of every field.
    fn all(&self) -> BTreeMap<String, Vec<String>> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &self.0 {
            all.entry(name.clone()).or_default().push(value.clone());
        }
        all
    }
}

/// A key for a form: sent twice, it is done once.
pub(crate) fn request_key() -> Result<String, Trouble> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|why| {
        tracing::error!(%why, "the system gives no random numbers");
        Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, "没办成，是我们出了问题")
    })?;
    Ok(bytes.iter().fold(String::new(), |mut key, byte| {
        let _ = write!(key, "{byte:02x}");
        key
    }))
}

/// What is not there and what may not be seen look the same.
pub(crate) fn unseen(why: AppError) -> Trouble {
    match why.refusal_code() {
        Some(code) if code.starts_with("access.") => Trouble::nothing(),
        _ => Trouble::from(why),
    }
}
