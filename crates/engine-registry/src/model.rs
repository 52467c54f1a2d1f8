//! 「底册」 The state of the register: as much of it as the caller has loaded.

use crate::event::Event;
use crate::household::{Household, Membership};
use crate::merge::{Merge, MergeState};
use crate::organisation::{Organisation, Place};
use crate::person::Person;
use crate::version::{Retraction, Version};
use kernel::{Date, HouseholdId, MergeId, PersonId, PersonNumber, PlaceId, Uscc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// People, households, proposals, organisations, places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// People by number.
    pub people: BTreeMap<PersonId, Person>,
    /// Households by number.
    pub households: BTreeMap<HouseholdId, Household>,
    /// Proposals to merge.
    pub merges: BTreeMap<MergeId, Merge>,
    /// Organisations by code.
    pub organisations: BTreeMap<Uscc, Organisation>,
    /// Places by number.
    pub places: BTreeMap<PlaceId, Place>,
}

impl State {
    /// The entry a merged entry leads to; itself when it was not merged.
    pub fn resolve(&self, person: PersonId) -> PersonId {
        let mut at = person;
        // A chain cannot be longer than there are people; merges make no circles.
        for _ in 0..=self.people.len() {
            match self.people.get(&at).and_then(|entry| entry.merged_into) {
                Some(into) => at = into,
                None => break,
            }
        }
        at
    }

    /// Who has a document number, merged entries led to where they went.
    pub fn by_number(&self, number: PersonNumber) -> Option<PersonId> {
        self.people
            .values()
            .find(|person| person.has_number(number))
            .map(|person| self.resolve(person.id))
    }

    /// The household a person belongs to on a day, and the membership.
    pub fn household_of(&self, person: PersonId, day: Date) -> Option<(&Household, &Membership)> {
        self.households.values().find_map(|household| {
            let mut members = household.members_on(day);
            let membership = members.find(|one| one.person == person)?;
            Some((household, membership))
        })
    }

    /// Folds one event in.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::PersonRegistered { id, .. } => {
                let (id, versions, merged_into) = (*id, Vec::new(), None);
                let person = Person {
                    id,
                    versions,
                    merged_into,
                };
                self.people.insert(id, person);
            }
            Event::Recorded {
                person,
                fact,
                origin,
                at,
            } => {
                if let Some(person) = self.people.get_mut(person) {
                    person.versions.push(version(fact, origin, *at));
                }
            }
            Event::Retracted {
                person,
                version,
                reason,
                by,
                at,
            } => {
                let person = self.people.get_mut(person);
                if let Some(version) = person.and_then(|p| p.versions.get_mut(*version)) {
                    let (reason, by, at) = (reason.clone(), by.clone(), *at);
                    version.retracted = Some(Retraction { reason, by, at });
                }
            }
            Event::OrganisationRecorded {
                code,
                fact,
                origin,
                at,
            } => {
                let entry = self.organisations.entry(*code);
                let organisation = entry.or_insert_with(|| Organisation {
                    code: *code,
                    versions: Vec::new(),
                });
                organisation.versions.push(version(fact, origin, *at));
            }
            Event::PlaceRecorded {
                id,
                fact,
                origin,
                at,
            } => {
                let entry = self.places.entry(*id);
                let place = entry.or_insert_with(|| Place {
                    id: *id,
                    versions: Vec::new(),
                });
                place.versions.push(version(fact, origin, *at));
            }
            Event::MergeProposed { .. }
            | Event::Merged { .. }
            | Event::MergeRejected { .. }
            | Event::MergeUndone { .. } => self.apply_merge(event),
            Event::HouseholdFormed { .. }
            | Event::Joined { .. }
            | Event::Left { .. }
            | Event::LeaveUndone { .. }
            | Event::JoinUndone { .. }
            | Event::HeadChanged { .. }
            | Event::Moved { .. }
            | Event::PlacedWithin { .. } => self.apply_household(event),
        }
    }

    fn apply_merge(&mut self, event: &Event) {
        let (id, state, into) = match event {
            Event::MergeProposed {
                id,
                keep,
                merge,
                reason,
                by,
                at,
            } => {
                let proposal = Merge {
                    id: *id,
                    keep: *keep,
                    merge: *merge,
                    reason: reason.clone(),
                    proposed_by: by.clone(),
                    proposed_at: *at,
                    state: MergeState::Proposed,
                };
                self.merges.insert(*id, proposal);
                return;
            }
            Event::Merged { id, .. } => {
                let into = self.merges.get(id).map(|proposal| proposal.keep);
                (id, MergeState::Done, into)
            }
            Event::MergeRejected { id, reason, .. } => {
                let reason = reason.clone();
                (id, MergeState::Rejected { reason }, None)
            }
            Event::MergeUndone { id, reason, .. } => {
                let reason = reason.clone();
                (id, MergeState::Undone { reason }, None)
            }
            _ => return,
        };
        let Some(proposal) = self.merges.get_mut(id) else {
            return;
        };
        proposal.state = state;
        if let Some(person) = self.people.get_mut(&proposal.merge)
            && !matches!(proposal.state, MergeState::Rejected { .. })
        {
            person.merged_into = into;
        }
    }

    fn apply_household(&mut self, event: &Event) {
        match event {
            Event::HouseholdFormed {
                id,
                region,
                from,
                within,
                ..
            } => {
                let household = Household {
                    id: *id,
                    regions: vec![(*from, *region)],
                    memberships: Vec::new(),
                    within: *within,
                };
                self.households.insert(*id, household);
            }
            Event::Joined {
                household,
                membership,
                ..
            } => {
                if let Some(household) = self.households.get_mut(household) {
                    household.memberships.push(membership.clone());
                }
            }
            Event::Left {
                household,
                person,
                until,
                ..
            } => {
                if let Some(household) = self.households.get_mut(household) {
                    end(household, *person, *until);
                }
            }
            Event::LeaveUndone {
                household,
                memberships,
                ..
            }
            | Event::JoinUndone {
                household,
                memberships,
                ..
            } => {
                if let Some(household) = self.households.get_mut(household) {
                    household.memberships.clone_from(memberships);
                }
            }
            Event::HeadChanged {
                household,
                members,
                from,
                origin,
                ..
            } => {
                let Some(household) = self.households.get_mut(household) else {
                    return;
                };
                for member in members {
                    // Who is known to leave later still does.
                    let until = household
                        .members_on(*from)
                        .find(|one| one.person == member.person)
                        .and_then(|one| one.until);
                    end(household, member.person, *from);
                    household.memberships.push(Membership {
                        person: member.person,
                        relation: member.relation,
                        from: *from,
                        until,
                        origin: origin.clone(),
                    });
                }
            }
            Event::Moved {
                household,
                region,
                from,
                ..
            } => {
                if let Some(household) = self.households.get_mut(household) {
                    household.regions.push((*from, *region));
                }
            }
            Event::PlacedWithin {
                household, within, ..
            } => {
                if let Some(household) = self.households.get_mut(household) {
                    household.within = *within;
                }
            }
            _ => {}
        }
    }
}

fn end(household: &mut Household, person: PersonId, until: Date) {
    for membership in &mut household.memberships {
        if membership.person == person && membership.reaches(until) {
            membership.until = Some(until);
        }
    }
}

fn version<T: Clone>(fact: &T, origin: &crate::version::Origin, at: kernel::Instant) -> Version<T> {
    Version {
        fact: fact.clone(),
        origin: origin.clone(),
        recorded_at: at,
        retracted: None,
    }
}
