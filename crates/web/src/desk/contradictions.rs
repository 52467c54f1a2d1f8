//! 「对不上的数据」 What departments cannot both truly say, both sides with where they come
//! from; which is right, said by a person with a reason, and taken back the same way.

use super::{Taken, place, request_key, unseen};
use crate::page::{Page, html, html_as, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::{AppError, ContradictionCard, ContradictionGroup, RightSide};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{Role, Slug};
use serde::Deserialize;

/// Who rules on them.
pub(crate) const RULERS: &[Role] = &[Role::CountyApprover];

#[derive(Template)]
#[template(path = "desk/contradictions.html")]
struct ContradictionsView {
    page: Page,
    groups: Vec<ContradictionGroup>,
    cards: Vec<ContradictionCard>,
    chosen: Option<Slug>,
    fault: Option<(String, String)>,
    typed: Taken,
    request: String,
    proved: bool,
}

impl ContradictionsView {
    fn open(&self) -> usize {
        self.groups.iter().map(|one| one.open).sum()
    }

    /// How many pairs of the chosen rule there are in all, where not all are listed.
    fn of(&self) -> Option<usize> {
        let group = self.groups.iter().find(|one| self.is_chosen(one))?;
        let all = group.open + group.settled;
        (all > self.cards.len()).then_some(all)
    }

    fn is_chosen(&self, group: &ContradictionGroup) -> bool {
        self.chosen.as_ref() == Some(&group.rule)
    }

    fn fault(&self, card: &ContradictionCard) -> Option<&str> {
        let fault = self.fault.as_ref().filter(|(key, _)| *key == card.key)?;
        Some(&fault.1)
    }

    fn reason(&self, card: &ContradictionCard) -> String {
        self.fault(card)
            .map_or_else(String::new, |_| self.typed.get("reason"))
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    rule: Option<String>,
}

async fn draw(
    site: &Site,
    page: Page,
    chosen: Option<Slug>,
    (fault, typed): (Option<(String, String)>, Taken),
) -> Result<ContradictionsView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Discovery, "");
    let told = site
        .app
        .contradiction_desk(&ctx, place(&page)?, chosen.as_ref());
    let (groups, cards) = told.await.map_err(unseen)?;
    Ok(ContradictionsView {
        proved: visitor.proved,
        page: page.titled("对不上的数据"),
        groups,
        cards,
        chosen,
        fault,
        typed,
        request: request_key()?,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let chosen = asked.rule.and_then(|rule| rule.parse().ok());
    Ok(html(
        &draw(&site, page, chosen, (None, Taken::default())).await?,
    ))
}

pub(super) async fn rule(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Discovery, taken.get("request"));
    let rule: Slug = taken.get("rule").parse().map_err(|_| Trouble::nothing())?;
    let (key, reason) = (taken.get("key"), taken.get("reason"));
    let right = match taken.get("right").as_str() {
        "undo" => Ok(None),
        name => serde_json::from_value::<RightSide>(name.into()).map(Some),
    };
    let region = place(&page)?;
    let done = match right {
        Ok(right) => {
            let what = (&rule, key.as_str());
            let found = (right, reason.as_str());
            site.app.rule_contradiction(&ctx, region, what, found).await
        }
        Err(_) => Err(AppError::BadInput("请选哪一边对".to_owned())),
    };
    match done {
        Ok(()) => {
            let to = format!("/desk/contradictions?rule={}", percent(rule.as_str()));
            Ok(Redirect::to(&to).into_response())
        }
        Err(AppError::BadInput(says)) => {
            let view = draw(&site, page, Some(rule), (Some((key, says)), taken)).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
        Err(other) => Err(unseen(other)),
    }
}
