//! 「核对报告」 The report of a verification on paper: what the machine-readable one
//! says, without its every line.

use super::give::{Draft, PaperAddress, Printed};
use crate::verify::{CheckReport, GivenReport, SilentTold};
use crate::{App, AppError, Context, Result};
use kernel::{CaseId, Date, Instant, Now};
use papers::{Body, Check, Row};

/// The kind its papers are kept under: a newer one of a case takes its place.
const KIND: &str = "check_report";
/// Facts on paper; the rest stands in the machine-readable report.
const FACTS_SHOWN: usize = 40;

impl App {
    /// 打印核对报告 The newest report of the case's verification.
    ///
    /// # Errors
    /// A refusal; there is none yet; a character nobody has letters for.
    pub async fn print_check_report(
        &self,
        ctx: &Context,
        case: CaseId,
        address: &PaperAddress,
    ) -> Result<Printed> {
        let none = || AppError::BadInput("这件事还没有核对报告".to_owned());
        let given = self.check_report(ctx, case).await?.ok_or_else(none)?;
        let report = &given.report;
        let head = report.people.first().map(|one| one.name.clone());
        let draft = Draft {
            subject: format!("case:{case}"),
            kind: KIND.to_owned(),
            title: report.title.clone(),
            name: head.unwrap_or_default(),
            number: format!(
                "办件号 {case}，核对号 {}-{}",
                report.verification, report.version
            ),
            day: Now { at: report.at }.today(),
            body: Body::Check(body(&given)),
            case: None,
            decision: None,
        };
        self.give(ctx, draft, address).await
    }
}

fn body(given: &GivenReport) -> Check {
    let report = &given.report;
    Check {
        facts: facts(report, &given.digest),
        conclusion: conclusion(report),
        stages: report
            .stages
            .iter()
            .map(|one| {
                let by = one.by.as_ref().map(|by| format!("，{by}"));
                let says = format!("{}{}。{}", moment(one.at), by.unwrap_or_default(), one.says);
                (one.name.clone(), says)
            })
            .collect(),
        silent: report.silent.iter().map(silent).collect(),
        differences: differences(report),
        found: found(report),
        departments: report
            .departments
            .iter()
            .map(|one| {
                let stood = one.lines.iter().filter(|line| line.from == "pool").count();
                let open = one.asked - one.answered;
                let rest = match (open, stood) {
                    (0, _) => String::new(),
                    (open, 0) => format!("{open} 项不知道"),
                    (open, stood) => format!("{stood} 项用数据池，{} 项不知道", open - stood),
                };
                let counts = (one.asked.to_string(), one.answered.to_string());
                [one.name.clone(), counts.0, counts.1, rest]
            })
            .collect(),
        closing: vec![
            "没有答复不等于没有。缺的算不知道，不能因此不给。".to_owned(),
            "报告只写查到什么，给不给由人决定。".to_owned(),
        ],
    }
}

fn facts(report: &CheckReport, digest: &str) -> Vec<Row> {
    let row = |label: &str, value: String| (label.to_owned(), value);
    let people = report.people.iter();
    let people: Vec<String> = people
        .map(|one| format!("{}（{}）", one.name, one.number))
        .collect();
    vec![
        row(
            "为哪件事",
            format!("{}，办件号 {}", report.service, report.case),
        ),
        row("核对谁", people.join("、")),
        row(
            "授权书",
            format!("第 {} 号，全家都签了", report.authorisation),
        ),
        row("步骤", report.process.clone()),
        row("电子报告的指纹", digest.chars().take(32).collect()),
    ]
}

fn conclusion(report: &CheckReport) -> Vec<String> {
    let mut said = vec![report.says.clone()];
    if let Some(verdict) = &report.verdict {
        said.push(verdict.says.clone());
        if !verdict.missing.is_empty() {
            said.push(format!("还差：{}。", verdict.missing.join("、")));
        }
    }
    said
}

fn silent(one: &SilentTold) -> Row {
    let rest = match one.stood_in {
        0 => String::new(),
        count => format!("，其中 {count} 项用数据池的，写明了哪天的"),
    };
    (
        one.department.clone(),
        format!("{}。{} 项没有答{rest}", one.why, one.open),
    )
}

fn differences(report: &CheckReport) -> Vec<Row> {
    let told = report.differences.iter().map(|one| {
        let settled = one
            .settled
            .clone()
            .unwrap_or_else(|| "还没有认定".to_owned());
        (
            format!(
                "{}的{}：说{}，查到{}",
                one.who, one.category, one.declared, one.found
            ),
            settled,
        )
    });
    let contradictions = report.contradictions.iter();
    let contradictions = contradictions.map(|says| (says.clone(), "部门之间对不上".to_owned()));
    let ruled = report.ruled.iter();
    let ruled = ruled.map(|says| (says.clone(), "对不上，有人认定过".to_owned()));
    told.chain(contradictions).chain(ruled).collect()
}

fn found(report: &CheckReport) -> Vec<Row> {
    let told = report.facts.iter().take(FACTS_SHOWN);
    let told = told.map(|one| {
        let said = match one.value.as_str() {
            "是" => one.label.clone(),
            _ => format!("{} {}", one.label, one.value),
        };
        let as_of = one.as_of.map(|on| format!("，{}", day(on)));
        (
            format!("{}：{said}", one.who),
            format!("{}{}", one.source, as_of.unwrap_or_default()),
        )
    });
    told.collect()
}

fn day(date: Date) -> String {
    date.format("%Y年%-m月%-d日").to_string()
}

fn moment(at: Instant) -> String {
    day(Now { at }.today())
}
