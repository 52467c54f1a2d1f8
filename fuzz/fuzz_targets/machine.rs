//! 「设备、热线、银行、短信中心的话」 Any bytes; what must hold is written in the ordinary suite.
#![no_main]

#[allow(dead_code, reason = "the other parsers have targets of their own")]
#[path = "../../crates/app/tests/hostile/parsers.rs"]
mod parsers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (parsers::MACHINE.holds)(bytes));
