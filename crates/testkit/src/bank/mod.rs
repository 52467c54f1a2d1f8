//! 「银行模拟器」 A bank over HTTP: takes files once by their digest, pays each line
//! once by its reference, answers when asked, and misbehaves as told. It keeps its
//! books in one file and knows them after its own restart. Signed both ways.
//!
//! - `POST /files`: body `NX-PAY-1`. 200 received (also when it has it already),
//!   409 another file under the same reference, 422 refused whole.
//! - `GET /files/{reference}`: where it stands; 404 it never had it.
//! - `GET /files/{reference}/replies/{number}`: `NX-REPLY-1`, numbers from 1; 404
//!   while it is still at it.
//! - `GET /files/{reference}/lines`: the bank's books, line by line.
//! - `GET /treasury/{payer}/{reference}`: what left the account and came back.

mod books;
mod manners;
mod server;

pub use manners::{Manners, MannersError, Spoil};
pub use server::{Bank, open};
