//! 「检验」 The register: nothing is lost, nobody is in two households, every
//! household has its head, merges are proposed, confirmed and undone.

mod households;
mod life;
mod merges;
mod people;
mod suspects;
mod whatever;

use crate::*;
use kernel::{
    Actor, DataBatchId, Date, HouseholdId, MergeId, Now, PersonId, PersonName, PersonNumber,
    Refuse, RegionCode, Relation, Role, Sex, Slug,
};
use std::collections::BTreeMap;

const MOTHER: &str = "990482194803150023";
const SON: &str = "990482200001010035";
const CHILD: &str = "990782201506011042";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn region(text: &str) -> RegionCode {
    text.parse().unwrap()
}

fn clerk(person: i64) -> Actor {
    Actor {
        account: format!("clerk{person}"),
        person: Some(PersonId(person)),
        role: Role::TownOfficer,
    }
}

fn sent(category: &str, batch: i64, as_of: &str) -> Origin {
    Origin::Department {
        category: slug(category),
        batch: DataBatchId(batch),
        as_of: day(as_of),
    }
}

fn told(as_of: &str) -> Origin {
    let (case, by, as_of) = (None, clerk(900), day(as_of));
    Origin::Declared { case, by, as_of }
}

fn name(text: &str) -> PersonFact {
    PersonFact::Name(text.parse::<PersonName>().unwrap())
}

fn number(text: &str) -> PersonFact {
    PersonFact::Number(text.parse::<PersonNumber>().unwrap())
}

fn run(state: &mut State, command: Command) -> Result<Vec<Event>, Refusal> {
    run_with(state, command, &Config::default())
}

fn run_with(state: &mut State, command: Command, config: &Config) -> Result<Vec<Event>, Refusal> {
    let at = "2026-11-23T04:00:00Z".parse().unwrap();
    let events = decide(state, command, config, Now { at })?;
    events.iter().for_each(|event| state.apply(event));
    Ok(events)
}

fn register(id: i64, text: &str) -> Command {
    Command::RegisterPerson {
        id: PersonId(id),
        facts: vec![name("测试甲"), number(text)],
        origin: sent("hukou", 1, "2026-01-01"),
    }
}

fn people() -> State {
    let mut state = State::default();
    for (id, text) in [(1, MOTHER), (2, SON), (3, CHILD)] {
        run(&mut state, register(id, text)).unwrap();
    }
    state
}

fn member(person: i64, relation: Relation) -> NewMember {
    NewMember {
        person: PersonId(person),
        relation,
    }
}

fn form(id: i64, members: Vec<NewMember>, from: &str, within: Option<i64>) -> Command {
    Command::FormHousehold {
        id: HouseholdId(id),
        region: region("330482001001"),
        members,
        from: day(from),
        within: within.map(HouseholdId),
        origin: sent("hukou", 1, from),
    }
}

/// Mother and son in household 1 since 2020; the child in none.
fn family() -> State {
    let mut state = people();
    let members = vec![member(1, Relation::HEAD), member(2, Relation::SON)];
    run(&mut state, form(1, members, "2020-01-01", None)).unwrap();
    state
}

fn record(person: i64, fact: PersonFact, origin: Origin) -> Command {
    Command::Record {
        person: PersonId(person),
        fact,
        origin,
    }
}

fn leave(person: i64, until: &str) -> Command {
    Command::Leave {
        household: HouseholdId(1),
        person: PersonId(person),
        until: day(until),
    }
}

fn propose(keep: i64, merge: i64) -> Command {
    Command::ProposeMerge {
        id: MergeId(1),
        keep: PersonId(keep),
        merge: PersonId(merge),
        reason: "同一人，旧号升位后重复登记".into(),
        by: clerk(900),
    }
}
