//! 「服务方」 Who can be sent: skills and areas as rows to look up by, load as a number
//! that cannot pass its most, the sums of what is remembered of them.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{Row, Value, args, json, row};
use engine_order::{Point, Provider, Record};
use kernel::{Date, PersonId, ProviderId, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A provider as kept, without what changes by the hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderKept {
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Where they work.
    pub areas: Vec<RegionCode>,
    /// What they can do.
    pub skills: BTreeSet<Slug>,
    /// Where they are.
    pub place: Option<Point>,
    /// Why a person struck them off.
    pub stopped_why: Option<String>,
}

sealed! {
    STATE = provider.state (id: Int);
}

statements! {
    INSERT = "INSERT INTO provider (id, person, region, stopped, load, most, late, bad, safety,
                  stars, rated, state)
              VALUES ($1, $2, $3, 0, 0, $4, 0, 0, 0, 0, 0, $5)";
    SKILL = "INSERT INTO provider_skill (skill, provider) VALUES ($1, $2)";
    AREA = "INSERT INTO provider_area (provider, first, last) VALUES ($1, $2, $3)";
    SELECT = "SELECT id, person, region, stopped, load, most, late, bad, safety, stars, rated, state
              FROM provider WHERE id = $1";
    OF_PERSON = "SELECT id, person, region, stopped, load, most, late, bad, safety, stars, rated, state
                 FROM provider WHERE person = $1 ORDER BY id";
    ALL = "SELECT id, person, region, stopped, load, most, late, bad, safety, stars, rated, state
           FROM provider WHERE region >= $1 AND region <= $2 ORDER BY id LIMIT $3";
    FREE = "SELECT p.id, p.person, p.region, p.stopped, p.load, p.most, p.late, p.bad, p.safety,
                p.stars, p.rated, p.state
            FROM provider_skill s JOIN provider p ON p.id = s.provider
            WHERE s.skill = $1 AND p.stopped = 0 AND p.load < p.most AND EXISTS (
                SELECT 1 FROM provider_area a
                WHERE a.provider = p.id AND a.first <= $2 AND a.last >= $2)
            ORDER BY CASE WHEN p.region = $2 THEN 0 WHEN p.region / 1000 = $2 / 1000 THEN 1 ELSE 2 END,
                p.load * 100 / p.most, p.id
            LIMIT $3";
    TAKE = "UPDATE provider SET load = load + 1 WHERE id = $1 AND load < most";
    AGAIN = "UPDATE provider SET load = load + 1 WHERE id = $1";
    LEAVE = "UPDATE provider SET load = load - 1 WHERE id = $1 AND load > 0";
    MARK = "INSERT INTO provider_day (day, provider, late, bad, safety, stars, rated)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (day, provider) DO UPDATE SET late = provider_day.late + $3,
                bad = provider_day.bad + $4, safety = provider_day.safety + $5,
                stars = provider_day.stars + $6, rated = provider_day.rated + $7";
    SUM = "UPDATE provider SET late = late + $2, bad = bad + $3, safety = safety + $4,
               stars = stars + $5, rated = rated + $6 WHERE id = $1";
    RECOUNT = "UPDATE provider SET
        late = COALESCE((SELECT CAST(sum(d.late) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND d.day > $1), 0),
        bad = COALESCE((SELECT CAST(sum(d.bad) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND d.day > $1), 0),
        safety = COALESCE((SELECT CAST(sum(d.safety) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND d.day > $1), 0),
        stars = COALESCE((SELECT CAST(sum(d.stars) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND d.day > $1), 0),
        rated = COALESCE((SELECT CAST(sum(d.rated) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND d.day > $1), 0)";
    STOP = "UPDATE provider SET stopped = $2, state = $3 WHERE id = $1";
}

impl Tx {
    /// Keeps a new provider.
    pub async fn add_provider(
        &mut self,
        (id, person, home): (ProviderId, PersonId, RegionCode),
        most: u32,
        kept: &ProviderKept,
    ) -> Result<()> {
        let state = self.seal(&STATE, &row![id], json(kept)?)?;
        self.execute(INSERT, args![id, person, home, most, state])
            .await?;
        for skill in &kept.skills {
            self.execute(SKILL, args![skill, id]).await?;
        }
        for area in &kept.areas {
            let (first, last) = area.span();
            // Of a village the span is one code.
            self.execute(AREA, args![id, first, last]).await?;
        }
        Ok(())
    }

    /// A provider.
    pub async fn provider(&mut self, id: ProviderId) -> Result<Option<(Provider, ProviderKept)>> {
        Ok(self.providers(SELECT, args![id]).await?.pop())
    }

    /// The providers somebody answers for.
    pub async fn providers_of(&mut self, person: PersonId) -> Result<Vec<Provider>> {
        let all = self.providers(OF_PERSON, args![person]).await?;
        Ok(all.into_iter().map(|(one, _)| one).collect())
    }

    /// The telephone of whoever answers for a provider.
    pub async fn provider_phone(&mut self, person: PersonId) -> Result<Option<String>> {
        let all = self.providers(OF_PERSON, args![person]).await?;
        Ok(all.into_iter().find_map(|(_, kept)| kept.phone))
    }

    /// Every provider whose home lies between two codes.
    pub async fn providers_in(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<(Provider, ProviderKept)>> {
        self.providers(ALL, args![from, to, limit]).await
    }

    /// Providers with a skill who serve a place and have room, the near ones first; at
    /// most `limit`. Who is best is the engine's to say.
    pub async fn providers_free(
        &mut self,
        skill: &Slug,
        region: RegionCode,
        limit: u32,
    ) -> Result<Vec<Provider>> {
        let all = self.providers(FREE, args![skill, region, limit]).await?;
        Ok(all.into_iter().map(|(one, _)| one).collect())
    }

    /// One more order with a provider; full is a conflict, decided anew.
    pub async fn load_provider(&mut self, id: ProviderId) -> Result<()> {
        self.execute_one(TAKE, args![id], "服务方").await
    }

    /// Work opened again comes back to whoever did it, full or not.
    pub async fn reload_provider(&mut self, id: ProviderId) -> Result<()> {
        self.execute(AGAIN, args![id]).await?;
        Ok(())
    }

    /// One order fewer.
    pub async fn unload_provider(&mut self, id: ProviderId) -> Result<()> {
        self.execute(LEAVE, args![id]).await?;
        Ok(())
    }

    /// Remembers something of a provider on a day.
    pub async fn mark_provider(&mut self, id: ProviderId, day: Date, what: Record) -> Result<()> {
        let Record {
            late,
            bad,
            safety,
            stars,
            rated,
        } = what;
        self.execute(MARK, args![day, id, late, bad, safety, stars, rated])
            .await?;
        self.execute(SUM, args![id, late, bad, safety, stars, rated])
            .await?;
        Ok(())
    }

    /// Counts everybody's record anew over the days after `since`.
    pub async fn recount_providers(&mut self, since: Date) -> Result<u64> {
        self.execute(RECOUNT, args![since]).await
    }

    /// Strikes a provider off, or lets them back, with the reason.
    pub async fn stop_provider(
        &mut self,
        id: ProviderId,
        stopped: bool,
        kept: &ProviderKept,
    ) -> Result<()> {
        let state = self.seal(&STATE, &row![id], json(kept)?)?;
        self.execute_one(STOP, args![id, stopped, state], "服务方")
            .await
    }

    async fn providers(
        &mut self,
        sql: Sql,
        args: Vec<Value>,
    ) -> Result<Vec<(Provider, ProviderKept)>> {
        let rows = self.fetch_all(sql, args).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<(Provider, ProviderKept)> {
    let kept: ProviderKept = row.unsealed_json(&STATE)?;
    let provider = Provider {
        id: row.get("id")?,
        name: kept.name.clone(),
        person: row.get("person")?,
        areas: kept.areas.clone(),
        skills: kept.skills.clone(),
        place: kept.place,
        home: row.get("region")?,
        load: row.get("load")?,
        most: row.get("most")?,
        record: Record {
            late: row.get("late")?,
            bad: row.get("bad")?,
            safety: row.get("safety")?,
            stars: row.get("stars")?,
            rated: row.get("rated")?,
        },
        stopped: row.get("stopped")?,
    };
    Ok((provider, kept))
}
