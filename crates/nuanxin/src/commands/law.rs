//! 「规定」 `nuanxin law draft | try | sign | suspend | again | list`.

use super::acting::acts;
use super::pool::spinner;
use super::{load, print_json};
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{AtLaw, Format, LawCommand, Place};
use crate::{house, say};
use app::publish::{Again, Effect};
use app::{App, Context};
use engine_access::Purpose;
use engine_policy::publish::Standing;
use kernel::Date;

pub(crate) async fn run(command: LawCommand, format: Format) -> Outcome {
    match command {
        LawCommand::Draft { place, acting, dir } => {
            let pack = load(&dir)?;
            let house = house::open(&place).await?;
            let ctx = acts(&house, &acting, Purpose::Administration).await?;
            let hash = house.draft_law(&ctx, pack).await?;
            house.db().close().await;
            say!("草案 {hash}");
            say!("下一步：nuanxin law try {}", short(&hash));
            Ok(Ending::Yes)
        }
        LawCommand::Try { at, as_of } => try_out(&at, as_of, format).await,
        LawCommand::Sign(at) => {
            let (house, ctx, hash) = open(&at).await?;
            let stands = house.sign_law(&ctx, &hash).await?;
            house.db().close().await;
            match stands {
                Standing::Active => say!("{} 施行了", short(&hash)),
                _ => say!("签好了，还要另一个人签：nuanxin law sign {}", short(&hash)),
            }
            Ok(Ending::Yes)
        }
        LawCommand::Suspend { at, reasons } => {
            let (house, ctx, hash) = open(&at).await?;
            let back = house.suspend_law(&ctx, &hash, &reasons).await?;
            house.db().close().await;
            say!("{} 停用了，现在按 {} 办", short(&hash), short(&back));
            say!("下一步：nuanxin law again {}", short(&hash));
            Ok(Ending::Yes)
        }
        LawCommand::Again { at, seen } => {
            let (house, ctx, hash) = open(&at).await?;
            let again = match &seen {
                Some(seen) => house.sign_again(&ctx, &hash, seen).await?,
                None => house.draw_up_again(&ctx, &hash).await?,
            };
            house.db().close().await;
            match format.is_json() {
                true => print_json(&again)?,
                false => print(&again),
            }
            Ok(Ending::Yes)
        }
        LawCommand::List(place) => list(&place, format).await,
    }
}

async fn try_out(at: &AtLaw, as_of: Option<Date>, format: Format) -> Outcome {
    let (house, ctx, hash) = open(at).await?;
    let day = match as_of {
        Some(day) => day,
        None => house.first_day(&hash).await?,
    };
    let bar = spinner("正在逐户试算");
    let report = house
        .try_law(&ctx, &hash, day, |households| bar.set_position(households))
        .await;
    bar.finish_and_clear();
    let report = report?;
    house.db().close().await;
    match format.is_json() {
        true => print_json(&report)?,
        false => super::simulate::print(&report),
    }
    Ok(Ending::Yes)
}

async fn list(place: &Place, format: Format) -> Outcome {
    let house = house::open(place).await?;
    let lines = house.db().read(async |tx| tx.law_versions().await).await;
    let lines = lines.map_err(|why| Failure::Broken(why.to_string()))?;
    house.db().close().await;
    if format.is_json() {
        let lines = lines.iter().map(|line| {
            serde_json::json!({
                "hash": line.hash, "name": line.name,
                "standing": line.standing, "since": line.since,
            })
        });
        print_json(&lines.collect::<Vec<_>>())?;
        return Ok(Ending::Yes);
    }
    if lines.is_empty() {
        say!("还没有存过版本，按政策包目录办");
    }
    for line in lines {
        let (standing, since) = (line.standing.label(), line.since.format("%Y-%m-%d %H:%M"));
        say!("{}  {standing}  {since}  {}", line.hash, line.name);
    }
    Ok(Ending::Yes)
}

/// The house, who acts, and the one version that begins so.
async fn open(at: &AtLaw) -> Result<(App, Context, String), Failure> {
    let house = house::open(&at.place).await?;
    let ctx = acts(&house, &at.acting, Purpose::Administration).await?;
    let lines = house.db().read(async |tx| tx.law_versions().await).await;
    let lines = lines.map_err(|why| Failure::Broken(why.to_string()))?;
    let mut found = lines
        .iter()
        .filter(|line| line.hash.starts_with(&at.version));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok((house, ctx, one.hash.clone())),
        (None, _) => Err(Failure::BadInput(format!(
            "没有 {} 开头的版本。用 nuanxin law list 看全部",
            at.version
        ))),
        _ => Err(Failure::BadInput(format!(
            "有几个版本都以 {} 开头，请多写几位",
            at.version
        ))),
    }
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

fn print(again: &Again) {
    say!(
        "停用的规定作过 {} 个决定：该补 {}，可能多给 {}，一样 {}，事实不够 {}",
        again.lines.len(),
        again.count(Effect::InFavour),
        again.count(Effect::Against),
        again.count(Effect::Same),
        again.count(Effect::Open)
    );
    for line in &again.lines {
        let yuan = |money: Option<kernel::Money>| {
            money.map_or("没给".to_owned(), |money| format!("{money} 元"))
        };
        let done = match &line.done {
            Some(Ok(_)) => "，已改正",
            Some(Err(why)) => why.as_str(),
            None => "",
        };
        say!(
            "  办件 {} {}：{} → {}，从 {} 起{done}",
            line.case,
            line.service,
            yuan(line.was),
            yuan(line.is),
            line.from
        );
    }
    if again.signed.is_none() {
        say!("看过了，要改正就加 --seen {}", again.digest());
    }
}
