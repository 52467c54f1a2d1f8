//! 「地图」 The places below a place as tiles, coloured by a figure; each tile opens the
//! lines it counts, its name goes one place down. The house has no boundaries of
//! places, and draws none: tiles stand in the order of the region codes, and the page
//! says so.

use super::list::{address, place};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::yuan_words;
use app::cockpit::{Cockpit, Figure, PlaceFigures};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use engine_access::Purpose;
use kernel::{Money, RegionLevel};
use serde::Deserialize;

/// What tiles can be coloured by: as addresses call it, in words, its unit.
pub(super) const FIGURES: [(&str, &str, &str); 4] = [
    ("people", "在领的人", "人"),
    ("households", "在领的户", "户"),
    ("found", "符合、还没领", "条"),
    ("arrived", "这个月到账", "元"),
];
/// Shades of a tile, 0 for none.
const SHADES: i64 = 5;

/// Which figure; the place is read by the cockpit's own words.
#[derive(Default, Deserialize)]
pub(super) struct Chosen {
    by: Option<String>,
}

pub(super) struct Tile {
    pub(super) name: String,
    /// Where it goes one place down; villages go nowhere.
    pub(super) down: Option<String>,
    pub(super) lines: String,
    pub(super) says: String,
    pub(super) shade: i64,
    pub(super) amount: i64,
}

#[derive(Template)]
#[template(path = "board/map.html")]
struct MapPage {
    page: Page,
    name: String,
    what: &'static str,
    unit: &'static str,
    /// Address, words, whether it is the one shown.
    choices: Vec<(String, &'static str, bool)>,
    tiles: Vec<Tile>,
    /// The least of each shade, in words.
    legend: Vec<(i64, String)>,
    narrowed: bool,
}

fn figure<'a>(one: &'a PlaceFigures, by: &str) -> &'a Figure {
    match by {
        "households" => &one.households,
        "found" => &one.found,
        "arrived" => &one.arrived,
        _ => &one.people,
    }
}

/// How much a figure is: whole yuan for money (a part counts as one), else how many.
fn amount(figure: &Figure, by: &str) -> i64 {
    match by {
        "arrived" => (figure.sum.fen() + 99).div_euclid(100),
        _ => i64::try_from(figure.count).unwrap_or(i64::MAX),
    }
}

/// In equal steps of the greatest; nothing has no shade.
fn shade(amount: i64, most: i64) -> i64 {
    match amount {
        ..=0 => 0,
        _ => (amount.saturating_sub(1).saturating_mul(SHADES) / most.max(1)).min(SHADES - 1) + 1,
    }
}

/// The least amount of each shade that has one.
fn legend(most: i64, says: impl Fn(i64) -> String) -> Vec<(i64, String)> {
    let steps = (1..=SHADES).map(|step| (step, ((step - 1) * most + SHADES - 1) / SHADES + 1));
    let mut legend = vec![(0, says(0))];
    legend.extend(
        steps
            .filter(|(step, least)| *least <= most && shade(*least, most) == *step)
            .map(|(step, least)| (step, format!("{} 起", says(least)))),
    );
    legend
}

/// The places below as tiles, in the order of their codes, with what the shades mean;
/// each name goes one place down at `page`.
pub(super) fn tiles(cockpit: &Cockpit, by: &str, page: &str) -> (Vec<Tile>, Vec<(i64, String)>) {
    let says = |amount: i64| match by {
        "arrived" => yuan_words(Money::from_fen(amount * 100)),
        _ => amount.to_string(),
    };
    let amounts = cockpit.places.iter().map(|one| amount(figure(one, by), by));
    let most = amounts.max().unwrap_or(0);
    let tile = |one: &PlaceFigures| {
        let (figure, region) = (figure(one, by), one.people.wanted.place);
        let amount = amount(figure, by);
        let deeper = region.level() != RegionLevel::Village;
        Tile {
            name: one.name.clone(),
            down: deeper.then(|| format!("{page}?by={by}&place={region}")),
            lines: address(figure),
            says: match by {
                "arrived" => yuan_words(figure.sum),
                _ => says(amount),
            },
            shade: shade(amount, most),
            amount,
        }
    };
    let mut places: Vec<&PlaceFigures> = cockpit.places.iter().collect();
    places.sort_by_key(|one| one.people.wanted.place);
    (places.into_iter().map(tile).collect(), legend(most, says))
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<super::list::Asked>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let chosen = match &chosen.by {
        None => FIGURES.first(),
        Some(by) => FIGURES.iter().find(|(name, _, _)| name == by),
    };
    let chosen = *chosen.ok_or_else(Trouble::nothing)?;
    let narrowed = asked.place.is_some();
    let at = place(&page, &asked)?;
    let cockpit = site.app.cockpit(&ctx, at).await?;
    let (by, what, unit) = chosen;
    let (tiles, legend) = tiles(&cockpit, by, "/cockpit/map");
    let choice = |(name, words, _): &(&'static str, &'static str, &str)| {
        let to = format!("/cockpit/map?by={name}&place={at}");
        (to, *words, *name == by)
    };
    Ok(html(&MapPage {
        page: page.titled("地图"),
        what,
        unit,
        choices: FIGURES.iter().map(choice).collect(),
        tiles,
        legend,
        name: cockpit.name,
        narrowed,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_are_equal_steps_and_nothing_has_none() {
        let shades = [0, 1, 2, 3, 10].map(|one| shade(one, 10));
        assert_eq!(shades, [0, 1, 1, 2, 5]);
        assert_eq!(shade(1, 1), 1);
        let steps = legend(10, |one| one.to_string());
        let words: Vec<_> = steps.iter().map(|(_, words)| words.as_str()).collect();
        assert_eq!(words, ["0", "1 起", "3 起", "5 起", "7 起", "9 起"]);
        for (step, least) in [(1, 1), (2, 3), (3, 5), (4, 7), (5, 9)] {
            assert_eq!(shade(least, 10), step);
        }
        let uneven = legend(44, |one| one.to_string());
        assert_eq!(uneven.len(), 6);
        assert_eq!(legend(0, |one| one.to_string()).len(), 1);
    }
}
