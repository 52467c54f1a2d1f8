//! 「岗位」 Who holds which role where: proposed by one security administrator,
//! approved by another. The first two are named once, on an empty house.

use crate::App;
use crate::context::Context;
use crate::error::{AppError, Result};
use engine_access::{Action, Grant, GrantCommand, GrantEvent, Grants, Holder, Proposal, Record};
use kernel::{Actor, FieldLevel, PersonId, RegionCode, Role};
use store::{Loaded, Tx};

impl App {
    /// Names the first two security administrators of a house that has none.
    /// Asked again for the same two, nothing changes.
    ///
    /// # Errors
    /// Refused when two are there already and they are others.
    pub async fn found_house(&self, first: [PersonId; 2], region: RegionCode) -> Result<()> {
        let now = self.now();
        self.db
            .write(async move |tx| {
                for (at, person) in first.into_iter().enumerate() {
                    let holder = Holder::Person(person);
                    let mut loaded = tx.grants(&holder).await?;
                    if !loaded.state.grants.is_empty() {
                        continue;
                    }
                    if at == 0 && !tx.audit_of("house").await?.is_empty() {
                        let says = "这里已经有安全管理员了，请由他们授予角色".to_owned();
                        return Err(AppError::BadInput(says));
                    }
                    // Nobody is there yet to propose or approve: the other one is named for both.
                    let by = Actor {
                        account: "founding".to_owned(),
                        person: Some(first[1 - at]),
                        role: Role::SecurityAdministrator,
                    };
                    let grant = Grant {
                        holder: holder.clone(),
                        role: Role::SecurityAdministrator,
                        region,
                        from: now.today(),
                        to: None,
                    };
                    let proposal = Proposal {
                        grant,
                        by: by.clone(),
                    };
                    let events = [
                        GrantEvent::Proposed(proposal),
                        GrantEvent::Approved {
                            proposal: 0,
                            by: by.clone(),
                        },
                    ];
                    events.iter().for_each(|event| loaded.state.apply(event));
                    tx.save_grants(&holder, &loaded, &events, &by, now).await?;
                    let ctx = Context {
                        actor: by,
                        purpose: engine_access::Purpose::Administration,
                        request: format!("found/{person}"),
                    };
                    ctx.record(tx, "access.found", "house", &person, now)
                        .await?;
                }
                Ok(())
            })
            .await
    }

    /// Proposes, approves or revokes a grant of `holder`.
    ///
    /// # Errors
    /// Refused to anybody but security administrators, to one person acting
    /// twice, and for roles that may not meet in one human being.
    pub async fn grant(&self, ctx: &Context, holder: Holder, command: GrantCommand) -> Result<()> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                ctx.authorise(tx, Action::GrantRole, nowhere(), &[], now)
                    .await?;
                let loaded = tx.grants(&holder).await?;
                let event = loaded
                    .state
                    .decide(&ctx.actor, command.clone(), now)
                    .map_err(AppError::refused)?;
                keep(tx, &ctx, &holder, loaded, event, now).await
            })
            .await
    }

    /// Everybody's grants and proposals, by the holder's name.
    ///
    /// # Errors
    /// Refused to anybody but security administrators.
    pub async fn staff(&self, ctx: &Context) -> Result<Vec<(String, Grants)>> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .read(async move |tx| {
                ctx.authorise(tx, Action::GrantRole, nowhere(), &[], now)
                    .await?;
                Ok::<_, AppError>(tx.all_grants().await?)
            })
            .await
    }

    /// The grants and proposals of a holder.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn grants_of(&self, holder: Holder) -> Result<Grants> {
        self.db
            .read(async move |tx| Ok::<_, AppError>(tx.grants(&holder).await?.state))
            .await
    }
}

/// Who works here belongs to no place.
fn nowhere() -> Record {
    Record::of_place(None, FieldLevel::L1)
}

async fn keep(
    tx: &mut Tx,
    ctx: &Context,
    holder: &Holder,
    mut loaded: Loaded<Grants>,
    event: GrantEvent,
    now: kernel::Now,
) -> Result<()> {
    loaded.state.apply(&event);
    let events = [event];
    tx.save_grants(holder, &loaded, &events, &ctx.actor, now)
        .await?;
    ctx.record(tx, "access.grant", "grants", &events, now).await
}
