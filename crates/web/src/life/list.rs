//! 「登记一件大事」 By number and name as on the card; below it the events of the place.

use crate::assess::said;
use crate::desk::{Taken, place, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::life::{Birth, LifeListed, NewLife};
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{Date, Slug};

/// A kind as the form shows it.
struct KindLine {
    id: Slug,
    name: String,
    says: String,
    founded: &'static str,
}

#[derive(Template)]
#[template(path = "life/list.html")]
struct ListView {
    page: Page,
    kinds: Vec<KindLine>,
    all: Vec<LifeListed>,
    request: String,
    fault: Option<String>,
    typed: Taken,
}

impl ListView {
    fn typed(&self, name: &str) -> String {
        self.typed.get(name)
    }

    fn chosen(&self, kind: &KindLine, first: &bool) -> bool {
        let typed = self.typed.get("kind");
        typed == kind.id.as_str() || (typed.is_empty() && *first)
    }
}

async fn draw(site: &Site, page: Page) -> Result<ListView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let all = site.app.lives(&ctx, place(&page)?).await;
    let kind = |one: &app::life::LifeKind| KindLine {
        id: one.id.clone(),
        name: one.name.clone(),
        says: one.says.clone(),
        founded: one.provenance.label(),
    };
    Ok(ListView {
        page: page.titled("人生大事"),
        kinds: site.app.life_kinds().iter().map(kind).collect(),
        all: all.map_err(unseen)?,
        request: request_key()?,
        fault: None,
        typed: Taken::default(),
    })
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page).await?))
}

fn asked(taken: &Taken, today: Date) -> Result<NewLife, AppError> {
    let wrong = |says: &str| AppError::BadInput(says.to_owned());
    let number = |name: &str| super::number(taken, name, today);
    let other = match taken.get("other_number").trim() {
        "" => None,
        _ => Some((number("other_number")?, taken.get("other_name"))),
    };
    let child = match taken.get("child_number").trim() {
        "" => None,
        _ => Some((number("child_number")?, taken.get("child_name"))),
    };
    let nth = match taken.get("nth").trim() {
        "" => 1,
        nth => nth.parse().map_err(|_| wrong("第几个孩子请写数字"))?,
    };
    Ok(NewLife {
        kind: taken
            .get("kind")
            .parse()
            .map_err(|_| wrong("请选是哪一件事"))?,
        number: number("number")?,
        name: taken.get("name"),
        other,
        day: taken.get("day").parse().map_err(|_| wrong("请选日期"))?,
        source: taken.get("source"),
        birth: Birth { child, nth },
    })
}

pub(super) async fn begin(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, taken.get("request"));
    let done = match asked(&taken, page.today) {
        Ok(new) => site.app.begin_life(&ctx, new).await,
        Err(why) => Err(why),
    };
    match done {
        Ok(reply) => {
            let to = format!("/desk/life/{}", reply.value);
            Ok(Redirect::to(&to).into_response())
        }
        Err(why) => {
            let fault = Some(said(why)?);
            let view = ListView {
                fault,
                typed: taken,
                ..draw(&site, page).await?
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}
