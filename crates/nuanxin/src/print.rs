//! 「打印」 Prints a line; a reader who has left (`| head`) is no fault.

use std::io::{self, Write};

/// Prints a line to standard output.
pub(crate) fn line(text: &str) {
    let mut out = io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// `println!` that does not mind a reader who has left.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => { $crate::print::line(&format!($($words)*)) };
}
