//! 「用例」 Use cases: authorise → load → decide → save. Composes the engines;
//! owns the order of things, no rule of its own. Absent on purpose: HTML, SQL
//! text, and the wall clock.

pub mod import;
pub mod signing;
