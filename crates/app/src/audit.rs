//! 「看审计」 The audit for those who watch it: rows as they are asked for, one row with
//! the proof that it stands in the signed tree, the proof as a file that others can
//! check, and who stands behind the record. Looking at the record is on record.
//! Absent on purpose: details (only their digests are kept), and any change.

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use kernel::{FieldLevel, Instant, Now, Role};
use serde_json::{Value, json};
use store::Tx;
use store::audit::note::{Body, Line, Verifier, log_line, split};
use store::audit::{
    AuditRow, AuditWanted, Checkpoint, Hash, Inclusion, is_consistent, is_included, leaf_hash,
};

/// Rows of a page.
const PAGE: u32 = 50;

/// Whose signatures the house believes.
#[derive(Clone, Debug)]
pub struct LogKeys {
    /// The log itself.
    pub log: Verifier,
    /// Its witnesses.
    pub witnesses: Vec<Verifier>,
}

/// What is looked for; empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// An account.
    pub account: String,
    /// About what, `case:7`; a number alone is a case.
    pub subject: String,
    /// What was done, `case.accepted`.
    pub action: String,
    /// The first moment.
    pub from: Option<Instant>,
    /// The moment before which.
    pub to: Option<Instant>,
    /// Which page, from 0.
    pub page: u32,
}

/// A page of the audit.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// Newest first.
    pub rows: Vec<AuditLine>,
    /// Whether there are more.
    pub more: bool,
    /// Rows that wait for the next checkpoint.
    pub waiting: i64,
    /// The newest checkpoint: rows, and when.
    pub checkpoint: Option<(i64, Instant)>,
    /// Whether it grew from the one before: that one's rows, and the proof's word.
    pub grown: Option<(i64, bool)>,
    /// Witnesses: name, and to which row each stands behind.
    pub witnesses: Vec<(String, i64)>,
}

/// A row as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// The account.
    pub account: String,
    /// In which role.
    pub role: Role,
    /// What was done.
    pub action: String,
    /// What for, as it was written down.
    pub purpose: String,
    /// To what.
    pub subject: String,
}

/// One row and its proof.
#[derive(Clone, Debug)]
pub struct AuditProof {
    /// The row.
    pub line: AuditLine,
    /// Whether it still is what its keyed code says.
    pub genuine: bool,
    /// Its place in the tree; `None`: it waits for the next checkpoint.
    pub proven: Option<Proven>,
}

/// What was checked of a row's place.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The place.
    pub seq: i64,
    /// Rows the checkpoint covers.
    pub size: i64,
    /// When it was made.
    pub at: Instant,
    /// Whether the way from the row to the root holds.
    pub included: bool,
    /// Whether the log's signature holds; `None`: its key is not at hand.
    pub signed: Option<bool>,
    /// Who cosigned exactly this checkpoint, believed.
    pub cosigned: Vec<String>,
    /// The proof as a file for others.
    pub file: String,
}

impl App {
    /// 看审计 A page of rows.
    ///
    /// # Errors
    /// Refused to anybody but auditors; the store's.
    pub async fn audit_page(
        &self,
        ctx: &Context,
        sought: &Sought,
        keys: Option<&LogKeys>,
    ) -> Result<AuditPage> {
        let (ctx, now, sought) = (ctx.clone(), self.now(), sought.clone());
        let keys = keys.cloned();
        self.db
            .look(async move |tx| {
                may(tx, &ctx, now).await?;
                let mut rows = tx.audit_rows(&wanted(&sought)).await?;
                let more = rows.len() > PAGE as usize;
                rows.truncate(PAGE as usize);
                let points = tx.newest_checkpoints(2).await?;
                let told = (&sought.account, &sought.subject, &sought.action);
                let page = AuditPage {
                    rows: rows.iter().map(line).collect(),
                    more,
                    waiting: tx.audit_waiting().await?,
                    checkpoint: points.first().map(|one| (one.size, one.at)),
                    grown: grown(tx, &points).await?,
                    witnesses: witnesses(tx, keys.as_ref()).await?,
                };
                ctx.record(tx, "audit.read", "audit", &told, now).await?;
                Ok::<_, AppError>(page)
            })
            .await
    }

    /// 看一条 One row with its proof against the newest checkpoint.
    ///
    /// # Errors
    /// Refused to anybody but auditors; no such row; the store's.
    pub async fn audit_proof(
        &self,
        ctx: &Context,
        id: i64,
        keys: Option<&LogKeys>,
    ) -> Result<AuditProof> {
        let (ctx, now, keys) = (ctx.clone(), self.now(), keys.cloned());
        self.db
            .look(async move |tx| {
                may(tx, &ctx, now).await?;
                let (row, genuine) = tx.audit_row(id).await?;
                let proven = match tx.inclusion(id).await? {
                    Some(found) => Some(proven(tx, &row, &found, keys.as_ref()).await?),
                    None => None,
                };
                let subject = format!("audit:{id}");
                ctx.record(tx, "audit.proof", &subject, &(), now).await?;
                Ok::<_, AppError>(AuditProof {
                    line: line(&row),
                    genuine,
                    proven,
                })
            })
            .await
    }
}

async fn may(tx: &mut Tx, ctx: &Context, now: Now) -> Result<()> {
    let record = Record::of_place(None, FieldLevel::L1);
    ctx.authorise(tx, Action::ReadAudit, record, &[], now)
        .await?;
    Ok(())
}

fn wanted(sought: &Sought) -> AuditWanted {
    let subject = sought.subject.trim();
    let is_number = !subject.is_empty() && subject.bytes().all(|byte| byte.is_ascii_digit());
    AuditWanted {
        account: sought.account.trim().to_owned(),
        subject: match is_number {
            true => format!("case:{subject}"),
            false => subject.to_owned(),
        },
        action: sought.action.trim().to_owned(),
        from: sought.from.unwrap_or(Instant::UNIX_EPOCH),
        to: sought.to.unwrap_or(far()),
        skip: sought.page.saturating_mul(PAGE),
        limit: PAGE + 1,
    }
}

/// A moment no row reaches.
fn far() -> Instant {
    Instant::from_timestamp(100_000_000_000, 0).unwrap_or(Instant::MAX_UTC)
}

fn line(row: &AuditRow) -> AuditLine {
    AuditLine {
        id: row.id,
        at: row.at,
        account: row.actor.account.clone(),
        role: row.actor.role,
        action: row.action.clone(),
        purpose: row.purpose.clone(),
        subject: row.subject.clone(),
    }
}

/// Whether the newest checkpoint's tree is the one before with rows added.
async fn grown(tx: &mut Tx, points: &[Checkpoint]) -> Result<Option<(i64, bool)>> {
    let [newest, before] = points else {
        return Ok(None);
    };
    let Some(shown) = tx.to_witness(before.size).await? else {
        return Ok(Some((before.size, false)));
    };
    let roots = Body::read(&before.note).zip(Body::read(&newest.note));
    let holds = roots.is_some_and(|(old, new)| {
        is_consistent(old.size, &old.root, new.size, &new.root, &shown.proof)
    });
    Ok(Some((before.size, holds)))
}

/// How far each trusted witness stands behind the record.
async fn witnesses(tx: &mut Tx, keys: Option<&LogKeys>) -> Result<Vec<(String, i64)>> {
    let Some(keys) = keys else {
        return Ok(Vec::new());
    };
    let notes = tx.checkpoints().await?;
    let words = tx.cosignatures().await?;
    let standing = keys.witnesses.iter().map(|witness| {
        let own = words.iter().filter(|word| word.witness == witness.name);
        let good = own.filter(|word| {
            let note = notes.iter().find(|one| one.size == word.size);
            let line = Line::read(&word.line);
            let pair = note.zip(line);
            pair.is_some_and(|(one, line)| witness.believes(&one.note, &line).is_some())
        });
        let size = good.map(|word| word.size).max().unwrap_or(0);
        (witness.name.clone(), size)
    });
    Ok(standing.collect())
}

async fn proven(
    tx: &mut Tx,
    row: &AuditRow,
    found: &Inclusion,
    keys: Option<&LogKeys>,
) -> Result<Proven> {
    let point = &found.checkpoint;
    let leaf = leaf_hash(&row.bytes()?);
    let root = Body::read(&point.note).map(|body| body.root);
    let included =
        root.is_some_and(|root| is_included(found.seq, point.size, &leaf, &root, &found.path));
    let words = tx.cosignatures().await?;
    let words = words.iter().filter(|word| word.size == point.size);
    let mut signatures = Vec::new();
    let (mut signed, mut cosigned) = (None, Vec::new());
    if let Some(keys) = keys {
        let own = log_line(&keys.log, &point.signature);
        signed = Some(keys.log.believes(&point.note, &own).is_some());
        signatures.push(own.told());
        for word in words {
            let by = keys.witnesses.iter().find(|one| one.name == word.witness);
            let pair = by.zip(Line::read(&word.line));
            if pair.is_some_and(|(by, line)| by.believes(&point.note, &line).is_some()) {
                cosigned.push(word.witness.clone());
            }
            signatures.push(word.line.clone());
        }
    }
    let note = format!("{}\n{}\n", point.note, signatures.join("\n"));
    let path: Vec<String> = found.path.iter().map(|hash| hex(hash)).collect();
    let file = json!({
        "is": "proof",
        "log": keys.map(|keys| keys.log.told()),
        "note": note,
        "seq": found.seq,
        "leaf": hex(&leaf),
        "path": path,
        "row": told_row(row),
    });
    Ok(Proven {
        seq: found.seq,
        size: point.size,
        at: point.at,
        included,
        signed,
        cosigned,
        file: format!("{file:#}\n"),
    })
}

/// A row as files for others hold it.
pub fn told_row(row: &AuditRow) -> Value {
    json!({
        "id": row.id,
        "at": row.at.timestamp_micros(),
        "account": row.actor.account,
        "person": row.actor.person,
        "role": row.actor.role,
        "action": row.action,
        "purpose": row.purpose,
        "subject": row.subject,
        "digest": hex(&row.digest),
        "mac": hex(&row.mac),
    })
}

/// Checks a proof by the log's key alone; gives the row's place and the rows covered.
///
/// # Errors
/// A sentence that says what does not hold.
pub fn check_proof(text: &str, log: &Verifier) -> Result<(i64, i64), String> {
    let told: Value = serde_json::from_str(text).map_err(|why| format!("读不出来：{why}"))?;
    let read = || {
        let row = read_row(told.get("row")?)?;
        let path = told.get("path")?.as_array()?.iter();
        let path = path.map(|one| unhex(one.as_str()?)?.try_into().ok());
        let path = path.collect::<Option<Vec<Hash>>>()?;
        let note = told.get("note")?.as_str()?.to_owned();
        Some((row, path, note, told.get("seq")?.as_i64()?))
    };
    let (row, path, note, seq) = read().ok_or("这不是一份证明，或缺了一项")?;
    let (text, lines) = split(&note).ok_or("检查点看不懂")?;
    let body = Body::read(text).ok_or("检查点看不懂")?;
    if body.origin != log.name || !lines.iter().any(|line| log.believes(text, line).is_some()) {
        return Err("检查点不是这家签的".to_owned());
    }
    let bytes = row.bytes().map_err(|why| why.to_string())?;
    match is_included(seq, body.size, &leaf_hash(&bytes), &body.root, &path) {
        true => Ok((seq, body.size)),
        false => Err("这条记录到不了签过的树根：记录或证明被改过".to_owned()),
    }
}

fn read_row(told: &Value) -> Option<AuditRow> {
    let text = |name: &str| Some(told.get(name)?.as_str()?.to_owned());
    Some(AuditRow {
        id: told.get("id")?.as_i64()?,
        at: Instant::from_timestamp_micros(told.get("at")?.as_i64()?)?,
        actor: kernel::Actor {
            account: text("account")?,
            person: serde_json::from_value(told.get("person")?.clone()).ok()?,
            role: serde_json::from_value(told.get("role")?.clone()).ok()?,
        },
        action: text("action")?,
        purpose: text("purpose")?,
        subject: text("subject")?,
        digest: unhex(&text("digest")?)?,
        mac: unhex(&text("mac")?)?,
    })
}

/// Bytes as files tell them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| u8::try_from(c.to_digit(16)?).ok())
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks(2).map(|two| two[0] << 4 | two[1]).collect())
}
