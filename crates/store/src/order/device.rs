//! 「设备」 Devices bound to a person: where they are, who is called, when they were last
//! heard. Absent on purpose: what a device says (that becomes an order).

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{Row, Value, args, json, row};
use engine_order::Point;
use kernel::{HouseholdId, Instant, PersonId, RegionCode, Slug};
use serde::{Deserialize, Serialize};

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its number, as it says itself.
    pub id: String,
    /// Who speaks for it: the gateway whose signature is believed.
    pub gateway: String,
    /// Whose it is.
    pub person: PersonId,
    /// Their household.
    pub household: Option<HouseholdId>,
    /// The responsible node.
    pub region: RegionCode,
    /// Their name.
    pub name: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Full years, where known.
    pub age: Option<i32>,
    /// Where it is, in words.
    pub address: String,
    /// Where it is.
    pub place: Option<Point>,
    /// Who is called in an emergency, besides the household.
    pub contacts: Vec<PersonId>,
    /// The kind of order of its red key, and of its silence.
    pub alarm: Slug,
    /// The kind of order and the item of its green key.
    pub order: Option<(Slug, Slug)>,
}

sealed! {
    STATE = device.state (id: Text);
}

statements! {
    BIND = "INSERT INTO device (id, person, region, last_seen, watch_from, state)
            VALUES ($1, $2, $3, $4, $4, $5)
            ON CONFLICT (id) DO UPDATE SET person = excluded.person, region = excluded.region,
                last_seen = excluded.last_seen, watch_from = excluded.watch_from, state = excluded.state";
    SELECT = "SELECT id, last_seen, state FROM device WHERE id = $1";
    SEEN = "UPDATE device SET last_seen = $2, watch_from = $2 WHERE id = $1 AND last_seen < $2";
    WATCH = "UPDATE device SET watch_from = $2 WHERE id = $1";
    SILENT = "SELECT id, last_seen, state FROM device WHERE watch_from <= $1 ORDER BY watch_from, id LIMIT $2";
    IN_PLACE = "SELECT id, last_seen, state FROM device WHERE region >= $1 AND region <= $2
                ORDER BY id LIMIT $3";
}

impl Tx {
    /// Binds a device to a person, or binds it anew.
    pub async fn bind_device(&mut self, device: &Device, at: Instant) -> Result<()> {
        let state = self.seal(&STATE, &row![device.id], json(device)?)?;
        let (id, person, region) = (&device.id, device.person, device.region);
        self.execute(BIND, args![id, person, region, at, state])
            .await?;
        Ok(())
    }

    /// A device and when it was last heard.
    pub async fn device(&mut self, id: &str) -> Result<Option<(Device, Instant)>> {
        Ok(self.devices(SELECT, args![id]).await?.pop())
    }

    /// It was heard.
    pub async fn device_seen(&mut self, id: &str, at: Instant) -> Result<()> {
        self.execute(SEEN, args![id, at]).await?;
        Ok(())
    }

    /// Somebody looked after its silence: it is watched anew from here on.
    pub async fn watch_device_from(&mut self, id: &str, at: Instant) -> Result<()> {
        self.execute(WATCH, args![id, at]).await?;
        Ok(())
    }

    /// Devices not heard since a moment, the longest silent first.
    pub async fn devices_silent(
        &mut self,
        since: Instant,
        limit: u32,
    ) -> Result<Vec<(Device, Instant)>> {
        self.devices(SILENT, args![since, limit]).await
    }

    /// Devices of a place.
    pub async fn devices_in(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<(Device, Instant)>> {
        self.devices(IN_PLACE, args![from, to, limit]).await
    }

    async fn devices(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<(Device, Instant)>> {
        let rows = self.fetch_all(sql, args).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<(Device, Instant)> {
    Ok((row.unsealed_json(&STATE)?, row.get("last_seen")?))
}
