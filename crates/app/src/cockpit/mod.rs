//! 「驾驶舱」 What a place looks like in figures, for those who answer for it. Each
//! figure is the length of a list ([`FigureList`]) that opens from it: both are
//! counted from one stock of lines, read in one transaction. Counts only; whoever
//! opens a record from a list is asked again, and that is on record.
//! Absent on purpose: targets and comparisons nobody has declared.

mod data;
mod heed;
mod list;
mod query;
mod statistics;
mod stock;

pub use data::DataState;
pub use heed::{Heed, Urgency};
pub(crate) use list::PAGE;
pub use list::{FigureLine, FigureList, Opens};
pub use statistics::Statistics;

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_case::DeadlineStanding;
use kernel::{Date, FieldLevel, Money, Now, Period, RegionCode, RegionLevel, Slug};
use stock::Stock;
use store::Tx;

/// Months a trend shows.
const MONTHS: i32 = 12;

/// Which lines a figure counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Of {
    /// 在领的户
    Households,
    /// 在领的人
    People,
    /// 符合、还没领
    Found,
    /// 还不知道 By the fact to get next.
    Undetermined(Option<Slug>),
    /// 在办 By the light of the nearest deadline.
    Cases(Option<DeadlineStanding>),
    /// 钱 Of the batches of a month: arrived.
    Arrived(Period),
    /// 钱 Of the batches of a month: not arrived yet.
    Underway(Period),
    /// 退回 Came back and goes on nowhere yet.
    Returned,
    /// 数据 Categories in a state.
    Data(DataState),
}

/// Which lines, and of them those of a service, a place or a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What is counted.
    pub of: Of,
    /// Only this service.
    pub service: Option<Slug>,
    /// Only this department's.
    pub department: Option<Slug>,
    /// Only this place and below.
    pub place: RegionCode,
}

/// A figure: how many, how much, and what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// How many lines.
    pub count: usize,
    /// Their sum, of lines about money.
    pub sum: Money,
    /// The lines.
    pub wanted: Wanted,
}

/// A place in figures.
#[derive(Clone, Debug)]
pub struct Cockpit {
    /// The place.
    pub place: RegionCode,
    /// Its name.
    pub name: String,
    /// The day everyone was judged by; `None`: nobody was screened yet.
    pub screened: Option<Date>,
    /// The month whose money is told: the latest that has any.
    pub month: Period,
    /// 在领的户、人
    pub households: Figure,
    /// 在领的人
    pub people: Figure,
    /// 符合、还没领
    pub found: Figure,
    /// 在办
    pub cases: Figure,
    /// 已到账
    pub arrived: Figure,
    /// 在路上
    pub underway: Figure,
    /// 退回
    pub returned: Figure,
    /// By service, those with anything to tell.
    pub services: Vec<ServiceFigures>,
    /// By the next smaller place.
    pub places: Vec<PlaceFigures>,
    /// 还不知道 By the fact to get next, most first.
    pub unknown: Vec<(String, Figure)>,
    /// Cases by the light of their nearest deadline.
    pub lights: Vec<(DeadlineStanding, Figure)>,
    /// Money arrived, month by month, oldest first.
    pub months: Vec<(Period, Figure)>,
    /// Categories by state.
    pub data: Vec<(DataState, Figure)>,
    /// Departments with categories that are not fresh, most first: late, never came.
    pub departments: Vec<(String, Figure, Figure)>,
    /// 要您留意 Most urgent first.
    pub heed: Vec<Heed>,
}

/// A service in figures.
#[derive(Clone, Debug)]
pub struct ServiceFigures {
    /// Its name.
    pub name: String,
    /// 在领的户
    pub households: Figure,
    /// 在领的人
    pub people: Figure,
    /// 符合、还没领
    pub found: Figure,
    /// 还不知道
    pub unknown: Figure,
    /// 已到账
    pub arrived: Figure,
}

/// A place below in figures.
#[derive(Clone, Debug)]
pub struct PlaceFigures {
    /// Its name.
    pub name: String,
    /// 在领的户
    pub households: Figure,
    /// 在领的人
    pub people: Figure,
    /// 符合、还没领
    pub found: Figure,
    /// 已到账
    pub arrived: Figure,
}

impl App {
    /// 驾驶舱 A place in figures; that somebody looked is on record.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn cockpit(&self, ctx: &Context, place: RegionCode) -> Result<Cockpit> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                let now = app.now();
                may(tx, &ctx, Action::ReadFigures, place, now).await?;
                let stock = app.stock(tx, place).await?;
                let subject = format!("region:{place}");
                ctx.record(tx, "figures.read", &subject, &(), now).await?;
                Ok::<_, AppError>(app.counted(&stock))
            })
            .await
    }

    fn counted(&self, stock: &Stock) -> Cockpit {
        let (place, month) = (stock.place, stock.month);
        let all = |of| stock.figure(&Wanted::of(of, place));
        let known = |of: fn(Period) -> Of| all(of(month));
        let mut cockpit = Cockpit {
            place,
            name: self.place_name(place),
            screened: stock.screening.as_ref().map(|run| run.as_of),
            month,
            households: all(Of::Households),
            people: all(Of::People),
            found: all(Of::Found),
            cases: all(Of::Cases(None)),
            arrived: known(Of::Arrived),
            underway: known(Of::Underway),
            returned: all(Of::Returned),
            services: self.by_service(stock),
            places: self.by_place(stock),
            unknown: self.by_fact(stock),
            lights: LIGHTS
                .map(|light| (light, all(Of::Cases(Some(light)))))
                .into(),
            months: stock
                .months()
                .into_iter()
                .map(|one| (one, all(Of::Arrived(one))))
                .collect(),
            data: DataState::ALL
                .map(|state| (state, all(Of::Data(state))))
                .into(),
            departments: self.by_department(stock),
            heed: Vec::new(),
        };
        cockpit.heed = heed::heed(&cockpit, stock);
        cockpit
    }

    fn by_service(&self, stock: &Stock) -> Vec<ServiceFigures> {
        let services = self.law.pack.services().iter();
        let figures = services.map(|service| {
            let of = |of| {
                let wanted = Wanted::of(of, stock.place);
                stock.figure(&Wanted {
                    service: Some(service.id.clone()),
                    ..wanted
                })
            };
            ServiceFigures {
                name: service.name.clone(),
                households: of(Of::Households),
                people: of(Of::People),
                found: of(Of::Found),
                unknown: of(Of::Undetermined(None)),
                arrived: of(Of::Arrived(stock.month)),
            }
        });
        let told = |one: &ServiceFigures| {
            [&one.households, &one.found, &one.unknown, &one.arrived]
                .iter()
                .any(|figure| figure.count > 0)
        };
        figures.filter(told).collect()
    }

    fn by_place(&self, stock: &Stock) -> Vec<PlaceFigures> {
        if stock.place.level() == RegionLevel::Village {
            return Vec::new();
        }
        let today = self.now().today();
        let below = self.law.pack.regions().children(stock.place, today);
        let figures = below.map(|region| {
            let of = |of| stock.figure(&Wanted::of(of, region.code));
            PlaceFigures {
                name: region.name.clone(),
                households: of(Of::Households),
                people: of(Of::People),
                found: of(Of::Found),
                arrived: of(Of::Arrived(stock.month)),
            }
        });
        let mut figures: Vec<PlaceFigures> = figures.collect();
        figures.sort_by_key(|one| std::cmp::Reverse(one.people.count));
        figures
    }

    fn by_fact(&self, stock: &Stock) -> Vec<(String, Figure)> {
        let mut facts: Vec<(String, Figure)> = stock
            .facts()
            .into_iter()
            .map(|fact| {
                let figure = stock.figure(&Wanted::of(
                    Of::Undetermined(Some(fact.clone())),
                    stock.place,
                ));
                (self.fact_name(&fact), figure)
            })
            .collect();
        facts.sort_by_key(|(_, figure)| std::cmp::Reverse(figure.count));
        facts
    }

    fn by_department(&self, stock: &Stock) -> Vec<(String, Figure, Figure)> {
        let departments = self.law.pack.data().catalogue.departments();
        let mut figures: Vec<(String, Figure, Figure)> = departments
            .map(|department| {
                let of = |state| {
                    stock.figure(&Wanted {
                        department: Some(department.id.clone()),
                        ..Wanted::of(Of::Data(state), stock.place)
                    })
                };
                let name = department.name.clone();
                (name, of(DataState::Old), of(DataState::Missing))
            })
            .filter(|(_, old, missing)| old.count + missing.count > 0)
            .collect();
        figures.sort_by_key(|(_, old, missing)| std::cmp::Reverse(old.count + missing.count));
        figures
    }

    /// The name of a place: as a whole from its county down.
    pub(crate) fn place_name(&self, place: RegionCode) -> String {
        match place.level() {
            RegionLevel::Town | RegionLevel::Village => self.place(place),
            _ => {
                let tree = self.law.pack.regions();
                let name = tree.name(place, self.now().today());
                name.map_or_else(|| place.to_string(), str::to_owned)
            }
        }
    }

    /// What a fact is called.
    fn fact_name(&self, fact: &Slug) -> String {
        let rule = self.law.pack.rules().fact(fact.as_str());
        rule.map_or_else(|| fact.to_string(), |rule| rule.decl.label.clone())
    }
}

/// The lights, most urgent first.
const LIGHTS: [DeadlineStanding; 3] = [
    DeadlineStanding::Overdue,
    DeadlineStanding::DueSoon,
    DeadlineStanding::OnTime,
];

impl Wanted {
    /// Everything of a kind in a place.
    pub fn of(of: Of, place: RegionCode) -> Wanted {
        Wanted {
            of,
            service: None,
            department: None,
            place,
        }
    }
}

pub(crate) async fn may(
    tx: &mut Tx,
    ctx: &Context,
    action: Action,
    place: RegionCode,
    now: Now,
) -> Result<()> {
    let record = Record::of_place(place, FieldLevel::L1);
    ctx.authorise(tx, action, record, &[], now).await?;
    Ok(())
}
