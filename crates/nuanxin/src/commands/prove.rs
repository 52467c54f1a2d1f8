//! 「证明」 `nuanxin ledger verify`, `nuanxin doctor`.

use super::audit::verified;
use super::print_json;
use crate::ending::{Ending, Failure, Outcome};
use crate::house::open_db;
use crate::options::{Format, Place};
use crate::say;
use serde_json::json;
use store::Db;

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
        sound &= verified(db, &place.keys, false, Format::Text).await?
            && ledger_of(db, Format::Text).await?;
        db.close().await;
    }
    Ok(Ending::of(sound))
}
