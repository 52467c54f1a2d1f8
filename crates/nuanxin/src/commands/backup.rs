//! 「备份与恢复」 `nuanxin backup FILE`, `nuanxin restore FILE`.

use super::audit::verified;
use super::print_json;
use super::prove::ledger_of;
use crate::ending::{Ending, Failure, Outcome};
use crate::house::open_db;
use crate::options::{FileOptions, Format};
use crate::say;
use serde_json::json;
use store::backup::{self, TableSum};

/// Writes the whole database to one file.
pub(crate) async fn backup(options: &FileOptions, format: Format) -> Outcome {
    let db = open_db(&options.place).await?;
    let written = backup::write(&db, &options.file).await;
    db.close().await;
    tell("备份好了，读回来核对过", &written?, options, format)?;
    Ok(Ending::Yes)
}

/// Puts a backup into an empty database and proves what came out.
pub(crate) async fn restore(options: &FileOptions, format: Format) -> Outcome {
    // A bad file is refused before a database is made for it.
    backup::check(&options.file)?;
    let db = open_db(&options.place).await?;
    let restored = backup::restore(&db, &options.file).await;
    db.close().await;
    tell("恢复好了", &restored?, options, format)?;
    let db = open_db(&options.place).await?;
    let audit = verified(&db, &options.place.keys, None, format).await;
    let ledger = ledger_of(&db, format).await;
    db.close().await;
    Ok(Ending::of(audit? && ledger?))
}

fn tell(
    done: &str,
    sums: &[TableSum],
    options: &FileOptions,
    format: Format,
) -> Result<(), Failure> {
    let rows: u64 = sums.iter().map(|sum| sum.rows).sum();
    if format.is_json() {
        return print_json(&json!({
            "file": options.file,
            "rows": rows,
            "tables": sums.iter().map(|sum| (sum.table.clone(), sum.rows.into()))
                .collect::<serde_json::Map<_, _>>(),
        }));
    }
    say!(
        "{done}：{} 张表，{rows} 行，{}",
        sums.len(),
        options.file.display()
    );
    say!(
        "钥匙不在备份里：请把 {} 另外保管。没有钥匙，封存的内容打不开，审计也验不了",
        options.place.keys.display()
    );
    Ok(())
}
