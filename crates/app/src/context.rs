//! 「办理环境」 What every use case is told: who acts, in what matter, and the key
//! under which a repeated request gets the same answer.

use crate::error::{AppError, Result};
use engine_access::Purpose;
use kernel::{Actor, Now};
use serde::Serialize;
use store::audit::AuditEntry;
use store::{RequestKey, Tx};

/// Who asks for something, what for, and once.
#[derive(Clone, Debug)]
pub struct Context {
    /// Who.
    pub actor: Actor,
    /// What for: judged with the request and kept in the audit.
    pub purpose: Purpose,
    /// The request's own key: the same key again gets the same answer.
    pub request: String,
}

impl Context {
    /// The idempotency key of `act` with this body. Kept for ever: what people
    /// sign and pay is never done twice.
    pub(crate) fn key<B: Serialize>(&self, act: &str, body: &B) -> Result<RequestKey> {
        let body = serde_json::to_vec(body).map_err(|why| AppError::Fault(why.to_string()))?;
        Ok(RequestKey::forever(
            format!("{act}/{}", self.actor.account),
            &self.request,
            &body,
        ))
    }

    /// Puts what was done on record, in the effect's own transaction.
    pub(crate) async fn record<D: Serialize>(
        &self,
        tx: &mut Tx,
        action: &str,
        subject: &str,
        details: &D,
        now: Now,
    ) -> Result<()> {
        let details =
            serde_json::to_vec(details).map_err(|why| AppError::Fault(why.to_string()))?;
        let purpose =
            serde_json::to_string(&self.purpose).map_err(|why| AppError::Fault(why.to_string()))?;
        let entry = AuditEntry {
            actor: &self.actor,
            action,
            purpose: &purpose,
            subject,
            details: &details,
        };
        tx.audit(&entry, now).await?;
        Ok(())
    }
}
