//! 「审计」 Who did or looked at what, and why: one row in the effect's own
//! transaction, or no effect. Details are kept as keyed digests, so that lawful
//! erasure leaves the record whole. Rows enter an RFC 6962 tree when the next
//! checkpoint is made (every few seconds), not in the effect's transaction:
//! writers then never queue for the tree's edge. Until then a row is guarded by
//! its keyed code alone; what a checkpoint covers cannot be changed unseen by
//! anyone who cannot also change the witness's copy of the checkpoint.

mod consistency;
mod cosign;
mod look;
pub mod note;
mod tree;
mod verify;
pub mod witness;

pub use consistency::{is_consistent, prove};
#[cfg(test)]
pub(crate) use cosign::STATEMENTS as COSIGN_STATEMENTS;
pub use cosign::{Backing, Cosignature, Exported, ToWitness, backing};
#[cfg(test)]
pub(crate) use look::STATEMENTS as LOOK_STATEMENTS;
pub use look::{AuditWanted, Inclusion, is_included};
pub use tree::{Edge, Hash, leaf_hash, node_hash};
#[cfg(test)]
pub(crate) use verify::STATEMENTS as VERIFY_STATEMENTS;
pub use verify::{AuditFault, AuditReport, verify};

use crate::bulk::{Bulk, Rows};
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::event::{role_name, role_named};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::Row;
use crate::value::{Kind, args};
use base64::Engine as _;
use hmac::{Hmac, Mac as _};
use kernel::{Actor, Instant, Now};
use sha2::Sha256;

/// What is put on record.
#[derive(Clone, Debug)]
pub struct AuditEntry<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// What was done, `noun.verb`.
    pub action: &'a str,
    /// What for: a case, a visit, a task.
    pub purpose: &'a str,
    /// To whom or what, `kind:id`; never a name or an identity number.
    pub subject: &'a str,
    /// The details; only their keyed digest is kept.
    pub details: &'a [u8],
}

/// A row of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// What was done.
    pub action: String,
    /// What for.
    pub purpose: String,
    /// To whom or what.
    pub subject: String,
    /// HMAC-SHA-256 of the details.
    pub digest: Vec<u8>,
    /// HMAC-SHA-256 of the row before this field.
    pub mac: Vec<u8>,
}

/// A signed statement of the tree's size and root (a C2SP checkpoint's text).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many rows it covers.
    pub size: i64,
    /// `origin\nsize\nroot in base64\n`: what is signed.
    pub note: String,
    /// The signature, as the signer made it.
    pub signature: Vec<u8>,
    /// When it was made.
    pub at: Instant,
}

statements! {
    APPEND = "INSERT INTO audit (id, at, account, person, role, action, purpose, subject,
                  digest, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    PEND = "INSERT INTO audit_pending (id) VALUES ($1)";
    LOCK_HEAD = "UPDATE audit_head SET size = size WHERE one = 1 RETURNING size, edge";
    PENDING = "SELECT a.id, a.at, a.account, a.person, a.role, a.action, a.purpose, a.subject,
                   a.digest, a.mac
               FROM audit_pending p JOIN audit a ON a.id = p.id ORDER BY p.id LIMIT 20000";
    SETTLE = "DELETE FROM audit_pending
              WHERE id IN (SELECT audit FROM audit_leaf WHERE seq >= $1)";
    MOVE_HEAD = "UPDATE audit_head SET size = $1, edge = $2 WHERE one = 1";
    LAST_SIZE = "SELECT coalesce(max(size), 0) AS size FROM audit_checkpoint";
    SIGN = "INSERT INTO audit_checkpoint (size, note, signature, edge, at)
            VALUES ($1, $2, $3, $4, $5)";
    CHECKPOINTS = "SELECT size, note, signature, at FROM audit_checkpoint ORDER BY size";
    OF_SUBJECT = "SELECT id, at, account, person, role, action, purpose, subject, digest, mac
                  FROM audit WHERE subject = $1 ORDER BY id";
}

const LEAVES: Bulk = Bulk {
    table: "audit_leaf",
    columns: &[
        ("seq", Kind::Int),
        ("audit", Kind::Int),
        ("leaf", Kind::Bytes),
    ],
};

impl Tx {
    /// Puts an entry on record in this transaction; gives the row's number.
    pub async fn audit(&mut self, entry: &AuditEntry<'_>, now: Now) -> Result<i64> {
        let key = &self.shared.audit_key;
        let mut row = AuditRow {
            id: self.fresh_id(),
            at: now.at,
            actor: entry.actor.clone(),
            action: entry.action.to_owned(),
            purpose: entry.purpose.to_owned(),
            subject: entry.subject.to_owned(),
            digest: keyed(key, entry.details)?,
            mac: Vec::new(),
        };
        row.mac = row.seal(key)?;
        let id = row.id;
        match self.notes() {
            Some(notes) => notes.push(row),
            None => self.append_row(row).await?,
        }
        Ok(id)
    }

    /// Writes a row made before.
    pub(crate) async fn append_row(&mut self, row: AuditRow) -> Result<()> {
        let values = args![
            row.id,
            row.at,
            row.actor.account,
            row.actor.person,
            role_name(row.actor.role)?,
            row.action,
            row.purpose,
            row.subject,
            row.digest,
            row.mac
        ];
        self.execute(APPEND, values).await?;
        self.execute(PEND, args![row.id]).await?;
        Ok(())
    }

    /// The record of one subject, oldest first.
    pub async fn audit_of(&mut self, subject: &str) -> Result<Vec<AuditRow>> {
        let rows = self.fetch_all(OF_SUBJECT, args![subject]).await?;
        rows.iter().map(AuditRow::read).collect()
    }

    /// Every checkpoint, smallest first: what witnesses get.
    pub async fn checkpoints(&mut self) -> Result<Vec<Checkpoint>> {
        let rows = self.fetch_all(CHECKPOINTS, args![]).await?;
        rows.iter()
            .map(|row| {
                Ok(Checkpoint {
                    size: row.get("size")?,
                    note: row.get("note")?,
                    signature: row.get("signature")?,
                    at: row.get("at")?,
                })
            })
            .collect()
    }

    /// Takes up to 20,000 pending rows into the tree; gives how many, and the
    /// edge after them.
    async fn grow(&mut self) -> Result<(usize, Edge)> {
        let head = self.fetch_one(LOCK_HEAD, args![]).await?;
        let mut edge = Edge::from_parts(head.get("size")?, &head.get::<Vec<u8>>("edge")?)
            .ok_or_else(|| StoreError::fault("the audit tree's edge is damaged"))?;
        let from = edge.size();
        let mut leaves = Rows::new(LEAVES);
        for row in self.fetch_all(PENDING, args![]).await? {
            let row = AuditRow::read(&row)?;
            let leaf = leaf_hash(&row.bytes()?);
            leaves.push(args![edge.size(), row.id, leaf]);
            edge.push(leaf);
        }
        let count = leaves.len();
        if count > 0 {
            self.insert_many(leaves).await?;
            self.execute(SETTLE, args![from]).await?;
            self.execute(MOVE_HEAD, args![edge.size(), edge.to_bytes()])
                .await?;
        }
        Ok((count, edge))
    }
}

/// Takes every pending row into the tree and signs its root; `None` when nothing
/// was added since the last checkpoint. `origin` names this log; `sign` gets the
/// note's bytes and gives the signature.
pub async fn checkpoint<S>(db: &Db, origin: &str, now: Now, sign: S) -> Result<Option<Checkpoint>>
where
    S: Fn(&[u8]) -> Vec<u8> + Clone + Send + 'static,
{
    while db.write(async |tx| tx.grow().await).await?.0 > 0 {}
    let origin = origin.to_owned();
    db.write(async move |tx| {
        let (_, edge) = tx.grow().await?;
        let last: i64 = tx.fetch_one(LAST_SIZE, args![]).await?.get("size")?;
        if edge.size() <= last {
            return Ok(None);
        }
        let note = note(&origin, edge.size(), &edge.root());
        let signature = sign(note.as_bytes());
        tx.execute(
            SIGN,
            args![edge.size(), note, signature, edge.to_bytes(), now.at],
        )
        .await?;
        Ok(Some(Checkpoint {
            size: edge.size(),
            note,
            signature,
            at: now.at,
        }))
    })
    .await
}

/// The text a checkpoint's signature covers.
pub(crate) fn note(origin: &str, size: i64, root: &Hash) -> String {
    let root = base64::engine::general_purpose::STANDARD.encode(root);
    format!("{origin}\n{size}\n{root}\n")
}

/// HMAC-SHA-256 under the audit key.
pub(crate) fn keyed(key: &[u8], bytes: &[u8]) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(StoreError::fault)?;
    mac.update(bytes);
    Ok(mac.finalize().into_bytes().to_vec())
}

impl AuditRow {
    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(AuditRow {
            id: row.get("id")?,
            at: row.get("at")?,
            actor: Actor {
                account: row.get("account")?,
                person: row.maybe("person")?,
                role: role_named(&row.get::<String>("role")?)?,
            },
            action: row.get("action")?,
            purpose: row.get("purpose")?,
            subject: row.get("subject")?,
            digest: row.get("digest")?,
            mac: row.get("mac")?,
        })
    }

    /// The row's bytes as the tree sees them: each field after its length (four
    /// bytes, big end first), numbers in decimal, an absent person empty.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = self.sealed_bytes()?;
        field(&mut bytes, &self.mac);
        Ok(bytes)
    }

    /// The keyed code the row must carry.
    pub(crate) fn seal(&self, key: &[u8]) -> Result<Vec<u8>> {
        keyed(key, &self.sealed_bytes()?)
    }

    fn sealed_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(256);
        let person = self
            .actor
            .person
            .map_or_else(String::new, |id| id.to_string());
        for text in [
            self.id.to_string().as_str(),
            &self.at.timestamp_micros().to_string(),
            &self.actor.account,
            &person,
            &role_name(self.actor.role)?,
            &self.action,
            &self.purpose,
            &self.subject,
        ] {
            field(&mut bytes, text.as_bytes());
        }
        field(&mut bytes, &self.digest);
        Ok(bytes)
    }
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}
