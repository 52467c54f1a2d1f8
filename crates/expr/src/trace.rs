//! 「说明」 Why an output is what it is: the named values it used, and which
//! missing facts keep it undetermined.

use crate::ast::AggregateOp;
use crate::column::{FALSE, TRUE};
use crate::eval::view::gap_of_truth;
use crate::eval::{Runner, Scene};
use crate::program::{Gather, NodeId, Op, Output, OutputPlan, Program, Rank, RunError, Storage};
use crate::types::{Level, Type};
use crate::{Cell, Environment, Frame};
use kernel::Slug;
use std::cell::RefCell;
use std::collections::HashSet;

/// Looks into the judging of single households of a frame: whichever household
/// is asked about is judged again, keeping every intermediate value. Costs
/// microseconds per household asked about, however large the frame.
#[derive(Debug)]
pub struct Trace<'a> {
    program: &'a Program,
    frame: &'a Frame,
    environment: &'a Environment,
    runner: RefCell<Runner<'a>>,
}

/// Whom a value is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// A household row of the frame.
    Household(usize),
    /// A person row of the frame.
    Person(usize),
    /// A record row of a kind, and its person's row.
    Record {
        /// The kind.
        kind: Slug,
        /// The record's row in the frame.
        record: usize,
        /// Its person's row.
        person: usize,
    },
}

/// What kind of name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A base fact.
    Fact,
    /// A derived fact.
    Derived,
    /// A parameter.
    Parameter,
    /// Another service's verdict.
    Verdict,
}

/// A named value an output used.
#[derive(Clone, Debug)]
pub struct Used {
    /// The declaration's id.
    pub id: Slug,
    /// Its Chinese name.
    pub label: String,
    /// What kind of name.
    pub kind: NameKind,
    /// The type.
    pub ty: Type,
    /// Whom it is about.
    pub row: Row,
    /// The value.
    pub cell: Cell,
}

/// Something that keeps an output undetermined.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MissingLeaf {
    /// What is missing.
    pub what: Missing,
    /// Whom it is about.
    pub row: Row,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Missing {
    /// A base fact.
    Fact(Slug),
    /// A field of a record that is known to exist.
    Field(Slug),
    /// Whether there are (more) records of a kind: nobody answered.
    Records(Slug),
    /// A parameter has no value for this region on this day.
    Parameter(Slug),
    /// Nothing is missing, but a least or greatest was asked of none.
    Empty,
    /// Nothing is missing, but an age was asked before birth.
    BeforeBirth,
}

impl<'a> Trace<'a> {
    pub(crate) fn new(
        program: &'a Program,
        frame: &'a Frame,
        environment: &'a Environment,
    ) -> Result<Trace<'a>, RunError> {
        let mut runner = Runner::with_plan(program, &program.open_plan, 1);
        runner.prepare(frame, environment)?;
        Ok(Trace {
            program,
            frame,
            environment,
            runner: RefCell::new(runner),
        })
    }

    /// An output's cell; missing beyond the rows.
    pub fn cell(&self, output: Output, row: usize) -> Cell {
        let found = self.look(output, row, |scene, plan, row| {
            scene.cell(plan.node, row, &plan.ty)
        });
        found.unwrap_or(Cell::Missing)
    }

    /// The named values an output's row used: derived facts before what they are
    /// made of, each name once per row it is about. Fields of records are not
    /// listed.
    pub fn used(&self, output: Output, row: usize) -> Vec<Used> {
        let found = self.look(output, row, used);
        found.unwrap_or_default()
    }

    /// What keeps an output's row undetermined; empty when it is known or when
    /// arithmetic failed. Only what still matters: not the unknown side of an
    /// `and` whose other side is false.
    pub fn missing_leaves(&self, output: Output, row: usize) -> Vec<MissingLeaf> {
        let found = self.look(output, row, |scene, plan, row| {
            let mut search = Search {
                scene,
                seen: HashSet::new(),
                found: Vec::new(),
            };
            search.look(plan.node, row);
            search.found
        });
        found.unwrap_or_default()
    }

    /// Judges the household of an output's row, and shows it; the row given is
    /// counted from the household's first. `None` beyond the rows.
    fn look<T>(
        &self,
        output: Output,
        row: usize,
        show: impl FnOnce(Scene<'_>, &OutputPlan, usize) -> T,
    ) -> Option<T> {
        let plan = self.program.outputs.get(output.0)?;
        let (household, within) = match plan.level {
            Level::Person | Level::Record => {
                let household = self.frame.household_of(row);
                (
                    household,
                    row - self.frame.members_of(household).start.min(row),
                )
            }
            Level::Constant | Level::Household => (household_row(self.frame, row)?, 0),
        };
        if plan.level == Level::Person && row >= self.frame.persons() {
            return None;
        }
        let mut runner = self.runner.borrow_mut();
        runner.focus(self.frame, self.environment, household);
        let scene = runner.scene(self.frame, self.environment);
        Some(show(scene, plan, within))
    }
}

fn household_row(frame: &Frame, row: usize) -> Option<usize> {
    (row < frame.households()).then_some(row)
}

fn used(scene: Scene<'_>, plan: &OutputPlan, row: usize) -> Vec<Used> {
    let mut found = Vec::new();
    for name in &plan.names {
        let rank = scene.program.node(name.node).rank;
        let rows = match rank {
            Rank::Person if name.of_all || Rank::of(plan.level) == Rank::Household => {
                0..scene.chunk.rows(Rank::Person)
            }
            Rank::Person => row..row + 1,
            Rank::Scalar | Rank::Household => 0..1,
            Rank::Record(_) => 0..0,
        };
        for row in rows {
            found.push(Used {
                id: name.id.clone(),
                label: name.label.clone(),
                kind: name.kind,
                ty: name.ty.clone(),
                row: about(scene, rank, row),
                cell: scene.cell(name.node, row, &name.ty),
            });
        }
    }
    found
}

/// Whom a row, counted from the household's first, is about.
fn about(scene: Scene<'_>, rank: Rank, row: usize) -> Row {
    let place = scene.chunk.range(rank).start + row;
    match rank {
        Rank::Scalar | Rank::Household => Row::Household(scene.chunk.households.start),
        Rank::Person => Row::Person(place),
        Rank::Record(kind) => Row::Record {
            kind: scene.program.layout().kinds()[kind].id.clone(),
            record: place,
            person: scene.chunk.persons.start + person_of(scene, kind, row),
        },
    }
}

/// The person a record belongs to, both counted from the household's first.
fn person_of(scene: Scene<'_>, kind: usize, record: usize) -> usize {
    let mut ranges = scene.segments(Rank::Record(kind)).ranges();
    ranges
        .position(|range| range.contains(&record))
        .unwrap_or(0)
}

/// A walk down from an undetermined value to what is responsible.
struct Search<'s> {
    scene: Scene<'s>,
    seen: HashSet<(NodeId, usize)>,
    found: Vec<MissingLeaf>,
}

impl Search<'_> {
    /// A cell's gap byte, 0 when known.
    fn gap(&self, id: NodeId, row: usize) -> u8 {
        match self.scene.program.node(id).storage {
            Storage::Truth => gap_of_truth(self.scene.truths(id).at(row)),
            Storage::Number => self.scene.numbers(id).at(row).1,
            Storage::Date => self.scene.dates(id).at(row).1,
            Storage::Code => self.scene.codes(id).at(row).1,
        }
    }

    /// Walks down from a cell, if it is a gap and was not visited yet.
    fn look(&mut self, id: NodeId, row: usize) {
        if self.gap(id, row) == 0 || !self.seen.insert((id, row)) {
            return;
        }
        let program = self.scene.program;
        let node = program.node(id);
        match node.op {
            Op::Fact(place) => {
                let fact = program.layout().facts()[place].id.clone();
                self.leaf(Missing::Fact(fact), node.rank, row);
            }
            Op::Field(kind, field) => {
                let fields = &program.layout().kinds()[kind].fields;
                let field = fields[field].id.clone();
                self.leaf(Missing::Field(field), node.rank, row);
            }
            Op::Parameter(place) => {
                let parameter = program.parameters()[place].id.clone();
                self.leaf(Missing::Parameter(parameter), node.rank, row);
            }
            Op::Spread(x, rank) => {
                let coarser = self.coarser(rank, row);
                self.look(x, coarser);
            }
            Op::If(c, a, b) => self.look_choice((c, a, b), row),
            Op::Aggregate(gather) => self.look_aggregate(&gather, row),
            op => {
                // Any gap among the operands matters: an `and` with a gap has no
                // false side, an `or` no true one.
                let gaps = op.operands().filter(|x| self.gap(*x, row) != 0);
                let gaps: Vec<NodeId> = gaps.collect();
                if gaps.is_empty() && matches!(op, Op::Dates(..)) {
                    self.leaf(Missing::BeforeBirth, node.rank, row);
                }
                for operand in gaps {
                    self.look(operand, row);
                }
            }
        }
    }

    fn look_choice(&mut self, (c, a, b): (NodeId, NodeId, NodeId), row: usize) {
        match self.scene.truths(c).at(row) {
            TRUE => self.look(a, row),
            FALSE => self.look(b, row),
            _ => {
                self.look(c, row);
                self.look(a, row);
                self.look(b, row);
            }
        }
    }

    fn look_aggregate(&mut self, gather: &Gather, row: usize) {
        let before = self.found.len();
        if let Rank::Record(kind) = gather.over {
            let records = self.scene.records(kind);
            let person = self.scene.chunk.persons.start + row;
            let gap = records.and_then(|records| records.gaps.get(person).copied());
            if gap != Some(0) {
                let id = self.scene.program.layout().kinds()[kind].id.clone();
                self.leaf(Missing::Records(id), Rank::Person, row);
            }
        }
        let mut contributing = false;
        for member in self.scene.segments(gather.over).range(row) {
            let filter = gather.filter;
            match filter.map_or(TRUE, |filter| self.scene.truths(filter).at(member)) {
                FALSE => continue,
                TRUE => contributing = true,
                _ => {
                    contributing = true;
                    if gather.op == AggregateOp::Sum && self.is_zero(gather.value, member) {
                        continue;
                    }
                    filter
                        .into_iter()
                        .for_each(|filter| self.look(filter, member));
                }
            }
            gather
                .value
                .into_iter()
                .for_each(|value| self.look(value, member));
        }
        let extreme = matches!(gather.op, AggregateOp::Min | AggregateOp::Max);
        if extreme && !contributing && self.found.len() == before {
            let rank = match gather.over {
                Rank::Record(_) => Rank::Person,
                _ => Rank::Household,
            };
            self.leaf(Missing::Empty, rank, row);
        }
    }

    fn is_zero(&self, value: Option<NodeId>, row: usize) -> bool {
        value.is_some_and(|value| self.scene.numbers(value).at(row) == (0, 0))
    }

    /// The row of the next coarser rank a row belongs to. There is only one
    /// household.
    fn coarser(&self, rank: Rank, row: usize) -> usize {
        match rank {
            Rank::Record(kind) => person_of(self.scene, kind, row),
            _ => 0,
        }
    }

    fn leaf(&mut self, what: Missing, rank: Rank, row: usize) {
        let row = about(self.scene, rank, row);
        let leaf = MissingLeaf { what, row };
        if !self.found.contains(&leaf) {
            self.found.push(leaf);
        }
    }
}
