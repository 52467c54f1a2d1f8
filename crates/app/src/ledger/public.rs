//! 「公开」 What everybody may see of funds and campaigns: what came in and from whom (as
//! they wished to be called), what it was spent on, when it had to be shown and when it was.
//! Late is shown. Nobody's data is in it, so nobody asks who looks.

use super::Room;
use super::open::SPENT;
use crate::{App, Result};
use engine_ledger::{BookType, Campaign, Due, TransferKind, dues};
use kernel::{AccountId, Date, Instant, Money, Slug, TransferId};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Tx;
use store::fund::{Donation, Fund, FundShown, Spending, SpendingStage};

/// Donations and spendings of a fund that are shown; the sums are of all.
const SHOWN: u32 = 2_000;

/// What was spent on one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeLine {
    /// The purpose.
    pub purpose: Slug,
    /// Its name.
    pub name: String,
    /// How much.
    pub spent: Money,
}

/// A donation with its amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundLine {
    /// The transfer.
    pub transfer: TransferId,
    /// When.
    pub at: Instant,
    /// How it came.
    pub gift: String,
    /// The name shown.
    pub shown: String,
    /// How much.
    pub amount: Money,
    /// It was a mistake and was undone.
    pub reversed: bool,
}

/// A fund with everything that is public.
#[derive(Clone, Debug)]
pub struct FundView {
    /// It.
    pub fund: Fund,
    /// Its book.
    pub ty: Arc<BookType>,
    /// Came in, mistakes undone.
    pub received: Money,
    /// Spent, mistakes undone.
    pub spent: Money,
    /// What is left.
    pub left: Money,
    /// What of it waits for a decision.
    pub asked: Money,
    /// By purpose, all of the fund's.
    pub by_purpose: Vec<PurposeLine>,
    /// What came in, newest first.
    pub gifts: Vec<FundLine>,
    /// What was and may be spent, newest first.
    pub spendings: Vec<Spending>,
    /// When it had to be shown and was.
    pub dues: Vec<Due>,
    /// Each time it was shown.
    pub shown: Vec<FundShown>,
}

impl FundView {
    /// The first day by which it must yet be shown.
    pub fn open_due(&self) -> Option<Due> {
        self.dues.iter().copied().find(|due| due.shown.is_none())
    }

    /// Days it is late on a day; 0: not.
    pub fn late(&self, today: Date) -> i64 {
        self.open_due().map_or(0, |due| due.late_days(today))
    }

    /// What was spent on a purpose of all that was spent, per mille; `None`: nothing spent.
    pub fn share(&self, line: &PurposeLine) -> Option<i64> {
        line.spent
            .fen()
            .checked_mul(1_000)?
            .checked_div(self.spent.fen())
    }

    /// What a purpose is called.
    pub fn purpose_name(&self, purpose: &Slug) -> &str {
        let purposes = self.ty.fund().map(|fund| &fund.purposes);
        purposes
            .and_then(|all| all.get(purpose))
            .map_or("", String::as_str)
    }

    /// Those that were paid.
    pub fn paid(&self) -> impl Iterator<Item = &Spending> {
        let all = self.spendings.iter();
        all.filter(|one| one.stage == SpendingStage::Paid)
    }
}

impl App {
    /// 公开的专款 All funds of the law's books.
    ///
    /// # Errors
    /// The store's.
    pub async fn public_funds(&self) -> Result<Vec<FundView>> {
        let room = self.book_room(&super::itself());
        let read = async move |tx: &mut Tx| {
            let mut all = Vec::new();
            for ty in room.app.books().iter().filter(|ty| ty.fund().is_some()) {
                for fund in tx.funds(&ty.id).await? {
                    all.push(room.fund_view(tx, fund).await?);
                }
            }
            Ok::<_, crate::AppError>(all)
        };
        self.db.read(read).await
    }

    /// 公开的专款 One of them.
    ///
    /// # Errors
    /// There is none; the store's.
    pub async fn public_fund(&self, id: AccountId) -> Result<FundView> {
        let room = self.book_room(&super::itself());
        let read = async move |tx: &mut Tx| {
            let fund = tx.fund(id).await?;
            room.fund_view(tx, fund).await
        };
        self.db.read(read).await
    }
}

impl Room {
    /// A fund as everybody may see it.
    pub(super) async fn fund_view(&self, tx: &mut Tx, fund: Fund) -> Result<FundView> {
        let ty = self.app.book_type(&fund.book)?;
        let part = tx.book_part(fund.id).await?;
        let account = part.map(|one| one.account);
        let (left, asked) = account
            .as_ref()
            .map_or((0, 0), |one| (one.balance, one.held_out));
        let by_purpose = self.by_purpose(tx, &ty, &fund, account.as_ref()).await?;
        let spent: i64 = by_purpose.iter().map(|line| line.spent.fen()).sum();
        let gifts = self.gifts(tx, &ty, fund.id).await?;
        let shown = tx.fund_shown(fund.id).await?;
        let campaign = Campaign {
            began: fund.began,
            ends: fund.ends,
            emergency: fund.emergency,
            shown: shown.iter().map(|one| one.day).collect(),
        };
        let timer = ty.fund().map(|rules| rules.timer);
        let today = self.now.today();
        Ok(FundView {
            dues: timer.map_or_else(Vec::new, |timer| dues(&campaign, &timer, today)),
            spendings: tx.spendings(fund.id, SHOWN).await?,
            // What came in is what is there and what was spent: the ledger sums to zero.
            received: Money::from_fen(left + spent),
            spent: Money::from_fen(spent),
            left: Money::from_fen(left),
            asked: Money::from_fen(asked),
            by_purpose,
            gifts,
            shown,
            ty,
            fund,
        })
    }

    async fn by_purpose(
        &self,
        tx: &mut Tx,
        ty: &BookType,
        fund: &Fund,
        account: Option<&engine_ledger::Account>,
    ) -> Result<Vec<PurposeLine>> {
        let mut spent = BTreeMap::new();
        for part in tx.book_parts(&ty.id, SPENT).await? {
            spent.insert(part.account.name, part.account.balance);
        }
        let names = ty.fund().map(|rules| &rules.purposes);
        let own = account.and_then(|one| one.bounds.purposes.as_ref());
        let line = |purpose: &Slug| {
            let name = format!("{}:spent:{}:{purpose}", ty.id, fund.id);
            // No account: nothing was ever asked for.
            let fen = spent.get(&name).copied().unwrap_or(0);
            PurposeLine {
                purpose: purpose.clone(),
                name: names
                    .and_then(|all| all.get(purpose))
                    .cloned()
                    .unwrap_or_default(),
                spent: Money::from_fen(fen),
            }
        };
        Ok(own.into_iter().flatten().map(line).collect())
    }

    async fn gifts(&self, tx: &mut Tx, ty: &BookType, fund: AccountId) -> Result<Vec<FundLine>> {
        let mut given: BTreeMap<TransferId, Donation> = BTreeMap::new();
        for one in tx.donations(fund, SHOWN).await? {
            given.insert(one.transfer, one);
        }
        let names = ty.fund().map(|rules| &rules.gifts);
        let mut lines = Vec::new();
        for one in tx.transfers_of(&[fund], SHOWN).await?.into_iter().rev() {
            let Some(donation) = given.get(&one.id) else {
                continue;
            };
            if one.kind != TransferKind::Direct {
                continue;
            }
            let fen: i64 = one.legs.iter().map(|leg| leg.amount).sum();
            lines.push(FundLine {
                transfer: one.id,
                at: one.stamp.at,
                gift: names
                    .and_then(|all| all.get(&donation.gift))
                    .cloned()
                    .unwrap_or_default(),
                shown: donation.shown.clone(),
                amount: Money::from_fen(fen),
                reversed: one.reversed_by.is_some(),
            });
        }
        Ok(lines)
    }
}
