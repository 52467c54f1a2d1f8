//! 「哪本账」 Which account belongs to which book and whom; what somebody says they gave and
//! the other side has yet to confirm; what somebody asked to have reversed. What may happen
//! is engine-ledger's and app's affair.

use super::{account, leg, transfer};
use crate::error::{Result, StoreError};
use crate::seal::sealed;
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{Row, Value, args, json, row};
use engine_ledger::{Account, Transfer};
use kernel::{AccountId, Actor, Date, Instant, Now, PersonId, RegionCode, Slug, TransferId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An account and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookPart {
    /// The account.
    pub account: Account,
    /// `lot`, `issued`, `fund`…: the book's own word.
    pub part: String,
    /// Whose.
    pub holder: Option<PersonId>,
    /// Where its holder lived when it was opened.
    pub region: Option<RegionCode>,
}

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimStage {
    /// 等对方确认
    Open,
    /// 对方确认了
    Confirmed,
    /// 对方说没有
    Denied,
    /// 过了时间没有人确认
    Lapsed,
}

/// 存入申报 What somebody says they gave; its number is its hold's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its number, the hold's.
    pub id: TransferId,
    /// Which book.
    pub book: Slug,
    /// Which kind.
    pub kind: Slug,
    /// Who gave.
    pub giver: PersonId,
    /// To whom; who confirms.
    pub receiver: PersonId,
    /// When it was given.
    pub day: Date,
    /// What is booked, in the book's unit.
    pub amount: i64,
    /// Until when it can be confirmed.
    pub expires: Instant,
    /// Where it stands.
    pub stage: ClaimStage,
}

/// 请求冲正
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalAsked {
    /// Which transfer.
    pub of: TransferId,
    /// Which book.
    pub book: Slug,
    /// Why.
    pub why: String,
    /// Who asks; somebody else decides.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

sealed! {
    ASKED = reversal_asked.state (transfer: Int);
}

statements! {
    KEEP = "INSERT INTO book_account (account, book, part, holder, region)
            VALUES ($1, $2, $3, $4, $5)";
    OF_HOLDER = "SELECT a.id, a.unit, a.name, a.floor, a.balance, a.held_out, a.held_in,
                     a.ceiling, a.expires, a.purposes, b.part, b.holder, b.region
                 FROM book_account b JOIN account a ON a.id = b.account
                 WHERE b.holder = $1 AND b.book = $2 ORDER BY a.id";
    OF_BOOK = "SELECT a.id, a.unit, a.name, a.floor, a.balance, a.held_out, a.held_in,
                   a.ceiling, a.expires, a.purposes, b.part, b.holder, b.region
               FROM book_account b JOIN account a ON a.id = b.account
               WHERE b.book = $1 AND b.part = $2 ORDER BY a.id";
    ONE_PART = "SELECT a.id, a.unit, a.name, a.floor, a.balance, a.held_out, a.held_in,
                    a.ceiling, a.expires, a.purposes, b.part, b.holder, b.region
                FROM book_account b JOIN account a ON a.id = b.account WHERE a.id = $1";
    BOOK_OF = "SELECT book FROM book_account WHERE account = $1";
    OVER = "SELECT b.book, b.account FROM account a JOIN book_account b ON b.account = a.id
            WHERE a.expires <= $1 AND a.balance - a.held_out > 0 ORDER BY a.expires, a.id
            LIMIT $2";
    MOVED = "SELECT t.id, t.reference, t.kind, t.subject, t.stamp, t.purpose, t.lot,
                 r.id AS reversed_by, e.account, e.amount
             FROM entry e JOIN transfer t ON t.id = e.transfer
             LEFT JOIN transfer r ON r.kind = 2 AND r.subject = t.id
             WHERE e.account = $1 ORDER BY e.transfer DESC LIMIT $2";
    MOVED_IN = "SELECT t.id, t.reference, t.kind, t.subject, t.stamp, t.purpose, t.lot,
                    r.id AS reversed_by, e.account, e.amount
                FROM entry e JOIN transfer t ON t.id = e.transfer
                LEFT JOIN transfer r ON r.kind = 2 AND r.subject = t.id
                WHERE e.account = $1 AND t.at >= $2 AND t.at < $3
                ORDER BY e.transfer DESC LIMIT $4";
    FLOW = "SELECT CAST(SUM(CASE WHEN e.amount > 0 THEN e.amount ELSE 0 END) AS BIGINT) AS came,
                CAST(SUM(CASE WHEN e.amount < 0 THEN -e.amount ELSE 0 END) AS BIGINT) AS went
            FROM entry e JOIN transfer t ON t.id = e.transfer
            WHERE e.account = $1 AND t.at >= $2 AND t.at < $3";
    CLAIM = "INSERT INTO book_claim (id, book, kind, giver, receiver, day, amount, expires, stage)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open')";
    STAGE = "UPDATE book_claim SET stage = $2 WHERE id = $1 AND stage = 'open'";
    FIND_CLAIM = "SELECT id, book, kind, giver, receiver, day, amount, expires, stage
                  FROM book_claim WHERE id = $1";
    TO_CONFIRM = "SELECT id, book, kind, giver, receiver, day, amount, expires, stage
                  FROM book_claim WHERE receiver = $1 AND stage = 'open' ORDER BY id";
    CLAIMED = "SELECT id, book, kind, giver, receiver, day, amount, expires, stage
               FROM book_claim WHERE giver = $1 ORDER BY id DESC LIMIT $2";
    CLAIMS_OVER = "SELECT id, book, kind, giver, receiver, day, amount, expires, stage
                   FROM book_claim WHERE stage = 'open' AND expires <= $1 ORDER BY expires, id
                   LIMIT $2";
    ASK = "INSERT INTO reversal_asked (transfer, book, stage, state) VALUES ($1, $2, 'open', $3)";
    ASKED_OF = "SELECT transfer, state FROM reversal_asked
                WHERE book = $1 AND stage = 'open' ORDER BY transfer";
    ASKED_ONE = "SELECT transfer, state FROM reversal_asked WHERE transfer = $1 AND stage = 'open'";
    DECIDED = "UPDATE reversal_asked SET stage = $2 WHERE transfer = $1 AND stage = 'open'";
}

impl Tx {
    /// Says where an account that was just opened belongs.
    pub async fn keep_book_part(
        &mut self,
        id: AccountId,
        book: &Slug,
        part: &str,
        (holder, region): (Option<PersonId>, Option<RegionCode>),
    ) -> Result<()> {
        self.execute(KEEP, args![id, book, part, holder, region])
            .await?;
        Ok(())
    }

    /// What a person has in a book.
    pub async fn book_of(&mut self, holder: PersonId, book: &Slug) -> Result<Vec<BookPart>> {
        self.parts(OF_HOLDER, args![holder, book]).await
    }

    /// All accounts of one part of a book.
    pub async fn book_parts(&mut self, book: &Slug, part: &str) -> Result<Vec<BookPart>> {
        self.parts(OF_BOOK, args![book, part]).await
    }

    /// An account of a book.
    pub async fn book_part(&mut self, id: AccountId) -> Result<Option<BookPart>> {
        Ok(self.parts(ONE_PART, args![id]).await?.pop())
    }

    /// Which book an account belongs to; payments' accounts to none.
    pub async fn book_of_account(&mut self, id: AccountId) -> Result<Option<Slug>> {
        let row = self.fetch_optional(BOOK_OF, args![id]).await?;
        row.map(|row| row.get("book")).transpose()
    }

    /// Lots whose time is over and that hold something, with their books.
    pub async fn lots_over(&mut self, now: Now, limit: u32) -> Result<Vec<(Slug, AccountId)>> {
        let rows = self.fetch_all(OVER, args![now.at, limit]).await?;
        rows.iter()
            .map(|row| Ok((row.get("book")?, row.get("account")?)))
            .collect()
    }

    /// The latest transfers of these accounts, oldest first, each with the legs on them
    /// only; at most `limit` of each account.
    pub async fn transfers_of(
        &mut self,
        accounts: &[AccountId],
        limit: u32,
    ) -> Result<Vec<Transfer>> {
        let mut all: BTreeMap<TransferId, Transfer> = BTreeMap::new();
        for id in accounts {
            gather(&mut all, &self.fetch_all(MOVED, args![id, limit]).await?)?;
        }
        Ok(all.into_values().collect())
    }

    /// As [`Tx::transfers_of`], from a moment (included) to another.
    pub async fn transfers_in(
        &mut self,
        accounts: &[AccountId],
        (from, to): (Instant, Instant),
        limit: u32,
    ) -> Result<Vec<Transfer>> {
        let mut all: BTreeMap<TransferId, Transfer> = BTreeMap::new();
        for id in accounts {
            let values = args![id, from, to, limit];
            gather(&mut all, &self.fetch_all(MOVED_IN, values).await?)?;
        }
        Ok(all.into_values().collect())
    }

    /// What came into and went out of an account from a moment (included) to another.
    pub async fn flow(
        &mut self,
        id: AccountId,
        (from, to): (Instant, Instant),
    ) -> Result<(i64, i64)> {
        let row = self.fetch_one(FLOW, args![id, from, to]).await?;
        // No row moved: the sum of nothing.
        let came: Option<i64> = row.maybe("came")?;
        let went: Option<i64> = row.maybe("went")?;
        Ok((came.unwrap_or(0), went.unwrap_or(0)))
    }

    /// Keeps a claim whose hold was just reserved.
    pub async fn keep_claim(&mut self, one: &Claim) -> Result<()> {
        let values = args![
            one.id,
            one.book,
            one.kind,
            one.giver,
            one.receiver,
            one.day,
            one.amount,
            one.expires
        ];
        self.execute(CLAIM, values).await?;
        Ok(())
    }

    /// Ends a claim that is open.
    pub async fn end_claim(&mut self, id: TransferId, stage: ClaimStage) -> Result<()> {
        self.execute_one(STAGE, args![id, stage.word()], "申报")
            .await
    }

    /// A claim.
    pub async fn claim(&mut self, id: TransferId) -> Result<Option<Claim>> {
        Ok(self.claims(FIND_CLAIM, args![id]).await?.pop())
    }

    /// What waits for this person to confirm.
    pub async fn claims_to_confirm(&mut self, receiver: PersonId) -> Result<Vec<Claim>> {
        self.claims(TO_CONFIRM, args![receiver]).await
    }

    /// What a person said they gave, newest first.
    pub async fn claims_of(&mut self, giver: PersonId, limit: u32) -> Result<Vec<Claim>> {
        self.claims(CLAIMED, args![giver, limit]).await
    }

    /// Claims nobody confirmed in time.
    pub async fn claims_over(&mut self, now: Now, limit: u32) -> Result<Vec<Claim>> {
        self.claims(CLAIMS_OVER, args![now.at, limit]).await
    }

    /// Keeps that somebody asks for a reversal; asked twice is a conflict.
    pub async fn ask_reversal(&mut self, asked: &ReversalAsked) -> Result<()> {
        let state = self.seal(&ASKED, &row![asked.of], json(asked)?)?;
        self.execute(ASK, args![asked.of, asked.book, state])
            .await?;
        Ok(())
    }

    /// Reversals asked for and not decided.
    pub async fn reversals_asked(&mut self, book: &Slug) -> Result<Vec<ReversalAsked>> {
        let rows = self.fetch_all(ASKED_OF, args![book]).await?;
        rows.iter().map(|row| row.unsealed_json(&ASKED)).collect()
    }

    /// One that is not decided.
    pub async fn reversal_asked(&mut self, of: TransferId) -> Result<Option<ReversalAsked>> {
        let row = self.fetch_optional(ASKED_ONE, args![of]).await?;
        row.map(|row| row.unsealed_json(&ASKED)).transpose()
    }

    /// Decides one: done, or not.
    pub async fn end_reversal(&mut self, of: TransferId, done: bool) -> Result<()> {
        let stage = if done { "done" } else { "refused" };
        self.execute_one(DECIDED, args![of, stage], "冲正").await
    }

    async fn parts(&mut self, sql: Sql, values: Vec<Value>) -> Result<Vec<BookPart>> {
        let rows = self.fetch_all(sql, values).await?;
        let part = |row: &Row| {
            Ok(BookPart {
                account: account(row)?,
                part: row.get("part")?,
                holder: row.maybe("holder")?,
                region: row.maybe("region")?,
            })
        };
        rows.iter().map(part).collect()
    }

    async fn claims(&mut self, sql: Sql, values: Vec<Value>) -> Result<Vec<Claim>> {
        let rows = self.fetch_all(sql, values).await?;
        rows.iter().map(claim).collect()
    }
}

/// Legs of one transfer on several accounts come together.
fn gather(all: &mut BTreeMap<TransferId, Transfer>, rows: &[Row]) -> Result<()> {
    for row in rows {
        let own = leg(row)?;
        match all.get_mut(&row.get("id")?) {
            Some(known) => known.legs.push(own),
            None => {
                let one = transfer(row, vec![own])?;
                all.insert(one.id, one);
            }
        }
    }
    Ok(())
}

fn claim(row: &Row) -> Result<Claim> {
    let word: String = row.get("stage")?;
    let stage = ClaimStage::ALL.into_iter().find(|one| one.word() == word);
    Ok(Claim {
        id: row.get("id")?,
        book: row.get("book")?,
        kind: row.get("kind")?,
        giver: row.get("giver")?,
        receiver: row.get("receiver")?,
        day: row.get("day")?,
        amount: row.get("amount")?,
        expires: row.get("expires")?,
        stage: stage.ok_or_else(|| StoreError::fault("a claim nowhere"))?,
    })
}

impl ClaimStage {
    const ALL: [ClaimStage; 4] = [
        ClaimStage::Open,
        ClaimStage::Confirmed,
        ClaimStage::Denied,
        ClaimStage::Lapsed,
    ];

    fn word(self) -> &'static str {
        match self {
            ClaimStage::Open => "open",
            ClaimStage::Confirmed => "confirmed",
            ClaimStage::Denied => "denied",
            ClaimStage::Lapsed => "lapsed",
        }
    }
}
