//! 「存下的筛选」 Filters of a list, kept under a name for one person or a place.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use kernel::{PersonId, RegionCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Filters under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListView {
    /// What its owner calls it.
    pub name: String,
    /// Filter → value, as the list's address has them.
    pub filters: BTreeMap<String, String>,
}

/// Kept filters as a reader finds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptView {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub owner: PersonId,
    /// Whether everybody of the place has it.
    pub shared: bool,
    /// The filters.
    pub view: ListView,
}

sealed! {
    STATE = list_view.state (id: Int, owner: Int, region: Int, shared: Int);
}

statements! {
    KEEP = "INSERT INTO list_view (id, owner, region, shared, state) VALUES ($1, $2, $3, $4, $5)";
    OF = "SELECT id, owner, region, shared, state FROM list_view
          WHERE owner = $1 OR (region = $2 AND shared = 1) ORDER BY id LIMIT 200";
    DROP = "DELETE FROM list_view WHERE id = $1 AND owner = $2";
}

impl Tx {
    /// Keeps filters of `owner`, `shared` with the place or not.
    pub async fn keep_view(
        &mut self,
        owner: PersonId,
        region: RegionCode,
        shared: bool,
        view: &ListView,
    ) -> Result<i64> {
        let (id, shared) = (self.next_id("list_view").await?, i64::from(shared));
        let state = self.seal(&STATE, &row![id, owner, region, shared], json(view)?)?;
        self.execute(KEEP, args![id, owner, region, shared, state])
            .await?;
        Ok(id)
    }

    /// The filters somebody has in a place: their own and the shared, oldest first.
    pub async fn views_of(&mut self, owner: PersonId, region: RegionCode) -> Result<Vec<KeptView>> {
        let rows = self.fetch_all(OF, args![owner, region]).await?;
        let read = |row: &Row| {
            Ok(KeptView {
                id: row.get("id")?,
                owner: row.get("owner")?,
                shared: row.get::<i64>("shared")? == 1,
                view: row.unsealed_json(&STATE)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Drops filters, if they are `owner`'s.
    pub async fn drop_view(&mut self, id: i64, owner: PersonId) -> Result<()> {
        self.execute(DROP, args![id, owner]).await?;
        Ok(())
    }
}
