//! 「测速的家」 The house the alarms go to: a gateway, somebody who can be sent, a device in
//! every home with somebody to call; the partners' file the server reads.

use super::super::house::{by, hire};
use super::super::{broken, empty};
use super::{GATEWAY, SEED};
use crate::commands::sim::{CALLER, SMS};
use crate::ending::Failure;
use crate::house;
use crate::options::Place;
use app::order::NewProvider;
use engine_access::{Holder, Purpose};
use kernel::{PersonId, RegionCode, Role, Slug};
use std::path::{Path, PathBuf};
use store::Device;
use testkit::demo_pem;

/// Who binds devices, who enters providers, who is sent and called.
const KEEPER: PersonId = PersonId(3);
const COUNTY: PersonId = PersonId(4);
pub(super) const CALLED: PersonId = PersonId(5);
/// The first home.
const FIRST: i64 = 1_000;

/// Opens an empty house and binds the devices; gives their names.
pub(super) async fn furnish(place: &Place, devices: usize) -> Result<Vec<String>, Failure> {
    let app = house::open(place).await?;
    if !empty(app.db()).await? {
        let says = format!("{} 不是空库。测速只在空库上做，请换一个 --db", place.db);
        return Err(Failure::BadInput(says));
    }
    let head = app.law().pack.region();
    let region = head.ok_or_else(|| Failure::BadInput("政策包没有区划".to_owned()))?;
    let alarm = app.order_types().iter().find(|ty| ty.alarm);
    let alarm = alarm.ok_or_else(|| Failure::BadInput("政策包里没有告警".to_owned()))?;
    let home = app.villages(region).first().map(|(village, _)| *village);
    let home = home.ok_or_else(|| Failure::BadInput("政策包里没有村社".to_owned()))?;
    let gateway = Holder::Account(format!("gateway:{GATEWAY}"));
    let people = [
        (Holder::Person(KEEPER), Role::TownOfficer),
        (Holder::Person(COUNTY), Role::CountyApprover),
        (gateway, Role::DepartmentMachine),
    ];
    hire(
        &app,
        region,
        kernel::Clock::now(&crate::clock::WallClock).today(),
        &people,
    )
    .await?;
    let new = NewProvider {
        name: "测速救援队".to_owned(),
        person: CALLED,
        // Nobody has it.
        phone: Some("19900000000".to_owned()),
        home,
        areas: vec![region],
        skills: alarm.items.iter().map(|item| item.skill.clone()).collect(),
        place: None,
        most: 1_000,
    };
    let ctx = by(
        COUNTY.0,
        Role::CountyApprover,
        Purpose::Duty,
        "partner".to_owned(),
    );
    app.add_provider(&ctx, new).await?;
    let mut names = Vec::new();
    for nth in 0..devices {
        let device = device(nth, home, alarm.id.clone())?;
        names.push(device.id.clone());
        let request = format!("bind/{nth}");
        let ctx = by(KEEPER.0, Role::TownOfficer, Purpose::Duty, request);
        app.bind_device(&ctx, device).await?;
    }
    app.db().clone().close().await;
    Ok(names)
}

fn device(nth: usize, region: RegionCode, alarm: Slug) -> Result<Device, Failure> {
    Ok(Device {
        id: format!("bench-{nth}"),
        gateway: GATEWAY.to_owned(),
        person: PersonId(FIRST + i64::try_from(nth).map_err(broken)?),
        household: None,
        region,
        name: "测速".to_owned(),
        phone: None,
        age: None,
        address: "家里".to_owned(),
        place: None,
        contacts: vec![CALLED],
        alarm,
        order: None,
    })
}

/// Writes the partners' file: the dead SMS centre, the gateway that is believed.
pub(super) fn lines(folder: &Path, sms: &str) -> Result<PathBuf, Failure> {
    let pem = |name: &str| demo_pem(name, SEED).map_err(broken);
    let gateway = format!("device:{GATEWAY}");
    std::fs::write(folder.join("ours.pem"), pem(CALLER)?.0)?;
    std::fs::write(folder.join("sms.pub.pem"), pem(SMS)?.1)?;
    std::fs::write(folder.join("gateway.pub.pem"), pem(&gateway)?.1)?;
    let text = format!(
        "name = \"{CALLER}\"\nkey = \"ours.pem\"\nwait_seconds = 5\n\n[sms]\nurl = \"{sms}\"\nname = \"{SMS}\"\nkey = \"sms.pub.pem\"\n\n[gate]\n\"{gateway}\" = \"gateway.pub.pem\"\n"
    );
    let file = folder.join("partners.toml");
    std::fs::write(&file, text)?;
    Ok(file)
}
