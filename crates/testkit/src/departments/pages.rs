//! 「一页一页」 A whole category page by page, with what can go wrong on the way: rows
//! again, rows that contradict themselves, another edition half-way, days too old.

use super::Held;
use super::server::{House, No, no};
use crate::signed::Believed;
use app::verify::wire::{PageQuery, PageReply};
use axum::http::StatusCode;
use chrono::Days;
use engine_pool::PurposeKind;
use kernel::Slug;
use std::collections::BTreeMap;

/// Most rows of one page.
const MOST_ROWS: u32 = 10_000;

/// The `nth` page anybody asked for.
pub(super) fn page(
    house: &House,
    department: &Slug,
    believed: &Believed,
    body: &[u8],
    nth: u64,
) -> Result<PageReply, No> {
    let bad = |why: String| no(StatusCode::BAD_REQUEST, why);
    let query: PageQuery =
        serde_json::from_slice(body).map_err(|why| bad(format!("请求读不懂：{why}")))?;
    if query.rows == 0 || query.rows > MOST_ROWS {
        return Err(bad(format!("一页要 1 到 {MOST_ROWS} 行")));
    }
    let today = house.gate.clock.now().today();
    let place = (department, &query.category);
    let found = [PurposeKind::Discovery, PurposeKind::Verification].map(|purpose| {
        house
            .agreements
            .find(&believed.caller, place, purpose, today)
    });
    let [discovery, checking] = found;
    let agreement = discovery.or(checking);
    let agreement = agreement.map_err(|why| no(StatusCode::FORBIDDEN, why))?;
    let wrong = &house.mischief.pages;
    let changed = wrong.changes_after > 0 && nth > wrong.changes_after;
    let as_of = today - Days::new(1 + wrong.late_days);
    let first = match &query.after {
        None => 0,
        Some(text) => text.parse().map_err(|_| bad("翻页记号读不懂".to_owned()))?,
    };
    let last = first + query.rows as usize;
    let begin = match first {
        0 => 0,
        _ => first.saturating_sub(wrong.repeated_rows),
    };
    let held = house
        .data
        .records(query.category.as_str(), as_of, begin..last);
    let Held { mut rows, total } = held.ok_or_else(|| no(StatusCode::FORBIDDEN, "没有这类数据"))?;
    for row in &mut rows {
        let person = row.get("id_no").cloned().unwrap_or_default();
        house.mischief.rewrite(place, &person, row);
        let fixed =
            |name: &str| matches!(name, "id_no" | "uscc" | "region" | "record_no" | "as_of");
        row.retain(|name, _| fixed(name) || agreement.fields.contains(name.as_str()));
    }
    if wrong.contradicts_itself_every > 0
        && nth.is_multiple_of(wrong.contradicts_itself_every)
        && let Some(other) = rows.first().cloned().map(otherwise)
    {
        rows.push(other);
    }
    Ok(PageReply {
        category: query.category.clone(),
        edition: format!("{as_of}-{}", u8::from(changed)),
        as_of,
        total: total as u64,
        rows,
        next: (last < total).then(|| last.to_string()),
    })
}

/// The same record, saying something else: of an earlier day.
fn otherwise(mut row: BTreeMap<String, String>) -> BTreeMap<String, String> {
    row.insert("as_of".to_owned(), "2020-01-01".to_owned());
    row
}
