//! 「账本」 The books: accounts, transfers and their entries, holds. Transfers and
//! entries are only ever added. Balances move by differences under the account's
//! floor and ceiling in the UPDATE itself, so that two writers at once can neither lose a
//! movement nor together go below; nothing stored is believed by `verify`. What books people have
//! lies in `book`, how each transfer is printed in `print`, how all is proven in `prove`.

use crate::bulk::{Bulk, Rows};
use crate::error::{Result, StoreError};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::Row;
use crate::value::{Kind, args, json, row};
use engine_ledger::{
    Account, Booked, Bounds, Event, Hold, HoldState, Ledger, Leg, Transfer, TransferKind,
};
use kernel::{AccountId, Actor, Now, TransferId};
use std::collections::BTreeMap;

mod book;
mod print;
mod prove;
mod slice;

pub use book::{BookPart, Claim, ClaimStage, ReversalAsked};
#[cfg(test)]
pub(crate) use book::{SEALED as BOOK_SEALED, STATEMENTS as BOOK_STATEMENTS};
use print::{PRINTS, Printer};
#[cfg(test)]
pub(crate) use prove::STATEMENTS as PROOF_STATEMENTS;
pub use prove::{Proved, prove, verify};
pub use slice::LedgerSlice;

const KIND: &str = "ledger";

sealed! {
    BOOKED = transfer.stamp (id: Int);
    HELD = hold.stamp (id: Int);
}

statements! {
    OPEN = "INSERT INTO account (id, unit, name, floor, balance, held_out, held_in, ceiling,
                expires, purposes)
            VALUES ($1, $2, $3, $4, 0, 0, 0, $5, $6, $7)";
    ACCOUNT = "SELECT id, unit, name, floor, balance, held_out, held_in, ceiling, expires, purposes
               FROM account WHERE id = $1";
    NAMED = "SELECT id, unit, name, floor, balance, held_out, held_in, ceiling, expires, purposes
               FROM account WHERE name = $1";
    MOVE = "UPDATE account SET balance = balance + $2, held_out = held_out + $3,
                held_in = held_in + $4, print = (print + $5) % 2305843009213693951
            WHERE id = $1 AND (floor IS NULL OR CAST($2 AS BIGINT) >= CAST($3 AS BIGINT)
                OR balance + $2 - held_out - $3 >= floor)
              AND (ceiling IS NULL OR CAST($2 AS BIGINT) + CAST($4 AS BIGINT) <= 0
                OR balance + $2 + held_in + $4 <= ceiling)";
    REFER = "INSERT INTO ledger_reference (reference, id) VALUES ($1, $2)";
    REFERENCE = "SELECT id FROM ledger_reference WHERE reference = $1";
    TRANSFER = "INSERT INTO transfer (id, reference, kind, subject, stamp, purpose, lot, at, print)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    HOLD = "INSERT INTO hold (id, reference, legs, expires, pending, state, stamp, purpose)
            VALUES ($1, $2, $3, $4, 1, $5, $6, $7)";
    RELEASE = "UPDATE hold SET pending = 0, state = $2 WHERE id = $1 AND pending = 1";
    FIND_TRANSFER = "SELECT t.id, t.reference, t.kind, t.subject, t.stamp, t.purpose, t.lot,
                         r.id AS reversed_by
                     FROM transfer t LEFT JOIN transfer r ON r.kind = 2 AND r.subject = t.id
                     WHERE t.id = $1";
    ENTRIES = "SELECT account, amount FROM entry WHERE transfer = $1 ORDER BY leg";
    FIND_HOLD = "SELECT id, reference, legs, expires, state, stamp, purpose FROM hold WHERE id = $1";
    LAPSED = "SELECT id FROM hold WHERE pending = 1 AND expires <= $1 ORDER BY expires, id LIMIT $2";
    ALL_ACCOUNTS = "SELECT id, unit, name, floor, balance, held_out, held_in, ceiling, expires, purposes
               FROM account
                    ORDER BY id";
    ALL_TRANSFERS = "SELECT t.id, t.reference, t.kind, t.subject, t.stamp, t.purpose, t.lot,
                         r.id AS reversed_by
                     FROM transfer t LEFT JOIN transfer r ON r.kind = 2 AND r.subject = t.id
                     WHERE t.id > $1 ORDER BY t.id LIMIT 5000";
    ALL_ENTRIES = "SELECT transfer, account, amount FROM entry
                   WHERE transfer > $1 AND transfer <= $2 ORDER BY transfer, leg";
    ALL_HOLDS = "SELECT id, reference, legs, expires, state, stamp, purpose FROM hold ORDER BY id";
}

const ENTRIES_BULK: Bulk = Bulk {
    table: "entry",
    columns: &[
        ("transfer", Kind::Int),
        ("leg", Kind::Int),
        ("account", Kind::Int),
        ("amount", Kind::Int),
    ],
};

impl Tx {
    /// The account of that name.
    pub async fn account_named(&mut self, name: &str) -> Result<Option<Account>> {
        let row = self.fetch_optional(NAMED, args![name]).await?;
        row.map(|row| account(&row)).transpose()
    }

    /// The part of the book a command needs.
    pub async fn ledger(&mut self, slice: &LedgerSlice) -> Result<Ledger> {
        let mut ledger = Ledger::default();
        let mut accounts = slice.accounts.clone();
        for id in &slice.transfers {
            if let Some(row) = self.fetch_optional(FIND_TRANSFER, args![id]).await? {
                let entries = self.fetch_all(ENTRIES, args![id]).await?;
                let legs = entries.iter().map(leg).collect::<Result<Vec<_>>>()?;
                accounts.extend(legs.iter().map(|leg| leg.account));
                let transfer = transfer(&row, legs)?;
                ledger.references.insert(transfer.reference.clone(), *id);
                ledger.transfers.insert(*id, transfer);
            }
            if let Some(row) = self.fetch_optional(FIND_HOLD, args![id]).await? {
                let hold = hold(&row)?;
                accounts.extend(hold.legs.iter().map(|leg| leg.account));
                ledger.references.insert(hold.reference.clone(), *id);
                ledger.holds.insert(*id, hold);
            }
        }
        for reference in &slice.references {
            if let Some(row) = self.fetch_optional(REFERENCE, args![reference]).await? {
                ledger.references.insert(reference.clone(), row.get("id")?);
            }
        }
        for id in accounts {
            if let Some(row) = self.fetch_optional(ACCOUNT, args![id]).await? {
                ledger.accounts.insert(id, account(&row)?);
            }
        }
        Ok(ledger)
    }

    /// Books what was decided. `ledger` is the book the events were decided on,
    /// before them: holds that end are found in it.
    pub async fn save_ledger(
        &mut self,
        ledger: &Ledger,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let mut held: BTreeMap<TransferId, Vec<Leg>> = ledger
            .holds
            .iter()
            .map(|(id, hold)| (*id, hold.legs.clone()))
            .collect();
        for event in events {
            let id = match event {
                Event::Opened { account, .. } => self.open_account(account).await?,
                Event::Transferred { transfer } => self.book(transfer, &held).await?,
                Event::Reserved { hold } => {
                    held.insert(hold.id, hold.legs.clone());
                    self.reserve(hold).await?
                }
                Event::Voided { hold, .. } => {
                    self.release(*hold, HoldState::Voided, &held, Shifts::default())
                        .await?
                }
                Event::Expired { hold, .. } => {
                    self.release(*hold, HoldState::Expired, &held, Shifts::default())
                        .await?
                }
            };
            // An account, a transfer and a hold each have few events: opened;
            // booked; reserved and ended.
            let (kind, seq) = match event {
                Event::Opened { .. } => ("ledger_account", 0),
                Event::Transferred { .. } | Event::Reserved { .. } => (KIND, 0),
                Event::Voided { .. } | Event::Expired { .. } => (KIND, 1),
            };
            self.append(kind, id, seq, std::slice::from_ref(event), actor, now)
                .await?;
        }
        Ok(())
    }

    /// Holds whose time ran out, oldest first.
    pub async fn lapsed_holds(&mut self, now: Now, limit: u32) -> Result<Vec<TransferId>> {
        let rows = self.fetch_all(LAPSED, args![now.at, limit]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    async fn open_account(&mut self, account: &Account) -> Result<i64> {
        let Account {
            id,
            unit,
            name,
            bounds,
            ..
        } = account;
        let purposes = bounds.purposes.as_ref().map(json).transpose()?;
        let row = args![
            id,
            unit,
            name,
            bounds.floor,
            bounds.ceiling,
            bounds.expires,
            purposes
        ];
        match self.execute(OPEN, row).await {
            // Opened by somebody else at this moment: run anew, it is there then.
            Err(StoreError::Duplicate { .. }) => Err(self.conflict("账户")),
            done => done.map(|_| id.0),
        }
    }

    async fn book(
        &mut self,
        transfer: &Transfer,
        held: &BTreeMap<TransferId, Vec<Leg>>,
    ) -> Result<i64> {
        let (kind, subject, lot): (i64, _, _) = match transfer.kind {
            TransferKind::Direct => (0, None, None),
            TransferKind::Lapse { lot } => (0, None, Some(lot)),
            TransferKind::Posting { hold } => (1, Some(hold), None),
            TransferKind::Reversal { of } => (2, Some(of), None),
        };
        self.execute(REFER, args![transfer.reference, transfer.id])
            .await?;
        let stamp = self.seal(&BOOKED, &row![transfer.id], json(&transfer.stamp)?)?;
        let print = self
            .printer()
            .transfer(&Booked::of(transfer), transfer.stamp.at)?;
        let row = args![
            transfer.id,
            transfer.reference,
            kind,
            subject,
            stamp,
            transfer.purpose,
            lot,
            transfer.stamp.at,
            print
        ];
        self.execute(TRANSFER, row).await?;
        let mut entries = Rows::new(ENTRIES_BULK);
        for (at, leg) in (0_i64..).zip(&transfer.legs) {
            entries.push(args![transfer.id, at, leg.account, leg.amount]);
        }
        self.insert_many(entries).await?;
        let moved = Shifts::default().moved(&transfer.legs);
        let moved = moved.printed(&self.printer(), &print, &transfer.legs)?;
        match transfer.kind {
            TransferKind::Posting { hold } => {
                let state = HoldState::Posted {
                    transfer: transfer.id,
                };
                self.release(hold, state, held, moved).await?;
            }
            _ => self.shift(&moved).await?,
        }
        Ok(transfer.id.0)
    }

    async fn reserve(&mut self, hold: &Hold) -> Result<i64> {
        self.execute(REFER, args![hold.reference, hold.id]).await?;
        let stamp = self.seal(&HELD, &row![hold.id], json(&hold.stamp)?)?;
        let row = args![
            hold.id,
            hold.reference,
            json(&hold.legs)?,
            hold.expires,
            json(&hold.state)?,
            stamp,
            hold.purpose
        ];
        self.execute(HOLD, row).await?;
        self.shift(&Shifts::default().held(&hold.legs, 1)).await?;
        Ok(hold.id.0)
    }

    /// Ends a hold; what of it is booked moves in the same step.
    async fn release(
        &mut self,
        hold: TransferId,
        state: HoldState,
        held: &BTreeMap<TransferId, Vec<Leg>>,
        booked: Shifts,
    ) -> Result<i64> {
        let legs = held
            .get(&hold)
            .ok_or_else(|| StoreError::fault(format!("hold {hold} was not loaded")))?;
        self.execute_one(RELEASE, args![hold, json(&state)?], "预留")
            .await?;
        self.shift(&booked.held(legs, -1)).await?;
        Ok(hold.0)
    }

    async fn shift(&mut self, shifts: &Shifts) -> Result<()> {
        // In the accounts' order: two writers cannot wait for each other.
        for (account, shift) in &shifts.0 {
            let row = args![account, shift.balance, shift.out, shift.coming, shift.print];
            self.execute_one(MOVE, row, "账户").await?;
        }
        Ok(())
    }

    /// The whole book, for verifying.
    pub async fn whole_ledger(&mut self) -> Result<Ledger> {
        let mut ledger = Ledger::default();
        for row in self.fetch_all(ALL_ACCOUNTS, args![]).await? {
            let account = account(&row)?;
            ledger.accounts.insert(account.id, account);
        }
        for row in self.fetch_all(ALL_HOLDS, args![]).await? {
            let hold = hold(&row)?;
            ledger.references.insert(hold.reference.clone(), hold.id);
            ledger.holds.insert(hold.id, hold);
        }
        let mut last = TransferId(i64::MIN);
        loop {
            let rows = self.fetch_all(ALL_TRANSFERS, args![last]).await?;
            let Some(end) = rows.last() else {
                return Ok(ledger);
            };
            let end: TransferId = end.get("id")?;
            let mut legs: BTreeMap<TransferId, Vec<Leg>> = BTreeMap::new();
            for row in self.fetch_all(ALL_ENTRIES, args![last, end]).await? {
                legs.entry(row.get("transfer")?)
                    .or_default()
                    .push(leg(&row)?);
            }
            for row in rows {
                let id: TransferId = row.get("id")?;
                let transfer = transfer(&row, legs.remove(&id).unwrap_or_default())?;
                ledger.references.insert(transfer.reference.clone(), id);
                ledger.transfers.insert(id, transfer);
            }
            last = end;
        }
    }
}

/// What moves on an account.
#[derive(Clone, Copy, Default)]
struct Shift {
    balance: i64,
    out: i64,
    coming: i64,
    print: i64,
}

/// What moves on each account.
#[derive(Default)]
struct Shifts(BTreeMap<AccountId, Shift>);

impl Shifts {
    fn moved(mut self, legs: &[Leg]) -> Self {
        for leg in legs {
            self.0.entry(leg.account).or_default().balance += leg.amount;
        }
        self
    }

    fn printed(mut self, printer: &Printer<'_>, print: &[u8], legs: &[Leg]) -> Result<Self> {
        for leg in legs {
            let shift = self.0.entry(leg.account).or_default();
            shift.print = (shift.print + printer.leg(print, leg)?) % PRINTS;
        }
        Ok(self)
    }

    fn held(mut self, legs: &[Leg], sign: i64) -> Self {
        for leg in legs {
            let shift = self.0.entry(leg.account).or_default();
            if leg.amount < 0 {
                shift.out -= sign * leg.amount;
            } else {
                shift.coming += sign * leg.amount;
            }
        }
        self
    }
}

pub(crate) fn account(row: &Row) -> Result<Account> {
    let purposes = match row.maybe::<String>("purposes")? {
        Some(_) => Some(row.json("purposes")?),
        None => None,
    };
    Ok(Account {
        id: row.get("id")?,
        unit: row.get("unit")?,
        name: row.get("name")?,
        bounds: Bounds {
            floor: row.maybe("floor")?,
            ceiling: row.maybe("ceiling")?,
            expires: row.maybe("expires")?,
            purposes,
        },
        balance: row.get("balance")?,
        held_out: row.get("held_out")?,
        held_in: row.get("held_in")?,
    })
}

pub(crate) fn leg(row: &Row) -> Result<Leg> {
    Ok(Leg {
        account: row.get("account")?,
        amount: row.get("amount")?,
    })
}

pub(crate) fn kind(row: &Row) -> Result<TransferKind> {
    let subject: Option<TransferId> = row.maybe("subject")?;
    let lot: Option<AccountId> = row.maybe("lot")?;
    match (row.get::<i64>("kind")?, subject, lot) {
        (0, None, None) => Ok(TransferKind::Direct),
        (0, None, Some(lot)) => Ok(TransferKind::Lapse { lot }),
        (1, Some(hold), None) => Ok(TransferKind::Posting { hold }),
        (2, Some(of), None) => Ok(TransferKind::Reversal { of }),
        _ => Err(StoreError::fault("a transfer of no known kind")),
    }
}

pub(crate) fn transfer(row: &Row, legs: Vec<Leg>) -> Result<Transfer> {
    Ok(Transfer {
        id: row.get("id")?,
        reference: row.get("reference")?,
        legs,
        kind: kind(row)?,
        purpose: row.maybe("purpose")?,
        reversed_by: row.maybe("reversed_by")?,
        stamp: row.unsealed_json(&BOOKED)?,
    })
}

pub(crate) fn hold(row: &Row) -> Result<Hold> {
    Ok(Hold {
        id: row.get("id")?,
        reference: row.get("reference")?,
        legs: row.json("legs")?,
        expires: row.maybe("expires")?,
        purpose: row.maybe("purpose")?,
        state: row.json("state")?,
        stamp: row.unsealed_json(&HELD)?,
    })
}
