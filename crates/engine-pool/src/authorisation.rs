//! 「核对授权」 A household's signed authorisation to check: who signed for whom,
//! which categories, from when to when, and whether it was withdrawn (个人信息
//! 保护法 art. 15: at any time).

use crate::config::Category;
use crate::purpose::Purpose;
use crate::refusal::Refusal;
use kernel::{Actor, AuthorisationId, CaseId, Date, HouseholdId, Instant, Now, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// 核对授权 One signed paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorisation {
    /// Its number.
    pub id: AuthorisationId,
    /// The household.
    pub household: HouseholdId,
    /// The case it was signed for.
    pub case: CaseId,
    /// Member → who signed for them. Only these members are covered.
    pub signatures: BTreeMap<PersonId, Signature>,
    /// What may be checked.
    pub scope: Scope,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// When it was withdrawn.
    pub withdrawn: Option<Withdrawal>,
}

impl Authorisation {
    /// Whether it may be acted on, on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && day <= self.to && self.withdrawn.is_none()
    }
}

/// Who signed for a member, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The member, or a guardian.
    pub by: PersonId,
    /// In which capacity.
    pub capacity: Capacity,
    /// The day.
    pub on: Date,
}

/// In which capacity somebody signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// 本人
    Own,
    /// 监护人
    Guardian,
}

/// Which categories an authorisation covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every category that may be verified.
    All,
    /// Only these.
    Only(BTreeSet<Slug>),
}

/// A withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Who withdrew.
    pub by: PersonId,
    /// The day; from that day on nothing more may be asked.
    pub on: Date,
}

/// What can be done with an authorisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorisationCommand {
    /// 签署: the paper as it was signed.
    Sign {
        /// The paper.
        paper: Box<Authorisation>,
        /// Who took it in.
        by: Actor,
    },
    /// 补签: one more member's signature.
    AddSignature {
        /// The member.
        member: PersonId,
        /// The signature.
        signature: Signature,
        /// Who took it in.
        by: Actor,
    },
    /// 撤回, by anyone who signed; holds at once and for all members.
    Withdraw {
        /// Who withdraws.
        person: PersonId,
        /// Who took it in.
        by: Actor,
    },
}

/// What happened to an authorisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorisationEvent {
    /// 已签署
    Signed {
        /// The paper.
        paper: Box<Authorisation>,
        /// Who took it in.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 已补签
    SignatureAdded {
        /// The member.
        member: PersonId,
        /// The signature.
        signature: Signature,
        /// Who took it in.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 已撤回
    Withdrawn {
        /// Who and on which day.
        withdrawal: Withdrawal,
        /// Who took it in.
        by: Actor,
        /// When.
        at: Instant,
    },
}

/// Decides one command on an authorisation; `None` before it is signed.
pub fn authorise(
    state: Option<&Authorisation>,
    command: AuthorisationCommand,
    now: Now,
) -> Result<Vec<AuthorisationEvent>, Refusal> {
    let (at, today) = (now.at, now.today());
    let signed = |signature: &Signature| match signature.on > today {
        true => Err(Refusal::FromTheFuture(signature.on)),
        false => Ok(()),
    };
    match command {
        AuthorisationCommand::Sign { paper, by } => {
            if state.is_some() {
                return Err(Refusal::AlreadySigned);
            }
            paper.validate()?;
            paper.signatures.values().try_for_each(signed)?;
            if let Some(withdrawal) = &paper.withdrawn {
                return Err(Refusal::AuthorisationWithdrawn { on: withdrawal.on });
            }
            Ok(vec![AuthorisationEvent::Signed { paper, by, at }])
        }
        AuthorisationCommand::AddSignature {
            member,
            signature,
            by,
        } => {
            let paper = standing(state)?;
            signed(&signature)?;
            let own = signature.capacity == Capacity::Own;
            if own != (signature.by == member) {
                return Err(Refusal::SignedByAnother { member });
            }
            if paper.signatures.contains_key(&member) {
                return Err(Refusal::AlreadySigned);
            }
            Ok(vec![AuthorisationEvent::SignatureAdded {
                member,
                signature,
                by,
                at,
            }])
        }
        AuthorisationCommand::Withdraw { person, by } => {
            let paper = standing(state)?;
            if !paper.signatures.values().any(|one| one.by == person) {
                return Err(Refusal::DidNotSign { person });
            }
            let withdrawal = Withdrawal {
                by: person,
                on: today,
            };
            Ok(vec![AuthorisationEvent::Withdrawn { withdrawal, by, at }])
        }
    }
}

fn standing(state: Option<&Authorisation>) -> Result<&Authorisation, Refusal> {
    let paper = state.ok_or(Refusal::NoAuthorisation)?;
    match &paper.withdrawn {
        Some(withdrawal) => Err(Refusal::AuthorisationWithdrawn { on: withdrawal.on }),
        None => Ok(paper),
    }
}

impl Authorisation {
    /// Folds one event in; the first makes the paper.
    pub fn apply(state: Option<Authorisation>, event: &AuthorisationEvent) -> Option<Self> {
        match event {
            AuthorisationEvent::Signed { paper, .. } => Some(paper.as_ref().clone()),
            AuthorisationEvent::SignatureAdded {
                member, signature, ..
            } => {
                let mut paper = state?;
                paper.signatures.insert(*member, signature.clone());
                Some(paper)
            }
            AuthorisationEvent::Withdrawn { withdrawal, .. } => {
                let mut paper = state?;
                paper.withdrawn = Some(withdrawal.clone());
                Some(paper)
            }
        }
    }

    /// Refuses an authorisation that could never hold: nobody signed, an end
    /// before the start, a member whose own signature is somebody else's.
    pub fn validate(&self) -> Result<(), Refusal> {
        if self.signatures.is_empty() {
            return Err(Refusal::NobodySigned);
        }
        if self.to < self.from {
            return Err(Refusal::AuthorisationEndsBeforeStart);
        }
        for (member, signature) in &self.signatures {
            let own = signature.capacity == Capacity::Own;
            if own != (signature.by == *member) {
                return Err(Refusal::SignedByAnother { member: *member });
            }
        }
        Ok(())
    }

    /// Whether it allows checking `category` of `person` on `day`.
    pub fn covers(&self, person: PersonId, category: &Slug, day: Date) -> Result<(), Refusal> {
        self.validate()?;
        if let Some(withdrawal) = &self.withdrawn
            && withdrawal.on <= day
        {
            return Err(Refusal::AuthorisationWithdrawn { on: withdrawal.on });
        }
        if day < self.from || self.to < day {
            let (from, to) = (self.from, self.to);
            return Err(Refusal::AuthorisationNotInForce { from, to });
        }
        let signed = self.signatures.get(&person);
        if signed.is_none_or(|signature| day < signature.on) {
            return Err(Refusal::MemberDidNotSign { member: person });
        }
        match &self.scope {
            Scope::Only(categories) if !categories.contains(category) => {
                Err(Refusal::CategoryNotAuthorised {
                    category: category.clone(),
                })
            }
            _ => Ok(()),
        }
    }
}

/// Whether one person's records of a category may be read for a purpose.
/// `authorisation` is the one of the purpose's case, if there is one.
pub fn may_read(
    category: &Category,
    purpose: &Purpose,
    person: PersonId,
    authorisation: Option<&Authorisation>,
    day: Date,
) -> Result<(), Refusal> {
    if !category.allows(purpose.kind()) {
        return Err(Refusal::PurposeNotAllowed {
            category: category.name.clone(),
            purpose: purpose.kind(),
        });
    }
    let Purpose::Verification { case } = purpose else {
        return Ok(());
    };
    match authorisation {
        Some(authorisation) if authorisation.case == *case => {
            authorisation.covers(person, &category.id, day)
        }
        Some(_) => Err(Refusal::AuthorisationOfAnotherCase),
        None => Err(Refusal::NoAuthorisation),
    }
}
