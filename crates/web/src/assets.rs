//! 「素材」 Style sheets, drawings and scripts, inside the binary. Each has its
//! digest in its address, so that a browser keeps it for ever and never an old one.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Name → bytes.
const FILES: &[(&str, &str)] = &[
    ("tokens.css", include_str!("../../../web/css/tokens.css")),
    ("nuanxin.css", include_str!("../../../web/css/nuanxin.css")),
    ("house.css", include_str!("../../../web/css/house.css")),
    (
        "citizen-home.css",
        include_str!("../../../web/css/citizen-home.css"),
    ),
    (
        "citizen-apply.css",
        include_str!("../../../web/css/citizen-apply.css"),
    ),
    (
        "citizen-result.css",
        include_str!("../../../web/css/citizen-result.css"),
    ),
    (
        "citizen-xingfu.css",
        include_str!("../../../web/css/citizen-xingfu.css"),
    ),
    (
        "board-cockpit.css",
        include_str!("../../../web/css/board-cockpit.css"),
    ),
    (
        "board-data.css",
        include_str!("../../../web/css/board-data.css"),
    ),
    (
        "board-map.css",
        include_str!("../../../web/css/board-map.css"),
    ),
    (
        "desk-today.css",
        include_str!("../../../web/css/desk-today.css"),
    ),
    (
        "desk-case.css",
        include_str!("../../../web/css/desk-case.css"),
    ),
    (
        "desk-data.css",
        include_str!("../../../web/css/desk-data.css"),
    ),
    (
        "desk-pages.css",
        include_str!("../../../web/css/desk-pages.css"),
    ),
    (
        "citizen-xingfuma.css",
        include_str!("../../../web/css/citizen-xingfuma.css"),
    ),
    (
        "citizen-mine.css",
        include_str!("../../../web/css/citizen-mine.css"),
    ),
    ("orders.css", include_str!("../../../web/css/orders.css")),
    (
        "bookings.css",
        include_str!("../../../web/css/bookings.css"),
    ),
    ("law.css", include_str!("../../../web/css/law.css")),
    ("xingfuma.js", include_str!("../../../web/js/xingfuma.js")),
    ("papers.css", include_str!("../../../web/css/papers.css")),
    ("apply.js", include_str!("../../../web/js/apply.js")),
    ("slide.js", include_str!("../../../web/js/slide.js")),
    ("field.css", include_str!("../../../web/css/field.css")),
    ("field.js", include_str!("../../../web/js/field.js")),
    ("icons.svg", include_str!("../../../web/icons.svg")),
    ("passkey.js", include_str!("../../../web/js/passkey.js")),
];

/// An asset as served.
struct Asset {
    body: String,
    address: String,
    media: &'static str,
}

static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let made = FILES.iter().map(|(name, text)| {
        let body = match *name {
            "house.css" => format!("{text}{}}}\n", percents()),
            _ => (*text).to_owned(),
        };
        let digest = Sha256::digest(body.as_bytes());
        let short: String = digest.iter().take(6).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let media = match name.rsplit_once('.') {
            Some((_, "css")) => "text/css; charset=utf-8",
            Some((_, "js")) => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        let address = format!("/assets/{short}/{name}");
        (
            *name,
            Asset {
                body,
                address,
                media,
            },
        )
    });
    made.collect()
});

/// `style` attributes are forbidden by the content security policy: a bar's
/// length is one of these classes.
fn percents() -> String {
    (0..=100).fold(String::new(), |mut css, percent| {
        let _ = writeln!(css, ".v{percent} {{ --v: {percent}%; }}");
        css
    })
}

/// The address of an asset; unknown names lead nowhere, which a test would see.
pub(crate) fn address(name: &str) -> &'static str {
    ASSETS
        .get(name)
        .map_or("/assets/missing", |asset| asset.address.as_str())
}

/// Serves an asset; any digest will do, the newest text is the answer.
pub(crate) async fn serve(Path((_, name)): Path<(String, String)>) -> Response {
    match ASSETS.get(name.as_str()) {
        Some(asset) => {
            let head = [
                (header::CONTENT_TYPE, asset.media),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (head, asset.body.as_str()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
