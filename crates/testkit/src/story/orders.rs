//! 「派单中心」 The centre of the demonstration: partners who can be sent, and devices in
//! the homes of the families of the story. Told again, nothing changes.

use super::cast::{GATEWAY, Who};
use super::{Trouble, World};
use app::order::NewProvider;
use engine_access::Purpose;
use kernel::{RegionLevel, Slug};
use std::collections::BTreeSet;
use store::Device;

/// Who can do what. Volunteers and canteens stand in one entry: a demonstration.
const PARTNERS: [(Who, &str, &[&str]); 3] = [
    (
        Who::Provider(1),
        "惠民维修队",
        &[
            "repair",
            "pipe",
            "appliance",
            "unlock",
            "moving",
            "other",
            "renovation",
            "urgent",
        ],
    ),
    (
        Who::Provider(2),
        "邻里照护站",
        &[
            "care",
            "clean",
            "cleaning",
            "medical",
            "medical_company",
            "travel",
            "rehab",
            "bath",
            "meal",
            "meal_soft",
            "cook",
            "volunteer",
            "policy",
            "wish",
            "sweeping",
        ],
    ),
    (Who::Village(1), "村社探访组", &["visit"]),
];

/// The most orders at once: enough for a day of the demonstration.
const MOST: u32 = 500;

/// A device of the demonstration.
#[derive(Clone, Debug)]
pub struct DemoDevice {
    /// Its number.
    pub id: String,
}

fn slug(text: &str) -> Result<Slug, Trouble> {
    text.parse()
        .map_err(|why: kernel::CodeError| Trouble::Other(why.to_string()))
}

/// Enters the partners and binds a device to each family of the story.
///
/// # Errors
/// [`Trouble`] of the use cases.
pub async fn open_centre(world: &World) -> Result<Vec<DemoDevice>, Trouble> {
    let county = world.city.region;
    let home = world
        .app
        .villages(county)
        .first()
        .map_or(county, |(village, _)| *village);
    for (who, name, skills) in PARTNERS {
        let skills: Result<BTreeSet<Slug>, Trouble> = skills.iter().map(|one| slug(one)).collect();
        let new = NewProvider {
            name: name.to_owned(),
            person: who.person(),
            phone: Some("19900000080".to_owned()),
            home: home.within(RegionLevel::Village).unwrap_or(county),
            areas: vec![county],
            skills: skills?,
            place: None,
            most: MOST,
        };
        let ctx = Who::County.acts(Purpose::Duty, format!("partner/{name}"));
        world.app.add_provider(&ctx, new).await?;
    }
    let mut devices = Vec::new();
    if world.app.order_types().is_empty() {
        return Ok(devices);
    }
    for (at, family) in world.city.story_families().into_iter().enumerate() {
        let number = family.applicant;
        let people = world.app.db();
        let people =
            people.read(async move |tx| Ok::<_, store::StoreError>(tx.people_with(number).await?));
        let Some(person) = people.await?.first().copied() else {
            continue;
        };
        let id = format!("{GATEWAY}-{}", at + 1);
        let device = Device {
            id: id.clone(),
            gateway: GATEWAY.to_owned(),
            person,
            household: None,
            region: home,
            name: world.app.name_of(person).await?,
            phone: None,
            age: None,
            address: "家里".to_owned(),
            place: None,
            contacts: Vec::new(),
            alarm: slug("red_key")?,
            order: Some((slug("green_key")?, slug("call_back")?)),
        };
        let ctx = Who::Town.acts(Purpose::Duty, format!("device/{id}"));
        world.app.bind_device(&ctx, device).await?;
        devices.push(DemoDevice { id });
    }
    Ok(devices)
}
