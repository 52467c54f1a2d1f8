//! 「数据接口」 A department's own delivery: signed, under an agreement, read in pieces.
//! What it is stands in the address; the rows are the body. The answer says what became
//! of it, row by row where something is wrong.

use super::ApiFault;
use crate::site::Site;
use app::AppError;
use app::import::{Head, ImportOutcome, Imported, QualityReport, TurnedAway};
use app::signing::{SignatureError, SignedHeaders};
use axum::Json;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// Between two pieces of a body so much may pass.
const PATIENCE: Duration = Duration::from_secs(30);
/// The first faults are told.
const FAULTS_TOLD: usize = 100;

/// What became of a delivery.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// Our number of it; of bytes that came before, the number they have.
    batch: Option<i64>,
    /// `accepted`, `refused`, `repeated`.
    outcome: String,
    /// Rows in the body.
    rows: u64,
    /// Rows taken.
    taken: u64,
    /// Why it was refused whole.
    reasons: Vec<String>,
    /// The first rows that were not taken, and why.
    faults: Vec<FaultView>,
    /// Whether it came after its time.
    late: bool,
}

/// One fault of one row.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FaultView {
    /// Its line, the header being 1.
    line: u64,
    /// Its column.
    column: String,
    /// What is wrong and how to mend it.
    says: String,
}

impl From<Imported> for DeliveryView {
    fn from(imported: Imported) -> DeliveryView {
        let batch = imported.batch.map(|batch| batch.0);
        let (outcome, reasons, quality) = match imported.outcome {
            ImportOutcome::Accepted(quality) => ("accepted", Vec::new(), quality),
            ImportOutcome::Refused { reasons, quality } => {
                ("refused", reasons, quality.unwrap_or_default())
            }
            ImportOutcome::Repeated => ("repeated", Vec::new(), QualityReport::default()),
        };
        let fault = |fault: &app::import::RowFault| FaultView {
            line: fault.line,
            column: fault.column.clone(),
            says: fault.kind.to_string(),
        };
        DeliveryView {
            batch,
            outcome: outcome.to_owned(),
            rows: quality.rows,
            taken: quality.taken,
            reasons,
            faults: quality.faults.iter().take(FAULTS_TOLD).map(fault).collect(),
            late: quality.late,
        }
    }
}

impl From<TurnedAway> for ApiFault {
    fn from(why: TurnedAway) -> ApiFault {
        let status = match &why {
            TurnedAway::Signature(SignatureError::Replayed) | TurnedAway::NumberUsed(_) => {
                StatusCode::CONFLICT
            }
            TurnedAway::Signature(_) => StatusCode::UNAUTHORIZED,
            TurnedAway::Agreement(_) => StatusCode::FORBIDDEN,
            TurnedAway::Unreadable(_) => StatusCode::BAD_REQUEST,
            TurnedAway::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            TurnedAway::OtherBytes => StatusCode::UNPROCESSABLE_ENTITY,
            TurnedAway::Broken(_) => {
                return match why {
                    TurnedAway::Broken(why) => ApiFault::from(why),
                    _ => ApiFault::nothing(),
                };
            }
        };
        ApiFault::new(status, why.code(), why.to_string())
    }
}

/// Hands in a delivery of one category. Signed by the department (headers `x-nx-…`,
/// docs/partners.md) over method, path with query, body digest, time (±5 minutes) and
/// a nonce that counts once. The same bytes again are the same delivery. Refused, with
/// reasons, are: unknown or wrong keys, old times, used nonces, agreements that ended,
/// fields beyond the agreement.
#[utoipa::path(
    post, path = "/api/v1/data/{category}", tag = "数据",
    params(
        ("category" = String, Path, description = "`dibao_member`"),
        ("as_of" = String, Query, description = "`2026-08-31`: the day it speaks of"),
        ("rows" = u64, Query, description = "rows without the header"),
        ("batch" = String, Query, description = "your own number of it, at most 64 letters"),
        ("format" = String, Query, description = "`jsonl`, `csv`, `xlsx`"),
        ("encoding" = Option<String>, Query, description = "of CSV: `UTF-8` (usual), `GB18030`"),
        ("mends" = Option<i64>, Query, description = "our number of the delivery whose rows it brings again")
    ),
    request_body(content = String, description = "the rows, as `format` and `encoding` say", content_type = "application/octet-stream"),
    responses(
        (status = 200, body = DeliveryView), (status = 400, body = ApiFault),
        (status = 401, body = ApiFault), (status = 403, body = ApiFault),
        (status = 409, body = ApiFault), (status = 413, body = ApiFault),
        (status = 422, body = DeliveryView), (status = 429, body = ApiFault)
    )
)]
pub(crate) async fn push(
    State(site): State<Site>,
    OriginalUri(uri): OriginalUri,
    Path(category): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let signed = SignedHeaders::collect(|name| headers.get(name)?.to_str().ok());
    let nonce = signed.as_ref().ok().map(|one| one.nonce.clone());
    let (status, answer) = match signed {
        Err(why) => told(TurnedAway::Signature(why)),
        Ok(signed) => {
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            let head = Head {
                signed: &signed,
                path,
                query: uri.query().unwrap_or_default(),
                category: &category,
            };
            match take(&site, head, body).await {
                Ok(imported) => {
                    let view = DeliveryView::from(imported);
                    let status = match view.outcome.as_str() {
                        "refused" => StatusCode::UNPROCESSABLE_ENTITY,
                        _ => StatusCode::OK,
                    };
                    (status, serde_json::to_vec(&view).unwrap_or_default())
                }
                Err(why) => told(why),
            }
        }
    };
    reply(&site, status, answer, nonce.as_deref())
}

async fn take(site: &Site, head: Head<'_>, body: Body) -> Result<Imported, TurnedAway> {
    let ring = site.parties().ok_or_else(|| {
        let unknown = SignatureError::UnknownKey(head.signed.key.clone());
        TurnedAway::Signature(unknown)
    })?;
    let mut arrival = site.app.announce(ring, head).await?;
    let mut pieces = body.into_data_stream();
    loop {
        let next = tokio::time::timeout(PATIENCE, pieces.next()).await;
        match next {
            Ok(Some(Ok(piece))) => {
                if let Err(why) = arrival.take(&site.app, &piece) {
                    site.app.gave_up(&arrival, &why).await?;
                    return Err(why);
                }
            }
            Ok(None) => return site.app.arrive(arrival).await,
            Ok(Some(Err(_))) | Err(_) => {
                let why = TurnedAway::OtherBytes;
                site.app.gave_up(&arrival, &why).await?;
                return Err(why);
            }
        }
    }
}

fn told(why: TurnedAway) -> (StatusCode, Vec<u8>) {
    let fault = ApiFault::from(why);
    (
        fault.status(),
        serde_json::to_vec(&fault).unwrap_or_default(),
    )
}

/// The answer, signed where we have a key of our own.
pub(super) fn reply(
    site: &Site,
    status: StatusCode,
    body: Vec<u8>,
    nonce: Option<&str>,
) -> Response {
    let signed = match (site.signer(), nonce) {
        (Some(signer), Some(nonce)) => {
            Some(signer.sign_reply(status.as_u16(), &body, nonce, site.now()))
        }
        _ => None,
    };
    let json = [("content-type", "application/json")];
    let mut response = (status, json, body).into_response();
    for (name, value) in signed.iter().flat_map(SignedHeaders::pairs) {
        if let Ok(value) = HeaderValue::from_str(value) {
            let headers = response.headers_mut();
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A category of the data dictionary.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CategoryView {
    /// `dibao_member`.
    id: String,
    /// `低保家庭及成员`.
    name: String,
    /// Who gives it.
    department: String,
    /// Its columns in order: whose, the record's number, its day, then its fields.
    columns: Vec<String>,
}

/// The categories that can be handed in, with their columns: what a department has to
/// send. Open to everybody; it says nothing about anybody.
#[utoipa::path(
    get, path = "/api/v1/data", tag = "数据",
    responses((status = 200, body = [CategoryView]))
)]
pub(crate) async fn dictionary(
    State(site): State<Site>,
) -> Result<Json<Vec<CategoryView>>, ApiFault> {
    let views = site.app.bringable().into_iter().map(|one| {
        let columns = site.app.columns_of(&one.id)?;
        Ok::<_, AppError>(CategoryView {
            id: one.id.to_string(),
            name: one.name,
            department: one.department,
            columns,
        })
    });
    Ok(Json(views.collect::<Result<_, _>>()?))
}
