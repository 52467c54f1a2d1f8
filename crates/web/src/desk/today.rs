//! 「今天」 What to do first today: everything that waits, by its deadline.

use crate::page::{Page, html, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::found::Lead;
use app::{OpenCases, WorkLine, Worklist};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use engine_access::Purpose;
use engine_case::{DeadlineStanding, Phase};
use kernel::Date;

#[derive(Template)]
#[template(path = "desk/today.html")]
struct TodayPage {
    page: Page,
    lines: Vec<WorkLine>,
    counts: OpenCases,
    found: usize,
    leads: Vec<Lead>,
}

/// Cases shown here; all are on the work list.
const LINES: u32 = 50;

/// Leads shown beside the work.
const LEADS: usize = 6;

/// The mark of a deadline: its class and its words.
pub(crate) struct Light {
    pub(crate) class: &'static str,
    pub(crate) says: String,
    pub(crate) used: u8,
}

/// How a deadline is shown.
pub(crate) fn light(line: &WorkLine, today: Date) -> Light {
    let Some(deadline) = line.deadline else {
        return Light {
            class: "none",
            says: "没有期限".to_owned(),
            used: 0,
        };
    };
    let left = deadline.days_left(today);
    let (class, says) = match deadline.standing {
        DeadlineStanding::Overdue | DeadlineStanding::MetLate => {
            ("stop", format!("超 {} 天", -left))
        }
        DeadlineStanding::DueSoon if left == 0 => ("warn", "今天到期".to_owned()),
        DeadlineStanding::DueSoon => ("warn", format!("剩 {left} 天")),
        DeadlineStanding::OnTime | DeadlineStanding::Met => ("ok", format!("剩 {left} 天")),
    };
    Light {
        class,
        says,
        used: deadline.used_percent(today),
    }
}

impl TodayPage {
    fn light(&self, line: &WorkLine) -> Light {
        light(line, self.page.today)
    }

    /// The stage of what waits for papers, as an address says it.
    fn waiting(&self) -> String {
        percent(Phase::Returned.label())
    }

    /// How many to do first: what is late or due within days.
    fn first(&self) -> u32 {
        self.counts.late + self.counts.soon
    }
}

pub(crate) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let context = visitor.acts(Purpose::Duty, String::new());
    let (work, (found, leads)) = match visitor.region {
        // Each reading is on record before it is shown: together, one commit for both.
        Some(region) => tokio::try_join!(
            site.app.worklist(&context, region, LINES),
            site.app.leads(&context, region, LEADS)
        )?,
        None => (Worklist::default(), (0, Vec::new())),
    };
    let today = TodayPage {
        page: page.titled("今天"),
        lines: work.first,
        counts: work.counts,
        found,
        leads,
    };
    Ok(html(&today))
}
