//! 「登记」 The verbs of people, merges, organisations and places. Households have
//! their own room.

use crate::command::Command;
use crate::config::Config;
use crate::event::Event;
use crate::household_verbs;
use crate::merge::{Merge, MergeState};
use crate::model::State;
use crate::organisation::{OrganisationFact, PlaceFact};
use crate::person::{Person, PersonFact, PersonField};
use crate::refusal::Refusal;
use crate::version::Origin;
use kernel::{Actor, MergeId, Now, PersonId, Role, Sex};
use std::collections::BTreeSet;

/// Decides one command.
pub fn decide(
    state: &State,
    command: Command,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::RegisterPerson { id, facts, origin } => {
            register(state, id, facts, origin, config, now)
        }
        Command::Record {
            person,
            fact,
            origin,
        } => record(state, person, fact, origin, config, now),
        Command::Retract {
            person,
            field,
            version,
            reason,
            by,
        } => {
            let reason = words(reason)?;
            let entry = entry(state, person)?;
            let found = entry.versions.get(version);
            let found = found.filter(|found| found.fact.field() == field);
            let found = found.ok_or(Refusal::UnknownVersion { field, version })?;
            may_strike(&by, &found.origin)?;
            if found.retracted.is_some() {
                return Err(Refusal::AlreadyRetracted);
            }
            let at = now.at;
            Ok(vec![Event::Retracted {
                person,
                version,
                reason,
                by,
                at,
            }])
        }
        Command::ProposeMerge {
            id,
            keep,
            merge,
            reason,
            by,
        } => propose(state, id, (keep, merge), reason, by, now),
        Command::ConfirmMerge { id, by } => confirm(state, id, by, now),
        Command::RejectMerge { id, reason, by } => {
            open(state, id)?;
            human(&by)?;
            let (reason, at) = (words(reason)?, now.at);
            Ok(vec![Event::MergeRejected { id, reason, by, at }])
        }
        Command::UndoMerge { id, reason, by } => {
            let proposal = proposal(state, id)?;
            if proposal.state != MergeState::Done {
                return Err(Refusal::MergeNotDone);
            }
            human(&by)?;
            let (reason, at) = (words(reason)?, now.at);
            Ok(vec![Event::MergeUndone { id, reason, by, at }])
        }
        Command::RecordOrganisation {
            code,
            facts,
            origin,
        } => {
            let known = state.organisations.get(&code);
            let at = now.at;
            organisation_facts(&facts)?;
            past(&origin, now)?;
            let fresh = facts.into_iter().filter(|fact| {
                let same = |v: &crate::Version<_>| v.fact == *fact && v.origin == origin;
                !known.is_some_and(|known| known.versions.iter().any(same))
            });
            Ok(fresh
                .map(|fact| {
                    let origin = origin.clone();
                    Event::OrganisationRecorded {
                        code,
                        fact,
                        origin,
                        at,
                    }
                })
                .collect())
        }
        Command::RecordPlace { id, facts, origin } => {
            let known = state.places.get(&id);
            let at = now.at;
            place_facts(&facts)?;
            past(&origin, now)?;
            let fresh = facts.into_iter().filter(|fact| {
                let same = |v: &crate::Version<_>| v.fact == *fact && v.origin == origin;
                !known.is_some_and(|known| known.versions.iter().any(same))
            });
            Ok(fresh
                .map(|fact| {
                    let origin = origin.clone();
                    Event::PlaceRecorded {
                        id,
                        fact,
                        origin,
                        at,
                    }
                })
                .collect())
        }
        household => household_verbs::decide(state, household, config, now),
    }
}

fn register(
    state: &State,
    id: PersonId,
    facts: Vec<PersonFact>,
    origin: Origin,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    if state.people.contains_key(&id) {
        return Err(Refusal::IdTaken(id.0));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = facts.iter().find(|fact| !seen.insert(fact.field())) {
        return Err(Refusal::FieldTwice(twice.field()));
    }
    for field in [PersonField::Name, PersonField::Number] {
        if !seen.contains(&field) {
            return Err(Refusal::FieldMissing(field));
        }
    }
    let at = now.at;
    let mut draft = State::default();
    let mut events = vec![Event::PersonRegistered { id, at }];
    draft.apply(&events[0]);
    // The number first: the other facts must fit it.
    let (number, others): (Vec<_>, Vec<_>) = facts
        .into_iter()
        .partition(|fact| fact.field() == PersonField::Number);
    for fact in number.into_iter().chain(others) {
        number_free(state, id, &fact)?;
        let more = record(&draft, id, fact, origin.clone(), config, now)?;
        more.iter().for_each(|event| draft.apply(event));
        events.extend(more);
    }
    Ok(events)
}

fn record(
    state: &State,
    person: PersonId,
    fact: PersonFact,
    origin: Origin,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let entry = entry(state, person)?;
    past(&origin, now)?;
    number_free(state, person, &fact)?;
    fits(entry, &fact, config, now)?;
    let same = |v: &crate::Version<PersonFact>| {
        v.fact == fact && v.origin == origin && v.retracted.is_none()
    };
    if entry.versions.iter().any(same) {
        return Ok(Vec::new());
    }
    let at = now.at;
    Ok(vec![Event::Recorded {
        person,
        fact,
        origin,
        at,
    }])
}

/// Whether a fact can be true beside the others.
fn fits(entry: &Person, fact: &PersonFact, config: &Config, now: Now) -> Result<(), Refusal> {
    let number = entry.number(config);
    match fact {
        PersonFact::Born(day) => {
            let said = number.and_then(|number| number.born());
            if *day > now.today() {
                return Err(Refusal::FromTheFuture(*day));
            }
            if said.is_some_and(|said| said != *day) {
                return Err(Refusal::ContradictsNumber(PersonField::Born));
            }
        }
        PersonFact::Sex(sex @ (Sex::Male | Sex::Female)) => {
            let said = number.and_then(|number| number.sex());
            if said.is_some_and(|said| said != *sex) {
                return Err(Refusal::ContradictsNumber(PersonField::Sex));
            }
        }
        PersonFact::Died(day) => {
            let unborn = entry.born(config).is_some_and(|born| *day < born);
            if unborn || *day > now.today() {
                return Err(Refusal::DeathImpossible);
            }
        }
        PersonFact::Number(number) if number.born().is_some_and(|born| born > now.today()) => {
            return Err(Refusal::ContradictsNumber(PersonField::Born));
        }
        PersonFact::Address(text) if text.trim().is_empty() => return Err(Refusal::Empty),
        _ => {}
    }
    Ok(())
}

fn number_free(state: &State, person: PersonId, fact: &PersonFact) -> Result<(), Refusal> {
    let PersonFact::Number(number) = fact else {
        return Ok(());
    };
    match state.by_number(*number) {
        Some(owner) if owner != person => Err(Refusal::NumberTaken { owner }),
        _ => Ok(()),
    }
}

fn propose(
    state: &State,
    id: MergeId,
    (keep, merge): (PersonId, PersonId),
    reason: String,
    by: Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    if state.merges.contains_key(&id) {
        return Err(Refusal::IdTaken(id.0));
    }
    if keep == merge {
        return Err(Refusal::MergeWithItself);
    }
    entry(state, keep)?;
    entry(state, merge)?;
    human(&by)?;
    let (reason, at) = (words(reason)?, now.at);
    Ok(vec![Event::MergeProposed {
        id,
        keep,
        merge,
        reason,
        by,
        at,
    }])
}

fn confirm(state: &State, id: MergeId, by: Actor, now: Now) -> Result<Vec<Event>, Refusal> {
    let proposal = open(state, id)?;
    human(&by)?;
    // Four eyes are two people, not two accounts.
    if by.person == proposal.proposed_by.person {
        return Err(Refusal::SamePerson);
    }
    entry(state, proposal.keep)?;
    entry(state, proposal.merge)?;
    let from = now.today();
    if let Some((household, _)) = state.household_of(proposal.merge, from) {
        let (person, household) = (proposal.merge, household.id);
        return Err(Refusal::InTwoHouseholds {
            person,
            household,
            from,
        });
    }
    let at = now.at;
    Ok(vec![Event::Merged { id, by, at }])
}

fn proposal(state: &State, id: MergeId) -> Result<&Merge, Refusal> {
    state.merges.get(&id).ok_or(Refusal::UnknownMerge(id))
}

fn open(state: &State, id: MergeId) -> Result<&Merge, Refusal> {
    let proposal = proposal(state, id)?;
    if proposal.state == MergeState::Proposed {
        Ok(proposal)
    } else {
        Err(Refusal::MergeNotOpen)
    }
}

/// An entry that stands for itself.
pub(crate) fn entry(state: &State, person: PersonId) -> Result<&Person, Refusal> {
    let entry = state.people.get(&person);
    let entry = entry.ok_or(Refusal::UnknownPerson(person))?;
    match entry.merged_into {
        Some(into) => Err(Refusal::AlreadyMerged {
            merged: person,
            into,
        }),
        None => Ok(entry),
    }
}

pub(crate) fn human(by: &Actor) -> Result<(), Refusal> {
    if by.role.is_human() && by.person.is_some() {
        Ok(())
    } else {
        Err(Refusal::NeedsAPerson)
    }
}

/// A department's own word is taken back by the house when the department does so; what a
/// person said or showed only by a person.
pub(crate) fn may_strike(by: &Actor, origin: &Origin) -> Result<(), Refusal> {
    match (by.role, origin) {
        (Role::System, Origin::Department { .. }) => Ok(()),
        _ => human(by),
    }
}

pub(crate) fn words(text: String) -> Result<String, Refusal> {
    if text.trim().is_empty() {
        Err(Refusal::ReasonMissing)
    } else {
        Ok(text)
    }
}

fn past(origin: &Origin, now: Now) -> Result<(), Refusal> {
    if origin.as_of() > now.today() {
        Err(Refusal::FromTheFuture(origin.as_of()))
    } else {
        Ok(())
    }
}

fn organisation_facts(facts: &[OrganisationFact]) -> Result<(), Refusal> {
    let empty = |fact: &OrganisationFact| match fact {
        OrganisationFact::Name(text) | OrganisationFact::Address(text) => text.trim().is_empty(),
        _ => false,
    };
    if facts.is_empty() || facts.iter().any(empty) {
        return Err(Refusal::Empty);
    }
    Ok(())
}

fn place_facts(facts: &[PlaceFact]) -> Result<(), Refusal> {
    let empty = |fact: &PlaceFact| match fact {
        PlaceFact::Name(text) | PlaceFact::Address(text) => text.trim().is_empty(),
        _ => false,
    };
    if facts.is_empty() || facts.iter().any(empty) {
        return Err(Refusal::Empty);
    }
    Ok(())
}
