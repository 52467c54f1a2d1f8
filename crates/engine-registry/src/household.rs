//! 「家庭」 A household and who belonged to it when. Relations are to its head
//! (GB/T 4761). A household may lie within another: the single-person household
//! of a severely ill or disabled member (单人户) within its family.

use crate::version::Origin;
use kernel::{Date, HouseholdId, PersonId, RegionCode, Relation, Sex};
use serde::{Deserialize, Serialize};

/// A household of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Household {
    /// The entry's number.
    pub id: HouseholdId,
    /// Where it lived, since when, in order.
    pub regions: Vec<(Date, RegionCode)>,
    /// Every membership there has been.
    pub memberships: Vec<Membership>,
    /// The household it lies within.
    pub within: Option<HouseholdId>,
}

/// One membership: from its first day up to, not including, its last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Who.
    pub person: PersonId,
    /// Relation to the head.
    pub relation: Relation,
    /// First day.
    pub from: Date,
    /// The day from which it no longer holds.
    pub until: Option<Date>,
    /// Where it is known from.
    pub origin: Origin,
}

impl Membership {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// Whether it holds on some day from `from` on.
    pub fn reaches(&self, from: Date) -> bool {
        self.until.is_none_or(|until| from < until)
    }
}

/// Who shall belong to a household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMember {
    /// Who.
    pub person: PersonId,
    /// Relation to the head (01 or 02: the head).
    pub relation: Relation,
}

/// What a child is to the head of the household one of its parents is of: of the head or
/// their spouse a child, of a child a grandchild; further away 其他亲属.
pub fn born_to(parent: Relation, sex: Option<Sex>) -> Relation {
    let code = match parent {
        one if one.is_head() || one.is_spouse() => match sex {
            Some(Sex::Female) => return Relation::DAUGHTER,
            _ => return Relation::SON,
        },
        child if child.is_child() => 40,
        _ => 97,
    };
    Relation::from_code(code).unwrap_or(Relation::NOT_RELATED)
}

impl Household {
    /// Its members on a day, in the order they joined.
    pub fn members_on(&self, day: Date) -> impl Iterator<Item = &Membership> {
        self.memberships
            .iter()
            .filter(move |membership| membership.holds_on(day))
    }

    /// Its head on a day.
    pub fn head_on(&self, day: Date) -> Option<PersonId> {
        self.members_on(day)
            .find(|membership| membership.relation.is_head())
            .map(|membership| membership.person)
    }

    /// Everyone on a day with the relation to whoever takes over from `leaver` as
    /// head: the spouse, else the eldest; the leaver stays listed for the day of
    /// the change. What a relation to the new head is nobody has told is 其他.
    pub fn succession(
        &self,
        leaver: PersonId,
        day: Date,
        born: impl Fn(PersonId) -> Option<Date>,
    ) -> Vec<NewMember> {
        let others = || self.members_on(day).filter(|one| one.person != leaver);
        let spouse = others().find(|one| one.relation.is_spouse());
        let eldest = || others().min_by_key(|one| (born(one.person).is_none(), born(one.person)));
        let Some(next) = spouse.or_else(eldest).map(|one| one.person) else {
            return Vec::new();
        };
        let other = Relation::from_code(97).unwrap_or(Relation::NOT_RELATED);
        let relation = |one: &Membership| match one.person {
            person if person == next => Relation::HEAD,
            // The couple's children are the other's children too.
            _ if spouse.is_some() && one.relation.is_child() => one.relation,
            _ => other,
        };
        self.members_on(day)
            .map(|one| NewMember {
                person: one.person,
                relation: relation(one),
            })
            .collect()
    }

    /// Where it lived on a day.
    pub fn region_on(&self, day: Date) -> Option<RegionCode> {
        self.regions
            .iter()
            .rev()
            .find(|(from, _)| *from <= day)
            .map(|(_, region)| *region)
    }
}
