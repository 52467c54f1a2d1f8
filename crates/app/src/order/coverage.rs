//! 「走到了没有」 How far a recurring kind reaches the households it is for: done in time,
//! overdue, never, or of a colour nobody can tell; and the households behind each number.
//! Unknown is its own number: it is neither covered nor missed.

use super::about::registered;
use super::plan::{Due, Helped, helped};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_order::{OrderType, overdue};
use kernel::{Date, FieldLevel, HouseholdId, RegionCode, Slug};
use std::collections::BTreeMap;
use store::Tx;

/// The longest list of households.
const LINES_MAX: usize = 200;

/// Where a household stands with a recurring kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// Done within its interval.
    Covered,
    /// Past its due day.
    Overdue,
    /// Never done.
    Never,
    /// Its colour is not known, so nor is its day.
    Unknown,
}

impl Reached {
    /// All, as a page lists them.
    pub const ALL: [Reached; 4] = [
        Reached::Covered,
        Reached::Overdue,
        Reached::Never,
        Reached::Unknown,
    ];

    /// In addresses.
    pub fn id(self) -> &'static str {
        match self {
            Reached::Covered => "covered",
            Reached::Overdue => "overdue",
            Reached::Never => "never",
            Reached::Unknown => "unknown",
        }
    }

    /// The words a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Reached::Covered => "按时到了",
            Reached::Overdue => "过了日子",
            Reached::Never => "一次没到",
            Reached::Unknown => "还不知道多久一次",
        }
    }
}

/// How far a recurring kind covers the households it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitCoverage {
    /// Households it is for.
    pub households: usize,
    /// How many stand where; nobody there is no entry.
    pub counts: BTreeMap<Reached, usize>,
}

impl VisitCoverage {
    /// How many stand there.
    pub fn of(&self, reached: Reached) -> usize {
        self.counts.get(&reached).copied().unwrap_or(0)
    }

    /// Per cent covered; `None`: it is for nobody.
    pub fn percent(&self) -> Option<usize> {
        (self.households > 0).then(|| self.of(Reached::Covered) * 100 / self.households)
    }
}

/// A household behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeCovered {
    /// The household.
    pub household: HouseholdId,
    /// Its head's name.
    pub name: String,
    /// Where, in words.
    pub place: String,
    /// When it was last done.
    pub last: Option<Date>,
    /// When it is, or was, due; `None`: nobody can tell.
    pub due: Option<Date>,
}

struct One {
    home: Helped,
    reached: Reached,
    last: Option<Date>,
    due: Option<Date>,
}

impl App {
    async fn homes_reached(
        &self,
        tx: &mut Tx,
        region: RegionCode,
        ty: &OrderType,
    ) -> Result<Vec<One>> {
        let today = self.now().today();
        let mut all = Vec::new();
        for home in helped(tx, region, today).await? {
            let due = self.due_day(tx, ty, &home, today).await?;
            let (reached, last, due) = match due {
                Due::Unknown => {
                    let last = tx.last_done(home.household, &ty.id).await?;
                    let last = last.map(|at| kernel::Now { at }.today());
                    (Reached::Unknown, last, None)
                }
                Due::On { last: None, due } => (Reached::Never, None, Some(due)),
                Due::On { last, due } if overdue(due, today) > 0 => {
                    (Reached::Overdue, last, Some(due))
                }
                Due::On { last, due } => (Reached::Covered, last, Some(due)),
            };
            all.push(One {
                home,
                reached,
                last,
                due,
            });
        }
        Ok(all)
    }

    /// 覆盖 How far a recurring kind reaches everybody it is for.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn order_coverage(
        &self,
        context: &Context,
        region: RegionCode,
        ty: &Slug,
    ) -> Result<VisitCoverage> {
        let (desk, ty) = (self.order_desk(context), self.order_type(ty)?);
        self.db
            .look(async move |tx| {
                let record = Record::of_place(region, FieldLevel::L1);
                let (context, now) = (&desk.context, desk.now);
                context
                    .authorise(tx, Action::ReadFigures, record, &[], now)
                    .await?;
                let mut coverage = VisitCoverage::default();
                for one in desk.app.homes_reached(tx, region, &ty).await? {
                    coverage.households += 1;
                    *coverage.counts.entry(one.reached).or_default() += 1;
                }
                let subject = format!("region:{region}");
                context
                    .record(tx, "order.coverage", &subject, &coverage.households, now)
                    .await?;
                Ok::<_, AppError>(coverage)
            })
            .await
    }

    /// 数后面的户 The households behind a number, the longest overdue first, and how many
    /// there are in all: names as in any list of one's own place.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn order_coverage_homes(
        &self,
        context: &Context,
        region: RegionCode,
        ty: &Slug,
        wanted: Reached,
    ) -> Result<(Vec<HomeCovered>, usize)> {
        let (desk, ty) = (self.order_desk(context), self.order_type(ty)?);
        self.db
            .look(async move |tx| {
                let record = Record::of_place(region, FieldLevel::L1);
                let (context, now) = (&desk.context, desk.now);
                context
                    .authorise(tx, Action::ReadWork, record, &[], now)
                    .await?;
                let mut all = desk.app.homes_reached(tx, region, &ty).await?;
                all.retain(|one| one.reached == wanted);
                all.sort_by_key(|one| (one.due, one.home.household));
                let count = all.len();
                let mut lines = Vec::new();
                for one in all.into_iter().take(LINES_MAX) {
                    let about = registered(tx, one.home.head, now).await?.about;
                    lines.push(HomeCovered {
                        household: one.home.household,
                        name: about.name,
                        place: desk.app.place(one.home.region),
                        last: one.last,
                        due: one.due,
                    });
                }
                let subject = format!("region:{region}");
                let told = (wanted.id(), lines.len());
                context
                    .record(tx, "order.coverage_list", &subject, &told, now)
                    .await?;
                Ok::<_, AppError>((lines, count))
            })
            .await
    }
}
