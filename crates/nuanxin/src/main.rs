//! The one binary: commands and wiring.
fn main() {}
