//! 「数后面是谁」 Whom a number of a simulation counts, by name, for whoever works there;
//! each opens to the household where there is a reason to.
//! Rows: A37.

use super::publish::looking;
use super::simulate::{Asked, wanted};
use crate::desk::{place, unseen};
use crate::page::{Page, html, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::simulate::{BEHIND_PAGE, Behind, BehindPage, How, Of};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;

#[derive(Template)]
#[template(path = "law/names.html")]
struct NamesView {
    page: Page,
    behind: BehindPage,
    back: String,
    /// This list without its place in it.
    here: String,
}

impl NamesView {
    fn last(&self) -> u64 {
        let last = self.behind.before + BEHIND_PAGE;
        self.behind
            .count
            .min(u64::try_from(last).unwrap_or(u64::MAX))
    }

    fn earlier(&self) -> Option<String> {
        let from = self.behind.before.checked_sub(BEHIND_PAGE)?;
        Some(format!("{}&from={from}", self.here))
    }

    fn later(&self) -> Option<String> {
        let more = self.last() < self.behind.count;
        more.then(|| format!("{}&from={}", self.here, self.last()))
    }

    /// Whether some of those listed are owed money by one law or the other.
    fn has_money(&self) -> bool {
        let mut lines = self.behind.lines.iter();
        lines.any(|one| one.now.is_some() || one.then.is_some())
    }

    fn has_benefit(&self) -> bool {
        self.behind.lines.iter().any(|one| one.benefit.is_some())
    }

    fn has_fails(&self) -> bool {
        self.behind.lines.iter().any(|one| one.fails.is_some())
    }
}

/// Which number an address names.
fn which(asked: &Asked) -> Option<Behind> {
    let of = match asked.of.split_once(':') {
        None if asked.of.is_empty() => Of::All,
        None => return None,
        Some(("town", code)) => Of::Town(code.parse().ok()?),
        Some(("kind", label)) => Of::kind(label)?,
        Some(("size", label)) => Of::size(label)?,
        Some(("step", at)) => Of::Step(at.parse().ok()?),
        Some(_) => return None,
    };
    let how = match asked.who.as_str() {
        "more" => return Some(Behind::Money { more: true, of }),
        "less" => return Some(Behind::Money { more: false, of }),
        "crossing" => return Some(Behind::Crossing),
        "before" => How::Before,
        "entering" => How::Entering,
        "leaving" => How::Leaving,
        "perhaps" => How::PerhapsEntering,
        "perhaps-not" => How::PerhapsLeaving,
        "near" => How::Near,
        _ => return None,
    };
    let benefit = asked.benefit.parse().ok()?;
    Some(Behind::Benefit { benefit, how })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let which = which(&asked).ok_or_else(Trouble::nothing)?;
    let what = wanted(&site, &page, &asked).await.map_err(unseen)?;
    let (ctx, place) = (looking(&page)?, place(&page)?);
    let behind = site.app.behind(&ctx, &what, &which, place, asked.from);
    let here = [
        ("who", &asked.who),
        ("benefit", &asked.benefit),
        ("of", &asked.of),
    ];
    let here = here.map(|(name, text)| format!("{name}={}", percent(text)));
    Ok(html(&NamesView {
        behind: behind.await.map_err(unseen)?,
        page: page.titled("名单"),
        back: format!("/desk/simulate?{}", asked.query()),
        here: format!("/desk/simulate/names?{}&{}", asked.query(), here.join("&")),
    }))
}
