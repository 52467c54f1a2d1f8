//! 「看办件」 Reading a case. Every reading of sensitive fields leaves its row in the
//! audit before anything is shown.

use super::desk::{Desk, case_id};
use super::people::people_of;
use super::rights;
use crate::{App, AppError, Context, Result};
use engine_access::Permit;
use engine_case::{Case, Event};
use kernel::CaseId;
use store::{Recorded, Tx};

impl App {
    /// 看办件 A case, and how much of it the reader may see ([`engine_access::show`]).
    ///
    /// # Errors
    /// A refusal; no such case; the store's.
    pub async fn case(&self, context: &Context, case: CaseId) -> Result<(Case, Permit)> {
        let desk = self.desk(context);
        self.db
            .look(async move |tx| {
                let case = tx.case(case).await?.state;
                let permit = desk.reads(tx, &case, rights::FILE).await?;
                Ok((case, permit))
            })
            .await
    }

    /// 看经过 What happened to a case, oldest first.
    ///
    /// # Errors
    /// As [`App::case`].
    pub async fn case_history(
        &self,
        context: &Context,
        case: CaseId,
    ) -> Result<Vec<Recorded<Event>>> {
        let desk = self.desk(context);
        self.db
            .look(async move |tx| {
                let state = tx.case(case).await?.state;
                desk.reads(tx, &state, rights::HISTORY).await?;
                Ok::<_, AppError>(tx.case_history(case).await?)
            })
            .await
    }
}

impl Desk {
    /// Asks leave to read and puts the reading on record; `what` names it there.
    pub(crate) async fn reads(&self, tx: &mut Tx, case: &Case, what: &str) -> Result<Permit> {
        let opened = case.opened.as_ref();
        let opened = opened.ok_or_else(|| AppError::BadInput("还没有这个办件".to_owned()))?;
        let people = people_of(tx, opened).await?;
        let action = engine_access::Action::ReadCase;
        let permit = self
            .permit(tx, &self.context.actor, action, case, &people)
            .await?;
        let subject = format!("case:{}", case_id(case)?);
        self.context
            .record(tx, what, &subject, &permit.level, self.now)
            .await?;
        Ok(permit)
    }

    /// Asks leave for an action on a case that has a use case of its own.
    pub(crate) async fn permits(
        &self,
        tx: &mut Tx,
        case: &Case,
        action: engine_access::Action,
    ) -> Result<Permit> {
        let opened = case.opened.as_ref();
        let opened = opened.ok_or_else(|| AppError::BadInput("还没有这个办件".to_owned()))?;
        let people = people_of(tx, opened).await?;
        self.permit(tx, &self.context.actor, action, case, &people)
            .await
    }
}
