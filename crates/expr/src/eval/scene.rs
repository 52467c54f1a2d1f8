//! 「现场」 Where a program's operations find their values while a chunk of
//! households is judged.

use super::ages::Ages;
use super::view::{Truths, View, each2};
use super::width::State;
use crate::column::{Column, TRUTH_FAULT};
use crate::frame::{Frame, Layout, Records};
use crate::program::{NodeId, Place, Plan, Program, Rank};
use crate::{Cell, Environment, RunError, Type};
use std::ops::Range;
use std::sync::{Arc, Weak};

/// Which of a frame's columns are the program's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Binding {
    pub(crate) facts: Vec<usize>,
    pub(crate) kinds: Vec<usize>,
    /// The layouts that were looked at.
    bound: Option<[Weak<Layout>; 2]>,
}

impl Binding {
    /// Finds the program's columns in a frame.
    pub(crate) fn bind(&mut self, program: &Program, frame: &Frame) -> Result<(), RunError> {
        let (wanted, found) = (program.layout(), frame.layout());
        let looked = [Arc::as_ptr(wanted), Arc::as_ptr(found)];
        let same = |bound: &[Weak<Layout>; 2]| bound.each_ref().map(Weak::as_ptr) == looked;
        if self.bound.as_ref().is_some_and(same) {
            return Ok(());
        }
        self.bound = None;
        self.facts.clear();
        self.kinds.clear();
        for fact in wanted.facts() {
            let place = found.fact(fact.id.as_str()).map(|place| place.0);
            match place.filter(|place| found.facts()[*place] == *fact) {
                Some(place) => self.facts.push(place),
                None => return Err(RunError::Fact(fact.id.clone())),
            }
        }
        for kind in wanted.kinds() {
            let place = found.kind(kind.id.as_str()).map(|place| place.0);
            match place.filter(|place| found.kinds()[*place] == *kind) {
                Some(place) => self.kinds.push(place),
                None => return Err(RunError::Records(kind.id.clone())),
            }
        }
        self.bound = Some([Arc::downgrade(wanted), Arc::downgrade(found)]);
        Ok(())
    }
}

/// Some households, their members and their members' records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) households: Range<usize>,
    pub(crate) persons: Range<usize>,
    /// By kind, in the program's order.
    pub(crate) records: Vec<Range<usize>>,
    /// Where each household's members begin and the last one's end, counted from the
    /// first.
    pub(crate) starts: Vec<u32>,
    /// Households with members, then by kind persons with records: what most have none
    /// of is not looked for by every operation anew.
    parts: Vec<Vec<Part>>,
    /// Each person's household, counted from the first.
    pub(crate) owners: Vec<u32>,
    /// At n: of each person, all bits set when the one 2^n further is of his household.
    pub(crate) joined: Vec<Vec<u8>>,
}

/// A household and its members, or a person and his records, counted from the chunk's
/// first; there is at least one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Part {
    row: u32,
    start: u32,
    end: u32,
}

impl Part {
    /// Whose they are.
    pub(crate) fn row(self) -> usize {
        self.row as usize
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Of persons who are known to have some.
    fn of(holders: &[u32], persons: &Range<usize>, offsets: &[u32], parts: &mut Vec<Part>) {
        let place = |end: usize| holders.partition_point(|person| (*person as usize) < end);
        let here = &holders[place(persons.start)..place(persons.end)];
        let (first, first_person) = (offsets[0], persons.start);
        parts.clear();
        parts.extend(here.iter().map(|person| {
            let row = *person as usize - first_person;
            Part {
                row: *person - first_person as u32,
                start: offsets[row] - first,
                end: offsets[row + 1] - first,
            }
        }));
    }

    /// Of rows' offsets, those that are not empty.
    fn find(offsets: &[u32], parts: &mut Vec<Part>) {
        parts.clear();
        parts.resize(offsets.len(), Part::default());
        let first = offsets.first().copied().unwrap_or(0);
        let mut found = 0;
        for (row, pair) in (0..).zip(offsets.windows(2)) {
            let (start, end) = (pair[0] - first, pair[1] - first);
            // Written anyway, kept where there is something: no branch to be guessed.
            parts[found] = Part { row, start, end };
            found += usize::from(start != end);
        }
        parts.truncate(found);
    }
}

impl Chunk {
    /// The first households of `from`, about `people` members together.
    pub(crate) fn set(
        &mut self,
        frame: &Frame,
        binding: &Binding,
        from: Range<usize>,
        people: usize,
    ) {
        let start = from.start;
        let first = frame.members[start];
        let limit = u32::try_from(people).map_or(u32::MAX, |people| first.saturating_add(people));
        let ends = &frame.members[start + 1..=from.end];
        // At least one household, however large.
        let count = ends.partition_point(|end| *end <= limit).max(1);
        // Households without members would make a chunk too long.
        let count = count.min(ends.len()).min(people.max(1));
        self.households = start..start + count;
        self.persons = first as usize..frame.members[start + count] as usize;
        let members = &frame.members[start..=start + count];
        self.starts.clear();
        self.starts
            .extend(members.iter().map(|start| start - first));
        self.parts.resize_with(1 + binding.kinds.len(), Vec::new);
        self.records.clear();
        for (place, kind) in binding.kinds.iter().enumerate() {
            let offsets = &frame.records[*kind].offsets[self.persons.start..=self.persons.end];
            let (from, to) = (offsets[0], offsets[offsets.len() - 1]);
            self.records.push(from as usize..to as usize);
            let parts = &mut self.parts[1 + place];
            match &frame.records[*kind].holders {
                Some(holders) => Part::of(holders, &self.persons, offsets, parts),
                None => Part::find(offsets, parts),
            }
        }
        Part::find(members, &mut self.parts[0]);
        self.find_owners();
    }

    /// Households are counted up where each begins: no branch depends on their sizes.
    fn find_owners(&mut self) {
        let starts = &self.starts[..];
        self.owners.clear();
        self.owners.resize(self.persons.len(), 0);
        for start in &starts[1..starts.len() - 1] {
            // The last ones may be without members.
            if let Some(owner) = self.owners.get_mut(*start as usize) {
                *owner += 1;
            }
        }
        let mut household = 0;
        for owner in &mut self.owners {
            household += *owner;
            *owner = household;
        }
        let sizes = starts.windows(2).map(|pair| pair[1] - pair[0]);
        let largest = sizes.max().unwrap_or(0).max(1);
        let steps = (u32::BITS - (largest - 1).leading_zeros()) as usize;
        self.joined.resize_with(steps, Vec::new);
        for (step, joined) in self.joined.iter_mut().enumerate() {
            let (owners, ahead) = (&self.owners[..], 1 << step);
            let later = owners.get(ahead..).unwrap_or(&[]);
            joined.clear();
            joined.resize(later.len(), 0);
            each2(joined, (owners, later), |this, that| {
                u8::from(this == that).wrapping_neg()
            });
        }
    }

    pub(crate) fn range(&self, rank: Rank) -> Range<usize> {
        match rank {
            Rank::Scalar => 0..1,
            Rank::Household => self.households.clone(),
            Rank::Person => self.persons.clone(),
            Rank::Record(kind) => self.records.get(kind).cloned().unwrap_or_default(),
        }
    }

    pub(crate) fn rows(&self, rank: Rank) -> usize {
        self.range(rank).len()
    }
}

/// Everything an operation may read.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) program: &'a Program,
    pub(crate) plan: &'a Plan,
    pub(crate) frame: &'a Frame,
    pub(crate) environment: &'a Environment,
    pub(crate) binding: &'a Binding,
    pub(crate) chunk: &'a Chunk,
    pub(crate) registers: &'a [Option<Box<Column>>],
    /// What is known of each node.
    pub(crate) states: &'a [State],
    /// Ages on the day of judgement.
    pub(crate) ages: &'a Ages,
}

/// Reads a column's rows as one sort of values; anything else is a fault.
macro_rules! viewer {
    ($name:ident, $sort:ident, $type:ty) => {
        pub(crate) fn $name(&self, id: NodeId) -> View<'a, $type> {
            match self.column(id) {
                Some((Column::$sort(values, gaps), Span::Rows(rows))) => {
                    match (values.get(rows.clone()), gaps.get(rows)) {
                        (Some(values), Some(gaps)) => View::Many(values, gaps),
                        _ => View::fault(),
                    }
                }
                Some((Column::$sort(values, gaps), Span::At(row))) => {
                    match (values.get(row), gaps.get(row)) {
                        (Some(value), Some(gap)) => View::One(*value, *gap),
                        _ => View::fault(),
                    }
                }
                _ => View::fault(),
            }
        }
    };
}

/// Which rows of a column: those, or one that stands for all.
enum Span {
    Rows(Range<usize>),
    At(usize),
}

impl<'a> Scene<'a> {
    viewer!(numbers, Number, i64);
    viewer!(dates, Date, i32);
    viewer!(codes, Code, u16);

    pub(crate) fn truths(&self, id: NodeId) -> Truths<'a> {
        match self.column(id) {
            Some((Column::Truth(truths), Span::Rows(rows))) => match truths.get(rows) {
                Some(truths) => Truths::Many(truths),
                None => Truths::One(TRUTH_FAULT),
            },
            Some((Column::Truth(truths), Span::At(row))) => match truths.get(row) {
                Some(truth) => Truths::One(*truth),
                None => Truths::One(TRUTH_FAULT),
            },
            _ => Truths::One(TRUTH_FAULT),
        }
    }

    /// What is known of all rows of a node.
    pub(crate) fn state(&self, id: NodeId) -> State {
        self.states.get(id.place()).copied().unwrap_or_default()
    }

    /// Whether one value stands for all rows of a node.
    pub(crate) fn is_one(&self, id: NodeId) -> bool {
        self.state(id).uniform
    }

    /// No number of a node is wider (see [`super::width::Outcome`]).
    pub(crate) fn width(&self, id: NodeId) -> u32 {
        self.state(id).width
    }

    /// Whether some row of a node may be a fault.
    pub(crate) fn may_be_faulty(&self, id: NodeId) -> bool {
        self.state(id).faulty
    }

    /// The column a node's values lie in, and where in it.
    fn column(&self, id: NodeId) -> Option<(&'a Column, Span)> {
        let rank = self.program.nodes.get(id.place())?.rank;
        let span = |start: usize, rows: Range<usize>| match self.is_one(id) {
            true => Span::At(start),
            false => Span::Rows(rows),
        };
        match *self.plan.places.get(id.place())? {
            Place::Fact(fact) => {
                let column = self.frame.facts.get(*self.binding.facts.get(fact)?)?;
                let rows = self.chunk.range(rank);
                Some((column, span(rows.start, rows)))
            }
            Place::Field(kind, field) => {
                let column = self.records(kind)?.fields.get(field)?;
                Some((column, Span::Rows(self.chunk.range(rank))))
            }
            Place::Parameter(parameter, _) if self.environment.regions == 1 => {
                Some((self.environment.values.get(parameter)?, Span::At(0)))
            }
            Place::Register(register) | Place::Parameter(_, register) => {
                let column = self.registers.get(register)?.as_deref()?;
                Some((column, span(0, 0..self.chunk.rows(rank))))
            }
        }
    }

    /// The frame's records of a kind of the program.
    pub(crate) fn records(&self, kind: usize) -> Option<&'a Records> {
        self.frame.records.get(*self.binding.kinds.get(kind)?)
    }

    /// Those of the next coarser rank that have rows of `rank`, in order.
    pub(crate) fn parts(&self, rank: Rank) -> &'a [Part] {
        let place = match rank {
            Rank::Record(kind) => 1 + kind,
            _ => 0,
        };
        self.chunk.parts.get(place).map_or(&[], Vec::as_slice)
    }

    /// Where the rows of `rank` begin and end for each row of the next coarser
    /// rank, counted from the first of the chunk.
    pub(crate) fn segments(&self, rank: Rank) -> Segments<'a> {
        let (offsets, rows) = match rank {
            Rank::Record(kind) => {
                let offsets = self.records(kind).map(|records| &records.offsets[..]);
                (offsets.unwrap_or(&[]), self.chunk.persons.clone())
            }
            _ => (&self.frame.members[..], self.chunk.households.clone()),
        };
        Segments {
            offsets: offsets.get(rows.start..=rows.end).unwrap_or(&[]),
        }
    }

    /// A node's cell; rows count from the first of the chunk.
    pub(crate) fn cell(&self, id: NodeId, row: usize, ty: &Type) -> Cell {
        match self.column(id) {
            Some((column, Span::Rows(rows))) => column.cell(rows.start + row, ty),
            Some((column, Span::At(row))) => column.cell(row, ty),
            None => Cell::Fault,
        }
    }
}

/// Row ranges, one for each row of a coarser rank.
#[derive(Clone, Copy)]
pub(crate) struct Segments<'a> {
    offsets: &'a [u32],
}

impl Segments<'_> {
    /// The ranges in order.
    pub(crate) fn ranges(self) -> impl Iterator<Item = Range<usize>> {
        let base = self.offsets.first().copied().unwrap_or(0);
        let mut start = 0;
        self.offsets.iter().skip(1).map(move |end| {
            let range = start..(end - base) as usize;
            start = range.end;
            range
        })
    }

    /// One range.
    pub(crate) fn range(self, row: usize) -> Range<usize> {
        let base = self.offsets.first().copied().unwrap_or(0);
        match self.offsets.get(row..row + 2) {
            Some(&[start, end]) => (start - base) as usize..(end - base) as usize,
            _ => 0..0,
        }
    }
}
