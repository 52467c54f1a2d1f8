//! 「我的事」 Every matter of the household: drafts, what is being handled, what was
//! decided, each with the day an answer is promised.

use super::context;
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::WorkLine;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use engine_case::Phase;

#[derive(Template)]
#[template(path = "citizen/cases.html")]
struct CasesPage {
    page: Page,
    /// Households with an application begun: whose, and where it goes on.
    begun: Vec<(String, String)>,
    running: Vec<WorkLine>,
    over: Vec<WorkLine>,
}

pub(crate) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let lines = site.app.own_cases(&ctx).await?;
    let (drafts, rest): (Vec<_>, Vec<_>) = lines
        .into_iter()
        .partition(|line| line.phase == Phase::Draft);
    let (over, running) = rest.into_iter().partition(|line| line.over);
    let mut begun: Vec<(String, String)> = Vec::new();
    for draft in drafts {
        let to = format!("/apply/answers?home={}", draft.household);
        match begun.iter_mut().find(|(_, same)| *same == to) {
            Some((names, _)) => {
                names.push('、');
                names.push_str(&draft.service_name);
            }
            None => begun.push((draft.service_name, to)),
        }
    }
    Ok(html(&CasesPage {
        page: page.titled("我的事"),
        begun,
        running,
        over,
    }))
}
