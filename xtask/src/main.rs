//! The workshop: demo, test, ci, bench, mission.
fn main() {}
