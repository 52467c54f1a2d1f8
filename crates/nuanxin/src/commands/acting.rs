//! 「谁在办」 The person named by `--as`, with the role the database grants them. Who
//! stands at the machine gets no right from it: the use case authorises as ever.

use crate::clock::WallClock;
use crate::ending::Failure;
use crate::options::Acting;
use app::{App, Context};
use engine_access::{Holder, Purpose};
use kernel::{Actor, Clock, Role};
use std::collections::BTreeSet;

/// The context of one command: a request of its own.
pub(crate) async fn acts(
    house: &App,
    acting: &Acting,
    purpose: Purpose,
) -> Result<Context, Failure> {
    let person = acting.who;
    let role = match acting.role {
        Some(role) => role,
        None => only_role(house, acting).await?,
    };
    let actor = Actor {
        account: format!("cli:{person}"),
        person: Some(person),
        role,
    };
    Ok(Context {
        actor,
        purpose,
        request: request()?,
    })
}

/// The one role somebody holds today; without any, a citizen like everybody.
async fn only_role(house: &App, acting: &Acting) -> Result<Role, Failure> {
    let today = WallClock.now().today();
    let grants = house.grants_of(Holder::Person(acting.who)).await?.grants;
    let held = grants.iter().filter(|grant| grant.holds_on(today));
    let roles: BTreeSet<String> = held.clone().map(|grant| name(grant.role)).collect();
    if roles.len() > 1 {
        let roles: Vec<String> = roles.into_iter().collect();
        return Err(Failure::BadInput(format!(
            "编号 {} 有几个岗位：{}。请用 --role 说明以哪个岗位办",
            acting.who,
            roles.join("、")
        )));
    }
    Ok(held.map(|grant| grant.role).next().unwrap_or(Role::Citizen))
}

/// A role's stable name.
pub(crate) fn name(role: Role) -> String {
    let name = serde_json::to_value(role).ok();
    let name = name.as_ref().and_then(|name| name.as_str());
    name.unwrap_or_default().to_owned()
}

/// A key nobody used before.
fn request() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|why| Failure::Broken(format!("系统不给随机数：{why}")))?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("cli/{hex}"))
}
