//! 「筛查」 A frame of many households judged for every benefit at once, chunk by chunk
//! as [`Sweep`] goes: only what is worth a person's look is kept.

use crate::compile::{Bits, Judge};
use crate::config::{Beneficiary, Benefit};
use crate::finding::{Finding, finding};
use crate::judgement::Verdict;
use crate::sweep::Sweep;
use expr::{Cell, Environment, Frame, Missing, RunError, Trace};
use kernel::{Money, Slug, Truth};
use std::ops::Range;

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
    let trace = judge.screening.trace(frame, environment)?;
    let mut sweep = Sweep::new(judge);
    let mut found = Vec::new();
    let mut next = 0;
    while next < frame.households() {
        let households = sweep.next(frame, environment, next, frame.households())?;
        next = households.end;
        let chunk = Chunk {
            judge,
            frame,
            households,
            sweep: &sweep,
            trace: &trace,
        };
        for place in 0..judge.book.benefits.len() {
            chunk.benefit(place, &mut found);
        }
    }
    found.sort_by_key(|row| (row.benefit, row.household, row.member));
    Ok(found)
}

/// What was swept at once.
struct Chunk<'a, 'j> {
    judge: &'a Judge,
    frame: &'a Frame,
    households: Range<usize>,
    sweep: &'a Sweep<'j>,
    trace: &'a Trace<'j>,
}

/// A row of a chunk: counted from its first, and in the frame.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    of_frame: usize,
    household: usize,
    member: Option<usize>,
}

impl Chunk<'_, '_> {
    fn benefit(&self, benefit: usize, found: &mut Vec<Screened>) {
        let mut amounts = self.sweep.of(benefit).amounts.iter().peekable();
        let mut screened = |place: Place| {
            let here = amounts.next_if(|(row, _)| *row == place.row);
            found.extend(self.row(benefit, place, here.map(|(_, amount)| *amount)));
        };
        let first = self.frame.members_of(self.households.start).start;
        for household in self.households.clone() {
            match self.judge.book.benefits[benefit].beneficiary {
                Beneficiary::Household => screened(Place {
                    row: household - self.households.start,
                    of_frame: household,
                    household,
                    member: None,
                }),
                Beneficiary::Person => {
                    for (member, person) in self.frame.members_of(household).enumerate() {
                        screened(Place {
                            row: person - first,
                            of_frame: person,
                            household,
                            member: Some(member),
                        });
                    }
                }
            }
        }
    }

    fn row(&self, benefit: usize, place: Place, amount: Option<Money>) -> Option<Screened> {
        let (rule, bits) = (
            &self.judge.book.benefits[benefit],
            &self.judge.bits[benefit],
        );
        let swept = self.sweep.of(benefit);
        let verdict = swept.verdicts[place.row];
        let fault = swept.faults.contains(&place.row);
        let receiving = bits.receiving.map_or(Truth::False, |output| {
            self.sweep.results.truth(output, place.row)
        });
        let leaves = match verdict {
            Verdict::Undetermined => self.leaves(rule, bits, place),
            _ => Vec::new(),
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
            benefit,
            household: place.household,
            member: place.member,
            finding,
            verdict,
            amount,
            next,
            fault,
        })
    }

    /// The facts, kinds of records and parameters that keep a row undetermined.
    fn leaves(&self, benefit: &Benefit, bits: &Bits, place: Place) -> Vec<Slug> {
        let conditions = benefit.conditions.iter().zip(&bits.conditions);
        let holding = conditions.filter(|(condition, _)| condition.gives_way.is_empty());
        let open = holding.map(|(_, output)| output).chain(&bits.amount);
        let results = &self.sweep.results;
        let undetermined = open.filter(|output| results.cell(**output, place.row) == Cell::Missing);
        let leaves =
            undetermined.flat_map(|output| self.trace.missing_leaves(*output, place.of_frame));
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
