//! 「结果」 One column per output.

use crate::Cell;
use crate::column::{Column, ColumnView};
use crate::frame::Layout;
use crate::program::Output;
use crate::types::{Level, Type};
use kernel::Truth;
use std::sync::Weak;

/// The outputs of a run.
#[derive(Clone, Debug, Default)]
pub struct Results {
    pub(crate) columns: Vec<OutputColumn>,
    /// The layout of the program whose outputs the columns are.
    pub(crate) made_for: Weak<Layout>,
}

/// One output's values.
#[derive(Clone, Debug)]
pub struct OutputColumn {
    pub(crate) level: Level,
    pub(crate) ty: Type,
    pub(crate) column: Column,
}

impl Results {
    /// An output's column.
    pub fn column(&self, output: Output) -> Option<&OutputColumn> {
        self.columns.get(output.0)
    }

    /// All outputs, in the order they were added to the program.
    pub fn outputs(&self) -> impl Iterator<Item = &OutputColumn> {
        self.columns.iter()
    }

    /// An output's cell; missing beyond the rows.
    pub fn cell(&self, output: Output, row: usize) -> Cell {
        self.column(output)
            .map_or(Cell::Missing, |column| column.cell(row))
    }

    /// An output's truth; undetermined beyond the rows.
    pub fn truth(&self, output: Output, row: usize) -> Truth {
        self.cell(output, row).truth()
    }
}

impl OutputColumn {
    /// Whether rows are households or persons.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The column as it lies.
    pub fn view(&self) -> ColumnView<'_> {
        self.column.view()
    }

    /// The type.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.column.len()
    }

    /// A row's cell; missing beyond the rows.
    pub fn cell(&self, row: usize) -> Cell {
        self.column.cell(row, &self.ty)
    }

    /// For Bool: one byte per row, 1 true, 2 false, 0 undetermined, 4
    /// undetermined by a fault.
    pub fn truths(&self) -> Option<&[u8]> {
        match &self.column {
            Column::Truth(truths) => Some(truths),
            _ => None,
        }
    }

    /// For numbers: digits (at [`Type::scale`]) and gap bytes (0 known, 1
    /// missing, 2 or 3 fault; the digits of a gap are 0).
    pub fn numbers(&self) -> Option<(&[i64], &[u8])> {
        match &self.column {
            Column::Number(values, gaps) => Some((values, gaps)),
            _ => None,
        }
    }
}
