//! 「一段账」 Which part of the book a command needs: the store loads no more.

use engine_ledger::{Command, Leg};
use kernel::{AccountId, TransferId};
use std::collections::BTreeSet;

/// What a command on the ledger needs to see.
#[derive(Clone, Debug, Default)]
pub struct LedgerSlice {
    /// Accounts by number.
    pub accounts: BTreeSet<AccountId>,
    /// Transfers and holds by number, with the accounts of their legs.
    pub transfers: BTreeSet<TransferId>,
    /// References that may be taken.
    pub references: BTreeSet<String>,
}

impl LedgerSlice {
    /// What this command needs to see.
    pub fn of(command: &Command) -> LedgerSlice {
        let mut slice = LedgerSlice::default();
        match command {
            Command::Open { id, .. } => drop(slice.accounts.insert(*id)),
            Command::Transfer {
                id,
                reference,
                legs,
                ..
            }
            | Command::Reserve {
                id,
                reference,
                legs,
                ..
            } => slice.booking(&[*id], reference, legs),
            Command::Spend {
                id,
                reference,
                lots,
                to,
                ..
            } => {
                slice.booking(&[*id], reference, to);
                slice.accounts.extend(lots);
            }
            Command::Lapse {
                id,
                reference,
                lot,
                to,
            } => {
                slice.booking(&[*id], reference, &[]);
                slice.accounts.extend([*lot, *to]);
            }
            Command::Post {
                id,
                hold,
                reference,
                legs,
            } => slice.booking(
                &[*id, *hold],
                reference,
                legs.as_deref().unwrap_or_default(),
            ),
            Command::Void { hold } | Command::Expire { hold } => {
                slice.transfers.insert(*hold);
            }
            Command::Reverse { id, of, reference } => slice.booking(&[*id, *of], reference, &[]),
        }
        slice
    }

    fn booking(&mut self, ids: &[TransferId], reference: &str, legs: &[Leg]) {
        self.transfers.extend(ids);
        self.references.insert(reference.to_owned());
        self.accounts.extend(legs.iter().map(|leg| leg.account));
    }
}
