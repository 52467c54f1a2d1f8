//! 「数据字典」 What data there is, for everybody: departments, categories, fields with
//! their types, units and levels, and the rules programs send and ask by. Nobody's
//! data, no standing.

use crate::page::{Page, html};
use crate::site::Site;
use app::pool::Dictionary;
use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "citizen/dictionary.html")]
struct DictionaryPage {
    page: Page,
    all: Dictionary,
    chosen: String,
}

impl DictionaryPage {
    fn count(&self) -> usize {
        self.all
            .departments
            .iter()
            .map(|one| one.categories.len())
            .sum()
    }

    fn is_chosen(&self, id: &str) -> bool {
        self.chosen == id
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    department: String,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Response {
    html(&DictionaryPage {
        page: page.titled("数据字典"),
        all: site.app.dictionary(),
        chosen: asked.department,
    })
}

pub(super) async fn json(State(site): State<Site>) -> Json<Dictionary> {
    Json(site.app.dictionary())
}
