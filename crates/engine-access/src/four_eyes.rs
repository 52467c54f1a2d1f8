//! 「四眼」 Different people, counted by human being, not by account.

use crate::model::Action;
use crate::refusal::Refusal;
use kernel::{Actor, PersonId};
use std::collections::BTreeSet;

/// How many different people must stand behind an action before it takes effect.
/// For lists that is the most; [`crate::Export::needs_two`] says which.
pub fn people_needed(action: Action) -> usize {
    match action {
        // maker, checker, approver, releaser: each a step of its own, each another person
        Action::CheckBatch
        | Action::ApproveBatch
        | Action::ReleaseBatch
        | Action::ChangeAccount
        | Action::ConfirmPast
        | Action::ActivateRule
        | Action::GrantRole
        | Action::Export => 2,
        _ => 1,
    }
}

/// Refuses when the human being behind `actor` did one of the `earlier` halves,
/// or when a machine wants to be one of the eyes.
pub fn four_eyes(actor: &Actor, earlier: &[Actor]) -> Result<PersonId, Refusal> {
    let person = actor.person.filter(|_| actor.role.is_human());
    let person = person.ok_or(Refusal::NotAPerson)?;
    if earlier.iter().any(|other| other.person == Some(person)) {
        return Err(Refusal::FourEyes);
    }
    Ok(person)
}

/// How many different human beings are among the actors.
pub fn distinct_people(actors: &[Actor]) -> usize {
    let people = actors.iter().filter(|actor| actor.role.is_human());
    people
        .filter_map(|actor| actor.person)
        .collect::<BTreeSet<_>>()
        .len()
}
