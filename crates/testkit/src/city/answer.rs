//! 「部门答复」 What a department says when it is asked about one person. The
//! simulators serve this over HTTP; how they sign, fail or keep silent is theirs.

use super::City;
use super::cell::{Cell, Row};
use super::departments::{Sheet, source};
use crate::departments::{DepartmentData, DepartmentRecord, Held};
use engine_pool::{Catalogue, Category};
use kernel::{Date, PersonNumber, Slug};
use serde_json::{Map, Value};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

impl City {
    /// What the department of this category holds about a person, looking up to
    /// `as_of`: objects with `id_no`, `record_no`, `as_of` and the category's
    /// fields (amounts as text, empty fields left out). Empty: no record. Agrees
    /// with the files but for what was planted there on purpose.
    pub fn answer(
        &self,
        category: &Category,
        number: &PersonNumber,
        as_of: Date,
    ) -> Vec<Map<String, Value>> {
        let rows = self.rows(category, number, as_of);
        rows.iter().map(|row| object(category, row)).collect()
    }

    fn rows(&self, category: &Category, number: &PersonNumber, as_of: Date) -> Vec<Row> {
        let (Some(person), Some(source)) = (self.find(number), source(category.id.as_str())) else {
            return Vec::new();
        };
        let mut sheet = Sheet::new(self, category, as_of);
        sheet.person(source, person);
        sheet.rows
    }
}

/// A record as a JSON object.
pub(crate) fn object(category: &Category, row: &Row) -> Map<String, Value> {
    let key = category.keyed_by.column().0;
    let ids = category.fields.iter().map(|field| field.id.as_str());
    let names = [
        key,
        engine_pool::config::RECORD_NO.0,
        engine_pool::config::AS_OF.0,
    ];
    let mut object = Map::new();
    for (name, cell) in names.into_iter().chain(ids).zip(row.columns()) {
        if cell != Cell::Empty {
            object.insert(name.to_owned(), cell.json());
        }
    }
    object
}

/// All departments of a catalogue, answering out of one city.
#[derive(Debug)]
pub struct CityDepartments {
    city: City,
    catalogue: Catalogue,
    /// The category that was drawn up last: its pages are asked for one after another.
    drawn: Mutex<Option<Drawn>>,
}

type Drawn = (Slug, Date, Arc<Vec<Row>>);

impl CityDepartments {
    /// The departments of this city.
    pub fn new(city: City, catalogue: Catalogue) -> Self {
        CityDepartments {
            city,
            catalogue,
            drawn: Mutex::default(),
        }
    }

    /// The city.
    pub fn city(&self) -> &City {
        &self.city
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Every record of a category on a day, drawn up once for all its pages.
    fn all(&self, category: &Category, as_of: Date) -> Option<Arc<Vec<Row>>> {
        let source = source(category.id.as_str())?;
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        match &*drawn {
            Some((id, day, rows)) if *id == category.id && *day == as_of => Some(rows.clone()),
            _ => {
                let rows = Arc::new(super::departments::whole(
                    &self.city, category, source, as_of,
                ));
                *drawn = Some((category.id.clone(), as_of, rows.clone()));
                Some(rows)
            }
        }
    }

    /// What is held about a person; `None` when no department has the category.
    pub fn answer(
        &self,
        category: &Slug,
        number: &PersonNumber,
        as_of: Date,
    ) -> Option<Vec<Map<String, Value>>> {
        let category = self.catalogue.category(category)?;
        Some(self.city.answer(category, number, as_of))
    }
}

impl DepartmentData for CityDepartments {
    fn answer(&self, category: &str, person: &str, as_of: Date) -> Option<Vec<DepartmentRecord>> {
        let category = self.catalogue.category(&category.parse().ok()?)?;
        // A number that is none is nobody's: looked, and nothing found.
        let Ok(number) = person.parse() else {
            return Some(Vec::new());
        };
        let rows = self.city.rows(category, &number, as_of);
        Some(rows.into_iter().map(|row| record(category, row)).collect())
    }

    fn records(&self, category: &str, as_of: Date, range: Range<usize>) -> Option<Held> {
        let category = self.catalogue.category(&category.parse().ok()?)?;
        let all = self.all(category, as_of)?;
        let rows = all.iter().skip(range.start).take(range.len());
        let text = |row: &Row| {
            let names = engine_pool::gate::column_ids(category);
            let cells = names.into_iter().zip(row.columns());
            cells
                .filter(|(_, cell)| *cell != Cell::Empty)
                .map(|(name, cell)| (name.to_owned(), cell.text()))
                .collect()
        };
        Some(Held {
            rows: rows.map(text).collect(),
            total: all.len(),
        })
    }
}

/// A record as the simulators serve it.
fn record(category: &Category, row: Row) -> DepartmentRecord {
    let filled = |cell: &Cell| *cell != Cell::Empty;
    let fields = category.fields.iter().zip(&row.cells);
    DepartmentRecord {
        record_no: row.record_no,
        as_of: match row.about {
            Cell::Date(day) => day,
            _ => Date::MIN,
        },
        fields: fields
            .filter(|(_, cell)| filled(cell))
            .map(|(field, cell)| (field.id.to_string(), cell.text()))
            .collect(),
    }
}
