//! 「银行报文」 What the bank answers over HTTP, as JSON; files and replies travel as
//! documented in the payment engine. Both ends use this one file.

use kernel::Money;
use serde::{Deserialize, Serialize};

/// Where a file stands at the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// 没有收到 The bank never had it.
    Never,
    /// 处理中
    Received,
    /// 可取回盘
    Done,
    /// 整批拒收 Nothing of it was paid.
    Refused,
}

/// The bank's word about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStanding {
    /// Where it stands.
    pub state: FileState,
    /// The bank's receipt, once it has it.
    pub receipt: Option<String>,
    /// The bank's words, when there is something to say.
    pub words: Option<String>,
}

impl FileStanding {
    /// It never had it.
    pub fn never() -> Self {
        FileStanding {
            state: FileState::Never,
            receipt: None,
            words: Some("查无此文件".to_owned()),
        }
    }

    /// It has it.
    pub fn received(receipt: String) -> Self {
        FileStanding {
            state: FileState::Received,
            receipt: Some(receipt),
            words: None,
        }
    }

    /// It refused it.
    pub fn refused(words: String) -> Self {
        FileStanding {
            state: FileState::Refused,
            receipt: None,
            words: Some(words),
        }
    }
}

/// The bank's books for one file: what was paid and stayed paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// By line reference.
    pub lines: Vec<StatementLine>,
}

/// One paid line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// Our reference.
    pub reference: String,
    /// Fen.
    pub amount: Money,
}

/// What left the treasury's account for one file, and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreasuryMoves {
    /// Debited.
    pub debited: Money,
    /// Credited back.
    pub refunded: Money,
}
