//! 「指纹」 A keyed print of every transfer, and of every account the sum of the prints of
//! its entries: who changes or takes out a transfer without the key, balances mended and
//! all, is found. The sum does not ask in which order writers came, so nobody waits.

use crate::audit::keyed;
use crate::error::Result;
use crate::tx::Tx;
use engine_ledger::{Booked, Leg};
use kernel::Instant;

/// Prints are summed modulo this prime (2^61 − 1; also written in the UPDATE).
pub(crate) const PRINTS: i64 = 2_305_843_009_213_693_951;

/// Prints under the house's key.
pub(crate) struct Printer<'a>(&'a [u8]);

impl Tx {
    pub(crate) fn printer(&self) -> Printer<'_> {
        Printer(&self.shared.audit_key)
    }
}

impl Printer<'_> {
    pub(crate) fn of(key: &[u8]) -> Printer<'_> {
        Printer(key)
    }

    /// The print of a transfer booked at `at`.
    pub(crate) fn transfer(&self, one: &Booked<'_>, at: Instant) -> Result<Vec<u8>> {
        let mut bytes = format!(
            "ledger.transfer\n{}\n{}\n{:?}\n{}\n{}\n",
            one.id,
            one.reference,
            one.kind,
            one.purpose.map_or("", |purpose| purpose.as_str()),
            at.timestamp_micros()
        );
        for leg in one.legs {
            bytes.push_str(&format!("{} {}\n", leg.account, leg.amount));
        }
        keyed(self.0, bytes.as_bytes())
    }

    /// What one entry adds to its account's sum.
    pub(crate) fn leg(&self, print: &[u8], leg: &Leg) -> Result<i64> {
        let mut bytes = b"ledger.entry\n".to_vec();
        bytes.extend_from_slice(print);
        bytes.extend_from_slice(&leg.account.0.to_be_bytes());
        bytes.extend_from_slice(&leg.amount.to_be_bytes());
        let print = keyed(self.0, &bytes)?;
        let mut number: i64 = 0;
        for byte in print.iter().take(7) {
            number = number << 8 | i64::from(*byte);
        }
        Ok(number % PRINTS)
    }
}
