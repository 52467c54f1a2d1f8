//! 「人生大事」 A death, a birth, a marriage registered in one place: what follows across the
//! engines becomes steps on one page; a person confirms what touches a right; a mistake
//! takes all of it back. Kinds and steps are packs'; here is what each kind of step does
//! ([`steps`]) and how it is taken back ([`back`]).

mod act;
mod back;
mod born;
mod joined;
mod joint;
mod read;
mod register;
mod review;
mod steps;

#[cfg(test)]
mod tests;

pub use act::{Birth, LifeAct, NewLife};
pub use engine_registry::{Does, LifeKind, LifeStep, StepState};
pub use read::{LifeListed, LifePage, TimelineLine};

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Purpose, Record, RecordState};
use engine_registry::Writes;
use kernel::{Actor, Date, FieldLevel, Now, PersonId, RegionCode, Role, Slug};
use store::Tx;

/// What one transaction needs; owned, because it may run again.
#[derive(Clone)]
struct Room {
    app: App,
    ctx: Context,
    now: Now,
}

impl App {
    fn life_room(&self, ctx: &Context) -> Room {
        Room {
            app: self.clone(),
            ctx: ctx.clone(),
            now: self.now(),
        }
    }

    /// Kinds of life events of the law in force.
    pub fn life_kinds(&self) -> &[LifeKind] {
        self.law.pack.life_kinds()
    }

    /// A kind: of the law in force, or of an earlier one an event began by.
    pub(crate) fn life_kind(&self, id: &Slug) -> Result<&LifeKind> {
        let now = self.law.pack.life_kind(id.as_str());
        let earlier = || {
            let mut laws = self.earlier_laws();
            laws.find_map(|law| law.pack.life_kind(id.as_str()))
        };
        let found = now.or_else(earlier);
        found.ok_or_else(|| AppError::BadInput(format!("没有“{id}”这种大事")))
    }
}

impl Room {
    /// Whether the actor may register, confirm or take back for this person there.
    async fn may(
        &self,
        tx: &mut Tx,
        region: RegionCode,
        person: Option<PersonId>,
        state: RecordState,
    ) -> Result<()> {
        let record = Record {
            region: Some(region),
            subjects: person.into_iter().collect(),
            state,
            level: FieldLevel::L3,
        };
        let near = match person {
            Some(person) => crate::order::registered(tx, person, self.now).await?.family,
            None => Default::default(),
        };
        let near: Vec<PersonId> = near.into_iter().collect();
        let may = self
            .ctx
            .authorise(tx, Action::KeepLife, record, &near, self.now);
        may.await.map(drop)
    }

    /// The house itself, for steps nobody needs to confirm.
    fn itself(&self) -> Room {
        Room {
            ctx: itself(&self.ctx.request),
            ..self.clone()
        }
    }
}

/// The house itself.
fn itself(request: &str) -> Context {
    Context {
        actor: Actor {
            account: "clockwork".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Duty,
        request: request.to_owned(),
    }
}

/// What may not come twice: a death for the whole of a life, others for a day; of births
/// the `nth` child of it.
fn once(kind: &LifeKind, day: Date, nth: u32) -> String {
    match kind.writes {
        Writes::Died => "life".to_owned(),
        Writes::Joined | Writes::Nothing => day.to_string(),
        // The first of a day as every other event; its twin is another.
        Writes::Born if nth <= 1 => day.to_string(),
        Writes::Born => format!("{day}/{nth}"),
    }
}
