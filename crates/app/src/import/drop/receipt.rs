//! 「回执」 What is said of a dropped file, beside it, to whoever laid it there: taken or
//! not, how many rows, which were set back and why, what to do. No cell of a row.

use super::super::{ImportOutcome, Manifest};
use crate::App;
use engine_pool::QualityReport;
use kernel::DataBatchId;
use std::fmt::Write as _;

/// Rows told in a receipt; all of them are kept with the delivery.
const ROWS_TOLD: usize = 200;

pub(super) fn receipt(
    app: &App,
    name: &str,
    manifest: Option<&Manifest>,
    batch: Option<DataBatchId>,
    outcome: &ImportOutcome,
) -> String {
    let mut text = format!("回执\n文件：{name}\n");
    // Writing into a string cannot fail.
    if let Some(one) = manifest {
        let catalogue = &app.law.pack.data().catalogue;
        let category = catalogue.category(&one.category);
        let called = category.map_or_else(|| one.category.to_string(), |one| one.name.clone());
        let _ = writeln!(
            text,
            "数据：{called}（{}），{} 的数据",
            one.category, one.as_of
        );
        let _ = writeln!(text, "摘要：{}", one.sha256);
    }
    let number = batch.map(|batch| format!("第 {batch} 批"));
    let number = number.unwrap_or_else(|| "没有批次".to_owned());
    match outcome {
        ImportOutcome::Accepted(quality) => {
            let _ = writeln!(text, "结果：收下了，{number}");
            rows(&mut text, quality);
            if let Some(batch) = batch.filter(|_| quality.faulty() > 0) {
                let _ = writeln!(
                    text,
                    "怎么补：在办公桌“没收下的行”里改，或者 nuanxin pool mend {batch} 文件"
                );
            }
        }
        ImportOutcome::Repeated => {
            let _ = writeln!(
                text,
                "结果：同样的文件以前收过（{number}），这次什么都没有变"
            );
        }
        ImportOutcome::Refused { reasons, quality } => {
            let _ = writeln!(text, "结果：没有收，{number}，一行也没有进数据池");
            for why in reasons {
                let _ = writeln!(text, "原因：{why}");
            }
            if let Some(quality) = quality {
                rows(&mut text, quality);
            }
        }
    }
    text
}

fn rows(text: &mut String, quality: &QualityReport) {
    let (rows, taken, back) = (quality.rows, quality.taken, quality.faulty());
    let _ = writeln!(
        text,
        "行数：一共 {rows} 行，好的 {taken} 行，退回 {back} 行"
    );
    for fault in quality.faults.iter().take(ROWS_TOLD) {
        let _ = writeln!(text, "  {fault}");
    }
}
