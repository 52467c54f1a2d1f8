//! 「算式」 One operation as SQL text.

use super::{Printer, SqlDialect, name};
use crate::column::{TRUE, date_of};
use crate::program::{Comparison, Constant, NodeId, Op};
use crate::typed::{DateFunction, Rounding};
use crate::{Cell, Value};

impl Printer<'_> {
    /// How a node is mentioned: a literal, its column, or its operation itself.
    pub(super) fn text(&self, id: NodeId) -> String {
        match self.is_literal(id) || self.inlined[id.place()] {
            true => self.made(id),
            false => name(id),
        }
    }

    pub(super) fn made(&self, id: NodeId) -> String {
        let t = |x: NodeId| self.text(x);
        match self.program.node(id).op {
            Op::Constant(constant) => literal(constant),
            Op::AsOf => format!("DATE '{}'", self.environment.as_of()),
            Op::MonthsBefore(months) => {
                let back = i32::try_from(months).unwrap_or(i32::MAX).saturating_neg();
                match kernel::months_after(self.environment.as_of(), back) {
                    Some(day) => format!("DATE '{day}'"),
                    None => "DATE '0001-01-01'".to_owned(),
                }
            }
            Op::Parameter(place) => {
                let id = &self.program.parameters()[place].id;
                cell(self.environment.get(id.as_str(), 0))
            }
            Op::Spread(x, _) => t(x),
            Op::Negate(x) => format!("(-{})", t(x)),
            Op::Abs(x) => format!("ABS({})", t(x)),
            Op::Not(x) => format!("(NOT {})", t(x)),
            Op::Rescale(x, more) => format!("({} * {})", t(x), 10_i64.pow(u32::from(more))),
            Op::Round(how, x, drop, zeros) => self.round(how, &t(x), drop, zeros),
            Op::Add(a, b) => format!("({} + {})", t(a), t(b)),
            Op::Subtract(a, b) => format!("({} - {})", t(a), t(b)),
            Op::Multiply(a, b, 0) => format!("({} * {})", t(a), t(b)),
            Op::Multiply(a, b, drop) => {
                self.round(Rounding::HalfUp, &format!("({} * {})", t(a), t(b)), drop, 0)
            }
            Op::Divide(a, b, shift) => self.divide(&t(a), &t(b), 10_i64.pow(u32::from(shift))),
            Op::Extreme(greatest, a, b) => {
                let (a, b) = (t(a), t(b));
                let (less, other) = if greatest { (&b, &a) } else { (&a, &b) };
                format!("(CASE WHEN {a} < {b} THEN {less} WHEN {a} >= {b} THEN {other} END)")
            }
            Op::Compare(comparison, a, b) => {
                let sign = match comparison {
                    Comparison::Equal => "=",
                    Comparison::NotEqual => "<>",
                    Comparison::Less => "<",
                    Comparison::AtMost => "<=",
                };
                format!("({} {sign} {})", t(a), t(b))
            }
            Op::And(a, b) => format!("({} AND {})", t(a), t(b)),
            Op::Or(a, b) => format!("({} OR {})", t(a), t(b)),
            Op::If(c, a, b) => {
                let (c, a, b) = (t(c), t(a), t(b));
                format!(
                    "(CASE WHEN {c} THEN {a} WHEN NOT {c} THEN {b} WHEN {a} = {b} THEN {a} END)"
                )
            }
            Op::Dates(function, a, b) => dates(function, &t(a), &t(b)),
            Op::Fact(_) | Op::Field(..) | Op::Aggregate(_) => name(id),
        }
    }
}

impl Printer<'_> {
    fn round(&self, how: Rounding, x: &str, drop: u8, zeros: u8) -> String {
        let by = 10_i64.pow(u32::from(drop));
        let more = match how {
            Rounding::HalfUp => by / 2,
            Rounding::Down => 0,
            Rounding::Up => by - 1,
        };
        let zeros = 10_i64.pow(u32::from(zeros));
        let quotient = self.quotient(&format!("(ABS({x}) + {more})"), &by.to_string());
        format!("(CASE WHEN {x} < 0 THEN -1 ELSE 1 END * {quotient} * {zeros})")
    }

    fn divide(&self, a: &str, b: &str, power: i64) -> String {
        let half = self.quotient(&format!("ABS({b})"), "2");
        let above = format!("(ABS({a}) * {power} + {half})");
        let quotient = self.quotient(&above, &format!("NULLIF(ABS({b}), 0)"));
        format!("(CASE WHEN ({a} < 0) = ({b} < 0) THEN 1 ELSE -1 END * {quotient})")
    }

    fn quotient(&self, above: &str, below: &str) -> String {
        let sign = match self.dialect {
            SqlDialect::DuckDb => "//",
            SqlDialect::Standard => "/",
        };
        format!("({above} {sign} {below})")
    }
}

fn literal(constant: Constant) -> String {
    match constant {
        Constant::Truth(truth) => if truth == TRUE { "TRUE" } else { "FALSE" }.to_owned(),
        Constant::Number(digits) => whole_number(digits),
        Constant::Date(day) => format!("DATE '{}'", date_of(day)),
        Constant::Code(code) => code.to_string(),
    }
}

fn whole_number(digits: i64) -> String {
    format!("CAST({digits} AS BIGINT)")
}

fn cell(cell: Cell) -> String {
    match cell.known() {
        Some(Value::Bool(known)) => if known { "TRUE" } else { "FALSE" }.to_owned(),
        Some(Value::Number(number)) => whole_number(number.mantissa),
        Some(Value::Date(date)) => format!("DATE '{date}'"),
        Some(Value::Code(code)) => code.to_string(),
        None => "NULL".to_owned(),
    }
}

fn dates(function: DateFunction, a: &str, b: &str) -> String {
    let part = |part: &str, of: &str| format!("CAST(date_part('{part}', {of}) AS BIGINT)");
    let (years, months) = (
        format!("({} - {})", part("year", b), part("year", a)),
        format!("({} - {})", part("month", b), part("month", a)),
    );
    match function {
        DateFunction::Days => format!("({b} - {a})"),
        DateFunction::Age => {
            let day = |of: &str| format!("({} * 100 + {})", part("month", of), part("day", of));
            format!(
                "(CASE WHEN {b} >= {a} THEN {years} - CASE WHEN {} >= {} THEN 0 ELSE 1 END END)",
                day(b),
                day(a)
            )
        }
        DateFunction::Months => format!(
            "(CASE WHEN {b} >= {a} THEN {years} * 12 + {months} - CASE WHEN {} >= {} OR date_part('day', {b} + INTERVAL '1' DAY) = 1 THEN 0 ELSE 1 END \
             WHEN {b} < {a} THEN {years} * 12 + {months} + CASE WHEN {} <= {} OR date_part('day', {a} + INTERVAL '1' DAY) = 1 THEN 0 ELSE 1 END END)",
            part("day", b),
            part("day", a),
            part("day", b),
            part("day", a)
        ),
    }
}
