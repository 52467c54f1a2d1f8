//! 「能办什么」 What is on offer here, as the law in force has it: nothing is listed
//! that nobody can ask for.
//! Rows: A15.

use crate::page::{Page, html};
use crate::site::Site;
use app::resident::{Every, Family};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

/// A family of services on the front page.
pub(crate) struct Card {
    pub(crate) family: Family,
    pub(crate) title: &'static str,
    pub(crate) icon: &'static str,
}

impl Card {
    /// The first few by name.
    pub(crate) fn names(&self) -> String {
        let names = self.family.services.iter().map(|one| one.name.as_str());
        let names: Vec<&str> = names.take(3).collect();
        let more = if self.family.services.len() > 3 {
            "等"
        } else {
            ""
        };
        format!("{}{more}", names.join("、"))
    }
}

/// Families in the order of the law; others after them.
const ORDER: [&str; 4] = ["basic", "special", "urgent", "welfare"];

/// Every family on offer; the words are of the law's families, not of any pack.
pub(crate) fn cards(site: &Site) -> Vec<Card> {
    let card = |family: Family| {
        let (title, icon) = match family.id.as_str() {
            "basic" => ("生活有困难", "hands"),
            "special" => ("看病、上学、住房", "pulse"),
            "urgent" => ("遇到急事难事", "bell"),
            "welfare" => ("老人、孩子、残疾人", "users"),
            _ => ("别的帮助", "gift"),
        };
        Card {
            family,
            title,
            icon,
        }
    };
    let mut cards: Vec<Card> = site.app.offers().into_iter().map(card).collect();
    cards.sort_by_key(|card| {
        let place = ORDER.iter().position(|id| *id == card.family.id);
        place.unwrap_or(ORDER.len())
    });
    cards
}

#[derive(Template)]
#[template(path = "citizen/services.html")]
struct ServicesPage {
    page: Page,
    families: Vec<Card>,
}

fn paid(every: Option<&Every>) -> &'static str {
    match every {
        Some(Every::Month) => "按月发钱",
        Some(Every::Year) => "按年发钱",
        Some(Every::Once) => "给一笔钱",
        None => "认定资格，凭它享受别的帮助",
    }
}

pub(crate) async fn show(State(site): State<Site>, page: Page) -> Response {
    html(&ServicesPage {
        page: page.titled("能办什么"),
        families: cards(&site),
    })
}
