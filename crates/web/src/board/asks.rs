//! 「数据服务」 Who may ask what by agreement, until when, and how often they did.

use crate::desk::place;
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::ask::AskTold;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use engine_access::Purpose;

#[derive(Template)]
#[template(path = "board/asks.html")]
struct AsksPage {
    page: Page,
    told: AskTold,
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let told = site.app.asks(&ctx, place(&page)?).await?;
    Ok(html(&AsksPage {
        page: page.titled("数据服务"),
        told,
    }))
}
