//! 「评估」 Assessments from the phone to the certificate: whom, by which sheet, by
//! whom, disputed or agreed, confirmed by another, told to the person, looked at again.
//! Random draws lead to inspections (`draw`); lists and rankings are in `read`.

mod act;
mod draw;
mod open;
mod page;
mod read;

#[cfg(test)]
mod tests;

pub(crate) use act::long_ago;
pub use draw::{DrawPage, NewBody, NewDraw, PickLine};
pub use open::{AssessBody, AssessPerson};
pub use page::{AnswerLine, AppliedLine, AssessmentPage, MendingLine};
pub use read::{Listed, RankLine, SheetLine};

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_assessment::{Assessment, Phase, Sheet, SheetRef, Subject};
use kernel::{Now, PersonId, RegionCode};
use packs::Pack;
use std::collections::BTreeSet;
use store::{RegisterSlice, Tx};

/// What one transaction needs; owned, because it may run again.
#[derive(Clone)]
struct Room {
    app: App,
    ctx: Context,
    now: Now,
}

/// Whom an assessment is about, as far as access and conflicts care.
struct Whom {
    subjects: Vec<PersonId>,
    /// Near relatives; of a body: those who lead it and their near relatives.
    near: BTreeSet<PersonId>,
    /// The name.
    name: String,
}

impl App {
    fn room(&self, ctx: &Context) -> Room {
        Room {
            app: self.clone(),
            ctx: ctx.clone(),
            now: self.now(),
        }
    }
}

impl Room {
    /// The sheet an assessment began with, from the pack it is pinned to.
    fn sheet(&self, pinned: &SheetRef) -> Result<&Sheet> {
        let law = self.app.law_of(&pinned.pack);
        let sheet = law.and_then(|law| law.pack.sheet(pinned.id.as_str()));
        let sheet = sheet.filter(|one| one.version == pinned.version);
        sheet.ok_or_else(|| {
            let says = "评估按“{}”开始，这个规则包没有装入。请装入后再办";
            AppError::Fault(says.replace("{}", &pinned.version))
        })
    }

    async fn whom(&self, tx: &mut Tx, subject: Subject) -> Result<Whom> {
        match subject {
            Subject::Person(person) => Ok(Whom {
                subjects: vec![person],
                near: near(tx, [person].into()).await?,
                name: crate::worklist::name_in(tx, person).await?,
            }),
            Subject::Body(body) => {
                let body = tx.body(body).await?;
                let mut people = near(tx, body.people.clone()).await?;
                people.extend(body.people);
                Ok(Whom {
                    subjects: Vec::new(),
                    near: people,
                    name: body.name,
                })
            }
        }
    }

    async fn may(
        &self,
        tx: &mut Tx,
        action: Action,
        (region, whom, state): (RegionCode, &Whom, RecordState),
    ) -> Result<()> {
        let record = Record {
            region: Some(region),
            subjects: whom.subjects.clone(),
            state,
            level: match action {
                Action::Appeal => kernel::FieldLevel::L3,
                _ => kernel::FieldLevel::L4,
            },
        };
        let near: Vec<PersonId> = whom.near.iter().copied().collect();
        let may = self.ctx.authorise(tx, action, record, &near, self.now);
        may.await.map(drop)
    }
}

/// How an assessment looks to access.
fn state_of(state: &Assessment, sheet: &Sheet) -> RecordState {
    match state.phase(sheet) {
        Phase::Filling | Phase::Disputed | Phase::Graded => RecordState::Open,
        Phase::InForce | Phase::Appealed => RecordState::Decided,
        Phase::Replaced => RecordState::Closed,
    }
}

/// Whoever shares or shared a household with these people and is not one of them.
async fn near(tx: &mut Tx, people: BTreeSet<PersonId>) -> Result<BTreeSet<PersonId>> {
    if people.is_empty() {
        return Ok(people);
    }
    let slice = RegisterSlice {
        people: people.clone(),
        with_households: true,
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let households = register.households.values();
    let shared =
        households.filter(|one| one.memberships.iter().any(|m| people.contains(&m.person)));
    let all = shared.flat_map(|one| one.memberships.iter().map(|m| m.person));
    Ok(all.filter(|one| !people.contains(one)).collect())
}

fn pinned(pack: &Pack, sheet: &Sheet) -> SheetRef {
    SheetRef {
        id: sheet.id.clone(),
        version: sheet.version.clone(),
        pack: pack.hash().to_owned(),
    }
}

fn wrong(says: impl Into<String>) -> AppError {
    AppError::BadInput(says.into())
}
