//! 「函数与汇总」 Functions and aggregates.

use super::operators::{Together, level_of};
use super::{Checked, Checker, Scope, checked};
use crate::ast::{Aggregate, AggregateOp, BinaryOp, Expr, Function, Over};
use crate::suggest::suggest;
use crate::typed::{DateFunction, Rounding, TypedAggregate, TypedKind, TypedNode, TypedOver};
use crate::types::{Level, SCALE_MAX, Type};
use crate::value::{Decimal, Value};
use crate::{Span, Unit};

impl<'s> Checker<'s> {
    pub(super) fn call(
        &mut self,
        function: Function,
        arguments: &[Expr],
        span: Span,
        scope: Scope<'s>,
    ) -> Option<Checked> {
        let found: Vec<_> = arguments.iter().map(|x| self.node(x, scope)).collect();
        let wanted = match function {
            Function::Abs | Function::PerMonth | Function::PerYear => 1..=1,
            Function::Min | Function::Max => 2..=usize::MAX,
            _ => 2..=2,
        };
        if !wanted.contains(&arguments.len()) {
            let least = wanted.start();
            let more = if wanted.end() > least { "至少" } else { "" };
            let message = format!(
                "`{}` {more}要 {least} 个值，这里有 {} 个",
                function.name(),
                arguments.len()
            );
            self.error(span, message, None);
            return None;
        }
        let found: Vec<Checked> = found.into_iter().collect::<Option<_>>()?;
        use Function::*;
        match function {
            Min => self.extreme(false, found, span),
            Max => self.extreme(true, found, span),
            Abs => self.absolute(found, span),
            Round => self.round(Rounding::HalfUp, found, span),
            RoundUp => self.round(Rounding::Up, found, span),
            RoundDown => self.round(Rounding::Down, found, span),
            AgeOn => self.dates(DateFunction::Age, Unit::AGE, found, span),
            MonthsBetween => self.dates(DateFunction::Months, Unit::MONTH, found, span),
            DaysBetween => self.dates(DateFunction::Days, Unit::DAY, found, span),
            PerMonth => self.rate(BinaryOp::Divide, found, span),
            PerYear => self.rate(BinaryOp::Multiply, found, span),
        }
    }

    fn extreme(&mut self, greatest: bool, mut found: Vec<Checked>, span: Span) -> Option<Checked> {
        let mut whole = true;
        // A bare number takes the unit of whichever value has one.
        let unit = found
            .iter()
            .find(|x| !x.free)
            .and_then(|x| x.node.ty.unit());
        let free = unit.is_none() && found.iter().all(|x| x.free);
        let (first, rest) = found.split_first_mut()?;
        if let (true, Some(unit)) = (first.free, unit) {
            first.adopt(unit);
        }
        let mut ty = first.node.ty.clone();
        for other in rest {
            let place = other.node.span.clone();
            match self.unify(first, other, Together::Choose, &place) {
                Some(Type::Number { unit, scale }) => {
                    let scale = scale.max(ty.scale().unwrap_or(0));
                    ty = Type::Number { unit, scale };
                }
                Some(_) => {}
                None => whole = false,
            }
        }
        if !matches!(ty, Type::Number { .. } | Type::Date) {
            self.error(span, format!("{ty}没有大小"), None);
            return None;
        }
        let nodes: Vec<TypedNode> = found.into_iter().map(|x| x.node).collect();
        let level = level_of(&nodes);
        let result = checked(TypedKind::Extreme(greatest, nodes), ty, level, span);
        whole.then_some(Checked { free, ..result })
    }

    fn absolute(&mut self, found: Vec<Checked>, span: Span) -> Option<Checked> {
        let x = found.into_iter().next()?;
        let (ty, level, free) = (x.node.ty.clone(), x.node.level, x.free);
        self.want_number(&x, "`abs`")?;
        let result = checked(TypedKind::Abs(x.node.into()), ty, level, span);
        Some(Checked { free, ..result })
    }

    fn want_number(&mut self, x: &Checked, place: &str) -> Option<(Unit, u8)> {
        match x.node.ty {
            Type::Number { unit, scale } => Some((unit, scale)),
            _ => {
                let message = format!("{place} 要的是数，这里是{}", x.node.ty);
                self.error(x.node.span.clone(), message, None);
                None
            }
        }
    }

    fn round(&mut self, how: Rounding, found: Vec<Checked>, span: Span) -> Option<Checked> {
        let mut found = found.into_iter();
        let (x, step) = (found.next()?, found.next()?);
        let (unit, scale) = self.want_number(&x, "取整")?;
        let decimals = match (&step.node.kind, step.node.ty.unit()) {
            (TypedKind::Literal(Value::Number(n)), Some(u)) if step.free || u == unit => {
                decimals_of(*n)
            }
            _ => None,
        };
        let Some(decimals) = decimals else {
            let message = "取整的第二项要写到哪一位：0.01、0.1、1、10、100 这样的数";
            self.error(step.node.span, message, None);
            return None;
        };
        let level = x.node.level;
        let ty = Type::Number {
            unit,
            scale: scale.min(decimals.max(0).unsigned_abs()),
        };
        let free = x.free;
        let kind = TypedKind::Round(how, decimals, x.node.into());
        let result = checked(kind, ty, level, span);
        Some(Checked { free, ..result })
    }

    fn dates(
        &mut self,
        function: DateFunction,
        unit: Unit,
        found: Vec<Checked>,
        span: Span,
    ) -> Option<Checked> {
        for x in &found {
            if x.node.ty != Type::Date {
                let message = format!("这里要的是日期，却是{}", x.node.ty);
                self.error(x.node.span.clone(), message, None);
            }
        }
        if found.iter().any(|x| x.node.ty != Type::Date) {
            return None;
        }
        let mut found = found.into_iter().map(|x| x.node);
        let (a, b) = (found.next()?, found.next()?);
        let level = level_of([&a, &b]);
        let kind = TypedKind::Dates(function, a.into(), b.into());
        Some(checked(kind, Type::Number { unit, scale: 0 }, level, span))
    }

    fn rate(&mut self, op: BinaryOp, found: Vec<Checked>, span: Span) -> Option<Checked> {
        let x = found.into_iter().next()?;
        let monthly = op == BinaryOp::Divide;
        let name = if monthly { "`per_month`" } else { "`per_year`" };
        let (unit, scale) = self.want_number(&x, name)?;
        let (to, from, scale) = if monthly {
            (unit.year_to_month(), "年", SCALE_MAX)
        } else {
            (unit.month_to_year(), "月", scale)
        };
        let Some(unit) = to else {
            let message = format!("{name} 换算的是“每{from}”的数，这里的单位是 {unit}");
            self.error(x.node.span, message, None);
            return None;
        };
        let level = x.node.level;
        let twelve = checked(
            TypedKind::Literal(Value::Number(Decimal::whole(12))),
            Type::Number {
                unit: Unit::NONE,
                scale: 0,
            },
            Level::Constant,
            span.clone(),
        );
        let kind = TypedKind::Binary(op, x.node.into(), twelve.node.into());
        Some(checked(kind, Type::Number { unit, scale }, level, span))
    }

    pub(super) fn aggregate(
        &mut self,
        aggregate: &Aggregate,
        span: Span,
        scope: Scope<'s>,
    ) -> Option<Checked> {
        let (over, inner, level) = match &aggregate.over {
            Over::Members => {
                let inner = Scope {
                    at: Level::Person,
                    kind: None,
                };
                (Some(TypedOver::Members), inner, Level::Household)
            }
            Over::Records(id) => {
                let kind = self.kind(id, aggregate);
                let inner = Scope {
                    at: Level::Record,
                    kind,
                };
                (kind.cloned().map(TypedOver::Records), inner, Level::Person)
            }
        };
        let placed = self.placed(aggregate, level, scope, &span);
        let shaped = self.shape(aggregate, &span);
        let known = over.is_some();
        // Names of an unknown kind of records would only be reported as unknown too.
        let mut part = |expr: &Option<Expr>, filter: bool| match expr {
            Some(expr) if known && filter => {
                self.truth(expr, inner, "`where` 后面").map(|n| Checked {
                    node: n,
                    free: false,
                })
            }
            Some(expr) if known => self.node(expr, inner),
            _ => None,
        };
        let (filter, value) = (part(&aggregate.filter, true), part(&aggregate.value, false));
        let over = over?;
        let ty = self.aggregate_type(aggregate, value.as_ref())?;
        let whole = filter.is_some() == aggregate.filter.is_some()
            && value.is_some() == aggregate.value.is_some();
        if !(placed && shaped && whole) {
            return None;
        }
        let kind = TypedKind::Aggregate(Box::new(TypedAggregate {
            op: aggregate.op,
            over,
            within_months: aggregate.within_months,
            filter: filter.map(|x| x.node),
            value: value.map(|x| x.node),
        }));
        Some(checked(kind, ty, level, span))
    }

    fn kind(
        &mut self,
        id: &str,
        aggregate: &Aggregate,
    ) -> Option<&'s std::sync::Arc<crate::RecordKind>> {
        let schema = self.schema;
        let found = schema.records.get(id);
        if found.is_none() {
            let help = suggest(id, schema.records.keys().map(|id| id.as_str()));
            let message = format!("没有 `records.{id}` 这种记录");
            self.error(aggregate.over_span.clone(), message, help);
        }
        found
    }

    /// Whether there is someone to aggregate over here.
    fn placed(
        &mut self,
        aggregate: &Aggregate,
        level: Level,
        scope: Scope<'s>,
        span: &Span,
    ) -> bool {
        if level <= scope.at {
            return true;
        }
        let (message, help) = match (&aggregate.over, scope.at) {
            (Over::Records(id), Level::Household) => {
                let op = aggregate.op.name();
                let outer = match aggregate.op {
                    AggregateOp::Count => "sum",
                    _ => op,
                };
                (
                    "记录是每个人的，这里要的是全家的，要先写 members".to_owned(),
                    Some(format!("例如 `{outer}(members, {op}(records.{id} …))`")),
                )
            }
            _ => ("这里只能用参数和固定值，不能汇总".to_owned(), None),
        };
        self.error(span.clone(), message, help);
        false
    }

    /// Whether the parts an aggregate needs are there.
    fn shape(&mut self, aggregate: &Aggregate, span: &Span) -> bool {
        use AggregateOp::*;
        let (op, over) = (
            aggregate.op.name(),
            match &aggregate.over {
                Over::Members => "members".to_owned(),
                Over::Records(id) => format!("records.{id}"),
            },
        );
        let trouble = match (aggregate.op, &aggregate.value, &aggregate.filter) {
            (Count, Some(_), _) => Some((
                "`count` 只数个数，条件写在 `where` 后面",
                format!("写成 `count({over} where …)`"),
            )),
            (Any, None, None) => Some(("`any` 要说明什么成立", format!("写成 `any({over}, …)`"))),
            (All, None, _) => Some((
                "`all` 要说明什么都要成立",
                format!("写成 `all({over} where …, …)`"),
            )),
            (Sum | Min | Max, None, _) => {
                Some(("要说明汇总什么", format!("写成 `{op}({over}, …)`")))
            }
            _ => None,
        };
        let Some((message, help)) = trouble else {
            return true;
        };
        self.error(span.clone(), message, Some(help));
        false
    }

    fn aggregate_type(&mut self, aggregate: &Aggregate, value: Option<&Checked>) -> Option<Type> {
        use AggregateOp::*;
        let op = aggregate.op;
        let unit = match aggregate.over {
            Over::Members => Unit::PERSON,
            Over::Records(_) => Unit::TIMES,
        };
        let Some(value) = value else {
            return match op {
                Count => Some(Type::Number { unit, scale: 0 }),
                Any => Some(Type::Bool),
                _ => None,
            };
        };
        let ty = &value.node.ty;
        let fits = match op {
            Any | All => *ty == Type::Bool,
            Sum => matches!(ty, Type::Number { .. }),
            Min | Max => matches!(ty, Type::Number { .. } | Type::Date),
            Count => true,
        };
        if !fits {
            let wanted = match op {
                Any | All => "“是否”",
                Sum => "数",
                _ => "数或日期",
            };
            let message = format!("`{}` 汇总的要是{wanted}，这里是{ty}", op.name());
            let help = match (op, ty) {
                (Sum, Type::Bool) => Some("数人数用 `count(members where …)`".to_owned()),
                _ => None,
            };
            self.error(value.node.span.clone(), message, help);
            return None;
        }
        Some(ty.clone())
    }
}

/// The decimals a step of 10^n keeps; `None` for other steps.
fn decimals_of(step: Decimal) -> Option<i8> {
    let mut digits = step.mantissa;
    let mut zeros = 0_i8;
    while digits >= 10 && digits % 10 == 0 {
        digits /= 10;
        zeros += 1;
    }
    (digits == 1).then_some(step.scale as i8 - zeros)
}
