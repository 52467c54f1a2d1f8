//! 「指标的数法」 A declared query ([`engine_insight::Query`]) counted from the same stock
//! of lines as the cockpit's figures, beside it orders, rated bodies and places that can
//! be booked. A figure is the number of its lines; what is not known is no figure.

use super::data::DataState;
use super::list::{FigureLine, Opens, Raw, Who};
use super::stock::Stock;
use super::{Of, Wanted};
use crate::{App, Result};
use engine_assessment::{About, Phase, Sheet};
use engine_booking::Stage;
use engine_case::DeadlineStanding;
use engine_insight::{Quantity, Query, Records};
use kernel::{Date, FindingId, HouseholdId, PersonId, RegionCode, Slug};
use store::{AssessmentLine, CountedLine, Tx};

/// Days orders are counted of.
const ORDER_DAYS: i64 = 365;
/// The most orders counted at once.
const ORDERS_MAX: u32 = 500_000;

/// What a query came to.
pub(crate) struct Count {
    /// The figure; `None`: it cannot be told.
    pub(crate) value: Option<Quantity>,
    /// The lines it counted.
    pub(crate) lines: Vec<CountedLine>,
    /// Of how many, for a share.
    pub(crate) whole: Option<usize>,
}

impl App {
    /// Counts queries in a place, all from one stock.
    pub(crate) async fn counts(
        &self,
        tx: &mut Tx,
        place: RegionCode,
        queries: &[&Query],
    ) -> Result<Vec<Count>> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let stock = self.stock(tx, place).await?;
        let mut counts = Vec::new();
        for query in queries {
            counts.push(self.counted_by(tx, &stock, query).await?);
        }
        Ok(counts)
    }

    async fn counted_by(&self, tx: &mut Tx, stock: &Stock, query: &Query) -> Result<Count> {
        let lines = self.lines_of(tx, stock, query, query.records).await?;
        let whole = match query.share_of {
            Some(of) => self
                .lines_of(tx, stock, query, of)
                .await?
                .map(|all| all.len()),
            None => None,
        };
        let value = match (&lines, query.share_of) {
            (Some(lines), None) => Some(Quantity::whole(lines.len())),
            (Some(lines), Some(_)) => whole.and_then(|whole| Quantity::share(lines.len(), whole)),
            (None, _) => None,
        };
        Ok(Count {
            value,
            lines: lines.unwrap_or_default(),
            whole,
        })
    }

    /// The lines of a kind; `None`: nothing is known of that kind yet.
    async fn lines_of(
        &self,
        tx: &mut Tx,
        stock: &Stock,
        query: &Query,
        records: Records,
    ) -> Result<Option<Vec<CountedLine>>> {
        let only = &query.only;
        Ok(match records {
            Records::Orders | Records::DoneOrders => {
                Some(orders(tx, stock, only, records == Records::DoneOrders).await?)
            }
            Records::Bodies | Records::GradedBodies => {
                let grades = (records == Records::GradedBodies).then_some(query.grades.as_slice());
                Some(self.bodies_of(tx, stock, only, grades).await?)
            }
            Records::Places | Records::TakenPlaces => {
                let taken = records == Records::TakenPlaces;
                Some(self.places_of(tx, stock, only, taken).await?)
            }
            _ => known(stock, records).then(|| of_stock(stock, records, only)),
        })
    }

    async fn bodies_of(
        &self,
        tx: &mut Tx,
        stock: &Stock,
        only: &[Slug],
        grades: Option<&[Slug]>,
    ) -> Result<Vec<CountedLine>> {
        let mut found = Vec::new();
        let sheets = self.law.pack.sheets().iter().map(|one| &one.sheet);
        let wanted = |sheet: &&Sheet| only.is_empty() || only.contains(&sheet.id);
        for sheet in sheets.filter(wanted) {
            let About::Body { kind, .. } = &sheet.about else {
                continue;
            };
            for body in tx.bodies_in(kind, stock.place.span()).await? {
                if let Some(grades) = grades {
                    let all = (crate::assess::long_ago(), stock.today);
                    let rated = tx.scores_of(body.id, &sheet.id, all).await?;
                    if !rated
                        .iter()
                        .any(|one| holds(sheet, one, grades, stock.today))
                    {
                        continue;
                    }
                }
                found.push(CountedLine {
                    record: format!("body:{}", body.id),
                    who: format!("thing:{}", body.name),
                    region: Some(body.region),
                });
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    async fn places_of(
        &self,
        tx: &mut Tx,
        stock: &Stock,
        only: &[Slug],
        taken: bool,
    ) -> Result<Vec<CountedLine>> {
        let mut found = Vec::new();
        let kinds = self.law.pack.bookings().iter();
        for kind in kinds.filter(|one| only.is_empty() || only.contains(&one.id)) {
            for one in tx.stocks_in(&kind.id, stock.place.span()).await? {
                let present = |no: u32| {
                    let mut bookings = one.bookings.values();
                    bookings.any(|it| it.unit == no && matches!(it.stage, Stage::Present { .. }))
                };
                let units = one.units.iter().filter(|(_, unit)| unit.closed.is_none());
                let units = units.filter(|(no, _)| !taken || present(**no));
                found.extend(units.map(|(no, unit)| CountedLine {
                    record: format!("place:{}/{no}", one.id),
                    who: format!("thing:{} {}", one.name, unit.label),
                    region: Some(one.region),
                }));
            }
        }
        Ok(found)
    }

    /// Lines behind a figure with names, for whoever may read the list.
    pub(crate) async fn opened(
        &self,
        tx: &mut Tx,
        lines: &[CountedLine],
    ) -> Result<Vec<FigureLine>> {
        let raw: Vec<Raw> = lines.iter().map(raw).collect();
        self.named(tx, &raw).await
    }
}

/// Whether anything at all is known of a kind: what nobody has looked at is not zero.
fn known(stock: &Stock, records: Records) -> bool {
    match records {
        Records::Found | Records::Undetermined => stock.screening.is_some(),
        Records::Households | Records::People => {
            stock.screening.is_some() || !stock.rights.is_empty()
        }
        Records::Paid => !stock.paid.is_empty(),
        _ => true,
    }
}

fn of_stock(stock: &Stock, records: Records, only: &[Slug]) -> Vec<CountedLine> {
    let of = match records {
        Records::Households => Of::Households,
        Records::People => Of::People,
        Records::Found => Of::Found,
        Records::Undetermined => Of::Undetermined(None),
        Records::LateCases => Of::Cases(Some(DeadlineStanding::Overdue)),
        Records::Paid => Of::Arrived(stock.month),
        Records::Returned => Of::Returned,
        Records::FreshCategories => Of::Data(DataState::Fresh),
        Records::Categories => {
            let all = DataState::ALL.map(|state| lines(stock, &Of::Data(state), only));
            return all.concat();
        }
        _ => Of::Cases(None),
    };
    lines(stock, &of, only)
}

/// Lines of a kind, of some services (or departments) or of all.
fn lines(stock: &Stock, of: &Of, only: &[Slug]) -> Vec<CountedLine> {
    let wanted = |service: Option<&Slug>| {
        let data = matches!(of, Of::Data(_));
        Wanted {
            service: service.filter(|_| !data).cloned(),
            department: service.filter(|_| data).cloned(),
            ..Wanted::of(of.clone(), stock.place)
        }
    };
    let mut found: Vec<CountedLine> = match only {
        [] => some(stock, &wanted(None)),
        only => only
            .iter()
            .flat_map(|one| some(stock, &wanted(Some(one))))
            .collect(),
    };
    found.sort();
    found.dedup();
    found
}

fn line(record: String, who: String, region: Option<RegionCode>) -> CountedLine {
    CountedLine {
        record,
        who,
        region,
    }
}

fn some(stock: &Stock, wanted: &Wanted) -> Vec<CountedLine> {
    let first = |rights: &[&super::stock::Right]| rights.first().map(|right| right.region);
    match &wanted.of {
        Of::Households => {
            let homes = stock.homes(wanted).into_iter();
            let row = |(home, rights): (HouseholdId, Vec<&super::stock::Right>)| {
                let who = format!("household:{home}");
                line(who.clone(), who, first(&rights))
            };
            homes.map(row).collect()
        }
        Of::People => {
            let people = stock.people(wanted).into_iter();
            let row = |(person, rights): (PersonId, Vec<&super::stock::Right>)| {
                let who = format!("person:{person}");
                line(who.clone(), who, first(&rights))
            };
            people.map(row).collect()
        }
        Of::Found | Of::Undetermined(_) => {
            let row = |one: &store::FindingLine| {
                let who = match one.person {
                    Some(person) => format!("person:{person}"),
                    None => format!("household:{}", one.household),
                };
                let record = format!("finding:{}/{}", one.id, one.household);
                line(record, who, Some(one.region))
            };
            stock.findings(wanted).map(row).collect()
        }
        Of::Cases(_) => {
            let row = |one: &store::CaseLine| {
                let who = format!("person:{}", one.applicant);
                line(format!("case:{}", one.id), who, Some(one.region))
            };
            stock.open_cases(wanted).map(row).collect()
        }
        Of::Arrived(_) | Of::Underway(_) | Of::Returned => {
            let row = |one: &super::stock::Paid| {
                let record = format!("payment:{}/{}", one.line.batch, one.line.line);
                line(record, format!("household:{}", one.home), Some(one.region))
            };
            stock.money(wanted).map(row).collect()
        }
        Of::Data(_) => {
            let row = |one: &super::data::CategoryLine| {
                let name = format!("{}：{}", one.department_name, one.name);
                line(format!("category:{name}"), format!("thing:{name}"), None)
            };
            stock.data(wanted).map(row).collect()
        }
    }
}

async fn orders(tx: &mut Tx, stock: &Stock, only: &[Slug], done: bool) -> Result<Vec<CountedLine>> {
    let midnight = |day: Date| day.and_hms_opt(16, 0, 0).unwrap_or_default().and_utc();
    // The day begins at 16:00 of the day before, by the clock of the store.
    let to = midnight(stock.today);
    let from = to - chrono::TimeDelta::days(ORDER_DAYS);
    let all = tx
        .order_lines((from, to), stock.place.span(), ORDERS_MAX)
        .await?;
    let wanted = all.into_iter().filter(|one| {
        (only.is_empty() || only.contains(&one.ty)) && (!done || one.stage == "closed")
    });
    let row = |one: store::OrderLine| {
        let who = format!("thing:工单 {}", one.id);
        line(format!("order:{}", one.id), who, Some(one.region))
    };
    Ok(wanted.map(row).collect())
}

/// Whether a rating counts on a day and is one of the grades.
fn holds(sheet: &Sheet, one: &AssessmentLine, grades: &[Slug], today: Date) -> bool {
    let counts = matches!(one.phase, Phase::InForce | Phase::Appealed);
    let grade = one.grade.and_then(|grade| usize::try_from(grade).ok());
    let band = grade.and_then(|grade| sheet.bands.get(grade));
    counts
        && one.until.is_none_or(|until| until >= today)
        && band.is_some_and(|band| grades.contains(&band.id))
}

fn raw(one: &CountedLine) -> Raw {
    let number = |text: &str| text.parse::<i64>().ok();
    let (kind, rest) = one.who.split_once(':').unwrap_or(("thing", &one.who));
    let thing = || Who::Thing(rest.to_owned(), String::new());
    let who = match (kind, number(rest)) {
        ("person", Some(id)) => Who::Person(PersonId(id)),
        ("household", Some(id)) => Who::Household(HouseholdId(id)),
        _ => thing(),
    };
    let (kind, rest) = one.record.split_once(':').unwrap_or(("", ""));
    let (first, second) = rest.split_once('/').unwrap_or((rest, ""));
    let opens = match (kind, number(first), number(second)) {
        ("case", Some(id), _) => Opens::Case(kernel::CaseId(id)),
        ("finding", Some(id), Some(home)) => Opens::Lead(HouseholdId(home), FindingId(id)),
        ("payment", Some(batch), _) => Opens::Batch(kernel::PaymentBatchId(batch)),
        _ => Opens::Nothing,
    };
    let what = match kind {
        "case" => "办件",
        "finding" => "筛查",
        "payment" => "发放",
        "category" => "数据类",
        "order" => "工单",
        "body" => "受评单位",
        "place" => "位子",
        "household" => "在领的户",
        "person" => "在领的人",
        _ => "",
    };
    Raw {
        who,
        region: one.region,
        what: what.to_owned(),
        state: match kind {
            "household" | "person" | "category" | "body" | "place" => String::new(),
            _ => format!("第 {first} 号"),
        },
        opens,
    }
}
