//! 「阳光慈善」 What each organisation took in, spent on charity and on running itself in a
//! year, counted from the ledger's entries and held against the limits of the pack; each
//! number with the entries it is made of. Everybody may see it. A limit that was crossed
//! waits for a person, who says what came of looking; nothing follows by itself.

use super::open::{SPENT, begins};
use super::{Room, wrong};
use crate::{App, Result};
use chrono::Datelike as _;
use engine_ledger::{BookType, Standing, Transfer, YearCheck, YearSums, check_year};
use kernel::{AccountId, Date, FundOrgId, Instant, Money, Slug, TransferId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Tx;
use store::fund::Fund;
use store::fund_org::{FundLook, FundOrg};
use store::ledger::BookPart;

/// Entries behind a number that are shown; the number is of all.
const SHOWN: u32 = 2_000;
/// Years looked back on: the three before, for a mean.
const BACK: i32 = 3;

/// What is counted of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum YearPart {
    /// 收入
    Income,
    /// 慈善支出
    Charity,
    /// 管理费用
    Admin,
}

/// One entry behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearEntry {
    /// Of which number.
    pub part: YearPart,
    /// The transfer.
    pub transfer: TransferId,
    /// When.
    pub at: Instant,
    /// Which fund.
    pub fund: AccountId,
    /// The fund's name.
    pub fund_name: String,
    /// What for or how it came, as the public sees it.
    pub says: String,
    /// How much; below zero: undone.
    pub amount: Money,
}

/// An organisation's year.
#[derive(Clone, Debug)]
pub struct OrgYear {
    /// It.
    pub org: FundOrg,
    /// Its book.
    pub ty: Arc<BookType>,
    /// The year.
    pub year: i32,
    /// Its days are over.
    pub over: bool,
    /// What was counted; `None`: not all entries of the year are here.
    pub sums: Option<YearSums>,
    /// Spent by purpose, running costs among them; those that spent nothing left out.
    pub by_purpose: Vec<(String, Money)>,
    /// Against each limit that binds it.
    pub checks: Vec<YearCheck>,
    /// What was said of what was crossed.
    pub looks: Vec<FundLook>,
    /// Its funds.
    pub funds: Vec<Fund>,
}

impl OrgYear {
    /// What kind of organisation it is.
    pub fn kind(&self) -> &str {
        let kinds = self.ty.fund().map(|rules| &rules.orgs);
        kinds
            .and_then(|all| all.get(&self.org.kind))
            .map_or("", String::as_str)
    }

    /// Limits that were crossed and that nobody has looked at since.
    pub fn to_look_at(&self) -> Vec<&YearCheck> {
        let crossed = |one: &&YearCheck| one.standing == Standing::Crossed;
        let looked = |one: &&YearCheck| {
            let mut same = self.looks.iter().filter(|look| look.rule == one.limit.id);
            same.next_back()
                .is_some_and(|look| Some(look.counted) == one.counted)
        };
        let all = self.checks.iter().filter(crossed);
        all.filter(|one| !looked(one)).collect()
    }

    /// What was said of one limit, oldest first.
    pub fn said_of(&self, limit: &Slug) -> Vec<&FundLook> {
        let all = self.looks.iter();
        all.filter(|look| look.rule == *limit).collect()
    }
}

/// An organisation's year with every entry behind it.
#[derive(Clone, Debug)]
pub struct OrgYearView {
    /// It.
    pub of: OrgYear,
    /// Newest first.
    pub entries: Vec<YearEntry>,
    /// There are more than are shown.
    pub more: bool,
}

impl App {
    /// 慈善信息统计 Every organisation's year, for everybody.
    ///
    /// # Errors
    /// The store's.
    pub async fn charity_year(&self, year: i32) -> Result<Vec<OrgYear>> {
        let room = self.book_room(&super::itself());
        let read = async move |tx: &mut Tx| {
            let mut all = Vec::new();
            for ty in room.fund_books() {
                for org in tx.fund_orgs(&ty.id).await? {
                    all.push(room.org_year(tx, org, year).await?);
                }
            }
            Ok::<_, crate::AppError>(all)
        };
        self.db.read(read).await
    }

    /// Who keeps funds, for everybody.
    ///
    /// # Errors
    /// The store's.
    pub async fn fund_orgs(&self) -> Result<Vec<FundOrg>> {
        let room = self.book_room(&super::itself());
        let read = async move |tx: &mut Tx| {
            let mut all = Vec::new();
            for ty in room.fund_books() {
                all.extend(tx.fund_orgs(&ty.id).await?);
            }
            Ok::<_, crate::AppError>(all)
        };
        self.db.read(read).await
    }

    /// Funds of which nobody said who keeps them: no year is counted of those.
    ///
    /// # Errors
    /// The store's.
    pub async fn funds_of_nobody(&self) -> Result<Vec<Fund>> {
        let room = self.book_room(&super::itself());
        let read = async move |tx: &mut Tx| {
            let mut all = Vec::new();
            let books = room.fund_books();
            for ty in books.iter().filter(|ty| has_orgs(ty)) {
                all.extend(tx.funds_of_nobody(&ty.id).await?);
            }
            Ok::<_, crate::AppError>(all)
        };
        self.db.read(read).await
    }

    /// One organisation's year with the entries behind each number, for everybody.
    ///
    /// # Errors
    /// There is no such organisation; the store's.
    pub async fn org_year(&self, org: FundOrgId, year: i32) -> Result<OrgYearView> {
        let room = self.book_room(&super::itself());
        let read = async move |tx: &mut Tx| {
            let org = tx.fund_org(org).await?;
            let of = room.org_year(tx, org, year).await?;
            room.with_entries(tx, of).await
        };
        self.db.read(read).await
    }
}

fn has_orgs(ty: &BookType) -> bool {
    ty.fund().is_some_and(|rules| !rules.orgs.is_empty())
}

/// What the year's entries lie on.
struct Accounts {
    funds: Vec<AccountId>,
    /// By purpose, with the fund.
    spent: Vec<(AccountId, Slug, AccountId)>,
}

impl Room {
    fn fund_books(&self) -> Vec<Arc<BookType>> {
        let books = self.app.books().iter();
        books.filter(|ty| ty.fund().is_some()).cloned().collect()
    }

    pub(super) async fn org_year(&self, tx: &mut Tx, org: FundOrg, year: i32) -> Result<OrgYear> {
        // A year the calendar does not have is refused here.
        span(year)?;
        let ty = self.app.book_type(&org.book)?;
        let funds = tx.funds_of_org(org.id).await?;
        let accounts = self.year_accounts(tx, &ty, &funds).await?;
        let mut years = BTreeMap::new();
        for one in (year - BACK)..=year {
            // A year of which not every entry is here is not known; it is not zero.
            if first_day(one).is_some_and(|first| org.books_from <= first) {
                years.insert(one, self.year_sums(tx, &ty, &accounts, one).await?);
            }
        }
        let over = self.now.today().year() > year;
        let sums = years.get(&year).copied();
        let limits = ty.fund().map(|rules| rules.limits_of(&org.kind));
        let checks = limits.into_iter().flatten();
        Ok(OrgYear {
            checks: checks
                .map(|limit| check_year(limit, &years, (year, over)))
                .collect(),
            by_purpose: match sums {
                Some(_) => self.purposes_of(tx, &ty, &accounts, year).await?,
                None => Vec::new(),
            },
            looks: tx.fund_looks(org.id, year).await?,
            org,
            ty,
            year,
            over,
            sums,
            funds,
        })
    }

    async fn year_accounts(&self, tx: &mut Tx, ty: &BookType, funds: &[Fund]) -> Result<Accounts> {
        let parts: Vec<BookPart> = tx.book_parts(&ty.id, SPENT).await?;
        let mut named = BTreeMap::new();
        for part in parts {
            named.insert(part.account.name.clone(), part.account.id);
        }
        let purposes = ty.fund().map(|rules| &rules.purposes);
        let mut spent = Vec::new();
        for fund in funds {
            for purpose in purposes.into_iter().flat_map(|all| all.keys()) {
                let name = format!("{}:spent:{}:{purpose}", ty.id, fund.id);
                // No account: nothing was ever asked for.
                if let Some(id) = named.get(&name) {
                    spent.push((*id, purpose.clone(), fund.id));
                }
            }
        }
        Ok(Accounts {
            funds: funds.iter().map(|fund| fund.id).collect(),
            spent,
        })
    }

    /// Money leaves a fund only to what it was spent on: what moved on both together came in.
    async fn year_sums(
        &self,
        tx: &mut Tx,
        ty: &BookType,
        accounts: &Accounts,
        year: i32,
    ) -> Result<YearSums> {
        let (from, to) = span(year)?;
        let mut sums = YearSums::default();
        for fund in &accounts.funds {
            sums.income += net(tx, *fund, (from, to)).await?;
            sums.left += net(tx, *fund, (Instant::UNIX_EPOCH, to)).await?;
        }
        for (account, purpose, _) in &accounts.spent {
            let spent = net(tx, *account, (from, to)).await?;
            sums.income += spent;
            match ty.is_admin(purpose) {
                true => sums.admin += spent,
                false => sums.charity += spent,
            }
        }
        Ok(sums)
    }

    async fn purposes_of(
        &self,
        tx: &mut Tx,
        ty: &BookType,
        accounts: &Accounts,
        year: i32,
    ) -> Result<Vec<(String, Money)>> {
        let span = span(year)?;
        let mut by: BTreeMap<&Slug, i64> = BTreeMap::new();
        for (account, purpose, _) in &accounts.spent {
            *by.entry(purpose).or_default() += net(tx, *account, span).await?;
        }
        let names = ty.fund().map(|rules| &rules.purposes);
        let name = |id: &Slug| names.and_then(|all| all.get(id)).cloned();
        let lines = by.into_iter().filter(|(_, fen)| *fen != 0);
        let lines = lines.map(|(id, fen)| (name(id).unwrap_or_default(), Money::from_fen(fen)));
        Ok(lines.collect())
    }

    async fn with_entries(&self, tx: &mut Tx, of: OrgYear) -> Result<OrgYearView> {
        let accounts = self.year_accounts(tx, &of.ty, &of.funds).await?;
        let span = span(of.year)?;
        let (mut entries, mut spendings, mut more) = (Vec::new(), BTreeSet::new(), false);
        let name = |id: AccountId| {
            let fund = of.funds.iter().find(|fund| fund.id == id);
            fund.map(|fund| fund.name.clone()).unwrap_or_default()
        };
        for (account, purpose, fund) in &accounts.spent {
            let part = match of.ty.is_admin(purpose) {
                true => YearPart::Admin,
                false => YearPart::Charity,
            };
            let moved = tx.transfers_in(&[*account], span, SHOWN).await?;
            more |= moved.len() >= SHOWN as usize;
            spendings.extend(moved.iter().map(|one| one.id));
            let lines = moved.iter();
            entries.extend(lines.map(|one| entry(one, part, (*fund, name(*fund)))));
        }
        for fund in &accounts.funds {
            let moved = tx.transfers_in(&[*fund], span, SHOWN).await?;
            more |= moved.len() >= SHOWN as usize;
            let came = moved.iter().filter(|one| !spendings.contains(&one.id));
            entries.extend(came.map(|one| entry(one, YearPart::Income, (*fund, name(*fund)))));
        }
        entries.sort_by_key(|one| std::cmp::Reverse(one.transfer));
        // Entries of a year that is not whole would pass for it.
        if of.sums.is_none() {
            entries.clear();
        }
        Ok(OrgYearView { of, entries, more })
    }
}

fn entry(one: &Transfer, part: YearPart, (fund, fund_name): (AccountId, String)) -> YearEntry {
    let fen: i64 = one.legs.iter().map(|leg| leg.amount).sum();
    let says = match one.kind {
        // Why it was undone is the keepers' affair.
        engine_ledger::TransferKind::Reversal { of } => format!("冲正第 {of} 号"),
        _ => one.stamp.reason.clone(),
    };
    YearEntry {
        part,
        transfer: one.id,
        at: one.stamp.at,
        fund,
        fund_name,
        says,
        amount: Money::from_fen(fen),
    }
}

async fn net(tx: &mut Tx, account: AccountId, span: (Instant, Instant)) -> Result<i64> {
    let (came, went) = tx.flow(account, span).await?;
    Ok(came - went)
}

fn first_day(year: i32) -> Option<Date> {
    Date::from_ymd_opt(year, 1, 1)
}

/// From the first moment of a year to that of the next.
fn span(year: i32) -> Result<(Instant, Instant)> {
    let far = || wrong("年份不对，请重新选");
    let begin = |year: i32| first_day(year).and_then(begins).ok_or_else(far);
    let next = year.checked_add(1).ok_or_else(far)?;
    Ok((begin(year)?, begin(next)?))
}
