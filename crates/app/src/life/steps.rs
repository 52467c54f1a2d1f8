//! 「接着要做的」 What follows for this person, found when the event is registered; and the
//! doing of one step. A right ends with the month of the event: that month is paid whole.

use super::Room;
use super::act::Whom;
use super::born::CHILD_FIRST;
use crate::payment::stop_right;
use crate::{AppError, Result, access, hook};
use engine_notify::{Message, Recipient};
use engine_payment::Beneficiary;
use engine_registry::{Consequence, Does, LifeEvent, LifeKind, LifeStep, NewStep, Writes};
use kernel::{BookingId, Date, EntitlementId, MessageId, Period, PersonId, Role, add_days};
use store::Tx;

/// Told outside the house without a word of what it is about.
const SMS: &str = "您管的村（社区）有一件事要您看。请登录“暖心”在消息里看。";

/// What the event writes into the register, as a step. A child nobody has a number for yet
/// waits for a person; one a delivery brought is there already.
fn into_register(kind: &LifeKind, child: Option<PersonId>) -> Option<NewStep> {
    let (name, says, confirm) = match kind.writes {
        Writes::Died => ("底册记下去世的日子", "", false),
        Writes::Joined => ("底册上成一户", "两个人住在一起，才算一户", true),
        Writes::Born => (
            "孩子写进底册",
            "公安给了号码以后，写进妈妈那一户",
            child.is_none(),
        ),
        Writes::Nothing => return None,
    };
    Some(NewStep {
        consequence: kind.id.clone(),
        name: name.to_owned(),
        does: Does::Register,
        about: child.map(|child| child.0),
        says: says.to_owned(),
        confirm,
        who: "镇（街道）民政办".to_owned(),
        due: None,
    })
}

impl Room {
    /// Every step that follows here.
    pub(super) async fn steps(
        &self,
        tx: &mut Tx,
        kind: &LifeKind,
        whom: &Whom,
        (day, child): (Date, Option<PersonId>),
    ) -> Result<Vec<NewStep>> {
        let mut found: Vec<NewStep> = into_register(kind, child).into_iter().collect();
        for one in &kind.then {
            let step = |about: Option<i64>, says: String| NewStep {
                consequence: one.id.clone(),
                name: one.name.clone(),
                does: one.does,
                about,
                says,
                confirm: one.confirm,
                who: one.who.clone(),
                due: one.days.and_then(|days| add_days(self.now.today(), days)),
            };
            match one.does {
                Does::StopPayments => {
                    let whose = Beneficiary::Person(whom.person);
                    for right in tx.entitlements_of(whose).await? {
                        let (right, month) = (right.state, Period::of(day));
                        if right.last_month().is_none_or(|last| last > month) {
                            let name = self.app.service_name(&right.programme);
                            let last = format!("{name}，发到 {month} 为止");
                            found.push(step(Some(right.id.0), last));
                        }
                    }
                }
                Does::FreeStays => {
                    for (line, at) in self.app.stays_of(tx, whom.person).await? {
                        found.push(step(Some(line.id.0), at));
                    }
                }
                Does::CloseCard => {
                    if tx.card_of(whom.person).await?.is_some() {
                        found.push(step(None, String::new()));
                    }
                }
                Does::TellVillage => found.push(step(None, one.says.clone())),
                Does::ReviewHousehold => {
                    for (right, says) in self.rights_of_home(tx, whom, day).await? {
                        found.push(step(Some(right.0), says));
                    }
                }
                Does::OpenCase | Does::ByHand => found.push(step(None, String::new())),
                Does::Register => {}
            }
        }
        Ok(found)
    }

    /// Does one step: what came of it, and what taking it back needs to know.
    pub(super) async fn perform(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        step: &LifeStep,
        says: &str,
    ) -> Result<(String, Option<i64>)> {
        let (begun, what) = (&event.begun, &step.step);
        let lost = || AppError::Fault("a step about nothing".to_owned());
        match what.does {
            Does::Register => self.write(tx, event, step).await,
            Does::StopPayments => {
                let id = EntitlementId(what.about.ok_or_else(lost)?);
                let last = Period::of(begun.day);
                let decision = stop_right(tx, id, last, &self.ctx.actor, self.now).await?;
                let service = tx.entitlement(id).await?.state.programme;
                let ended = (&service, begun.person, last);
                hook::of_end(tx, self.app.law(), ended, decision, self.now).await?;
                Ok((what.says.clone(), Some(decision.0)))
            }
            Does::FreeStays => {
                let id = BookingId(what.about.ok_or_else(lost)?);
                let app = &self.app;
                app.free_stay(tx, &self.ctx, id, &what.name).await?;
                Ok((format!("{} 腾出来了", what.says), None))
            }
            Does::CloseCard => {
                tx.close_card(begun.person, begun.id).await?;
                Ok(("停用了".to_owned(), None))
            }
            Does::TellVillage => {
                let told = self.tell_village(tx, event, &what.says).await?;
                match told {
                    0 => Ok(("这个村（社区）没有在岗的人，没有告诉到".to_owned(), None)),
                    told => Ok((format!("告诉了 {told} 位"), None)),
                }
            }
            Does::OpenCase => {
                let (case, told) = self.open_joint(tx, event, step).await?;
                Ok((told, Some(case.0)))
            }
            // What was proposed is what is confirmed; the right changes in its own case.
            Does::ReviewHousehold if self.awaits_child(event) => {
                Err(AppError::BadInput(CHILD_FIRST.to_owned()))
            }
            Does::ReviewHousehold => Ok((format!("照提议去办：{}", what.says), None)),
            Does::ByHand => match says.trim() {
                "" => Err(AppError::refused(engine_registry::LifeRefusal::NoWords)),
                says => Ok((says.to_owned(), None)),
            },
        }
    }

    /// What the event says of the register, written.
    async fn write(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        step: &LifeStep,
    ) -> Result<(String, Option<i64>)> {
        let begun = &event.begun;
        let writes = self.app.life_kind(&begun.kind)?.writes;
        match (writes, begun.other, step.step.about) {
            (Writes::Joined, Some(other), _) => self.join(tx, begun, other).await,
            (Writes::Died, ..) => {
                self.write_death(tx, begun).await?;
                Ok((format!("{} 去世，离开家庭", begun.day), None))
            }
            (Writes::Born, _, Some(child)) => {
                let says = "部门数据已经把孩子写进妈妈那一户".to_owned();
                Ok((says, Some(child)))
            }
            (Writes::Born, ..) => Err(AppError::BadInput(CHILD_FIRST.to_owned())),
            _ => Err(AppError::Fault("nothing to write".to_owned())),
        }
    }

    /// Tells whoever works in the village. How many there are.
    pub(super) async fn tell_village(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        says: &str,
    ) -> Result<usize> {
        let region = event.begun.region;
        let today = self.now.today();
        let workers = access::holders(tx, Role::VillageWorker, region, today).await?;
        let occasion = "life_event".parse();
        let occasion: kernel::Slug =
            occasion.map_err(|_| AppError::Fault("occasion".to_owned()))?;
        for person in &workers {
            let message = Message {
                id: MessageId(tx.next_id("message").await?),
                occasion: occasion.clone(),
                to: Recipient {
                    person: *person,
                    mobile: false,
                    inbox: true,
                },
                case: None,
                text: format!("{}：{says}", self.app.place(region)),
                sms: Some(SMS.to_owned()),
                proof_wanted: false,
            };
            crate::case::queue(tx, message, &self.ctx.actor, self.now).await?;
        }
        Ok(workers.len())
    }

    /// The consequence a step came from, as its pack says it.
    pub(super) fn consequence(&self, event: &LifeEvent, step: &LifeStep) -> Option<&Consequence> {
        let kind = self.app.life_kind(&event.begun.kind).ok()?;
        kind.consequence(&step.step.consequence)
    }
}
