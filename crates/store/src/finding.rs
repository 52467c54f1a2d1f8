//! 「发现的变化」 One household's findings, what a new record changed in them, and what
//! came of a lead. What a finding means is engine-policy's affair.

use crate::error::Result;
use crate::policy::{Found, name, numbered};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, row};
use engine_policy::Finding;
use kernel::{FieldLevel, FindingId, HouseholdId, Instant, Now, PersonId, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a record changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingChange {
    /// Its number; 0 as long as it is not on file.
    pub id: i64,
    /// The benefit.
    pub benefit: Slug,
    /// The household.
    pub household: HouseholdId,
    /// The person, for personal benefits.
    pub person: Option<PersonId>,
    /// What was found before; nothing where there was nothing to find.
    pub before: Option<Finding>,
    /// What is found now.
    pub after: Option<Finding>,
    /// The category of the record.
    pub cause: Slug,
    /// When it was found.
    pub at: Instant,
    /// The finding it led to, as long as that stands.
    pub lead: Option<FindingId>,
    /// Which of the household's facts the record changed.
    pub facts: Vec<FactTurn>,
}

/// A fact before a record and after it, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactTurn {
    /// Whose; nobody's own: the household's.
    pub person: Option<PersonId>,
    /// What it is called.
    pub fact: String,
    /// Who may read what it says.
    pub level: FieldLevel,
    /// Before; nothing: not known.
    pub before: Option<String>,
    /// After; nothing: not known any more.
    pub after: Option<String>,
}

/// What came of a lead when somebody went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadOutcome {
    /// 属实 As found.
    True,
    /// 不属实 Not as found.
    False,
    /// 没见到人
    Absent,
    /// 本人不要
    Declined,
}

/// How often a rule's leads came out so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeCount {
    /// The benefit.
    pub benefit: Slug,
    /// What was found.
    pub finding: Finding,
    /// What came of it.
    pub outcome: LeadOutcome,
    /// How many.
    pub count: i64,
}

/// One time somebody followed a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeKept {
    /// The household.
    pub household: HouseholdId,
    /// The person, for personal benefits.
    pub person: Option<PersonId>,
    /// When.
    pub at: Instant,
    /// The finding, as long as it stands in the latest run.
    pub lead: Option<FindingId>,
}

sealed! {
    WORDS = lead_outcome.words (id: Int);
    FACTS = finding_change.facts (id: Int);
}

statements! {
    OF_HOME = "SELECT id, benefit, household, person, finding, verdict, amount, next_fact, fault
               FROM finding WHERE household = $1 AND screening = $2 ORDER BY id";
    ADD = "INSERT INTO finding (id, screening, benefit, household, person, finding, verdict,
               amount, next_fact, fault)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    TURN = "UPDATE finding SET finding = $2, verdict = $3, amount = $4, next_fact = $5, fault = $6
            WHERE id = $1";
    DROP = "DELETE FROM finding WHERE id = $1";
    NOTE = "INSERT INTO finding_change (id, benefit, household, person, before, after, cause, at, facts)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    CHANGES = "SELECT c.id, c.benefit, c.household, c.person, c.before, c.after, c.cause, c.at, c.facts,
                   f.id AS lead
               FROM finding_change c JOIN household h ON h.id = c.household
               LEFT JOIN finding f ON f.household = c.household AND f.benefit = c.benefit
                    AND coalesce(f.person, 0) = coalesce(c.person, 0) AND f.finding = c.after
                    AND f.screening = (SELECT max(id) FROM screening)
               WHERE h.region >= $1 AND h.region <= $2 AND c.at >= $3
                 AND ($4 = '' OR coalesce(c.after, 'neither') = $4)
               ORDER BY c.id DESC LIMIT $5";
    CHANGE = "SELECT c.id, c.benefit, c.household, c.person, c.before, c.after, c.cause, c.at, c.facts,
                  f.id AS lead
              FROM finding_change c
              LEFT JOIN finding f ON f.household = c.household AND f.benefit = c.benefit
                   AND coalesce(f.person, 0) = coalesce(c.person, 0) AND f.finding = c.after
                   AND f.screening = (SELECT max(id) FROM screening)
              WHERE c.id = $1";
    LED_TO = "SELECT c.id, c.benefit, c.household, c.person, c.before, c.after, c.cause, c.at,
                  c.facts, f.id AS lead
              FROM finding f JOIN finding_change c
                   ON c.household = f.household AND c.benefit = f.benefit
                   AND coalesce(c.person, 0) = coalesce(f.person, 0) AND c.after = f.finding
              WHERE f.id = $1 ORDER BY c.id DESC LIMIT 1";
    CHANGES_COUNTED = "SELECT coalesce(c.after, 'neither') AS turned, count(*) AS n
                       FROM finding_change c JOIN household h ON h.id = c.household
                       WHERE h.region >= $1 AND h.region <= $2 AND c.at >= $3
                       GROUP BY coalesce(c.after, 'neither') ORDER BY turned";
    HOMES = "SELECT household FROM membership WHERE person = $1";
    CAME = "INSERT INTO lead_outcome (id, benefit, finding, household, person, outcome, worker,
                at, words)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    OUTCOMES = "SELECT o.benefit, o.finding, o.outcome, count(*) AS n
                FROM lead_outcome o JOIN household h ON h.id = o.household
                WHERE h.region >= $1 AND h.region <= $2
                GROUP BY o.benefit, o.finding, o.outcome
                ORDER BY o.benefit, o.finding, o.outcome";
    OUTCOMES_OF = "SELECT o.household, o.person, o.at, f.id AS lead
                   FROM lead_outcome o JOIN household h ON h.id = o.household
                   LEFT JOIN finding f ON f.household = o.household AND f.benefit = o.benefit
                        AND coalesce(f.person, 0) = coalesce(o.person, 0)
                        AND f.finding = o.finding
                        AND f.screening = (SELECT max(id) FROM screening)
                   WHERE h.region >= $1 AND h.region <= $2 AND o.benefit = $3
                     AND o.finding = $4 AND o.outcome = $5
                   ORDER BY o.id DESC LIMIT $6";
    VISITED = "SELECT DISTINCT o.household FROM lead_outcome o JOIN household h ON h.id = o.household
               WHERE h.region >= $1 AND h.region <= $2 AND o.benefit = $3 AND o.finding = $4";
}

impl Tx {
    /// A run's findings about one household.
    pub async fn findings_of(
        &mut self,
        household: HouseholdId,
        screening: i64,
    ) -> Result<Vec<(FindingId, Found)>> {
        let rows = self.fetch_all(OF_HOME, args![household, screening]).await?;
        rows.iter().map(numbered).collect()
    }

    /// Puts what is found now in the place of what was (`None`: nothing).
    pub async fn turn_finding(
        &mut self,
        screening: i64,
        before: Option<FindingId>,
        after: Option<&Found>,
    ) -> Result<()> {
        match (before, after) {
            (Some(id), Some(found)) => {
                let (finding, verdict) = (name(&found.finding)?, name(&found.verdict)?);
                let (amount, next) = (found.amount, found.next.clone());
                let values = args![id, finding, verdict, amount, next, found.fault];
                self.execute_one(TURN, values, "线索").await
            }
            (Some(id), None) => self.execute_one(DROP, args![id], "线索").await,
            (None, Some(found)) => {
                let id = self.next_id("finding").await?;
                let values = args![
                    id,
                    screening,
                    found.benefit,
                    found.household,
                    found.person,
                    name(&found.finding)?,
                    name(&found.verdict)?,
                    found.amount,
                    found.next,
                    found.fault
                ];
                self.execute(ADD, values).await?;
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// Notes what a record changed.
    pub async fn note_change(&mut self, change: &FindingChange) -> Result<()> {
        let id = self.next_id("finding_change").await?;
        let before = change.before.as_ref().map(name).transpose()?;
        let after = change.after.as_ref().map(name).transpose()?;
        let facts = serde_json::to_string(&change.facts)?;
        let facts = self.seal(&FACTS, &row![id], &facts)?;
        let values = args![
            id,
            change.benefit,
            change.household,
            change.person,
            before,
            after,
            change.cause,
            change.at,
            facts
        ];
        self.execute(NOTE, values).await?;
        Ok(())
    }

    /// The latest changes since then about households between two codes, both included;
    /// of those that led to `turned` only, where it is given.
    pub async fn finding_changes(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        since: Instant,
        turned: Option<Finding>,
        limit: u32,
    ) -> Result<Vec<FindingChange>> {
        let turned = turned.as_ref().map(name).transpose()?.unwrap_or_default();
        let rows = self
            .fetch_all(CHANGES, args![from, to, since, turned, limit])
            .await?;
        rows.iter().map(changed).collect()
    }

    /// The latest change that made a finding what it is; `None`: the run itself found it.
    pub async fn change_behind(&mut self, finding: FindingId) -> Result<Option<FindingChange>> {
        let row = self.fetch_optional(LED_TO, args![finding]).await?;
        row.as_ref().map(changed).transpose()
    }

    /// One change; `None`: there is none of this number.
    pub async fn finding_change(&mut self, id: i64) -> Result<Option<FindingChange>> {
        let row = self.fetch_optional(CHANGE, args![id]).await?;
        row.as_ref().map(changed).transpose()
    }

    /// How many changes there were since then, by what they led to.
    pub async fn count_changes(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        since: Instant,
    ) -> Result<Vec<(Finding, i64)>> {
        let rows = self
            .fetch_all(CHANGES_COUNTED, args![from, to, since])
            .await?;
        let one = |row: &crate::value::Row| Ok((named(row.get("turned")?)?, row.get("n")?));
        rows.iter().map(one).collect()
    }

    /// The households people belong or belonged to.
    pub async fn homes_of_people(
        &mut self,
        people: &BTreeSet<PersonId>,
    ) -> Result<BTreeSet<HouseholdId>> {
        let mut homes = BTreeSet::new();
        for person in people {
            for row in self.fetch_all(HOMES, args![*person]).await? {
                homes.insert(row.get("household")?);
            }
        }
        Ok(homes)
    }

    /// Keeps what came of a lead.
    pub async fn keep_outcome(
        &mut self,
        found: &Found,
        outcome: LeadOutcome,
        worker: PersonId,
        words: &str,
        now: Now,
    ) -> Result<()> {
        let id = self.next_id("lead_outcome").await?;
        let words = self.seal(&WORDS, &row![id], words)?;
        let values = args![
            id,
            found.benefit,
            name(&found.finding)?,
            found.household,
            found.person,
            name(&outcome)?,
            worker,
            now.at,
            words
        ];
        self.execute(CAME, values).await?;
        Ok(())
    }

    /// What came of leads about households between two codes, counted.
    pub async fn count_outcomes(
        &mut self,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<OutcomeCount>> {
        let rows = self.fetch_all(OUTCOMES, args![from, to]).await?;
        let one = |row: &crate::value::Row| {
            Ok(OutcomeCount {
                benefit: row.get("benefit")?,
                finding: named(row.get("finding")?)?,
                outcome: named(row.get("outcome")?)?,
                count: row.get("n")?,
            })
        };
        rows.iter().map(one).collect()
    }

    /// The times somebody followed a lead of a benefit and kind with one outcome, the
    /// latest first; at most `limit`.
    pub async fn outcomes_of(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        (benefit, finding, outcome): (&Slug, Finding, LeadOutcome),
        limit: u32,
    ) -> Result<Vec<OutcomeKept>> {
        let (finding, outcome) = (name(&finding)?, name(&outcome)?);
        let values = args![from, to, benefit, finding, outcome, limit];
        let rows = self.fetch_all(OUTCOMES_OF, values).await?;
        let one = |row: &crate::value::Row| {
            Ok(OutcomeKept {
                household: row.get("household")?,
                person: row.maybe("person")?,
                at: row.get("at")?,
                lead: row.maybe("lead")?,
            })
        };
        rows.iter().map(one).collect()
    }

    /// The households whose lead of this kind somebody has already followed.
    pub async fn homes_visited(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        benefit: &Slug,
        finding: Finding,
    ) -> Result<BTreeSet<HouseholdId>> {
        let values = args![from, to, benefit, name(&finding)?];
        let rows = self.fetch_all(VISITED, values).await?;
        rows.iter().map(|row| row.get("household")).collect()
    }
}

fn changed(row: &crate::value::Row) -> Result<FindingChange> {
    let kind = |text: Option<String>| text.map(named).transpose();
    Ok(FindingChange {
        id: row.get("id")?,
        benefit: row.get("benefit")?,
        household: row.get("household")?,
        person: row.maybe("person")?,
        before: kind(row.maybe("before")?)?,
        after: kind(row.maybe("after")?)?,
        cause: row.get("cause")?,
        at: row.get("at")?,
        lead: row.maybe("lead")?,
        facts: match row.unsealed_some(&FACTS)? {
            Some(facts) => serde_json::from_slice(&facts)?,
            None => Vec::new(),
        },
    })
}

fn named<T: serde::de::DeserializeOwned>(name: String) -> Result<T> {
    Ok(serde_json::from_value(serde_json::Value::String(name))?)
}
