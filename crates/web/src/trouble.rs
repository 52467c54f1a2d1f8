//! 「没办成」 Four kinds of “no” as pages: a refusal says why and by which article,
//! bad input how to mend it, a fault that what was typed is safe. The page itself
//! is drawn by one layer, so that every way of failing looks the same.

use crate::api::ApiFault;
use crate::guard;
use crate::pace::{Limit, wait_words};
use crate::page::{Page, html_as};
use crate::site::Site;
use app::AppError;
use askama::Template;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What a handler gives when it has no page of its own.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    status: StatusCode,
    says: String,
    article: Option<String>,
    /// What a person can quote on the phone.
    number: Option<String>,
    /// After how many seconds it is worth trying again.
    retry_after: Option<i64>,
}

impl Trouble {
    /// A “no” with its sentence.
    pub(crate) fn new(status: StatusCode, says: impl Into<String>) -> Trouble {
        Trouble {
            status,
            says: says.into(),
            article: None,
            number: None,
            retry_after: None,
        }
    }

    /// Too fast: what, and how long to wait.
    pub(crate) fn too_fast(limit: Limit, seconds: i64) -> Trouble {
        let says = format!("{}，请过 {}再试", limit.says(), wait_words(seconds));
        Trouble {
            retry_after: Some(seconds),
            ..Trouble::new(StatusCode::TOO_MANY_REQUESTS, says)
        }
    }

    /// There is nothing at this address, or nothing this visitor may know of.
    pub(crate) fn nothing() -> Trouble {
        Trouble::new(StatusCode::NOT_FOUND, "这里没有您要找的内容")
    }
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Trouble {
        match error {
            AppError::Refused(refused) => {
                let is_access = refused.code.starts_with("access.");
                let status = match is_access {
                    true => StatusCode::FORBIDDEN,
                    false => StatusCode::UNPROCESSABLE_ENTITY,
                };
                Trouble {
                    article: refused.article,
                    ..Trouble::new(status, refused.says)
                }
            }
            AppError::BadInput(says) => Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, says),
            AppError::Store(why) if why.is_conflict() => Trouble::new(
                StatusCode::CONFLICT,
                "刚才有人也在办这件事，请看一眼最新的再办",
            ),
            AppError::Store(why) if why.is_missing() => Trouble::nothing(),
            AppError::Store(why) => broke(&why),
            AppError::Fault(why) => broke(&why),
        }
    }
}

fn broke(why: &dyn std::fmt::Display) -> Trouble {
    let mut bytes = [0_u8; 4];
    // Without random numbers the page says so by its zeros; nothing rests on them.
    let _ = getrandom::fill(&mut bytes);
    let number = format!("{:08X}", u32::from_be_bytes(bytes));
    tracing::error!(number, %why, "a request failed");
    Trouble {
        number: Some(number),
        ..Trouble::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "没办成，是我们出了问题。您填的都还在，请过一会儿再试",
        )
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "layout/trouble.html")]
struct TroublePage<'a> {
    page: Page,
    trouble: &'a Trouble,
    title: &'static str,
}

/// Draws the page of a response that carries a [`Trouble`], or of a bare failure.
pub(crate) async fn draw(State(site): State<Site>, request: Request, next: Next) -> Response {
    let is_api = guard::is_api(&request);
    let (mut asked, body) = request.into_parts();
    let parts = asked.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let media = response.headers().get(header::CONTENT_TYPE);
    let bare = media.is_none();
    // What the framework says of a request it cannot read is for programmers.
    let is_raw = media.is_some_and(|media| media.as_bytes().starts_with(b"text/plain"));
    let trouble = match response.extensions().get::<Trouble>() {
        Some(trouble) => trouble.clone(),
        None if bare && status == StatusCode::NOT_FOUND => Trouble::nothing(),
        None if bare && status == StatusCode::METHOD_NOT_ALLOWED => {
            Trouble::new(status, "这个地址不能这样用")
        }
        None if bare && status.is_server_error() => broke(&status),
        None if is_raw && status.is_client_error() => Trouble::new(
            status,
            "这个地址或者您交的内容读不懂。请从页面上的链接和表格再来一次",
        ),
        None => return response,
    };
    if is_api {
        return ApiFault::new(status, "http", trouble.says).into_response();
    }
    let retry_after = trouble.retry_after;
    let title = match status {
        StatusCode::NOT_FOUND => "没有找到",
        StatusCode::FORBIDDEN => "这里不能看",
        StatusCode::CONFLICT => "有人先办了",
        StatusCode::TOO_MANY_REQUESTS => "请慢一点",
        status if status.is_server_error() => "没办成",
        _ => "还不能办",
    };
    let Ok(page) = Page::from_request_parts(&mut asked, &site).await;
    let drawn = TroublePage {
        page: page.titled(title),
        trouble: &trouble,
        title,
    };
    let mut response = html_as(status, &drawn);
    if let Some(seconds) = retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
