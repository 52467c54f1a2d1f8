//! 「预警」 Signs as last known, and warnings as rows. What raises a warning, and which is
//! handed out, is engine-policy's affair.

use crate::error::{Result, StoreError};
use crate::event::Loaded;
use crate::finding::LeadOutcome;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_policy::{SignChange, Signs, WarningLevel};
use kernel::{Actor, Date, HouseholdId, Instant, Now, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was last known of a household.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignStanding {
    /// Every sign.
    pub signs: Signs,
    /// What lately changed.
    pub changes: Vec<SignChange>,
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// By which rule.
    pub rule: Slug,
    /// How urgent.
    pub level: WarningLevel,
    /// Which household.
    pub household: HouseholdId,
    /// Where it lives.
    pub region: RegionCode,
    /// What changed.
    pub changes: Vec<SignChange>,
    /// The day it was raised.
    pub on: Date,
    /// The last day to go; `None`: it waits for a place.
    pub due: Option<Date>,
    /// What came of it.
    pub closed: Option<WarningClosed>,
}

/// What came of a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningClosed {
    /// What was found.
    pub outcome: LeadOutcome,
    /// In words.
    pub words: String,
    /// Who went.
    pub by: Actor,
    /// When it was written down.
    pub at: Instant,
}

const KIND: &str = "warning";

sealed! {
    SIGNS = sign_standing.state (household: Int);
    STATE = warning.state (id: Int, version: Int);
}

statements! {
    STANDING = "SELECT household, state FROM sign_standing WHERE household = $1";
    STANDINGS = "SELECT household, state FROM sign_standing
                 WHERE household >= $1 AND household <= $2";
    STAND = "INSERT INTO sign_standing (household, state) VALUES ($1, $2)
             ON CONFLICT (household) DO UPDATE SET state = excluded.state";
    RAISE = "INSERT INTO warning
                 (id, rule, household, region, standing, outcome, due, version, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (rule, household) WHERE standing <> 2 DO NOTHING";
    SAVE = "UPDATE warning SET standing = $3, outcome = $4, due = $5, version = $6, state = $7
            WHERE id = $1 AND version = $2";
    ONE = "SELECT id, version, state FROM warning WHERE id = $1";
    IN_PLACE = "SELECT id, version, state FROM warning
                WHERE standing = $1 AND region >= $2 AND region <= $3 ORDER BY id LIMIT $4";
    OF_HOME = "SELECT id, version, state FROM warning
               WHERE rule = $1 AND household = $2 AND standing <> 2";
    OUTCOMES = "SELECT rule, outcome, count(*) AS n FROM warning
                WHERE standing = 2 AND outcome IS NOT NULL GROUP BY rule, outcome
                ORDER BY rule, outcome";
}

impl Warning {
    /// 0 waits, 1 handed out, 2 closed.
    fn standing(&self) -> i64 {
        match (&self.closed, self.due) {
            (Some(_), _) => 2,
            (None, Some(_)) => 1,
            (None, None) => 0,
        }
    }

    fn outcome(&self) -> Result<Option<String>> {
        let outcome = self.closed.as_ref().map(|closed| closed.outcome);
        let name = outcome.map(|outcome| json(&outcome)).transpose()?;
        Ok(name.map(|name| name.trim_matches('"').to_owned()))
    }
}

impl Tx {
    /// What was last known of a household's signs.
    pub async fn sign_standing(&mut self, home: HouseholdId) -> Result<Option<SignStanding>> {
        let row = self.fetch_optional(STANDING, args![home]).await?;
        row.map(|row| row.unsealed_json(&SIGNS)).transpose()
    }

    /// What was last known of the households numbered `first` to `last`.
    pub async fn sign_standings_between(
        &mut self,
        first: HouseholdId,
        last: HouseholdId,
    ) -> Result<BTreeMap<HouseholdId, SignStanding>> {
        let rows = self.fetch_all(STANDINGS, args![first, last]).await?;
        let read = |row: &Row| Ok((row.get("household")?, row.unsealed_json(&SIGNS)?));
        rows.iter().map(read).collect()
    }

    /// Keeps what is known of a household's signs now.
    pub async fn stand_signs(&mut self, home: HouseholdId, signs: &SignStanding) -> Result<()> {
        let state = self.seal(&SIGNS, &row![home], json(signs)?)?;
        self.execute(STAND, args![home, state]).await?;
        Ok(())
    }

    /// Raises a warning; `false`: one of its rule stands for the household already.
    pub async fn raise_warning(&mut self, one: &Warning, by: &Actor, now: Now) -> Result<bool> {
        let standing = args![one.rule, one.household];
        if self.fetch_optional(OF_HOME, standing).await?.is_some() {
            return Ok(false);
        }
        let id = self.next_id(KIND).await?;
        let version = self.append(KIND, id, 0, &[one], by, now).await?;
        let state = self.seal(&STATE, &row![id, version], json(one)?)?;
        let row = args![
            id,
            one.rule,
            one.household,
            one.region,
            one.standing(),
            one.outcome()?,
            one.due,
            version,
            state
        ];
        match self.execute(RAISE, row).await? {
            1 => Ok(true),
            // Somebody raised it in the same moment: theirs stands, ours is undone.
            _ => Err(self.conflict("预警")),
        }
    }

    /// Keeps what became of a warning.
    pub async fn save_warning(
        &mut self,
        (id, version): (i64, i64),
        one: &Warning,
        by: &Actor,
        now: Now,
    ) -> Result<()> {
        let next = self.append(KIND, id, version, &[one], by, now).await?;
        let state = self.seal(&STATE, &row![id, next], json(one)?)?;
        let row = args![
            id,
            version,
            one.standing(),
            one.outcome()?,
            one.due,
            next,
            state
        ];
        self.execute_one(SAVE, row, "预警").await
    }

    /// One warning.
    pub async fn warning(&mut self, id: i64) -> Result<Loaded<Warning>> {
        self.load(ONE, &STATE, id, "预警").await
    }

    /// Warnings between two codes, both included: those that wait, or those handed out.
    pub async fn warnings_in(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        handed_out: bool,
        limit: u32,
    ) -> Result<Vec<(i64, Loaded<Warning>)>> {
        let args = args![handed_out, from, to, limit];
        let rows = self.fetch_all(IN_PLACE, args).await?;
        let read = |row: &Row| Ok((row.get("id")?, Loaded::read(row, &STATE)?));
        rows.iter().map(read).collect()
    }

    /// What came of the warnings of each rule: rule, outcome, how many.
    pub async fn warning_outcomes(&mut self) -> Result<Vec<(Slug, LeadOutcome, i64)>> {
        let rows = self.fetch_all(OUTCOMES, args![]).await?;
        let read = |row: &Row| {
            let name: String = row.get("outcome")?;
            let outcome = serde_json::from_value(serde_json::Value::String(name));
            let outcome = outcome.map_err(StoreError::fault)?;
            Ok((row.get("rule")?, outcome, row.get("n")?))
        };
        rows.iter().map(read).collect()
    }
}
