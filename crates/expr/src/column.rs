//! 「列」 Plain typed vectors. Beside each value lies a gap byte; truths carry
//! theirs in the same byte.

use crate::eval::view::is_uniform;
use crate::eval::width::width_of;
use crate::types::Type;
use crate::{Cell, Decimal, Value};
use chrono::Datelike;
use kernel::Date;
use std::ops::Range;

/// Gap bit: a fact is missing.
pub(crate) const MISSING: u8 = 1;
/// Gap bit: the arithmetic failed.
pub(crate) const FAULT: u8 = 2;

/// Truth byte: known to hold.
pub(crate) const TRUE: u8 = 1;
/// Truth byte: known not to hold.
pub(crate) const FALSE: u8 = 2;
/// Truth byte: not known because the arithmetic failed. 0 is plain unknown.
pub(crate) const TRUTH_FAULT: u8 = 4;

/// A column of values. Where a gap byte is not 0 the value is 0.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    Truth(Vec<u8>),
    Number(Vec<i64>, Vec<u8>),
    /// Days counted from 0001-01-01.
    Date(Vec<i32>, Vec<u8>),
    Code(Vec<u16>, Vec<u8>),
}

/// A column to read: values beside gap bytes (0 known, 1 missing, 2 or 3 fault);
/// truths are bytes of their own (1 true, 2 false, 0 unknown, 4 fault).
#[derive(Clone, Copy, Debug)]
pub enum ColumnView<'c> {
    /// 是否
    Truth(&'c [u8]),
    /// 数
    Number(&'c [i64], &'c [u8]),
    /// 日期, counted from 0001-01-01
    Date(&'c [i32], &'c [u8]),
    /// 代码
    Code(&'c [u16], &'c [u8]),
}

impl Default for Column {
    fn default() -> Self {
        Column::Truth(Vec::new())
    }
}

/// A date as a day number.
pub(crate) fn day_number(date: Date) -> i32 {
    date.num_days_from_ce()
}

/// A day number as a date.
pub(crate) fn date_of(day: i32) -> Date {
    Date::from_num_days_from_ce_opt(day).unwrap_or_default()
}

impl Column {
    pub(crate) fn of(ty: &Type) -> Column {
        match ty {
            Type::Bool => Column::Truth(Vec::new()),
            Type::Number { .. } => Column::Number(Vec::new(), Vec::new()),
            Type::Date => Column::Date(Vec::new(), Vec::new()),
            Type::Code(_) => Column::Code(Vec::new(), Vec::new()),
        }
    }

    pub(crate) fn view(&self) -> ColumnView<'_> {
        match self {
            Column::Truth(v) => ColumnView::Truth(v),
            Column::Number(v, gaps) => ColumnView::Number(v, gaps),
            Column::Date(v, gaps) => ColumnView::Date(v, gaps),
            Column::Code(v, gaps) => ColumnView::Code(v, gaps),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Column::Truth(v) => v.len(),
            Column::Number(_, gaps) | Column::Date(_, gaps) | Column::Code(_, gaps) => gaps.len(),
        }
    }

    /// Whether the first `rows` are alike.
    pub(crate) fn is_uniform(&self, rows: usize) -> bool {
        self.is_uniform_in(0..rows)
    }

    /// Whether these rows are alike.
    pub(crate) fn is_uniform_in(&self, rows: Range<usize>) -> bool {
        fn both<T: Copy + PartialEq>(values: &[T], gaps: &[u8], rows: Range<usize>) -> bool {
            match (values.get(rows.clone()), gaps.get(rows)) {
                (Some(values), Some(gaps)) => is_uniform(gaps) && is_uniform(values),
                _ => false,
            }
        }
        match self {
            Column::Truth(v) => v.get(rows).is_some_and(is_uniform),
            Column::Number(v, gaps) => both(v, gaps, rows),
            Column::Date(v, gaps) => both(v, gaps, rows),
            Column::Code(v, gaps) => both(v, gaps, rows),
        }
    }

    pub(crate) fn clear(&mut self) {
        match self {
            Column::Truth(v) => v.clear(),
            Column::Number(v, gaps) => (v.clear(), gaps.clear()).0,
            Column::Date(v, gaps) => (v.clear(), gaps.clear()).0,
            Column::Code(v, gaps) => (v.clear(), gaps.clear()).0,
        }
    }

    pub(crate) fn push_missing(&mut self) {
        self.resize(self.len() + 1);
    }

    /// New rows are missing.
    pub(crate) fn resize(&mut self, rows: usize) {
        match self {
            Column::Truth(v) => v.resize(rows, 0),
            Column::Number(v, gaps) => {
                v.resize(rows, 0);
                gaps.resize(rows, MISSING);
            }
            Column::Date(v, gaps) => {
                v.resize(rows, 0);
                gaps.resize(rows, MISSING);
            }
            Column::Code(v, gaps) => {
                v.resize(rows, 0);
                gaps.resize(rows, MISSING);
            }
        }
    }

    /// Whether the value had the type and fitted.
    pub(crate) fn set(&mut self, row: usize, value: Option<Value>, ty: &Type) -> bool {
        let gap = if value.is_some() { 0 } else { MISSING };
        match (self, value) {
            (Column::Truth(v), None) => v[row] = 0,
            (Column::Truth(v), Some(Value::Bool(known))) => v[row] = truth_byte(known),
            (Column::Number(v, gaps), value) => {
                let digits = match value {
                    None => Some(0),
                    Some(Value::Number(number)) => {
                        number.at_scale(ty.scale().unwrap_or(number.scale))
                    }
                    Some(_) => None,
                };
                let Some(digits) = digits else { return false };
                (v[row], gaps[row]) = (digits, gap);
            }
            (Column::Date(v, gaps), None) => (v[row], gaps[row]) = (0, gap),
            (Column::Date(v, gaps), Some(Value::Date(date))) => {
                (v[row], gaps[row]) = (day_number(date), gap);
            }
            (Column::Code(v, gaps), None) => (v[row], gaps[row]) = (0, gap),
            (Column::Code(v, gaps), Some(Value::Code(code))) => {
                (v[row], gaps[row]) = (code, gap);
            }
            _ => return false,
        }
        true
    }

    /// The width of a row's number; 0 for what is none.
    pub(crate) fn width_at(&self, row: usize) -> u32 {
        match self {
            Column::Number(v, _) => v.get(row).map_or(0, |number| width_of(*number)),
            _ => 0,
        }
    }

    /// What a row holds; missing beyond the rows.
    pub(crate) fn cell(&self, row: usize, ty: &Type) -> Cell {
        if row >= self.len() {
            return Cell::Missing;
        }
        let known = |gap: u8, value: Value| match gap {
            0 => Cell::Known(value),
            gap if gap & FAULT != 0 => Cell::Fault,
            _ => Cell::Missing,
        };
        match self {
            Column::Truth(v) => truth_cell(v[row]),
            Column::Number(v, gaps) => known(
                gaps[row],
                Value::Number(Decimal {
                    mantissa: v[row],
                    scale: ty.scale().unwrap_or(0),
                }),
            ),
            Column::Date(v, gaps) => known(gaps[row], Value::Date(date_of(v[row]))),
            Column::Code(v, gaps) => known(gaps[row], Value::Code(v[row])),
        }
    }
}

/// A known truth as a byte.
pub(crate) fn truth_byte(known: bool) -> u8 {
    if known { TRUE } else { FALSE }
}

/// A truth byte as a cell.
pub(crate) fn truth_cell(byte: u8) -> Cell {
    match byte {
        TRUE => Cell::Known(Value::Bool(true)),
        FALSE => Cell::Known(Value::Bool(false)),
        byte if byte & TRUTH_FAULT != 0 => Cell::Fault,
        _ => Cell::Missing,
    }
}
