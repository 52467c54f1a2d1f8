//! 「服务方」 Who can be sent: skills and areas as rows to look up by, load as a number
//! that cannot pass its most, the sums of what is remembered of them and of what of it a
//! person has seen, and since when a proposal to stop them waits.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{Row, Value, args, json, row};
use engine_order::{Point, Provider, Record, Seen, Standing};
use kernel::{Date, Now, PersonId, ProviderId, RegionCode, Slug};
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
    /// What waits for a person, and what persons decided.
    #[serde(default)]
    pub standing: Standing,
}

sealed! {
    STATE = provider.state (id: Int);
}

statements! {
    INSERT = "INSERT INTO provider (id, person, region, stopped, load, most, late, bad, safety,
                  stars, rated, late_seen, bad_seen, safety_seen, state)
              VALUES ($1, $2, $3, 0, 0, $4, 0, 0, 0, 0, 0, 0, 0, 0, $5)";
    SKILL = "INSERT INTO provider_skill (skill, provider) VALUES ($1, $2)";
    AREA = "INSERT INTO provider_area (provider, first, last) VALUES ($1, $2, $3)";
    SELECT = "SELECT id, person, region, stopped, load, most, late, bad, safety, stars, rated,
                  late_seen, bad_seen, safety_seen, state
              FROM provider WHERE id = $1";
    OF_PERSON = "SELECT id, person, region, stopped, load, most, late, bad, safety, stars, rated,
                  late_seen, bad_seen, safety_seen, state
                 FROM provider WHERE person = $1 ORDER BY id";
    ALL = "SELECT id, person, region, stopped, load, most, late, bad, safety, stars, rated,
                  late_seen, bad_seen, safety_seen, state
           FROM provider WHERE region >= $1 AND region <= $2 ORDER BY id LIMIT $3";
    FREE = "SELECT p.id, p.person, p.region, p.stopped, p.load, p.most, p.late, p.bad, p.safety,
                p.stars, p.rated, p.late_seen, p.bad_seen, p.safety_seen, p.state
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
            WHERE d.provider = provider.id AND (d.day > $1 OR d.safety > d.safety_seen)), 0),
        stars = COALESCE((SELECT CAST(sum(d.stars) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND d.day > $1), 0),
        rated = COALESCE((SELECT CAST(sum(d.rated) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND d.day > $1), 0),
        late_seen = COALESCE((SELECT CAST(sum(d.late_seen) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND d.day > $1), 0),
        bad_seen = COALESCE((SELECT CAST(sum(d.bad_seen) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND d.day > $1), 0),
        safety_seen = COALESCE((SELECT CAST(sum(d.safety_seen) AS BIGINT) FROM provider_day d
            WHERE d.provider = provider.id AND (d.day > $1 OR d.safety > d.safety_seen)), 0)";
    STAND = "UPDATE provider SET stopped = $2, proposed_at = $3, remind_at = $4, state = $5
             WHERE id = $1";
    LOCK = "UPDATE provider SET load = load WHERE id = $1";
    SEE_DAYS = "UPDATE provider_day SET late_seen = late, bad_seen = bad, safety_seen = safety
                WHERE provider = $1";
    SEE = "UPDATE provider SET late_seen = late, bad_seen = bad, safety_seen = safety WHERE id = $1";
    REMIND = "SELECT id FROM provider WHERE remind_at <= $1 ORDER BY remind_at, id LIMIT $2";
    MARKED = "SELECT id FROM provider WHERE stopped = 0 AND proposed_at IS NULL
                  AND late + bad + safety > late_seen + bad_seen + safety_seen AND id > $1
              ORDER BY id LIMIT $2";
    TO_LOOK = "SELECT id, person, region, stopped, load, most, late, bad, safety, stars, rated,
                  late_seen, bad_seen, safety_seen, state
               FROM provider WHERE region >= $1 AND region <= $2
                   AND (proposed_at IS NOT NULL OR stopped = 1)
               ORDER BY COALESCE(proposed_at, 9000000000000000000), id LIMIT $3";
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
            seen: _,
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

    /// A provider whose standing is about to change: whoever else would change it waits.
    pub async fn provider_to_change(
        &mut self,
        id: ProviderId,
    ) -> Result<Option<(Provider, ProviderKept)>> {
        self.execute(LOCK, args![id]).await?;
        self.provider(id).await
    }

    /// Keeps where a provider stands: stopped or not, what waits, what was decided.
    pub async fn keep_standing(
        &mut self,
        id: ProviderId,
        stopped: bool,
        kept: &ProviderKept,
    ) -> Result<()> {
        let waits = kept.standing.proposal.as_ref();
        let (since, remind) = (waits.map(|one| one.at), waits.map(|one| one.remind_at()));
        let state = self.seal(&STATE, &row![id], json(kept)?)?;
        self.execute_one(STAND, args![id, stopped, since, remind, state], "服务方")
            .await
    }

    /// Every mark of a provider up to now has been looked at by a person.
    pub async fn see_provider(&mut self, id: ProviderId) -> Result<()> {
        self.execute(SEE_DAYS, args![id]).await?;
        self.execute_one(SEE, args![id], "服务方").await
    }

    /// Providers whose proposal has waited so long that the centre is reminded.
    pub async fn providers_to_remind(&mut self, now: Now, limit: u32) -> Result<Vec<ProviderId>> {
        let rows = self.fetch_all(REMIND, args![now.at, limit]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Providers with marks nobody has seen and nothing proposed, after one of them.
    pub async fn providers_marked(
        &mut self,
        after: ProviderId,
        limit: u32,
    ) -> Result<Vec<ProviderId>> {
        let rows = self.fetch_all(MARKED, args![after, limit]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Providers of a place about whom a person has something to decide, the one who
    /// waits longest first, then those who are stopped.
    pub async fn providers_to_look(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<(Provider, ProviderKept)>> {
        self.providers(TO_LOOK, args![from, to, limit]).await
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
            seen: Seen {
                late: row.get("late_seen")?,
                bad: row.get("bad_seen")?,
                safety: row.get("safety_seen")?,
            },
        },
        stopped: row.get("stopped")?,
    };
    Ok((provider, kept))
}
