//! 「一个人两条」 Entries of the register that may be one person: both sides, a signed word
//! with its reason, and the way back.

use super::{Taken, place, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::merge::{MergeCard, MergeDesk, MergeState, MergeWord, SuspectCard, SuspectWord};
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;

use kernel::{MergeId, PersonId};

#[derive(Template)]
#[template(path = "desk/doubles.html")]
struct DoublesPage {
    page: Page,
    desk: MergeDesk,
    request: String,
    proved: bool,
    /// What is wrong with what was sent, and the reason that was typed.
    fault: Option<(String, String)>,
}

impl DoublesPage {
    fn key(&self, one: &SuspectCard) -> String {
        format!("{}-{}", one.pair.0, one.pair.1)
    }

    fn state(&self, one: &MergeCard) -> String {
        match &one.merge.state {
            MergeState::Proposed => "等另一位确认".to_owned(),
            MergeState::Done => "已合并".to_owned(),
            MergeState::Rejected { reason } => format!("没有合并：{reason}"),
            MergeState::Undone { reason } => format!("合并又撤销了：{reason}"),
        }
    }

    fn is_done(&self, one: &MergeCard) -> bool {
        one.merge.state == MergeState::Done
    }

    fn reason(&self) -> &str {
        self.fault.as_ref().map_or("", |(_, reason)| reason)
    }
}

async fn draw(
    site: &Site,
    page: Page,
    fault: Option<(String, String)>,
) -> Result<DoublesPage, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Discovery, "");
    let desk = site.app.merge_desk(&ctx, place(&page)?);
    let desk = desk.await.map_err(unseen)?;
    Ok(DoublesPage {
        proved: visitor.proved,
        page: page.titled("一个人两条"),
        request: request_key()?,
        desk,
        fault,
    })
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, None).await?))
}

/// Goes through the register now; otherwise it is done every day.
pub(super) async fn look(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Discovery, "");
    // Who may not see the page may not start the search either.
    let may = site.app.merge_desk(&ctx, place(&page)?).await;
    may.map_err(unseen)?;
    site.app.look_for_doubles().await?;
    Ok(Redirect::to("/desk/doubles").into_response())
}

pub(super) async fn judge(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Discovery, taken.get("request"));
    let (place, reason) = (place(&page)?, taken.get("reason"));
    let word = taken.get("word");
    let done = match (pair(&taken), taken.get("merge").parse().map(MergeId)) {
        (Some(pair), _) => {
            let word = match word.as_str() {
                "one" => SuspectWord::Same(pair.0),
                "other" => SuspectWord::Same(pair.1),
                "two" => SuspectWord::Two,
                _ => return again(&site, page, "请选是不是一个人", reason).await,
            };
            let judged = site.app.judge_suspect(&ctx, place, pair, (word, &reason));
            judged.await
        }
        (None, Ok(merge)) => {
            let word = match word.as_str() {
                "confirm" => MergeWord::Confirm,
                "reject" => MergeWord::Reject,
                "undo" => MergeWord::Undo,
                _ => return again(&site, page, "请选合不合并", reason).await,
            };
            let judged = site.app.judge_merge(&ctx, place, merge, (word, &reason));
            judged.await
        }
        (None, Err(_)) => return Err(Trouble::nothing()),
    };
    match done {
        Ok(_) => Ok(Redirect::to("/desk/doubles").into_response()),
        Err(AppError::BadInput(says)) => again(&site, page, &says, reason).await,
        Err(AppError::Refused(no)) if !no.code.starts_with("access.") => {
            again(&site, page, &no.says, reason).await
        }
        Err(other) => Err(unseen(other)),
    }
}

async fn again(site: &Site, page: Page, says: &str, reason: String) -> Result<Response, Trouble> {
    let shown = draw(site, page, Some((says.to_owned(), reason))).await?;
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

fn pair(taken: &Taken) -> Option<(PersonId, PersonId)> {
    let (one, other) = (taken.get("one"), taken.get("other"));
    Some((PersonId(one.parse().ok()?), PersonId(other.parse().ok()?)))
}
