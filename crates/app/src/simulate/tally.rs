//! 「得失」 Counting who gains and who loses: household by household, benefit by
//! benefit, town by town.

use crate::error::{AppError, Result};
use engine_policy::{Beneficiary, Benefit, Every, Swept, Verdict};
use kernel::{Money, RegionCode};
use serde::Serialize;
use std::collections::BTreeMap;

/// What an assumption does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Households with more money by the month than now.
    pub households_gaining: u64,
    /// Households with less.
    pub households_losing: u64,
    /// The people in them.
    pub people_gaining: u64,
    /// The people in those with less.
    pub people_losing: u64,
    /// Owed by the month now, all together.
    pub month_before: Money,
    /// Owed by the month under the assumption.
    pub month_after: Money,
}

/// What it does to a benefit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BenefitChange {
    /// Eligible now: households, or persons for personal benefits.
    pub eligible_before: u64,
    /// Eligible under the assumption.
    pub eligible_after: u64,
    /// Eligible only under the assumption.
    pub entering: u64,
    /// Eligible only now.
    pub leaving: u64,
    /// Undetermined under the assumption: facts are missing.
    pub undetermined_after: u64,
    /// Refused by exactly one condition under the assumption, all others holding.
    pub near_misses: u64,
    /// Owed by the month now.
    pub month_before: Money,
    /// Owed by the month under the assumption.
    pub month_after: Money,
    /// Paid otherwise than by the month: owed each time now.
    pub each_time_before: Money,
    /// Owed each time under the assumption.
    pub each_time_after: Money,
}

/// One assumption's counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) all: Change,
    pub(crate) benefits: Vec<BenefitChange>,
    pub(crate) towns: BTreeMap<RegionCode, Change>,
    /// By how many live in the household, 4 for more too.
    pub(crate) sizes: BTreeMap<usize, Change>,
}

/// A household of a chunk: its row, its members' rows, where it lives.
pub(crate) struct Place {
    pub(crate) row: usize,
    pub(crate) persons: std::ops::Range<usize>,
    pub(crate) town: RegionCode,
}

impl Tally {
    /// Counts a benefit's rows of a chunk, and adds what they are owed by the month to
    /// each household's sums.
    pub(crate) fn benefit(
        &mut self,
        place: usize,
        benefit: &Benefit,
        (before, after): (&Swept, &Swept),
    ) -> Result<()> {
        let all = (1_u64 << benefit.conditions.len()) - 1;
        self.benefits
            .resize_with(self.benefits.len().max(place + 1), Default::default);
        let count = &mut self.benefits[place];
        let pairs = before.verdicts.iter().zip(&after.verdicts);
        for (row, (was, is)) in pairs.enumerate() {
            let (was, is_now) = (*was == Verdict::Eligible, *is == Verdict::Eligible);
            count.eligible_before += u64::from(was);
            count.eligible_after += u64::from(is_now);
            count.entering += u64::from(is_now && !was);
            count.leaving += u64::from(was && !is_now);
            count.undetermined_after += u64::from(*is == Verdict::Undetermined);
            let (holds, fails) = (after.holds[row], after.fails[row]);
            let near = fails.count_ones() == 1 && u64::from(holds | fails) == all;
            count.near_misses += u64::from(near);
        }
        let monthly = benefit.amount.as_ref().map(|rule| rule.every) == Some(Every::Month);
        let to = match monthly {
            true => (&mut count.month_before, &mut count.month_after),
            false => (&mut count.each_time_before, &mut count.each_time_after),
        };
        for (sum, swept) in [(to.0, before), (to.1, after)] {
            for (_, amount) in &swept.amounts {
                add(sum, *amount)?;
            }
        }
        Ok(())
    }

    /// Counts a household by its sums.
    pub(crate) fn household(&mut self, place: &Place, before: Money, after: Money) -> Result<()> {
        let people = place.persons.len();
        let changes = [
            &mut self.all,
            self.towns.entry(place.town).or_default(),
            self.sizes.entry(people.min(4)).or_default(),
        ];
        for change in changes {
            add(&mut change.month_before, before)?;
            add(&mut change.month_after, after)?;
            let people = people as u64;
            match after.cmp(&before) {
                std::cmp::Ordering::Greater => {
                    change.households_gaining += 1;
                    change.people_gaining += people;
                }
                std::cmp::Ordering::Less => {
                    change.households_losing += 1;
                    change.people_losing += people;
                }
                std::cmp::Ordering::Equal => {}
            }
        }
        Ok(())
    }
}

/// Adds what a benefit pays by the month to the sums of the households.
pub(crate) fn add_monthly(
    sums: &mut [Money],
    places: &[Place],
    household_of: &[usize],
    benefit: &Benefit,
    swept: &Swept,
) -> Result<()> {
    if benefit.amount.as_ref().map(|rule| rule.every) != Some(Every::Month) {
        return Ok(());
    }
    for (row, amount) in &swept.amounts {
        let household = match benefit.beneficiary {
            Beneficiary::Household => places.get(*row).map(|place| place.row),
            Beneficiary::Person => household_of.get(*row).copied(),
        };
        if let Some(sum) = household.and_then(|household| sums.get_mut(household)) {
            add(sum, *amount)?;
        }
    }
    Ok(())
}

fn add(sum: &mut Money, more: Money) -> Result<()> {
    let total = sum.checked_add(more);
    *sum = total.ok_or_else(|| AppError::Fault("金额加起来太大".to_owned()))?;
    Ok(())
}
