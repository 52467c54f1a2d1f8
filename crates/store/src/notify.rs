//! 「消息」 Messages with their attempts and receipts; the sending itself goes
//! through the outbox.

use crate::error::{Result, StoreError};
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{args, json, row};
use engine_notify::{Event, State, Status};
use kernel::{Actor, CaseId, MessageId, Now, PersonId};

const KIND: &str = "message";

sealed! {
    STATE = message.state (id: Int, version: Int);
}

statements! {
    INSERT = "INSERT INTO message (id, version, person, case_id, occasion, status, state)
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    UPDATE = "UPDATE message SET version = $3, status = $4, state = $5
              WHERE id = $1 AND version = $2";
    SELECT = "SELECT id, version, state FROM message WHERE id = $1";
    OF_PERSON = "SELECT id, version, state FROM message WHERE person = $1 ORDER BY id";
    OF_CASE = "SELECT id, version, state FROM message WHERE case_id = $1 ORDER BY id";
    UNREAD = "SELECT count(*) AS n FROM message m WHERE m.person = $1
              AND NOT EXISTS (SELECT 1 FROM message_read r WHERE r.id = m.id)";
    READ = "INSERT INTO message_read (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    IN_STATUS = "SELECT id, version, state FROM message WHERE status = $1 ORDER BY id LIMIT 1000";
}

impl Tx {
    /// Keeps what the events made of a message: version 0 for a new one.
    pub async fn save_message(
        &mut self,
        version: i64,
        state: &State,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let Some(message) = &state.message else {
            return Err(StoreError::fault("a message that was never written"));
        };
        if events.is_empty() {
            return Ok(version);
        }
        let id = message.id;
        let next = self.append(KIND, id.0, version, events, actor, now).await?;
        let status = status_name(state.status)?;
        let sealed = self.seal(&STATE, &row![id, next], json(state)?)?;
        if version == 0 {
            let (person, case, occasion) = (message.to.person, message.case, &message.occasion);
            let row = args![id, next, person, case, occasion, status, sealed];
            self.execute(INSERT, row).await?;
        } else {
            let row = args![id, version, next, status, sealed];
            self.execute_one(UPDATE, row, "消息").await?;
        }
        Ok(next)
    }

    /// A message.
    pub async fn message(&mut self, id: MessageId) -> Result<Loaded<State>> {
        self.load(SELECT, &STATE, id.0, "消息").await
    }

    /// A person's inbox, oldest first.
    pub async fn messages_to(&mut self, person: PersonId) -> Result<Vec<Loaded<State>>> {
        self.messages(OF_PERSON, args![person]).await
    }

    /// How many messages somebody has not seen.
    pub async fn unread_messages(&mut self, person: PersonId) -> Result<i64> {
        self.fetch_one(UNREAD, args![person]).await?.get("n")
    }

    /// Its reader sees a message; whether for the first time.
    pub async fn read_message(&mut self, id: MessageId, now: Now) -> Result<bool> {
        Ok(self.execute(READ, args![id, now.at]).await? == 1)
    }

    /// What was told about a case.
    pub async fn messages_about(&mut self, case: CaseId) -> Result<Vec<Loaded<State>>> {
        self.messages(OF_CASE, args![case]).await
    }

    /// Up to 1,000 messages in a status, oldest first: the phone list.
    pub async fn messages_in(&mut self, status: Status) -> Result<Vec<Loaded<State>>> {
        self.messages(IN_STATUS, args![status_name(status)?]).await
    }

    async fn messages(
        &mut self,
        sql: Sql,
        args: Vec<crate::value::Value>,
    ) -> Result<Vec<Loaded<State>>> {
        self.fetch_all(sql, args)
            .await?
            .iter()
            .map(|row| Loaded::read(row, &STATE))
            .collect()
    }
}

fn status_name(status: Status) -> Result<String> {
    Ok(json(&status)?.trim_matches('"').to_owned())
}
