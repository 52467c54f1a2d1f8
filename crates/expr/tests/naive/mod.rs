//! 「朴素解释器」 The language once more, as plainly as can be: one cell at a
//! time, straight down the checked tree, in wide integers. Lives in the tests
//! alone; the columnar program must agree with it exactly.

use expr::*;
use kernel::Date;
use std::collections::HashMap;

/// A cell in wide integers: numbers are digits at the node's own scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plain {
    Bool(bool),
    Number(i128),
    Date(Date),
    Code(u16),
    Missing,
    Fault,
}

use Plain::{Fault, Missing};

/// Facts by id; absent is missing.
pub(crate) type Facts = HashMap<String, Value>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    pub(crate) facts: Facts,
    /// By kind: whether the list is known to be complete, and the records.
    pub(crate) records: HashMap<String, (bool, Vec<Facts>)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Household {
    pub(crate) region: usize,
    pub(crate) facts: Facts,
    pub(crate) members: Vec<Person>,
}

pub(crate) struct World {
    pub(crate) as_of: Date,
    /// By region.
    pub(crate) parameters: Vec<Facts>,
    pub(crate) households: Vec<Household>,
}

/// Whom an expression is asked about.
#[derive(Clone, Copy)]
pub(crate) struct About<'w> {
    pub(crate) world: &'w World,
    pub(crate) household: &'w Household,
    pub(crate) person: Option<&'w Person>,
    pub(crate) record: Option<&'w Facts>,
}

fn plain(value: Option<&Value>, ty: &Type) -> Plain {
    match value {
        None => Missing,
        Some(Value::Bool(known)) => Plain::Bool(*known),
        Some(Value::Number(number)) => {
            Plain::Number(number.at_scale(ty.scale().unwrap()).unwrap().into())
        }
        Some(Value::Date(date)) => Plain::Date(*date),
        Some(Value::Code(code)) => Plain::Code(*code),
    }
}

/// The gap of several cells together: a fault outweighs what is missing.
fn gap(cells: &[Plain]) -> Option<Plain> {
    if cells.contains(&Fault) {
        Some(Fault)
    } else if cells.contains(&Missing) {
        Some(Missing)
    } else {
        None
    }
}

fn fit(digits: i128) -> Plain {
    match i64::try_from(digits) {
        Ok(_) => Plain::Number(digits),
        Err(_) => Fault,
    }
}

fn digits(cell: Plain) -> i128 {
    match cell {
        Plain::Number(digits) => digits,
        other => panic!("no number: {other:?}"),
    }
}

fn date(cell: Plain) -> Date {
    match cell {
        Plain::Date(date) => date,
        other => panic!("no date: {other:?}"),
    }
}

/// Half away from zero, by the book: twice the remainder against the divisor.
fn nearest(value: i128, by: i128) -> i128 {
    let (value, by) = if by < 0 { (-value, -by) } else { (value, by) };
    let (quotient, rest) = (value / by, value % by);
    if rest.abs() * 2 >= by {
        quotient + value.signum()
    } else {
        quotient
    }
}

fn ten(exponent: i32) -> i128 {
    10_i128.pow(u32::try_from(exponent).unwrap())
}

fn scale(ty: &Type) -> i32 {
    ty.scale().map_or(0, i32::from)
}

impl<'w> About<'w> {
    pub(crate) fn judge(self, node: &TypedNode) -> Plain {
        match &node.kind {
            TypedKind::Literal(value) => plain(Some(value), &node.ty),
            TypedKind::AsOf => Plain::Date(self.world.as_of),
            TypedKind::Fact(fact) => {
                let facts = match fact.level {
                    Level::Household => &self.household.facts,
                    _ => &self.person.unwrap().facts,
                };
                plain(facts.get(fact.id.as_str()), &fact.ty)
            }
            TypedKind::Field(kind, field) => {
                let field = &kind.fields[*field];
                plain(self.record.unwrap().get(field.id.as_str()), &field.ty)
            }
            TypedKind::Parameter(parameter) => {
                let values = &self.world.parameters[self.household.region];
                plain(values.get(parameter.id.as_str()), &parameter.ty)
            }
            TypedKind::Derived(decl) | TypedKind::Verdict(decl) => self.judge(decl.is.root()),
            TypedKind::Negate(x) => match self.judge(x) {
                Plain::Number(digits) => fit(-digits),
                gap => gap,
            },
            TypedKind::Abs(x) => match self.judge(x) {
                Plain::Number(digits) => fit(digits.abs()),
                gap => gap,
            },
            TypedKind::Not(x) => match self.judge(x) {
                Plain::Bool(known) => Plain::Bool(!known),
                gap => gap,
            },
            TypedKind::Binary(op, a, b) => self.binary(*op, a, b, &node.ty),
            TypedKind::In(x, items) => {
                let equal = items.iter().map(|i| self.compare(BinaryOp::Equal, x, i));
                decide(true, &equal.collect::<Vec<_>>())
            }
            TypedKind::If(c, a, b) => {
                let (a, b) = (self.at_scale(a, &node.ty), self.at_scale(b, &node.ty));
                match self.judge(c) {
                    Plain::Bool(true) => a,
                    Plain::Bool(false) => b,
                    _ if a == b && gap(&[a]).is_none() => a,
                    gap => gap,
                }
            }
            TypedKind::Extreme(greatest, items) => {
                let cells = items.iter().map(|item| self.at_scale(item, &node.ty));
                let cells: Vec<_> = cells.collect();
                gap(&cells).unwrap_or_else(|| extreme(*greatest, &cells))
            }
            TypedKind::Round(how, decimals, x) => self.round(*how, i32::from(*decimals), x),
            TypedKind::Dates(function, a, b) => {
                let cells = [self.judge(a), self.judge(b)];
                gap(&cells).unwrap_or_else(|| between(*function, date(cells[0]), date(cells[1])))
            }
            TypedKind::Aggregate(aggregate) => self.aggregate(aggregate, &node.ty),
        }
    }

    /// A part, brought to the scale of a type.
    fn at_scale(self, node: &TypedNode, ty: &Type) -> Plain {
        match self.judge(node) {
            Plain::Number(digits) => fit(digits * ten(scale(ty) - scale(&node.ty))),
            other => other,
        }
    }

    fn binary(self, op: BinaryOp, a: &TypedNode, b: &TypedNode, ty: &Type) -> Plain {
        use BinaryOp::*;
        match op {
            And => return decide(false, &[self.judge(a), self.judge(b)]),
            Or => return decide(true, &[self.judge(a), self.judge(b)]),
            Equal | NotEqual | Less | AtMost | Greater | AtLeast => return self.compare(op, a, b),
            Add | Subtract => {
                let cells = [self.at_scale(a, ty), self.at_scale(b, ty)];
                let sign = if op == Add { 1 } else { -1 };
                let total = || fit(digits(cells[0]) + sign * digits(cells[1]));
                return gap(&cells).unwrap_or_else(total);
            }
            Multiply | Divide => {}
        }
        let cells = [self.judge(a), self.judge(b)];
        if let Some(gap) = gap(&cells) {
            return gap;
        }
        let (x, y) = (digits(cells[0]), digits(cells[1]));
        let (sx, sy) = (scale(&a.ty), scale(&b.ty));
        match op {
            Multiply => fit(nearest(x * y, ten(sx + sy - scale(ty)))),
            _ if y == 0 => Fault,
            _ => fit(nearest(x * ten(scale(ty) + sy - sx), y)),
        }
    }

    fn compare(self, op: BinaryOp, a: &TypedNode, b: &TypedNode) -> Plain {
        use BinaryOp::*;
        let wide = match (a.ty.scale(), b.ty.scale()) {
            (Some(x), Some(y)) if x < y => &b.ty,
            _ => &a.ty,
        };
        let cells = [self.at_scale(a, wide), self.at_scale(b, wide)];
        if let Some(gap) = gap(&cells) {
            return gap;
        }
        let order = order(cells[0], cells[1]);
        Plain::Bool(match op {
            Equal => order.is_eq(),
            NotEqual => order.is_ne(),
            Less => order.is_lt(),
            AtMost => order.is_le(),
            Greater => order.is_gt(),
            _ => order.is_ge(),
        })
    }

    fn round(self, how: Rounding, decimals: i32, x: &TypedNode) -> Plain {
        let Plain::Number(value) = self.judge(x) else {
            return self.judge(x);
        };
        let drop = scale(&x.ty) - decimals;
        if drop <= 0 {
            return Plain::Number(value);
        }
        let (by, towards_zero) = (ten(drop), value / ten(drop));
        let exact = towards_zero * by == value;
        let whole = match how {
            Rounding::HalfUp => nearest(value, by),
            Rounding::Down => towards_zero,
            Rounding::Up if exact => towards_zero,
            Rounding::Up => towards_zero + value.signum(),
        };
        fit(whole * ten((-decimals).max(0)))
    }

    fn aggregate(self, aggregate: &TypedAggregate, ty: &Type) -> Plain {
        let (complete, rows) = self.rows(aggregate);
        let unknown_more = if complete { vec![] } else { vec![Missing] };
        let counts: Vec<Plain> = rows.iter().map(|row| row.counts(aggregate)).collect();
        let value = |place: usize| match &aggregate.value {
            Some(value) => rows[place].judge(value),
            None => Plain::Bool(true),
        };
        let places = 0..rows.len();
        match aggregate.op {
            AggregateOp::Any => {
                let each = places.map(|i| decide(false, &[counts[i], value(i)]));
                decide(true, &each.chain(unknown_more).collect::<Vec<_>>())
            }
            AggregateOp::All => {
                let each = places.map(|i| decide(true, &[opposite(counts[i]), value(i)]));
                decide(false, &each.chain(unknown_more).collect::<Vec<_>>())
            }
            AggregateOp::Count | AggregateOp::Sum => {
                let one = |i| match aggregate.op {
                    AggregateOp::Count => Plain::Number(1),
                    _ => value(i),
                };
                let each = places.map(|i| match (counts[i], one(i)) {
                    (Plain::Bool(false), _) | (_, Plain::Number(0)) => Plain::Number(0),
                    (Plain::Bool(true), value) => value,
                    (gap, _) => gap,
                });
                let cells: Vec<_> = each.chain(unknown_more).collect();
                let total = || fit(cells.iter().map(|cell| digits(*cell)).sum());
                gap(&cells).unwrap_or_else(total)
            }
            AggregateOp::Min | AggregateOp::Max => {
                let each = places.filter_map(|i| match counts[i] {
                    Plain::Bool(false) => None,
                    Plain::Bool(true) => Some(value(i)),
                    gap => Some(gap),
                });
                let cells: Vec<_> = each.chain(unknown_more).collect();
                let greatest = aggregate.op == AggregateOp::Max;
                let best = || match cells.as_slice() {
                    [] => Missing,
                    cells => extreme(greatest, cells),
                };
                let _ = ty;
                gap(&cells).unwrap_or_else(best)
            }
        }
    }

    /// Who is aggregated over, and whether that is all of them.
    fn rows(self, aggregate: &TypedAggregate) -> (bool, Vec<About<'w>>) {
        match &aggregate.over {
            TypedOver::Members => {
                let members = self.household.members.iter();
                let about = |person| About {
                    person: Some(person),
                    record: None,
                    ..self
                };
                (true, members.map(about).collect())
            }
            TypedOver::Records(kind) => match self.person.unwrap().records.get(kind.id.as_str()) {
                None => (false, Vec::new()),
                Some((complete, records)) => {
                    let about = |record| About {
                        record: Some(record),
                        ..self
                    };
                    (*complete, records.iter().map(about).collect())
                }
            },
        }
    }

    /// Whether a row is in the window and passes the filter.
    fn counts(self, aggregate: &TypedAggregate) -> Plain {
        let mut conditions = Vec::new();
        if let (Some(months), TypedOver::Records(kind)) = (aggregate.within_months, &aggregate.over)
        {
            let field = &kind.fields[kind.date_field];
            let start = self.world.as_of - chrono_months(months);
            conditions.push(match self.record.unwrap().get(field.id.as_str()) {
                Some(Value::Date(date)) => Plain::Bool(*date > start && *date <= self.world.as_of),
                _ => Missing,
            });
        }
        conditions.extend(aggregate.filter.iter().map(|filter| self.judge(filter)));
        decide(false, &conditions)
    }
}

fn chrono_months(months: u32) -> chrono::Months {
    chrono::Months::new(months)
}

/// Kleene: one cell equal to `deciding` decides; else all must be known.
fn decide(deciding: bool, cells: &[Plain]) -> Plain {
    if cells.contains(&Plain::Bool(deciding)) {
        return Plain::Bool(deciding);
    }
    gap(cells).unwrap_or(Plain::Bool(!deciding))
}

fn opposite(cell: Plain) -> Plain {
    match cell {
        Plain::Bool(known) => Plain::Bool(!known),
        gap => gap,
    }
}

fn order(a: Plain, b: Plain) -> std::cmp::Ordering {
    match (a, b) {
        (Plain::Number(a), Plain::Number(b)) => a.cmp(&b),
        (Plain::Date(a), Plain::Date(b)) => a.cmp(&b),
        (Plain::Code(a), Plain::Code(b)) => a.cmp(&b),
        (Plain::Bool(a), Plain::Bool(b)) => a.cmp(&b),
        other => panic!("not comparable: {other:?}"),
    }
}

fn extreme(greatest: bool, cells: &[Plain]) -> Plain {
    let best = if greatest {
        cells.iter().max_by(|a, b| order(**a, **b))
    } else {
        cells.iter().min_by(|a, b| order(**a, **b))
    };
    *best.unwrap()
}

fn between(function: DateFunction, from: Date, to: Date) -> Plain {
    match function {
        DateFunction::Days => Plain::Number((to - from).num_days().into()),
        DateFunction::Months => Plain::Number(kernel::months_between(from, to).into()),
        DateFunction::Age => match to.years_since(from) {
            Some(years) => Plain::Number(years.into()),
            None => Missing,
        },
    }
}
