//! 「推送情况」 Who is told of events, what waits, what is dead; a person stops an address,
//! lets it go on, has the dead tried again. No event's content is shown.

use crate::desk::{Taken, place, said};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::hook::{HookCommand, HookTold, HookView, Stopped};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{Role, Slug};

/// Who stops an address: whoever may say yes or no to sharing.
pub(super) const STOPPERS: &[Role] = &[Role::CountyApprover];

#[derive(Template)]
#[template(path = "board/hooks.html")]
struct HooksPage {
    page: Page,
    told: HookTold,
    can: bool,
    proved: bool,
    fault: Option<(String, String)>,
}

impl HooksPage {
    fn fault(&self, one: &HookView) -> Option<&str> {
        let fault = self.fault.as_ref()?;
        (fault.0 == one.agreement.as_str()).then_some(fault.1.as_str())
    }

    fn by_person(&self, one: &HookView) -> Option<String> {
        match &one.hook.stopped {
            Some(Stopped::ByPerson { by, why, .. }) => {
                Some(format!("{}停的：{why}", by.role.label()))
            }
            _ => None,
        }
    }
}

async fn view(
    site: &Site,
    page: Page,
    fault: Option<(String, String)>,
) -> Result<HooksPage, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let proved = visitor.proved;
    let told = site.app.hooks(&ctx, place(&page)?).await?;
    Ok(HooksPage {
        can: page.is(STOPPERS),
        page: page.titled("推送情况"),
        told,
        proved,
        fault,
    })
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&view(&site, page, None).await?))
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(agreement): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Collection, taken.get("request"));
    let id: Slug = agreement.parse().map_err(|_| Trouble::nothing())?;
    let command = match taken.get("does").as_str() {
        "stop" => HookCommand::Stop {
            why: taken.get("why"),
        },
        "go_on" => HookCommand::GoOn,
        "revive" => HookCommand::Revive,
        _ => return Err(Trouble::nothing()),
    };
    match site.app.on_hook(&ctx, place(&page)?, &id, command).await {
        Ok(()) => Ok(Redirect::to("/board/data/hooks").into_response()),
        Err(why) => {
            let view = view(&site, page, Some((agreement, said(why)?))).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}
