//! 「一户」 One small household judged value by value: looking for columns and asking
//! what they have in common costs more than a handful of people do. The same answers as
//! the chunks give; large households are theirs.

use super::ages::Ages;
use super::alone::{self, Slot, What};
use super::scene::{Binding, Chunk};
use crate::column::Column;
use crate::program::{Constant, Node, Op, OutputPlan, Place, Plan, Rank, Step};
use crate::results::Results;
use crate::{Environment, Frame};
use std::sync::Arc;

/// The most rows of a rank; slots of a node lie this far apart.
pub(super) const ROWS: usize = 12;

/// Where an operand's values lie: the first, and how far the next is (0: one for all).
/// Both in few bytes: a household's way through hundreds of codes is bound by fetching
/// them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct From(u32);

impl From {
    fn new(start: usize, step: bool) -> From {
        From((u32::try_from(start).unwrap_or(0) << 1) | u32::from(step))
    }

    fn start(self) -> usize {
        (self.0 >> 1) as usize
    }

    #[inline(always)]
    pub(super) fn at(self, row: usize) -> usize {
        self.start() + row * (self.0 & 1) as usize
    }
}

/// An operation with everything found beforehand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    pub(super) what: What,
    /// Its operands, in the order of [`Op::operands`].
    pub(super) from: [From; 3],
    /// Where its own go.
    pub(super) to: From,
    /// By which entry of `rows` it has rows.
    rank: u16,
}

/// A column to fetch: what it is, its first slot, and its rank.
#[derive(Clone, Copy, Debug)]
struct Fetch {
    place: Place,
    to: usize,
    rank: Rank,
}

/// A program made ready for single households. What depends on the law's numbers alone
/// is computed once for a region and stays in slots of its own.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    law: Vec<(Op, Code)>,
    law_fetches: Vec<Fetch>,
    codes: Vec<Code>,
    /// How many codes one after the other do the same, so that what comes next has to be
    /// guessed less often.
    runs: Vec<usize>,
    fetches: Vec<Fetch>,
    /// Each output's slots, and whether it has a row per person.
    outputs: Vec<(From, bool)>,
    /// How many slots.
    slots: usize,
    /// How many kinds of records.
    kinds: usize,
}

/// The memory to run it.
#[derive(Debug, Default)]
pub(crate) struct Lone {
    pub(super) slots: Vec<Slot>,
    /// How many rows the ranks have: scalars, households, persons, kinds of records.
    rows: Vec<usize>,
    /// By kind, where each person's records begin, counted from the household's first.
    pub(super) offsets: Vec<Vec<usize>>,
    /// By kind, whether each person's records are all known.
    pub(super) unanswered: Vec<Vec<u8>>,
    /// Which values the law's numbers were computed from, and of which region.
    law_of: Option<(Arc<()>, usize)>,
}

fn rank_place(rank: Rank) -> usize {
    match rank {
        Rank::Scalar => 0,
        Rank::Household => 1,
        Rank::Person => 2,
        Rank::Record(kind) => 3 + kind,
    }
}

impl Codes {
    /// Of a program's nodes, plan and outputs.
    pub(crate) fn new(nodes: &[Node], plan: &Plan, outputs: &[OutputPlan], kinds: usize) -> Codes {
        let mut made = Codes::default();
        let mut free = 0;
        let mut levels: Vec<usize> = Vec::with_capacity(nodes.len());
        let mut codes: Vec<(usize, Code)> = Vec::new();
        let mut froms: Vec<From> = Vec::with_capacity(nodes.len());
        let mut lawful: Vec<bool> = Vec::with_capacity(nodes.len());
        let mut steps = plan.scalars.iter().chain(&plan.steps).collect::<Vec<_>>();
        steps.sort_by_key(|step| step.id);
        let mut steps = steps.into_iter().peekable();
        for ((place, node), lies) in nodes.iter().enumerate().zip(&plan.places) {
            let step = steps.next_if(|step| step.id.place() == place);
            let is_law = is_lawful(node, &lawful);
            let fetch = |to: usize| Fetch {
                place: *lies,
                to,
                rank: node.rank,
            };
            let from = match (node.op, *lies) {
                // One household's value is every member's.
                (Op::Spread(x, Rank::Person), _) if lawful[x.place()] => froms[x.place()],
                (Op::Parameter(_), _) => {
                    made.law_fetches.push(fetch(free));
                    take(&mut free, 1, false)
                }
                (_, Place::Register(_)) if is_law => take(&mut free, 1, false),
                (_, lies) => {
                    if !matches!(lies, Place::Register(_)) {
                        made.fetches.push(fetch(free));
                    }
                    match rank_place(node.rank) > 1 {
                        true => take(&mut free, ROWS, true),
                        false => take(&mut free, 1, false),
                    }
                }
            };
            let shared = matches!(node.op, Op::Spread(x, Rank::Person) if lawful[x.place()]);
            froms.push(from);
            lawful.push(is_law);
            let below = node.op.operands().map(|x| levels[x.place()] + 1);
            levels.push(below.max().unwrap_or(0));
            if let Some(step) = step.filter(|_| !shared && !matches!(node.op, Op::Parameter(_))) {
                let code = Code::new(step, nodes, &froms);
                match is_law {
                    true => made.law.push((node.op, code)),
                    false => codes.push((levels[place], code)),
                }
            }
        }
        // What is computed from the same depth may be computed in any order.
        codes.sort_by_cached_key(|(level, code)| (*level, code.rank, format!("{:?}", code.what)));
        made.codes = codes.into_iter().map(|(_, code)| code).collect();
        let same = |a: &Code, b: &Code| a.rank == b.rank && a.what == b.what;
        made.runs = made.codes.chunk_by(same).map(<[Code]>::len).collect();
        made.outputs = outputs
            .iter()
            .map(|output| {
                (
                    froms[output.node.place()],
                    Rank::of(output.level) == Rank::Person,
                )
            })
            .collect();
        made.slots = free;
        made.kinds = kinds;
        made
    }
}

/// Whether a node depends on nothing but the law's numbers, the day and the region.
fn is_lawful(node: &Node, lawful: &[bool]) -> bool {
    match node.op {
        Op::Fact(_) | Op::Field(..) | Op::Aggregate(_) => false,
        op => rank_place(node.rank) < 2 && op.operands().all(|x| lawful[x.place()]),
    }
}

fn take(free: &mut usize, slots: usize, step: bool) -> From {
    let start = *free;
    *free += slots;
    From::new(start, step)
}

impl Code {
    fn new(step: &Step, nodes: &[Node], froms: &[From]) -> Code {
        let mut from = [From::default(); 3];
        from.iter_mut().zip(&step.operands).for_each(|(to, id)| {
            *to = froms[id.place()];
        });
        Code {
            what: What::of(nodes, &step.node.op),
            from,
            to: froms[step.id.place()],
            rank: u16::try_from(rank_place(step.node.rank)).unwrap_or(0),
        }
    }
}

impl Lone {
    /// With memory for a program.
    fn ready(&mut self, codes: &Codes) {
        if self.slots.len() != codes.slots {
            self.slots = vec![Slot::default(); codes.slots];
            self.rows = vec![1; 3 + codes.kinds];
            self.offsets = vec![Vec::new(); codes.kinds];
            self.unanswered = vec![Vec::new(); codes.kinds];
            self.law_of = None;
        }
    }

    pub(super) fn members(&self) -> usize {
        self.rows[2]
    }

    /// Whether a chunk is one small household.
    pub(crate) fn takes(chunk: &Chunk) -> bool {
        chunk.households.len() == 1
            && chunk.persons.len() <= ROWS
            && chunk.records.iter().all(|records| records.len() <= ROWS)
    }

    /// Judges the household of a chunk; its rows are added to `results`.
    pub(crate) fn judge(
        &mut self,
        codes: &Codes,
        (frame, binding, chunk): (&Frame, &Binding, &Chunk),
        (environment, ages): (&Environment, &Ages),
        results: &mut Results,
    ) {
        self.ready(codes);
        self.rows[2] = chunk.persons.len();
        for (kind, place) in binding.kinds.iter().enumerate() {
            let (records, first) = (&frame.records[*place], chunk.records[kind].start);
            self.rows[3 + kind] = chunk.records[kind].len();
            let starts = &records.offsets[chunk.persons.start..=chunk.persons.end];
            self.offsets[kind].clear();
            self.offsets[kind].extend(starts.iter().map(|start| *start as usize - first));
            self.unanswered[kind].clear();
            self.unanswered[kind].extend_from_slice(&records.gaps[chunk.persons.clone()]);
        }
        let region = frame.regions[chunk.households.start] as usize;
        let known = self.law_of.as_ref().is_some_and(|(content, of)| {
            Arc::ptr_eq(content, &environment.content) && *of == region
        });
        if !known {
            self.law_of = Some((environment.content.clone(), region));
            self.fetch(&codes.law_fetches, (frame, binding, chunk), environment);
            for (op, code) in &codes.law {
                self.scalar(op, code, environment, ages);
            }
        }
        self.fetch(&codes.fetches, (frame, binding, chunk), environment);
        let mut rest = &codes.codes[..];
        for run in &codes.runs {
            let (these, others) = rest.split_at(*run);
            self.compute(these, self.rows[usize::from(these[0].rank)], ages);
            rest = others;
        }
        self.hand_out(&codes.outputs, results);
    }

    fn scalar(&mut self, op: &Op, code: &Code, environment: &Environment, ages: &Ages) {
        self.slots[code.to.at(0)] = match *op {
            Op::Constant(Constant::Truth(truth)) => Slot::truth(truth),
            Op::Constant(Constant::Number(digits)) => Slot::known(digits),
            Op::Constant(Constant::Date(day)) => Slot::known(i64::from(day)),
            Op::Constant(Constant::Code(code)) => Slot::known(i64::from(code)),
            Op::AsOf => Slot::known(i64::from(super::operate::today(environment))),
            Op::MonthsBefore(months) => {
                let day = super::operate::months_before(environment, months);
                Slot::known(i64::from(day))
            }
            _ => return self.compute(std::slice::from_ref(code), 1, ages),
        };
    }

    fn fetch(
        &mut self,
        fetches: &[Fetch],
        (frame, binding, chunk): (&Frame, &Binding, &Chunk),
        environment: &Environment,
    ) {
        let region = frame.regions[chunk.households.start] as usize;
        for fetch in fetches {
            let (column, start) = match fetch.place {
                Place::Fact(fact) => (
                    &frame.facts[binding.facts[fact]],
                    chunk.range(fetch.rank).start,
                ),
                Place::Field(kind, field) => (
                    &frame.records[binding.kinds[kind]].fields[field],
                    chunk.range(fetch.rank).start,
                ),
                Place::Parameter(parameter, _) => (&environment.values[parameter], region),
                Place::Register(_) => continue,
            };
            let rows = self.rows[rank_place(fetch.rank)];
            let to = &mut self.slots[fetch.to..fetch.to + rows];
            let span = start..start + rows;
            match column {
                Column::Truth(truths) => {
                    for (to, truth) in to.iter_mut().zip(&truths[span]) {
                        *to = Slot::truth(*truth);
                    }
                }
                Column::Number(values, gaps) => alone::copy(to, &values[span.clone()], &gaps[span]),
                Column::Date(values, gaps) => alone::copy(to, &values[span.clone()], &gaps[span]),
                Column::Code(values, gaps) => alone::copy(to, &values[span.clone()], &gaps[span]),
            }
        }
    }

    fn hand_out(&self, outputs: &[(From, bool)], results: &mut Results) {
        for ((from, by_person), to) in outputs.iter().zip(&mut results.columns) {
            let rows = if *by_person { self.rows[2] } else { 1 };
            for row in 0..rows {
                let slot = self.slots[from.at(row)];
                match &mut to.column {
                    Column::Truth(truths) => truths.push(slot.byte()),
                    Column::Number(values, gaps) => slot.push(values, gaps, |x| x),
                    // What was put in as a day or a code fits as one.
                    Column::Date(values, gaps) => {
                        slot.push(values, gaps, |x| i32::try_from(x).unwrap_or(0));
                    }
                    Column::Code(values, gaps) => {
                        slot.push(values, gaps, |x| u16::try_from(x).unwrap_or(0));
                    }
                }
            }
        }
    }
}
