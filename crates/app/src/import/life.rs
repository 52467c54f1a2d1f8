//! 「生、死、迁出」 What happened to people the register knows: the dead leave their
//! household and stay in history, a child joins its mother's, who moved away
//! leaves. What contradicts the register changes nothing: it is asked of a person.

use super::attempt::Attempt;
use super::child::{Child, child_joins};
use super::register::{Doubt, Registered, Unborn, origin};
use super::told::{Happened, What};
use crate::context::Context;
use crate::error::Result;
use engine_registry::{Command, Config, PersonFact, PersonField, Refusal};
use kernel::{DataBatchId, Now, PersonId, PersonName, PersonNumber, add_days};
use packs::RegisterSource;
use store::{RegisterQuestion, Tx};

/// Takes in what a delivery tells, one person at a time.
pub(super) async fn happened(
    tx: &mut Tx,
    ctx: &Context,
    source: &RegisterSource,
    batch: DataBatchId,
    all: &[Happened],
    now: Now,
) -> Result<Registered> {
    let mut told = Registered::default();
    for one in all {
        let mother = match &one.what {
            What::Born { mother, .. } | What::Unborn { mother } => Some(*mother),
            What::Died | What::Left => None,
        };
        let numbers = [Some(one.number), mother].into_iter().flatten();
        let mut attempt = Attempt::load(tx, numbers, now).await?;
        let id = attempt.register.state.by_number(one.number);
        let of = mother.and_then(|mother| attempt.register.state.by_number(mother));
        let mut new_child = None;
        let done = match (&one.what, id) {
            (What::Died, Some(id)) => died(&mut attempt, source, batch, one, id),
            (What::Left, Some(id)) => left(&mut attempt, source, batch, one, id, now),
            (What::Born { name, mother }, None) => {
                let id = PersonId(tx.next_id("person").await?);
                new_child = Some(id);
                born(&mut attempt, source, batch, one, (id, name, *mother), now)
            }
            (What::Unborn { .. }, Some(child)) => {
                // What the house did by this birth is taken back after this.
                told.unborn.extend(of.map(|mother| Unborn {
                    mother,
                    child,
                    asks: withdrawn(source, batch, one, child),
                }));
                continue;
            }
            // Strangers' deaths and departures; a child that is known already.
            (What::Died | What::Left | What::Unborn { .. }, None)
            | (What::Born { .. }, Some(_)) => continue,
        };
        let doubt = match done {
            Ok(heads) => {
                if attempt.save(tx, ctx).await? {
                    told.heads_to_check += u64::from(heads);
                    match &one.what {
                        What::Died => {
                            told.deaths += 1;
                            told.dead.extend(id);
                        }
                        What::Left | What::Unborn { .. } => told.left += 1,
                        What::Born { .. } => {
                            told.births += 1;
                            if let Some(child) = new_child {
                                tx.adopt_records(one.number, child).await?;
                                told.born.extend(of.map(|mother| (mother, child)));
                            }
                        }
                    }
                }
                continue;
            }
            Err(doubt) => doubt,
        };
        let question = RegisterQuestion {
            kind: doubt.kind.to_owned(),
            person: id,
            category: source.category.clone(),
            record_no: one.record_no.clone(),
            as_of: one.as_of,
            batch,
            says: doubt.says,
        };
        told.questions += u64::from(tx.ask_of_register(&question, now).await?);
    }
    Ok(told)
}

/// What is asked of a person where the house cannot take the birth back by itself.
fn withdrawn(
    source: &RegisterSource,
    batch: DataBatchId,
    one: &Happened,
    child: PersonId,
) -> RegisterQuestion {
    RegisterQuestion {
        kind: "birth_withdrawn".to_owned(),
        person: Some(child),
        category: source.category.clone(),
        record_no: one.record_no.clone(),
        as_of: one.as_of,
        batch,
        says: "出生证明作废了，接着办的已经有人办过。请核实，要撤回的在出生登记里撤回".to_owned(),
    }
}

/// The death is written down and the person leaves the household the day after.
fn died(
    attempt: &mut Attempt,
    source: &RegisterSource,
    batch: DataBatchId,
    one: &Happened,
    id: PersonId,
) -> Result<bool, Doubt> {
    let config = Config::default();
    let Some(person) = attempt.register.state.people.get(&id) else {
        return Ok(false);
    };
    if let Some(known) = person.died(&config) {
        if known == one.day {
            return Ok(false);
        }
        let says = format!("底册上是{known}去世，这份数据说是{}。请核实", one.day);
        let kind = "death_day_differs";
        return Err(Doubt { kind, says });
    }
    let seen = person.standing(PersonField::Name, &config);
    let seen = seen.map(|version| version.origin.as_of());
    if seen.is_some_and(|seen| one.as_of < seen && one.day < seen) {
        let says = format!("这份数据说{}去世，更新的数据里还有这个人。请核实", one.day);
        let kind = "alive_after_death";
        return Err(Doubt { kind, says });
    }
    let origin = origin(source, batch, one.as_of);
    attempt.act(Command::Record {
        person: id,
        fact: PersonFact::Died(one.day),
        origin: origin.clone(),
    })?;
    let until = add_days(one.day, 1).unwrap_or(one.day);
    Ok(attempt.leave(id, until, &origin)?.1)
}

/// Whoever moved away leaves the household on that day; an older word than what
/// the register has of the membership changes nothing.
fn left(
    attempt: &mut Attempt,
    source: &RegisterSource,
    batch: DataBatchId,
    one: &Happened,
    id: PersonId,
    now: Now,
) -> Result<bool, Doubt> {
    let state = &attempt.register.state;
    let membership = state.household_of(id, now.today()).map(|(_, own)| own);
    let newer = |own: &engine_registry::Membership| own.origin.as_of() < one.as_of;
    if !membership.is_some_and(newer) {
        return Ok(false);
    }
    let origin = origin(source, batch, one.as_of);
    Ok(attempt.leave(id, one.day, &origin)?.1)
}

/// A child joins its mother's household; of a mother who is not of this register it will
/// come with its own household.
fn born(
    attempt: &mut Attempt,
    source: &RegisterSource,
    batch: DataBatchId,
    one: &Happened,
    (id, name, mother): (PersonId, &PersonName, PersonNumber),
    now: Now,
) -> Result<bool, Doubt> {
    let Some(mother) = attempt.register.state.by_number(mother) else {
        return Ok(false);
    };
    let child = Child {
        id,
        number: one.number,
        name: name.clone(),
        day: one.day,
    };
    let origin = origin(source, batch, one.as_of);
    child_joins(attempt, &child, mother, origin, now)?;
    Ok(false)
}

impl From<Refusal> for Doubt {
    /// What the register refuses goes to a person, in its words.
    fn from(why: Refusal) -> Doubt {
        let kind = "does_not_fit";
        let says = why.to_string();
        Doubt { kind, says }
    }
}
