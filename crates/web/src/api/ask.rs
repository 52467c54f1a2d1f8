//! 「数据服务接口」 A party asks, signed, by its agreement; the answer is signed too. What
//! was not agreed is refused in one voice; nobody and not known sound the same.

use super::ApiFault;
use super::data::reply;
use crate::pace::Limit;
use crate::site::Site;
use app::ask::{Answered, AskHead, AskKind, AskTurned, QUESTION_BYTES_MAX};
use app::signing::{SignatureError, SignedHeaders};
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use kernel::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A question. `fields` only of records (none: all that were agreed), `benefit` only of
/// receives, `id_no` of neither for counts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it stands for the body in the document")]
pub(crate) struct QuestionView {
    /// The number of a document.
    id_no: Option<String>,
    /// `dibao`.
    benefit: Option<String>,
    /// Ids of fields.
    fields: Option<Vec<String>>,
    /// `verification`, `discovery`, `audit`: as agreed.
    purpose: String,
    /// Your own number of the matter.
    reference: String,
}

/// One person's records of a category.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RecordsView {
    /// `records`, `no_record` (looked at, nothing there), `not_known` (nobody can say).
    answer: &'static str,
    /// The day the data speaks of.
    #[schema(value_type = Option<String>)]
    as_of: Option<Date>,
    /// Field id → text.
    records: Vec<BTreeMap<String, String>>,
}

/// Whether somebody receives a benefit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ReceivesView {
    /// `yes`, `no`, `not_known`.
    answer: &'static str,
    /// The day it is said of.
    #[schema(value_type = String)]
    on: Date,
}

/// Counts of people; an absent count is hidden because it, or another, is small.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CountsView {
    /// The place.
    place: String,
    /// The day it was counted.
    #[schema(value_type = String)]
    counted: Date,
    /// The services, and the total.
    services: Vec<String>,
    /// The places below, and the whole: a count for each service.
    places: Vec<(String, Vec<Option<u64>>)>,
}

impl From<AskTurned> for ApiFault {
    fn from(why: AskTurned) -> ApiFault {
        let status = match &why {
            AskTurned::Signature(SignatureError::Replayed) => StatusCode::CONFLICT,
            AskTurned::Signature(_) => StatusCode::UNAUTHORIZED,
            AskTurned::Unreadable(_) => StatusCode::BAD_REQUEST,
            AskTurned::NotAgreed => StatusCode::FORBIDDEN,
            AskTurned::TooMany => StatusCode::TOO_MANY_REQUESTS,
            AskTurned::Broken(_) => {
                return match why {
                    AskTurned::Broken(why) => ApiFault::from(why),
                    _ => ApiFault::nothing(),
                };
            }
        };
        ApiFault::new(status, why.code(), why.to_string())
    }
}

/// One person's records of a category, within the fields of your agreement. Signed
/// (headers `x-nx-…`, docs/partners.md). Every question is on record.
#[utoipa::path(
    post, path = "/api/v1/ask/records/{category}", tag = "数据服务",
    params(("category" = String, Path, description = "`dibao_member`")),
    request_body(content = QuestionView),
    responses(
        (status = 200, body = RecordsView), (status = 400, body = ApiFault),
        (status = 401, body = ApiFault), (status = 403, body = ApiFault),
        (status = 409, body = ApiFault), (status = 429, body = ApiFault)
    )
)]
pub(crate) async fn records(
    State(site): State<Site>,
    OriginalUri(uri): OriginalUri,
    Path(category): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answered(
        &site,
        (AskKind::Records, Some(&category)),
        uri,
        headers,
        body,
    )
    .await
}

/// Whether somebody receives a benefit today: yes, no, not known. The least that can be
/// said; ask this before you ask for records.
#[utoipa::path(
    post, path = "/api/v1/ask/receives", tag = "数据服务",
    request_body(content = QuestionView),
    responses(
        (status = 200, body = ReceivesView), (status = 400, body = ApiFault),
        (status = 401, body = ApiFault), (status = 403, body = ApiFault),
        (status = 409, body = ApiFault), (status = 429, body = ApiFault)
    )
)]
pub(crate) async fn receives(
    State(site): State<Site>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answered(&site, (AskKind::Receives, None), uri, headers, body).await
}

/// How many people receive what in which place. Counts from 1 to 4 are hidden, and with
/// them what would tell them.
#[utoipa::path(
    post, path = "/api/v1/ask/statistics", tag = "数据服务",
    request_body(content = QuestionView),
    responses(
        (status = 200, body = CountsView), (status = 400, body = ApiFault),
        (status = 401, body = ApiFault), (status = 403, body = ApiFault),
        (status = 409, body = ApiFault), (status = 429, body = ApiFault)
    )
)]
pub(crate) async fn statistics(
    State(site): State<Site>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answered(&site, (AskKind::Statistics, None), uri, headers, body).await
}

async fn answered(
    site: &Site,
    (kind, category): (AskKind, Option<&str>),
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let signed = SignedHeaders::collect(|name| headers.get(name)?.to_str().ok());
    let nonce = signed.as_ref().ok().map(|one| one.nonce.clone());
    let asked = async {
        let signed = signed.map_err(AskTurned::Signature)?;
        // Whoever it claims to be: guessing waits alone, whether it is believed or not.
        if let Err(seconds) = site.pace(Limit::Ask, &signed.key) {
            return Err(ApiFault::too_fast(Limit::Ask, seconds));
        }
        let long = |_| AskTurned::Unreadable("太长了".to_owned());
        let body = to_bytes(body, QUESTION_BYTES_MAX).await.map_err(long)?;
        let unknown = || AskTurned::Signature(SignatureError::UnknownKey(signed.key.clone()));
        let ring = site.parties().ok_or_else(unknown)?;
        let head = AskHead {
            signed: &signed,
            path: uri.path_and_query().map_or("/", |path| path.as_str()),
            kind,
            category,
            body: &body,
        };
        Ok(site.app.answer_party(ring, head).await?)
    };
    let (status, answer) = match asked.await {
        Ok(answer) => (StatusCode::OK, written(answer)),
        Err(fault) => (fault.status(), serde_json::to_vec(&fault)),
    };
    reply(site, status, answer.unwrap_or_default(), nonce.as_deref())
}

fn written(answer: Answered) -> serde_json::Result<Vec<u8>> {
    let word = answer.word();
    let records = |as_of, records| RecordsView {
        answer: word,
        as_of,
        records,
    };
    match answer {
        Answered::Records {
            as_of,
            records: all,
        } => serde_json::to_vec(&records(as_of, all)),
        Answered::NoRecord { as_of } => serde_json::to_vec(&records(Some(as_of), Vec::new())),
        Answered::NotKnown => serde_json::to_vec(&records(None, Vec::new())),
        Answered::Receives { on, .. } => serde_json::to_vec(&ReceivesView { answer: word, on }),
        Answered::Statistics(table) => serde_json::to_vec(&CountsView {
            place: table.place,
            counted: table.counted,
            services: table.services,
            places: table.places,
        }),
    }
}
