//! 「来路」 `nuanxin pool`: the drop folder once over, rows that were set back, mended or
//! closed with a reason. Absent: `import`, which is in `pool.rs`.

use super::acting::acts;
use super::pool::{spinner, watched};
use super::print_json;
use crate::clock::WallClock;
use crate::ending::{Ending, Failure, Outcome};
use crate::house;
use crate::options::{
    Format, PoolCommand, PoolDropOptions, PoolMendOptions, PoolWaiveOptions, SetBackOptions,
};
use crate::say;
use app::App;
use app::import::drop::{DropFolder, DropRound, Dropped};
use app::import::{ImportOutcome, RowName};
use engine_access::Purpose;
use kernel::{Clock, DataBatchId};
use serde_json::json;
use std::time::Duration;

/// The most looks at a folder where something goes on growing.
const LOOKS_MAX: u32 = 15;

pub(crate) async fn run(command: PoolCommand, format: Format) -> Outcome {
    match command {
        PoolCommand::Drop(options) => take(options, format).await,
        PoolCommand::SetBack(options) => set_back(options, format).await,
        PoolCommand::Mend(options) => mend(options, format).await,
        PoolCommand::Waive(options) => waive(options, format).await,
    }
}

/// The folder once over: until nothing is left, or only what still grows.
async fn take(options: PoolDropOptions, format: Format) -> Outcome {
    let house = house::open(&options.place).await?;
    let mut folder = DropFolder::open(&options.folder, 2)?;
    let bar = spinner("正在收投放文件夹");
    let mut whole = DropRound::default();
    for _ in 0..LOOKS_MAX {
        let progress = house.import_progress();
        let work = house.drop_round(&mut folder);
        let round = watched(&bar, &progress, work).await?;
        bar.inc(round.dropped.len() as u64);
        whole.dropped.extend(round.dropped);
        (whole.waiting, whole.stuck) = (round.waiting, round.stuck);
        if whole.waiting == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_secs(options.settle)).await;
    }
    bar.finish_and_clear();
    house.db().close().await;
    let refused = |one: &Dropped| matches!(one.outcome, ImportOutcome::Refused { .. });
    let well = whole.stuck.is_empty() && !whole.dropped.iter().any(refused);
    if format.is_json() {
        print_json(&whole)?;
        return Ok(Ending::of(well));
    }
    whole.dropped.iter().for_each(told);
    for why in &whole.stuck {
        say!("▲ 这次没收成，下次再收：{why}");
    }
    say!(
        "收了 {} 个文件，还有 {} 个没写完或者不认识，留在原处",
        whole.dropped.len(),
        whole.waiting
    );
    Ok(Ending::of(well))
}

/// One file in one line.
pub(crate) fn told(one: &Dropped) {
    let (name, lies) = (format!("{}/{}", one.folder, one.name), one.lies.display());
    let batch = one
        .batch
        .map_or_else(String::new, |batch| format!("第 {batch} 批，"));
    match &one.outcome {
        ImportOutcome::Accepted(quality) => say!(
            "● {name}：{batch}{} 行，收下 {} 行，退回 {} 行，在 {lies}",
            quality.rows,
            quality.taken,
            quality.faulty()
        ),
        ImportOutcome::Repeated => say!("○ {name}：{batch}以前收过，在 {lies}"),
        ImportOutcome::Refused { reasons, .. } => {
            say!("⬣ {name}：{batch}没有收：{}，在 {lies}", reasons.join("；"));
        }
    }
}

async fn set_back(options: SetBackOptions, format: Format) -> Outcome {
    let house = house::open(&options.place).await?;
    let ctx = acts(&house, &options.acting, Purpose::Collection).await?;
    let mut lines = Vec::new();
    match options.batch.map(DataBatchId) {
        None => {
            for one in house.set_back_deliveries(&ctx).await? {
                let waits = one.kept.saturating_sub(one.mended + one.waived);
                if !format.is_json() {
                    say!(
                        "第 {} 批 {}：没收下 {}，补了 {}，不用补 {}，等补 {waits}",
                        one.batch,
                        one.what.name,
                        one.set_back,
                        one.mended,
                        one.waived
                    );
                }
                lines.push(json!({
                    "batch": one.batch, "category": one.what.id, "rows": one.rows,
                    "taken": one.taken, "set_back": one.set_back, "mended": one.mended,
                    "waived": one.waived, "waiting": waits, "accepted": one.accepted,
                }));
            }
        }
        Some(batch) => {
            let category = category_of(&house, batch).await?;
            let mut after = 0;
            loop {
                let page = house.set_back_page(&ctx, (&category, batch), after).await?;
                for row in &page.rows {
                    let state = match (&row.mended, &row.waived) {
                        (Some(by), _) => format!("第 {by} 批补了"),
                        (None, Some(said)) => format!("不用补：{}", said.why),
                        (None, None) => "等补".to_owned(),
                    };
                    let faults = row.faults.iter();
                    let faults: Vec<String> = faults
                        .map(|(column, says)| format!("{column}：{says}"))
                        .collect();
                    if !format.is_json() {
                        say!("{batch}-{} {state}　{}", row.line, faults.join("；"));
                    }
                    lines.push(json!({
                        "row": format!("{batch}-{}", row.line), "faults": faults,
                        "mended": row.mended, "waived": row.waived.as_ref().map(|one| &one.why),
                    }));
                }
                match page.next {
                    Some(next) => after = next,
                    None => break,
                }
            }
        }
    }
    house.db().close().await;
    if format.is_json() {
        print_json(&lines)?;
    } else if lines.is_empty() {
        say!("没有");
    }
    Ok(Ending::Yes)
}

async fn mend(options: PoolMendOptions, format: Format) -> Outcome {
    let house = house::open(&options.place).await?;
    let ctx = acts(&house, &options.acting, Purpose::Collection).await?;
    let batch = DataBatchId(options.batch);
    let imported = house.mend_file(&ctx, batch, &options.file).await?;
    house.db().close().await;
    let well = !matches!(imported.outcome, ImportOutcome::Refused { .. });
    if format.is_json() {
        print_json(&imported)?;
        return Ok(Ending::of(well));
    }
    let by = imported
        .batch
        .map_or_else(String::new, |by| format!("第 {by} 批，"));
    match &imported.outcome {
        ImportOutcome::Accepted(quality) => {
            let still = quality.faulty();
            say!(
                "● 补第 {batch} 批：{by}补上 {} 行，还不对 {still} 行",
                quality.taken
            );
            for fault in quality.faults.iter().take(20) {
                say!("    {fault}");
            }
        }
        ImportOutcome::Repeated => say!("○ 这一份补过了（{by}什么都没有变）"),
        ImportOutcome::Refused { reasons, quality } => {
            say!("⬣ 没有补：{}", reasons.join("；"));
            for fault in quality.iter().flat_map(|one| &one.faults).take(20) {
                say!("    {fault}");
            }
        }
    }
    Ok(Ending::of(well))
}

async fn waive(options: PoolWaiveOptions, format: Format) -> Outcome {
    let row: RowName = options
        .row
        .parse()
        .map_err(|_| Failure::BadInput("哪一行要写成 批-行，例如 12-5".to_owned()))?;
    let house = house::open(&options.place).await?;
    let ctx = acts(&house, &options.acting, Purpose::Collection).await?;
    let category = category_of(&house, row.batch).await?;
    house.waive_row(&ctx, &category, row, &options.why).await?;
    house.db().close().await;
    if format.is_json() {
        let at = WallClock.now().at;
        print_json(&json!({ "row": row.to_string(), "waived": options.why, "at": at }))?;
    } else {
        say!("{row} 关上了，不用补：{}", options.why);
    }
    Ok(Ending::Yes)
}

/// The category a delivery is of.
async fn category_of(house: &App, batch: DataBatchId) -> Result<kernel::Slug, Failure> {
    let all = house.db().read(async |tx| tx.deliveries().await).await;
    let all = all.map_err(app::AppError::from)?;
    let mut found = all.into_iter().filter(|one| one.id == batch);
    let none = || {
        Failure::BadInput(format!(
            "没有第 {batch} 批。用 nuanxin pool set-back 看有哪些"
        ))
    };
    found.next().map(|one| one.category).ok_or_else(none)
}
