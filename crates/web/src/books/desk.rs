//! 「管账」 A keeper's page of a book: its sums, each of which opens to its entries; whether
//! what is owed can be given; papers written in; undoing, by a second person.
//!
//! Rows: H13, H14.

use super::{bad, on_duty, said, slug, whole};
use crate::desk::{Taken, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::ledger::{BookDesk, Credit, PartEntries};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_ledger::{BookType, Does, Kind};
use kernel::{Slug, TransferId};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "books/desk_list.html")]
struct ListView {
    page: Page,
    books: Vec<Arc<BookType>>,
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let books = site.app.books().iter();
    Ok(html(&ListView {
        page: page.titled("账本"),
        books: books.filter(|ty| ty.fund().is_none()).cloned().collect(),
    }))
}

#[derive(Template)]
#[template(path = "books/desk.html")]
struct DeskView {
    page: Page,
    desk: BookDesk,
    typed: Taken,
    request: String,
    fault: Option<String>,
}

impl DeskView {
    fn typed(&self, field: &str) -> String {
        self.typed.get(field)
    }

    /// What is written in from paper.
    fn credited(&self) -> Vec<&Kind> {
        let kinds = self.desk.ty.kinds().iter();
        kinds
            .filter(|kind| kind.does == Does::Earn && !kind.confirm)
            .collect()
    }
}

async fn draw(site: &Site, page: Page, book: &Slug) -> Result<DeskView, Trouble> {
    let ctx = on_duty(&page, "")?;
    let desk = site.app.book_desk(&ctx, book).await.map_err(unseen)?;
    Ok(DeskView {
        page: page.titled(desk.ty.name.clone()),
        request: request_key()?,
        typed: Taken::default(),
        fault: None,
        desk,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(book): Path<String>,
) -> Result<Response, Trouble> {
    let book = book.parse().map_err(|_| Trouble::nothing())?;
    Ok(html(&draw(&site, page, &book).await?))
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(book): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let book: Slug = book.parse().map_err(|_| Trouble::nothing())?;
    match done(&site, &page, &book, &taken).await {
        Ok(()) => {
            let back = match taken.get("back").as_str() {
                "funds" => "/desk/funds".to_owned(),
                _ => format!("/desk/books/{book}"),
            };
            Ok(Redirect::to(&back).into_response())
        }
        Err(why) => {
            let fault = Some(said(why)?);
            let view = draw(&site, page, &book).await?;
            let view = DeskView {
                typed: taken,
                fault,
                ..view
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}

async fn done(site: &Site, page: &Page, book: &Slug, taken: &Taken) -> Result<(), AppError> {
    let ctx = on_duty(page, taken.get("request")).map_err(|_| bad("请先登录"))?;
    match taken.get("act").as_str() {
        "credit" => {
            let number = taken.get("number");
            let credit = Credit {
                book: book.clone(),
                kind: slug(taken, "kind")?,
                number: number
                    .trim()
                    .parse()
                    .map_err(|_| bad("身份证号不对，请核对一下"))?,
                name: taken.get("name"),
                count: whole(taken, "count")?,
                paper: taken.get("paper"),
            };
            site.app.credit(&ctx, credit).await.map(drop)
        }
        "ask" => {
            let of = TransferId(whole(taken, "of")?);
            let asked = site
                .app
                .ask_reversal(&ctx, (book.clone(), of), taken.get("why"));
            asked.await.map(drop)
        }
        answer @ ("yes" | "no") => {
            let of = TransferId(whole(taken, "of")?);
            let done = site.app.decide_reversal(&ctx, of, answer == "yes");
            done.await.map(drop)
        }
        _ => Err(bad("请再点一次")),
    }
}

#[derive(Template)]
#[template(path = "books/entries.html")]
struct EntriesView {
    page: Page,
    behind: PartEntries,
    says: &'static str,
}

pub(super) async fn entries(
    State(site): State<Site>,
    page: Page,
    Path((book, part)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let book: Slug = book.parse().map_err(|_| Trouble::nothing())?;
    let says = match part.as_str() {
        "issued" => "发出去的",
        "used" => "用掉的",
        "lapsed" => "到期没有用的",
        "lot" => "大家手里的",
        _ => return Err(Trouble::nothing()),
    };
    let ctx = on_duty(&page, "")?;
    let behind = site.app.book_entries(&ctx, &book, &part).await;
    let behind = behind.map_err(unseen)?;
    Ok(html(&EntriesView {
        page: page.titled(format!("{}，{says}", behind.ty.name)),
        behind,
        says,
    }))
}
