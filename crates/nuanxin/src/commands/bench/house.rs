//! 「测速的人」 Who does things in a house that is only measured: two who found it, and the
//! roles a measurement needs. Nobody here is anybody.

use crate::ending::Failure;
use app::{App, Context};
use engine_access::{Grant, GrantCommand, Holder, Purpose};
use kernel::{Actor, Date, PersonId, RegionCode, Role};

/// Somebody doing something.
pub(super) fn by(person: i64, role: Role, purpose: Purpose, request: String) -> Context {
    Context {
        actor: Actor {
            account: format!("bench:{person}"),
            person: Some(PersonId(person)),
            role,
        },
        purpose,
        request,
    }
}

/// Two who keep the house (1 and 2) and those who work in it.
pub(super) async fn hire(
    app: &App,
    region: RegionCode,
    from: Date,
    people: &[(Holder, Role)],
) -> Result<(), Failure> {
    app.found_house([PersonId(1), PersonId(2)], region).await?;
    let admin = |person, request: String| {
        let role = Role::SecurityAdministrator;
        by(person, role, Purpose::Administration, request)
    };
    for (holder, role) in people {
        let grant = Grant {
            holder: holder.clone(),
            role: *role,
            region,
            from,
            to: None,
        };
        let proposed = GrantCommand::Propose(grant);
        let (propose, approve) = (format!("propose/{holder:?}"), format!("approve/{holder:?}"));
        app.grant(&admin(1, propose), holder.clone(), proposed)
            .await?;
        app.grant(&admin(2, approve), holder.clone(), GrantCommand::Approve(0))
            .await?;
    }
    Ok(())
}
