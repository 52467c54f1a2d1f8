//! 「故事的钟」 The story spans weeks in seconds. Its day lies in a file, so that the
//! simulators, processes of their own, live in the same day.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Clock, Date, Now};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{fs, io};

/// A clock that reads a file at every question.
#[derive(Debug)]
pub struct FileClock {
    path: PathBuf,
    last: Mutex<DateTime<Utc>>,
}

impl FileClock {
    /// The clock in that file.
    ///
    /// # Errors
    /// No such file, or no moment in it.
    pub fn open(path: &Path) -> io::Result<FileClock> {
        let last = read(path)?;
        Ok(FileClock {
            path: path.to_owned(),
            last: Mutex::new(last),
        })
    }

    /// Writes a moment into the file (nine in the morning of a day, in China) and
    /// opens it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set(path: &Path, day: Date) -> io::Result<FileClock> {
        write(path, morning(day))?;
        FileClock::open(path)
    }

    /// Goes to nine in the morning of a day. Every reader sees it from then on.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn go_to(&self, day: Date) -> io::Result<()> {
        write(&self.path, morning(day))
    }

    /// Goes to a moment. Every reader sees it from then on.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn wait_until(&self, moment: DateTime<Utc>) -> io::Result<()> {
        write(&self.path, moment)
    }
}

impl Clock for FileClock {
    fn now(&self) -> Now {
        let mut last = match self.last.lock() {
            Ok(last) => last,
            Err(poisoned) => poisoned.into_inner(),
        };
        // A file being replaced is read at the next question.
        *last = read(&self.path).unwrap_or(*last);
        Now { at: *last }
    }
}

fn morning(day: Date) -> DateTime<Utc> {
    // Nine o'clock at UTC+8.
    day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(1)
}

fn read(path: &Path) -> io::Result<DateTime<Utc>> {
    let text = fs::read_to_string(path)?;
    let moment = DateTime::parse_from_rfc3339(text.trim());
    moment
        .map(|moment| moment.with_timezone(&Utc))
        .map_err(io::Error::other)
}

fn write(path: &Path, moment: DateTime<Utc>) -> io::Result<()> {
    let beside = path.with_extension("new");
    fs::write(&beside, moment.to_rfc3339())?;
    fs::rename(&beside, path)
}
