//! 「文书」 Papers for people to take home: notices, decisions, applications and the
//! statement, printed once and kept as bytes, so that the same paper asked for
//! again is the same bytes after any upgrade. Each carries a code a stranger can
//! check it by. Absent on purpose: how it is typeset (the papers room).

mod about;
mod check;
mod checked;
mod content;
mod give;

#[cfg(test)]
pub(crate) mod tests;

pub use about::PaperOffer;
pub(crate) use about::offers;
pub use check::{Checked, Standing, code_of};
pub(crate) use give::new_code;
pub use give::{PaperAddress, Printed};
pub use store::digest_hex as digest;
