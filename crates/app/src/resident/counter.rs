//! 「窗口」 Somebody comes in with their identity card and asks for one thing: the
//! office opens the application on their word. Nothing is looked for: number and name
//! are both on the card, and who cannot say both learns nothing.

use super::behalf::SAID;
use super::home::{Member, members};
use crate::case::{Desk, OpenCase};
use crate::{App, AppError, Result};
use engine_access::{Action, Purpose, Record, RecordState};
use engine_case::{Channel, Phase};
use kernel::{CaseId, FieldLevel, HouseholdId, PersonId, PersonNumber, Slug};
use store::{RegisterSlice, Reply, Tx};

/// What is said wherever somebody cannot be served here: nobody of that number,
/// another name, another place. Which of them, is not said.
const NOBODY: &str = "没有查到归这里办的这位居民。请照着证件核对号码和姓名；\
     户籍和住处都不在这里的，请到那边的窗口办";

/// Who came, and what for.
#[derive(Clone, Debug)]
pub struct CameIn {
    /// The number on the card of who needs it.
    pub number: PersonNumber,
    /// The name on it.
    pub name: String,
    /// What is asked for.
    pub service: Slug,
    /// How they let the office write it: an id of [`SAID`].
    pub said: String,
}

/// Something that is applied for.
#[derive(Clone, Debug)]
pub struct AskedFor {
    /// Which.
    pub service: Slug,
    /// Its name.
    pub name: String,
    /// How people would ask for it.
    pub says: String,
}

impl App {
    /// 能申请什么 The services that are applied for, in the pack's order.
    pub fn asked_for(&self) -> Vec<AskedFor> {
        let services = self.law.pack.services().iter();
        services
            .filter(|one| one.needs_application)
            .map(|one| AskedFor {
                service: one.id.clone(),
                name: one.name.clone(),
                says: one.says.clone(),
            })
            .collect()
    }

    /// 窗口收件 Opens the application of somebody who came in; one begun before is
    /// carried on.
    ///
    /// # Errors
    /// [`AppError::BadInput`]: nobody of that card is served here, it is not said how
    /// they let the office, it is being handled already; a refusal; the store's.
    pub async fn came_in(&self, ctx: &crate::Context, came: CameIn) -> Result<Reply<CaseId>> {
        let how = SAID.iter().find(|(id, _)| *id == came.said);
        let how = how.ok_or_else(|| wrong("请选本人是怎样同意您代办的"))?.1;
        if !self
            .asked_for()
            .iter()
            .any(|one| one.service == came.service)
        {
            return Err(wrong("请选要申请哪一项"));
        }
        let card = (came.number.reveal(), &came.name, &came.service, how);
        let key = ctx.key("case.came_in", &card)?;
        let desk = self.desk(ctx);
        let opened = self.db.write(async move |tx| {
            let does = async |tx: &mut Tx| desk.came_in(tx, &came, how).await;
            tx.idempotent(&key, desk.now, does).await
        });
        let opened = opened.await?;
        let value = opened.value.ok_or_else(|| wrong(NOBODY))?;
        Ok(Reply {
            value,
            repeated: opened.repeated,
        })
    }
}

fn wrong(says: &str) -> AppError {
    AppError::BadInput(says.to_owned())
}

/// Whom a card names, with their household of today.
struct Named {
    person: PersonId,
    household: HouseholdId,
    members: Vec<Member>,
    record: Record,
}

impl Desk {
    /// The case; `None` where nobody of that card is served here. That the card was
    /// typed is on record either way.
    async fn came_in(&self, tx: &mut Tx, came: &CameIn, how: &str) -> Result<Option<CaseId>> {
        if self.context.purpose != Purpose::Counter {
            return Err(AppError::refused(engine_access::Refusal::Purpose));
        }
        let named = self.named(tx, came).await?;
        let permit = match &named {
            Some(named) => {
                let record = named.record.clone();
                let may = self
                    .context
                    .authorise(tx, Action::Apply, record, &[], self.now);
                may.await.ok()
            }
            None => None,
        };
        let served = named.filter(|_| permit.is_some());
        let subject = match &served {
            Some(named) => format!("household:{}", named.household),
            None => "counter".to_owned(),
        };
        self.context
            .record(tx, "counter.card", &subject, &came.service, self.now)
            .await?;
        let Some(named) = served else {
            return Ok(None);
        };
        if let Some(draft) = self.begun(tx, &named, &came.service).await? {
            return Ok(Some(draft));
        }
        let applicant = self.applicant(tx, &named).await?;
        let open = OpenCase {
            service: came.service.clone(),
            applicant,
            beneficiary: Some(named.person),
            household: named.household,
            channel: Channel::Window,
        };
        let case = self.open(tx, open, None).await?.case;
        self.let_by(tx, case, applicant, how).await?;
        Ok(Some(case))
    }

    /// Whom the card names: number and name must both be theirs.
    async fn named(&self, tx: &mut Tx, came: &CameIn) -> Result<Option<Named>> {
        let today = self.now.today();
        for person in tx.people_with(came.number).await? {
            for household in tx.households_with(person).await? {
                let slice = RegisterSlice {
                    households: [household].into(),
                    ..RegisterSlice::default()
                };
                let register = tx.register(&slice).await?;
                let members = members(&register, household, today);
                let same = |one: &Member| one.person == person && one.name == came.name.trim();
                if !members.iter().any(same) {
                    continue;
                }
                let home = register.state.households.get(&household);
                let record = Record {
                    region: home.and_then(|one| one.region_on(today)),
                    subjects: members.iter().map(|one| one.person).collect(),
                    state: RecordState::None,
                    level: FieldLevel::L4,
                };
                return Ok(Some(Named {
                    person,
                    household,
                    members,
                    record,
                }));
            }
        }
        Ok(None)
    }

    /// Who applies: the person themselves, for a child the head of the household.
    async fn applicant(&self, tx: &mut Tx, named: &Named) -> Result<PersonId> {
        let who = named.members.iter().find(|one| one.person == named.person);
        if who.is_none_or(Member::adult) {
            return Ok(named.person);
        }
        let slice = RegisterSlice {
            households: [named.household].into(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?;
        let home = register.state.households.get(&named.household);
        let head = home.and_then(|one| one.head_on(self.now.today()));
        let grown = head.filter(|head| {
            let head = named.members.iter().find(|one| one.person == *head);
            head.is_some_and(Member::adult)
        });
        Ok(grown.unwrap_or(named.person))
    }

    /// A draft of the same, to be carried on.
    ///
    /// # Errors
    /// [`AppError::BadInput`] when it is being handled already.
    async fn begun(&self, tx: &mut Tx, named: &Named, service: &Slug) -> Result<Option<CaseId>> {
        for id in tx.cases_of_household(named.household).await? {
            let case = tx.case(id).await?.state;
            let same = case
                .opened
                .as_ref()
                .is_some_and(|one| one.service == *service && one.beneficiary == named.person);
            if !same || case.is_over() {
                continue;
            }
            let carried_on = case.phase == Phase::Draft && tx.mandate(id).await?.is_some();
            return match carried_on {
                true => Ok(Some(id)),
                false if case.phase == Phase::Draft => {
                    Err(wrong("本人自己已经在填这一项了。请他接着填好交上来"))
                }
                false => Err(wrong(&format!("这一项已经在办了，办件号 {id}。不用再申请"))),
            };
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
