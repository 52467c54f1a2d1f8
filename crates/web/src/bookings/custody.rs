//! 「交接」 Things that go from hand to hand: taken in under a code, shown as a square to
//! scan, handed over by giver or taker, never by a third.
//! Rows: J08, J09, J10.

use super::{context, typed};
use crate::citizen::drawn;
use crate::desk::{Taken, place, request_key, unseen};
use crate::page::{Page, html, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::booking::{ChainView, HandOver, TakeIn};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use engine_booking::Holder;
use kernel::RegionCode;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "bookings/custody.html")]
struct CustodyPage {
    page: Page,
    count: i64,
    lines: Vec<ChainView>,
    villages: Vec<(RegionCode, String)>,
    request: String,
}

impl CustodyPage {
    /// The list is shorter than what there is.
    fn more(&self) -> bool {
        usize::try_from(self.count).is_ok_and(|count| count > self.lines.len())
    }
}

/// Where something is, in words.
fn at(holder: &Holder) -> String {
    match holder {
        Holder::Place(place) => place.clone(),
        Holder::Kept(booking) => format!("预约 {booking} 的位子"),
        Holder::Person(_, name) => format!("家属 {name}"),
    }
}

fn now(view: &ChainView) -> String {
    view.chain.at().map(at).unwrap_or_default()
}

#[derive(Deserialize)]
pub(super) struct Scanned {
    code: Option<String>,
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(scanned): Query<Scanned>,
) -> Result<Response, Trouble> {
    if let Some(code) = scanned.code.filter(|code| !code.trim().is_empty()) {
        let to = format!("/desk/custody/{}", percent(code.trim()));
        return Ok(Redirect::to(&to).into_response());
    }
    let ctx = context(&page, "")?;
    let here = place(&page)?;
    let held = site.app.custody_in(&ctx, here).await?;
    Ok(html(&CustodyPage {
        villages: site.app.villages(here),
        // What goes from hand to hand here are ashes.
        page: page.titled("交接").toned(true),
        count: held.count,
        lines: held.newest,
        request: request_key()?,
    }))
}

pub(super) async fn take_in(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let region = taken.get("village").parse();
    let code = taken.get("code").trim().to_owned();
    let to = format!("/desk/custody/{}?done=1", percent(&code));
    let new = TakeIn {
        code,
        what: filled(&taken, "what", "请写这一件是什么")?,
        region: region.map_err(|_| typed::bad("请选一个村社"))?,
        to: Holder::Place(filled(&taken, "place", "请写现在放在哪里")?),
        note: taken.get("note"),
    };
    site.app.take_in(&ctx, new).await?;
    Ok(Redirect::to(&to).into_response())
}

fn filled(taken: &Taken, name: &str, says: &str) -> Result<String, Trouble> {
    let text = taken.get(name).trim().to_owned();
    match text.is_empty() {
        true => Err(typed::bad(says)),
        false => Ok(text),
    }
}

#[derive(Template)]
#[template(path = "bookings/chain.html")]
struct ChainPage {
    page: Page,
    view: ChainView,
    width: usize,
    path: String,
    request: String,
    done: bool,
}

impl ChainPage {
    /// Whether it is in the hands of who looks.
    fn mine(&self) -> bool {
        let me = self.page.visitor.as_ref().and_then(|one| one.actor.person);
        let last = self.view.chain.links.last();
        last.is_some_and(|link| Some(link.taken_by) == me)
    }

    fn holder(&self) -> &str {
        let last = self.view.chain.links.last();
        last.map_or("", |link| self.view.name(&link.taken_by))
    }
}

#[derive(Deserialize)]
pub(super) struct Shown {
    done: Option<u8>,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(code): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let view = site.app.custody(&ctx, &code).await.map_err(unseen)?;
    let (width, path) = drawn(&view.chain.code)?;
    Ok(html(&ChainPage {
        page: page.titled(format!("交接 {}", view.chain.code)).toned(true),
        view,
        width,
        path,
        request: request_key()?,
        done: shown.done.is_some(),
    }))
}

pub(super) async fn hand_over(
    State(site): State<Site>,
    page: Page,
    Path(code): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let me = ctx.actor.person.ok_or_else(Trouble::nothing)?;
    let other = site
        .app
        .custody_other(&ctx, &code, &taken.get("other"))
        .await
        .map_err(unseen)?;
    let gives = taken.get("side") == "give";
    let (given_by, taken_by) = match gives {
        true => (me, other),
        false => (other, me),
    };
    let last = taken.get("to") == "family";
    let to = match taken.get("to").as_str() {
        "family" => Holder::Person(taken_by, site.app.name_of(taken_by).await?),
        "kept" => Holder::Kept(typed::number(&taken.get("where"))?),
        _ => Holder::Place(filled(&taken, "where", "请写放到哪里")?),
    };
    let new = HandOver {
        code: taken.get("code").trim().to_owned(),
        given_by,
        taken_by,
        to,
        note: taken.get("note"),
        last,
    };
    // The code is scanned from the thing itself: what the address says does not count.
    if new.code != code {
        let why = engine_booking::ChainRefusal::OtherCode;
        return Err(typed::bad(why.to_string()));
    }
    site.app.hand_over(&ctx, new).await?;
    Ok(Redirect::to(&format!("/desk/custody/{}?done=1", percent(&code))).into_response())
}
