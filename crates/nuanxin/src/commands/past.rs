//! 「补发和多发」 `nuanxin past look | list | take | back | confirm`.

use super::acting::acts;
use super::pool::{itself, spinner};
use super::print_json;
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{AtPast, Format, PastCommand, Place, Way};
use crate::{house, say};
use app::past::{PastGroup, PastPage, PastReport};
use app::{App, Context};
use engine_access::Purpose;
use engine_payment::PastWay;
use kernel::PaymentBatchId;

pub(crate) async fn run(command: PastCommand, format: Format) -> Outcome {
    match command {
        PastCommand::Look(place) => look(&place, format).await,
        PastCommand::List(at) => {
            let (house, ctx) = open(&at).await?;
            let page = house.past(&ctx).await;
            house.db().close().await;
            let page = page?;
            match format.is_json() {
                true => print_json(&page)?,
                false => print(&page),
            }
            Ok(Ending::Yes)
        }
        PastCommand::Take {
            at,
            ids,
            way,
            reason,
        } => {
            let (house, ctx) = open(&at).await?;
            let done = house.take_past(&ctx, &ids, way.into(), &reason).await;
            house.db().close().await;
            done?;
            say!("记下了，等另一个人复核：nuanxin past list 看编号和差额");
            Ok(Ending::Yes)
        }
        PastCommand::Back { at, ids, reason } => {
            let (house, ctx) = open(&at).await?;
            let done = house.send_back_past(&ctx, &ids, &reason).await;
            house.db().close().await;
            done?;
            say!("退回了，由经办再看");
            Ok(Ending::Yes)
        }
        PastCommand::Confirm { at, seen } => {
            let (house, ctx) = open(&at).await?;
            let done = house.confirm_past(&ctx, &seen).await;
            house.db().close().await;
            done?;
            say!("复核好了。补发的列进下一批；追回的先告知、听取，再作决定");
            Ok(Ending::Yes)
        }
    }
}

impl From<Way> for PastWay {
    fn from(way: Way) -> PastWay {
        match way {
            Way::Pay => PastWay::Pay,
            Way::Decline => PastWay::Decline,
            Way::Recover => PastWay::Recover,
            Way::Waive => PastWay::Waive,
        }
    }
}

async fn open(at: &AtPast) -> Result<(App, Context), Failure> {
    let house = house::open(&at.place).await?;
    let purpose = Purpose::Payment(PaymentBatchId(0));
    let ctx = acts(&house, &at.acting, purpose).await?;
    Ok((house, ctx))
}

async fn look(place: &Place, format: Format) -> Outcome {
    let house = house::open(place).await?;
    let ctx = itself(Purpose::Discovery, "past look");
    let bar = spinner("正在一件件回头看");
    let report = house
        .look_over_past(&ctx, |cases| bar.set_position(cases))
        .await;
    bar.finish_and_clear();
    house.db().close().await;
    let report = report?;
    if format.is_json() {
        print_json(&report)?;
        return Ok(Ending::Yes);
    }
    let PastReport {
        cases,
        found,
        gone,
        too_little,
        too_much,
        unknown,
    } = report;
    say!("看了 {cases} 件发过钱的，新的建议 {found} 条，没有差了的 {gone} 条");
    say!("少发 {} 个月，共 {} 元", too_little.0, too_little.1);
    say!("多发 {} 个月，共 {} 元", too_much.0, too_much.1);
    if unknown > 0 {
        say!("还有 {unknown} 个月差事实，说不准，没有提建议");
    }
    Ok(Ending::Yes)
}

fn print(page: &PastPage) {
    let parts = [
        ("待经办", &page.open),
        ("待复核", &page.taken),
        ("已处理", &page.settled),
    ];
    for (title, groups) in parts {
        if groups.is_empty() {
            continue;
        }
        say!("{title}");
        groups.iter().for_each(print_group);
    }
    if page.open.is_empty() && page.taken.is_empty() && page.settled.is_empty() {
        say!("没有建议。先用 nuanxin past look 回头看一遍");
    }
}

fn print_group(group: &PastGroup) {
    let what = if group.arrears { "少发" } else { "多发" };
    let (case, name, programme, sum) = (group.case, &group.name, &group.programme, group.sum);
    say!("  办件 {case} {name} {programme}：{what}共 {sum} 元");
    if let Some((way, reason)) = &group.way {
        say!("    {}：{reason}", way.label());
    }
    for says in &group.why {
        say!("    因为：{says}");
    }
    for line in &group.lines {
        let (id, period, owed, made) = (line.id, line.period, line.owed, line.made);
        let (difference, stands) = (line.difference, &line.stands);
        say!("    {id}={difference}  {period} 应 {owed}，已列 {made}。{stands}");
    }
}
