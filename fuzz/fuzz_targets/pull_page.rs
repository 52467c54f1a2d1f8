//! 「拉取的一页」 Any bytes; what must hold is written in the ordinary suite.
#![no_main]

#[allow(dead_code, reason = "the other parsers have targets of their own")]
#[path = "../../crates/app/tests/hostile/parsers.rs"]
mod parsers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (parsers::PULL_PAGE.holds)(bytes));
