//! 「核对」 One verification of a household: asked, answered, compared, reported,
//! explained, asked again. A department that does not answer stays named as such.

use crate::answer::{Answer, NoAnswer};
use crate::authorisation::Authorisation;
use crate::contradiction::{Contradiction, RuledPair};
pub use crate::inquiry::{Ask, AskState, Comparison, Difference, Found, Settlement, Verification};
use crate::purpose::Purpose;
use crate::record::Value;
use kernel::{
    Actor, AuthorisationId, CaseId, HouseholdId, Instant, PersonId, PersonNumber, Slug,
    VerificationId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A member to be verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The person.
    pub person: PersonId,
    /// Their number, by which departments know them.
    pub number: PersonNumber,
}

/// What the household says of one member in one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// The member.
    pub person: PersonId,
    /// The category that can confirm it.
    pub category: Slug,
    /// What is said.
    pub says: Declared,
}

/// What can be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Declared {
    /// There is nothing.
    Nothing,
    /// There are this many.
    Count(u32),
    /// A field adds up to this over all records (amounts and numbers).
    Sum {
        /// The field.
        field: Slug,
        /// The sum.
        value: Value,
    },
    /// A field of some record is this.
    Is {
        /// The field.
        field: Slug,
        /// The value.
        value: Value,
    },
}

/// What is wanted when a verification begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its number.
    pub id: VerificationId,
    /// The household.
    pub household: HouseholdId,
    /// Everyone in it.
    pub members: Vec<Member>,
    /// What is to be asked; empty: everything the authorisation covers and the
    /// catalogue allows to verify.
    pub categories: BTreeSet<Slug>,
    /// What the household says.
    pub declared: Vec<Declaration>,
    /// What for.
    pub purpose: Purpose,
    /// Who asks.
    pub by: Actor,
}

/// What can be done with a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 发起
    Request {
        /// What is wanted.
        request: Box<Request>,
        /// The household's authorisation.
        authorisation: Option<Box<Authorisation>>,
    },
    /// A department's answers.
    Answer {
        /// The department.
        department: Slug,
        /// Its answers; what it leaves out becomes [`NoAnswer::LeftOut`].
        answers: Vec<Answered>,
    },
    /// A department did not answer.
    Fail {
        /// The department.
        department: Slug,
        /// Why.
        why: NoAnswer,
    },
    /// 比对, once nobody is waited for.
    Compare,
    /// 说明: the household explains a difference.
    Explain {
        /// Which, from 0.
        difference: usize,
        /// In its words.
        words: String,
        /// Who takes it down.
        by: Actor,
    },
    /// 认定: a person settles a difference.
    Settle {
        /// Which, from 0.
        difference: usize,
        /// Whether the explanation is accepted.
        accepted: bool,
        /// Why.
        reason: String,
        /// Who decides.
        by: Actor,
    },
    /// 对不上的认定: what people found of its contradictions, taken in from their desk.
    Rule {
        /// All that hold now.
        ruled: Vec<RuledPair>,
    },
    /// 复核: ask again whoever did not answer.
    Recheck {
        /// Who asks.
        by: Actor,
    },
}

/// One answer of a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The member.
    pub person: PersonId,
    /// The category.
    pub category: Slug,
    /// What it holds.
    pub answer: Answer,
}

/// What happened to a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// 已发起
    VerificationRequested {
        /// What is wanted, its categories resolved.
        request: Box<Request>,
        /// The case.
        case: CaseId,
        /// Under which authorisation.
        authorisation: AuthorisationId,
        /// When.
        at: Instant,
    },
    /// 已询问 a department.
    Asked {
        /// The department.
        department: Slug,
        /// About these categories.
        categories: BTreeSet<Slug>,
        /// When.
        at: Instant,
    },
    /// 已答复
    Answered {
        /// The department.
        department: Slug,
        /// Its answers, complete.
        answers: Vec<Answered>,
        /// When.
        at: Instant,
    },
    /// 未答复
    Failed {
        /// The department.
        department: Slug,
        /// Why.
        why: NoAnswer,
        /// When.
        at: Instant,
    },
    /// 已比对
    Compared {
        /// What differs.
        differences: Vec<Difference>,
        /// What cannot be true together.
        contradictions: Vec<Contradiction>,
        /// When.
        at: Instant,
    },
    /// 已说明
    Explained {
        /// Which.
        difference: usize,
        /// In the household's words.
        words: String,
        /// Who took it down.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 已采用对不上的认定
    Ruled {
        /// Those of its contradictions; whatever was taken in before holds no more.
        ruled: Vec<RuledPair>,
        /// When.
        at: Instant,
    },
    /// 已认定
    Settled {
        /// Which.
        difference: usize,
        /// Whether the explanation is accepted.
        accepted: bool,
        /// Why.
        reason: String,
        /// Who decided.
        by: Actor,
        /// When.
        at: Instant,
    },
}
