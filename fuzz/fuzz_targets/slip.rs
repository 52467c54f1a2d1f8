//! 「交接清单」 Any bytes as a slip: no panic, errors in words; what is a slip names
//! its parts.
#![no_main]

use app::import::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match Manifest::parse(bytes) {
    Ok(slip) => assert!(!slip.department.as_str().is_empty()),
    Err(why) => assert!(!why.is_empty()),
});
