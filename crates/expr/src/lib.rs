//! The rule language: text, typed tree, columnar program.
