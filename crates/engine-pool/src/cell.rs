//! 「单元格」 One raw cell read as its field's type. Blanks around it are dropped;
//! an empty cell is no value; everything else fits or is a fault.

use crate::config::FieldType;
use crate::gate::FaultKind;
use crate::record::Value;
use kernel::{Date, Money, MoneyError, Period};
use std::collections::BTreeMap;

const MOST_CHARACTERS: usize = 500;

/// Reads a cell; `None` when it is empty.
pub fn read_cell(ty: &FieldType, cell: &str) -> Result<Option<Value>, FaultKind> {
    let text = cell.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().any(|c| c.is_control() || c == '\u{FFFD}') {
        return Err(FaultKind::Garbled);
    }
    if is_formula(text) {
        return Err(FaultKind::Formula);
    }
    match ty {
        FieldType::Text if text.chars().count() > MOST_CHARACTERS => {
            Err(FaultKind::TooLong(MOST_CHARACTERS))
        }
        FieldType::Text => Ok(Value::Text(text.to_owned())),
        FieldType::Money => money(text).map(Value::Money),
        FieldType::Int => number(text, 0).map(Value::Int),
        FieldType::Decimal => number(text, 6).map(Value::Decimal),
        FieldType::Date => date(text).map(Value::Date),
        FieldType::Month => month(text).map(Value::Month),
        FieldType::Bool => yes_or_no(text).map(Value::Bool),
        FieldType::Code(codes) => code(codes, text),
        FieldType::Region => text
            .parse()
            .map(Value::Region)
            .map_err(|_| FaultKind::NotARegion),
        FieldType::IdNo => text
            .parse()
            .map(Value::Person)
            .map_err(|why: kernel::PersonNumberError| FaultKind::NotAPerson(why.to_string())),
        FieldType::Uscc => text
            .parse()
            .map(Value::Organisation)
            .map_err(|why: kernel::UsccError| FaultKind::NotAnOrganisation(why.to_string())),
        FieldType::Card => text
            .parse()
            .map(Value::Card)
            .map_err(|why: kernel::BankCardError| FaultKind::NotACard(why.to_string())),
    }
    .map(Some)
}

/// Whether a sheet would run it instead of showing it: `=…`, or a call or a pipe behind
/// `+`, `-`, `@`. A negative number and a handle are none.
fn is_formula(text: &str) -> bool {
    text.starts_with('=') || (text.starts_with(['+', '-', '@']) && text.contains(['(', '|']))
}

fn money(text: &str) -> Result<Money, FaultKind> {
    text.parse().map_err(|why| match why {
        MoneyError::NotANumber(_) => FaultKind::NotMoney,
        MoneyError::TooFine(_) => FaultKind::TooManyDecimals,
        MoneyError::TooLarge(_) => FaultKind::TooLarge,
    })
}

/// A number with at most `places` decimals, in units of the last place.
fn number(text: &str, places: usize) -> Result<i64, FaultKind> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(FaultKind::NotANumber),
        Some(parts) => parts,
        None => (digits, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(FaultKind::NotANumber);
    }
    // Spreadsheets write whole numbers as 3.0: zeros behind the point are none.
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places {
        return Err(FaultKind::TooManyDecimals);
    }
    let units: i64 = format!("{whole}{fraction:0<places$}")
        .parse()
        .map_err(|_| FaultKind::TooLarge)?;
    Ok(if negative { -units } else { units })
}

/// `2026-01-31`, `2026/1/31` or `20260131`.
fn date(text: &str) -> Result<Date, FaultKind> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let separator = if text.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = if text.len() == 8 && digits(text) {
        vec![&text[..4], &text[4..6], &text[6..]]
    } else {
        text.split(separator).collect()
    };
    let [year, month, day] = parts[..] else {
        return Err(FaultKind::NotADate);
    };
    let short = |part: &str| digits(part) && part.len() <= 2;
    if year.len() != 4 || !digits(year) || !short(month) || !short(day) {
        return Err(FaultKind::NotADate);
    }
    let number = |part: &str| part.parse().unwrap_or_default();
    let year: i32 = year.parse().map_err(|_| FaultKind::NotADate)?;
    Date::from_ymd_opt(year, number(month), number(day)).ok_or(FaultKind::NoSuchDate)
}

/// `2026-01` or `202601`.
fn month(text: &str) -> Result<Period, FaultKind> {
    let dashed = match text.len() {
        6 if text.is_ascii() => format!("{}-{}", &text[..4], &text[4..]),
        _ => text.to_owned(),
    };
    dashed.parse().map_err(|_| FaultKind::NotAMonth)
}

fn yes_or_no(text: &str) -> Result<bool, FaultKind> {
    match text {
        "是" | "true" | "1" => Ok(true),
        "否" | "false" | "0" => Ok(false),
        _ => Err(FaultKind::NotYesOrNo),
    }
}

fn code(codes: &BTreeMap<kernel::Slug, String>, text: &str) -> Result<Value, FaultKind> {
    codes
        .iter()
        .find(|(id, label)| id.as_str() == text || *label == text)
        .map(|(id, _)| Value::Code(id.clone()))
        .ok_or_else(|| {
            let labels: Vec<&str> = codes.values().map(String::as_str).take(12).collect();
            FaultKind::UnknownCode(labels.join("、"))
        })
}
