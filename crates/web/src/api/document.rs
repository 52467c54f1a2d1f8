//! 「接口说明」 The OpenAPI document, and a page to read it and try it by hand.

use super::{ApiFault, ask, cases, checks, data, services};
use crate::orders::gate;
use crate::page::{Page, html};
use askama::Template;
use axum::Json;
use axum::response::Response;
use engine_access::Scope;
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "暖心接口", description = "智慧民政平台：规则、办件、审计。金额都是分。"),
    paths(
        services::list,
        services::one,
        services::judge,
        cases::list,
        checks::report,
        data::dictionary,
        data::push,
        ask::records,
        ask::receives,
        ask::statistics,
        gate::signal,
        gate::from_line,
        gate::answer,
        gate::handed
    ),
    components(schemas(ApiFault)),
    modifiers(&Tokens)
)]
struct Document;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("nxt_…");
        components.add_security_scheme("token", SecurityScheme::Http(scheme.build()));
    }
}

/// The document.
pub(crate) async fn json() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

#[derive(Template)]
#[template(path = "desk/api.html")]
struct ApiPage {
    page: Page,
    operations: Vec<Operation>,
    scopes: &'static [Scope],
}

/// One operation as the page shows it.
struct Operation {
    method: String,
    path: String,
    says: String,
    scope: Option<String>,
    /// Whether a browser can ask it with a link.
    open: bool,
}

/// The page.
pub(crate) async fn page(page: Page) -> Response {
    let page = page.titled("接口");
    let document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    html(&ApiPage {
        page,
        operations: operations(&document),
        scopes: Scope::ALL,
    })
}

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(|(method, about)| {
                let scope = about["security"][0]["token"][0].as_str().map(str::to_owned);
                let words = |key: &str| about[key].as_str().unwrap_or_default().to_owned();
                Operation {
                    open: method == "get" && scope.is_none() && !path.contains('{'),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    says: format!("{} {}", words("summary"), words("description")),
                    scope,
                }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_the_api_is_described_and_nothing_else() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let mut described: Vec<String> = operations(&document)
            .iter()
            .map(|one| format!("{} {}", one.method, one.path))
            .collect();
        described.sort();
        let mut served: Vec<String> = crate::route_lines()
            .iter()
            .filter(|line| line.path.starts_with("/api/v1/") && !line.path.ends_with(".json"))
            .map(|line| format!("{} {}", line.method, line.path))
            .collect();
        served.sort();
        assert_eq!(described, served);
    }
}
