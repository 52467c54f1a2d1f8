//! 「交接」 Things that go from hand to hand: taken in with a code, handed over by who
//! has them, the next code scanned and never typed by heart.

use super::Room;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_booking::{Chain, ChainCommand, Holder, decide_chain};
use kernel::{ChainId, PersonId, RegionCode};
use serde::{Deserialize, Serialize};
use store::{Reply, Tx};

/// A list is this long at most.
const LINES_MOST: u32 = 200;

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

/// What is in our hands.
#[derive(Clone, Debug)]
pub struct CustodyLine {
    /// The chain.
    pub chain: Chain,
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
    pub async fn custody_in(&self, ctx: &Context, region: RegionCode) -> Result<Vec<CustodyLine>> {
        let room = self.booking_room(ctx);
        let look = async move |tx: &mut Tx| {
            room.may(tx, Action::ReadBooking, Some(region), None)
                .await?;
            let chains = tx.custody_in(region.span(), LINES_MOST).await?;
            let (subject, seen) = (format!("region:{region}"), chains.len());
            room.ctx
                .record(tx, "custody.list", &subject, &seen, room.now)
                .await?;
            let lines = chains.into_iter().map(|chain| CustodyLine { chain });
            Ok::<_, AppError>(lines.collect())
        };
        self.db.look(look).await
    }
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

    async fn hand_over(&self, tx: &mut Tx, new: &HandOver) -> Result<()> {
        let found = tx.custody(&new.code).await?;
        let unknown = || AppError::refused(engine_booking::ChainRefusal::NotReceived);
        let (loaded, region) = found.ok_or_else(unknown)?;
        self.may(tx, Action::KeepBooking, Some(region), None)
            .await?;
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
