//! 「全息查询」 Asked with a matter and a reason; the number goes in a form, never in an
//! address. Every answer takes at least the same time, so that how long it takes
//! tells nothing.

use super::{Taken, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::holo::{HoloCategory, HoloPage, HoloWho};
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use engine_access::Purpose;
use kernel::{CaseId, FindingId, Role};
use serde::Deserialize;
use std::time::{Duration, Instant};

/// Who may ask.
pub(crate) const ASKERS: &[Role] = &[Role::TownOfficer, Role::CountyApprover];

/// The least an answer takes, whatever it is.
const AT_LEAST: Duration = Duration::from_millis(400);

#[derive(Template)]
#[template(path = "desk/holo.html")]
struct HoloView {
    page: Page,
    matter: Matter,
    /// What was typed, and what is wrong with it.
    reason: String,
    whole: bool,
    fault: Option<String>,
    found: Option<HoloPage>,
}

impl HoloView {
    /// Contradictions nobody ruled on.
    fn open(&self, found: &HoloPage) -> usize {
        let all = found.contradictions.iter();
        all.filter(|one| one.ruling.is_none()).count()
    }

    fn age(&self, one: &HoloCategory) -> String {
        match one.age_days {
            None => "没有一批还算数".to_owned(),
            Some(..1) => "今天的".to_owned(),
            Some(days) => format!("数据到 {days} 天前"),
        }
    }

    fn since(&self, from: &kernel::Date, until: &Option<kernel::Date>) -> String {
        let month = |day: &kernel::Date| day.format("%Y年%-m月").to_string();
        match until {
            Some(until) => format!("{} 到 {}", month(from), month(until)),
            None => format!("{} 起", month(from)),
        }
    }
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Matter {
    case: Option<i64>,
    finding: Option<i64>,
}

impl Matter {
    fn context(self, page: &Page) -> Result<Context, Trouble> {
        let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
        let purpose = match (self.case, self.finding) {
            (Some(case), _) => Purpose::Case(CaseId(case)),
            (None, Some(finding)) => Purpose::Visit(FindingId(finding)),
            (None, None) => {
                let says = "查一个人要有事由。请从办件或者线索打开";
                return Err(Trouble::new(StatusCode::FORBIDDEN, says));
            }
        };
        Ok(visitor.acts(purpose, String::new()))
    }
}

pub(super) async fn show(page: Page, Query(matter): Query<Matter>) -> Result<Response, Trouble> {
    matter.context(&page)?;
    Ok(html(&HoloView {
        page: page.titled("全息查询"),
        matter,
        reason: String::new(),
        whole: true,
        fault: None,
        found: None,
    }))
}

pub(super) async fn ask(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let begun = Instant::now();
    let matter = Matter {
        case: taken.get("case").parse().ok(),
        finding: taken.get("finding").parse().ok(),
    };
    let ctx = matter.context(&page)?;
    let (number, reason) = (taken.get("number"), taken.get("reason"));
    let whole = taken.get("who") != "number";
    let who = match whole {
        true => HoloWho::Home,
        false => HoloWho::Number(number),
    };
    let asked = site.app.holo(&ctx, &who, &reason).await;
    tokio::time::sleep(AT_LEAST.saturating_sub(begun.elapsed())).await;
    let mut view = HoloView {
        page: page.titled("全息查询"),
        matter,
        reason,
        whole,
        fault: None,
        found: None,
    };
    match asked {
        Ok(Some(found)) => {
            view.found = Some(found);
            Ok(html(&view))
        }
        Ok(None) => {
            view.fault = Some("没有查到，或者这件事用不着查他。已经记下您查过".to_owned());
            Ok(html_as(StatusCode::NOT_FOUND, &view))
        }
        Err(AppError::BadInput(says)) => {
            view.fault = Some(says);
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
        Err(why) => Err(unseen(why)),
    }
}
