//! 「内容」 What is sealed of a record, as bytes: a byte that names the form, then
//! whom or what it is about (where that is no column of the row), the department's
//! number, and the values under their fields' numbers, in postcard. Records kept
//! before this form are JSON and begin with a bracket; they are still read.

use super::names::Dictionary;
use crate::error::{Result, StoreError};
use engine_pool::{Subject, Value};
use kernel::Slug;
use std::collections::BTreeMap;

/// The form below. JSON begins with `[`, which no form's number may be.
const PACKED: u8 = 1;

/// A record's number, which may hold an identity number, and its values by field.
pub(super) type Content = (String, BTreeMap<Slug, Value>);

/// What was opened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opened<T> {
    /// All of it.
    Whole(T),
    /// A number was given after the names were read.
    NewName,
}

/// The bytes of a record. `subject` where no column of its row says it.
pub(super) fn pack(
    subject: Option<&Subject>,
    record_no: &str,
    values: &BTreeMap<Slug, Value>,
    fields: &Dictionary,
) -> Result<Vec<u8>> {
    let numbered: Option<Vec<(i64, &Value)>> = values
        .iter()
        .map(|(field, value)| Some((fields.number(field)?, value)))
        .collect();
    let numbered = numbered.ok_or_else(|| StoreError::fault("a field without a number"))?;
    let packed = postcard::to_extend(&(subject, record_no, numbered), vec![PACKED]);
    packed.map_err(StoreError::fault)
}

/// A registered person's record.
pub(super) fn unpack(bytes: &[u8], fields: &Dictionary) -> Result<Opened<Content>> {
    match bytes.split_first() {
        Some((&PACKED, rest)) => Ok(match named(rest, fields)? {
            Opened::Whole((_, content)) => Opened::Whole(content),
            Opened::NewName => Opened::NewName,
        }),
        _ => Ok(Opened::Whole(
            serde_json::from_slice(bytes).map_err(|_| unreadable())?,
        )),
    }
}

/// A record that says itself whom or what it is about.
pub(super) fn unpack_other(
    bytes: &[u8],
    fields: &Dictionary,
) -> Result<Opened<(Subject, Content)>> {
    match bytes.split_first() {
        Some((&PACKED, rest)) => match named(rest, fields)? {
            Opened::Whole((Some(subject), content)) => Ok(Opened::Whole((subject, content))),
            Opened::Whole((None, _)) => Err(unreadable()),
            Opened::NewName => Ok(Opened::NewName),
        },
        _ => Ok(Opened::Whole(
            serde_json::from_slice(bytes).map_err(|_| unreadable())?,
        )),
    }
}

fn named(bytes: &[u8], fields: &Dictionary) -> Result<Opened<(Option<Subject>, Content)>> {
    type Numbered = (Option<Subject>, String, Vec<(i64, Value)>);
    let (subject, record_no, numbered): Numbered =
        postcard::from_bytes(bytes).map_err(|_| unreadable())?;
    let mut values = BTreeMap::new();
    for (no, value) in numbered {
        let Some(field) = fields.name(no) else {
            return Ok(Opened::NewName);
        };
        values.insert(field.clone(), value);
    }
    Ok(Opened::Whole((subject, (record_no, values))))
}

/// The message may quote what it could not read: that it could not says enough.
fn unreadable() -> StoreError {
    StoreError::fault("a record's content is not what it should be")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary(names: &[&str]) -> Dictionary {
        let mut dictionary = Dictionary::default();
        for (no, name) in (1..).zip(names) {
            dictionary.know(no, name.parse().unwrap());
        }
        dictionary
    }

    fn values() -> BTreeMap<Slug, Value> {
        let value = |field: &str, value: Value| (field.parse().unwrap(), value);
        [
            value("a", Value::Text("甲".to_owned())),
            value("b", Value::Money(kernel::Money::from_fen(-1234))),
            value("c", Value::Int(7)),
            value("d", Value::Decimal(1_500_000)),
            value("e", Value::Date("2026-11-01".parse().unwrap())),
            value("f", Value::Month("2026-11".parse().unwrap())),
            value("g", Value::Bool(true)),
            value("h", Value::Code("spouse".parse().unwrap())),
            value("i", Value::Region("330482000000".parse().unwrap())),
        ]
        .into()
    }

    /// The content of [`values`], as the first program of this form wrote it.
    const LYING: &str = concat!(
        "0100013109020003e794b20401a31306020e0803c08db7010a040a323032362d31312d30310c0507",
        "323032362d31310e060110070673706f75736512080c333330343832303030303030"
    );

    const NAMES: &[&str] = &["a", "b", "c", "d", "e", "f", "g", "h", "i"];

    #[test]
    fn what_is_packed_comes_back() {
        let fields = dictionary(NAMES);
        let packed = pack(None, "01-7", &values(), &fields).unwrap();
        let whole = Opened::Whole(("01-7".to_owned(), values()));
        assert_eq!(unpack(&packed, &fields).unwrap(), whole);
        let place = Subject::Place("330482000000".parse().unwrap());
        let packed = pack(Some(&place), "01-7", &values(), &fields).unwrap();
        let whole = Opened::Whole((place, ("01-7".to_owned(), values())));
        assert_eq!(unpack_other(&packed, &fields).unwrap(), whole);
    }

    /// Bytes that lie in databases: a kind of value moved or renumbered would be read
    /// as another.
    #[test]
    fn the_form_stays_as_it_lies_on_disk() {
        let packed = pack(None, "1", &values(), &dictionary(NAMES)).unwrap();
        let hex: String = packed.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, LYING);
    }

    #[test]
    fn what_json_kept_is_still_read() {
        let old = serde_json::to_vec(&("01-7", values())).unwrap();
        let whole = Opened::Whole(("01-7".to_owned(), values()));
        assert_eq!(unpack(&old, &Dictionary::default()).unwrap(), whole);
    }

    #[test]
    fn a_field_numbered_since_is_no_missing_field() {
        let packed = pack(None, "1", &values(), &dictionary(NAMES)).unwrap();
        assert_eq!(
            unpack(&packed, &dictionary(&["a"])).unwrap(),
            Opened::NewName
        );
        assert!(unpack(&packed[..9], &dictionary(NAMES)).is_err());
        assert!(unpack(b"", &dictionary(NAMES)).is_err());
    }
}
