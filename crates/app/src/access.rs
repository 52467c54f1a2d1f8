//! 「把门」 Every use case asks here first, in its own transaction: the actor's
//! grants as they are at this moment, so a revocation holds from the next
//! request on.

use crate::context::Context;
use crate::error::{AppError, Result};
use engine_access::{Action, Grant, Holder, Knowledge, Permit, Record, Request, allow};
use kernel::{Date, Now, PersonId, RegionCode, Role};
use store::Tx;

impl Context {
    /// Whether this actor may do `action` to `record` for the context's purpose.
    /// `relatives`: near relatives of the record's subjects, who may not act on it.
    ///
    /// # Errors
    /// The refusal of the rule that came closest, in words.
    pub async fn authorise(
        &self,
        tx: &mut Tx,
        action: Action,
        record: Record,
        relatives: &[PersonId],
        now: Now,
    ) -> Result<Permit> {
        self.authorise_by(tx, action, record, relatives, &[], now)
            .await
    }

    /// The same for somebody who also acts by `more` (a department by its agreement).
    ///
    /// # Errors
    /// As [`Context::authorise`].
    pub(crate) async fn authorise_by(
        &self,
        tx: &mut Tx,
        action: Action,
        record: Record,
        relatives: &[PersonId],
        more: &[Grant],
        now: Now,
    ) -> Result<Permit> {
        let holder = match self.actor.person {
            Some(person) => Holder::Person(person),
            None => Holder::Account(self.actor.account.clone()),
        };
        let mut grants = tx.grants(&holder).await?.state.grants;
        grants.extend(more.iter().cloned());
        let agencies = match (self.actor.role, self.actor.person) {
            (Role::Agent, Some(agent)) => tx.agencies(agent).await?,
            _ => Vec::new(),
        };
        let request = Request {
            actor: self.actor.clone(),
            action,
            record,
            purpose: self.purpose.clone(),
        };
        let known = Knowledge {
            grants: &grants,
            agencies: &agencies,
            relatives,
        };
        allow(&request, known, now).map_err(AppError::refused)
    }
}

/// 谁管这里 The people who hold a role today over this place, or within it.
pub(crate) async fn holders(
    tx: &mut Tx,
    role: Role,
    region: RegionCode,
    today: Date,
) -> Result<Vec<PersonId>> {
    let mut found = Vec::new();
    for (_, grants) in tx.all_grants().await? {
        let held = grants.grants.iter().filter(|one| {
            let theirs = one.role == role && one.holds_on(today);
            theirs && (one.region.contains(region) || region.contains(one.region))
        });
        found.extend(held.filter_map(|one| match one.holder {
            Holder::Person(person) => Some(person),
            Holder::Account(_) => None,
        }));
    }
    found.sort();
    found.dedup();
    Ok(found)
}
