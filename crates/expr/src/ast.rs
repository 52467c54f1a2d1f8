//! 「语法树」 What an expression says, before names and types are known. Every
//! node remembers its words.

use crate::{Decimal, Span, Unit};
use kernel::{Date, Period};
use std::sync::Arc;

/// A parsed expression and its text. Prints in canonical form: minimal
/// parentheses, single blanks; the printed text parses to an equal tree.
#[derive(Clone, Debug)]
pub struct Ast {
    /// The whole text.
    pub text: Arc<str>,
    /// The outermost node.
    pub root: Expr,
}

/// A node and the bytes it was read from. Equal when it says the same,
/// wherever it stands.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its words.
    pub span: Span,
    /// Nodes on the longest way down; bounded by the parser.
    pub(crate) height: u16,
}

impl PartialEq for Ast {
    /// Equal when they say the same.
    fn eq(&self, other: &Ast) -> bool {
        self.root == other.root
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.kind == other.kind
    }
}

impl Expr {
    /// The nodes right below.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Unary(_, x) => vec![x],
            ExprKind::Binary(_, a, b) => vec![a, b],
            ExprKind::In(x, items) => std::iter::once(&**x).chain(items).collect(),
            ExprKind::If(c, a, b) => vec![c, a, b],
            ExprKind::Call(_, arguments) => arguments.iter().collect(),
            ExprKind::Aggregate(aggregate) => {
                aggregate.filter.iter().chain(&aggregate.value).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Ast {
    /// The names it mentions, as written, in order: `income`,
    /// `dibao.standard`, `verdict.dibao`, `records.medical_bill`. Names inside a
    /// records aggregate may be fields of the record.
    pub fn mentions(&self) -> Vec<Mention> {
        let mut found = Vec::new();
        mention(&self.root, &mut found);
        found
    }
}

fn mention(expr: &Expr, found: &mut Vec<Mention>) {
    let mut add = |name: String, span: &Span| {
        found.push(Mention {
            name,
            span: span.clone(),
        });
    };
    match &expr.kind {
        ExprKind::Name(name) => add(name.clone(), &expr.span),
        ExprKind::Dotted(a, b) => add(format!("{a}.{b}"), &expr.span),
        ExprKind::Aggregate(aggregate) => {
            if let Over::Records(kind) = &aggregate.over {
                add(format!("records.{kind}"), &aggregate.over_span);
            }
        }
        _ => {}
    }
    for child in expr.children() {
        mention(child, found);
    }
}

/// What a literal number is followed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suffix {
    /// Nothing: takes the unit of what it is compared with or added to.
    None,
    /// `%`: hundredths, no unit.
    Percent,
    /// A unit: `60 岁`, `860 元/人·月`.
    Unit(Unit),
}

/// The kinds of nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `12`, `1.5`, `50%`, `60 岁`
    Number(Decimal, Suffix),
    /// `2021-09-01`
    Date(Date),
    /// `2021-09`: the first day of the month.
    Month(Period),
    /// `true`, `false`
    Bool(bool),
    /// The day of judgement.
    AsOf,
    /// A name.
    Name(String),
    /// `a.b`: a code, a dotted name, `verdict.SERVICE`.
    Dotted(String, String),
    /// `-x`, `not x`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`, `a < b`, `a and b` …
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `x in [a, b]`
    In(Box<Expr>, Vec<Expr>),
    /// `if c then x else y`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `min(a, b)`, `age_on(born, as_of)` …
    Call(Function, Vec<Expr>),
    /// `sum(members where c, x)` …
    Aggregate(Box<Aggregate>),
    /// What could not be read; an error was reported for it. Never in an
    /// [`Ast`] given out.
    Broken,
}

/// An aggregate over members or records.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Which.
    pub op: AggregateOp,
    /// Over what.
    pub over: Over,
    /// The words of `over`.
    pub over_span: Span,
    /// `within N months`: records dated in (as_of − N months, as_of].
    pub within_months: Option<u32>,
    /// `where c`
    pub filter: Option<Expr>,
    /// What is aggregated.
    pub value: Option<Expr>,
}

impl PartialEq for Aggregate {
    fn eq(&self, other: &Aggregate) -> bool {
        self.op == other.op
            && self.over == other.over
            && self.within_months == other.within_months
            && self.filter == other.filter
            && self.value == other.value
    }
}

/// What an aggregate runs over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// The household's members.
    Members,
    /// The person's records of a kind.
    Records(String),
}

/// The aggregates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub enum AggregateOp {
    /// Any holds; of none: false.
    Any,
    /// All hold; of none: true.
    All,
    /// How many; of none: 0.
    Count,
    /// The sum; of none: 0.
    Sum,
    /// The least; of none: missing.
    Min,
    /// The greatest; of none: missing.
    Max,
}

/// Operators before their operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-x`
    Negate,
    /// `not x`
    Not,
}

/// Operators between operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `and`
    And,
    /// `or`
    Or,
}

/// The functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `min(a, b, …)`
    Min,
    /// `max(a, b, …)`
    Max,
    /// `abs(x)`
    Abs,
    /// `round(x, step)`: to the nearest step, halves away from zero.
    Round,
    /// `round_up(x, step)`: away from zero (见分进角).
    RoundUp,
    /// `round_down(x, step)`: towards zero.
    RoundDown,
    /// `age_on(born, day)`: full years of age.
    AgeOn,
    /// `months_between(from, to)`: full months.
    MonthsBetween,
    /// `days_between(from, to)`
    DaysBetween,
    /// `per_month(x)`: 元/年 → 元/月.
    PerMonth,
    /// `per_year(x)`: 元/月 → 元/年.
    PerYear,
}

/// A name an expression mentions, with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// As written: `income`, `dibao.standard`, `verdict.dibao`,
    /// `records.medical_bill`.
    pub name: String,
    /// Its words.
    pub span: Span,
}
