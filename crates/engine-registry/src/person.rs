//! 「人」 A natural person and every version of what the register knows of them.

use crate::config::Config;
use crate::version::{Version, standing};
use kernel::{Date, Mobile, PersonId, PersonName, PersonNumber, RegionCode, Sex};
use serde::{Deserialize, Serialize};

/// A fact about a person, typed by its field.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonFact {
    /// 姓名
    Name(PersonName),
    /// 证件号码
    Number(PersonNumber),
    /// 性别
    Sex(Sex),
    /// 出生日期
    Born(Date),
    /// 死亡日期
    Died(Date),
    /// 户籍地
    HukouRegion(RegionCode),
    /// 居住地
    HomeRegion(RegionCode),
    /// 住址, without the region's names.
    Address(String),
    /// 手机号
    Mobile(Mobile),
}

impl std::fmt::Debug for PersonFact {
    /// The field only: what it says stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}(…)", self.field())
    }
}

/// The field of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonField {
    /// 姓名
    Name,
    /// 证件号码
    Number,
    /// 性别
    Sex,
    /// 出生日期
    Born,
    /// 死亡日期
    Died,
    /// 户籍地
    HukouRegion,
    /// 居住地
    HomeRegion,
    /// 住址
    Address,
    /// 手机号
    Mobile,
}

impl PersonField {
    /// The word a person sees.
    pub fn label(self) -> &'static str {
        match self {
            PersonField::Name => "姓名",
            PersonField::Number => "证件号码",
            PersonField::Sex => "性别",
            PersonField::Born => "出生日期",
            PersonField::Died => "死亡日期",
            PersonField::HukouRegion => "户籍地",
            PersonField::HomeRegion => "居住地",
            PersonField::Address => "住址",
            PersonField::Mobile => "手机号",
        }
    }
}

impl PersonFact {
    /// Its field.
    pub fn field(&self) -> PersonField {
        match self {
            PersonFact::Name(_) => PersonField::Name,
            PersonFact::Number(_) => PersonField::Number,
            PersonFact::Sex(_) => PersonField::Sex,
            PersonFact::Born(_) => PersonField::Born,
            PersonFact::Died(_) => PersonField::Died,
            PersonFact::HukouRegion(_) => PersonField::HukouRegion,
            PersonFact::HomeRegion(_) => PersonField::HomeRegion,
            PersonFact::Address(_) => PersonField::Address,
            PersonFact::Mobile(_) => PersonField::Mobile,
        }
    }
}

/// A person of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The entry's number.
    pub id: PersonId,
    /// Every version of every fact, in the order they were written down.
    pub versions: Vec<Version<PersonFact>>,
    /// The entry this one was merged into.
    pub merged_into: Option<PersonId>,
}

impl Person {
    /// The version of a field that counts.
    pub fn standing(&self, field: PersonField, config: &Config) -> Option<&Version<PersonFact>> {
        let of_field = self.versions.iter().filter(|v| v.fact.field() == field);
        standing(of_field, config.trusted(field))
    }

    /// The name that counts.
    pub fn name(&self, config: &Config) -> Option<&PersonName> {
        match &self.standing(PersonField::Name, config)?.fact {
            PersonFact::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The number that counts.
    pub fn number(&self, config: &Config) -> Option<PersonNumber> {
        match &self.standing(PersonField::Number, config)?.fact {
            PersonFact::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The birth date: stated, else as the number says.
    pub fn born(&self, config: &Config) -> Option<Date> {
        match self.standing(PersonField::Born, config).map(|v| &v.fact) {
            Some(PersonFact::Born(day)) => Some(*day),
            _ => self.number(config)?.born(),
        }
    }

    /// The sex: stated, else as the number says.
    pub fn sex(&self, config: &Config) -> Option<Sex> {
        match self.standing(PersonField::Sex, config).map(|v| &v.fact) {
            Some(PersonFact::Sex(sex)) => Some(*sex),
            _ => self.number(config)?.sex(),
        }
    }

    /// The day of death, when one is known.
    pub fn died(&self, config: &Config) -> Option<Date> {
        match self.standing(PersonField::Died, config)?.fact {
            PersonFact::Died(day) => Some(day),
            _ => None,
        }
    }

    /// Where they live: stated, else where they are registered.
    pub fn region(&self, config: &Config) -> Option<RegionCode> {
        let of = |field| match self.standing(field, config)?.fact {
            PersonFact::HomeRegion(code) | PersonFact::HukouRegion(code) => Some(code),
            _ => None,
        };
        of(PersonField::HomeRegion).or_else(|| of(PersonField::HukouRegion))
    }

    /// Whether they have, or once had, this number. A number that was written
    /// down by mistake and struck out is not theirs.
    pub fn has_number(&self, number: PersonNumber) -> bool {
        self.versions.iter().any(|version| {
            version.retracted.is_none() && version.fact == PersonFact::Number(number)
        })
    }
}
