//! 「服务方」 Partners about whom a person has something to decide: what waits and since
//! when, who is stopped and why. Whoever keeps the partners of the place stops, clears or
//! lets in, with reasons; the partner speaks against it.

use super::{context, span};
use crate::desk::{Taken, place, request_key};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::order::{PartnerStanding, RuleOnProvider};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use engine_order::{Proposal, Verdict};
use kernel::{Instant, ProviderId};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "orders/partners.html")]
struct PartnersPage {
    page: Page,
    partners: Vec<PartnerStanding>,
    request: String,
    now: Instant,
    done: bool,
}

impl PartnersPage {
    fn waited(&self, waits: &Proposal) -> String {
        span((self.now - waits.at).num_seconds())
    }
}

#[derive(Deserialize)]
pub(super) struct Shown {
    done: Option<u8>,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let partners = site.app.providers_to_look(&ctx, place(&page)?).await?;
    Ok(html(&PartnersPage {
        page: page.titled("服务方"),
        partners,
        request: request_key()?,
        now: site.now().at,
        done: shown.done.is_some(),
    }))
}

pub(super) async fn rule(
    State(site): State<Site>,
    page: Page,
    Path(provider): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let verdict = match taken.get("verdict").as_str() {
        "stop" => Verdict::Stop,
        "clear" => Verdict::Clear,
        "let_in" => Verdict::LetIn,
        _ => return Err(Trouble::nothing()),
    };
    let ruling = RuleOnProvider {
        provider: ProviderId(provider),
        verdict,
        why: taken.get("why"),
    };
    site.app.rule_on_provider(&ctx, ruling).await?;
    Ok(Redirect::to("/desk/orders/partners?done=1").into_response())
}

pub(super) async fn object(
    State(site): State<Site>,
    page: Page,
    Path(provider): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let words = taken.get("words");
    site.app
        .object_to_stop(&ctx, ProviderId(provider), words)
        .await?;
    Ok(Redirect::to("/jobs?done=1").into_response())
}
