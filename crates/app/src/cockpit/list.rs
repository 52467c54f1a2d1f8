//! 「数后面的人」 The lines behind a figure: who and where, a page at a time. Names as
//! in any list of one's own place; amounts only as the sum of all lines. Reading
//! a list is on record.

use super::stock::{Stock, standing};
use super::{Figure, Of, Wanted, may};
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_case::DeadlineStanding;
use engine_registry::Config;
use kernel::{CaseId, FindingId, HouseholdId, PaymentBatchId, PersonId, RegionCode};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterSlice, Tx};

/// Lines of a page.
pub(crate) const PAGE: usize = 100;

/// What opens from a line, for whom it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// A case.
    Case(CaseId),
    /// A household, for the lead about it.
    Lead(HouseholdId, FindingId),
    /// A batch of payments.
    Batch(PaymentBatchId),
    /// Nothing of its own.
    Nothing,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureLine {
    /// Who, or which category.
    pub name: String,
    /// Where, or which department.
    pub place: String,
    /// What it is about.
    pub what: String,
    /// Where it stands.
    pub state: String,
    /// What opens from it.
    pub opens: Opens,
}

/// The lines behind a figure.
#[derive(Clone, Debug)]
pub struct FigureList {
    /// The figure; its count is of all lines.
    pub figure: Figure,
    /// The title.
    pub says: String,
    /// The place.
    pub place: String,
    /// This page's lines.
    pub lines: Vec<FigureLine>,
    /// Lines before this page.
    pub before: usize,
    /// Lines of a full page.
    pub page: usize,
}

/// A line before names are put to numbers.
pub(super) struct Raw {
    pub(super) who: Who,
    pub(super) region: Option<RegionCode>,
    pub(super) what: String,
    pub(super) state: String,
    pub(super) opens: Opens,
}

pub(super) enum Who {
    Person(PersonId),
    Household(HouseholdId),
    Thing(String, String),
}

impl App {
    /// 数后面的人 The lines behind a figure, from the `page`th page (from 0).
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn figure_list(
        &self,
        ctx: &Context,
        wanted: &Wanted,
        page: usize,
    ) -> Result<FigureList> {
        let (app, ctx, wanted) = (self.clone(), ctx.clone(), wanted.clone());
        self.db
            .look(async move |tx| {
                let now = app.now();
                may(tx, &ctx, Action::ReadWork, wanted.place, now).await?;
                let stock = app.stock(tx, wanted.place).await?;
                let all = app.raw(&stock, &wanted);
                let before = page.saturating_mul(PAGE).min(all.len());
                let shown = all.get(before..).unwrap_or_default();
                let shown = shown.get(..PAGE).unwrap_or(shown);
                let lines = app.named(tx, shown).await?;
                let subject = format!("region:{}", wanted.place);
                let told = (format!("{:?}", wanted.of), lines.len());
                ctx.record(tx, "figures.list", &subject, &told, now).await?;
                let sum = stock.figure(&wanted).sum;
                Ok::<_, AppError>(FigureList {
                    figure: Figure {
                        count: all.len(),
                        sum,
                        wanted: wanted.clone(),
                    },
                    says: app.says(&wanted),
                    place: app.place_name(wanted.place),
                    lines,
                    before,
                    page: PAGE,
                })
            })
            .await
    }

    fn says(&self, wanted: &Wanted) -> String {
        let service = wanted.service.as_ref().map(|id| self.service_name(id));
        let catalogue = &self.law.pack.data().catalogue;
        let department = wanted.department.as_ref();
        let department = department.and_then(|id| catalogue.department(id));
        let whose = service.or_else(|| department.map(|one| one.name.clone()));
        let what = match &wanted.of {
            Of::Households => "在领的户".to_owned(),
            Of::People => "在领的人".to_owned(),
            Of::Found => "符合、还没领".to_owned(),
            Of::Undetermined(None) => "还不知道".to_owned(),
            Of::Undetermined(Some(fact)) => format!("还不知道，差“{}”", self.fact_name(fact)),
            Of::Cases(None) => "在办的".to_owned(),
            Of::Cases(Some(DeadlineStanding::Overdue)) => "超了期限的".to_owned(),
            Of::Cases(Some(DeadlineStanding::DueSoon)) => "三天内到期的".to_owned(),
            Of::Cases(Some(_)) => "期限充足的".to_owned(),
            Of::Arrived(month) => format!("{}已到账", month_words(*month)),
            Of::Underway(month) => format!("{}还没到账", month_words(*month)),
            Of::Returned => "被银行退回".to_owned(),
            Of::Data(state) => format!("部门数据，{}", state.label()),
        };
        match whose {
            Some(whose) => format!("{whose}：{what}"),
            None => what,
        }
    }

    /// Every line that fits, in order.
    fn raw(&self, stock: &Stock, wanted: &Wanted) -> Vec<Raw> {
        match &wanted.of {
            Of::Households | Of::People => self.receiving(stock, wanted),
            Of::Found | Of::Undetermined(_) => self.findings(stock, wanted),
            Of::Cases(_) => self.cases(stock, wanted),
            Of::Arrived(_) | Of::Underway(_) | Of::Returned => self.money(stock, wanted),
            Of::Data(_) => stock.data(wanted).map(category).collect(),
        }
    }

    fn receiving(&self, stock: &Stock, wanted: &Wanted) -> Vec<Raw> {
        let line = |who: Who, rights: &[&super::stock::Right]| {
            let names: BTreeSet<String> = rights
                .iter()
                .map(|right| self.service_name(&right.service))
                .collect();
            Raw {
                who,
                region: rights.first().map(|right| right.region),
                what: names.into_iter().collect::<Vec<_>>().join("、"),
                state: "在领".to_owned(),
                opens: Opens::Nothing,
            }
        };
        match wanted.of {
            Of::People => {
                let people = stock.people(wanted).into_iter();
                people
                    .map(|(person, rights)| line(Who::Person(person), &rights))
                    .collect()
            }
            _ => {
                let homes = stock.homes(wanted).into_iter();
                homes
                    .map(|(home, rights)| line(Who::Household(home), &rights))
                    .collect()
            }
        }
    }

    fn findings(&self, stock: &Stock, wanted: &Wanted) -> Vec<Raw> {
        let line = |one: &store::FindingLine| Raw {
            who: match one.person {
                Some(person) => Who::Person(person),
                None => Who::Household(one.household),
            },
            region: Some(one.region),
            what: self.service_name(&one.benefit),
            state: match &one.next {
                Some(fact) => format!("差“{}”", self.fact_name(fact)),
                None => "符合，还没领".to_owned(),
            },
            opens: Opens::Lead(one.household, one.id),
        };
        stock.findings(wanted).map(line).collect()
    }

    fn cases(&self, stock: &Stock, wanted: &Wanted) -> Vec<Raw> {
        let line = |one: &store::CaseLine| Raw {
            who: Who::Person(one.applicant),
            region: Some(one.region),
            what: self.service_name(&one.service),
            state: match (one.due, standing(one, stock.today)) {
                (None, _) => "没有期限".to_owned(),
                (Some(due), DeadlineStanding::Overdue) => {
                    format!("超 {} 天", (stock.today - due).num_days())
                }
                (Some(due), _) => format!("剩 {} 天", (due - stock.today).num_days()),
            },
            opens: Opens::Case(one.id),
        };
        stock.open_cases(wanted).map(line).collect()
    }

    fn money(&self, stock: &Stock, wanted: &Wanted) -> Vec<Raw> {
        let line = |one: &super::stock::Paid| Raw {
            who: Who::Household(one.home),
            region: Some(one.region),
            what: self.service_name(&one.line.programme),
            state: match one.line.phase.as_str() {
                "paid" => "已到账",
                "returned" => "已退回",
                "held" => "暂缓",
                _ => "在路上",
            }
            .to_owned(),
            opens: Opens::Batch(one.line.batch),
        };
        stock.money(wanted).map(line).collect()
    }

    /// Puts names to the numbers of a page.
    pub(super) async fn named(&self, tx: &mut Tx, lines: &[Raw]) -> Result<Vec<FigureLine>> {
        let mut slice = RegisterSlice::default();
        for line in lines {
            match line.who {
                Who::Person(person) => drop(slice.people.insert(person)),
                Who::Household(home) => drop(slice.households.insert(home)),
                Who::Thing(..) => {}
            }
        }
        let register = tx.register(&slice).await?.state;
        let (config, today) = (Config::default(), self.now().today());
        let people = register.people.values();
        let names: BTreeMap<PersonId, String> = people
            .filter_map(|one| Some((one.id, one.name(&config)?.to_string())))
            .collect();
        let named = |line: &Raw| {
            let at = line.region.map(|region| self.place(region));
            let (name, place) = match &line.who {
                Who::Person(person) => (names.get(person).cloned(), at),
                Who::Household(home) => {
                    let home = register.households.get(home);
                    let head = home.and_then(|home| home.head_on(today));
                    let name = head.and_then(|head| names.get(&head));
                    (name.map(|name| format!("{name}家")), at)
                }
                Who::Thing(name, of) => (Some(name.clone()), Some(of.clone())),
            };
            FigureLine {
                name: name.unwrap_or_else(|| "底册里没有名字".to_owned()),
                place: place.unwrap_or_default(),
                what: line.what.clone(),
                state: line.state.clone(),
                opens: line.opens,
            }
        };
        Ok(lines.iter().map(named).collect())
    }
}

fn category(one: &super::data::CategoryLine) -> Raw {
    let mut words = vec![match one.as_of {
        Some(day) => format!("{}的，{} 行", day.format("%Y年%-m月%-d日"), one.rows),
        None => "一份也没收到".to_owned(),
    }];
    if one.left_out > 0 {
        words.push(format!("{} 行没收", one.left_out));
    }
    if one.refused > 0 {
        words.push(format!("退回 {} 份", one.refused));
    }
    Raw {
        who: Who::Thing(one.name.clone(), one.department_name.clone()),
        region: None,
        what: format!("应当{}来", one.rhythm),
        state: words.join("，"),
        opens: Opens::Nothing,
    }
}

fn month_words(month: kernel::Period) -> String {
    format!("{}年{}月", month.year(), month.month())
}
