//! 「一家人」 The household as a tree: elders above, head and spouse, children below;
//! who belonged to it before stands beside, dashed.

use crate::Result;
use engine_case::Opened;
use engine_registry::{Config, Membership, PersonField, State};
use kernel::{Date, PersonId, Relation, age_on};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterSlice, Tx};

/// A member in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kin {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// `46 岁，户主`.
    pub says: String,
    /// Where in the tree.
    pub place: KinPlace,
    /// Whether they belong to the household no longer.
    pub apart: bool,
}

/// A row of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KinPlace {
    /// 长辈
    Elder,
    /// 户主
    Head,
    /// 配偶
    Spouse,
    /// 同辈、其他
    Beside,
    /// 晚辈
    Child,
}

/// The household with everybody who belongs or belonged to it.
pub(super) async fn register(tx: &mut Tx, opened: &Opened) -> Result<State> {
    let members = opened.members.iter().map(|member| member.person);
    let people: BTreeSet<PersonId> = members.chain([opened.applicant]).collect();
    let slice = RegisterSlice {
        people,
        households: BTreeSet::from([opened.household]),
        ..RegisterSlice::default()
    };
    Ok(tx.register(&slice).await?.state)
}

pub(super) fn names(register: &State) -> BTreeMap<PersonId, String> {
    let config = Config::default();
    let named = register.people.values();
    named
        .filter_map(|one| Some((one.id, one.name(&config)?.to_string())))
        .collect()
}

pub(super) fn kin(register: &State, opened: &Opened, today: Date) -> Vec<Kin> {
    let Some(household) = register.households.get(&opened.household) else {
        return Vec::new();
    };
    kin_of(register, &household.memberships, today)
}

/// The tree of a household, in rows.
pub(crate) fn kin_of(register: &State, memberships: &[Membership], today: Date) -> Vec<Kin> {
    let config = Config::default();
    let mut latest: BTreeMap<PersonId, &Membership> = BTreeMap::new();
    for membership in memberships {
        latest.insert(membership.person, membership);
    }
    let mut kin: Vec<Kin> = latest
        .values()
        .filter_map(|membership| {
            let person = register.people.get(&membership.person)?;
            let died = person.standing(PersonField::Died, &config).is_some();
            let apart = !membership.holds_on(today);
            let age = person.born(&config).and_then(|born| age_on(born, today));
            let mut says: Vec<String> = age.map(|age| format!("{age} 岁")).into_iter().collect();
            says.push(relation(membership.relation).to_owned());
            match (died, apart) {
                (true, _) => says.push("已去世".to_owned()),
                (false, true) => says.push("已不在这一户".to_owned()),
                (false, false) => {}
            }
            Some(Kin {
                person: person.id,
                name: person.name(&config)?.to_string(),
                says: says.join("，"),
                place: place(membership.relation),
                apart: apart || died,
            })
        })
        .collect();
    kin.sort_by_key(|one| one.place);
    kin
}

fn relation(relation: Relation) -> &'static str {
    match relation.is_head() {
        true => "户主",
        false => relation.label(),
    }
}

fn place(relation: Relation) -> KinPlace {
    match relation.code() {
        0..=2 => KinPlace::Head,
        10..=12 => KinPlace::Spouse,
        20..=49 => KinPlace::Child,
        50..=69 => KinPlace::Elder,
        _ => KinPlace::Beside,
    }
}
