//! 「慈善组织」 Who keeps which funds and from which day on all its entries are here; what a
//! person said who looked at a limit that was crossed; whose a donation is. All but the last
//! is for the public. What a year may show is engine-ledger's affair.

use crate::error::{Result, StoreError};
use crate::fund::{Fund, fund};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args};
use kernel::{AccountId, Date, FundOrgId, PersonId, RegionCode, Slug, TransferId};

/// An organisation that keeps funds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundOrg {
    /// Its number.
    pub id: FundOrgId,
    /// Which book its funds are in.
    pub book: Slug,
    /// One of the book's kinds.
    pub kind: Slug,
    /// Its name.
    pub name: String,
    /// Where.
    pub region: RegionCode,
    /// From this day on every entry of its is here; earlier years are not known.
    pub books_from: Date,
}

/// 看过了 What a person said of a limit that was crossed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundLook {
    /// Whose year.
    pub org: FundOrgId,
    /// The year.
    pub year: i32,
    /// Which limit.
    pub rule: Slug,
    /// When.
    pub day: Date,
    /// What was counted on that day.
    pub counted: i64,
    /// What came of it.
    pub says: String,
    /// Who looked.
    pub by: PersonId,
}

statements! {
    OPEN = "INSERT INTO fund_org (id, book, kind, name, region, books_from)
            VALUES ($1, $2, $3, $4, $5, $6)";
    ONE = "SELECT id, book, kind, name, region, books_from FROM fund_org WHERE id = $1";
    OF_BOOK = "SELECT id, book, kind, name, region, books_from FROM fund_org
               WHERE book = $1 ORDER BY id LIMIT 500";
    KEEPS = "INSERT INTO fund_of_org (fund, org) VALUES ($1, $2)";
    FUNDS = "SELECT f.id, f.book, f.name, f.says, f.region, f.began, f.ends, f.emergency
             FROM fund_of_org o JOIN fund f ON f.id = o.fund WHERE o.org = $1 ORDER BY f.id";
    NOBODYS = "SELECT f.id, f.book, f.name, f.says, f.region, f.began, f.ends, f.emergency
               FROM fund f LEFT JOIN fund_of_org o ON o.fund = f.id
               WHERE f.book = $1 AND o.fund IS NULL ORDER BY f.id";
    LOOK = "INSERT INTO fund_look (org, year, rule, seq, day, counted, says, looked_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    LOOKS = "SELECT org, year, rule, day, counted, says, looked_by FROM fund_look
             WHERE org = $1 AND year = $2 ORDER BY rule, seq";
    GIVER = "INSERT INTO donation_giver (transfer, person) VALUES ($1, $2)";
    GIVEN_BY = "SELECT g.transfer, d.fund, d.gift FROM donation_giver g
                JOIN donation d ON d.transfer = g.transfer
                WHERE g.person = $1 ORDER BY g.transfer DESC LIMIT $2";
}

impl Tx {
    /// Keeps an organisation; a name stands for one only.
    pub async fn open_fund_org(&mut self, one: &FundOrg) -> Result<()> {
        let values = args![
            one.id,
            one.book,
            one.kind,
            one.name,
            one.region,
            one.books_from
        ];
        self.execute(OPEN, values).await?;
        Ok(())
    }

    /// An organisation.
    pub async fn fund_org(&mut self, id: FundOrgId) -> Result<FundOrg> {
        let row = self.fetch_optional(ONE, args![id]).await?;
        let none = || StoreError::NotFound {
            what: "慈善组织",
            id: id.to_string(),
        };
        org(&row.ok_or_else(none)?)
    }

    /// A book's organisations.
    pub async fn fund_orgs(&mut self, book: &Slug) -> Result<Vec<FundOrg>> {
        let rows = self.fetch_all(OF_BOOK, args![book]).await?;
        rows.iter().map(org).collect()
    }

    /// Says who keeps a fund, once.
    pub async fn keep_fund_of(&mut self, fund: AccountId, org: FundOrgId) -> Result<()> {
        self.execute(KEEPS, args![fund, org]).await?;
        Ok(())
    }

    /// The funds an organisation keeps.
    pub async fn funds_of_org(&mut self, org: FundOrgId) -> Result<Vec<Fund>> {
        let rows = self.fetch_all(FUNDS, args![org]).await?;
        rows.iter().map(fund).collect()
    }

    /// A book's funds of which nobody said who keeps them.
    pub async fn funds_of_nobody(&mut self, book: &Slug) -> Result<Vec<Fund>> {
        let rows = self.fetch_all(NOBODYS, args![book]).await?;
        rows.iter().map(fund).collect()
    }

    /// Keeps what somebody said who looked, as the `seq`th (from 0) of this limit and year.
    pub async fn keep_fund_look(&mut self, seq: usize, one: &FundLook) -> Result<()> {
        let seq = i64::try_from(seq).map_err(StoreError::fault)?;
        let year = i64::from(one.year);
        let values = args![
            one.org,
            year,
            one.rule,
            seq,
            one.day,
            one.counted,
            one.says,
            one.by
        ];
        self.execute(LOOK, values).await?;
        Ok(())
    }

    /// What was said of a year, oldest first within a limit.
    pub async fn fund_looks(&mut self, org: FundOrgId, year: i32) -> Result<Vec<FundLook>> {
        let rows = self.fetch_all(LOOKS, args![org, i64::from(year)]).await?;
        rows.iter().map(look).collect()
    }

    /// Says whose a donation is.
    pub async fn keep_giver(&mut self, transfer: TransferId, person: PersonId) -> Result<()> {
        self.execute(GIVER, args![transfer, person]).await?;
        Ok(())
    }

    /// A person's donations, newest first: transfer, fund, how it came.
    pub async fn given_by(
        &mut self,
        person: PersonId,
        limit: u32,
    ) -> Result<Vec<(TransferId, AccountId, Slug)>> {
        let rows = self.fetch_all(GIVEN_BY, args![person, limit]).await?;
        let one = |row: &Row| Ok((row.get("transfer")?, row.get("fund")?, row.get("gift")?));
        rows.iter().map(one).collect()
    }
}

fn org(row: &Row) -> Result<FundOrg> {
    Ok(FundOrg {
        id: row.get("id")?,
        book: row.get("book")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        region: row.get("region")?,
        books_from: row.get("books_from")?,
    })
}

fn look(row: &Row) -> Result<FundLook> {
    let year: i64 = row.get("year")?;
    Ok(FundLook {
        org: row.get("org")?,
        year: i32::try_from(year).map_err(StoreError::fault)?,
        rule: row.get("rule")?,
        day: row.get("day")?,
        counted: row.get("counted")?,
        says: row.get("says")?,
        by: row.get("looked_by")?,
    })
}
