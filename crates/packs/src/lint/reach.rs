//! 「能不能成立」 Whether some household could make a rule true, told from its words
//! alone: comparisons become ranges, and a rule whose ranges leave nothing can never
//! hold. Errs on one side only: what it calls impossible is; what it does not
//! understand it takes for possible. Absent on purpose: any data of anybody.

use super::span::{Span, place, step};
use expr::{
    AggregateOp, BinaryOp, DateFunction, Type, TypedAggregate, TypedKind, TypedNode, TypedOver,
    Value,
};
use kernel::Slug;
use std::collections::{BTreeMap, BTreeSet};

/// What every parameter has ever been, or is said to become.
pub(crate) type Hulls = BTreeMap<Slug, Span>;

/// A rule as a choice among ranges. Without `not`: it is turned inside.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    Never,
    Always,
    /// Something named is within something.
    Atom(String, Allowed),
    All(Vec<Form>),
    Any(Vec<Form>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    Span(Span),
    Codes(BTreeSet<u16>),
    Truth(bool),
}

impl Allowed {
    fn meet(&self, other: &Allowed) -> Option<Allowed> {
        let met = match (self, other) {
            (Allowed::Span(one), Allowed::Span(other)) => Allowed::Span(one.meet(*other)),
            (Allowed::Codes(one), Allowed::Codes(other)) => Allowed::Codes(one & other),
            (Allowed::Truth(one), Allowed::Truth(other)) => {
                return (one == other).then(|| self.clone());
            }
            _ => return Some(self.clone()),
        };
        let none = match &met {
            Allowed::Span(span) => span.is_empty(),
            Allowed::Codes(codes) => codes.is_empty(),
            Allowed::Truth(_) => false,
        };
        (!none).then_some(met)
    }
}

/// Reads rules under what the parameters can be.
pub(crate) struct Reader<'h> {
    pub(crate) hulls: &'h Hulls,
    /// Only what the comparison itself says, not what is true of its sides anyway.
    pub(crate) words_only: bool,
}

/// Whether all these can hold together. After `BUDGET` tries it says yes.
pub(crate) fn possible(all: &[Form]) -> bool {
    let mut search = Search { left: BUDGET };
    search.run(&mut all.to_vec(), &BTreeMap::new())
}

const BUDGET: u32 = 20_000;

struct Search {
    left: u32,
}

impl Search {
    fn run(&mut self, todo: &mut Vec<Form>, known: &BTreeMap<String, Allowed>) -> bool {
        let mut known = known.clone();
        let mut choices = Vec::new();
        while let Some(form) = todo.pop() {
            if self.left == 0 {
                return true;
            }
            self.left -= 1;
            match form {
                Form::Never => return false,
                Form::Always => {}
                Form::All(forms) => todo.extend(forms),
                Form::Any(forms) => choices.push(forms),
                Form::Atom(key, allowed) => {
                    let met = match known.get(&key) {
                        Some(before) => before.meet(&allowed),
                        None => allowed.meet(&allowed),
                    };
                    match met {
                        Some(met) => known.insert(key, met),
                        None => return false,
                    };
                }
            }
        }
        let Some(first) = choices.pop() else {
            return true;
        };
        first.into_iter().any(|form| {
            let mut todo: Vec<Form> = choices.iter().cloned().map(Form::Any).collect();
            todo.push(form);
            self.run(&mut todo, &known)
        })
    }
}

impl Reader<'_> {
    /// What a truth says (`positive`), or its contrary.
    pub(crate) fn form(&self, node: &TypedNode, positive: bool) -> Form {
        let fixed = |holds: bool| match holds == positive {
            true => Form::Always,
            false => Form::Never,
        };
        match &node.kind {
            TypedKind::Literal(Value::Bool(value)) => fixed(*value),
            TypedKind::Derived(derived) => self.form(derived.is.root(), positive),
            TypedKind::Not(one) => self.form(one, !positive),
            TypedKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), one, other) => {
                let both = vec![self.form(one, positive), self.form(other, positive)];
                match (*op == BinaryOp::And) == positive {
                    true => Form::All(both),
                    false => Form::Any(both),
                }
            }
            TypedKind::Binary(op, one, other) => self.compared(*op, one, other, positive),
            TypedKind::In(one, items) => {
                let each = items
                    .iter()
                    .map(|item| self.compared(BinaryOp::Equal, one, item, positive));
                match positive {
                    true => Form::Any(each.collect()),
                    false => Form::All(each.collect()),
                }
            }
            TypedKind::If(condition, yes, no) => Form::Any(vec![
                Form::All(vec![self.form(condition, true), self.form(yes, positive)]),
                Form::All(vec![self.form(condition, false), self.form(no, positive)]),
            ]),
            TypedKind::Aggregate(aggregate) => self.over_many(node, aggregate, positive),
            _ => Form::Atom(key(node), Allowed::Truth(positive)),
        }
    }

    fn over_many(&self, node: &TypedNode, aggregate: &TypedAggregate, positive: bool) -> Form {
        let value = |wanted: bool| match &aggregate.value {
            Some(value) => self.form(value, wanted),
            None if wanted => Form::Always,
            None => Form::Never,
        };
        let filter = match &aggregate.filter {
            Some(filter) => self.form(filter, true),
            None => Form::Always,
        };
        let nobody = |wanted: bool| !possible(&[filter.clone(), value(wanted)]);
        let fixed = match aggregate.op {
            // Nobody it could hold for.
            AggregateOp::Any if nobody(true) => Some(false),
            // Nobody it could fail for.
            AggregateOp::All if nobody(false) => Some(true),
            _ => None,
        };
        // A household has somebody in it, so what holds for each holds for one.
        let someone = matches!(aggregate.over, TypedOver::Members) && aggregate.filter.is_none();
        let fixed = match aggregate.op {
            AggregateOp::Any if someone && nobody(false) => Some(true),
            AggregateOp::All if someone && nobody(true) => Some(false),
            _ => fixed,
        };
        match fixed {
            Some(holds) if holds == positive => Form::Always,
            Some(_) => Form::Never,
            None => Form::Atom(key(node), Allowed::Truth(positive)),
        }
    }

    fn compared(&self, op: BinaryOp, one: &TypedNode, other: &TypedNode, positive: bool) -> Form {
        let op = if positive { op } else { contrary(op) };
        match &one.ty {
            Type::Number { .. } | Type::Date => self.ordered(op, one, other),
            Type::Code(set) => {
                let all = (0..set.members.len()).filter_map(|at| u16::try_from(at).ok());
                let (of, code) = match (&one.kind, &other.kind) {
                    (_, TypedKind::Literal(Value::Code(code))) => (one, *code),
                    (TypedKind::Literal(Value::Code(code)), _) => (other, *code),
                    _ => return Form::Always,
                };
                let allowed = all.filter(|at| (*at == code) == (op == BinaryOp::Equal));
                Form::Atom(key(of), Allowed::Codes(allowed.collect()))
            }
            Type::Bool => {
                let same = op == BinaryOp::Equal;
                let both = |a, b| Form::All(vec![self.form(one, a), self.form(other, b)]);
                Form::Any(vec![both(true, same), both(false, !same)])
            }
        }
    }

    fn ordered(&self, op: BinaryOp, one: &TypedNode, other: &TypedNode) -> Form {
        if op == BinaryOp::NotEqual {
            let less = self.ordered(BinaryOp::Less, one, other);
            return Form::Any(vec![less, self.ordered(BinaryOp::Greater, one, other)]);
        }
        let fine = step(&one.ty).min(step(&other.ty));
        let (left, right) = (self.range(one), self.range(other));
        let atom = |key, span: Span| match span.is_empty() {
            true => Form::Never,
            false => Form::Atom(key, Allowed::Span(span)),
        };
        let says = right.bounds(op, fine);
        let left_is = left.meet(says);
        if right.single().is_some() && left.single().is_some() {
            return match left_is.is_empty() {
                true => Form::Never,
                false => Form::Always,
            };
        }
        if right.single().is_some() && self.words_only {
            return atom(key(one), says);
        }
        if right.single().is_some() {
            return atom(key(one), left_is);
        }
        let right_is = right.meet(left.bounds(turned(op), fine));
        if left.single().is_some() {
            return atom(key(other), right_is);
        }
        let difference = left.plus(right.negated());
        let difference = difference.meet(Span::exactly(0).bounds(op, fine));
        let (first, second) = (key(one), key(other));
        let between = match first <= second {
            true => atom(format!("{first} − {second}"), difference),
            false => atom(format!("{second} − {first}"), difference.negated()),
        };
        Form::All(vec![atom(first, left_is), atom(second, right_is), between])
    }

    /// What a number or day can be.
    pub(crate) fn range(&self, node: &TypedNode) -> Span {
        match &node.kind {
            TypedKind::Literal(value) => place(*value).map_or(Span::default(), Span::exactly),
            TypedKind::Parameter(one) => self.hulls.get(&one.id).copied().unwrap_or_default(),
            TypedKind::Derived(derived) => self.range(derived.is.root()),
            TypedKind::Negate(one) => self.range(one).negated(),
            TypedKind::Abs(_) => Span::of(Some(0), None),
            TypedKind::Binary(BinaryOp::Add, one, other) => self.range(one).plus(self.range(other)),
            TypedKind::Binary(BinaryOp::Subtract, one, other) => {
                self.range(one).plus(self.range(other).negated())
            }
            TypedKind::Binary(BinaryOp::Multiply, one, other) => {
                self.range(one).times(self.range(other))
            }
            TypedKind::If(_, yes, no) => self.range(yes).hull(self.range(no)),
            TypedKind::Dates(DateFunction::Age, ..) => Span::of(Some(0), None),
            TypedKind::Extreme(greatest, items) => self.extreme(*greatest, items),
            TypedKind::Aggregate(aggregate) => self.total(aggregate),
            _ => Span::default(),
        }
    }

    fn extreme(&self, greatest: bool, items: &[TypedNode]) -> Span {
        let each = items.iter().map(|item| self.range(item));
        let each: Vec<Span> = match greatest {
            true => each.collect(),
            false => each.map(Span::negated).collect(),
        };
        let low = each.iter().filter_map(|span| span.low).max();
        let all: Option<Vec<i128>> = each.iter().map(|span| span.high).collect();
        let span = Span::of(low, all.and_then(|all| all.into_iter().max()));
        if greatest { span } else { span.negated() }
    }

    fn total(&self, aggregate: &TypedAggregate) -> Span {
        let filter = aggregate.filter.as_ref().map(|one| self.form(one, true));
        let nobody = filter.is_some_and(|filter| !possible(&[filter]));
        let value = aggregate.value.as_ref().map(|value| self.range(value));
        match aggregate.op {
            AggregateOp::Count | AggregateOp::Sum if nobody => Span::exactly(0),
            AggregateOp::Count => Span::of(Some(0), None),
            AggregateOp::Sum => {
                let low = value.and_then(|value| value.low);
                Span::of(low.filter(|low| *low >= 0).map(|_| 0), None)
            }
            AggregateOp::Min | AggregateOp::Max => value.unwrap_or_default(),
            AggregateOp::Any | AggregateOp::All => Span::default(),
        }
    }

    /// A rule that is nothing but one number within a range.
    pub(crate) fn band(&self, node: &TypedNode) -> Option<(String, Span)> {
        let mut found: Option<(String, Span)> = None;
        let reader = Reader {
            words_only: true,
            ..*self
        };
        let mut todo = vec![reader.form(node, true)];
        while let Some(form) = todo.pop() {
            match form {
                Form::All(forms) => todo.extend(forms),
                Form::Atom(key, Allowed::Span(span)) => match &mut found {
                    None => found = Some((key, span)),
                    Some((same, all)) if *same == key => *all = all.meet(span),
                    Some(_) => return None,
                },
                _ => return None,
            }
        }
        found.filter(|(_, span)| !span.is_empty())
    }
}

fn contrary(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        BinaryOp::Less => BinaryOp::AtLeast,
        BinaryOp::AtLeast => BinaryOp::Less,
        BinaryOp::Greater => BinaryOp::AtMost,
        BinaryOp::AtMost => BinaryOp::Greater,
        other => other,
    }
}

/// The same comparison read from its other side.
fn turned(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::AtMost => BinaryOp::AtLeast,
        BinaryOp::AtLeast => BinaryOp::AtMost,
        other => other,
    }
}

/// A name for whether there is a right to another service.
pub(super) fn verdict_key(verdict: &Slug) -> String {
    format!("verdict {verdict}")
}

/// A name for what a node works out: two nodes with one name have one value.
fn key(node: &TypedNode) -> String {
    let own = match &node.kind {
        TypedKind::Literal(value) => format!("{value:?}"),
        TypedKind::Fact(fact) => return fact.id.to_string(),
        TypedKind::Parameter(one) => return format!("parameter {}", one.id),
        TypedKind::Derived(one) => return format!("derived {}", one.id),
        TypedKind::Verdict(one) => return verdict_key(&one.id),
        TypedKind::Field(kind, at) => return format!("{}.{at}", kind.id),
        TypedKind::AsOf => "as_of".to_owned(),
        TypedKind::Negate(_) => "-".to_owned(),
        TypedKind::Abs(_) => "abs".to_owned(),
        TypedKind::Not(_) => "not".to_owned(),
        TypedKind::Round(how, digits, _) => format!("{how:?} {digits}"),
        TypedKind::Binary(op, ..) => format!("{op:?}"),
        TypedKind::Dates(function, ..) => format!("{function:?}"),
        TypedKind::In(..) => "in".to_owned(),
        TypedKind::If(..) => "if".to_owned(),
        TypedKind::Extreme(greatest, _) => format!("extreme {greatest}"),
        TypedKind::Aggregate(one) => {
            let over = match &one.over {
                TypedOver::Members => "members",
                TypedOver::Records(kind) => kind.id.as_str(),
            };
            let (filtered, months) = (one.filter.is_some(), one.within_months);
            format!("{:?} {over} {filtered} {months:?}", one.op)
        }
    };
    let below: Vec<String> = node.children().into_iter().map(key).collect();
    format!("{own}({})", below.join(", "))
}
