//! 「评估」 Assessments: a sheet of questions is filled in, counted, put into a band
//! and becomes a grade. Ability of old people, care grades, ratings of institutions,
//! credit scores and inspections on the spot are all of this one shape; which, is said
//! by the sheet ([`Sheet`]), which a pack writes.
//!
//! Refuses: a grade without the sheet's version; a sheet with an answer missing
//! (missing is never zero; a skipped question says what it counts); an answer the sheet
//! does not have; points taken off without evidence where the sheet asks for it; an
//! assessor who is the subject, its near relative or conflicted; two assessors who are
//! one person; a grade while assessors differ; a grade confirmed by its assessor; an
//! override without reason and second person; an appeal looked at by the first
//! assessors; a draw without a recorded seed, a second draw of the same list, a list
//! changed after it is frozen; a finding closed without proof.
//!
//! Absent on purpose: the rule language (docs/decisions/0350: sums, shares, bands and
//! tables are enough, and are proven to be total), randomness (a seed is given and
//! recorded), and what a grade is good for; the room that asks knows.

mod command;
mod config;
mod decide;
mod draw;
mod mend;
mod model;
mod points;
mod prove;
mod rank;
mod refusal;
mod score;

#[cfg(test)]
mod tests;

pub use command::{Command, Known};
pub use config::{
    About, Adjust, Atom, Band, Evidence, Grading, Matrix, Measure, Question, Range, Section,
    Settle, Sheet, Shift, Sortition, Take, Test, Value,
};
pub use decide::decide;
pub use draw::{
    DrawCommand, DrawEvent, DrawList, Inspector, Lot, Pick, decide_draw, draw_key, redraw,
};
pub use mend::{Mending, MendingState};
pub use model::{
    Answer, Answers, Appeal, Assessment, Certificate, Confirmed, Event, Fill, Opened, Overriding,
    Phase, SheetRef, Signed, Stamp, Subject,
};
pub use points::Points;
pub use prove::{SheetFault, prove};
pub use rank::{Place, rank};
pub use refusal::Refusal;
pub use score::{Applied, Given, Outcome, asked, grade, missing};
