//! 「共享申请」 Requests to share a category, as rows.

use crate::error::Result;
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use engine_pool::share::ShareRequest;
use kernel::{Actor, Now};

const KIND: &str = "share_request";

sealed! {
    STATE = share_request.state (id: Int, version: Int);
}

statements! {
    ASK = "INSERT INTO share_request (id, category, due, answered, version, state)
           VALUES ($1, $2, $3, $4, $5, $6)";
    SAVE = "UPDATE share_request SET due = $3, answered = $4, version = $5, state = $6
            WHERE id = $1 AND version = $2";
    ONE = "SELECT id, version, state FROM share_request WHERE id = $1";
    ALL = "SELECT id, version, state FROM share_request ORDER BY answered, due, id LIMIT $1";
}

impl Tx {
    /// Keeps a request: version 0 and no id for a new one. Gives its number.
    pub async fn save_share(
        &mut self,
        before: Option<(i64, i64)>,
        request: &ShareRequest,
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let (id, version) = match before {
            Some(before) => before,
            None => (self.next_id(KIND).await?, 0),
        };
        let next = self
            .append(KIND, id, version, &[request], actor, now)
            .await?;
        let state = self.seal(&STATE, &row![id, next], json(request)?)?;
        let (category, due) = (&request.wanted.category, request.due);
        let answered = request.answer.is_some();
        match version {
            0 => {
                let row = args![id, category, due, answered, next, state];
                self.execute(ASK, row).await?;
            }
            _ => {
                let row = args![id, version, due, answered, next, state];
                self.execute_one(SAVE, row, "共享申请").await?;
            }
        }
        Ok(id)
    }

    /// A request.
    pub async fn share_request(&mut self, id: i64) -> Result<Loaded<ShareRequest>> {
        self.load(ONE, &STATE, id, "共享申请").await
    }

    /// Requests, those that wait first, the most urgent first.
    pub async fn share_requests(&mut self, limit: u32) -> Result<Vec<(i64, ShareRequest)>> {
        let rows = self.fetch_all(ALL, args![limit]).await?;
        rows.iter()
            .map(|row| Ok((row.get("id")?, row.unsealed_json(&STATE)?)))
            .collect()
    }
}
