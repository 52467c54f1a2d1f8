//! Double entry for any unit.
