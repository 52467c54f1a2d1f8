//! 「封存之处」 Which column is sealed, and which columns of its row it is bound to.

use super::Secrets;
use crate::error::Result;
use crate::value::{Kind, Value};

/// A sealed column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    /// `table.column`, part of what a value is bound to.
    pub(crate) name: &'static str,
    /// The column in a result.
    pub(crate) column: &'static str,
    /// The columns of the row it is bound to, in this order.
    pub(crate) row: &'static [(&'static str, Kind)],
}

/// Declares sealed columns: `NAME = table.column (key: Kind, …);`.
macro_rules! sealed {
    ($($vis:vis $name:ident = $table:ident . $column:ident ($($key:ident: $kind:ident),+);)*) => {
        $($vis const $name: $crate::seal::Spot = $crate::seal::Spot {
            name: concat!(stringify!($table), ".", stringify!($column)),
            column: stringify!($column),
            row: &[$((stringify!($key), $crate::value::Kind::$kind)),+],
        };)*
    };
}
pub(crate) use sealed;

impl Spot {
    /// What an envelope in this row is bound to: the column's name and each key,
    /// every part after its length.
    pub(crate) fn bound(&self, row: &[Value]) -> Vec<u8> {
        debug_assert_eq!(row.len(), self.row.len(), "{}", self.name);
        let mut bound = Vec::with_capacity(64);
        part(&mut bound, b'c', self.name.as_bytes());
        for value in row {
            match value {
                Value::Int(Some(number)) => part(&mut bound, b'i', &number.to_be_bytes()),
                Value::Text(Some(text)) => part(&mut bound, b't', text.as_bytes()),
                Value::Bytes(Some(bytes)) => part(&mut bound, b'b', bytes),
                Value::Int(None) | Value::Text(None) | Value::Bytes(None) => {
                    part(&mut bound, b'n', b"");
                }
            }
        }
        bound
    }

    /// Seals `plain` into this column of that row.
    pub(crate) fn seal(&self, secrets: &Secrets, row: &[Value], plain: &[u8]) -> Result<Vec<u8>> {
        secrets.seal(&self.bound(row), plain)
    }
}

fn part(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    out.extend_from_slice(bytes);
}
