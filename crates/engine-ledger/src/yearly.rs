//! 「年度支出、管理费用」 What an organisation spent in a year on charity and on running
//! itself, held against the limits a pack states, each with its source. Crossing a limit is
//! for a person to look at; nothing follows from it by itself. A year whose entries are not
//! all here is not known, and what rests on it is not said. Absent: which entries count
//! (app), costs of raising money (no figure was found).

use kernel::{Provenance, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// 比例 A limit on what a year may or must show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearLimit {
    /// Its id.
    pub id: Slug,
    /// `年度慈善支出`.
    pub name: String,
    /// Kinds of organisation it binds.
    pub orgs: BTreeSet<Slug>,
    /// What is counted.
    pub counts: Counts,
    /// What it is counted against; any one of them will do.
    pub of: Vec<Base>,
    /// At least so many percent.
    pub least: Option<u32>,
    /// At most so many percent.
    pub most: Option<u32>,
    /// Law and article.
    pub basis: String,
    /// How well founded it is.
    pub provenance: Provenance,
    /// What a reader should know of it.
    pub note: Option<String>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// 慈善活动支出
    Charity,
    /// 管理费用
    Admin,
}

/// What it is counted against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// 上年收入
    IncomeLastYear,
    /// 前三年收入平均数
    IncomeMean3,
    /// 上年末余额
    LeftLastYear,
    /// 当年总支出
    SpentThisYear,
}

impl Base {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Base::IncomeLastYear => "上年收入",
            Base::IncomeMean3 => "前三年收入的平均数",
            Base::LeftLastYear => "上年末余额",
            Base::SpentThisYear => "当年总支出",
        }
    }
}

/// What the entries of one year come to, in the book's unit (fen), mistakes undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearSums {
    /// Came in.
    pub income: i64,
    /// Spent on charity.
    pub charity: i64,
    /// Spent on running the organisation.
    pub admin: i64,
    /// What was left at the year's end.
    pub left: i64,
}

impl YearSums {
    /// All that was spent.
    pub fn spent(&self) -> i64 {
        self.charity.saturating_add(self.admin)
    }
}

/// A limit held against one base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseLine {
    /// Which.
    pub base: Base,
    /// How much that is; `None`: not known.
    pub amount: Option<i64>,
    /// What must at least or may at most be counted, up to the next whole unit that keeps it.
    pub bound: Option<i64>,
    /// Whether it is kept.
    pub kept: Option<bool>,
}

impl BaseLine {
    /// What of this base was counted, in tenths of a percent; `None`: not known, or of nothing.
    pub fn mille(&self, counted: i64) -> Option<i64> {
        let base = self.amount.filter(|base| *base > 0)?;
        counted.checked_mul(1_000)?.checked_div(base)
    }
}

/// Where a year stands with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 在线内
    Within,
    /// 越线 For a person to look at.
    Crossed,
    /// 年还没过完，还够不到
    NotYet,
    /// 缺数 Something it rests on is not known.
    Unknown,
}

/// A limit held against a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearCheck {
    /// The limit.
    pub limit: YearLimit,
    /// What was counted; `None`: the year is not known.
    pub counted: Option<i64>,
    /// Against what.
    pub lines: Vec<BaseLine>,
    /// Where it stands.
    pub standing: Standing,
}

/// Holds a year against a limit. `years` has only years whose entries are all here; `over`:
/// the year is at its end.
pub fn check_year(
    limit: &YearLimit,
    years: &BTreeMap<i32, YearSums>,
    (year, over): (i32, bool),
) -> YearCheck {
    let counted = years.get(&year).map(|sums| match limit.counts {
        Counts::Charity => sums.charity,
        Counts::Admin => sums.admin,
    });
    let lines: Vec<BaseLine> = limit
        .of
        .iter()
        .map(|base| line(limit, *base, amount(*base, years, year), counted))
        .collect();
    let standing = if lines.iter().any(|line| line.kept == Some(true)) {
        Standing::Within
    } else if lines.iter().any(|line| line.kept.is_none()) {
        Standing::Unknown
    } else if limit.least.is_some() && !over {
        Standing::NotYet
    } else {
        Standing::Crossed
    };
    YearCheck {
        limit: limit.clone(),
        counted,
        lines,
        standing,
    }
}

fn amount(base: Base, years: &BTreeMap<i32, YearSums>, year: i32) -> Option<i64> {
    let of = |back: i32| years.get(&year.checked_sub(back)?);
    match base {
        Base::IncomeLastYear => of(1).map(|sums| sums.income),
        Base::LeftLastYear => of(1).map(|sums| sums.left),
        Base::SpentThisYear => of(0).map(YearSums::spent),
        Base::IncomeMean3 => {
            let all: Option<Vec<i64>> = (1..=3).map(|back| Some(of(back)?.income)).collect();
            all?.iter().sum::<i64>().checked_div(3)
        }
    }
}

fn line(limit: &YearLimit, base: Base, amount: Option<i64>, counted: Option<i64>) -> BaseLine {
    let share = |percent: u32| amount.map(|base| i128::from(base) * i128::from(percent));
    let (least, most) = (limit.least.and_then(share), limit.most.and_then(share));
    let kept = counted.map(|fen| i128::from(fen) * 100);
    let kept = kept.filter(|_| amount.is_some()).map(|counted| {
        least.is_none_or(|least| counted >= least) && most.is_none_or(|most| counted <= most)
    });
    let bound = match (least, most) {
        (Some(least), _) => Some((least + 99).div_euclid(100)),
        (None, most) => most.map(|most| most.div_euclid(100)),
    };
    BaseLine {
        base,
        amount,
        bound: bound.and_then(|bound| i64::try_from(bound).ok()),
        kept,
    }
}
