//! Tests of cases: the stories of the law, every edge of the state machine, and
//! random command sequences.

mod adverse;
mod after;
mod edges;
mod handling;
mod random;
mod world;
