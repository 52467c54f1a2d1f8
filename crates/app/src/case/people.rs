//! 「当事人」 What the register knows of a case's people: names, where they live, who
//! is near to them.

use super::desk::Desk;
use crate::{AppError, Result};
use engine_case::{Act, Case, Opened};
use engine_registry::{Config, Person, PersonField};
use kernel::{HouseholdId, PersonId, RegionCode};
use std::collections::BTreeSet;
use store::{RegisterSlice, Tx};

/// The people of a case.
pub(super) struct People {
    /// The node responsible.
    pub(super) region: RegionCode,
    /// Whom the case is about.
    pub(super) subjects: Vec<PersonId>,
    /// Whoever shares or shared a household with them and is not one of them.
    pub(super) relatives: Vec<PersonId>,
    /// The applicant, as registered.
    pub(super) applicant: Option<Person>,
}

impl People {
    /// The applicant's name; without one, a polite word.
    pub(super) fn name(&self) -> String {
        let person = self.applicant.as_ref();
        let name = person.and_then(|person| person.name(&Config::default()));
        name.map_or_else(|| "您好".to_owned(), ToString::to_string)
    }

    /// Whether a mobile number is known.
    pub(super) fn has_mobile(&self) -> bool {
        let person = self.applicant.as_ref();
        person.is_some_and(|p| {
            p.standing(PersonField::Mobile, &Config::default())
                .is_some()
        })
    }
}

impl Desk {
    /// The people of the case, or of the one `act` opens.
    pub(super) async fn people(&self, tx: &mut Tx, case: &Case, act: &Act) -> Result<People> {
        let opened = match (&case.opened, act) {
            (Some(opened), _) | (None, Act::Open(opened)) => opened,
            (None, _) => return Err(AppError::BadInput("还没有这个办件".to_owned())),
        };
        people_of(tx, opened).await
    }
}

pub(super) async fn people_of(tx: &mut Tx, opened: &Opened) -> Result<People> {
    let members = opened.members.iter().map(|member| member.person);
    let subjects: BTreeSet<PersonId> = members
        .chain([opened.applicant, opened.beneficiary])
        .collect();
    let slice = RegisterSlice {
        people: subjects.clone(),
        households: BTreeSet::from([opened.household]),
        with_households: true,
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let households = register.households.values();
    let shared: BTreeSet<PersonId> = households
        .filter(|one| one.memberships.iter().any(|m| subjects.contains(&m.person)))
        .flat_map(|one| one.memberships.iter().map(|m| m.person))
        .filter(|person| !subjects.contains(person))
        .collect();
    Ok(People {
        region: opened.region,
        relatives: shared.into_iter().collect(),
        applicant: register.people.get(&opened.applicant).cloned(),
        subjects: subjects.into_iter().collect(),
    })
}

/// A household as the register has it today.
pub(super) struct Registered {
    pub(super) region: RegionCode,
    /// Members with their birth dates.
    pub(super) members: Vec<(PersonId, Option<kernel::Date>)>,
}

pub(super) async fn household(
    tx: &mut Tx,
    id: HouseholdId,
    today: kernel::Date,
) -> Result<Registered> {
    let slice = RegisterSlice {
        households: BTreeSet::from([id]),
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let missing = || AppError::BadInput(format!("底册里没有家庭 {id}"));
    let found = register.households.get(&id).ok_or_else(missing)?;
    let region = found.region_on(today).ok_or_else(missing)?;
    let config = Config::default();
    let born = |person: PersonId| register.people.get(&person).and_then(|p| p.born(&config));
    let members = found.members_on(today);
    let members = members.map(|m| (m.person, born(m.person))).collect();
    Ok(Registered { region, members })
}
