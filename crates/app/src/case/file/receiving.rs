//! 「已经在享受」 What the household and its members are paid already.

use super::Desk;
use crate::{App, Result};
use engine_case::Opened;
use engine_payment::{Beneficiary, Entitlement, Every};
use kernel::{Money, Period};
use store::Tx;

/// One entitlement that still falls due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiving {
    /// The service's name.
    pub name: String,
    /// How much.
    pub amount: Money,
    /// `元/月`.
    pub every: &'static str,
    /// Since which month, or until which.
    pub says: String,
}

pub(super) async fn of(tx: &mut Tx, desk: &Desk, opened: &Opened) -> Result<Vec<Receiving>> {
    let members = opened.members.iter();
    let mut whose = vec![Beneficiary::Household(opened.household)];
    whose.extend(members.map(|member| Beneficiary::Person(member.person)));
    received(tx, &desk.app, whose).await
}

/// What these receive this month or later.
pub(crate) async fn received(
    tx: &mut Tx,
    app: &App,
    whose: Vec<Beneficiary>,
) -> Result<Vec<Receiving>> {
    let month = Period::of(app.now().today());
    let mut found = Vec::new();
    for one in whose {
        for entitlement in tx.entitlements_of(one).await? {
            found.extend(line(app, &entitlement.state, month));
        }
    }
    Ok(found)
}

fn line(app: &App, one: &Entitlement, month: Period) -> Option<Receiving> {
    let (every, soonest) = match one.every {
        Every::Month => ("元/月", month.max(one.from)),
        Every::Year => ("元/年", one.from),
        Every::Once => ("元，一次", one.from),
    };
    let (amount, phase_out) = one.due_in(soonest)?;
    if one.every == Every::Once && one.from < month {
        return None;
    }
    let from = format!("{}年{}月起", one.from.year(), one.from.month());
    Some(Receiving {
        name: app.service_name(&one.programme),
        amount,
        every,
        says: match phase_out {
            true => "渐退期".to_owned(),
            false => from,
        },
    })
}
