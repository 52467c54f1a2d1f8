//! 「自己家」 The household of who looks, or of whom they act for: found in the
//! register, opened only to who may.

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Permit, Record, RecordState};
use engine_registry::Config;
use kernel::{
    Date, FieldLevel, HouseholdId, Now, PersonId, PersonNumber, RegionCode, Role, age_on,
};
use store::{Register, RegisterSlice, Tx};

/// Of age (民法典 第十七条).
const ADULT: u32 = 18;

/// A household, opened.
pub(super) struct Home {
    pub(super) id: HouseholdId,
    pub(super) region: RegionCode,
    /// On whose behalf: the actor, or whom an agent acts for.
    pub(super) applicant: PersonId,
    pub(super) members: Vec<Member>,
    pub(super) permit: Permit,
}

/// A member, as registered.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) relation: &'static str,
    pub(super) age: Option<u32>,
    pub(super) number: Option<PersonNumber>,
    pub(super) died: bool,
}

impl Member {
    /// Unknown age counts as of age: asked, never passed over.
    pub(super) fn adult(&self) -> bool {
        self.age.is_none_or(|age| age >= ADULT)
    }
}

impl Home {
    /// Opens a household: the named one, or the one the actor lives in.
    ///
    /// # Errors
    /// A refusal; nobody in the register has it.
    pub(super) async fn open(
        tx: &mut Tx,
        ctx: &Context,
        household: Option<HouseholdId>,
        now: Now,
    ) -> Result<Home> {
        let today = now.today();
        let me = ctx.actor.person;
        let me = me.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))?;
        let mine = for_whom(tx, ctx, me, today).await?;
        let (applicant, id) = match household {
            Some(id) => (None, id),
            None => {
                let first = homes_of(tx, &mine, today).await?.into_iter().next();
                let (whose, id) = first.ok_or_else(unknown)?;
                (Some(whose), id)
            }
        };
        let slice = RegisterSlice {
            households: [id].into(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?;
        let members = members(&register, id, today);
        let region = register.state.households.get(&id);
        let region = region.and_then(|one| one.region_on(today));
        let region = region.ok_or_else(unknown)?;
        let permit = may(tx, ctx, region, &members, now).await?;
        let lives = |person: &PersonId| members.iter().any(|one| one.person == *person);
        let applicant = applicant.or_else(|| mine.into_iter().find(lives));
        Ok(Home {
            id,
            region,
            applicant: applicant.ok_or_else(not_theirs)?,
            members,
            permit,
        })
    }

    /// The name of a member.
    pub(super) fn name(&self, person: PersonId) -> String {
        let member = self.members.iter().find(|one| one.person == person);
        member.map(|one| one.name.clone()).unwrap_or_default()
    }
}

/// A household somebody may act for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// Which.
    pub household: HouseholdId,
    /// Whose.
    pub whose: String,
}

impl App {
    /// 自己的家 The households the actor lives in, or lived in by whom they act for.
    ///
    /// # Errors
    /// The store's.
    pub async fn own_households(&self, ctx: &Context) -> Result<Vec<Household>> {
        let (ctx, today) = (ctx.clone(), self.now().today());
        let read = async move |tx: &mut Tx| {
            let Some(me) = ctx.actor.person else {
                return Ok(Vec::new());
            };
            let people = for_whom(tx, &ctx, me, today).await?;
            homes_of(tx, &people, today).await
        };
        let mut homes = Vec::new();
        for (person, household) in self.db.read(read).await? {
            homes.push(Household {
                household,
                whose: self.name_of(person).await?,
            });
        }
        Ok(homes)
    }
}

impl App {
    /// The first of [`App::own_households`], without whose it is.
    ///
    /// # Errors
    /// The register does not know it; the store's.
    pub async fn own_home(&self, ctx: &Context) -> Result<HouseholdId> {
        let (ctx, today) = (ctx.clone(), self.now().today());
        let read = async move |tx: &mut Tx| {
            let me = ctx.actor.person.ok_or_else(unknown)?;
            let people = for_whom(tx, &ctx, me, today).await?;
            homes_of(tx, &people, today).await
        };
        let first = self.db.read(read).await?.into_iter().next();
        first.map(|(_, id)| id).ok_or_else(unknown)
    }
}

/// The actor, or whom an agent acts for today.
pub(super) async fn for_whom(
    tx: &mut Tx,
    ctx: &Context,
    me: PersonId,
    today: Date,
) -> Result<Vec<PersonId>> {
    if ctx.actor.role != Role::Agent {
        return Ok(vec![me]);
    }
    let agencies = tx.agencies(me).await?;
    let holds = agencies
        .into_iter()
        .filter(|one| one.from <= today && today <= one.to);
    Ok(holds.map(|one| one.of).collect())
}

/// The households these people live in, each once. A single-person household
/// within a family comes after the family.
pub(crate) async fn homes_of(
    tx: &mut Tx,
    people: &[PersonId],
    today: Date,
) -> Result<Vec<(PersonId, HouseholdId)>> {
    let slice = RegisterSlice {
        people: people.iter().copied().collect(),
        with_households: true,
        ..RegisterSlice::default()
    };
    let state = tx.register(&slice).await?.state;
    let mut homes = Vec::new();
    for person in people {
        let theirs = state.households.values();
        let theirs = theirs.filter(|one| one.members_on(today).any(|m| m.person == *person));
        for household in theirs {
            if !homes.iter().any(|(_, id, _)| *id == household.id) {
                homes.push((*person, household.id, household.within.is_some()));
            }
        }
    }
    homes.sort_by_key(|(_, _, within)| *within);
    Ok(homes.into_iter().map(|(who, id, _)| (who, id)).collect())
}

fn not_theirs() -> AppError {
    AppError::refused(engine_access::Refusal::NotOwn)
}

fn unknown() -> AppError {
    AppError::BadInput("底册里还没有您的家。请打电话或到村社区登记一下，登记好就能查".to_owned())
}

pub(super) fn members(register: &Register, id: HouseholdId, today: Date) -> Vec<Member> {
    let config = Config::default();
    let household = register.state.households.get(&id);
    let memberships = household.into_iter().flat_map(|one| one.members_on(today));
    let member = |membership: &engine_registry::Membership| {
        let person = register.state.people.get(&membership.person)?;
        let born = person.born(&config);
        Some(Member {
            person: membership.person,
            name: person.name(&config).map(ToString::to_string)?,
            relation: membership.relation.label(),
            age: born.and_then(|born| age_on(born, today)),
            number: person.number(&config),
            died: person.died(&config).is_some(),
        })
    };
    let mut members: Vec<Member> = memberships.filter_map(member).collect();
    // Only who has a number can be judged: their places come first.
    members.sort_by_key(|one| one.number.is_none());
    members
}

async fn may(
    tx: &mut Tx,
    ctx: &Context,
    region: RegionCode,
    members: &[Member],
    now: Now,
) -> Result<Permit> {
    // Who acts for another reads what is needed to apply, not everything.
    let (action, level) = match ctx.actor.role {
        Role::Citizen => (Action::Judge, FieldLevel::L4),
        _ => (Action::ReadPerson, FieldLevel::L3),
    };
    let record = Record {
        region: Some(region),
        subjects: members.iter().map(|one| one.person).collect(),
        state: RecordState::None,
        level,
    };
    ctx.authorise(tx, action, record, &[], now).await
}
