//! 「补材料」 A household hands in what the one-time notice asked for; with the last
//! of it the application goes on. And what was handed in, opened again.

use super::case::{drawn, told};
use super::{context, request_key};
use crate::files::{Upload, served};
use crate::page::{Page, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use app::AppError;
use app::attachment::{AttachedTo, HandedIn};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_case::Phase;
use kernel::{CaseId, DocumentId};

pub(crate) async fn hand_in(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    upload: Upload,
) -> Result<Response, Trouble> {
    let request = upload.one("request").to_owned();
    let before = told(&site, &page, case).await?;
    let mut wrong = None;
    for (at, (kind, name, body)) in upload.files.into_iter().enumerate() {
        let Ok(paper) = kind.parse() else { continue };
        let given = HandedIn {
            purpose: AttachedTo::Paper(paper),
            name,
            body,
        };
        let ctx = context(&page, format!("{request}/{at}"))?;
        match site.app.attach(&ctx, CaseId(case), given).await {
            Ok(_) => {}
            Err(AppError::BadInput(says)) => wrong = wrong.or(Some((kind, says))),
            Err(AppError::Refused(why)) if !why.code.starts_with("access.") => {
                wrong = wrong.or(Some((kind, why.says)));
            }
            Err(AppError::Refused(_)) => return Err(Trouble::nothing()),
            Err(other) => return Err(other.into()),
        }
    }
    let now = told(&site, &page, case).await?;
    if wrong.is_none() && now.papers.is_empty() && now.phase == Phase::Returned {
        let ctx = context(&page, request)?;
        site.app.submit_case(&ctx, CaseId(case), Vec::new()).await?;
        return Ok(Redirect::to(&format!("/cases/{case}")).into_response());
    }
    if wrong.is_none() && before.papers.len() == now.papers.len() && !now.papers.is_empty() {
        let first = now.papers.first().map(|one| one.kind.to_string());
        wrong = first.map(|kind| (kind, "请选一张照片或一个文件".to_owned()));
    }
    match wrong {
        None => Ok(Redirect::to(&format!("/cases/{case}#papers")).into_response()),
        Some(wrong) => {
            let mut shown = drawn(page, now, request_key()?, String::new(), None);
            shown.paper_fault = Some(wrong);
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

pub(crate) async fn open(
    State(site): State<Site>,
    page: Page,
    Path((case, document)): Path<(i64, i64)>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let opened = site.app.attached(&ctx, CaseId(case), DocumentId(document));
    match opened.await {
        Ok(file) => Ok(served(file)),
        Err(AppError::Refused(why)) if why.code.starts_with("access.") => Err(Trouble::nothing()),
        Err(other) => Err(other.into()),
    }
}
