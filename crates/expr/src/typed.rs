//! 「定型树」 A checked expression: every name resolved, every node with type and
//! level. Open to read: the compiler, the SQL printer and the tests' naive
//! interpreter walk it.

use crate::ast::{AggregateOp, BinaryOp};
use crate::schema::{DerivedDecl, FactDecl, ParameterDecl, RecordKind};
use crate::types::{Level, Type};
use crate::{Span, Value};
use std::sync::Arc;

/// A checked expression.
#[derive(Clone, Debug)]
pub struct Typed {
    pub(crate) root: Arc<TypedNode>,
    pub(crate) at: Level,
    pub(crate) height: usize,
}

impl Typed {
    /// The outermost node.
    pub fn root(&self) -> &TypedNode {
        &self.root
    }

    /// Its type.
    pub fn ty(&self) -> &Type {
        &self.root.ty
    }

    /// The level of its value: whom it depends on. At most [`Typed::at`].
    pub fn level(&self) -> Level {
        self.root.level
    }

    /// The level it was checked at: an output has one row per household or per
    /// person accordingly.
    pub fn at(&self) -> Level {
        self.at
    }
}

/// A node of a checked expression.
#[derive(Clone, Debug)]
pub struct TypedNode {
    /// What it is.
    pub kind: TypedKind,
    /// Its type.
    pub ty: Type,
    /// Its level.
    pub level: Level,
    /// Its words in the text of its own expression.
    pub span: Span,
}

impl TypedNode {
    /// The nodes right below; not into derived facts.
    pub fn children(&self) -> Vec<&TypedNode> {
        match &self.kind {
            TypedKind::Negate(x) | TypedKind::Abs(x) | TypedKind::Not(x) => vec![x],
            TypedKind::Round(_, _, x) => vec![x],
            TypedKind::Binary(_, a, b) | TypedKind::Dates(_, a, b) => vec![a, b],
            TypedKind::In(x, items) => std::iter::once(&**x).chain(items).collect(),
            TypedKind::If(c, a, b) => vec![c, a, b],
            TypedKind::Extreme(_, items) => items.iter().collect(),
            TypedKind::Aggregate(aggregate) => {
                aggregate.filter.iter().chain(&aggregate.value).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// How a number is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub enum Rounding {
    /// 四舍五入: halves away from zero.
    HalfUp,
    /// 进: away from zero.
    Up,
    /// 舍: towards zero.
    Down,
}

/// Functions of two dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub enum DateFunction {
    /// Full years from the first to the second; missing when it lies before.
    Age,
    /// Full months from the first to the second (negative backwards).
    Months,
    /// Days from the first to the second (negative backwards).
    Days,
}

/// What an aggregate runs over.
#[derive(Clone, Debug)]
pub enum TypedOver {
    /// The members of the household.
    Members,
    /// Records of the person.
    Records(Arc<RecordKind>),
}

/// The kinds of nodes. Numbers of operands may differ in scale; each operation
/// first brings them to the scale of the larger (a value that does not fit is
/// a fault).
#[derive(Clone, Debug)]
pub enum TypedKind {
    /// A literal.
    Literal(Value),
    /// The day of judgement.
    AsOf,
    /// A base fact.
    Fact(Arc<FactDecl>),
    /// A field of the record at hand, by place.
    Field(Arc<RecordKind>, usize),
    /// A parameter.
    Parameter(Arc<ParameterDecl>),
    /// A derived fact.
    Derived(Arc<DerivedDecl>),
    /// Another service's verdict.
    Verdict(Arc<DerivedDecl>),
    /// `-x`
    Negate(Box<TypedNode>),
    /// `abs(x)`
    Abs(Box<TypedNode>),
    /// `not x`
    Not(Box<TypedNode>),
    /// Arithmetic, comparison or logic. `per_month` is a division by twelve,
    /// `per_year` a product.
    Binary(BinaryOp, Box<TypedNode>, Box<TypedNode>),
    /// `x in […]`
    In(Box<TypedNode>, Vec<TypedNode>),
    /// `if`
    If(Box<TypedNode>, Box<TypedNode>, Box<TypedNode>),
    /// The least (`false`) or greatest (`true`) of at least two.
    Extreme(bool, Vec<TypedNode>),
    /// Rounded to a multiple of 10^−`decimals`.
    Round(Rounding, i8, Box<TypedNode>),
    /// A function of two dates.
    Dates(DateFunction, Box<TypedNode>, Box<TypedNode>),
    /// An aggregate.
    Aggregate(Box<TypedAggregate>),
}

/// A checked aggregate.
#[derive(Clone, Debug)]
pub struct TypedAggregate {
    /// Which.
    pub op: AggregateOp,
    /// Over what.
    pub over: TypedOver,
    /// Only records dated in (as_of − N months, as_of].
    pub within_months: Option<u32>,
    /// Only those for which this holds.
    pub filter: Option<TypedNode>,
    /// What is aggregated; none for `count` and for `any(… where c)`.
    pub value: Option<TypedNode>,
}
