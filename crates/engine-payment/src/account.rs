//! 「收款账户」 The account a benefit is paid into. A passbook number need not
//! follow Luhn, so only shape is demanded (standards.md §5: warn, do not block).

use kernel::PersonId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// 8 to 32 ASCII digits. `Debug` and logs show only the last four.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountNumber(String);

/// Why a text is no account number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("这不是银行账号：请只写数字，8 到 32 位")]
pub struct AccountNumberError;

impl AccountNumber {
    /// All digits: for the bank file only.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// `尾号 0019`.
    pub fn masked(&self) -> String {
        format!("尾号 {}", &self.0[self.0.len() - 4..])
    }
}

impl FromStr for AccountNumber {
    type Err = AccountNumberError;

    fn from_str(text: &str) -> Result<Self, AccountNumberError> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if digits && (8..=32).contains(&text.len()) {
            Ok(AccountNumber(text.to_owned()))
        } else {
            Err(AccountNumberError)
        }
    }
}

impl TryFrom<String> for AccountNumber {
    type Error = AccountNumberError;
    fn try_from(text: String) -> Result<Self, AccountNumberError> {
        text.parse()
    }
}

impl From<AccountNumber> for String {
    fn from(number: AccountNumber) -> String {
        number.0
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Where the money goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayAccount {
    /// Whose account it is: the person, a household member or the guardian.
    pub holder: PersonId,
    /// 户名 as the bank knows it.
    pub name: String,
    /// 账号
    pub number: AccountNumber,
}
