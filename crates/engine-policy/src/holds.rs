//! 「只在这时」 Whether a condition that belongs to no benefit holds of a household:
//! a question of a form that is only asked then.

use crate::compile::{Judge, environment};
use crate::household::Household;
use crate::judge::{JudgeError, push_household};
use expr::{Frame, Level, ProgramBuilder, Typed};
use kernel::{Date, Truth};

impl Judge {
    /// One truth per member for a condition about persons, else one.
    ///
    /// # Errors
    /// As [`Judge::judge_all`].
    pub fn holds(
        &self,
        condition: &Typed,
        household: &Household,
        day: Date,
    ) -> Result<Vec<Truth>, JudgeError> {
        let mut builder = ProgramBuilder::new();
        let output = builder.add(condition);
        let program = builder.finish();
        let mut frame = Frame::new(program.layout().clone());
        push_household(&mut frame, household, 0)?;
        let environment = environment(&program, &self.book, &[household.region], day);
        let trace = program.trace(&frame, &environment)?;
        let rows = match condition.at() {
            Level::Person => household.members.len(),
            _ => 1,
        };
        Ok((0..rows)
            .map(|row| trace.cell(output, row).truth())
            .collect())
    }
}
