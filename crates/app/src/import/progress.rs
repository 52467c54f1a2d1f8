//! 「进度」 How far the house came with the file it takes in now: rows read, rows kept.
//! Figures for whoever waits at the terminal; what is kept is in the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Figures of one file, moved by the reading and the keeping of it.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Figures>);

#[derive(Debug, Default)]
struct Figures {
    rows: AtomicU64,
    read: AtomicU64,
    kept: AtomicU64,
}

/// Two files are the same whoever watches them.
impl PartialEq for Progress {
    fn eq(&self, _: &Progress) -> bool {
        true
    }
}

impl Eq for Progress {}

impl Progress {
    /// Rows of the file, read so far, kept so far; nothing under way: zero rows.
    pub fn figures(&self) -> (u64, u64, u64) {
        let Figures { rows, read, kept } = &*self.0;
        (rows.load(Relaxed), read.load(Relaxed), kept.load(Relaxed))
    }

    pub(super) fn begin(&self, rows: u64) {
        self.0.read.store(0, Relaxed);
        self.0.kept.store(0, Relaxed);
        self.0.rows.store(rows, Relaxed);
    }

    /// A row was read; the second reading of a file counts no further.
    pub(super) fn read(&self, rows: u64) {
        self.0.read.fetch_max(rows, Relaxed);
    }

    pub(super) fn keep(&self, rows: u64) {
        self.0.kept.fetch_add(rows, Relaxed);
    }
}
