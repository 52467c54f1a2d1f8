//! 「驾驶舱」 A place in figures, each a link to the lines it counts, on one screen.
//! Rows: A34.

use super::chart::bars;
use super::list::{address, place};
use super::map::{Tile, tiles};
use crate::page::{Page, html};
use crate::plan::light;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::cockpit::{Cockpit, DataState, Figure, ServiceFigures, Urgency};
use app::insight::{AlertLine, TargetLine};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use engine_access::Purpose;
use engine_case::DeadlineStanding;
use kernel::{Money, Period, Role};

/// Who reads figures.
pub(crate) const READERS: &[Role] = &[Role::Leader, Role::CountyApprover, Role::TownOfficer];
/// Who also has a desk to go back to.
const AT_DESK: &[Role] = &[Role::CountyApprover, Role::TownOfficer];

#[derive(Template)]
#[template(path = "board/cockpit.html")]
struct CockpitPage {
    page: Page,
    cockpit: Cockpit,
    trend: String,
    narrowed: bool,
    tiles: Vec<Tile>,
    legend: Vec<(i64, String)>,
    targets: Vec<TargetLine>,
    alerts: Vec<AlertLine>,
}

impl CockpitPage {
    fn to(&self, figure: &Figure) -> String {
        address(figure)
    }

    fn counts<'a>(&self, one: &'a ServiceFigures) -> [&'a Figure; 4] {
        [&one.households, &one.people, &one.found, &one.unknown]
    }

    /// `1.2万` from ten thousand yuan on: a column of the trend is narrow.
    fn short(&self, sum: &Money) -> String {
        let yuan = sum.fen() / 100;
        match yuan {
            ..10_000 => crate::words::yuan_words(Money::from_fen(yuan * 100)),
            _ => format!("{}.{}万", yuan / 10_000, yuan % 10_000 / 1_000),
        }
    }

    fn urgent(&self) -> usize {
        let heed = self.cockpit.heed.iter();
        heed.filter(|one| one.urgency == Urgency::Now).count()
    }

    fn mark(&self, urgency: &Urgency) -> (&'static str, &'static str) {
        match urgency {
            Urgency::Now => ("stop", "急"),
            Urgency::Look => ("warn", "看"),
            Urgency::Know => ("info", "知"),
        }
    }

    fn light(&self, standing: &DeadlineStanding) -> (&'static str, &'static str) {
        match standing {
            DeadlineStanding::Overdue => ("stop", "已超期"),
            DeadlineStanding::DueSoon => ("warn", "三天内到期"),
            _ => ("ok", "期限充足"),
        }
    }

    fn data_mark(&self, state: &DataState) -> &'static str {
        match state {
            DataState::Fresh => "ok",
            DataState::Old => "warn",
            DataState::Missing => "none",
        }
    }

    fn month(&self, month: &Period) -> String {
        format!("{}月", month.month())
    }

    fn target_light(&self, line: &TargetLine) -> &'static str {
        light(&line.row.standing)
    }

    fn target_to(&self, line: &TargetLine) -> String {
        let (id, place) = (&line.row.indicator.id, self.cockpit.place);
        format!("/desk/indicators/{id}?place={place}")
    }

    fn alert_to(&self, line: &AlertLine) -> String {
        format!("/desk/indicators/{}?place={}", line.indicator, line.place)
    }

    /// How long the bar of a target is, in percent; `None`: there is nothing to draw.
    fn reached(&self, line: &TargetLine) -> Option<i64> {
        let (value, target) = (line.row.value?.quantity.0, line.row.target?.quantity.0);
        let part = value.checked_mul(100)?.checked_div(target)?;
        Some(part.clamp(0, 100))
    }

    /// The finding above the targets.
    fn targets_say(&self) -> String {
        let count = |wanted| {
            let lights = self.targets.iter().map(|one| light(&one.row.standing));
            lights.filter(|light| *light == wanted).count()
        };
        let (good, bad, unknown) = (count("ok"), count("stop"), count("none"));
        match bad {
            0 => format!("{good} 项指标跟得上，{unknown} 项还不知道"),
            bad => format!("{bad} 项指标落后，{good} 项跟得上，{unknown} 项还不知道"),
        }
    }

    /// From knowing to helping: what each step counts.
    fn flow(&self) -> [(&'static str, &Figure, &'static str); 5] {
        let one = &self.cockpit;
        [
            ("符合、还没领", &one.found, "条"),
            ("在办", &one.cases, "件"),
            ("还没到账", &one.underway, "笔"),
            ("已到账", &one.arrived, "笔"),
            ("被银行退回", &one.returned, "笔"),
        ]
    }

    /// A step's bar beside the longest of the flow.
    fn flow_share(&self, count: &usize) -> usize {
        let most = self.flow().iter().map(|(_, one, _)| one.count).max();
        *count * 100 / most.unwrap_or(0).max(1)
    }

    /// The finding above the trend.
    fn trend_says(&self) -> String {
        let mut last = self.cockpit.months.iter().rev();
        match (last.next(), last.next()) {
            (Some((_, now)), Some((_, before))) if now.sum > before.sum => {
                "发到手的钱比上个月多".to_owned()
            }
            (Some((_, now)), Some((_, before))) if now.sum < before.sum => {
                "发到手的钱比上个月少".to_owned()
            }
            (Some(_), Some(_)) => "发到手的钱和上个月一样".to_owned(),
            _ => "发到手的钱".to_owned(),
        }
    }

    /// The finding above the places.
    fn places_say(&self) -> String {
        match self.cockpit.places.first() {
            Some(most) if most.people.count > 0 => format!("{}在领的人最多", most.name),
            _ => "各地在领的人".to_owned(),
        }
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<super::list::Asked>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let narrowed = asked.place.is_some();
    let place = place(&page, &asked)?;
    let cockpit = site.app.cockpit(&ctx, place).await?;
    let targets = site.app.targets(&ctx, place).await?;
    let alerts = site.app.plan_alerts(&ctx, place).await?;
    let (tiles, legend) = tiles(&cockpit, "people", "/cockpit");
    let sums = cockpit.months.iter().map(|(_, figure)| figure.sum.fen());
    Ok(html(&CockpitPage {
        trend: bars(&sums.collect::<Vec<_>>()),
        page: page.titled("驾驶舱"),
        cockpit,
        narrowed,
        tiles,
        legend,
        targets,
        alerts,
    }))
}
