//! 「签授权」 The household agrees to be looked up: who signed for whom, for this
//! case, until when.

use super::steps::authorise;
use crate::App;
use crate::context::Context;
use crate::error::{AppError, Result};
use engine_access::Action;
use engine_pool::Authorisation;
use engine_pool::authorisation::{AuthorisationCommand, Scope, Signature};
use kernel::{AuthorisationId, CaseId, Date, PersonId};
use serde::Serialize;
use std::collections::BTreeMap;
use store::Tx;

/// A paper as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignedPaper {
    /// The case it was signed for.
    pub case: CaseId,
    /// Member → who signed for them.
    pub signatures: BTreeMap<PersonId, Signature>,
    /// What may be checked.
    pub scope: Scope,
    /// Last day.
    pub to: Date,
}

impl App {
    /// 签授权 Takes in a household's signed authorisation.
    ///
    /// # Errors
    /// Refused without right, without signatures, for a case not opened.
    pub async fn sign_authorisation(
        &self,
        ctx: &Context,
        paper: SignedPaper,
    ) -> Result<AuthorisationId> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let key = ctx.key("authorisation.sign", &paper)?;
                let act = async |tx: &mut Tx| {
                    let case = authorise(tx, &ctx, Action::Authorise, paper.case, now).await?;
                    let opened = case.opened.as_ref();
                    let household = opened.map(|opened| opened.household).ok_or_else(|| {
                        AppError::BadInput("这件事还没有建立，不能签授权".to_owned())
                    })?;
                    let id = AuthorisationId(tx.next_id("authorisation").await?);
                    let signed = Authorisation {
                        id,
                        household,
                        case: paper.case,
                        signatures: paper.signatures.clone(),
                        scope: paper.scope.clone(),
                        from: now.today(),
                        to: paper.to,
                        withdrawn: None,
                    };
                    let by = ctx.actor.clone();
                    let command = AuthorisationCommand::Sign {
                        paper: Box::new(signed.clone()),
                        by,
                    };
                    let events = engine_pool::authorisation::authorise(None, command, now)
                        .map_err(AppError::refused)?;
                    tx.keep_authorisation(&signed, &ctx.actor, now).await?;
                    let subject = format!("authorisation:{id}");
                    ctx.record(tx, "authorisation.sign", &subject, &events, now)
                        .await?;
                    Ok::<_, AppError>(id)
                };
                Ok(tx.idempotent(&key, now, act).await?.value)
            })
            .await
    }
}
