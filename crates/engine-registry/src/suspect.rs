//! 「疑似一人」 Two entries that may be one person: the same name, the same birthday, and
//! the same address or village. Never merged by this: people decide. Absent: likeness of
//! names (a sound or a character alike is no reason to open anybody's file).

use crate::config::Config;
use crate::person::{Person, PersonFact, PersonField};
use kernel::{Date, PersonName, RegionCode};
use serde::{Deserialize, Serialize};

/// What makes one think so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// 姓名、出生日期、住址都一样
    Address,
    /// 姓名、出生日期、村社都一样
    Village,
}

impl Ground {
    /// The words a person sees.
    pub fn label(self) -> &'static str {
        match self {
            Ground::Address => "姓名、出生日期、住址都一样",
            Ground::Village => "姓名、出生日期、村（社区）都一样",
        }
    }
}

/// What entries of one person would share; none while it is not known, or for an entry
/// that was merged.
pub fn likeness<'p>(person: &'p Person, config: &Config) -> Option<(&'p PersonName, Date)> {
    match person.merged_into {
        Some(_) => None,
        None => Some((person.name(config)?, person.born(config)?)),
    }
}

/// Whether two entries may be one person. `homes`: where each lives, by their households.
pub fn suspect(
    (one, other): (&Person, &Person),
    homes: (Option<RegionCode>, Option<RegionCode>),
    config: &Config,
) -> Option<Ground> {
    let alike = likeness(one, config)? == likeness(other, config)?;
    let sexes = (one.sex(config), other.sex(config));
    let differ = matches!(sexes, (Some(a), Some(b)) if a != b);
    if one.id == other.id || !alike || differ {
        return None;
    }
    let address = |person: &Person| match &person.standing(PersonField::Address, config)?.fact {
        PersonFact::Address(text) => Some(text.trim().to_owned()),
        _ => None,
    };
    let same = |a: Option<String>, b: Option<String>| a.is_some() && a == b;
    if same(address(one), address(other)) {
        return Some(Ground::Address);
    }
    let home = |person: &Person, home: Option<RegionCode>| home.or_else(|| person.region(config));
    let places = (home(one, homes.0), home(other, homes.1));
    match places {
        (Some(a), Some(b)) if a == b => Some(Ground::Village),
        _ => None,
    }
}
