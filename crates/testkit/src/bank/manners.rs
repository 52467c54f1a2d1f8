//! 「脾气」 How a simulated bank behaves: what it returns, how slowly, and what is
//! wrong with its replies.

use engine_payment::{AccountNumber, Reply, write_reply};
use kernel::Money;
use std::collections::BTreeSet;
use std::str::FromStr;

/// What is wrong with one reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoil {
    /// 如实 Nothing.
    Honest,
    /// 截断 The last third is missing.
    Truncated,
    /// 乱序 The lines stand backwards.
    Reordered,
    /// 重复 The first line stands twice.
    Repeated,
    /// 缺行 The last line is missing.
    Incomplete,
    /// 多行 A line nobody sent.
    UnknownLine,
    /// 错总 The promised sum is a fen too high.
    WrongTotal,
}

/// A word that is none of the above.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "不认识回盘方式“{0}”。可以写 honest truncated reordered repeated incomplete unknown_line wrong_total"
)]
pub struct MannersError(pub String);

impl FromStr for Spoil {
    type Err = MannersError;

    fn from_str(text: &str) -> Result<Self, MannersError> {
        Ok(match text {
            "honest" => Spoil::Honest,
            "truncated" => Spoil::Truncated,
            "reordered" => Spoil::Reordered,
            "repeated" => Spoil::Repeated,
            "incomplete" => Spoil::Incomplete,
            "unknown_line" => Spoil::UnknownLine,
            "wrong_total" => Spoil::WrongTotal,
            _ => return Err(MannersError(text.to_owned())),
        })
    }
}

/// How the bank behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manners {
    /// Every so-manieth line of a file comes back; 0: none.
    pub return_every: u32,
    /// Lines to these accounts come back.
    pub return_accounts: BTreeSet<AccountNumber>,
    /// Seconds until a reply is ready.
    pub delay_seconds: i64,
    /// What is wrong with the first, second… reply to a file; honest after that.
    pub replies: Vec<Spoil>,
    /// 丢回音 So many first deliveries are taken, but the answer is never given.
    pub lose_answers: u32,
    /// 丢文件 So many first deliveries are lost before the bank sees them.
    pub lose_files: u32,
}

impl Manners {
    /// The spoilt bytes of reply `number` (from 1).
    pub(crate) fn reply(&self, honest: &Reply) -> Vec<u8> {
        let index = usize::try_from(honest.number)
            .unwrap_or(1)
            .saturating_sub(1);
        let spoil = self.replies.get(index).copied().unwrap_or(Spoil::Honest);
        let mut reply = honest.clone();
        match spoil {
            Spoil::Honest => {}
            Spoil::Truncated => {
                let mut bytes = write_reply(&reply);
                bytes.truncate(bytes.len() * 2 / 3);
                return bytes;
            }
            Spoil::Reordered => reply.lines.reverse(),
            Spoil::Repeated => reply.lines.extend(honest.lines.first().cloned()),
            Spoil::Incomplete => drop(reply.lines.pop()),
            Spoil::UnknownLine => {
                if let Some(line) = honest.lines.first() {
                    let mut stranger = line.clone();
                    stranger.line = u32::MAX;
                    stranger.reference = format!("XX{}", line.reference);
                    reply.lines.push(stranger);
                }
            }
            Spoil::WrongTotal => return wrong_total(&reply),
        }
        write_reply(&reply)
    }

    /// Whether a line comes back.
    pub(crate) fn returns(&self, place: u32, account: &AccountNumber) -> bool {
        let by_turn = self.return_every > 0 && place.is_multiple_of(self.return_every);
        by_turn || self.return_accounts.contains(account)
    }
}

/// Sealed over one fen more than the lines say, then the line put right again:
/// the digest fits nothing and the sum is off.
fn wrong_total(reply: &Reply) -> Vec<u8> {
    let mut inflated = reply.clone();
    if let Some(line) = inflated.lines.first_mut() {
        let fen = line.amount.fen().saturating_add(1);
        line.amount = Money::from_fen(fen);
    }
    let bytes = write_reply(&inflated);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let honest = String::from_utf8_lossy(&write_reply(reply)).into_owned();
    let details = |text: &str| -> (String, String, String) {
        let head = text.find('\n').map_or(0, |at| at + 1);
        let tail = text.rfind("E,").unwrap_or(text.len());
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
        (part(0, head), part(head, tail), part(tail, text.len()))
    };
    let (head, _, tail) = details(&text);
    let (_, lines, _) = details(&honest);
    format!("{head}{lines}{tail}").into_bytes()
}
