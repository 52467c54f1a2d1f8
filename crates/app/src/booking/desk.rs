//! 「约一次」 The one way every act on a stock goes: authorise → load (others wait) →
//! decide → save state, places, events, audit → tell whom it is about.

use super::Room;
use crate::case::queue;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Purpose};
use engine_booking::{
    Act, Cared, Command, Config, Elsewhere, Event, Guest, Span, Stock, What, decide,
};
use engine_notify::{Message, Recipient};
use kernel::{Actor, BookingId, MessageId, PersonId, RegionCode, Role, Slug, StockId};
use serde::{Deserialize, Serialize};
use store::{Reply, Tx};

/// Told outside the house without a word of what it is about.
const SMS: &str = "您排的队轮到您了。请登录“暖心”在“我的预约”里答复，也可以打电话给窗口。";

/// A booking or a wait, as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewBooking {
    /// Where.
    pub stock: StockId,
    /// For whom; `None`: for oneself.
    pub person: Option<PersonId>,
    /// Which unit; `None`: any that is free.
    pub unit: Option<u32>,
    /// Which sort; `None`: any.
    pub sort: Option<Slug>,
    /// When; of a wait for a stay `None`.
    pub span: Option<Span>,
    /// What they ask beside.
    pub note: Option<String>,
    /// To wait, and in which class; `None`: to book.
    pub wait: Option<Slug>,
}

/// What is asked of a booking or a wait that is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingAct {
    /// 改约、换
    Move {
        /// To which unit; `None`: any.
        unit: Option<u32>,
        /// To when.
        span: Span,
        /// Why.
        reason: String,
    },
    /// 取消
    Cancel(String),
    /// 到了
    Arrive,
    /// 离开
    Leave,
    /// 没有来
    Miss,
    /// 接受
    Accept(Span),
    /// 婉拒
    Decline(String),
    /// 不等了
    Withdraw(String),
}

/// What whoever keeps a place does with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepAct {
    /// 添置: label and sort.
    Add(String, Option<Slug>),
    /// 停用: which and why.
    Close(u32, String),
    /// 恢复
    Reopen(u32),
    /// 处理好了
    Care(u32, Cared),
    /// 通知下一位
    Offer {
        /// Which unit is free.
        unit: u32,
        /// In which slot; `None` for a stay.
        span: Option<Span>,
        /// Who is passed over, each with why.
        passing: Vec<(BookingId, String)>,
    },
}

/// A new place with its units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewStock {
    /// The kind.
    pub ty: Slug,
    /// `当湖街道婚姻登记处`.
    pub name: String,
    /// Where.
    pub region: RegionCode,
    /// Label and sort of each.
    pub units: Vec<(String, Option<Slug>)>,
}

impl App {
    /// 设一处 Opens a place where something can be booked.
    ///
    /// # Errors
    /// No such kind or sort; a refusal; the store's.
    pub async fn open_stock(&self, ctx: &Context, new: NewStock) -> Result<Reply<StockId>> {
        let key = ctx.key("booking.open", &new)?;
        let room = self.booking_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.open(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 预约、排队
    ///
    /// # Errors
    /// A refusal of access or of the engine, in words; the store's.
    pub async fn book(&self, ctx: &Context, new: NewBooking) -> Result<Reply<BookingId>> {
        let key = ctx.key("booking.book", &new)?;
        let room = self.booking_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.book(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 改约、取消、到了、没来、接受…… One act on a booking or a wait.
    ///
    /// # Errors
    /// As [`App::book`].
    pub async fn on_booking(
        &self,
        ctx: &Context,
        id: BookingId,
        act: BookingAct,
    ) -> Result<Reply<()>> {
        let key = ctx.key("booking.act", &(id, &act))?;
        let room = self.booking_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.on_booking(tx, id, act.clone()).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 管一处 One act on a place.
    ///
    /// # Errors
    /// As [`App::book`].
    pub async fn keep_stock(&self, ctx: &Context, id: StockId, act: KeepAct) -> Result<Reply<()>> {
        let key = ctx.key("booking.keep", &(id, &act))?;
        let room = self.booking_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| {
                let region = tx.stock(id).await?.state.region;
                room.may(tx, Action::KeepBooking, Some(region), None)
                    .await?;
                room.act(tx, id, act.clone().into()).await
            };
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 看钟 Who did not come, offers nobody answered; gives how many could not be looked
    /// at. One place that cannot be ticked stops no other.
    ///
    /// # Errors
    /// The store's, of reading which places there are.
    pub async fn tick_bookings(&self) -> Result<usize> {
        let all = async |tx: &mut Tx| tx.all_stocks().await;
        let mut stuck = 0;
        for id in self.db.read(all).await? {
            let room = self.booking_room(&itself());
            let tick = async move |tx: &mut Tx| {
                let region = tx.stock(id).await?.state.region;
                room.may(tx, Action::KeepBooking, Some(region), None)
                    .await?;
                room.act(tx, id, Act::Tick).await
            };
            if let Err(why) = self.db.write(tick).await {
                tracing::error!(%id, %why, "a place could not be ticked");
                stuck += 1;
            }
        }
        Ok(stuck)
    }
}

/// The house itself.
fn itself() -> Context {
    Context {
        actor: Actor {
            account: "clock".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Duty,
        request: "clock".to_owned(),
    }
}

impl From<KeepAct> for Act {
    fn from(act: KeepAct) -> Act {
        match act {
            KeepAct::Add(label, sort) => Act::Add { label, sort },
            KeepAct::Close(unit, reason) => Act::Close { unit, reason },
            KeepAct::Reopen(unit) => Act::Reopen { unit },
            KeepAct::Care(unit, cared) => Act::Care { unit, cared },
            KeepAct::Offer {
                unit,
                span,
                passing,
            } => Act::Offer {
                unit,
                span,
                passing,
            },
        }
    }
}

impl BookingAct {
    fn of(self, id: BookingId) -> Act {
        match self {
            BookingAct::Move { unit, span, reason } => Act::Move {
                id,
                unit,
                span,
                reason,
            },
            BookingAct::Cancel(reason) => Act::Cancel { id, reason },
            BookingAct::Arrive => Act::Arrive { id },
            BookingAct::Leave => Act::Leave { id },
            BookingAct::Miss => Act::Miss { id },
            BookingAct::Accept(span) => Act::Accept { id, span },
            BookingAct::Decline(reason) => Act::Decline { id, reason },
            BookingAct::Withdraw(reason) => Act::Withdraw { id, reason },
        }
    }
}

impl Room {
    async fn open(&self, tx: &mut Tx, new: &NewStock) -> Result<StockId> {
        self.may(tx, Action::KeepBooking, Some(new.region), None)
            .await?;
        let ty = self.app.booking_type(&new.ty)?;
        let id = StockId(tx.next_id("stock").await?);
        let mut stock = Stock::new(id, ty.id.clone(), new.name.clone(), new.region);
        let mut events = Vec::new();
        for (label, sort) in new.units.clone() {
            let act = Act::Add { label, sort };
            events.extend(self.decided(&mut stock, act, Elsewhere::default())?);
        }
        let by = &self.ctx.actor;
        tx.create_stock(&stock, &events, by, self.now).await?;
        self.on_record(tx, "booking.open", id, &events).await?;
        Ok(id)
    }

    async fn book(&self, tx: &mut Tx, new: &NewBooking) -> Result<BookingId> {
        let person = new.person.or(self.ctx.actor.person);
        let nobody = || AppError::BadInput("请写明给谁预约".to_owned());
        let person = person.ok_or_else(nobody)?;
        let region = tx.stock(new.stock).await?.state.region;
        self.may(tx, Action::Book, Some(region), Some(person))
            .await?;
        let id = BookingId(tx.next_id("booking").await?);
        let guest = self.guest(tx, person, new.note.clone()).await?;
        let (unit, sort, span) = (new.unit, new.sort.clone(), new.span);
        let act = match &new.wait {
            Some(class) => Act::Wait {
                id,
                guest,
                class: class.clone(),
                sort,
                span,
            },
            None => Act::Book {
                id,
                unit,
                sort,
                span: span.ok_or_else(|| AppError::BadInput("请选时间".to_owned()))?,
                guest,
            },
        };
        self.act(tx, new.stock, act).await?;
        Ok(id)
    }

    /// The register's name and telephone count.
    pub(super) async fn guest(
        &self,
        tx: &mut Tx,
        person: PersonId,
        note: Option<String>,
    ) -> Result<Guest> {
        let known = crate::order::registered(tx, person, self.now).await?;
        Ok(Guest {
            person,
            name: known.about.name,
            phone: known.about.phone,
            note,
        })
    }

    pub(super) async fn on_booking(
        &self,
        tx: &mut Tx,
        id: BookingId,
        act: BookingAct,
    ) -> Result<()> {
        let stock = tx.stock_of(id).await?;
        let state = tx.stock(stock).await?.state;
        let booked = state.bookings.get(&id).map(|one| one.guest.person);
        let waits = state.waiting.get(&id).map(|one| one.guest.person);
        let over = || AppError::refused(engine_booking::Refusal::NoSuchBooking(id));
        let person = booked.or(waits).ok_or_else(over)?;
        let action = match act {
            BookingAct::Arrive | BookingAct::Leave | BookingAct::Miss => Action::KeepBooking,
            _ => Action::Book,
        };
        self.may(tx, action, Some(state.region), Some(person))
            .await?;
        self.act(tx, stock, act.of(id)).await
    }

    fn decided(&self, stock: &mut Stock, act: Act, elsewhere: Elsewhere) -> Result<Vec<Event>> {
        let ty = self.app.booking_type(&stock.ty)?;
        let command = Command {
            actor: self.ctx.actor.clone(),
            desk: !matches!(self.ctx.actor.role, Role::Citizen | Role::Agent),
            act,
        };
        let config = Config {
            elsewhere,
            ..self.config(&ty)
        };
        let events = decide(stock, &command, config, self.now);
        let events = events.map_err(AppError::refused)?;
        events.iter().for_each(|event| stock.apply(event));
        Ok(events)
    }

    /// What whoever gets something by an act has of this kind in other places; asked before
    /// the stock is taken, so that all who book for one person wait in the same order.
    async fn elsewhere(&self, tx: &mut Tx, id: StockId, act: &Act) -> Result<Elsewhere> {
        let stock = tx.stock(id).await?.state;
        let person = match act {
            Act::Book { guest, .. } | Act::Wait { guest, .. } | Act::Restore { guest, .. } => {
                Some(guest.person)
            }
            Act::Accept { id, .. } => stock.waiting.get(id).map(|one| one.guest.person),
            _ => None,
        };
        match person {
            Some(person) => Ok(tx.booked_elsewhere(person, &stock.ty, id).await?),
            None => Ok(Elsewhere::default()),
        }
    }

    /// Decides and keeps; whether it may be asked was looked at before.
    pub(super) async fn act(&self, tx: &mut Tx, id: StockId, act: Act) -> Result<()> {
        let elsewhere = self.elsewhere(tx, id, &act).await?;
        let loaded = tx.stock_to_change(id).await?;
        let mut stock = loaded.state;
        let events = self.decided(&mut stock, act, elsewhere)?;
        if events.is_empty() {
            return Ok(());
        }
        let by = &self.ctx.actor;
        tx.save_stock(loaded.version, &stock, &events, by, self.now)
            .await?;
        self.on_record(tx, "booking.act", id, &events).await?;
        for event in &events {
            if let What::Offered { id, offer } = &event.what {
                let until = offer.until.format("%-m月%-d日");
                self.tell(tx, &stock, *id, &until.to_string()).await?;
            }
        }
        Ok(())
    }

    async fn on_record(
        &self,
        tx: &mut Tx,
        says: &str,
        id: StockId,
        events: &[Event],
    ) -> Result<()> {
        let subject = format!("stock:{id}");
        self.ctx.record(tx, says, &subject, &events, self.now).await
    }

    /// It is their turn: where, and until when an answer counts.
    async fn tell(&self, tx: &mut Tx, stock: &Stock, id: BookingId, until: &str) -> Result<()> {
        let Some(waiting) = stock.waiting.get(&id) else {
            return Ok(());
        };
        let ty = self.app.booking_type(&stock.ty)?;
        let text = format!(
            "{}，您在{}排的“{}”轮到您了。请在{until}前到“我的预约”里答复。不要也没关系，您还在队里。",
            waiting.guest.name, stock.name, ty.name
        );
        let occasion = "booking_offered".parse();
        let message = Message {
            id: MessageId(tx.next_id("message").await?),
            occasion: occasion.map_err(|_| AppError::Fault("occasion".to_owned()))?,
            to: Recipient {
                person: waiting.guest.person,
                mobile: waiting.guest.phone.is_some(),
                inbox: true,
            },
            case: None,
            text,
            sms: Some(SMS.to_owned()),
            proof_wanted: false,
        };
        queue(tx, message, &self.ctx.actor, self.now).await
    }
}
