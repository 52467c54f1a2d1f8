//! 「还差一点的人」 Whom a change would miss by one condition alone, by name, for whoever
//! works there; each opens to the household where there is a reason to.

use super::publish::looking;
use super::simulate::{Asked, wanted};
use crate::desk::{place, unseen};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::simulate::NearPage;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use kernel::Slug;

#[derive(Template)]
#[template(path = "law/near.html")]
struct NearView {
    page: Page,
    near: NearPage,
    back: String,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let benefit: Slug = asked.benefit.parse().map_err(|_| Trouble::nothing())?;
    let what = wanted(&site, &page, &asked).await.map_err(unseen)?;
    let ctx = looking(&page)?;
    let near = site.app.near_misses(&ctx, &what, &benefit, place(&page)?);
    Ok(html(&NearView {
        near: near.await.map_err(unseen)?,
        page: page.titled("还差一点的人"),
        back: format!("/desk/simulate?{}", asked.query()),
    }))
}
