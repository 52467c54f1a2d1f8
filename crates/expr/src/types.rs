//! 「类型与层级」 What a value is (type) and whom it is about (level).

use crate::{Unit, Value};
use kernel::Slug;
use std::fmt;
use std::sync::Arc;

/// The most decimals a number may have.
pub const SCALE_MAX: u8 = 6;

/// Whom a value is about. Ordered: what is about fewer can be used for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 固定 The same for every household of a region on a day: literals,
    /// parameters, `as_of`.
    Constant,
    /// 家庭 One value per household.
    Household,
    /// 个人 One value per member.
    Person,
    /// 记录 One value per record of a person (inside `records.KIND` aggregates).
    Record,
}

impl Level {
    /// The Chinese word.
    pub fn label(self) -> &'static str {
        match self {
            Level::Constant => "固定值",
            Level::Household => "家庭",
            Level::Person => "个人",
            Level::Record => "记录",
        }
    }
}

/// A member of a code set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CodeMember {
    /// As rules write it after the dot.
    pub id: Slug,
    /// As people read it.
    pub label: String,
}

/// 「代码表」 A closed list of codes, e.g. kinds of disability. Two sets are the
/// same when their ids are.
#[derive(Clone, Debug)]
pub struct CodeSet {
    /// As rules write it before the dot.
    pub id: Slug,
    /// The Chinese name.
    pub label: String,
    /// In declared order; a code's number is its place here.
    pub members: Vec<CodeMember>,
}

impl CodeSet {
    /// The number of a member.
    pub fn number_of(&self, member: &str) -> Option<u16> {
        let place = self.members.iter().position(|m| m.id.as_str() == member)?;
        u16::try_from(place).ok()
    }

    /// The member with a number.
    pub fn member(&self, number: u16) -> Option<&CodeMember> {
        self.members.get(usize::from(number))
    }
}

/// The type of a value.
#[derive(Clone, Debug)]
pub enum Type {
    /// 是否
    Bool,
    /// 数 A fixed-point number with a unit.
    Number {
        /// The unit.
        unit: Unit,
        /// Decimals kept, at most [`SCALE_MAX`].
        scale: u8,
    },
    /// 日期
    Date,
    /// 代码 A member of a code set.
    Code(Arc<CodeSet>),
}

impl Type {
    /// A number of a unit with the unit's usual decimals.
    pub fn number(unit: Unit) -> Type {
        Type::Number {
            unit,
            scale: unit.default_scale(),
        }
    }

    /// The unit of a number.
    pub fn unit(&self) -> Option<Unit> {
        match self {
            Type::Number { unit, .. } => Some(*unit),
            _ => None,
        }
    }

    /// The decimals of a number.
    pub fn scale(&self) -> Option<u8> {
        match self {
            Type::Number { scale, .. } => Some(*scale),
            _ => None,
        }
    }

    /// Whether a value of one may stand where the other is wanted (decimals
    /// aside).
    pub fn agrees_with(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Bool, Type::Bool) | (Type::Date, Type::Date) => true,
            (Type::Number { unit: a, .. }, Type::Number { unit: b, .. }) => a == b,
            (Type::Code(a), Type::Code(b)) => a.id == b.id,
            _ => false,
        }
    }
}

impl Type {
    /// Whether a value is one of this type: a number without more decimals than are
    /// kept, a code of the set.
    pub fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            (Type::Bool, Value::Bool(_)) | (Type::Date, Value::Date(_)) => true,
            (Type::Number { scale, .. }, Value::Number(number)) => {
                number.at_scale(*scale).is_some()
            }
            (Type::Code(set), Value::Code(number)) => set.member(*number).is_some(),
            _ => false,
        }
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        self.agrees_with(other) && self.scale() == other.scale()
    }
}

impl Eq for Type {}

impl fmt::Display for Type {
    /// As a policy officer reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("是否"),
            Type::Number { unit, .. } if unit.is_none() => f.write_str("数（无单位）"),
            Type::Number { unit, .. } => write!(f, "数（{unit}）"),
            Type::Date => f.write_str("日期"),
            Type::Code(set) => write!(f, "代码（{}）", set.label),
        }
    }
}
