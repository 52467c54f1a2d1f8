//! The lake.
fn main() {}
