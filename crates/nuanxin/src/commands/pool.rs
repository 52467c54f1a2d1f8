//! 「数据」 `nuanxin import`, `nuanxin screen`: what the house does by itself, as
//! itself; what is found are leads for people.

use super::print_json;
use crate::ending::{Ending, Failure, Outcome};
use crate::house;
use crate::options::{Format, ImportOptions, ScreenOptions};
use crate::say;
use app::import::{ImportOutcome, ImportReport, Progress, Registered};
use app::{App, Context, Pace, ScreenReport};
use engine_access::Purpose;
use engine_policy::Finding;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Actor, Clock, Role, Slug};
use std::num::NonZeroUsize;
use std::time::Duration;

/// Between two looks at how far an import came.
const LOOK: Duration = Duration::from_millis(200);
/// So many looks, two seconds, between two plain lines.
const LOOKS_A_LINE: u32 = 10;

/// The house itself: for what runs at night and from the command line.
pub(crate) fn itself(purpose: Purpose, request: &str) -> Context {
    let actor = Actor {
        account: "system".to_owned(),
        person: None,
        role: Role::System,
    };
    Context {
        actor,
        purpose,
        request: request.to_owned(),
    }
}

/// A line that moves on a terminal and stays silent elsewhere.
pub(crate) fn spinner(words: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(words);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {pos}（{elapsed}）") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Does the work and says meanwhile how far it came: a line that moves on a terminal,
/// elsewhere a plain line now and then.
pub(crate) async fn watched<T>(
    bar: &ProgressBar,
    progress: &Progress,
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    let (mut ticks, mut told) = (0_u32, (0, 0, 0));
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(LOOK) => {}
        }
        ticks += 1;
        let (rows, read, kept) = progress.figures();
        let says = format!("正在导入：一共 {rows} 行，看过 {read} 行，存好 {kept} 行");
        bar.set_message(says.clone());
        let plain = bar.is_hidden() && ticks.is_multiple_of(LOOKS_A_LINE);
        if plain && rows > 0 && told != (rows, read, kept) {
            eprintln!("{says}");
            told = (rows, read, kept);
        }
    }
}

pub(crate) async fn import(options: ImportOptions, format: Format) -> Outcome {
    let only = options
        .department
        .as_deref()
        .map(str::parse::<Slug>)
        .transpose();
    let only = only.map_err(|why| Failure::BadInput(format!("--department：{why}")))?;
    let house = house::open(&options.place).await?;
    let mut well = true;
    for path in &options.paths {
        let bar = spinner("正在导入");
        let ctx = itself(Purpose::Collection, &path.display().to_string());
        let progress = house.import_progress();
        let work = house.import(&ctx, path, only.as_ref(), |_| bar.inc(1));
        let report = watched(&bar, &progress, work).await;
        bar.finish_and_clear();
        let report = report?;
        well &= told(&house, &report, format)?;
        follow(&report, format);
    }
    house.db().close().await;
    Ok(Ending::of(well))
}

/// Says what small deliveries changed in what is found.
fn follow(report: &ImportReport, format: Format) {
    let all = || report.deliveries.iter().map(|one| &one.watched);
    let households: usize = all().map(|one| one.households).sum();
    let changes: usize = all().map(|one| one.changes.len()).sum();
    let warnings: usize = all().map(|one| one.warnings).sum();
    if households > 0 && !format.is_json() {
        say!("又看了 {households} 户，线索变了 {changes} 条，预警 {warnings} 条");
    }
}

/// Prints a report; whether nothing was refused.
fn told(house: &App, report: &ImportReport, format: Format) -> Result<bool, Failure> {
    let refused =
        |one: &&app::import::Imported| matches!(one.outcome, ImportOutcome::Refused { .. });
    let well = !report.deliveries.iter().any(|one| refused(&one));
    if format.is_json() {
        print_json(report)?;
        return Ok(well);
    }
    let name = |category: &Slug| {
        let catalogue = &house.law().pack.data().catalogue;
        catalogue
            .category(category)
            .map_or_else(|| category.to_string(), |one| one.name.clone())
    };
    for one in &report.deliveries {
        match &one.outcome {
            ImportOutcome::Accepted(quality) => {
                let late = if quality.late { "，晚到" } else { "" };
                let (rows, taken) = (quality.rows, quality.taken);
                say!(
                    "● {}：{rows} 行，收下 {taken} 行{late}",
                    name(&one.category)
                );
                for fault in quality.faults.iter().take(3) {
                    say!("    {fault}");
                }
                let left_out = one.registered.iter().flat_map(|told| &told.left_out);
                for why in left_out.take(3) {
                    say!("    没进底册：{why}");
                }
            }
            ImportOutcome::Refused { reasons, .. } => {
                say!("⬣ {} 整份退回：{}", name(&one.category), reasons.join("；"));
            }
            ImportOutcome::Repeated => say!("○ {} 已经收过", name(&one.category)),
        }
    }
    let registered = || {
        report
            .deliveries
            .iter()
            .filter_map(|one| one.registered.as_ref())
    };
    let sum = |of: fn(&Registered) -> u64| registered().map(of).sum::<u64>();
    if registered().next().is_some() {
        say!(
            "底册：新增 {} 人 {} 户，更新 {} 户，去世 {}，出生 {}，迁出 {}，要人核实 {}",
            sum(|one| one.people),
            sum(|one| one.households),
            sum(|one| one.updated),
            sum(|one| one.deaths),
            sum(|one| one.births),
            sum(|one| one.left),
            sum(|one| one.questions)
        );
    }
    for one in &report.contradictions {
        say!("▲ {}：{} 人，{} 对记录", one.says, one.people, one.pairs);
    }
    if !report.absent.is_empty() {
        let names: Vec<String> = report.absent.iter().map(name).collect();
        say!("没有来的：{}", names.join("、"));
    }
    Ok(well)
}

pub(crate) async fn screen(options: ScreenOptions, format: Format) -> Outcome {
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let house = house::open(&options.place).await?;
    let house = house.with_pace(Pace {
        threads: options.threads.unwrap_or_else(cores),
        households: options.page.unwrap_or(Pace::default().households),
    });
    let day = options
        .as_of
        .unwrap_or_else(|| crate::clock::WallClock.now().today());
    let known = |id: &str| house.law().pack.service(id).is_some();
    if let Some(id) = options.benefit.as_deref().filter(|id| !known(id)) {
        return Err(Failure::BadInput(format!(
            "没有“{id}”这项待遇。用 nuanxin pack show 看全部"
        )));
    }
    let bar = spinner("正在逐户判断");
    let ctx = itself(Purpose::Discovery, &format!("screen {day}"));
    let report = house
        .screen(&ctx, day, |households| {
            bar.set_position(households.unsigned_abs())
        })
        .await;
    bar.finish_and_clear();
    let report = only(report?, options.benefit.as_deref());
    house.note_signs(&ctx).await?;
    house.db().close().await;
    if format.is_json() {
        print_json(&report)?;
    } else {
        print_screening(&report);
    }
    Ok(Ending::Yes)
}

fn only(report: ScreenReport, benefit: Option<&str>) -> ScreenReport {
    let benefits = report.benefits.into_iter();
    let benefits = benefits.filter(|one| benefit.is_none_or(|id| one.benefit.as_str() == id));
    ScreenReport {
        benefits: benefits.collect(),
        ..report
    }
}

/// A table for people.
pub(crate) fn print_screening(report: &ScreenReport) {
    say!("判断了 {} 户 {} 人", report.households, report.persons);
    for one in &report.benefits {
        let count = |finding| one.findings.get(&finding).copied().unwrap_or(0);
        say!(
            "{}：找到没领 {}（每次共 {} 元），同意核对就知道 {}，在领不再找到 {}，还不知道 {}，在领也该领 {}",
            one.name,
            count(Finding::FoundNotReceiving),
            one.owed,
            count(Finding::ConsentWouldTell),
            count(Finding::ReceivingNotFound),
            count(Finding::Undetermined),
            count(Finding::ReceivingRightly),
        );
        for (fact, number) in &one.undetermined_by {
            say!("    下一步查 {fact}：{number}");
        }
    }
}
