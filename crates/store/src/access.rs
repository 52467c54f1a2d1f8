//! 「权限」 Grants, kept per holder; what may be granted is decided in the engine.

use crate::error::Result;
use crate::event::Loaded;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json};
use engine_access::{GrantEvent, Grants, Holder};
use kernel::{Actor, Now};

statements! {
    FIND = "SELECT id, state, version FROM grants WHERE holder = $1";
    NEW = "INSERT INTO grants (holder, id, state, version) VALUES ($1, $2, $3, $4)";
    SAVE = "UPDATE grants SET state = $3, version = $4 WHERE holder = $1 AND version = $2";
}

impl Tx {
    /// The grants of a person or machine; none yet is an empty list.
    pub async fn grants(&mut self, holder: &Holder) -> Result<Loaded<Grants>> {
        let found = self.fetch_optional(FIND, args![key(holder)]).await?;
        match found {
            Some(row) => Ok(Loaded {
                state: row.json("state")?,
                version: row.get("version")?,
            }),
            None => Ok(Loaded {
                state: Grants::default(),
                version: 0,
            }),
        }
    }

    /// Saves what happened to the grants loaded at `version`.
    pub async fn save_grants(
        &mut self,
        holder: &Holder,
        grants: &Loaded<Grants>,
        events: &[GrantEvent],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let holder = key(holder);
        let state = json(&grants.state)?;
        let id: i64 = match self.fetch_optional(FIND, args![holder]).await? {
            Some(row) => row.get("id")?,
            None => self.next_id("grants").await?,
        };
        let version = self
            .append("grants", id, grants.version, events, actor, now)
            .await?;
        if grants.version == 0 {
            self.execute(NEW, args![holder, id, state, version]).await?;
            return Ok(());
        }
        self.execute_one(SAVE, args![holder, grants.version, state, version], "授权")
            .await
    }
}

fn key(holder: &Holder) -> String {
    match holder {
        Holder::Person(person) => format!("person:{person}"),
        Holder::Account(account) => format!("account:{account}"),
    }
}
