//! 「文书」 Papers as PDF: what stands on them in, bytes out. The same input gives
//! the same bytes, on every machine: the letters come with the crate. A character
//! they lack is named and nothing is printed; a paper never has an empty box where
//! a name should be. Absent on purpose: what a paper says (packs and app), whether
//! it may be had (engine-access), keeping it (store).

mod desk;
mod letters;
mod model;
mod print;
mod square;

#[cfg(test)]
mod tests;

pub use letters::Letters;
pub use model::{Body, Check, Decision, Form, Group, Head, Notice, Paper, Row, Statement};
pub use print::{Fault, print};
pub use square::{square, square_svg};
