//! 「政策包」 `nuanxin pack check | test | show | schema`.

use super::{load, print_json};
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{Format, PackCommand};
use crate::say;
use app::Tried;
use engine_policy::Judge;
use std::path::Path;

pub(crate) fn run(command: PackCommand, format: Format) -> Outcome {
    match command {
        PackCommand::Check { dir } => check(&dir, format),
        PackCommand::Test { dir } => test(&dir, format),
        PackCommand::Show { dir, id } => show(&dir, id.as_deref()),
        PackCommand::Schema => {
            print_json(&packs::json_schema())?;
            Ok(Ending::Yes)
        }
    }
}

fn check(dir: &Path, format: Format) -> Outcome {
    let loaded = packs::load(dir);
    if format.is_json() {
        print_json(&loaded.report.diagnostics())?;
    } else {
        say!("{}", loaded.report.render());
        if let Some(pack) = &loaded.pack {
            let conditions: usize = pack
                .rules()
                .benefits
                .iter()
                .map(|benefit| benefit.conditions.len())
                .sum();
            let examples: usize = pack
                .services()
                .iter()
                .map(|service| service.examples.len())
                .sum();
            say!(
                "{}：{} 项服务，{conditions} 个条件，{examples} 个例子，{} 个部门，{} 类数据。没有错误",
                dir.display(),
                pack.services().len(),
                pack.data().catalogue.departments().count(),
                pack.data().catalogue.categories().count(),
            );
        }
    }
    Ok(Ending::of(loaded.pack.is_some()))
}

fn test(dir: &Path, format: Format) -> Outcome {
    let pack = load(dir)?;
    let judge = Judge::new(pack.rules().clone());
    let tried = app::try_examples(&pack, &judge);
    let failed = tried
        .iter()
        .filter(|tried| !tried.faults.is_empty())
        .count();
    if format.is_json() {
        print_json(&tried)?;
        return Ok(Ending::of(failed == 0));
    }
    for tried in tried.iter().filter(|tried| !tried.faults.is_empty()) {
        print_failure(tried);
    }
    say!("{} passed, {failed} failed", tried.len() - failed);
    Ok(Ending::of(failed == 0))
}

fn print_failure(tried: &Tried) {
    say!("✕ {} · {}（{}）", tried.service, tried.title, tried.at);
    for fault in &tried.faults {
        say!("    {fault}");
    }
}

fn show(dir: &Path, id: Option<&str>) -> Outcome {
    let pack = load(dir)?;
    let Some(id) = id else {
        for service in pack.services() {
            say!(
                "{:<30} {}：{}",
                service.id.as_str(),
                service.name,
                service.says
            );
        }
        for joint in pack.joints() {
            say!("{:<30} {}：{}", joint.id.as_str(), joint.name, joint.says);
        }
        return Ok(Ending::Yes);
    };
    let shown = packs::show(&pack, id).ok_or_else(|| {
        Failure::BadInput(format!(
            "没有“{id}”这项服务。用 nuanxin pack show {} 看全部",
            dir.display()
        ))
    })?;
    say!("{shown}");
    Ok(Ending::Yes)
}
