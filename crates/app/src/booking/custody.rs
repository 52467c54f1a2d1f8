//! 「交接」 Things that go from hand to hand: taken in with a code, handed over by who
//! has them, the next code scanned and never typed by heart.

use super::Room;
use crate::worklist::name_in;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_booking::{Chain, ChainCommand, Holder, decide_chain};
use kernel::{BookingId, ChainId, PersonId, PersonNumber, RegionCode};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Reply, Tx};

/// A list is this long at most.
const LINES_MOST: u32 = if cfg!(test) { 3 } else { 200 };

/// What is in our hands: how many, and the newest of them.
#[derive(Clone, Debug)]
pub struct InHand {
    /// All of them.
    pub count: i64,
    /// The newest, a list's length of them.
    pub newest: Vec<ChainView>,
}

/// Something that is taken in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakeIn {
    /// The code put on it.
    pub code: String,
    /// What it is.
    pub what: String,
    /// Where it is kept, as a node.
    pub region: RegionCode,
    /// Where it is now.
    pub to: Holder,
    /// What was seen.
    pub note: String,
}

/// Something that goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    /// The code as scanned.
    pub code: String,
    /// Who gives it.
    pub given_by: PersonId,
    /// Who takes it.
    pub taken_by: PersonId,
    /// Where it goes.
    pub to: Holder,
    /// What was seen.
    pub note: String,
    /// It is given back for good.
    pub last: bool,
}

/// Something in our hands, with everybody's name.
#[derive(Clone, Debug)]
pub struct ChainView {
    /// The chain.
    pub chain: Chain,
    /// Names of those who gave and took.
    pub names: BTreeMap<PersonId, String>,
}

impl ChainView {
    /// The name of one of them.
    pub fn name(&self, person: &PersonId) -> &str {
        self.names.get(person).map_or("", String::as_str)
    }
}

impl App {
    /// 接收 Takes something in; whoever is signed in takes it.
    ///
    /// # Errors
    /// The code is in use or is none; a refusal; the store's.
    pub async fn take_in(&self, ctx: &Context, new: TakeIn) -> Result<Reply<ChainId>> {
        let key = ctx.key("custody.take_in", &new)?;
        let room = self.booking_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.take_in(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 交接
    ///
    /// # Errors
    /// No such code; it is not in the giver's hands; a refusal; the store's.
    pub async fn hand_over(&self, ctx: &Context, new: HandOver) -> Result<Reply<()>> {
        let key = ctx.key("custody.hand_over", &new)?;
        let room = self.booking_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.hand_over(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 在管的 What is in our hands under a node.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn custody_in(&self, ctx: &Context, region: RegionCode) -> Result<InHand> {
        let room = self.booking_room(ctx);
        let look = async move |tx: &mut Tx| {
            room.may(tx, Action::ReadBooking, Some(region), None)
                .await?;
            let chains = tx.custody_in(region.span(), LINES_MOST).await?;
            let count = tx.custody_count(region.span()).await?;
            let (subject, seen) = (format!("region:{region}"), chains.len());
            room.ctx
                .record(tx, "custody.list", &subject, &seen, room.now)
                .await?;
            let mut newest = Vec::new();
            for chain in chains {
                newest.push(named(tx, chain).await?);
            }
            Ok::<_, AppError>(InHand { count, newest })
        };
        self.db.look(look).await
    }

    /// 一件 What bears a code, from its first hands to the present ones.
    ///
    /// # Errors
    /// No such code; a refusal outside the actor's place; the store's.
    pub async fn custody(&self, ctx: &Context, code: &str) -> Result<ChainView> {
        let (room, code) = (self.booking_room(ctx), code.to_owned());
        let look = async move |tx: &mut Tx| {
            let unknown = || AppError::refused(engine_booking::ChainRefusal::NotReceived);
            let (loaded, region) = tx.custody(&code).await?.ok_or_else(unknown)?;
            room.may(tx, Action::ReadBooking, Some(region), None)
                .await?;
            let subject = format!("chain:{}", loaded.state.id);
            room.ctx
                .record(tx, "custody.show", &subject, &(), room.now)
                .await?;
            named(tx, loaded.state).await
        };
        self.db.look(look).await
    }

    /// 对方 Who the other of a handover is, typed: a resident's number or a colleague's
    /// login.
    ///
    /// # Errors
    /// Nobody like that; a refusal; the store's.
    pub async fn custody_other(&self, ctx: &Context, code: &str, typed: &str) -> Result<PersonId> {
        let room = self.booking_room(ctx);
        let (code, typed) = (code.to_owned(), typed.trim().to_owned());
        let look = async move |tx: &mut Tx| {
            let unknown = || AppError::refused(engine_booking::ChainRefusal::NotReceived);
            let (_, region) = tx.custody(&code).await?.ok_or_else(unknown)?;
            room.may(tx, Action::KeepBooking, Some(region), None)
                .await?;
            let found = match PersonNumber::parse_on(&typed, room.now.today()) {
                Ok(number) => tx.people_with(number).await?.first().copied(),
                Err(_) => tx.login(&typed).await?.and_then(|one| one.person),
            };
            let says = "没有找到对方。请填居民的证件号，或者同事的登录名";
            let person = found.ok_or_else(|| AppError::BadInput(says.to_owned()))?;
            let subject = format!("person:{person}");
            room.ctx
                .record(tx, "custody.other", &subject, &code, room.now)
                .await?;
            Ok::<_, AppError>(person)
        };
        self.db.look(look).await
    }
}

/// With the names of the register, or those colleagues sign in under.
async fn named(tx: &mut Tx, chain: Chain) -> Result<ChainView> {
    let hands = chain.links.iter();
    let people: BTreeSet<PersonId> = hands
        .flat_map(|link| link.given_by.into_iter().chain([link.taken_by]))
        .collect();
    let mut names = BTreeMap::new();
    for person in people {
        let mut name = name_in(tx, person).await?;
        if name.is_empty() {
            let accounts = tx.logins_of(person).await?;
            name = accounts
                .first()
                .map(|one| one.name.clone())
                .unwrap_or_default();
        }
        names.insert(person, name);
    }
    Ok(ChainView { chain, names })
}

impl Room {
    async fn take_in(&self, tx: &mut Tx, new: &TakeIn) -> Result<ChainId> {
        self.may(tx, Action::KeepBooking, Some(new.region), None)
            .await?;
        let nobody = || AppError::BadInput("要由一个人来接收".to_owned());
        let taken_by = self.ctx.actor.person.ok_or_else(nobody)?;
        let before = tx.custody(&new.code).await?;
        let before = before.as_ref().map(|(loaded, _)| &loaded.state);
        let id = ChainId(tx.next_id("chain").await?);
        let command = ChainCommand::Receive {
            id,
            code: new.code.clone(),
            what: new.what.clone(),
            to: new.to.clone(),
            taken_by,
            note: new.note.clone(),
        };
        let (by, now) = (&self.ctx.actor, self.now);
        let event = decide_chain(before, command, by, now).map_err(AppError::refused)?;
        if let engine_booking::ChainEvent::Received(chain) = &event {
            tx.create_custody((chain, new.region), &event, by, now)
                .await?;
        }
        let subject = format!("chain:{id}");
        self.ctx
            .record(tx, "custody.take_in", &subject, &event, now)
            .await?;
        Ok(id)
    }

    /// Only a booking that is not over, of a kind whose pack says that things are kept in
    /// it: never any number, and no wedding's.
    async fn keeping_place(&self, tx: &mut Tx, booking: BookingId) -> Result<()> {
        let refused = || AppError::refused(engine_booking::ChainRefusal::NotAKeepingPlace);
        let stock = match tx.stock_of(booking).await {
            Ok(stock) => tx.stock(stock).await?.state,
            Err(why) if why.is_missing() => return Err(refused()),
            Err(why) => return Err(why.into()),
        };
        let keeps = self.app.booking_type(&stock.ty)?.keeps;
        match keeps && stock.bookings.contains_key(&booking) {
            true => Ok(()),
            false => Err(refused()),
        }
    }

    async fn hand_over(&self, tx: &mut Tx, new: &HandOver) -> Result<()> {
        let found = tx.custody(&new.code).await?;
        let unknown = || AppError::refused(engine_booking::ChainRefusal::NotReceived);
        let (loaded, region) = found.ok_or_else(unknown)?;
        self.may(tx, Action::KeepBooking, Some(region), None)
            .await?;
        if let Holder::Kept(booking) = new.to {
            self.keeping_place(tx, booking).await?;
        }
        let mut chain = loaded.state;
        let command = ChainCommand::HandOver {
            code: new.code.clone(),
            given_by: new.given_by,
            taken_by: new.taken_by,
            to: new.to.clone(),
            note: new.note.clone(),
            last: new.last,
        };
        let (by, now) = (&self.ctx.actor, self.now);
        let event = decide_chain(Some(&chain), command, by, now).map_err(AppError::refused)?;
        chain.apply(&event);
        tx.save_custody(loaded.version, &chain, &event, by, now)
            .await?;
        let subject = format!("chain:{}", chain.id);
        self.ctx
            .record(tx, "custody.hand_over", &subject, &event, now)
            .await
    }
}
