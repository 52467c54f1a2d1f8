//! 「规则」 The law in force as a person reads it: the list, and each service whole.

use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::rules::{RuleLine, RulePage};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

#[derive(Template)]
#[template(path = "desk/rules.html")]
struct RulesPage {
    page: Page,
    rules: Vec<RuleLine>,
}

#[derive(Template)]
#[template(path = "desk/rule.html")]
struct OneRulePage {
    page: Page,
    rule: RulePage,
}

impl OneRulePage {
    /// The words and, behind them, what they warn of.
    fn caution<'a>(&self, words: &'a str) -> (&'a str, &'a str) {
        let open = words.find('［');
        match open.map(|at| words.split_at(at)) {
            Some((before, caution)) => (before, caution.trim_matches(['［', '］'])),
            None => (words, ""),
        }
    }
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Response {
    let page = page.titled("规则");
    let rules = site.app.rules();
    html(&RulesPage { page, rules })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(service): Path<String>,
) -> Result<Response, Trouble> {
    let rule = site.app.rule(&service).ok_or_else(Trouble::nothing)?;
    let page = page.titled(rule.name.clone());
    Ok(html(&OneRulePage { page, rule }))
}
