//! 「核对结果」 What each department answered, in one line each: differences with both
//! numbers first, then who is silent and whether it matters, then what agrees.

use super::Reading;
use crate::Result;
use crate::verify::{compared, ruled_now};
use engine_access::View;
use engine_policy::{Entry, Household, Source, Verdict};
use engine_pool::verification::{AskState, Declared, Difference, Found};
use engine_pool::{Answer, Report, Verification, report};
use kernel::{Date, Instant, Slug, VerificationId};
use packs::FactOrigin;
use std::collections::BTreeSet;
use store::Tx;

/// What departments answered.
#[derive(Clone, Debug)]
pub struct Checks {
    /// The verification.
    pub id: VerificationId,
    /// One line per department.
    pub lines: Vec<Check>,
    /// When everything was compared; `None`: still under way.
    pub at: Option<Instant>,
    /// How many departments were asked.
    pub departments: usize,
    /// How many differences nobody has settled.
    pub open: usize,
    /// What cannot be true together, in sentences.
    pub contradictions: Vec<String>,
}

/// One department.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub department: String,
    /// How it stands.
    pub mark: CheckMark,
    /// What counts, short.
    pub value: String,
    /// Whose, how old, what was said instead.
    pub note: String,
}

/// How a department's answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckMark {
    /// 不符
    Differs,
    /// 没答复 and it matters.
    Decides,
    /// 没答复
    Silent,
    /// 在问
    Waiting,
    /// 不符 and a person has settled it.
    Settled,
    /// 相符
    Agrees,
}

impl Reading<'_> {
    pub(super) async fn checks(&self, tx: &mut Tx) -> Result<Option<Checks>> {
        let Some(opened) = &self.case.opened else {
            return Ok(None);
        };
        let Some(id) = crate::verify::latest(tx, self.case).await? else {
            return Ok(None);
        };
        let state = tx.verification(id).await?.state;
        let law = &self.desk.law;
        let facts = compared(tx, law, &state, opened.region, self.today()).await?;
        let state = ruled_now(tx, state).await?;
        let report = report(&state);
        let mut lines: Vec<(CheckMark, bool, Check)> = state
            .asks
            .keys()
            .map(|department| self.check(&state, report.as_ref(), facts.as_ref(), department))
            .collect();
        // What says something stands before what has no record.
        lines.sort_by_key(|(mark, speaks, _)| (*mark, !speaks));
        let open = |one: &&Difference| one.settled.is_none();
        let differences = report.iter().flat_map(|one| &one.differences);
        let rules = &law.pack.data().contradictions;
        Ok(Some(Checks {
            id,
            departments: lines.len(),
            lines: lines.into_iter().map(|(_, _, line)| line).collect(),
            at: report.as_ref().map(|report| report.at),
            open: differences.filter(open).count(),
            contradictions: report
                .iter()
                .flat_map(|one| &one.contradictions)
                .map(|one| {
                    let rule = rules.iter().find(|rule| rule.id == one.rule);
                    rule.map_or_else(|| one.says.clone(), |rule| rule.says.clone())
                })
                .collect(),
        }))
    }

    fn check(
        &self,
        state: &Verification,
        report: Option<&Report>,
        facts: Option<&Household>,
        department: &Slug,
    ) -> (CheckMark, bool, Check) {
        let name = self.department(department);
        let line = |mark, speaks, value: String, note: String| {
            let department = name.clone();
            let check = Check {
                department,
                mark,
                value,
                note,
            };
            (mark, speaks, check)
        };
        let catalogue = &self.desk.law.pack.data().catalogue;
        let theirs = |one: &&Difference| {
            let owner = catalogue.owner(&one.category);
            owner.is_some_and(|owner| owner.id == *department)
        };
        let mut differences = report.iter().flat_map(|one| &one.differences);
        if let Some(difference) = differences.find(theirs) {
            let mark = match difference.settled {
                Some(_) => CheckMark::Settled,
                None => CheckMark::Differs,
            };
            let note = format!(
                "{}申报 {}",
                self.name(difference.person),
                self.declared(&difference.category, &difference.declared)
            );
            return line(mark, true, self.found(difference), note);
        }
        match state.asks.get(department).map(|ask| &ask.state) {
            Some(AskState::Failed { why, .. }) => {
                let (mark, value) = self.silence(department);
                line(mark, true, value, why.to_string())
            }
            Some(AskState::Answered { answers, .. }) => {
                let silent = answers.iter().find(|one| !one.answer.is_answered());
                if let Some(Answer::NoAnswer { why }) = silent.map(|one| &one.answer) {
                    let (mark, value) = self.silence(department);
                    return line(mark, true, value, format!("部分没有答复：{why}"));
                }
                let told = facts.map(|facts| self.speaks(facts, department));
                match told.and_then(|told| told.into_iter().next()) {
                    Some((value, note)) => line(CheckMark::Agrees, true, value, note),
                    None => line(
                        CheckMark::Agrees,
                        false,
                        self.counted(state, department),
                        self.age(answers.iter().filter_map(|one| day(&one.answer)).max()),
                    ),
                }
            }
            _ => line(CheckMark::Waiting, true, "正在问".to_owned(), String::new()),
        }
    }

    /// Whether a department's silence keeps the verdict from being known.
    fn silence(&self, department: &Slug) -> (CheckMark, String) {
        let Some(certificate) = self.certificate else {
            return (CheckMark::Silent, "算的时候才知道要不要紧".to_owned());
        };
        let told = &certificate.judgement;
        let comes = |origin: Option<&FactOrigin>| {
            let sources = origin.map(|one| one.sources.as_slice());
            let mut sources = sources.unwrap_or_default().iter();
            sources.any(|source| source.department == *department)
        };
        let pack = &self.desk.law.pack;
        let decides = told.verdict == Verdict::Undetermined
            && told.missing.iter().any(|one| {
                let record = pack.records().get(&one.fact);
                let record = record.and_then(|record| record.source.as_ref());
                comes(pack.fact(one.fact.as_str()))
                    || record.is_some_and(|source| source.department == *department)
            });
        match decides {
            true => (CheckMark::Decides, "缺了它定不了".to_owned()),
            false => (CheckMark::Silent, "不影响办理".to_owned()),
        }
    }

    /// What the facts taken from a department say, the telling ones first.
    fn speaks(&self, facts: &Household, department: &Slug) -> Vec<(String, String)> {
        let members = self.case.opened.iter().flat_map(|one| &one.members);
        let whole = [(None, &facts.facts)];
        let whose = whole.into_iter().chain(
            members
                .zip(&facts.members)
                .map(|(one, member)| (Some(one.person), &member.facts)),
        );
        let read = self.read_by_the_rules();
        let mut told = Vec::new();
        for (person, facts) in whose {
            for (id, entry) in facts {
                let Entry::Known(value, source) = entry else {
                    continue;
                };
                let Source::Department {
                    department: from,
                    as_of,
                    ..
                } = source
                else {
                    continue;
                };
                if from != department || !is_telling(value) {
                    continue;
                }
                let Some(rule) = self.desk.law.pack.rules().fact(id.as_str()) else {
                    continue;
                };
                let words = value.spoken(&rule.decl.ty);
                let (view, permit) = (View::Detail, self.permit);
                let shown = engine_access::show(&words, rule.field_level, view, permit);
                let shown = shown.unwrap_or_else(|| "有记录".to_owned());
                let whom = person.map(|person| self.name(person));
                let age = self.age(Some(*as_of));
                let note = match whom {
                    Some(name) => format!("{name}，{age}"),
                    None => age,
                };
                let value = match shown.as_str() {
                    "是" => rule.decl.label.clone(),
                    _ => format!("{} {shown}", rule.decl.label),
                };
                told.push((!read.contains(id), (value, note)));
            }
        }
        told.sort_by_key(|(beside, _)| *beside);
        told.into_iter().map(|(_, told)| told).collect()
    }

    fn read_by_the_rules(&self) -> BTreeSet<Slug> {
        let certificate = self.certificate.iter();
        certificate
            .flat_map(|one| {
                let members = one.members.iter().flat_map(|member| member.facts.keys());
                one.household.keys().chain(members).cloned()
            })
            .collect()
    }

    fn counted(&self, state: &Verification, department: &Slug) -> String {
        let answers = match state.asks.get(department).map(|ask| &ask.state) {
            Some(AskState::Answered { answers, .. }) => answers.as_slice(),
            _ => &[],
        };
        let records: usize = answers
            .iter()
            .map(|one| match &one.answer {
                Answer::Records(held) => held.len(),
                _ => 0,
            })
            .sum();
        match records {
            0 => "没有记录".to_owned(),
            count => format!("{count} 条记录"),
        }
    }

    /// `8月31日的数据`.
    fn age(&self, as_of: Option<Date>) -> String {
        let day = as_of.map(|day| day.format("%-m月%-d日的数据").to_string());
        day.unwrap_or_default()
    }

    pub(super) fn found(&self, difference: &Difference) -> String {
        let name = self.category(&difference.category);
        match &difference.found {
            Found::NoRecord => format!("{name}没有记录"),
            Found::Count(count) => format!("{name} {count} 条"),
            Found::Sum(Some(value)) => format!("{name} {value}"),
            Found::Sum(None) => format!("{name}算不出合计"),
            Found::Values(values) => {
                let mut values: Vec<String> = values.iter().map(ToString::to_string).collect();
                values.dedup();
                format!("{name} {}", values.join("、"))
            }
        }
    }

    pub(super) fn declared(&self, category: &Slug, declared: &Declared) -> String {
        match declared {
            Declared::Nothing => "没有".to_owned(),
            Declared::Count(count) => format!("{count} 条"),
            Declared::Sum { field, value } | Declared::Is { field, value } => {
                let catalogue = &self.desk.law.pack.data().catalogue;
                let name = catalogue
                    .category(category)
                    .and_then(|category| category.field(field))
                    .map(|field| field.name.clone());
                format!("{} {value}", name.unwrap_or_default())
            }
        }
    }

    pub(super) fn category(&self, id: &Slug) -> String {
        let found = self.desk.law.pack.data().catalogue.category(id);
        found.map_or_else(|| id.to_string(), |one| one.name.clone())
    }
}

fn day(answer: &Answer) -> Option<Date> {
    match answer {
        Answer::Records(held) => held.iter().map(|one| one.record.as_of).max(),
        Answer::NoRecord { as_of } => Some(*as_of),
        Answer::NoAnswer { .. } => None,
    }
}

/// Neither “no” nor zero: those stay quiet.
fn is_telling(value: &expr::Value) -> bool {
    match value {
        expr::Value::Bool(held) => *held,
        expr::Value::Number(number) => number.mantissa != 0,
        // A birthday or “not at school” says nothing an officer looks for here.
        expr::Value::Date(_) | expr::Value::Code(_) => false,
    }
}
