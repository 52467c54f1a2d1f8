//! 「家庭画像」 A household and its people as an officer may see them for a case or a
//! lead: members over time, data with source and day, cases, what they receive.
//! Numbers, telephone and address are masked; one field of one person is shown
//! whole for a reason, and that is on record before it is shown.

use crate::case::file::{Kin, Receiving, kin_of, received};
use crate::portrait::PortraitPage;
use crate::{App, AppError, Context, Result, WorkLine};
use engine_access::{Action, Permit, Purpose, Record, RecordState, View};
use engine_payment::Beneficiary;
use engine_pool::PurposeKind;
use engine_registry::{Config, Household, Origin, Person, PersonFact, PersonField};
use kernel::{Date, FieldLevel, HouseholdId, PersonId};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterSlice, Tx};

/// What is shown of a person, in this order.
const FIELDS: [PersonField; 8] = [
    PersonField::Number,
    PersonField::Sex,
    PersonField::Born,
    PersonField::Died,
    PersonField::HukouRegion,
    PersonField::HomeRegion,
    PersonField::Address,
    PersonField::Mobile,
];

/// A household as its page shows it.
#[derive(Clone, Debug)]
pub struct HouseholdPage {
    /// Its number.
    pub id: HouseholdId,
    /// Its head's name.
    pub name: String,
    /// Where it lives.
    pub place: String,
    /// Where it lived since when.
    pub places: Vec<(Date, String)>,
    /// The tree.
    pub kin: Vec<Kin>,
    /// Its people, today's and former.
    pub people: Vec<PersonPage>,
    /// Its cases, newest first.
    pub cases: Vec<WorkLine>,
    /// What it receives.
    pub receiving: Vec<Receiving>,
    /// What the latest data changed there, where the reading is for a lead of it.
    pub changed: Vec<String>,
    /// Its portrait, where the pack has one.
    pub portrait: Option<PortraitPage>,
}

/// A person of the household.
#[derive(Clone, Debug)]
pub struct PersonPage {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Relation to the head and since when; every membership there was.
    pub memberships: Vec<(String, Date, Option<Date>)>,
    /// What the register knows.
    pub fields: Vec<FieldLine>,
    /// What departments hold.
    pub data: Vec<DataLine>,
}

/// A field of a person.
#[derive(Clone, Debug)]
pub struct FieldLine {
    /// Its id, for showing it whole.
    pub id: &'static str,
    /// Its name.
    pub label: &'static str,
    /// As far as it is shown.
    pub value: String,
    /// Whether there is more of it.
    pub masked: bool,
    /// Who said so.
    pub source: String,
    /// The day it is about.
    pub as_of: Date,
}

/// A category of data about a person.
#[derive(Clone, Debug)]
pub struct DataLine {
    /// Its name.
    pub category: String,
    /// Whose it is.
    pub department: String,
    /// How many records.
    pub records: usize,
    /// The newest day.
    pub as_of: Date,
    /// Whether it is older than it should be.
    pub stale: bool,
}

fn level(field: PersonField) -> FieldLevel {
    match field {
        PersonField::Name | PersonField::Sex => FieldLevel::L1,
        PersonField::Born | PersonField::Died => FieldLevel::L1,
        PersonField::HukouRegion | PersonField::HomeRegion => FieldLevel::L1,
        PersonField::Address | PersonField::Mobile | PersonField::Number => FieldLevel::L3,
    }
}

fn id(field: PersonField) -> &'static str {
    match field {
        PersonField::Name => "name",
        PersonField::Number => "number",
        PersonField::Sex => "sex",
        PersonField::Born => "born",
        PersonField::Died => "died",
        PersonField::HukouRegion => "hukou",
        PersonField::HomeRegion => "home",
        PersonField::Address => "address",
        PersonField::Mobile => "mobile",
    }
}

impl App {
    /// 看家庭 For a case of this household or a lead about it.
    ///
    /// # Errors
    /// A refusal; a case or lead of another household; the store's.
    pub async fn household_page(&self, ctx: &Context, id: HouseholdId) -> Result<HouseholdPage> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| app.household_read(tx, &ctx, id).await)
            .await
    }

    /// 看一项 One field of one person, whole, for a reason.
    ///
    /// # Errors
    /// A refusal; no reason; nothing there; the store's.
    pub async fn unmask(
        &self,
        ctx: &Context,
        household: HouseholdId,
        person: PersonId,
        field: &str,
        reason: &str,
    ) -> Result<String> {
        let reason = reason.trim().to_owned();
        if reason.chars().count() < 2 {
            return Err(AppError::BadInput("请写明为什么要看".to_owned()));
        }
        let wanted = FIELDS.into_iter().find(|one| id(*one) == field);
        let wanted = wanted.ok_or_else(|| AppError::BadInput("没有这一项".to_owned()))?;
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let state = app.matter(tx, &ctx, household).await?;
                let family = load(tx, household).await?;
                let found = family.households.get(&household);
                let found = found.ok_or_else(nobody)?;
                let belongs = found.memberships.iter().any(|one| one.person == person);
                let one = family.people.get(&person).filter(|_| belongs);
                let one = one.ok_or_else(nobody)?;
                let record = Record {
                    region: found.region_on(now.today()),
                    subjects: vec![person],
                    state,
                    level: FieldLevel::L4,
                };
                ctx.authorise(tx, Action::Unmask, record, &[], now).await?;
                let version = one.standing(wanted, &Config::default());
                let value = version.map(|version| app.words(&version.fact));
                let subject = format!("person:{person}");
                let told = (id(wanted), &reason);
                ctx.record(tx, "person.unmask", &subject, &told, now)
                    .await?;
                value.ok_or_else(|| AppError::BadInput("底册里没有这一项".to_owned()))
            })
            .await
    }

    /// The matter the reading is for must be this household's.
    pub(crate) async fn matter(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        household: HouseholdId,
    ) -> Result<RecordState> {
        let refused = || AppError::refused(engine_access::Refusal::Purpose);
        match &ctx.purpose {
            Purpose::Case(case) => {
                let case = tx.case(*case).await?.state;
                let opened = case.opened.as_ref();
                match opened.is_some_and(|one| one.household == household) {
                    true => Ok(crate::case::record_state(case.phase)),
                    false => Err(refused()),
                }
            }
            Purpose::Visit(finding) => match tx.finding(*finding).await?.household == household {
                true => Ok(RecordState::None),
                false => Err(refused()),
            },
            _ => Err(refused()),
        }
    }

    async fn household_read(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        id: HouseholdId,
    ) -> Result<HouseholdPage> {
        let (now, today) = (self.now(), self.now().today());
        let state = self.matter(tx, ctx, id).await?;
        let family = load(tx, id).await?;
        let household = family.households.get(&id).ok_or_else(nobody)?;
        let members: BTreeSet<PersonId> = household
            .memberships
            .iter()
            .map(|membership| membership.person)
            .collect();
        let record = Record {
            region: household.region_on(today),
            subjects: members.iter().copied().collect(),
            state,
            level: FieldLevel::L3,
        };
        let permit = ctx
            .authorise(tx, Action::ReadPerson, record, &[], now)
            .await?;
        ctx.record(tx, "household.read", &format!("household:{id}"), &(), now)
            .await?;
        let mut data = self.data_of(tx, &members).await?;
        let people = family.people.values();
        let people = people
            .filter(|one| members.contains(&one.id))
            .map(|one| self.person_page(one, household, &permit, data.remove(&one.id)));
        let people: Vec<PersonPage> = people.collect();
        let mut cases = Vec::new();
        for case in tx.cases_of_household(id).await? {
            cases.push(tx.case(case).await?.state);
        }
        cases.reverse();
        let mut whose = vec![Beneficiary::Household(id)];
        whose.extend(members.iter().map(|one| Beneficiary::Person(*one)));
        let head = household.head_on(today);
        let name = head.and_then(|head| family.people.get(&head)?.name(&Config::default()));
        let places = household.regions.iter();
        let portrait = match household.region_on(today) {
            Some(region) if !self.law.pack.portrait().is_empty() => {
                Some(self.portrait_of(tx, id, region, &permit).await?)
            }
            _ => None,
        };
        let behind = match ctx.purpose {
            Purpose::Visit(finding) => tx.change_behind(finding).await?,
            _ => None,
        };
        let facts = behind.map(|one| one.facts).unwrap_or_default();
        let called = |who: PersonId| {
            let name = family
                .people
                .get(&who)
                .and_then(|one| one.name(&Config::default()));
            name.map(ToString::to_string).unwrap_or_default()
        };
        Ok(HouseholdPage {
            changed: crate::turned::spoken(&facts, permit.level, called),
            portrait,
            id,
            name: name.map(ToString::to_string).unwrap_or_default(),
            place: household
                .region_on(today)
                .map(|region| self.place(region))
                .unwrap_or_default(),
            places: places.map(|(from, at)| (*from, self.place(*at))).collect(),
            kin: kin_of(&family, &household.memberships, today),
            people,
            cases: self.lines(tx, cases).await?,
            receiving: received(tx, self, whose).await?,
        })
    }

    pub(crate) fn person_page(
        &self,
        person: &Person,
        household: &Household,
        permit: &Permit,
        data: Option<Vec<DataLine>>,
    ) -> PersonPage {
        let config = Config::default();
        let fields = FIELDS.into_iter().filter_map(|field| {
            let version = person.standing(field, &config)?;
            let whole = self.words(&version.fact);
            // As in a list: what is sensitive is never whole until it is asked for.
            let shown = engine_access::show(&whole, level(field), View::List, permit);
            let value = shown.unwrap_or_else(|| "****".to_owned());
            Some(FieldLine {
                id: id(field),
                label: field.label(),
                masked: value != whole,
                value,
                source: self.origin(&version.origin),
                as_of: version.origin.as_of(),
            })
        });
        let memberships = household.memberships.iter();
        let memberships = memberships.filter(|one| one.person == person.id);
        PersonPage {
            person: person.id,
            name: person
                .name(&config)
                .map(ToString::to_string)
                .unwrap_or_default(),
            memberships: memberships
                .map(|one| (one.relation.label().to_owned(), one.from, one.until))
                .collect(),
            fields: fields.collect(),
            data: data.unwrap_or_default(),
        }
    }

    /// What departments hold about these people that may be known without asking.
    async fn data_of(
        &self,
        tx: &mut Tx,
        people: &BTreeSet<PersonId>,
    ) -> Result<BTreeMap<PersonId, Vec<DataLine>>> {
        let catalogue = &self.law.pack.data().catalogue;
        let today = self.now().today();
        let mut data: BTreeMap<PersonId, Vec<DataLine>> = BTreeMap::new();
        let mut counted: BTreeMap<_, (usize, Date)> = BTreeMap::new();
        let standings = tx.pool_standings().await?;
        for record in tx.records_of(people, None).await? {
            let key = (record.person, record.category.clone());
            let entry = counted.entry(key).or_insert((0, record.as_of));
            *entry = (entry.0 + 1, entry.1.max(record.as_of));
        }
        for ((person, id), (records, as_of)) in counted {
            let Some(category) = catalogue.category(&id) else {
                continue;
            };
            if !category.allows(PurposeKind::Discovery) {
                continue;
            }
            let owner = catalogue.owner(&id).map(|one| one.name.clone());
            let standing = standings.get(&id);
            data.entry(person).or_default().push(DataLine {
                category: category.name.clone(),
                department: owner.unwrap_or_default(),
                records,
                as_of,
                stale: standing.is_none_or(|one| !one.is_fresh(category, today)),
            });
        }
        Ok(data)
    }

    fn words(&self, fact: &PersonFact) -> String {
        let place = |region: kernel::RegionCode| {
            let tree = self.law.pack.regions();
            tree.full_name(region, self.now().today())
        };
        match fact {
            PersonFact::Name(name) => name.to_string(),
            PersonFact::Number(number) => number.reveal().to_owned(),
            PersonFact::Sex(sex) => sex.label().to_owned(),
            PersonFact::Born(day) | PersonFact::Died(day) => {
                day.format("%Y年%-m月%-d日").to_string()
            }
            PersonFact::HukouRegion(region) | PersonFact::HomeRegion(region) => place(*region),
            PersonFact::Address(address) => address.clone(),
            PersonFact::Mobile(mobile) => mobile.reveal().to_owned(),
        }
    }

    fn origin(&self, origin: &Origin) -> String {
        match origin {
            Origin::Department { category, .. } => {
                let catalogue = &self.law.pack.data().catalogue;
                let owner = catalogue.owner(category).map(|one| one.name.clone());
                owner.unwrap_or_else(|| category.to_string())
            }
            Origin::Declared { .. } => "本人提供".to_owned(),
        }
    }
}

fn nobody() -> AppError {
    AppError::Store(store::StoreError::NotFound {
        what: "家庭",
        id: String::new(),
    })
}

pub(crate) async fn load(tx: &mut Tx, id: HouseholdId) -> Result<engine_registry::State> {
    let slice = RegisterSlice {
        households: BTreeSet::from([id]),
        ..RegisterSlice::default()
    };
    Ok(tx.register(&slice).await?.state)
}
