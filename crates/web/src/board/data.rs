//! 「数据全景、运行监控」 The pool on one screen, each number a link to its lines.

use crate::desk::place;
use crate::page::{Page, html, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::cockpit::DataState;
use app::pool::{DataList, DataOf, DataOverview, SourceLine};
use app::pull::{Attempt, PullTold, in_words};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use engine_access::Purpose;
use kernel::{Role, Slug};
use serde::Deserialize;

/// Who watches the data.
pub(crate) const DATA_READERS: &[Role] = &[Role::Leader, Role::CountyApprover];
/// Who also has a desk to go back to.
const AT_DESK: &[Role] = &[Role::CountyApprover];

#[derive(Template)]
#[template(path = "board/data.html")]
struct DataPage {
    page: Page,
    data: DataOverview,
}

/// The states as addresses call them.
const STATES: [(&str, DataState); 3] = [
    ("fresh", DataState::Fresh),
    ("old", DataState::Old),
    ("missing", DataState::Missing),
];

fn state_name(state: DataState) -> &'static str {
    let found = STATES.iter().find(|(_, one)| *one == state);
    found.map_or("", |(name, _)| name)
}

fn role_name(role: Role) -> String {
    let name = serde_json::to_value(role).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

impl DataPage {
    fn state(&self, state: &DataState) -> &'static str {
        state_name(*state)
    }

    fn role(&self, role: &Role) -> String {
        role_name(*role)
    }

    fn role_label(&self, role: &Role) -> &'static str {
        role.label()
    }

    fn troubled(&self) -> usize {
        let bad = |one: &&SourceLine| one.silent + one.refused > 0 || one.states[1].1 > 0;
        self.data.sources.iter().filter(bad).count()
    }

    fn short(&self, rows: &u64) -> String {
        match rows {
            ..10_000 => rows.to_string(),
            _ => format!("{}.{}万", rows / 10_000, rows % 10_000 / 1_000),
        }
    }
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let data = site.app.data_overview(&ctx, place(&page)?).await?;
    Ok(html(&DataPage {
        page: page.titled("数据全景"),
        data,
    }))
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    of: Option<String>,
    state: Option<String>,
    department: Option<String>,
    action: Option<String>,
    role: Option<String>,
}

impl Asked {
    fn wanted(&self) -> Option<DataOf> {
        Some(match self.of.as_deref()? {
            "state" => {
                let name = self.state.as_deref()?;
                DataOf::State(STATES.iter().find(|(one, _)| *one == name)?.1)
            }
            "refused" => DataOf::Refused,
            "late" => DataOf::Late,
            "left" => DataOf::LeftOut,
            "silent" => DataOf::Silent,
            "looks" => {
                let role = serde_json::Value::String(self.role.clone()?);
                DataOf::Looks(self.action.clone()?, serde_json::from_value(role).ok()?)
            }
            _ => return None,
        })
    }
}

#[derive(Template)]
#[template(path = "board/data_list.html")]
struct DataListPage {
    page: Page,
    list: DataList,
}

impl DataListPage {
    fn opens(&self, id: &Slug) -> String {
        format!("/desk/catalogue/{}", percent(id.as_str()))
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let wanted = asked.wanted().ok_or_else(Trouble::nothing)?;
    let department = match &asked.department {
        None => None,
        Some(text) => Some(text.parse::<Slug>().map_err(|_| Trouble::nothing())?),
    };
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let region = place(&page)?;
    let list = site
        .app
        .data_list(&ctx, region, &wanted, department.as_ref());
    let list = list.await?;
    Ok(html(&DataListPage {
        page: page.titled(list.says.clone()),
        list,
    }))
}

#[derive(Template)]
#[template(path = "board/pulls.html")]
struct PullsPage {
    page: Page,
    told: PullTold,
}

impl PullsPage {
    fn says(&self, attempt: &Attempt) -> String {
        in_words(&attempt.end)
    }
}

pub(super) async fn pulls(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let told = site.app.pulls(&ctx, place(&page)?).await?;
    Ok(html(&PullsPage {
        page: page.titled("定时拉取"),
        told,
    }))
}
