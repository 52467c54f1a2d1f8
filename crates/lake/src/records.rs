//! 「部门数据入湖」 Departments' records as Parquet, a folder a category: who it is
//! about as a running number, the delivery, the day, and the fields that say nobody's
//! name. Money is in fen, numbers with decimals in millionths.

use crate::error::Result;
use crate::export::{Lines, unwritten, writer};
use crate::lake::Lake;
use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Int64Builder, RecordBatch, StringBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::parquet::arrow::ArrowWriter;
use engine_pool::{Catalogue, Category, FieldType};
use kernel::{DataBatchId, Date, Slug};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

/// Rows written together.
const GROUP: usize = 32_768;

/// As `nuanxin facts` writes it.
#[derive(Debug, Deserialize)]
struct RecordLine {
    person: u64,
    category: Slug,
    delivery: DataBatchId,
    as_of: Date,
    values: BTreeMap<Slug, serde_json::Value>,
}

/// Writes all lines; gives how many there are of each category.
pub(crate) fn write(
    lines: &mut Lines,
    catalogue: &Catalogue,
    persons: u64,
    out: &Path,
) -> Result<BTreeMap<Slug, u64>> {
    let mut files: BTreeMap<Slug, CategoryFile> = BTreeMap::new();
    while let Some(text) = lines.next()? {
        let line: RecordLine = lines.read(&text)?;
        if line.person == 0 || line.person > persons {
            return Err(lines.wrong(&format!("没有第 {} 个人", line.person)));
        }
        if !files.contains_key(&line.category) {
            let category = catalogue.category(&line.category);
            let category = category.ok_or_else(|| lines.wrong(&"目录里没有这类数据"))?;
            files.insert(line.category.clone(), CategoryFile::begin(category, out)?);
        }
        if let Some(file) = files.get_mut(&line.category) {
            file.add(&line).map_err(|why| lines.wrong(&why))?;
        }
    }
    let finished = files.into_iter().map(|(id, file)| Ok((id, file.finish()?)));
    finished.collect()
}

struct CategoryFile {
    fields: Vec<(Slug, FieldType)>,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
    persons: Int64Builder,
    deliveries: Int64Builder,
    days: Date32Builder,
    cells: Vec<Cells>,
    held: usize,
    rows: u64,
}

impl CategoryFile {
    fn begin(category: &Category, out: &Path) -> Result<CategoryFile> {
        let folder = Lake::records(out, &category.id);
        fs::create_dir_all(&folder)?;
        let shown = category
            .fields
            .iter()
            .filter(|field| column(&field.ty).is_some());
        let fields: Vec<_> = shown
            .map(|field| (field.id.clone(), field.ty.clone()))
            .collect();
        let mut columns = vec![
            Field::new("p", DataType::Int64, false),
            Field::new("delivery", DataType::Int64, false),
            Field::new("as_of", DataType::Date32, false),
        ];
        for field in &category.fields {
            if let Some((ty, unit)) = column(&field.ty) {
                let told = [
                    ("label".to_owned(), field.name.clone()),
                    ("unit".to_owned(), unit.to_owned()),
                ];
                let name = field.id.to_string();
                columns.push(Field::new(name, ty, true).with_metadata(told.into()));
            }
        }
        let schema = Arc::new(Schema::new(columns));
        Ok(CategoryFile {
            cells: fields.iter().map(|(_, ty)| Cells::of(ty)).collect(),
            writer: writer(&folder.join("part-00000.parquet"), &schema)?,
            fields,
            schema,
            persons: Int64Builder::new(),
            deliveries: Int64Builder::new(),
            days: Date32Builder::new(),
            held: 0,
            rows: 0,
        })
    }

    fn add(&mut self, line: &RecordLine) -> std::result::Result<(), String> {
        if let Some(id) = line
            .values
            .keys()
            .find(|id| !self.fields.iter().any(|(known, _)| known == *id))
        {
            return Err(format!("“{}”没有字段“{id}”", line.category));
        }
        self.persons.append_value(line.person.cast_signed() - 1);
        self.deliveries.append_value(line.delivery.0);
        self.days.append_value(days(line.as_of));
        for ((id, _), cells) in self.fields.iter().zip(&mut self.cells) {
            cells
                .add(line.values.get(id))
                .map_err(|()| format!("字段“{id}”的值读不懂"))?;
        }
        self.held += 1;
        match self.held >= GROUP {
            true => self.flush().map_err(|why| why.to_string()),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.persons.finish()),
            Arc::new(self.deliveries.finish()),
            Arc::new(self.days.finish()),
        ];
        columns.extend(self.cells.iter_mut().map(Cells::finish));
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        self.rows += self.held as u64;
        self.held = 0;
        self.writer.write(&batch).map_err(unwritten)
    }

    fn finish(mut self) -> Result<u64> {
        self.flush()?;
        self.writer.close().map_err(unwritten)?;
        Ok(self.rows)
    }
}

fn days(day: Date) -> i32 {
    day.signed_duration_since(Date::default()).num_days() as i32
}

/// How a field lies, and in which unit; `None` for what may say who somebody is.
fn column(ty: &FieldType) -> Option<(DataType, &'static str)> {
    match ty {
        FieldType::Money => Some((DataType::Int64, "fen")),
        FieldType::Int => Some((DataType::Int64, "")),
        FieldType::Decimal => Some((DataType::Int64, "millionths")),
        FieldType::Region => Some((DataType::Int64, "region")),
        FieldType::Date => Some((DataType::Date32, "")),
        FieldType::Bool => Some((DataType::Boolean, "")),
        FieldType::Month | FieldType::Code(_) => Some((DataType::Utf8, "")),
        FieldType::Text | FieldType::IdNo | FieldType::Uscc | FieldType::Card => None,
    }
}

enum Cells {
    Whole(Int64Builder),
    Days(Date32Builder),
    Truth(BooleanBuilder),
    Words(StringBuilder),
}

impl Cells {
    fn of(ty: &FieldType) -> Cells {
        match ty {
            FieldType::Date => Cells::Days(Date32Builder::new()),
            FieldType::Bool => Cells::Truth(BooleanBuilder::new()),
            FieldType::Month | FieldType::Code(_) => Cells::Words(StringBuilder::new()),
            _ => Cells::Whole(Int64Builder::new()),
        }
    }

    fn add(&mut self, value: Option<&serde_json::Value>) -> std::result::Result<(), ()> {
        let wrong = || ();
        match self {
            Cells::Whole(all) => {
                let number = value.map(|value| value.as_i64().ok_or_else(wrong));
                all.append_option(number.transpose()?);
            }
            Cells::Truth(all) => {
                let truth = value.map(|value| value.as_bool().ok_or_else(wrong));
                all.append_option(truth.transpose()?);
            }
            Cells::Words(all) => {
                let words = value.map(|value| value.as_str().ok_or_else(wrong));
                all.append_option(words.transpose()?);
            }
            Cells::Days(all) => {
                let day = value.map(|value| {
                    let text = value.as_str().ok_or_else(wrong)?;
                    text.parse::<Date>().map(days).map_err(|_| ())
                });
                all.append_option(day.transpose()?);
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Cells::Whole(all) => Arc::new(all.finish()),
            Cells::Days(all) => Arc::new(all.finish()),
            Cells::Truth(all) => Arc::new(all.finish()),
            Cells::Words(all) => Arc::new(all.finish()),
        }
    }
}
