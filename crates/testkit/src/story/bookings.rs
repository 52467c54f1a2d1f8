//! 「预约的地方」 Places of the demonstration where something can be booked, with a few
//! people in them already: beds, windows, halls, niches, lent things, counsellors; ashes
//! in our hands. Told again, nothing changes.

use super::cast::Who;
use super::{Trouble, World};
use app::booking::{BookingAct, KeepAct, NewBooking, NewStock, TakeIn};
use engine_access::Purpose;
use engine_booking::{Cared, Holder, Span, moment};
use kernel::{BookingId, Clock as _, Date, PersonId, RegionCode, Slug, StockId, add_days, age_on};

/// A kind, the name of the place, its units with their sorts.
type Place = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const PLACES: [Place; 7] = [
    (
        "care_bed",
        "试点社会福利中心",
        &[
            ("2 楼 201-1 床", "ordinary"),
            ("2 楼 201-2 床", "ordinary"),
            ("3 楼 301-1 床", "nursing"),
            ("3 楼 301-2 床", "nursing"),
            ("4 楼 401-1 床", "dementia"),
        ],
    ),
    (
        "marriage_appointment",
        "婚姻登记处",
        &[("1 号窗口", ""), ("2 号窗口", "")],
    ),
    (
        "marriage_ceremony",
        "婚姻登记处颁证场地",
        &[("一号颁证厅", "indoor"), ("东湖草坪", "outdoor")],
    ),
    (
        "family_counselling",
        "婚姻家庭辅导室",
        &[("王老师", "on_site"), ("李老师", "online")],
    ),
    (
        "rehab_device",
        "康复辅具租赁站",
        &[
            ("轮椅 01", "wheelchair"),
            ("轮椅 02", "wheelchair"),
            ("护理床 01", "bed"),
            ("助行器 01", "walker"),
        ],
    ),
    (
        "mourning_hall",
        "集中治丧中心",
        &[("一号厅", ""), ("二号厅", "")],
    ),
    (
        "ash_niche",
        "福寿园骨灰堂",
        &[
            ("甲区 1 排 1 号", "niche"),
            ("甲区 1 排 2 号", "niche"),
            ("松柏区 1 号", "tree"),
            ("月季区 1 号", "flower"),
            ("草坪区 1 号", "lawn"),
        ],
    ),
];

/// Who lies, lends and waits: this old at least.
const AGE: u32 = 65;

/// Opens the places and lets a few people in; gives how many places there are.
///
/// # Errors
/// [`Trouble`] of the use cases.
pub async fn open_places(world: &World) -> Result<usize, Trouble> {
    if world.app.booking_types().is_empty() {
        return Ok(0);
    }
    let county = world.city.region;
    let villages = world.app.villages(county);
    let home = villages.first().map_or(county, |(village, _)| *village);
    let mut stocks = Vec::new();
    for (ty, name, units) in PLACES {
        stocks.push(open(world, home, (ty, name, units)).await?);
    }
    let today = world.clock.now().today();
    let [bed, _, _, _, device, _, niche] = stocks[..] else {
        return Ok(stocks.len());
    };
    let people = elders(world, 6).await?;
    let [first, second, third, fourth, fifth, sixth] = people[..] else {
        return Ok(stocks.len());
    };
    for (person, unit) in [(first, 3), (second, 4)] {
        let stay = span(today, None)?;
        let id = book(world, bed, person, (unit, "nursing"), stay).await?;
        arrive(world, id).await?;
    }
    for (person, class) in [(third, "other"), (fourth, "dibao")] {
        wait(world, bed, person, class).await?;
    }
    // Lent, brought back, not yet cared for; the one before it was.
    let stay = span(today, Some(30))?;
    let lent = book(world, device, fifth, (1, "wheelchair"), stay).await?;
    arrive(world, lent).await?;
    leave(world, lent).await?;
    let lent = book(world, device, sixth, (2, "wheelchair"), stay).await?;
    arrive(world, lent).await?;
    leave(world, lent).await?;
    care(world, device, 2).await?;
    let kept = span(today, None)?;
    let kept = book(world, niche, fifth, (1, "niche"), kept).await?;
    arrive(world, kept).await?;
    take_in(world, home).await?;
    Ok(stocks.len())
}

fn slug(text: &str) -> Result<Slug, Trouble> {
    text.parse()
        .map_err(|why: kernel::CodeError| Trouble::Other(why.to_string()))
}

fn sort(text: &str) -> Result<Option<Slug>, Trouble> {
    match text.is_empty() {
        true => Ok(None),
        false => slug(text).map(Some),
    }
}

/// A stay from a day on.
fn span(from: Date, days: Option<u32>) -> Result<Span, Trouble> {
    let to = match days {
        Some(days) => {
            let last = add_days(from, days).ok_or(Trouble::Calendar)?;
            Some(moment(last, 0).ok_or(Trouble::Calendar)?)
        }
        None => None,
    };
    let from = moment(from, 0).ok_or(Trouble::Calendar)?;
    Ok(Span { from, to })
}

async fn open(
    world: &World,
    region: RegionCode,
    (ty, name, units): Place,
) -> Result<StockId, Trouble> {
    let mut labels = Vec::new();
    for (label, of) in units {
        labels.push(((*label).to_owned(), sort(of)?));
    }
    let new = NewStock {
        ty: slug(ty)?,
        name: name.to_owned(),
        region,
        units: labels,
    };
    let ctx = Who::Town.acts(Purpose::Duty, format!("stock/{ty}"));
    Ok(world.app.open_stock(&ctx, new).await?.value)
}

/// Old people of the register who have no part in the story.
async fn elders(world: &World, count: usize) -> Result<Vec<PersonId>, Trouble> {
    let told: Vec<u32> = world
        .city
        .story_families()
        .iter()
        .map(|family| family.household)
        .collect();
    let today = world.clock.now().today();
    let mut found = Vec::new();
    for person in &world.city.people {
        let old = age_on(person.born, today).is_some_and(|age| age >= AGE);
        if !old || told.contains(&person.household) {
            continue;
        }
        let number = person.number;
        let people = world.app.db();
        let people =
            people.read(async move |tx| Ok::<_, store::StoreError>(tx.people_with(number).await?));
        found.extend(people.await?.first().copied());
        if found.len() == count {
            break;
        }
    }
    Ok(found)
}

async fn book(
    world: &World,
    stock: StockId,
    person: PersonId,
    (unit, of): (u32, &str),
    span: Span,
) -> Result<BookingId, Trouble> {
    let new = NewBooking {
        stock,
        person: Some(person),
        unit: Some(unit),
        sort: sort(of)?,
        span: Some(span),
        note: None,
        wait: None,
    };
    let ctx = Who::Town.acts(Purpose::Duty, format!("book/{stock}/{unit}"));
    Ok(world.app.book(&ctx, new).await?.value)
}

async fn wait(world: &World, stock: StockId, person: PersonId, class: &str) -> Result<(), Trouble> {
    let new = NewBooking {
        stock,
        person: Some(person),
        unit: None,
        sort: sort("nursing")?,
        span: None,
        note: None,
        wait: Some(slug(class)?),
    };
    let ctx = Who::Town.acts(Purpose::Duty, format!("wait/{stock}/{class}"));
    world.app.book(&ctx, new).await?;
    Ok(())
}

async fn arrive(world: &World, id: BookingId) -> Result<(), Trouble> {
    let ctx = Who::Town.acts(Purpose::Duty, format!("arrive/{id}"));
    world.app.on_booking(&ctx, id, BookingAct::Arrive).await?;
    Ok(())
}

async fn leave(world: &World, id: BookingId) -> Result<(), Trouble> {
    let ctx = Who::Town.acts(Purpose::Duty, format!("leave/{id}"));
    world.app.on_booking(&ctx, id, BookingAct::Leave).await?;
    Ok(())
}

async fn care(world: &World, stock: StockId, unit: u32) -> Result<(), Trouble> {
    let mut notes = std::collections::BTreeMap::new();
    for (note, text) in [
        ("method", "含氯消毒液擦拭，静置 30 分钟"),
        ("batch", "XX-0901"),
        ("check", "轮胎、刹车都好"),
    ] {
        notes.insert(slug(note)?, text.to_owned());
    }
    let ctx = Who::Town.acts(Purpose::Duty, format!("care/{stock}/{unit}"));
    let act = KeepAct::Care(unit, Cared { notes });
    world.app.keep_stock(&ctx, stock, act).await?;
    Ok(())
}

async fn take_in(world: &World, region: RegionCode) -> Result<(), Trouble> {
    let new = TakeIn {
        code: "GH-2026-000001".to_owned(),
        what: "骨灰".to_owned(),
        region,
        to: Holder::Place("火化间".to_owned()),
        note: "封签完好".to_owned(),
    };
    let ctx = Who::Town.acts(Purpose::Duty, "custody/1");
    world.app.take_in(&ctx, new).await?;
    Ok(())
}
