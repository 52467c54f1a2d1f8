//! 「政策」 Screenings with what they found, and certificates by their digest.

use crate::bulk::{Bulk, Rows};
use crate::error::{Result, StoreError};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Kind, args, json, row};
use engine_policy::{Certificate, Finding, Verdict};
use kernel::{Date, FindingId, HouseholdId, Money, Now, PersonId, RegionCode, Slug};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// A run over everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screening {
    /// Its number.
    pub id: i64,
    /// The day of judgement.
    pub as_of: Date,
    /// The law it judged by.
    pub pack_hash: String,
    /// Which data it read, as the caller names it.
    pub data_mark: String,
    /// Households judged.
    pub households: i64,
    /// Persons judged.
    pub persons: i64,
}

/// One finding of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The benefit.
    pub benefit: Slug,
    /// The household.
    pub household: HouseholdId,
    /// The person, for personal benefits.
    pub person: Option<PersonId>,
    /// What it means.
    pub finding: Finding,
    /// The verdict.
    pub verdict: Verdict,
    /// Per payment, when eligible.
    pub amount: Option<Money>,
    /// The cheapest missing fact, when undetermined.
    pub next: Option<Slug>,
    /// The rule's arithmetic failed.
    pub fault: bool,
}

/// How many findings of a kind, and their sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundCount {
    /// The benefit.
    pub benefit: Slug,
    /// What was found.
    pub finding: Finding,
    /// The fact to get next, for undetermined ones.
    pub next: Option<Slug>,
    /// How many.
    pub count: i64,
    /// The sum of amounts per payment.
    pub amount: Money,
}

sealed! {
    BODY = certificate.body (digest: Text);
}

statements! {
    NEW = "INSERT INTO screening (id, as_of, pack_hash, data_mark, at, households, persons)
           VALUES ($1, $2, $3, $4, $5, $6, $7)";
    SAME = "SELECT id, as_of, pack_hash, data_mark, households, persons FROM screening
            WHERE as_of = $1 AND pack_hash = $2 AND data_mark = $3";
    LATEST = "SELECT id, as_of, pack_hash, data_mark, households, persons FROM screening
              ORDER BY id DESC LIMIT 1";
    COUNTS = "SELECT benefit, finding, next_fact, count(*) AS n,
                  CAST(coalesce(sum(amount), 0) AS BIGINT) AS amount
              FROM finding WHERE screening = $1 GROUP BY benefit, finding, next_fact
              ORDER BY benefit, finding, next_fact";
    OF_KIND = "SELECT id, benefit, household, person, finding, verdict, amount, next_fact, fault
               FROM finding WHERE screening = $1 AND benefit = $2 AND finding = $3 AND id > $4
               ORDER BY id LIMIT $5";
    COUNTS_IN = "SELECT f.benefit, f.finding, f.next_fact, count(*) AS n,
                     CAST(coalesce(sum(f.amount), 0) AS BIGINT) AS amount
                 FROM finding f JOIN household h ON h.id = f.household
                 WHERE f.screening = $1 AND h.region >= $2 AND h.region <= $3
                 GROUP BY f.benefit, f.finding, f.next_fact
                 ORDER BY f.benefit, f.finding, n DESC, f.next_fact";
    OF_KIND_IN = "SELECT f.id, f.benefit, f.household, f.person, f.finding, f.verdict, f.amount,
                      f.next_fact, f.fault
                  FROM finding f JOIN household h ON h.id = f.household
                  WHERE f.screening = $1 AND f.benefit = $2 AND f.finding = $3
                      AND coalesce(f.next_fact, '') = $4 AND h.region >= $5 AND h.region <= $6
                  ORDER BY h.region, f.id LIMIT $7";
    ONE = "SELECT id, benefit, household, person, finding, verdict, amount, next_fact, fault
           FROM finding WHERE id = $1";
    CERTIFY = "INSERT INTO certificate (digest, benefit, body, at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (digest) DO NOTHING";
    CERTIFIED = "SELECT digest, body FROM certificate WHERE digest = $1";
    CERTIFIED_AFTER = "SELECT digest, body FROM certificate WHERE digest > $1
                       ORDER BY digest LIMIT $2";
}

const FINDINGS: Bulk = Bulk {
    table: "finding",
    columns: &[
        ("id", Kind::Int),
        ("screening", Kind::Int),
        ("benefit", Kind::Text),
        ("household", Kind::Int),
        ("person", Kind::Int),
        ("finding", Kind::Text),
        ("verdict", Kind::Text),
        ("amount", Kind::Int),
        ("next_fact", Kind::Text),
        ("fault", Kind::Int),
    ],
};

impl Tx {
    /// The run over the same day, law and data, if there was one.
    pub async fn same_screening(
        &mut self,
        as_of: Date,
        pack_hash: &str,
        data_mark: &str,
    ) -> Result<Option<Screening>> {
        let row = self
            .fetch_optional(SAME, args![as_of, pack_hash, data_mark])
            .await?;
        row.as_ref().map(screening).transpose()
    }

    /// The last run.
    pub async fn latest_screening(&mut self) -> Result<Option<Screening>> {
        let row = self.fetch_optional(LATEST, args![]).await?;
        row.as_ref().map(screening).transpose()
    }

    /// Keeps a run and everything it found; `run.id` is given here.
    pub async fn save_screening(
        &mut self,
        run: &Screening,
        found: &[Found],
        now: Now,
    ) -> Result<i64> {
        let id = self.next_id("screening").await?;
        let (mark, hash) = (&run.data_mark, &run.pack_hash);
        let head = args![
            id,
            run.as_of,
            hash,
            mark,
            now.at,
            run.households,
            run.persons
        ];
        self.execute(NEW, head).await?;
        let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let mut number = self.next_ids("finding", count).await?.start;
        for chunk in found.chunks(20_000) {
            let mut rows = Rows::new(FINDINGS);
            for row in chunk {
                rows.push(args![
                    number,
                    id,
                    row.benefit,
                    row.household,
                    row.person,
                    name(&row.finding)?,
                    name(&row.verdict)?,
                    row.amount,
                    row.next,
                    row.fault
                ]);
                number += 1;
            }
            self.insert_many(rows).await?;
        }
        Ok(id)
    }

    /// A run's findings counted by benefit, kind and next fact.
    pub async fn count_findings(&mut self, screening: i64) -> Result<Vec<FoundCount>> {
        let rows = self.fetch_all(COUNTS, args![screening]).await?;
        rows.iter().map(counted).collect()
    }

    /// A run's findings of one benefit and kind, a page at a time after `after`.
    pub async fn findings(
        &mut self,
        screening: i64,
        benefit: &Slug,
        finding: Finding,
        after: FindingId,
        limit: u32,
    ) -> Result<Vec<(FindingId, Found)>> {
        let page = args![screening, benefit, name(&finding)?, after, limit];
        let rows = self.fetch_all(OF_KIND, page).await?;
        rows.iter().map(numbered).collect()
    }

    /// A run's findings of households between two codes, both included, counted.
    pub async fn count_findings_in(
        &mut self,
        screening: i64,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<FoundCount>> {
        let rows = self
            .fetch_all(COUNTS_IN, args![screening, from, to])
            .await?;
        rows.iter().map(counted).collect()
    }

    /// A run's findings of one benefit, kind and next fact, of households between two
    /// codes; at most `limit`.
    pub async fn findings_in(
        &mut self,
        screening: i64,
        benefit: &Slug,
        finding: Finding,
        next: Option<&Slug>,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<(FindingId, Found)>> {
        let next = next.map_or_else(String::new, ToString::to_string);
        let kind = name(&finding)?;
        let row = args![screening, benefit, kind, next, from, to, limit];
        let rows = self.fetch_all(OF_KIND_IN, row).await?;
        rows.iter().map(numbered).collect()
    }

    /// One finding.
    pub async fn finding(&mut self, id: FindingId) -> Result<Found> {
        let row = self.fetch_optional(ONE, args![id]).await?;
        let missing = || StoreError::NotFound {
            what: "线索",
            id: id.to_string(),
        };
        Ok(numbered(&row.ok_or_else(missing)?)?.1)
    }

    /// Keeps a certificate under the SHA-256 of its text; the same again is one.
    pub async fn certify(&mut self, certificate: &Certificate, now: Now) -> Result<String> {
        let body = json(certificate)?;
        let digest = digest_of(&body);
        let benefit = &certificate.judgement.benefit;
        let body = self.seal(&BODY, &row![digest], body)?;
        self.execute(CERTIFY, args![digest, benefit, body, now.at])
            .await?;
        Ok(digest)
    }

    /// A certificate by its digest.
    pub async fn certificate(&mut self, digest: &str) -> Result<Option<Certificate>> {
        let row = self.fetch_optional(CERTIFIED, args![digest]).await?;
        row.map(|row| row.unsealed_json(&BODY)).transpose()
    }

    /// Certificates after a digest, in its order, each with whether it still is, to the
    /// byte, what was kept under it.
    pub async fn certificates_after(
        &mut self,
        digest: &str,
        limit: u32,
    ) -> Result<Vec<(String, Certificate, bool)>> {
        let rows = self
            .fetch_all(CERTIFIED_AFTER, args![digest, limit])
            .await?;
        let one = |row: &crate::value::Row| {
            let digest: String = row.get("digest")?;
            let certificate: Certificate = row.unsealed_json(&BODY)?;
            let whole = digest_of(&json(&certificate)?) == digest;
            Ok((digest, certificate, whole))
        };
        rows.iter().map(one).collect()
    }
}

fn digest_of(body: &str) -> String {
    let bytes = Sha256::digest(body.as_bytes());
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn screening(row: &crate::value::Row) -> Result<Screening> {
    Ok(Screening {
        id: row.get("id")?,
        as_of: row.get("as_of")?,
        pack_hash: row.get("pack_hash")?,
        data_mark: row.get("data_mark")?,
        households: row.get("households")?,
        persons: row.get("persons")?,
    })
}

/// The stable name of a unit variant, e.g. `found_not_receiving`.
pub(crate) fn name<T: Serialize>(value: &T) -> Result<String> {
    Ok(json(value)?.trim_matches('"').to_owned())
}

pub(crate) fn named<T: DeserializeOwned>(name: String) -> Result<T> {
    Ok(serde_json::from_value(serde_json::Value::String(name))?)
}

pub(crate) fn counted(row: &crate::value::Row) -> Result<FoundCount> {
    Ok(FoundCount {
        benefit: row.get("benefit")?,
        finding: named(row.get("finding")?)?,
        next: row.maybe("next_fact")?,
        count: row.get("n")?,
        amount: row.get("amount")?,
    })
}

pub(crate) fn numbered(row: &crate::value::Row) -> Result<(FindingId, Found)> {
    let found = Found {
        benefit: row.get("benefit")?,
        household: row.get("household")?,
        person: row.maybe("person")?,
        finding: named(row.get("finding")?)?,
        verdict: named(row.get("verdict")?)?,
        amount: row.maybe("amount")?,
        next: row.maybe("next_fact")?,
        fault: row.get("fault")?,
    };
    Ok((row.get("id")?, found))
}
