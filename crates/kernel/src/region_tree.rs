//! 「区划树」 The dated tree of regions. Divisions change: a code is known with
//! the days it is valid, and an abolished code with what it became. A record
//! keeps the code of its own day; only reading it today goes through the mapping.

use crate::table::{Row, TableFault, day_of, each_row};
use crate::{Date, RegionCode, RegionLevel};
use std::collections::BTreeMap;

/// One region as the tree knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// 12 digits.
    pub code: RegionCode,
    /// Its own name, without its parents'.
    pub name: String,
    /// First day; `None`: as long as we know.
    pub valid_from: Option<Date>,
    /// Last day; `None`: still.
    pub valid_to: Option<Date>,
}

impl Region {
    fn valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// Regions by code; one code may have several periods of validity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionTree {
    regions: BTreeMap<RegionCode, Vec<Region>>,
    /// Old code → (first day of the new, new code). A split has several.
    changes: BTreeMap<RegionCode, Vec<(Date, RegionCode)>>,
}

impl RegionTree {
    /// Reads `code,name,parent,level[,valid_from,valid_to]`. The parent and the
    /// level must agree with the code. All faults are returned together.
    pub fn from_csv(text: &str) -> Result<Self, Vec<TableFault>> {
        let mut tree = RegionTree::default();
        let faults = each_row(text, &["code", "name", "parent", "level"], |row| {
            let region = region_of(row)?;
            let periods = tree.regions.entry(region.code).or_default();
            if periods.iter().any(|other| overlap(other, &region)) {
                return Err(format!("代码 {} 在同一时期出现了两次", region.code));
            }
            periods.push(region);
            Ok(())
        });
        if faults.is_empty() {
            Ok(tree)
        } else {
            Err(faults)
        }
    }

    /// Reads what became of abolished codes: `old,new,from`.
    pub fn with_changes_csv(mut self, text: &str) -> Result<Self, Vec<TableFault>> {
        let faults = each_row(text, &["old", "new", "from"], |row| {
            let old: RegionCode = row.get("old").parse().map_err(|e| format!("{e}"))?;
            let new: RegionCode = row.get("new").parse().map_err(|e| format!("{e}"))?;
            let from = day_of(row.get("from"))?.ok_or("缺少生效日期 from")?;
            if old == new {
                return Err(format!("代码 {old} 变成了它自己"));
            }
            self.changes.entry(old).or_default().push((from, new));
            Ok(())
        });
        if faults.is_empty() {
            Ok(self)
        } else {
            Err(faults)
        }
    }

    /// Adds what another tree knows; on the same code the other wins.
    pub fn overlay(&mut self, other: RegionTree) {
        self.regions.extend(other.regions);
        self.changes.extend(other.changes);
    }

    /// The region of a code on a day.
    pub fn get(&self, code: RegionCode, day: Date) -> Option<&Region> {
        self.regions
            .get(&code)?
            .iter()
            .find(|region| region.valid_on(day))
    }

    /// Its own name on a day, e.g. 当湖街道.
    pub fn name(&self, code: RegionCode, day: Date) -> Option<&str> {
        self.get(code, day).map(|region| region.name.as_str())
    }

    /// The names from the province down, e.g. 浙江省嘉兴市平湖市当湖街道. Parents
    /// the tree does not know are left out.
    pub fn full_name(&self, code: RegionCode, day: Date) -> String {
        let above = code.parent().map(|parent| self.full_name(parent, day));
        above.unwrap_or_default() + self.name(code, day).unwrap_or_default()
    }

    /// The regions directly below, by code.
    pub fn children(&self, code: RegionCode, day: Date) -> impl Iterator<Item = &Region> {
        self.regions
            .range(code..)
            .take_while(move |(below, _)| code.contains(**below))
            .filter(move |(below, _)| below.parent() == Some(code))
            .filter_map(move |(_, periods)| periods.iter().find(|region| region.valid_on(day)))
    }

    /// Every region valid on a day, by code.
    pub fn all(&self, day: Date) -> impl Iterator<Item = &Region> {
        self.regions
            .values()
            .filter_map(move |periods| periods.iter().find(|region| region.valid_on(day)))
    }

    /// What a code is called on `day`: itself, or what it became by then (a
    /// split gives several). Empty when nothing is known of it.
    pub fn current(&self, code: RegionCode, day: Date) -> Vec<RegionCode> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        self.follow(code, day, &mut found, &mut seen);
        found.sort_unstable();
        found.dedup();
        found
    }

    fn follow(
        &self,
        code: RegionCode,
        day: Date,
        found: &mut Vec<RegionCode>,
        seen: &mut Vec<RegionCode>,
    ) {
        if seen.contains(&code) {
            return;
        }
        seen.push(code);
        let mut changed = false;
        for (from, new) in self.changes.get(&code).into_iter().flatten() {
            if *from <= day {
                changed = true;
                self.follow(*new, day, found, seen);
            }
        }
        if !changed && self.get(code, day).is_some() {
            found.push(code);
        }
    }

    /// How many codes it knows.
    pub fn len(&self) -> usize {
        self.regions.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.regions.is_empty()
    }
}

fn overlap(one: &Region, other: &Region) -> bool {
    let before = |a: &Region, b: &Region| match (a.valid_to, b.valid_from) {
        (Some(to), Some(from)) => to < from,
        _ => false,
    };
    !before(one, other) && !before(other, one)
}

fn region_of(row: &Row<'_>) -> Result<Region, String> {
    let code: RegionCode = row.get("code").parse().map_err(|e| format!("{e}"))?;
    let name = row.get("name").to_owned();
    if name.is_empty() {
        return Err(format!("代码 {code} 没有名称"));
    }
    let level = code.level();
    if row.get("level") != level.word() {
        return Err(format!(
            "代码 {code} 的级别应是 {}，不是“{}”",
            level.word(),
            row.get("level")
        ));
    }
    let parent = row.get("parent");
    if level != RegionLevel::Province {
        let stated: RegionCode = parent.parse().map_err(|e| format!("上级：{e}"))?;
        if Some(stated) != code.parent() {
            return Err(format!("代码 {code} 的上级不应是 {stated}"));
        }
    }
    let (valid_from, valid_to) = (day_of(row.get("valid_from"))?, day_of(row.get("valid_to"))?);
    if let (Some(from), Some(to)) = (valid_from, valid_to)
        && to < from
    {
        return Err(format!("代码 {code} 的终止日早于起始日"));
    }
    Ok(Region {
        code,
        name,
        valid_from,
        valid_to,
    })
}
