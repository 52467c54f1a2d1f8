//! 「数从哪来」 The lines all figures of a place are counted from. Who receives: the
//! rights this house pays, and whom the last screening saw receiving in the
//! departments' data; one right of one beneficiary is one line, whoever tells it.

use super::data::{CategoryLine, categories};
use super::{Figure, MONTHS, Of, Wanted};
use crate::{App, Result};
use engine_case::DeadlineStanding;
use engine_payment::Beneficiary;
use engine_policy::Finding;
use engine_registry::Household;
use kernel::{Date, HouseholdId, Money, Period, PersonId, RegionCode, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{CaseLine, FindingLine, PaidLine, Screening, Tx};

/// What a place consists of, as far as figures go.
pub(super) struct Stock {
    pub(super) place: RegionCode,
    pub(super) today: Date,
    pub(super) month: Period,
    pub(super) screening: Option<Screening>,
    pub(super) rights: Vec<Right>,
    pub(super) paid: Vec<Paid>,
    pub(super) back: Vec<Paid>,
    pub(super) cases: Vec<CaseLine>,
    pub(super) found: Vec<FindingLine>,
    pub(super) unknown: Vec<FindingLine>,
    pub(super) categories: Vec<CategoryLine>,
}

/// Something somebody receives.
pub(super) struct Right {
    pub(super) service: Slug,
    pub(super) home: Arc<Household>,
    pub(super) region: RegionCode,
    pub(super) people: Vec<PersonId>,
}

/// Money, and whose household it belongs to.
pub(super) struct Paid {
    pub(super) line: PaidLine,
    pub(super) home: HouseholdId,
    pub(super) region: RegionCode,
}

impl App {
    /// Reads everything a place is counted from.
    pub(super) async fn stock(&self, tx: &mut Tx, place: RegionCode) -> Result<Stock> {
        let today = self.now().today();
        let now = Period::of(today);
        let span = place.span();
        let homes = tx.homes_of_entitled(span, today).await?;
        let paid = tx.paid_between(now.plus_months(1 - MONTHS), now).await?;
        let paid = here(paid, &homes, today);
        let screening = tx.latest_screening().await?;
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        if let Some(run) = &screening {
            found = tx
                .finding_lines(run.id, Finding::FoundNotReceiving, span)
                .await?;
            unknown = tx
                .finding_lines(run.id, Finding::Undetermined, span)
                .await?;
        }
        Ok(Stock {
            place,
            today,
            month: paid.iter().map(|one| one.line.month).max().unwrap_or(now),
            rights: rights(tx, &homes, screening.as_ref(), span, today).await?,
            screening,
            paid,
            back: here(tx.paid_back().await?, &homes, today),
            cases: tx.open_case_lines(span).await?,
            found,
            unknown,
            categories: categories(tx, &self.law.pack.data().catalogue, today).await?,
        })
    }
}

/// Whoever receives something in a place today.
async fn rights(
    tx: &mut Tx,
    homes: &BTreeMap<Beneficiary, Arc<Household>>,
    screening: Option<&Screening>,
    span: (RegionCode, RegionCode),
    today: Date,
) -> Result<Vec<Right>> {
    let mut seen: BTreeMap<(Slug, Beneficiary), Arc<Household>> = BTreeMap::new();
    for right in tx.rights_in(Period::of(today)).await? {
        if let Some(home) = homes.get(&right.beneficiary) {
            seen.insert((right.programme, right.beneficiary), home.clone());
        }
    }
    let kinds = [Finding::ReceivingRightly, Finding::ReceivingNotFound];
    for (run, kind) in screening
        .into_iter()
        .flat_map(|run| kinds.map(|kind| (run, kind)))
    {
        let homes = tx.homes_of_found(span, run.id, kind).await?;
        for line in tx.finding_lines(run.id, kind, span).await? {
            let whose = match line.person {
                Some(person) => Beneficiary::Person(person),
                None => Beneficiary::Household(line.household),
            };
            if let Some(home) = homes.get(&line.household) {
                let home = || home.clone();
                seen.entry((line.benefit, whose)).or_insert_with(home);
            }
        }
    }
    let right = |((service, whose), home): ((Slug, Beneficiary), Arc<Household>)| {
        let people = match whose {
            Beneficiary::Person(person) => vec![person],
            Beneficiary::Household(_) => home.members_on(today).map(|one| one.person).collect(),
        };
        let region = home.region_on(today)?;
        Some(Right {
            service,
            home,
            region,
            people,
        })
    };
    Ok(seen.into_iter().filter_map(right).collect())
}

/// Of lines about money those of households in the place.
fn here(
    lines: Vec<PaidLine>,
    homes: &BTreeMap<Beneficiary, Arc<Household>>,
    today: Date,
) -> Vec<Paid> {
    let paid = |line: PaidLine| {
        let home = homes.get(&line.beneficiary)?;
        Some(Paid {
            home: home.id,
            region: home.region_on(today)?,
            line,
        })
    };
    lines.into_iter().filter_map(paid).collect()
}

impl Stock {
    /// How many lines fit, and their sum.
    pub(super) fn figure(&self, wanted: &Wanted) -> Figure {
        let (count, sum) = match &wanted.of {
            Of::Households => (self.homes(wanted).len(), Money::ZERO),
            Of::People => (self.people(wanted).len(), Money::ZERO),
            Of::Found | Of::Undetermined(_) => (self.findings(wanted).count(), Money::ZERO),
            Of::Cases(_) => (self.open_cases(wanted).count(), Money::ZERO),
            Of::Arrived(_) | Of::Underway(_) | Of::Returned => {
                let lines: Vec<&Paid> = self.money(wanted).collect();
                let sum = lines.iter().map(|one| one.line.amount);
                let sum = sum.fold(Money::ZERO, |sum, one| sum.checked_add(one).unwrap_or(sum));
                (lines.len(), sum)
            }
            Of::Data(_) => (self.data(wanted).count(), Money::ZERO),
        };
        Figure {
            count,
            sum,
            wanted: wanted.clone(),
        }
    }

    /// Months of the trend: from the first with money on.
    pub(super) fn months(&self) -> Vec<Period> {
        let first = self.paid.iter().map(|one| one.line.month).min();
        let first = first.unwrap_or(self.month);
        let count = first.months_until(self.month).max(0);
        (0..=count).map(|at| first.plus_months(at)).collect()
    }

    /// Facts that would decide something.
    pub(super) fn facts(&self) -> BTreeSet<Slug> {
        let next = self.unknown.iter().filter_map(|one| one.next.clone());
        next.collect()
    }

    fn receiving(&self, wanted: &Wanted) -> impl Iterator<Item = &Right> {
        let wanted = wanted.clone();
        self.rights
            .iter()
            .filter(move |one| wanted.fits(&one.service, one.region))
    }

    /// Households that receive, each once, with what.
    pub(super) fn homes(&self, wanted: &Wanted) -> BTreeMap<HouseholdId, Vec<&Right>> {
        let mut homes: BTreeMap<HouseholdId, Vec<&Right>> = BTreeMap::new();
        for right in self.receiving(wanted) {
            homes.entry(right.home.id).or_default().push(right);
        }
        homes
    }

    /// People who receive, each once, with what.
    pub(super) fn people(&self, wanted: &Wanted) -> BTreeMap<PersonId, Vec<&Right>> {
        let mut people: BTreeMap<PersonId, Vec<&Right>> = BTreeMap::new();
        for right in self.receiving(wanted) {
            for person in &right.people {
                people.entry(*person).or_default().push(right);
            }
        }
        people
    }

    /// Findings that fit.
    pub(super) fn findings(&self, wanted: &Wanted) -> impl Iterator<Item = &FindingLine> {
        let (lines, fact) = match &wanted.of {
            Of::Undetermined(fact) => (&self.unknown, fact.clone()),
            _ => (&self.found, None),
        };
        let wanted = wanted.clone();
        lines.iter().filter(move |one| {
            wanted.fits(&one.benefit, one.region) && (fact.is_none() || one.next == fact)
        })
    }

    /// Open cases that fit.
    pub(super) fn open_cases(&self, wanted: &Wanted) -> impl Iterator<Item = &CaseLine> {
        let light = match wanted.of {
            Of::Cases(light) => light,
            _ => None,
        };
        let (wanted, today) = (wanted.clone(), self.today);
        self.cases.iter().filter(move |one| {
            wanted.fits(&one.service, one.region)
                && light.is_none_or(|light| standing(one, today) == light)
        })
    }

    /// Money that fits.
    pub(super) fn money(&self, wanted: &Wanted) -> impl Iterator<Item = &Paid> {
        let lines = match wanted.of {
            Of::Returned => &self.back,
            _ => &self.paid,
        };
        let wanted = wanted.clone();
        lines.iter().filter(move |one| {
            let arrived = one.line.phase == "paid";
            let fits = match wanted.of {
                Of::Arrived(month) => arrived && one.line.month == month,
                Of::Underway(month) => {
                    !arrived && one.line.phase != "returned" && one.line.month == month
                }
                _ => true,
            };
            fits && wanted.fits(&one.line.programme, one.region)
        })
    }

    /// Categories of data that fit.
    pub(super) fn data(&self, wanted: &Wanted) -> impl Iterator<Item = &CategoryLine> {
        let (state, department) = (wanted.of.clone(), wanted.department.clone());
        self.categories.iter().filter(move |one| {
            let fits = match &state {
                Of::Data(state) => one.state == *state,
                _ => false,
            };
            fits && department.as_ref().is_none_or(|id| *id == one.department)
        })
    }
}

impl Wanted {
    fn fits(&self, service: &Slug, region: RegionCode) -> bool {
        self.place.contains(region) && self.service.as_ref().is_none_or(|one| one == service)
    }
}

/// The light of a case; without a deadline nothing presses.
pub(super) fn standing(case: &CaseLine, today: Date) -> DeadlineStanding {
    let open = |due| DeadlineStanding::open(due, today);
    case.due.map_or(DeadlineStanding::OnTime, open)
}
