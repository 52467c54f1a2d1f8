//! 「姓名」 People's names. Anyone's: rare characters beyond the basic plane and
//! in the private-use area of old systems, the middle dot, Latin letters. What
//! cannot be part of a name is refused by name; nothing is required of the rest.

use crate::layout18::mask;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("姓名还没有填")]
    Empty,
    /// More than [`PersonName::MOST`] characters.
    #[error("姓名有{0}个字，最多{most}个字。请核对", most = PersonName::MOST)]
    TooLong(usize),
    /// A character no name has.
    #[error("姓名中有不能用的字符“{0}”。请去掉，其余照证件填写")]
    Character(char),
    /// The replacement character: the text was read in the wrong encoding.
    #[error("姓名中有乱码。请用 UTF-8 或 GB18030 编码重新导出")]
    Garbled,
    /// Blanks between Chinese characters.
    #[error("姓名中间有空格。请把空格去掉再填")]
    Blank,
    /// A dot at the beginning or the end, or two in a row.
    #[error("姓名中间的点“·”放得不对。请照证件填写，例如“阿依古丽·买买提”")]
    Dot,
}

/// A name as the document shows it, with `·` U+00B7 as the only middle dot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// What keyboards and old systems write for `·`.
const DOTS: [char; 12] = [
    '\u{2022}', '\u{2027}', '\u{2219}', '\u{22C5}', '\u{30FB}', '\u{FF65}', '\u{2024}', '\u{25CF}',
    '\u{16EB}', '\u{0387}', '\u{2E31}', '\u{2E33}',
];

impl PersonName {
    /// The most characters a name may have. Documents allow 50; foreigners'
    /// names in Latin letters can be longer.
    pub const MOST: usize = 100;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For lists: the first character and asterisks.
    pub fn masked(&self) -> String {
        mask(&self.0, 1, 0)
    }
}

/// Blanks, also those nobody sees.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}')
}

/// Letters beyond ASCII: a full stop between two of them is meant as `·`.
fn is_wide(c: Option<&char>) -> bool {
    c.is_some_and(|c| !c.is_ascii() && *c != '·' && !is_blank(*c))
}

fn forbidden(c: char) -> bool {
    let allowed_ascii = c.is_ascii_alphabetic() || matches!(c, ' ' | '\'' | '-' | '.' | ',');
    c.is_control()
        || (c.is_ascii() && !allowed_ascii)
        || matches!(c, '０'..='９' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Puts every middle dot right.
fn with_middle_dots(text: &str) -> Vec<char> {
    let raw: Vec<char> = text.chars().collect();
    raw.iter()
        .enumerate()
        .map(|(index, c)| {
            let before = index.checked_sub(1).and_then(|at| raw.get(at));
            let between = is_wide(before) && is_wide(raw.get(index + 1));
            match c {
                _ if DOTS.contains(c) => '·',
                '.' | '．' | '。' if between => '·',
                _ => *c,
            }
        })
        .collect()
}

impl FromStr for PersonName {
    type Err = NameError;

    /// Reads a name: trims, puts middle dots right, collapses blanks between
    /// Latin words.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let chars = with_middle_dots(text.trim_matches(is_blank));
        if chars.is_empty() {
            return Err(NameError::Empty);
        }
        let mut name = String::new();
        for (index, c) in chars.iter().copied().enumerate() {
            if c == '\u{FFFD}' {
                return Err(NameError::Garbled);
            }
            if is_blank(c) {
                let next = chars[index..].iter().find(|c| !is_blank(**c));
                if !name.ends_with(' ') {
                    if is_wide(name.chars().last().as_ref()) || is_wide(next) {
                        return Err(NameError::Blank);
                    }
                    name.push(' ');
                }
                continue;
            }
            if forbidden(c) {
                return Err(NameError::Character(c));
            }
            if c == '·' && (name.is_empty() || name.ends_with('·')) {
                return Err(NameError::Dot);
            }
            name.push(c);
        }
        if name.ends_with('·') {
            return Err(NameError::Dot);
        }
        let length = name.chars().count();
        if length > PersonName::MOST {
            return Err(NameError::TooLong(length));
        }
        Ok(PersonName(name))
    }
}

impl fmt::Display for PersonName {
    /// Whole: pages decide by field level who sees it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PersonName {
    /// Masked, so that logs never leak.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonName({})", self.masked())
    }
}

impl TryFrom<String> for PersonName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> String {
        name.0
    }
}
