//! 「处理记录」 The log of a place: what came back, when it was cared for and what was
//! noted, what was closed and why, who was passed over and why. Made of what is on record
//! already; nothing is kept twice.

use super::Room;
use crate::worklist::name_in;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_booking::{BookingType, Event, What};
use kernel::{Actor, BookingId, Instant, PersonId, Slug, StockId};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Tx;

/// The newest so many.
const LINES_MOST: usize = 300;

/// One line of the log.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Actor,
    /// Of which unit, by its label; of who waits their name.
    pub of: String,
    /// What.
    pub says: Logged,
}

/// What is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logged {
    /// It came back and is to be cared for.
    Back,
    /// It had not come back after all: the ending was a mistake.
    NotBack,
    /// It was cared for: words of the pack and what was noted.
    Cared(Vec<(String, String)>),
    /// It is not given out: why.
    Closed(String),
    /// It is given out again.
    Reopened,
    /// Passed over: why.
    Passed(String),
}

/// A place's log.
#[derive(Clone, Debug)]
pub struct StockLog {
    /// The place's name.
    pub name: String,
    /// The kind.
    pub ty: Arc<BookingType>,
    /// The newest first.
    pub lines: Vec<LogLine>,
}

impl App {
    /// 处理记录
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn stock_log(&self, ctx: &Context, id: StockId) -> Result<StockLog> {
        let room = self.booking_room(ctx);
        let look = async move |tx: &mut Tx| {
            let stock = tx.stock(id).await?.state;
            room.may(tx, Action::ReadBooking, Some(stock.region), None)
                .await?;
            let ty = room.app.booking_type(&stock.ty)?;
            let mut reader = Reader::new(&ty);
            for one in tx.stock_history(id).await? {
                reader.read(one.event);
            }
            let mut lines = reader.lines;
            lines.reverse();
            lines.truncate(LINES_MOST);
            let lines = room.named(tx, lines).await?;
            let subject = format!("stock:{id}");
            room.ctx
                .record(tx, "booking.log", &subject, &lines.len(), room.now)
                .await?;
            let name = stock.name;
            Ok::<_, AppError>(StockLog { name, ty, lines })
        };
        self.db.look(look).await
    }
}

/// Of what a line is, before it has words.
enum Of {
    Unit(String),
    Person(PersonId),
}

impl Room {
    async fn named(&self, tx: &mut Tx, lines: Vec<(Of, LogLine)>) -> Result<Vec<LogLine>> {
        let mut named = Vec::new();
        for (of, line) in lines {
            let of = match of {
                Of::Unit(label) => label,
                Of::Person(person) => name_in(tx, person).await?,
            };
            named.push(LogLine { of, ..line });
        }
        Ok(named)
    }
}

/// Reads a history from its beginning: only so is it known which unit a booking left.
struct Reader<'a> {
    ty: &'a BookingType,
    labels: BTreeMap<u32, String>,
    units: BTreeMap<BookingId, u32>,
    people: BTreeMap<BookingId, PersonId>,
    lines: Vec<(Of, LogLine)>,
}

impl<'a> Reader<'a> {
    fn new(ty: &'a BookingType) -> Reader<'a> {
        Reader {
            ty,
            labels: BTreeMap::new(),
            units: BTreeMap::new(),
            people: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

    fn read(&mut self, event: Event) {
        let by = event.by;
        let (unit, says) = match event.what {
            What::Added(unit) => {
                self.labels.insert(unit.no, unit.label);
                return;
            }
            What::Booked { booking, .. } => {
                self.units.insert(booking.id, booking.unit);
                return;
            }
            What::Queued(one) => {
                self.people.insert(one.id, one.guest.person);
                return;
            }
            What::Moved { id, unit, care, .. } => {
                self.units.insert(id, unit);
                match care {
                    Some(left) => (left, Logged::Back),
                    None => return,
                }
            }
            What::Ended { id, care: true, .. } => match self.units.get(&id) {
                Some(unit) => (*unit, Logged::Back),
                None => return,
            },
            What::Cared { unit, cared } => (unit, Logged::Cared(self.noted(cared.notes))),
            What::CareVoid { unit } => (unit, Logged::NotBack),
            What::Closed { unit, reason } => (unit, Logged::Closed(reason)),
            What::Reopened { unit } => (unit, Logged::Reopened),
            What::Passed { id, reason } => {
                if let Some(person) = self.people.get(&id).copied() {
                    let says = Logged::Passed(reason);
                    self.lines.push((Of::Person(person), line(by, says)));
                }
                return;
            }
            _ => return,
        };
        let label = self.labels.get(&unit).cloned().unwrap_or_default();
        self.lines.push((Of::Unit(label), line(by, says)));
    }

    /// The pack's words for each note; a note the pack no longer has keeps its id.
    fn noted(&self, notes: BTreeMap<Slug, String>) -> Vec<(String, String)> {
        let rule = self.ty.care.as_ref();
        let words = |id: &Slug| rule.and_then(|rule| rule.notes.get(id)).cloned();
        let notes = notes.into_iter();
        notes
            .map(|(id, text)| (words(&id).unwrap_or_else(|| id.to_string()), text))
            .collect()
    }
}

fn line(by: engine_booking::Stamp, says: Logged) -> LogLine {
    LogLine {
        at: by.at,
        by: by.actor,
        of: String::new(),
        says,
    }
}
