//! 「读银行文件」 Reads `NX-PAY-1` as a bank does: whole or not at all, every reason
//! named. Used by the bank's simulator and to prove that what we write can be read.

use crate::account::AccountNumber;
use crate::compute::hex;
use kernel::{Money, Period};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// One line to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayLine {
    /// Its number.
    pub line: u32,
    /// Unique over all files.
    pub reference: String,
    /// Where.
    pub account: AccountNumber,
    /// To whom.
    pub name: String,
    /// How much; above zero.
    pub amount: Money,
    /// For which programme.
    pub programme: String,
}

/// A file as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayFile {
    /// Its reference.
    pub reference: String,
    /// SHA-256 of its bytes, lower-case hex.
    pub digest: String,
    /// Who pays.
    pub payer: AccountNumber,
    /// For which month.
    pub period: Period,
    /// The lines, in order.
    pub lines: Vec<PayLine>,
    /// Their sum.
    pub total: Money,
}

/// Why a file is refused whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayFileFault {
    /// Not GB18030.
    #[error("文件不是 GB18030 编码")]
    Encoding,
    /// No header of this format.
    #[error("首行不是 NX-PAY-1")]
    Header,
    /// No trailer: cut short.
    #[error("没有末行，文件不完整")]
    Truncated,
    /// A line that cannot be read.
    #[error("第 {0} 行读不懂")]
    Line(usize),
    /// One line reference twice.
    #[error("第 {0} 行的流水号重复")]
    Repeated(usize),
    /// The count is not what header or trailer say.
    #[error("行数和首行、末行对不上")]
    Count,
    /// The total is not what header or trailer say.
    #[error("合计和首行、末行对不上")]
    Total,
    /// The digest is not what the trailer says.
    #[error("校验码不对")]
    Digest,
}

/// Reads a file.
///
/// # Errors
/// The first [`PayFileFault`].
pub fn read_bank_file(bytes: &[u8]) -> Result<PayFile, PayFileFault> {
    let rows: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let Some((head, rest)) = rows.split_first() else {
        return Err(PayFileFault::Header);
    };
    let head = text(head)?;
    let fields: Vec<&str> = head.split(',').collect();
    let [
        "H",
        "NX-PAY-1",
        reference,
        payer,
        period,
        count,
        total,
        "CNY",
    ] = fields[..]
    else {
        return Err(PayFileFault::Header);
    };
    let payer = payer.parse().map_err(|_| PayFileFault::Header)?;
    let period = period.parse().map_err(|_| PayFileFault::Header)?;
    let (last, details) = rest.split_last().ok_or(PayFileFault::Truncated)?;
    let trailer = text(last)?;
    let fields: Vec<&str> = trailer.split(',').collect();
    let ["T", count_again, total_again, digest] = fields[..] else {
        return Err(PayFileFault::Truncated);
    };
    if !last.ends_with(b"\n") {
        return Err(PayFileFault::Truncated);
    }
    if hex(&Sha256::digest(&bytes[..bytes.len() - last.len()])) != digest {
        return Err(PayFileFault::Digest);
    }
    let mut lines = Vec::with_capacity(details.len());
    let mut seen = BTreeSet::new();
    for (index, row) in details.iter().enumerate() {
        let line = pay_line(&text(row)?).ok_or(PayFileFault::Line(index + 2))?;
        if !seen.insert(line.reference.clone()) {
            return Err(PayFileFault::Repeated(index + 2));
        }
        lines.push(line);
    }
    let found = lines.len().to_string();
    if count != found || count_again != found {
        return Err(PayFileFault::Count);
    }
    let sum = Money::checked_sum(lines.iter().map(|l| l.amount)).ok_or(PayFileFault::Total)?;
    let summed = sum.fen().to_string();
    if total != summed || total_again != summed {
        return Err(PayFileFault::Total);
    }
    Ok(PayFile {
        reference: reference.to_owned(),
        digest: hex(&Sha256::digest(bytes)),
        payer,
        period,
        lines,
        total: sum,
    })
}

fn text(row: &[u8]) -> Result<String, PayFileFault> {
    let (text, _, broken) = encoding_rs::GB18030.decode(row);
    if broken {
        return Err(PayFileFault::Encoding);
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn pay_line(row: &str) -> Option<PayLine> {
    let fields: Vec<&str> = row.split(',').collect();
    let ["D", line, reference, account, name, fen, programme] = fields[..] else {
        return None;
    };
    if name.is_empty() || reference.is_empty() || !fen.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let amount = Money::from_fen(fen.parse().ok()?);
    Some(PayLine {
        line: line.parse().ok()?,
        reference: reference.to_owned(),
        account: account.parse().ok()?,
        name: name.to_owned(),
        amount: Some(amount).filter(|amount| *amount > Money::ZERO)?,
        programme: programme.to_owned(),
    })
}
