//! 「评估表」 The sheets of a pack as the rest of the house sees them, with what they
//! must give.

use crate::model::Pack;
use crate::place::Spot;
use engine_assessment::{Answers, Given, Points, Sheet};

impl Pack {
    /// All sheets, in the order of the files.
    pub fn sheets(&self) -> &[SheetEntry] {
        &self.sheets
    }

    /// A sheet by id.
    pub fn sheet(&self, id: &str) -> Option<&Sheet> {
        let found = self.sheets.iter().find(|one| one.sheet.id.as_str() == id);
        found.map(|one| &one.sheet)
    }
}

/// A sheet with its examples.
#[derive(Clone, Debug)]
pub struct SheetEntry {
    /// The sheet, proven.
    pub sheet: Sheet,
    /// What it must give.
    pub examples: Vec<SheetExample>,
    /// Where it is written.
    pub at: Spot,
}

/// An example of a sheet.
#[derive(Clone, Debug)]
pub struct SheetExample {
    /// What it is about.
    pub title: String,
    /// Every answer.
    pub answers: Answers,
    /// Figures from earlier assessments.
    pub given: Given,
    /// The score expected.
    pub score: Points,
    /// The grade expected, counted from the best.
    pub grade: usize,
    /// Where it is written.
    pub at: Spot,
}
