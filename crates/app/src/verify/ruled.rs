//! 「对不上的，认定过的」 What people found at the contradiction desk, as far as a
//! verification rests on it: a fact is judged by what is found up to now; a report by what
//! was taken in when it was drawn up, which is one of its events, so that it can be made
//! again. Absent on purpose: any ruling of the house's own.

use super::steps::subject;
use super::told::Telling;
use crate::App;
use crate::context::Context;
use crate::error::{AppError, Result};
use engine_pool::contradiction::{Contradiction, RuledPair};
use engine_pool::verification::Command;
use engine_pool::{Verification, verify};
use kernel::{Now, PersonId, VerificationId};
use store::{Loaded, Tx};

impl App {
    /// 采用认定 What was found of the contradictions since they were compared becomes part
    /// of the verification, from whose events the report is made again.
    pub(super) async fn take_rulings(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        id: VerificationId,
        now: Now,
    ) -> Result<()> {
        let Loaded { mut state, version } = tx.verification(id).await?;
        if engine_pool::report(&state).is_none() {
            return Ok(());
        }
        let ruled = rulings_for(tx, &state).await?;
        let events = verify(&state, Command::Rule { ruled }, self.law.pack.data(), now);
        let events = events.map_err(AppError::refused)?;
        if events.is_empty() {
            return Ok(());
        }
        events.iter().for_each(|event| state.apply(event));
        tx.save_verification(version, &state, &events, &ctx.actor, now)
            .await?;
        ctx.record(tx, "verification_step", &subject(id), &events, now)
            .await
    }
}

impl Telling<'_> {
    pub(super) fn ruled(&self, (one, by): &(Contradiction, RuledPair)) -> String {
        let (left, right) = (self.category(&one.left.0), self.category(&one.right.0));
        let (says, found) = (&one.says, by.says.label());
        let (reason, role) = (&by.reason, by.by.role.label());
        format!("{says}：{left}和{right}，{found}。{reason}（{role}）")
    }
}

/// The verification with what people found of its contradictions up to now.
pub(crate) async fn ruled_now(tx: &mut Tx, mut state: Verification) -> Result<Verification> {
    let all = rulings_for(tx, &state).await?;
    state.ruled = state.rulings_among(all);
    Ok(state)
}

/// What people found of anything that contradicts itself about its members.
async fn rulings_for(tx: &mut Tx, state: &Verification) -> Result<Vec<RuledPair>> {
    let last = state.comparison.as_ref();
    let some = last.is_some_and(|last| !last.contradictions.is_empty());
    let members = state.request.iter().flat_map(|request| &request.members);
    let people: Vec<PersonId> = members.map(|one| one.person).collect();
    match some {
        true => crate::contradict::ruled_pairs(tx, &people).await,
        false => Ok(Vec::new()),
    }
}
