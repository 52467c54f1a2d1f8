//! 「我要预约」 A resident finds what can be booked and what is free, books or queues, sees
//! where they stand, changes their mind.
//! Rows: I01, I07, I06, C06, J11, D13.

use super::{Slot, by_slots, context, slots, typed, when};
use crate::desk::{Taken, request_key};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::booking::{BookingAct, BookingStage, Finding, NewBooking, Offered, OwnBooking};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use engine_booking::{BookingType, How, WaitingClass};
use kernel::{BookingId, Date, RegionCode, Slug, StockId, add_days};
use serde::Deserialize;
use std::sync::Arc;

/// Days one can step to from the one shown.
const DAYS_SHOWN: u32 = 7;

#[derive(Template)]
#[template(path = "bookings/mine.html")]
struct MinePage {
    page: Page,
    types: Vec<Arc<BookingType>>,
    own: Vec<OwnBooking>,
}

impl MinePage {
    fn open(&self) -> impl Iterator<Item = &OwnBooking> {
        self.own.iter().filter(|one| is_open(one))
    }

    fn over(&self) -> impl Iterator<Item = &OwnBooking> {
        self.own.iter().filter(|one| !is_open(one))
    }
}

fn is_open(one: &OwnBooking) -> bool {
    use BookingStage as S;
    [S::Waiting, S::Offered, S::Booked, S::Present].contains(&one.line.stage)
}

/// Where it stands, said to the person.
fn says(one: &OwnBooking) -> String {
    let label = one.label.clone().unwrap_or_default();
    match (one.line.stage, one.before) {
        (BookingStage::Waiting, Some(0)) => "在排队，下一个就是您".to_owned(),
        (BookingStage::Waiting, Some(before)) => format!("在排队，前面还有 {before} 位"),
        (BookingStage::Waiting, None) => "在排队".to_owned(),
        (BookingStage::Offered, _) => format!("轮到您了：{label}，请答复"),
        (BookingStage::Booked, _) => format!("约好了：{label}"),
        (BookingStage::Present, _) => format!("正在用：{label}"),
        (BookingStage::Left, _) => "办完了".to_owned(),
        (BookingStage::Cancelled, _) => "取消了".to_owned(),
        (BookingStage::NoShow, _) => "没有来".to_owned(),
        (BookingStage::Unqueued, _) => "不再排队".to_owned(),
    }
}

/// When it is, in words; of a wait for a stay nothing is known yet.
fn time(one: &OwnBooking) -> Option<String> {
    let from = one.line.begins?;
    let to = one.line.ends;
    Some(when(&one.ty, engine_booking::Span { from, to }))
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let own = site.app.own_bookings(&ctx).await?;
    Ok(html(&MinePage {
        types: site.app.booking_types().to_vec(),
        page: page.titled("我要预约"),
        own,
    }))
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "type")]
    ty: String,
    sort: Option<String>,
    day: Option<String>,
    /// An own booking that is to be moved.
    own: Option<i64>,
}

#[derive(Template)]
#[template(path = "bookings/find.html")]
struct FindPage {
    page: Page,
    ty: Arc<BookingType>,
    sort: Option<Slug>,
    day: Date,
    offers: Vec<Offered>,
    request: String,
    /// The own booking whose time is to be another.
    moves: Option<OwnBooking>,
}

impl FindPage {
    /// Where a slot's button goes.
    fn goes_to(&self) -> String {
        match &self.moves {
            Some(own) => format!("/bookings/{}", own.line.id),
            None => "/bookings/new".to_owned(),
        }
    }

    /// Nobody moves to where they are.
    fn there(&self, slot: &Slot) -> bool {
        let own = self.moves.as_ref();
        own.is_some_and(|own| own.line.begins == Some(slot.span.from))
    }

    fn by_slots(&self) -> bool {
        by_slots(&self.ty)
    }

    fn slots(&self, one: &Offered) -> Vec<Slot> {
        slots(&one.slots)
    }

    /// Days to step to: the one before, this one and those after it.
    fn days(&self) -> Vec<Date> {
        let from = match self.day > self.page.today {
            true => self.day.pred_opt().unwrap_or(self.day),
            false => self.day,
        };
        (0..DAYS_SHOWN)
            .filter_map(|more| add_days(from, more))
            .collect()
    }

    fn to(&self, day: &Date) -> String {
        let sort = match &self.sort {
            Some(sort) => format!("&sort={sort}"),
            None => String::new(),
        };
        let own = match &self.moves {
            Some(own) => format!("&own={}", own.line.id),
            None => String::new(),
        };
        format!("/bookings/find?type={}{sort}{own}&day={day}", self.ty.id)
    }

    fn chosen(&self, id: &Slug) -> bool {
        self.sort.as_ref() == Some(id)
    }

    /// The longest stay, days.
    fn days_most(&self) -> Option<u32> {
        match self.ty.how {
            How::Stay { days_most, .. } => days_most,
            How::Slots { .. } => None,
        }
    }

    /// The class whoever queues by themselves waits in; the others the desk looks into.
    fn class(&self) -> Option<&WaitingClass> {
        self.ty
            .waiting
            .as_ref()
            .and_then(|rule| rule.classes.last())
    }

    fn second(&self, slot: &Slot) -> i64 {
        slot.span.from.timestamp()
    }
}

/// The node everything of this house lies under.
fn everywhere(site: &Site) -> Result<RegionCode, Trouble> {
    let head = site.app.law().pack.head();
    head.map(|head| head.region).ok_or_else(Trouble::nothing)
}

pub(super) async fn find(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let sort = typed::maybe_slug(asked.sort.as_deref().unwrap_or_default())?;
    let finding = Finding {
        ty: typed::slug(&asked.ty)?,
        region: everywhere(&site)?,
        sort: sort.clone(),
        day: typed::day(asked.day.as_deref().unwrap_or_default())?,
    };
    let (ty, day, mut offers) = site.app.find_bookings(&ctx, finding).await?;
    let moves = match asked.own {
        Some(id) => Some(own(&site, &page, id).await?),
        None => None,
    };
    // Another time, not another place: there it is booked anew.
    if let Some(own) = &moves {
        offers.retain(|one| one.id == own.line.stock);
    }
    let title = match &moves {
        Some(_) => format!("{}：改时间", ty.name),
        None => ty.name.clone(),
    };
    Ok(html(&FindPage {
        page: page.titled(title).toned(ty.solemn),
        moves,
        ty,
        sort,
        day,
        offers,
        request: request_key()?,
    }))
}

pub(super) async fn book(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let ty = site.app.booking_type(&typed::slug(&taken.get("type"))?)?;
    let note = taken.get("note");
    let new = NewBooking {
        stock: StockId(typed::number(&taken.get("stock"))?.0),
        person: ctx.actor.person,
        unit: None,
        sort: typed::maybe_slug(&taken.get("sort"))?,
        span: typed::span(&ty, &taken)?,
        note: (!note.trim().is_empty()).then_some(note),
        wait: typed::maybe_slug(&taken.get("wait"))?,
    };
    let done = site.app.book(&ctx, new).await?.value;
    Ok(Redirect::to(&format!("/bookings/{done}?done=1")).into_response())
}

#[derive(Template)]
#[template(path = "bookings/own.html")]
struct OwnPage {
    page: Page,
    one: OwnBooking,
    request: String,
    done: bool,
}

impl OwnPage {
    fn at(&self, stages: &[BookingStage]) -> bool {
        stages.contains(&self.one.line.stage)
    }

    fn by_slots(&self) -> bool {
        by_slots(&self.one.ty)
    }

    /// Where another time is chosen.
    fn to_move(&self) -> String {
        let (ty, id) = (&self.one.ty.id, self.one.line.id);
        let day = self.begins();
        let sort = match &self.one.line.sort {
            Some(sort) => format!("&sort={sort}"),
            None => String::new(),
        };
        format!("/bookings/find?type={ty}{sort}&own={id}&day={day}")
    }

    /// The day it begins, as a form wants it.
    fn begins(&self) -> String {
        let from = self.one.line.begins;
        from.map_or_else(
            || iso(&self.page.today),
            |at| iso(&kernel::Now { at }.today()),
        )
    }

    fn ends(&self) -> bool {
        matches!(
            self.one.ty.how,
            How::Stay {
                days_most: Some(_),
                ..
            }
        )
    }
}

#[derive(Deserialize)]
pub(super) struct Shown {
    done: Option<u8>,
}

async fn own(site: &Site, page: &Page, booking: i64) -> Result<OwnBooking, Trouble> {
    let ctx = context(page, "")?;
    let mut own = site.app.own_bookings(&ctx).await?.into_iter();
    let found = own.find(|one| one.line.id == BookingId(booking));
    found.ok_or_else(Trouble::nothing)
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(booking): Path<i64>,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let one = own(&site, &page, booking).await?;
    Ok(html(&OwnPage {
        page: page.titled(one.ty.name.clone()).toned(one.ty.solemn),
        one,
        request: request_key()?,
        done: shown.done.is_some(),
    }))
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(booking): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let one = own(&site, &page, booking).await?;
    let words = taken.get("words");
    let wanted = || {
        let span = typed::span(&one.ty, &taken)?;
        span.or(one.offered).ok_or_else(|| typed::bad("请选日子"))
    };
    let act = match taken.get("act").as_str() {
        "cancel" => BookingAct::Cancel(words),
        "withdraw" => BookingAct::Withdraw(words),
        "decline" => BookingAct::Decline(words),
        "accept" => BookingAct::Accept(wanted()?),
        "move" => BookingAct::Move {
            unit: None,
            span: wanted()?,
            reason: words,
        },
        _ => return Err(Trouble::nothing()),
    };
    let ctx = context(&page, taken.get("request"))?;
    let id = BookingId(booking);
    site.app.on_booking(&ctx, id, act).await?;
    Ok(Redirect::to(&format!("/bookings/{id}?done=1")).into_response())
}

/// The day a form begins with: the day found.
fn iso(date: &Date) -> String {
    date.to_string()
}
