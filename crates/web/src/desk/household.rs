//! 「家庭画像」 A household for a case or a lead; one field of one person whole, for a
//! reason.
//! Rows: A19, A23, A24.

use super::Taken;
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::household::{HouseholdPage, PersonPage};
use app::portrait::ColourWanted;
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{CaseId, Date, FindingId, HouseholdId, PersonId, Role};
use serde::Deserialize;

/// Who may see a field whole.
pub(super) const UNMASKERS: &[Role] = &[Role::TownOfficer, Role::CountyApprover];

#[derive(Template)]
#[template(path = "desk/household.html")]
struct HouseholdView {
    page: Page,
    home: HouseholdPage,
    case: Option<i64>,
    fault: Option<String>,
    /// The field just shown whole: person, field, value.
    shown: Option<(PersonId, String, String)>,
    can_unmask: bool,
    can_colour: bool,
    /// What was typed to set a colour, and what is wrong with it.
    typed: Taken,
    colour_fault: Option<String>,
    request: String,
    proved: bool,
}

impl HouseholdView {
    fn typed(&self, field: &str) -> String {
        self.typed.get(field)
    }

    fn whole(&self, person: &PersonPage, field: &str) -> Option<&str> {
        let shown = self.shown.as_ref()?;
        (shown.0 == person.person && shown.1 == field).then_some(shown.2.as_str())
    }

    fn months(&self, from: &Date, until: &Option<Date>) -> String {
        let month = |day: &Date| day.format("%Y年%-m月").to_string();
        match until {
            Some(until) => format!("{} 到 {}", month(from), month(until)),
            None => format!("{} 起", month(from)),
        }
    }
}

#[derive(Default, Deserialize)]
pub(super) struct For {
    case: Option<i64>,
    finding: Option<i64>,
}

impl For {
    fn context(&self, page: &Page) -> Result<Context, Trouble> {
        let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
        let purpose = match (self.case, self.finding) {
            (Some(case), _) => Purpose::Case(CaseId(case)),
            (None, Some(finding)) => Purpose::Visit(FindingId(finding)),
            (None, None) => {
                let says = "看一户人家要有事由。请从办件或者线索打开";
                return Err(Trouble::new(StatusCode::FORBIDDEN, says));
            }
        };
        Ok(visitor.acts(purpose, String::new()))
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(household): Path<i64>,
    Query(reason): Query<For>,
) -> Result<Response, Trouble> {
    let id = HouseholdId(household);
    Ok(html(&draw(&site, page, id, &reason).await?))
}

async fn draw(
    site: &Site,
    page: Page,
    id: HouseholdId,
    reason: &For,
) -> Result<HouseholdView, Trouble> {
    let ctx = reason.context(&page)?;
    let home = site.app.household_page(&ctx, id).await;
    let home = home.map_err(super::unseen)?;
    Ok(HouseholdView {
        can_colour: reason.case.is_some() && page.is(UNMASKERS),
        typed: Taken::default(),
        colour_fault: None,
        request: super::request_key()?,
        can_unmask: reason.case.is_some() && page.is(UNMASKERS),
        proved: page.visitor.as_ref().is_some_and(|one| one.proved),
        page: page.titled(format!("{}家", home.name)),
        home,
        case: reason.case,
        fault: None,
        shown: None,
    })
}

pub(super) async fn unmask(
    State(site): State<Site>,
    page: Page,
    Path(household): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let id = HouseholdId(household);
    let reason = For {
        case: taken.get("case").parse().ok(),
        finding: None,
    };
    let ctx = reason.context(&page)?;
    let (field, why) = (taken.get("field"), taken.get("reason"));
    let person = taken.get("person").parse().map(PersonId);
    let person = person.map_err(|_| Trouble::nothing())?;
    let seen = site.app.unmask(&ctx, id, person, &field, &why).await;
    let mut view = draw(&site, page, id, &reason).await?;
    match seen {
        Ok(value) => {
            view.shown = Some((person, field, value));
            Ok(html(&view))
        }
        Err(AppError::BadInput(says)) => {
            view.fault = Some(says);
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
        Err(why) => Err(super::unseen(why)),
    }
}

pub(super) async fn colour(
    State(site): State<Site>,
    page: Page,
    Path(household): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let id = HouseholdId(household);
    let case = taken.get("case");
    let reason = For {
        case: case.parse().ok(),
        finding: None,
    };
    let mut ctx = reason.context(&page)?;
    ctx.request = taken.get("request");
    let done = match wanted(&taken) {
        Ok(wanted) => site.app.set_colour(&ctx, id, wanted).await,
        Err(says) => Err(AppError::BadInput(says)),
    };
    match done {
        Ok(()) => {
            let to = format!("/desk/households/{id}?case={case}#portrait");
            Ok(Redirect::to(&to).into_response())
        }
        Err(AppError::BadInput(says)) => {
            let mut view = draw(&site, page, id, &reason).await?;
            view.colour_fault = Some(says);
            view.typed = taken;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
        Err(why) => Err(super::unseen(why)),
    }
}

fn wanted(taken: &Taken) -> Result<ColourWanted, String> {
    let colour = match taken.get("colour").as_str() {
        "rules" => None,
        text => Some(text.parse().map_err(|_| "请选一种颜色".to_owned())?),
    };
    let until = taken.get("until").parse();
    Ok(ColourWanted {
        colour,
        reason: taken.get("reason"),
        until: until.map_err(|_| "请写管到哪天".to_owned())?,
    })
}
