//! 「单元格」 A cell of a Parquet column as the words a CSV file would have for it, to the
//! last digit.

use datafusion::arrow::array::types::{
    ArrowPrimitiveType, Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, DecimalType,
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::DataType;
use std::fmt::Display;

/// The longest cell, bytes: the gate takes 500 characters.
const BYTES_MAX: usize = 4_096;

/// A cell in words; `None` for a null, which is no answer and never zero.
///
/// # Errors
/// Why nobody can mean it.
pub(super) fn text(column: &ArrayRef, row: usize) -> Result<Option<String>, &'static str> {
    if column.is_null(row) {
        return Ok(None);
    }
    Ok(Some(match column.data_type() {
        DataType::Null => return Ok(None),
        DataType::Utf8View => words(column, row)?,
        DataType::Boolean => match column.as_boolean().value(row) {
            true => "是".to_owned(),
            false => "否".to_owned(),
        },
        DataType::Date32 => {
            let day = column.as_primitive::<Date32Type>().value_as_date(row);
            day.ok_or("没有这一天")?.to_string()
        }
        DataType::Int8 => whole::<Int8Type>(column, row),
        DataType::Int16 => whole::<Int16Type>(column, row),
        DataType::Int32 => whole::<Int32Type>(column, row),
        DataType::Int64 => whole::<Int64Type>(column, row),
        DataType::UInt8 => whole::<UInt8Type>(column, row),
        DataType::UInt16 => whole::<UInt16Type>(column, row),
        DataType::UInt32 => whole::<UInt32Type>(column, row),
        DataType::UInt64 => whole::<UInt64Type>(column, row),
        DataType::Decimal32(..) => decimal::<Decimal32Type>(column, row)?,
        DataType::Decimal64(..) => decimal::<Decimal64Type>(column, row)?,
        DataType::Decimal128(..) => decimal::<Decimal128Type>(column, row)?,
        _ => return Err("不认识的类型"),
    }))
}

fn words(column: &ArrayRef, row: usize) -> Result<String, &'static str> {
    let words = column.as_string_view().value(row);
    match words.len() > BYTES_MAX {
        true => Err("太长了，一格最多 4096 个字节"),
        false => Ok(words.to_owned()),
    }
}

fn whole<T: ArrowPrimitiveType<Native: Display>>(column: &ArrayRef, row: usize) -> String {
    column.as_primitive::<T>().value(row).to_string()
}

/// All its digits; zeros behind the second decimal say nothing and go.
fn decimal<T: DecimalType>(column: &ArrayRef, row: usize) -> Result<String, &'static str> {
    let text = column.as_primitive::<T>().value_as_string(row);
    let Some((whole, behind)) = text.split_once('.') else {
        return Ok(text);
    };
    let kept = behind.trim_end_matches('0').len().max(2).min(behind.len());
    Ok(format!(
        "{whole}.{}",
        behind.get(..kept).ok_or("读不出小数")?
    ))
}
