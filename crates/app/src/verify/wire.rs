//! 「核对报文」 What goes over the line to a department and what comes back, as JSON
//! in UTF-8. Both ends use this one file.
//!
//! `POST /departments/{department}/query`, signed (see [`crate::signing`]), body
//! [`Query`]: the whole household and every category of that department in one
//! request. The reply is signed too, bound to the request's nonce:
//! `200` with [`Reply`], `403` when the department declines, `5xx` when it
//! cannot; the latter two with [`Trouble`].
//!
//! `POST /departments/{department}/pages`, signed the same way, body [`PageQuery`]: a
//! whole category, page by page. `200` with [`PageReply`].
//!
//! Records travel as the department's own cells, by column, exactly as in its
//! files, and pass the same gate.

use kernel::{Date, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The path of a department's queries.
pub fn path(department: &Slug) -> String {
    format!("/departments/{department}/query")
}

/// The path of a department's pages.
pub fn pages_path(department: &Slug) -> String {
    format!("/departments/{department}/pages")
}

/// A question for one page of a whole category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Which.
    pub category: Slug,
    /// What the page before named as `next`; absent: the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Rows wanted.
    pub rows: u32,
}

/// A page of a category.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageReply {
    /// Which.
    pub category: Slug,
    /// The department's own mark of the state its rows were read from: the same mark,
    /// the same rows.
    pub edition: String,
    /// The day the data speaks of.
    pub as_of: Date,
    /// Rows of all pages together.
    pub total: u64,
    /// Column id → cell, the three columns every record has included.
    pub rows: Vec<BTreeMap<String, String>>,
    /// What to ask for the next page with; absent: this is the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl fmt::Debug for PageReply {
    /// Counts only: people's affairs stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageReply")
            .field("category", &self.category)
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

/// A question to one department.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// The verification.
    pub verification: i64,
    /// The case it is for.
    pub case: i64,
    /// The authorisation it rests on.
    pub authorisation: i64,
    /// The people, by whole document number.
    pub persons: Vec<String>,
    /// What is asked of each of them.
    pub categories: Vec<Slug>,
}

impl fmt::Debug for Query {
    /// Counts only: document numbers stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("verification", &self.verification)
            .field("persons", &self.persons.len())
            .field("categories", &self.categories)
            .finish_non_exhaustive()
    }
}

/// A department's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The verification it answers.
    pub verification: i64,
    /// One entry for each person × category.
    pub answers: Vec<One>,
}

/// The answer about one person in one category.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct One {
    /// The person's document number.
    pub id_no: String,
    /// The category.
    pub category: Slug,
    /// What the department holds.
    pub found: Found,
}

impl fmt::Debug for One {
    /// The category only: people's affairs stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("One")
            .field("category", &self.category)
            .finish_non_exhaustive()
    }
}

/// What a department holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Found {
    /// These records: column id → cell, `id_no`, `record_no` and `as_of` included.
    Records(Vec<BTreeMap<String, String>>),
    /// It looked and has none.
    NoRecord {
        /// The day up to which it looked.
        as_of: Date,
    },
    /// It will not or cannot say.
    Declined {
        /// Why, in its words.
        why: String,
    },
}

/// The body of a reply that is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Why, in the department's words.
    pub why: String,
}
