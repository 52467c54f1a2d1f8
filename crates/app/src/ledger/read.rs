//! 「看账」 A person's own account with what lapses when, limits and statement; a keeper's
//! book with its sums, each of which opens to the entries it is made of. Reading whose
//! account it is leaves a row.

use super::open::{ISSUED, LAPSED, LOT, USED, begins};
use super::{Room, wrong};
use crate::{App, Context, Result};
use chrono::TimeDelta;
use engine_access::Action;
use engine_ledger::{BookType, Medium, Solvency, Statement, Transfer, solvency, statement};
use kernel::{AccountId, Date, Instant, PersonId, Slug, TransferId, add_days};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Tx;
use store::ledger::{BookPart, Claim, LedgerSlice, ReversalAsked};

/// Entries of one account shown at most; the statement says where it begins.
const ENTRIES: u32 = 2_000;
/// One's own claims shown.
const CLAIMS: u32 = 20;

/// What came in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotLine {
    /// What is left.
    pub left: i64,
    /// When it lapses.
    pub expires: Option<Instant>,
    /// It lapses soon: the owner is told.
    pub soon: bool,
}

/// How much of a limit is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitLine {
    /// Of what.
    pub kind: String,
    /// `每月`.
    pub per: &'static str,
    /// Used up.
    pub used: i64,
    /// The most.
    pub most: i64,
}

/// A claim with the words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimLine {
    /// It.
    pub claim: Claim,
    /// The kind's name.
    pub kind: String,
    /// The other side's name.
    pub other: String,
}

/// 我的账
#[derive(Clone, Debug)]
pub struct OwnBook {
    /// The book.
    pub ty: Arc<BookType>,
    /// What can be used now.
    pub balance: i64,
    /// What waits to be confirmed.
    pub coming: i64,
    /// By month, what lapses first before the others.
    pub lots: Vec<LotLine>,
    /// Limits in the times that run now.
    pub limits: Vec<LimitLine>,
    /// What others say they gave to this person.
    pub to_confirm: Vec<ClaimLine>,
    /// What this person said they gave.
    pub claimed: Vec<ClaimLine>,
    /// What moved.
    pub statement: Statement,
}

/// The sums of a book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BookSums {
    /// Handed out less taken back.
    pub issued: i64,
    /// Used.
    pub used: i64,
    /// Lapsed.
    pub lapsed: i64,
    /// In people's accounts: what is owed.
    pub owed: i64,
    /// People who hold something.
    pub holders: usize,
}

/// 管账
#[derive(Clone, Debug)]
pub struct BookDesk {
    /// The book.
    pub ty: Arc<BookType>,
    /// Its sums.
    pub sums: BookSums,
    /// Whether what is owed can be given; `None` where a book promises nothing back.
    pub solvency: Option<Solvency>,
    /// Reversals that wait for a second person.
    pub asked: Vec<ReversalAsked>,
    /// The last entries, newest first.
    pub latest: Vec<Entry>,
}

/// One movement behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which transfer.
    pub id: TransferId,
    /// When.
    pub at: Instant,
    /// How much, on the account looked at.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// Whose, where it is a person's.
    pub whose: String,
    /// What undid it.
    pub reversed_by: Option<TransferId>,
}

/// The entries a number of a book is made of.
#[derive(Clone, Debug)]
pub struct PartEntries {
    /// The book.
    pub ty: Arc<BookType>,
    /// The number.
    pub total: i64,
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Whether there are more than are shown.
    pub more: bool,
}

impl App {
    /// 我的账 With the movements of the days from `from` to `to`, both included.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn own_book(
        &self,
        ctx: &Context,
        book: &Slug,
        (from, to): (Date, Date),
    ) -> Result<OwnBook> {
        let (room, book) = (self.book_room(ctx), book.clone());
        let look = async move |tx: &mut Tx| room.own_book(tx, &book, (from, to)).await;
        self.db.look(look).await
    }

    /// 管账 A book's sums and what waits.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn book_desk(&self, ctx: &Context, book: &Slug) -> Result<BookDesk> {
        let (room, book) = (self.book_room(ctx), book.clone());
        let look = async move |tx: &mut Tx| room.desk(tx, &book).await;
        self.db.look(look).await
    }

    /// The entries behind a number: `issued`, `used`, `lapsed`, or `lot` for what is owed.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn book_entries(
        &self,
        ctx: &Context,
        book: &Slug,
        part: &str,
    ) -> Result<PartEntries> {
        let (room, book, part) = (self.book_room(ctx), book.clone(), part.to_owned());
        let look = async move |tx: &mut Tx| room.entries(tx, &book, &part).await;
        self.db.look(look).await
    }
}

impl Room {
    async fn own_book(
        &self,
        tx: &mut Tx,
        book: &Slug,
        (from, to): (Date, Date),
    ) -> Result<OwnBook> {
        let me = self.me()?;
        self.may_own(tx, Action::ReadBook, me).await?;
        let ty = self.app.book_type(book)?;
        let parts = tx.book_of(me, book).await?;
        let own: Vec<&BookPart> = parts.iter().filter(|one| one.part == LOT).collect();
        let ids: Vec<AccountId> = own.iter().map(|one| one.account.id).collect();
        let moved = tx.transfers_of(&ids, ENTRIES).await?;
        let far = || wrong("日期不对，请重新选");
        let until = add_days(to, 1).and_then(begins).ok_or_else(far)?;
        let span = (begins(from).ok_or_else(far)?, until);
        let accounts: BTreeSet<AccountId> = ids.into_iter().collect();
        let lots = self.lot_lines(&ty, &own);
        self.ctx
            .record(tx, "book.own", &format!("person:{me}"), book, self.now)
            .await?;
        Ok(OwnBook {
            balance: lots.iter().map(|lot| lot.left).sum(),
            coming: own.iter().map(|one| one.account.held_in).sum(),
            limits: self.limit_lines(&ty, me, &parts),
            to_confirm: self.claim_lines(tx, &ty, me, true).await?,
            claimed: self.claim_lines(tx, &ty, me, false).await?,
            statement: statement(&moved, &accounts, span),
            lots,
            ty,
        })
    }

    /// What is left by month; what lapsed and was not emptied yet is not there any more.
    fn lot_lines(&self, ty: &BookType, own: &[&BookPart]) -> Vec<LotLine> {
        let warn = match &ty.medium {
            Medium::Personal { warn_days, .. } => *warn_days,
            Medium::Fund(_) => 0,
        };
        let soon = self.now.at + TimeDelta::days(i64::from(warn));
        let accounts = own.iter().map(|one| &one.account);
        let mut lots: Vec<LotLine> = accounts
            .filter(|account| !account.bounds.lapsed(self.now.at))
            .map(|account| LotLine {
                left: account.available().unwrap_or(0),
                expires: account.bounds.expires,
                soon: account.bounds.lapsed(soon),
            })
            .collect();
        lots.retain(|lot| lot.left > 0);
        lots.sort_by_key(|lot| (lot.expires.is_none(), lot.expires));
        lots
    }

    fn limit_lines(&self, ty: &BookType, me: PersonId, parts: &[BookPart]) -> Vec<LimitLine> {
        let all = ty.kinds().iter().flat_map(|kind| {
            let limits = kind.limits.iter();
            limits.map(move |limit| (kind, limit))
        });
        all.map(|(kind, limit)| {
            let name = self.quota_name(ty, kind, limit, me);
            let part = parts.iter().find(|one| one.account.name == name);
            LimitLine {
                kind: kind.name.clone(),
                per: limit.per.label(),
                // No account yet: nothing was used up.
                used: part.map_or(0, |one| one.account.balance + one.account.held_in),
                most: limit.most,
            }
        })
        .collect()
    }

    async fn claim_lines(
        &self,
        tx: &mut Tx,
        ty: &BookType,
        me: PersonId,
        to_confirm: bool,
    ) -> Result<Vec<ClaimLine>> {
        let claims = match to_confirm {
            true => tx.claims_to_confirm(me).await?,
            false => tx.claims_of(me, CLAIMS).await?,
        };
        let mut lines = Vec::new();
        for claim in claims.into_iter().filter(|one| one.book == ty.id) {
            let other = if to_confirm {
                claim.giver
            } else {
                claim.receiver
            };
            lines.push(ClaimLine {
                kind: ty
                    .kind(&claim.kind)
                    .map_or_else(String::new, |kind| kind.name.clone()),
                other: crate::worklist::name_in(tx, other).await?,
                claim,
            });
        }
        Ok(lines)
    }

    async fn desk(&self, tx: &mut Tx, book: &Slug) -> Result<BookDesk> {
        self.may_keep(tx, Action::ReadBook).await?;
        let ty = self.app.book_type(book)?;
        let sums = self.sums(tx, book).await?;
        let solvency = self.solvency(tx, &ty, sums.owed).await?;
        let issued = tx.book_parts(book, ISSUED).await?;
        let ids: Vec<AccountId> = issued.iter().map(|one| one.account.id).collect();
        let moved = tx.transfers_of(&ids, 30).await?;
        let latest = self.with_names(tx, moved, &BTreeMap::new()).await?;
        self.ctx
            .record(
                tx,
                "book.desk",
                &format!("book:{book}"),
                &sums.holders,
                self.now,
            )
            .await?;
        Ok(BookDesk {
            asked: tx.reversals_asked(book).await?,
            ty,
            sums,
            solvency,
            latest,
        })
    }

    async fn sums(&self, tx: &mut Tx, book: &Slug) -> Result<BookSums> {
        let total = |parts: &[BookPart]| parts.iter().map(|one| one.account.balance).sum::<i64>();
        let lots = tx.book_parts(book, LOT).await?;
        let holders: BTreeSet<PersonId> = lots
            .iter()
            .filter(|one| one.account.balance > 0)
            .filter_map(|one| one.holder)
            .collect();
        Ok(BookSums {
            issued: -total(&tx.book_parts(book, ISSUED).await?),
            used: total(&tx.book_parts(book, USED).await?),
            lapsed: total(&tx.book_parts(book, LAPSED).await?),
            owed: total(&lots),
            holders: holders.len(),
        })
    }

    /// What is owed beside what was given lately, where a book promises time back.
    async fn solvency(&self, tx: &mut Tx, ty: &BookType, owed: i64) -> Result<Option<Solvency>> {
        let Medium::Personal {
            capacity: Some(capacity),
            ..
        } = &ty.medium
        else {
            return Ok(None);
        };
        let from = self.now.at - TimeDelta::days(i64::from(capacity.recent_days));
        let mut recent = None;
        for part in tx.book_parts(&ty.id, ISSUED).await? {
            let until = self.now.at + TimeDelta::seconds(1);
            let (back, out) = tx.flow(part.account.id, (from, until)).await?;
            recent = Some(out - back);
        }
        let (days, ahead) = (capacity.recent_days, capacity.days);
        Ok(Some(solvency(owed, recent, days, ahead)))
    }

    async fn entries(&self, tx: &mut Tx, book: &Slug, part: &str) -> Result<PartEntries> {
        self.may_keep(tx, Action::ReadBook).await?;
        let ty = self.app.book_type(book)?;
        let parts = match part {
            ISSUED | USED | LAPSED | LOT => tx.book_parts(book, part).await?,
            _ => return Err(wrong("没有这一项")),
        };
        let ids: Vec<AccountId> = parts.iter().map(|one| one.account.id).collect();
        let mut holders = BTreeMap::new();
        for one in &parts {
            if let Some(person) = one.holder {
                let name = crate::worklist::name_in(tx, person).await?;
                holders.insert(one.account.id, name);
            }
        }
        let moved = tx.transfers_of(&ids, ENTRIES).await?;
        let more = moved.len() >= ENTRIES as usize;
        let subject = format!("book:{book}:{part}");
        self.ctx
            .record(tx, "book.entries", &subject, &moved.len(), self.now)
            .await?;
        Ok(PartEntries {
            ty,
            total: parts.iter().map(|one| one.account.balance).sum(),
            entries: self.with_names(tx, moved, &holders).await?,
            more,
        })
    }

    /// Newest first, each with whose account it touched beside the one looked at.
    async fn with_names(
        &self,
        tx: &mut Tx,
        moved: Vec<Transfer>,
        known: &BTreeMap<AccountId, String>,
    ) -> Result<Vec<Entry>> {
        let mut names = known.clone();
        let mut entries = Vec::with_capacity(moved.len());
        for one in moved.into_iter().rev() {
            let mut whose = one
                .legs
                .iter()
                .find_map(|leg| names.get(&leg.account).cloned());
            if whose.is_none() {
                whose = self.holder_of(tx, one.id, &mut names).await?;
            }
            entries.push(Entry {
                id: one.id,
                at: one.stamp.at,
                amount: one.legs.iter().map(|leg| leg.amount).sum(),
                reason: one.stamp.reason,
                whose: whose.unwrap_or_default(),
                reversed_by: one.reversed_by,
            });
        }
        Ok(entries)
    }

    async fn holder_of(
        &self,
        tx: &mut Tx,
        id: TransferId,
        names: &mut BTreeMap<AccountId, String>,
    ) -> Result<Option<String>> {
        let slice = LedgerSlice {
            transfers: [id].into(),
            ..LedgerSlice::default()
        };
        let ledger = tx.ledger(&slice).await?;
        let legs = ledger.transfers.get(&id).map(|one| one.legs.clone());
        for leg in legs.unwrap_or_default() {
            if let Some(name) = names.get(&leg.account) {
                return Ok(Some(name.clone()));
            }
            let part = tx.book_part(leg.account).await?;
            if let Some(person) = part.and_then(|one| one.holder) {
                let name = crate::worklist::name_in(tx, person).await?;
                names.insert(leg.account, name.clone());
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}
