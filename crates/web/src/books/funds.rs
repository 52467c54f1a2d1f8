//! 「管专款」 A keeper's page of funds and campaigns: opening one, writing in what came,
//! asking for a spending and, another person, deciding it; showing the book.
//!
//! Rows: H01, H03, H04, H10.

use super::{bad, on_duty, said, slug, yuan};
use crate::desk::{Taken, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::{filters, yuan_words};
use app::AppError;
use app::ledger::{
    FundOrg, FundView, NewDonation, NewFund, NewOrg, NewSpending, Spending, SpendingStage,
};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_ledger::BookType;
use kernel::{AccountId, Date, FundOrgId, Money, Slug, TransferId};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "books/funds.html")]
struct ListView {
    page: Page,
    funds: Vec<FundView>,
    books: Vec<Arc<BookType>>,
    orgs: Vec<FundOrg>,
    typed: Taken,
    request: String,
    fault: Option<String>,
}

impl ListView {
    fn late(&self, one: &FundView) -> i64 {
        one.late(self.page.today)
    }

    fn typed(&self, field: &str) -> String {
        self.typed.get(field)
    }

    /// Organisations of a book.
    fn orgs_of(&self, book: &Slug) -> Vec<&FundOrg> {
        self.orgs.iter().filter(|one| one.book == *book).collect()
    }

    /// Whether some of a book's purposes are running costs.
    fn has_costs(&self, ty: &BookType) -> bool {
        ty.fund().is_some_and(|rules| !rules.admin.is_empty())
    }

    /// Kinds of organisation a book knows.
    fn kinds<'a>(&self, ty: &'a BookType) -> Vec<(&'a Slug, &'a String)> {
        let all = ty.fund().map(|rules| rules.orgs.iter());
        all.into_iter().flatten().collect()
    }
}

async fn all(site: &Site, page: Page) -> Result<ListView, Trouble> {
    let books = site.app.books().iter();
    Ok(ListView {
        page: page.titled("专款和募捐"),
        funds: site.app.public_funds().await?,
        orgs: site.app.fund_orgs().await?,
        books: books.filter(|ty| ty.fund().is_some()).cloned().collect(),
        typed: Taken::default(),
        request: request_key()?,
        fault: None,
    })
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&all(&site, page).await?))
}

pub(super) async fn open(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let done = match taken.get("act").as_str() {
        "org" => org_opened(&site, &page, &taken).await,
        _ => opened(&site, &page, &taken).await,
    };
    match done {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(why) => {
            let fault = Some(said(why)?);
            let view = all(&site, page).await?;
            let view = ListView {
                typed: taken,
                fault,
                ..view
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}

async fn org_opened(site: &Site, page: &Page, taken: &Taken) -> Result<String, AppError> {
    let ctx = on_duty(page, taken.get("request")).map_err(|_| bad("请先登录"))?;
    let from = taken.get("books_from");
    let new = NewOrg {
        book: slug(taken, "book")?,
        kind: slug(taken, "kind")?,
        name: taken.get("org_name"),
        books_from: from.trim().parse().map_err(|_| bad("请选账从哪天记起"))?,
    };
    site.app.open_fund_org(&ctx, new).await?;
    Ok("/desk/funds".to_owned())
}

/// Opens a fund and says where it is seen.
async fn opened(site: &Site, page: &Page, taken: &Taken) -> Result<String, AppError> {
    let ctx = on_duty(page, taken.get("request")).map_err(|_| bad("请先登录"))?;
    let book = slug(taken, "book")?;
    let ty = site.app.book_type(&book)?;
    let known = ty.fund().map(|rules| &rules.purposes);
    let purposes = known.into_iter().flat_map(|all| all.keys());
    let new = NewFund {
        purposes: purposes
            .filter(|id| taken.get(&format!("{book}-{id}")) == "on")
            .cloned()
            .collect(),
        book,
        name: taken.get("name"),
        says: taken.get("says"),
        began: day(taken, "began")?,
        ends: day(taken, "ends")?,
        emergency: taken.get("emergency") == "on",
        org: match taken.get("org").as_str() {
            "" => None,
            id => Some(FundOrgId(id.parse().map_err(|_| bad("请选归哪个组织管"))?)),
        },
    };
    let id = site.app.open_fund(&ctx, new).await?.value;
    Ok(format!("/desk/funds/{id}"))
}

fn day(taken: &Taken, name: &str) -> Result<Date, AppError> {
    let text = taken.get(name);
    text.trim().parse().map_err(|_| bad("请选开始和结束的日子"))
}

#[derive(Template)]
#[template(path = "books/fund.html")]
struct OneView {
    page: Page,
    view: FundView,
    typed: Taken,
    request: String,
    fault: Option<String>,
}

impl OneView {
    fn typed(&self, field: &str) -> String {
        self.typed.get(field)
    }

    fn fen(&self, fen: &i64) -> String {
        yuan_words(Money::from_fen(*fen))
    }

    fn late(&self) -> i64 {
        self.view.late(self.page.today)
    }

    fn gifts(&self) -> Vec<(Slug, String)> {
        let gifts = self.view.ty.fund().map(|rules| rules.gifts.clone());
        gifts.unwrap_or_default().into_iter().collect()
    }

    fn waiting(&self) -> Vec<&Spending> {
        let all = self.view.spendings.iter();
        all.filter(|one| one.stage == SpendingStage::Asked)
            .collect()
    }
}

async fn draw(site: &Site, page: Page, id: AccountId) -> Result<OneView, Trouble> {
    let view = site.app.public_fund(id).await.map_err(unseen)?;
    Ok(OneView {
        page: page.titled(view.fund.name.clone()),
        view,
        typed: Taken::default(),
        request: request_key()?,
        fault: None,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(fund): Path<i64>,
) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, AccountId(fund)).await?))
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(fund): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let id = AccountId(fund);
    match done(&site, &page, id, &taken).await {
        Ok(()) => Ok(Redirect::to(&format!("/desk/funds/{fund}")).into_response()),
        Err(why) => {
            let fault = Some(said(why)?);
            let view = draw(&site, page, id).await?;
            let view = OneView {
                typed: taken,
                fault,
                ..view
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}

async fn done(site: &Site, page: &Page, fund: AccountId, taken: &Taken) -> Result<(), AppError> {
    let ctx = on_duty(page, taken.get("request")).map_err(|_| bad("请先登录"))?;
    match taken.get("act").as_str() {
        "donate" => {
            let new = NewDonation {
                fund,
                gift: slug(taken, "gift")?,
                amount: yuan(taken, "amount")?,
                donor: taken.get("donor"),
                number: match taken.get("number").trim() {
                    "" => None,
                    text => Some(text.parse().map_err(|_| bad("身份证号不对，请核对"))?),
                },
                show: taken.get("hide") != "on",
                receipt: taken.get("receipt"),
            };
            site.app.donate(&ctx, new).await.map(drop)
        }
        "spend" => {
            let new = NewSpending {
                fund,
                purpose: slug(taken, "purpose")?,
                amount: yuan(taken, "amount")?,
                says: taken.get("says"),
            };
            site.app.ask_spending(&ctx, new).await.map(drop)
        }
        answer @ ("yes" | "no") => {
            let number = taken.get("hold");
            let hold = number.parse().map_err(|_| bad("请再点一次"))?;
            let done = site
                .app
                .decide_spending(&ctx, TransferId(hold), answer == "yes");
            done.await.map(drop)
        }
        "show" => {
            let done = site.app.show_fund(&ctx, fund, taken.get("says"));
            done.await.map(drop)
        }
        _ => Err(bad("请再点一次")),
    }
}
