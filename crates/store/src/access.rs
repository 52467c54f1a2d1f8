//! 「权限」 Grants per holder, who acts for whom, who broke the glass; what may be
//! granted is decided in the engine. Read in the transaction that asks: a
//! revocation holds from the next request on.

use crate::error::Result;
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use engine_access::{Agency, BreakGlass, GlassEvent, GrantEvent, Grants, Holder};
use kernel::{Actor, Now, PersonId};

sealed! {
    GRANTS = grants.state (holder: Text, version: Int);
    PANE = break_glass.state (id: Int, version: Int);
}

statements! {
    EVERYBODY = "SELECT holder, state, version FROM grants ORDER BY id";
    FIND = "SELECT holder, id, state, version FROM grants WHERE holder = $1";
    NEW = "INSERT INTO grants (holder, id, state, version) VALUES ($1, $2, $3, $4)";
    SAVE = "UPDATE grants SET state = $3, version = $4 WHERE holder = $1 AND version = $2";
    AGENCIES = "SELECT agent, of_person, from_day, to_day FROM agency WHERE agent = $1
                ORDER BY of_person, from_day";
    AGENCIES_OF = "SELECT agent, of_person, from_day, to_day FROM agency WHERE of_person = $1
                   ORDER BY agent, from_day";
    ADD_AGENCY = "INSERT INTO agency (agent, of_person, from_day, to_day) VALUES ($1, $2, $3, $4)
                  ON CONFLICT (agent, of_person, from_day) DO UPDATE SET to_day = excluded.to_day";
    GLASS = "SELECT id, version, state FROM break_glass WHERE id = $1";
    GLASSES = "SELECT id, version, state FROM break_glass WHERE account = $1 ORDER BY id";
    OPEN = "INSERT INTO break_glass (id, version, account, subject, open, state)
            VALUES ($1, $2, $3, $4, $5, $6)";
    REVIEW = "UPDATE break_glass SET version = $3, open = $4, state = $5
              WHERE id = $1 AND version = $2";
}

impl Tx {
    /// The grants of a person or machine; none yet is an empty list.
    pub async fn grants(&mut self, holder: &Holder) -> Result<Loaded<Grants>> {
        let found = self.fetch_optional(FIND, args![key(holder)]).await?;
        match found {
            Some(row) => Ok(Loaded {
                state: row.unsealed_json(&GRANTS)?,
                version: row.get("version")?,
            }),
            None => Ok(Loaded {
                state: Grants::default(),
                version: 0,
            }),
        }
    }

    /// Everybody's grants and proposals, by the holder's name, in the order they came.
    pub async fn all_grants(&mut self) -> Result<Vec<(String, Grants)>> {
        let rows = self.fetch_all(EVERYBODY, args![]).await?;
        rows.iter()
            .map(|row| Ok((row.get("holder")?, row.unsealed_json(&GRANTS)?)))
            .collect()
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
        let id: i64 = match self.fetch_optional(FIND, args![holder]).await? {
            Some(row) => row.get("id")?,
            None => self.next_id("grants").await?,
        };
        let version = self
            .append("grants", id, grants.version, events, actor, now)
            .await?;
        let state = json(&grants.state)?;
        let state = self.seal(&GRANTS, &row![holder, version], state)?;
        if grants.version == 0 {
            self.execute(NEW, args![holder, id, state, version]).await?;
            return Ok(());
        }
        self.execute_one(SAVE, args![holder, grants.version, state, version], "授权")
            .await
    }

    /// For whom somebody may act.
    pub async fn agencies(&mut self, agent: PersonId) -> Result<Vec<Agency>> {
        let rows = self.fetch_all(AGENCIES, args![agent]).await?;
        rows.iter().map(agency).collect()
    }

    /// Who acts or acted for somebody.
    pub async fn agencies_of(&mut self, of: PersonId) -> Result<Vec<Agency>> {
        let rows = self.fetch_all(AGENCIES_OF, args![of]).await?;
        rows.iter().map(agency).collect()
    }

    /// Keeps that somebody acts for another; the same beginning again moves its end.
    pub async fn keep_agency(&mut self, agency: &Agency) -> Result<()> {
        let Agency {
            agent,
            of,
            from,
            to,
        } = agency;
        self.execute(ADD_AGENCY, args![agent, of, from, to]).await?;
        Ok(())
    }

    /// One break-glass.
    pub async fn glass(&mut self, id: i64) -> Result<Loaded<BreakGlass>> {
        self.load(GLASS, &PANE, id, "紧急查看").await
    }

    /// Every break-glass of an account, oldest first.
    pub async fn glasses_of(&mut self, account: &str) -> Result<Vec<Loaded<BreakGlass>>> {
        let rows = self.fetch_all(GLASSES, args![account]).await?;
        rows.iter().map(|row| Loaded::read(row, &PANE)).collect()
    }

    /// Keeps a break-glass: version 0 for a new one, numbered by
    /// `next_id("break_glass")`.
    pub async fn save_glass(
        &mut self,
        id: i64,
        version: i64,
        glass: &BreakGlass,
        events: &[GlassEvent],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let next = self
            .append("break_glass", id, version, events, actor, now)
            .await?;
        let open = glass.reviewed.is_none();
        let state = self.seal(&PANE, &row![id, next], json(glass)?)?;
        if version == 0 {
            let row = args![id, next, glass.actor.account, glass.subject, open, state];
            self.execute(OPEN, row).await?;
        } else {
            let row = args![id, version, next, open, state];
            self.execute_one(REVIEW, row, "紧急查看").await?;
        }
        Ok(next)
    }
}

fn key(holder: &Holder) -> String {
    match holder {
        Holder::Person(person) => format!("person:{person}"),
        Holder::Account(account) => format!("account:{account}"),
    }
}

fn agency(row: &crate::value::Row) -> Result<Agency> {
    Ok(Agency {
        agent: row.get("agent")?,
        of: row.get("of_person")?,
        from: row.get("from_day")?,
        to: row.get("to_day")?,
    })
}
