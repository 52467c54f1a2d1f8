//! 「采信顺序」 Which department's word counts more for which field. Packs say so;
//! without a word the later day counts.

use crate::person::PersonField;
use kernel::Slug;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What packs configure of the register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Field → categories, the most trusted first. A version of a category not
    /// listed counts less than any listed one.
    pub trusted: BTreeMap<PersonField, Vec<Slug>>,
}

impl Config {
    /// The categories trusted for a field, the most trusted first.
    pub fn trusted(&self, field: PersonField) -> &[Slug] {
        self.trusted.get(&field).map_or(&[], Vec::as_slice)
    }
}
