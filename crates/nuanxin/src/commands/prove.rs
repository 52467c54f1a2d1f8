//! 「证明」 `nuanxin audit verify`, `nuanxin ledger verify`, `nuanxin doctor`.

use super::print_json;
use crate::ending::{Ending, Failure, Outcome};
use crate::house::open_db;
use crate::options::{Format, Place};
use crate::{keys, say};
use ed25519_dalek::{Signature, SigningKey, Verifier};
use serde_json::json;
use std::path::Path;
use store::Db;

/// Proves the audit tree.
pub(crate) async fn audit(place: &Place, format: Format) -> Outcome {
    let db = open_db(place).await?;
    let clean = audit_of(&db, &place.keys, format).await;
    db.close().await;
    clean.map(Ending::of)
}

pub(crate) async fn audit_of(db: &Db, keys: &Path, format: Format) -> Result<bool, Failure> {
    let report = store::audit::verify(db, Vec::new(), genuine(keys)?).await?;
    if format.is_json() {
        print_json(&json!({
            "rows": report.rows,
            "pending": report.pending,
            "checkpoints": report.checkpoints,
            "covered": report.covered,
            "faults": report.faults.iter().map(|fault| format!("{fault:?}")).collect::<Vec<_>>(),
            "fault_count": report.fault_count,
        }))?;
        return Ok(report.fault_count == 0);
    }
    say!(
        "审计：树里 {} 行，还没进树 {} 行；检查点 {} 个，盖住 {} 行",
        report.rows,
        report.pending,
        report.checkpoints,
        report.covered
    );
    say!("没有外部见证：拿到这台机器和钥匙的人可以整棵重写。请把检查点抄送管理员碰不到的地方");
    for fault in &report.faults {
        say!("  ✕ {fault:?}");
    }
    say!(
        "{}",
        if report.fault_count == 0 {
            "审计完好"
        } else {
            "审计有问题，见上"
        }
    );
    Ok(report.fault_count == 0)
}

/// Proves every ledger's sums.
pub(crate) async fn ledger(place: &Place, format: Format) -> Outcome {
    let db = open_db(place).await?;
    let clean = ledger_of(&db, format).await;
    db.close().await;
    clean.map(Ending::of)
}

pub(crate) async fn ledger_of(db: &Db, format: Format) -> Result<bool, Failure> {
    let faults = store::ledger::verify(db).await?;
    let words: Vec<String> = faults.iter().map(|fault| format!("{fault:?}")).collect();
    if format.is_json() {
        print_json(&json!({ "faults": words }))?;
        return Ok(faults.is_empty());
    }
    for word in &words {
        say!("  ✕ {word}");
    }
    say!(
        "{}",
        if faults.is_empty() {
            "账本完好：每种单位合计都是 0"
        } else {
            "账本有问题，见上"
        }
    );
    Ok(faults.is_empty())
}

/// Looks over the installation.
pub(crate) async fn doctor(place: &Place, format: Format) -> Outcome {
    let loaded = packs::load(&place.pack);
    let pack = format!(
        "{} 处错误，{} 处提醒",
        loaded.report.errors(),
        loaded.report.warnings()
    );
    let db = open_db(place).await;
    let store = db
        .as_ref()
        .map_or_else(ToString::to_string, |_| "打得开，版本相符".to_owned());
    let well = loaded.pack.is_some() && db.is_ok();
    if format.is_json() {
        print_json(&json!({ "pack": pack, "database": store, "well": well }))?;
    } else {
        say!("政策包 {}：{pack}", place.pack.display());
        say!("数据库：{store}");
    }
    let mut sound = well;
    if let Ok(db) = &db {
        sound &=
            audit_of(db, &place.keys, Format::Text).await? && ledger_of(db, Format::Text).await?;
        db.close().await;
    }
    Ok(Ending::of(sound))
}

/// The key checkpoints are signed with.
pub(crate) fn checkpoint_key(folder: &Path) -> Result<SigningKey, Failure> {
    Ok(SigningKey::from_bytes(&keys::key(
        folder,
        "checkpoint.key",
    )?))
}

/// Whether a checkpoint's signature is ours.
fn genuine(folder: &Path) -> Result<impl Fn(&[u8], &[u8]) -> bool + Send + 'static, Failure> {
    let ours = checkpoint_key(folder)?.verifying_key();
    Ok(move |note: &[u8], signature: &[u8]| {
        Signature::from_slice(signature)
            .is_ok_and(|signature| ours.verify(note, &signature).is_ok())
    })
}
