//! 「停不停派」 Red proposes, a person decides: marks never strike anybody off by
//! themselves. Whoever decides gives reasons, is not the partner themselves, and what
//! they looked at counts no more. One thing happens before anybody looked, where the
//! pack says so: while an unsafe mark waits, no new order is sent ([`Provider::held`]).

use crate::provider::{Colour, ColourRule, Provider, Record};
use crate::refusal::Refusal;
use kernel::{Actor, Instant, Now, OrderId};
use serde::{Deserialize, Serialize};

/// The most orders named beside one proposal.
const ORDERS_MAX: usize = 50;

/// 等人看 What waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Since when.
    pub at: Instant,
    /// Orders whose marks brought it about, the first first.
    pub orders: Vec<OrderId>,
    /// What the partner says against it, or against having been stopped.
    pub objection: Option<String>,
    /// How long until the centre is reminded, and again, hours.
    pub remind_hours: u32,
    /// How often it was.
    pub reminded: u32,
}

impl Proposal {
    /// When the centre is reminded next.
    pub fn remind_at(&self) -> Instant {
        let hours = i64::from(self.remind_hours.max(1)) * i64::from(self.reminded + 1);
        self.at + chrono::TimeDelta::hours(hours)
    }

    /// Counts the reminders due by now; none is made up for after a standstill.
    pub fn remind(&mut self, now: Now) -> bool {
        let hours = i64::from(self.remind_hours.max(1));
        let due = (now.at - self.at).num_hours() / hours;
        let due = u32::try_from(due).unwrap_or(0);
        let more = due > self.reminded;
        self.reminded = self.reminded.max(due);
        more
    }
}

/// What a person may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 停派
    Stop,
    /// 不停
    Clear,
    /// 恢复派单
    LetIn,
}

impl Verdict {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Verdict::Stop => "停派",
            Verdict::Clear => "看过了，不停",
            Verdict::LetIn => "恢复派单",
        }
    }
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub why: String,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// The record they had before them.
    pub on: Record,
}

/// Where a partner stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What waits for a person.
    pub proposal: Option<Proposal>,
    /// What persons decided, oldest first.
    pub rulings: Vec<Ruling>,
}

impl Standing {
    /// The newest decision.
    pub fn last(&self) -> Option<&Ruling> {
        self.rulings.last()
    }

    /// A mark was made, of an order or found by the daily count: proposes once red, and
    /// says so the first time.
    pub fn marked(
        &mut self,
        provider: &Provider,
        order: Option<OrderId>,
        rule: &ColourRule,
        now: Now,
    ) -> bool {
        let red = !provider.stopped && provider.record.colour(rule) == Colour::Red;
        let new = red && self.proposal.is_none();
        if new {
            self.proposal = Some(opened(rule, now));
        }
        if let (Some(proposal), Some(order)) = (&mut self.proposal, order)
            && proposal.orders.len() < ORDERS_MAX
            && !proposal.orders.contains(&order)
        {
            proposal.orders.push(order);
        }
        new
    }

    /// The partner speaks against being stopped, or against what is proposed.
    ///
    /// # Errors
    /// There is nothing to speak against; nothing said.
    pub fn object(
        &mut self,
        provider: &Provider,
        words: &str,
        rule: &ColourRule,
        now: Now,
    ) -> Result<(), Refusal> {
        if !provider.stopped && self.proposal.is_none() {
            return Err(Refusal::NothingProposed(provider.name.clone()));
        }
        let words = said(words, "您的说法")?;
        let proposal = self.proposal.get_or_insert_with(|| opened(rule, now));
        proposal.objection = Some(words);
        Ok(())
    }

    /// A person decides; whether the partner is stopped afterwards.
    ///
    /// # Errors
    /// A machine, the partner themselves, no reasons, or a decision that has no place.
    pub fn rule(
        &mut self,
        provider: &Provider,
        verdict: Verdict,
        why: &str,
        by: &Actor,
        now: Now,
    ) -> Result<bool, Refusal> {
        let person = by.person.filter(|_| by.role.is_human());
        let person = person.ok_or(Refusal::NotAPerson)?;
        if person == provider.person {
            return Err(Refusal::OwnStanding);
        }
        let waits = self.proposal.is_some();
        let fits = match verdict {
            // Of one who is stopped already: their objection was heard, it stays so.
            Verdict::Stop => !provider.stopped || waits,
            Verdict::Clear => !provider.stopped && waits,
            Verdict::LetIn => provider.stopped,
        };
        if !fits {
            return Err(Refusal::NothingProposed(provider.name.clone()));
        }
        let why = said(why, "原因")?;
        self.proposal = None;
        self.rulings.push(Ruling {
            verdict,
            why,
            by: by.clone(),
            at: now.at,
            on: provider.record,
        });
        Ok(verdict == Verdict::Stop)
    }
}

fn opened(rule: &ColourRule, now: Now) -> Proposal {
    Proposal {
        at: now.at,
        orders: Vec::new(),
        objection: None,
        remind_hours: rule.remind_hours,
        reminded: 0,
    }
}

fn said(words: &str, what: &'static str) -> Result<String, Refusal> {
    let words = words.trim();
    match words.is_empty() {
        true => Err(Refusal::Blank(what)),
        false => Ok(words.to_owned()),
    }
}
