//! 「摘要」 Bytes hashed while they are read: one reading tells the rows and whether
//! they are the bytes the slip speaks of.

use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{self, Read};
use std::rc::Rc;

/// The hash of what was read so far, shared with whoever asks in the end.
#[derive(Clone, Default)]
pub(super) struct Seen(Rc<RefCell<Sha256>>);

impl Seen {
    /// SHA-256 of everything read, 64 hexadecimal digits.
    pub(super) fn digest(&self) -> String {
        let bytes = self.0.borrow().clone().finalize();
        bytes.iter().fold(String::new(), |mut text, byte| {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// A reader that hashes what passes.
pub(super) struct Hashed<R> {
    inner: R,
    seen: Seen,
}

impl<R> Hashed<R> {
    pub(super) fn new(inner: R, seen: Seen) -> Self {
        Hashed { inner, seen }
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.seen.0.borrow_mut().update(&out[..count]);
        Ok(count)
    }
}
