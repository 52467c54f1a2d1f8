//! 「一遍」 A pass over everyone: each page of households judged by every law at hand,
//! row beside row, and counted.

use super::report::{SimulateReport, trial};
use super::tally::{Both, Kind, Place, Rows, Tally, add_monthly};
use super::{Assumed, Simulation};
use crate::Law;
use crate::error::{AppError, Result};
use crate::facts::Asked;
use crate::screen::{Family, Pooled, discovered};
use engine_policy::{Benefit, Judge, Sweep, Swept, push_household};
use engine_pool::{PurposeKind, Standing};
use kernel::{Date, Money, RegionCode, RegionLevel, Slug, age_on};
use std::collections::{BTreeMap, BTreeSet};

/// A law with its judge, whose book may stand there once more for each assumption.
pub(super) struct Side<'r> {
    law: &'r Law,
    judge: &'r Judge,
}

impl<'r> Side<'r> {
    pub(super) fn new(law: &'r Law, judge: &'r Judge) -> Self {
        Side { law, judge }
    }

    fn benefits(&self) -> &'r [Benefit] {
        &self.judge.book().benefits
    }
}

/// A page of families judged by every law at hand.
pub(super) struct JudgedPage {
    pub(super) families: Vec<Family>,
    /// By each side, of each benefit (once more for each assumption), its rows.
    swept: Vec<Vec<Swept>>,
    /// By each side, of each benefit as the law is, the rows that receive it now.
    receives: Vec<Vec<Vec<usize>>>,
    pub(super) places: Vec<Place>,
    /// Of each person's row, the household's.
    pub(super) household_of: Vec<usize>,
}

pub(super) struct Pass<'r> {
    sides: Vec<Side<'r>>,
    what: &'r Simulation,
    /// Benefits of the law as it is, then those only the proposed one has.
    benefits: Vec<&'r Benefit>,
    tallies: Vec<Tally>,
    households: u64,
    persons: u64,
}

impl<'r> Pass<'r> {
    pub(super) fn new(sides: Vec<Side<'r>>, what: &'r Simulation, trials: usize) -> Self {
        let mut benefits: Vec<&Benefit> = Vec::new();
        for benefit in sides.iter().flat_map(Side::benefits) {
            if !benefits.iter().any(|one| one.id == benefit.id) {
                benefits.push(benefit);
            }
        }
        let tally = Tally::new(benefits.len());
        Pass {
            tallies: vec![tally; trials],
            sides,
            what,
            benefits,
            households: 0,
            persons: 0,
        }
    }

    /// Judges a page of families and counts it.
    pub(super) fn page(
        &mut self,
        standings: &BTreeMap<Slug, Standing>,
        families: Vec<Family>,
        pooled: &Pooled,
    ) -> Result<()> {
        let Some(page) = self.judged(standings, families, pooled)? else {
            return Ok(());
        };
        self.households += page.families.len() as u64;
        self.persons += page.household_of.len() as u64;
        for number in 0..self.tallies.len() {
            for (at, receives) in self.receiving(&page).into_iter().enumerate() {
                let both = self.both(&page, number, at);
                self.tallies[number].benefit(at, &both, receives)?;
                if number > 0 {
                    let between = self.between(&page, number, at);
                    self.tallies[number].crossing(&between);
                }
            }
            let sums = self.sums(&page, number)?;
            for place in &page.places {
                let (before, after) = (sums.before[place.row], sums.after[place.row]);
                self.tallies[number].household(place, before, after)?;
            }
        }
        Ok(())
    }

    /// A page by every law at hand, without counting; nothing where nobody lives there.
    pub(super) fn judged(
        &self,
        standings: &BTreeMap<Slug, Standing>,
        mut families: Vec<Family>,
        pooled: &Pooled,
    ) -> Result<Option<JudgedPage>> {
        if let Some(region) = self.what.region {
            families.retain(|family| region.contains(family.region));
        }
        if families.is_empty() {
            return Ok(None);
        }
        let (mut swept, mut receives) = (Vec::new(), Vec::new());
        for side in &self.sides {
            let (rows, receive) = self.sweep(side, standings, &families, &mut pooled.clone())?;
            swept.push(rows);
            receives.push(receive);
        }
        let mut first = 0;
        let place = |(row, family): (usize, &Family)| {
            let persons = first..first + family.members.len();
            first = persons.end;
            Place {
                row,
                persons,
                town: town_of(family.region),
                kind: kind_of(family, self.what.day),
            }
        };
        let places: Vec<Place> = families.iter().enumerate().map(place).collect();
        let household_of = places.iter();
        let household_of = household_of
            .flat_map(|place| std::iter::repeat_n(place.row, place.persons.len()))
            .collect();
        Ok(Some(JudgedPage {
            families,
            swept,
            receives,
            places,
            household_of,
        }))
    }

    /// The benefits in the order of the counts: of the law as it is, then of the
    /// proposed one alone.
    pub(super) fn benefits(&self) -> &[&'r Benefit] {
        &self.benefits
    }

    /// The rows that receive each benefit now.
    pub(super) fn receiving<'p>(&self, page: &'p JudgedPage) -> Vec<&'p [usize]> {
        let now = self.sides[0].benefits();
        let of = |benefit: &&Benefit| {
            let own = now.iter().position(|one| one.id == benefit.id);
            own.map_or(&[][..], |own| &page.receives[0][own])
        };
        self.benefits.iter().map(of).collect()
    }

    /// A benefit's rows by the law as it is and by one trial.
    pub(super) fn both<'p>(
        &self,
        page: &'p JudgedPage,
        trial: usize,
        benefit: usize,
    ) -> Both<Rows<'p>>
    where
        'r: 'p,
    {
        Both {
            before: self.rows(page, None, benefit),
            after: self.rows(page, Some(trial), benefit),
        }
    }

    /// A benefit's rows by the trial before and by this one.
    pub(super) fn between<'p>(
        &self,
        page: &'p JudgedPage,
        trial: usize,
        benefit: usize,
    ) -> Both<Rows<'p>>
    where
        'r: 'p,
    {
        Both {
            before: self.rows(page, trial.checked_sub(1), benefit),
            after: self.rows(page, Some(trial), benefit),
        }
    }

    /// A benefit's rows by one trial, or by the law as it is.
    fn rows<'p>(&self, page: &'p JudgedPage, trial: Option<usize>, benefit: usize) -> Rows<'p>
    where
        'r: 'p,
    {
        let (at, from) = match (trial, self.sides.len()) {
            (None, _) => (0, 0),
            (Some(trial), 1) => (0, (trial + 1) * self.sides[0].benefits().len()),
            (Some(_), sides) => (sides - 1, 0),
        };
        let own = self.sides[at].benefits();
        let id = &self.benefits[benefit].id;
        let place = own.iter().position(|one| one.id == *id)?;
        Some((&own[place], page.swept[at].get(from + place)?))
    }

    /// What each household of a page is owed by the month, now and by one trial.
    pub(super) fn sums(&self, page: &JudgedPage, trial: usize) -> Result<Both<Vec<Money>>> {
        let zero = vec![Money::ZERO; page.places.len()];
        let mut sums = Both {
            before: zero.clone(),
            after: zero,
        };
        for at in 0..self.benefits.len() {
            let both = self.both(page, trial, at);
            let sides = [
                (&mut sums.before, both.before),
                (&mut sums.after, both.after),
            ];
            for (sums, rows) in sides {
                if let Some((benefit, swept)) = rows {
                    add_monthly(sums, &page.places, &page.household_of, benefit, swept)?;
                }
            }
        }
        Ok(sums)
    }

    /// A page by one law: every chunk's rows one after another, and of each benefit as the
    /// law is the rows that receive it now.
    fn sweep(
        &self,
        side: &Side<'_>,
        standings: &BTreeMap<Slug, Standing>,
        families: &[Family],
        pooled: &mut Pooled,
    ) -> Result<(Vec<Swept>, Vec<Vec<usize>>)> {
        let fault = |why: &dyn std::fmt::Display| AppError::Fault(why.to_string());
        let regions: BTreeSet<RegionCode> = families.iter().map(|family| family.region).collect();
        let regions: Vec<RegionCode> = regions.into_iter().collect();
        let mut frame = side.judge.narrow_frame();
        let asked = Asked {
            pack: &side.law.pack,
            purpose: PurposeKind::Discovery,
            day: self.what.day,
        };
        for family in families {
            let mut household = discovered(side.law, self.what.day, standings, family, pooled);
            if self.what.supposed {
                asked.suppose_nothing(&mut household);
            }
            let place = regions.binary_search(&family.region).unwrap_or(0);
            push_household(&mut frame, &household, u32::try_from(place).unwrap_or(0))
                .map_err(|why| fault(&why))?;
        }
        let environment = side.judge.environment(&regions, self.what.day);
        let mut sweep = Sweep::new(side.judge);
        let mut all = vec![Swept::default(); sweep.benefits()];
        let mut receives = vec![Vec::new(); side.benefits().len()];
        let mut next = 0;
        while next < families.len() {
            let chunk = sweep
                .next(&frame, &environment, next, families.len())
                .map_err(|why| fault(&why))?;
            next = chunk.end;
            for (place, receives) in receives.iter_mut().enumerate() {
                let (first, rows) = (all[place].verdicts.len(), sweep.of(place).verdicts.len());
                let known = (0..rows).filter(|row| sweep.receives(place, *row));
                receives.extend(known.map(|row| first + row));
            }
            for (place, all) in all.iter_mut().enumerate() {
                append(all, sweep.of(place));
            }
        }
        Ok((all, receives))
    }

    pub(super) fn report(self, law: &Law, day: Date, assumed: Vec<Assumed>) -> SimulateReport {
        let tallies = self.tallies.iter().zip(assumed);
        SimulateReport {
            as_of: day,
            households: self.households,
            persons: self.persons,
            supposed: self.what.supposed,
            trials: tallies
                .map(|(tally, assumed)| trial(law, day, &self.benefits, tally, assumed))
                .collect(),
        }
    }
}

fn append(all: &mut Swept, chunk: &Swept) {
    let rows = all.verdicts.len();
    all.holds.extend(&chunk.holds);
    all.fails.extend(&chunk.fails);
    all.verdicts.extend(&chunk.verdicts);
    let amounts = chunk.amounts.iter();
    all.amounts
        .extend(amounts.map(|(row, amount)| (rows + row, *amount)));
    all.faults.extend(chunk.faults.iter().map(|row| rows + row));
}

fn town_of(region: RegionCode) -> RegionCode {
    region.within(RegionLevel::Town).unwrap_or(region)
}

/// By the ages that the members' numbers tell.
fn kind_of(family: &Family, day: Date) -> Kind {
    let ages = family.members.iter();
    let ages: Vec<Option<u32>> = ages
        .map(|(_, number)| age_on(number.born()?, day))
        .collect();
    let some = |test: fn(u32) -> bool| ages.iter().flatten().any(|age| test(*age));
    let old = !ages.is_empty() && ages.iter().all(|age| age.is_some_and(|age| age >= 60));
    match (old, ages.len()) {
        (true, 1) => Kind::OldAlone,
        (true, _) => Kind::OldTogether,
        _ if some(|age| age < 18) => Kind::WithChildren,
        (_, 1) => Kind::Alone,
        _ => Kind::Other,
    }
}
