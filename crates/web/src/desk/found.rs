//! 「主动发现」 What the latest screening found in the officer's place, each count
//! opened to its households; from a lead a case is opened.
//! Rows: A07, A28.

use super::{Taken, request_key};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::changes::ChangesPage;
use app::found::{FoundGroup, FoundPage, FoundWanted, LINES_MAX, finding_words};
use app::visits::{Followed, ToVisit};
use app::watch::{LeadOutcome, Precision};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use engine_policy::Finding;
use kernel::{CaseId, FindingId, Role};
use serde::Deserialize;

/// Who may open a case from a lead.
pub(super) const OPENERS: &[Role] = &[Role::VillageWorker, Role::TownOfficer];

#[derive(Template)]
#[template(path = "desk/found.html")]
struct FoundView {
    page: Page,
    found: FoundPage,
    chosen: Option<FoundGroup>,
    pages: Pages,
    changes: ChangesPage,
    turned: Vec<super::changes::Tab>,
    precision: Vec<Precision>,
    followed: Vec<Followed>,
    /// How much of a worker's week is left; only for who goes to people's doors.
    week: Option<ToVisit>,
    request: String,
    can_open: bool,
    /// What became of the leads opened together.
    opened: Vec<Opened>,
}

/// A lead of several opened together.
struct Opened {
    lead: FindingId,
    /// The case, or why there is none.
    done: Result<CaseId, String>,
}

impl FoundView {
    fn address(&self, group: &FoundGroup) -> String {
        address(group)
    }

    fn query(&self, group: &FoundGroup) -> String {
        group_query(group)
    }

    fn is_chosen(&self, group: &FoundGroup) -> bool {
        let same = |one: &FoundGroup| {
            one.benefit == group.benefit && one.finding == group.finding && one.next == group.next
        };
        self.chosen.as_ref().is_some_and(same)
    }

    fn came(&self, one: &Precision, outcome: &str) -> i64 {
        let wanted = outcome_named(outcome);
        let count = wanted.and_then(|wanted| one.outcomes.get(&wanted));
        count.copied().unwrap_or(0)
    }

    fn came_address(&self, one: &Precision, outcome: &str) -> String {
        let (benefit, kind) = (&one.benefit, super::changes::name(one.finding));
        format!("/desk/found/outcomes?benefit={benefit}&kind={kind}&outcome={outcome}")
    }

    fn came_words(&self, one: &Followed) -> &'static str {
        outcome_words(one.finding, one.outcome)
    }

    /// What may have come of the leads of a group, by name and in words.
    fn outcomes(&self, group: &FoundGroup) -> [(&'static str, &'static str); 4] {
        outcomes(group.finding)
    }

    /// Where what is received already is looked at again instead of asked for.
    fn looks(&self) -> bool {
        let chosen = self.chosen.as_ref();
        chosen.is_some_and(|one| one.finding == Finding::ReceivingNotFound)
    }

    fn total(&self) -> i64 {
        self.found.groups.iter().map(|one| one.count).sum()
    }
}

/// Where in a list longer than a page the reader is.
#[derive(Clone, Copy)]
pub(crate) struct Pages {
    /// Counted from 0.
    pub(crate) at: u32,
    before: i64,
    shown: i64,
    count: i64,
}

impl Pages {
    /// A page of so many lines, how many it shows, of how many.
    pub(crate) fn of((at, most): (u32, u32), shown: usize, count: i64) -> Pages {
        Pages {
            at,
            before: i64::from(at) * i64::from(most),
            shown: i64::try_from(shown).unwrap_or(0),
            count,
        }
    }

    /// Everything is on this one page.
    pub(crate) fn is_whole(&self) -> bool {
        self.at == 0 && self.beyond() == 0
    }

    pub(crate) fn first(&self) -> i64 {
        self.before + i64::from(self.shown > 0)
    }

    pub(crate) fn last(&self) -> i64 {
        self.before + self.shown
    }

    pub(crate) fn beyond(&self) -> i64 {
        (self.count - self.last()).max(0)
    }
}

/// Where a count is opened to its households.
pub(crate) fn address(group: &FoundGroup) -> String {
    format!("/desk/found?{}", group_query(group))
}

/// Names a group in an address.
pub(crate) fn group_query(group: &FoundGroup) -> String {
    let finding = super::changes::name(group.finding);
    let next = group.next.as_ref();
    let next = next.map_or_else(String::new, |next| format!("&next={}", next.id));
    format!("benefit={}&kind={finding}{next}", group.benefit)
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    benefit: Option<String>,
    kind: Option<String>,
    next: Option<String>,
    page: Option<u32>,
}

impl Asked {
    /// The group asked for, so many lines to a page.
    pub(crate) fn wanted(&self, most: u32) -> Option<FoundWanted> {
        let kind = serde_json::Value::String(self.kind.clone()?);
        let finding = serde_json::from_value(kind).ok()?;
        finding_words(finding)?;
        Some(FoundWanted {
            benefit: self.benefit.as_ref()?.parse().ok()?,
            finding,
            next: self.next.as_ref().and_then(|next| next.parse().ok()),
            page: self.page.unwrap_or(0),
            most,
        })
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, asked.wanted(LINES_MAX)).await?))
}

async fn draw(site: &Site, page: Page, wanted: Option<FoundWanted>) -> Result<FoundView, Trouble> {
    let region = super::list::place(&page)?;
    let ctx = page.acts(Purpose::Duty, "")?;
    let found = site.app.found(&ctx, region, wanted.clone()).await?;
    let pages = wanted.as_ref().map(|one| (one.page, one.most));
    let chosen = wanted.and_then(|wanted| {
        let mut groups = found.groups.iter();
        groups.find(|one| one.is(&wanted)).cloned()
    });
    let count = chosen.as_ref().map_or(0, |one| one.count);
    let pages = Pages::of(pages.unwrap_or((0, LINES_MAX)), found.lines.len(), count);
    let changes = site.app.changes(&ctx, region, None).await?;
    let precision = site.app.precision(&ctx, region).await?;
    let followed = site.app.followed(&ctx, region).await?;
    let week = match page.is(&[Role::VillageWorker]) {
        true => Some(site.app.to_visit(&ctx, region).await?),
        false => None,
    };
    Ok(FoundView {
        followed,
        pages,
        week,
        turned: super::changes::tabs(&changes, None),
        changes,
        precision,
        can_open: page.is(OPENERS),
        page: page.titled("主动发现"),
        found,
        chosen,
        request: request_key()?,
        opened: Vec::new(),
    })
}

/// What came of a lead, in words.
pub(super) fn outcome_words(finding: Finding, outcome: LeadOutcome) -> &'static str {
    let look = finding == Finding::ReceivingNotFound;
    match outcome {
        LeadOutcome::True if look => "情况真的变了",
        LeadOutcome::True => "属实",
        LeadOutcome::False if look => "没有变，还符合",
        LeadOutcome::False => "不属实",
        LeadOutcome::Absent => "没见到人",
        LeadOutcome::Declined if look => "本人不愿意说",
        LeadOutcome::Declined => "本人不要",
    }
}

/// What may have come of a lead: by its own name, as in its JSON, and in words.
pub(crate) fn outcomes(finding: Finding) -> [(&'static str, &'static str); 4] {
    [
        ("true", LeadOutcome::True),
        ("false", LeadOutcome::False),
        ("absent", LeadOutcome::Absent),
        ("declined", LeadOutcome::Declined),
    ]
    .map(|(name, outcome)| (name, outcome_words(finding, outcome)))
}

/// By its own name, as in its JSON.
pub(crate) fn outcome_named(name: &str) -> Option<LeadOutcome> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// What came of a lead when somebody went.
pub(super) async fn follow(
    State(site): State<Site>,
    page: Page,
    Path(finding): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let id = FindingId(finding);
    let request = format!("{}/{id}/followed", taken.get("request"));
    let ctx = page.acts(Purpose::Duty, request)?;
    let outcome = outcome_named(&taken.get("outcome")).ok_or_else(Trouble::nothing)?;
    let kept = site
        .app
        .follow_lead(&ctx, id, outcome, &taken.get("words"))
        .await;
    kept.map_err(super::unseen)?;
    Ok(Redirect::to("/desk/found").into_response())
}

pub(super) async fn open(
    State(site): State<Site>,
    page: Page,
    Path(finding): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let opened = case_of(&site, &page, FindingId(finding), &taken).await;
    let opened = opened?.map_err(super::unseen)?;
    Ok(Redirect::to(&format!("/desk/cases/{opened}?done=1")).into_response())
}

/// A case over a lead, in the name of who asks for it.
async fn case_of(
    site: &Site,
    page: &Page,
    lead: FindingId,
    taken: &Taken,
) -> Result<Result<CaseId, AppError>, Trouble> {
    let request = format!("{}/{lead}", taken.get("request"));
    let ctx = page.acts(Purpose::Visit(lead), request)?;
    Ok(site.app.open_from_finding(&ctx, lead).await)
}

/// 一起建办件 Opens a case for every lead that was ticked, each by itself: one that
/// cannot be opened says why and the others go on. A case decides nothing.
pub(super) async fn open_all(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let mut opened = Vec::new();
    for text in taken.all().remove("finding").unwrap_or_default() {
        let lead = text
            .parse()
            .map(FindingId)
            .map_err(|_| Trouble::nothing())?;
        let done = match case_of(&site, &page, lead, &taken).await? {
            Ok(case) => Ok(case),
            Err(AppError::BadInput(says)) => Err(says),
            Err(AppError::Refused(why)) => Err(why.says),
            Err(other) => return Err(super::unseen(other)),
        };
        opened.push(Opened { lead, done });
    }
    let view = draw(&site, page, asked.wanted(LINES_MAX)).await?;
    Ok(html(&FoundView { opened, ..view }))
}
