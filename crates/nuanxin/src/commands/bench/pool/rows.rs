//! 「造行」 A department's rows about everybody as text, in the order of identity
//! numbers and not of ours; and the same rows through the gate.

use chrono::NaiveDate;
use engine_pool::gate::column_ids;
use engine_pool::{Category, FieldType, Header, validate_row};
use kernel::{CitizenId, Date, PersonId};
use std::sync::Arc;
use store::StoredRecord;
use tokio::sync::mpsc;

/// Rows handed over at once.
const PIECE: i64 = 20_000;

/// One category's delivery.
#[derive(Clone)]
pub(super) struct Making {
    categories: Arc<Vec<Category>>,
    at: usize,
    residents: i64,
}

impl Making {
    pub(super) fn new(categories: &Arc<Vec<Category>>, at: usize, residents: i64) -> Self {
        Making {
            categories: Arc::clone(categories),
            at,
            residents,
        }
    }

    /// The number of the category, small and fixed.
    pub(super) fn category(&self) -> i64 {
        i64::try_from(self.at).unwrap_or_default() + 1
    }

    /// The rows judged by the gate, made on a thread of their own.
    pub(super) fn records(&self) -> mpsc::Receiver<Vec<StoredRecord>> {
        self.pieces(|category, header, person, cells| {
            let record = validate_row(category, header, 2, cells, day()).ok()?;
            Some(StoredRecord {
                person: Some(PersonId(person)),
                record,
            })
        })
    }

    /// The rows as somebody keeps them by hand: number of the person, of the record,
    /// and the cells as one JSON text.
    pub(super) fn plain(&self) -> mpsc::Receiver<Vec<(i64, String, String)>> {
        self.pieces(|category, _, person, cells| {
            let named = column_ids(category).into_iter().zip(cells);
            let named: serde_json::Map<String, serde_json::Value> = named
                .skip(3)
                .map(|(name, cell)| (name.to_owned(), cell.clone().into()))
                .collect();
            let text = serde_json::Value::Object(named).to_string();
            Some((person, cells.get(1)?.clone(), text))
        })
    }

    fn pieces<T: Send + 'static>(
        &self,
        make: impl Fn(&Category, &Header, i64, &[String]) -> Option<T> + Send + 'static,
    ) -> mpsc::Receiver<Vec<T>> {
        let (sender, receiver) = mpsc::channel(2);
        let own = self.clone();
        std::thread::spawn(move || {
            let Some(category) = own.categories.get(own.at) else {
                return;
            };
            let header = Header::agreed(category);
            // A department's order: everybody once, neighbours here far apart there.
            let step = stride(own.residents);
            let mut piece = Vec::new();
            for turn in 0..own.residents {
                let person = 1 + (turn * step) % own.residents;
                let cells = cells(category, own.at, person);
                piece.extend(make(category, &header, person, &cells));
                if i64::try_from(piece.len()).unwrap_or(PIECE) >= PIECE
                    && sender.blocking_send(std::mem::take(&mut piece)).is_err()
                {
                    return;
                }
            }
            // Whoever listened may be gone: then nobody misses the rest.
            sender.blocking_send(piece).ok();
        });
        receiver
    }
}

/// A step that meets everybody once: no divisor in common with `residents`.
fn stride(residents: i64) -> i64 {
    let mut step = 65_537 % residents.max(2);
    while step == 0 || divisor(step, residents) != 1 {
        step += 1;
    }
    step
}

fn divisor(one: i64, other: i64) -> i64 {
    if other == 0 {
        one
    } else {
        divisor(other, one % other)
    }
}

/// The day of every row, and of the delivery.
fn day() -> Date {
    NaiveDate::from_ymd_opt(2026, 11, 1).unwrap_or_default()
}

/// A plainly invented number (99…), of its own for everybody below ten million.
fn number_of(person: i64) -> String {
    let people = u32::try_from(person).unwrap_or_default();
    let born = NaiveDate::from_yo_opt(
        1940 + i32::try_from(people % 70).unwrap_or(0),
        1 + people / 70 % 365,
    );
    let (rest, born) = (people / (70 * 365), born.unwrap_or_else(day));
    let sequence = u16::try_from(1 + rest % 900).unwrap_or(1);
    CitizenId::build(990_000 + rest / 900, born, sequence)
        .map(|number| number.reveal().to_owned())
        .unwrap_or_default()
}

/// The cells of a row in the agreed order.
fn cells(category: &Category, at: usize, person: i64) -> Vec<String> {
    let mut cells = vec![
        number_of(person),
        format!("{:02}-{person:08}", at + 1),
        day().to_string(),
    ];
    cells.extend(category.fields.iter().map(|field| cell(&field.ty, person)));
    cells
}

fn cell(ty: &FieldType, person: i64) -> String {
    let some = |most: i64| (person * 31) % most;
    match ty {
        FieldType::Text => format!("甲{}", some(10_000)),
        FieldType::Money => format!("{}.{:02}", some(9_000), some(100)),
        FieldType::Int => some(12).to_string(),
        FieldType::Decimal => format!("{}.5", some(300)),
        FieldType::Date => format!("{}-06-01", 2000 + some(26)),
        FieldType::Month => format!("2026-{:02}", 1 + some(10)),
        FieldType::Bool => "是".to_owned(),
        FieldType::Code(codes) => {
            let wanted = usize::try_from(some(7)).unwrap_or(0) % codes.len().max(1);
            codes
                .keys()
                .nth(wanted)
                .map(ToString::to_string)
                .unwrap_or_default()
        }
        FieldType::Region => "330482000000".to_owned(),
        FieldType::IdNo => number_of(person),
        FieldType::Uscc | FieldType::Card => String::new(),
    }
}
