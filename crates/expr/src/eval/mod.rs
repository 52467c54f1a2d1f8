//! 「求值」 Runs a program over a frame, chunk by chunk: some thousand people
//! at a time, never half a household.

mod ages;
mod alone;
mod arithmetic;
mod gather;
mod lone;
mod operate;
mod rowwise;
mod scene;
mod sparse;
pub(crate) mod view;
mod wide;
pub(crate) mod width;

pub(crate) use lone::Codes;
pub(crate) use scene::{Binding, Chunk, Scene};
pub use wide::wide;

use self::ages::Ages;
use self::gather::Totals;
use self::lone::Lone;
use self::width::{State, UNKNOWN_WIDTH};
use crate::column::Column;
use crate::program::{Op, Place, Plan, Program, Rank, RunError, Step, Storage};
use crate::results::{OutputColumn, Results};
use crate::types::Level;
use crate::{Environment, Frame};
use kernel::Date;
use std::ops::Range;
use std::sync::Arc;

/// People judged together: enough that what an operation costs whatever its rows is
/// little of it, few enough that the values of some operations stay in cache.
const PEOPLE: usize = 4_096;

/// A program with the memory to run it. Not shared between threads: give each
/// its own.
#[derive(Debug)]
pub struct Runner<'p> {
    program: &'p Program,
    plan: &'p Plan,
    people: usize,
    /// All there, except the one being written.
    registers: Vec<Option<Box<Column>>>,
    /// What is known of each node.
    states: Vec<State>,
    totals: Totals,
    /// For households that are judged one at a time.
    lone: Lone,
    ages: Ages,
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
        let registers = registers.map(|column| Some(Box::new(column)));
        Runner {
            program,
            registers: registers.collect(),
            states: vec![State::default(); program.nodes.len()],
            totals: Totals::default(),
            lone: Lone::default(),
            ages: Ages::default(),
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
        let mut next = 0;
        while next < frame.households() {
            next = self.judge_from(next..frame.households(), frame, environment, results);
        }
        Ok(())
    }

    /// Judges the next households from `start`, none from `end` on, about as many as stay in cache, and
    /// returns them; `results` has their rows only. So the memory of a run stays that
    /// of one chunk, however large the frame.
    pub fn run_next(
        &mut self,
        frame: &Frame,
        environment: &Environment,
        start: usize,
        end: usize,
        results: &mut Results,
    ) -> Result<Range<usize>, RunError> {
        self.prepare(frame, environment)?;
        self.empty(results);
        let end = end.min(frame.households());
        if start >= end {
            return Ok(start..start);
        }
        let end = self.judge_from(start..end, frame, environment, results);
        Ok(start..end)
    }

    fn judge_from(
        &mut self,
        from: Range<usize>,
        frame: &Frame,
        environment: &Environment,
        results: &mut Results,
    ) -> usize {
        self.chunk.set(frame, &self.binding, from, self.people);
        let end = self.chunk.households.end;
        if Lone::takes(&self.chunk) {
            let columns = (frame, &self.binding, &self.chunk);
            let (codes, given) = (&self.program.codes, (environment, &self.ages));
            self.lone.judge(codes, columns, given, results);
            // The registers hold nothing of this household.
            self.chunk.households = 0..0;
            return end;
        }
        self.look_at_inputs(frame, environment);
        self.pass(&self.plan.steps, frame, environment);
        self.hand_out(frame, environment, results);
        end
    }

    /// Judges one household and nothing else; its values stay in the registers.
    pub(crate) fn focus(&mut self, frame: &Frame, environment: &Environment, household: usize) {
        let there = self.chunk.households == (household..household + 1);
        if !there && household < frame.households() {
            self.chunk
                .set(frame, &self.binding, household..household + 1, 1);
            self.look_at_inputs(frame, environment);
            self.pass(&self.plan.steps, frame, environment);
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
        if frame.region_max as usize >= environment.regions && frame.households() > 0 {
            return Err(RunError::Region(frame.region_max));
        }
        self.binding.bind(self.program, frame)?;
        if self.scalars_of != Some(environment.as_of) {
            self.chunk = Chunk::default();
            self.ages = Ages::on(environment.as_of);
            self.pass(&self.plan.scalars, frame, environment);
            self.scalars_of = Some(environment.as_of);
        }
        Ok(())
    }

    fn empty(&self, results: &mut Results) {
        let outputs = &self.program.outputs;
        let layout = self.program.layout();
        let fitting = results.made_for.as_ptr() == Arc::as_ptr(layout);
        if fitting {
            results.columns.iter_mut().for_each(|c| c.column.clear());
        } else {
            let columns = outputs.iter().map(|output| OutputColumn {
                level: output.level,
                ty: output.ty.clone(),
                column: Column::of(&output.ty),
            });
            results.columns = columns.collect();
            results.made_for = Arc::downgrade(layout);
        }
    }

    /// Computes nodes, for the chunk at hand.
    fn pass(&mut self, steps: &'p [Step], frame: &Frame, environment: &Environment) {
        let mut totals = std::mem::take(&mut self.totals);
        for step in steps {
            // Read straight from the only region.
            if environment.regions == 1 && matches!(step.node.op, Op::Parameter(_)) {
                continue;
            }
            // Taken out while it is written, so that the others can be read.
            let Some(mut out) = self.registers[step.register].take() else {
                continue;
            };
            let scene = self.scene(frame, environment);
            let state = scene.compute(step, &mut out, &mut totals);
            self.states[step.id.place()] = state;
            self.registers[step.register] = Some(out);
        }
        self.totals = totals;
    }

    /// What is known of what is given. Facts that are alike for all of a chunk are not
    /// computed with row by row: most people have no business, no shares, no certificate.
    fn look_at_inputs(&mut self, frame: &Frame, environment: &Environment) {
        for (place, node) in self.plan.places.iter().zip(&mut self.states) {
            match *place {
                Place::Register(_) => {}
                Place::Parameter(parameter, _) => {
                    let column = environment.values.get(parameter);
                    let column = column.filter(|_| environment.regions == 1);
                    *node = State {
                        uniform: column.is_some(),
                        faulty: false,
                        width: column.map_or(UNKNOWN_WIDTH, |column| column.width_at(0)),
                    };
                }
                Place::Fact(fact) => {
                    let found = self.binding.facts.get(fact);
                    let (Some(found), Some(decl)) =
                        (found, self.program.layout().facts().get(fact))
                    else {
                        continue;
                    };
                    let rows = match decl.level {
                        Level::Household => self.chunk.households.clone(),
                        _ => self.chunk.persons.clone(),
                    };
                    let column = frame.facts.get(*found);
                    let few = frame.few.get(*found).and_then(Option::as_ref);
                    let uniform = match few.map(|few| few.within(rows.clone()).len()) {
                        Some(0) => !rows.is_empty(),
                        Some(some) if some < rows.len() => false,
                        _ => column.is_some_and(|column| column.is_uniform_in(rows)),
                    };
                    *node = State {
                        uniform,
                        faulty: false,
                        width: frame.widths.get(*found).copied().unwrap_or(UNKNOWN_WIDTH),
                    };
                }
                Place::Field(kind, field) => {
                    let kind = self.binding.kinds.get(kind);
                    let records = kind.and_then(|kind| frame.records.get(*kind));
                    let width = records.and_then(|records| records.widths.get(field));
                    *node = State {
                        uniform: false,
                        faulty: false,
                        width: width.copied().unwrap_or(UNKNOWN_WIDTH),
                    };
                }
            }
        }
    }

    fn hand_out(&self, frame: &Frame, environment: &Environment, results: &mut Results) {
        let scene = self.scene(frame, environment);
        for (output, to) in self.program.outputs.iter().zip(&mut results.columns) {
            let rows = scene.chunk.rows(Rank::of(output.level));
            scene.hand_out(output.node, rows, &mut to.column);
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
            states: &self.states,
            ages: &self.ages,
        }
    }
}
