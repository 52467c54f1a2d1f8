//! 「陈述申辩」 A person is heard before an adverse decision: the intended decision
//! is notified, the person speaks or the period runs out, each point is answered
//! (社会救助法 第四十八条). [`Heard`] is the proof; only a finished hearing makes one.

use crate::decision::{AdverseDraft, AdverseKind};
use crate::refusal::Refusal;
use crate::signature::Signature;
use kernel::{Actor, Date, Instant};
use serde::{Deserialize, Serialize};

/// 拟作决定 An adverse decision somebody intends, and what was said about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// What is intended, as it was notified.
    pub draft: AdverseDraft,
    /// Who intends it.
    pub signed: Signature,
    /// The day the notice reached the person, and the last day to speak.
    pub served: Option<Served>,
    /// What the person said, point by point.
    pub points: Vec<Point>,
    /// Whether the person said everything or chose not to speak.
    pub finished: Option<Finished>,
}

/// 送达 When a notice reached its reader and how long they have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The day it reached them.
    pub on: Date,
    /// The last day to speak.
    pub until: Date,
    /// How: `当面送达`, `短信回执`…
    pub how: String,
}

/// 要点 One thing the person said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// In the person's words.
    pub said: String,
    /// Who wrote it down (the person, an agent or an officer).
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// The answer.
    pub answer: Option<Answered>,
}

/// 答复 The answer to a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Why the point is or is not accepted.
    pub text: String,
    /// Whether it is accepted.
    pub accepted: bool,
    /// Who answered.
    pub signed: Signature,
}

/// How a person ended the hearing before its period did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finished {
    /// 说完了
    Said,
    /// 不想说
    Waived,
}

/// 听取完毕 Proof that the person was heard. Private fields: it comes only from
/// [`Intent::heard`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Proof", into = "Proof")]
pub struct Heard {
    kind: AdverseKind,
    served: Served,
    points: Vec<Point>,
    finished: Option<Finished>,
    closed_on: Date,
}

/// The proof as it is written down.
#[derive(Serialize, Deserialize)]
struct Proof {
    kind: AdverseKind,
    served: Served,
    points: Vec<Point>,
    finished: Option<Finished>,
    closed_on: Date,
}

impl Intent {
    /// Whether the person can still speak on `today`.
    pub fn open_on(&self, today: Date) -> bool {
        let over = self.served.as_ref().is_some_and(|s| today > s.until);
        self.finished.is_none() && !over
    }

    /// The proof, if the hearing is over on `today` and every point is answered.
    pub fn heard(&self, today: Date) -> Result<Heard, Refusal> {
        let served = self.served.clone().ok_or(Refusal::IntentNotServed)?;
        Heard::try_from(Proof {
            kind: self.draft.kind,
            served,
            points: self.points.clone(),
            finished: self.finished,
            closed_on: today,
        })
    }
}

impl Heard {
    /// What was intended.
    pub fn kind(&self) -> AdverseKind {
        self.kind
    }

    /// When the intended decision reached the person.
    pub fn served(&self) -> &Served {
        &self.served
    }

    /// What was said and answered.
    pub fn points(&self) -> &[Point] {
        &self.points
    }
}

impl TryFrom<Proof> for Heard {
    type Error = Refusal;

    fn try_from(proof: Proof) -> Result<Self, Refusal> {
        if proof.finished.is_none() && proof.closed_on <= proof.served.until {
            return Err(Refusal::HearingOpen {
                until: proof.served.until,
            });
        }
        let unanswered = proof.points.iter().filter(|p| p.answer.is_none()).count();
        if unanswered > 0 {
            return Err(Refusal::PointsUnanswered { count: unanswered });
        }
        Ok(Heard {
            kind: proof.kind,
            served: proof.served,
            points: proof.points,
            finished: proof.finished,
            closed_on: proof.closed_on,
        })
    }
}

impl From<Heard> for Proof {
    fn from(heard: Heard) -> Proof {
        Proof {
            kind: heard.kind,
            served: heard.served,
            points: heard.points,
            finished: heard.finished,
            closed_on: heard.closed_on,
        }
    }
}
