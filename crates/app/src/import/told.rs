//! 「部门说的」 What one record tells the register, its names resolved by the pack:
//! who lives where with whom, who died, was born, left.

use super::register::Resident;
use engine_pool::{Record, Subject, Value};
use kernel::{Date, PersonName, PersonNumber, Slug};
use packs::{RegisterSays, RegisterSource};

/// One record of a category the register is taken from.
#[derive(Clone)]
pub(super) enum Told {
    /// Lives here.
    Resident(Resident),
    /// Something happened to a person.
    Happened(Happened),
}

/// Something that happened to a person on a day.
#[derive(Clone)]
pub(super) struct Happened {
    pub(super) record_no: String,
    pub(super) number: PersonNumber,
    pub(super) day: Date,
    pub(super) as_of: Date,
    pub(super) what: What,
}

/// What happened.
#[derive(Clone)]
pub(super) enum What {
    Died,
    Left,
    Born {
        name: PersonName,
        mother: PersonNumber,
    },
    /// The certificate of a birth was withdrawn.
    Unborn {
        mother: PersonNumber,
    },
}

impl Told {
    /// Reads a record; `None` when it tells the register nothing (a move that is
    /// none, a birth without a name yet).
    ///
    /// # Errors
    /// Why it cannot be read, in words.
    pub(super) fn read(source: &RegisterSource, record: &Record) -> Result<Option<Told>, String> {
        let Subject::Person(number) = &record.subject else {
            return Err("不是个人的记录".into());
        };
        let date = |field: &Slug| match record.get(field.as_str()) {
            Some(Value::Date(day)) => Ok(*day),
            _ => Err(format!("{field} 不是日期")),
        };
        let (day, what) = match &source.says {
            RegisterSays::Residents(fields) => {
                return Resident::read(fields, record).map(|one| Some(Told::Resident(one)));
            }
            RegisterSays::Deaths { date: field } => (date(field)?, What::Died),
            RegisterSays::Departures {
                date: field,
                kind,
                leaves,
            } => match record.get(kind.as_str()) {
                Some(Value::Code(code)) if leaves.contains(code) => (date(field)?, What::Left),
                _ => return Ok(None),
            },
            RegisterSays::Births {
                date: field,
                name,
                mother,
                state,
                void,
            } => {
                let stands = state.as_ref().and_then(|state| record.get(state.as_str()));
                if let (Some(Value::Code(code)), Some(Value::Person(mother))) =
                    (stands, record.get(mother.as_str()))
                    && void.contains(code)
                {
                    let mother = *mother;
                    return Ok(Some(happened(
                        record,
                        *number,
                        (date(field)?, What::Unborn { mother }),
                    )));
                }
                let (Some(Value::Text(name)), Some(Value::Person(mother))) =
                    (record.get(name.as_str()), record.get(mother.as_str()))
                else {
                    return Ok(None);
                };
                let name = name.parse::<PersonName>().map_err(|why| why.to_string())?;
                let mother = *mother;
                (date(field)?, What::Born { name, mother })
            }
        };
        Ok(Some(happened(record, *number, (day, what))))
    }
}

fn happened(record: &Record, number: PersonNumber, (day, what): (Date, What)) -> Told {
    Told::Happened(Happened {
        record_no: record.record_no.clone(),
        number,
        day,
        as_of: record.as_of,
        what,
    })
}
