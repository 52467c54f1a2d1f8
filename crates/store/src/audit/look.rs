//! 「看审计」 Rows of the audit as somebody asks for them, and the proof that one of
//! them stands in the tree a checkpoint signs (RFC 6962 §2.1.1, checked as RFC 9162
//! §2.1.3.2 says). A proof reads the leaves page by page and keeps none.

use super::consistency::largest_power_below;
use super::{AuditRow, Checkpoint, Edge, Hash, node_hash};
use crate::error::{Result, StoreError};
use crate::event::{role_name, role_named};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use kernel::{Instant, Role};

/// Leaves read at a time.
const LEAVES: i64 = 20_000;

/// Which rows are wanted; an empty text asks for nothing.
#[derive(Clone, Debug)]
pub struct AuditWanted {
    /// Of this account.
    pub account: String,
    /// About this, `kind:id`.
    pub subject: String,
    /// That did this, `noun.verb`.
    pub action: String,
    /// From this moment on.
    pub from: Instant,
    /// Before this moment.
    pub to: Instant,
    /// Rows passed over, newest first.
    pub skip: u32,
    /// At most so many.
    pub limit: u32,
}

/// That a row stands in the tree a checkpoint signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The row's place.
    pub seq: i64,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// From the leaf to the root.
    pub path: Vec<Hash>,
}

statements! {
    ROWS = "SELECT id, at, account, person, role, action, purpose, subject, digest, mac FROM audit
            WHERE ($1 = '' OR account = $1) AND ($2 = '' OR subject = $2)
                AND ($3 = '' OR action = $3) AND at >= $4 AND at < $5
            ORDER BY at DESC, id DESC LIMIT $6 OFFSET $7";
    ROW = "SELECT id, at, account, person, role, action, purpose, subject, digest, mac FROM audit
           WHERE id = $1";
    LOOKS = "SELECT action, role, count(*) AS n FROM audit
             WHERE at >= $1 AND (action IN ('household.read', 'person.unmask', 'case.read',
                 'verification_requested', 'verification_read', 'verification_refused',
                 'pool.contradictions') OR substr(action, 1, 5) = 'holo.')
             GROUP BY action, role ORDER BY action, role";
    LOOKS_OF = "SELECT id, at, account, person, role, action, purpose, subject, digest, mac
                FROM audit WHERE action = $1 AND role = $2 AND at >= $3
                ORDER BY at DESC, id DESC LIMIT $4";
    LOOKS_COUNT = "SELECT count(*) AS n FROM audit
                   WHERE action = $1 AND role = $2 AND at >= $3";
    PLACE = "SELECT seq FROM audit_leaf WHERE audit = $1";
    NEWEST = "SELECT size, note, signature, at FROM audit_checkpoint ORDER BY size DESC LIMIT $1";
    BETWEEN = "SELECT leaf FROM audit_leaf WHERE seq >= $1 AND seq < $2 ORDER BY seq";
    WAITING = "SELECT count(*) AS n FROM audit_pending";
}

impl Tx {
    /// Rows of the audit, newest first.
    pub async fn audit_rows(&mut self, wanted: &AuditWanted) -> Result<Vec<AuditRow>> {
        let AuditWanted {
            account,
            subject,
            action,
            ..
        } = wanted;
        let args = args![
            account,
            subject,
            action,
            wanted.from,
            wanted.to,
            wanted.limit,
            wanted.skip
        ];
        let rows = self.fetch_all(ROWS, args).await?;
        rows.iter().map(AuditRow::read).collect()
    }

    /// How often people's data was looked at since a moment: what was done, in which
    /// role, how often.
    pub async fn looks_since(&mut self, since: Instant) -> Result<Vec<(String, Role, i64)>> {
        let rows = self.fetch_all(LOOKS, args![since]).await?;
        rows.iter()
            .map(|row| {
                let role = role_named(&row.get::<String>("role")?)?;
                Ok((row.get("action")?, role, row.get("n")?))
            })
            .collect()
    }

    /// The newest looks of a kind in a role since a moment, and how many there are.
    pub async fn looks_of(
        &mut self,
        (action, role): (&str, Role),
        since: Instant,
        limit: u32,
    ) -> Result<(Vec<AuditRow>, i64)> {
        let role = role_name(role)?;
        let count = self.fetch_one(LOOKS_COUNT, args![action, role, since]);
        let count = count.await?.get("n")?;
        let rows = self.fetch_all(LOOKS_OF, args![action, role, since, limit]);
        let rows = rows.await?;
        let rows = rows.iter().map(AuditRow::read).collect::<Result<_>>()?;
        Ok((rows, count))
    }

    /// One row, and whether it still is what its keyed code says.
    pub async fn audit_row(&mut self, id: i64) -> Result<(AuditRow, bool)> {
        let row = self.fetch_optional(ROW, args![id]).await?;
        let missing = || StoreError::NotFound {
            what: "审计记录",
            id: id.to_string(),
        };
        let row = AuditRow::read(&row.ok_or_else(missing)?)?;
        let genuine = row.seal(&self.shared.audit_key)? == row.mac;
        Ok((row, genuine))
    }

    /// The newest checkpoints, newest first.
    pub async fn newest_checkpoints(&mut self, limit: u32) -> Result<Vec<Checkpoint>> {
        let rows = self.fetch_all(NEWEST, args![limit]).await?;
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

    /// How many rows wait for the next checkpoint.
    pub async fn audit_waiting(&mut self) -> Result<i64> {
        self.fetch_one(WAITING, args![]).await?.get("n")
    }

    /// The proof that a row stands in the newest checkpoint's tree; `None`: it waits
    /// for the next.
    pub async fn inclusion(&mut self, id: i64) -> Result<Option<Inclusion>> {
        let Some(checkpoint) = self.newest_checkpoints(1).await?.pop() else {
            return Ok(None);
        };
        let Some(row) = self.fetch_optional(PLACE, args![id]).await? else {
            return Ok(None);
        };
        let seq: i64 = row.get("seq")?;
        if seq >= checkpoint.size {
            return Ok(None);
        }
        let mut path = Vec::new();
        for (from, to) in beside(seq, checkpoint.size) {
            path.push(self.audit_root(from, to).await?);
        }
        Ok(Some(Inclusion {
            seq,
            checkpoint,
            path,
        }))
    }

    /// The root over the leaves of a range.
    async fn audit_root(&mut self, from: i64, to: i64) -> Result<Hash> {
        let (mut edge, mut at) = (Edge::default(), from);
        while at < to {
            let until = to.min(at + LEAVES);
            for row in self.fetch_all(BETWEEN, args![at, until]).await? {
                edge.push(row.get("leaf")?);
            }
            at = until;
        }
        match edge.size() == to - from {
            true => Ok(edge.root()),
            false => Err(StoreError::fault("leaves of the audit tree are missing")),
        }
    }
}

/// The ranges whose roots lead from a leaf to the root of `size` leaves, from the leaf up.
fn beside(seq: i64, size: i64) -> Vec<(i64, i64)> {
    let (mut from, mut to) = (0, size);
    let mut ranges = Vec::new();
    while to - from > 1 {
        let middle = from + largest_power_below(to - from);
        match seq < middle {
            true => {
                ranges.push((middle, to));
                to = middle;
            }
            false => {
                ranges.push((from, middle));
                from = middle;
            }
        }
    }
    ranges.reverse();
    ranges
}

/// Whether `path` shows that `leaf` stands at `seq` in the tree of `size` leaves with
/// that root.
pub fn is_included(seq: i64, size: i64, leaf: &Hash, root: &Hash, path: &[Hash]) -> bool {
    if seq < 0 || seq >= size {
        return false;
    }
    let (mut fnode, mut snode, mut node) = (seq, size - 1, *leaf);
    for other in path {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            node = node_hash(other, &node);
            while fnode & 1 == 0 && fnode != 0 {
                (fnode, snode) = (fnode >> 1, snode >> 1);
            }
        } else {
            node = node_hash(&node, other);
        }
        (fnode, snode) = (fnode >> 1, snode >> 1);
    }
    snode == 0 && node == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::leaf_hash;

    fn root(leaves: &[Hash]) -> Hash {
        let mut edge = Edge::default();
        leaves.iter().for_each(|leaf| edge.push(*leaf));
        edge.root()
    }

    #[test]
    fn every_leaf_is_proven_and_nothing_else_is() {
        let leaves: Vec<Hash> = (0..40_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        for size in 1..=leaves.len() {
            let whole = root(&leaves[..size]);
            for seq in 0..size {
                let ranges = beside(seq as i64, size as i64).into_iter();
                let path: Vec<Hash> = ranges
                    .map(|(from, to)| root(&leaves[from as usize..to as usize]))
                    .collect();
                let proven = |seq: usize, leaf: &Hash, path: &[Hash]| {
                    is_included(seq as i64, size as i64, leaf, &whole, path)
                };
                assert!(proven(seq, &leaves[seq], &path), "{seq} of {size}");
                assert!(!proven(seq, &[7; 32], &path));
                assert!(!proven(size, &leaves[seq], &path));
                for at in 0..path.len() {
                    let mut bent = path.clone();
                    bent[at][0] ^= 1;
                    assert!(!proven(seq, &leaves[seq], &bent), "{seq} of {size}");
                    assert!(!proven(seq, &leaves[seq], &path[..at]));
                }
                let long = [path.clone(), vec![[0; 32]]].concat();
                assert!(!proven(seq, &leaves[seq], &long));
            }
        }
    }
}
