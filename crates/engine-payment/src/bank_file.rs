//! 「银行文件」 The file the bank pays from: `NX-PAY-1`.
//!
//! Text in GB18030, lines end with CR LF, fields are separated by commas and
//! never quoted (a name with a comma, quote or control character is refused).
//! Everything but the name is ASCII. Amounts are fen, digits only.
//!
//! ```text
//! H,NX-PAY-1,<file reference>,<payer account>,<period YYYY-MM>,<lines>,<total fen>,CNY
//! D,<line>,<line reference>,<account>,<name>,<amount fen>,<programme>
//! T,<lines>,<total fen>,<SHA-256 of every byte before this line, lower-case hex>
//! ```
//!
//! The same batch gives the same bytes, always: a resend is recognised by its
//! digest, a line by its reference (unique over all files and attempts).

use crate::account::PayAccount;
use crate::batch::Batch;
use crate::compute::hex;
use crate::config::Config;
use crate::item::{Item, ItemState};
use crate::refusal::Refusal;
use kernel::Money;
use sha2::{Digest, Sha256};

/// A written file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankFile {
    /// Our reference for the whole file.
    pub reference: String,
    /// What is sent, byte for byte.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, lower-case hex.
    pub digest: String,
    /// Detail lines.
    pub lines: u32,
    /// Their sum.
    pub total: Money,
}

/// Why a name cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BankFileError {
    /// Empty or longer than 60 characters.
    #[error("户名要有 1 到 60 个字")]
    NameLength,
    /// A comma, quote or control character.
    #[error("户名里不能有逗号、引号或控制字符")]
    NameCharacter,
    /// A character GB18030 cannot carry.
    #[error("户名里有银行系统写不出的字")]
    NameEncoding,
}

/// The reference of one line: batch, line, attempt; unique for ever.
pub fn line_reference(batch: &Batch, item: &Item) -> String {
    format!("NX{:010}{:06}{:02}", batch.id.0, item.line, item.attempt)
}

/// The reference of a batch's file.
pub fn file_reference(batch: &Batch) -> String {
    format!("NX{:010}R{:02}", batch.id.0, batch.round)
}

/// Writes a batch's file from the items that are neither held nor cancelled.
///
/// # Errors
/// [`Refusal::Unwritable`] naming the line, [`Refusal::TooManyLines`],
/// [`Refusal::TotalTooLarge`].
pub fn write_bank_file(batch: &Batch, config: &Config) -> Result<BankFile, Refusal> {
    let items: Vec<&Item> = batch.items.iter().filter(|i| is_in_file(i)).collect();
    if items.len() > config.most_lines {
        return Err(Refusal::TooManyLines {
            lines: items.len(),
            most: config.most_lines,
        });
    }
    let total = Money::checked_sum(items.iter().map(|i| i.amount)).ok_or(Refusal::TotalTooLarge)?;
    let reference = file_reference(batch);
    let header = format!(
        "H,NX-PAY-1,{reference},{},{},{},{},CNY\r\n",
        config.payer.digits(),
        batch.period,
        items.len(),
        total.fen()
    );
    let mut bytes = header.into_bytes();
    for item in &items {
        let unwritable = |why: String| Refusal::Unwritable {
            line: item.line,
            why,
        };
        let account = item
            .account
            .as_ref()
            .ok_or_else(|| unwritable("没有收款账户".into()))?;
        let name = encode_name(account).map_err(|why| unwritable(why.to_string()))?;
        bytes.extend_from_slice(
            format!(
                "D,{},{},{},",
                item.line,
                line_reference(batch, item),
                account.number.digits()
            )
            .as_bytes(),
        );
        bytes.extend_from_slice(&name);
        bytes.extend_from_slice(
            format!(",{},{}\r\n", item.amount.fen(), item.key.programme).as_bytes(),
        );
    }
    let before = hex(&Sha256::digest(&bytes));
    bytes.extend_from_slice(format!("T,{},{},{before}\r\n", items.len(), total.fen()).as_bytes());
    Ok(BankFile {
        reference,
        digest: hex(&Sha256::digest(&bytes)),
        bytes,
        lines: u32::try_from(items.len()).unwrap_or(u32::MAX),
        total,
    })
}

/// Whether an item has (or had) a line in the file.
pub(crate) fn is_in_file(item: &Item) -> bool {
    matches!(
        item.state,
        ItemState::Ready
            | ItemState::Sent
            | ItemState::Unknown
            | ItemState::Paid { .. }
            | ItemState::Returned { .. }
    )
}

/// The holder's name in GB18030.
pub(crate) fn encode_name(account: &PayAccount) -> Result<Vec<u8>, BankFileError> {
    let name = account.name.as_str();
    if name.is_empty() || name.chars().count() > 60 {
        return Err(BankFileError::NameLength);
    }
    if name.chars().any(|c| c.is_control() || ",\"'，".contains(c)) {
        return Err(BankFileError::NameCharacter);
    }
    let (encoded, _, unmappable) = encoding_rs::GB18030.encode(name);
    if unmappable {
        return Err(BankFileError::NameEncoding);
    }
    Ok(encoded.into_owned())
}
