//! 「汇编」 Collects expressions into a program; equal operations become one node.

use super::{Named, Node, NodeId, Op, OutputPlan, Plan, Program, Rank, Storage};
use crate::Output;
use crate::eval::Codes;
use crate::frame::Layout;
use crate::schema::{FactDecl, ParameterDecl, RecordKind};
use crate::typed::Typed;
use crate::types::Level;
use kernel::Slug;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Collects expressions into a program. Facts, parameters and kinds of records
/// are the same when their ids are: give each its own id across all services.
#[derive(Debug, Default)]
pub struct ProgramBuilder {
    pub(super) nodes: Vec<Node>,
    known: HashMap<Op, NodeId>,
    pub(super) facts: Vec<Arc<FactDecl>>,
    pub(super) kinds: Vec<Arc<RecordKind>>,
    pub(super) parameters: Vec<Arc<ParameterDecl>>,
    /// Formulas compiled already, by address (kept alive by `kept`), with the
    /// names inside them.
    pub(super) formulas: HashMap<usize, (NodeId, Vec<Named>)>,
    pub(super) kept: Vec<Typed>,
    outputs: Vec<OutputPlan>,
    variant: Option<Variant>,
}

/// 「假设」 What follows is compiled with other parameters.
#[derive(Debug)]
struct Variant {
    number: usize,
    /// Which parameters differ; the others are those of the original.
    differing: BTreeSet<Slug>,
}

/// The id a parameter has within a variant of a program.
pub(crate) fn variant_id(id: &Slug, number: usize) -> Option<Slug> {
    format!("{id}__{number}").parse().ok()
}

impl ProgramBuilder {
    /// Nothing yet.
    pub fn new() -> ProgramBuilder {
        ProgramBuilder::default()
    }

    /// Adds an expression. Its output has one row per household, or per person
    /// when it was checked at [`Level::Person`].
    pub fn add(&mut self, typed: &Typed) -> Output {
        let mut names = Vec::new();
        let node = self.lower(typed.root(), &mut names, false);
        let (level, rank) = match typed.at() {
            Level::Person | Level::Record => (Level::Person, Rank::Person),
            Level::Constant | Level::Household => (Level::Household, Rank::Household),
        };
        let node = self.aligned(node, rank);
        self.outputs.push(OutputPlan {
            node,
            level,
            ty: typed.ty().clone(),
            names,
        });
        Output(self.outputs.len() - 1)
    }

    /// What is added from now on reads these parameters by other ids (see
    /// [`crate::Environment::set_variant`]), so that one program judges by the law as
    /// it is and by the law as it might be. What does not depend on them stays one
    /// operation.
    pub fn vary(&mut self, number: usize, differing: BTreeSet<Slug>) {
        self.variant = Some(Variant { number, differing });
        // Their formulas are other formulas now; equal operations are still found.
        self.formulas.clear();
    }

    /// The program.
    pub fn finish(self) -> Program {
        let outputs: Vec<NodeId> = self.outputs.iter().map(|output| output.node).collect();
        let plan = Plan::new(&self.nodes, &outputs, true);
        Program {
            codes: Codes::new(&self.nodes, &plan, &self.outputs, self.kinds.len()),
            plan,
            open_plan: Plan::new(&self.nodes, &outputs, false),
            nodes: self.nodes,
            outputs: self.outputs,
            layout: Arc::new(Layout::new(self.facts, self.kinds)),
            parameters: self.parameters.into(),
        }
    }

    /// The node doing this: the one there is, or a new one.
    pub(super) fn intern(&mut self, op: Op, storage: Storage) -> NodeId {
        if let Some(known) = self.known.get(&op) {
            return *known;
        }
        let rank = self.rank_of(&op);
        // Every node has at least one byte of source behind it, and sources are
        // far smaller than four gigabytes.
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { op, rank, storage });
        self.known.insert(op, id);
        id
    }

    pub(super) fn rank(&self, id: NodeId) -> Rank {
        self.nodes[id.place()].rank
    }

    fn rank_of(&self, op: &Op) -> Rank {
        match *op {
            Op::Constant(_) | Op::AsOf | Op::MonthsBefore(_) => Rank::Scalar,
            Op::Parameter(_) => Rank::Household,
            Op::Fact(place) => match self.facts[place].level {
                Level::Household => Rank::Household,
                _ => Rank::Person,
            },
            Op::Field(kind, _) => Rank::Record(kind),
            Op::Spread(_, rank) => rank,
            Op::Aggregate(gather) => match gather.over {
                Rank::Record(_) => Rank::Person,
                _ => Rank::Household,
            },
            _ => {
                let ranks = op.operands().map(|operand| self.rank(operand));
                ranks.max().unwrap_or(Rank::Scalar)
            }
        }
    }

    /// The same values with the rows of `rank` (scalars stay as they are).
    pub(super) fn aligned(&mut self, id: NodeId, rank: Rank) -> NodeId {
        let storage = self.nodes[id.place()].storage;
        let next = match (self.rank(id), rank) {
            (Rank::Scalar, _) => return id,
            (have, want) if have >= want => return id,
            (Rank::Household, _) => Rank::Person,
            (_, want) => want,
        };
        let spread = self.intern(Op::Spread(id, next), storage);
        self.aligned(spread, rank)
    }

    pub(super) fn fact(&mut self, decl: &Arc<FactDecl>) -> NodeId {
        let place = place_of(&mut self.facts, decl);
        self.intern(Op::Fact(place), Storage::of(&decl.ty))
    }

    pub(super) fn parameter(&mut self, decl: &Arc<ParameterDecl>) -> NodeId {
        let place = match self.varied(decl) {
            Some(varied) => place_of(&mut self.parameters, &varied),
            None => place_of(&mut self.parameters, decl),
        };
        self.intern(Op::Parameter(place), Storage::of(&decl.ty))
    }

    fn varied(&self, decl: &ParameterDecl) -> Option<Arc<ParameterDecl>> {
        let variant = self.variant.as_ref()?;
        let id = variant.differing.get(&decl.id)?;
        let id = variant_id(id, variant.number)?;
        Some(Arc::new(ParameterDecl { id, ..decl.clone() }))
    }

    pub(super) fn kind(&mut self, decl: &Arc<RecordKind>) -> usize {
        place_of(&mut self.kinds, decl)
    }
}

fn place_of<T: PartialEq>(all: &mut Vec<Arc<T>>, one: &Arc<T>) -> usize {
    match all.iter().position(|other| other == one) {
        Some(place) => place,
        None => {
            all.push(one.clone());
            all.len() - 1
        }
    }
}
