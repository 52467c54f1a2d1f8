//! 「消息」和「我的数据」 What was written to somebody; what is held of their family, from
//! whom, and who looked.

use super::{Where, context};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::resident::{Known, Letter, MyData};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;

#[derive(Template)]
#[template(path = "citizen/messages.html")]
struct MessagesPage {
    page: Page,
    letters: Vec<Letter>,
}

pub(super) async fn messages(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let (letters, solemn) = site.app.letters(&context(&page, "")?).await?;
    let mut page = page.titled("消息");
    page.solemn = solemn;
    page.unread = 0;
    Ok(html(&MessagesPage { page, letters }))
}

#[derive(Template)]
#[template(path = "citizen/data.html")]
struct DataPage {
    page: Page,
    at: Where,
    data: MyData,
}

impl DataPage {
    /// Facts with a record.
    fn records<'a>(&self, held: &'a [Known]) -> Vec<&'a Known> {
        held.iter().filter(|one| one.record).collect()
    }

    /// The same, by whom they are about.
    fn by_person<'a>(&self, held: &'a [Known]) -> Vec<(&'a str, Vec<&'a Known>)> {
        let mut all: Vec<(&str, Vec<&Known>)> = Vec::new();
        for one in held.iter().filter(|one| one.record) {
            match all.iter_mut().find(|(who, _)| *who == one.who) {
                Some((_, facts)) => facts.push(one),
                None => all.push((&one.who, vec![one])),
            }
        }
        all
    }

    /// Departments that have no record at all.
    fn silent(&self) -> String {
        let none = self.data.held.iter();
        let none = none.filter(|(_, held)| held.iter().all(|one| !one.record));
        let names: Vec<&str> = none.map(|(name, _)| name.as_str()).collect();
        names.join("、")
    }

    fn names(&self) -> String {
        let names = self.data.people.iter().map(|one| one.name.as_str());
        names.collect::<Vec<_>>().join("、")
    }
}

pub(super) async fn data(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let data = site.app.my_data(&ctx, at.household()).await?;
    let mut page = page.titled("我的数据");
    page.solemn = data.solemn;
    Ok(html(&DataPage { page, at, data }))
}
