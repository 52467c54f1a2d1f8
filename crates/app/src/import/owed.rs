//! 「收了还没看」 What follows a delivery after it was taken in: deaths and births it told
//! of, the households it touched, contradictions. What is owed is written with the delivery
//! and taken away when it was done; whoever dies in between is followed by the same
//! delivery coming again, by the next import or by the rounds. Doing it twice changes
//! nothing. Absent: which facts turned, where somebody else ends it: what was on file
//! before is known only to whoever took the delivery in.

use super::gate::Imported;
use super::register::Unborn;
use super::touched::Touched;
use crate::turned::Brought;
use crate::watch::Watched;
use crate::{App, AppError, Result};
use chrono::TimeDelta;
use kernel::{DataBatchId, Now, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Owed, Tx};

/// How long whoever takes a delivery in has for it before others take it for dead.
const ALIVE_MINUTES: i64 = 30;

/// What a delivery leaves to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Follows {
    category: Slug,
    touched: Touched,
    dead: BTreeSet<PersonId>,
    born: BTreeSet<(PersonId, PersonId)>,
    unborn: Vec<Unborn>,
}

/// What was made up for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Deliveries looked at to their end.
    pub done: usize,
    /// Deliveries that could not be; they are tried again.
    pub stuck: usize,
}

/// Writes down what an accepted delivery leaves to be done, in its own transaction.
pub(super) async fn owe(
    tx: &mut Tx,
    batch: DataBatchId,
    imported: &Imported,
    now: Now,
) -> Result<()> {
    let told = imported.registered.as_ref();
    let follows = Follows {
        category: imported.category.clone(),
        touched: imported.touched.clone(),
        dead: told.map(|one| one.dead.clone()).unwrap_or_default(),
        born: told.map(|one| one.born.clone()).unwrap_or_default(),
        unborn: told.map(|one| one.unborn.clone()).unwrap_or_default(),
    };
    tx.owe_look(batch, &follows, now).await?;
    Ok(())
}

impl App {
    /// What follows at once, whoever took it in and whenever: of a delivery that came
    /// again only what is still owed.
    pub(super) async fn follow_owed(&self, imported: &Imported) -> Result<Watched> {
        match self.owed(imported.batch).await? {
            Some(owed) if !owed.followed => self.follow(&owed, imported.brought.as_deref()).await,
            _ => Ok(Watched::default()),
        }
    }

    async fn follow(&self, owed: &Owed<Follows>, brought: Option<&Brought>) -> Result<Watched> {
        let (batch, follows) = (owed.batch, &owed.what);
        let source = follows.category.to_string();
        self.begin_told_deaths(&follows.dead, &source).await?;
        self.begin_told_births(&follows.born, &source).await?;
        self.revoke_told_births(&follows.unborn, &source).await?;
        let cause = (&follows.category, brought);
        let watched = self.follow_delivery(&follows.touched, cause).await;
        self.db
            .write(async move |tx: &mut Tx| tx.look_followed(batch).await)
            .await?;
        Ok(watched)
    }

    /// 看完 Looks for contradictions after one delivery, when that is still owed.
    ///
    /// # Errors
    /// The store's; it stays owed.
    pub(crate) async fn look_after_delivery(&self, imported: &Imported) -> Result<()> {
        match self.owed(imported.batch).await? {
            Some(owed) => self.look_and_pay(&[owed]).await,
            None => Ok(()),
        }
    }

    /// 补看 Everything that is owed by whoever may be dead by now: what the rounds do.
    ///
    /// # Errors
    /// The store's.
    pub async fn catch_up_looks(&self) -> Result<CaughtUp> {
        self.catch_up(TimeDelta::minutes(ALIVE_MINUTES)).await
    }

    /// The same of what is owed for so long.
    pub(super) async fn catch_up(&self, since: TimeDelta) -> Result<CaughtUp> {
        let moment = self.now().at - since;
        let read = async move |tx: &mut Tx| tx.looks_owed_since::<Follows>(moment).await;
        let all = self.db.read(read).await?;
        let (mut ready, mut caught) = (Vec::new(), CaughtUp::default());
        for owed in all {
            let followed = match owed.followed {
                true => Ok(Watched::default()),
                false => self.follow(&owed, None).await,
            };
            match followed {
                Ok(_) => ready.push(owed),
                Err(why) => {
                    tracing::error!(%why, batch = %owed.batch, "a delivery is still not followed");
                    caught.stuck += 1;
                }
            }
        }
        self.look_and_pay(&ready).await?;
        caught.done = ready.len();
        Ok(caught)
    }

    /// One look after all of them together, and nothing is owed for them any more.
    async fn look_and_pay(&self, all: &[Owed<Follows>]) -> Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        let touched = all.iter().map(|one| &one.what.touched);
        let touched = touched.fold(Touched::default(), Touched::with);
        self.look_after(&touched).await?;
        let batches: Vec<DataBatchId> = all.iter().map(|one| one.batch).collect();
        let pay = async move |tx: &mut Tx| {
            for batch in &batches {
                tx.look_paid(*batch).await?;
            }
            Ok::<_, AppError>(())
        };
        self.db.write(pay).await
    }

    async fn owed(&self, batch: Option<DataBatchId>) -> Result<Option<Owed<Follows>>> {
        let Some(batch) = batch else {
            return Ok(None);
        };
        let read = async move |tx: &mut Tx| tx.look_owed(batch).await;
        Ok(self.db.read(read).await?)
    }
}

#[cfg(test)]
mod tests;
