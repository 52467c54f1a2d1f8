//! 「首页」 What a resident can do, and what they are already doing.

use super::RESIDENTS;
use super::services::{Card, cards};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::WorkLine;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use engine_access::Purpose;

#[derive(Template)]
#[template(path = "citizen/home.html")]
struct HomePage {
    page: Page,
    mine: Vec<WorkLine>,
    families: Vec<Card>,
}

pub(crate) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().filter(|_| page.is(RESIDENTS));
    let mine = match visitor {
        Some(visitor) => {
            let context = visitor.acts(Purpose::Own, String::new());
            let mut mine = site.app.own_cases(&context).await?;
            mine.retain(|line| !line.over);
            mine
        }
        None => Vec::new(),
    };
    let page = page.titled("首页");
    let families = cards(&site);
    Ok(html(&HomePage {
        page,
        mine,
        families,
    }))
}
