//! 「入底册」 From the delivery that says who lives where with whom to the register
//! of people and households. Members of a household get neighbouring numbers, so
//! that their records lie together. People who are known already stay as they are.

use crate::context::Context;
use crate::error::{AppError, Result};
use engine_pool::{Record, Subject, Value};
use engine_registry::{Command, Config, Event, NewMember, Origin, PersonFact, State, decide};
use kernel::{
    DataBatchId, HouseholdId, Mobile, Now, PersonId, PersonName, PersonNumber, RegionCode,
    Relation, Slug,
};
use packs::RegisterSource;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;

/// Households that enter the register at a time.
const PIECE: usize = 250;

/// What became of a delivery of residents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// People new in the register.
    pub people: u64,
    /// Households new in the register.
    pub households: u64,
    /// Households whose head's own record was faulty or absent: the eldest stands
    /// in until somebody looks.
    pub heads_to_check: u64,
    /// Records that could not become a person, in words.
    pub left_out: Vec<String>,
}

/// A resident as the delivery tells, names resolved.
#[derive(Clone)]
pub(super) struct Resident {
    /// The household's own number at the department.
    household: String,
    record_no: String,
    number: PersonNumber,
    name: PersonName,
    region: RegionCode,
    relation: Relation,
    /// Where one is given and can be one; a wrong number is left out, not guessed.
    mobile: Option<Mobile>,
    as_of: kernel::Date,
}

/// Brings residents who are not known yet into the register, a piece at a time.
pub(super) async fn register(
    tx: &mut Tx,
    ctx: &Context,
    source: &RegisterSource,
    batch: DataBatchId,
    residents: &[Resident],
    now: Now,
) -> Result<Registered> {
    let known = tx.number_index().await?;
    let mut told = Registered::default();
    let mut families: BTreeMap<&str, Vec<&Resident>> = BTreeMap::new();
    let mut met = BTreeSet::new();
    for resident in residents {
        if !met.insert(resident.number) {
            told.left_out.push(format!(
                "记录 {}：这个人在本文件前面的一条记录里已经登记，只取第一条。请核对户号",
                resident.record_no
            ));
        } else if known.person(resident.number).is_none() {
            let family = families.entry(&resident.household).or_default();
            family.push(resident);
        }
    }
    let people: usize = families.values().map(Vec::len).sum();
    let mut person_ids = tx.next_ids("person", count(people)).await?;
    let mut household_ids = tx.next_ids("household", count(families.len())).await?;
    let mut families = families.into_values().peekable();
    while families.peek().is_some() {
        let mut state = State::default();
        let mut events = Vec::new();
        for family in families.by_ref().take(PIECE) {
            let mut family: Vec<Resident> = family.into_iter().cloned().collect();
            told.heads_to_check += u64::from(settle_head(&mut family));
            let numbers: Vec<PersonId> = person_ids
                .by_ref()
                .take(family.len())
                .map(PersonId)
                .collect();
            let Some(household) = household_ids.next().map(HouseholdId) else {
                break;
            };
            match found_family(source, batch, &family, &numbers, household, now) {
                Ok((family_state, family_events)) => {
                    told.people += family.len() as u64;
                    told.households += 1;
                    state.people.extend(family_state.people);
                    state.households.extend(family_state.households);
                    events.extend(family_events);
                }
                Err(why) => {
                    let first = family.first().map_or("", |one| one.record_no.as_str());
                    told.left_out.push(format!("记录 {first} 这一户：{why}"));
                }
            }
        }
        tx.load_register(&state, &events, &ctx.actor, now).await?;
    }
    Ok(told)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Resident {
    /// Reads a record of the register's category.
    ///
    /// # Errors
    /// Why it cannot become a person, in words.
    pub(super) fn read(source: &RegisterSource, record: &Record) -> Result<Resident, String> {
        let Subject::Person(number) = &record.subject else {
            return Err("不是个人的记录".into());
        };
        let value = |field: &Slug| {
            record
                .get(field.as_str())
                .ok_or_else(|| format!("没有 {field}"))
        };
        let Value::Text(household) = value(&source.household)? else {
            return Err("户号不是文字".into());
        };
        let Value::Text(name) = value(&source.name)? else {
            return Err("姓名不是文字".into());
        };
        let Value::Region(region) = value(&source.region)? else {
            return Err("村社不是区划代码".into());
        };
        let Value::Code(code) = value(&source.relation)? else {
            return Err("与户主关系不是代码".into());
        };
        let relation = source
            .relations
            .get(code)
            .copied()
            .ok_or_else(|| format!("不认识的关系“{code}”"))?;
        let name = name.parse::<PersonName>().map_err(|why| why.to_string())?;
        let phone = source
            .phone
            .as_ref()
            .and_then(|field| record.get(field.as_str()));
        let mobile = match phone {
            Some(Value::Text(text)) => text.parse::<Mobile>().ok(),
            _ => None,
        };
        Ok(Resident {
            household: household.clone(),
            record_no: record.record_no.clone(),
            mobile,
            number: *number,
            name,
            region: *region,
            relation,
            as_of: record.as_of,
        })
    }
}

/// Makes sure of exactly one head; true when somebody had to stand in.
fn settle_head(family: &mut [Resident]) -> bool {
    let heads = family
        .iter()
        .filter(|member| member.relation.is_head())
        .count();
    if heads == 1 {
        return false;
    }
    let eldest = (0..family.len()).min_by_key(|at| (family[*at].number.born(), *at));
    let (Some(eldest), Ok(head), Ok(other)) = (eldest, "02".parse(), "97".parse()) else {
        return true;
    };
    for (at, member) in family.iter_mut().enumerate() {
        if at == eldest {
            member.relation = head;
        } else if member.relation.is_head() {
            member.relation = other;
        }
    }
    true
}

fn found_family(
    source: &RegisterSource,
    batch: DataBatchId,
    family: &[Resident],
    numbers: &[PersonId],
    household: HouseholdId,
    now: Now,
) -> Result<(State, Vec<Event>)> {
    let config = Config::default();
    let (mut state, mut all) = (State::default(), Vec::new());
    let mut act = |command: Command| -> Result<()> {
        let events = decide(&state, command, &config, now).map_err(AppError::refused)?;
        for event in &events {
            state.apply(event);
        }
        all.extend(events);
        Ok(())
    };
    let origin = |as_of| Origin::Department {
        category: source.category.clone(),
        batch,
        as_of,
    };
    for (resident, id) in family.iter().zip(numbers) {
        let mut facts = vec![
            PersonFact::Name(resident.name.clone()),
            PersonFact::Number(resident.number),
            PersonFact::HukouRegion(resident.region),
        ];
        facts.extend(resident.mobile.clone().map(PersonFact::Mobile));
        act(Command::RegisterPerson {
            id: *id,
            facts,
            origin: origin(resident.as_of),
        })?;
    }
    let members = family.iter().zip(numbers);
    let members = members
        .map(|(resident, id)| NewMember {
            person: *id,
            relation: resident.relation,
        })
        .collect();
    let (Some(region), Some(from)) = (
        family.first().map(|r| r.region),
        family.iter().map(|r| r.as_of).min(),
    ) else {
        return Err(AppError::Fault("a household without members".into()));
    };
    act(Command::FormHousehold {
        id: household,
        region,
        members,
        from,
        within: None,
        origin: origin(from),
    })?;
    Ok((state, all))
}
