//! 「发消息」 Messages leave the house: work from the outbox is handed to the SMS
//! centre, receipts are fetched, what nobody received ends on the phone list. A
//! crash at any point sends nothing twice: the centre knows an attempt by its key.
//! Absent on purpose: what is written (the case's), which channel is next (the
//! engine's).

mod inbox;
mod send;

#[cfg(test)]
mod tests;

pub use send::{Carried, SmsLine};

use crate::case::{SEND, ToSend};
use crate::{AppError, Result};
use engine_notify::{Channel, Command, Config, State, What, decide};
use kernel::{Actor, Instant, MessageId, Now};
use store::Tx;

/// Work for whoever fetches receipts. Body: [`ToSend`].
pub const RECEIPT: &str = "message.receipt";

/// Pause before the next try, minutes, doubled each time.
const PAUSE: i64 = 1;

/// Does one thing to a message and puts the work that follows into the outbox, in
/// the caller's transaction.
async fn step(tx: &mut Tx, id: MessageId, command: Command, by: &Actor, now: Now) -> Result<State> {
    let loaded = tx.message(id).await?;
    let mut state = loaded.state;
    let events = decide(&state, by, command, &Config::default(), now);
    let events = events.map_err(AppError::refused)?;
    events.iter().for_each(|event| state.apply(event));
    tx.save_message(loaded.version, &state, &events, by, now)
        .await?;
    let first_new = state.attempts.len() - events.iter().filter(|e| is_attempt(&e.what)).count();
    for attempt in first_new..state.attempts.len() {
        let Some(next) = state.attempts.get(attempt) else {
            continue;
        };
        if next.channel != Channel::Phone {
            let work = ToSend {
                message: id,
                attempt,
            };
            let key = format!("{id}/{attempt}");
            tx.publish(SEND, &key, &work, now, due(now, next.try_no))
                .await?;
        }
    }
    Ok(state)
}

fn is_attempt(what: &What) -> bool {
    matches!(what, What::Attempt { .. })
}

/// The first try of a channel at once, later ones after a pause.
fn due(now: Now, try_no: u32) -> Instant {
    let doubled = i64::from(try_no.saturating_sub(1)).min(6);
    match doubled {
        0 => now.at,
        n => now.at + chrono::TimeDelta::minutes(PAUSE << n),
    }
}
