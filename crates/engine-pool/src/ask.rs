//! 「数据服务」 What a party may ask by its agreement: one person's records of a category
//! within the agreed fields, whether somebody receives a benefit today (the least there
//! is to say), counts with the small ones hidden. Whatever was not agreed is refused in
//! one voice: the party does not learn which part of it was missing, the audit does.
//! Absent: the answers themselves, which stand in the pool and the decisions.

use crate::agreement::{Agreement, AgreementRefusal, Agreements, Way};
use crate::config::Catalogue;
use crate::purpose::PurposeKind;
use kernel::{Date, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many questions a day where the agreement names no number.
pub const PER_DAY: u32 = 1_000;

/// What kind of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// 查一类数据: one person's records of a category.
    Records,
    /// 是不是在享受: yes, no, not known.
    Receives,
    /// 统计: counts, small ones hidden.
    Statistics,
}

impl AskKind {
    /// All.
    pub const ALL: [AskKind; 3] = [AskKind::Records, AskKind::Receives, AskKind::Statistics];

    /// Its word in packs and addresses.
    pub fn word(self) -> &'static str {
        match self {
            AskKind::Records => "records",
            AskKind::Receives => "receives",
            AskKind::Statistics => "statistics",
        }
    }

    /// The same for people.
    pub fn label(self) -> &'static str {
        match self {
            AskKind::Records => "查一个人的一类数据",
            AskKind::Receives => "问一个人今天在不在享受，只答是、不是、不知道",
            AskKind::Statistics => "要统计数，小的数不给",
        }
    }
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Of which category which fields (none named: all that were agreed).
    Records {
        /// The category.
        category: Slug,
        /// The fields.
        fields: BTreeSet<Slug>,
    },
    /// Whether somebody receives this today.
    Receives {
        /// The benefit.
        benefit: Slug,
    },
    /// The table of counts.
    Statistics,
}

impl Question {
    /// Its kind.
    pub fn kind(&self) -> AskKind {
        match self {
            Question::Records { .. } => AskKind::Records,
            Question::Receives { .. } => AskKind::Receives,
            Question::Statistics => AskKind::Statistics,
        }
    }
}

/// Whether somebody receives a benefit. No answer is never “no”.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receives {
    /// A signed decision gives it for this month.
    Yes,
    /// Whoever they are is known here, and nothing is given.
    No,
    /// Who they are or where they live is not known here.
    NotKnown,
}

/// What was found out about somebody, before it is said whether they receive.
pub fn receives(given: bool, lives_here: bool) -> Receives {
    match (given, lives_here) {
        (true, _) => Receives::Yes,
        (false, true) => Receives::No,
        (false, false) => Receives::NotKnown,
    }
}

impl Agreements {
    /// The agreement that allows a party to ask this for this purpose today.
    ///
    /// # Errors
    /// [`AgreementRefusal`], for the audit: the party is told only that it was not agreed.
    pub fn allowing(
        &self,
        party: &Slug,
        question: &Question,
        purpose: PurposeKind,
        catalogue: &Catalogue,
        today: Date,
    ) -> Result<&Agreement, AgreementRefusal> {
        let kind = question.kind();
        let of_party = |one: &&Agreement| {
            one.way == Way::Out && one.party == *party && one.asks.contains(&kind)
        };
        let what: Slug = match question {
            Question::Records { category, .. } => category.clone(),
            Question::Receives { benefit } => benefit.clone(),
            Question::Statistics => party.clone(),
        };
        let mut why = AgreementRefusal::None {
            party: party.to_string(),
            category: what,
        };
        for one in self.all().filter(of_party) {
            match one.allows_question(question, purpose, catalogue, today) {
                Ok(()) => return Ok(one),
                Err(refusal) => why = refusal,
            }
        }
        Err(why)
    }
}

impl Agreement {
    fn allows_question(
        &self,
        question: &Question,
        purpose: PurposeKind,
        catalogue: &Catalogue,
        today: Date,
    ) -> Result<(), AgreementRefusal> {
        let party = || self.party_name.clone();
        if today < self.from {
            let from = self.from;
            return Err(AgreementRefusal::NotBegun {
                party: party(),
                from,
            });
        }
        if today > self.until {
            let until = self.until;
            return Err(AgreementRefusal::Ended {
                party: party(),
                until,
            });
        }
        if !self.purposes.contains(&purpose) {
            return Err(AgreementRefusal::Purpose { party: party() });
        }
        let none = |what: &Slug| AgreementRefusal::None {
            party: party(),
            category: what.clone(),
        };
        match question {
            Question::Records { category, fields } => {
                let term = self.term(category).ok_or_else(|| none(category))?;
                let found = catalogue.category(category).ok_or_else(|| none(category))?;
                if !found.allows(purpose) {
                    return Err(AgreementRefusal::Purpose { party: party() });
                }
                let beyond = fields.difference(&term.fields);
                let beyond: Vec<String> = beyond.map(Slug::to_string).collect();
                match beyond.is_empty() {
                    true => Ok(()),
                    false => Err(AgreementRefusal::Fields(beyond)),
                }
            }
            Question::Receives { benefit } => match self.benefits.contains(benefit) {
                true => Ok(()),
                false => Err(none(benefit)),
            },
            Question::Statistics => Ok(()),
        }
    }
}
