//! 「报价」 What an order costs, what the public pays of it, what remains. A subsidy that
//! hangs on something nobody knows is neither given nor refused: it is named as open, and
//! the order cannot be settled before it is known.

use crate::config::{Config, Item, Over, Subsidy};
use crate::model::{About, Want};
use crate::refusal::Refusal;
use kernel::{Money, Slug, Truth};
use serde::{Deserialize, Serialize};

/// The quote of a whole order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// One line per item wanted.
    pub lines: Vec<QuoteLine>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// Which item.
    pub item: Slug,
    /// How many.
    pub count: u32,
    /// Full price of all of them.
    pub price: Money,
    /// What the public pays of all of them, as far as known.
    pub subsidy: Money,
    /// What is not known and could change the subsidy, in words.
    pub open: Vec<String>,
    /// How many are beyond the quota and paid in full.
    pub beyond: u32,
}

impl Quote {
    /// Full price; `None` beyond the range.
    pub fn price(&self) -> Option<Money> {
        Money::checked_sum(self.lines.iter().map(|line| line.price))
    }

    /// What the public pays.
    pub fn subsidy(&self) -> Option<Money> {
        Money::checked_sum(self.lines.iter().map(|line| line.subsidy))
    }

    /// What the person pays.
    pub fn own(&self) -> Option<Money> {
        self.price()?.checked_sub(self.subsidy()?)
    }

    /// What is not known yet.
    pub fn open(&self) -> impl Iterator<Item = &str> {
        self.lines
            .iter()
            .flat_map(|line| line.open.iter().map(String::as_str))
    }
}

/// Whether one of the groups holds.
fn of_groups(about: &About, groups: &[Slug]) -> Truth {
    if groups.is_empty() {
        return Truth::True;
    }
    let known = |group: &Slug| about.groups.get(group).copied();
    if groups.iter().any(|group| known(group) == Some(true)) {
        Truth::True
    } else if groups.iter().all(|group| known(group) == Some(false)) {
        Truth::False
    } else {
        Truth::Undetermined
    }
}

fn applies(subsidy: &Subsidy, about: &About) -> (Truth, Option<&'static str>) {
    let groups = of_groups(about, &subsidy.only_for);
    if groups == Truth::False {
        return (Truth::False, None);
    }
    if subsidy.age_from.is_some() || subsidy.age_to.is_some() {
        let Some(age) = about.age else {
            return (Truth::Undetermined, Some("年龄"));
        };
        let within = subsidy.age_from.is_none_or(|from| age >= from)
            && subsidy.age_to.is_none_or(|to| age <= to);
        if !within {
            return (Truth::False, None);
        }
    }
    let open = (groups == Truth::Undetermined).then_some("是不是补贴对象");
    (groups, open)
}

/// The subsidy of one, and what is open that could give more.
fn subsidy(item: &Item, about: &About) -> (Money, Vec<String>) {
    let judged = || item.subsidies.iter().map(|one| (one, applies(one, about)));
    let sure = judged().filter(|(_, (truth, _))| *truth == Truth::True);
    let best = sure.map(|(one, _)| one.amount).max().unwrap_or(Money::ZERO);
    let more =
        judged().filter(|(one, (truth, _))| *truth == Truth::Undetermined && one.amount > best);
    let mut open: Vec<String> = more
        .filter_map(|(_, (_, word))| word.map(|word| format!("{}：{word}", item.name)))
        .collect();
    open.dedup();
    (best, open)
}

/// The quote of what is wanted for somebody.
///
/// # Errors
/// No such item, for other people, over a quota that refuses, beyond any amount.
pub fn quote(wants: &[Want], about: &About, config: &Config<'_>) -> Result<Quote, Refusal> {
    if wants.is_empty() {
        return Err(Refusal::NothingWanted);
    }
    let lines = wants.iter().map(|want| line(want, about, config));
    Ok(Quote {
        lines: lines.collect::<Result<_, _>>()?,
    })
}

fn line(want: &Want, about: &About, config: &Config<'_>) -> Result<QuoteLine, Refusal> {
    let item = config.ty.item(&want.item);
    let item = item.ok_or_else(|| Refusal::NoSuchItem(want.item.clone()))?;
    if !(1..=1_000).contains(&want.count) {
        return Err(Refusal::WrongCount);
    }
    let mut open_who = Vec::new();
    match of_groups(about, &item.only_for) {
        Truth::True => {}
        Truth::False => return Err(Refusal::NotForThem(item.name.clone())),
        Truth::Undetermined => open_who.push(format!("{}：是不是服务对象", item.name)),
    }
    let used = config.used.get(&item.id).copied().unwrap_or(0);
    let left = item.quota.map(|quota| quota.times.saturating_sub(used));
    let beyond = left.map_or(0, |left| want.count.saturating_sub(left));
    if let Some(quota) = item
        .quota
        .filter(|quota| beyond > 0 && quota.over == Over::Refuse)
    {
        return Err(Refusal::OverQuota {
            item: item.name.clone(),
            times: quota.times,
            used,
        });
    }
    let (one, mut open) = subsidy(item, about);
    open.extend(open_who);
    let times = |money: Money, count: u32| {
        let fen = money.fen().checked_mul(i64::from(count));
        fen.map(Money::from_fen).ok_or(Refusal::TooMuch)
    };
    Ok(QuoteLine {
        item: item.id.clone(),
        count: want.count,
        price: times(item.price, want.count)?,
        subsidy: times(one, want.count - beyond)?,
        open,
        beyond,
    })
}
