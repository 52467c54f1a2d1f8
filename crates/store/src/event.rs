//! 「事件」 What happened to each thing of the house, in order, for ever. An
//! aggregate's version is the number of its events, so that state and history
//! cannot part: the state's row is updated under its old version, and the
//! event's own key refuses a second event of the same number.

use crate::bulk::Bulk;
use crate::error::{Result, StoreError};
use crate::seal::{Spot, sealed};
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{Kind, Row, args, json, row};
use kernel::{Actor, Instant, Now, PersonId, Role};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A state as loaded, and the version to save it under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded<S> {
    /// The state.
    pub state: S,
    /// How many events made it.
    pub version: i64,
}

/// An event as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<E> {
    /// Its number, from 1.
    pub seq: i64,
    /// What happened.
    pub event: E,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: Actor,
}

impl<S: DeserializeOwned> Loaded<S> {
    /// From a row with the sealed state and `version`.
    pub(crate) fn read(row: &Row, spot: &Spot) -> Result<Self> {
        Ok(Loaded {
            state: row.unsealed_json(spot)?,
            version: row.get("version")?,
        })
    }
}

/// Columns of `event`, for loading many at once.
pub(crate) const EVENTS: Bulk = Bulk {
    table: "event",
    columns: &[
        ("kind", Kind::Text),
        ("id", Kind::Int),
        ("seq", Kind::Int),
        ("body", Kind::Bytes),
        ("at", Kind::Int),
        ("account", Kind::Text),
        ("person", Kind::Int),
        ("role", Kind::Text),
    ],
};

sealed! {
    pub(crate) BODY = event.body (kind: Text, id: Int, seq: Int);
}

statements! {
    APPEND = "INSERT INTO event (kind, id, seq, body, at, account, person, role)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    HISTORY = "SELECT kind, id, seq, body, at, account, person, role FROM event
               WHERE kind = $1 AND id = $2 ORDER BY seq";
}

impl Tx {
    /// Appends events after `version`; gives the new version.
    pub(crate) async fn append<E: Serialize>(
        &mut self,
        kind: &str,
        id: i64,
        version: i64,
        events: &[E],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let mut seq = version;
        let role = role_name(actor.role)?;
        for event in events {
            seq += 1;
            let body = self.seal(&BODY, &row![kind, id, seq], json(event)?)?;
            let row = args![
                kind,
                id,
                seq,
                body,
                now.at,
                actor.account,
                actor.person,
                role
            ];
            self.execute(APPEND, row)
                .await
                .map_err(|error| match error {
                    StoreError::Duplicate { .. } => StoreError::Conflict { what: "记录" },
                    other => other,
                })?;
        }
        Ok(seq)
    }

    /// The row of one thing; none is an id from nowhere.
    pub(crate) async fn load<S: DeserializeOwned>(
        &mut self,
        select: Sql,
        spot: &Spot,
        id: i64,
        what: &'static str,
    ) -> Result<Loaded<S>> {
        match self.fetch_optional(select, args![id]).await? {
            Some(row) => Loaded::read(&row, spot),
            None => Err(StoreError::NotFound {
                what,
                id: id.to_string(),
            }),
        }
    }

    /// Everything that happened to one thing, oldest first.
    pub(crate) async fn history<E: DeserializeOwned>(
        &mut self,
        kind: &str,
        id: i64,
    ) -> Result<Vec<Recorded<E>>> {
        let rows = self.fetch_all(HISTORY, args![kind, id]).await?;
        rows.iter()
            .map(|row| {
                Ok(Recorded {
                    seq: row.get("seq")?,
                    event: row.unsealed_json(&BODY)?,
                    at: row.get("at")?,
                    actor: Actor {
                        account: row.get("account")?,
                        person: row.maybe::<PersonId>("person")?,
                        role: role_named(&row.get::<String>("role")?)?,
                    },
                })
            })
            .collect()
    }
}

/// A role's stable name, e.g. `town_officer`.
pub(crate) fn role_name(role: Role) -> Result<String> {
    Ok(json(&role)?.trim_matches('"').to_owned())
}

/// The role of that name.
pub(crate) fn role_named(name: &str) -> Result<Role> {
    Ok(serde_json::from_value(serde_json::Value::String(
        name.to_owned(),
    ))?)
}
