//! An application from first word to last.
