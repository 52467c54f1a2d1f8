//! 「派给我的」 Whoever does the work, on a telephone: what came, yes or no, there, done
//! with proof. Without a line it is told later: the form asks when it happened.

use super::desk::value;
use super::{Light, context, light, typed};
use crate::desk::{request_key, unseen};
use crate::files::Upload;
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::order::{OrderRow, OrderView, OwnSettled, PartnerStanding};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use engine_order::{Act, DispatchBy, ProofGiven, ProofKind, ProofRule, ProofValue, Stage};
use kernel::{Instant, OrderId, ProviderId, Slug};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "orders/work.html")]
struct WorkPage {
    page: Page,
    rows: Vec<OrderRow>,
    /// Where the partners of whoever looks stand.
    own: Vec<PartnerStanding>,
    settled: OwnSettled,
    request: String,
    now: Instant,
    done: bool,
}

impl WorkPage {
    fn light(&self, row: &OrderRow) -> Option<Light> {
        light(&row.order, self.now)
    }
}

#[derive(Deserialize)]
pub(super) struct Shown {
    done: Option<u8>,
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let rows = site.app.own_work(&ctx).await?;
    Ok(html(&WorkPage {
        page: page.titled("派给我的"),
        rows,
        own: site.app.own_standing(&ctx).await?,
        settled: site.app.own_settled(&ctx).await?,
        request: request_key()?,
        now: site.now().at,
        done: shown.done.is_some(),
    }))
}

#[derive(Template)]
#[template(path = "orders/job.html")]
struct JobPage {
    page: Page,
    view: OrderView,
    request: String,
    now: Instant,
    /// The provider somebody would claim it as.
    claim: Option<ProviderId>,
}

impl JobPage {
    fn light(&self) -> Option<Light> {
        light(&self.view.order, self.now)
    }

    fn id(&self) -> OrderId {
        self.view
            .order
            .requested
            .as_ref()
            .map_or(OrderId(0), |asked| asked.order)
    }

    fn at(&self, stages: &[Stage]) -> bool {
        stages.contains(&self.view.order.stage)
    }

    /// The step whose turn it is, if it is the provider's.
    fn step(&self) -> Option<&engine_order::Step> {
        typed::next_step(&self.view)
    }

    /// What the present step, or the end, asks for.
    fn asked(&self) -> Vec<&ProofRule> {
        let ty = &self.view.ty;
        match self.step() {
            Some(step) => step.needs.iter().filter_map(|id| ty.proof_of(id)).collect(),
            None => {
                let of_step = |id: &Slug| ty.steps.iter().any(|step| step.needs.contains(id));
                ty.proof.iter().filter(|rule| !of_step(&rule.id)).collect()
            }
        }
    }

    fn is(&self, rule: &ProofRule, kind: &str) -> bool {
        matches!(
            (rule.kind, kind),
            (ProofKind::Photo, "photo")
                | (ProofKind::Text, "text")
                | (ProofKind::Place, "place")
                | (ProofKind::Number, "number")
                | (ProofKind::Money, "money")
        )
    }

    fn needed(&self, rule: &ProofRule) -> bool {
        rule.required || self.step().is_some()
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(order): Path<i64>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let view = site.app.order(&ctx, OrderId(order)).await.map_err(unseen)?;
    let claims = view.ty.dispatch.by == DispatchBy::Claim && view.order.stage == Stage::Waiting;
    let claim = match claims {
        true => site.app.own_provider(&ctx).await?,
        false => None,
    };
    Ok(html(&JobPage {
        page: page.titled(view.ty.name.clone()).toned(view.ty.solemn),
        view,
        request: request_key()?,
        now: site.now().at,
        claim,
    }))
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(order): Path<i64>,
    upload: Upload,
) -> Result<Response, Trouble> {
    let id = OrderId(order);
    let request = upload.one("request").to_owned();
    let ctx = context(&page, request.clone())?;
    let view = site.app.order(&ctx, id).await.map_err(unseen)?;
    let now = site.now().at;
    let occurred = || typed::moment(upload.one("occurred"), now);
    let why = || upload.one("words").to_owned();
    let act = match upload.one("act") {
        "claim" => Act::Claim {
            provider: site
                .app
                .own_provider(&ctx)
                .await?
                .ok_or_else(Trouble::nothing)?,
        },
        "accept" => Act::Accept,
        "decline" => Act::Decline { why: why() },
        "arrive" => Act::Arrive {
            occurred: occurred()?,
        },
        "step" => {
            let step = typed::next_step(&view).ok_or_else(Trouble::nothing)?;
            let wanted = step.needs.clone();
            Act::Step {
                step: step.id.clone(),
                proofs: proofs(&site, &page, &view, &upload, &wanted).await?,
                occurred: occurred()?,
            }
        }
        "finish" => {
            let wanted: Vec<Slug> = view.ty.proof.iter().map(|rule| rule.id.clone()).collect();
            Act::Finish {
                proofs: proofs(&site, &page, &view, &upload, &wanted).await?,
                occurred: occurred()?,
                minutes: upload.one("minutes").trim().parse().ok(),
                note: why(),
            }
        }
        _ => return Err(Trouble::nothing()),
    };
    let ends = matches!(act, Act::Decline { .. } | Act::Finish { .. });
    site.app.on_order(&ctx, id, act).await?;
    let to = match ends {
        true => "/jobs?done=1".to_owned(),
        false => format!("/jobs/{order}"),
    };
    Ok(Redirect::to(&to).into_response())
}

/// The proofs of a form; photographs are kept first.
pub(super) async fn proofs(
    site: &Site,
    page: &Page,
    view: &OrderView,
    upload: &Upload,
    wanted: &[Slug],
) -> Result<Vec<ProofGiven>, Trouble> {
    let order = view.order.requested.as_ref().map(|asked| asked.order);
    let order = order.ok_or_else(Trouble::nothing)?;
    let mut given = Vec::new();
    for id in wanted {
        let field = format!("proof-{id}");
        given.extend(typed::proof(view, id, upload.one(&field))?);
        let files = upload.files.iter().filter(|(name, _, _)| *name == field);
        for (at, (_, name, body)) in files.enumerate() {
            let request = format!("{}/{id}/{at}", upload.one("request"));
            let ctx = context(page, request)?;
            let kept = site.app.keep_photo(&ctx, order, name, body.clone()).await?;
            given.push(ProofGiven {
                proof: id.clone(),
                value: ProofValue::Photo(kept.value),
            });
        }
    }
    Ok(given)
}
