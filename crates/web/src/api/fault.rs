//! 「接口的没办成」 The same four kinds of “no” for programs: a status, a stable code,
//! the sentence and the article.

use crate::pace::{Limit, wait_words};
use app::AppError;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ApiFault {
    /// Stable: `engine.reason`, `bad_input`, `conflict`, `not_found`, `fault`.
    code: String,
    /// The sentence: what, where, how to mend it.
    says: String,
    /// The article, where a law says no.
    #[serde(skip_serializing_if = "Option::is_none")]
    article: Option<String>,
    #[serde(skip)]
    status: StatusCode,
    /// After how many seconds it is worth trying again.
    #[serde(skip)]
    retry_after: Option<i64>,
}

impl ApiFault {
    pub(crate) fn new(status: StatusCode, code: &str, says: impl Into<String>) -> ApiFault {
        ApiFault {
            code: code.to_owned(),
            says: says.into(),
            article: None,
            status,
            retry_after: None,
        }
    }

    /// HTTP's.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn nothing() -> ApiFault {
        ApiFault::new(StatusCode::NOT_FOUND, "not_found", "没有这一项")
    }

    pub(crate) fn token() -> ApiFault {
        let says = "请带上有效的令牌：Authorization: Bearer nxt_…";
        ApiFault::new(StatusCode::UNAUTHORIZED, "access.token", says)
    }

    pub(crate) fn too_fast(limit: Limit, seconds: i64) -> ApiFault {
        let says = format!("{}，请过 {}再试", limit.says(), wait_words(seconds));
        ApiFault {
            retry_after: Some(seconds),
            ..ApiFault::new(StatusCode::TOO_MANY_REQUESTS, "too_fast", says)
        }
    }

    pub(crate) fn scope(wanted: &str) -> ApiFault {
        let says = format!("这个令牌没有 {wanted} 的用途，请换一个");
        ApiFault::new(StatusCode::FORBIDDEN, "access.scope", says)
    }
}

impl From<AppError> for ApiFault {
    fn from(error: AppError) -> ApiFault {
        match error {
            AppError::Refused(refused) => {
                let status = match refused.code.starts_with("access.") {
                    true => StatusCode::FORBIDDEN,
                    false => StatusCode::UNPROCESSABLE_ENTITY,
                };
                ApiFault {
                    article: refused.article,
                    ..ApiFault::new(status, refused.code, refused.says)
                }
            }
            AppError::BadInput(says) => {
                ApiFault::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_input", says)
            }
            AppError::Store(why) if why.is_conflict() => {
                ApiFault::new(StatusCode::CONFLICT, "conflict", why.to_string())
            }
            AppError::Store(why) if why.is_missing() => ApiFault::nothing(),
            other => {
                tracing::error!(%other, "an API request failed");
                let says = "没办成，是我们出了问题，请过一会儿再试";
                ApiFault::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", says)
            }
        }
    }
}

impl From<JsonRejection> for ApiFault {
    fn from(why: JsonRejection) -> ApiFault {
        let says = format!("请求的内容读不懂：{}", why.body_text());
        ApiFault::new(why.status(), "bad_input", says)
    }
}

impl From<QueryRejection> for ApiFault {
    fn from(why: QueryRejection) -> ApiFault {
        let says = format!("地址里的参数读不懂：{}", why.body_text());
        ApiFault::new(why.status(), "bad_input", says)
    }
}

impl IntoResponse for ApiFault {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after;
        let mut response = (self.status, Json(self)).into_response();
        if let Some(seconds) = retry_after {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
