//! 「组织、地点」 Organisations and places, as far as other engines must name them.

use crate::version::{Version, standing};
use kernel::{PlaceId, RegionCode, Slug, Uscc};
use serde::{Deserialize, Serialize};

/// A fact about an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationFact {
    /// 名称
    Name(String),
    /// 类别, a pack's word.
    Kind(Slug),
    /// 所在地
    Region(RegionCode),
    /// 地址
    Address(String),
}

/// A fact about a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceFact {
    /// 名称
    Name(String),
    /// 类别, a pack's word.
    Kind(Slug),
    /// 所在地
    Region(RegionCode),
    /// 地址
    Address(String),
    /// Who runs it.
    RunBy(Uscc),
}

/// An organisation, known by its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// 统一社会信用代码
    pub code: Uscc,
    /// Every version of every fact.
    pub versions: Vec<Version<OrganisationFact>>,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The entry's number.
    pub id: PlaceId,
    /// Every version of every fact.
    pub versions: Vec<Version<PlaceFact>>,
}

impl Organisation {
    /// The name that counts.
    pub fn name(&self) -> Option<&str> {
        let names = self.versions.iter();
        let names = names.filter(|v| matches!(v.fact, OrganisationFact::Name(_)));
        match &standing(names, &[])?.fact {
            OrganisationFact::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Where it is.
    pub fn region(&self) -> Option<RegionCode> {
        let regions = self.versions.iter();
        let regions = regions.filter(|v| matches!(v.fact, OrganisationFact::Region(_)));
        match standing(regions, &[])?.fact {
            OrganisationFact::Region(code) => Some(code),
            _ => None,
        }
    }
}

impl Place {
    /// The name that counts.
    pub fn name(&self) -> Option<&str> {
        let names = self.versions.iter();
        let names = names.filter(|v| matches!(v.fact, PlaceFact::Name(_)));
        match &standing(names, &[])?.fact {
            PlaceFact::Name(name) => Some(name),
            _ => None,
        }
    }
}
