//! 「审计核验」 Recomputes everything: every row's keyed code, every leaf, the root
//! at every checkpoint, every signature; rows without leaves and leaves without
//! rows. It believes nothing it can compute, and says what it could not check.

use super::{AuditRow, Checkpoint, Edge, LAST_SIZE, leaf_hash, note};
use crate::db::Db;
use crate::error::Result;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use std::fmt;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Rows in the tree.
    pub rows: i64,
    /// Rows not yet in the tree.
    pub pending: i64,
    /// Checkpoints compared, ours and the witness's.
    pub checkpoints: usize,
    /// Rows the last checkpoint covers.
    pub covered: i64,
    /// What is wrong; empty when all is well. At most 100 are listed.
    pub faults: Vec<AuditFault>,
    /// How many faults there are, listed or not.
    pub fault_count: usize,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditFault {
    /// A row is not what its keyed code says.
    RowAltered(i64),
    /// A leaf is not the hash of its row.
    LeafAltered(i64),
    /// A leaf's row is gone.
    RowMissing(i64),
    /// Leaves do not follow one another at this position.
    Gap(i64),
    /// A row is neither in the tree nor waiting for it, or its waiting place
    /// has no row. How many.
    Stray(i64),
    /// The root at a checkpoint's size is another.
    RootDiffers(i64),
    /// A checkpoint covers more rows than there are.
    Truncated {
        /// Rows the checkpoint covers.
        covered: i64,
        /// Rows there are.
        found: i64,
    },
    /// A checkpoint's signature does not hold.
    BadSignature(i64),
    /// A witness's cosignature does not hold over the checkpoint kept for it.
    BadCosignature {
        /// The size it was kept for.
        size: i64,
        /// Whose it claims to be.
        witness: String,
    },
    /// The stored edge of the tree is not the computed one.
    EdgeDiffers,
    /// A row cannot be read at all.
    Unreadable(i64),
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuditFault::RowAltered(id) => write!(f, "记录 {id} 的内容被改过"),
            AuditFault::LeafAltered(seq) => write!(f, "第 {seq} 条的哈希与内容不符"),
            AuditFault::RowMissing(seq) => write!(f, "第 {seq} 条的内容不见了"),
            AuditFault::Gap(seq) => write!(f, "第 {seq} 条缺失或次序不对"),
            AuditFault::Stray(count) => write!(f, "有 {count} 条记录不在树中，也没有等待入树"),
            AuditFault::RootDiffers(size) => write!(f, "前 {size} 条的树根与检查点不符"),
            AuditFault::Truncated { covered, found } => {
                write!(f, "检查点写明有 {covered} 条，现在只剩 {found} 条")
            }
            AuditFault::BadSignature(size) => write!(f, "前 {size} 条的检查点签名不对"),
            AuditFault::BadCosignature { size, witness } => {
                write!(f, "见证“{witness}”对前 {size} 条的会签对不上")
            }
            AuditFault::EdgeDiffers => write!(f, "保存的树边缘与重算的不符"),
            AuditFault::Unreadable(seq) => write!(f, "第 {seq} 条读不出来"),
        }
    }
}

impl AuditReport {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.fault_count == 0
    }

    fn add(&mut self, fault: AuditFault) {
        self.fault_count += 1;
        if self.faults.len() < 100 {
            self.faults.push(fault);
        }
    }
}

statements! {
    LEAVES = "SELECT l.seq AS seq, l.leaf AS leaf, a.id AS found, l.audit AS id, a.at, a.account,
                  a.person, a.role, a.action, a.purpose, a.subject, a.digest, a.mac
              FROM audit_leaf l LEFT JOIN audit a ON a.id = l.audit
              WHERE l.seq > $1 ORDER BY l.seq LIMIT 5000";
    WAITING = "SELECT p.id AS seq, a.id AS found, p.id AS id, a.at, a.account, a.person, a.role,
                   a.action, a.purpose, a.subject, a.digest, a.mac
               FROM audit_pending p LEFT JOIN audit a ON a.id = p.id ORDER BY p.id";
    STRAYS = "SELECT count(*) AS n FROM audit a
              WHERE NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.audit = a.id)
                AND NOT EXISTS (SELECT 1 FROM audit_pending p WHERE p.id = a.id)";
    TWICE = "SELECT count(*) AS n FROM audit_pending p
             WHERE EXISTS (SELECT 1 FROM audit_leaf l WHERE l.audit = p.id)";
    HEAD = "SELECT size, edge FROM audit_head";
}

/// Verifies the whole audit. `witnessed`: checkpoints kept outside of this
/// database (without any, whoever can rewrite the database can rewrite all of
/// it). `genuine`: whether a signature over a note holds.
pub async fn verify<G>(db: &Db, witnessed: Vec<Checkpoint>, genuine: G) -> Result<AuditReport>
where
    G: Fn(&[u8], &[u8]) -> bool + Send + 'static,
{
    db.read(async move |tx| {
        let mut report = AuditReport::default();
        let mut checkpoints = tx.checkpoints().await?;
        report.covered = tx.fetch_one(LAST_SIZE, args![]).await?.get("size")?;
        checkpoints.extend(witnessed.iter().cloned());
        checkpoints.sort_by_key(|checkpoint| checkpoint.size);
        report.checkpoints = checkpoints.len();
        for point in &checkpoints {
            if !genuine(point.note.as_bytes(), &point.signature) {
                report.add(AuditFault::BadSignature(point.size));
            }
        }
        let edge = walk(tx, &checkpoints, &mut report).await?;
        for point in checkpoints.iter().filter(|point| point.size > edge.size()) {
            let fault = AuditFault::Truncated {
                covered: point.size,
                found: edge.size(),
            };
            report.add(fault);
        }
        waiting(tx, &mut report).await?;
        let head = tx.fetch_one(HEAD, args![]).await?;
        let stored = Edge::from_parts(head.get("size")?, &head.get::<Vec<u8>>("edge")?);
        if stored.as_ref() != Some(&edge) {
            report.add(AuditFault::EdgeDiffers);
        }
        report.rows = edge.size();
        Ok(report)
    })
    .await
}

/// Walks the leaves in order, compares the root at each checkpoint's size.
async fn walk(tx: &mut Tx, points: &[Checkpoint], report: &mut AuditReport) -> Result<Edge> {
    let key = tx.shared.audit_key.clone();
    let mut edge = Edge::default();
    let mut points = points.iter().peekable();
    let mut last = -1;
    loop {
        let rows = tx.fetch_all(LEAVES, args![last]).await?;
        if rows.is_empty() {
            return Ok(edge);
        }
        for row in rows {
            let seq: i64 = row.get("seq")?;
            if seq != last + 1 {
                report.add(AuditFault::Gap(last + 1));
            }
            last = seq;
            let kept: Option<Vec<u8>> = row.maybe("leaf")?;
            let leaf = match checked(&row, &key, seq, report)? {
                Some(leaf) => {
                    if kept.as_deref() != Some(leaf.as_slice()) {
                        report.add(AuditFault::LeafAltered(seq));
                    }
                    leaf
                }
                None => [0; 32],
            };
            edge.push(leaf);
            while let Some(point) = points.next_if(|point| point.size <= edge.size()) {
                let origin = point.note.split('\n').next().unwrap_or_default();
                if point.size != edge.size()
                    || point.note != note(origin, edge.size(), &edge.root())
                {
                    report.add(AuditFault::RootDiffers(point.size));
                }
            }
        }
    }
}

/// Checks one row's keyed code; gives its leaf, if there is a row at all.
fn checked(
    row: &crate::value::Row,
    key: &[u8],
    seq: i64,
    report: &mut AuditReport,
) -> Result<Option<[u8; 32]>> {
    if row.maybe::<i64>("found")?.is_none() {
        report.add(AuditFault::RowMissing(seq));
        return Ok(None);
    }
    let Ok(row) = AuditRow::read(row) else {
        report.add(AuditFault::Unreadable(seq));
        return Ok(None);
    };
    if row.seal(key)? != row.mac {
        report.add(AuditFault::RowAltered(row.id));
    }
    Ok(Some(leaf_hash(&row.bytes()?)))
}

/// Rows that wait for the tree, and rows that are nowhere.
async fn waiting(tx: &mut Tx, report: &mut AuditReport) -> Result<()> {
    let key = tx.shared.audit_key.clone();
    for row in tx.fetch_all(WAITING, args![]).await? {
        report.pending += 1;
        checked(&row, &key, row.get("seq")?, report)?;
    }
    for sql in [STRAYS, TWICE] {
        let strays: i64 = tx.fetch_one(sql, args![]).await?.get("n")?;
        if strays > 0 {
            report.add(AuditFault::Stray(strays));
        }
    }
    Ok(())
}
