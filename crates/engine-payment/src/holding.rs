//! 「收款账户登记」 Where a person's money goes, and how it may change: the first
//! account is taken down with the person's word; every later change is proposed
//! by one human being and confirmed by another. Money must not be led away by one
//! person alone.

use crate::account::PayAccount;
use crate::batch::Stamp;
use crate::refusal::Refusal;
use kernel::{Actor, Now};
use serde::{Deserialize, Serialize};

/// Where a person's money goes now, and what somebody wants it to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHolding {
    /// In force.
    pub current: Option<PayAccount>,
    /// Waiting for a second person.
    pub proposed: Option<AccountProposal>,
}

/// A change waiting for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountProposal {
    /// The new account.
    pub account: PayAccount,
    /// Who wants it, when.
    pub stamp: Stamp,
}

impl AccountHolding {
    /// Takes down an account: at once when there is none yet, else proposed.
    ///
    /// # Errors
    /// [`Refusal::NotHuman`]; [`Refusal::Unwritable`] for a name no bank file can
    /// carry.
    pub fn enter(&self, account: PayAccount, by: &Actor, now: Now) -> Result<Self, Refusal> {
        person(by, "登记收款账户")?;
        crate::bank_file::encode_name(&account).map_err(|why| Refusal::Unwritable {
            line: 0,
            why: why.to_string(),
        })?;
        if self.current.is_none() {
            return Ok(AccountHolding {
                current: Some(account),
                proposed: None,
            });
        }
        let stamp = Stamp {
            by: by.clone(),
            at: now.at,
        };
        Ok(AccountHolding {
            current: self.current.clone(),
            proposed: Some(AccountProposal { account, stamp }),
        })
    }

    /// A second person confirms the change, having seen the account.
    ///
    /// # Errors
    /// [`Refusal::SamePerson`], [`Refusal::NothingProposed`], [`Refusal::ListChanged`]
    /// when the proposal is not what the person saw.
    pub fn confirm(&self, seen: &PayAccount, by: &Actor) -> Result<Self, Refusal> {
        let verb = "确认收款账户";
        let confirming = person(by, verb)?;
        let proposal = self.proposed.as_ref().ok_or(Refusal::NothingProposed)?;
        if proposal.stamp.by.person == Some(confirming) {
            return Err(Refusal::SamePerson {
                before: "变更收款账户",
                verb,
            });
        }
        if proposal.account != *seen {
            return Err(Refusal::ListChanged { verb });
        }
        Ok(AccountHolding {
            current: Some(proposal.account.clone()),
            proposed: None,
        })
    }
}

fn person(by: &Actor, verb: &'static str) -> Result<kernel::PersonId, Refusal> {
    by.person
        .filter(|_| by.role.is_human())
        .ok_or(Refusal::NotHuman { verb })
}
