//! 「入底册」 From the delivery that says who lives where with whom to the register
//! of people and households. Members of a household get neighbouring numbers, so
//! that their records lie together. Who is known already is brought up to date.

use super::life;
use super::renew::{Delivery, renew, residents};
use super::told::Told;
use crate::context::Context;
use crate::error::{AppError, Result};
use engine_pool::{Record, Subject, Value};
use engine_registry::{Command, Config, Event, NewMember, Origin, PersonFact, State, decide};
use kernel::{
    DataBatchId, Date, HouseholdId, Mobile, Now, PersonId, PersonName, PersonNumber, RegionCode,
    Relation, Slug,
};
use packs::{RegisterSource, ResidentFields};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::Tx;

/// Households that enter the register at a time.
const PIECE: usize = 250;

/// Up to how many residents each number is looked up by itself.
const FEW: usize = 2_000;

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
    /// Known households that were brought up to date.
    pub updated: u64,
    /// People who died.
    pub deaths: u64,
    /// Who they are.
    #[serde(skip)]
    pub dead: BTreeSet<PersonId>,
    /// Children who joined their mother's household.
    pub births: u64,
    /// Mothers with their children.
    #[serde(skip)]
    pub born: BTreeSet<(PersonId, PersonId)>,
    /// Births whose certificate was withdrawn.
    #[serde(skip)]
    pub unborn: Vec<Unborn>,
    /// People who moved away.
    pub left: u64,
    /// What does not fit the register: not changed, asked of a person.
    pub questions: u64,
    /// Records that could not become a person, in words.
    pub left_out: Vec<String>,
}

/// A birth whose certificate was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unborn {
    /// The mother it named.
    pub mother: PersonId,
    /// The child.
    pub child: PersonId,
    /// What is asked where a person has acted on the birth.
    pub asks: store::RegisterQuestion,
}

/// A resident as the delivery tells, names resolved.
#[derive(Clone)]
pub(super) struct Resident {
    /// The household's own number at the department.
    pub(super) household: String,
    pub(super) record_no: String,
    pub(super) number: PersonNumber,
    pub(super) name: PersonName,
    pub(super) region: RegionCode,
    pub(super) relation: Relation,
    /// Where one is given and can be one; a wrong number is left out, not guessed.
    pub(super) mobile: Option<Mobile>,
    pub(super) as_of: Date,
}

/// Why something of a delivery is asked of a person instead of being done.
pub(crate) struct Doubt {
    pub(crate) kind: &'static str,
    pub(crate) says: String,
}

/// Takes what a delivery tells into the register.
pub(super) async fn register(
    tx: &mut Tx,
    ctx: &Context,
    sources: &[RegisterSource],
    source: &RegisterSource,
    batch: DataBatchId,
    told: &[Told],
    now: Now,
) -> Result<Registered> {
    let (mut residents, mut happened) = (Vec::new(), Vec::new());
    for one in told {
        match one {
            Told::Resident(one) => residents.push(one),
            Told::Happened(one) => happened.push(one.clone()),
        }
    }
    if !happened.is_empty() {
        return life::happened(tx, ctx, source, batch, &happened, now).await;
    }
    let numbers = residents.iter().map(|one| one.number);
    let known = match residents.len() > FEW {
        true => tx.number_index().await?,
        false => tx.numbers_among(numbers).await?,
    };
    let mut told = Registered::default();
    let mut families: BTreeMap<&str, Vec<&Resident>> = BTreeMap::new();
    let mut places: BTreeMap<PersonNumber, &str> = BTreeMap::new();
    for resident in residents {
        if places.contains_key(&resident.number) {
            told.left_out.push(format!(
                "记录 {}：这个人在本文件前面的一条记录里已经登记，只取第一条。请核对户号",
                resident.record_no
            ));
            continue;
        }
        places.insert(resident.number, &resident.household);
        families
            .entry(&resident.household)
            .or_default()
            .push(resident);
    }
    let goes_on = |family: &Vec<&Resident>| {
        let mut numbers = family.iter().map(|one| one.number);
        numbers.any(|number| known.person(number).is_some())
    };
    let (old, new): (BTreeMap<&str, _>, BTreeMap<&str, _>) = families
        .into_iter()
        .partition(|(_, family)| goes_on(family));
    found_families(tx, ctx, source, batch, new, &mut told, now).await?;
    let delivery = Delivery {
        sources,
        source,
        batch,
        places: &places,
        now,
    };
    for family in old.into_values() {
        let family: Vec<Resident> = family.into_iter().cloned().collect();
        renew(tx, ctx, &delivery, &family, &mut told).await?;
    }
    Ok(told)
}

/// Brings households nobody of whom is known into the register, a piece at a time.
async fn found_families(
    tx: &mut Tx,
    ctx: &Context,
    source: &RegisterSource,
    batch: DataBatchId,
    families: BTreeMap<&str, Vec<&Resident>>,
    told: &mut Registered,
    now: Now,
) -> Result<()> {
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
    Ok(())
}

/// Where a fact of a delivery comes from.
pub(super) fn origin(source: &RegisterSource, batch: DataBatchId, as_of: Date) -> Origin {
    Origin::Department {
        category: source.category.clone(),
        batch,
        as_of,
    }
}

/// What a resident's record says of the person.
pub(super) fn facts_of(source: &RegisterSource, resident: &Resident) -> Vec<PersonFact> {
    let registered = residents(source).is_none_or(|fields| fields.registered);
    let region = match registered {
        true => PersonFact::HukouRegion(resident.region),
        false => PersonFact::HomeRegion(resident.region),
    };
    let mut facts = vec![
        PersonFact::Name(resident.name.clone()),
        PersonFact::Number(resident.number),
        region,
    ];
    facts.extend(resident.mobile.clone().map(PersonFact::Mobile));
    facts
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Resident {
    /// Reads a record of the register's category.
    ///
    /// # Errors
    /// Why it cannot become a person, in words.
    pub(super) fn read(source: &ResidentFields, record: &Record) -> Result<Resident, String> {
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
pub(super) fn settle_head(family: &mut [Resident]) -> bool {
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
    let origin = |as_of| origin(source, batch, as_of);
    for (resident, id) in family.iter().zip(numbers) {
        act(Command::RegisterPerson {
            id: *id,
            facts: facts_of(source, resident),
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
