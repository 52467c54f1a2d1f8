//! 「补发和多发」 Of a month that is over: what was due by the law and the facts known
//! now, beside what was made. Proposed once per obligation, with what speaks for it;
//! one person says what is to be done, another confirms. Arrears confirmed become an
//! obligation of the next list, once; what was paid too much is asked back by nobody
//! but a decision with hearing, notice and appeal, or waived with a reason.

use crate::batch::Stamp;
use crate::obligation::{DueKind, ObligationKey};
use crate::refusal::Refusal;
use kernel::{Actor, CaseId, Date, DecisionId, EntitlementId, Instant, Money, Now, PersonId, Slug};
use serde::{Deserialize, Serialize};

/// What speaks for a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PastCause {
    /// 决定改了 The month's right follows another decision than when it was paid.
    Decision {
        /// Which.
        decision: DecisionId,
    },
    /// 规定里的数变了 A number of the law that holds for the month.
    Parameter {
        /// Which.
        id: Slug,
        /// Its name.
        name: String,
        /// As the decision used it; `None`: it did not.
        was: Option<String>,
        /// As the law has it now.
        is: String,
        /// Its first day.
        from: Date,
        /// The document.
        source: String,
        /// The article.
        article: Option<String>,
    },
    /// 后到的记录 A record that came after the decision and speaks of the month.
    Record {
        /// The fact it changes.
        fact: Slug,
        /// Its name.
        name: String,
        /// Whose; `None`: the household's.
        person: Option<PersonId>,
        /// As the decision knew it.
        was: Option<String>,
        /// As it is known now.
        is: String,
        /// Who sent it.
        department: Slug,
        /// The category of data.
        category: Slug,
        /// The department's number of it.
        record: String,
        /// The day it speaks of.
        as_of: Date,
    },
    /// 家里有人去世 The register learnt of it later.
    Death {
        /// Who.
        person: PersonId,
        /// The day.
        died: Date,
    },
    /// 规定的一条 A condition that comes out otherwise, in its own words.
    Condition {
        /// Which.
        id: Slug,
        /// What it says of the month.
        says: String,
    },
}

/// 一个月的差 What was found about a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastFinding {
    /// The key the obligation would have: the month's next revision.
    pub key: ObligationKey,
    /// The case behind it.
    pub case: CaseId,
    /// The entitlement behind it.
    pub entitlement: EntitlementId,
    /// The signed decision behind it.
    pub decision: DecisionId,
    /// Who receives it.
    pub payee: PersonId,
    /// What was due.
    pub owed: Money,
    /// What was made.
    pub made: Money,
    /// Owed less made: above zero to pay, below zero paid too much. Never zero.
    pub difference: Money,
    /// What speaks for it.
    pub causes: Vec<PastCause>,
    /// The pack's hash by which it was found.
    pub law: String,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastWay {
    /// 补发
    Pay,
    /// 不补
    Decline,
    /// 启动追回 Opens the way of the law; takes nothing back by itself.
    Recover,
    /// 不追
    Waive,
}

impl PastWay {
    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            PastWay::Pay => "补发",
            PastWay::Decline => "不补",
            PastWay::Recover => "启动追回",
            PastWay::Waive => "不追",
        }
    }

    /// Whether it answers a difference of this sign.
    fn answers(self, difference: Money) -> bool {
        match self {
            PastWay::Pay | PastWay::Decline => difference > Money::ZERO,
            PastWay::Recover | PastWay::Waive => difference < Money::ZERO,
        }
    }
}

/// Where a proposal stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum PastStanding {
    /// 待经办
    Open,
    /// 待复核 One person said what is to be done.
    Taken {
        /// What.
        way: PastWay,
        /// Why.
        reason: String,
        /// Who, when.
        by: Stamp,
    },
    /// 已定 Another confirmed.
    Settled {
        /// What.
        way: PastWay,
        /// Why.
        reason: String,
        /// Who said so, when.
        by: Stamp,
        /// Who confirmed, when.
        checked: Stamp,
    },
    /// 没有了 Looked at again, there is no difference any more.
    Gone,
}

impl PastStanding {
    /// A stable name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            PastStanding::Open => "open",
            PastStanding::Taken { .. } => "taken",
            PastStanding::Settled {
                way: PastWay::Pay, ..
            } => "to_pay",
            PastStanding::Settled { .. } => "settled",
            PastStanding::Gone => "gone",
        }
    }

    /// What a person reads.
    pub fn label(&self) -> &'static str {
        match self {
            PastStanding::Open => "待经办",
            PastStanding::Taken { .. } => "待复核",
            PastStanding::Settled { way, .. } => match way {
                PastWay::Pay => "已定：补发",
                PastWay::Decline => "已定：不补",
                PastWay::Recover => "已定：启动追回",
                PastWay::Waive => "已定：不追",
            },
            PastStanding::Gone => "没有差了",
        }
    }
}

/// 建议 A finding and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastProposal {
    /// The latest finding.
    pub finding: PastFinding,
    /// When it was found.
    pub found: Instant,
    /// Where it stands.
    pub standing: PastStanding,
}

/// What is asked of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastCommand {
    /// 再看一遍 `None`: there is no difference now. `listed`: a list holds its key.
    Look {
        /// What was found.
        found: Option<PastFinding>,
        /// Whether a payment list holds the obligation already.
        listed: bool,
    },
    /// 经办
    Take {
        /// What is to be done.
        way: PastWay,
        /// Why.
        reason: String,
    },
    /// 退回
    SendBack {
        /// Why.
        reason: String,
    },
    /// 复核 Of what the person saw.
    Confirm {
        /// The difference the person saw.
        seen: Money,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum PastEvent {
    /// 发现 For the first time, or otherwise than before: then from the beginning.
    Found {
        /// What.
        finding: PastFinding,
        /// When.
        at: Instant,
    },
    /// 没有了
    Vanished {
        /// When.
        at: Instant,
    },
    /// 经办
    Taken {
        /// What is to be done.
        way: PastWay,
        /// Why.
        reason: String,
        /// Who, when.
        stamp: Stamp,
    },
    /// 退回
    SentBack {
        /// Why.
        reason: String,
        /// Who, when.
        stamp: Stamp,
    },
    /// 复核
    Confirmed {
        /// Who, when.
        stamp: Stamp,
    },
}

impl PastProposal {
    /// Folds one event; before the first there is nothing.
    pub fn after(before: Option<PastProposal>, event: &PastEvent) -> Option<PastProposal> {
        if let PastEvent::Found { finding, at } = event {
            return Some(PastProposal {
                finding: finding.clone(),
                found: *at,
                standing: PastStanding::Open,
            });
        }
        let mut state = before?;
        state.standing = match (event, state.standing) {
            (PastEvent::Vanished { .. }, _) => PastStanding::Gone,
            (PastEvent::Taken { way, reason, stamp }, _) => PastStanding::Taken {
                way: *way,
                reason: reason.clone(),
                by: stamp.clone(),
            },
            (PastEvent::SentBack { .. }, _) => PastStanding::Open,
            (PastEvent::Confirmed { stamp }, PastStanding::Taken { way, reason, by }) => {
                PastStanding::Settled {
                    way,
                    reason,
                    by,
                    checked: stamp.clone(),
                }
            }
            (_, same) => same,
        };
        Some(state)
    }

    /// What the next list owes for it: only arrears that two people agreed on.
    pub fn pays(&self) -> Option<(Money, DueKind)> {
        match &self.standing {
            PastStanding::Settled {
                way: PastWay::Pay, ..
            } => Some((self.finding.difference, DueKind::Arrears)),
            _ => None,
        }
    }
}

/// Judges one command about a month; `before` is `None` where nothing was proposed.
///
/// # Errors
/// The [`Refusal`] that applies first: state, person, words.
pub fn decide_past(
    before: Option<&PastProposal>,
    command: PastCommand,
    by: &Actor,
    now: Now,
) -> Result<Vec<PastEvent>, Refusal> {
    let stamp = || Stamp {
        by: by.clone(),
        at: now.at,
    };
    match command {
        PastCommand::Look { found, listed } => Ok(look(before, found, listed, now)),
        PastCommand::Take { way, reason } => {
            let state = standing(before, "经办")?;
            person(by, "经办")?;
            if state.standing != PastStanding::Open {
                return Err(wrong(state, "经办"));
            }
            if !way.answers(state.finding.difference) {
                return Err(Refusal::WrongWay { way: way.label() });
            }
            let reason = said(&reason)?;
            let stamp = stamp();
            Ok(vec![PastEvent::Taken { way, reason, stamp }])
        }
        PastCommand::SendBack { reason } => {
            let state = standing(before, "退回")?;
            person(by, "退回")?;
            match &state.standing {
                PastStanding::Taken { .. } => Ok(vec![PastEvent::SentBack {
                    reason: said(&reason)?,
                    stamp: stamp(),
                }]),
                _ => Err(wrong(state, "退回")),
            }
        }
        PastCommand::Confirm { seen } => {
            let state = standing(before, "复核")?;
            let who = person(by, "复核")?;
            let PastStanding::Taken { by: taker, .. } = &state.standing else {
                return Err(wrong(state, "复核"));
            };
            if taker.by.person == Some(who) {
                return Err(Refusal::SamePerson {
                    before: "经办",
                    verb: "复核",
                });
            }
            if seen != state.finding.difference {
                return Err(Refusal::ListChanged { verb: "复核" });
            }
            Ok(vec![PastEvent::Confirmed { stamp: stamp() }])
        }
    }
}

/// The same found again changes nothing; another amount begins anew, and so nothing is
/// paid by a signature under other figures.
fn look(
    before: Option<&PastProposal>,
    found: Option<PastFinding>,
    listed: bool,
    now: Now,
) -> Vec<PastEvent> {
    let same = |state: &PastProposal, found: &PastFinding| {
        state.finding.difference == found.difference && state.finding.owed == found.owed
    };
    let recovering = |state: &PastProposal| {
        matches!(
            state.standing,
            PastStanding::Settled {
                way: PastWay::Recover,
                ..
            }
        )
    };
    match (before, found) {
        (None, None) => Vec::new(),
        (Some(state), _) if listed || recovering(state) => Vec::new(),
        (Some(state), Some(found))
            if same(state, &found) && state.standing != PastStanding::Gone =>
        {
            Vec::new()
        }
        (_, Some(finding)) => vec![PastEvent::Found {
            finding,
            at: now.at,
        }],
        (Some(state), None) => match state.standing {
            PastStanding::Gone => Vec::new(),
            _ => vec![PastEvent::Vanished { at: now.at }],
        },
    }
}

fn standing<'a>(
    before: Option<&'a PastProposal>,
    verb: &'static str,
) -> Result<&'a PastProposal, Refusal> {
    before.ok_or(Refusal::PastState {
        state: "没有这条建议",
        verb,
    })
}

fn wrong(state: &PastProposal, verb: &'static str) -> Refusal {
    Refusal::PastState {
        state: state.standing.label(),
        verb,
    }
}

fn person(by: &Actor, verb: &'static str) -> Result<PersonId, Refusal> {
    by.person
        .filter(|_| by.role.is_human())
        .ok_or(Refusal::NotHuman { verb })
}

fn said(text: &str) -> Result<String, Refusal> {
    match text.trim() {
        "" => Err(Refusal::NoWords),
        text => Ok(text.to_owned()),
    }
}
