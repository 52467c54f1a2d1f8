//! 「身后一件事」 A joint case opened from a life event: one act, and every department the
//! pack names begins at once, each with its own days. Taken back, the case is withdrawn;
//! what a department has done by then only that department can undo.

use super::Room;
use crate::{AppError, Context, Result};
use engine_access::Purpose;
use engine_case::{Act, Channel, Member, Opened, PartResult, Phase};
use engine_registry::{Config, LifeEvent, LifeStep};
use kernel::{CaseId, HouseholdId, PersonId, age_on};
use store::{RegisterSlice, Tx};

/// Of age (民法典 第十七条).
const ADULT: u32 = 18;

impl Room {
    /// Opens the joint case of a step; gives it and what came of it.
    pub(super) async fn open_joint(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        step: &LifeStep,
    ) -> Result<(CaseId, String)> {
        let one = self.consequence(event, step);
        let joint = one.and_then(|one| one.case.clone());
        let joint = joint.ok_or_else(|| AppError::Fault("a case nobody named".to_owned()))?;
        let begun = &event.begun;
        let home = begun.household;
        let home = home.ok_or_else(|| AppError::BadInput("底册里没有这一户".to_owned()))?;
        let (applicant, members) = self.family(tx, begun.person, home).await?;
        let opened = Opened {
            // Numbered when it is opened.
            case: CaseId(0),
            service: joint,
            applicant,
            beneficiary: applicant,
            household: home,
            members,
            region: begun.region,
            channel: Channel::Window,
            part_of: None,
        };
        let context = Context {
            purpose: Purpose::Counter,
            ..self.ctx.clone()
        };
        let handled = self.app.desk(&context).begin_for(tx, opened).await?;
        let parts = tx.case(handled.case).await?.state.parts.len();
        let told = format!("办件 {} 建好了，{parts} 项同时办", handled.case);
        Ok((handled.case, told))
    }

    /// Who asks, and whose case it is: whoever the event is about, if they are of the family
    /// as it is now; else its head first; of somebody who lived alone, themselves.
    async fn family(
        &self,
        tx: &mut Tx,
        person: PersonId,
        home: HouseholdId,
    ) -> Result<(PersonId, Vec<Member>)> {
        let today = self.now.today();
        let slice = RegisterSlice {
            households: [home].into(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let household = register.households.get(&home);
        let adult = |person: &PersonId| {
            let born = register.people.get(person);
            let born = born.and_then(|one| one.born(&Config::default()));
            born.is_none_or(|born| age_on(born, today).is_none_or(|age| age >= ADULT))
        };
        let ids = household.into_iter().flat_map(|one| one.members_on(today));
        let members: Vec<Member> = ids
            .map(|one| Member {
                person: one.person,
                adult: adult(&one.person),
            })
            .collect();
        let own = members.iter().find(|one| one.adult && one.person == person);
        let own = own.map(|one| one.person);
        let head = household.and_then(|one| one.head_on(today));
        let grown = members.iter().find(|one| one.adult).map(|one| one.person);
        let head = own.or(head.filter(adult)).or(grown);
        Ok(match head {
            Some(applicant) => (applicant, members),
            None => {
                let alone = Member {
                    person,
                    adult: true,
                };
                (person, vec![alone])
            }
        })
    }

    /// Withdraws it; `Err`: which departments have done their part and must undo it.
    pub(super) async fn close_joint(
        &self,
        tx: &mut Tx,
        id: CaseId,
    ) -> Result<std::result::Result<String, String>> {
        let case = tx.case(id).await?.state;
        let granted = |part: &&engine_case::PartState| {
            let answer = part.answer.as_ref();
            answer.is_some_and(|one| one.result == PartResult::Granted)
        };
        let done: Vec<String> = case
            .parts
            .values()
            .filter(granted)
            .map(|part| self.app.law.department(&part.department))
            .collect();
        if case.phase != Phase::Withdrawn && case.phase != Phase::Completed {
            let context = Context {
                purpose: Purpose::Case(id),
                ..self.ctx.clone()
            };
            self.app.desk(&context).act(tx, id, Act::Withdraw).await?;
        }
        Ok(match done.is_empty() {
            true => Ok(format!("办件 {id} 撤回了，没有部门办过")),
            false => Err(format!("办件 {id} 里办过的：{}", done.join("、"))),
        })
    }
}
