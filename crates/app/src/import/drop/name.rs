//! 「投放文件名」 What a file's name in the drop folder says: what it is, which day it
//! speaks of, which category. Bytes of any kind come in; a name or a reason comes out.

use engine_pool::FileKind;
use kernel::{Date, Slug};

/// The longest name, bytes: with our own marks it still fits every file system.
const NAME_BYTES_MAX: usize = 180;

/// A name that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropName {
    /// The whole name, as it is.
    pub name: String,
    /// What the ending says.
    pub kind: FileKind,
    /// The day in it.
    pub as_of: Option<Date>,
    /// The category it begins with, where it begins with an id.
    pub category: Option<Slug>,
}

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// No UTF-8.
    #[error("文件名不是 UTF-8 文字。请改名再放")]
    NotText,
    /// Too long.
    #[error("文件名太长，最多 {NAME_BYTES_MAX} 个字节。请改短再放")]
    TooLong,
    /// A path, a control character, one that turns text around.
    #[error("文件名里有不能用的字符（/、\\、换行、看不见的字符）。请改名再放")]
    Unfit,
    /// Another ending.
    #[error(
        "只收 .csv、.xlsx、.jsonl 的文件。请另存为其中一种再放；Parquet 请用 nuanxin-lake deliver 交"
    )]
    Ending,
    /// More than one day, or a day there is none of.
    #[error("文件名里的日期要写一个，而且真有这一天，例如 2026-01-31。请改名再放")]
    Day,
}

/// Whether a name says that its file is still being written, or is none of ours: left
/// alone until it is called otherwise.
pub fn is_unfinished(name: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 5] = [b".part", b".tmp", b".partial", b".filepart", b".crdownload"];
    let lower = name.to_ascii_lowercase();
    name.starts_with(b".") || name.starts_with(b"~$") || {
        let mut endings = ENDINGS.iter();
        endings.any(|ending| lower.ends_with(ending))
    }
}

impl DropName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`NameFault`].
    pub fn read(name: &[u8]) -> Result<DropName, NameFault> {
        if name.len() > NAME_BYTES_MAX {
            return Err(NameFault::TooLong);
        }
        let name = std::str::from_utf8(name).map_err(|_| NameFault::NotText)?;
        if name.is_empty() || name.chars().any(is_unfit) || name.starts_with(['.', ' ', '-']) {
            return Err(NameFault::Unfit);
        }
        let (stem, ending) = name.rsplit_once('.').ok_or(NameFault::Ending)?;
        let kind = match ending.to_ascii_lowercase().as_str() {
            "csv" => FileKind::Csv,
            "xlsx" => FileKind::Xlsx,
            "jsonl" => FileKind::Jsonl,
            _ => return Err(NameFault::Ending),
        };
        let day = day_in(stem)?;
        let before = day.map_or(stem, |(at, _)| stem.get(..at).unwrap_or_default());
        let before = before.trim_end_matches(['-', '_', '.', ' ']);
        Ok(DropName {
            name: name.to_owned(),
            kind,
            as_of: day.map(|(_, day)| day),
            category: before.parse().ok(),
        })
    }
}

/// Characters no name of ours has: they lead elsewhere, or make a name look like another.
fn is_unfit(one: char) -> bool {
    let turns = matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    one.is_control() || one == '/' || one == '\\' || turns
}

/// The one day of a text and where it begins: `2026-01-31` or `20260131`.
fn day_in(text: &str) -> Result<Option<(usize, Date)>, NameFault> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut found = None;
    let mut at = 0;
    while at < bytes.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let run = (at..).take_while(|one| digit(*one)).count();
        let written = match run {
            8 => text.get(at..at + 8).map(|day| (day.to_owned(), 8)),
            4 => text.get(at..at + 10).and_then(dashed),
            _ => None,
        };
        let Some((written, length)) = written else {
            at += run;
            continue;
        };
        let plain = match written.split_at_checked(4) {
            Some((year, rest)) if length == 8 => match rest.split_at_checked(2) {
                Some((month, day)) => format!("{year}-{month}-{day}"),
                None => return Err(NameFault::Day),
            },
            _ => written,
        };
        let day = plain.parse().map_err(|_| NameFault::Day)?;
        if found.replace((at, day)).is_some() {
            return Err(NameFault::Day);
        }
        at += length;
    }
    Ok(found)
}

/// `2026-01-31` at the beginning of a text.
fn dashed(text: &str) -> Option<(String, usize)> {
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    (shape && text.len() == 10).then(|| (text.to_owned(), 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_category_and_day_or_are_refused() {
        let read = |name: &str| DropName::read(name.as_bytes());
        let whole = read("vehicle_2026-01-31.csv").unwrap();
        assert_eq!(whole.as_of, Some("2026-01-31".parse().unwrap()));
        assert_eq!(whole.category, Some("vehicle".parse().unwrap()));
        assert_eq!(read("20260131.XLSX").unwrap().as_of, whole.as_of);
        assert_eq!(read("车辆 2026-01-31 第2份.jsonl").unwrap().category, None);
        assert_eq!(read("a.csv").unwrap().as_of, None);
        for (name, fault) in [
            ("../../etc/passwd.csv", NameFault::Unfit),
            ("..\\x.csv", NameFault::Unfit),
            ("a\n.csv", NameFault::Unfit),
            ("a\u{202e}vsc.csv", NameFault::Unfit),
            (".hidden.csv", NameFault::Unfit),
            ("-rf.csv", NameFault::Unfit),
            ("a.exe", NameFault::Ending),
            ("csv", NameFault::Ending),
            ("a-2026-02-30.csv", NameFault::Day),
            ("a-20269999.csv", NameFault::Day),
            ("2026-01-01-2026-01-31.csv", NameFault::Day),
        ] {
            assert_eq!(read(name), Err(fault), "{name:?}");
        }
        let long = format!("{}.csv", "长".repeat(100));
        assert_eq!(read(&long), Err(NameFault::TooLong));
        assert_eq!(DropName::read(b"\xff.csv"), Err(NameFault::NotText));
        for name in [".a.csv", "~$a.xlsx", "a.csv.part", "a.TMP"] {
            assert!(is_unfinished(name.as_bytes()), "{name}");
        }
        assert!(!is_unfinished(b"a.csv"));
    }
}
