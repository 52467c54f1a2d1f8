//! 「预约与占用」 Stocks of things that can be booked: the state as sealed JSON, a clear
//! line for each booking and wait, and a row for each place that is taken: its key is why
//! none is given twice, whoever asks at the same moment; a row beside each place says how
//! far it is taken, so that nothing reaches into a stay without an end. What may happen to
//! a stock is engine-booking's affair.

use crate::error::{Result, StoreError};
use crate::event::{Loaded, Recorded};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_booking::{Booking, Elsewhere, End, Event, Seat, Stock, Waiting, WaitingEnd, What};
use kernel::{Actor, BookingId, Instant, Now, PersonId, RegionCode, Slug, StockId};

const KIND: &str = "booking_stock";

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BookingStage {
    /// 轮候中
    Waiting,
    /// 等您答复
    Offered,
    /// 已约
    Booked,
    /// 已到、在住
    Present,
    /// 办完、离开
    Left,
    /// 已取消
    Cancelled,
    /// 没有来
    NoShow,
    /// 不再轮候
    Unqueued,
}

/// A booking or a wait, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingLine {
    /// Its number.
    pub id: BookingId,
    /// Of which stock.
    pub stock: StockId,
    /// The kind.
    pub ty: Slug,
    /// Which unit; of a wait none.
    pub unit: Option<u32>,
    /// Whose.
    pub person: PersonId,
    /// From when.
    pub begins: Option<Instant>,
    /// Until when.
    pub ends: Option<Instant>,
    /// Where it stands.
    pub stage: BookingStage,
    /// Where the stock is.
    pub region: RegionCode,
    /// Of which sort: wanted, or of the unit.
    pub sort: Option<Slug>,
    /// Since when it is asked for; unknown of those before this was kept.
    pub asked: Option<Instant>,
    /// Whether it began as a wait.
    pub waited: bool,
    /// When it came to a place.
    pub placed: Option<Instant>,
    /// When it was over.
    pub ended: Option<Instant>,
}

sealed! {
    STATE = booking_stock.state (id: Int, version: Int);
}

statements! {
    INSERT = "INSERT INTO booking_stock (id, version, turn, type, region, state)
              VALUES ($1, $2, 0, $3, $4, $5)";
    TURN = "UPDATE booking_stock SET turn = turn + 1 WHERE id = $1";
    UPDATE = "UPDATE booking_stock SET version = $2, state = $3 WHERE id = $1 AND version = $4";
    SELECT = "SELECT id, version, state FROM booking_stock WHERE id = $1";
    ALL = "SELECT id FROM booking_stock ORDER BY id";
    PLACE = "SELECT id, version, state FROM booking_stock
             WHERE type = $1 AND region >= $2 AND region <= $3 ORDER BY id";
    TAKE = "INSERT INTO booking_seat (stock, unit, place, grain, booking)
            VALUES ($1, $2, $3, $4, $5)";
    REACH = "INSERT INTO booking_reach (stock, unit, place, last, open_from)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (stock, unit, place) DO UPDATE SET
                 last = CASE WHEN excluded.last > booking_reach.last
                             THEN excluded.last ELSE booking_reach.last END,
                 open_from = COALESCE(excluded.open_from, booking_reach.open_from)
             WHERE (booking_reach.open_from IS NULL OR excluded.last < booking_reach.open_from)
               AND (excluded.open_from IS NULL OR booking_reach.last < excluded.open_from)";
    BACK = "UPDATE booking_reach SET
                last = COALESCE((SELECT MAX(s.grain) FROM booking_seat s
                    WHERE s.stock = booking_reach.stock AND s.unit = booking_reach.unit
                      AND s.place = booking_reach.place AND s.booking <> $2), -1),
                open_from = CASE WHEN EXISTS (SELECT 1 FROM booking_seat s
                    WHERE s.stock = booking_reach.stock AND s.unit = booking_reach.unit
                      AND s.place = booking_reach.place AND s.booking = $2 AND s.grain = -1)
                    THEN NULL ELSE open_from END
            WHERE stock = $1 AND EXISTS (SELECT 1 FROM booking_seat s
                WHERE s.stock = booking_reach.stock AND s.unit = booking_reach.unit
                  AND s.place = booking_reach.place AND s.booking = $2)";
    FREE = "DELETE FROM booking_seat WHERE booking = $1";
    TAKEN = "SELECT unit, place, grain FROM booking_seat WHERE stock = $1
             ORDER BY unit, place, grain";
    LINE = "INSERT INTO booking (id, stock, type, region, unit, person, begins, ends, stage,
                sort, asked_at, waited, placed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (id) DO UPDATE SET unit = excluded.unit, begins = excluded.begins,
                ends = excluded.ends, stage = excluded.stage, sort = excluded.sort,
                placed_at = COALESCE(booking.placed_at, excluded.placed_at)";
    STAGE = "UPDATE booking SET stage = $2 WHERE id = $1";
    OVER = "UPDATE booking SET stage = $2, ended_at = $3 WHERE id = $1";
    OF_PERSON = "SELECT id, stock, type, region, unit, person, begins, ends, stage, sort,
                     asked_at, waited, placed_at, ended_at FROM booking
                 WHERE person = $1 ORDER BY id DESC LIMIT $2";
    PERSON_TURN = "INSERT INTO booking_turn (person, type, turn) VALUES ($1, $2, 1)
                   ON CONFLICT (person, type) DO UPDATE SET turn = booking_turn.turn + 1";
    OPEN_ELSEWHERE = "SELECT stage, count(*) AS n FROM booking
                      WHERE person = $1 AND type = $2 AND stock <> $3
                        AND stage IN ('waiting', 'offered', 'booked', 'present')
                      GROUP BY stage";
    OF_STOCK = "SELECT id, stock, type, region, unit, person, begins, ends, stage, sort,
                    asked_at, waited, placed_at, ended_at FROM booking
                WHERE stock = $1 AND begins >= $2 AND begins < $3 ORDER BY begins, id";
    ASKED = "SELECT id, stock, type, region, unit, person, begins, ends, stage, sort,
                 asked_at, waited, placed_at, ended_at FROM booking
             WHERE region >= $1 AND region <= $2 AND asked_at >= $3 AND asked_at < $4
             ORDER BY asked_at, id LIMIT $5";
    WHERE_IS = "SELECT stock FROM booking WHERE id = $1";
}

impl Tx {
    /// Keeps a new stock with its first events.
    pub async fn create_stock(
        &mut self,
        stock: &Stock,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let id = stock.id;
        let version = self.append(KIND, id.0, 0, events, actor, now).await?;
        let state = self.seal(&STATE, &row![id, version], json(stock)?)?;
        let values = args![id, version, stock.ty, stock.region, state];
        self.execute(INSERT, values).await?;
        Ok(())
    }

    /// A stock to look at.
    pub async fn stock(&mut self, id: StockId) -> Result<Loaded<Stock>> {
        self.load(SELECT, &STATE, id.0, "预约的地方").await
    }

    /// A stock to write to: others who want to wait here until this one is kept.
    pub async fn stock_to_change(&mut self, id: StockId) -> Result<Loaded<Stock>> {
        self.execute(TURN, args![id]).await?;
        self.stock(id).await
    }

    /// Keeps what the events made of a stock loaded at `version`: the state, the lines and
    /// the places taken and left.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where a place was taken meanwhile: run anew, and the engine
    /// says so in words.
    pub async fn save_stock(
        &mut self,
        version: i64,
        stock: &Stock,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let id = stock.id;
        let next = self.append(KIND, id.0, version, events, actor, now).await?;
        let state = self.seal(&STATE, &row![id, next], json(stock)?)?;
        self.execute_one(UPDATE, args![id, next, state, version], "预约")
            .await?;
        for event in events {
            self.keep_line(stock, event).await?;
        }
        Ok(())
    }

    /// What happened to a stock, oldest first.
    pub async fn stock_history(&mut self, id: StockId) -> Result<Vec<Recorded<Event>>> {
        self.history(KIND, id.0).await
    }

    /// Every stock.
    pub async fn all_stocks(&mut self) -> Result<Vec<StockId>> {
        let rows = self.fetch_all(ALL, args![]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Stocks of a kind whose place lies between two codes.
    pub async fn stocks_in(
        &mut self,
        ty: &Slug,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<Stock>> {
        let rows = self.fetch_all(PLACE, args![ty, from, to]).await?;
        rows.iter().map(|row| row.unsealed_json(&STATE)).collect()
    }

    /// A person's bookings and waits, newest first; at most `limit`.
    pub async fn bookings_of(&mut self, person: PersonId, limit: u32) -> Result<Vec<BookingLine>> {
        let rows = self.fetch_all(OF_PERSON, args![person, limit]).await?;
        rows.iter().map(BookingLine::read).collect()
    }

    /// What a person has of a kind in other stocks than this one. Whoever else would book
    /// something of the kind for them waits until this transaction is over.
    pub async fn booked_elsewhere(
        &mut self,
        person: PersonId,
        ty: &Slug,
        stock: StockId,
    ) -> Result<Elsewhere> {
        self.execute(PERSON_TURN, args![person, ty]).await?;
        let mut found = Elsewhere::default();
        for row in self
            .fetch_all(OPEN_ELSEWHERE, args![person, ty, stock])
            .await?
        {
            let (stage, count): (String, i64) = (row.get("stage")?, row.get("n")?);
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            match stage.as_str() {
                "waiting" | "offered" => found.waits += count,
                _ => found.open += count,
            }
        }
        Ok(found)
    }

    /// Bookings of a stock that begin between two moments, the second not included.
    pub async fn bookings_at(
        &mut self,
        stock: StockId,
        (from, to): (Instant, Instant),
    ) -> Result<Vec<BookingLine>> {
        let rows = self.fetch_all(OF_STOCK, args![stock, from, to]).await?;
        rows.iter().map(BookingLine::read).collect()
    }

    /// Bookings and waits asked for between two moments at places between two codes, the
    /// oldest first; at most `limit`.
    pub async fn bookings_asked(
        &mut self,
        (first, last): (RegionCode, RegionCode),
        (from, to): (Instant, Instant),
        limit: u32,
    ) -> Result<Vec<BookingLine>> {
        let values = args![first, last, from, to, limit];
        let rows = self.fetch_all(ASKED, values).await?;
        rows.iter().map(BookingLine::read).collect()
    }

    /// The stock a booking belongs to.
    pub async fn stock_of(&mut self, id: BookingId) -> Result<StockId> {
        match self.fetch_optional(WHERE_IS, args![id]).await? {
            Some(row) => row.get("stock"),
            None => Err(StoreError::NotFound {
                what: "预约",
                id: id.to_string(),
            }),
        }
    }

    /// The places of a stock that are taken.
    pub async fn seats_taken(&mut self, stock: StockId) -> Result<Vec<Seat>> {
        let rows = self.fetch_all(TAKEN, args![stock]).await?;
        let seat = |row: &Row| {
            Ok(Seat {
                unit: small(row.get("unit")?)?,
                place: small(row.get("place")?)?,
                grain: row.get("grain")?,
            })
        };
        rows.iter().map(seat).collect()
    }

    async fn keep_line(&mut self, stock: &Stock, event: &Event) -> Result<()> {
        let at = event.by.at;
        match &event.what {
            What::Booked { booking, seats } => {
                self.keep_booking(stock, booking, BookingStage::Booked, at)
                    .await?;
                self.take_seats(stock.id, booking, seats).await
            }
            What::Moved { id, seats, .. } => {
                self.leave_seats(stock.id, *id).await?;
                let Some(booking) = stock.bookings.get(id) else {
                    return Ok(());
                };
                self.take_seats(stock.id, booking, seats).await?;
                let stage = match booking.stage {
                    engine_booking::Stage::Present { .. } => BookingStage::Present,
                    _ => BookingStage::Booked,
                };
                self.keep_booking(stock, booking, stage, at).await
            }
            What::Arrived { id } => self.stage(*id, BookingStage::Present).await,
            What::Ended { id, end, .. } => {
                self.leave_seats(stock.id, *id).await?;
                let stage = match end {
                    End::Left => BookingStage::Left,
                    End::Cancelled { .. } => BookingStage::Cancelled,
                    End::NoShow => BookingStage::NoShow,
                };
                self.over(*id, stage, at).await
            }
            What::Queued(one) => self.keep_wait(stock, one, at).await,
            What::Offered { id, .. } => self.stage(*id, BookingStage::Offered).await,
            What::Declined { id, .. } => self.stage(*id, BookingStage::Waiting).await,
            What::Unqueued { id, end } if *end != WaitingEnd::Placed => {
                self.over(*id, BookingStage::Unqueued, at).await
            }
            _ => Ok(()),
        }
    }

    async fn keep_booking(
        &mut self,
        stock: &Stock,
        one: &Booking,
        stage: BookingStage,
        at: Instant,
    ) -> Result<()> {
        let unit = stock.units.get(&one.unit);
        let values = args![
            one.id,
            stock.id,
            stock.ty,
            stock.region,
            i64::from(one.unit),
            one.guest.person,
            one.span.from,
            one.span.to,
            stage.word(),
            unit.and_then(|unit| unit.sort.clone()),
            at,
            0,
            at
        ];
        self.execute(LINE, values).await?;
        Ok(())
    }

    async fn keep_wait(&mut self, stock: &Stock, one: &Waiting, at: Instant) -> Result<()> {
        let values = args![
            one.id,
            stock.id,
            stock.ty,
            stock.region,
            None::<i64>,
            one.guest.person,
            one.span.map(|span| span.from),
            one.span.and_then(|span| span.to),
            BookingStage::Waiting.word(),
            one.sort.clone(),
            at,
            1,
            None::<Instant>
        ];
        self.execute(LINE, values).await?;
        Ok(())
    }

    async fn stage(&mut self, id: BookingId, stage: BookingStage) -> Result<()> {
        self.execute_one(STAGE, args![id, stage.word()], "预约")
            .await
    }

    async fn over(&mut self, id: BookingId, stage: BookingStage, at: Instant) -> Result<()> {
        self.execute_one(OVER, args![id, stage.word(), at], "预约")
            .await
    }

    async fn leave_seats(&mut self, stock: StockId, id: BookingId) -> Result<()> {
        self.execute(BACK, args![stock, id]).await?;
        self.execute(FREE, args![id]).await?;
        Ok(())
    }

    async fn take_seats(&mut self, stock: StockId, one: &Booking, seats: &[Seat]) -> Result<()> {
        for seat in seats {
            let (unit, place) = (i64::from(seat.unit), i64::from(seat.place));
            let taken = self
                .execute(TAKE, args![stock, unit, place, seat.grain, one.id])
                .await;
            match taken {
                Err(StoreError::Duplicate { .. }) => return Err(self.conflict("预约")),
                taken => taken?,
            };
        }
        // All seats of a booking are in one place of one unit.
        let Some(last) = seats.iter().max_by_key(|seat| seat.grain) else {
            return Ok(());
        };
        let open = (last.grain == Seat::OPEN).then(|| Seat::day(one.span.from));
        let (unit, place) = (i64::from(last.unit), i64::from(last.place));
        let values = args![stock, unit, place, last.grain, open];
        self.execute_one(REACH, values, "预约").await
    }
}

impl BookingStage {
    const ALL: [BookingStage; 8] = [
        BookingStage::Waiting,
        BookingStage::Offered,
        BookingStage::Booked,
        BookingStage::Present,
        BookingStage::Left,
        BookingStage::Cancelled,
        BookingStage::NoShow,
        BookingStage::Unqueued,
    ];

    fn word(self) -> &'static str {
        match self {
            BookingStage::Waiting => "waiting",
            BookingStage::Offered => "offered",
            BookingStage::Booked => "booked",
            BookingStage::Present => "present",
            BookingStage::Left => "left",
            BookingStage::Cancelled => "cancelled",
            BookingStage::NoShow => "no_show",
            BookingStage::Unqueued => "unqueued",
        }
    }
}

impl BookingLine {
    fn read(row: &Row) -> Result<Self> {
        let word: String = row.get("stage")?;
        let stage = BookingStage::ALL.into_iter().find(|one| one.word() == word);
        Ok(BookingLine {
            id: row.get("id")?,
            stock: row.get("stock")?,
            ty: row.get("type")?,
            unit: row.maybe("unit")?.map(small).transpose()?,
            person: row.get("person")?,
            begins: row.maybe("begins")?,
            ends: row.maybe("ends")?,
            stage: stage.ok_or_else(|| StoreError::fault("a booking nowhere"))?,
            region: row.get("region")?,
            sort: row.maybe("sort")?,
            asked: row.maybe("asked_at")?,
            waited: row.get::<i64>("waited")? != 0,
            placed: row.maybe("placed_at")?,
            ended: row.maybe("ended_at")?,
        })
    }
}

fn small(number: i64) -> Result<u32> {
    u32::try_from(number).map_err(|_| StoreError::fault("a number out of range"))
}
