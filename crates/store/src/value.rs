//! 「值」 What goes into a statement and what comes out. Three kinds only, whole
//! numbers, text and bytes, because on those both databases agree: money is
//! fen, a moment is microseconds since 1970 UTC, a day and a month are ISO
//! text, JSON is the very text that was written (its digest must not change).
//! Absent on purpose: floats, database dates, JSONB (docs/decisions/0010).

use crate::dialect::Cells;
use crate::error::{Result, StoreError};
use crate::seal::{Secrets, Spot};
use kernel::{Date, Instant, Money, Period, RegionCode, Slug};
use std::sync::Arc;

/// One argument or one column; a null knows its kind, since PostgreSQL asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Value {
    /// The number; null for any other kind.
    pub(crate) fn int(&self) -> Option<i64> {
        match self {
            Value::Int(inner) => *inner,
            _ => None,
        }
    }

    /// The text; null for any other kind.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(inner) => inner.as_deref(),
            _ => None,
        }
    }

    /// The bytes; null for any other kind.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Bytes(inner) => inner.as_deref(),
            _ => None,
        }
    }
}

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Bytes,
}

impl Kind {
    pub(crate) fn null(self) -> Value {
        match self {
            Kind::Int => Value::Int(None),
            Kind::Text => Value::Text(None),
            Kind::Bytes => Value::Bytes(None),
        }
    }
}

/// Can be an argument.
pub(crate) trait ToValue {
    const KIND: Kind;
    fn to_value(&self) -> Value;
}

/// Can be read from a column of the kind.
pub(crate) trait FromValue: ToValue + Sized {
    /// From a non-null value; `None` when it cannot be one.
    fn from_value(value: Value) -> Option<Self>;
}

impl<T: ToValue + ?Sized> ToValue for &T {
    const KIND: Kind = T::KIND;
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    const KIND: Kind = T::KIND;
    fn to_value(&self) -> Value {
        self.as_ref().map_or(T::KIND.null(), T::to_value)
    }
}

/// Declares how a type is kept: `kind, to, from`.
macro_rules! kept {
    ($($type:ty: $kind:ident, $to:expr, $from:expr;)*) => {$(
        impl ToValue for $type {
            const KIND: Kind = Kind::$kind;
            fn to_value(&self) -> Value {
                let to: fn(&$type) -> _ = $to;
                Value::$kind(Some(to(self)))
            }
        }
        impl FromValue for $type {
            fn from_value(value: Value) -> Option<Self> {
                let from: fn(_) -> Option<$type> = $from;
                match value {
                    Value::$kind(Some(inner)) => from(inner),
                    _ => None,
                }
            }
        }
    )*};
}

kept! {
    i64: Int, |v| *v, Some;
    i32: Int, |v| i64::from(*v), |v: i64| v.try_into().ok();
    u32: Int, |v| i64::from(*v), |v: i64| v.try_into().ok();
    u16: Int, |v| i64::from(*v), |v: i64| v.try_into().ok();
    u8: Int, |v| i64::from(*v), |v: i64| v.try_into().ok();
    bool: Int, |v| i64::from(*v), |v: i64| match v { 0 => Some(false), 1 => Some(true), _ => None };
    Money: Int, |v| v.fen(), |v| Some(Money::from_fen(v));
    Instant: Int, |v| v.timestamp_micros(), Instant::from_timestamp_micros;
    RegionCode: Int, |v| v.as_u64() as i64, |v: i64| RegionCode::from_u64(u64::try_from(v).ok()?).ok();
    String: Text, |v| v.clone(), Some;
    Slug: Text, |v| v.as_str().to_owned(), |v: String| v.parse().ok();
    Date: Text, |v| v.format("%Y-%m-%d").to_string(), |v: String| v.parse().ok();
    Period: Text, |v| v.to_string(), |v: String| v.parse().ok();
    Vec<u8>: Bytes, |v| v.clone(), Some;
    [u8; 16]: Bytes, |v| v.to_vec(), |v: Vec<u8>| v.try_into().ok();
    [u8; 32]: Bytes, |v| v.to_vec(), |v: Vec<u8>| v.try_into().ok();
}

impl ToValue for str {
    const KIND: Kind = Kind::Text;
    fn to_value(&self) -> Value {
        Value::Text(Some(self.to_owned()))
    }
}

impl ToValue for [u8] {
    const KIND: Kind = Kind::Bytes;
    fn to_value(&self) -> Value {
        Value::Bytes(Some(self.to_vec()))
    }
}

macro_rules! kept_ids {
    ($($id:ident),* $(,)?) => { kept! { $(kernel::$id: Int, |v| v.0, |v| Some(kernel::$id(v));)* } };
}

kept_ids!(
    PersonId,
    HouseholdId,
    DataBatchId,
    CaseId,
    VerificationId,
    AuthorisationId,
    DecisionId,
    EntitlementId,
    ObligationId,
    PaymentBatchId,
    AccountId,
    TransferId,
    MessageId,
    FindingId,
    DocumentId,
    OrderId,
    ProviderId,
    FundOrgId,
    MergeId,
    PlaceId,
    AssessmentId,
    BookingId,
    ChainId,
    StockId,
    BodyId,
    DrawId,
    ReportId,
    LifeEventId,
);

/// The arguments of a statement, `$1` first.
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::value::ToValue::to_value(&$value)),*]
    };
}
pub(crate) use args;

/// The keys of a row a sealed value is bound to, in the order declared.
macro_rules! row {
    ($($value:expr),* $(,)?) => {
        [$($crate::value::ToValue::to_value(&$value)),*]
    };
}
pub(crate) use row;

fn read<T: FromValue>(row: &Row, name: &str) -> Result<Option<T>> {
    let value = row.cells.value(name, T::KIND)?;
    if value == T::KIND.null() {
        return Ok(None);
    }
    T::from_value(value)
        .map(Some)
        .ok_or_else(|| StoreError::fault(format!("column {name} holds what it must not")))
}

/// One row of a result, by name.
pub(crate) struct Row {
    cells: Cells,
    secrets: Arc<Secrets>,
}

impl Row {
    pub(crate) fn new(cells: Cells, secrets: &Arc<Secrets>) -> Row {
        let secrets = Arc::clone(secrets);
        Row { cells, secrets }
    }

    /// The column of that name; null is a fault.
    pub(crate) fn get<T: FromValue>(&self, name: &str) -> Result<T> {
        read(self, name)?.ok_or_else(|| StoreError::fault(format!("column {name} is null")))
    }

    /// The column of that name, which may be null.
    pub(crate) fn maybe<T: FromValue>(&self, name: &str) -> Result<Option<T>> {
        read(self, name)
    }

    /// JSON text read into `T`.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T> {
        let text: String = self.get(name)?;
        serde_json::from_str(&text)
            .map_err(|error| StoreError::fault(format!("column {name}: {error}")))
    }

    /// A sealed column, opened as the value of this row and no other.
    pub(crate) fn unsealed(&self, spot: &Spot) -> Result<Vec<u8>> {
        let envelope: Vec<u8> = self.get(spot.column)?;
        self.open(spot, &envelope)
    }

    /// A sealed column that may be null.
    pub(crate) fn unsealed_some(&self, spot: &Spot) -> Result<Option<Vec<u8>>> {
        let envelope = self.maybe::<Vec<u8>>(spot.column)?;
        envelope
            .map(|envelope| self.open(spot, &envelope))
            .transpose()
    }

    /// A sealed text that may be null.
    pub(crate) fn unsealed_text(&self, spot: &Spot) -> Result<Option<String>> {
        let text = self.unsealed_some(spot)?.map(String::from_utf8);
        text.transpose().map_err(StoreError::fault)
    }

    /// Sealed JSON read into `T`.
    pub(crate) fn unsealed_json<T: serde::de::DeserializeOwned>(&self, spot: &Spot) -> Result<T> {
        // The message may quote what it could not read: its place says enough.
        serde_json::from_slice(&self.unsealed(spot)?)
            .map_err(|_| StoreError::fault(format!("{} is not what it should be", spot.name)))
    }

    fn open(&self, spot: &Spot, envelope: &[u8]) -> Result<Vec<u8>> {
        let keys = spot.row.iter();
        let row = keys.map(|(name, kind)| self.cells.value(name, *kind));
        let bound = spot.bound(&row.collect::<Result<Vec<_>>>()?);
        self.secrets.open(spot.name, &bound, envelope)
    }
}

/// JSON text of a value: what is stored and what is digested are the same bytes.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    Ok(serde_json::to_string(value)?)
}
