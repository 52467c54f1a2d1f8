//! 「授予角色」 Roles are given by one person and approved by another; some never
//! meet in one human being.

use crate::model::{Grant, Holder};
use crate::refusal::Refusal;
use kernel::{Actor, Now, Role};
use serde::{Deserialize, Serialize};

/// Grants and proposals of one holder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grants {
    /// In force or past.
    pub grants: Vec<Grant>,
    /// Waiting for the second person.
    pub proposals: Vec<Proposal>,
}

/// A grant somebody proposes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// What.
    pub grant: Grant,
    /// Who.
    pub by: Actor,
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub enum GrantCommand {
    /// 提出
    Propose(Grant),
    /// 批准 The proposal counted from 0.
    Approve(usize),
    /// 收回 The grant counted from 0; one person is enough to take a right away.
    Revoke(usize),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantEvent {
    /// 提出
    Proposed(Proposal),
    /// 批准
    Approved {
        /// Which proposal.
        proposal: usize,
        /// Who.
        by: Actor,
    },
    /// 收回 Ends the day before.
    Revoked {
        /// Which grant.
        grant: usize,
        /// Its last day.
        last: kernel::Date,
        /// Who.
        by: Actor,
    },
}

impl Grants {
    /// Decides a command of `by`.
    pub fn decide(
        &self,
        by: &Actor,
        command: GrantCommand,
        now: Now,
    ) -> Result<GrantEvent, Refusal> {
        if by.role != Role::SecurityAdministrator {
            return Err(Refusal::Role);
        }
        let person = by.person.ok_or(Refusal::NotAPerson)?;
        match command {
            GrantCommand::Propose(grant) => {
                self.may_be_granted(&grant, now)?;
                if grant.holder == Holder::Person(person) {
                    return Err(Refusal::Conflict);
                }
                let by = by.clone();
                Ok(GrantEvent::Proposed(Proposal { grant, by }))
            }
            GrantCommand::Approve(proposal) => {
                let waiting = self.proposals.get(proposal).ok_or(Refusal::NothingThere)?;
                crate::four_eyes(by, std::slice::from_ref(&waiting.by))?;
                if waiting.grant.holder == Holder::Person(person) {
                    return Err(Refusal::Conflict);
                }
                self.may_be_granted(&waiting.grant, now)?;
                let by = by.clone();
                Ok(GrantEvent::Approved { proposal, by })
            }
            GrantCommand::Revoke(grant) => {
                let held = self.grants.get(grant).ok_or(Refusal::NothingThere)?;
                if !held.holds_on(now.today()) && held.from <= now.today() {
                    return Err(Refusal::NothingThere);
                }
                let last = now.today().pred_opt().ok_or(Refusal::Dates)?;
                let by = by.clone();
                Ok(GrantEvent::Revoked { grant, last, by })
            }
        }
    }

    /// Folds an event.
    pub fn apply(&mut self, event: &GrantEvent) {
        match event {
            GrantEvent::Proposed(proposal) => self.proposals.push(proposal.clone()),
            GrantEvent::Approved { proposal, .. } => {
                if *proposal < self.proposals.len() {
                    self.grants.push(self.proposals.remove(*proposal).grant);
                }
            }
            GrantEvent::Revoked { grant, last, .. } => {
                if let Some(held) = self.grants.get_mut(*grant) {
                    held.to = Some(*last);
                }
            }
        }
    }

    fn may_be_granted(&self, grant: &Grant, now: Now) -> Result<(), Refusal> {
        if grant
            .to
            .is_some_and(|to| to < grant.from || to < now.today())
        {
            return Err(Refusal::Dates);
        }
        let machine = matches!(grant.holder, Holder::Account(_));
        let fits = match grant.role {
            // Nobody is granted the system; citizens and agents need no grant.
            Role::System | Role::Citizen | Role::Agent => return Err(Refusal::Role),
            Role::DepartmentMachine => machine,
            _ => !machine,
        };
        if !fits {
            return Err(Refusal::NotAPerson);
        }
        let today = now.today();
        let mut held = self
            .grants
            .iter()
            .filter(|g| g.to.is_none_or(|to| today <= to));
        match held.any(|held| incompatible(held.role, grant.role)) {
            true => Err(Refusal::Incompatible),
            false => Ok(()),
        }
    }
}

/// Roles one person may not hold together: the three administrators of 等保 (and
/// the auditor) stand apart from each other and from every other work; who writes
/// rules does not activate them; who decides does not pay.
fn incompatible(one: Role, other: Role) -> bool {
    let apart = |role| {
        matches!(
            role,
            Role::SystemAdministrator
                | Role::SecurityAdministrator
                | Role::AuditAdministrator
                | Role::Auditor
        )
    };
    let pair = |a, b| (one, other) == (a, b) || (one, other) == (b, a);
    one != other
        && (apart(one)
            || apart(other)
            || pair(Role::RuleAuthor, Role::RuleApprover)
            || pair(Role::CountyApprover, Role::Finance)
            || pair(Role::TownOfficer, Role::Finance))
}
