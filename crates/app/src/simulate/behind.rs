//! 「数后面是谁」 Whom a number of a simulation stands for: a page of them by name, for
//! whoever works in the place; on record before it is shown. Whoever only writes rules
//! sees the counts.

use super::pass::JudgedPage;
use super::report::{place_words, size_words, step_words};
use super::tally::{Kind, Place, STEPS_YUAN, near_rows, step_of};
use super::{Pass, Proposed, Side, Simulation, categories, trials};
use crate::context::Context;
use crate::error::{AppError, Result};
use crate::everybody::Everybody;
use crate::found::FoundLine;
use crate::{App, Law};
use engine_access::{Action, Record};
use engine_policy::{Beneficiary, Judge, Swept};
use kernel::{Date, FieldLevel, FindingId, HouseholdId, Money, PersonId, RegionCode, Slug};
use store::Tx;

/// Names on one page.
pub const BEHIND_PAGE: usize = 200;

/// Which number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Households that have more or less by the month than now.
    Money {
        /// More; otherwise less.
        more: bool,
        /// Which of them.
        of: Of,
    },
    /// Rows of one benefit: households, or persons.
    Benefit {
        /// Which benefit.
        benefit: Slug,
        /// What becomes of it.
        how: How,
    },
    /// Rows of any benefit that come or go between the two values tried.
    Crossing,
}

/// A part of the households.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// All of them.
    All,
    /// Who lives in a town.
    Town(RegionCode),
    /// A kind of household, as the report lists them.
    Kind(usize),
    /// So many people, 4 for more too.
    Size(usize),
    /// A step of gains and losses, as the report lists them.
    Step(usize),
}

/// What becomes of a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// There now.
    Before,
    /// There only under the assumption.
    Entering,
    /// There only now.
    Leaving,
    /// Known not to be there now; perhaps under the assumption.
    PerhapsEntering,
    /// Perhaps there now; known not to be under the assumption.
    PerhapsLeaving,
    /// Missed by one condition under the assumption.
    Near,
}

/// Who stands behind a number.
#[derive(Clone, Debug, Default)]
pub struct BehindPage {
    /// Whom the number counts, in words.
    pub says: String,
    /// How many there are.
    pub count: u64,
    /// How many were passed over before the first line.
    pub before: usize,
    /// A page of them.
    pub lines: Vec<BehindLine>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct BehindLine {
    /// Who, where.
    pub line: FoundLine,
    /// Owed now: a household by the month, or by the benefit.
    pub now: Option<Money>,
    /// Owed under the assumption.
    pub then: Option<Money>,
    /// What it is about: the benefit, where several are.
    pub benefit: Option<String>,
    /// The one condition that fails, as its rule is written, and its article.
    pub fails: Option<(String, String)>,
    /// A lead about the household, where there is one: a reason to open it.
    pub lead: Option<FindingId>,
}

/// One found, before anybody's name is read.
#[derive(Clone)]
struct Pick {
    home: HouseholdId,
    person: Option<PersonId>,
    now: Option<Money>,
    then: Option<Money>,
    benefit: Option<String>,
    fails: Option<(String, String)>,
}

/// One page of what was found, and how much there is in all.
struct Picked {
    skip: usize,
    count: u64,
    page: Vec<Pick>,
}

impl Picked {
    fn push(&mut self, pick: impl FnOnce() -> Pick) {
        let at = usize::try_from(self.count).unwrap_or(usize::MAX);
        self.count += 1;
        if at >= self.skip && self.page.len() < BEHIND_PAGE {
            self.page.push(pick());
        }
    }
}

impl App {
    /// 看名单 Whom a number of the last value tried stands for, in a place; `skip` of
    /// them passed over.
    ///
    /// # Errors
    /// Refused to whoever may not simulate or does not work there; settings that cannot
    /// be combined; no such benefit; the store's.
    pub async fn behind(
        &self,
        ctx: &Context,
        what: &Simulation,
        behind: &Behind,
        place: RegionCode,
        skip: usize,
    ) -> Result<BehindPage> {
        let standings = self.may_simulate(ctx).await?;
        let standings = self.as_last_seen(standings, what.day).await?;
        // Before the long way: names are shown of one's own place alone.
        self.works_there(ctx, place).await?;
        let inside = what.region.filter(|one| place.contains(*one));
        let what = Simulation {
            region: Some(inside.unwrap_or(place)),
            ..what.clone()
        };
        let tried = match &what.proposed {
            Proposed::Settings(settings) => trials(settings)?,
            Proposed::Draft(_) => Vec::new(),
        };
        let assumptions: Vec<_> = tried.into_iter().map(|one| one.0).collect();
        let last = assumptions.len().saturating_sub(1);
        let trials = assumptions.len().max(1);
        let judge = Judge::comparing(self.law.pack.rules().clone(), assumptions)?;
        let sides = match &what.proposed {
            Proposed::Settings(_) => vec![Side::new(&self.law, &judge)],
            Proposed::Draft(draft) => vec![
                Side::new(&self.law, &self.law.judge),
                Side::new(draft, &draft.judge),
            ],
        };
        let pass = Pass::new(sides, &what, trials);
        behind.exists(&pass)?;
        let mut picked = Picked {
            skip,
            count: 0,
            page: Vec::new(),
        };
        let categories = categories(&self.law, &what.proposed);
        let mut everybody = Everybody::new(self, what.day, categories, &standings);
        while let Some((families, pooled)) = everybody.page().await? {
            if let Some(page) = pass.judged(&standings, families, &pooled)? {
                behind.pick(&pass, &page, last, &mut picked)?;
            }
        }
        let says = behind.words(&self.law, what.day);
        self.behind_named(ctx, says, picked, place).await
    }

    async fn works_there(&self, ctx: &Context, place: RegionCode) -> Result<()> {
        let (ctx, now) = (on_duty(ctx), self.now());
        self.db
            .read(async move |tx| {
                let record = Record::of_place(place, FieldLevel::L1);
                ctx.authorise(tx, Action::ReadWork, record, &[], now)
                    .await?;
                Ok::<_, AppError>(())
            })
            .await
    }

    async fn behind_named(
        &self,
        ctx: &Context,
        says: String,
        picked: Picked,
        place: RegionCode,
    ) -> Result<BehindPage> {
        let (app, ctx, now) = (self.clone(), on_duty(ctx), self.now());
        self.db
            .look(async move |tx: &mut Tx| {
                let record = Record::of_place(place, FieldLevel::L1);
                ctx.authorise(tx, Action::ReadWork, record, &[], now)
                    .await?;
                let rows = picked.page.iter();
                let rows = rows.map(|one| (FindingId(0), one.home, one.person));
                let lines = app.found_named(tx, rows.collect()).await?;
                let run = tx.latest_screening().await?;
                let mut told = Vec::new();
                for (line, pick) in lines.into_iter().zip(picked.page.clone()) {
                    let Some(line) = line else { continue };
                    let lead = match &run {
                        Some(run) => tx.findings_of(pick.home, run.id).await?,
                        None => Vec::new(),
                    };
                    told.push(BehindLine {
                        line,
                        now: pick.now,
                        then: pick.then,
                        benefit: pick.benefit,
                        fails: pick.fails,
                        lead: lead.first().map(|(id, _)| *id),
                    });
                }
                let subject = format!("region:{place}");
                let details = (&says, picked.skip, told.len());
                ctx.record(tx, "simulate.names", &subject, &details, now)
                    .await?;
                Ok::<_, AppError>(BehindPage {
                    says: says.clone(),
                    count: picked.count,
                    before: picked.skip,
                    lines: told,
                })
            })
            .await
    }
}

/// Names are read for one's work, whatever the counts were looked at for.
fn on_duty(ctx: &Context) -> Context {
    Context {
        purpose: engine_access::Purpose::Duty,
        ..ctx.clone()
    }
}

impl Behind {
    /// # Errors
    /// No such benefit in either law.
    fn exists(&self, pass: &Pass<'_>) -> Result<()> {
        match self {
            Behind::Benefit { benefit, .. }
                if !pass.benefits().iter().any(|one| one.id == *benefit) =>
            {
                Err(AppError::BadInput(format!("没有“{benefit}”这项待遇")))
            }
            _ => Ok(()),
        }
    }

    /// Takes from a page whom this number counts, by the trial `last`.
    fn pick(
        &self,
        pass: &Pass<'_>,
        page: &JudgedPage,
        last: usize,
        picked: &mut Picked,
    ) -> Result<()> {
        match self {
            Behind::Money { more, of } => {
                let sums = pass.sums(page, last)?;
                for (place, family) in page.places.iter().zip(&page.families) {
                    let (now, then) = (sums.before[place.row], sums.after[place.row]);
                    let gain = then.fen().saturating_sub(now.fen());
                    if gain != 0 && (gain > 0) == *more && of.holds(place, gain) {
                        picked.push(|| Pick {
                            home: family.id,
                            person: None,
                            now: Some(now),
                            then: Some(then),
                            benefit: None,
                            fails: None,
                        });
                    }
                }
            }
            Behind::Benefit { benefit, how } => {
                let all = pass.benefits().iter();
                for at in all.enumerate().filter(|one| one.1.id == *benefit) {
                    how.pick(pass, page, (last, at.0), picked);
                }
            }
            Behind::Crossing => {
                for at in 0..pass.benefits().len() {
                    crossing(pass, page, (last, at), picked);
                }
            }
        }
        Ok(())
    }

    /// Whom it counts, in words.
    fn words(&self, law: &Law, day: Date) -> String {
        match self {
            Behind::Money { more, of } => {
                let way = if *more { "多了" } else { "少了" };
                match of {
                    Of::All => format!("{way}的人家"),
                    Of::Town(town) => format!("{}{way}的人家", place_words(law, *town, day)),
                    Of::Kind(kind) => {
                        let kind = Kind::ALL.get(*kind).map_or("", |kind| kind.label());
                        format!("{way}的人家：{kind}")
                    }
                    Of::Size(size) => format!("{way}的人家：{}", size_words(*size)),
                    Of::Step(step) => format!("每月{} 元的人家", step_words(*step)),
                }
            }
            Behind::Benefit { benefit, how } => {
                let rules = law.pack.rules().benefits.iter();
                let mut named = rules.filter(|one| one.id == *benefit);
                let name = named.next().map_or(benefit.as_str(), |one| &one.name);
                format!("{name}：{}", how.words())
            }
            Behind::Crossing => "正好在这一格的".to_owned(),
        }
    }
}

impl Of {
    /// The kind of household the report calls so.
    pub fn kind(label: &str) -> Option<Of> {
        let mut all = Kind::ALL.iter();
        all.position(|kind| kind.label() == label).map(Of::Kind)
    }

    /// The size of household the report calls so.
    pub fn size(label: &str) -> Option<Of> {
        let mut all = 0..=4;
        all.find(|size| size_words(*size) == label).map(Of::Size)
    }

    fn holds(self, place: &Place, gain: i64) -> bool {
        match self {
            Of::All => true,
            Of::Town(town) => place.town == town,
            Of::Kind(kind) => Kind::ALL.get(kind) == Some(&place.kind),
            Of::Size(size) => place.persons.len().min(4) == size,
            Of::Step(step) => step_of(gain) == step && step <= STEPS_YUAN.len(),
        }
    }
}

impl How {
    fn words(self) -> &'static str {
        match self {
            How::Before => "现在符合的",
            How::Entering => "新符合的",
            How::Leaving => "不再符合的",
            How::PerhapsEntering => "可能新符合的，要同意核对才知道",
            How::PerhapsLeaving => "可能不再符合的，要核对才知道",
            How::Near => "只差一条的",
        }
    }

    /// Takes the rows of one benefit by one trial.
    fn pick(
        self,
        pass: &Pass<'_>,
        page: &JudgedPage,
        (trial, at): (usize, usize),
        picked: &mut Picked,
    ) {
        let both = pass.both(page, trial, at);
        if let How::Near = self {
            let Some((rule, swept)) = both.after else {
                return;
            };
            for (row, fails) in near_rows(rule, swept) {
                let fails = rule.conditions.get(fails);
                let fails = fails.map(|one| (one.text.clone(), one.basis.clone()));
                let whom = Whom::of(page, rule.beneficiary);
                picked.push(|| Pick {
                    fails,
                    ..whom.pick(row)
                });
            }
            return;
        }
        for row in 0..both.rows() {
            let change = both.row(row);
            let own = match self {
                How::Before => change.eligible_before(),
                How::Entering => change.entering(),
                How::Leaving => change.leaving(),
                How::PerhapsEntering => change.perhaps_entering(),
                How::PerhapsLeaving => change.perhaps_leaving(),
                How::Near => false,
            };
            // Where both laws have it, the rows are of whom the later one says, unless
            // the right is only there by the earlier one.
            let by_now = matches!(self, How::Before | How::Leaving | How::PerhapsLeaving);
            let (first, other) = match by_now {
                true => (both.before, both.after),
                false => (both.after, both.before),
            };
            let Some((rule, _)) = first.or(other).filter(|_| own) else {
                continue;
            };
            let whom = Whom::of(page, rule.beneficiary);
            picked.push(|| Pick {
                now: both.before.and_then(|(_, swept)| owed(swept, row)),
                then: both.after.and_then(|(_, swept)| owed(swept, row)),
                ..whom.pick(row)
            });
        }
    }
}

/// The rows of one benefit that come or go between two trials.
fn crossing(pass: &Pass<'_>, page: &JudgedPage, (trial, at): (usize, usize), picked: &mut Picked) {
    let both = pass.between(page, trial, at);
    for row in 0..both.rows() {
        let change = both.row(row);
        let Some((rule, _)) = both.after.filter(|_| change.entering() || change.leaving()) else {
            continue;
        };
        let whom = Whom::of(page, rule.beneficiary);
        let way = match change.entering() {
            true => "新符合",
            false => "不再符合",
        };
        picked.push(|| Pick {
            now: both.before.and_then(|(_, swept)| owed(swept, row)),
            then: both.after.and_then(|(_, swept)| owed(swept, row)),
            benefit: Some(format!("{}：{way}", rule.name)),
            ..whom.pick(row)
        });
    }
}

/// What a row is owed.
fn owed(swept: &Swept, row: usize) -> Option<Money> {
    let mut amounts = swept.amounts.iter();
    amounts.find(|(at, _)| *at == row).map(|(_, owed)| *owed)
}

/// Whom the rows of a benefit are about.
struct Whom<'p> {
    page: &'p JudgedPage,
    whose: Beneficiary,
}

impl<'p> Whom<'p> {
    fn of(page: &'p JudgedPage, whose: Beneficiary) -> Self {
        Whom { page, whose }
    }

    fn pick(&self, row: usize) -> Pick {
        let (home, person) = match self.whose {
            Beneficiary::Household => (self.page.families[row].id, None),
            Beneficiary::Person => {
                let home = self.page.household_of[row];
                let family = &self.page.families[home];
                let first = self.page.places[home].persons.start;
                (family.id, family.members.get(row - first).map(|one| one.0))
            }
        };
        Pick {
            home,
            person,
            now: None,
            then: None,
            benefit: None,
            fails: None,
        }
    }
}
