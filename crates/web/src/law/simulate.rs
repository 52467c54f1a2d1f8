//! 「政策试算」 What other numbers would do to everybody: who gains, who loses, how much
//! money, where; nothing is changed by looking.
//! Rows: A37.

mod picture;

use super::publish::looking;
use crate::page::{Page, html_as, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::{filters, yuan_words};
use app::AppError;
use app::simulate::{
    BenefitChange, Budget, Change, ParameterLine, Proposed, Setting, SimulateReport, Simulation,
    Spread, TableKind, Trial, table,
};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine_policy::publish::Standing;
use kernel::{Date, Money, Period, RegionCode};
use picture::HIGH;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "law/simulate.html")]
struct SimulatePage {
    page: Page,
    parameters: Vec<ParameterLine>,
    towns: Vec<(RegionCode, String)>,
    asked: Asked,
    report: Option<SimulateReport>,
    /// How many stand around the two lines, where one number is tried once.
    spread: Option<Spread>,
    budget: Vec<Budget>,
    wrong: Option<String>,
    /// Drafts that can be put in the law's place: hash and name.
    drafts: Vec<(String, String)>,
}

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    parameter: String,
    #[serde(default)]
    value: String,
    /// Two more numbers changed at the same time.
    #[serde(default)]
    parameter2: String,
    #[serde(default)]
    value2: String,
    #[serde(default)]
    parameter3: String,
    #[serde(default)]
    value3: String,
    /// A draft of the law instead of numbers: its hash.
    #[serde(default)]
    draft: String,
    #[serde(default)]
    town: String,
    #[serde(default)]
    day: String,
    /// Whether what needs consent stays unknown.
    #[serde(default)]
    known: String,
    /// What was tried before, `standard=1200`.
    #[serde(default)]
    last: String,
    #[serde(default)]
    kind: String,
    /// Whose names are asked for: `more`, `less`, what becomes of `benefit`, `crossing`.
    #[serde(default)]
    pub(super) who: String,
    #[serde(default)]
    pub(super) benefit: String,
    /// Which part of them: `town:…`, `kind:…`, `size:…`, `step:…`.
    #[serde(default)]
    pub(super) of: String,
    /// How many are passed over.
    #[serde(default)]
    pub(super) from: usize,
}

/// A month's money.
struct Month {
    month: Period,
    before: Money,
    after: Money,
    /// More since the first month, above or below zero, in words.
    more: String,
    sum: String,
}

impl Asked {
    /// The same in an address.
    pub(super) fn query(&self) -> String {
        let parts = [
            ("parameter", self.parameter.as_str()),
            ("value", &self.value),
            ("parameter2", &self.parameter2),
            ("value2", &self.value2),
            ("parameter3", &self.parameter3),
            ("value3", &self.value3),
            ("draft", &self.draft),
            ("town", &self.town),
            ("day", &self.day),
            ("known", &self.known),
        ];
        let parts = parts.map(|(name, text)| format!("{name}={}", percent(text)));
        parts.join("&")
    }

    /// What this is when it has become the last.
    fn as_last(&self) -> String {
        match self.parameter.is_empty() || self.value.is_empty() {
            true => String::new(),
            false => format!("{}={}", self.parameter, self.value),
        }
    }

    /// The same beside what was tried before of the same number; nothing where there is
    /// no such thing or more than one number is changed.
    fn beside_last(&self) -> Option<String> {
        let (parameter, value) = self.last.split_once('=')?;
        let alike = parameter == self.parameter && value != self.value;
        let one = |text: &str| {
            let several = text.contains([',', '，', '、']) || text.contains("..");
            !text.trim().is_empty() && !several
        };
        let single = one(value) && one(&self.value);
        (alike && single && !self.is_more()).then(|| {
            let both = Asked {
                value: format!("{value},{}", self.value),
                ..self.clone()
            };
            both.query()
        })
    }

    /// What goes along with the numbers that are slid.
    fn carried(&self) -> [(&'static str, String); 4] {
        [
            ("town", self.town.clone()),
            ("day", self.day.clone()),
            ("known", self.known.clone()),
            ("last", self.as_last()),
        ]
    }

    fn is_blank(&self) -> bool {
        self.parameter.is_empty() && self.value.is_empty() && self.draft.is_empty()
    }

    /// The numbers typed; the first one also when it is empty, so that it is said.
    fn numbers(&self) -> Vec<(&str, &str)> {
        let more = [
            (self.parameter2.trim(), self.value2.trim()),
            (self.parameter3.trim(), self.value3.trim()),
        ];
        let more = more.into_iter();
        let more = more.filter(|(parameter, value)| !parameter.is_empty() || !value.is_empty());
        let first = (self.parameter.trim(), self.value.trim());
        std::iter::once(first).chain(more).collect()
    }

    /// More than one number, or a draft.
    fn is_more(&self) -> bool {
        self.numbers().len() > 1 || !self.draft.is_empty()
    }

    /// The boxes of the other numbers: parameter, value and their names.
    fn boxes(&self) -> [(&'static str, &str, &'static str, &str); 2] {
        [
            ("parameter2", &self.parameter2, "value2", &self.value2),
            ("parameter3", &self.parameter3, "value3", &self.value3),
        ]
    }
}

impl SimulatePage {
    fn is_town(&self, code: &RegionCode) -> bool {
        self.asked.town == code.to_string()
    }

    fn trials(&self) -> &[Trial] {
        self.report.as_ref().map_or(&[], |report| &report.trials)
    }

    /// The last value tried: the one the page is about.
    fn main(&self) -> Option<&Trial> {
        self.trials().last()
    }

    /// What was tried, in short: the numbers, or that it is a draft.
    fn value(&self, trial: &Trial) -> String {
        if trial.assumed.is_empty() {
            return "草案".to_owned();
        }
        let each = trial.assumed.iter().map(|one| one.2.as_str());
        each.collect::<Vec<_>>().join("，")
    }

    fn short(&self, hash: &str) -> String {
        super::publish::short(hash)
    }

    /// The draft the page is about, by name.
    fn draft(&self) -> Option<&str> {
        let of = self.drafts.iter().find(|one| one.0 == self.asked.draft);
        of.map(|(_, name)| name.as_str())
    }

    /// By the month, in words.
    fn more(&self, change: &Change) -> String {
        yuan_words(Money::from_fen(more(change)))
    }

    /// By the year, without its sign.
    fn year(&self, change: &Change) -> String {
        let year = more(change).saturating_mul(12).saturating_abs();
        yuan_words(Money::from_fen(year))
    }

    fn spends_more(&self, change: &Change) -> bool {
        change.month_after >= change.month_before
    }

    fn changed<'a>(&self, trial: &'a Trial) -> Vec<&'a (kernel::Slug, String, BenefitChange)> {
        let moved = |one: &BenefitChange| {
            let people = one.entering + one.leaving + one.perhaps_entering + one.perhaps_leaving;
            people > 0
                || one.month_before != one.month_after
                || one.each_time_before != one.each_time_after
        };
        trial
            .benefits
            .iter()
            .filter(|(_, _, one)| moved(one))
            .collect()
    }

    fn sum(&self, trial: &Trial, of: fn(&BenefitChange) -> u64) -> u64 {
        trial.benefits.iter().map(|(_, _, one)| of(one)).sum()
    }

    fn near(&self, trial: &Trial) -> u64 {
        let moved = self.changed(trial);
        moved.iter().map(|(_, _, one)| one.near_misses).sum()
    }

    fn perhaps(&self, trial: &Trial) -> u64 {
        self.sum(trial, |one| one.perhaps_entering)
    }

    /// What the months from the next to the end of the year come to, if people stay as
    /// they are.
    fn months(&self, trial: &Trial) -> Vec<Month> {
        let Some(report) = &self.report else {
            return Vec::new();
        };
        let each = more(&trial.all);
        let month = |(month, n): (Period, i64)| Month {
            month,
            before: trial.all.month_before,
            after: trial.all.month_after,
            more: yuan_words(Money::from_fen(each)),
            sum: yuan_words(Money::from_fen(each.saturating_mul(n))),
        };
        report.months().into_iter().zip(1..).map(month).collect()
    }

    /// Where those whom a number counts stand by name; nothing for whoever sees the
    /// counts alone.
    fn names(&self, whom: &str) -> String {
        match self.page.is(super::REVIEWERS) {
            true => format!("/desk/simulate/names?{}&{whom}", self.asked.query()),
            false => String::new(),
        }
    }

    fn opens(&self, count: &u64, at: &str) -> bool {
        *count > 0 && !at.is_empty()
    }

    /// The same of a part of those who have more or less.
    fn part(&self, who: &str, part: &str, name: &dyn std::fmt::Display) -> String {
        let name = percent(&name.to_string());
        self.names(&format!("who={who}&of={part}:{name}"))
    }

    /// The same of a step of gains and losses.
    fn step(&self, at: &usize, says: &str) -> String {
        let who = if says.starts_with('少') {
            "less"
        } else {
            "more"
        };
        self.part(who, "step", at)
    }

    /// The same of what becomes of a benefit.
    fn right(&self, who: &str, benefit: &kernel::Slug) -> String {
        self.names(&format!("who={who}&benefit={benefit}"))
    }

    /// The same of a column around the two lines.
    fn column(&self, edges: &(String, String)) -> String {
        let asked = Asked {
            value: format!("{},{}", edges.0, edges.1),
            ..self.asked.clone()
        };
        match self.page.is(super::REVIEWERS) {
            true => format!("/desk/simulate/names?{}&who=crossing", asked.query()),
            false => String::new(),
        }
    }

    fn is_near<'a>(&self, trial: &'a Trial) -> Vec<&'a (kernel::Slug, String, BenefitChange)> {
        let mut moved = self.changed(trial);
        moved.retain(|(_, _, one)| one.near_misses > 0);
        moved
    }

    /// A bar's length beside the longest.
    fn share(&self, count: &u64, all: &[(String, Change)]) -> u64 {
        let most = all.iter().map(|(_, one)| one.households_gaining).max();
        *count * 100 / most.unwrap_or(0).max(1)
    }

    fn town_share(&self, count: &u64, all: &[(RegionCode, String, Change)]) -> u64 {
        let most = all.iter().map(|(_, _, one)| one.households_gaining).max();
        *count * 100 / most.unwrap_or(0).max(1)
    }

    fn export(&self, kind: &str) -> String {
        format!("/desk/simulate/export?{}&kind={kind}", self.asked.query())
    }
}

fn more(change: &Change) -> i64 {
    let (before, after) = (change.month_before.fen(), change.month_after.fen());
    after.saturating_sub(before)
}

/// What is to be tried, as it was typed.
pub(super) async fn wanted(
    site: &Site,
    page: &Page,
    asked: &Asked,
) -> Result<Simulation, AppError> {
    let bad = |says: &str| AppError::BadInput(says.to_owned());
    let proposed = match asked.draft.trim() {
        "" => {
            let read = |(parameter, value): (&str, &str)| {
                Setting::read(site.app.law(), &format!("{parameter}={value}"))
            };
            let numbers = asked.numbers().into_iter();
            Proposed::Settings(numbers.map(read).collect::<Result<_, _>>()?)
        }
        draft => site.app.draft_proposed(draft).await?,
    };
    let day: Date = match asked.day.is_empty() {
        true => site.app.screened_on().await?.unwrap_or(page.today),
        false => asked
            .day
            .parse()
            .map_err(|_| bad("日期请写成 2026-01-31"))?,
    };
    let region = match asked.town.is_empty() {
        true => None,
        false => Some(asked.town.parse().map_err(|_| bad("没有这个镇街"))?),
    };
    Ok(Simulation {
        day,
        proposed,
        region,
        supposed: asked.known != "1",
    })
}

/// What was tried, what came of it, and how many stand around the two lines.
type Ran = (Simulation, SimulateReport, Option<Spread>);

async fn run(site: &Site, page: &Page, asked: &Asked) -> Result<Ran, AppError> {
    let bad = |says: &str| AppError::BadInput(says.to_owned());
    let what = wanted(site, page, asked).await?;
    let ctx = looking(page).map_err(|_| bad("请先登录"))?;
    let (report, spread) = site.app.simulate_spread(&ctx, &what, |_| {}).await?;
    Ok((what, report, spread))
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let mut wrong = None;
    let ran = match asked.is_blank() {
        true => None,
        false => match run(&site, &page, &asked).await {
            Ok((_, report, spread)) => Some((report, spread)),
            Err(AppError::BadInput(says)) => {
                wrong = Some(says);
                None
            }
            Err(why) => return Err(Trouble::from(why)),
        },
    };
    let (report, spread) = ran.unzip();
    let status = match wrong {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    // What is paid is told of the whole region: beside one town's change it would mislead.
    let whole = report.as_ref().filter(|_| asked.town.is_empty());
    let budget = match whole.and_then(|report| report.trials.last()) {
        Some(trial) => site.app.budget(&looking(&page)?, page.today, trial).await?,
        None => Vec::new(),
    };
    let laws = site.app.laws(&looking(&page)?).await?.into_iter();
    let laws = laws.filter(|law| law.line.standing == Standing::Draft);
    let drawn = SimulatePage {
        drafts: laws.map(|law| (law.line.hash, law.line.name)).collect(),
        parameters: site.app.parameters(page.today),
        towns: site.app.towns(page.today),
        page: page.titled("政策试算"),
        asked,
        report,
        spread: spread.flatten(),
        budget,
        wrong,
    };
    Ok(html_as(status, &drawn))
}

pub(super) async fn export(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (what, report, spread) = run(&site, &page, &asked).await?;
    let (kind, ending, media) = match asked.kind.as_str() {
        "csv" => (TableKind::Csv, "csv", "text/csv; charset=utf-8"),
        _ => (
            TableKind::Xlsx,
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    };
    let (bytes, word) = match asked.kind.as_str() {
        "sheet" => {
            let tried = (&report, spread.as_ref());
            let bytes = site.app.simulation_sheet(&what, tried, page.who())?;
            (bytes, "sheet")
        }
        _ => (table(&report, kind)?, "simulate"),
    };
    let day = report.as_of;
    let name = format!("attachment; filename=\"{word}-{day}.{ending}\"");
    let head = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((head, bytes).into_response())
}
