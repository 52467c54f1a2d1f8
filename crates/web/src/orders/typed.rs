//! 「填的」 What was typed into the forms of orders, read at the boundary.

use crate::desk::Taken;
use crate::trouble::Trouble;
use app::order::OrderView;
use axum::http::StatusCode;
use chrono::{FixedOffset, NaiveDateTime};
use engine_order::{Act, ProofGiven, ProofKind, ProofValue, Side, Step};
use kernel::{Instant, Money, ProviderId, Slug};
use std::collections::BTreeMap;

pub(super) fn bad(says: impl Into<String>) -> Trouble {
    Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, says)
}

pub(super) fn slug(text: &str) -> Result<Slug, Trouble> {
    text.parse().map_err(|_| Trouble::nothing())
}

/// `2026-03-02T10:30`, as a form has it, in China; empty: now.
pub(super) fn moment(text: &str, now: Instant) -> Result<Instant, Trouble> {
    if text.trim().is_empty() {
        return Ok(now);
    }
    let east = FixedOffset::east_opt(8 * 3600);
    let read = NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%dT%H:%M");
    let read = read.or(NaiveDateTime::parse_from_str(
        text.trim(),
        "%Y-%m-%dT%H:%M:%S",
    ));
    match (read, east) {
        (Ok(read), Some(east)) => read
            .and_local_timezone(east)
            .single()
            .map(|at| at.to_utc())
            .ok_or_else(|| bad("时间看不懂")),
        _ => Err(bad("时间看不懂，请写成例如 2026-03-02T10:30")),
    }
}

/// A proof that was typed; photographs come as files.
pub(super) fn proof(
    view: &OrderView,
    id: &Slug,
    text: &str,
) -> Result<Option<ProofGiven>, Trouble> {
    let Some(rule) = view.ty.proof_of(id) else {
        return Err(Trouble::nothing());
    };
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let value = match rule.kind {
        ProofKind::Photo => return Ok(None),
        ProofKind::Text => ProofValue::Text(text.to_owned()),
        ProofKind::Number => {
            let number = text.parse();
            ProofValue::Number(number.map_err(|_| bad(format!("“{}”请写整数", rule.asks)))?)
        }
        ProofKind::Money => {
            let money = text.parse::<Money>();
            ProofValue::Money(money.map_err(|why| bad(why.to_string()))?)
        }
        ProofKind::Place => match place(text) {
            Some(point) => ProofValue::Place(point),
            None => return Err(bad("定位请写成 纬度,经度，例如 30.7012,121.0159")),
        },
    };
    Ok(Some(ProofGiven {
        proof: id.clone(),
        value,
    }))
}

/// `30.7012,121.0159` in millionths of a degree.
pub(super) fn place(text: &str) -> Option<engine_order::Point> {
    let (lat, lon) = text.split_once([',', '，'])?;
    let millionths = |text: &str| -> Option<i32> {
        let (whole, rest) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(rest) {
            return None;
        }
        let rest: String = rest.chars().take(6).collect();
        let whole: i32 = whole.parse().ok().filter(|whole| *whole <= 180)?;
        let rest: i32 = format!("{rest:0<6}").parse().ok()?;
        Some(whole * 1_000_000 + rest)
    };
    Some(engine_order::Point {
        lat: millionths(lat)?,
        lon: millionths(lon)?,
    })
}

/// The next step nobody has done.
pub(super) fn next_step(view: &OrderView) -> Option<&Step> {
    let done = |step: &&Step| !view.order.steps.iter().any(|one| one.step == step.id);
    view.ty.steps.iter().find(done)
}

/// What an operator or a resident does, by the name of the button.
pub(super) fn act(view: &OrderView, taken: &Taken) -> Result<Act, Trouble> {
    let words = || taken.get("words");
    Ok(match taken.get("act").as_str() {
        "answer" => Act::Answer,
        "dispatch" => Act::Dispatch {
            to: taken
                .get("provider")
                .parse()
                .map(ProviderId)
                .map_err(|_| bad("请选一家服务方"))?,
            why: words(),
        },
        "confirm" => Act::Confirm {
            words: words(),
            by_phone: !taken.get("by_phone").is_empty(),
        },
        "reopen" => Act::Reopen { why: words() },
        "rate" => Act::Rate {
            stars: taken.get("stars").parse().map_err(|_| bad("请选几颗星"))?,
            words: words(),
            safety: !taken.get("safety").is_empty(),
        },
        "cancel" => Act::Cancel {
            side: match taken.get("side").as_str() {
                "provider" => Side::Provider,
                "office" => Side::Office,
                _ => Side::Requester,
            },
            why: words(),
        },
        "transfer" => Act::Transfer {
            to: slug(&taken.get("to"))?,
            why: words(),
        },
        "called" => Act::Called {
            calling: taken
                .get("calling")
                .parse()
                .map_err(|_| Trouble::nothing())?,
            came: words(),
        },
        "close" => {
            let needs = view.ty.close.needs.iter();
            let answer = |need: &engine_order::Need| {
                (need.id.clone(), taken.get(&format!("need-{}", need.id)))
            };
            let answers: BTreeMap<Slug, String> = needs.map(answer).collect();
            Act::Close { answers }
        }
        _ => return Err(Trouble::nothing()),
    })
}
