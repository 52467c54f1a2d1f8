//! 「一件事来了」 A birth, a death, a diagnosis, a dismissal, a new car: each comes as a
//! department's delivery into a whole small city that was judged, on both databases. What
//! is found about the one household says which fact changed, from what to what; every
//! other household stands as it was; a village worker has the lead. And of who receives
//! and is no longer found, the month is paid as before.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod house;
#[expect(dead_code, reason = "each test takes its part")]
#[path = "payment/world.rs"]
mod world;

use app::import::ImportOutcome;
use app::{App, Context};
use engine_access::Purpose;
use engine_payment::{Beneficiary, Entitlement, Every, Item, ItemState};
use engine_policy::{Finding, Member};
use house::{city, deliver, hired, itself};
use kernel::{Date, FixedClock, HouseholdId, Now, PersonId, PersonNumber, RegionCode, Role};
use kernel::{DecisionId, EntitlementId, PaymentBatchId};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::testing::both;
use store::{Found, LeadOutcome, StoreError};
use world::{card, ctx, finance, machine, month, owed, signed_off, slug};

/// Everything the latest run says, by household.
async fn all_found(house: &App) -> BTreeMap<HouseholdId, Vec<Found>> {
    let read = house.db().read(async |tx| {
        let run = tx.latest_screening().await?.unwrap();
        let mut all = BTreeMap::new();
        let mut after = HouseholdId(0);
        loop {
            let page = tx.register_page(after, 500).await?;
            let Some(last) = page.state.households.keys().max().copied() else {
                break;
            };
            after = last;
            for home in page.state.households.keys() {
                let found = tx.findings_of(*home, run.id).await?;
                all.insert(*home, found.into_iter().map(|(_, one)| one).collect());
            }
        }
        Ok::<_, StoreError>(all)
    });
    read.await.unwrap()
}

/// A household as it stood before the event.
struct Home {
    id: HouseholdId,
    village: RegionCode,
    /// Its head's first: who, their number, what is known of them by fact.
    people: Vec<(PersonId, PersonNumber, Member)>,
    found: Vec<Found>,
}

impl Home {
    fn is(&self, benefit: &str, finding: Finding) -> bool {
        let mut all = self.found.iter();
        all.any(|one| one.benefit.as_str() == benefit && one.finding == finding)
    }

    fn knows_nothing_of(&self, benefit: &str) -> bool {
        self.found.iter().all(|one| one.benefit.as_str() != benefit)
    }

    /// Whom the event is about: the first for whom it holds.
    fn whom(&self, holds: impl Fn(&Member) -> bool) -> Option<&(PersonId, PersonNumber, Member)> {
        self.people.iter().find(|(_, _, member)| holds(member))
    }
}

fn known(member: &Member, fact: &str) -> Option<expr::Value> {
    member.facts.get(fact)?.value()
}

fn positive(member: &Member, fact: &str) -> bool {
    matches!(known(member, fact), Some(expr::Value::Number(one)) if one.mantissa > 0)
}

fn age(number: &PersonNumber) -> i32 {
    2026 - chrono::Datelike::year(&number.born().unwrap())
}

/// What happens to somebody, as a department tells it.
struct Event {
    name: &'static str,
    category: &'static str,
    lines: fn(&Home) -> Option<Vec<String>>,
    /// The fact that turns, as the pack names it; `None`: the household's members do.
    fact: Option<&'static str>,
    /// What is found after, and of what.
    led: (&'static str, Option<Finding>),
}

/// Four weeks before the day of the test.
const TODAY: &str = "2026-11-30";

fn events() -> Vec<Event> {
    vec![
        Event {
            name: "a new car",
            category: "vehicle",
            lines: |home| {
                let receives = home.is("dibao", Finding::ReceivingRightly);
                let (_, number, _) = home.whom(|_| receives)?;
                Some(vec![
                    "id_no,record_no,as_of,plate,type,brand,register_date,value_est,use,status"
                        .to_owned(),
                    format!(
                        "{},V-NEW,{TODAY},浙F99X01,car,合成牌,2026-11-28,90000.00,private,normal",
                        number.reveal()
                    ),
                ])
            },
            fact: Some("cars"),
            led: ("dibao", Some(Finding::ReceivingNotFound)),
        },
        Event {
            name: "a birth",
            category: "birth_cert",
            lines: |home| {
                let mother = |one: &&(PersonId, PersonNumber, Member)| {
                    house::sex(one.1) == "female" && (20..45).contains(&age(&one.1))
                };
                let poor = home.is("dibao", Finding::ReceivingRightly)
                    || home.is("dibao", Finding::ConsentWouldTell);
                let (_, number, _) = home.people.iter().filter(mother).find(|_| poor)?;
                let born = house::number("2026-11-20", 77);
                let line = serde_json::json!({
                    "id_no": born.reveal().to_string(), "record_no": "B-NEW", "as_of": TODAY,
                    "date": "2026-11-20", "name": "合成新",
                    "mother_id": number.reveal().to_string(), "hospital": "合成医院",
                });
                Some(vec![line.to_string()])
            },
            fact: None,
            // Nobody knows yet whose child the books call it: somebody has to ask.
            led: ("dibao", Some(Finding::Undetermined)),
        },
        Event {
            name: "the newborn is registered",
            category: "hukou_person",
            lines: |home| {
                let born = house::number("2026-11-20", 77);
                home.people.iter().find(|(_, number, _)| *number == born)?;
                let row = house::Row {
                    no: "H-NEW",
                    person: born,
                    name: "合成新",
                    region: home.village.to_string(),
                    household: "HNEW",
                    relation: "child",
                    marital: "single",
                };
                Some(house::hukou(TODAY, &[row]))
            },
            fact: Some("relation"),
            led: ("dibao", Some(Finding::ConsentWouldTell)),
        },
        Event {
            name: "a diagnosis",
            category: "disability_cert",
            lines: |home| {
                let well = |one: &Member| {
                    known(one, "disability_kind").is_some()
                        && known(one, "disability_grade").is_some()
                };
                let free = home.knows_nothing_of("disability_nursing");
                let (_, number, _) = home.whom(|one| free && well(one))?;
                Some(vec![
                    "id_no,record_no,as_of,no,category,grade,issued_on,valid_to,status".to_owned(),
                    format!(
                        "{0},C-NEW,{TODAY},{0}11,physical,g1,2026-11-27,2036-11-26,valid",
                        number.reveal()
                    ),
                ])
            },
            fact: Some("disability_grade"),
            led: ("disability_nursing", Some(Finding::FoundNotReceiving)),
        },
        Event {
            name: "a dismissal",
            category: "wage_tax",
            lines: |home| {
                let free = home.knows_nothing_of("dibao") && home.knows_nothing_of("dibao_edge");
                let alone = home.people.len() == 1;
                let (_, number, _) = home.whom(|one| free && alone && positive(one, "wage"))?;
                Some(vec![
                    "id_no,record_no,as_of,month,employer,income,insurance,tax".to_owned(),
                    format!(
                        "{},W-NEW,{TODAY},2026-11,合成公司,0.00,0.00,0.00",
                        number.reveal()
                    ),
                ])
            },
            fact: Some("wage"),
            led: ("dibao", Some(Finding::ConsentWouldTell)),
        },
        Event {
            name: "registered as unemployed while the last wage stands",
            category: "unemployment_reg",
            lines: |home| {
                let free = home.knows_nothing_of("dibao") && home.knows_nothing_of("dibao_edge");
                let alone = home.people.len() == 1;
                let (_, number, _) = home.whom(|one| free && alone && positive(one, "wage"))?;
                Some(vec![
                    "id_no,record_no,as_of,date,reason,status".to_owned(),
                    format!(
                        "{},U-NEW,{TODAY},2026-11-27,dismissed,unemployed",
                        number.reveal()
                    ),
                ])
            },
            fact: Some("wage"),
            led: ("dibao", Some(Finding::Undetermined)),
        },
        Event {
            name: "a death",
            category: "death_cancel",
            lines: |home| {
                let receives = |who: PersonId| {
                    home.found.iter().any(|one| {
                        one.benefit.as_str() == "age_allowance" && one.person == Some(who)
                    })
                };
                let together = home.people.len() > 1;
                let mut all = home.people.iter();
                let (_, number, _) = all.find(|one| together && receives(one.0))?;
                Some(vec![
                    "id_no,record_no,as_of,date,cause_class,cancelled_on".to_owned(),
                    format!(
                        "{},D-NEW,{TODAY},2026-11-28,illness,2026-11-29",
                        number.reveal()
                    ),
                ])
            },
            fact: None,
            led: ("age_allowance", None),
        },
    ]
}

/// Every household, as it stands.
async fn homes(house: &App, today: Date) -> Vec<Home> {
    let mut homes = Vec::new();
    for (id, found) in all_found(house).await {
        let read = house.db().read(async move |tx| {
            let page = tx.register_page(HouseholdId(id.0 - 1), 1).await?;
            Ok::<_, StoreError>(page.state)
        });
        let state = read.await.unwrap();
        let home = &state.households[&id];
        let config = engine_registry::Config::default();
        let living = home.members_on(today).filter(|one| {
            let person = &state.people[&one.person];
            person.died(&config).is_none_or(|died| died > today)
        });
        let numbered = living.filter_map(|one| {
            let number = state.people[&one.person].number(&config)?;
            Some((one.person, number))
        });
        let numbered: Vec<_> = numbered.collect();
        if numbered.is_empty() {
            continue;
        }
        let ctx = itself(Purpose::Discovery);
        let facts = house.known_facts(&ctx, id, today).await.unwrap();
        let people = numbered.into_iter().zip(facts.members);
        homes.push(Home {
            id,
            village: home.region_on(today).unwrap(),
            people: people
                .map(|((id, number), one)| (id, number, one))
                .collect(),
            found,
        });
    }
    homes
}

#[tokio::test]
async fn a28_an_event_of_each_kind_leads_somebody_to_the_one_household_it_touches() {
    let law = house::county_law();
    let folder = tempfile::tempdir().unwrap();
    let today: Date = TODAY.parse().unwrap();
    let now = house::standing(folder.path(), today);
    let files = city(folder.path(), &law, 600, today);
    let (law, files) = (&law, &files);
    both(async |db| {
        let house = App::new(db, law.clone(), Arc::new(FixedClock(now)));
        let ctx = itself(Purpose::Collection);
        house.import(&ctx, files, None, |_| {}).await.unwrap();
        let ctx = itself(Purpose::Discovery);
        house.screen(&ctx, today, |_| {}).await.unwrap();
        for (nth, event) in events().into_iter().enumerate() {
            one_event(&house, &event, (PersonId(900_000 + nth as i64), now)).await;
        }
    })
    .await;
}

async fn one_event(house: &App, event: &Event, (who, now): (PersonId, Now)) {
    let name = event.name;
    let today = now.today();
    let before = homes(house, today).await;
    let mut chosen = before
        .iter()
        .filter_map(|home| Some((home, (event.lines)(home)?)));
    let (home, lines) = chosen
        .next()
        .unwrap_or_else(|| panic!("{name}: nobody to happen to"));
    let brought = deliver(house, event.category, TODAY, &lines).await;
    assert!(
        matches!(brought.outcome, ImportOutcome::Accepted(_)),
        "{name}: {brought:?}"
    );
    let (watched, rules) = (brought.watched, house.law().pack.rules());
    assert_eq!(watched.households, 1, "{name}");
    assert!(
        watched.changes.iter().all(|one| one.household == home.id),
        "{name}: {} {:?}",
        home.id,
        watched.changes
    );

    // What is found, and which fact turned, from what it was to what the record says.
    let (benefit, after) = event.led;
    let mut changes = watched.changes.iter();
    let led = changes.find(|one| one.benefit.as_str() == benefit && one.after == after);
    let led = led.unwrap_or_else(|| panic!("{name}: {:?}", watched.changes));
    let was = |fact: &str, who: PersonId| {
        let rule = rules.fact(fact).unwrap();
        let member = home.people.iter().find(|one| one.0 == who).unwrap();
        known(&member.2, fact).map(|value| value.spoken(&rule.decl.ty))
    };
    let turned = led.facts.iter().find(|one| match event.fact {
        Some(fact) => one.fact == rules.fact(fact).unwrap().decl.label,
        None => one.before.as_deref() != one.after.as_deref(),
    });
    let turned = turned.unwrap_or_else(|| panic!("{name}: {:?}", led.facts));
    println!("{name}: {:?} → {:?}; {turned:?}", led.before, led.after);
    assert_ne!(turned.before, turned.after, "{name}");
    if let Some(fact) = event.fact {
        assert_eq!(turned.before, was(fact, turned.person.unwrap()), "{name}");
        let about = home.people.iter().find(|one| Some(one.0) == turned.person);
        let about = about.unwrap().1.reveal().to_string();
        assert!(lines[1].starts_with(&about), "{name}: of somebody else");
    }

    // Every other household stands as it was.
    let mut same = all_found(house).await;
    let here = same.remove(&home.id).unwrap();
    assert_ne!(here, home.found, "{name}");
    for other in before.iter().filter(|one| one.id != home.id) {
        assert_eq!(
            same[&other.id], other.found,
            "{name}: household {}",
            other.id
        );
    }

    // Somebody of the village has the lead, and is told what changed there.
    let worker = (who, Role::VillageWorker);
    let worker = hired(house, worker, home.village, (Purpose::Duty, now)).await;
    let page = house.changes(&worker, home.village, None).await.unwrap();
    let mut told = page.lines.iter().filter(|one| one.household == home.id);
    let told = told.find(|one| one.benefit == house.service_name(&led.benefit));
    let Some(lead) = told.unwrap_or_else(|| panic!("{name}: {page:?}")).lead else {
        assert_eq!(
            after, None,
            "{name}: only where nothing is found there is no lead"
        );
        return;
    };
    let visit = Context {
        purpose: Purpose::Visit(lead),
        ..worker.clone()
    };
    let lead = house.lead(&visit, lead).await.unwrap();
    println!("  {:?}", lead.changed);
    assert!(!lead.changed.is_empty(), "{name}");
    let looked = lead.look.is_some();
    assert_eq!(looked, after == Some(Finding::ReceivingNotFound), "{name}");
}

/// Whose head is whom.
async fn heads(house: &App, homes: &[HouseholdId], today: Date) -> Vec<PersonId> {
    let homes = homes.to_vec();
    let read = house.db().read(async move |tx| {
        let mut heads = Vec::new();
        for id in &homes {
            let page = tx.register_page(HouseholdId(id.0 - 1), 1).await?;
            heads.push(page.state.households[id].head_on(today).unwrap());
        }
        Ok::<_, StoreError>(heads)
    });
    read.await.unwrap()
}

/// Each household gets the benefit every month from December, on an account of its head's.
async fn entitled(world: &world::World, homes: &[HouseholdId], heads: &[PersonId]) {
    let (now, of) = (kernel::Clock::now(&world.clock), heads.to_vec());
    let homes = homes.to_vec();
    let write = async move |tx: &mut store::Tx| {
        for (home, head) in homes.iter().zip(&of) {
            let entitlement = Entitlement {
                id: EntitlementId(tx.next_id("entitlement").await?),
                programme: slug("dibao"),
                component: slug("base"),
                beneficiary: Beneficiary::Household(*home),
                payee: *head,
                amount: owed(home.0),
                every: Every::Month,
                from: month("2026-12"),
                to: None,
                decision: DecisionId(home.0),
                stop: None,
            };
            tx.save_entitlement(0, &entitlement, &machine(), now)
                .await?;
        }
        Ok::<_, StoreError>(())
    };
    world.db.write(write).await.unwrap();
    for head in heads {
        let account = card(head.0, 1);
        let maker = ctx(&finance(901));
        world
            .desk
            .enter_account(&maker, *head, &account)
            .await
            .unwrap();
    }
}

async fn rights(world: &world::World, home: HouseholdId) -> Vec<store::Loaded<Entitlement>> {
    let whose = Beneficiary::Household(home);
    let read = world
        .db
        .read(async move |tx| tx.entitlements_of(whose).await);
    read.await.unwrap()
}

/// A month's list made, signed by four hands, released; its items.
async fn paid(world: &world::World, of: &str) -> Vec<Item> {
    let maker = ctx(&finance(901));
    let id: PaymentBatchId = world.desk.open_batch(&maker, month(of)).await.unwrap();
    signed_off(&world.desk, id).await;
    world
        .desk
        .batch(&ctx(&finance(901)), id)
        .await
        .unwrap()
        .items
}

#[tokio::test(flavor = "multi_thread")]
async fn a28_a35_who_is_no_longer_found_is_looked_at_and_paid_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let files = city(
        folder.path(),
        &house::county_law(),
        600,
        TODAY.parse().unwrap(),
    );
    let files = &files;
    both(async |db| {
        let world = world::world(db).await;
        let now = kernel::Clock::now(&world.clock);
        let today = now.today();
        assert_eq!(today.to_string(), TODAY);
        let house = App::new(
            world.db.clone(),
            world.law.clone(),
            Arc::new(world.clock.clone()),
        );
        house
            .import(&itself(Purpose::Collection), files, None, |_| {})
            .await
            .unwrap();
        let discovery = itself(Purpose::Discovery);
        house.screen(&discovery, today, |_| {}).await.unwrap();
        let before = homes(&house, today).await;
        let right = |one: &&Home| one.is("dibao", Finding::ReceivingRightly);
        let ids: Vec<HouseholdId> = before.iter().filter(right).map(|one| one.id).collect();
        assert!(ids.len() >= 2, "one to look at and one beside it");
        entitled(&world, &ids, &heads(&house, &ids, today).await).await;
        let fund = kernel::Money::from_yuan(100_000).unwrap();
        let maker = ctx(&finance(901));
        let programme = slug("dibao");
        world
            .desk
            .appropriate(&maker, &programme, fund, "one")
            .await
            .unwrap();
        let december = paid(&world, "2026-12").await;
        assert_eq!(december.len(), ids.len());

        // A car: the rules no longer find them; a village worker is sent, the right stands.
        let home = before.iter().find(|one| one.id == ids[0]).unwrap();
        let granted = rights(&world, home.id).await;
        let car = events().remove(0);
        let lines = (car.lines)(home).unwrap();
        deliver(&house, car.category, TODAY, &lines).await;
        assert_eq!(rights(&world, home.id).await, granted, "after the finding");
        let who = (PersonId(900_100), Role::VillageWorker);
        let worker = hired(&house, who, home.village, (Purpose::Duty, now)).await;
        let week = house.to_visit(&worker, home.village).await.unwrap();
        let (most, looks) = (week.most.unwrap() as usize, week.looks());
        assert!(week.homes.len() <= most);
        assert!(
            looks >= 1 && week.homes[..looks].iter().all(|one| one.look),
            "{week:?}"
        );
        let mut sent = week
            .homes
            .iter()
            .filter(|one| one.line.household == home.id);
        let sent = sent.next().expect("the home is in the worker's week");
        assert!(sent.look);
        let visit = Context {
            purpose: Purpose::Visit(sent.line.id),
            ..worker.clone()
        };
        let lead = house.lead(&visit, sent.line.id).await.unwrap();
        let look = lead.look.expect("somebody has to look");
        assert!(
            look.why.iter().any(|one| one.says.contains('车')),
            "{look:?}"
        );
        assert_eq!(look.paid.len(), 1, "what goes on is said: {look:?}");
        assert_eq!(look.paid[0].amount, owed(home.id.0));

        // They were there, and it is so: still nothing of the payment moves.
        let outcome = LeadOutcome::True;
        house
            .follow_lead(&worker, sent.line.id, outcome, "车停在门口")
            .await
            .unwrap();
        assert_eq!(rights(&world, home.id).await, granted, "after the visit");
        let left = house.to_visit(&worker, home.village).await.unwrap();
        assert!(left.homes.iter().all(|one| one.line.household != home.id));
        let followed = house.followed(&worker, home.village).await.unwrap();
        let mut noted = followed.iter().filter(|one| one.line.household == home.id);
        let noted = noted.next().expect("what came of it is on file");
        assert_eq!(
            (noted.finding, noted.outcome),
            (Finding::ReceivingNotFound, outcome)
        );

        // The next month is paid to them like the last, and to everybody else.
        world.clock.forward(32 * 24 * 60);
        let january = paid(&world, "2027-01").await;
        let told = |items: &[Item]| -> Vec<_> {
            let one = |item: &Item| (item.key.beneficiary, item.amount, item.state.clone());
            items.iter().map(one).collect()
        };
        assert_eq!(told(&january), told(&december));
        let own = january
            .iter()
            .find(|one| one.key.beneficiary == Beneficiary::Household(home.id));
        let own = own.expect("they are on the list");
        assert_eq!(own.amount, owed(home.id.0));
        assert!(!matches!(own.state, ItemState::Held { .. }), "{own:?}");
        assert_eq!(rights(&world, home.id).await, granted, "after the pay run");
    })
    .await;
}
