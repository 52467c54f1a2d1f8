//! 「得失」 Counting who gains and who loses: household by household, benefit by
//! benefit, town by town.

use crate::error::{AppError, Result};
use engine_policy::{Beneficiary, Benefit, Every, Swept, Verdict};
use kernel::{Money, RegionCode};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What an assumption does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenefitChange {
    /// Eligible now: households, or persons for personal benefits.
    pub eligible_before: u64,
    /// Eligible under the assumption.
    pub eligible_after: u64,
    /// Eligible only under the assumption.
    pub entering: u64,
    /// Eligible only now.
    pub leaving: u64,
    /// Undetermined now: facts are missing, or need the household's authorisation.
    pub undetermined_before: u64,
    /// Undetermined under the assumption.
    pub undetermined_after: u64,
    /// Known not to be eligible now; under the assumption perhaps.
    pub perhaps_entering: u64,
    /// Perhaps eligible now; known not to be under the assumption.
    pub perhaps_leaving: u64,
    /// Refused by exactly one condition under the assumption, all others holding.
    pub near_misses: u64,
    /// Owed by the month now.
    pub month_before: Money,
    /// Owed by the month under the assumption.
    pub month_after: Money,
    /// Those who receive it now and are owed it now or under the assumption.
    #[serde(default)]
    pub receiving: u64,
    /// Owed them by the month now.
    #[serde(default)]
    pub receiving_before: Money,
    /// Owed them by the month under the assumption.
    #[serde(default)]
    pub receiving_after: Money,
    /// Paid otherwise than by the month: owed each time now.
    pub each_time_before: Money,
    /// Owed each time under the assumption.
    pub each_time_after: Money,
}

/// The edges of the steps by which households' gains and losses are shown, yuan a
/// month; between two of them from the lower, not to the upper. No change has no step.
pub const STEPS_YUAN: [i64; 11] = [-1000, -500, -200, -100, -50, 0, 50, 100, 200, 500, 1000];

/// One assumption's counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) all: Change,
    pub(crate) benefits: Vec<BenefitChange>,
    pub(crate) towns: BTreeMap<RegionCode, Change>,
    pub(crate) kinds: BTreeMap<Kind, Change>,
    /// By how many live in the household, 4 for more too.
    pub(crate) sizes: BTreeMap<usize, Change>,
    /// Households by how much they gain or lose, one more than the edges.
    pub(crate) steps: [u64; STEPS_YUAN.len() + 1],
    /// Rows of benefits that are eligible by this assumption or by the one before it,
    /// not by both.
    pub(crate) crossing: u64,
}

/// Who lives together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    OldAlone,
    OldTogether,
    WithChildren,
    Alone,
    Other,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Kind; 5] = [
        Kind::OldAlone,
        Kind::OldTogether,
        Kind::WithChildren,
        Kind::Alone,
        Kind::Other,
    ];

    pub(crate) fn label(self) -> &'static str {
        match self {
            Kind::OldAlone => "独居老人",
            Kind::OldTogether => "都是老人",
            Kind::WithChildren => "有未成年人",
            Kind::Alone => "一个人过",
            Kind::Other => "其他",
        }
    }
}

/// Something by the law as it is and by the law as it might be.
pub(crate) struct Both<T> {
    pub(crate) before: T,
    pub(crate) after: T,
}

/// A benefit's rows by one law; none where the law does not have it.
pub(crate) type Rows<'a> = Option<(&'a Benefit, &'a Swept)>;

impl Both<Rows<'_>> {
    /// Rows of households and rows of persons are not the same rows.
    fn alike(&self) -> bool {
        match (self.before, self.after) {
            (Some((before, _)), Some((after, _))) => before.beneficiary == after.beneficiary,
            _ => true,
        }
    }

    /// How many rows the longer side has.
    pub(crate) fn rows(&self) -> usize {
        let rows = |side: Rows<'_>| side.map_or(0, |(_, swept)| swept.verdicts.len());
        rows(self.before).max(rows(self.after))
    }

    /// What becomes of one row.
    pub(crate) fn row(&self, row: usize) -> RowChange {
        let verdict = |side: Rows<'_>| side.and_then(|(_, swept)| swept.verdicts.get(row).copied());
        RowChange {
            was: verdict(self.before),
            is: verdict(self.after),
            alike: self.alike(),
        }
    }
}

/// What an assumption does to one row of a benefit: counted and listed by the same words.
pub(crate) struct RowChange {
    was: Option<Verdict>,
    is: Option<Verdict>,
    alike: bool,
}

impl RowChange {
    pub(crate) fn eligible_before(&self) -> bool {
        self.was == Some(Verdict::Eligible)
    }

    pub(crate) fn eligible_after(&self) -> bool {
        self.is == Some(Verdict::Eligible)
    }

    pub(crate) fn entering(&self) -> bool {
        self.eligible_after() && !(self.eligible_before() && self.alike)
    }

    pub(crate) fn leaving(&self) -> bool {
        self.eligible_before() && !(self.eligible_after() && self.alike)
    }

    fn open_before(&self) -> bool {
        self.was == Some(Verdict::Undetermined)
    }

    fn open_after(&self) -> bool {
        self.is == Some(Verdict::Undetermined)
    }

    pub(crate) fn perhaps_entering(&self) -> bool {
        !self.open_before() && !self.eligible_before() && self.open_after()
    }

    pub(crate) fn perhaps_leaving(&self) -> bool {
        self.open_before() && !self.open_after() && !self.eligible_after()
    }
}

/// A household of a chunk: its row, its members' rows, where it lives.
pub(crate) struct Place {
    pub(crate) row: usize,
    pub(crate) persons: std::ops::Range<usize>,
    pub(crate) town: RegionCode,
    pub(crate) kind: Kind,
}

impl Tally {
    /// Nothing counted yet.
    pub(crate) fn new(benefits: usize) -> Tally {
        Tally {
            benefits: vec![BenefitChange::default(); benefits],
            ..Tally::default()
        }
    }

    /// Counts a benefit's rows; one that a law does not have is nobody's there.
    /// `receives`: the rows that receive it now, in order.
    pub(crate) fn benefit(
        &mut self,
        place: usize,
        both: &Both<Rows<'_>>,
        receives: &[usize],
    ) -> Result<()> {
        let count = &mut self.benefits[place];
        for row in 0..both.rows() {
            let row = both.row(row);
            count.eligible_before += u64::from(row.eligible_before());
            count.eligible_after += u64::from(row.eligible_after());
            count.entering += u64::from(row.entering());
            count.leaving += u64::from(row.leaving());
            count.undetermined_before += u64::from(row.open_before());
            count.undetermined_after += u64::from(row.open_after());
            count.perhaps_entering += u64::from(row.perhaps_entering());
            count.perhaps_leaving += u64::from(row.perhaps_leaving());
        }
        if both.alike() {
            count.receiving(both, receives)?;
        }
        if let Some((benefit, swept)) = both.after {
            count.near_misses += near_misses(benefit, swept);
        }
        let sides = [
            (
                both.before,
                &mut count.month_before,
                &mut count.each_time_before,
            ),
            (
                both.after,
                &mut count.month_after,
                &mut count.each_time_after,
            ),
        ];
        for (side, month, each_time) in sides {
            let Some((benefit, swept)) = side else {
                continue;
            };
            let monthly = benefit.amount.as_ref().map(|rule| rule.every) == Some(Every::Month);
            let sum = if monthly { month } else { each_time };
            for (_, amount) in &swept.amounts {
                add(sum, *amount)?;
            }
        }
        Ok(())
    }

    /// Counts the rows whose right comes or goes between two assumptions.
    pub(crate) fn crossing(&mut self, both: &Both<Rows<'_>>) {
        let rows = (0..both.rows()).map(|row| both.row(row));
        self.crossing += rows.filter(|row| row.entering() || row.leaving()).count() as u64;
    }

    /// Counts a household by its sums.
    pub(crate) fn household(&mut self, place: &Place, before: Money, after: Money) -> Result<()> {
        let people = place.persons.len();
        let more = after.fen().saturating_sub(before.fen());
        if more != 0 {
            self.steps[step_of(more)] += 1;
        }
        let changes = [
            &mut self.all,
            self.towns.entry(place.town).or_default(),
            self.kinds.entry(place.kind).or_default(),
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

impl BenefitChange {
    /// Counts what those who receive it are owed by the month.
    fn receiving(&mut self, both: &Both<Rows<'_>>, receives: &[usize]) -> Result<()> {
        let mut owed = BTreeSet::new();
        let sides = [
            (both.before, &mut self.receiving_before),
            (both.after, &mut self.receiving_after),
        ];
        for (side, sum) in sides {
            let Some((benefit, swept)) = side else {
                continue;
            };
            if benefit.amount.as_ref().map(|rule| rule.every) != Some(Every::Month) {
                continue;
            }
            for (row, amount) in &swept.amounts {
                if receives.binary_search(row).is_ok() {
                    add(sum, *amount)?;
                    owed.insert(*row);
                }
            }
        }
        self.receiving += owed.len() as u64;
        Ok(())
    }
}

fn near_misses(benefit: &Benefit, swept: &Swept) -> u64 {
    near_rows(benefit, swept).count() as u64
}

/// The rows refused by one condition alone, all others holding, and which.
pub(crate) fn near_rows<'a>(
    benefit: &Benefit,
    swept: &'a Swept,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let all = (1_u64 << benefit.conditions.len()) - 1;
    let rows = swept.holds.iter().zip(&swept.fails).enumerate();
    rows.filter(move |(_, (holds, fails))| {
        fails.count_ones() == 1 && u64::from(**holds | **fails) == all
    })
    .map(|(row, (_, fails))| (row, fails.trailing_zeros() as usize))
}

/// The step of a gain (above zero) or a loss, fen a month.
pub(crate) fn step_of(more: i64) -> usize {
    let below = |edge: &&i64| match **edge > 0 {
        // A gain of exactly an edge is above it, a loss of exactly one is below.
        true => more >= **edge * 100,
        false => more > **edge * 100,
    };
    STEPS_YUAN.iter().filter(below).count()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_and_a_loss_stand_in_their_steps() {
        let table = [
            (-100_100, 0),
            (-100_000, 0),
            (-99_999, 1),
            (-5_001, 4),
            (-5_000, 4),
            (-1, 5),
            (1, 6),
            (4_999, 6),
            (5_000, 7),
            (100_000, 11),
        ];
        for (fen, step) in table {
            assert_eq!(step_of(fen), step, "{fen}");
        }
    }
}
