//! 「清单」 What lies beside each file, and the truth about what was planted.

use super::fault::Faulty;
use crate::city::City;
use engine_pool::{Category, Department, FileKind, Frequency};
use kernel::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a department says about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The department's id.
    pub department: String,
    /// The category's id.
    pub category: String,
    /// The file's name, in the manifest's folder.
    pub file: String,
    /// CSV, XLSX or JSON lines.
    pub format: FileKind,
    /// `GB18030` or `UTF-8`; XLSX has its own.
    pub encoding: Option<String>,
    /// How often it comes.
    pub frequency: Frequency,
    /// The day it speaks of.
    pub as_of: Date,
    /// Rows without the header.
    pub rows: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// The region it covers, 12 digits.
    pub coverage: String,
}

impl Manifest {
    pub(super) fn of(
        department: &Department,
        category: &Category,
        city: &City,
        as_of: Date,
    ) -> Self {
        let encoding = match category.file {
            FileKind::Csv => Some("GB18030"),
            FileKind::Jsonl => Some("UTF-8"),
            FileKind::Xlsx => None,
        };
        Manifest {
            department: department.id.to_string(),
            category: category.id.to_string(),
            file: String::new(),
            format: category.file,
            encoding: encoding.map(str::to_owned),
            frequency: category.frequency,
            as_of,
            rows: 0,
            sha256: String::new(),
            coverage: city.region.to_string(),
        }
    }

    pub(super) fn with(mut self, file: &str, rows: usize, bytes: &[u8]) -> Self {
        self.file = file.to_owned();
        self.rows = rows as u64;
        let digest = Sha256::digest(bytes);
        self.sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self
    }
}

/// Everything that was planted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// What the city was built from.
    pub seed: u64,
    /// Living people.
    pub residents: u64,
    /// The day the files were collected.
    pub today: Date,
    /// Files that speak of too old a day.
    pub late: Vec<Late>,
    /// Categories whose file did not come at all.
    pub missing: Vec<String>,
    /// Files sent twice.
    pub repeated: Vec<Repeated>,
    /// Rows that are wrong.
    pub faulty: Vec<Faulty>,
    /// Rows that are each well formed and cannot both be true.
    pub contradictions: Vec<Contradicted>,
}

/// A late file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// The category.
    pub category: String,
    /// The day it speaks of.
    pub as_of: Date,
    /// The day it should speak of.
    pub due: Date,
}

/// A file sent twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    /// The second.
    pub file: String,
    /// The first.
    pub same_as: String,
}

/// Two departments that contradict each other about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradicted {
    /// What kind.
    pub kind: String,
    /// About whom.
    pub id_no: String,
    /// The category that says the truth, and its record.
    pub right: (String, String),
    /// The category that errs, and its record.
    pub wrong: (String, String),
}

impl Truth {
    pub(super) fn new(city: &City, today: Date) -> Self {
        Truth {
            seed: city.seed,
            residents: city.residents() as u64,
            today,
            late: Vec::new(),
            missing: Vec::new(),
            repeated: Vec::new(),
            faulty: Vec::new(),
            contradictions: Vec::new(),
        }
    }
}
