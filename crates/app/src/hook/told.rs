//! 「推送情况」 Every address for the monitoring page: what it took, what waits, what is
//! dead and why; and what a person may do: stop it, let it go on, try the dead again.

use super::topic;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_pool::hook::{Hook, Stopped};
use kernel::{Date, FieldLevel, RegionCode, Slug};
use serde::Serialize;
use store::{Loaded, Tx};

/// The most dead events shown of one address.
const DEAD_SHOWN: u32 = 20;
/// The longest reason.
const REASON_MAX: usize = 200;

/// An address, as people see it.
#[derive(Clone, Debug)]
pub struct HookView {
    /// The agreement.
    pub agreement: Slug,
    /// What it is called.
    pub name: String,
    /// With whom.
    pub party: String,
    /// Its last day; `None`: it is in no pack any more.
    pub until: Option<Date>,
    /// Whether it runs today.
    pub runs: bool,
    /// Of what the party is told.
    pub events: Vec<&'static str>,
    /// Where it stands.
    pub hook: Hook,
    /// Events that wait.
    pub waiting: i64,
    /// Events nobody tries any more.
    pub dead: Vec<HookDead>,
}

/// A dead event.
#[derive(Clone, Debug)]
pub struct HookDead {
    /// Its id.
    pub id: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong last.
    pub why: String,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct HookTold {
    /// Those in trouble first.
    pub lines: Vec<HookView>,
    /// Those in trouble.
    pub troubled: usize,
}

/// What a person may do with an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum HookCommand {
    /// 停发
    Stop {
        /// Why.
        why: String,
    },
    /// 恢复
    GoOn,
    /// 再发 Tries its dead events again.
    Revive,
}

impl HookView {
    /// Whether somebody must look.
    pub fn is_troubled(&self) -> bool {
        !self.dead.is_empty()
            || !self.runs
            || self.hook.wait_until.is_some()
            || !self.hook.is_open()
    }

    /// How it stands, in a word.
    pub fn says(&self) -> &'static str {
        match (&self.hook.stopped, self.runs) {
            (Some(Stopped::ByPerson { .. }), _) => "停着",
            (Some(Stopped::Gone { .. }), _) => "对方不收了",
            (Some(Stopped::Unlisted { .. }), _) => "不在专线文件里",
            (None, false) => "协议不在有效期",
            (None, true) if self.hook.wait_until.is_some() => "等着再发",
            (None, true) if !self.dead.is_empty() => "有没发成的",
            (None, true) => "在发",
        }
    }
}

impl App {
    /// 推送情况 Every address.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn hooks(&self, ctx: &Context, region: RegionCode) -> Result<HookTold> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                app.may_count(tx, &ctx, region).await?;
                app.hooks_in(tx).await
            })
            .await
    }

    pub(crate) async fn hooks_in(&self, tx: &mut Tx) -> Result<HookTold> {
        let mut lines = Vec::new();
        for (agreement, hook) in tx.hooks().await? {
            lines.push(self.hook_view(tx, agreement, hook).await?);
        }
        lines.sort_by_key(|one: &HookView| (!one.is_troubled(), one.name.clone()));
        Ok(HookTold {
            troubled: lines.iter().filter(|one| one.is_troubled()).count(),
            lines,
        })
    }

    async fn hook_view(&self, tx: &mut Tx, id: Slug, hook: Loaded<Hook>) -> Result<HookView> {
        let today = self.now().today();
        let found = self.law.pack.data().agreements.get(&id);
        let dead = tx.dead_letters_of(&topic(&id), DEAD_SHOWN).await?;
        let dead = dead.into_iter().map(|one| HookDead {
            id: one.key,
            attempts: one.attempts,
            why: one.error,
        });
        let events = found.iter().flat_map(|one| &one.events);
        Ok(HookView {
            name: found.map_or_else(|| id.to_string(), |one| one.name.clone()),
            party: found.map_or_else(String::new, |one| one.party_name.clone()),
            until: found.map(|one| one.until),
            runs: found.is_some_and(|one| one.runs_on(today)),
            events: events.map(|one| one.label()).collect(),
            waiting: tx.waiting(&topic(&id)).await?,
            dead: dead.collect(),
            hook: hook.state,
            agreement: id,
        })
    }

    /// 停发、恢复、再发 By a person, with a reason where it stops.
    ///
    /// # Errors
    /// A refusal; nobody is told by this agreement; the store's.
    pub async fn on_hook(
        &self,
        ctx: &Context,
        region: RegionCode,
        agreement: &Slug,
        command: HookCommand,
    ) -> Result<()> {
        if let HookCommand::Stop { why } = &command
            && (why.trim().is_empty() || why.chars().count() > REASON_MAX)
        {
            let says = format!("请写明为什么停，最多 {REASON_MAX} 个字");
            return Err(AppError::BadInput(says));
        }
        let (ctx, now, id) = (ctx.clone(), self.now(), agreement.clone());
        self.db
            .write(async move |tx: &mut Tx| {
                let record = Record::of_place(region, FieldLevel::L1);
                // Whoever may say yes or no to sharing may stop it.
                ctx.authorise(tx, Action::AnswerShare, record, &[], now)
                    .await?;
                let mut hook = tx.hook(&id).await?;
                if hook.version == 0 {
                    return Err(AppError::BadInput("没有这个推送".to_owned()));
                }
                let by_person = matches!(hook.state.stopped, Some(Stopped::ByPerson { .. }));
                match &command {
                    HookCommand::Stop { why } if hook.state.is_open() => {
                        hook.state.stopped = Some(Stopped::ByPerson {
                            by: ctx.actor.clone(),
                            why: why.trim().to_owned(),
                            at: now.at,
                        });
                    }
                    HookCommand::GoOn if by_person => hook.state.stopped = None,
                    HookCommand::Revive => {
                        tx.revive_all(&topic(&id), now).await?;
                        (hook.state.wait_until, hook.state.silences) = (None, 0);
                    }
                    HookCommand::Stop { .. } | HookCommand::GoOn => return Ok(()),
                }
                tx.save_hook(&id, hook.version, &hook.state).await?;
                let subject = format!("agreement:{id}");
                ctx.record(tx, "hook.changed", &subject, &command, now)
                    .await
            })
            .await
    }
}
