//! 「比对」 Declared against found. Where nobody answered nothing is compared;
//! what was not asked of the household is no difference.

use crate::answer::Answer;
use crate::config::Config;
use crate::contradiction::{Contradiction, contradictions};
use crate::record::{Held, Value};
use crate::verification::{Declaration, Declared, Difference, Found, Request, Verification};
use kernel::{Money, Slug};

/// Every difference, in the order of the declarations, and every contradiction,
/// member by member.
pub(crate) fn compare(
    state: &Verification,
    request: &Request,
    config: &Config,
) -> (Vec<Difference>, Vec<Contradiction>) {
    let mut differences = Vec::new();
    for declaration in &request.declared {
        let answer = state.answer(declaration.person, &declaration.category);
        let records: &[Held] = match answer {
            Some(Answer::Records(records)) => records,
            Some(Answer::NoRecord { .. }) => &[],
            Some(Answer::NoAnswer { .. }) | None => continue,
        };
        if let Some(found) = differs(&declaration.says, records, config.tolerance) {
            differences.push(difference(declaration, found, state));
        }
    }
    let mut found = Vec::new();
    for member in &request.members {
        let held: Vec<Held> = request
            .categories
            .iter()
            .filter_map(|category| match state.answer(member.person, category) {
                Some(Answer::Records(records)) => Some(records.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        found.extend(contradictions(&held, &config.contradictions));
    }
    (differences, found)
}

/// A difference; what was said and settled about the same one in an earlier
/// comparison stays with it.
fn difference(declaration: &Declaration, found: Found, state: &Verification) -> Difference {
    let before = state
        .comparison
        .iter()
        .flat_map(|c| &c.differences)
        .find(|d| {
            d.person == declaration.person
                && d.category == declaration.category
                && d.declared == declaration.says
                && d.found == found
        });
    Difference {
        person: declaration.person,
        category: declaration.category.clone(),
        declared: declaration.says.clone(),
        found,
        explanation: before.and_then(|d| d.explanation.clone()),
        settled: before.and_then(|d| d.settled.clone()),
    }
}

fn differs(declared: &Declared, records: &[Held], tolerance: Money) -> Option<Found> {
    let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
    match declared {
        Declared::Nothing => (count > 0).then_some(Found::Count(count)),
        Declared::Count(said) => (*said != count).then_some(match count {
            0 => Found::NoRecord,
            _ => Found::Count(count),
        }),
        Declared::Sum { field, value } => {
            let sum = sum(records, field, value);
            let fits = sum.as_ref().is_some_and(|sum| close(value, sum, tolerance));
            match (fits, records.is_empty()) {
                (true, _) => None,
                (false, true) => Some(Found::NoRecord),
                (false, false) => Some(Found::Sum(sum)),
            }
        }
        Declared::Is { field, value } => {
            let values: Vec<Value> = records
                .iter()
                .filter_map(|held| held.record.values.get(field).cloned())
                .collect();
            if values.iter().any(|found| close(value, found, tolerance)) {
                None
            } else if records.is_empty() {
                Some(Found::NoRecord)
            } else {
                Some(Found::Values(values))
            }
        }
    }
}

/// The sum of a field in the kind of `like`; no records add up to zero, a record
/// without the field leaves the sum unknown.
fn sum(records: &[Held], field: &Slug, like: &Value) -> Option<Value> {
    let zero = match like {
        Value::Money(_) => Value::Money(Money::ZERO),
        Value::Int(_) => Value::Int(0),
        Value::Decimal(_) => Value::Decimal(0),
        _ => return None,
    };
    records.iter().try_fold(zero, |total, held| {
        match (total, held.record.values.get(field)?) {
            (Value::Money(total), Value::Money(one)) => total.checked_add(*one).map(Value::Money),
            (Value::Int(total), Value::Int(one)) => total.checked_add(*one).map(Value::Int),
            (Value::Decimal(total), Value::Decimal(one)) => {
                total.checked_add(*one).map(Value::Decimal)
            }
            _ => None,
        }
    })
}

fn close(said: &Value, found: &Value, tolerance: Money) -> bool {
    match (said, found) {
        (Value::Money(said), Value::Money(found)) => {
            said.fen().abs_diff(found.fen()) <= tolerance.fen().unsigned_abs()
        }
        _ => said == found,
    }
}
