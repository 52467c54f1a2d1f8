//! 「数据帧」 Households, their members and their members' records, as columns
//! lying household by household. One household is a frame of one.

use crate::column::{Column, ColumnView};
use crate::few::Few;
use crate::schema::{FactDecl, RecordKind};
use crate::types::Level;
use crate::{Cell, Value};
use kernel::Slug;
use std::collections::HashMap;
use std::sync::Arc;

/// Which columns a frame has. Made by a program ([`crate::Program::layout`]) or
/// for several programs at once; a program runs on any frame that has its
/// columns.
#[derive(Debug, Default)]
pub struct Layout {
    facts: Vec<Arc<FactDecl>>,
    kinds: Vec<Arc<RecordKind>>,
    fact_places: HashMap<Slug, usize>,
    kind_places: HashMap<Slug, usize>,
}

/// The place of a fact in a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FactPlace(pub(crate) usize);

/// The place of a kind of records in a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KindPlace(pub(crate) usize);

impl Layout {
    /// A layout of these columns, each once. Of two with one id (a mistake of the
    /// caller) only the first can be found by id; the other stays missing.
    pub fn new(
        facts: impl IntoIterator<Item = Arc<FactDecl>>,
        kinds: impl IntoIterator<Item = Arc<RecordKind>>,
    ) -> Layout {
        let mut layout = Layout::default();
        for fact in facts {
            let known = layout.fact_places.contains_key(&fact.id);
            if known && layout.facts.contains(&fact) {
                continue;
            }
            let place = layout.facts.len();
            layout.fact_places.entry(fact.id.clone()).or_insert(place);
            layout.facts.push(fact);
        }
        for kind in kinds {
            let known = layout.kind_places.contains_key(&kind.id);
            if known && layout.kinds.contains(&kind) {
                continue;
            }
            let place = layout.kinds.len();
            layout.kind_places.entry(kind.id.clone()).or_insert(place);
            layout.kinds.push(kind);
        }
        layout
    }

    /// All facts, by place.
    pub fn facts(&self) -> &[Arc<FactDecl>] {
        &self.facts
    }

    /// All kinds of records, by place.
    pub fn kinds(&self) -> &[Arc<RecordKind>] {
        &self.kinds
    }

    /// Where a fact is.
    pub fn fact(&self, id: &str) -> Option<FactPlace> {
        self.fact_places.get(id).copied().map(FactPlace)
    }

    /// Where a kind of records is.
    pub fn kind(&self, id: &str) -> Option<KindPlace> {
        self.kind_places.get(id).copied().map(KindPlace)
    }
}

/// Why a value cannot go into a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// There is no household, member or record to put it at.
    #[error("“{0}”没有可以放的行")]
    NoRow(Slug),
    /// The value has another type, or more decimals than the fact keeps.
    #[error("“{0}”的值类型不对，或者小数太多")]
    Type(Slug),
    /// Members without a household, or more than four billion rows.
    #[error("数据帧的行不对")]
    Rows,
}

/// Columns of facts over households, members and records. Whatever is not set
/// is missing; whatever records were not answered for are unknown, not none.
#[derive(Clone, Debug)]
pub struct Frame {
    pub(crate) layout: Arc<Layout>,
    /// Region index of each household, into the environment's regions.
    pub(crate) regions: Vec<u32>,
    /// The largest of them.
    pub(crate) region_max: u32,
    /// Members of household h: `members[h]..members[h + 1]`.
    pub(crate) members: Vec<u32>,
    pub(crate) facts: Vec<Column>,
    /// Of each fact's numbers (see [`crate::eval::width`]).
    pub(crate) widths: Vec<u32>,
    /// Of each fact, once [`Frame::settle`] has looked and until a cell changes.
    pub(crate) few: Vec<Option<Few>>,
    pub(crate) records: Vec<Records>,
}

/// In columns where no more than one row in so many differs, the others are not looked
/// at one by one.
const ONE_IN: usize = 6;

/// The records of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    /// Records of person p: `offsets[p]..offsets[p + 1]`.
    pub(crate) offsets: Vec<u32>,
    /// Per person: 0 answered, [`crate::column::MISSING`] when not.
    pub(crate) gaps: Vec<u8>,
    pub(crate) fields: Vec<Column>,
    /// Of each field's numbers.
    pub(crate) widths: Vec<u32>,
    /// Persons who have any, once [`Frame::settle`] has looked and until there are more.
    pub(crate) holders: Option<Vec<u32>>,
}

impl Frame {
    /// An empty frame.
    pub fn new(layout: Arc<Layout>) -> Frame {
        let facts: Vec<Column> = layout.facts.iter().map(|f| Column::of(&f.ty)).collect();
        let records = layout
            .kinds
            .iter()
            .map(|kind| Records {
                offsets: vec![0],
                gaps: Vec::new(),
                fields: kind.fields.iter().map(|f| Column::of(&f.ty)).collect(),
                widths: vec![0; kind.fields.len()],
                holders: None,
            })
            .collect();
        Frame {
            layout,
            regions: Vec::new(),
            region_max: 0,
            members: vec![0],
            widths: vec![0; facts.len()],
            few: Vec::new(),
            facts,
            records,
        }
    }

    /// Its columns.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// How many households.
    pub fn households(&self) -> usize {
        self.regions.len()
    }

    /// How many members, of all households.
    pub fn persons(&self) -> usize {
        self.members.last().map_or(0, |&end| end as usize)
    }

    /// The person rows of a household.
    pub fn members_of(&self, household: usize) -> std::ops::Range<usize> {
        match self.members.get(household..household + 2) {
            Some(&[start, end]) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// The household row of a person.
    pub fn household_of(&self, person: usize) -> usize {
        self.members
            .partition_point(|&start| start as usize <= person)
            .saturating_sub(1)
    }

    /// Notes which facts hardly anybody has, so that judging goes by those who do. Worth
    /// it for a frame that is judged more than once; any change of a cell undoes it.
    /// Changes speed, never answers.
    pub fn settle(&mut self) {
        self.settle_where(ONE_IN);
    }

    /// As [`Frame::settle`], of facts of which at most one row in `one_in` differs.
    pub fn settle_where(&mut self, one_in: usize) {
        self.few = self.facts.iter().map(|c| Few::of(c, one_in)).collect();
        for records in &mut self.records {
            let pairs = (0..).zip(records.offsets.windows(2));
            let some = pairs.filter(|(_, pair)| pair[0] != pair[1]);
            records.holders = Some(some.map(|(person, _)| person).collect());
        }
    }

    /// Removes all rows, keeps the memory.
    pub fn clear(&mut self) {
        self.few.clear();
        self.regions.clear();
        self.region_max = 0;
        self.members.truncate(1);
        self.facts.iter_mut().for_each(Column::clear);
        self.widths.fill(0);
        for records in &mut self.records {
            records.offsets.truncate(1);
            records.holders = None;
            records.gaps.clear();
            records.fields.iter_mut().for_each(Column::clear);
            records.widths.fill(0);
        }
    }

    /// Begins the next household, in the region with this index; returns its row.
    pub fn push_household(&mut self, region: u32) -> usize {
        self.few.clear();
        for (fact, column) in self.layout.facts.iter().zip(&mut self.facts) {
            if fact.level == Level::Household {
                column.push_missing();
            }
        }
        self.regions.push(region);
        self.region_max = self.region_max.max(region);
        let end = self.members.last().copied().unwrap_or(0);
        self.members.push(end);
        self.regions.len() - 1
    }

    /// Begins the next member of the last household; returns the person row.
    pub fn push_member(&mut self) -> Result<usize, FrameError> {
        let end = self.members.last_mut().ok_or(FrameError::Rows)?;
        if self.regions.is_empty() {
            return Err(FrameError::Rows);
        }
        *end = end.checked_add(1).ok_or(FrameError::Rows)?;
        let person = *end as usize - 1;
        self.few.clear();
        for (fact, column) in self.layout.facts.iter().zip(&mut self.facts) {
            if fact.level == Level::Person {
                column.push_missing();
            }
        }
        for records in &mut self.records {
            let end = records.offsets.last().copied().unwrap_or(0);
            records.offsets.push(end);
            records.gaps.push(crate::column::MISSING);
            records.holders = None;
        }
        Ok(person)
    }

    /// Says that the last member's records of this kind are all known: those
    /// pushed, and no others.
    pub fn answer_records(&mut self, kind: KindPlace) {
        let gap = self.records.get_mut(kind.0).and_then(|r| r.gaps.last_mut());
        if let Some(gap) = gap {
            *gap = 0;
        }
    }

    /// Adds a record of the last member, its fields missing until set; returns
    /// the record's row. Says nothing about whether there are others.
    pub fn push_record(&mut self, kind: KindPlace) -> Result<usize, FrameError> {
        let records = self.records.get_mut(kind.0).ok_or(FrameError::Rows)?;
        if records.gaps.is_empty() {
            return Err(FrameError::Rows);
        }
        records.holders = None;
        let end = records.offsets.last_mut().ok_or(FrameError::Rows)?;
        *end = end.checked_add(1).ok_or(FrameError::Rows)?;
        let row = *end as usize - 1;
        records.fields.iter_mut().for_each(Column::push_missing);
        Ok(row)
    }

    /// Sets a fact of the last household or member.
    pub fn set(&mut self, fact: FactPlace, value: Value) -> Result<(), FrameError> {
        let rows = self.facts.get(fact.0).map_or(0, Column::len);
        match rows.checked_sub(1) {
            Some(row) => self.set_at(fact, row, Some(value)),
            None => Err(self.no_row(fact)),
        }
    }

    /// Sets a fact of a household or person row; `None` makes it missing.
    pub fn set_at(
        &mut self,
        fact: FactPlace,
        row: usize,
        value: Option<Value>,
    ) -> Result<(), FrameError> {
        let (Some(decl), Some(column)) =
            (self.layout.facts.get(fact.0), self.facts.get_mut(fact.0))
        else {
            return Err(FrameError::Rows);
        };
        if row >= column.len() {
            return Err(FrameError::NoRow(decl.id.clone()));
        }
        self.few.clear();
        if !column.set(row, value, &decl.ty) {
            return Err(FrameError::Type(decl.id.clone()));
        }
        if let Some(width) = self.widths.get_mut(fact.0) {
            *width = column.width_at(row).max(*width);
        }
        Ok(())
    }

    /// Sets a field (by its place in the kind) of the last record of a kind.
    pub fn set_field(
        &mut self,
        kind: KindPlace,
        field: usize,
        value: Value,
    ) -> Result<(), FrameError> {
        let (Some(decl), Some(records)) =
            (self.layout.kinds.get(kind.0), self.records.get_mut(kind.0))
        else {
            return Err(FrameError::Rows);
        };
        let (Some(decl), Some(column)) = (decl.fields.get(field), records.fields.get_mut(field))
        else {
            return Err(FrameError::Rows);
        };
        let Some(row) = column.len().checked_sub(1) else {
            return Err(FrameError::NoRow(decl.id.clone()));
        };
        if !column.set(row, Some(value), &decl.ty) {
            return Err(FrameError::Type(decl.id.clone()));
        }
        if let Some(width) = records.widths.get_mut(field) {
            *width = column.width_at(row).max(*width);
        }
        Ok(())
    }

    /// What a fact's cell holds; missing beyond the rows.
    pub fn get(&self, fact: FactPlace, row: usize) -> Cell {
        match (self.layout.facts.get(fact.0), self.facts.get(fact.0)) {
            (Some(decl), Some(column)) => column.cell(row, &decl.ty),
            _ => Cell::Missing,
        }
    }

    /// What a field of a record (by its row among all of the kind) holds; missing beyond
    /// the rows.
    pub fn field(&self, kind: KindPlace, field: usize, row: usize) -> Cell {
        let decl = self.layout.kinds.get(kind.0);
        let decl = decl.and_then(|kind| kind.fields.get(field));
        let column = self
            .records
            .get(kind.0)
            .and_then(|all| all.fields.get(field));
        match (decl, column) {
            (Some(decl), Some(column)) => column.cell(row, &decl.ty),
            _ => Cell::Missing,
        }
    }

    /// A fact's column as it lies.
    pub fn column(&self, fact: FactPlace) -> Option<ColumnView<'_>> {
        self.facts.get(fact.0).map(Column::view)
    }

    /// A kind's records as they lie: where each person's begin and end, per person 0
    /// where all are known, and the field columns.
    pub fn records(&self, kind: KindPlace) -> Option<(&[u32], &[u8], Vec<ColumnView<'_>>)> {
        let records = self.records.get(kind.0)?;
        let fields = records.fields.iter().map(Column::view).collect();
        Some((&records.offsets, &records.gaps, fields))
    }

    fn no_row(&self, fact: FactPlace) -> FrameError {
        match self.layout.facts.get(fact.0) {
            Some(decl) => FrameError::NoRow(decl.id.clone()),
            None => FrameError::Rows,
        }
    }
}
