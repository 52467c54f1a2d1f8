//! 「读一项」 One fact from one source: which records count, how they become one
//! value, what an answered absence means.

use engine_policy::{Entry, Source, WhyMissing};
use engine_pool::{Answer, Held, Record, Value as Pooled};
use expr::{Decimal, Type, Value};
use kernel::{Date, Slug, months_after};
use packs::{FactSource, Take};
use std::collections::BTreeMap;

/// What each category answered about one person; a category nobody asked is not
/// here.
pub type Answers = BTreeMap<Slug, Answer>;

/// Reads a fact from one source over the answers about one person, or about
/// every member for a fact of the household.
pub(super) fn entry(source: &FactSource, ty: &Type, answers: &[&Answers], day: Date) -> Entry {
    let mut counted: Vec<&Held> = Vec::new();
    let mut looked: Option<Date> = None;
    let mut silent = false;
    for answers in answers {
        match answers.get(&source.category) {
            Some(Answer::Records(held)) => {
                looked = looked.max(held.iter().map(|held| held.record.as_of).max());
                counted.extend(held.iter().filter(|held| counts(&held.record, source, day)));
            }
            Some(Answer::NoRecord { as_of }) => looked = looked.max(Some(*as_of)),
            Some(Answer::NoAnswer { .. }) | None => silent = true,
        }
    }
    // One member's record settles “is there one?”; everything else needs every answer.
    let settled = source.take == Take::Exists && !counted.is_empty();
    if silent && !settled {
        return Entry::Missing(WhyMissing::NoAnswer {
            department: source.department.clone(),
        });
    }
    let Some(looked) = looked else {
        return Entry::Missing(WhyMissing::NotAsked);
    };
    taken(source, ty, &counted, looked)
}

fn taken(source: &FactSource, ty: &Type, counted: &[&Held], looked: Date) -> Entry {
    let from = |held: Option<&Held>| Source::Department {
        department: source.department.clone(),
        category: source.category.clone(),
        as_of: held.map_or(looked, |held| held.record.as_of),
        record: held.map(|held| held.record.record_no.clone()),
    };
    let latest = counted
        .iter()
        .copied()
        .max_by_key(|held| (date_of(&held.record, source), held.record.as_of));
    let Some(latest) = latest else {
        return match nothing(source) {
            Some(value) => Entry::Known(value, from(None)),
            None => Entry::Missing(WhyMissing::NotAsked),
        };
    };
    let values = || -> Option<Vec<Value>> {
        let name = source.field.as_ref()?;
        counted
            .iter()
            .map(|held| field(&held.record, name).and_then(|value| typed(&value, ty)))
            .collect()
    };
    let value = match source.take {
        Take::Exists => Some(Value::Bool(true)),
        Take::Count => i64::try_from(counted.len())
            .ok()
            .map(|count| Value::Number(Decimal::whole(count))),
        Take::Latest => source
            .field
            .as_ref()
            .and_then(|name| field(&latest.record, name))
            .and_then(|value| typed(&value, ty)),
        Take::Sum => values().and_then(sum),
        Take::Max => values().and_then(|values| values.into_iter().max_by_key(order)),
        Take::Min => values().and_then(|values| values.into_iter().min_by_key(order)),
    };
    match value {
        Some(value) => Entry::Known(value, from(Some(latest))),
        // The record is there but the field is empty or not of this type: known to be unclear.
        None => Entry::Missing(WhyMissing::Disputed),
    }
}

/// What it means that there is no record; `None`: nothing.
pub(super) fn nothing(source: &FactSource) -> Option<Value> {
    match (source.absent, source.take) {
        (Some(value), _) => Some(value),
        (None, Take::Exists) => Some(Value::Bool(false)),
        (None, Take::Count) => Some(Value::Number(Decimal::whole(0))),
        (None, _) => None,
    }
}

fn counts(record: &Record, source: &FactSource, day: Date) -> bool {
    let recent = match source.within_months {
        None => true,
        Some(months) => {
            let begin = i32::try_from(months)
                .ok()
                .and_then(|months| months_after(day, -months));
            date_of(record, source)
                .is_some_and(|date| begin.is_some_and(|begin| begin < date) && date <= day)
        }
    };
    recent && matches(record, &source.only)
}

/// Whether a record's fields hold all of these values.
pub(super) fn matches(record: &Record, only: &[(Slug, Pooled)]) -> bool {
    only.iter()
        .all(|(name, value)| field(record, name).as_ref() == Some(value))
}

/// A field, or the record's own day.
pub(super) fn field(record: &Record, name: &Slug) -> Option<Pooled> {
    if name.as_str() == engine_pool::config::AS_OF.0 {
        return Some(Pooled::Date(record.as_of));
    }
    record.get(name.as_str()).cloned()
}

fn date_of(record: &Record, source: &FactSource) -> Option<Date> {
    match field(record, &source.date)? {
        Pooled::Date(date) => Some(date),
        Pooled::Month(month) => Some(month.last_day()),
        _ => None,
    }
}

/// A pooled value as the language's; `None` when the types do not meet.
pub(super) fn typed(value: &Pooled, ty: &Type) -> Option<Value> {
    match (value, ty) {
        (Pooled::Money(amount), Type::Number { .. }) => Some(Value::from(*amount)),
        (Pooled::Int(number), Type::Number { .. }) => Some(Value::Number(Decimal::whole(*number))),
        (Pooled::Decimal(millionths), Type::Number { scale, .. }) => {
            let number = Decimal {
                mantissa: *millionths,
                scale: 6,
            };
            number.at_scale(*scale).map(|mantissa| {
                Value::Number(Decimal {
                    mantissa,
                    scale: *scale,
                })
            })
        }
        (Pooled::Bool(flag), Type::Bool) => Some(Value::Bool(*flag)),
        (Pooled::Date(date), Type::Date) => Some(Value::Date(*date)),
        (Pooled::Month(month), Type::Date) => Some(Value::Date(month.first_day())),
        (Pooled::Code(code), Type::Code(set)) => set.number_of(code.as_str()).map(Value::Code),
        _ => None,
    }
}

/// The exact sum of numbers; `None` beyond the range or of other values.
fn sum(values: Vec<Value>) -> Option<Value> {
    let scale = values
        .iter()
        .map(scale_of)
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .max()?;
    let mut total = 0_i64;
    for value in values {
        let Value::Number(number) = value else {
            return None;
        };
        total = total.checked_add(number.at_scale(scale)?)?;
    }
    Some(Value::Number(Decimal {
        mantissa: total,
        scale,
    }))
}

fn scale_of(value: &Value) -> Option<u8> {
    match value {
        Value::Number(number) => Some(number.scale),
        _ => None,
    }
}

/// Orders values of one type.
fn order(value: &Value) -> i128 {
    match value {
        Value::Bool(flag) => i128::from(*flag),
        Value::Number(number) => {
            i128::from(number.mantissa) * 10_i128.pow(u32::from(6_u8.saturating_sub(number.scale)))
        }
        Value::Date(date) => i128::from(date.signed_duration_since(Date::MIN).num_days()),
        Value::Code(code) => i128::from(*code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine_pool::{NoAnswer, Subject};
    use expr::Unit;
    use kernel::{CitizenId, Money, PersonNumber};

    fn slug(text: &str) -> Slug {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn source(take: Take) -> FactSource {
        FactSource {
            department: slug("tax"),
            category: slug("wage_tax"),
            take,
            field: Some(slug("wage")),
            within_months: Some(12),
            date: slug("as_of"),
            only: Vec::new(),
            absent: Some(Value::from(Money::ZERO)),
        }
    }

    fn held(record_no: &str, as_of: &str, wage_fen: i64) -> Held {
        let born = day("1988-03-02");
        let person = PersonNumber::Citizen(CitizenId::build(990_482, born, 1).unwrap());
        let record = Record {
            category: slug("wage_tax"),
            subject: Subject::Person(person),
            record_no: record_no.to_owned(),
            as_of: day(as_of),
            values: BTreeMap::from([(slug("wage"), Pooled::Money(Money::from_fen(wage_fen)))]),
        };
        Held {
            record,
            batch: None,
        }
    }

    fn read(take: Take, answer: Option<Answer>) -> Entry {
        let answers: Answers = answer
            .into_iter()
            .map(|answer| (slug("wage_tax"), answer))
            .collect();
        entry(
            &source(take),
            &Type::number(Unit::YUAN),
            &[&answers],
            day("2026-09-07"),
        )
    }

    fn fen(entry: &Entry) -> Option<i64> {
        match entry.value()? {
            Value::Number(number) => number.at_scale(2),
            _ => None,
        }
    }

    #[test]
    fn a02_no_answer_is_never_no_record() {
        let no_record = Answer::NoRecord {
            as_of: day("2026-08-31"),
        };
        assert_eq!(fen(&read(Take::Latest, Some(no_record))), Some(0));
        let down = Answer::NoAnswer {
            why: NoAnswer::Unreachable,
        };
        for silent in [Some(down), None] {
            let told = read(Take::Latest, silent);
            assert_eq!(
                told,
                Entry::Missing(WhyMissing::NoAnswer {
                    department: slug("tax")
                })
            );
        }
    }

    #[test]
    fn records_outside_the_window_do_not_count() {
        let records = || {
            Some(Answer::Records(vec![
                held("1", "2025-09-07", 100_000),
                held("2", "2025-09-08", 1_000),
                held("3", "2026-08-31", 2_000),
            ]))
        };
        assert_eq!(fen(&read(Take::Sum, records())), Some(3_000));
        assert_eq!(fen(&read(Take::Latest, records())), Some(2_000));
        assert_eq!(fen(&read(Take::Max, records())), Some(2_000));
        assert_eq!(fen(&read(Take::Min, records())), Some(1_000));
    }
}
