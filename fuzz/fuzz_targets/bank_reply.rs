//! 「银行文件」 Any bytes as the bank's reply, and as the file we send: no panic;
//! nothing is taken from a reply with a fatal fault; what was read and written
//! again reads the same.
#![no_main]

use engine_payment::{Reply, ReplyFault, read_bank_file, read_reply, write_reply};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    drop(read_bank_file(bytes));
    let reading = read_reply(bytes);
    if reading.faults.iter().any(ReplyFault::is_fatal) {
        assert!(reading.lines.is_empty());
        return;
    }
    let reply = Reply {
        file_reference: reading.file_reference,
        file_digest: reading.file_digest,
        number: 1,
        lines: reading.lines.clone(),
    };
    let again = read_reply(&write_reply(&reply));
    assert_eq!(again.lines, reading.lines);
});
