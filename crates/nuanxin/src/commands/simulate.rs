//! 「试算」 `nuanxin simulate`: the price of a change before it is signed.

use super::pool::{itself, spinner};
use super::{load, print_json};
use crate::ending::{Ending, Outcome};
use crate::house;
use crate::options::{Format, SimulateOptions};
use crate::say;
use app::Law;
use app::simulate::{Change, Proposed, Setting, SimulateReport, Simulation, write_table};
use engine_access::Purpose;
use kernel::Clock;

pub(crate) async fn run(options: SimulateOptions, format: Format) -> Outcome {
    let house = house::open(&options.place).await?;
    let proposed = match &options.draft {
        Some(dir) => Proposed::Draft(Law::new(load(dir)?)),
        None => {
            let settings = options.settings.iter();
            let settings = settings.map(|text| Setting::read(house.law(), text));
            Proposed::Settings(settings.collect::<Result<Vec<_>, _>>()?)
        }
    };
    let day = match options.as_of {
        Some(day) => day,
        None => {
            let screened = house.screened_on().await?;
            screened.unwrap_or_else(|| crate::clock::WallClock.now().today())
        }
    };
    let bar = spinner("正在逐户试算");
    let ctx = itself(Purpose::Discovery, &format!("simulate {day}"));
    let what = Simulation {
        day,
        proposed,
        region: options.region,
        supposed: !options.known_only,
    };
    let report = house
        .simulate(&ctx, &what, |households| bar.set_position(households))
        .await;
    bar.finish_and_clear();
    let report = report?;
    house.db().close().await;
    if let Some(path) = &options.out {
        write_table(&report, path)?;
    }
    match format.is_json() {
        true => print_json(&report)?,
        false => print(&report),
    }
    Ok(Ending::Yes)
}

pub(super) fn print(report: &SimulateReport) {
    say!(
        "{}：{} 户 {} 人，{}",
        report.as_of.format("%Y年%-m月%-d日"),
        report.households,
        report.persons,
        match report.supposed {
            true => "存款、证券这些要户主同意才能查的，按没有算：这是上限",
            false => "只算能主动查的数据，要户主同意才能查的不算",
        }
    );
    for trial in &report.trials {
        let assumed: Vec<String> = trial
            .assumed
            .iter()
            .map(|(_, label, value)| format!("{label}改成 {value}"))
            .collect();
        match assumed.is_empty() {
            true => say!("● 换成草案"),
            false => say!("● {}", assumed.join("，")),
        }
        say!("  合计：{}", told(&trial.all));
        let (count, before, after) = trial.receiving();
        if count > 0 {
            say!("  其中正在领的 {count} 份：每月 {before} → {after} 元");
        }
        for (_, name, one) in &trial.benefits {
            let perhaps = one.perhaps_entering + one.perhaps_leaving;
            let changed = one.entering + one.leaving + perhaps > 0
                || one.month_before != one.month_after
                || one.each_time_before != one.each_time_after;
            if changed {
                say!(
                    "  {name}：符合 {} → {}（新 {}，不再 {}），还不知道 {} → {}（新 {}，不再 {}），只差一条 {}，每月 {} → {} 元",
                    one.eligible_before,
                    one.eligible_after,
                    one.entering,
                    one.leaving,
                    one.undetermined_before,
                    one.undetermined_after,
                    one.perhaps_entering,
                    one.perhaps_leaving,
                    one.near_misses,
                    one.month_before,
                    one.month_after
                );
            }
        }
        for (_, name, one) in &trial.towns {
            say!("  {name}：{}", told(one));
        }
        for (name, one) in &trial.kinds {
            say!("  {name}：{}", told(one));
        }
        for (name, one) in &trial.sizes {
            say!("  {name}的家：{}", told(one));
        }
    }
}

fn told(change: &Change) -> String {
    format!(
        "得益 {} 户 {} 人，受损 {} 户 {} 人，每月 {} → {} 元",
        change.households_gaining,
        change.people_gaining,
        change.households_losing,
        change.people_losing,
        change.month_before,
        change.month_after
    )
}
