//! 「回盘」 The bank's reply file: `NX-REPLY-1`. ASCII, lines end with CR LF (LF
//! is read too), fields separated by commas.
//!
//! ```text
//! R,NX-REPLY-1,<file reference>,<digest of the file answered>,<reply number>,<lines>,<paid fen>,<returned fen>
//! L,<line>,<line reference>,<account>,<amount fen>,P|R,<bank reference | return code>,<YYYYMMDD>
//! E,<lines>,<paid fen>,<returned fen>,<SHA-256 of every byte before this line>
//! ```
//!
//! Reading never guesses: a reply whose end, count, total or digest is wrong is
//! named and nothing is taken from it; a line said twice alike is taken once, and
//! said twice unlike is not taken. Each fault has a name of its own.

use crate::account::AccountNumber;
use crate::compute::hex;
use crate::item::ItemState;
use kernel::{Date, Money};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum LineOutcome {
    /// 到账
    Paid {
        /// The bank's number for it.
        reference: String,
        /// The bank's day.
        on: Date,
    },
    /// 退回
    Returned {
        /// The bank's code.
        code: String,
        /// The bank's day.
        on: Date,
    },
}

impl LineOutcome {
    /// The item's state it proves.
    pub fn as_state(&self) -> ItemState {
        match self.clone() {
            LineOutcome::Paid { reference, on } => ItemState::Paid { reference, on },
            LineOutcome::Returned { code, on } => ItemState::Returned { code, on },
        }
    }
}

/// One line of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyLine {
    /// Our line number.
    pub line: u32,
    /// Our line reference.
    pub reference: String,
    /// Where the bank paid.
    pub account: AccountNumber,
    /// How much.
    pub amount: Money,
    /// What became of it.
    pub outcome: LineOutcome,
}

/// A reply's content, for writers (the bank) and readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Which file it answers.
    pub file_reference: String,
    /// That file's digest.
    pub file_digest: String,
    /// The bank's own number of this reply.
    pub number: u32,
    /// In the bank's order.
    pub lines: Vec<ReplyLine>,
}

/// What is wrong with a reply file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum ReplyFault {
    /// Not ASCII text.
    #[error("回盘不是文本文件，或含有不认识的字节（第 {at} 字节）")]
    NotText {
        /// Where the first strange byte is.
        at: usize,
    },
    /// No header, or not this format.
    #[error("回盘没有可认的首行")]
    NoHeader,
    /// The last line is missing or cut: the file was truncated.
    #[error("回盘不完整：没有末行，文件被截断了")]
    Truncated,
    /// Something stands after the last line.
    #[error("回盘末行之后还有内容")]
    AfterTrailer,
    /// The bytes are not what the trailer's digest says.
    #[error("回盘的校验码不对，内容被改动或损坏")]
    WrongDigest,
    /// Fewer or more lines than promised.
    #[error("回盘说有 {promised} 行，实际 {found} 行")]
    WrongCount {
        /// By header or trailer.
        promised: u64,
        /// As read.
        found: u64,
    },
    /// The sums are not those promised.
    #[error("回盘的合计不对：说是 {promised} 分，实际 {found} 分")]
    WrongTotal {
        /// By header or trailer.
        promised: i64,
        /// As summed.
        found: i64,
    },
    /// A line that cannot be read.
    #[error("回盘第 {at} 行读不懂")]
    BadLine {
        /// In the file, from 1.
        at: usize,
    },
    /// The same line again, saying the same. Taken once.
    #[error("回盘里第 {line} 项重复了")]
    Repeated {
        /// Our line number.
        line: u32,
    },
    /// The same line again, saying something else. Not taken.
    #[error("回盘里第 {line} 项前后说法不一")]
    Contradicts {
        /// Our line number.
        line: u32,
    },
    /// Lines out of order. Taken: a line is known by its reference.
    #[error("回盘从第 {line} 项起次序乱了")]
    Reordered {
        /// The first line that comes after a higher one.
        line: u32,
    },
    /// It answers a file with another digest than the one we sent.
    #[error("回盘回答的文件和我们发的不一样")]
    AnotherDigest,
    /// The very same reply was read before.
    #[error("这份回盘以前读过")]
    ReadBefore,
    /// Some sent lines are not in it.
    #[error("回盘里还缺 {count} 项")]
    Incomplete {
        /// How many.
        count: u32,
    },
}

impl ReplyFault {
    /// Whether nothing may be taken from a reply with this fault.
    pub fn is_fatal(&self) -> bool {
        !matches!(
            self,
            ReplyFault::Repeated { .. }
                | ReplyFault::Contradicts { .. }
                | ReplyFault::Reordered { .. }
                | ReplyFault::ReadBefore
                | ReplyFault::Incomplete { .. }
        )
    }
}

/// What reading a reply gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyReading {
    /// SHA-256 of the bytes, lower-case hex.
    pub digest: String,
    /// Which file it says it answers; empty without a header.
    pub file_reference: String,
    /// That file's digest as it says.
    pub file_digest: String,
    /// Lines that may be taken, in our order. Empty when a fault is fatal.
    pub lines: Vec<ReplyLine>,
    /// Everything wrong, named.
    pub faults: Vec<ReplyFault>,
}

/// Counts and sums as promised or as found.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Totals {
    lines: u64,
    paid: i64,
    returned: i64,
}

/// Reads a reply. Never fails: what is wrong is named in the reading.
pub fn read_reply(bytes: &[u8]) -> ReplyReading {
    let mut reading = ReplyReading {
        digest: hex(&Sha256::digest(bytes)),
        file_reference: String::new(),
        file_digest: String::new(),
        lines: Vec::new(),
        faults: Vec::new(),
    };
    let strange = |b: &u8| !(b.is_ascii_graphic() || *b == b'\r' || *b == b'\n');
    if let Some(at) = bytes.iter().position(strange) {
        reading.faults.push(ReplyFault::NotText { at });
        return reading;
    }
    let text = String::from_utf8_lossy(bytes);
    let rows: Vec<&str> = text.split_inclusive('\n').collect();
    let promised = match rows.first().and_then(|row| read_header(row, &mut reading)) {
        Some(totals) => totals,
        None => {
            reading.faults.push(ReplyFault::NoHeader);
            return reading;
        }
    };
    let end = rows.iter().position(|row| row.starts_with("E,"));
    let said = read_details(&rows[1..end.unwrap_or(rows.len())], &mut reading);
    match end {
        Some(end) => {
            let before: usize = rows[..end].iter().map(|row| row.len()).sum();
            check_trailer(&rows[end..], &bytes[..before], promised, &mut reading);
            check_totals(promised, &said, &mut reading);
        }
        None => reading.faults.push(ReplyFault::Truncated),
    }
    if !reading.faults.iter().any(ReplyFault::is_fatal) {
        reading.lines = settle_repeats(said, &mut reading.faults);
    }
    reading
}

fn read_header(row: &str, reading: &mut ReplyReading) -> Option<Totals> {
    let fields: Vec<&str> = row.trim_end().split(',').collect();
    let [
        "R",
        "NX-REPLY-1",
        reference,
        digest,
        _number,
        lines,
        paid,
        returned,
    ] = fields[..]
    else {
        return None;
    };
    reading.file_reference = reference.to_owned();
    reading.file_digest = digest.to_owned();
    Some(Totals {
        lines: lines.parse().ok()?,
        paid: paid.parse().ok()?,
        returned: returned.parse().ok()?,
    })
}

fn read_details(rows: &[&str], reading: &mut ReplyReading) -> Vec<ReplyLine> {
    let mut said = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        match read_line(row) {
            Some(line) => said.push(line),
            // A cut last row is the truncation itself, not a fault of its own.
            None if index + 1 == rows.len() && !row.ends_with('\n') => {}
            None => reading.faults.push(ReplyFault::BadLine { at: index + 2 }),
        }
    }
    said
}

fn read_line(row: &str) -> Option<ReplyLine> {
    let fields: Vec<&str> = row.strip_suffix('\n')?.trim_end().split(',').collect();
    let ["L", line, reference, account, fen, mark, note, day] = fields[..] else {
        return None;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(line) || !digits(fen) || !digits(day) || day.len() != 8 || note.is_empty() {
        return None;
    }
    let on = Date::from_ymd_opt(
        day[..4].parse().ok()?,
        day[4..6].parse().ok()?,
        day[6..].parse().ok()?,
    )?;
    let outcome = match mark {
        "P" => LineOutcome::Paid {
            reference: note.to_owned(),
            on,
        },
        "R" => LineOutcome::Returned {
            code: note.to_owned(),
            on,
        },
        _ => return None,
    };
    Some(ReplyLine {
        line: line.parse().ok()?,
        reference: reference.to_owned(),
        account: account.parse().ok()?,
        amount: Money::from_fen(fen.parse().ok()?),
        outcome,
    })
}

fn check_trailer(rows: &[&str], before: &[u8], promised: Totals, reading: &mut ReplyReading) {
    let Some((trailer, after)) = rows.split_first() else {
        return;
    };
    let fields: Vec<&str> = trailer.trim_end().split(',').collect();
    let ["E", lines, paid, returned, digest] = fields[..] else {
        reading.faults.push(ReplyFault::Truncated);
        return;
    };
    if digest.len() != 64 {
        reading.faults.push(ReplyFault::Truncated);
        return;
    }
    if after.iter().any(|row| !row.trim().is_empty()) {
        reading.faults.push(ReplyFault::AfterTrailer);
    }
    if digest != hex(&Sha256::digest(before)) {
        reading.faults.push(ReplyFault::WrongDigest);
    }
    let again = (lines.parse(), paid.parse(), returned.parse());
    if again != (Ok(promised.lines), Ok(promised.paid), Ok(promised.returned)) {
        let found = paid.parse::<i64>().unwrap_or(0);
        reading.faults.push(ReplyFault::WrongTotal {
            promised: promised.paid,
            found,
        });
    }
}

fn check_totals(promised: Totals, said: &[ReplyLine], reading: &mut ReplyReading) {
    let found = totals(said);
    if promised.lines != found.lines {
        reading.faults.push(ReplyFault::WrongCount {
            promised: promised.lines,
            found: found.lines,
        });
    }
    for (promised, found) in [
        (promised.paid, found.paid),
        (promised.returned, found.returned),
    ] {
        if promised != found {
            reading
                .faults
                .push(ReplyFault::WrongTotal { promised, found });
        }
    }
}

fn totals(lines: &[ReplyLine]) -> Totals {
    let sum = |paid: bool| {
        lines
            .iter()
            .filter(|line| matches!(line.outcome, LineOutcome::Paid { .. }) == paid)
            .fold(0_i64, |sum, line| sum.saturating_add(line.amount.fen()))
    };
    Totals {
        lines: lines.len() as u64,
        paid: sum(true),
        returned: sum(false),
    }
}

/// One statement per line: repeats taken once, contradictions not at all.
fn settle_repeats(said: Vec<ReplyLine>, faults: &mut Vec<ReplyFault>) -> Vec<ReplyLine> {
    let mut highest = 0;
    let mut out_of_order = None;
    let mut taken: BTreeMap<(u32, String), ReplyLine> = BTreeMap::new();
    let mut contradicted: Vec<(u32, String)> = Vec::new();
    for line in said {
        let key = (line.line, line.reference.clone());
        match taken.get(&key) {
            Some(before) if *before == line => {
                faults.push(ReplyFault::Repeated { line: line.line });
                continue;
            }
            Some(_) => {
                faults.push(ReplyFault::Contradicts { line: line.line });
                contradicted.push(key);
                continue;
            }
            None => {}
        }
        if line.line < highest && out_of_order.is_none() {
            out_of_order = Some(line.line);
        }
        highest = highest.max(line.line);
        taken.insert(key, line);
    }
    for key in contradicted {
        taken.remove(&key);
    }
    faults.extend(out_of_order.map(|line| ReplyFault::Reordered { line }));
    taken.into_values().collect()
}

/// Writes a reply: the bank's side, for simulators and tests.
pub fn write_reply(reply: &Reply) -> Vec<u8> {
    let Totals {
        lines,
        paid,
        returned,
    } = totals(&reply.lines);
    let mut text = format!(
        "R,NX-REPLY-1,{},{},{},{lines},{paid},{returned}\r\n",
        reply.file_reference, reply.file_digest, reply.number
    );
    for line in &reply.lines {
        let (mark, note, on) = match &line.outcome {
            LineOutcome::Paid { reference, on } => ("P", reference, on),
            LineOutcome::Returned { code, on } => ("R", code, on),
        };
        text.push_str(&format!(
            "L,{},{},{},{},{mark},{note},{}\r\n",
            line.line,
            line.reference,
            line.account.digits(),
            line.amount.fen(),
            on.format("%Y%m%d")
        ));
    }
    let digest = hex(&Sha256::digest(text.as_bytes()));
    text.push_str(&format!("E,{lines},{paid},{returned},{digest}\r\n"));
    text.into_bytes()
}
