//! 「检查」 Names, types, units and levels. Reports everything wrong at once; a
//! part with a fault says nothing further about what contains it.

mod calls;
mod names;
mod operators;
mod order;

pub use order::dependency_order;

use crate::ast::{Ast, Expr, ExprKind, Suffix, UnaryOp};
use crate::schema::{RecordKind, Schema};
use crate::typed::{Typed, TypedKind, TypedNode};
use crate::types::{Level, Type};
use crate::value::{Decimal, Value};
use crate::{ExprError, Span, Unit};
use std::sync::Arc;

/// The deepest chain of formulas inside formulas, in nodes.
const HEIGHT_MAX: usize = 600;

/// Resolves names and checks types, units and levels; the value may depend on
/// nothing finer than `at` (Constant, Household or Person). All errors are
/// reported.
pub fn check(ast: &Ast, schema: &Schema, at: Level) -> Result<Typed, Vec<ExprError>> {
    run(ast, schema, at, None)
}

/// Like [`check`], and the value must be of type `expected` (decimals aside; a
/// bare number takes the expected unit).
pub fn check_as(
    ast: &Ast,
    schema: &Schema,
    at: Level,
    expected: &Type,
) -> Result<Typed, Vec<ExprError>> {
    run(ast, schema, at, Some(expected))
}

fn run(
    ast: &Ast,
    schema: &Schema,
    at: Level,
    expected: Option<&Type>,
) -> Result<Typed, Vec<ExprError>> {
    let mut checker = Checker {
        schema,
        errors: Vec::new(),
    };
    let scope = Scope { at, kind: None };
    let mut checked = checker.node(&ast.root, scope);
    if let (Some(checked), Some(expected)) = (&mut checked, expected) {
        checker.expect_type(checked, expected);
    }
    let height = checked.as_ref().map_or(0, |checked| height(&checked.node));
    if height > HEIGHT_MAX {
        let message = "推导事实一层套一层，套得太深";
        checker.error(ast.root.span.clone(), message, None);
    }
    match checked {
        Some(checked) if checker.errors.is_empty() => Ok(Typed {
            root: Arc::new(checked.node),
            at,
            height,
        }),
        _ => {
            checker.errors.sort_by_key(|e| (e.span.start, e.span.end));
            Err(checker.errors)
        }
    }
}

/// Nodes on the longest way down, through derived facts.
fn height(node: &TypedNode) -> usize {
    let below = match &node.kind {
        TypedKind::Derived(decl) | TypedKind::Verdict(decl) => decl.is.height,
        _ => node.children().into_iter().map(height).max().unwrap_or(0),
    };
    below + 1
}

/// Where an expression stands: the finest level allowed, and the kind of record
/// at hand.
#[derive(Clone, Copy)]
struct Scope<'s> {
    at: Level,
    kind: Option<&'s Arc<RecordKind>>,
}

/// A checked node; `free` when it is made of bare numbers alone and takes the
/// unit of what it meets.
struct Checked {
    node: TypedNode,
    free: bool,
}

impl Checked {
    fn adopt(&mut self, unit: Unit) {
        if let Type::Number { unit: mine, .. } = &mut self.node.ty {
            *mine = unit;
        }
        self.free = false;
    }
}

struct Checker<'s> {
    schema: &'s Schema,
    errors: Vec<ExprError>,
}

impl<'s> Checker<'s> {
    fn error(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.errors.push(ExprError {
            span,
            message: message.into(),
            help,
        });
    }

    /// Checks a node; `None` when it has a fault, which was reported.
    fn node(&mut self, expr: &Expr, scope: Scope<'s>) -> Option<Checked> {
        let span = expr.span.clone();
        match &expr.kind {
            ExprKind::Number(number, suffix) => self.number(*number, *suffix, span),
            ExprKind::Date(date) => Some(literal(Value::Date(*date), Type::Date, span)),
            ExprKind::Month(month) => {
                let first = Value::Date(month.first_day());
                Some(literal(first, Type::Date, span))
            }
            ExprKind::Bool(known) => Some(literal(Value::Bool(*known), Type::Bool, span)),
            ExprKind::AsOf => Some(checked(TypedKind::AsOf, Type::Date, Level::Constant, span)),
            ExprKind::Name(name) => self.name(name, span, scope),
            ExprKind::Dotted(a, b) => self.dotted(a, b, span, scope),
            ExprKind::Unary(op, x) => self.unary(*op, x, span, scope),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, span, scope),
            ExprKind::In(x, items) => self.in_list(x, items, span, scope),
            ExprKind::If(c, a, b) => self.conditional([c, a, b], span, scope),
            ExprKind::Call(function, arguments) => self.call(*function, arguments, span, scope),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, span, scope),
            ExprKind::Broken => {
                self.error(span, "这里看不懂", None);
                None
            }
        }
    }

    fn number(&mut self, number: Decimal, suffix: Suffix, span: Span) -> Option<Checked> {
        let (number, unit) = match suffix {
            Suffix::None => (number, Unit::NONE),
            Suffix::Unit(unit) => (number, unit),
            Suffix::Percent => (number.percent()?, Unit::NONE),
        };
        let scale = number.scale;
        let mut found = literal(Value::Number(number), Type::Number { unit, scale }, span);
        found.free = suffix == Suffix::None;
        Some(found)
    }

    fn unary(&mut self, op: UnaryOp, x: &Expr, span: Span, scope: Scope<'s>) -> Option<Checked> {
        let x = self.node(x, scope)?;
        let (ty, level, free) = (x.node.ty.clone(), x.node.level, x.free);
        let kind = match (op, &ty) {
            (UnaryOp::Not, Type::Bool) => TypedKind::Not(x.node.into()),
            (UnaryOp::Negate, Type::Number { .. }) => TypedKind::Negate(x.node.into()),
            (UnaryOp::Not, other) => {
                let message = format!("`not` 后面要是“是否”，这里是{other}");
                self.error(x.node.span, message, None);
                return None;
            }
            (UnaryOp::Negate, other) => {
                let message = format!("负号后面要是数，这里是{other}");
                self.error(x.node.span, message, None);
                return None;
            }
        };
        Some(Checked {
            free,
            ..checked(kind, ty, level, span)
        })
    }

    /// The whole expression must be of this type.
    fn expect_type(&mut self, found: &mut Checked, expected: &Type) {
        if let (true, Some(unit)) = (found.free, expected.unit()) {
            found.adopt(unit);
        }
        let ty = found.node.ty.clone();
        if !ty.agrees_with(expected) {
            let help = operators::rate_help(&ty, expected);
            let message = format!("这里要的是{expected}，算出来的是{ty}");
            self.error(found.node.span.clone(), message, help);
        }
    }

    /// A part that must be a Bool.
    fn truth(&mut self, expr: &Expr, scope: Scope<'s>, place: &str) -> Option<TypedNode> {
        let found = self.node(expr, scope)?;
        if found.node.ty != Type::Bool {
            let message = format!("{place}要是“是否”，这里是{}", found.node.ty);
            self.error(found.node.span, message, None);
            return None;
        }
        Some(found.node)
    }
}

fn literal(value: Value, ty: Type, span: Span) -> Checked {
    checked(TypedKind::Literal(value), ty, Level::Constant, span)
}

fn checked(kind: TypedKind, ty: Type, level: Level, span: Span) -> Checked {
    Checked {
        node: TypedNode {
            kind,
            ty,
            level,
            span,
        },
        free: false,
    }
}
