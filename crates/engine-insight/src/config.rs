//! 「规划」 What a pack says: a plan, its tasks, their indicators with targets by year.

use crate::quantity::Quantity;
use kernel::{Provenance, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A plan of some years for a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// The place it is for.
    pub place: RegionCode,
    /// Its first and last year.
    pub span: (i32, i32),
    /// Years every indicator speaks of, a null included.
    pub years: Vec<i32>,
    /// Its tasks, in its order.
    pub tasks: Vec<Task>,
    /// The document.
    pub basis: String,
    /// What kind of source that is.
    pub provenance: Provenance,
    /// Rows of the mission it serves.
    pub rows: Vec<String>,
}

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// What it is measured by.
    pub indicators: Vec<Indicator>,
}

/// An indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// What it counts, in words.
    pub says: String,
    /// Its unit.
    pub unit: String,
    /// Which way is better.
    pub better: Better,
    /// Whether the target holds for each part of the place as for the whole.
    pub everywhere: bool,
    /// Whether the target holds on every day, not only at its year's end.
    pub always: bool,
    /// Where its figure comes from.
    pub source: Source,
    /// Targets by year; `None`: the plan sets none for that year.
    pub targets: BTreeMap<i32, Option<Quantity>>,
    /// What the plan itself tells of years past, at the year's end; `None`: it does not.
    pub known: BTreeMap<i32, Option<Quantity>>,
    /// How often it is told anew.
    pub every_months: u32,
    /// From how many percent between two figures somebody must look.
    pub jump_percent: Option<u32>,
    /// How target and definition are founded.
    pub provenance: Provenance,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// 越高越好
    Higher,
    /// 越低越好
    Lower,
}

impl Better {
    /// Whether a figure is at least as good as another.
    pub fn meets(self, value: Quantity, wanted: Quantity) -> bool {
        match self {
            Better::Higher => value >= wanted,
            Better::Lower => value <= wanted,
        }
    }

    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Better::Higher => "越高越好",
            Better::Lower => "越低越好",
        }
    }
}

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// 填报 Reported by hand, confirmed by a second person.
    Reported {
        /// Who knows it.
        from: String,
    },
    /// 规定 A number of the rules, so many times (a monthly standard by the year: 12).
    Parameter {
        /// Which parameter.
        name: String,
        /// How many times.
        times: u32,
    },
    /// 平台计数 Counted from the house's own records.
    Counted(Query),
}

/// A declared query: which records, which of them, as a share of which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Which records.
    pub records: Records,
    /// Only those of these services, kinds or sheets; empty: all.
    pub only: Vec<Slug>,
    /// Of graded bodies: only of these grades.
    pub grades: Vec<Slug>,
    /// As percent of these records with the same `only`; `None`: how many.
    pub share_of: Option<Records>,
}

macro_rules! records {
    ($($name:ident $word:literal $says:literal),* $(,)?) => {
        /// 记录 Records of the house that can be counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Records { $(#[doc = $says] $name),* }

        impl Records {
            /// Each, as packs write it and as people read it.
            pub const WORDS: &[(&str, &str)] = &[$(($word, $says)),*];

            /// As packs write it.
            pub fn read(word: &str) -> Option<Records> {
                match word {
                    $($word => Some(Records::$name),)*
                    _ => None,
                }
            }

            /// As people read it.
            pub fn label(self) -> &'static str {
                match self { $(Records::$name => $says),* }
            }
        }
    };
}

records! {
    Households "households" "在领的户",
    People "people" "在领的人",
    Found "found" "符合、还没领的",
    Undetermined "undetermined" "还不知道的",
    Cases "cases" "在办的件",
    LateCases "late_cases" "超期的件",
    Paid "paid" "本月到账的笔数",
    Returned "returned" "被银行退回的笔数",
    Categories "categories" "数据类",
    FreshCategories "fresh_categories" "新鲜的数据类",
    Orders "orders" "近一年的工单",
    DoneOrders "done_orders" "近一年办成的工单",
    Bodies "bodies" "受评的单位",
    GradedBodies "graded_bodies" "评上等级的单位",
    Places "places" "预约的位子",
    TakenPlaces "taken_places" "有人的位子",
}

impl Plan {
    /// Every indicator with its task, in the plan's order.
    pub fn indicators(&self) -> impl Iterator<Item = (&Task, &Indicator)> {
        let tasks = self.tasks.iter();
        tasks.flat_map(|task| task.indicators.iter().map(move |one| (task, one)))
    }

    /// An indicator by id.
    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        let mut all = self.indicators();
        all.find(|(_, one)| one.id.as_str() == id)
            .map(|(_, one)| one)
    }
}

impl Source {
    /// Where it comes from, in words.
    pub fn says(&self) -> String {
        match self {
            Source::Reported { from } => format!("{from}填报，第二人核对"),
            Source::Parameter { times: 1, .. } => "规则里的标准".to_owned(),
            Source::Parameter { times, .. } => format!("规则里的标准 × {times}"),
            Source::Counted(query) => match query.share_of {
                Some(of) => format!("平台计数：{} ÷ {}", query.records.label(), of.label()),
                None => format!("平台计数：{}", query.records.label()),
            },
        }
    }
}
