//! 「收件箱与电话名单」 A person reads what was written to them; an officer rings up
//! whom no message reached.

use super::step;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_notify::{Channel, Command, State, Status};
use kernel::{FieldLevel, MessageId, Now, RegionCode};
use store::{Reply, Tx};

impl App {
    /// 收件箱 Everything written to the actor, oldest first. Reading is receiving:
    /// what lay in the inbox counts as delivered from now on.
    ///
    /// # Errors
    /// Refused to machines; the store's.
    pub async fn inbox(&self, context: &Context) -> Result<Vec<State>> {
        let (context, now) = (context.clone(), self.now());
        let read = async move |tx: &mut Tx| {
            let Some(person) = context.actor.person else {
                return Err(AppError::refused(engine_access::Refusal::NotAPerson));
            };
            let record = Record {
                region: None,
                subjects: vec![person],
                state: RecordState::None,
                level: FieldLevel::L4,
            };
            context
                .authorise(tx, Action::ReadPerson, record, &[], now)
                .await?;
            let mut messages = Vec::new();
            for loaded in tx.messages_to(person).await? {
                messages.push(received(tx, &context, loaded.state, now).await?);
            }
            Ok(messages)
        };
        self.db.write(read).await
    }

    /// 电话名单 Messages no channel carried, of cases under a region the actor works
    /// for.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn phone_list(&self, context: &Context, region: RegionCode) -> Result<Vec<State>> {
        let (context, now) = (context.clone(), self.now());
        let list = async move |tx: &mut Tx| {
            allowed(tx, &context, region, now).await?;
            let mut messages = Vec::new();
            for loaded in tx.messages_in(Status::ToCall).await? {
                if region_of(tx, &loaded.state)
                    .await?
                    .is_some_and(|r| region.contains(r))
                {
                    messages.push(loaded.state);
                }
            }
            let count = messages.len();
            context
                .record(
                    tx,
                    "message.phone_list",
                    &format!("region:{region}"),
                    &count,
                    now,
                )
                .await?;
            Ok::<_, AppError>(messages)
        };
        self.db.look(list).await
    }

    /// 打过电话 An officer rang up; `reached` closes the message.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn called(
        &self,
        context: &Context,
        message: MessageId,
        how: String,
        reached: bool,
    ) -> Result<Reply<Status>> {
        let key = context.key("message.called", &(message, &how, reached))?;
        let (context, now) = (context.clone(), self.now());
        let call = async move |tx: &mut Tx| {
            let (how, context) = (how.clone(), &context);
            let does = async move |tx: &mut Tx| {
                let state = tx.message(message).await?.state;
                let region = region_of(tx, &state).await?;
                let region = region.ok_or_else(|| {
                    AppError::BadInput("这条消息不属于任何办件，不在电话名单上".to_owned())
                })?;
                allowed(tx, context, region, now).await?;
                let subject = format!("message:{message}");
                context
                    .record(tx, "message.called", &subject, &(&how, reached), now)
                    .await?;
                let command = Command::Called { how, reached };
                let state = step(tx, message, command, &context.actor, now).await?;
                Ok::<_, AppError>(state.status)
            };
            tx.idempotent(&key, now, does).await
        };
        self.db.write(call).await
    }
}

/// What lay in the inbox is received by being read.
async fn received(tx: &mut Tx, context: &Context, state: State, now: Now) -> Result<State> {
    let lying = state.attempts.iter().position(|attempt| {
        attempt.channel == Channel::InApp && attempt.state != engine_notify::AttemptState::Delivered
    });
    let id = state.message.as_ref().map(|message| message.id);
    match (lying, id) {
        (Some(attempt), Some(id)) => {
            let command = Command::Delivered { attempt };
            step(tx, id, command, &context.actor, now).await
        }
        _ => Ok(state),
    }
}

async fn region_of(tx: &mut Tx, state: &State) -> Result<Option<RegionCode>> {
    let case = state.message.as_ref().and_then(|message| message.case);
    Ok(match case {
        Some(case) => tx
            .case(case)
            .await?
            .state
            .opened
            .map(|opened| opened.region),
        None => None,
    })
}

async fn allowed(tx: &mut Tx, context: &Context, region: RegionCode, now: Now) -> Result<()> {
    let record = Record {
        region: Some(region),
        subjects: Vec::new(),
        state: RecordState::Open,
        level: FieldLevel::L2,
    };
    context
        .authorise(tx, Action::ReadCase, record, &[], now)
        .await?;
    Ok(())
}
