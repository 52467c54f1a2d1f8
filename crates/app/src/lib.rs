//! 「用例」 Use cases: authorise → load → decide → save. Composes the engines;
//! owns the order of things, no rule of its own. Absent on purpose: HTML, SQL
//! text, and the wall clock (the binary owns it).

mod access;
mod context;
mod error;
mod examples;
pub mod facts;
pub mod import;
pub mod signing;
pub mod verify;

pub use context::Context;
pub use error::{AppError, Refused, Result};
pub use examples::{Tried, try_examples};

use kernel::{Clock, Now};
use std::sync::Arc;
use store::Db;

/// The house, open for business. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) db: Db,
    clock: Arc<dyn Clock>,
}

impl App {
    /// Opens the house over a database.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> App {
        App { db, clock }
    }

    /// The moment of this action.
    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// The database, for verifying and backing up as a whole.
    pub fn db(&self) -> &Db {
        &self.db
    }
}
