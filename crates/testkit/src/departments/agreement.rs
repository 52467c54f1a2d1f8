//! 「数据共享协议」 What a department has agreed to give: to whom, which fields of
//! which categories, what for, until when. What is not listed is not given.

use engine_pool::{Catalogue, PurposeKind};
use kernel::{Date, Slug};
use std::collections::{BTreeMap, BTreeSet};

/// One department's agreement with one caller about one category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// What for.
    pub purposes: BTreeSet<PurposeKind>,
    /// Which fields.
    pub fields: BTreeSet<Slug>,
    /// The last day.
    pub until: Date,
}

/// All agreements: caller → department → category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreements {
    listed: BTreeMap<(String, Slug, Slug), Agreement>,
}

impl Agreements {
    /// Lists an agreement.
    pub fn list(
        &mut self,
        caller: &str,
        department: Slug,
        category: Slug,
        agreement: Agreement,
    ) -> &mut Self {
        self.listed
            .insert((caller.to_owned(), department, category), agreement);
        self
    }

    /// What the catalogue says, for one caller: every category for its purposes
    /// with all its fields. The catalogue *is* what is agreed in a demonstration.
    pub fn over(catalogue: &Catalogue, caller: &str, until: Date) -> Self {
        let mut agreements = Agreements::default();
        for department in catalogue.departments() {
            for category in department.categories.values() {
                let agreement = Agreement {
                    purposes: category.purposes.clone(),
                    fields: category.fields.iter().map(|f| f.id.clone()).collect(),
                    until,
                };
                let (department, category) = (department.id.clone(), category.id.clone());
                agreements.list(caller, department, category, agreement);
            }
        }
        agreements
    }

    /// The departments somebody has an agreement with.
    pub fn departments(&self) -> BTreeSet<Slug> {
        self.listed
            .keys()
            .map(|(_, department, _)| department.clone())
            .collect()
    }

    /// What may be given of a category; otherwise the sentence that says why not.
    pub(crate) fn find(
        &self,
        caller: &str,
        place: (&Slug, &Slug),
        purpose: PurposeKind,
        today: Date,
    ) -> Result<&Agreement, String> {
        let key = (caller.to_owned(), place.0.clone(), place.1.clone());
        let Some(agreement) = self.listed.get(&key) else {
            return Err(format!("和“{caller}”没有这类数据的共享协议"));
        };
        if today > agreement.until {
            return Err(format!("共享协议已在 {} 到期", agreement.until));
        }
        if !agreement.purposes.contains(&purpose) {
            return Err("共享协议不允许这个用途".to_owned());
        }
        Ok(agreement)
    }
}
