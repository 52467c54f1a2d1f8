//! 「表」 A simulation as a file for people: CSV or XLSX, one row per trial and part.

use super::{Change, SimulateReport};
use crate::error::{AppError, Result};
use kernel::Money;
use rust_xlsxwriter::Workbook;
use std::path::Path;

const HEAD: [&str; 20] = [
    "假设",
    "分项",
    "名称",
    "得益户",
    "受损户",
    "得益人",
    "受损人",
    "新符合",
    "不再符合",
    "可能新符合",
    "可能不再符合",
    "差一条",
    "现在每月（元）",
    "试算每月（元）",
    "在领的份数",
    "在领的现在每月（元）",
    "在领的试算每月（元）",
    "不按月的现在每次（元）",
    "不按月的试算每次（元）",
    "要同意才能查的",
];

/// The two kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// Text, read by everything.
    Csv,
    /// Excel, WPS.
    Xlsx,
}

/// The report as the bytes of a file.
///
/// # Errors
/// A table the writer does not take: a fault.
pub fn table(report: &SimulateReport, kind: TableKind) -> Result<Vec<u8>> {
    let rows = rows(report);
    match kind {
        TableKind::Csv => csv_bytes(&rows),
        TableKind::Xlsx => workbook(&[("试算", rows)]),
    }
}

/// Writes the report, by the file's ending.
///
/// # Errors
/// Another ending than `.csv` or `.xlsx`; a file that cannot be written. Nothing
/// half-written is left under the file's name.
pub fn write_table(report: &SimulateReport, path: &Path) -> Result<()> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let kind = match ending {
        Some("csv") => TableKind::Csv,
        Some("xlsx") => TableKind::Xlsx,
        _ => {
            return Err(AppError::BadInput(format!(
                "“{}”要以 .csv 或 .xlsx 结尾",
                path.display()
            )));
        }
    };
    let bytes = table(report, kind)?;
    let fault =
        |why: std::io::Error| AppError::BadInput(format!("写不了 {}：{why}", path.display()));
    let beside = path.with_extension("part");
    std::fs::write(&beside, bytes).map_err(fault)?;
    std::fs::rename(&beside, path).map_err(fault)
}

/// A sheet's lines of cells, the first its head.
pub(super) type Rows = Vec<Vec<String>>;

pub(super) fn yuan(money: Money) -> String {
    money.to_string()
}

fn rows(report: &SimulateReport) -> Vec<Vec<String>> {
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    let supposed = match report.supposed {
        true => "按没有算，没领的是上限",
        false => "不知道，没有算进来",
    };
    for trial in &report.trials {
        let assumed: Vec<String> = trial
            .assumed
            .iter()
            .map(|one| format!("{}={}", one.1, one.2))
            .collect();
        let assumed = match assumed.is_empty() {
            true => "草案".to_owned(),
            false => assumed.join("；"),
        };
        let change = |part: &str, name: &str, change: &Change| {
            vec![
                assumed.clone(),
                part.to_owned(),
                name.to_owned(),
                change.households_gaining.to_string(),
                change.households_losing.to_string(),
                change.people_gaining.to_string(),
                change.people_losing.to_string(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                yuan(change.month_before),
                yuan(change.month_after),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                supposed.to_owned(),
            ]
        };
        rows.push(change("合计", "", &trial.all));
        rows.extend(
            trial
                .towns
                .iter()
                .map(|(_, name, one)| change("镇街", name, one)),
        );
        rows.extend(
            trial
                .kinds
                .iter()
                .map(|(name, one)| change("家庭类型", name, one)),
        );
        rows.extend(
            trial
                .sizes
                .iter()
                .map(|(name, one)| change("家庭人口", name, one)),
        );
        rows.extend(trial.steps.iter().map(|(name, count)| {
            let mut row = change("每月多少（元）", name, &Change::default());
            row[3..14].fill(String::new());
            row[if name.starts_with('少') { 4 } else { 3 }] = count.to_string();
            row
        }));
        rows.extend(trial.benefits.iter().map(|(_, name, one)| {
            let mut row = change("待遇", name, &Change::default());
            row[3..7].fill(String::new());
            row[7] = one.entering.to_string();
            row[8] = one.leaving.to_string();
            row[9] = one.perhaps_entering.to_string();
            row[10] = one.perhaps_leaving.to_string();
            row[11] = one.near_misses.to_string();
            row[12] = yuan(one.month_before);
            row[13] = yuan(one.month_after);
            row[14] = one.receiving.to_string();
            row[15] = yuan(one.receiving_before);
            row[16] = yuan(one.receiving_after);
            row[17] = yuan(one.each_time_before);
            row[18] = yuan(one.each_time_after);
            row
        }));
    }
    rows
}

fn csv_bytes(rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let fault = |why: String| AppError::Fault(why);
    // Spreadsheet programs read Chinese in CSV only behind this mark.
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    for row in rows {
        writer
            .write_record(row)
            .map_err(|why| fault(why.to_string()))?;
    }
    writer.into_inner().map_err(|why| fault(why.to_string()))
}

/// Sheets by name as the bytes of a workbook; what reads as a number is one.
pub(super) fn workbook(sheets: &[(&str, Rows)]) -> Result<Vec<u8>> {
    let fault = |why: rust_xlsxwriter::XlsxError| AppError::Fault(why.to_string());
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).map_err(fault)?;
        for (y, row) in rows.iter().enumerate() {
            for (x, cell) in row.iter().enumerate() {
                let (y, x) = (
                    u32::try_from(y).unwrap_or(u32::MAX),
                    u16::try_from(x).unwrap_or(0),
                );
                match cell.parse::<f64>() {
                    Ok(number) if y > 0 => sheet.write_number(y, x, number),
                    _ => sheet.write_string(y, x, cell),
                }
                .map_err(fault)?;
            }
        }
        sheet.autofit();
    }
    book.save_to_buffer().map_err(fault)
}
