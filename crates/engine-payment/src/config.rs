//! 「发放配置」 What a city configures of its payments.

use crate::account::AccountNumber;
use serde::{Deserialize, Serialize};

/// The paying side and its patience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// 付款账户 The treasury's account at the bank.
    pub payer: AccountNumber,
    /// Minutes of silence after sending before the bank's answer counts as
    /// missing and the items as `Unknown`. The clock does no more than that.
    pub silence_minutes: u32,
    /// Most lines in one bank file.
    pub most_lines: usize,
}
