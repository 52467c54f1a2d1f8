//! 「遍览」 Many households in one go: per benefit and row one mask of the conditions
//! that hold and one of those that fail, the verdict, and the amount where it is owed.
//! Chunk by chunk, so that memory does not grow with the population.

use crate::compile::{Bits, Judge};
use crate::config::{Beneficiary, Benefit};
use crate::judge::rounded;
use crate::judgement::Verdict;
use expr::{Cell, Environment, Frame, Results, RunError, Runner};
use kernel::Money;
use std::ops::Range;

/// A judge with the memory to go through frames. Give each thread its own.
#[derive(Debug)]
pub struct Sweep<'j> {
    judge: &'j Judge,
    runner: Runner<'j>,
    pub(crate) results: Results,
    swept: Vec<Swept>,
}

/// What a chunk's rows get of one benefit: rows are households or persons, as
/// [`Benefit::beneficiary`] says, counted from the chunk's first.
#[derive(Clone, Debug, Default)]
pub struct Swept {
    /// Bit n: condition n holds.
    pub holds: Vec<u32>,
    /// Bit n: condition n is known not to hold.
    pub fails: Vec<u32>,
    /// Each row's verdict.
    pub verdicts: Vec<Verdict>,
    /// Each eligible row whose amount is known, in order of rows.
    pub amounts: Vec<(usize, Money)>,
    /// Rows where a rule's arithmetic failed: no answer about anybody.
    pub faults: Vec<usize>,
}

/// The most conditions a benefit may have to be swept; packs hold to it.
pub const CONDITIONS_MAX: usize = 32;

impl<'j> Sweep<'j> {
    /// For a judge.
    pub fn new(judge: &'j Judge) -> Sweep<'j> {
        Sweep {
            judge,
            runner: judge.screening.runner(),
            results: Results::default(),
            swept: vec![Swept::default(); judge.bits.len()],
        }
    }

    /// Judges the next households from `start`, none from `end` on; they are returned,
    /// and what they get is in [`Sweep::of`].
    ///
    /// # Errors
    /// [`RunError`] when frame and environment do not belong to the judge.
    pub fn next(
        &mut self,
        frame: &Frame,
        environment: &Environment,
        start: usize,
        end: usize,
    ) -> Result<Range<usize>, RunError> {
        let Sweep {
            judge,
            runner,
            results,
            swept,
        } = self;
        let households = runner.run_next(frame, environment, start, end, results)?;
        let rows = |benefit: &Benefit| match benefit.beneficiary {
            Beneficiary::Household => households.len(),
            Beneficiary::Person => {
                let first = frame.members_of(households.start).start;
                let last = frame.members_of(households.end.saturating_sub(1)).end;
                last.saturating_sub(first)
            }
        };
        let benefits = judge.book.benefits.iter().cycle().zip(&judge.bits);
        for ((benefit, bits), swept) in benefits.zip(swept) {
            swept.fill(benefit, bits, rows(benefit), results);
        }
        Ok(households)
    }

    /// How many benefits, those under assumptions among them.
    pub fn benefits(&self) -> usize {
        self.swept.len()
    }

    /// What the chunk's rows get of a benefit, by its place in the rule book; under
    /// assumption n (from 0) that of (n + 1) rule books further.
    pub fn of(&self, benefit: usize) -> &Swept {
        &self.swept[benefit]
    }
}

impl Swept {
    fn fill(&mut self, benefit: &Benefit, bits: &Bits, rows: usize, results: &Results) {
        for masks in [&mut self.holds, &mut self.fails] {
            masks.clear();
            masks.resize(rows, 0);
        }
        self.amounts.clear();
        self.faults.clear();
        let (mut all, mut none_open, mut arithmetic) = (0_u32, 0_u32, 0_u8);
        for (bit, (condition, output)) in
            benefit.conditions.iter().zip(&bits.conditions).enumerate()
        {
            all |= 1 << bit;
            if !condition.gives_way.is_empty() {
                none_open |= 1 << bit;
            }
            let truths = results.column(*output).and_then(expr::OutputColumn::truths);
            let cells = self.holds.iter_mut().zip(&mut self.fails);
            for ((holds, fails), truth) in cells.zip(truths.unwrap_or_default()) {
                *holds |= u32::from(truth & 1) << bit;
                *fails |= u32::from((truth >> 1) & 1) << bit;
                arithmetic |= truth;
            }
        }
        self.verdicts.clear();
        let verdict = |(holds, fails): (&u32, &u32)| {
            if *fails != 0 {
                Verdict::Ineligible
            } else if (holds | none_open) == all {
                Verdict::Eligible
            } else {
                Verdict::Undetermined
            }
        };
        self.verdicts
            .extend(self.holds.iter().zip(&self.fails).map(verdict));
        if arithmetic & 4 != 0 {
            self.find_faults(bits, results);
        }
        self.weigh_amounts(benefit, bits, results);
    }

    fn find_faults(&mut self, bits: &Bits, results: &Results) {
        let is_fault = |row: usize| {
            let mut all = bits.conditions.iter();
            all.any(|output| results.cell(*output, row) == Cell::Fault)
        };
        self.faults
            .extend((0..self.holds.len()).filter(|row| is_fault(*row)));
    }

    /// Only where it is owed; owed but not known how much is undetermined.
    fn weigh_amounts(&mut self, benefit: &Benefit, bits: &Bits, results: &Results) {
        let (Some(rule), Some(output)) = (&benefit.amount, bits.amount) else {
            return;
        };
        for (row, verdict) in self.verdicts.iter_mut().enumerate() {
            if *verdict != Verdict::Eligible {
                continue;
            }
            match results.cell(output, row) {
                Cell::Known(value) => {
                    if let Some(amount) = rounded(value, rule.round) {
                        self.amounts.push((row, amount));
                    }
                }
                Cell::Missing => *verdict = Verdict::Undetermined,
                Cell::Fault => {
                    *verdict = Verdict::Undetermined;
                    self.faults.push(row);
                }
            }
        }
    }
}
