//! 「居民」 The pages of residents: phone first, plain words, nothing asked that a
//! department already knows.

mod agents;
mod apply;
mod case;
mod cases;
mod check;
mod dictionary;
mod home;
mod mine;
mod papers;
mod services;
mod statistics;
mod xingfu;
mod xingfuma;

pub(crate) use xingfuma::drawn;

pub(crate) use xingfu::MONTHS;

use crate::guard::May;
use crate::page::Page;
use crate::routes::Route;
use crate::trouble::Trouble;
use app::Context;
use axum::http::StatusCode;
use engine_access::Purpose;
use kernel::{HouseholdId, Role};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who shows a code: its owner alone.
pub(crate) const CITIZENS: &[Role] = &[Role::Citizen];

/// Who acts for themselves or for a relative.
pub(crate) const RESIDENTS: &[Role] = &[Role::Citizen, Role::Agent];

/// Who acts for themselves.
pub(crate) const OWNERS: &[Role] = &[Role::Citizen];

pub(crate) fn routes() -> Vec<Route> {
    let residents = May::Roles(RESIDENTS);
    vec![
        Route::get("/", May::Anyone, home::show),
        Route::get("/services", May::Anyone, services::show),
        Route::get("/dictionary", May::Anyone, dictionary::show),
        Route::get("/dictionary.json", May::Anyone, dictionary::json),
        Route::get("/statistics", May::Anyone, statistics::show),
        Route::get("/statistics.json", May::Anyone, statistics::json),
        Route::get("/check", May::Anyone, check::show),
        Route::get("/check/wrong", residents, check::show_wrong),
        Route::post("/check/wrong", residents, check::wrong),
        Route::get("/apply", residents, apply::choose),
        Route::post("/apply", residents, apply::begin),
        Route::get("/apply/answers", residents, apply::answers),
        Route::post("/apply/answers", residents, apply::fill),
        Route::post("/apply/asked", residents, apply::asked),
        Route::get("/apply/look", residents, apply::look),
        Route::post("/apply/look", residents, apply::submit),
        Route::get("/cases", residents, cases::show),
        Route::get("/cases/{case}", residents, case::show),
        Route::get("/cases/{case}/sent", residents, case::sent),
        Route::post("/cases/{case}/withdraw", residents, case::withdraw),
        Route::post("/cases/{case}/speak", residents, case::speak),
        Route::upload("/cases/{case}/papers", residents, papers::hand_in),
        Route::get("/cases/{case}/files/{document}", residents, papers::open),
        Route::get("/cases/{case}/appeal", residents, case::show_appeal),
        Route::post("/cases/{case}/appeal", residents, case::appeal),
        Route::get("/data", residents, mine::data),
        Route::get("/messages", residents, mine::messages),
        Route::get("/agents", May::Roles(OWNERS), agents::show),
        Route::post("/agents", May::Roles(OWNERS), agents::appoint),
        Route::post("/agents/end", May::Roles(OWNERS), agents::end),
        Route::get("/three", residents, xingfu::three),
        Route::get("/xingfu", residents, xingfu::show),
        Route::get("/xingfuma", May::Roles(CITIZENS), xingfuma::show),
    ]
}

/// Which household a page is about; without one, the visitor's own.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Where {
    home: Option<i64>,
}

impl Where {
    pub(crate) fn household(self) -> Option<HouseholdId> {
        self.home.map(HouseholdId)
    }

    /// An address that stays with the household.
    fn at(self, path: &str) -> String {
        match self.home {
            Some(home) => format!("{path}?home={home}"),
            None => path.to_owned(),
        }
    }
}

/// Who is signed in acts in their own matter.
pub(crate) fn context(page: &Page, request: impl Into<String>) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    Ok(visitor.acts(Purpose::Own, request))
}

/// A key for one form, so that sending it twice does it once.
fn request_key() -> Result<String, Trouble> {
    let mut bytes = [0_u8; 16];
    let failed = |_| {
        let says = "现在打不开，请过一会儿再试";
        Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, says)
    };
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A form as it was sent: a name may come several times.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sent(Vec<(String, String)>);

impl Sent {
    /// The first value of a name; empty when it did not come.
    fn one(&self, name: &str) -> &str {
        let mut all = self.0.iter();
        let found = all.find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a name.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of_name = self.0.iter().filter(move |(key, _)| key == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// The first value by name.
    fn by_name(&self) -> BTreeMap<String, String> {
        self.0.iter().rev().cloned().collect()
    }
}
