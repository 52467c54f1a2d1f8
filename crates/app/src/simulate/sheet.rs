//! 「说明书」 A whole simulation as a workbook people read and file: what was changed from
//! what to what, what was supposed, by whom and when, who gains and who loses, the money by
//! month and by town. Absent on purpose: names of anybody.

use super::spread::Spread;
use super::table::{Rows, workbook, yuan};
use super::{Change, SimulateReport, Simulation, Trial};
use crate::App;
use crate::error::Result;
use kernel::Money;

/// What people ask first of a paper with figures.
const PROMISE: &str = "只试算，不改任何人的待遇。人和钱都按当天的数据算，以后会变。";

impl App {
    /// 说明书 What was tried and what came of it, as the bytes of a workbook; `by`: who
    /// asked, as others call them.
    ///
    /// # Errors
    /// A table the writer does not take: a fault.
    pub fn simulation_sheet(
        &self,
        what: &Simulation,
        (report, spread): (&SimulateReport, Option<&Spread>),
        by: &str,
    ) -> Result<Vec<u8>> {
        let Some(main) = report.trials.last() else {
            return workbook(&[("说明", vec![row(&["没有试算"])])]);
        };
        let mut sheets = vec![
            ("说明", self.cover(what, report, main, by)),
            ("镇街", towns(main)),
            ("人家", homes(main)),
            ("待遇", benefits(main)),
            ("按月", months(report, main)),
        ];
        if report.trials.len() > 1 {
            sheets.push(("换个数", values(report)));
        }
        if let Some(spread) = spread {
            sheets.push(("两条线之间", bars(spread)));
        }
        workbook(&sheets)
    }

    fn cover(&self, what: &Simulation, report: &SimulateReport, main: &Trial, by: &str) -> Rows {
        let pack = &self.law().pack;
        let name = pack
            .head()
            .map(|head| head.name.clone())
            .unwrap_or_default();
        let at = self.now().at + chrono::TimeDelta::hours(8);
        let at = at.format("%Y年%-m月%-d日 %H:%M").to_string();
        let scope = what.region.or(pack.region());
        let scope = scope.and_then(|code| pack.regions().name(code, report.as_of));
        let supposed = match report.supposed {
            true => "要户主同意才能查的（存款、证券等）按没有算，得到的是上限",
            false => "只看能主动查的数据；要户主同意才能查的当不知道，不猜",
        };
        let all = &main.all;
        let each = all.month_after.fen().saturating_sub(all.month_before.fen());
        let money = |fen: i64| yuan(Money::from_fen(fen));
        let near: u64 = main.benefits.iter().map(|one| one.2.near_misses).sum();
        let mut rows = vec![
            row(&["政策试算说明书"]),
            row(&["谁算的", by]),
            row(&["什么时候算的", &at]),
            row(&["按哪天的数据", &report.as_of.to_string()]),
            row(&["范围", scope.unwrap_or("全部")]),
            row(&["现行规定", &name, pack.hash()]),
        ];
        let now = self.parameters(report.as_of);
        for (id, label, value) in &main.assumed {
            let id = id.as_str().replacen("__", ".", 1);
            let known = now.iter().find(|one| one.id == id);
            let known = known.and_then(|one| one.value.as_deref());
            let was = format!("现行 {}", known.unwrap_or("没有"));
            rows.push(row(&["改了什么", label, &was, &format!("改成 {value}")]));
        }
        if main.assumed.is_empty() {
            rows.push(row(&["改了什么", "换上草案"]));
        }
        rows.extend([
            row(&["怎么假定", supposed]),
            row(&["算了多少户", &report.households.to_string()]),
            row(&["算了多少人", &report.persons.to_string()]),
            row(&["得益户", &all.households_gaining.to_string()]),
            row(&["得益人", &all.people_gaining.to_string()]),
            row(&["受损户", &all.households_losing.to_string()]),
            row(&["受损人", &all.people_losing.to_string()]),
            row(&["现在每月（元）", &yuan(all.month_before)]),
            row(&["改了每月（元）", &yuan(all.month_after)]),
            row(&["每月多花（元）", &money(each)]),
            row(&["全年多花（元）", &money(each.saturating_mul(12))]),
            row(&["只差一条（户次）", &near.to_string()]),
            row(&["说明", PROMISE]),
        ]);
        rows
    }
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn change(name: &str, one: &Change) -> Vec<String> {
    vec![
        name.to_owned(),
        one.households_gaining.to_string(),
        one.people_gaining.to_string(),
        one.households_losing.to_string(),
        one.people_losing.to_string(),
        yuan(one.month_before),
        yuan(one.month_after),
    ]
}

fn changes<'a>(first: &str, all: impl Iterator<Item = (&'a str, &'a Change)>) -> Rows {
    let head = [
        first,
        "得益户",
        "得益人",
        "受损户",
        "受损人",
        "现在每月（元）",
        "改了每月（元）",
    ];
    let lines = all.map(|(name, one)| change(name, one));
    std::iter::once(row(&head)).chain(lines).collect()
}

fn towns(trial: &Trial) -> Rows {
    let all = trial
        .towns
        .iter()
        .map(|(_, name, one)| (name.as_str(), one));
    changes("镇街", all.chain([("合计", &trial.all)]))
}

fn homes(trial: &Trial) -> Rows {
    let named = |all: &'_ [(String, Change)], first: &str| {
        changes(first, all.iter().map(|(name, one)| (name.as_str(), one)))
    };
    let mut rows = named(&trial.kinds, "家庭类型");
    rows.push(Vec::new());
    rows.extend(named(&trial.sizes, "几口人"));
    rows.push(Vec::new());
    rows.push(row(&["每月多少（元）", "户"]));
    let steps = trial.steps.iter();
    rows.extend(steps.map(|(says, count)| row(&[says, &count.to_string()])));
    rows
}

fn benefits(trial: &Trial) -> Rows {
    let head = [
        "待遇",
        "现在符合",
        "新符合",
        "不再符合",
        "可能新符合",
        "可能不再符合",
        "只差一条",
        "现在每月（元）",
        "改了每月（元）",
    ];
    let lines = trial.benefits.iter().map(|(_, name, one)| {
        vec![
            name.clone(),
            one.eligible_before.to_string(),
            one.entering.to_string(),
            one.leaving.to_string(),
            one.perhaps_entering.to_string(),
            one.perhaps_leaving.to_string(),
            one.near_misses.to_string(),
            yuan(one.month_before),
            yuan(one.month_after),
        ]
    });
    std::iter::once(row(&head)).chain(lines).collect()
}

fn months(report: &SimulateReport, trial: &Trial) -> Rows {
    let (before, after) = (trial.all.month_before, trial.all.month_after);
    let each = after.fen().saturating_sub(before.fen());
    let head = [
        "月份",
        "现在（元）",
        "改了（元）",
        "多花（元）",
        "累计多花（元）",
    ];
    let lines = report
        .months()
        .into_iter()
        .zip(1_i64..)
        .map(|(month, nth)| {
            let more = |fen: i64| yuan(Money::from_fen(fen));
            vec![
                month.to_string(),
                yuan(before),
                yuan(after),
                more(each),
                more(each.saturating_mul(nth)),
            ]
        });
    std::iter::once(row(&head)).chain(lines).collect()
}

fn values(report: &SimulateReport) -> Rows {
    let all = report.trials.iter().map(|trial| {
        let each = trial.assumed.iter().map(|one| one.2.as_str());
        (each.collect::<Vec<_>>().join("，"), &trial.all)
    });
    let all: Vec<_> = all.collect();
    changes("改成", all.iter().map(|(name, one)| (name.as_str(), *one)))
}

fn bars(spread: &Spread) -> Rows {
    let mut rows = vec![
        row(&[
            &spread.label,
            "现行",
            &spread.now.1,
            "改成",
            &spread.tried.1,
        ]),
        row(&["从", "到", "多少份", "在两条线之间"]),
    ];
    rows.extend(spread.bars.iter().map(|bar| {
        let between = if bar.between { "是" } else { "" };
        row(&[&bar.from, &bar.to, &bar.count.to_string(), between])
    }));
    rows
}
