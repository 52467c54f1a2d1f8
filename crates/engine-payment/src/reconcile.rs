//! 「对账」 The three-way match: ledger = bank = treasury, to the fen. A
//! difference is either mended or named by a person; it is never rounded away.

use crate::refusal::Refusal;
use kernel::Money;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What our books posted as paid for one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The line reference.
    pub reference: String,
    /// Posted.
    pub amount: Money,
}

/// What the bank says it paid (net of returns) for one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankLine {
    /// The line reference.
    pub reference: String,
    /// Paid.
    pub amount: Money,
}

/// What left the treasury's account for the file, and what came back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreasuryStatement {
    /// Debited.
    pub debited: Money,
    /// Credited back.
    pub refunded: Money,
}

/// What kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// 账有行无 Posted by us, unknown to the bank.
    LedgerOnly,
    /// 行有账无 Paid by the bank, not posted by us.
    BankOnly,
    /// 金额不同
    Amount,
    /// 重复 One side has the reference twice.
    Twice,
    /// 国库不同 The treasury's net is not the bank's sum.
    Treasury,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Difference {
    /// What kind.
    pub kind: DifferenceKind,
    /// The line reference; empty for the treasury.
    pub reference: String,
    /// Bank less ledger (treasury less bank), in fen.
    pub fen: i64,
}

/// A difference a person has explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Which line reference; empty for the treasury.
    pub reference: String,
    /// What it is.
    pub words: String,
}

/// The match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// 账 Our books.
    pub ledger: Money,
    /// 行 The bank.
    pub bank: Money,
    /// 库 The treasury, net.
    pub treasury: Money,
    /// Everything that differs.
    pub differences: Vec<Difference>,
    /// What people said about it.
    pub named: Vec<Named>,
}

impl Reconciliation {
    /// The distance between the farthest two sides. 0 fen is what we promise.
    pub fn difference(&self) -> Money {
        let sides = [self.ledger.fen(), self.bank.fen(), self.treasury.fen()];
        let most = sides.iter().max().copied().unwrap_or(0);
        let least = sides.iter().min().copied().unwrap_or(0);
        Money::from_fen(most.saturating_sub(least))
    }

    /// Differences without a name.
    pub fn unnamed(&self) -> usize {
        let names: BTreeSet<&str> = self
            .named
            .iter()
            .filter(|named| !named.words.trim().is_empty())
            .map(|named| named.reference.as_str())
            .collect();
        self.differences
            .iter()
            .filter(|difference| !names.contains(difference.reference.as_str()))
            .count()
    }

    /// Whether every difference is 0 or named.
    pub fn is_settled(&self) -> bool {
        self.unnamed() == 0
    }
}

/// Matches the three sides line by line.
///
/// # Errors
/// [`Refusal::TotalTooLarge`] beyond 64 bits.
pub fn reconcile(
    ledger: &[LedgerLine],
    bank: &[BankLine],
    treasury: &TreasuryStatement,
    named: Vec<Named>,
) -> Result<Reconciliation, Refusal> {
    let mut differences = Vec::new();
    let ours = by_reference(
        ledger
            .iter()
            .map(|l| (l.reference.as_str(), l.amount.fen())),
        &mut differences,
    );
    let theirs = by_reference(
        bank.iter().map(|l| (l.reference.as_str(), l.amount.fen())),
        &mut differences,
    );
    let references: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
    for reference in references {
        let (kind, fen) = match (ours.get(reference), theirs.get(reference)) {
            (Some(our), Some(their)) if our == their => continue,
            (Some(our), Some(their)) => (DifferenceKind::Amount, their.saturating_sub(*our)),
            (Some(our), None) => (DifferenceKind::LedgerOnly, our.saturating_neg()),
            (None, their) => (DifferenceKind::BankOnly, their.copied().unwrap_or(0)),
        };
        differences.push(Difference {
            kind,
            reference: reference.to_owned(),
            fen,
        });
    }
    let sum = |amounts: Vec<Money>| Money::checked_sum(amounts).ok_or(Refusal::TotalTooLarge);
    let ledger = sum(ledger.iter().map(|l| l.amount).collect())?;
    let bank = sum(bank.iter().map(|l| l.amount).collect())?;
    let net = treasury
        .debited
        .checked_sub(treasury.refunded)
        .ok_or(Refusal::TotalTooLarge)?;
    if net != bank {
        differences.push(Difference {
            kind: DifferenceKind::Treasury,
            reference: String::new(),
            fen: net.fen().saturating_sub(bank.fen()),
        });
    }
    Ok(Reconciliation {
        ledger,
        bank,
        treasury: net,
        differences,
        named,
    })
}

fn by_reference<'a>(
    lines: impl Iterator<Item = (&'a str, i64)>,
    differences: &mut Vec<Difference>,
) -> BTreeMap<&'a str, i64> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for (reference, fen) in lines {
        let sum = sums.entry(reference).or_insert(0);
        if *sum != 0 {
            differences.push(Difference {
                kind: DifferenceKind::Twice,
                reference: reference.to_owned(),
                fen,
            });
        }
        *sum = sum.saturating_add(fen);
    }
    sums
}
