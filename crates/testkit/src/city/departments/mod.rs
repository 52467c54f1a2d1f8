//! 「部门」 What each department holds about a resident, derived from what is true
//! of them. One function a category; what happens to few and bears on nothing is
//! invented from the category's own fields. The same functions write the files
//! and answer questions, so that both agree (but for planted contradictions).

mod aid;
mod companies;
mod daily;
mod health;
mod life;
mod people;
mod property;
mod rare;
mod work;

pub(crate) use work::{pension_benefit, register_unemployed};

use super::City;
use super::cell::{Cell, Row};
use super::dice::mix;
use super::household::Household;
use super::person::Person;
use engine_pool::{Category, FieldType};
use kernel::{Date, Period, Uscc};

/// How a category comes about.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// From what is true of a person.
    Person(fn(&mut Sheet<'_>, &Person)),
    /// Of a company, a school, an institution.
    Organisation(fn(&mut Sheet<'_>)),
    /// Now and then, to some of those it may happen to.
    Rare(rare::Rare),
}

/// Where a category comes from; `None` when the city knows nothing of it.
pub(crate) fn source(category: &str) -> Option<Source> {
    [
        aid::SOURCES,
        people::SOURCES,
        life::SOURCES,
        work::SOURCES,
        companies::SOURCES,
        health::SOURCES,
        property::SOURCES,
        daily::SOURCES,
        rare::SOURCES,
    ]
    .into_iter()
    .flatten()
    .find(|(id, _)| *id == category)
    .map(|(_, source)| *source)
}

/// Every record of a category on a day.
pub(crate) fn whole(city: &City, category: &Category, source: Source, as_of: Date) -> Vec<Row> {
    let mut sheet = Sheet::new(city, category, as_of);
    sheet.everyone(source);
    sheet.rows
}

/// The records of one category being drawn up.
pub(crate) struct Sheet<'a> {
    pub(crate) city: &'a City,
    pub(crate) category: &'a Category,
    /// Up to when the department looks.
    pub(crate) as_of: Date,
    pub(crate) rows: Vec<Row>,
    /// Fields named here that the category does not have: a mistake of ours.
    pub(crate) unknown: Vec<&'static str>,
    serial: u32,
    last_key: u64,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(city: &'a City, category: &'a Category, as_of: Date) -> Self {
        Sheet {
            city,
            category,
            as_of,
            rows: Vec::new(),
            unknown: Vec::new(),
            serial: 0,
            last_key: u64::MAX,
        }
    }

    /// Draws up everybody's records.
    pub(crate) fn everyone(&mut self, source: Source) {
        match source {
            Source::Organisation(emit) => emit(self),
            _ => {
                let city = self.city;
                for person in &city.people {
                    self.person(source, person);
                }
            }
        }
    }

    /// Draws up the records of one person.
    pub(crate) fn person(&mut self, source: Source, person: &Person) {
        match source {
            Source::Person(emit) => emit(self, person),
            Source::Rare(rare) => rare::happen(self, person, rare),
            Source::Organisation(_) => {}
        }
    }

    /// A record about a person; none when its day is still to come, or lies
    /// before the person's birth.
    pub(crate) fn push(&mut self, person: &Person, about: Date, cells: &[(&'static str, Cell)]) {
        if about < person.born {
            return;
        }
        let key = Cell::Person(person.number);
        self.row(key, u64::from(person.index), about, cells);
    }

    /// A record about the present state of a person.
    pub(crate) fn state(&mut self, person: &Person, cells: &[(&'static str, Cell)]) {
        self.push(person, self.as_of, cells);
    }

    /// A record about an organisation.
    pub(crate) fn organisation(&mut self, code: Uscc, nth: u32, cells: &[(&'static str, Cell)]) {
        self.row(Cell::Organisation(code), u64::from(nth), self.as_of, cells);
    }

    fn row(&mut self, key: Cell, nth: u64, about: Date, cells: &[(&'static str, Cell)]) {
        if about > self.as_of {
            return;
        }
        let mut columns = vec![Cell::Empty; self.category.fields.len()];
        for (id, cell) in cells {
            let mut fields = self.category.fields.iter();
            match fields.position(|field| field.id.as_str() == *id) {
                Some(at) => columns[at] = cell.clone(),
                None => self.unknown.push(id),
            }
        }
        self.finish(key, nth, about, columns);
    }

    /// A record whose cells are in the order of the fields already.
    fn finish_invented(&mut self, person: &Person, about: Date, cells: Vec<Cell>) {
        if about < person.born {
            return;
        }
        let key = Cell::Person(person.number);
        self.finish(key, u64::from(person.index), about, cells);
    }

    fn finish(&mut self, key: Cell, nth: u64, about: Date, cells: Vec<Cell>) {
        let again = self.last_key == nth;
        self.serial = if again { self.serial + 1 } else { 1 };
        self.last_key = nth;
        self.rows.push(Row {
            key,
            record_no: record_no(self.city.seed, self.category.no, nth, self.serial),
            about: Cell::Date(about),
            cells,
        });
    }

    /// The last whole month.
    pub(crate) fn month(&self) -> Period {
        let month = Period::of(self.as_of);
        if month.last_day() == self.as_of {
            month
        } else {
            month.plus_months(-1)
        }
    }

    /// A number that depends on the person, the category and the salt.
    pub(crate) fn roll(&self, person: &Person, salt: u64) -> u64 {
        let salt = salt * 1_000 + u64::from(self.category.no);
        mix(self.city.seed, u64::from(person.index), salt)
    }

    /// Whether something of that rate (per 10,000) is so.
    pub(crate) fn is(&self, person: &Person, salt: u64, per_10_000: u64) -> bool {
        self.roll(person, salt) % 10_000 < per_10_000
    }

    /// Whole yuan between two amounts, in fen.
    pub(crate) fn yuan(&self, person: &Person, salt: u64, low: i64, high: i64) -> Cell {
        Cell::Money(self.fen(person, salt, low, high))
    }

    pub(crate) fn fen(&self, person: &Person, salt: u64, low: i64, high: i64) -> i64 {
        let width = (high - low + 1).unsigned_abs();
        (low + (self.roll(person, salt) % width) as i64) * 100
    }

    /// A day of the past, counted from the day the city was built.
    pub(crate) fn past(&self, person: &Person, salt: u64, low: u64, high: u64) -> Date {
        let days = low + self.roll(person, salt) % (high - low + 1);
        self.city.today - chrono::Days::new(days)
    }

    pub(crate) fn age(&self, person: &Person) -> u32 {
        person.age(self.city.today)
    }

    pub(crate) fn home(&self, person: &Person) -> &'a Household {
        &self.city.households[person.household as usize]
    }

    /// Registered here and still counted: alive, not moved away.
    pub(crate) fn registered(&self, person: &Person) -> bool {
        use super::person::Fate;
        !self.home(person).on_permit && !matches!(person.fate, Fate::Died(_) | Fate::MovedOut(_))
    }

    /// The household's first member that is at home: who the meters run on.
    pub(crate) fn keeps_the_house(&self, person: &Person) -> bool {
        let home = self.home(person);
        let members = &self.city.people[home.first as usize..(home.first + home.size) as usize];
        members.iter().find(|p| p.present()).map(|p| p.index) == Some(person.index)
    }

    /// The other's number.
    pub(crate) fn number_of(&self, index: Option<u32>) -> Cell {
        let person = index.and_then(|index| self.city.people.get(index as usize));
        person.map_or(Cell::Empty, |person| Cell::Person(person.number))
    }

    /// A field's type.
    pub(crate) fn field_type(&self, at: usize) -> Option<&'a FieldType> {
        self.category.fields.get(at).map(|field| &field.ty)
    }
}

pub(crate) fn text(words: impl Into<String>) -> Cell {
    Cell::Text(words.into())
}

/// Whole yuan in fen.
pub(crate) const fn yuan(amount: i64) -> i64 {
    amount * 100
}

pub(crate) fn year(day: Date) -> Cell {
    use chrono::Datelike;
    Cell::Int(i64::from(day.year()))
}

/// The department's own number of a record. It tells the category and nothing
/// about the person.
pub(crate) fn record_no(seed: u64, category: u32, nth: u64, serial: u32) -> String {
    let token = mix(seed, u64::from(category), nth) >> 32;
    format!("{category:03}{token:08X}{nth:08}{serial:02}")
}
