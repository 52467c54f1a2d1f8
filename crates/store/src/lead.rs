//! 「线索」 Leads that wait for somebody to go, and those somebody followed. A lead is
//! followed when what came of it is on file and no later record found the same anew;
//! where nobody was met it waits on.

use crate::error::Result;
use crate::finding::LeadOutcome;
use crate::policy::{Found, FoundCount, counted, name, named, numbered};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use engine_policy::Finding;
use kernel::{FindingId, Instant, PersonId, RegionCode, Slug};

/// A lead somebody followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedLead {
    /// The finding.
    pub id: FindingId,
    /// What it says.
    pub found: Found,
    /// What came of it.
    pub outcome: LeadOutcome,
    /// When.
    pub at: Instant,
}

statements! {
    COUNTS = "SELECT f.benefit, f.finding, f.next_fact, count(*) AS n,
                  CAST(coalesce(sum(f.amount), 0) AS BIGINT) AS amount
              FROM finding f JOIN household h ON h.id = f.household
              WHERE f.screening = $1 AND h.region >= $2 AND h.region <= $3
                AND NOT EXISTS (
                    SELECT 1 FROM lead_outcome o
                    WHERE o.household = f.household AND o.benefit = f.benefit
                      AND o.finding = f.finding AND coalesce(o.person, 0) = coalesce(f.person, 0)
                      AND o.outcome <> 'absent' AND NOT EXISTS (
                          SELECT 1 FROM finding_change c
                          WHERE c.household = o.household AND c.benefit = o.benefit
                            AND coalesce(c.person, 0) = coalesce(o.person, 0)
                            AND c.after = o.finding AND c.at > o.at))
              GROUP BY f.benefit, f.finding, f.next_fact
              ORDER BY f.benefit, f.finding, n DESC, f.next_fact";
    OF_KIND = "SELECT f.id, f.benefit, f.household, f.person, f.finding, f.verdict, f.amount,
                   f.next_fact, f.fault
               FROM finding f JOIN household h ON h.id = f.household
               WHERE f.screening = $1 AND f.benefit = $2 AND f.finding = $3
                 AND coalesce(f.next_fact, '') = $4 AND h.region >= $5 AND h.region <= $6
                 AND NOT EXISTS (
                    SELECT 1 FROM lead_outcome o
                    WHERE o.household = f.household AND o.benefit = f.benefit
                      AND o.finding = f.finding AND coalesce(o.person, 0) = coalesce(f.person, 0)
                      AND o.outcome <> 'absent' AND NOT EXISTS (
                          SELECT 1 FROM finding_change c
                          WHERE c.household = o.household AND c.benefit = o.benefit
                            AND coalesce(c.person, 0) = coalesce(o.person, 0)
                            AND c.after = o.finding AND c.at > o.at))
               ORDER BY h.region, f.id LIMIT $7 OFFSET $8";
    TO_VISIT = "SELECT f.id, f.benefit, f.household, f.person, f.finding, f.verdict, f.amount,
                    f.next_fact, f.fault
                FROM finding f JOIN household h ON h.id = f.household
                WHERE f.screening = $1 AND (f.finding = $2 OR f.finding = $3)
                  AND h.region >= $4 AND h.region <= $5
                  AND NOT EXISTS (
                    SELECT 1 FROM lead_outcome o
                    WHERE o.household = f.household AND o.benefit = f.benefit
                      AND o.finding = f.finding AND coalesce(o.person, 0) = coalesce(f.person, 0)
                      AND o.outcome <> 'absent' AND NOT EXISTS (
                          SELECT 1 FROM finding_change c
                          WHERE c.household = o.household AND c.benefit = o.benefit
                            AND coalesce(c.person, 0) = coalesce(o.person, 0)
                            AND c.after = o.finding AND c.at > o.at))
                ORDER BY coalesce(f.amount, 0) DESC, f.id";
    TO_LOOK = "SELECT f.id, f.benefit, f.household, f.person, f.finding, f.verdict, f.amount,
                    f.next_fact, f.fault
               FROM finding f JOIN household h ON h.id = f.household
               WHERE f.screening = $1 AND f.finding = $2 AND h.region >= $3 AND h.region <= $4
                 AND NOT EXISTS (
                    SELECT 1 FROM lead_outcome o
                    WHERE o.household = f.household AND o.benefit = f.benefit
                      AND o.finding = f.finding AND coalesce(o.person, 0) = coalesce(f.person, 0)
                      AND o.outcome <> 'absent' AND NOT EXISTS (
                          SELECT 1 FROM finding_change c
                          WHERE c.household = o.household AND c.benefit = o.benefit
                            AND coalesce(c.person, 0) = coalesce(o.person, 0)
                            AND c.after = o.finding AND c.at > o.at))
               ORDER BY coalesce((SELECT max(c.at) FROM finding_change c
                          WHERE c.household = f.household AND c.benefit = f.benefit
                            AND coalesce(c.person, 0) = coalesce(f.person, 0)
                            AND c.after = f.finding), 0), f.id";
    FOLLOWED = "SELECT f.id, f.benefit, f.household, f.person, f.finding, f.verdict, f.amount,
                    f.next_fact, f.fault, o.outcome, o.at
                FROM lead_outcome o
                JOIN household h ON h.id = o.household
                JOIN finding f ON f.household = o.household AND f.benefit = o.benefit
                     AND f.finding = o.finding AND coalesce(f.person, 0) = coalesce(o.person, 0)
                WHERE f.screening = $1 AND h.region >= $2 AND h.region <= $3
                  AND NOT EXISTS (
                      SELECT 1 FROM lead_outcome later
                      WHERE later.household = o.household AND later.benefit = o.benefit
                        AND later.finding = o.finding AND later.id > o.id
                        AND coalesce(later.person, 0) = coalesce(o.person, 0))
                ORDER BY o.id DESC LIMIT $4";
    VISITS = "SELECT count(DISTINCT household) AS n FROM lead_outcome
              WHERE worker = $1 AND at >= $2";
}

impl Tx {
    /// A run's open leads about households between two codes, both included, counted.
    pub async fn count_leads_in(
        &mut self,
        screening: i64,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<FoundCount>> {
        let rows = self.fetch_all(COUNTS, args![screening, from, to]).await?;
        rows.iter().map(counted).collect()
    }

    /// A run's open leads of one benefit, kind and next fact, about households between
    /// two codes; at most `limit`, after `skip` of them.
    pub async fn leads_in(
        &mut self,
        screening: i64,
        benefit: &Slug,
        (finding, next): (Finding, Option<&Slug>),
        (from, to): (RegionCode, RegionCode),
        (limit, skip): (u32, u32),
    ) -> Result<Vec<(FindingId, Found)>> {
        let next = next.map_or_else(String::new, ToString::to_string);
        let kind = name(&finding)?;
        let row = args![screening, benefit, kind, next, from, to, limit, skip];
        let rows = self.fetch_all(OF_KIND, row).await?;
        rows.iter().map(numbered).collect()
    }

    /// The open leads of two kinds, those with the most money first.
    pub async fn leads_to_visit(
        &mut self,
        screening: i64,
        (one, other): (Finding, Finding),
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<(FindingId, Found)>> {
        let row = args![screening, name(&one)?, name(&other)?, from, to];
        let rows = self.fetch_all(TO_VISIT, row).await?;
        rows.iter().map(numbered).collect()
    }

    /// The open leads of one kind, those that have waited longest first: what the run
    /// itself found, then what records turned into it since.
    pub async fn leads_to_look_at(
        &mut self,
        screening: i64,
        kind: Finding,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<(FindingId, Found)>> {
        let row = args![screening, name(&kind)?, from, to];
        let rows = self.fetch_all(TO_LOOK, row).await?;
        rows.iter().map(numbered).collect()
    }

    /// The leads somebody followed, the latest first, each with what came of it last.
    pub async fn leads_followed(
        &mut self,
        screening: i64,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<FollowedLead>> {
        let rows = self
            .fetch_all(FOLLOWED, args![screening, from, to, limit])
            .await?;
        let one = |row: &crate::value::Row| {
            let (id, found) = numbered(row)?;
            Ok(FollowedLead {
                id,
                found,
                outcome: named(row.get("outcome")?)?,
                at: row.get("at")?,
            })
        };
        rows.iter().map(one).collect()
    }

    /// At how many homes a worker was since a moment.
    pub async fn homes_called_on(&mut self, worker: PersonId, since: Instant) -> Result<i64> {
        let row = self.fetch_one(VISITS, args![worker, since]).await?;
        row.get("n")
    }
}
