//! 「我的时间、我的积分」 What one has, what lapses when, what waits for a word, what moved;
//! and what one can do with it.
//!
//! Rows: H13, H14.

use super::{bad, said, slug, whole};
use crate::citizen::context;
use crate::desk::{Taken, request_key};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::ledger::{ByOrder, ClaimStage, LotLine, NewClaim, NewGift, OwnBook};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_ledger::{BookType, Does, Kind};
use kernel::{Date, OrderId, Slug, TransferId, months_after};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "books/list.html")]
struct ListView {
    page: Page,
    books: Vec<Arc<BookType>>,
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let books = site.app.books().iter();
    Ok(html(&ListView {
        page: page.titled("时间和积分"),
        books: books.filter(|ty| ty.fund().is_none()).cloned().collect(),
    }))
}

/// The days a statement covers.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Days {
    from: Option<Date>,
    to: Option<Date>,
}

#[derive(Template)]
#[template(path = "books/own.html")]
struct OwnView {
    page: Page,
    own: OwnBook,
    days: (Date, Date),
    typed: Taken,
    request: String,
    fault: Option<String>,
}

impl OwnView {
    fn typed(&self, field: &str) -> String {
        self.typed.get(field)
    }

    fn kinds(&self, does: Does) -> Vec<&Kind> {
        let kinds = self.own.ty.kinds().iter();
        kinds.filter(|kind| kind.does == does).collect()
    }

    fn claimable(&self) -> Vec<&Kind> {
        let earn = self.kinds(Does::Earn).into_iter();
        earn.filter(|kind| kind.confirm).collect()
    }

    fn by_order(&self) -> Vec<&Kind> {
        let earn = self.kinds(Does::Earn).into_iter();
        earn.filter(|kind| !kind.orders.is_empty()).collect()
    }

    fn spendable(&self) -> Vec<&Kind> {
        self.kinds(Does::Spend)
    }

    /// Whether anything of it may be used for somebody of one's home.
    fn for_kin(&self) -> bool {
        self.spendable().iter().any(|kind| kind.kin_from.is_some())
    }

    fn gifts(&self) -> Vec<&Kind> {
        self.kinds(Does::Give)
    }

    /// What lapses soon.
    fn soon(&self) -> Vec<&LotLine> {
        self.own.lots.iter().filter(|lot| lot.soon).collect()
    }

    fn stage(&self, stage: &ClaimStage) -> &'static str {
        match stage {
            ClaimStage::Open => "等对方确认",
            ClaimStage::Confirmed => "对方确认了",
            ClaimStage::Denied => "对方说没有",
            ClaimStage::Lapsed => "过期没有人确认",
        }
    }
}

async fn draw(site: &Site, page: Page, book: &Slug, days: Days) -> Result<OwnView, Trouble> {
    let to = days.to.unwrap_or(page.today);
    let year_back = months_after(to, -12).unwrap_or(to);
    let days = (days.from.unwrap_or(year_back), to);
    let ctx = context(&page, "")?;
    let own = site.app.own_book(&ctx, book, days).await?;
    Ok(OwnView {
        page: page.titled(own.ty.name.clone()),
        request: request_key()?,
        typed: Taken::default(),
        fault: None,
        days,
        own,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(book): Path<String>,
    Query(days): Query<Days>,
) -> Result<Response, Trouble> {
    let book = book.parse().map_err(|_| Trouble::nothing())?;
    Ok(html(&draw(&site, page, &book, days).await?))
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(book): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let book: Slug = book.parse().map_err(|_| Trouble::nothing())?;
    match done(&site, &page, &book, &taken).await {
        Ok(()) => Ok(Redirect::to(&format!("/books/{book}")).into_response()),
        Err(why) => {
            let fault = Some(said(why)?);
            let view = draw(&site, page, &book, Days::default()).await?;
            let view = OwnView {
                typed: taken,
                fault,
                ..view
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}

async fn done(site: &Site, page: &Page, book: &Slug, taken: &Taken) -> Result<(), AppError> {
    let ctx = context(page, taken.get("request")).map_err(|_| bad("请先登录"))?;
    match taken.get("act").as_str() {
        "claim" => {
            let new = NewClaim {
                book: book.clone(),
                kind: slug(taken, "kind")?,
                number: number(taken)?,
                name: taken.get("name"),
                day: day(taken)?,
                amount: whole(taken, "amount")?,
            };
            site.app.claim(&ctx, new).await.map(drop)
        }
        "order" => {
            let order = whole(taken, "order")?;
            let by = ByOrder {
                book: book.clone(),
                kind: slug(taken, "kind")?,
                order: OrderId(order),
            };
            site.app.earn_by_order(&ctx, by).await.map(drop)
        }
        answer @ ("yes" | "no") => {
            let id = TransferId(whole(taken, "claim")?);
            let done = site.app.answer_claim(&ctx, id, answer == "yes");
            done.await.map(drop)
        }
        "spend" => {
            let way = (book.clone(), slug(taken, "kind")?);
            let count = whole(taken, "amount")?;
            match taken.get("name").trim() {
                "" => site.app.spend(&ctx, way, count).await.map(drop),
                name => {
                    let whom = (number(taken)?, name.to_owned());
                    site.app.spend_for(&ctx, way, count, whom).await.map(drop)
                }
            }
        }
        "give" => {
            let gift = NewGift {
                book: book.clone(),
                kind: slug(taken, "kind")?,
                number: number(taken)?,
                name: taken.get("name"),
                amount: whole(taken, "amount")?,
            };
            site.app.give_away(&ctx, gift).await.map(drop)
        }
        _ => Err(bad("请再点一次")),
    }
}

fn number(taken: &Taken) -> Result<kernel::PersonNumber, AppError> {
    let text = taken.get("number");
    text.trim()
        .parse()
        .map_err(|_| bad("身份证号不对，请核对一下"))
}

fn day(taken: &Taken) -> Result<Date, AppError> {
    let text = taken.get("day");
    text.trim().parse().map_err(|_| bad("请选哪一天"))
}
