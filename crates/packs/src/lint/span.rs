//! 「范围」 What a number can be: both ends included, counted in millionths, the
//! finest any number of the language has. Absent on purpose: what it stands for.

use expr::{BinaryOp, Decimal, SCALE_MAX, Type, Value};
use kernel::Date;

/// From the least to the most; `None`: no end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) low: Option<i128>,
    pub(crate) high: Option<i128>,
}

impl Span {
    pub(crate) fn of(low: Option<i128>, high: Option<i128>) -> Span {
        Span { low, high }
    }

    pub(crate) fn exactly(at: i128) -> Span {
        Span::of(Some(at), Some(at))
    }

    /// The one number it holds.
    pub(crate) fn single(self) -> Option<i128> {
        self.low.filter(|low| self.high == Some(*low))
    }

    pub(crate) fn is_empty(self) -> bool {
        matches!((self.low, self.high), (Some(low), Some(high)) if low > high)
    }

    pub(crate) fn meet(self, other: Span) -> Span {
        let low = [self.low, other.low].into_iter().flatten().max();
        let high = [self.high, other.high].into_iter().flatten().min();
        Span { low, high }
    }

    /// From the lesser low to the greater high.
    pub(crate) fn hull(self, other: Span) -> Span {
        let both = |one: Option<i128>, other: Option<i128>| Some((one?, other?));
        Span {
            low: both(self.low, other.low).map(|(a, b)| a.min(b)),
            high: both(self.high, other.high).map(|(a, b)| a.max(b)),
        }
    }

    pub(crate) fn negated(self) -> Span {
        let turned = |end: Option<i128>| end.and_then(i128::checked_neg);
        Span::of(turned(self.high), turned(self.low))
    }

    pub(crate) fn plus(self, other: Span) -> Span {
        let sum = |a: Option<i128>, b: Option<i128>| a?.checked_add(b?);
        Span::of(sum(self.low, other.low), sum(self.high, other.high))
    }

    /// Only where both are known to be no less than zero; else it may be anything.
    pub(crate) fn times(self, other: Span) -> Span {
        let zero = |span: Span| span.low.is_some_and(|low| low >= 0);
        if !zero(self) || !zero(other) {
            return Span::default();
        }
        let product = |a: Option<i128>, b: Option<i128>, up: i128| {
            let product = a?.checked_mul(b?)?.checked_add(up)?;
            product.checked_div(UNIT)
        };
        let low = product(self.low, other.low, 0);
        Span::of(low, product(self.high, other.high, UNIT - 1))
    }

    /// What `x` can be where `x op y` holds and `y` is within `self`; numbers that
    /// differ differ by at least `step`. `NotEqual` says nothing.
    pub(crate) fn bounds(self, op: BinaryOp, step: i128) -> Span {
        let less = |end: Option<i128>, by: i128| end.and_then(|end| end.checked_sub(by));
        match op {
            BinaryOp::Less => Span::of(None, less(self.high, step)),
            BinaryOp::AtMost => Span::of(None, self.high),
            BinaryOp::Greater => Span::of(less(self.low, -step), None),
            BinaryOp::AtLeast => Span::of(self.low, None),
            BinaryOp::Equal => self,
            _ => Span::default(),
        }
    }
}

const UNIT: i128 = 10_i128.pow(SCALE_MAX as u32);

/// The least by which two numbers of a type differ.
pub(crate) fn step(ty: &Type) -> i128 {
    let scale = ty.scale().unwrap_or(0).min(SCALE_MAX);
    10_i128.pow(u32::from(SCALE_MAX - scale))
}

/// A number or a day as a place on the line; nothing for codes and truths.
pub(crate) fn place(value: Value) -> Option<i128> {
    match value {
        Value::Number(number) => Some(i128::from(number.mantissa) * fine(number.scale)?),
        Value::Date(day) => Some(days(day) * UNIT),
        Value::Bool(_) | Value::Code(_) => None,
    }
}

fn fine(scale: u8) -> Option<i128> {
    let digits = SCALE_MAX.checked_sub(scale)?;
    Some(10_i128.pow(u32::from(digits)))
}

/// Days since the first of our era.
fn days(day: Date) -> i128 {
    let first = Date::from_num_days_from_ce_opt(0).unwrap_or(Date::MIN);
    i128::from((day - first).num_days())
}

/// A place on the line as people read it.
pub(crate) fn spoken(at: i128, ty: &Type) -> String {
    let value = match ty {
        Type::Date => {
            let days = i32::try_from(at / UNIT).ok();
            let day = days.and_then(Date::from_num_days_from_ce_opt);
            day.map(Value::Date)
        }
        _ => i64::try_from(at).ok().map(|mantissa| {
            Value::Number(Decimal {
                mantissa,
                scale: SCALE_MAX,
            })
        }),
    };
    value.map_or_else(|| at.to_string(), |value| value.spoken(ty))
}
