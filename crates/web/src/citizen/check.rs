//! 「看看我家能享受什么」 What departments know of the household and what the law owes
//! it; and “不对？”, where a household says otherwise.
//! Rows: A07, A15.

use super::{RESIDENTS, Sent, Where, context, request_key};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::resident::{Disputed, Finding, HouseholdCheck, Kind};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::{PersonId, Slug, Truth};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "citizen/check.html")]
struct CheckPage {
    page: Page,
    at: Where,
    /// Several households: whose each is.
    homes: Vec<(String, String, bool)>,
    check: HouseholdCheck,
    said: bool,
}

impl CheckPage {
    /// How many different benefits are found and not received.
    fn found(&self) -> usize {
        self.check.with(&[Finding::FoundNotReceiving]).len()
    }
}

#[derive(Template)]
#[template(path = "citizen/check_intro.html")]
struct IntroPage {
    page: Page,
}

/// Where, and whether something was just said.
#[derive(Deserialize)]
pub(crate) struct Seen {
    home: Option<i64>,
    said: Option<u8>,
}

pub(crate) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(seen): Query<Seen>,
) -> Result<Response, Trouble> {
    if !page.is(RESIDENTS) {
        let page = page.titled("看看我家能享受什么");
        return Ok(html(&IntroPage { page }));
    }
    let at = Where { home: seen.home };
    let ctx = context(&page, "")?;
    let (check, homes) = tokio::try_join!(
        site.app.check_household(&ctx, at.household()),
        site.app.own_households(&ctx)
    )?;
    let homes = homes.into_iter().map(|one| {
        let here = one.household == check.household;
        (one.whose, format!("/check?home={}", one.household), here)
    });
    let homes: Vec<_> = homes.collect();
    let mut page = page.titled("您家能享受什么");
    page.solemn = check.solemn;
    Ok(html(&CheckPage {
        page,
        at,
        homes: if homes.len() > 1 { homes } else { Vec::new() },
        check,
        said: seen.said.is_some(),
    }))
}

/// Which fact is not right.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fact {
    fact: Slug,
    about: Option<i64>,
    home: Option<i64>,
}

#[derive(Template)]
#[template(path = "citizen/wrong.html")]
struct WrongPage {
    page: Page,
    fact: Fact,
    disputed: Disputed,
    request: String,
    typed: String,
    fault: Option<String>,
}

impl WrongPage {
    fn action(&self) -> String {
        address(&self.fact)
    }
}

fn address(fact: &Fact) -> String {
    let mut to = format!("/check/wrong?fact={}", fact.fact);
    if let Some(about) = fact.about {
        to.push_str(&format!("&about={about}"));
    }
    if let Some(home) = fact.home {
        to.push_str(&format!("&home={home}"));
    }
    to
}

async fn disputed(site: &Site, page: &Page, fact: &Fact) -> Result<Disputed, Trouble> {
    let ctx = context(page, "")?;
    let home = Where { home: fact.home }.household();
    let about = fact.about.map(PersonId);
    let found = site.app.known_fact(&ctx, home, &fact.fact, about).await?;
    found.ok_or_else(Trouble::nothing)
}

pub(crate) async fn show_wrong(
    State(site): State<Site>,
    page: Page,
    Query(fact): Query<Fact>,
) -> Result<Response, Trouble> {
    let disputed = disputed(&site, &page, &fact).await?;
    Ok(html(&WrongPage {
        page: page.titled("哪里不对"),
        request: request_key()?,
        typed: String::new(),
        fault: None,
        fact,
        disputed,
    }))
}

pub(crate) async fn wrong(
    State(site): State<Site>,
    page: Page,
    Query(fact): Query<Fact>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let shown = disputed(&site, &page, &fact).await?;
    let typed = sent.one("value").trim();
    let read = match typed {
        "" => Err("请告诉我们应该是多少、是什么".to_owned()),
        typed => shown.kind.read(typed),
    };
    let at = Where { home: fact.home };
    let ctx = context(&page, sent.one("request"))?;
    let about = fact.about.map(PersonId);
    let fault = match read {
        Ok(value) => {
            let said = site
                .app
                .dispute_fact(&ctx, at.household(), &fact.fact, about, value)
                .await;
            match said {
                Ok(_) => {
                    let to = at.at("/check");
                    let sign = if to.contains('?') { '&' } else { '?' };
                    return Ok(Redirect::to(&format!("{to}{sign}said=1")).into_response());
                }
                Err(AppError::BadInput(says)) => says,
                Err(other) => return Err(other.into()),
            }
        }
        Err(says) => says,
    };
    let drawn = WrongPage {
        page: page.titled("哪里不对"),
        request: sent.one("request").to_owned(),
        typed: typed.to_owned(),
        fault: Some(fault),
        fact,
        disputed: shown,
    };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
}

/// Where a known fact can be said to be wrong.
pub(crate) fn wrong_address(known: &app::resident::Known, at: &Where) -> String {
    address(&Fact {
        fact: known.fact.clone(),
        about: known.about.map(|person| person.0),
        home: at.home,
    })
}
