//! 「查真假」 Is this paper genuine, and does it still hold: for anybody who holds it.

use crate::page::{Page, html, html_as, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::papers::{Checked, Standing, code_of};
use askama::Template;
use axum::extract::{ConnectInfo, Extension, Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::net::SocketAddr;

/// Where a question comes from, where the server knows it.
type From = Option<Extension<ConnectInfo<SocketAddr>>>;

fn source(from: &From) -> String {
    let peer = from.as_ref().map(|Extension(ConnectInfo(peer))| peer.ip());
    peer.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
}

#[derive(Template)]
#[template(path = "papers/ask.html")]
struct AskPage {
    page: Page,
    typed: String,
    fault: Option<String>,
}

/// A code typed by hand.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    code: Option<String>,
}

pub(super) async fn ask(page: Page, Query(typed): Query<Typed>) -> Response {
    let page = page.titled("查文书真假");
    let typed = typed.code.unwrap_or_default();
    if let Some(code) = code_of(&typed) {
        return Redirect::to(&format!("/papers/{}", percent(&code))).into_response();
    }
    let fault =
        (!typed.trim().is_empty()).then(|| "码是 12 个字母和数字，请对着纸上再输".to_owned());
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    html_as(status, &AskPage { page, typed, fault })
}

#[derive(Template)]
#[template(path = "papers/check.html")]
struct CheckPage {
    page: Page,
    paper: Checked,
    /// What was compared with it; `None`: nothing yet.
    same: Option<bool>,
    fault: Option<&'static str>,
}

async fn found(
    site: &Site,
    page: Page,
    code: &str,
    from: &From,
) -> Result<(Page, Checked), Response> {
    match site.app.check_paper(code, &source(from)).await {
        Ok(paper) => Ok((page.titled(paper.title.clone()), paper)),
        Err(AppError::BadInput(says)) => {
            let page = page.titled("查文书真假");
            let (typed, fault) = (code.to_owned(), Some(says));
            Err(html_as(
                StatusCode::NOT_FOUND,
                &AskPage { page, typed, fault },
            ))
        }
        Err(AppError::Refused(why)) => {
            Err(Trouble::new(StatusCode::TOO_MANY_REQUESTS, why.says).into_response())
        }
        Err(other) => Err(Trouble::from(other).into_response()),
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(code): Path<String>,
    from: From,
) -> Response {
    match found(&site, page, &code, &from).await {
        Ok((page, paper)) => html(&CheckPage {
            page,
            paper,
            same: None,
            fault: None,
        }),
        Err(answer) => answer,
    }
}

/// Compares what somebody holds: a file, or the digest typed from the paper. The
/// file is read and forgotten.
pub(super) async fn compare(
    State(site): State<Site>,
    page: Page,
    Path(code): Path<String>,
    from: From,
    sent: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let (page, paper) = match found(&site, page, &code, &from).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let digest = match sent {
        Ok(sent) => given(sent).await,
        Err(_) => None,
    };
    let (status, same, fault) = match digest {
        Some(digest) => (StatusCode::OK, Some(paper.fits(&digest)), None),
        None => {
            let says = "请选一个文件，或者把纸上的内容指纹输进来";
            (StatusCode::UNPROCESSABLE_ENTITY, None, Some(says))
        }
    };
    html_as(
        status,
        &CheckPage {
            page,
            paper,
            same,
            fault,
        },
    )
}

/// The digest of the file sent, else the one typed.
async fn given(mut sent: Multipart) -> Option<String> {
    let mut digest = None;
    while let Ok(Some(field)) = sent.next_field().await {
        let is_file = field.name() == Some("file");
        let bytes = field.bytes().await.ok()?;
        match is_file {
            true if !bytes.is_empty() => return Some(app::papers::digest(&bytes)),
            false if !bytes.is_empty() => {
                digest = Some(String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => {}
        }
    }
    digest
}
