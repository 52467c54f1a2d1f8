//! 「验账」 Proves all books from the entries, page by page, so that ten million entries
//! need no more memory than the accounts: engine-ledger's prover for the sums, bounds and
//! kinds; here the prints.

use super::print::{PRINTS, Printer};
use super::{ALL_ENTRIES, account, hold, kind, leg};
use crate::db::Db;
use crate::error::Result;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use engine_ledger::{Booked, LedgerFault, Leg, Prover};
use kernel::{AccountId, Instant, Slug, TransferId};
use std::collections::BTreeMap;

statements! {
    PRINTED = "SELECT id, unit, name, floor, balance, held_out, held_in, ceiling, expires,
                   purposes, print FROM account ORDER BY id";
    HOLDS = "SELECT id, reference, legs, expires, state, stamp, purpose FROM hold ORDER BY id";
    PAGE = "SELECT t.id, t.reference, t.kind, t.subject, t.purpose, t.lot, t.at, t.print,
                r.id AS reversed_by
            FROM transfer t LEFT JOIN transfer r ON r.kind = 2 AND r.subject = t.id
            WHERE t.id > $1 ORDER BY t.id LIMIT 5000";
}

/// What proving came to.
#[derive(Debug, Default)]
pub struct Proved {
    /// Transfers read.
    pub transfers: u64,
    /// Entries read.
    pub entries: u64,
    /// Accounts.
    pub accounts: usize,
    /// What the sums say.
    pub faults: Vec<LedgerFault>,
    /// Transfers whose print is not theirs.
    pub forged: Vec<TransferId>,
    /// Accounts whose entries are not all those that were booked.
    pub robbed: Vec<AccountId>,
}

impl Proved {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.faults.is_empty() && self.forged.is_empty() && self.robbed.is_empty()
    }
}

/// Proves the sums of all books; empty when all holds.
///
/// # Errors
/// The store's.
pub async fn verify(db: &Db) -> Result<Vec<LedgerFault>> {
    Ok(prove(db).await?.faults)
}

/// Proves all books: sums, bounds and prints.
///
/// # Errors
/// The store's.
pub async fn prove(db: &Db) -> Result<Proved> {
    db.read(async |tx| proved(tx).await).await
}

async fn proved(tx: &mut Tx) -> Result<Proved> {
    let key = tx.shared.audit_key.clone();
    let printer = Printer::of(&key);
    let mut all = Proved::default();
    let (mut accounts, mut stored) = (BTreeMap::new(), BTreeMap::new());
    for row in tx.fetch_all(PRINTED, args![]).await? {
        let account = account(&row)?;
        stored.insert(account.id, row.get::<i64>("print")?);
        accounts.insert(account.id, account);
    }
    all.accounts = accounts.len();
    let mut holds = BTreeMap::new();
    for row in tx.fetch_all(HOLDS, args![]).await? {
        let hold = hold(&row)?;
        holds.insert(hold.id, hold);
    }
    let mut prover = Prover::new(accounts, holds);
    let mut prints: BTreeMap<AccountId, i64> = BTreeMap::new();
    let mut last = TransferId(i64::MIN);
    loop {
        let rows = tx.fetch_all(PAGE, args![last]).await?;
        let Some(end) = rows.last() else { break };
        let end: TransferId = end.get("id")?;
        let mut legs: BTreeMap<TransferId, Vec<Leg>> = BTreeMap::new();
        for row in tx.fetch_all(ALL_ENTRIES, args![last, end]).await? {
            let of = legs.entry(row.get("transfer")?).or_default();
            of.push(leg(&row)?);
            all.entries += 1;
        }
        for row in rows {
            let id: TransferId = row.get("id")?;
            let legs = legs.remove(&id).unwrap_or_default();
            let (reference, purpose): (String, Option<Slug>) =
                (row.get("reference")?, row.maybe("purpose")?);
            let booked = Booked {
                id,
                reference: &reference,
                legs: &legs,
                kind: kind(&row)?,
                purpose: purpose.as_ref(),
                reversed_by: row.maybe("reversed_by")?,
            };
            prover.take(&booked);
            all.transfers += 1;
            // What was booked before prints were made has none, and adds nothing.
            if let Some(print) = row.maybe::<Vec<u8>>("print")? {
                let at: Option<Instant> = row.maybe("at")?;
                if at.is_none_or(|at| printer.transfer(&booked, at).ok() != Some(print.clone())) {
                    all.forged.push(id);
                }
                for leg in &legs {
                    let sum = prints.entry(leg.account).or_default();
                    *sum = (*sum + printer.leg(&print, leg)?) % PRINTS;
                }
            }
        }
        last = end;
    }
    all.robbed = stored
        .into_iter()
        .filter(|(id, print)| prints.get(id).copied().unwrap_or(0) != *print)
        .map(|(id, _)| id)
        .collect();
    all.faults = prover.finish();
    Ok(all)
}
