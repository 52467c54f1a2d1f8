//! 「数后面的人」 The lines a figure counts. The address says which: no name, no number
//! of anybody.

use crate::desk::{OFFICERS, PAYERS};
use crate::page::{Page, html, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::cockpit::{DataState, Figure, FigureLine, FigureList, Of, Opens, Wanted};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use engine_access::Purpose;
use engine_case::DeadlineStanding;
use kernel::{Period, RegionCode};
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    pub(super) place: Option<String>,
    of: Option<String>,
    service: Option<String>,
    department: Option<String>,
    fact: Option<String>,
    light: Option<String>,
    month: Option<String>,
    state: Option<String>,
    page: Option<usize>,
}

/// The lights as addresses call them.
const LIGHTS: [(&str, DeadlineStanding); 3] = [
    ("late", DeadlineStanding::Overdue),
    ("soon", DeadlineStanding::DueSoon),
    ("calm", DeadlineStanding::OnTime),
];

/// The states of data as addresses call them.
const STATES: [(&str, DataState); 3] = [
    ("fresh", DataState::Fresh),
    ("old", DataState::Old),
    ("missing", DataState::Missing),
];

/// Where a figure's lines are.
pub(super) fn address(figure: &Figure) -> String {
    let wanted = &figure.wanted;
    let named = |table: &[(&'static str, DeadlineStanding)], one: DeadlineStanding| {
        let found = table.iter().find(|(_, other)| *other == one);
        found.map_or("", |(name, _)| name)
    };
    let (of, more) = match &wanted.of {
        Of::Households => ("households", String::new()),
        Of::People => ("people", String::new()),
        Of::Found => ("found", String::new()),
        Of::Undetermined(None) => ("unknown", String::new()),
        Of::Undetermined(Some(fact)) => ("unknown", format!("&fact={}", percent(fact.as_str()))),
        Of::Cases(None) => ("cases", String::new()),
        Of::Cases(Some(light)) => ("cases", format!("&light={}", named(&LIGHTS, *light))),
        Of::Arrived(month) => ("arrived", format!("&month={month}")),
        Of::Underway(month) => ("underway", format!("&month={month}")),
        Of::Returned => ("returned", String::new()),
        Of::Data(state) => {
            let found = STATES.iter().find(|(_, other)| other == state);
            (
                "data",
                format!("&state={}", found.map_or("", |(name, _)| name)),
            )
        }
    };
    let mut address = format!("/cockpit/list?of={of}{more}&place={}", wanted.place);
    for (name, id) in [
        ("service", &wanted.service),
        ("department", &wanted.department),
    ] {
        if let Some(id) = id {
            address.push_str(&format!("&{name}={}", percent(id.as_str())));
        }
    }
    address
}

impl Asked {
    /// What was asked for; `None` for an address nobody made here.
    fn wanted(&self, place: RegionCode) -> Option<Wanted> {
        let month = || self.month.as_ref()?.parse::<Period>().ok();
        let id = |text: &Option<String>| match text {
            None => Some(None),
            Some(text) => text.parse().ok().map(Some),
        };
        let of = match self.of.as_deref()? {
            "households" => Of::Households,
            "people" => Of::People,
            "found" => Of::Found,
            "unknown" => Of::Undetermined(id(&self.fact)?),
            "cases" => Of::Cases(match self.light.as_deref() {
                None => None,
                Some(name) => Some(LIGHTS.iter().find(|(one, _)| *one == name)?.1),
            }),
            "arrived" => Of::Arrived(month()?),
            "underway" => Of::Underway(month()?),
            "returned" => Of::Returned,
            "data" => {
                let name = self.state.as_deref()?;
                Of::Data(STATES.iter().find(|(one, _)| *one == name)?.1)
            }
            _ => return None,
        };
        Some(Wanted {
            of,
            service: id(&self.service)?,
            department: id(&self.department)?,
            place,
        })
    }
}

/// The place asked for, or the reader's own.
pub(super) fn place(page: &Page, asked: &Asked) -> Result<RegionCode, Trouble> {
    if let Some(text) = &asked.place {
        return text.parse().map_err(|_| Trouble::nothing());
    }
    let region = page.visitor.as_ref().and_then(|one| one.region);
    let says = "您的岗位还没有定管哪里。请找安全管理员";
    region.ok_or_else(|| Trouble::new(StatusCode::FORBIDDEN, says))
}

#[derive(Template)]
#[template(path = "board/list.html")]
struct ListPage {
    page: Page,
    list: FigureList,
    at: usize,
    here: String,
}

impl ListPage {
    /// Where a line leads, for whom it leads anywhere.
    fn opens(&self, line: &FigureLine) -> Option<String> {
        let officer = self.page.is(OFFICERS);
        match line.opens {
            Opens::Case(case) if officer => Some(format!("/desk/cases/{case}")),
            Opens::Lead(home, finding) if officer => {
                Some(format!("/desk/households/{home}?finding={finding}"))
            }
            Opens::Batch(batch) if self.page.is(PAYERS) => Some(format!("/desk/pay/{batch}")),
            _ => None,
        }
    }

    fn is_money(&self) -> bool {
        matches!(
            self.list.figure.wanted.of,
            Of::Arrived(_) | Of::Underway(_) | Of::Returned
        )
    }

    fn unit(&self) -> &'static str {
        match self.list.figure.wanted.of {
            Of::Households => "户",
            Of::People => "人",
            Of::Cases(_) => "件",
            Of::Arrived(_) | Of::Underway(_) | Of::Returned => "笔",
            Of::Data(_) => "类",
            Of::Found | Of::Undetermined(_) => "条",
        }
    }

    fn is_last(&self) -> bool {
        self.list.before + self.list.lines.len() >= self.list.figure.count
    }

    fn first(&self) -> usize {
        self.list.before + usize::from(!self.list.lines.is_empty())
    }

    fn last(&self) -> usize {
        self.list.before + self.list.lines.len()
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let place = place(&page, &asked)?;
    let wanted = asked.wanted(place).ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let at = asked.page.unwrap_or(0);
    let list = site.app.figure_list(&ctx, &wanted, at).await?;
    let title = list.says.clone();
    Ok(html(&ListPage {
        here: address(&list.figure),
        page: page.titled(title),
        list,
        at,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Money;

    #[test]
    fn an_address_says_what_it_was_made_of() {
        let place: RegionCode = "330482".parse().unwrap();
        let month: Period = "2026-09".parse().unwrap();
        let mut all = vec![
            Of::Households,
            Of::People,
            Of::Found,
            Of::Undetermined(None),
            Of::Undetermined(Some("income_per_head".parse().unwrap())),
            Of::Cases(None),
            Of::Arrived(month),
            Of::Underway(month),
            Of::Returned,
        ];
        all.extend(LIGHTS.map(|(_, light)| Of::Cases(Some(light))));
        all.extend(STATES.map(|(_, state)| Of::Data(state)));
        for of in all {
            for service in [None, Some("dibao".parse().unwrap())] {
                let wanted = Wanted {
                    service,
                    ..Wanted::of(of.clone(), place)
                };
                let figure = Figure {
                    count: 0,
                    sum: Money::ZERO,
                    wanted: wanted.clone(),
                };
                let uri = address(&figure).parse().unwrap();
                let Query(asked) = Query::<Asked>::try_from_uri(&uri).unwrap();
                assert_eq!(asked.place, Some("330482000000".to_owned()));
                assert_eq!(asked.wanted(place), Some(wanted), "{uri}");
            }
        }
    }
}
