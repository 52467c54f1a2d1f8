//! 「账本种类」 What a pack says of one book: what it counts, how people come by it and
//! spend it, up to how much; or a fund, what it may be spent on and when it must be shown.
//! Built by packs from a `[ledger]` file; what cannot be meant is found by
//! [`BookType::faults`].

use crate::yearly::{Counts, YearLimit};
use kernel::{Date, FieldLevel, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookType {
    /// Its id.
    pub id: Slug,
    /// `时间银行`.
    pub name: String,
    /// A sentence for people.
    pub says: String,
    /// Mission rows it proves.
    pub rows: Vec<String>,
    /// What it rests on.
    pub basis: Vec<String>,
    /// Figures nobody has published: shown as such.
    pub assumed: bool,
    /// Who may see whose it is.
    pub level: FieldLevel,
    /// What it counts, `minute`.
    pub unit: Slug,
    /// What people call it, `分钟`.
    pub unit_name: String,
    /// People's own, or a fund's.
    pub medium: Medium,
}

/// Whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// 个人账户
    Personal {
        /// Months after which what was earned in a month lapses; `None`: never.
        lot_months: Option<u32>,
        /// Days before it lapses at which the owner is told.
        warn_days: u32,
        /// 兑付 What is checked of the promises; `None`: nothing is owed back.
        capacity: Option<Capacity>,
        /// Ways in and out.
        kinds: Vec<Kind>,
    },
    /// 专款
    Fund(Restricted),
}

/// Whether what is owed can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// Days looked back on.
    pub recent_days: u32,
    /// Days looked forward to.
    pub days: u32,
}

/// 种类 A way in or out of a person's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// Its id.
    pub id: Slug,
    /// `服务一小时`.
    pub name: String,
    /// What it does.
    pub does: Does,
    /// What one of it counts, in the book's unit, where it is asked by number of times;
    /// `None`: the amount itself is asked for.
    pub each: Option<i64>,
    /// Percent of the amount that is booked (night service: 150).
    pub percent: u32,
    /// 两方确认 The other side confirms before it counts.
    pub confirm: bool,
    /// Days the other side has.
    pub confirm_days: u32,
    /// Not between relatives of one home.
    pub not_kin: bool,
    /// The one who gives is at least this old (银龄互助).
    pub age_from: Option<u32>,
    /// 家里老人用 Whoever lives in the same home may have it from this age on; `None`: for
    /// oneself only.
    pub kin_from: Option<u32>,
    /// Up to how much.
    pub limits: Vec<Limit>,
    /// Kinds of order that prove it when closed.
    pub orders: BTreeSet<Slug>,
}

/// What a kind does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// 存入
    Earn,
    /// 使用、兑换
    Spend,
    /// 转赠
    Give,
}

/// 上限 The most of a kind one person moves in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// In which time.
    pub per: Per,
    /// How much, in the book's unit.
    pub most: i64,
}

/// A time that begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// 每天
    Day,
    /// 每月
    Month,
    /// 每年
    Year,
}

impl Per {
    /// The part of a date that names the time, `2026-11`.
    pub fn of(self, day: Date) -> String {
        let all = day.to_string();
        let length = match self {
            Per::Day => 10,
            Per::Month => 7,
            Per::Year => 4,
        };
        all.chars().take(length).collect()
    }

    /// `每月`.
    pub fn label(self) -> &'static str {
        match self {
            Per::Day => "每天",
            Per::Month => "每月",
            Per::Year => "每年",
        }
    }
}

/// 专款 A fund and its campaigns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restricted {
    /// What it may be spent on, `elder` → `助老`.
    pub purposes: BTreeMap<Slug, String>,
    /// Ways money comes in, `one_day` → `慈善一日捐`.
    pub gifts: BTreeMap<Slug, String>,
    /// When its book must be shown.
    pub timer: Timer,
    /// 管理费用 Which of the purposes are the organisation's own running.
    pub admin: BTreeSet<Slug>,
    /// Kinds of organisation that keep funds in it, `foundation` → `基金会`.
    pub orgs: BTreeMap<Slug, String>,
    /// What a year is held against.
    pub limits: Vec<YearLimit>,
}

/// 公示时限 When a fund's money must be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Emergency campaigns: at least every so many days.
    pub emergency_days: u32,
    /// Others that run longer than `long_months`: at least every so many months.
    pub usual_months: u32,
    /// See `usual_months`.
    pub long_months: u32,
    /// Everything, within so many months of the end.
    pub end_months: u32,
}

/// What cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookFault {
    /// Nothing comes in.
    #[error("没有一种存入（does = \"earn\"），账户永远是空的")]
    NoWayIn,
    /// A kind twice.
    #[error("种类“{0}”写了两遍")]
    KindTwice(Slug),
    /// Nothing is booked.
    #[error("“{0}”的 each、percent 和上限要大于 0")]
    Nothing(Slug),
    /// Nobody could confirm it in time.
    #[error("“{0}”要对方确认，confirm_days 至少是 1")]
    NoTime(Slug),
    /// A fund nobody may spend.
    #[error("专款要写用途 purposes 和来源 gifts，各至少一项")]
    NoPurpose,
    /// A timer that never rings.
    #[error("公示时限都要大于 0")]
    NoTimer,
    /// Running costs that are no purpose.
    #[error("管理费用“{0}”不在用途 purposes 里")]
    NoSuchCost(Slug),
    /// A limit for nobody.
    #[error("比例“{0}”里的组织种类在 [fund.org] 里没有")]
    NoSuchOrg(Slug),
    /// A limit twice.
    #[error("比例“{0}”写了两遍")]
    LimitTwice(Slug),
    /// Neither a floor nor a ceiling, or both, or against nothing.
    #[error("比例“{0}”要写 least 或 most（只写一个），of 至少一项")]
    NoLimit(Slug),
    /// Nothing would ever be counted.
    #[error("有管理费用的比例“{0}”，却没有写哪些用途是管理费用（admin）")]
    NoCosts(Slug),
    /// A warning for what never lapses, or none for what does.
    #[error("lot_months 和 warn_days 要么都写，要么都不写")]
    Warning,
}

impl BookType {
    /// What cannot be meant.
    pub fn faults(&self) -> Vec<BookFault> {
        match &self.medium {
            Medium::Fund(fund) => fund.faults(),
            Medium::Personal {
                lot_months,
                warn_days,
                kinds,
                ..
            } => {
                let mut faults = Vec::new();
                if lot_months.is_some() == (*warn_days == 0) {
                    faults.push(BookFault::Warning);
                }
                if !kinds.iter().any(|kind| kind.does == Does::Earn) {
                    faults.push(BookFault::NoWayIn);
                }
                let mut seen = BTreeSet::new();
                for kind in kinds {
                    faults.extend(kind.faults());
                    if !seen.insert(&kind.id) {
                        faults.push(BookFault::KindTwice(kind.id.clone()));
                    }
                }
                faults
            }
        }
    }

    /// The kind of that id.
    pub fn kind(&self, id: &Slug) -> Option<&Kind> {
        self.kinds().iter().find(|kind| kind.id == *id)
    }

    /// All ways in and out; of a fund none.
    pub fn kinds(&self) -> &[Kind] {
        match &self.medium {
            Medium::Personal { kinds, .. } => kinds,
            Medium::Fund(_) => &[],
        }
    }

    /// What it may be spent on, where it is a fund.
    pub fn fund(&self) -> Option<&Restricted> {
        match &self.medium {
            Medium::Fund(fund) => Some(fund),
            Medium::Personal { .. } => None,
        }
    }

    /// Whether what is spent on a purpose is spent on the organisation itself.
    pub fn is_admin(&self, purpose: &Slug) -> bool {
        self.fund()
            .is_some_and(|rules| rules.admin.contains(purpose))
    }
}

impl Kind {
    /// What is booked for so much (minutes, or times where `each` is given); `None`: too
    /// much, or nothing.
    pub fn booked(&self, asked: i64) -> Option<i64> {
        let whole = asked.checked_mul(self.each.unwrap_or(1))?;
        let booked = whole
            .checked_mul(i64::from(self.percent))?
            .checked_div(100)?;
        (booked > 0).then_some(booked)
    }

    fn faults(&self) -> Vec<BookFault> {
        let mut faults = Vec::new();
        let limits = self.limits.iter().all(|limit| limit.most > 0);
        if self.each.is_some_and(|each| each <= 0) || self.percent == 0 || !limits {
            faults.push(BookFault::Nothing(self.id.clone()));
        }
        if self.confirm && self.confirm_days == 0 {
            faults.push(BookFault::NoTime(self.id.clone()));
        }
        faults
    }
}

impl Restricted {
    fn faults(&self) -> Vec<BookFault> {
        let mut faults = Vec::new();
        if self.purposes.is_empty() || self.gifts.is_empty() {
            faults.push(BookFault::NoPurpose);
        }
        let Timer {
            emergency_days,
            usual_months,
            long_months: _,
            end_months,
        } = self.timer;
        if [emergency_days, usual_months, end_months].contains(&0) {
            faults.push(BookFault::NoTimer);
        }
        let unknown = self
            .admin
            .iter()
            .filter(|one| !self.purposes.contains_key(*one));
        faults.extend(unknown.cloned().map(BookFault::NoSuchCost));
        let mut seen = BTreeSet::new();
        for limit in &self.limits {
            faults.extend(self.limit_fault(limit));
            if !seen.insert(&limit.id) {
                faults.push(BookFault::LimitTwice(limit.id.clone()));
            }
        }
        faults
    }

    fn limit_fault(&self, limit: &YearLimit) -> Option<BookFault> {
        let id = || limit.id.clone();
        let known = limit.orgs.iter().all(|one| self.orgs.contains_key(one));
        if limit.orgs.is_empty() || !known {
            return Some(BookFault::NoSuchOrg(id()));
        }
        if limit.least.is_some() == limit.most.is_some() || limit.of.is_empty() {
            return Some(BookFault::NoLimit(id()));
        }
        let costs = limit.counts == Counts::Admin && self.admin.is_empty();
        costs.then(|| BookFault::NoCosts(id()))
    }

    /// What binds a kind of organisation.
    pub fn limits_of(&self, kind: &Slug) -> Vec<&YearLimit> {
        let all = self.limits.iter();
        all.filter(|one| one.orgs.contains(kind)).collect()
    }
}
