//! 「说明」 Why an output is what it is: the named values it used, and which
//! missing facts keep it undetermined.

use crate::program::{Output, Program};
use crate::types::Type;
use crate::{Cell, Environment, Frame};
use kernel::Slug;

/// Every intermediate value of a run.
#[derive(Debug)]
pub struct Trace<'a> {
    _program: &'a Program,
    _frame: &'a Frame,
    _environment: &'a Environment,
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

impl Trace<'_> {
    /// An output's cell.
    pub fn cell(&self, _output: Output, _row: usize) -> Cell {
        Cell::Missing
    }

    /// The named values an output's row used: derived facts before what they are
    /// made of, each name once per row it is about.
    pub fn used(&self, _output: Output, _row: usize) -> Vec<Used> {
        Vec::new()
    }

    /// What keeps an output's row undetermined; empty when it is known. Only
    /// what still matters: not the unknown side of an `and` whose other side is
    /// false.
    pub fn missing_leaves(&self, _output: Output, _row: usize) -> Vec<MissingLeaf> {
        Vec::new()
    }
}
