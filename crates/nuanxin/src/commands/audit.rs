//! 「审计」 `nuanxin audit verify | checkpoint | key | export`. Whom the house trusts
//! as witnesses stands in `witnesses.txt` beside its keys: a line each, the public
//! key, a space, the address.

use super::print_json;
use crate::clock::WallClock;
use crate::ending::{Ending, Failure, Outcome};
use crate::house::{self, open_db};
use crate::options::{AuditCommand, Format};
use crate::{keys, say};
use app::audit::{LogKeys, check_proof, hex, told_row};
use app::trust::Trust;
use app::witness::WitnessLine;
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _};
use kernel::{Clock as _, Now};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use store::Db;
use store::audit::note::{Kind, Verifier, log_line};
use store::audit::{Backing, Exported, backing};

/// Whom the house trusts as witnesses.
const WITNESSES: &str = "witnesses.txt";

pub(crate) async fn run(command: AuditCommand, format: Format) -> Outcome {
    match command {
        AuditCommand::Verify {
            place,
            proof: Some(file),
            ..
        } => proof_holds(&place.keys, &file).map(Ending::of),
        AuditCommand::Verify { place, ask, ca, .. } => {
            let trust = house::trust(&ca)?;
            let db = open_db(&place).await?;
            let asking = ask.then_some(&trust);
            let clean = verified(&db, &place.keys, asking, format).await;
            db.close().await;
            clean.map(Ending::of)
        }
        AuditCommand::Checkpoint { place, ca } => {
            let trust = house::trust(&ca)?;
            let db = open_db(&place).await?;
            let made = make_checkpoint(&db, &place.keys, &trust, WallClock.now()).await;
            db.close().await;
            made.map(Ending::of)
        }
        AuditCommand::Key(place) => {
            say!("{}", log_key(&place.keys)?.told());
            Ok(Ending::Yes)
        }
        AuditCommand::Export { place, file } => {
            let db = open_db(&place).await?;
            let rows = export(&db, &place.keys, &file).await;
            db.close().await;
            say!("写了 {} 条到 {}", rows?, file.display());
            Ok(Ending::Yes)
        }
    }
}

/// The key checkpoints are signed with.
fn checkpoint_key(folder: &Path) -> Result<SigningKey, Failure> {
    Ok(SigningKey::from_bytes(&keys::key(
        folder,
        "checkpoint.key",
    )?))
}

/// What the log's signatures are believed by. Its name holds a piece of its key:
/// two houses never share one.
pub(crate) fn log_key(folder: &Path) -> Result<Verifier, Failure> {
    let key = checkpoint_key(folder)?.verifying_key();
    let piece: String = Sha256::digest(key.as_bytes())[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Verifier::of(&format!("nuanxin/{piece}"), Kind::Log, key))
}

/// Keeps whom the house trusts as witnesses.
pub(crate) fn trust(folder: &Path, lines: &[String]) -> Result<(), Failure> {
    Ok(fs::write(
        folder.join(WITNESSES),
        format!("{}\n", lines.join("\n")),
    )?)
}

fn witnesses(folder: &Path, trust: &Trust) -> Result<Vec<WitnessLine>, Failure> {
    let text = match fs::read_to_string(folder.join(WITNESSES)) {
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text?,
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| Ok(WitnessLine::read(line)?.trusting(trust)?))
        .collect()
}

/// Signs what is there and shows it to every witness; whether all cosigned.
pub(crate) async fn make_checkpoint(
    db: &Db,
    folder: &Path,
    trust: &Trust,
    now: Now,
) -> Result<bool, Failure> {
    let (key, log) = (checkpoint_key(folder)?, log_key(folder)?);
    store::audit::checkpoint(db, &log.name, now, move |note| {
        key.sign(note).to_bytes().to_vec()
    })
    .await?;
    let mut all = true;
    for witness in witnesses(folder, trust)? {
        let name = &witness.verifier().name;
        match witness.cosign(db, &log).await {
            Ok(Some(size)) => say!("见证“{name}”会签了 {size} 行"),
            Ok(None) => {}
            Err(why) => {
                say!("  ✕ {why}");
                all = false;
            }
        }
    }
    Ok(all)
}

/// Proves the audit tree; `asking`: also against what the witnesses remember, believing
/// these certificates of theirs.
pub(crate) async fn verified(
    db: &Db,
    folder: &Path,
    asking: Option<&Trust>,
    format: Format,
) -> Result<bool, Failure> {
    let trust = asking.cloned().unwrap_or_default();
    let (trusted, log) = (witnesses(folder, &trust)?, log_key(folder)?);
    let (mut remembered, mut troubles) = (Vec::new(), Vec::new());
    for witness in trusted.iter().filter(|_| asking.is_some()) {
        match witness.remembered(&log).await {
            Ok(point) => remembered.extend(point),
            Err(why) => troubles.push(why.to_string()),
        }
    }
    let ours = checkpoint_key(folder)?.verifying_key();
    let genuine = move |note: &[u8], signature: &[u8]| {
        Signature::from_slice(signature)
            .is_ok_and(|signature| ours.verify(note, &signature).is_ok())
    };
    let asked = remembered.len();
    let report = store::audit::verify(db, remembered, genuine).await?;
    let keys = trusted.iter().map(|one| one.verifier().clone());
    let backing = backing(db, keys.collect()).await?;
    let faults: Vec<String> = report
        .faults
        .iter()
        .chain(&backing.faults)
        .map(ToString::to_string)
        .collect();
    let count = report.fault_count + backing.faults.len();
    if format.is_json() {
        print_json(&json!({
            "rows": report.rows,
            "pending": report.pending,
            "checkpoints": report.checkpoints,
            "covered": report.covered,
            "witnesses": backing.sizes,
            "strangers": backing.strangers,
            "asked": asked,
            "troubles": troubles,
            "faults": faults,
            "fault_count": count,
        }))?;
        return Ok(count == 0);
    }
    say!(
        "审计：树里 {} 行，还没进树 {} 行；检查点 {} 个，盖住 {} 行",
        report.rows,
        report.pending,
        report.checkpoints,
        report.covered
    );
    tell_backing(&backing, asked);
    for trouble in &troubles {
        say!("  {trouble}，没有问成");
    }
    for fault in &faults {
        say!("  ✕ {fault}");
    }
    let whole = count == 0;
    say!(
        "{}",
        if whole {
            "审计完好"
        } else {
            "审计有问题，见上"
        }
    );
    Ok(whole)
}

fn tell_backing(backing: &Backing, asked: usize) {
    if backing.sizes.is_empty() {
        say!("没有外部见证：拿到这台机器和钥匙的人可以整棵重写。请把检查点抄送管理员碰不到的地方");
    } else {
        say!("{} 位外部见证会签：", backing.sizes.len());
        for (name, size) in &backing.sizes {
            say!("  {name}，到第 {size} 行");
        }
    }
    if asked > 0 {
        say!("问了 {asked} 位见证，也按它们记得的核对");
    }
    if backing.strangers > 0 {
        say!(
            "另有 {} 个会签来自这里不认识的见证，不算数",
            backing.strangers
        );
    }
}

/// Everything a verifier elsewhere needs, a JSON object a line; gives the rows.
async fn export(db: &Db, folder: &Path, file: &Path) -> Result<usize, Failure> {
    let log = log_key(folder)?;
    let trusted = witnesses(folder, &Trust::default())?;
    let keys: Vec<String> = trusted.iter().map(|one| one.verifier().told()).collect();
    let mut out = BufWriter::new(fs::File::create(file)?);
    let mut line = |value: Value| writeln!(out, "{value}");
    line(json!({ "is": "log", "key": log.told(), "witnesses": keys }))?;
    let words = db.read(async |tx| tx.cosignatures().await).await?;
    for point in db.read(async |tx| tx.checkpoints().await).await? {
        let mut lines = vec![log_line(&log, &point.signature).told()];
        let own = words.iter().filter(|word| word.size == point.size);
        lines.extend(own.map(|word| word.line.clone()));
        let note = format!("{}\n{}\n", point.note, lines.join("\n"));
        line(json!({ "is": "checkpoint", "size": point.size, "note": note }))?;
    }
    let (mut after, mut rows) = (-1, 0);
    loop {
        let page = db.read(async move |tx| tx.audit_page(after).await).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        rows += page.len();
        for one in page {
            line(exported(one))?;
        }
    }
    out.flush()?;
    Ok(rows)
}

fn exported(one: Exported) -> Value {
    let row = one.row.as_ref().map(told_row);
    json!({ "is": "row", "seq": one.seq, "leaf": hex(&one.leaf), "row": row })
}

/// Checks a proof somebody downloaded, by the house's key.
fn proof_holds(folder: &Path, file: &Path) -> Result<bool, Failure> {
    let text = fs::read_to_string(file)?;
    match check_proof(&text, &log_key(folder)?) {
        Ok((seq, size)) => {
            say!("这条记录在树里第 {seq} 行；检查点盖住 {size} 行，是这家签的");
            Ok(true)
        }
        Err(says) => {
            say!("  ✕ {says}");
            Ok(false)
        }
    }
}

/// Whose signatures a served house believes.
pub(crate) fn log_keys(folder: &Path) -> Result<LogKeys, Failure> {
    let trusted = witnesses(folder, &Trust::default())?;
    Ok(LogKeys {
        log: log_key(folder)?,
        witnesses: trusted.iter().map(|one| one.verifier().clone()).collect(),
    })
}
