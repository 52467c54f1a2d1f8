//! 「规定的版本」 Versions of the law by their hash: the files, what happened to them,
//! what a dry run counted, what was decided again. When a version comes into force is
//! engine-policy's affair.

use crate::error::{Result, StoreError};
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use engine_policy::publish::{Standing, Version};
use kernel::{CaseId, Instant, Now};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A version in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawLine {
    /// The pack's hash.
    pub hash: String,
    /// The pack's name.
    pub name: String,
    /// Where it stands.
    pub standing: Standing,
    /// Since when.
    pub since: Instant,
}

sealed! {
    STATE = law_version.state (hash: Text, version: Int);
    IMPACT = law_version.impact (hash: Text);
    REVIEW = law_review.state (hash: Text, version: Int);
}

statements! {
    ALL = "SELECT hash, name, standing, since FROM law_version ORDER BY since DESC, hash";
    AT = "SELECT hash, name, standing, since FROM law_version WHERE standing = $1
          ORDER BY since DESC, hash";
    ONE = "SELECT hash, version, state, impact FROM law_version WHERE hash = $1";
    BODY = "SELECT body FROM law_version WHERE hash = $1";
    NEW = "INSERT INTO law_version (hash, name, standing, since, body, version, state)
           VALUES ($1, $2, $3, $4, $5, $6, $7)";
    SAVE = "UPDATE law_version SET standing = $2, since = $3, version = $4, state = $5
            WHERE hash = $1 AND version = $6";
    COUNTED = "UPDATE law_version SET impact = $2 WHERE hash = $1";
    REVIEW_OF = "SELECT hash, version, state FROM law_review WHERE hash = $1";
    REVIEW_NEW = "INSERT INTO law_review (hash, version, state) VALUES ($1, $2, $3)";
    REVIEW_SAVE = "UPDATE law_review SET version = $2, state = $3
                   WHERE hash = $1 AND version = $4";
    CASES = "SELECT id FROM case_file WHERE phase NOT IN ('draft', 'submitted', 'returned')
                 AND id > $1 ORDER BY id LIMIT $2";
}

impl Tx {
    /// Every version, the latest to have moved first.
    pub async fn law_versions(&mut self) -> Result<Vec<LawLine>> {
        let rows = self.fetch_all(ALL, args![]).await?;
        rows.iter().map(LawLine::read).collect()
    }

    /// The versions that stand somewhere, the latest first.
    pub async fn laws_at(&mut self, standing: Standing) -> Result<Vec<LawLine>> {
        let rows = self.fetch_all(AT, args![name(standing)?]).await?;
        rows.iter().map(LawLine::read).collect()
    }

    /// A version.
    pub async fn law_version(&mut self, hash: &str) -> Result<Option<Loaded<Version>>> {
        let row = self.fetch_optional(ONE, args![hash]).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Loaded {
            state: row.unsealed_json(&STATE)?,
            version: row.get("version")?,
        }))
    }

    /// A version's files, as they were given.
    pub async fn law_body<T: DeserializeOwned>(&mut self, hash: &str) -> Result<Option<T>> {
        let row = self.fetch_optional(BODY, args![hash]).await?;
        let body = row.map(|row| row.get::<String>("body")).transpose()?;
        Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
    }

    /// What a version's dry run counted.
    pub async fn law_impact<T: DeserializeOwned>(&mut self, hash: &str) -> Result<Option<T>> {
        let row = self.fetch_optional(ONE, args![hash]).await?;
        match row {
            Some(row) if row.maybe::<Vec<u8>>("impact")?.is_some() => {
                Ok(Some(row.unsealed_json(&IMPACT)?))
            }
            _ => Ok(None),
        }
    }

    /// Keeps a new version with its files.
    pub async fn create_law<B: Serialize>(
        &mut self,
        (hash, called): (&str, &str),
        state: &Version,
        body: &B,
        now: Now,
    ) -> Result<()> {
        let version = 1_i64;
        let sealed = self.seal(&STATE, &row![hash, version], json(state)?)?;
        let since = state.since.unwrap_or(now.at);
        let body = json(body)?;
        let standing = name(state.standing)?;
        let values = args![hash, called, standing, since, body, version, sealed];
        self.execute(NEW, values).await?;
        Ok(())
    }

    /// Keeps what became of a version loaded at `version`.
    pub async fn save_law(
        &mut self,
        hash: &str,
        version: i64,
        state: &Version,
        now: Now,
    ) -> Result<()> {
        let next = version + 1;
        let sealed = self.seal(&STATE, &row![hash, next], json(state)?)?;
        let since = state.since.unwrap_or(now.at);
        let values = args![hash, name(state.standing)?, since, next, sealed, version];
        self.execute_one(SAVE, values, "规定的版本").await
    }

    /// Keeps what a dry run counted.
    pub async fn count_law<T: Serialize>(&mut self, hash: &str, impact: &T) -> Result<()> {
        let sealed = self.seal(&IMPACT, &row![hash], json(impact)?)?;
        self.execute_one(COUNTED, args![hash, sealed], "规定的版本")
            .await
    }

    /// The batch in which a version's decisions are looked at again.
    pub async fn law_review<T: DeserializeOwned>(
        &mut self,
        hash: &str,
    ) -> Result<Option<Loaded<T>>> {
        let row = self.fetch_optional(REVIEW_OF, args![hash]).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Loaded {
            state: row.unsealed_json(&REVIEW)?,
            version: row.get("version")?,
        }))
    }

    /// Keeps that batch over the version it was loaded at (0: the first).
    pub async fn save_law_review<T: Serialize>(
        &mut self,
        hash: &str,
        version: i64,
        review: &T,
    ) -> Result<()> {
        let next = version + 1;
        let sealed = self.seal(&REVIEW, &row![hash, next], json(review)?)?;
        match version {
            0 => {
                self.execute(REVIEW_NEW, args![hash, next, sealed]).await?;
                Ok(())
            }
            _ => {
                let values = args![hash, next, sealed, version];
                self.execute_one(REVIEW_SAVE, values, "复查的批次").await
            }
        }
    }

    /// Cases that may have been decided, after one, in the order of their numbers.
    pub async fn cases_taken_up(&mut self, after: CaseId, limit: u32) -> Result<Vec<CaseId>> {
        let rows = self.fetch_all(CASES, args![after, limit]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }
}

impl LawLine {
    fn read(row: &crate::value::Row) -> Result<LawLine> {
        let standing: String = row.get("standing")?;
        let standing = serde_json::from_value(serde_json::Value::String(standing));
        Ok(LawLine {
            hash: row.get("hash")?,
            name: row.get("name")?,
            standing: standing.map_err(StoreError::from)?,
            since: row.get("since")?,
        })
    }
}

fn name(standing: Standing) -> Result<String> {
    Ok(json(&standing)?.trim_matches('"').to_owned())
}
