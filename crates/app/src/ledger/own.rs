//! 「我的账」 A person's own acts: saying what they gave, confirming what they got, using,
//! giving away. Nothing is earned on one's own word alone.

use super::{Room, wrong};
use crate::{App, AppError, Context, Result};
use chrono::TimeDelta;
use engine_access::Action;
use engine_ledger::{BookType, Command, Does, Kind};
use engine_order::Stage;
use kernel::{Date, Money, OrderId, PersonId, PersonNumber, Slug, TransferId};
use serde::Serialize;
use store::ledger::{Claim, ClaimStage};
use store::{Reply, Tx};

/// What somebody says they gave, and to whom.
#[derive(Clone, Debug, Serialize)]
pub struct NewClaim {
    /// Which book.
    pub book: Slug,
    /// Which kind.
    pub kind: Slug,
    /// Whom: number and name must both be theirs.
    pub number: PersonNumber,
    /// Their name.
    pub name: String,
    /// When.
    pub day: Date,
    /// How much, minutes.
    pub amount: i64,
}

/// What an order proves.
#[derive(Clone, Debug, Serialize)]
pub struct ByOrder {
    /// Which book.
    pub book: Slug,
    /// Which kind.
    pub kind: Slug,
    /// The order, closed and confirmed.
    pub order: OrderId,
}

/// Something given away.
#[derive(Clone, Debug, Serialize)]
pub struct NewGift {
    /// Which book.
    pub book: Slug,
    /// Which kind.
    pub kind: Slug,
    /// To whom.
    pub number: PersonNumber,
    /// Their name.
    pub name: String,
    /// How much.
    pub amount: i64,
}

impl App {
    /// 申报存入 Says what one gave; it counts once the other side confirms.
    ///
    /// # Errors
    /// A refusal of access or the ledger; bad input in words.
    pub async fn claim(&self, ctx: &Context, new: NewClaim) -> Result<Reply<TransferId>> {
        let key = ctx.key("book.claim", &new)?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.claim(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 凭工单存入 What an order proves that was confirmed counts at once, and once.
    ///
    /// # Errors
    /// As [`App::claim`].
    pub async fn earn_by_order(&self, ctx: &Context, by: ByOrder) -> Result<Reply<TransferId>> {
        let key = ctx.key("book.order", &by)?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.by_order(tx, &by).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 确认、否认 The receiver says whether it was so.
    ///
    /// # Errors
    /// As [`App::claim`].
    pub async fn answer_claim(
        &self,
        ctx: &Context,
        id: TransferId,
        yes: bool,
    ) -> Result<Reply<()>> {
        let key = ctx.key("book.answer", &(id, yes))?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.answer(tx, id, yes).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 使用、兑换 Spends what one has: `count` times, or so much.
    ///
    /// # Errors
    /// As [`App::claim`]; `ledger.not_enough` says what is there.
    pub async fn spend(
        &self,
        ctx: &Context,
        (book, kind): (Slug, Slug),
        count: i64,
    ) -> Result<Reply<TransferId>> {
        let key = ctx.key("book.spend", &(&book, &kind, count))?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.spend(tx, (&book, &kind), count, None).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 家里老人用 Spends what one has for somebody of one's own home.
    ///
    /// # Errors
    /// As [`App::spend`]; nobody of the home, too young, an age nobody knows.
    pub async fn spend_for(
        &self,
        ctx: &Context,
        (book, kind): (Slug, Slug),
        count: i64,
        (number, name): (PersonNumber, String),
    ) -> Result<Reply<TransferId>> {
        let key = ctx.key("book.spend_for", &(&book, &kind, count, number, &name))?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| {
                let whom = room.kin(tx, (&book, &kind), (number, &name)).await?;
                room.spend(tx, (&book, &kind), count, Some(whom)).await
            };
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 转赠
    ///
    /// # Errors
    /// As [`App::spend`].
    pub async fn give_away(&self, ctx: &Context, gift: NewGift) -> Result<Reply<TransferId>> {
        let key = ctx.key("book.give", &gift)?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.give(tx, &gift).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }
}

impl Room {
    async fn claim(&self, tx: &mut Tx, new: &NewClaim) -> Result<TransferId> {
        let me = self.me()?;
        self.may_own(tx, Action::UseBook, me).await?;
        let ty = self.app.book_type(&new.book)?;
        let kind = self.kind(&ty, &new.kind, Does::Earn)?;
        if !kind.confirm {
            return Err(wrong("这一种由管账的人记，不用申报"));
        }
        if new.day > self.now.today() {
            return Err(wrong("日期不能晚于今天"));
        }
        let receiver = self.named(tx, new.number, &new.name).await?;
        self.between(tx, &kind, me, receiver).await?;
        let amount = self.amount(&kind, new.amount)?;
        let expires = self.now.at + TimeDelta::days(i64::from(kind.confirm_days));
        let reason = format!("{}，{}", kind.name, new.day);
        let held = self.earning_held(tx, (&ty, &kind), (me, amount), expires, &reason);
        let id = held.await?;
        let claim = Claim {
            id,
            book: ty.id.clone(),
            kind: kind.id.clone(),
            giver: me,
            receiver,
            day: new.day,
            amount,
            expires,
            stage: ClaimStage::Open,
        };
        tx.keep_claim(&claim).await?;
        self.put(tx, "book.claimed", id, &(me, receiver, amount))
            .await?;
        Ok(id)
    }

    /// Not with oneself, not within one home where a kind says so, and old enough.
    async fn between(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        giver: PersonId,
        receiver: PersonId,
    ) -> Result<()> {
        if giver == receiver {
            return Err(wrong("不能给自己记"));
        }
        let known = crate::order::registered(tx, giver, self.now).await?;
        if kind.not_kin && known.family.contains(&receiver) {
            return Err(wrong("一家人之间帮忙，不记时间"));
        }
        match (kind.age_from, known.about.age) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(wrong("不知道您的年龄，请先到窗口补上")),
            (Some(from), Some(age)) if i64::from(age) >= i64::from(from) => Ok(()),
            (Some(from), Some(_)) => Err(wrong(&format!("“{}”要满 {from} 岁", kind.name))),
        }
    }

    async fn by_order(&self, tx: &mut Tx, by: &ByOrder) -> Result<TransferId> {
        let me = self.me()?;
        self.may_own(tx, Action::UseBook, me).await?;
        let ty = self.app.book_type(&by.book)?;
        let kind = self.kind(&ty, &by.kind, Does::Earn)?;
        let (receiver, minutes) = self.proven(tx, &kind, by.order, me).await?;
        self.between(tx, &kind, me, receiver).await?;
        let amount = self.amount(&kind, i64::from(minutes))?;
        let reference = format!("{}:order:{}", ty.id, by.order);
        let reason = format!("{}，工单 {}", kind.name, by.order);
        let booked = (reference, reason.as_str());
        let id = self.earned(tx, (&ty, &kind), (me, amount), booked).await?;
        self.put(tx, "book.earned", id, &(me, by.order, amount))
            .await?;
        Ok(id)
    }

    /// For whom an order was and how many minutes it took, where this person did it and the
    /// one it was for said so, or somebody who asked them. What is paid for in money is not
    /// saved as time too.
    async fn proven(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        order: OrderId,
        me: PersonId,
    ) -> Result<(PersonId, u32)> {
        let not_theirs = || wrong("这张工单不是您做的，或者不记这种时间");
        let order = match tx.order(order).await {
            Ok(loaded) => loaded.state,
            Err(store::StoreError::NotFound { .. }) => return Err(not_theirs()),
            Err(why) => return Err(AppError::Store(why)),
        };
        let asked = order.requested.as_ref().ok_or_else(not_theirs)?;
        let mine = order.offer().is_some_and(|offer| offer.person == me);
        if !mine || !kind.orders.contains(&asked.ty) {
            return Err(not_theirs());
        }
        // An order that needs nobody's word bears the word of whoever did it.
        let confirmed = order.confirmed.as_ref();
        let by_another = confirmed.is_some_and(|one| one.stamp.by.person != Some(me));
        if order.stage != Stage::Closed || !by_another {
            return Err(wrong("对方还没有确认这张工单，确认了再来"));
        }
        if order.quote.price() != Some(Money::ZERO) {
            return Err(wrong("这张工单是收钱的，不再记时间"));
        }
        let receiver = asked.about.person;
        let receiver = receiver.ok_or_else(|| wrong("这张工单没有写明是为谁做的"))?;
        let minutes = order.done.as_ref().and_then(|done| done.minutes);
        let minutes = minutes.ok_or_else(|| wrong("这张工单没有写用了多少分钟"))?;
        Ok((receiver, minutes))
    }

    async fn answer(&self, tx: &mut Tx, id: TransferId, yes: bool) -> Result<()> {
        let me = self.me()?;
        self.may_own(tx, Action::UseBook, me).await?;
        let none = || wrong("没有等您确认的这一笔");
        let claim = tx.claim(id).await?.filter(|one| one.receiver == me);
        let claim = claim.ok_or_else(none)?;
        if claim.stage != ClaimStage::Open {
            return Err(wrong("这一笔已经有结果了"));
        }
        let (command, stage) = match yes {
            true => {
                let id = self.number(tx).await?;
                let post = Command::Post {
                    id,
                    hold: claim.id,
                    reference: format!("{}:confirmed:{}", claim.book, claim.id),
                    legs: None,
                };
                (post, ClaimStage::Confirmed)
            }
            false => (Command::Void { hold: claim.id }, ClaimStage::Denied),
        };
        let ty = self.app.book_type(&claim.book)?;
        let name = ty.kind(&claim.kind).map_or("", |kind| kind.name.as_str());
        let reason = format!("{name}，{}，对方确认", claim.day);
        self.command(tx, command, &reason).await?;
        tx.end_claim(claim.id, stage).await?;
        self.put(tx, "book.answered", claim.id, &(me, yes)).await
    }

    async fn spend(
        &self,
        tx: &mut Tx,
        (book, kind): (&Slug, &Slug),
        count: i64,
        whom: Option<PersonId>,
    ) -> Result<TransferId> {
        let me = self.me()?;
        self.may_own(tx, Action::UseBook, me).await?;
        let ty = self.app.book_type(book)?;
        let kind = self.kind(&ty, kind, Does::Spend)?;
        let amount = self.amount(&kind, count)?;
        let id = self
            .taken(tx, (&ty, &kind), (me, amount), None, &reason(&kind, whom))
            .await?;
        self.put(tx, "book.spent", id, &(me, whom, amount)).await?;
        Ok(id)
    }

    /// Somebody of one's own home who may have what one saved.
    async fn kin(
        &self,
        tx: &mut Tx,
        (book, kind): (&Slug, &Slug),
        (number, name): (PersonNumber, &str),
    ) -> Result<PersonId> {
        let me = self.me()?;
        self.may_own(tx, Action::UseBook, me).await?;
        let ty = self.app.book_type(book)?;
        let kind = self.kind(&ty, kind, Does::Spend)?;
        let own = || wrong(&format!("“{}”只能自己用", kind.name));
        let from = kind.kin_from.ok_or_else(own)?;
        let whom = self.named(tx, number, name).await?;
        let home = crate::order::registered(tx, me, self.now).await?;
        if !home.family.contains(&whom) {
            return Err(wrong("只能给家里人用。底册上不是一户的，请到窗口核对"));
        }
        let known = crate::order::registered(tx, whom, self.now).await?;
        match known.about.age {
            None => Err(wrong("不知道他的年龄，请先到窗口补上")),
            Some(age) if i64::from(age) >= i64::from(from) => Ok(whom),
            Some(_) => Err(wrong(&format!("家里人满 {from} 岁才能给他用"))),
        }
    }

    async fn give(&self, tx: &mut Tx, gift: &NewGift) -> Result<TransferId> {
        let me = self.me()?;
        self.may_own(tx, Action::UseBook, me).await?;
        let ty: std::sync::Arc<BookType> = self.app.book_type(&gift.book)?;
        let kind = self.kind(&ty, &gift.kind, Does::Give)?;
        let to = self.named(tx, gift.number, &gift.name).await?;
        self.between(tx, &kind, me, to).await?;
        let amount = self.amount(&kind, gift.amount)?;
        let id = self
            .taken(tx, (&ty, &kind), (me, amount), Some(to), &kind.name)
            .await?;
        self.put(tx, "book.given", id, &(me, to, amount)).await?;
        Ok(id)
    }

    /// On record.
    pub(super) async fn put<D: Serialize>(
        &self,
        tx: &mut Tx,
        action: &str,
        id: TransferId,
        details: &D,
    ) -> Result<()> {
        let subject = format!("transfer:{id}");
        self.ctx
            .record(tx, action, &subject, details, self.now)
            .await
    }
}

/// What a statement says of it; for whom stands in the record alone.
fn reason(kind: &Kind, whom: Option<PersonId>) -> String {
    match whom {
        Some(_) => format!("{}，给家里人用", kind.name),
        None => kind.name.clone(),
    }
}
