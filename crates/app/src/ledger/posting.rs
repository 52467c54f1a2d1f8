//! 「过账」 The one way anything is written into the ledger, payments included: open an
//! account where there is none, decide on the part of the book a command needs, keep it.

use crate::{AppError, Context, Result};
use engine_ledger::{Bounds, Command, Config, Event, Ledger, Leg, decide};
use kernel::{AccountId, Now, Slug};
use store::Tx;
use store::ledger::LedgerSlice;

/// The account of a name and whether it was opened just now.
pub(crate) async fn opened(
    tx: &mut Tx,
    ctx: &Context,
    name: &str,
    (unit, bounds): (&Slug, Bounds),
    now: Now,
) -> Result<(AccountId, bool)> {
    if let Some(account) = tx.account_named(name).await? {
        return Ok((account.id, false));
    }
    let id = AccountId(tx.next_id("account").await?);
    let command = Command::Open {
        id,
        unit: unit.clone(),
        name: name.to_owned(),
        bounds,
    };
    let empty = Ledger::default();
    let rules = Config::default();
    let events =
        decide(&empty, command, &ctx.actor, "开户", &rules, now).map_err(AppError::refused)?;
    tx.save_ledger(&empty, &events, &ctx.actor, now).await?;
    Ok((id, true))
}

/// Decides commands one after the other on a slice of the book and keeps them.
pub(crate) async fn post(
    tx: &mut Tx,
    ctx: &Context,
    slice: &LedgerSlice,
    commands: Vec<Command>,
    reason: &str,
    now: Now,
) -> Result<Vec<Event>> {
    let before = tx.ledger(slice).await?;
    let mut ledger = before.clone();
    let mut events = Vec::with_capacity(commands.len());
    let rules = Config::default();
    for command in commands {
        let decided =
            decide(&ledger, command, &ctx.actor, reason, &rules, now).map_err(AppError::refused)?;
        for event in &decided {
            ledger.apply(event);
        }
        events.extend(decided);
    }
    tx.save_ledger(&before, &events, &ctx.actor, now).await?;
    Ok(events)
}

/// From one account to another.
pub(crate) fn legs(from: AccountId, to: AccountId, amount: i64) -> Vec<Leg> {
    let leg = |account, amount| Leg { account, amount };
    // An amount comes from typed, positive values: its opposite always fits.
    vec![leg(from, -amount), leg(to, amount)]
}
