//! 「编译」 Checked tree → nodes. Numbers are brought to a common scale, values to
//! a common rank, here and nowhere else.

use super::{Comparison, Constant, Gather, Named, NodeId, Op, ProgramBuilder, Rank, Storage};
use crate::ast::{AggregateOp, BinaryOp};
use crate::column::{day_number, truth_byte};
use crate::schema::DerivedDecl;
use crate::trace::NameKind;
use crate::typed::{TypedAggregate, TypedKind, TypedNode, TypedOver};
use crate::types::{SCALE_MAX, Type};
use crate::value::Value;
use kernel::Slug;
use std::sync::Arc;

impl ProgramBuilder {
    /// Compiles a node; the names it mentions are added to `names`, marked when
    /// within an aggregate over members (`of_all`).
    pub(super) fn lower(
        &mut self,
        node: &TypedNode,
        names: &mut Vec<Named>,
        of_all: bool,
    ) -> NodeId {
        let storage = Storage::of(&node.ty);
        let op = match &node.kind {
            TypedKind::Literal(value) => Op::Constant(constant(value, &node.ty)),
            TypedKind::AsOf => Op::AsOf,
            TypedKind::Fact(decl) => {
                let id = self.fact(decl);
                let name = (NameKind::Fact, &decl.id, &decl.label);
                return note(names, name, &node.ty, id, of_all);
            }
            TypedKind::Parameter(decl) => {
                let id = self.parameter(decl);
                let name = (NameKind::Parameter, &decl.id, &decl.label);
                return note(names, name, &node.ty, id, of_all);
            }
            TypedKind::Derived(decl) => {
                return self.formula(NameKind::Derived, decl, names, of_all);
            }
            TypedKind::Verdict(decl) => {
                return self.formula(NameKind::Verdict, decl, names, of_all);
            }
            TypedKind::Field(kind, field) => Op::Field(self.kind(kind), *field),
            TypedKind::Negate(x) => Op::Negate(self.lower(x, names, of_all)),
            TypedKind::Abs(x) => Op::Abs(self.lower(x, names, of_all)),
            TypedKind::Not(x) => Op::Not(self.lower(x, names, of_all)),
            TypedKind::Binary(op, a, b) => {
                let ids = (self.lower(a, names, of_all), self.lower(b, names, of_all));
                self.binary(*op, (ids.0, a), (ids.1, b), &node.ty)
            }
            TypedKind::In(x, items) => return self.in_list(x, items, names, of_all),
            TypedKind::If(c, a, b) => {
                let c = self.lower(c, names, of_all);
                let a = self.lower_as(a, &node.ty, names, of_all);
                let b = self.lower_as(b, &node.ty, names, of_all);
                let rank = self.rank(c).max(self.rank(a)).max(self.rank(b));
                Op::If(
                    self.aligned(c, rank),
                    self.aligned(a, rank),
                    self.aligned(b, rank),
                )
            }
            TypedKind::Extreme(greatest, items) => {
                return self.extreme(*greatest, items, &node.ty, names, of_all);
            }
            TypedKind::Round(how, decimals, x) => {
                let id = self.lower(x, names, of_all);
                let have = x.ty.scale().unwrap_or(0) as i8;
                if *decimals >= have {
                    return id;
                }
                let drop = (have - decimals).unsigned_abs();
                Op::Round(*how, id, drop, (-decimals).max(0).unsigned_abs())
            }
            TypedKind::Dates(function, a, b) => {
                let (a, b) = (self.lower(a, names, of_all), self.lower(b, names, of_all));
                let (a, b) = self.together(a, b);
                Op::Dates(*function, a, b)
            }
            TypedKind::Aggregate(aggregate) => return self.aggregate(aggregate, names, of_all),
        };
        self.intern(op, storage)
    }

    /// A formula is compiled once, however often it is named.
    fn formula(
        &mut self,
        kind: NameKind,
        decl: &Arc<DerivedDecl>,
        names: &mut Vec<Named>,
        of_all: bool,
    ) -> NodeId {
        let address = Arc::as_ptr(&decl.is.root) as usize;
        let (id, inner) = match self.formulas.get(&address) {
            Some(known) => known.clone(),
            None => {
                let mut inner = Vec::new();
                let id = self.lower(decl.is.root(), &mut inner, false);
                self.kept.push(decl.is.clone());
                self.formulas.insert(address, (id, inner.clone()));
                (id, inner)
            }
        };
        note(
            names,
            (kind, &decl.id, &decl.label),
            decl.is.ty(),
            id,
            of_all,
        );
        for name in inner {
            let of_all = of_all || name.of_all;
            push_name(names, Named { of_all, ..name });
        }
        id
    }

    /// Compiles a part and brings it to the scale of `ty`.
    fn lower_as(
        &mut self,
        node: &TypedNode,
        ty: &Type,
        names: &mut Vec<Named>,
        of_all: bool,
    ) -> NodeId {
        let id = self.lower(node, names, of_all);
        self.scaled(id, &node.ty, ty)
    }

    fn scaled(&mut self, id: NodeId, from: &Type, to: &Type) -> NodeId {
        let (Some(from), Some(to)) = (from.scale(), to.scale()) else {
            return id;
        };
        let Some(more) = to.checked_sub(from).filter(|more| *more > 0) else {
            return id;
        };
        if let Op::Constant(Constant::Number(digits)) = self.nodes[id.place()].op
            && let Some(digits) = digits.checked_mul(10_i64.pow(u32::from(more)))
        {
            return self.intern(Op::Constant(Constant::Number(digits)), Storage::Number);
        }
        self.intern(Op::Rescale(id, more), Storage::Number)
    }

    /// Two nodes with the rows of the finer.
    fn together(&mut self, a: NodeId, b: NodeId) -> (NodeId, NodeId) {
        let rank = self.rank(a).max(self.rank(b));
        (self.aligned(a, rank), self.aligned(b, rank))
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        (a, left): (NodeId, &TypedNode),
        (b, right): (NodeId, &TypedNode),
        ty: &Type,
    ) -> Op {
        use BinaryOp::*;
        let (sa, sb) = (left.ty.scale().unwrap_or(0), right.ty.scale().unwrap_or(0));
        match op {
            And | Or => {
                let (a, b) = self.together(a, b);
                if op == And {
                    Op::And(a, b)
                } else {
                    Op::Or(a, b)
                }
            }
            Multiply => {
                let (a, b) = self.together(a, b);
                Op::Multiply(a, b, (sa + sb).saturating_sub(SCALE_MAX))
            }
            Divide => {
                let (a, b) = self.together(a, b);
                Op::Divide(a, b, SCALE_MAX + sb - sa)
            }
            Add | Subtract => {
                let (a, b) = (self.scaled(a, &left.ty, ty), self.scaled(b, &right.ty, ty));
                let (a, b) = self.together(a, b);
                if op == Add {
                    Op::Add(a, b)
                } else {
                    Op::Subtract(a, b)
                }
            }
            _ => {
                let a = self.scaled(a, &left.ty, &right.ty);
                let b = self.scaled(b, &right.ty, &left.ty);
                let (a, b) = self.together(a, b);
                match op {
                    Equal => Op::Compare(Comparison::Equal, a, b),
                    NotEqual => Op::Compare(Comparison::NotEqual, a, b),
                    Less => Op::Compare(Comparison::Less, a, b),
                    AtMost => Op::Compare(Comparison::AtMost, a, b),
                    Greater => Op::Compare(Comparison::Less, b, a),
                    _ => Op::Compare(Comparison::AtMost, b, a),
                }
            }
        }
    }

    /// `x in [a, b]` is `x == a or x == b`.
    fn in_list(
        &mut self,
        x: &TypedNode,
        items: &[TypedNode],
        names: &mut Vec<Named>,
        of_all: bool,
    ) -> NodeId {
        let left = self.lower(x, names, of_all);
        let mut found: Option<NodeId> = None;
        for item in items {
            let right = self.lower(item, names, of_all);
            let equal = self.binary(BinaryOp::Equal, (left, x), (right, item), &Type::Bool);
            let equal = self.intern(equal, Storage::Truth);
            found = Some(match found {
                None => equal,
                Some(before) => {
                    let (a, b) = self.together(before, equal);
                    self.intern(Op::Or(a, b), Storage::Truth)
                }
            });
        }
        let none = Op::Constant(Constant::Truth(truth_byte(false)));
        found.unwrap_or_else(|| self.intern(none, Storage::Truth))
    }

    fn extreme(
        &mut self,
        greatest: bool,
        items: &[TypedNode],
        ty: &Type,
        names: &mut Vec<Named>,
        of_all: bool,
    ) -> NodeId {
        let mut found: Option<NodeId> = None;
        for item in items {
            let id = self.lower_as(item, ty, names, of_all);
            found = Some(match found {
                None => id,
                Some(before) => {
                    let (a, b) = self.together(before, id);
                    self.intern(Op::Extreme(greatest, a, b), Storage::of(ty))
                }
            });
        }
        found.unwrap_or(NodeId(0))
    }

    fn aggregate(
        &mut self,
        aggregate: &TypedAggregate,
        names: &mut Vec<Named>,
        of_all: bool,
    ) -> NodeId {
        let (over, of_all) = match &aggregate.over {
            TypedOver::Members => (Rank::Person, true),
            TypedOver::Records(kind) => (Rank::Record(self.kind(kind)), of_all),
        };
        let written = aggregate.filter.as_ref();
        let mut filter = written.map(|filter| self.lower(filter, names, of_all));
        if let (Some(months), TypedOver::Records(kind), Rank::Record(place)) =
            (aggregate.within_months, &aggregate.over, over)
        {
            let window = self.window(place, kind.date_field, months);
            filter = Some(self.both(window, filter));
        }
        let value = aggregate.value.as_ref();
        let value = value.map(|value| self.lower(value, names, of_all));
        let filter = filter.map(|filter| self.aligned(filter, over));
        let value = value.map(|value| self.aligned(value, over));
        let storage = match (aggregate.op, &aggregate.value) {
            (AggregateOp::Any | AggregateOp::All, _) => Storage::Truth,
            (AggregateOp::Count, _) | (_, None) => Storage::Number,
            (_, Some(value)) => Storage::of(&value.ty),
        };
        let gather = match aggregate.op {
            AggregateOp::Any => (None, Some(self.any_body(filter, value))),
            AggregateOp::All => (None, Some(self.all_body(filter, value))),
            _ => (filter, value),
        };
        let gather = Gather {
            op: aggregate.op,
            over,
            filter: gather.0,
            value: gather.1,
        };
        self.intern(Op::Aggregate(gather), storage)
    }

    /// The record is dated in (as_of − N months, as_of].
    fn window(&mut self, kind: usize, field: usize, months: u32) -> NodeId {
        let date = self.intern(Op::Field(kind, field), Storage::Date);
        let start = self.intern(Op::MonthsBefore(months), Storage::Date);
        let end = self.intern(Op::AsOf, Storage::Date);
        let after = Op::Compare(Comparison::Less, start, date);
        let after = self.intern(after, Storage::Truth);
        let until = Op::Compare(Comparison::AtMost, date, end);
        let until = self.intern(until, Storage::Truth);
        self.intern(Op::And(after, until), Storage::Truth)
    }

    fn both(&mut self, a: NodeId, b: Option<NodeId>) -> NodeId {
        let Some(b) = b else { return a };
        let (a, b) = self.together(a, b);
        self.intern(Op::And(a, b), Storage::Truth)
    }

    /// Some member for whom filter and value hold.
    fn any_body(&mut self, filter: Option<NodeId>, value: Option<NodeId>) -> NodeId {
        match (value, filter) {
            (Some(value), filter) => self.both(value, filter),
            (None, Some(filter)) => filter,
            (None, None) => {
                let all = Op::Constant(Constant::Truth(truth_byte(true)));
                self.intern(all, Storage::Truth)
            }
        }
    }

    /// No member for whom the filter holds and the value does not.
    fn all_body(&mut self, filter: Option<NodeId>, value: Option<NodeId>) -> NodeId {
        let truth = Op::Constant(Constant::Truth(truth_byte(true)));
        let value = value.unwrap_or_else(|| self.intern(truth, Storage::Truth));
        let Some(filter) = filter else { return value };
        let outside = self.intern(Op::Not(filter), Storage::Truth);
        let (a, b) = self.together(outside, value);
        self.intern(Op::Or(a, b), Storage::Truth)
    }
}

fn constant(value: &Value, ty: &Type) -> Constant {
    match value {
        Value::Bool(known) => Constant::Truth(truth_byte(*known)),
        Value::Number(number) => {
            debug_assert_eq!(Some(number.scale), ty.scale());
            Constant::Number(number.mantissa)
        }
        Value::Date(date) => Constant::Date(day_number(*date)),
        Value::Code(number) => Constant::Code(*number),
    }
}

fn note(
    names: &mut Vec<Named>,
    (kind, id, label): (NameKind, &Slug, &String),
    ty: &Type,
    node: NodeId,
    of_all: bool,
) -> NodeId {
    push_name(
        names,
        Named {
            kind,
            id: id.clone(),
            label: label.clone(),
            ty: ty.clone(),
            node,
            of_all,
        },
    );
    node
}

fn push_name(names: &mut Vec<Named>, name: Named) {
    let same = |other: &&mut Named| other.kind == name.kind && other.id == name.id;
    match names.iter_mut().find(same) {
        Some(known) => known.of_all |= name.of_all,
        None => names.push(name),
    }
}
