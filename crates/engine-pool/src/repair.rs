//! 「修补」 What the gate mends in a row instead of setting it back, and writes down: old
//! numbers of 15 digits, `x` and full-width digits, middle dots of names, characters old
//! systems kept in the private-use area, codes of regions that were merged or moved.
//! Only what has one possible meaning is mended; the rest is for a person. Absent:
//! wrong digits (never guessed), regions that were split, numbers whose holder must have
//! been born before 1900.

use crate::config::{AS_OF, Category, FieldType, KeyedBy};
use crate::gate::{column_ids, column_names};
use kernel::{CitizenId, Date, PersonName, PersonNumber, RegionCode, RegionTree};
use serde::{Deserialize, Serialize};

/// What was mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairKind {
    /// 十五位升十八位
    Upgraded,
    /// 号码写法: `x`, full-width digits, blanks or dashes inside.
    NumberForm,
    /// 姓名的间隔号
    NameDot,
    /// 生僻字
    RareCharacter,
    /// 区划并了或改了
    Region,
}

impl RepairKind {
    /// All.
    pub const ALL: [RepairKind; 5] = [
        RepairKind::Upgraded,
        RepairKind::NumberForm,
        RepairKind::NameDot,
        RepairKind::RareCharacter,
        RepairKind::Region,
    ];

    /// The word a person sees.
    pub fn label(self) -> &'static str {
        match self {
            RepairKind::Upgraded => "15 位旧号码升成 18 位",
            RepairKind::NumberForm => "号码的写法",
            RepairKind::NameDot => "姓名中间的点",
            RepairKind::RareCharacter => "生僻字的编码",
            RepairKind::Region => "区划已经合并或变更",
        }
    }
}

/// A cell that was mended.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// Its column, by id.
    pub field: String,
    /// How.
    pub kind: RepairKind,
    /// What it was.
    pub was: String,
    /// What it is.
    pub now: String,
}

impl std::fmt::Debug for Repair {
    /// The column and the kind: what it says stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Repair({} {:?})", self.field, self.kind)
    }
}

/// Characters GB 18030-2000 kept in the private-use area and Unicode has since given
/// places of their own (GB 18030-2005 table, and its amendment of 2022).
const MOVED: [(char, char); 14] = [
    ('\u{E816}', '\u{20087}'),
    ('\u{E817}', '\u{20089}'),
    ('\u{E818}', '\u{200CC}'),
    ('\u{E81E}', '\u{9FB4}'),
    ('\u{E826}', '\u{9FB5}'),
    ('\u{E82B}', '\u{9FB6}'),
    ('\u{E82C}', '\u{9FB7}'),
    ('\u{E831}', '\u{215D7}'),
    ('\u{E832}', '\u{9FB8}'),
    ('\u{E83B}', '\u{2298F}'),
    ('\u{E843}', '\u{9FB9}'),
    ('\u{E854}', '\u{9FBA}'),
    ('\u{E855}', '\u{241FE}'),
    ('\u{E864}', '\u{9FBB}'),
];

/// How a field that holds somebody's name ends, whatever the category calls it.
const NAME: &str = "姓名";

/// What may be mended in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mendable {
    Number,
    Name,
    Text,
    Region,
    Nothing,
}

/// Mends the rows of one file. Cheap for rows that need nothing.
pub struct Mender<'a> {
    columns: Vec<(&'a str, Mendable)>,
    as_of: Option<usize>,
    regions: &'a RegionTree,
    today: Date,
}

impl<'a> Mender<'a> {
    /// For a file with these columns, as it calls them.
    pub fn new(
        category: &'a Category,
        names: &[String],
        regions: &'a RegionTree,
        today: Date,
    ) -> Mender<'a> {
        let (ids, titles) = (column_ids(category), column_names(category));
        let column = |name: &String| {
            let at = (0..ids.len()).find(|at| ids[*at] == name || titles[*at] == name);
            let id = at.map_or("", |at| ids[at]);
            (
                id,
                at.map_or(Mendable::Nothing, |at| mendable(category, at)),
            )
        };
        let columns: Vec<_> = names.iter().map(column).collect();
        let as_of = columns.iter().position(|(id, _)| *id == AS_OF.0);
        Mender {
            columns,
            as_of,
            regions,
            today,
        }
    }

    /// The row mended and what was mended; `None`: nothing was.
    pub fn mend(&self, cells: &[String]) -> Option<(Vec<String>, Vec<Repair>)> {
        let told = self.as_of.and_then(|at| cells.get(at));
        let day = || told.and_then(|cell| cell.trim().parse().ok());
        let mut repairs = Vec::new();
        let mut mended: Option<Vec<String>> = None;
        for (at, ((id, mendable), cell)) in self.columns.iter().zip(cells).enumerate() {
            let found = match mendable {
                Mendable::Number => number(cell),
                Mendable::Name => text(cell, true),
                Mendable::Text => text(cell, false),
                Mendable::Region => region(cell, self.regions, day().unwrap_or(self.today)),
                Mendable::Nothing => None,
            };
            let Some((kind, now)) = found else { continue };
            let row = mended.get_or_insert_with(|| cells.to_vec());
            repairs.push(Repair {
                field: (*id).to_owned(),
                kind,
                was: std::mem::replace(&mut row[at], now.clone()),
                now,
            });
        }
        mended.map(|row| (row, repairs))
    }
}

fn mendable(category: &Category, at: usize) -> Mendable {
    match (at, category.keyed_by) {
        (0, KeyedBy::Person | KeyedBy::Household) => Mendable::Number,
        (0..3, _) => Mendable::Nothing,
        (at, _) => match category.fields.get(at - 3) {
            Some(field) => match field.ty {
                FieldType::IdNo => Mendable::Number,
                FieldType::Region => Mendable::Region,
                FieldType::Text if field.name.ends_with(NAME) => Mendable::Name,
                FieldType::Text => Mendable::Text,
                _ => Mendable::Nothing,
            },
            None => Mendable::Nothing,
        },
    }
}

fn number(cell: &str) -> Option<(RepairKind, String)> {
    let written = cell.trim();
    let usual = |one: u8| one.is_ascii_digit() || one == b'X';
    if written.len() == 18 && written.bytes().all(usual) {
        return None;
    }
    let plain: String = written.chars().filter_map(plain).collect();
    if plain.len() == 15 && plain.bytes().all(|one| one.is_ascii_digit()) {
        // 996 to 999 were kept for those who were a hundred: born before 1900.
        let old = plain.get(12..).is_some_and(|last| last >= "996");
        let upgraded = CitizenId::upgrade(&plain).ok().filter(|_| !old)?;
        let now = upgraded.accept().reveal().to_owned();
        return Some((RepairKind::Upgraded, now));
    }
    if plain == written {
        return None;
    }
    let known: PersonNumber = plain.parse().ok()?;
    Some((RepairKind::NumberForm, known.reveal().to_owned()))
}

/// A character of a number as documents write it; none for blanks and dashes.
fn plain(one: char) -> Option<char> {
    match one {
        'x' | '\u{FF38}' | '\u{FF58}' => Some('X'),
        '\u{FF10}'..='\u{FF19}' => char::from_u32(u32::from(one) - 0xFF10 + 0x30),
        '-' | '\u{2010}'..='\u{2015}' => None,
        blank if blank.is_whitespace() || blank == '\u{200B}' => None,
        other => Some(other),
    }
}

fn region(cell: &str, regions: &RegionTree, day: Date) -> Option<(RepairKind, String)> {
    let code: RegionCode = cell.trim().parse().ok()?;
    if regions.get(code, day).is_some() {
        return None;
    }
    match regions.current(code, day).as_slice() {
        [now] if *now != code => Some((RepairKind::Region, now.to_string())),
        _ => None,
    }
}

fn text(cell: &str, is_name: bool) -> Option<(RepairKind, String)> {
    let usual = |one: char| match is_name {
        true => matches!(one, '\u{4E00}'..='\u{9FFF}'),
        false => !matches!(one, '\u{E000}'..='\u{F8FF}'),
    };
    if cell.chars().all(usual) {
        return None;
    }
    let moved = |one: char| {
        let found = MOVED.iter().find(|(old, _)| *old == one);
        found.map_or(one, |(_, new)| *new)
    };
    let plain: String = cell.chars().map(moved).collect();
    let name = is_name.then(|| plain.parse::<PersonName>().ok()).flatten();
    let now = name.map_or_else(|| plain.clone(), |name| name.as_str().to_owned());
    match () {
        () if plain != cell => Some((RepairKind::RareCharacter, now)),
        () if now != cell.trim() => Some((RepairKind::NameDot, now)),
        () => None,
    }
}
