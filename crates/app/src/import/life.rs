//! 「生、死、迁出」 What happened to people the register knows: the dead leave their
//! household and stay in history, a child joins its mother's, who moved away
//! leaves. What contradicts the register changes nothing: it is asked of a person.

use super::attempt::Attempt;
use super::register::{Doubt, Registered, origin};
use super::told::{Happened, What};
use crate::context::Context;
use crate::error::Result;
use engine_registry::{Command, Config, NewMember, PersonFact, PersonField, Refusal};
use kernel::{DataBatchId, Date, Now, PersonId, PersonName, PersonNumber, Relation, add_days};
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
            What::Born { mother, .. } => Some(*mother),
            What::Died | What::Left => None,
        };
        let numbers = [Some(one.number), mother].into_iter().flatten();
        let mut attempt = Attempt::load(tx, numbers, now).await?;
        let id = attempt.register.state.by_number(one.number);
        let done = match (&one.what, id) {
            (What::Died, Some(id)) => died(&mut attempt, source, batch, one, id),
            (What::Left, Some(id)) => left(&mut attempt, source, batch, one, id, now),
            (What::Born { name, mother }, None) => {
                let id = PersonId(tx.next_id("person").await?);
                born(&mut attempt, source, batch, one, (id, name, *mother), now)
            }
            // Strangers' deaths and departures; a child that is known already.
            (What::Died | What::Left, None) | (What::Born { .. }, Some(_)) => continue,
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
                        What::Left => told.left += 1,
                        What::Born { .. } => {
                            told.births += 1;
                            if let Some(id) = tx.people_with(one.number).await?.first() {
                                tx.adopt_records(one.number, *id).await?;
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

/// A child joins its mother's household.
fn born(
    attempt: &mut Attempt,
    source: &RegisterSource,
    batch: DataBatchId,
    one: &Happened,
    (id, name, mother): (PersonId, &PersonName, PersonNumber),
    now: Now,
) -> Result<bool, Doubt> {
    let state = &attempt.register.state;
    let today = now.today();
    let home = state.by_number(mother);
    let Some((household, own)) = home.and_then(|mother| state.household_of(mother, today)) else {
        // Not of this register: the child will come with its own household.
        return Ok(false);
    };
    let config = Config::default();
    let twin = household.members_on(today).find(|member| {
        let person = state.people.get(&member.person);
        person.is_some_and(|person| {
            person.name(&config) == Some(name) && person.born(&config) == Some(one.day)
        })
    });
    if let Some(twin) = twin {
        let says = format!(
            "这一户已有同名同日出生的人（编号 {}），证件号码不同。请核实是不是同一人",
            twin.person
        );
        let kind = "maybe_the_same";
        return Err(Doubt { kind, says });
    }
    let relation = match own.relation {
        head if head.is_head() || head.is_spouse() => Relation::from_code(20),
        child if child.is_child() => Relation::from_code(40),
        _ => Relation::from_code(97),
    };
    let relation = relation.unwrap_or(Relation::NOT_RELATED);
    let begun = household
        .members_on(today)
        .filter(|member| member.person == own.person || member.relation.is_head());
    let from: Date = begun.map(|member| member.from).fold(one.day, Date::max);
    let (household, region) = (household.id, household.region_on(today));
    let origin = origin(source, batch, one.as_of);
    let mut facts = vec![
        PersonFact::Name(name.clone()),
        PersonFact::Number(one.number),
        PersonFact::Born(one.day),
    ];
    facts.extend(region.map(PersonFact::HomeRegion));
    attempt.act(Command::RegisterPerson {
        id,
        facts,
        origin: origin.clone(),
    })?;
    let member = NewMember {
        person: id,
        relation,
    };
    attempt.act(Command::Join {
        household,
        member,
        from,
        origin,
    })?;
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
