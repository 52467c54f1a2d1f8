//! 「预约」 Bookings for everybody who has a part in them: a resident finds, books, waits
//! and changes; whoever keeps a place lets in, notes who did not come, cares for what came
//! back, asks the next who waits; things go from hand to hand ([`custody`]). Absent on
//! purpose: rules (the engine's) and kinds of booking (packs').

mod custody;
mod desk;
mod ending;
mod figures;
mod log;
mod offers;
mod read;

#[cfg(test)]
mod tests;

pub use custody::{ChainView, HandOver, InHand, TakeIn};
pub use desk::{BookingAct, KeepAct, NewBooking, NewStock};
pub use figures::{BookingFigures, KindFigure, Occupancy, UnitBehind};
pub use log::{LogLine, Logged, StockLog};
pub use offers::{Finding, Offered, OfferedSort};
pub use read::{KeptPlace, OwnBooking, StockDesk};
pub use store::{BookingLine, BookingStage};

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_booking::{BookingType, Config, Elsewhere};
use kernel::{FieldLevel, Now, PersonId, RegionCode, Slug};
use std::sync::Arc;
use store::Tx;

/// What one transaction needs; owned, because it may run again.
#[derive(Clone)]
struct Room {
    app: App,
    ctx: Context,
    now: Now,
}

impl App {
    /// The kinds of booking of the law in force.
    pub fn booking_types(&self) -> &[Arc<BookingType>] {
        self.law.pack.bookings()
    }

    /// A kind of booking: of the law in force, or of an earlier one under which one runs.
    ///
    /// # Errors
    /// No such kind.
    pub fn booking_type(&self, id: &Slug) -> Result<Arc<BookingType>> {
        let now = self.law.pack.booking(id.as_str());
        let earlier = || {
            let mut laws = self.earlier_laws();
            laws.find_map(|law| law.pack.booking(id.as_str()))
        };
        let found = now.or_else(earlier).cloned();
        found.ok_or_else(|| AppError::BadInput(format!("没有“{id}”这类预约")))
    }

    fn booking_room(&self, ctx: &Context) -> Room {
        Room {
            app: self.clone(),
            ctx: ctx.clone(),
            now: self.now(),
        }
    }
}

impl Room {
    fn config<'a>(&'a self, ty: &'a BookingType) -> Config<'a> {
        Config {
            ty,
            calendar: self.app.law.pack.calendar(),
            elsewhere: Elsewhere::default(),
        }
    }

    /// Whether this may be done about this person (`None`: about nobody) at this place.
    async fn may(
        &self,
        tx: &mut Tx,
        action: Action,
        region: Option<RegionCode>,
        person: Option<PersonId>,
    ) -> Result<()> {
        let record = Record {
            region,
            subjects: person.into_iter().collect(),
            state: match person {
                Some(_) => RecordState::Open,
                None => RecordState::None,
            },
            level: FieldLevel::L3,
        };
        let near = match person {
            Some(person) => crate::order::registered(tx, person, self.now).await?.family,
            None => Default::default(),
        };
        let near: Vec<PersonId> = near.into_iter().collect();
        let may = self.ctx.authorise(tx, action, record, &near, self.now);
        may.await.map(drop)
    }
}
