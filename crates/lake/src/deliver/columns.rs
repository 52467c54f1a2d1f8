//! 「列要对」 Each column of the file held to the catalogue before a row is read: known,
//! flat, of a type that says exactly what the gate will read.

use super::cells::text;
use crate::error::{LakeError, Result};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use engine_pool::config::{AS_OF, RECORD_NO};
use engine_pool::gate::{column_ids, column_names};
use engine_pool::{Category, FieldType, Header, KeyedBy};
use serde_json::{Map, Value};
use std::io::Write;
use std::sync::Arc;

/// The columns of a file, in its order.
pub(super) struct Columns {
    /// The catalogue's id, its name in the file.
    of: Vec<(String, String)>,
    schema: SchemaRef,
}

/// What a column holds, as far as types of Parquet are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// Words.
    Words,
    /// Digits that are a name and not a quantity: a whole number loses nothing.
    Digits,
    /// Yuan, or another number with decimals.
    Number,
    /// A whole number.
    Whole,
    /// A day.
    Day,
    /// Yes or no.
    YesNo,
}

impl Columns {
    /// Holds a file's columns to the catalogue.
    ///
    /// # Errors
    /// Every fault of the header; the first column of a type that will not do.
    pub(super) fn of(category: &Category, found: &Schema) -> Result<Columns> {
        let names: Vec<&str> = found
            .fields()
            .iter()
            .map(|one| one.name().as_str())
            .collect();
        Header::read(category, &names).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            LakeError::BadInput(format!("{}：{}", category.name, faults.join("；")))
        })?;
        let (ids, chinese) = (column_ids(category), column_names(category));
        let (mut of, mut fields) = (Vec::new(), Vec::new());
        for one in found.fields() {
            let name = one.name().trim();
            let at = (0..ids.len()).find(|at| ids[*at] == name || chinese[*at] == name);
            let id = at.and_then(|at| ids.get(at)).copied();
            let id = id.ok_or_else(|| LakeError::Broken(format!("no column {name}")))?;
            let holds = holds(category, id);
            let read_as = holds.read_as(one.data_type()).map_err(|why| {
                LakeError::BadInput(format!(
                    "“{name}”列的类型是 {}：{why}",
                    short(one.data_type())
                ))
            })?;
            fields.push(Field::new(one.name(), read_as, one.is_nullable()));
            of.push((id.to_owned(), name.to_owned()));
        }
        let schema = Arc::new(Schema::new(fields));
        Ok(Columns { of, schema })
    }

    /// As what it is read.
    pub(super) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Writes rows as JSON lines; `before` were written.
    ///
    /// # Errors
    /// A cell nobody can mean, with its row.
    pub(super) fn write(
        &self,
        batch: &RecordBatch,
        before: u64,
        out: &mut impl Write,
    ) -> Result<()> {
        for row in 0..batch.num_rows() {
            let mut line = Map::new();
            for ((id, name), column) in self.of.iter().zip(batch.columns()) {
                let cell = text(column, row).map_err(|why| {
                    LakeError::BadInput(format!("第 {} 行“{name}”：{why}", before + row as u64 + 1))
                })?;
                // A null is no answer: an empty cell, whose meaning is the gate's.
                line.insert(id.clone(), cell.map_or(Value::Null, Value::String));
            }
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

fn holds(category: &Category, id: &str) -> Holds {
    if id == RECORD_NO.0 {
        return Holds::Digits;
    }
    if id == AS_OF.0 {
        return Holds::Day;
    }
    if id == category.keyed_by.column().0 {
        return match category.keyed_by {
            KeyedBy::Organisation => Holds::Words,
            KeyedBy::Person | KeyedBy::Household | KeyedBy::Place => Holds::Digits,
        };
    }
    let field = category.fields.iter().find(|one| one.id.as_str() == id);
    match field.map(|one| &one.ty) {
        Some(FieldType::Money | FieldType::Decimal) => Holds::Number,
        Some(FieldType::Int) => Holds::Whole,
        Some(FieldType::Date) => Holds::Day,
        Some(FieldType::Bool) => Holds::YesNo,
        Some(FieldType::Region | FieldType::IdNo | FieldType::Card) => Holds::Digits,
        Some(FieldType::Text | FieldType::Month | FieldType::Code(_) | FieldType::Uscc) | None => {
            Holds::Words
        }
    }
}

impl Holds {
    /// As what a type is read; why it will not do otherwise.
    fn read_as(self, ty: &DataType) -> std::result::Result<DataType, &'static str> {
        use DataType as T;
        match ty {
            // Written as words everything can be, as in a CSV file.
            T::Utf8 | T::LargeUtf8 | T::Utf8View => Ok(T::Utf8View),
            T::Null => Ok(T::Null),
            T::List(_) | T::LargeList(_) | T::FixedSizeList(..) | T::Struct(_) | T::Map(..) => {
                Err("列里面还套着列。请一行一条记录、一格一个值，摊平再导出")
            }
            T::Float16 | T::Float32 | T::Float64 => match self {
                Holds::Digits => Err("浮点数会丢掉证件号码的尾数。请写成文字"),
                _ => Err("浮点数不准，到不了分。请写成 decimal 或者文字"),
            },
            T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => {
                Err("是字节，不是文字。请写成 UTF-8 文字（string）")
            }
            T::Boolean if self == Holds::YesNo => Ok(ty.clone()),
            T::Date32 if self == Holds::Day => Ok(ty.clone()),
            T::Timestamp(..) | T::Date64 if self == Holds::Day => {
                Err("是一个时刻，不是一天，换了时区就会差一天。请写成 date（date32）")
            }
            T::Int8
            | T::Int16
            | T::Int32
            | T::Int64
            | T::UInt8
            | T::UInt16
            | T::UInt32
            | T::UInt64
                if matches!(self, Holds::Digits | Holds::Number | Holds::Whole) =>
            {
                Ok(ty.clone())
            }
            T::Decimal32(_, scale) | T::Decimal64(_, scale) | T::Decimal128(_, scale)
                if self == Holds::Number
                    || *scale == 0 && matches!(self, Holds::Digits | Holds::Whole) =>
            {
                Ok(ty.clone())
            }
            _ => Err(match self {
                Holds::Words => "要文字（string）",
                Holds::Digits => "要文字（string），或者整数",
                Holds::Number => "要 decimal（最多 38 位）、整数，或者文字",
                Holds::Whole => "要整数，或者文字",
                Holds::Day => "要 date（date32），或者 2026-01-31 这样的文字",
                Holds::YesNo => "要 boolean，或者“是”“否”",
            }),
        }
    }
}

/// A type in few words: a hostile one is as long as its file.
fn short(ty: &DataType) -> String {
    let whole = ty.to_string();
    match whole.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &whole[..at]),
        None => whole,
    }
}
