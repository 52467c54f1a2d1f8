//! 「筛查」 A frame of many households judged for every benefit at once: the same
//! programs as for one household, only what is worth a person's look kept.

use crate::compile::{Bits, Judge};
use crate::config::{Beneficiary, Benefit};
use crate::finding::{Finding, finding};
use crate::judge::rounded;
use crate::judgement::Verdict;
use expr::{Cell, Environment, Frame, Missing, Results, RunError, Trace};
use kernel::{Money, Slug, Truth};

/// What a screening found for one benefit and one household or person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screened {
    /// The benefit's place in the rule book.
    pub benefit: usize,
    /// The household's row in the frame.
    pub household: usize,
    /// The member's place in the household, for personal benefits.
    pub member: Option<usize>,
    /// What it means.
    pub finding: Finding,
    /// The verdict.
    pub verdict: Verdict,
    /// Per payment, when eligible.
    pub amount: Option<Money>,
    /// The cheapest missing fact, when undetermined.
    pub next: Option<Slug>,
    /// The rule's arithmetic failed: a fault to be looked at, not an answer.
    pub fault: bool,
}

/// Judges every household of a frame made by [`Judge::frame`]. Rows that are
/// neither owed nor received are left out, unless their arithmetic failed.
///
/// # Errors
/// [`RunError`] when frame and environment do not belong to this judge.
pub fn screen(
    judge: &Judge,
    frame: &Frame,
    environment: &Environment,
) -> Result<Vec<Screened>, RunError> {
    let results = judge.screening.run(frame, environment)?;
    let trace = judge.screening.trace(frame, environment)?;
    let screener = Screener {
        judge,
        frame,
        results: &results,
        trace: &trace,
    };
    let mut found = Vec::new();
    for place in 0..judge.book.benefits.len() {
        screener.benefit(place, &mut found);
    }
    Ok(found)
}

struct Screener<'a> {
    judge: &'a Judge,
    frame: &'a Frame,
    results: &'a Results,
    trace: &'a Trace<'a>,
}

impl Screener<'_> {
    fn benefit(&self, place: usize, found: &mut Vec<Screened>) {
        let (benefit, bits) = (&self.judge.book.benefits[place], &self.judge.bits[place]);
        for household in 0..self.frame.households() {
            match benefit.beneficiary {
                Beneficiary::Household => {
                    found.extend(self.row(place, benefit, bits, household, household, None));
                }
                Beneficiary::Person => {
                    for (member, person) in self.frame.members_of(household).enumerate() {
                        found.extend(self.row(
                            place,
                            benefit,
                            bits,
                            person,
                            household,
                            Some(member),
                        ));
                    }
                }
            }
        }
    }

    fn row(
        &self,
        place: usize,
        benefit: &Benefit,
        bits: &Bits,
        row: usize,
        household: usize,
        member: Option<usize>,
    ) -> Option<Screened> {
        let truth = |output: &_| self.results.truth(*output, row);
        let is_fault = |output: &_| self.results.cell(*output, row) == Cell::Fault;
        let weighed = benefit.conditions.iter().zip(&bits.conditions);
        let weighed = weighed.map(|(condition, output)| condition.weighs(truth(output)));
        let mut verdict = Verdict::of(weighed);
        let mut fault = bits.conditions.iter().any(is_fault);
        let mut amount = None;
        if let (Verdict::Eligible, Some(rule), Some(output)) =
            (verdict, &benefit.amount, bits.amount)
        {
            match self.results.cell(output, row) {
                Cell::Known(value) => amount = rounded(value, rule.round),
                Cell::Missing => verdict = Verdict::Undetermined,
                Cell::Fault => {
                    verdict = Verdict::Undetermined;
                    fault = true;
                }
            }
        }
        let receiving = bits.receiving.as_ref().map_or(Truth::False, truth);
        let leaves = if verdict == Verdict::Undetermined {
            self.leaves(benefit, bits, row)
        } else {
            Vec::new()
        };
        let only_authorisation =
            !leaves.is_empty() && leaves.iter().all(|leaf| self.needs_authorisation(leaf));
        let finding = finding(verdict, receiving, only_authorisation);
        if finding == Finding::Neither && !fault {
            return None;
        }
        let next = leaves
            .into_iter()
            .min_by_key(|fact| (self.cost(fact), fact.clone()));
        Some(Screened {
            benefit: place,
            household,
            member,
            finding,
            verdict,
            amount,
            next,
            fault,
        })
    }

    /// The facts, kinds of records and parameters that keep a row undetermined.
    fn leaves(&self, benefit: &Benefit, bits: &Bits, row: usize) -> Vec<Slug> {
        let conditions = benefit.conditions.iter().zip(&bits.conditions);
        let holding = conditions.filter(|(condition, _)| condition.gives_way.is_empty());
        let open = holding.map(|(_, output)| output).chain(&bits.amount);
        let undetermined = open.filter(|output| self.results.cell(**output, row) == Cell::Missing);
        let leaves = undetermined.flat_map(|output| self.trace.missing_leaves(*output, row));
        let mut ids: Vec<Slug> = leaves
            .filter_map(|leaf| match leaf.what {
                Missing::Fact(id)
                | Missing::Field(id)
                | Missing::Records(id)
                | Missing::Parameter(id) => Some(id),
                Missing::Empty | Missing::BeforeBirth => None,
            })
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }

    fn needs_authorisation(&self, fact: &Slug) -> bool {
        self.judge
            .book
            .fact(fact.as_str())
            .is_some_and(|fact| fact.needs_authorisation)
    }

    fn cost(&self, fact: &Slug) -> u8 {
        self.judge
            .book
            .fact(fact.as_str())
            .map_or(u8::MAX, |fact| fact.cost)
    }
}
