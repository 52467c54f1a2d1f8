//! 「为谁」 What the register and the house know of whom an order is for. What nobody
//! knows stays unknown: a group is false only where the house itself would have granted
//! it and has not.

use crate::{App, Result};
use engine_order::{About, Requested};
use engine_payment::Beneficiary;
use engine_registry::{Config, PersonField};
use kernel::{HouseholdId, Now, PersonId, RegionCode, Slug, age_on};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterSlice, Tx};

/// A person as registered.
pub(crate) struct Registered {
    pub(crate) about: About,
    pub(crate) region: Option<RegionCode>,
    /// Everybody of their household, themselves left out.
    pub(crate) family: Vec<PersonId>,
}

/// Whom an order is for, by the register.
pub(crate) async fn registered(tx: &mut Tx, person: PersonId, now: Now) -> Result<Registered> {
    let slice = RegisterSlice {
        people: BTreeSet::from([person]),
        with_households: true,
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let config = Config::default();
    let today = now.today();
    let known = register.people.get(&register.resolve(person));
    let home = register.household_of(person, today).map(|(home, _)| home);
    let born = known.and_then(|one| one.born(&config));
    let age = born.and_then(|born| age_on(born, today));
    let name = known.and_then(|one| one.name(&config));
    let mobile = known.and_then(|one| one.standing(PersonField::Mobile, &config));
    let phone = mobile.and_then(|version| match &version.fact {
        engine_registry::PersonFact::Mobile(mobile) => Some(mobile.reveal().to_owned()),
        _ => None,
    });
    let members = home.into_iter().flat_map(|home| home.members_on(today));
    let family = members
        .map(|m| m.person)
        .filter(|one| *one != person)
        .collect();
    Ok(Registered {
        about: About {
            person: Some(person),
            household: home.map(|home| home.id),
            name: name.map(ToString::to_string).unwrap_or_default(),
            phone,
            age: age.and_then(|age| i32::try_from(age).ok()),
            groups: BTreeMap::new(),
        },
        region: home.and_then(|home| home.region_on(today)),
        family,
    })
}

impl App {
    /// Which groups a kind of order names hold for somebody: benefits this house grants.
    pub(crate) async fn groups(
        &self,
        tx: &mut Tx,
        person: Option<PersonId>,
        household: Option<HouseholdId>,
        named: &BTreeSet<Slug>,
        now: Now,
    ) -> Result<BTreeMap<Slug, bool>> {
        let mut groups = BTreeMap::new();
        let granted = |id: &&Slug| self.law.pack.service(id.as_str()).is_some();
        let benefits: BTreeSet<&Slug> = named.iter().filter(granted).collect();
        if benefits.is_empty() || (person.is_none() && household.is_none()) {
            return Ok(groups);
        }
        let month = kernel::Period::of(now.today());
        let whom = person.map(Beneficiary::Person).into_iter();
        let whom = whom.chain(household.map(Beneficiary::Household));
        let mut held = BTreeSet::new();
        for beneficiary in whom {
            for one in tx.entitlements_of(beneficiary).await? {
                if one.state.from <= month
                    && one.state.last_month().is_none_or(|last| last >= month)
                {
                    held.insert(one.state.programme.clone());
                }
            }
        }
        for benefit in benefits {
            groups.insert(benefit.clone(), held.contains(benefit));
        }
        Ok(groups)
    }
}

/// Every group a kind of order names.
pub(crate) fn named(ty: &engine_order::OrderType) -> BTreeSet<Slug> {
    let items = ty.items.iter();
    let groups = items.flat_map(|item| {
        let subsidies = item.subsidies.iter().flat_map(|one| one.only_for.iter());
        item.only_for.iter().chain(subsidies)
    });
    groups.cloned().collect()
}

/// Where the quota of an item is counted: `2026`, or `2026-03`.
pub(crate) fn period(per: engine_order::Per, now: Now) -> String {
    let today = now.today();
    match per {
        engine_order::Per::Year => today.format("%Y").to_string(),
        engine_order::Per::Month => today.format("%Y-%m").to_string(),
    }
}

/// Whose quota an order counts on; none where nobody is known.
pub(crate) fn counted(asked: &Requested) -> Option<PersonId> {
    asked.about.person
}
