//! 「模板」 The empty file of a kind of data, made from the catalogue: its columns, and
//! on a second sheet what belongs into each.

use crate::{App, AppError, Result};
use engine_pool::gate::column_names;
use engine_pool::{Category, FieldType, FileKind};
use kernel::Slug;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

impl App {
    /// The template of a category.
    ///
    /// # Errors
    /// No such category; no template of that kind.
    pub fn import_template(&self, category: &Slug, kind: FileKind) -> Result<Vec<u8>> {
        let category = self.category(category)?;
        match kind {
            FileKind::Xlsx => sheet(category).map_err(|why| AppError::Fault(why.to_string())),
            FileKind::Csv => text(category).map_err(|why| AppError::Fault(why.to_string())),
            FileKind::Jsonl => Err(AppError::BadInput("没有这种模板".to_owned())),
        }
    }
}

/// UTF-8 with the mark a spreadsheet program knows it by.
fn text(category: &Category) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    writer.write_record(column_names(category))?;
    writer.into_inner().map_err(|why| why.into_error().into())
}

fn sheet(category: &Category) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    // Numbers of people are longer than a spreadsheet's numbers: cells are text.
    let plain = Format::new().set_num_format("@");
    let rows = book.add_worksheet();
    rows.set_name("数据")?;
    for (column, name) in (0_u16..).zip(column_names(category)) {
        rows.set_column_format(column, &plain)?;
        rows.set_column_width(column, 18)?;
        rows.write_string_with_format(0, column, name, &bold)?;
    }
    let help = book.add_worksheet();
    help.set_name("怎么填")?;
    for (column, name) in (0_u16..).zip(["列", "必填", "填什么"]) {
        help.write_string_with_format(0, column, name, &bold)?;
    }
    help.set_column_width(2, 60)?;
    for (row, (name, required, says)) in (1_u32..).zip(lines(category)) {
        help.write_string(row, 0, name)?;
        help.write_string(row, 1, if required { "是" } else { "可以空" })?;
        help.write_string(row, 2, says)?;
    }
    book.save_to_buffer()
}

fn lines(category: &Category) -> Vec<(String, bool, String)> {
    let fixed = [
        "这一行说的是谁",
        "这条记录自己的号，一个文件里不能重复",
        "这条记录是哪天的，例如 2026-01-31",
    ];
    let names = column_names(category).into_iter().map(str::to_owned);
    let fixed = names
        .zip(fixed)
        .map(|(name, says)| (name, true, says.to_owned()));
    let fields = category.fields.iter();
    let fields = fields.map(|one| (one.name.clone(), one.required, hint(&one.ty)));
    fixed.chain(fields).collect()
}

fn hint(ty: &FieldType) -> String {
    match ty {
        FieldType::Text => "文字，最多 500 个字".to_owned(),
        FieldType::Money => "金额，单位元，例如 1800.50".to_owned(),
        FieldType::Int => "整数".to_owned(),
        FieldType::Decimal => "数字，最多六位小数".to_owned(),
        FieldType::Date => "日期，例如 2026-01-31".to_owned(),
        FieldType::Month => "月份，例如 2026-01".to_owned(),
        FieldType::Bool => "是 或 否".to_owned(),
        FieldType::Code(codes) => {
            let labels: Vec<&str> = codes.values().map(String::as_str).collect();
            format!("其中一个：{}", labels.join("、"))
        }
        FieldType::Region => "区划代码".to_owned(),
        FieldType::IdNo => "证件号码".to_owned(),
        FieldType::Uscc => "统一社会信用代码".to_owned(),
        FieldType::Card => "银行卡号".to_owned(),
    }
}
