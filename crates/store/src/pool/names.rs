//! 「简称」 The pool's categories and their fields by small numbers: names would be
//! the larger part of sixty million records. A number never changes its meaning.

use crate::error::{Result, StoreError};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use kernel::Slug;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

statements! {
    CATEGORIES = "SELECT no, slug FROM pool_category";
    FIELDS = "SELECT no, slug FROM pool_field";
    ADD_CATEGORY = "INSERT INTO pool_category (no, slug) VALUES ($1, $2)
                    ON CONFLICT (slug) DO NOTHING";
    ADD_FIELD = "INSERT INTO pool_field (no, slug) VALUES ($1, $2)
                 ON CONFLICT (slug) DO NOTHING";
}

/// Names by number and numbers by name.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    numbers: BTreeMap<Slug, i64>,
    names: BTreeMap<i64, Slug>,
}

impl Dictionary {
    /// The number of a name.
    pub(super) fn number(&self, name: &Slug) -> Option<i64> {
        self.numbers.get(name).copied()
    }

    /// The name of a number; `None` when it was given after this was read.
    pub(super) fn name(&self, no: i64) -> Option<&Slug> {
        self.names.get(&no)
    }

    pub(super) fn know(&mut self, no: i64, name: Slug) {
        self.numbers.insert(name.clone(), no);
        self.names.insert(no, name);
    }
}

/// Both dictionaries, as last read.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(super) categories: Dictionary,
    pub(super) fields: Dictionary,
}

impl Tx {
    /// What was once read from kept data is remembered.
    pub(super) async fn names(&mut self) -> Result<Arc<Names>> {
        let known = self.shared.names()?;
        if known.categories.names.is_empty() {
            return self.look_up_names().await;
        }
        Ok(known)
    }

    pub(super) async fn look_up_names(&mut self) -> Result<Arc<Names>> {
        let mut found = Names::default();
        for row in self.fetch_all(CATEGORIES, args![]).await? {
            found.categories.know(row.get("no")?, row.get("slug")?);
        }
        for row in self.fetch_all(FIELDS, args![]).await? {
            found.fields.know(row.get("no")?, row.get("slug")?);
        }
        let found = Arc::new(found);
        if self.is_reading() {
            // A writer may see what is never kept.
            self.shared.know_names(Arc::clone(&found));
        }
        Ok(found)
    }

    /// The names with all of these among them: new ones get a number.
    pub(super) async fn names_with(
        &mut self,
        categories: &BTreeSet<&Slug>,
        fields: &BTreeSet<&Slug>,
    ) -> Result<Arc<Names>> {
        let lacks = |names: &Names| {
            categories
                .iter()
                .any(|name| names.categories.number(name).is_none())
                || fields
                    .iter()
                    .any(|name| names.fields.number(name).is_none())
        };
        let mut known = self.names().await?;
        if lacks(&known) {
            known = self.look_up_names().await?;
        }
        if !lacks(&known) {
            return Ok(known);
        }
        for name in categories {
            if known.categories.number(name).is_none() {
                let no = self.next_id("pool_category").await?;
                self.execute(ADD_CATEGORY, args![no, *name]).await?;
            }
        }
        for name in fields {
            if known.fields.number(name).is_none() {
                let no = self.next_id("pool_field").await?;
                self.execute(ADD_FIELD, args![no, *name]).await?;
            }
        }
        let known = self.look_up_names().await?;
        if lacks(&known) {
            return Err(StoreError::fault("a category or a field did not stay"));
        }
        Ok(known)
    }
}
