//! 「程序」 All expressions compiled together: equal parts are one node, computed
//! once. Nodes lie in order of computation.

mod build;
mod listing;
mod lower;
mod node;
mod plan;
mod sql;

pub use build::ProgramBuilder;
pub(crate) use build::variant_id;
pub use listing::Listing;
pub(crate) use node::{Comparison, Constant, Gather, Node, NodeId, Op, Rank, Storage};
pub(crate) use plan::{Place, Plan, Step};
pub use sql::{Sql, SqlDialect, SqlError, SqlStep};

use crate::Environment;
use crate::eval::{Codes, Runner};
use crate::frame::{Frame, Layout};
use crate::results::Results;
use crate::schema::ParameterDecl;
use crate::trace::{NameKind, Trace};
use crate::types::{Level, Type};
use kernel::{Date, Slug};
use std::sync::Arc;

/// An expression's result within a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Output(pub(crate) usize);

/// Compiled expressions. Immutable; run it from as many threads as you like.
#[derive(Debug)]
pub struct Program {
    pub(crate) nodes: Vec<Node>,
    pub(crate) outputs: Vec<OutputPlan>,
    pub(crate) plan: Plan,
    /// The same for households judged one at a time.
    pub(crate) codes: Codes,
    /// A register for every node, to look into afterwards.
    pub(crate) open_plan: Plan,
    layout: Arc<Layout>,
    parameters: Arc<[Arc<ParameterDecl>]>,
}

/// What an output shows.
#[derive(Debug)]
pub(crate) struct OutputPlan {
    pub(crate) node: NodeId,
    pub(crate) level: Level,
    pub(crate) ty: Type,
    /// The names it mentions, outermost first.
    pub(crate) names: Vec<Named>,
}

/// A named node within an output.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) kind: NameKind,
    pub(crate) id: Slug,
    pub(crate) label: String,
    pub(crate) ty: Type,
    pub(crate) node: NodeId,
    /// Within an aggregate over members: all members' values were used.
    pub(crate) of_all: bool,
}

/// Why a program cannot run on a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The frame lacks a fact's column, or has it with another type or level.
    #[error("数据帧缺少事实“{0}”，或者类型不同")]
    Fact(Slug),
    /// The frame lacks a kind of records, or has it with other fields.
    #[error("数据帧缺少记录“{0}”，或者字段不同")]
    Records(Slug),
    /// The environment was made for another program.
    #[error("参数表不是为这个程序准备的")]
    Environment,
    /// A household names a region the environment does not have.
    #[error("数据帧里有参数表没有的地区（第 {0} 个）")]
    Region(u32),
}

impl Program {
    /// The columns it reads.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// The parameters it reads.
    pub fn parameters(&self) -> &[Arc<ParameterDecl>] {
        &self.parameters
    }

    /// How many operations it has, inputs among them (each is done once however
    /// many expressions need it).
    pub fn operations(&self) -> usize {
        self.nodes.len()
    }

    /// What it computes, for whoever wants to compute it another way.
    pub fn listing(&self) -> Listing<'_> {
        Listing::new(self)
    }

    /// An environment for it with all parameters missing.
    pub fn environment(&self, as_of: Date, regions: usize) -> Environment {
        Environment::new(as_of, regions, self.parameters.clone())
    }

    /// Judges every household of the frame. To judge many frames one after the
    /// other, keep a [`Runner`] and its memory.
    pub fn run(&self, frame: &Frame, environment: &Environment) -> Result<Results, RunError> {
        let mut results = Results::default();
        self.runner().run(frame, environment, &mut results)?;
        Ok(results)
    }

    /// Something to run it with, again and again.
    pub fn runner(&self) -> Runner<'_> {
        Runner::new(self)
    }

    /// Something to ask why, household by household.
    pub fn trace<'a>(
        &'a self,
        frame: &'a Frame,
        environment: &'a Environment,
    ) -> Result<Trace<'a>, RunError> {
        Trace::new(self, frame, environment)
    }

    pub(crate) fn node(&self, id: NodeId) -> Node {
        self.nodes[id.place()]
    }

    pub(crate) fn made_for(&self, environment: &Environment) -> bool {
        Arc::ptr_eq(&self.parameters, &environment.decls)
    }
}
