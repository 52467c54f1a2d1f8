//! 「用到什么」 What a checked expression reads, through derived facts and other
//! services' verdicts: base facts, records, parameters.

use expr::{Typed, TypedKind, TypedNode, TypedOver};
use kernel::Slug;
use std::collections::BTreeSet;

/// Ids of what is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    pub(crate) facts: BTreeSet<Slug>,
    pub(crate) records: BTreeSet<Slug>,
    pub(crate) parameters: BTreeSet<Slug>,
    /// The Chinese names of them all.
    pub(crate) labels: BTreeSet<String>,
    /// Derived facts and verdicts already looked into.
    seen: BTreeSet<Slug>,
}

impl Reads {
    /// Of one expression.
    pub(crate) fn of(typed: &Typed) -> Reads {
        let mut reads = Reads::default();
        reads.add(typed);
        reads
    }

    /// And of another.
    pub(crate) fn add(&mut self, typed: &Typed) {
        self.node(typed.root());
    }

    fn node(&mut self, node: &TypedNode) {
        match &node.kind {
            TypedKind::Literal(_) | TypedKind::AsOf => {}
            TypedKind::Fact(fact) => {
                self.facts.insert(fact.id.clone());
                self.labels.insert(fact.label.clone());
            }
            TypedKind::Field(kind, _) => {
                self.records.insert(kind.id.clone());
            }
            TypedKind::Parameter(parameter) => {
                self.parameters.insert(parameter.id.clone());
                self.labels.insert(parameter.label.clone());
            }
            TypedKind::Derived(derived) | TypedKind::Verdict(derived) => {
                if self.seen.insert(derived.id.clone()) {
                    self.add(&derived.is);
                }
            }
            TypedKind::Negate(one) | TypedKind::Abs(one) | TypedKind::Not(one) => self.node(one),
            TypedKind::Round(_, _, one) => self.node(one),
            TypedKind::Binary(_, one, other) | TypedKind::Dates(_, one, other) => {
                self.node(one);
                self.node(other);
            }
            TypedKind::In(one, list) => {
                self.node(one);
                list.iter().for_each(|other| self.node(other));
            }
            TypedKind::If(condition, yes, no) => {
                self.node(condition);
                self.node(yes);
                self.node(no);
            }
            TypedKind::Extreme(_, list) => list.iter().for_each(|one| self.node(one)),
            TypedKind::Aggregate(aggregate) => {
                if let TypedOver::Records(kind) = &aggregate.over {
                    self.records.insert(kind.id.clone());
                    self.labels.insert(kind.label.clone());
                }
                let inner = aggregate.filter.iter().chain(&aggregate.value);
                inner.for_each(|one| self.node(one));
            }
        }
    }
}

/// The base facts an expression names itself, with the words that name them: not
/// through derived facts.
pub(crate) fn direct(typed: &Typed) -> Vec<(Slug, expr::Span)> {
    let mut found = Vec::new();
    let mut todo = vec![typed.root()];
    while let Some(node) = todo.pop() {
        if let TypedKind::Fact(fact) = &node.kind {
            found.push((fact.id.clone(), node.span.clone()));
        }
        todo.extend(node.children());
    }
    found
}

/// What a value in a sentence is called: its Chinese name where it is one name,
/// otherwise the names it is made of.
pub(crate) fn named(typed: &Typed) -> String {
    match &typed.root().kind {
        TypedKind::Fact(fact) => fact.label.clone(),
        TypedKind::Derived(derived) => derived.label.clone(),
        TypedKind::Parameter(parameter) => parameter.label.clone(),
        TypedKind::AsOf => "判断的日子".to_owned(),
        TypedKind::Aggregate(aggregate) if aggregate.op == expr::AggregateOp::Count => {
            "人数".to_owned()
        }
        _ => {
            let labels: Vec<String> = Reads::of(typed).labels.into_iter().collect();
            format!("由{}算出", labels.join("、"))
        }
    }
}
