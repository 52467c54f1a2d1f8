//! 「对账单」 What an account (or several that are one person's) held on two days and what
//! moved between; and whether what is owed can be given. 「兑付能力」 Time promised is a
//! debt: it is good only while somebody will give it.

use crate::model::Transfer;
use kernel::{AccountId, Instant, Slug, TransferId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One movement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which transfer.
    pub transfer: TransferId,
    /// When.
    pub at: Instant,
    /// In the accounts' unit, > 0 in.
    pub amount: i64,
    /// After it.
    pub balance: i64,
    /// Why, for a person to read.
    pub reason: String,
    /// What for.
    pub purpose: Option<Slug>,
    /// The reversal that undid it.
    pub reversed_by: Option<TransferId>,
}

/// 对账单
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Before the first movement shown.
    pub opening: i64,
    /// Oldest first.
    pub lines: Vec<Line>,
    /// After the last movement shown.
    pub closing: i64,
}

fn moved(transfer: &Transfer, accounts: &BTreeSet<AccountId>) -> i64 {
    let own = transfer.legs.iter();
    own.filter(|leg| accounts.contains(&leg.account))
        .map(|leg| leg.amount)
        .sum()
}

/// What the accounts together held at the end of `at`.
pub fn balance_at<'a>(
    transfers: impl IntoIterator<Item = &'a Transfer>,
    accounts: &BTreeSet<AccountId>,
    at: Instant,
) -> i64 {
    let until = transfers.into_iter().filter(|one| one.stamp.at <= at);
    until.map(|one| moved(one, accounts)).sum()
}

/// The accounts' movements from `from` (included) to `to` (not included). `transfers` are
/// all of theirs, oldest first; what moves only among them is left out.
pub fn statement<'a>(
    transfers: impl IntoIterator<Item = &'a Transfer>,
    accounts: &BTreeSet<AccountId>,
    (from, to): (Instant, Instant),
) -> Statement {
    let mut all = Statement {
        opening: 0,
        lines: Vec::new(),
        closing: 0,
    };
    for one in transfers {
        let amount = moved(one, accounts);
        if amount == 0 || one.stamp.at >= to {
            continue;
        }
        all.closing += amount;
        if one.stamp.at < from {
            all.opening += amount;
            continue;
        }
        all.lines.push(Line {
            transfer: one.id,
            at: one.stamp.at,
            amount,
            balance: all.closing,
            reason: one.stamp.reason.clone(),
            purpose: one.purpose.clone(),
            reversed_by: one.reversed_by,
        });
    }
    all
}

/// 兑付能力 What is owed beside what will be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solvency {
    /// What is in all lots now.
    pub owed: i64,
    /// What will be given by then; `None`: nobody can say, which is not 0.
    pub given: Option<i64>,
    /// What would be owed and not given; `None` where nobody can say.
    pub short: Option<i64>,
}

/// Time owed against time that will be given: `recent` was given in the `recent_days` up
/// to now (`None`: not counted yet), and goes on like that for `days`.
pub fn solvency(owed: i64, recent: Option<i64>, recent_days: u32, days: u32) -> Solvency {
    let given = recent.and_then(|recent| {
        let all = i128::from(recent) * i128::from(days);
        i64::try_from(all.checked_div(i128::from(recent_days))?).ok()
    });
    Solvency {
        owed,
        given,
        short: given.map(|given| owed.saturating_sub(given).max(0)),
    }
}
