//! 「规则公开」 Every rule as it is, for anybody: plain words from the pack, articles,
//! who wrote and signed it, the examples it was tried by, what it last changed.

use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::publish::{LawPage, VersionLine};
use app::rules::{RuleLine, RulePage};
use app::simulate::BenefitChange;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use kernel::Date;

#[derive(Template)]
#[template(path = "law/register.html")]
struct RegisterPage {
    page: Page,
    rules: Vec<RuleLine>,
    versions: Vec<VersionLine>,
}

#[derive(Template)]
#[template(path = "law/rule.html")]
struct OneRule {
    page: Page,
    rule: RulePage,
    version: Option<LawPage>,
    /// The versions this law has been in force in.
    versions: Vec<VersionLine>,
    /// Whether it was tried on everyone before it came into force.
    tried: bool,
    change: Option<BenefitChange>,
}

impl OneRule {
    /// On which day it was tried, and whether what needs consent was taken to be nothing.
    fn tried_on(&self) -> Option<(Date, bool)> {
        let impact = self.version.as_ref()?.impact.as_ref()?;
        Some((impact.as_of, impact.supposed))
    }

    /// The words and, behind them, what they warn of.
    fn caution<'a>(&self, words: &'a str) -> (&'a str, &'a str) {
        let open = words.find('［');
        match open.map(|at| words.split_at(at)) {
            Some((before, caution)) => (before, caution.trim_matches(['［', '］'])),
            None => (words, ""),
        }
    }
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&RegisterPage {
        page: page.titled("规则公开"),
        rules: site.app.rules(),
        versions: site.app.law_versions().await?,
    }))
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(service): Path<String>,
) -> Result<Response, Trouble> {
    let rule = site.app.rule(&service).ok_or_else(Trouble::nothing)?;
    let version = site.app.impact_in_force().await?;
    let impact = version.as_ref().and_then(|one| one.impact.as_ref());
    let mut benefits = impact
        .iter()
        .flat_map(|one| &one.trials)
        .flat_map(|one| &one.benefits);
    let change = benefits.find(|one| one.0.as_str() == service);
    let change = change.map(|(_, _, change)| change.clone());
    Ok(html(&OneRule {
        page: page.titled(rule.name.clone()),
        rule,
        tried: impact.is_some(),
        versions: site.app.law_versions().await?,
        version,
        change,
    }))
}
