//! 「户」 The verbs of households. Whatever is done, afterwards every household
//! with members has one head, and nobody is in two.

use crate::command::Command;
use crate::config::Config;
use crate::decide::{entry, human, words};
use crate::event::Event;
use crate::household::{Household, Membership, NewMember};
use crate::model::State;
use crate::refusal::Refusal;
use crate::undo_leave::{undo_join, undo_leave};
use crate::version::Origin;
use kernel::{Actor, Date, HouseholdId, Now, PersonId, RegionCode};
use std::collections::BTreeSet;

pub(crate) fn decide(
    state: &State,
    command: Command,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let at = now.at;
    match command {
        Command::FormHousehold {
            id,
            region,
            members,
            from,
            within,
            origin,
        } => {
            let formation = Formation {
                id,
                region,
                members,
                from,
                within,
                origin,
            };
            form(state, formation, config, now)
        }
        Command::Join {
            household,
            member,
            from,
            origin,
        } => {
            let known = known(state, household)?;
            not_ahead(from, now)?;
            may_join(known, member.relation, from)?;
            free(state, member.person, from, config)?;
            let membership = membership(member, from, origin);
            Ok(vec![Event::Joined {
                household,
                membership,
                at,
            }])
        }
        Command::Leave {
            household,
            person,
            until,
        } => leave(known(state, household)?, person, until, now),
        Command::UndoLeave {
            household,
            person,
            reason,
            by,
        } => {
            let known = known(state, household)?;
            undone(state, (known, person), (reason, by), config, now)
        }
        Command::UndoJoin {
            household,
            person,
            reason,
            by,
        } => {
            let (reason, known) = (words(reason)?, known(state, household)?);
            undo_join(known, person, (reason, by), now)
        }
        Command::ChangeHead {
            household,
            members,
            from,
            origin,
        } => change_head(known(state, household)?, members, from, origin, now),
        Command::Move {
            household,
            region,
            from,
        } => {
            let known = known(state, household)?;
            not_ahead(from, now)?;
            if known.regions.last().is_some_and(|(last, _)| from <= *last) {
                return Err(Refusal::OutOfOrder);
            }
            Ok(vec![Event::Moved {
                household,
                region,
                from,
                at,
            }])
        }
        Command::PlaceWithin { household, within } => {
            known(state, household)?;
            outside_itself(state, household, within)?;
            Ok(vec![Event::PlacedWithin {
                household,
                within,
                at,
            }])
        }
        // The other verbs never come here: `crate::decide` takes them.
        _ => Ok(Vec::new()),
    }
}

fn change_head(
    known: &Household,
    members: Vec<NewMember>,
    from: Date,
    origin: Origin,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    not_ahead(from, now)?;
    one_head(&members)?;
    let present = |m: &&Membership| m.reaches(from);
    if known
        .memberships
        .iter()
        .filter(present)
        .any(|m| m.from >= from)
    {
        return Err(Refusal::OutOfOrder);
    }
    let stated: BTreeSet<PersonId> = members.iter().map(|m| m.person).collect();
    let there: BTreeSet<PersonId> = known.members_on(from).map(|m| m.person).collect();
    if stated != there {
        return Err(Refusal::NotAllMembers);
    }
    let head = members.iter().find(|m| m.relation.is_head());
    let leaves =
        |m: &Membership| m.until.is_some() && head.is_some_and(|head| head.person == m.person);
    if known.members_on(from).any(leaves) {
        return Err(Refusal::HeadCannotLeave);
    }
    Ok(vec![Event::HeadChanged {
        household: known.id,
        members,
        from,
        origin,
        at: now.at,
    }])
}

/// Whoever is put back is in no other household since.
fn undone(
    state: &State,
    (household, person): (&Household, PersonId),
    (reason, by): (String, Actor),
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let reason = words(reason)?;
    human(&by)?;
    let own = household.memberships.iter().filter(|m| m.person == person);
    if let Some(until) = own.filter_map(|m| m.until).max() {
        free(state, person, until, config)?;
    }
    undo_leave(household, person, (reason, by), now)
}

/// A household about to be formed.
struct Formation {
    id: HouseholdId,
    region: RegionCode,
    members: Vec<NewMember>,
    from: Date,
    within: Option<HouseholdId>,
    origin: Origin,
}

fn form(
    state: &State,
    formation: Formation,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let Formation {
        id,
        region,
        members,
        from,
        within,
        origin,
    } = formation;
    // Before “is the number free”: a household within its own number is that fault.
    outside_itself(state, id, within)?;
    if state.households.contains_key(&id) {
        return Err(Refusal::IdTaken(id.0));
    }
    not_ahead(from, now)?;
    one_head(&members)?;
    for member in &members {
        free(state, member.person, from, config)?;
    }
    let at = now.at;
    let mut events = vec![Event::HouseholdFormed {
        id,
        region,
        from,
        within,
        at,
    }];
    events.extend(members.into_iter().map(|member| Event::Joined {
        household: id,
        membership: membership(member, from, origin.clone()),
        at,
    }));
    Ok(events)
}

/// Whether somebody can join in this relation.
fn may_join(household: &Household, relation: kernel::Relation, from: Date) -> Result<(), Refusal> {
    let empty = !household.memberships.iter().any(|m| m.reaches(from));
    match (relation.is_head(), empty) {
        // Back into a household everybody has left: who comes first is its head.
        (true, true) => Ok(()),
        (true, false) => Err(Refusal::HeadTwice),
        (false, _) => lasting_head(household, from),
    }
}

fn leave(
    household: &Household,
    person: PersonId,
    until: Date,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    not_ahead(until, now)?;
    let open = household.memberships.iter().filter(|m| m.reaches(until));
    let (own, others): (Vec<_>, Vec<_>) = open.partition(|m| m.person == person);
    if own.is_empty() {
        return Err(Refusal::NotAMember(person));
    }
    if own.iter().any(|m| until <= m.from) {
        return Err(Refusal::OutOfOrder);
    }
    if own.iter().any(|m| m.relation.is_head()) && !others.is_empty() {
        return Err(Refusal::HeadCannotLeave);
    }
    let (household, at) = (household.id, now.at);
    Ok(vec![Event::Left {
        household,
        person,
        until,
        at,
    }])
}

fn membership(member: NewMember, from: Date, origin: Origin) -> Membership {
    Membership {
        person: member.person,
        relation: member.relation,
        from,
        until: None,
        origin,
    }
}

fn known(state: &State, id: HouseholdId) -> Result<&Household, Refusal> {
    let household = state.households.get(&id);
    household.ok_or(Refusal::UnknownHousehold(id))
}

fn not_ahead(day: Date, now: Now) -> Result<(), Refusal> {
    if day > now.today() {
        Err(Refusal::FromTheFuture(day))
    } else {
        Ok(())
    }
}

/// Refuses a day on which there is no head, or one who is known to have handed
/// over or left since: a relation would be to the wrong person.
fn lasting_head(household: &Household, from: Date) -> Result<(), Refusal> {
    let mut members = household.members_on(from);
    let head = members.find(|m| m.relation.is_head());
    match head.ok_or(Refusal::HeadMissing)?.until {
        Some(_) => Err(Refusal::OutOfOrder),
        None => Ok(()),
    }
}

/// Everyone once, and one of them the head.
fn one_head(members: &[NewMember]) -> Result<(), Refusal> {
    if members.is_empty() {
        return Err(Refusal::NoMembers);
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = members.iter().find(|m| !seen.insert(m.person)) {
        return Err(Refusal::MemberTwice(twice.person));
    }
    match members.iter().filter(|m| m.relation.is_head()).count() {
        0 => Err(Refusal::HeadMissing),
        1 => Ok(()),
        _ => Err(Refusal::HeadTwice),
    }
}

/// Whether a person may join a household from that day on: known, alive, and in
/// none from then on.
fn free(state: &State, person: PersonId, from: Date, config: &Config) -> Result<(), Refusal> {
    let entry = entry(state, person)?;
    if entry.died(config).is_some_and(|died| died < from) {
        return Err(Refusal::Dead(person));
    }
    let taken = state.households.values().find(|household| {
        let mut memberships = household.memberships.iter();
        memberships.any(|m| m.person == person && m.reaches(from))
    });
    match taken {
        Some(household) => {
            let household = household.id;
            Err(Refusal::InTwoHouseholds {
                person,
                household,
                from,
            })
        }
        None => Ok(()),
    }
}

/// Whether a household may lie within another: known, and not, over any number
/// of steps, within the first.
fn outside_itself(
    state: &State,
    household: HouseholdId,
    within: Option<HouseholdId>,
) -> Result<(), Refusal> {
    let mut next = within;
    let mut seen = BTreeSet::from([household]);
    while let Some(above) = next {
        if !seen.insert(above) {
            return Err(Refusal::ContainsItself(household));
        }
        next = known(state, above)?.within;
    }
    Ok(())
}
