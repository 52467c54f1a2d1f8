//! 「专款」 Funds and campaigns, donations, spendings, and each time a book was shown. All of
//! it is for the public but who a donor is, which is sealed. Whether it may be spent and
//! when it must be shown is engine-ledger's affair.

use crate::error::{Result, StoreError};
use crate::seal::sealed;
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{Row, Value, args, row};
use kernel::{AccountId, Date, PersonId, RegionCode, Slug, TransferId};

/// A fund or campaign. Its number is its account's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fund {
    /// Its number and its account's.
    pub id: AccountId,
    /// Which book.
    pub book: Slug,
    /// `台风救灾募捐`.
    pub name: String,
    /// What it is for, in a sentence.
    pub says: String,
    /// Where.
    pub region: RegionCode,
    /// Its first day.
    pub began: Date,
    /// Its last.
    pub ends: Date,
    /// 突发事件
    pub emergency: bool,
}

/// One time its book was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundShown {
    /// When.
    pub day: Date,
    /// Received until then.
    pub received: i64,
    /// Spent until then.
    pub spent: i64,
    /// What was said with it.
    pub says: String,
}

/// A donation as the public sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Donation {
    /// The transfer.
    pub transfer: TransferId,
    /// Which fund.
    pub fund: AccountId,
    /// How it came.
    pub gift: Slug,
    /// The name shown; 爱心人士 where the donor asked for it.
    pub shown: String,
}

/// 用款
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spending {
    /// The hold.
    pub hold: TransferId,
    /// Out of which fund.
    pub fund: AccountId,
    /// What for, one of the fund's purposes.
    pub purpose: Slug,
    /// How much.
    pub amount: i64,
    /// On what, in words for the public.
    pub says: String,
    /// Who asked; somebody else decides.
    pub asked_by: PersonId,
    /// The transfer, once decided.
    pub posting: Option<TransferId>,
    /// Where it stands.
    pub stage: SpendingStage,
}

/// Where a spending stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpendingStage {
    /// 待批
    Asked,
    /// 已用
    Paid,
    /// 没有批
    Refused,
}

sealed! {
    DONOR = donation.donor (transfer: Int);
}

statements! {
    OPEN = "INSERT INTO fund (id, book, name, says, region, account, began, ends, emergency)
            VALUES ($1, $2, $3, $4, $5, $1, $6, $7, $8)";
    ONE = "SELECT id, book, name, says, region, began, ends, emergency FROM fund WHERE id = $1";
    OF_BOOK = "SELECT id, book, name, says, region, began, ends, emergency FROM fund
               WHERE book = $1 ORDER BY id DESC LIMIT 500";
    SHOW = "INSERT INTO fund_shown (fund, seq, day, received, spent, says)
            VALUES ($1, $2, $3, $4, $5, $6)";
    SHOWN = "SELECT day, received, spent, says FROM fund_shown WHERE fund = $1 ORDER BY seq";
    GIVE = "INSERT INTO donation (transfer, fund, gift, shown, donor) VALUES ($1, $2, $3, $4, $5)";
    GIVEN = "SELECT transfer, fund, gift, shown FROM donation
             WHERE fund = $1 ORDER BY transfer DESC LIMIT $2";
    ASK = "INSERT INTO fund_spending (hold, fund, purpose, amount, says, asked_by, stage)
           VALUES ($1, $2, $3, $4, $5, $6, 'asked')";
    DECIDE = "UPDATE fund_spending SET stage = $2, posting = $3 WHERE hold = $1 AND stage = 'asked'";
    SPENDING = "SELECT hold, fund, purpose, amount, says, asked_by, posting, stage
                FROM fund_spending WHERE hold = $1";
    SPENDINGS = "SELECT hold, fund, purpose, amount, says, asked_by, posting, stage
                 FROM fund_spending WHERE fund = $1 ORDER BY hold DESC LIMIT $2";
}

impl Tx {
    /// Keeps a fund whose account was just opened; a name stands for one fund only.
    pub async fn open_fund(&mut self, one: &Fund) -> Result<()> {
        let values = args![
            one.id,
            one.book,
            one.name,
            one.says,
            one.region,
            one.began,
            one.ends,
            one.emergency
        ];
        self.execute(OPEN, values).await?;
        Ok(())
    }

    /// A fund.
    pub async fn fund(&mut self, id: AccountId) -> Result<Fund> {
        let row = self.fetch_optional(ONE, args![id]).await?;
        let none = || StoreError::NotFound {
            what: "专款",
            id: id.to_string(),
        };
        fund(&row.ok_or_else(none)?)
    }

    /// A book's funds, the newest first.
    pub async fn funds(&mut self, book: &Slug) -> Result<Vec<Fund>> {
        let rows = self.fetch_all(OF_BOOK, args![book]).await?;
        rows.iter().map(fund).collect()
    }

    /// Keeps that a fund's book was shown, as the `seq`th time (from 0).
    pub async fn show_fund(&mut self, id: AccountId, seq: usize, one: &FundShown) -> Result<()> {
        let seq = i64::try_from(seq).map_err(StoreError::fault)?;
        let values = args![id, seq, one.day, one.received, one.spent, one.says];
        self.execute(SHOW, values).await?;
        Ok(())
    }

    /// Each time it was shown, oldest first.
    pub async fn fund_shown(&mut self, id: AccountId) -> Result<Vec<FundShown>> {
        let rows = self.fetch_all(SHOWN, args![id]).await?;
        let shown = |row: &Row| {
            Ok(FundShown {
                day: row.get("day")?,
                received: row.get("received")?,
                spent: row.get("spent")?,
                says: row.get("says")?,
            })
        };
        rows.iter().map(shown).collect()
    }

    /// Keeps a donation with who gave it.
    pub async fn keep_donation(&mut self, one: &Donation, donor: &str) -> Result<()> {
        let donor = self.seal(&DONOR, &row![one.transfer], donor)?;
        let values = args![one.transfer, one.fund, one.gift, one.shown, donor];
        self.execute(GIVE, values).await?;
        Ok(())
    }

    /// Donations to a fund, newest first.
    pub async fn donations(&mut self, fund: AccountId, limit: u32) -> Result<Vec<Donation>> {
        let rows = self.fetch_all(GIVEN, args![fund, limit]).await?;
        let given = |row: &Row| {
            Ok(Donation {
                transfer: row.get("transfer")?,
                fund: row.get("fund")?,
                gift: row.get("gift")?,
                shown: row.get("shown")?,
            })
        };
        rows.iter().map(given).collect()
    }

    /// Keeps a spending that was asked for.
    pub async fn ask_spending(&mut self, one: &Spending) -> Result<()> {
        let values = args![
            one.hold,
            one.fund,
            one.purpose,
            one.amount,
            one.says,
            one.asked_by
        ];
        self.execute(ASK, values).await?;
        Ok(())
    }

    /// Decides one: paid as this transfer, or refused.
    pub async fn decide_spending(
        &mut self,
        hold: TransferId,
        posting: Option<TransferId>,
    ) -> Result<()> {
        let stage = if posting.is_some() { "paid" } else { "refused" };
        self.execute_one(DECIDE, args![hold, stage, posting], "用款")
            .await
    }

    /// A spending.
    pub async fn spending(&mut self, hold: TransferId) -> Result<Spending> {
        let none = || StoreError::NotFound {
            what: "用款",
            id: hold.to_string(),
        };
        let found = self.spending_rows(SPENDING, args![hold]).await?.pop();
        found.ok_or_else(none)
    }

    /// A fund's spendings, newest first.
    pub async fn spendings(&mut self, fund: AccountId, limit: u32) -> Result<Vec<Spending>> {
        self.spending_rows(SPENDINGS, args![fund, limit]).await
    }

    async fn spending_rows(&mut self, sql: Sql, values: Vec<Value>) -> Result<Vec<Spending>> {
        let rows = self.fetch_all(sql, values).await?;
        rows.iter().map(spending).collect()
    }
}

pub(crate) fn fund(row: &Row) -> Result<Fund> {
    Ok(Fund {
        id: row.get("id")?,
        book: row.get("book")?,
        name: row.get("name")?,
        says: row.get("says")?,
        region: row.get("region")?,
        began: row.get("began")?,
        ends: row.get("ends")?,
        emergency: row.get("emergency")?,
    })
}

fn spending(row: &Row) -> Result<Spending> {
    let stage = match row.get::<String>("stage")?.as_str() {
        "asked" => SpendingStage::Asked,
        "paid" => SpendingStage::Paid,
        "refused" => SpendingStage::Refused,
        _ => return Err(StoreError::fault("a spending nowhere")),
    };
    Ok(Spending {
        hold: row.get("hold")?,
        fund: row.get("fund")?,
        purpose: row.get("purpose")?,
        amount: row.get("amount")?,
        says: row.get("says")?,
        asked_by: row.get("asked_by")?,
        posting: row.maybe("posting")?,
        stage,
    })
}
