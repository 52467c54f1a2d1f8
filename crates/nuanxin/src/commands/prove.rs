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
    let proved = store::ledger::prove(db).await?;
    let faults = proved.faults.iter().map(ToString::to_string);
    let forged = proved.forged.iter();
    let forged = forged.map(|id| format!("转账 {id} 和它的指纹对不上：写好以后被改过"));
    let robbed = proved.robbed.iter();
    let robbed = robbed.map(|id| format!("账户 {id} 的流水少了或者多了：指纹合计对不上"));
    let words: Vec<String> = faults.chain(forged).chain(robbed).collect();
    if format.is_json() {
        print_json(&json!({
            "accounts": proved.accounts,
            "entries": proved.entries,
            "faults": words,
            "transfers": proved.transfers,
        }))?;
        return Ok(proved.holds());
    }
    for word in &words {
        say!("  ✕ {word}");
    }
    say!(
        "{} 个账户，{} 笔转账，{} 条流水",
        proved.accounts,
        proved.transfers,
        proved.entries
    );
    say!(
        "{}",
        if proved.holds() {
            "账本完好：每种单位合计都是 0，每一笔的指纹都对"
        } else {
            "账本有问题，见上"
        }
    );
    Ok(proved.holds())
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
        sound &= verified(db, &place.keys, None, Format::Text).await?
            && ledger_of(db, Format::Text).await?;
        db.close().await;
    }
    Ok(Ending::of(sound))
}
