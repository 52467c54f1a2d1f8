//! 「管专款」 Opening a fund or campaign, what comes in, what is spent (asked for by one
//! person, decided by another), and showing the book to everybody.

use super::open::{DONORS, FUND, Part, SPENT};
use super::{Room, wrong};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, four_eyes};
use engine_ledger::{BookType, Bounds, Command, Restricted};
use kernel::{AccountId, Actor, Date, FundOrgId, Money, PersonNumber, Slug, TransferId};
use serde::Serialize;
use store::fund::{Donation, Fund, FundShown, Spending, SpendingStage};
use store::{Reply, Tx};

/// Shown for who wants no name shown.
const NAMELESS: &str = "爱心人士";

/// A new fund or campaign.
#[derive(Clone, Debug, Serialize)]
pub struct NewFund {
    /// Which book.
    pub book: Slug,
    /// `台风救灾募捐`.
    pub name: String,
    /// What for.
    pub says: String,
    /// Its first day.
    pub began: Date,
    /// Its last.
    pub ends: Date,
    /// 突发事件
    pub emergency: bool,
    /// What of the book's purposes it may be spent on; empty: all but running costs.
    pub purposes: Vec<Slug>,
    /// Which organisation keeps it; `None` where the book knows of none.
    pub org: Option<FundOrgId>,
}

/// A donation that came in.
#[derive(Clone, Debug, Serialize)]
pub struct NewDonation {
    /// To which fund.
    pub fund: AccountId,
    /// How.
    pub gift: Slug,
    /// How much.
    pub amount: Money,
    /// Who; kept sealed.
    pub donor: String,
    /// Their number, where they want it in their own record; it must be theirs.
    pub number: Option<PersonNumber>,
    /// Whether the name may be shown.
    pub show: bool,
    /// The receipt's number: it counts once.
    pub receipt: String,
}

/// Money to be spent.
#[derive(Clone, Debug, Serialize)]
pub struct NewSpending {
    /// Out of which fund.
    pub fund: AccountId,
    /// What for.
    pub purpose: Slug,
    /// How much.
    pub amount: Money,
    /// On what, for the public; nobody's name.
    pub says: String,
}

impl App {
    /// 设专款、开募捐
    ///
    /// # Errors
    /// A refusal; bad input in words.
    pub async fn open_fund(&self, ctx: &Context, new: NewFund) -> Result<Reply<AccountId>> {
        let key = ctx.key("fund.open", &new)?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.open_fund(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 收捐款 The same receipt never twice.
    ///
    /// # Errors
    /// As [`App::open_fund`].
    pub async fn donate(&self, ctx: &Context, new: NewDonation) -> Result<Reply<TransferId>> {
        let key = ctx.key("fund.donate", &new)?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.donate(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 报用款 Reserves it; nothing moves before a second person decides.
    ///
    /// # Errors
    /// As [`App::open_fund`]; `ledger.purpose_not_allowed`, `ledger.below_floor`.
    pub async fn ask_spending(&self, ctx: &Context, new: NewSpending) -> Result<Reply<TransferId>> {
        let key = ctx.key("fund.ask", &new)?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.ask_spending(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 批用款
    ///
    /// # Errors
    /// As [`App::open_fund`]; `access.four_eyes` for who asked.
    pub async fn decide_spending(
        &self,
        ctx: &Context,
        hold: TransferId,
        yes: bool,
    ) -> Result<Reply<()>> {
        let key = ctx.key("fund.decide", &(hold, yes))?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.decide_spending(tx, hold, yes).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 公示 Shows the book as it is now.
    ///
    /// # Errors
    /// As [`App::open_fund`].
    pub async fn show_fund(&self, ctx: &Context, id: AccountId, says: String) -> Result<Reply<()>> {
        let key = ctx.key("fund.show", &(id, &says))?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.show_fund(tx, id, &says).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }
}

fn rules(ty: &BookType) -> Result<&Restricted> {
    ty.fund().ok_or_else(|| wrong("这本账不是专款"))
}

impl Room {
    async fn open_fund(&self, tx: &mut Tx, new: &NewFund) -> Result<AccountId> {
        self.may_keep(tx, Action::KeepBook).await?;
        let ty = self.app.book_type(&new.book)?;
        let rules = rules(&ty)?;
        let known = &rules.purposes;
        let name = new.name.trim();
        if name.is_empty() || new.says.trim().is_empty() {
            return Err(wrong("请写专款叫什么、做什么用"));
        }
        if new.ends < new.began {
            return Err(wrong("结束日期不能早于开始日期"));
        }
        if new.purposes.iter().any(|one| !known.contains_key(one)) {
            return Err(wrong("用途请从列出的里面选"));
        }
        if tx.funds(&ty.id).await?.iter().any(|one| one.name == name) {
            return Err(wrong("已经有同名的专款了，请换个名字"));
        }
        let purposes = match new.purposes.is_empty() {
            true => {
                let all = known.keys().filter(|one| !rules.admin.contains(*one));
                all.cloned().collect()
            }
            false => new.purposes.iter().cloned().collect(),
        };
        self.knows_org(tx, &ty, new.org).await?;
        let part = Part {
            ty: &ty,
            part: FUND,
            name: format!("{}:fund:{name}", ty.id),
            bounds: Bounds {
                purposes: Some(purposes),
                ..Bounds::floor(0)
            },
            holder: None,
        };
        let fund = Fund {
            id: self.part(tx, part).await?,
            book: ty.id.clone(),
            name: name.to_owned(),
            says: new.says.trim().to_owned(),
            region: self.county()?,
            began: new.began,
            ends: new.ends,
            emergency: new.emergency,
        };
        tx.open_fund(&fund).await?;
        if let Some(org) = new.org {
            tx.keep_fund_of(fund.id, org).await?;
        }
        self.put_fund(tx, "fund.opened", fund.id, new).await?;
        Ok(fund.id)
    }

    /// Where the book knows organisations, one of its own must be named.
    async fn knows_org(&self, tx: &mut Tx, ty: &BookType, org: Option<FundOrgId>) -> Result<()> {
        let known = tx.fund_orgs(&ty.id).await?;
        match org {
            Some(id) if known.iter().any(|one| one.id == id) => Ok(()),
            None if known.is_empty() => Ok(()),
            _ => Err(wrong("请选专款归哪个组织管")),
        }
    }

    async fn donate(&self, tx: &mut Tx, new: &NewDonation) -> Result<TransferId> {
        self.may_keep(tx, Action::KeepBook).await?;
        let fund = tx.fund(new.fund).await?;
        let ty = self.app.book_type(&fund.book)?;
        let gift = rules(&ty)?.gifts.get(&new.gift);
        let gift = gift.ok_or_else(|| wrong("请选钱是怎样来的"))?;
        let (donor, receipt) = (new.donor.trim(), new.receipt.trim());
        if donor.is_empty() || receipt.is_empty() {
            return Err(wrong("请写捐赠人和收据号：一张收据只记一次"));
        }
        if new.amount <= Money::ZERO {
            return Err(wrong("金额要大于 0"));
        }
        let giver = match new.number {
            Some(number) => Some(self.named(tx, number, donor).await?),
            None => None,
        };
        let shown = if new.show { donor } else { NAMELESS };
        let donors = self.common(tx, &ty, DONORS, Bounds::default()).await?;
        let id = self.number(tx).await?;
        let command = Command::Transfer {
            id,
            reference: format!("{}:receipt:{receipt}", ty.id),
            legs: super::posting::legs(donors, fund.id, new.amount.fen()),
            purpose: None,
        };
        let reason = format!("{gift}，{shown}");
        self.command(tx, command, &reason).await?;
        let donation = Donation {
            transfer: id,
            fund: fund.id,
            gift: new.gift.clone(),
            shown: shown.to_owned(),
        };
        tx.keep_donation(&donation, donor).await?;
        if let Some(giver) = giver {
            tx.keep_giver(id, giver).await?;
        }
        self.put_fund(tx, "fund.donated", fund.id, &(id, new.amount))
            .await?;
        Ok(id)
    }

    async fn ask_spending(&self, tx: &mut Tx, new: &NewSpending) -> Result<TransferId> {
        self.may_keep(tx, Action::KeepBook).await?;
        let me = self.me()?;
        let fund = tx.fund(new.fund).await?;
        let ty = self.app.book_type(&fund.book)?;
        if !rules(&ty)?.purposes.contains_key(&new.purpose) {
            return Err(wrong("用途请从列出的里面选"));
        }
        if new.amount <= Money::ZERO || new.says.trim().is_empty() {
            return Err(wrong("请写用多少钱、用在什么事上"));
        }
        let part = Part {
            ty: &ty,
            part: SPENT,
            name: format!("{}:spent:{}:{}", ty.id, fund.id, new.purpose),
            bounds: Bounds::floor(0),
            holder: None,
        };
        let spent = self.part(tx, part).await?;
        let hold = self.number(tx).await?;
        let command = Command::Reserve {
            id: hold,
            reference: format!("{}:spending:{hold}", ty.id),
            legs: super::posting::legs(fund.id, spent, new.amount.fen()),
            expires: None,
            purpose: Some(new.purpose.clone()),
        };
        let done = self.command(tx, command, new.says.trim()).await;
        done.map_err(|why| in_yuan(why, new.amount))?;
        let spending = Spending {
            hold,
            fund: fund.id,
            purpose: new.purpose.clone(),
            amount: new.amount.fen(),
            says: new.says.trim().to_owned(),
            asked_by: me,
            posting: None,
            stage: SpendingStage::Asked,
        };
        tx.ask_spending(&spending).await?;
        self.put_fund(tx, "fund.spending_asked", fund.id, &(hold, new.amount))
            .await?;
        Ok(hold)
    }

    async fn decide_spending(&self, tx: &mut Tx, hold: TransferId, yes: bool) -> Result<()> {
        self.may_keep(tx, Action::KeepBook).await?;
        let spending = tx.spending(hold).await?;
        if spending.stage != SpendingStage::Asked {
            return Err(wrong("这笔用款已经有结果了"));
        }
        let earlier = Actor {
            person: Some(spending.asked_by),
            ..self.ctx.actor.clone()
        };
        four_eyes(&self.ctx.actor, &[earlier]).map_err(AppError::refused)?;
        let posting = match yes {
            true => {
                let id = self.number(tx).await?;
                let command = Command::Post {
                    id,
                    hold,
                    reference: format!("spending:{hold}"),
                    legs: None,
                };
                self.command(tx, command, &spending.says).await?;
                Some(id)
            }
            false => {
                let void = Command::Void { hold };
                self.command(tx, void, "没有批").await?;
                None
            }
        };
        tx.decide_spending(hold, posting).await?;
        self.put_fund(tx, "fund.spending_decided", spending.fund, &(hold, yes))
            .await
    }

    async fn show_fund(&self, tx: &mut Tx, id: AccountId, says: &str) -> Result<()> {
        self.may_keep(tx, Action::KeepBook).await?;
        let fund = tx.fund(id).await?;
        let view = self.fund_view(tx, fund).await?;
        let shown = FundShown {
            day: self.now.today(),
            received: view.received.fen(),
            spent: view.spent.fen(),
            says: says.trim().to_owned(),
        };
        tx.show_fund(id, view.shown.len(), &shown).await?;
        self.put_fund(tx, "fund.shown", id, &(shown.received, shown.spent))
            .await
    }

    async fn put_fund<D: Serialize>(
        &self,
        tx: &mut Tx,
        action: &str,
        id: AccountId,
        details: &D,
    ) -> Result<()> {
        let subject = format!("fund:{id}");
        self.ctx
            .record(tx, action, &subject, details, self.now)
            .await
    }
}

/// A refusal of the ledger in yuan, without numbers of accounts.
fn in_yuan(why: AppError, asked: Money) -> AppError {
    let AppError::Refused(mut refused) = why else {
        return why;
    };
    match refused.code {
        "ledger.below_floor" => {
            refused.says = format!("专款里的钱不够用 {asked} 元，一分也没有动");
        }
        "ledger.purpose_not_allowed" => {
            refused.says = "这笔专款不能用在这里，请看它的用途".to_owned();
        }
        _ => {}
    }
    AppError::Refused(refused)
}
