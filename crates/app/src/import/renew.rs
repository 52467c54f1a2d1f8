//! 「更新」 A household of a later delivery of which somebody is known: moved,
//! joined, left, grown, another head. Only newer words count; what does not fit
//! changes nothing and is asked of a person.

use super::attempt::Attempt;
use super::register::{Doubt, Registered, Resident, facts_of, origin};
use crate::context::Context;
use crate::error::Result;
use engine_registry::{Command, Config, Household, NewMember, PersonFact, PersonField, State};
use kernel::{DataBatchId, Date, HouseholdId, Now, PersonId, PersonNumber, Relation, add_days};
use packs::{RegisterSays, RegisterSource};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterQuestion, Tx};

/// A delivery of residents, beside what the register is taken from altogether.
pub(super) struct Delivery<'d> {
    pub(super) sources: &'d [RegisterSource],
    pub(super) source: &'d RegisterSource,
    pub(super) batch: DataBatchId,
    /// Everybody of the delivery: which of its households they are told in.
    pub(super) places: &'d BTreeMap<PersonNumber, &'d str>,
    pub(super) now: Now,
}

/// Brings the register up to a delivery's household.
pub(super) async fn renew(
    tx: &mut Tx,
    ctx: &Context,
    delivery: &Delivery<'_>,
    family: &[Resident],
    told: &mut Registered,
) -> Result<()> {
    let now = delivery.now;
    let numbers = family.iter().map(|one| one.number);
    let mut attempt = Attempt::load(tx, numbers, now).await?;
    let state = &attempt.register.state;
    let (known, new): (Vec<_>, Vec<_>) = family
        .iter()
        .map(|one| (state.by_number(one.number), one))
        .partition(|(id, _)| id.is_some());
    let ids: Vec<PersonId> = tx
        .next_ids("person", u32::try_from(new.len()).unwrap_or(u32::MAX))
        .await?
        .map(PersonId)
        .collect();
    let known: Vec<(PersonId, &Resident)> = known
        .into_iter()
        .filter_map(|(id, one)| Some((id?, one)))
        .collect();
    let new: Vec<(PersonId, &Resident)> = ids
        .into_iter()
        .zip(new)
        .map(|(id, (_, one))| (id, one))
        .collect();
    let fresh = HouseholdId(tx.next_id("household").await?);
    match bring_up(&mut attempt, delivery, &known, &new, fresh) {
        Ok(heads) => {
            let formed = attempt.register.state.households.contains_key(&fresh);
            if attempt.save(tx, ctx).await? {
                told.updated += 1;
                told.households += u64::from(formed);
                told.people += new.len() as u64;
                told.heads_to_check += u64::from(heads);
                for (id, one) in &new {
                    tx.adopt_records(one.number, *id).await?;
                }
            }
        }
        Err((record, doubt)) => {
            let question = RegisterQuestion {
                kind: doubt.kind.to_owned(),
                person: known.first().map(|(id, _)| *id),
                category: delivery.source.category.clone(),
                record_no: record.record_no.clone(),
                as_of: record.as_of,
                batch: delivery.batch,
                says: doubt.says,
            };
            told.questions += u64::from(tx.ask_of_register(&question, now).await?);
        }
    }
    Ok(())
}

type Doubted<'r> = (&'r Resident, Doubt);

/// Whether somebody had to stand in as head.
fn bring_up<'r>(
    attempt: &mut Attempt,
    delivery: &Delivery<'_>,
    known: &[(PersonId, &'r Resident)],
    new: &[(PersonId, &'r Resident)],
    fresh: HouseholdId,
) -> std::result::Result<bool, Doubted<'r>> {
    let mut stay: Vec<(PersonId, &Resident)> = Vec::new();
    for (id, one) in known {
        let fault = |doubt| (*one, doubt);
        facts(attempt, delivery, *id, one).map_err(fault)?;
        if counts(&attempt.register.state, delivery, *id, one).map_err(fault)? {
            stay.push((*id, one));
        }
    }
    let Some(first) = stay
        .first()
        .map(|(_, one)| *one)
        .or(new.first().map(|(_, one)| *one))
    else {
        return Ok(false);
    };
    let target = home_of(&attempt.register.state, delivery, &stay);
    maybe_the_same(&attempt.register.state, delivery, target, new)?;
    for (id, one) in new {
        let register = Command::RegisterPerson {
            id: *id,
            facts: facts_of(delivery.source, one),
            origin: origin(delivery.source, delivery.batch, one.as_of),
        };
        attempt.act(register).map_err(|why| (*one, why.into()))?;
    }
    let all: Vec<(PersonId, &Resident)> = stay.iter().chain(new).copied().collect();
    let fault = |why: engine_registry::Refusal| (first, Doubt::from(why));
    match target {
        Some(target) => settle(attempt, delivery, target, &all, first).map_err(fault),
        None => found(attempt, delivery, fresh, &all, first).map_err(fault),
    }
}

/// Newer facts beside the older.
fn facts(
    attempt: &mut Attempt,
    delivery: &Delivery<'_>,
    id: PersonId,
    one: &Resident,
) -> std::result::Result<(), Doubt> {
    let config = Config::default();
    for fact in facts_of(delivery.source, one) {
        let Some(person) = attempt.register.state.people.get(&id) else {
            return Ok(());
        };
        let standing = person.standing(fact.field(), &config);
        let older = standing.is_none_or(|version| version.origin.as_of() < one.as_of);
        let same = standing.is_some_and(|version| version.fact == fact);
        if same || !older || fact.field() == PersonField::Number {
            continue;
        }
        let from = standing.and_then(|version| version.origin.category());
        if matches!(fact, PersonFact::Name(_)) && below(delivery, from) {
            let says = "两个部门写的姓名不一样，底册没有改。请核实".to_owned();
            let kind = "name_differs";
            return Err(Doubt { kind, says });
        }
        attempt.act(Command::Record {
            person: id,
            fact,
            origin: origin(delivery.source, delivery.batch, one.as_of),
        })?;
    }
    Ok(())
}

/// Whether the register takes a household from a category before this delivery's.
fn below(delivery: &Delivery<'_>, category: Option<&kernel::Slug>) -> bool {
    let place = |wanted: &kernel::Slug| {
        let mut sources = delivery.sources.iter();
        sources.position(|source| source.category == *wanted)
    };
    let own = place(&delivery.source.category);
    category
        .and_then(place)
        .is_some_and(|other| Some(other) < own)
}

/// Whether this delivery may say which household a person belongs to: they live,
/// nothing newer is known, no department counts for more.
fn counts(
    state: &State,
    delivery: &Delivery<'_>,
    id: PersonId,
    one: &Resident,
) -> std::result::Result<bool, Doubt> {
    let died = state.people.get(&id).and_then(|person| {
        let version = person.standing(PersonField::Died, &Config::default())?;
        Some(version.origin.as_of())
    });
    if let Some(told_on) = died {
        if one.as_of <= told_on {
            return Ok(false);
        }
        let says = "底册上已经去世的人，这份更新的数据里还在。底册没有改，请核实".to_owned();
        let kind = "alive_after_death";
        return Err(Doubt { kind, says });
    }
    if let Some((_, own)) = state.household_of(id, delivery.now.today()) {
        let newer = own.origin.as_of() <= one.as_of;
        return Ok(newer && !below(delivery, own.origin.category()));
    }
    let memberships = state.households.values().flat_map(|home| &home.memberships);
    let mut left = memberships
        .filter(|own| own.person == id)
        .filter_map(|own| own.until);
    Ok(left.all(|until| until <= one.as_of))
}

/// The household of the register that this one goes on from: of those most of
/// whose members the delivery tells here, the one with the same head, else with
/// most of these people.
fn home_of(
    state: &State,
    delivery: &Delivery<'_>,
    stay: &[(PersonId, &Resident)],
) -> Option<HouseholdId> {
    let today = delivery.now.today();
    let here = stay.first().map(|(_, one)| one.household.as_str())?;
    let head = stay.iter().find(|(_, one)| one.relation.is_head());
    let goes_on = |home: &&Household| {
        let mut votes: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
        for member in home.members_on(today) {
            let person = state.people.get(&member.person);
            let number = person.and_then(|person| person.number(&Config::default()));
            if let Some(place) = number.and_then(|number| delivery.places.get(&number)) {
                let vote = votes.entry(place).or_default();
                vote.0 += 1;
                vote.1 |= member.relation.is_head();
            }
        }
        // The first of equals: the delivery's lowest number.
        let winner = votes.iter().rev().max_by_key(|(_, vote)| **vote);
        winner.is_some_and(|(place, _)| *place == here)
    };
    let ours = |home: &Household| {
        let members = home.members_on(today);
        members
            .filter(|member| stay.iter().any(|(id, _)| *id == member.person))
            .count()
    };
    let candidates = state.households.values().filter(|home| ours(home) > 0);
    let best = candidates.filter(goes_on).max_by_key(|home| {
        let same_head = home
            .head_on(today)
            .is_some_and(|old| head.is_some_and(|(id, _)| *id == old));
        (same_head, ours(home), std::cmp::Reverse(home.id))
    });
    best.map(|home| home.id)
}

/// A stranger of the same name and birthday as a member the delivery no longer
/// tells of: perhaps a corrected number. Not for the machine to say.
fn maybe_the_same<'r>(
    state: &State,
    delivery: &Delivery<'_>,
    target: Option<HouseholdId>,
    new: &[(PersonId, &'r Resident)],
) -> std::result::Result<(), Doubted<'r>> {
    let Some(home) = target.and_then(|id| state.households.get(&id)) else {
        return Ok(());
    };
    let config = Config::default();
    for (_, one) in new {
        let alike = home.members_on(delivery.now.today()).find(|member| {
            state.people.get(&member.person).is_some_and(|person| {
                let number = person.number(&config);
                person.name(&config) == Some(&one.name)
                    && person.born(&config) == one.number.born()
                    && !number.is_some_and(|number| delivery.places.contains_key(&number))
            })
        });
        if let Some(alike) = alike {
            let says = format!(
                "这一户已有同名同日出生的人（编号 {}），证件号码不同。请核实是不是同一人",
                alike.person
            );
            let kind = "maybe_the_same";
            return Err((one, Doubt { kind, says }));
        }
    }
    Ok(())
}

/// A household of the register as the delivery has it.
fn settle(
    attempt: &mut Attempt,
    delivery: &Delivery<'_>,
    target: HouseholdId,
    all: &[(PersonId, &Resident)],
    first: &Resident,
) -> std::result::Result<bool, engine_registry::Refusal> {
    let today = delivery.now.today();
    let origin = origin(delivery.source, delivery.batch, first.as_of);
    let home = |attempt: &Attempt| attempt.register.state.households.get(&target).cloned();
    let mut stood_in = false;
    for (id, one) in all {
        let at = attempt.register.state.household_of(*id, today);
        if at.is_some_and(|(home, _)| home.id == target) {
            continue;
        }
        let (from, heads) = attempt.leave(*id, one.as_of, &origin)?;
        stood_in |= heads;
        // Whoever becomes head is first a member: the head changes afterwards.
        let relation = match one.relation.is_head() {
            true => Relation::from_code(97).unwrap_or(Relation::NOT_RELATED),
            false => one.relation,
        };
        attempt.act(Command::Join {
            household: target,
            member: NewMember {
                person: *id,
                relation,
            },
            from,
            origin: origin.clone(),
        })?;
    }
    let Some(household) = home(attempt) else {
        return Ok(stood_in);
    };
    let moved = household.regions.last();
    if moved.is_some_and(|(since, region)| *region != first.region && *since < first.as_of) {
        attempt.act(Command::Move {
            household: target,
            region: first.region,
            from: first.as_of,
        })?;
    }
    let told: BTreeMap<PersonId, Relation> =
        all.iter().map(|(id, one)| (*id, one.relation)).collect();
    let members: Vec<_> = household.members_on(today).cloned().collect();
    let differs = members.iter().any(|member| {
        let word = told.get(&member.person);
        word.is_some_and(|word| *word != member.relation)
    });
    if !differs || told.values().filter(|one| one.is_head()).count() != 1 {
        return Ok(stood_in);
    }
    restate(attempt, target, &members, &told, &origin, first.as_of)?;
    Ok(stood_in)
}

/// States every relation anew, from the first day the register can tell.
fn restate(
    attempt: &mut Attempt,
    target: HouseholdId,
    members: &[engine_registry::Membership],
    told: &BTreeMap<PersonId, Relation>,
    origin: &engine_registry::Origin,
    wanted: Date,
) -> std::result::Result<(), engine_registry::Refusal> {
    let other = Relation::from_code(97).unwrap_or(Relation::NOT_RELATED);
    let restated = members.iter().map(|member| {
        let silent = match member.relation.is_head() {
            true => other,
            false => member.relation,
        };
        NewMember {
            person: member.person,
            relation: told.get(&member.person).copied().unwrap_or(silent),
        }
    });
    let restated: Vec<NewMember> = restated.collect();
    let newest = members.iter().map(|member| member.from).max();
    let after = newest.and_then(|day| add_days(day, 1));
    attempt.act(Command::ChangeHead {
        household: target,
        members: restated,
        from: after.map_or(wanted, |after| after.max(wanted)),
        origin: origin.clone(),
    })
}

/// A household that goes on from none.
fn found(
    attempt: &mut Attempt,
    delivery: &Delivery<'_>,
    fresh: HouseholdId,
    all: &[(PersonId, &Resident)],
    first: &Resident,
) -> std::result::Result<bool, engine_registry::Refusal> {
    let origin = origin(delivery.source, delivery.batch, first.as_of);
    let mut from = first.as_of;
    let mut stood_in = false;
    for (id, one) in all {
        let (day, heads) = attempt.leave(*id, one.as_of, &origin)?;
        from = from.max(day);
        stood_in |= heads;
    }
    let mut family: Vec<Resident> = all.iter().map(|(_, one)| (*one).clone()).collect();
    stood_in |= super::register::settle_head(&mut family);
    let mut seen = BTreeSet::new();
    let members = all
        .iter()
        .zip(&family)
        .filter(|((id, _), _)| seen.insert(*id));
    let members = members.map(|((id, _), one)| NewMember {
        person: *id,
        relation: one.relation,
    });
    attempt.act(Command::FormHousehold {
        id: fresh,
        region: first.region,
        members: members.collect(),
        from,
        within: None,
        origin,
    })?;
    Ok(stood_in)
}

/// The fields of a source of residents.
pub(super) fn residents(source: &RegisterSource) -> Option<&packs::ResidentFields> {
    match &source.says {
        RegisterSays::Residents(fields) => Some(fields),
        _ => None,
    }
}
