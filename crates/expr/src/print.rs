//! 「排印」 Prints a tree as text that parses to an equal tree.

use crate::ast::*;
use crate::parser::strength;
use std::fmt;

impl AggregateOp {
    pub(crate) const ALL: [AggregateOp; 6] = [
        AggregateOp::Any,
        AggregateOp::All,
        AggregateOp::Count,
        AggregateOp::Sum,
        AggregateOp::Min,
        AggregateOp::Max,
    ];

    /// As written.
    pub fn name(self) -> &'static str {
        match self {
            AggregateOp::Any => "any",
            AggregateOp::All => "all",
            AggregateOp::Count => "count",
            AggregateOp::Sum => "sum",
            AggregateOp::Min => "min",
            AggregateOp::Max => "max",
        }
    }

    pub(crate) fn named(name: &str) -> Option<AggregateOp> {
        AggregateOp::ALL.into_iter().find(|op| op.name() == name)
    }
}

impl Function {
    pub(crate) const ALL: [Function; 11] = [
        Function::Min,
        Function::Max,
        Function::Abs,
        Function::Round,
        Function::RoundUp,
        Function::RoundDown,
        Function::AgeOn,
        Function::MonthsBetween,
        Function::DaysBetween,
        Function::PerMonth,
        Function::PerYear,
    ];

    /// As written.
    pub fn name(self) -> &'static str {
        match self {
            Function::Min => "min",
            Function::Max => "max",
            Function::Abs => "abs",
            Function::Round => "round",
            Function::RoundUp => "round_up",
            Function::RoundDown => "round_down",
            Function::AgeOn => "age_on",
            Function::MonthsBetween => "months_between",
            Function::DaysBetween => "days_between",
            Function::PerMonth => "per_month",
            Function::PerYear => "per_year",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Function> {
        Function::ALL.into_iter().find(|f| f.name() == name)
    }
}

impl BinaryOp {
    /// As written.
    pub fn sign(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::AtMost => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::AtLeast => ">=",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
        }
    }
}

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Number(number, suffix) => match suffix {
                Suffix::None => write!(f, "{number}"),
                Suffix::Percent => write!(f, "{number}%"),
                Suffix::Unit(unit) => write!(f, "{number} {unit}"),
            },
            ExprKind::Date(date) => write!(f, "{}", date.format("%Y-%m-%d")),
            ExprKind::Month(month) => write!(f, "{month}"),
            ExprKind::Bool(known) => write!(f, "{known}"),
            ExprKind::AsOf => f.write_str("as_of"),
            ExprKind::Name(name) => f.write_str(name),
            ExprKind::Dotted(a, b) => write!(f, "{a}.{b}"),
            ExprKind::Unary(UnaryOp::Negate, x) => write!(f, "-{}", Within(x, 7)),
            ExprKind::Unary(UnaryOp::Not, x) => write!(f, "not {}", Within(x, 3)),
            ExprKind::Binary(op, a, b) => {
                let binds = strength(*op);
                // Comparisons do not chain; the others group to the left.
                let left = if binds == 4 { binds + 1 } else { binds };
                let (a, b) = (Within(a, left), Within(b, binds + 1));
                write!(f, "{a} {} {b}", op.sign())
            }
            ExprKind::In(x, items) => write!(f, "{} in [{}]", Within(x, 5), List(items)),
            ExprKind::If(c, a, b) => write!(f, "if {c} then {a} else {b}"),
            ExprKind::Call(function, arguments) => {
                write!(f, "{}({})", function.name(), List(arguments))
            }
            ExprKind::Aggregate(aggregate) => aggregate.fmt(f),
            ExprKind::Broken => f.write_str("?"),
        }
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.op.name())?;
        match &self.over {
            Over::Members => f.write_str("members")?,
            Over::Records(kind) => write!(f, "records.{kind}")?,
        }
        if let Some(months) = self.within_months {
            write!(f, " within {months} months")?;
        }
        if let Some(filter) = &self.filter {
            write!(f, " where {filter}")?;
        }
        if let Some(value) = &self.value {
            write!(f, ", {value}")?;
        }
        f.write_str(")")
    }
}

/// An operand, in parentheses unless it binds at least this strongly.
struct Within<'a>(&'a Expr, u8);

impl fmt::Display for Within<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binds = match &self.0.kind {
            ExprKind::If(..) => 0,
            ExprKind::Binary(op, ..) => strength(*op),
            ExprKind::Unary(UnaryOp::Not, _) => 3,
            ExprKind::In(..) => 4,
            ExprKind::Unary(UnaryOp::Negate, _) => 7,
            _ => 8,
        };
        if binds < self.1 {
            write!(f, "({})", self.0)
        } else {
            write!(f, "{}", self.0)
        }
    }
}

struct List<'a>(&'a [Expr]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, item) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{item}")?;
        }
        Ok(())
    }
}
