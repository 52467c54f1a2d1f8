//! 「银行账簿」 What the simulated bank has taken and moved. Kept in one JSON file,
//! written aside and renamed, so that a killed bank opens with whole books.

use super::manners::Manners;
use engine_payment::{LineOutcome, PayFile, Reply, ReplyLine};
use kernel::{Date, Instant, Now};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// The bank's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Books {
    /// By file reference.
    pub(crate) files: BTreeMap<String, Taken>,
    /// Line references ever executed.
    pub(crate) executed: BTreeSet<String>,
    /// Deliveries seen, lost ones included.
    pub(crate) deliveries: u32,
}

/// A file the bank took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) digest: String,
    pub(crate) payer: String,
    pub(crate) at: Instant,
    pub(crate) receipt: String,
    pub(crate) lines: Vec<ReplyLine>,
}

/// What became of a delivery.
pub(crate) enum Delivery {
    Taken,
    Known,
    OtherFile,
    ExecutedBefore(String),
}

impl Books {
    /// Takes a file: pays or returns each line, once for ever.
    pub(crate) fn take(&mut self, file: &PayFile, manners: &Manners, now: Now) -> Delivery {
        if let Some(taken) = self.files.get(&file.reference) {
            return if taken.digest == file.digest {
                Delivery::Known
            } else {
                Delivery::OtherFile
            };
        }
        let before = file
            .lines
            .iter()
            .find(|line| self.executed.contains(&line.reference));
        if let Some(line) = before {
            return Delivery::ExecutedBefore(line.reference.clone());
        }
        let on = now.today();
        let mut lines = Vec::with_capacity(file.lines.len());
        for (place, line) in (1..).zip(&file.lines) {
            self.executed.insert(line.reference.clone());
            lines.push(ReplyLine {
                line: line.line,
                reference: line.reference.clone(),
                account: line.account.clone(),
                amount: line.amount,
                outcome: outcome(manners.returns(place, &line.account), &line.reference, on),
            });
        }
        let taken = Taken {
            digest: file.digest.clone(),
            payer: file.payer.digits().to_owned(),
            at: now.at,
            receipt: format!("RC{:06}", self.files.len() + 1),
            lines,
        };
        self.files.insert(file.reference.clone(), taken);
        Delivery::Taken
    }

    /// Reads the books, or opens new ones.
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Books> {
        let Some(path) = path.filter(|path| path.exists()) else {
            return Ok(Books::default());
        };
        serde_json::from_slice(&std::fs::read(path)?).map_err(io::Error::other)
    }

    /// Writes the books and waits until they are on the disk.
    pub(crate) fn keep(&self, path: Option<&PathBuf>) -> io::Result<()> {
        use std::io::Write as _;
        let Some(path) = path else { return Ok(()) };
        let aside = path.with_extension("new");
        let mut file = std::fs::File::create(&aside)?;
        file.write_all(&serde_json::to_vec(self).map_err(io::Error::other)?)?;
        file.sync_all()?;
        std::fs::rename(aside, path)
    }
}

impl Taken {
    /// The honest reply of a number.
    pub(crate) fn reply(&self, reference: &str, number: u32) -> Reply {
        Reply {
            file_reference: reference.to_owned(),
            file_digest: self.digest.clone(),
            number,
            lines: self.lines.clone(),
        }
    }
}

fn outcome(returned: bool, reference: &str, on: Date) -> LineOutcome {
    if returned {
        LineOutcome::Returned {
            code: "R02".to_owned(),
            on,
        }
    } else {
        LineOutcome::Paid {
            reference: format!("BK{reference}"),
            on,
        }
    }
}
