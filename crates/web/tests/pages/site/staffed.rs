//! Accounts with a grant somewhere else, or none any more: what relations to a place
//! are tested with.

use super::{PASSWORD, admin, now, secret};
use app::App;
use app::sign_in::{NewAccount, Token, code_at};
use engine_access::{Grant, GrantCommand, Holder};
use kernel::*;

/// How somebody's grant stands to the family's county.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Over the county.
    Inside,
    /// Over its neighbour.
    Elsewhere,
    /// Over the county, taken back.
    Before,
}

/// A session of a new account with that role and grant.
pub(crate) async fn staffed(app: &App, id: i64, role: Role, held: Held) -> Token {
    let login = format!("{role:?}{held:?}{id}");
    let person = PersonId(id);
    let new = NewAccount {
        login: login.clone(),
        person,
        role,
        name: login.clone(),
        password: Some(PASSWORD.to_owned()),
        totp: Some(secret(role)),
    };
    app.open_account(&admin(0, format!("account/{login}")), new)
        .await
        .unwrap();
    let holder = Holder::Person(person);
    let region = match held {
        Held::Elsewhere => "990102",
        _ => super::COUNTY,
    };
    let grant = Grant {
        holder: holder.clone(),
        role,
        region: region.parse().unwrap(),
        from: now().today().pred_opt().unwrap(),
        to: None,
    };
    let steps = [
        (0, Some(GrantCommand::Propose(grant))),
        (1, Some(GrantCommand::Approve(0))),
        (0, (held == Held::Before).then_some(GrantCommand::Revoke(0))),
    ];
    for (nth, (by, step)) in steps.into_iter().enumerate() {
        if let Some(step) = step {
            let ctx = admin(by, format!("grant/{login}/{nth}"));
            app.grant(&ctx, holder.clone(), step).await.unwrap();
        }
    }
    let code = code_at(&secret(role), now().at).unwrap();
    app.sign_in(&login, PASSWORD, Some(&code)).await.unwrap()
}

/// A session of a resident's account.
pub(crate) async fn resident(app: &App, login: &str, person: PersonId, role: Role) -> Token {
    let new = NewAccount {
        login: login.to_owned(),
        person,
        role,
        name: login.to_owned(),
        password: Some(PASSWORD.to_owned()),
        totp: None,
    };
    app.open_account(&admin(0, format!("account/{login}")), new)
        .await
        .unwrap();
    app.sign_in(login, PASSWORD, None).await.unwrap()
}
