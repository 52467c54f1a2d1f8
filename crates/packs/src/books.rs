//! 「账本」 The books of a pack: people's own accounts and funds.

use crate::model::Pack;
use engine_ledger::BookType;
use std::sync::Arc;

impl Pack {
    /// All books, in the order of the files.
    pub fn books(&self) -> &[Arc<BookType>] {
        &self.books
    }

    /// A book by id.
    pub fn book(&self, id: &str) -> Option<&Arc<BookType>> {
        self.books.iter().find(|one| one.id.as_str() == id)
    }
}
