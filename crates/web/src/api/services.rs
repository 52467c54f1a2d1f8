//! 「规则」 What the pack offers, and a trial of its rules.

use super::ApiFault;
use crate::site::Site;
use app::ServiceLine;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use kernel::{Date, Truth};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ServiceView {
    /// `dibao`.
    id: String,
    /// `最低生活保障`.
    name: String,
    /// What it is called here.
    brand: Option<String>,
    /// How people would ask for it.
    says: String,
    /// `basic`, `special`, `urgent`, `welfare`.
    family: String,
    /// `household` or `person`.
    beneficiary: String,
    /// The law it rests on.
    basis: Vec<String>,
    /// Whether someone must apply.
    needs_application: bool,
}

impl From<ServiceLine> for ServiceView {
    fn from(line: ServiceLine) -> ServiceView {
        ServiceView {
            id: line.id,
            name: line.name,
            brand: line.brand,
            says: line.says,
            family: line.family,
            beneficiary: format!("{:?}", line.beneficiary).to_lowercase(),
            basis: line.basis,
            needs_application: line.needs_application,
        }
    }
}

/// Every service of the pack in force.
#[utoipa::path(
    get, path = "/api/v1/services", tag = "规则",
    responses((status = 200, body = [ServiceView]))
)]
pub(crate) async fn list(State(site): State<Site>) -> Json<Vec<ServiceView>> {
    Json(site.app.services().into_iter().map(Into::into).collect())
}

/// One service.
#[utoipa::path(
    get, path = "/api/v1/services/{service}", tag = "规则",
    params(("service" = String, Path, description = "`dibao`")),
    responses((status = 200, body = ServiceView), (status = 404, body = ApiFault))
)]
pub(crate) async fn one(
    State(site): State<Site>,
    Path(service): Path<String>,
) -> Result<Json<ServiceView>, ApiFault> {
    let found = site
        .app
        .services()
        .into_iter()
        .find(|one| one.id == service);
    found
        .map(|one| Json(one.into()))
        .ok_or_else(ApiFault::nothing)
}

/// By the law of which day.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Day {
    /// `2026-09-07`; today's if not said.
    as_of: Option<String>,
}

/// What the rules say of one benefit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct JudgementView {
    /// Which benefit.
    benefit: String,
    /// `eligible`, `ineligible`, `undetermined`. Never a decision.
    verdict: String,
    /// Fen per payment, when eligible.
    amount_fen: Option<i64>,
    /// Every condition.
    conditions: Vec<ConditionView>,
    /// The arithmetic, line by line.
    sum: Vec<String>,
    /// What is missing, cheapest first.
    missing: Vec<String>,
}

/// One condition judged.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ConditionView {
    /// Its id.
    id: String,
    /// `true`, `false` or nothing: not known.
    holds: Option<bool>,
    /// The sentence for the person.
    says: String,
    /// The article.
    basis: String,
}

/// A household tried.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TrialView {
    /// What the text calls it.
    title: Option<String>,
    /// Every benefit.
    judgements: Vec<JudgementView>,
}

/// Made-up households, in the form of a pack's example.
#[derive(Deserialize, Serialize, ToSchema)]
pub(crate) struct HouseholdsAsked {
    /// Each with `region`, `[member]` and facts; `docs/packs.md` lists the keys.
    household: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// Judges made-up households: the same form as a pack's example, as JSON
/// (`{"household": [{"region": …, "member": [{…}]}]}`). Nothing is looked up or kept.
#[utoipa::path(
    post, path = "/api/v1/judgements", tag = "规则",
    params(Day), request_body = HouseholdsAsked,
    security(("token" = ["policy:read"])),
    responses(
        (status = 200, body = [TrialView]), (status = 400, body = ApiFault), (status = 401, body = ApiFault),
        (status = 403, body = ApiFault), (status = 413, body = ApiFault),
        (status = 415, body = ApiFault), (status = 422, body = ApiFault)
    )
)]
pub(crate) async fn judge(
    State(site): State<Site>,
    day: Result<Query<Day>, QueryRejection>,
    body: Result<Json<HouseholdsAsked>, JsonRejection>,
) -> Result<Json<Vec<TrialView>>, ApiFault> {
    let (Query(day), Json(body)) = (day?, body?);
    let as_of = day.as_of.map(|text| {
        text.parse::<Date>().map_err(|_| {
            let says = format!("“{text}”不是日期，请写成 2026-09-07");
            ApiFault::from(app::AppError::BadInput(says))
        })
    });
    let text = serde_json::to_string(&body)
        .map_err(|why| ApiFault::from(app::AppError::Fault(why.to_string())))?;
    let trials = site.app.try_households(&text, as_of.transpose()?)?;
    let view = |one: engine_policy::Judgement| JudgementView {
        benefit: one.benefit.to_string(),
        verdict: format!("{:?}", one.verdict).to_lowercase(),
        amount_fen: one.amount.map(kernel::Money::fen),
        sum: one.sum,
        missing: one.missing.into_iter().map(|fact| fact.label).collect(),
        conditions: one
            .conditions
            .into_iter()
            .map(|condition| ConditionView {
                id: condition.id.to_string(),
                holds: match condition.truth {
                    Truth::True => Some(true),
                    Truth::False => Some(false),
                    Truth::Undetermined => None,
                },
                says: condition.says,
                basis: condition.basis,
            })
            .collect(),
    };
    let trials = trials.into_iter().map(|trial| TrialView {
        title: trial.title,
        judgements: trial.judgements.into_iter().map(view).collect(),
    });
    Ok(Json(trials.collect()))
}
