//! 「逐值运算」 What each operation does to single values; see [`super::lone`].

use super::ages::Ages;
use super::arithmetic::{between, divide, divide_near, fitting, rounded, rounded_near};
use super::gather::{OPEN, decided, doubtful};
use super::lone::{Code, Lone};
use super::view::{and, gap_of_truth, not, or, truth_of_gap};
use crate::ast::AggregateOp;
use crate::column::{FALSE, FAULT, MISSING, TRUE, date_of, truth_byte};
use crate::number::{power_of_ten, round_half_up};
use crate::program::{Comparison, Node, NodeId, Op, Rank, Storage};
use crate::typed::{DateFunction, Rounding};

/// One value: a number, a day, a code, or a truth byte. Under a gap it is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    value: i64,
    gap: u8,
}

impl Slot {
    #[inline(always)]
    pub(super) fn known(value: i64) -> Slot {
        Slot { value, gap: 0 }
    }

    #[inline(always)]
    pub(super) fn truth(truth: u8) -> Slot {
        Slot::known(i64::from(truth))
    }

    /// As a truth byte.
    #[inline(always)]
    pub(super) fn byte(self) -> u8 {
        self.value as u8
    }

    /// Adds it to a column.
    #[inline(always)]
    pub(super) fn push<T>(self, values: &mut Vec<T>, gaps: &mut Vec<u8>, of: impl Fn(i64) -> T) {
        values.push(of(self.value));
        gaps.push(self.gap);
    }

    #[inline(always)]
    fn gap(gap: u8) -> Slot {
        Slot { value: 0, gap }
    }

    #[inline(always)]
    fn made((value, gap): (i64, u8)) -> Slot {
        match gap {
            0 => Slot::known(value),
            gap => Slot::gap(gap),
        }
    }
}

pub(super) fn copy<T: Copy + Into<i64>>(to: &mut [Slot], values: &[T], gaps: &[u8]) {
    for (to, (value, gap)) in to.iter_mut().zip(values.iter().zip(gaps)) {
        *to = Slot::made(((*value).into(), *gap));
    }
}

/// What a code does; where its operands lie the code says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Not,
    And,
    Or,
    /// Whether what is compared, or chosen between, are truths.
    Compare(Comparison, bool),
    If(bool),
    Add,
    Subtract,
    Multiply(u8),
    Divide(u8),
    Extreme(bool),
    Dates(DateFunction),
    Negate,
    Abs,
    Rescale(u8),
    Round(Rounding, u8, u8),
    Copy,
    /// To records of a kind.
    Spread(u16),
    /// Over members, or records of a kind; whether there are filter and value.
    Gather(AggregateOp, Option<u16>, bool, bool),
    /// Fetched, or known from the start.
    Given,
}

impl What {
    pub(super) fn of(nodes: &[Node], op: &Op) -> What {
        let truths = |id: NodeId| {
            let node = nodes.get(id.place());
            node.is_some_and(|node| node.storage == Storage::Truth)
        };
        // Kinds of records are named in packs: there are not so many.
        let kind = |kind: usize| u16::try_from(kind).unwrap_or(u16::MAX);
        match *op {
            Op::Not(_) => What::Not,
            Op::And(..) => What::And,
            Op::Or(..) => What::Or,
            Op::Compare(how, a, _) => What::Compare(how, truths(a)),
            Op::If(_, a, _) => What::If(truths(a)),
            Op::Add(..) => What::Add,
            Op::Subtract(..) => What::Subtract,
            Op::Multiply(_, _, drop) => What::Multiply(drop),
            Op::Divide(_, _, shift) => What::Divide(shift),
            Op::Extreme(greatest, ..) => What::Extreme(greatest),
            Op::Dates(function, ..) => What::Dates(function),
            Op::Negate(_) => What::Negate,
            Op::Abs(_) => What::Abs,
            Op::Rescale(_, more) => What::Rescale(more),
            Op::Round(how, _, drop, zeros) => What::Round(how, drop, zeros),
            Op::Spread(_, Rank::Record(of)) => What::Spread(kind(of)),
            Op::Spread(..) => What::Copy,
            Op::Aggregate(gather) => {
                let of = match gather.over {
                    Rank::Record(of) => Some(kind(of)),
                    _ => None,
                };
                What::Gather(
                    gather.op,
                    of,
                    gather.filter.is_some(),
                    gather.value.is_some(),
                )
            }
            Op::Constant(_)
            | Op::AsOf
            | Op::MonthsBefore(_)
            | Op::Parameter(_)
            | Op::Fact(_)
            | Op::Field(..) => What::Given,
        }
    }
}

/// Beyond this, sums and products may not fit into 64 bits.
const NEAR: i64 = 1 << 62;

fn is_near(x: i64) -> bool {
    (-NEAR..NEAR).contains(&x)
}

fn sum((value, over): (i64, bool)) -> Slot {
    Slot::made((value, u8::from(over) * FAULT))
}

fn multiply(x: i64, y: i64, drop: u8) -> Slot {
    match (x.checked_mul(y), drop) {
        (product, 0) => product.map_or(Slot::gap(FAULT), Slot::known),
        (Some(product), 1..=6) if is_near(product) => {
            let by = 10_u64.pow(u32::from(drop));
            Slot::known(rounded_near(Rounding::HalfUp, product, by))
        }
        _ => {
            let product = i128::from(x) * i128::from(y);
            Slot::made(fitting(round_half_up(product, power_of_ten(drop))))
        }
    }
}

fn quotient(x: i64, y: i64, shift: u8) -> Slot {
    let power = 10_i64.pow(u32::from(shift));
    Slot::made(match x.checked_mul(power) {
        Some(times) if is_near(times) && is_near(y) => divide_near(times, y),
        _ => divide(x, y, power),
    })
}

fn round(how: Rounding, x: i64, drop: u8, zeros: u8) -> Slot {
    let (by, times) = (power_of_ten(drop), power_of_ten(zeros));
    match u64::try_from(by) {
        Ok(by) if zeros == 0 && is_near(x) => Slot::known(rounded_near(how, x, by)),
        _ => Slot::made(fitting(rounded(how, i128::from(x), by) * times)),
    }
}

fn span(function: DateFunction, x: i64, y: i64, ages: &Ages) -> Slot {
    // Days are 32 bits wide: that is how they came in.
    let day = |day: i64| i32::try_from(day).unwrap_or(i32::MIN);
    let (from, to) = (day(x), day(y));
    if function == DateFunction::Age && ages.are_on(to) && Ages::reckons(from) {
        let age = ages.of(from);
        return Slot::made((age.max(0), u8::from(age < 0) * MISSING));
    }
    Slot::made(between(function, date_of(from), date_of(to)))
}

fn compare(comparison: Comparison, truths: bool, a: Slot, b: Slot) -> Slot {
    if truths {
        let same = (a.value == b.value) == (comparison == Comparison::Equal);
        return Slot::truth(match gap_of_truth(a.byte()) | gap_of_truth(b.byte()) {
            0 => truth_byte(same),
            gap => truth_of_gap(gap),
        });
    }
    if a.gap | b.gap != 0 {
        return Slot::truth(truth_of_gap(a.gap | b.gap));
    }
    let (x, y) = (a.value, b.value);
    Slot::truth(truth_byte(match comparison {
        Comparison::Equal => x == y,
        Comparison::NotEqual => x != y,
        Comparison::Less => x < y,
        Comparison::AtMost => x <= y,
    }))
}

fn choose(truths: bool, c: Slot, a: Slot, b: Slot) -> Slot {
    match c.byte() {
        TRUE => a,
        FALSE => b,
        _ if a == b && truths && gap_of_truth(a.byte()) == 0 => a,
        _ if a == b && !truths && a.gap == 0 => a,
        _ if truths => c,
        unknown => Slot::gap(gap_of_truth(unknown)),
    }
}

impl Lone {
    /// Computes `rows` of codes that do the same into their slots.
    #[inline]
    pub(super) fn compute(&mut self, codes: &[Code], rows: usize, ages: &Ages) {
        let Some(first) = codes.first() else {
            return;
        };
        match first.what {
            What::Not => self.each(codes, rows, |x| Slot::truth(not(x.byte()))),
            What::And => self.pairs(codes, rows, |a, b| Slot::truth(and(a.byte(), b.byte()))),
            What::Or => self.pairs(codes, rows, |a, b| Slot::truth(or(a.byte(), b.byte()))),
            What::Compare(how, truths) => {
                self.pairs(codes, rows, |a, b| compare(how, truths, a, b));
            }
            What::If(truths) => {
                for code in codes {
                    for row in 0..rows {
                        let [c, a, b] = code.from.map(|from| self.slots[from.at(row)]);
                        self.slots[code.to.at(row)] = choose(truths, c, a, b);
                    }
                }
            }
            What::Add => self.numbers(codes, rows, |x, y| sum(x.overflowing_add(y))),
            What::Subtract => self.numbers(codes, rows, |x, y| sum(x.overflowing_sub(y))),
            What::Multiply(drop) => self.numbers(codes, rows, |x, y| multiply(x, y, drop)),
            What::Divide(shift) => self.numbers(codes, rows, |x, y| quotient(x, y, shift)),
            What::Extreme(greatest) => self.numbers(codes, rows, |x, y| {
                Slot::known(if (x < y) == greatest { y } else { x })
            }),
            What::Dates(function) => {
                self.numbers(codes, rows, |x, y| span(function, x, y, ages));
            }
            What::Negate => self.number(codes, rows, |x| sum(x.overflowing_neg())),
            What::Abs => self.number(codes, rows, |x| sum(x.overflowing_abs())),
            What::Rescale(more) => {
                let power = 10_i64.pow(u32::from(more));
                self.number(codes, rows, |x| sum(x.overflowing_mul(power)));
            }
            What::Round(how, drop, zeros) => {
                self.number(codes, rows, |x| round(how, x, drop, zeros));
            }
            What::Spread(kind) => {
                for code in codes {
                    self.spread(code, usize::from(kind));
                }
            }
            What::Copy => self.each(codes, rows, |x| x),
            What::Gather(..) => codes.iter().for_each(|code| self.gather(code, rows)),
            What::Given => {}
        }
    }

    #[inline(always)]
    fn each(&mut self, codes: &[Code], rows: usize, f: impl Fn(Slot) -> Slot) {
        for code in codes {
            for row in 0..rows {
                self.slots[code.to.at(row)] = f(self.slots[code.from[0].at(row)]);
            }
        }
    }

    #[inline(always)]
    fn pairs(&mut self, codes: &[Code], rows: usize, f: impl Fn(Slot, Slot) -> Slot) {
        for code in codes {
            for row in 0..rows {
                let (a, b) = (code.from[0].at(row), code.from[1].at(row));
                self.slots[code.to.at(row)] = f(self.slots[a], self.slots[b]);
            }
        }
    }

    #[inline(always)]
    fn number(&mut self, codes: &[Code], rows: usize, f: impl Fn(i64) -> Slot) {
        self.each(codes, rows, |x| match x.gap {
            0 => f(x.value),
            _ => x,
        });
    }

    #[inline(always)]
    fn numbers(&mut self, codes: &[Code], rows: usize, f: impl Fn(i64, i64) -> Slot) {
        self.pairs(codes, rows, |a, b| match a.gap | b.gap {
            0 => f(a.value, b.value),
            gap => Slot::gap(gap),
        });
    }

    /// Repeats each person's value for his records.
    fn spread(&mut self, code: &Code, kind: usize) {
        for person in 1..self.offsets[kind].len() {
            let value = self.slots[code.from[0].at(person - 1)];
            let (start, end) = (self.offsets[kind][person - 1], self.offsets[kind][person]);
            let first = code.to.at(0);
            self.slots[first + start..first + end].fill(value);
        }
    }

    fn gather(&mut self, code: &Code, rows: usize) {
        let What::Gather(op, over, filtered, valued) = code.what else {
            return;
        };
        for row in 0..rows {
            let (range, unanswered) = match over.map(usize::from) {
                Some(kind) => (
                    self.offsets[kind][row]..self.offsets[kind][row + 1],
                    self.unanswered[kind][row],
                ),
                None => (0..self.members(), 0),
            };
            // As operands lie: the filter first, where there is one.
            let filter = filtered.then_some(code.from[0]);
            let value = valued.then_some(code.from[usize::from(filtered)]);
            let of = |member: usize| value.map_or(Slot::known(1), |v| self.slots[v.at(member)]);
            let members = range.map(|member| {
                let counts = filter.map_or(TRUE, |filter| self.slots[filter.at(member)].byte());
                (counts, of(member))
            });
            self.slots[code.to.at(row)] = match op {
                AggregateOp::Any | AggregateOp::All => {
                    let seen = members.fold(0, |seen, (_, truth)| {
                        seen | truth.byte() | (u8::from(truth.byte() == 0) * OPEN)
                    });
                    Slot::truth(decided(op == AggregateOp::Any, seen, unanswered))
                }
                AggregateOp::Sum | AggregateOp::Count => total(members, unanswered),
                op => extreme(op == AggregateOp::Max, members, unanswered),
            };
        }
    }
}

/// Of members for whom it is unknown whether they count, only a value of 0 cannot matter.
fn total(members: impl Iterator<Item = (u8, Slot)>, unanswered: u8) -> Slot {
    let (mut total, mut gap) = (0_i128, unanswered);
    for (counts, member) in members {
        match counts {
            TRUE => {
                total += i128::from(member.value);
                gap |= member.gap;
            }
            unknown => gap |= doubtful(unknown, member.value, member.gap),
        }
    }
    match gap {
        0 => Slot::made(fitting(total)),
        gap => Slot::gap(gap),
    }
}

/// The least or greatest; of none, missing.
fn extreme(greatest: bool, members: impl Iterator<Item = (u8, Slot)>, unanswered: u8) -> Slot {
    let (mut best, mut gap) = (None, unanswered);
    for (counts, member) in members {
        match counts {
            TRUE => {
                gap |= member.gap;
                best = Some(match best {
                    Some(best) if (best < member.value) != greatest => best,
                    _ => member.value,
                });
            }
            FALSE => {}
            unknown => gap |= gap_of_truth(unknown),
        }
    }
    match (gap, best) {
        (0, Some(best)) => Slot::known(best),
        (0, None) => Slot::gap(MISSING),
        (gap, _) => Slot::gap(gap),
    }
}
