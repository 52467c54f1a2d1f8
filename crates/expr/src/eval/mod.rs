//! 「求值」 Runs a program over a frame, chunk by chunk: about a thousand people
//! at a time, never half a household.

mod gather;
mod operate;
mod scene;
pub(crate) mod view;

pub(crate) use scene::{Binding, Chunk, Scene};

use crate::column::Column;
use crate::program::{Op, Plan, Program, Rank, RunError, Storage};
use crate::results::{OutputColumn, Results};
use crate::{Environment, Frame};
use kernel::Date;

/// People judged together: their values of a few hundred operations stay in
/// cache.
const PEOPLE: usize = 1_024;

/// A program with the memory to run it. Not shared between threads: give each
/// its own.
#[derive(Debug)]
pub struct Runner<'p> {
    program: &'p Program,
    plan: &'p Plan,
    people: usize,
    registers: Vec<Column>,
    binding: Binding,
    chunk: Chunk,
    /// The day for which scalars were computed.
    scalars_of: Option<Date>,
}

impl<'p> Runner<'p> {
    pub(crate) fn new(program: &'p Program) -> Runner<'p> {
        Runner::with_plan(program, &program.plan, PEOPLE)
    }

    pub(crate) fn with_plan(program: &'p Program, plan: &'p Plan, people: usize) -> Runner<'p> {
        let registers = plan.registers.iter().map(|storage| match storage {
            Storage::Truth => Column::Truth(Vec::new()),
            Storage::Number => Column::Number(Vec::new(), Vec::new()),
            Storage::Date => Column::Date(Vec::new(), Vec::new()),
            Storage::Code => Column::Code(Vec::new(), Vec::new()),
        });
        Runner {
            program,
            registers: registers.collect(),
            plan,
            people,
            binding: Binding::default(),
            chunk: Chunk::default(),
            scalars_of: None,
        }
    }

    /// Judges about this many people together (at least one household). Changes
    /// speed, never answers.
    pub fn chunk_of(mut self, people: usize) -> Runner<'p> {
        self.people = people.max(1);
        self
    }

    /// Judges every household of the frame; `results` is overwritten and keeps
    /// its memory.
    pub fn run(
        &mut self,
        frame: &Frame,
        environment: &Environment,
        results: &mut Results,
    ) -> Result<(), RunError> {
        self.prepare(frame, environment)?;
        self.empty(results);
        let households = frame.households();
        let mut next = 0;
        while next < households {
            self.chunk.set(frame, &self.binding, next, self.people);
            next = self.chunk.households.end;
            self.pass(frame, environment, false, Some(results));
        }
        Ok(())
    }

    /// Judges one household and nothing else; its values stay in the registers.
    pub(crate) fn focus(&mut self, frame: &Frame, environment: &Environment, household: usize) {
        let there = self.chunk.households == (household..household + 1);
        if !there && household < frame.households() {
            self.chunk.set(frame, &self.binding, household, 1);
            self.pass(frame, environment, false, None);
        }
    }

    pub(crate) fn prepare(
        &mut self,
        frame: &Frame,
        environment: &Environment,
    ) -> Result<(), RunError> {
        if !self.program.made_for(environment) {
            return Err(RunError::Environment);
        }
        let known = |region: &&u32| (**region as usize) >= environment.regions;
        if let Some(region) = frame.regions.iter().find(known) {
            return Err(RunError::Region(*region));
        }
        self.binding.bind(self.program, frame)?;
        if self.scalars_of != Some(environment.as_of) {
            self.chunk = Chunk::default();
            self.pass(frame, environment, true, None);
            self.scalars_of = Some(environment.as_of);
        }
        Ok(())
    }

    fn empty(&self, results: &mut Results) {
        let outputs = &self.program.outputs;
        let fitting = results.columns.len() == outputs.len()
            && results
                .columns
                .iter()
                .zip(outputs)
                .all(|(column, output)| column.ty == output.ty && column.level == output.level);
        if fitting {
            results.columns.iter_mut().for_each(|c| c.column.clear());
        } else {
            let columns = outputs.iter().map(|output| OutputColumn {
                level: output.level,
                ty: output.ty.clone(),
                column: Column::of(&output.ty),
            });
            results.columns = columns.collect();
        }
    }

    /// Computes the scalars, or everything else for the chunk at hand.
    fn pass(
        &mut self,
        frame: &Frame,
        environment: &Environment,
        scalars: bool,
        mut results: Option<&mut Results>,
    ) {
        for (place, node) in self.program.nodes.iter().enumerate() {
            if (node.rank == Rank::Scalar) == scalars
                && !matches!(node.op, Op::Fact(_) | Op::Field(..))
                && let crate::program::Place::Register(register) = self.plan.places[place]
            {
                let mut out = std::mem::take(&mut self.registers[register]);
                let scene = self.scene(frame, environment);
                if scene.is_single_parameter(node.op).is_none() {
                    scene.compute(node, &mut out);
                }
                self.registers[register] = out;
            }
            let Some(results) = results.as_deref_mut() else {
                continue;
            };
            for output in &self.plan.outputs_of[place] {
                let plan = &self.program.outputs[*output];
                let scene = self.scene(frame, environment);
                let rows = scene.chunk.rows(Rank::of(plan.level));
                scene.hand_out(plan.node, rows, &mut results.columns[*output].column);
            }
        }
    }

    pub(crate) fn scene<'a>(&'a self, frame: &'a Frame, environment: &'a Environment) -> Scene<'a> {
        Scene {
            program: self.program,
            plan: self.plan,
            frame,
            environment,
            binding: &self.binding,
            chunk: &self.chunk,
            registers: &self.registers,
        }
    }
}
