//! 「报告里写什么」 A check report in words: what the sheet of a verification says,
//! for people and for programs alike. It depends on kept events, kept pool answers
//! and the pack alone, so that it can be made again to the byte.

use super::found::compared_over;
use crate::Law;
use engine_case::Opened;
use engine_policy::{Beneficiary, Entry, Household, Judgement, Subject, Verdict};
use engine_pool::sheet::{From, Known, Sheet, Stage};
use engine_pool::verification::{Declared, Difference, Found, Request};
use engine_pool::{Outcome, Verification};
use kernel::{Actor, Date, Instant, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The process the report follows, and what of it is not founded.
const PROCESS: &str = "受理、取数、比对、出报告、复核（步骤按 MZ/T 072、073 的目录；正文没有取得，每一步写什么是演示值）";

/// A check report. The order of its fields is the order of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// What it is.
    pub title: String,
    /// The steps it follows and how well founded they are.
    pub process: String,
    /// The verification.
    pub verification: i64,
    /// How many of its events it tells.
    pub version: i64,
    /// The case it is for.
    pub case: i64,
    /// The service applied for.
    pub service: String,
    /// Under which authorisation.
    pub authorisation: i64,
    /// When it was drawn up.
    pub at: Instant,
    /// The pack, by hash.
    pub pack: String,
    /// Whom it is about.
    pub people: Vec<PersonTold>,
    /// How it went.
    pub stages: Vec<StageTold>,
    /// `passed`, `doubtful`, `incomplete`.
    pub outcome: Outcome,
    /// What that means.
    pub says: String,
    /// What the rules say by what was verified alone; `None`: the service has none.
    pub verdict: Option<VerdictTold>,
    /// Departments that did not answer.
    pub silent: Vec<SilentTold>,
    /// What differs from what was said.
    pub differences: Vec<DifferenceTold>,
    /// What cannot be true together, and nobody found which is.
    pub contradictions: Vec<String>,
    /// What cannot be true together, and what somebody found of it; absent where nothing
    /// was, as in every report of before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ruled: Vec<String>,
    /// The facts the rules need, as found.
    pub facts: Vec<FactTold>,
    /// Who answered what.
    pub departments: Vec<DepartmentTold>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonTold {
    /// Their number in the register.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their document number, masked.
    pub number: String,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageTold {
    /// Which.
    pub stage: Stage,
    /// Its name.
    pub name: String,
    /// When it was done last.
    pub at: Instant,
    /// In which role somebody did it.
    pub by: Option<String>,
    /// What was done.
    pub says: String,
}

/// What the rules say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictTold {
    /// The verdict.
    pub verdict: Verdict,
    /// In a sentence.
    pub says: String,
    /// What keeps it undetermined.
    pub missing: Vec<String>,
}

/// A department that did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilentTold {
    /// Its name.
    pub department: String,
    /// Why, in its own words or the line's.
    pub why: String,
    /// How many questions it left open.
    pub open: usize,
    /// For how many of them the pool stands in.
    pub stood_in: usize,
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceTold {
    /// Of whom.
    pub who: String,
    /// Which data.
    pub category: String,
    /// What was said.
    pub declared: String,
    /// What was found.
    pub found: String,
    /// What the household says to it.
    pub explanation: Option<String>,
    /// What a person made of it, with the reason.
    pub settled: Option<String>,
}

/// A fact as found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactTold {
    /// Of whom.
    pub who: String,
    /// Which fact.
    pub label: String,
    /// Its value.
    pub value: String,
    /// Who said so.
    pub source: String,
    /// Of which day.
    pub as_of: Option<Date>,
}

/// A department and its answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentTold {
    /// Its name.
    pub name: String,
    /// Questions asked.
    pub asked: usize,
    /// Questions it answered itself.
    pub answered: usize,
    /// Each question.
    pub lines: Vec<LineTold>,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTold {
    /// Of whom.
    pub who: String,
    /// Which data.
    pub category: String,
    /// `live`, `pool`, `nobody`.
    pub from: String,
    /// What is known, in words.
    pub says: String,
    /// How many records.
    pub records: usize,
    /// The day it speaks of.
    pub as_of: Option<Date>,
    /// Its age when the pool stands in, days.
    pub age_days: Option<i64>,
    /// The delivery it came in.
    pub batch: Option<i64>,
}

/// What a report is told from.
pub(super) struct Telling<'a> {
    pub(super) law: &'a Law,
    pub(super) state: &'a Verification,
    pub(super) request: &'a Request,
    pub(super) sheet: &'a Sheet,
    pub(super) known: &'a Known,
    pub(super) names: &'a BTreeMap<PersonId, String>,
    pub(super) opened: &'a Opened,
    pub(super) made: (Instant, &'a Actor),
    pub(super) version: i64,
    pub(super) today: Date,
}

impl Telling<'_> {
    pub(super) fn report(&self) -> CheckReport {
        let facts = self.facts();
        let report = &self.sheet.report;
        CheckReport {
            title: "家庭经济状况核对报告".to_owned(),
            process: PROCESS.to_owned(),
            verification: self.request.id.0,
            version: self.version,
            case: self.opened.case.0,
            service: self.service_name(),
            authorisation: self.state.authorisation.map_or(0, |one| one.0),
            at: self.made.0,
            pack: self.law.pack.hash().to_owned(),
            people: self.people(),
            stages: self.stages(),
            outcome: report.outcome,
            says: self.outcome_says(),
            verdict: facts.as_ref().and_then(|facts| self.verdict(facts)),
            silent: self.silent(),
            differences: report
                .differences
                .iter()
                .map(|one| self.difference(one))
                .collect(),
            contradictions: report
                .contradictions
                .iter()
                .map(|one| one.says.clone())
                .collect(),
            ruled: report.ruled.iter().map(|one| self.ruled(one)).collect(),
            facts: facts
                .as_ref()
                .map(|facts| self.told_facts(facts))
                .unwrap_or_default(),
            departments: self.departments(),
        }
    }

    fn service_name(&self) -> String {
        let service = &self.opened.service;
        let flow = self.law.pack.flow(service.as_str());
        flow.map_or_else(|| service.to_string(), |flow| flow.name.clone())
    }

    fn people(&self) -> Vec<PersonTold> {
        let members = self.request.members.iter();
        let told = members.map(|member| PersonTold {
            person: member.person,
            name: self.name(member.person),
            number: member.number.to_string(),
        });
        told.collect()
    }

    fn name(&self, person: PersonId) -> String {
        self.names.get(&person).cloned().unwrap_or_default()
    }

    pub(super) fn category(&self, id: &Slug) -> String {
        let found = self.law.pack.data().catalogue.category(id);
        found.map_or_else(|| id.to_string(), |one| one.name.clone())
    }

    fn stages(&self) -> Vec<StageTold> {
        let asks = self.state.asks.len();
        let told = self.sheet.stages.iter().map(|line| StageTold {
            stage: line.stage,
            name: line.stage.label().to_owned(),
            at: line.at,
            by: line.by.as_ref().map(|by| by.role.label().to_owned()),
            says: match line.stage {
                Stage::Accept => format!("{} 人，都在授权书上签了字", self.request.members.len()),
                Stage::Obtain => format!("问了 {asks} 个部门，来回 {} 次", line.times),
                Stage::Verify => format!("申报 {} 项，逐项比对", self.request.declared.len()),
                Stage::Report => "写下结论，不替人下决定".to_owned(),
                Stage::Review => format!("再问、说明、认定一共 {} 次", line.times),
            },
        });
        told.collect()
    }

    fn outcome_says(&self) -> String {
        let report = &self.sheet.report;
        let counts = format!("问了 {} 项，答了 {} 项", report.asked, report.answered);
        match report.outcome {
            Outcome::Passed => format!("相符：{counts}，没有不符的"),
            Outcome::Doubtful => format!("存疑：{counts}，有不符或者对不上的，要人认定"),
            Outcome::Incomplete => format!("不完整：{counts}。没有答复不等于没有，也不能因此不给"),
        }
    }

    fn silent(&self) -> Vec<SilentTold> {
        let told = self.sheet.silent.iter().map(|id| {
            let lines = self
                .sheet
                .lines
                .iter()
                .filter(|line| line.department == *id);
            let open: Vec<_> = lines.filter(|line| line.silent.is_some()).collect();
            let whys: BTreeSet<String> = open
                .iter()
                .filter_map(|line| line.silent.as_ref().map(ToString::to_string))
                .collect();
            let stood_in = open
                .iter()
                .filter(|line| matches!(line.from, From::Pool { .. }));
            SilentTold {
                department: self.law.department(id),
                why: whys.into_iter().collect::<Vec<_>>().join("；"),
                stood_in: stood_in.count(),
                open: open.len(),
            }
        });
        told.collect()
    }

    fn departments(&self) -> Vec<DepartmentTold> {
        let mut told: Vec<DepartmentTold> = Vec::new();
        for line in &self.sheet.lines {
            let name = self.law.department(&line.department);
            if told.last().is_none_or(|last| last.name != name) {
                told.push(DepartmentTold {
                    name,
                    asked: 0,
                    answered: 0,
                    lines: Vec::new(),
                });
            }
            let Some(last) = told.last_mut() else {
                continue;
            };
            last.asked += 1;
            last.answered += usize::from(line.silent.is_none());
            let counted = match line.records {
                0 => "没有记录".to_owned(),
                count => format!("{count} 条记录"),
            };
            let (from, says, age_days, batch) = match &line.from {
                From::Live => ("live", counted, None, None),
                From::Pool { batch, age_days } => (
                    "pool",
                    format!("部门没有答，数据池里{counted}，{age_days} 天前的"),
                    Some(*age_days),
                    batch.map(|one| one.0),
                ),
                From::Nobody => {
                    let why = line.silent.as_ref().map(ToString::to_string);
                    (
                        "nobody",
                        format!("没有答复：{}", why.unwrap_or_default()),
                        None,
                        None,
                    )
                }
            };
            last.lines.push(LineTold {
                who: self.name(line.person),
                category: self.category(&line.category),
                from: from.to_owned(),
                says,
                records: line.records,
                as_of: line.as_of,
                age_days,
                batch,
            });
        }
        told
    }

    fn difference(&self, one: &Difference) -> DifferenceTold {
        let settled = one.settled.as_ref().map(|settled| {
            let word = match settled.accepted {
                true => "说明采纳",
                false => "按查到的算",
            };
            format!("{word}：{}（{}）", settled.reason, settled.by.role.label())
        });
        DifferenceTold {
            who: self.name(one.person),
            category: self.category(&one.category),
            declared: self.declared(&one.category, &one.declared),
            found: found_words(&one.found),
            explanation: one.explanation.clone(),
            settled,
        }
    }

    fn declared(&self, category: &Slug, declared: &Declared) -> String {
        match declared {
            Declared::Nothing => "没有".to_owned(),
            Declared::Count(count) => format!("{count} 条"),
            Declared::Sum { field, value } | Declared::Is { field, value } => {
                let catalogue = &self.law.pack.data().catalogue;
                let category = catalogue.category(category);
                let field = category.and_then(|category| category.field(field));
                let name = field.map(|field| field.name.clone());
                format!("{} {value}", name.unwrap_or_default())
            }
        }
    }

    fn facts(&self) -> Option<Household> {
        let members = self.request.members.iter();
        let known = members.map(|one| self.known.get(&one.person).cloned().unwrap_or_default());
        let place = (self.opened.region, self.today);
        compared_over(self.law, self.state, place, known.collect())
    }

    /// Facts people need to see: neither “no” nor nothing.
    fn told_facts(&self, facts: &Household) -> Vec<FactTold> {
        let members = self.request.members.iter().zip(&facts.members);
        let own = members.map(|(member, facts)| (self.name(member.person), &facts.facts));
        let whole = [("全家".to_owned(), &facts.facts)];
        let mut told = Vec::new();
        for (who, facts) in whole.into_iter().chain(own) {
            for (id, entry) in facts {
                let Some(rule) = self.law.pack.rules().fact(id.as_str()) else {
                    continue;
                };
                let Entry::Known(value, source) = entry else {
                    continue;
                };
                let telling = match value {
                    expr::Value::Bool(held) => *held,
                    expr::Value::Number(number) => number.mantissa != 0,
                    expr::Value::Date(_) | expr::Value::Code(_) => false,
                };
                if !telling {
                    continue;
                }
                let (source, as_of) = self.law.said_by(source);
                told.push(FactTold {
                    who: who.clone(),
                    label: rule.decl.label.clone(),
                    value: value.spoken(&rule.decl.ty),
                    source,
                    as_of,
                });
            }
        }
        told
    }

    /// By what was verified alone; the case's own survey is not in it.
    fn verdict(&self, facts: &Household) -> Option<VerdictTold> {
        let service = self.opened.service.as_str();
        let told = self.law.judge.judge(service, facts, self.today).ok()?;
        let members = self.request.members.iter();
        let mut places = members.map(|member| member.person);
        let place = places.position(|one| one == self.opened.beneficiary);
        let own = |one: &Judgement| match (one.beneficiary, one.subject) {
            (Beneficiary::Household, _) => true,
            (Beneficiary::Person, Subject::Member(at)) => Some(at) == place,
            (Beneficiary::Person, Subject::Household) => false,
        };
        let told = told.into_iter().find(own)?;
        let name = self.service_name();
        let says = match told.verdict {
            Verdict::Eligible => format!("只按核对到的看，符合{name}。定的是人"),
            Verdict::Ineligible => format!("只按核对到的看，不符合{name}。定的是人，先听本人说"),
            Verdict::Undetermined => {
                format!("只按核对到的看，{name}还不能下结论。不能因为不知道就不给")
            }
        };
        let missing = told.missing.iter();
        Some(VerdictTold {
            verdict: told.verdict,
            says,
            missing: missing
                .map(|one| self.missing(&one.fact, &one.label))
                .collect(),
        })
    }

    /// `存款（银行没有答复）`.
    fn missing(&self, fact: &Slug, label: &str) -> String {
        let origin = self.law.pack.fact(fact.as_str());
        let record = self.law.pack.records().get(fact);
        let record = record.and_then(|one| one.source.as_ref());
        let sources = origin.iter().flat_map(|one| &one.sources);
        let mut from = sources
            .map(|one| &one.department)
            .chain(record.map(|one| &one.department));
        match from.find(|one| self.sheet.silent.contains(*one)) {
            Some(silent) => format!("{label}（{}没有答复）", self.law.department(silent)),
            None => label.to_owned(),
        }
    }
}

fn found_words(found: &Found) -> String {
    match found {
        Found::NoRecord => "没有记录".to_owned(),
        Found::Count(count) => format!("{count} 条"),
        Found::Sum(Some(value)) => value.to_string(),
        Found::Sum(None) => "算不出合计".to_owned(),
        Found::Values(values) => {
            let mut values: Vec<String> = values.iter().map(ToString::to_string).collect();
            values.dedup();
            values.join("、")
        }
    }
}
