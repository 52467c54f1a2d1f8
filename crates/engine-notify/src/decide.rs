//! 「发送」 The verbs of a message. A receipt told again, or told late of a message
//! that already arrived, yields no event and is no refusal.

use crate::model::{AttemptState, Channel, Command, Config, Event, Message, State, Status, What};
use crate::refusal::Refusal;
use kernel::{Actor, Now};

/// Decides a command. `by` is who or what brings it (the sender, a person).
pub fn decide(
    state: &State,
    by: &Actor,
    command: Command,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let what = match command {
        Command::Queue(message) => queue(state, message, config)?,
        _ if state.message.is_none() => return Err(Refusal::NoMessage),
        Command::Sent { attempt, reference } => match attempt_state(state, attempt)? {
            AttemptState::Queued => vec![What::Sent { attempt, reference }],
            _ => Vec::new(),
        },
        Command::Delivered { attempt } => match attempt_state(state, attempt)? {
            AttemptState::Delivered => Vec::new(),
            // A receipt may overtake the word that it was sent, and one may come
            // after the attempt was given up: it arrived all the same.
            _ => vec![What::Delivered { attempt }],
        },
        Command::Failed { attempt, why } => match attempt_state(state, attempt)? {
            AttemptState::Queued | AttemptState::Sent => fail(state, attempt, why, config),
            AttemptState::Delivered | AttemptState::Failed(_) => Vec::new(),
        },
        Command::Tick => tick(state, config, now),
        Command::Called { how, reached } => {
            if by.person.is_none() || !by.role.is_human() {
                return Err(Refusal::NotAPerson);
            }
            match state.status {
                Status::ToCall => vec![What::Called { how, reached }],
                Status::Delivered if reached => Vec::new(),
                _ => return Err(Refusal::NotOnPhoneList),
            }
        }
    };
    let event = |what| Event {
        by: by.clone(),
        at: now.at,
        what,
    };
    Ok(what.into_iter().map(event).collect())
}

fn queue(state: &State, message: Message, config: &Config) -> Result<Vec<What>, Refusal> {
    if let Some(known) = &state.message {
        // The same message again is a retry of the caller, not a second message.
        return match *known == message {
            true => Ok(Vec::new()),
            false => Err(Refusal::QueuedAlready),
        };
    }
    if message.text.trim().is_empty() {
        return Err(Refusal::NoText);
    }
    let first = channels(&message, config).next().unwrap_or(Channel::Phone);
    Ok(vec![
        What::Queued(message),
        What::Attempt {
            channel: first,
            try_no: 1,
        },
    ])
}

fn attempt_state(state: &State, attempt: usize) -> Result<&AttemptState, Refusal> {
    let attempt = state.attempts.get(attempt).ok_or(Refusal::NoAttempt)?;
    Ok(&attempt.state)
}

/// The channels this message can take, in order; the phone list is always last.
fn channels(message: &Message, config: &Config) -> impl Iterator<Item = Channel> {
    let usable = |channel: &Channel| match channel {
        Channel::InApp => message.to.inbox,
        Channel::Sms => message.to.mobile && message.sms.is_some(),
        Channel::Phone => false,
    };
    let mut order: Vec<Channel> = config.order.iter().copied().filter(usable).collect();
    order.push(Channel::Phone);
    order.into_iter()
}

/// The attempt fails; the next one follows at once: the same channel again, the
/// next channel, at last the phone list. A failure of an attempt already given up
/// starts nothing.
fn fail(state: &State, attempt: usize, why: String, config: &Config) -> Vec<What> {
    let mut what = vec![What::Failed { attempt, why }];
    let current = attempt + 1 == state.attempts.len();
    let (Some(message), Some(failed)) = (&state.message, state.attempts.get(attempt)) else {
        return what;
    };
    if !current || state.status == Status::Delivered || failed.channel == Channel::Phone {
        return what;
    }
    let next = match failed.try_no < config.tries {
        true => (failed.channel, failed.try_no + 1),
        false => (after(failed.channel, message, config), 1),
    };
    what.push(What::Attempt {
        channel: next.0,
        try_no: next.1,
    });
    what
}

fn after(channel: Channel, message: &Message, config: &Config) -> Channel {
    let mut order = channels(message, config).skip_while(|c| *c != channel);
    order.nth(1).unwrap_or(Channel::Phone)
}

/// A message handed over long ago without a receipt goes to the next channel; the
/// old attempt stays open, a late receipt still counts.
fn tick(state: &State, config: &Config, now: Now) -> Vec<What> {
    let patience = chrono::TimeDelta::minutes(config.patience_minutes);
    let late = state.under_way().filter(|(_, attempt)| {
        let since = attempt.sent_at.unwrap_or(attempt.queued_at);
        attempt.state == AttemptState::Sent && now.at - since >= patience
    });
    match (late, &state.message) {
        (Some((_, attempt)), Some(message))
            if attempt.channel != Channel::Phone && state.status != Status::Delivered =>
        {
            let channel = after(attempt.channel, message, config);
            vec![What::Attempt { channel, try_no: 1 }]
        }
        _ => Vec::new(),
    }
}
