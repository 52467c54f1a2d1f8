//! 「程序」 All expressions compiled together: equal parts are one node, computed
//! once.

use crate::Environment;
use crate::frame::{Frame, Layout};
use crate::results::Results;
use crate::schema::ParameterDecl;
use crate::trace::Trace;
use crate::typed::Typed;
use kernel::{Date, Slug};
use std::sync::Arc;

/// An expression's result within a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Output(pub(crate) usize);

/// Collects expressions into a program.
#[derive(Debug, Default)]
pub struct ProgramBuilder {}

impl ProgramBuilder {
    /// Nothing yet.
    pub fn new() -> ProgramBuilder {
        ProgramBuilder::default()
    }

    /// Adds an expression. Its output has one row per household, or per person
    /// when it was checked at [`crate::Level::Person`].
    pub fn add(&mut self, _typed: &Typed) -> Output {
        Output(0)
    }

    /// The program.
    pub fn finish(self) -> Program {
        Program {
            layout: Arc::default(),
            parameters: Arc::new([]),
        }
    }
}

/// Compiled expressions.
#[derive(Debug)]
pub struct Program {
    layout: Arc<Layout>,
    parameters: Arc<[Arc<ParameterDecl>]>,
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

    /// An environment for it with all parameters missing.
    pub fn environment(&self, as_of: Date, regions: usize) -> Environment {
        Environment::new(as_of, regions, self.parameters.clone())
    }

    /// Judges every household of the frame.
    pub fn run(&self, _frame: &Frame, _environment: &Environment) -> Result<Results, RunError> {
        Err(RunError::Environment)
    }

    /// Judges every household of the frame and keeps every intermediate value,
    /// for explanations. Meant for few households.
    pub fn trace<'a>(
        &'a self,
        _frame: &'a Frame,
        _environment: &'a Environment,
    ) -> Result<Trace<'a>, RunError> {
        Err(RunError::Environment)
    }
}
