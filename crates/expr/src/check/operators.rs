//! 「运算」 Arithmetic, comparison, logic, lists and choices.

use super::{Checked, Checker, Scope, checked};
use crate::ast::{BinaryOp, Expr};
use crate::typed::{TypedKind, TypedNode};
use crate::types::{Level, SCALE_MAX, Type};
use crate::value::Value;
use crate::{Span, Unit};

/// What was to be done with two values that do not go together.
#[derive(Clone, Copy)]
pub(super) enum Together {
    Add,
    Subtract,
    Compare,
    Choose,
}

impl Together {
    fn verb(self) -> &'static str {
        match self {
            Together::Add => "相加",
            Together::Subtract => "相减",
            Together::Compare => "比较",
            Together::Choose => "放在一起选",
        }
    }
}

/// How to bring a yearly rate to a monthly one, where that is the trouble.
pub(super) fn rate_help(a: &Type, b: &Type) -> Option<String> {
    let (a, b) = (a.unit()?, b.unit()?);
    let monthly = |year: Unit, month: Unit| year.year_to_month() == Some(month);
    let (year, month) = if monthly(a, b) {
        (a, b)
    } else if monthly(b, a) {
        (b, a)
    } else {
        return None;
    };
    Some(format!("用 `per_month(…)` 把 {year} 换成 {month}"))
}

/// A unit as said in an error.
fn said(ty: &Type) -> String {
    match ty.unit() {
        Some(unit) if unit.is_none() => "没有单位的数".to_owned(),
        Some(unit) => unit.to_string(),
        None => ty.to_string(),
    }
}

impl<'s> Checker<'s> {
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        a: &Expr,
        b: &Expr,
        span: Span,
        scope: Scope<'s>,
    ) -> Option<Checked> {
        use BinaryOp::*;
        if matches!(op, And | Or) {
            let place = format!("`{}` 的两边", op.sign());
            let a = self.truth(a, scope, &place);
            let b = self.truth(b, scope, &place);
            return Some(joined(op, a?, b?, Type::Bool, span));
        }
        let (a, b) = (self.node(a, scope), self.node(b, scope));
        let (a, b) = (a?, b?);
        match op {
            Add | Subtract => self.sum(op, a, b, span),
            Multiply | Divide => self.product(op, a, b, span),
            _ => self.comparison(op, a, b, span),
        }
    }

    fn sum(&mut self, op: BinaryOp, mut a: Checked, mut b: Checked, span: Span) -> Option<Checked> {
        let together = match op {
            BinaryOp::Add => Together::Add,
            _ => Together::Subtract,
        };
        self.both_numbers(&a, &b, together, &span)?;
        let ty = self.unify(&mut a, &mut b, together, &span)?;
        let free = a.free && b.free;
        let result = joined(op, a.node, b.node, ty, span);
        Some(Checked { free, ..result })
    }

    fn both_numbers(&mut self, a: &Checked, b: &Checked, how: Together, span: &Span) -> Option<()> {
        let number = |ty: &Type| matches!(ty, Type::Number { .. });
        if number(&a.node.ty) && number(&b.node.ty) {
            return Some(());
        }
        let dates = a.node.ty == Type::Date || b.node.ty == Type::Date;
        let help =
            dates.then(|| "两个日期之间用 `months_between`、`days_between` 或 `age_on`".to_owned());
        let message = format!(
            "{} 和 {} 不能{}",
            said(&a.node.ty),
            said(&b.node.ty),
            how.verb()
        );
        self.error(span.clone(), message, help);
        None
    }

    fn product(&mut self, op: BinaryOp, a: Checked, b: Checked, span: Span) -> Option<Checked> {
        let (ta, tb) = (a.node.ty.clone(), b.node.ty.clone());
        let verb = if op == BinaryOp::Multiply {
            "相乘"
        } else {
            "相除"
        };
        let (
            Type::Number {
                unit: ua,
                scale: sa,
            },
            Type::Number {
                unit: ub,
                scale: sb,
            },
        ) = (&ta, &tb)
        else {
            self.error(
                span,
                format!("{} 和 {} 不能{verb}", said(&ta), said(&tb)),
                None,
            );
            return None;
        };
        let (unit, scale) = if op == BinaryOp::Multiply {
            (ua.times(*ub), (sa + sb).min(SCALE_MAX))
        } else {
            (ua.over(*ub), SCALE_MAX)
        };
        let zero = matches!(&b.node.kind, TypedKind::Literal(Value::Number(n)) if n.mantissa == 0);
        if op == BinaryOp::Divide && zero {
            self.error(b.node.span, "除数是 0", None);
            return None;
        }
        let Some(unit) = unit else {
            self.error(span, format!("{ua} 和 {ub} {verb}，单位太复杂"), None);
            return None;
        };
        let free = a.free && b.free;
        let result = joined(op, a.node, b.node, Type::Number { unit, scale }, span);
        Some(Checked { free, ..result })
    }

    fn comparison(
        &mut self,
        op: BinaryOp,
        mut a: Checked,
        mut b: Checked,
        span: Span,
    ) -> Option<Checked> {
        let ty = self.unify(&mut a, &mut b, Together::Compare, &span)?;
        let equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
        if !equality && matches!(ty, Type::Bool | Type::Code(_)) {
            let message = format!("{ty}没有大小，只能用 `==` 和 `!=`");
            self.error(span, message, None);
            return None;
        }
        Some(joined(op, a.node, b.node, Type::Bool, span))
    }

    /// The common type of two values; a bare number takes the other's unit.
    pub(super) fn unify(
        &mut self,
        a: &mut Checked,
        b: &mut Checked,
        how: Together,
        span: &Span,
    ) -> Option<Type> {
        match (a.free, b.free, a.node.ty.unit(), b.node.ty.unit()) {
            (true, false, Some(_), Some(unit)) => a.adopt(unit),
            (false, true, Some(unit), Some(_)) => b.adopt(unit),
            _ => {}
        }
        let (ta, tb) = (&a.node.ty, &b.node.ty);
        if !ta.agrees_with(tb) {
            let help = rate_help(ta, tb);
            let message = format!("{} 和 {} 不能{}", said(ta), said(tb), how.verb());
            self.error(span.clone(), message, help);
            return None;
        }
        let ty = match (ta, tb) {
            (Type::Number { unit, scale }, Type::Number { scale: other, .. }) => Type::Number {
                unit: *unit,
                scale: *scale.max(other),
            },
            _ => ta.clone(),
        };
        Some(ty)
    }

    pub(super) fn in_list(
        &mut self,
        x: &Expr,
        items: &[Expr],
        span: Span,
        scope: Scope<'s>,
    ) -> Option<Checked> {
        let x = self.node(x, scope);
        let items: Vec<_> = items.iter().map(|item| self.node(item, scope)).collect();
        let mut x = x?;
        let (written, mut found) = (items.len(), Vec::new());
        for mut item in items.into_iter().flatten() {
            let place = item.node.span.clone();
            if self
                .unify(&mut x, &mut item, Together::Compare, &place)
                .is_some()
            {
                found.push(item.node);
            }
        }
        let level = level_of(std::iter::once(&x.node).chain(&found));
        if found.len() < written {
            return None;
        }
        let kind = TypedKind::In(x.node.into(), found);
        Some(checked(kind, Type::Bool, level, span))
    }

    pub(super) fn conditional(
        &mut self,
        [c, a, b]: [&Expr; 3],
        span: Span,
        scope: Scope<'s>,
    ) -> Option<Checked> {
        let condition = self.truth(c, scope, "`if` 的条件");
        let (a, b) = (self.node(a, scope), self.node(b, scope));
        let (condition, mut a, mut b) = (condition?, a?, b?);
        let ty = self.unify(&mut a, &mut b, Together::Choose, &span)?;
        let free = a.free && b.free;
        let level = level_of([&condition, &a.node, &b.node]);
        let kind = TypedKind::If(condition.into(), a.node.into(), b.node.into());
        let result = checked(kind, ty, level, span);
        Some(Checked { free, ..result })
    }
}

/// The finest level among nodes.
pub(super) fn level_of<'n>(nodes: impl IntoIterator<Item = &'n TypedNode>) -> Level {
    let levels = nodes.into_iter().map(|node| node.level);
    levels.max().unwrap_or(Level::Constant)
}

fn joined(op: BinaryOp, a: TypedNode, b: TypedNode, ty: Type, span: Span) -> Checked {
    let level = level_of([&a, &b]);
    checked(TypedKind::Binary(op, a.into(), b.into()), ty, level, span)
}
