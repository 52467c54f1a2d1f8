//! 「岗位」 `nuanxin staff found | propose | approve | revoke | number | list`.

use super::acting::{acts, name};
use super::print_json;
use crate::clock::WallClock;
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{Acting, Format, Place, ProposeOptions, SignOptions, StaffCommand};
use crate::{house, say};
use engine_access::{Grant, GrantCommand, Grants, Holder, Purpose};
use kernel::{Clock, PersonId, RegionCode};
use serde::Serialize;

/// A holder as printed.
#[derive(Serialize)]
struct Member {
    holder: String,
    #[serde(flatten)]
    grants: Grants,
}

pub(crate) async fn run(command: StaffCommand, format: Format) -> Outcome {
    match command {
        StaffCommand::Found {
            place,
            first,
            second,
        } => found(&place, [first, second], format).await,
        StaffCommand::Propose(options) => propose(options, format).await,
        StaffCommand::Approve(options) => sign(options, GrantCommand::Approve, format).await,
        StaffCommand::Revoke(options) => sign(options, GrantCommand::Revoke, format).await,
        StaffCommand::Number {
            place,
            acting,
            login,
            number,
        } => {
            let house = house::open(&place).await?;
            let ctx = acts(&house, &acting, Purpose::Administration).await?;
            house.number_account(&ctx, &login, number).await?;
            house.db().close().await;
            say!("账号 {login} 的证件号登记好了");
            Ok(Ending::Yes)
        }
        StaffCommand::List { place, acting } => list(&place, &acting, format).await,
    }
}

async fn found(place: &Place, first: [PersonId; 2], format: Format) -> Outcome {
    if first[0] == first[1] {
        return Err(Failure::BadInput("两位安全管理员要是两个人".to_owned()));
    }
    let house = house::open(place).await?;
    house.found_house(first, region(&house)?).await?;
    for person in first {
        tell(&house, person, format).await?;
    }
    house.db().close().await;
    Ok(Ending::Yes)
}

async fn propose(options: ProposeOptions, format: Format) -> Outcome {
    let house = house::open(&options.place).await?;
    let ctx = acts(&house, &options.acting, Purpose::Administration).await?;
    let holder = Holder::Person(options.person);
    let region = match options.region {
        Some(region) => region,
        None => region(&house)?,
    };
    let grant = Grant {
        holder: holder.clone(),
        role: options.granted,
        region,
        from: options.from.unwrap_or_else(|| WallClock.now().today()),
        to: options.to,
    };
    house
        .grant(&ctx, holder, GrantCommand::Propose(grant))
        .await?;
    tell(&house, options.person, format).await?;
    house.db().close().await;
    Ok(Ending::Yes)
}

async fn sign(
    options: SignOptions,
    command: impl Fn(usize) -> GrantCommand,
    format: Format,
) -> Outcome {
    let place = options.nth.checked_sub(1);
    let place = place.ok_or_else(|| Failure::BadInput("--nth 从 1 数起".to_owned()))?;
    let house = house::open(&options.place).await?;
    let ctx = acts(&house, &options.acting, Purpose::Administration).await?;
    let holder = Holder::Person(options.person);
    house.grant(&ctx, holder, command(place)).await?;
    tell(&house, options.person, format).await?;
    house.db().close().await;
    Ok(Ending::Yes)
}

async fn list(place: &Place, acting: &Acting, format: Format) -> Outcome {
    let house = house::open(place).await?;
    let ctx = acts(&house, acting, Purpose::Administration).await?;
    let staff = house.staff(&ctx).await?;
    house.db().close().await;
    let members: Vec<Member> = staff
        .into_iter()
        .map(|(holder, grants)| Member { holder, grants })
        .collect();
    if format.is_json() {
        print_json(&members)?;
    } else {
        members.iter().for_each(print);
    }
    Ok(Ending::Yes)
}

/// Prints how somebody stands after a step.
async fn tell(house: &app::App, person: PersonId, format: Format) -> Result<(), Failure> {
    let member = Member {
        holder: format!("person:{person}"),
        grants: house.grants_of(Holder::Person(person)).await?,
    };
    if format.is_json() {
        return print_json(&member);
    }
    print(&member);
    Ok(())
}

fn print(member: &Member) {
    say!("{}", member.holder);
    let dates = |grant: &Grant| match grant.to {
        Some(to) => format!("{} 到 {to}", grant.from),
        None => format!("{} 起", grant.from),
    };
    for (nth, grant) in (1..).zip(&member.grants.grants) {
        let (role, region) = (name(grant.role), grant.region);
        say!("  岗位 {nth}：{role}，{region}，{}", dates(grant));
    }
    for (nth, waiting) in (1..).zip(&member.grants.proposals) {
        let grant = &waiting.grant;
        let (role, region) = (name(grant.role), grant.region);
        say!(
            "  待批准 {nth}：{role}，{region}，{}，{} 提出",
            dates(grant),
            waiting.by.account
        );
    }
}

fn region(house: &app::App) -> Result<RegionCode, Failure> {
    let head = house.law().pack.head();
    head.map(|head| head.region)
        .ok_or_else(|| Failure::BadInput("政策包没有地区".to_owned()))
}
