//! 「预约台」 Whoever keeps places: which there are, who comes today, who waits in which
//! order, what is to be cared for, what is not given out; and the log of it.
//! Rows: D13, D14, D15, D16, C06.

use super::{Slot, by_slots, context, day as day_of, slots, typed, when};
use crate::desk::{Taken, place, request_key, unseen};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::booking::{
    BookingAct, BookingLine, BookingStage, KeepAct, KeptPlace, LogLine, Logged, NewBooking,
    NewStock, StockDesk, StockLog,
};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use engine_booking::{Booking, BookingType, Cared, How, Span, Stage, Unit, Waiting};
use kernel::{BookingId, Date, PersonNumber, RegionCode, Slug, StockId};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "bookings/places.html")]
struct PlacesPage {
    page: Page,
    types: Vec<Arc<BookingType>>,
    places: Vec<KeptPlace>,
    villages: Vec<(RegionCode, String)>,
    request: String,
}

pub(super) async fn places(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let here = place(&page)?;
    let places = site.app.kept_places(&ctx, here).await?;
    Ok(html(&PlacesPage {
        types: site.app.booking_types().to_vec(),
        villages: site.app.villages(here),
        page: page.titled("预约"),
        places,
        request: request_key()?,
    }))
}

pub(super) async fn open(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let name = taken.get("name").trim().to_owned();
    if name.is_empty() {
        return Err(typed::bad("请写这一处叫什么"));
    }
    let region = taken.get("village").parse();
    let new = NewStock {
        ty: typed::slug(&taken.get("type"))?,
        name,
        region: region.map_err(|_| typed::bad("请选一个村社"))?,
        units: Vec::new(),
    };
    let stock = site.app.open_stock(&ctx, new).await?.value;
    Ok(Redirect::to(&format!("/desk/bookings/{stock}?done=1")).into_response())
}

#[derive(Template)]
#[template(path = "bookings/stock.html")]
struct StockPage {
    page: Page,
    desk: StockDesk,
    request: String,
    done: bool,
}

impl StockPage {
    fn when(&self, one: &Booking) -> String {
        when(&self.desk.ty, one.span)
    }

    fn by_slots(&self) -> bool {
        by_slots(&self.desk.ty)
    }

    fn label(&self, unit: &u32) -> &str {
        let unit = self.desk.stock.units.get(unit);
        unit.map_or("", |unit| unit.label.as_str())
    }

    fn sort(&self, sort: &Option<Slug>) -> &str {
        let name = sort.as_ref().and_then(|one| self.desk.ty.sort_name(one));
        name.unwrap_or("都可以")
    }

    fn is_there(&self, one: &Booking) -> bool {
        matches!(one.stage, Stage::Present { .. })
    }

    /// Nobody came and the beginning is over.
    fn may_miss(&self, one: &Booking) -> bool {
        one.stage == Stage::Booked && day_of(one.span.from) <= self.page.today
    }

    fn class(&self, one: &Waiting) -> &str {
        let rule = self.desk.ty.waiting.as_ref();
        let mut classes = rule.iter().flat_map(|rule| &rule.classes);
        let class = classes.find(|class| class.id == one.class);
        class.map_or("", |class| class.name.as_str())
    }

    fn slot(&self, span: &Span) -> String {
        when(&self.desk.ty, *span)
    }

    fn slots(&self) -> Vec<Slot> {
        slots(&self.desk.slots)
    }

    fn second(&self, slot: &Slot) -> i64 {
        slot.span.from.timestamp()
    }

    /// Slots somebody waits for: what may be offered.
    fn waited_for(&self) -> Vec<(i64, String)> {
        let spans = self.desk.stock.waiting.values();
        let mut spans: Vec<Span> = spans.filter_map(|one| one.span).collect();
        spans.sort();
        spans.dedup();
        spans
            .into_iter()
            .map(|span| (span.from.timestamp(), self.slot(&span)))
            .collect()
    }

    /// Those in line before an offer could go to another.
    fn in_line(&self) -> Vec<&Waiting> {
        let all = self.desk.waiting().into_iter();
        all.filter(|one| one.offer.is_none()).collect()
    }

    fn units(&self) -> impl Iterator<Item = &Unit> {
        self.desk.stock.units.values()
    }

    fn used(&self, unit: &Unit) -> bool {
        let mut all = self.desk.stock.bookings.values();
        all.any(|one| one.unit == unit.no && self.is_there(one))
    }

    fn care(&self) -> &str {
        let care = self.desk.ty.care.as_ref();
        care.map_or("", |care| care.name.as_str())
    }

    fn days(&self) -> [Date; 2] {
        let day = self.desk.day;
        [day.pred_opt().unwrap_or(day), day.succ_opt().unwrap_or(day)]
    }

    /// How one ended, in words.
    fn ended(&self, line: &BookingLine) -> &'static str {
        match line.stage {
            BookingStage::NoShow => "没有来",
            BookingStage::Cancelled => "取消",
            BookingStage::Left => "办完离开",
            _ => "不再排队",
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Shown {
    day: Option<String>,
    done: Option<u8>,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(stock): Path<i64>,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let day = typed::day(shown.day.as_deref().unwrap_or_default())?;
    let desk = site.app.stock_desk(&ctx, StockId(stock), day).await;
    let desk = desk.map_err(unseen)?;
    Ok(html(&StockPage {
        page: page.titled(desk.stock.name.clone()).toned(desk.ty.solemn),
        desk,
        request: request_key()?,
        done: shown.done.is_some(),
    }))
}

/// What a keeper's button means.
enum Wanted {
    Booking(BookingId, BookingAct),
    Keep(KeepAct),
    New,
}

fn wanted(desk: &StockDesk, taken: &Taken) -> Result<Wanted, Trouble> {
    let id = || typed::number(&taken.get("booking"));
    let unit = || {
        let read = taken.get("unit").parse::<u32>();
        read.map_err(|_| typed::bad(format!("请选一个{}", desk.ty.unit)))
    };
    let words = || taken.get("words");
    Ok(match taken.get("act").as_str() {
        "arrive" => Wanted::Booking(id()?, BookingAct::Arrive),
        "leave" => Wanted::Booking(id()?, BookingAct::Leave),
        "miss" => Wanted::Booking(id()?, BookingAct::Miss),
        "cancel" => Wanted::Booking(id()?, BookingAct::Cancel(words())),
        "withdraw" => Wanted::Booking(id()?, BookingAct::Withdraw(words())),
        "decline" => Wanted::Booking(id()?, BookingAct::Decline(words())),
        "accept" => {
            let span = typed::span(&desk.ty, taken)?;
            let id = id()?;
            let offered = desk.stock.waiting.get(&id);
            let offered = offered.and_then(|one| one.offer.as_ref()?.span);
            let span = span.or(offered).ok_or_else(|| typed::bad("请选日子"))?;
            Wanted::Booking(id, BookingAct::Accept(span))
        }
        "change" => {
            let id = id()?;
            let booking = desk.stock.bookings.get(&id).ok_or_else(Trouble::nothing)?;
            Wanted::Booking(
                id,
                BookingAct::Move {
                    unit: Some(unit()?),
                    span: booking.span,
                    reason: words(),
                },
            )
        }
        "add" => {
            let sort = typed::maybe_slug(&taken.get("sort"))?;
            Wanted::Keep(KeepAct::Add(taken.get("label"), sort))
        }
        "close" => Wanted::Keep(KeepAct::Close(unit()?, words())),
        "reopen" => Wanted::Keep(KeepAct::Reopen(unit()?)),
        "care" => Wanted::Keep(KeepAct::Care(unit()?, cared(&desk.ty, taken))),
        "offer" => {
            let minutes = match desk.ty.how {
                How::Slots { minutes, .. } => minutes,
                How::Stay { .. } => 0,
            };
            Wanted::Keep(KeepAct::Offer {
                unit: unit()?,
                span: typed::slot(&taken.get("slot"), minutes)?,
                passing: passing(desk, taken),
            })
        }
        "book" => Wanted::New,
        _ => return Err(Trouble::nothing()),
    })
}

/// Those the keeper gave a reason against.
fn passing(desk: &StockDesk, taken: &Taken) -> Vec<(BookingId, String)> {
    let waiting = desk.stock.waiting.keys();
    let reason = |id: &BookingId| (*id, taken.get(&format!("pass-{id}")));
    waiting
        .map(reason)
        .filter(|(_, why)| !why.trim().is_empty())
        .collect()
}

fn cared(ty: &BookingType, taken: &Taken) -> Cared {
    let notes = ty.care.iter().flat_map(|care| care.notes.keys());
    let note = |id: &Slug| (id.clone(), taken.get(&format!("note-{id}")));
    Cared {
        notes: notes.map(note).collect::<BTreeMap<_, _>>(),
    }
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(stock): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let id = StockId(stock);
    let ctx = context(&page, taken.get("request"))?;
    let desk = site.app.stock_desk(&ctx, id, None).await;
    let desk = desk.map_err(unseen)?;
    match wanted(&desk, &taken)? {
        Wanted::Booking(booking, act) => {
            let here = desk.stock.bookings.contains_key(&booking)
                || desk.stock.waiting.contains_key(&booking);
            if !here {
                return Err(typed::bad("没有这个预约，或者它已经结束"));
            }
            site.app.on_booking(&ctx, booking, act).await?;
        }
        Wanted::Keep(act) => {
            site.app.keep_stock(&ctx, id, act).await?;
        }
        Wanted::New => {
            let number = PersonNumber::parse_on(&taken.get("number"), page.today);
            let number = number.map_err(|why| typed::bad(why.to_string()))?;
            let person = site.app.booking_guest(&ctx, id, number).await?;
            let says = "底册里没有这个证件号。请先登记";
            let note = taken.get("note");
            let new = NewBooking {
                stock: id,
                person: Some(person.ok_or_else(|| typed::bad(says))?),
                unit: taken.get("unit").parse().ok(),
                sort: typed::maybe_slug(&taken.get("sort"))?,
                span: typed::span(&desk.ty, &taken)?,
                note: (!note.trim().is_empty()).then_some(note),
                wait: typed::maybe_slug(&taken.get("wait"))?,
            };
            site.app.book(&ctx, new).await?;
        }
    }
    Ok(Redirect::to(&format!("/desk/bookings/{stock}?done=1")).into_response())
}

#[derive(Template)]
#[template(path = "bookings/log.html")]
struct LogPage {
    page: Page,
    stock: i64,
    log: StockLog,
}

impl LogPage {
    fn says(&self, line: &LogLine) -> String {
        let care = self.log.ty.care.as_ref();
        let care = care.map_or("处理", |care| care.name.as_str());
        match &line.says {
            Logged::Back => format!("还回来了，要先{care}"),
            Logged::NotBack => format!("登记错了，人没有走，不用{care}"),
            Logged::Cared(notes) => {
                let notes = notes.iter();
                let words: Vec<String> = notes
                    .map(|(asks, text)| format!("{asks}：{text}"))
                    .collect();
                format!("{care}好了。{}", words.join("；"))
            }
            Logged::Closed(why) => format!("停用：{why}"),
            Logged::Reopened => "恢复".to_owned(),
            Logged::Passed(why) => format!("排在前面没有先叫：{why}"),
        }
    }
}

pub(super) async fn log(
    State(site): State<Site>,
    page: Page,
    Path(stock): Path<i64>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let log = site.app.stock_log(&ctx, StockId(stock)).await;
    let log = log.map_err(unseen)?;
    Ok(html(&LogPage {
        page: page.titled("处理记录"),
        stock,
        log,
    }))
}
