//! 「遍览」 Many households in one go: per benefit and row one mask of the conditions
//! that hold and one of those that fail, the verdict, and the amount where it is owed.
//! Chunk by chunk, so that memory does not grow with the population.

use crate::compile::{Bits, Judge};
use crate::config::{Beneficiary, Benefit};
use crate::judge::rounded;
use crate::judgement::Verdict;
use expr::{Decimal, Environment, Frame, Output, Results, RunError, Runner, Value, wide};
use kernel::{Money, Truth};
use std::ops::Range;

/// A judge with the memory to go through frames. Give each thread its own.
#[derive(Debug)]
pub struct Sweep<'j> {
    judge: &'j Judge,
    runner: Runner<'j>,
    pub(crate) results: Results,
    swept: Vec<Swept>,
    eighth: Eighth,
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

/// Rows looked at together.
const BLOCK: usize = 16;

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
            eighth: Eighth::default(),
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
            eighth,
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
            swept.fill(benefit, bits, rows(benefit), results, eighth);
        }
        Ok(households)
    }

    /// How many benefits, those under assumptions among them.
    pub fn benefits(&self) -> usize {
        self.swept.len()
    }

    /// Whether a row of the chunk is known to receive a benefit now.
    pub fn receives(&self, benefit: usize, row: usize) -> bool {
        let output = self.judge.bits[benefit].receiving;
        output.is_some_and(|output| self.results.truth(output, row) == Truth::True)
    }

    /// What the chunk's rows get of a benefit, by its place in the rule book; under
    /// assumption n (from 0) that of (n + 1) rule books further.
    pub fn of(&self, benefit: usize) -> &Swept {
        &self.swept[benefit]
    }
}

impl Swept {
    fn fill(
        &mut self,
        benefit: &Benefit,
        bits: &Bits,
        rows: usize,
        results: &Results,
        eighth: &mut Eighth,
    ) {
        for masks in [&mut self.holds, &mut self.fails] {
            masks.clear();
            masks.resize(rows, 0);
        }
        self.amounts.clear();
        self.faults.clear();
        let mut arithmetic = 0;
        for (number, outputs) in bits.conditions.chunks(8).enumerate() {
            arithmetic |= eighth.gather(outputs, rows, results);
            eighth.put(number * 8, &mut self.holds, &mut self.fails);
        }
        let (mut all, mut none_open) = (0_u32, 0_u32);
        for (bit, condition) in benefit.conditions.iter().enumerate() {
            all |= 1 << bit;
            none_open |= u32::from(!condition.gives_way.is_empty()) << bit;
        }
        self.verdicts.clear();
        self.verdicts.resize(rows, Verdict::Undetermined);
        let masks = self.holds.iter().zip(&self.fails);
        let cells = self.verdicts.iter_mut().zip(masks);
        wide(
            #[inline(always)]
            move || {
                for (verdict, (holds, fails)) in cells {
                    let (met, failed) = ((holds | none_open) == all, *fails != 0);
                    *verdict = match (failed, met) {
                        (true, _) => Verdict::Ineligible,
                        (false, true) => Verdict::Eligible,
                        (false, false) => Verdict::Undetermined,
                    };
                }
            },
        );
        if arithmetic & 4 != 0 {
            self.find_faults(bits, results);
        }
        self.weigh_amounts(benefit, bits, results);
    }

    fn find_faults(&mut self, bits: &Bits, results: &Results) {
        for output in &bits.conditions {
            let truths = results.column(*output).and_then(expr::OutputColumn::truths);
            let rows = truths.unwrap_or_default().iter().enumerate();
            let faults = rows.filter(|(_, truth)| **truth & 4 != 0);
            self.faults.extend(faults.map(|(row, _)| row));
        }
        self.faults.sort_unstable();
        self.faults.dedup();
    }

    /// Only where it is owed; owed but not known how much is undetermined.
    fn weigh_amounts(&mut self, benefit: &Benefit, bits: &Bits, results: &Results) {
        let (Some(rule), Some(output)) = (&benefit.amount, bits.amount) else {
            return;
        };
        let column = results.column(output);
        let Some(((digits, gaps), scale)) = column.and_then(|column| {
            let scale = column.ty().scale()?;
            Some((column.numbers()?, scale))
        }) else {
            return;
        };
        for (block, verdicts) in self.verdicts.chunks_mut(BLOCK).enumerate() {
            // Most are owed nothing.
            let some = verdicts
                .iter()
                .fold(false, |some, one| some | (*one == Verdict::Eligible));
            if !some {
                continue;
            }
            for (row, verdict) in (block * BLOCK..).zip(verdicts) {
                if *verdict != Verdict::Eligible {
                    continue;
                }
                let (Some(mantissa), Some(gap)) = (digits.get(row), gaps.get(row)) else {
                    continue;
                };
                if *gap == 0 {
                    let value = Value::Number(Decimal {
                        mantissa: *mantissa,
                        scale,
                    });
                    if let Some(amount) = rounded(value, rule.round) {
                        self.amounts.push((row, amount));
                    }
                    continue;
                }
                *verdict = Verdict::Undetermined;
                if gap & 2 != 0 {
                    self.faults.push(row);
                }
            }
        }
    }
}

/// Eight conditions' masks, a byte per row: many rows fit into one wide instruction.
#[derive(Debug, Default)]
struct Eighth {
    holds: Vec<u8>,
    fails: Vec<u8>,
}

impl Eighth {
    /// Of at most eight conditions; every truth byte together.
    fn gather(&mut self, outputs: &[Output], rows: usize, results: &Results) -> u8 {
        for masks in [&mut self.holds, &mut self.fails] {
            masks.clear();
            masks.resize(rows, 0);
        }
        let mut all = 0;
        for (bit, output) in outputs.iter().enumerate() {
            let truths = results.column(*output).and_then(expr::OutputColumn::truths);
            let cells = self.holds.iter_mut().zip(&mut self.fails);
            let cells = cells.zip(truths.unwrap_or_default());
            all |= wide(
                #[inline(always)]
                move || {
                    let mut all = 0;
                    for ((holds, fails), truth) in cells {
                        *holds |= (truth & 1) << bit;
                        *fails |= ((truth >> 1) & 1) << bit;
                        all |= truth;
                    }
                    all
                },
            );
        }
        all
    }

    /// Puts them at these bits of whole masks.
    fn put(&self, shift: usize, holds: &mut [u32], fails: &mut [u32]) {
        for (masks, eighth) in [(holds, &self.holds), (fails, &self.fails)] {
            let cells = masks.iter_mut().zip(eighth);
            wide(
                #[inline(always)]
                move || cells.for_each(|(mask, byte)| *mask |= u32::from(*byte) << shift),
            );
        }
    }
}
