//! 「使坏」 What a simulated department does wrong, on purpose and by name.

use super::DepartmentRecord;
use kernel::{Date, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mischief {
    /// 停机: a 503 that nobody signed.
    pub down: BTreeSet<Slug>,
    /// 不应: the request is taken and never answered.
    pub silent: BTreeSet<Slug>,
    /// 篡改: the reply's signature does not fit its body.
    pub forged: BTreeSet<Slug>,
    /// 迟: every answer takes this much longer.
    pub delay: Duration,
    /// 说法不同.
    pub contradictions: Vec<Contradiction>,
    /// What goes wrong with pages.
    pub pages: PageMischief,
}

/// What goes wrong with pages of a whole category. Counted by pages asked for; 0: never.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageMischief {
    /// 停机: every so manieth page is a 503 that nobody signed.
    pub down_every: u64,
    /// 不应: every so manieth page is taken and never answered.
    pub silent_every: u64,
    /// 重复: a page begins with so many rows of the page before.
    pub repeated_rows: usize,
    /// 晚到: the data speaks of so many days before it should.
    pub late_days: u64,
    /// 自相矛盾: every so manieth page says a record twice, the second time otherwise.
    pub contradicts_itself_every: u64,
    /// 变卦: after so many pages the data is another edition, once.
    pub changes_after: u64,
}

/// A department that says something else about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Which department.
    pub department: Slug,
    /// Which category.
    pub category: Slug,
    /// Whose number.
    pub person: String,
    /// Field → what it says instead. With none, it denies every record.
    pub says: BTreeMap<String, String>,
}

/// What a contradiction should have looked like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”读不懂。请写成 部门/数据类/证件号/字段=值,字段=值；没有“字段=值”表示查无记录")]
pub struct MischiefError(pub String);

impl FromStr for Contradiction {
    type Err = MischiefError;

    /// Reads `hrss/wage_tax/9904…/wage=9800.00,month=2026-10`.
    fn from_str(text: &str) -> Result<Self, MischiefError> {
        let wrong = || MischiefError(text.to_owned());
        let parts: Vec<&str> = text.splitn(4, '/').collect();
        let (department, category, person, says) = match parts[..] {
            [department, category, person] => (department, category, person, ""),
            [department, category, person, says] => (department, category, person, says),
            _ => return Err(wrong()),
        };
        if person.is_empty() {
            return Err(wrong());
        }
        let says = says
            .split(',')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (field, value) = pair.split_once('=').ok_or_else(wrong)?;
                Ok((field.to_owned(), value.to_owned()))
            })
            .collect::<Result<_, MischiefError>>()?;
        Ok(Contradiction {
            department: department.parse().map_err(|_| wrong())?,
            category: category.parse().map_err(|_| wrong())?,
            person: person.to_owned(),
            says,
        })
    }
}

impl Mischief {
    /// What the department says in a row of a page instead.
    pub(crate) fn rewrite(
        &self,
        place: (&Slug, &Slug),
        person: &str,
        row: &mut BTreeMap<String, String>,
    ) {
        let about =
            |c: &&Contradiction| (&c.department, &c.category) == place && c.person == person;
        for contradiction in self.contradictions.iter().filter(about) {
            row.extend(contradiction.says.clone());
        }
    }

    /// What the department says instead of `records`.
    pub(crate) fn distort(
        &self,
        place: (&Slug, &Slug),
        person: &str,
        mut records: Vec<DepartmentRecord>,
        as_of: Date,
    ) -> Vec<DepartmentRecord> {
        let about =
            |c: &&Contradiction| (&c.department, &c.category) == place && c.person == person;
        for contradiction in self.contradictions.iter().filter(about) {
            if contradiction.says.is_empty() {
                records.clear();
                continue;
            }
            if records.is_empty() {
                records.push(DepartmentRecord {
                    record_no: format!("{}-{}-0", place.0, place.1),
                    as_of,
                    fields: BTreeMap::new(),
                });
            }
            for record in &mut records {
                record.fields.extend(contradiction.says.clone());
            }
        }
        records
    }
}
