//! 「节点」 What a program computes: operations on columns, each once.

use crate::ast::AggregateOp;
use crate::typed::{DateFunction, Rounding};
use crate::types::{Level, Type};
use serde::Serialize;

/// A node of a program; its operands have lower numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) fn place(self) -> usize {
        self.0 as usize
    }
}

/// How many rows a node has. Parameters differ by region, so they have one row
/// per household; only what depends on the day alone is a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub(crate) enum Rank {
    Scalar,
    Household,
    Person,
    /// Of the kind at this place of the layout.
    Record(usize),
}

impl Rank {
    /// The rows of an output.
    pub(crate) fn of(level: Level) -> Rank {
        match level {
            Level::Constant | Level::Household => Rank::Household,
            Level::Person | Level::Record => Rank::Person,
        }
    }
}

/// Which sort of column holds the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) enum Storage {
    Truth,
    Number,
    Date,
    Code,
}

impl Storage {
    pub(crate) fn of(ty: &Type) -> Storage {
        match ty {
            Type::Bool => Storage::Truth,
            Type::Number { .. } => Storage::Number,
            Type::Date => Storage::Date,
            Type::Code(_) => Storage::Code,
        }
    }
}

/// A literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) enum Constant {
    /// A truth byte.
    Truth(u8),
    Number(i64),
    /// A day number.
    Date(i32),
    Code(u16),
}

/// Comparisons; the others are these with sides swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
}

/// What a node does. Operands of one operation have the same rank, or are
/// scalars; numbers have the same scale unless the operation says how to
/// mend that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) enum Op {
    Constant(Constant),
    AsOf,
    /// The day this many months before `as_of`.
    MonthsBefore(u32),
    /// By place among the program's parameters.
    Parameter(usize),
    /// By place in the program's layout.
    Fact(usize),
    /// By places of the kind and of the field.
    Field(usize, usize),
    /// Repeats each household's value for its members, or each person's for his
    /// records.
    Spread(NodeId, Rank),
    Negate(NodeId),
    Abs(NodeId),
    Not(NodeId),
    /// × 10^n: more decimals.
    Rescale(NodeId, u8),
    /// Drops n decimals, then appends m zeros.
    Round(Rounding, NodeId, u8, u8),
    Add(NodeId, NodeId),
    Subtract(NodeId, NodeId),
    /// Product without its last n decimals.
    Multiply(NodeId, NodeId, u8),
    /// Quotient of the dividend × 10^n.
    Divide(NodeId, NodeId, u8),
    /// The lesser (`false`) or greater.
    Extreme(bool, NodeId, NodeId),
    Compare(Comparison, NodeId, NodeId),
    And(NodeId, NodeId),
    Or(NodeId, NodeId),
    If(NodeId, NodeId, NodeId),
    Dates(DateFunction, NodeId, NodeId),
    Aggregate(Gather),
}

/// An aggregate over members, or over records of a kind. `any` and `all` have
/// their filter worked into their value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Gather {
    pub(crate) op: AggregateOp,
    pub(crate) over: Rank,
    pub(crate) filter: Option<NodeId>,
    pub(crate) value: Option<NodeId>,
}

/// A node.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) rank: Rank,
    pub(crate) storage: Storage,
}

impl Op {
    /// The nodes it reads.
    pub(crate) fn operands(&self) -> impl Iterator<Item = NodeId> + use<> {
        let found = match *self {
            Op::Constant(_)
            | Op::AsOf
            | Op::MonthsBefore(_)
            | Op::Parameter(_)
            | Op::Fact(_)
            | Op::Field(..) => [None; 3],
            Op::Spread(x, _)
            | Op::Negate(x)
            | Op::Abs(x)
            | Op::Not(x)
            | Op::Rescale(x, _)
            | Op::Round(_, x, ..) => [Some(x), None, None],
            Op::Add(a, b)
            | Op::Subtract(a, b)
            | Op::Multiply(a, b, _)
            | Op::Divide(a, b, _)
            | Op::Extreme(_, a, b)
            | Op::Compare(_, a, b)
            | Op::And(a, b)
            | Op::Or(a, b)
            | Op::Dates(_, a, b) => [Some(a), Some(b), None],
            Op::If(c, a, b) => [Some(c), Some(a), Some(b)],
            Op::Aggregate(gather) => [gather.filter, gather.value, None],
        };
        found.into_iter().flatten()
    }
}
