//! 「会签」 Checkpoints on their way to witnesses and the cosignatures that come
//! back; who stands behind which size; the whole record for a verifier elsewhere.

use super::note::{Line, Verifier};
use super::{AuditFault, AuditRow, Checkpoint, Edge, Hash, prove};
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use std::collections::BTreeMap;

/// A witness's word on a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The checkpoint's size.
    pub size: i64,
    /// The witness's name.
    pub witness: String,
    /// Its line, `— name base64`.
    pub line: String,
}

/// The newest checkpoint, and that it grew from what a witness saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToWitness {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// From the size asked for to the checkpoint's.
    pub proof: Vec<Hash>,
}

/// Who stands behind which size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backing {
    /// The largest size each witness cosigned, by name.
    pub sizes: BTreeMap<String, i64>,
    /// Cosignatures of witnesses nobody here trusts.
    pub strangers: usize,
    /// What is wrong with cosignatures.
    pub faults: Vec<AuditFault>,
}

/// A leaf and its row, if it is there and can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The place in the tree.
    pub seq: i64,
    /// The leaf as kept.
    pub leaf: Vec<u8>,
    /// The row.
    pub row: Option<AuditRow>,
}

statements! {
    EDGE = "SELECT edge FROM audit_checkpoint WHERE size = $1";
    SINCE = "SELECT leaf FROM audit_leaf WHERE seq >= $1 AND seq < $2 ORDER BY seq";
    KEEP = "INSERT INTO audit_cosignature (size, witness, line) VALUES ($1, $2, $3)
            ON CONFLICT (size, witness) DO NOTHING";
    ALL = "SELECT size, witness, line FROM audit_cosignature ORDER BY size, witness";
    PAGE = "SELECT l.seq AS seq, l.leaf AS leaf, a.id AS found, l.audit AS id, a.at, a.account,
                a.person, a.role, a.action, a.purpose, a.subject, a.digest, a.mac
            FROM audit_leaf l LEFT JOIN audit a ON a.id = l.audit
            WHERE l.seq > $1 ORDER BY l.seq LIMIT 5000";
}

impl Tx {
    /// What a witness that saw `seen` rows needs; `None`: there is no checkpoint of
    /// that size, or none at all.
    pub async fn to_witness(&mut self, seen: i64) -> Result<Option<ToWitness>> {
        let Some(checkpoint) = self.checkpoints().await?.pop() else {
            return Ok(None);
        };
        let mut edge = Edge::default();
        if seen > 0 {
            let Some(row) = self.fetch_optional(EDGE, args![seen]).await? else {
                return Ok(None);
            };
            edge = Edge::from_parts(seen, &row.get::<Vec<u8>>("edge")?)
                .ok_or_else(|| StoreError::fault("a checkpoint's edge is damaged"))?;
        }
        let rows = self.fetch_all(SINCE, args![seen, checkpoint.size]).await?;
        let leaves = rows.iter().map(|row| row.get("leaf"));
        let proof = prove(&edge, &leaves.collect::<Result<Vec<Hash>>>()?);
        Ok(Some(ToWitness { checkpoint, proof }))
    }

    /// Keeps a witness's word.
    pub async fn keep_cosignature(&mut self, word: &Cosignature) -> Result<()> {
        self.execute(KEEP, args![word.size, word.witness, word.line])
            .await?;
        Ok(())
    }

    /// Every witness's word, smallest size first.
    pub async fn cosignatures(&mut self) -> Result<Vec<Cosignature>> {
        let rows = self.fetch_all(ALL, args![]).await?;
        rows.iter()
            .map(|row| {
                Ok(Cosignature {
                    size: row.get("size")?,
                    witness: row.get("witness")?,
                    line: row.get("line")?,
                })
            })
            .collect()
    }

    /// Up to 5,000 leaves after one, with their rows.
    pub async fn audit_page(&mut self, after: i64) -> Result<Vec<Exported>> {
        let rows = self.fetch_all(PAGE, args![after]).await?;
        rows.iter()
            .map(|row| {
                let there = row.maybe::<i64>("found")?.is_some();
                Ok(Exported {
                    seq: row.get("seq")?,
                    leaf: row.get("leaf")?,
                    row: there.then(|| AuditRow::read(row).ok()).flatten(),
                })
            })
            .collect()
    }
}

/// Checks every cosignature against the checkpoint it is kept for.
pub async fn backing(db: &Db, trusted: Vec<Verifier>) -> Result<Backing> {
    db.read(async move |tx| {
        let notes = tx.checkpoints().await?;
        let notes: BTreeMap<i64, String> =
            notes.into_iter().map(|one| (one.size, one.note)).collect();
        let mut backing = Backing::default();
        for word in tx.cosignatures().await? {
            let Some(witness) = trusted.iter().find(|one| one.name == word.witness) else {
                backing.strangers += 1;
                continue;
            };
            let line = Line::read(&word.line);
            let good = notes.get(&word.size).zip(line);
            let good = good.and_then(|(note, line)| witness.believes(note, &line));
            if good.is_some() {
                backing.sizes.insert(word.witness, word.size);
            } else {
                let Cosignature { size, witness, .. } = word;
                backing
                    .faults
                    .push(AuditFault::BadCosignature { size, witness });
            }
        }
        Ok(backing)
    })
    .await
}
