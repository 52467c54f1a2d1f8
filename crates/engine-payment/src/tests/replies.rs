//! 「文件」 The bank file's bytes, and every fault a reply can have, by name.

use super::*;

fn text(reply: &Reply) -> String {
    String::from_utf8(write_reply(reply)).unwrap()
}

fn faults_of(text: &str) -> Vec<ReplyFault> {
    read_reply(text.as_bytes()).faults
}

/// Writes the trailer anew over changed text, as a bank that believes it would.
fn resealed(text: &str) -> String {
    use sha2::Digest as _;
    let body = &text[..text.find("E,").unwrap()];
    let trailer = text[text.find("E,").unwrap()..].trim_end();
    let (head, _) = trailer.rsplit_once(',').unwrap();
    let digest = crate::compute::hex(&sha2::Sha256::digest(body.as_bytes()));
    format!("{body}{head},{digest}\r\n")
}

#[test]
fn the_bank_file_is_as_documented() {
    let batch = released(7, 2);
    let file = write_bank_file(&batch, &config()).unwrap();
    let (text, _, broken) = encoding_rs::GB18030.decode(&file.bytes);
    assert!(!broken);
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(
        rows[0],
        "H,NX-PAY-1,NX0000000007R01,3304820000000001,2026-12,2,20003,CNY"
    );
    assert_eq!(
        rows[1],
        "D,1,NX000000000700000101,6217009900000001,测试·户名1,10001,dibao"
    );
    let trailer: Vec<&str> = rows[3].split(',').collect();
    assert_eq!(trailer[..3], ["T", "2", "20003"]);
    use sha2::Digest as _;
    let start = file.bytes.len() - rows[3].len() - 2;
    let before = crate::compute::hex(&sha2::Sha256::digest(&file.bytes[..start]));
    assert_eq!(trailer[3], before);
    assert_eq!(rows[4..], [""]);
    assert_eq!((file.lines, file.total), (2, Money::from_fen(20_003)));
    // The same batch, the same bytes, in whatever state it is.
    let later = sent(7, 2);
    assert_eq!(write_bank_file(&later, &config()).unwrap(), file);
}

#[test]
fn names_of_every_kind_are_written_or_refused() {
    let name = |name: &str| {
        let mut account = account(1);
        account.name = name.to_owned();
        crate::bank_file::encode_name(&account)
    };
    for good in ["王小明", "买买提·艾合买提", "𠮷田", "㛃", &"长".repeat(60)] {
        let bytes = name(good).unwrap();
        assert_eq!(encoding_rs::GB18030.decode(&bytes).0, good);
    }
    assert_eq!(name(""), Err(BankFileError::NameLength));
    assert_eq!(name(&"长".repeat(61)), Err(BankFileError::NameLength));
    for bad in ["王,小明", "王\"小明", "王\n小明", "王\0", "王，小明"] {
        assert_eq!(name(bad), Err(BankFileError::NameCharacter), "{bad:?}");
    }
    assert_eq!(name("王\u{E5E5}"), Err(BankFileError::NameEncoding));
}

#[test]
fn an_honest_reply_reads_back_whole() {
    let batch = sent(1, 5);
    let reply = honest(&batch, &[3]);
    let reading = read_reply(&write_reply(&reply));
    assert_eq!(reading.faults, []);
    assert_eq!(reading.lines, reply.lines);
    assert_eq!(reading.file_reference, reply.file_reference);
    // LF alone is read too, if the bank sealed it so.
    let unix = resealed(&text(&reply).replace("\r\n", "\n"));
    assert_eq!(faults_of(&unix), []);
}

#[test]
fn every_fault_has_its_name_and_a_fatal_one_gives_no_lines() {
    let batch = sent(1, 4);
    let good = text(&honest(&batch, &[3]));
    let rows: Vec<&str> = good.split_inclusive("\r\n").collect();
    let without = |row: usize| -> String {
        let kept: Vec<&str> = (0..rows.len())
            .filter(|n| *n != row)
            .map(|n| rows[n])
            .collect();
        kept.concat()
    };
    let named = |text: &str, fault: ReplyFault| {
        let reading = read_reply(text.as_bytes());
        assert!(
            reading.faults.contains(&fault),
            "{fault:?} in {:?}",
            reading.faults
        );
        assert!(fault.is_fatal() && reading.lines.is_empty(), "{fault:?}");
    };
    named("", ReplyFault::NoHeader);
    named("hello", ReplyFault::NoHeader);
    named(
        &good.replacen("NX-REPLY-1", "NX-REPLY-2", 1),
        ReplyFault::NoHeader,
    );
    named(
        &good.replacen("L,1", "L,１", 1),
        ReplyFault::NotText {
            at: rows[0].len() + 2,
        },
    );
    // Cut anywhere: in a line, between lines, inside the trailer.
    for cut in (rows[0].len()..good.len() - 2).step_by(7) {
        let reading = read_reply(&good.as_bytes()[..cut]);
        assert!(
            reading.faults.contains(&ReplyFault::Truncated),
            "cut at {cut}"
        );
        assert!(reading.lines.is_empty());
    }
    named(&format!("{good}L,9\r\n"), ReplyFault::AfterTrailer);
    named(
        &good.replacen(",P,BK1,", ",P,BK7,", 1),
        ReplyFault::WrongDigest,
    );
    named(
        &resealed(&without(1)),
        ReplyFault::WrongCount {
            promised: 4,
            found: 3,
        },
    );
    let paid = 10_001 + 10_002 + 10_004;
    named(
        &resealed(&good.replacen(",10001,", ",10000,", 1)),
        ReplyFault::WrongTotal {
            promised: paid,
            found: paid - 1,
        },
    );
    named(
        &good.replacen(&format!("E,4,{paid}"), "E,4,1", 1),
        ReplyFault::WrongTotal {
            promised: paid,
            found: 1,
        },
    );
    for bad in [",X,BK1,", ",P,,", ",P,BK1,2"] {
        named(
            &resealed(&good.replacen(",P,BK1,", bad, 1)),
            ReplyFault::BadLine { at: 2 },
        );
    }
    named(
        &resealed(&good.replacen("20261210", "20260231", 1)),
        ReplyFault::BadLine { at: 2 },
    );
}

#[test]
fn what_is_not_fatal_is_named_and_the_rest_is_taken() {
    let batch = sent(1, 4);
    let mut reply = honest(&batch, &[]);
    reply.lines.swap(0, 3);
    let reading = read_reply(&write_reply(&reply));
    assert_eq!(reading.faults, [ReplyFault::Reordered { line: 2 }]);
    assert_eq!(reading.lines.len(), 4);

    let mut reply = honest(&batch, &[]);
    reply.lines.push(reply.lines[1].clone());
    let reading = read_reply(&write_reply(&reply));
    assert_eq!(reading.faults, [ReplyFault::Repeated { line: 2 }]);
    assert_eq!(reading.lines.len(), 4);

    let mut reply = honest(&batch, &[]);
    let mut other = reply.lines[1].clone();
    other.outcome = honest(&batch, &[2]).lines[1].outcome.clone();
    reply.lines.push(other);
    let reading = read_reply(&write_reply(&reply));
    assert_eq!(reading.faults, [ReplyFault::Contradicts { line: 2 }]);
    assert_eq!(reading.lines.len(), 3, "the contradicted line is not taken");
}

#[test]
fn a_contradicted_line_has_to_be_asked_for() {
    let mut batch = sent(1, 2);
    let mut reply = honest(&batch, &[]);
    let mut other = reply.lines[1].clone();
    other.outcome = honest(&batch, &[2]).lines[1].outcome.clone();
    reply.lines.push(other);
    let events = tell(&mut batch, reading(&reply), &machine(), 3).unwrap();
    let Event::ReplyRead { faults, .. } = &events[0] else {
        panic!("{events:?}")
    };
    assert!(faults.contains(&ReplyFault::Contradicts { line: 2 }));
    assert!(faults.contains(&ReplyFault::Incomplete { count: 1 }));
    assert_eq!(batch.state, BatchState::Accepted);
    assert_eq!(batch.items[1].state, ItemState::Unknown);
}

#[test]
fn a_line_we_never_sent_goes_to_suspense() {
    let mut batch = sent(1, 2);
    let mut reply = honest(&batch, &[]);
    let mut stranger = reply.lines[0].clone();
    stranger.line = 3;
    stranger.reference = "NX000000000900000301".into();
    reply.lines.push(stranger);
    // A right line number under another reference is a stranger as well.
    let mut forged = reply.lines[1].clone();
    forged.reference = "NX000000000900000201".into();
    reply.lines.push(forged);
    tell(&mut batch, reading(&reply), &machine(), 3).unwrap();
    assert_eq!(batch.state, BatchState::Settled);
    let kinds: Vec<_> = batch
        .exceptions
        .iter()
        .map(|e| (e.no, e.line, &e.kind))
        .collect();
    let unknown = ExceptionKind::UnknownLine;
    assert_eq!(kinds, [(1, 2, &unknown), (2, 3, &unknown)]);
    // The same strangers again are not two more exceptions.
    reply.number = 2;
    tell(&mut batch, reading(&reply), &machine(), 4).unwrap();
    assert_eq!(batch.exceptions.len(), 2);
}

#[test]
fn a_wrong_amount_or_account_is_not_believed() {
    let mut batch = sent(1, 3);
    let mut reply = honest(&batch, &[]);
    reply.lines[0].amount = Money::from_fen(1);
    reply.lines[1].account = "99999999".parse().unwrap();
    tell(&mut batch, reading(&reply), &machine(), 3).unwrap();
    let states: Vec<&str> = batch.items.iter().map(|i| i.state.name()).collect();
    assert_eq!(states, ["unknown", "unknown", "paid"]);
    assert_eq!(batch.state, BatchState::Accepted);
    let ours = batch.items[0].amount;
    let kinds: Vec<_> = batch.exceptions.iter().map(|e| e.kind.clone()).collect();
    assert_eq!(
        kinds,
        [
            ExceptionKind::WrongAmount { ours },
            ExceptionKind::WrongAccount
        ]
    );
}

#[test]
fn a_reply_read_twice_changes_nothing_and_says_so() {
    let mut batch = sent(1, 3);
    let reply = honest(&batch, &[2]);
    tell(&mut batch, reading(&reply), &machine(), 3).unwrap();
    let before = batch.clone();
    let events = tell(&mut batch, reading(&reply), &machine(), 4).unwrap();
    let Event::ReplyRead {
        faults, repeated, ..
    } = &events[0]
    else {
        panic!("{events:?}")
    };
    assert_eq!(faults, &[ReplyFault::ReadBefore]);
    assert!(repeated);
    assert_eq!((batch.reads, before.reads), (2, 1));
    batch.reads = 1;
    assert_eq!(batch, before);
    // The bank changing its mind is an exception, not a change of ours.
    let mut changed = honest(&batch, &[]);
    changed.number = 2;
    tell(&mut batch, reading(&changed), &machine(), 5).unwrap();
    assert_eq!(batch.items, before.items);
    let before = "returned".to_owned();
    assert_eq!(
        batch.exceptions[0].kind,
        ExceptionKind::Contradiction { before }
    );
}

#[test]
fn a_reply_to_another_file_is_refused() {
    let batch = sent(1, 3);
    let mut reply = honest(&batch, &[]);
    reply.file_reference = "NX0000000009R01".into();
    let told = ask(&batch, reading(&reply), &machine(), 3);
    assert_eq!(told, Err(Refusal::AnotherFile("NX0000000009R01".into())));
    let mut reply = honest(&batch, &[]);
    reply.file_digest = "0".repeat(64);
    let mut after = batch.clone();
    let events = tell(&mut after, reading(&reply), &machine(), 3).unwrap();
    let Event::ReplyRead { faults, .. } = &events[0] else {
        panic!("{events:?}")
    };
    assert_eq!(faults, &[ReplyFault::AnotherDigest]);
    after.reads = 0;
    assert_eq!(after, batch);
}

#[test]
fn what_we_write_a_bank_can_read_and_what_is_spoilt_it_refuses() {
    let batch = released(7, 3);
    let file = write_bank_file(&batch, &config()).unwrap();
    let read = read_bank_file(&file.bytes).unwrap();
    assert_eq!(read.reference, file.reference);
    assert_eq!(read.digest, file.digest);
    assert_eq!((read.lines.len(), read.total), (3, file.total));
    assert_eq!(read.lines[2].name, "测试·户名3");
    assert_eq!(
        read.lines[2].reference,
        line_reference(&batch, &batch.items[2])
    );
    // Every single byte matters.
    for at in 0..file.bytes.len() {
        let mut spoilt = file.bytes.clone();
        spoilt[at] ^= 1;
        assert!(read_bank_file(&spoilt).is_err(), "byte {at}");
        assert!(read_bank_file(&file.bytes[..at]).is_err(), "cut at {at}");
    }
    // Sums that are wrong though sealed.
    use sha2::Digest as _;
    let seal = |from: &[u8], to: &[u8], count: &str, total: &str| {
        let start = file.bytes.windows(4).position(|w| w == b"\r\nT,").unwrap() + 2;
        let body = &file.bytes[..start];
        let at = body.windows(from.len()).position(|w| w == from).unwrap();
        let mut new = [&body[..at], to, &body[at + from.len()..]].concat();
        let digest = crate::compute::hex(&sha2::Sha256::digest(&new));
        new.extend(format!("T,{count},{total},{digest}\r\n").bytes());
        read_bank_file(&new)
    };
    assert_eq!(
        seal(b"H", b"H", "3", "30006").map(|f| f.total.fen()),
        Ok(30_006)
    );
    assert_eq!(seal(b"H", b"H", "4", "30006"), Err(PayFileFault::Count));
    assert_eq!(seal(b"H", b"H", "3", "30007"), Err(PayFileFault::Total));
    assert_eq!(
        seal(b",10001,", b",10002,", "3", "30006"),
        Err(PayFileFault::Total)
    );
    assert_eq!(
        seal(b",10001,", b",0,", "3", "30006"),
        Err(PayFileFault::Line(2))
    );
    assert_eq!(
        seal(b"00000201", b"00000101", "3", "30006"),
        Err(PayFileFault::Repeated(3))
    );
}
