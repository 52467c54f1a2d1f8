//! 「一遍」 A pass over everyone: each page of households judged by every law at hand,
//! row beside row, and counted.

use super::report::{SimulateReport, trial};
use super::tally::{Both, Kind, Place, Tally, add_monthly};
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

    pub(super) fn page(
        &mut self,
        standings: &BTreeMap<Slug, Standing>,
        mut families: Vec<Family>,
        pooled: &Pooled,
    ) -> Result<()> {
        if let Some(region) = self.what.region {
            families.retain(|family| region.contains(family.region));
        }
        if families.is_empty() {
            return Ok(());
        }
        let mut swept = Vec::new();
        let mut receives = Vec::new();
        for side in &self.sides {
            let mut pooled = pooled.clone();
            let (rows, receive) = self.sweep(side, standings, &families, &mut pooled)?;
            swept.push(rows);
            receives.push(receive);
        }
        let mut first = 0;
        let places: Vec<Place> = families
            .iter()
            .enumerate()
            .map(|(row, family)| {
                let persons = first..first + family.members.len();
                first = persons.end;
                Place {
                    row,
                    persons,
                    town: town_of(family.region),
                    kind: kind_of(family, self.what.day),
                }
            })
            .collect();
        self.households += families.len() as u64;
        self.persons += first as u64;
        self.count(&swept, &receives, &places)
    }

    /// A page by the first law alone, without counting: its families in the place, and
    /// every benefit's rows; nothing where nobody lives there.
    pub(super) fn near(
        &self,
        standings: &BTreeMap<Slug, Standing>,
        mut families: Vec<Family>,
        pooled: &Pooled,
    ) -> Result<Option<(Vec<Family>, Vec<Swept>)>> {
        if let Some(region) = self.what.region {
            families.retain(|family| region.contains(family.region));
        }
        let (Some(side), false) = (self.sides.first(), families.is_empty()) else {
            return Ok(None);
        };
        let (swept, _) = self.sweep(side, standings, &families, &mut pooled.clone())?;
        Ok(Some((families, swept)))
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

    fn count(
        &mut self,
        swept: &[Vec<Swept>],
        receives: &[Vec<Vec<usize>>],
        places: &[Place],
    ) -> Result<()> {
        let household_of: Vec<usize> = places
            .iter()
            .flat_map(|place| std::iter::repeat_n(place.row, place.persons.len()))
            .collect();
        let now = &self.sides[0];
        let last = self.sides.last().unwrap_or(now);
        let of = |side: &Side<'r>, swept: &'_ [Swept], from: usize, id: &Slug| {
            let place = side.benefits().iter().position(|one| one.id == *id)?;
            Some((&side.benefits()[place], swept.get(from + place)?.clone()))
        };
        for number in 0..self.tallies.len() {
            let from = match self.sides.len() {
                1 => (number + 1) * now.benefits().len(),
                _ => 0,
            };
            let mut sums = Both {
                before: vec![Money::ZERO; places.len()],
                after: vec![Money::ZERO; places.len()],
            };
            for (place, benefit) in self.benefits.iter().enumerate() {
                let both = Both {
                    before: of(now, &swept[0], 0, &benefit.id),
                    after: of(last, &swept[swept.len() - 1], from, &benefit.id),
                };
                for (sums, one) in [
                    (&mut sums.before, &both.before),
                    (&mut sums.after, &both.after),
                ] {
                    if let Some((benefit, swept)) = one {
                        add_monthly(sums, places, &household_of, benefit, swept)?;
                    }
                }
                let own = now.benefits().iter().position(|one| one.id == benefit.id);
                let receives = own.map_or(&[][..], |own| &receives[0][own]);
                self.tallies[number].benefit(place, &both, receives)?;
            }
            for place in places {
                let (before, after) = (sums.before[place.row], sums.after[place.row]);
                self.tallies[number].household(place, before, after)?;
            }
        }
        Ok(())
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
