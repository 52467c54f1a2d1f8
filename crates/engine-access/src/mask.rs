//! 「遮盖」 Fields are shown, masked or left out on the server; what the reader may
//! not see never leaves it.

use crate::model::Permit;
use kernel::FieldLevel;

/// How a value is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// 列表 Many people at once.
    List,
    /// 详情 One record, for the purpose of the permit.
    Detail,
}

/// What the reader gets of a value: all of it, its last four characters, or
/// `None`: the field is not there. Lists show contact data and above masked and
/// L4 not at all, whoever reads; a detail shows in full up to the permit's level.
pub fn show(value: &str, level: FieldLevel, view: View, permit: &Permit) -> Option<String> {
    let ceiling = match view {
        View::List => permit.level.min(FieldLevel::L1),
        View::Detail => permit.level,
    };
    match level {
        level if level <= ceiling => Some(value.to_owned()),
        FieldLevel::L4 => None,
        FieldLevel::L2 | FieldLevel::L3 => Some(last_four(value)),
        FieldLevel::L0 | FieldLevel::L1 => None,
    }
}

/// The last four characters, the rest as `*`. A value of at most eight characters
/// shows nothing of itself: four of eight would be half the secret.
pub fn last_four(value: &str) -> String {
    let count = value.chars().count();
    if count <= 8 {
        return "****".to_owned();
    }
    let tail: String = value.chars().skip(count - 4).collect();
    format!("****{tail}")
}
