//! 「人生大事」 Life events: the state sealed, the history as events, beside it what lists ask
//! for; and which cards are closed by one. What follows from one is engine-registry's
//! affair.

use crate::error::Result;
use crate::event::{Loaded, Recorded};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_registry::{LifeChange, LifeEvent};
use kernel::{Actor, Date, LifeEventId, Now, PersonId, RegionCode, Slug};

const KIND: &str = "life_event";

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeLine {
    /// Its number.
    pub id: LifeEventId,
    /// The kind.
    pub kind: Slug,
    /// About whom.
    pub person: PersonId,
    /// Where.
    pub region: RegionCode,
    /// The day.
    pub day: Date,
    /// Whether it was taken back.
    pub undone: bool,
    /// Steps somebody must still take.
    pub open: u32,
}

sealed! {
    STATE = life_event.state (id: Int, version: Int);
}

statements! {
    INSERT = "INSERT INTO life_event (id, version, kind, person, once, region, day, undone, open, state)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    UPDATE = "UPDATE life_event SET version = $2, undone = $3, open = $4, state = $5
              WHERE id = $1 AND version = $6";
    SELECT = "SELECT id, version, state FROM life_event WHERE id = $1";
    STANDS = "SELECT id FROM life_event WHERE kind = $1 AND person = $2 AND once = $3 AND undone = 0";
    PLACE = "SELECT id, kind, person, region, day, undone, open FROM life_event
             WHERE region >= $1 AND region <= $2 ORDER BY id DESC LIMIT $3";
    CLOSE = "INSERT INTO card_closed (person, life_event) VALUES ($1, $2)
             ON CONFLICT (person) DO NOTHING";
    REOPEN = "DELETE FROM card_closed WHERE person = $1 AND life_event = $2";
    CLOSED = "SELECT person FROM card_closed WHERE person = $1";
}

impl Tx {
    /// Whether such an event of a person is registered and stands. `once`: what may not
    /// come twice, a day or a word for the whole of a life.
    pub async fn life_stands(&mut self, kind: &Slug, person: PersonId, once: &str) -> Result<bool> {
        Ok(self.life_standing(kind, person, once).await?.is_some())
    }

    /// Which that is.
    pub async fn life_standing(
        &mut self,
        kind: &Slug,
        person: PersonId,
        once: &str,
    ) -> Result<Option<LifeEventId>> {
        let found = self.fetch_optional(STANDS, args![kind, person, once]);
        found.await?.map(|row| row.get("id")).transpose()
    }

    /// Keeps a new event.
    pub async fn create_life(
        &mut self,
        event: &LifeEvent,
        once: &str,
        changes: &[LifeChange],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let begun = &event.begun;
        let id = begun.id;
        let version = self.append(KIND, id.0, 0, changes, actor, now).await?;
        let state = self.seal(&STATE, &row![id, version], json(event)?)?;
        let values = args![
            id,
            version,
            begun.kind,
            begun.person,
            once,
            begun.region,
            begun.day,
            0_i64,
            open(event),
            state
        ];
        self.execute(INSERT, values).await?;
        Ok(())
    }

    /// An event and the version to save it under.
    pub async fn life(&mut self, id: LifeEventId) -> Result<Loaded<LifeEvent>> {
        self.load(SELECT, &STATE, id.0, "这件事").await
    }

    /// Keeps what the changes made of an event loaded at `version`. The new version.
    pub async fn save_life(
        &mut self,
        version: i64,
        event: &LifeEvent,
        changes: &[LifeChange],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let id = event.begun.id;
        let next = self
            .append(KIND, id.0, version, changes, actor, now)
            .await?;
        let state = self.seal(&STATE, &row![id, next], json(event)?)?;
        let undone = i64::from(event.undone.is_some());
        let values = args![id, next, undone, open(event), state, version];
        self.execute_one(UPDATE, values, "这件事").await?;
        Ok(next)
    }

    /// Everything that happened to an event, oldest first.
    pub async fn life_history(&mut self, id: LifeEventId) -> Result<Vec<Recorded<LifeChange>>> {
        self.history(KIND, id.0).await
    }

    /// Events of a place, newest first; at most `limit`.
    pub async fn lives_in(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<LifeLine>> {
        let rows = self.fetch_all(PLACE, args![from, to, limit]).await?;
        let line = |row: &Row| {
            Ok(LifeLine {
                id: row.get("id")?,
                kind: row.get("kind")?,
                person: row.get("person")?,
                region: row.get("region")?,
                day: row.get("day")?,
                undone: row.get::<i64>("undone")? == 1,
                open: row.get("open")?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// Closes a person's card for an event.
    pub async fn close_card(&mut self, person: PersonId, by: LifeEventId) -> Result<()> {
        self.execute(CLOSE, args![person, by]).await?;
        Ok(())
    }

    /// Opens it again; `false`: it was not closed by that event.
    pub async fn reopen_card(&mut self, person: PersonId, by: LifeEventId) -> Result<bool> {
        Ok(self.execute(REOPEN, args![person, by]).await? == 1)
    }

    /// Whether a person's card is closed.
    pub async fn card_closed(&mut self, person: PersonId) -> Result<bool> {
        let found = self.fetch_optional(CLOSED, args![person]);
        Ok(found.await?.is_some())
    }
}

fn open(event: &LifeEvent) -> u32 {
    u32::try_from(event.open().count()).unwrap_or(u32::MAX)
}
