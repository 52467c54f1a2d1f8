//! Tests of access. Filled below.
