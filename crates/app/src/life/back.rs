//! 「撤回」 A mistaken event: each step that was done is taken back, the last first; where
//! the house cannot, the step says who must act.

use super::Room;
use crate::payment::resume_right;
use crate::{AppError, Result};
use engine_registry::{Does, LifeCommand, LifeEvent, LifeStep, StepState, Writes};
use kernel::{BookingId, CaseId, DecisionId, EntitlementId};
use store::Tx;

impl Room {
    /// Takes back every step that was done.
    pub(super) async fn take_back(&self, tx: &mut Tx, event: LifeEvent) -> Result<LifeEvent> {
        let done = event.steps.iter().rev();
        let done = done.filter(|one| matches!(one.state, StepState::Done { .. }));
        let mut now = event.clone();
        for step in done {
            let came = self.reversal(tx, &event, step).await?;
            let no = step.no;
            now = self
                .step(tx, event.begun.id, LifeCommand::Back { no, came })
                .await?;
        }
        Ok(now)
    }

    /// What came of taking a step back; `Err` within: who must do what.
    async fn reversal(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        step: &LifeStep,
    ) -> Result<std::result::Result<String, String>> {
        let (begun, what) = (&event.begun, &step.step);
        let mark = match step.state {
            StepState::Done { mark, .. } => mark,
            _ => None,
        };
        let by_hand = |says: &str| Err(format!("请{}办：{says}", what.who));
        Ok(match (what.does, what.about, mark) {
            (Does::Register, ..) => {
                let came = match self.app.life_kind(&begun.kind)?.writes {
                    Writes::Joined => self.unjoin(tx, event, mark).await?,
                    Writes::Born => self.unwrite_child(tx, event, mark).await?,
                    Writes::Died | Writes::Nothing => self.unwrite_death(tx, event).await?,
                };
                came.or_else(|says| by_hand(&says))
            }
            (Does::StopPayments, Some(right), Some(decision)) => {
                let (right, decision) = (EntitlementId(right), DecisionId(decision));
                let (by, now) = (&self.ctx.actor, self.now);
                match resume_right(tx, right, decision, by, now).await? {
                    true => Ok("恢复发放，停发的月份照常补".to_owned()),
                    false => by_hand("后来另有决定，看要不要恢复"),
                }
            }
            (Does::FreeStays, Some(booking), _) => {
                let whose = (begun.person, BookingId(booking));
                match self.app.stay_again(tx, &self.ctx, whose).await {
                    Ok(()) => Ok(format!("{} 恢复了", what.says)),
                    Err(AppError::Refused(why)) => {
                        by_hand(&format!("{} 恢复不了（{}），另找一个", what.says, why.says))
                    }
                    Err(other) => return Err(other),
                }
            }
            (Does::CloseCard, ..) => match tx.reopen_card(begun.person, begun.id).await? {
                true => Ok("重新开通了".to_owned()),
                false => by_hand("重新开通"),
            },
            (Does::OpenCase, _, Some(case)) => match self.close_joint(tx, CaseId(case)).await? {
                Ok(says) => Ok(says),
                Err(says) => by_hand(&says),
            },
            (Does::ReviewHousehold, ..) => Ok("提议作废，照原来的算".to_owned()),
            (Does::TellVillage, ..) => {
                let words = self.consequence(event, step).map(|one| one.undone.clone());
                let words = words.unwrap_or_else(|| "先前告诉您的登记错了，已经撤回。".to_owned());
                let told = self.tell_village(tx, event, &words).await?;
                Ok(format!("又告诉了 {told} 位：登记错了"))
            }
            _ => by_hand(&format!("“{}”办过了，请办回去", what.name)),
        })
    }
}
