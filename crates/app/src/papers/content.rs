//! 「文书写什么」 What stands on each paper, from what is on file. It depends on the
//! file alone, never on who prints it: the same paper for the family, the village
//! and the county.

use super::about::{Of, PaperOffer};
use crate::case::Desk;
use crate::payment::Statement;
use crate::resident::{CaseTold, answer_words};
use crate::{AppError, Result};
use engine_case::{Case, NoticeKind};
use kernel::{Date, Money, PersonId};
use papers::{Body, Decision, Form, Group, Notice, Row};
use std::collections::BTreeMap;
use store::Tx;

fn row(label: &str, value: impl Into<String>) -> Row {
    (label.to_owned(), value.into())
}

fn day(date: Date) -> String {
    date.format("%Y 年 %-m 月 %-d 日").to_string()
}

pub(super) fn yuan(money: Money) -> String {
    format!("{money} 元")
}

/// What stands on a paper of a case.
pub(super) async fn of_case(
    tx: &mut Tx,
    desk: &Desk,
    case: &Case,
    told: &CaseTold,
    of: &Of,
) -> Result<Body> {
    Ok(match of {
        Of::Notice(kind, document) => {
            let kept = tx.document(*document).await?;
            let text = String::from_utf8(kept.body);
            let text = text.map_err(|why| AppError::Fault(why.to_string()))?;
            let missing = match kind {
                NoticeKind::OneTime => {
                    let papers = told.papers.iter();
                    papers.map(|one| row(&one.name, &one.why)).collect()
                }
                _ => Vec::new(),
            };
            Body::Notice(Notice {
                solemn: told.solemn,
                text,
                missing,
                remedy: Vec::new(),
            })
        }
        Of::Decision => Body::Decision(decision(told)?),
        Of::Application => Body::Form(application(tx, desk, case, told).await?),
    })
}

fn whom(told: &CaseTold) -> Vec<Row> {
    let mut facts = vec![
        row("申请人", told.applicant.as_str()),
        row("事项", told.name.as_str()),
    ];
    facts.extend(told.beneficiary.as_deref().map(|who| row("为谁办", who)));
    facts.push(row("家里人", told.people.join("、")));
    facts
}

fn decision(told: &CaseTold) -> Result<Decision> {
    let gone = || AppError::BadInput("这件事还没有决定".to_owned());
    let decided = told.decision.as_ref().ok_or_else(gone)?;
    let mut facts = whom(told);
    facts.push(row("决定", decided.takes.unwrap_or("批准")));
    if let (None, Some((Some(amount), from))) = (decided.takes, told.granted) {
        facts.push(row("金额", format!("{amount} {}", told.unit())));
        facts.push(row(
            "从哪个月起",
            format!("{} 年 {} 月", from.year(), from.month()),
        ));
    }
    facts.push(row("签字日期", day(decided.on)));
    let evidence = decided.evidence.iter().map(|(what, source, as_of)| {
        let as_of = as_of.map(|on| format!("，{}", day(on)));
        (
            what.clone(),
            format!("{source}{}", as_of.unwrap_or_default()),
        )
    });
    let mut remedy = decided.remedy.clone();
    let until = |says: &str, on: Option<Date>| on.map(|on| format!("{says}：{}前", day(on)));
    remedy.extend(until("申请行政复议", decided.reconsider_until));
    remedy.extend(until("向法院起诉", decided.sue_until));
    Ok(Decision {
        solemn: told.solemn,
        facts,
        text: decided.notice.clone(),
        rules: decided.rules.clone(),
        evidence: evidence.collect(),
        sum: Vec::new(),
        reasons: decided.reasons.clone(),
        remedy,
    })
}

async fn application(tx: &mut Tx, desk: &Desk, case: &Case, told: &CaseTold) -> Result<Form> {
    let names = crate::resident::names(tx, case).await?;
    let mut by_whom: BTreeMap<Option<PersonId>, Vec<Row>> = BTreeMap::new();
    for answer in &case.answers {
        let (label, value) = answer_words(&desk.law, case, answer);
        by_whom
            .entry(answer.about)
            .or_default()
            .push((label, value));
    }
    let groups = by_whom.into_iter().map(|(who, rows)| Group {
        name: match who {
            None => "全家".to_owned(),
            Some(person) => names.get(&person).cloned().unwrap_or_default(),
        },
        rows,
    });
    let mut facts = whom(told);
    facts.extend(told.submitted.map(|on| row("交的日子", day(on))));
    facts.push(row(
        "同意",
        format!("{} 项都由本人同意过", case.consents.len()),
    ));
    Ok(Form {
        facts,
        groups: groups.collect(),
        closing: vec!["以上是申请时说的，部门另外登记的情况不在这张表上。".to_owned()],
    })
}

/// What stands on a statement.
pub(super) fn of_statement(statement: &Statement, whose: &str, solemn: bool) -> papers::Statement {
    let months = format!(
        "{} 年 {} 月至 {} 年 {} 月",
        statement.from.year(),
        statement.from.month(),
        statement.through.year(),
        statement.through.month()
    );
    let mut facts = vec![
        row("谁家", whose),
        row("哪几个月", months),
        row("已经到账", yuan(statement.totals.paid)),
    ];
    if statement.totals.outstanding > Money::ZERO {
        facts.push(row("还没到账", yuan(statement.totals.outstanding)));
    }
    let lines = statement.lines.iter().map(|line| {
        let on = line
            .paid_on
            .map(|on| format!("，{}", on.format("%-m月%-d日")));
        [
            format!("{} 年 {} 月", line.period.year(), line.period.month()),
            line.name.clone(),
            line.amount.to_string(),
            format!("{}{}", line.says, on.unwrap_or_default()),
        ]
    });
    papers::Statement {
        solemn,
        facts,
        lines: lines.collect(),
        none: "这几个月没有发过钱。".to_owned(),
        total: statement.totals.paid.to_string(),
        closing: vec![
            "每一笔都有签过字的决定。".to_owned(),
            "这是打印那天的情况，后来又到账的不在上面。".to_owned(),
        ],
    }
}

/// The offer under a name.
pub(super) fn wanted(all: Vec<(PaperOffer, Of)>, what: &str) -> Result<(PaperOffer, Of)> {
    let found = all.into_iter().find(|(offer, _)| offer.what == what);
    found.ok_or_else(|| AppError::BadInput("这件事没有这份文书".to_owned()))
}
