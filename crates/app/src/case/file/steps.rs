//! 「每一步」 The certificate laid open: facts with their source and day, the law's
//! numbers, each rule as written, and whether judging it again gives the same.

use super::{Reading, family};
use crate::case::desk::Desk;
use crate::case::{people, rights};
use crate::{App, AppError, Context, Result};
use engine_access::View;
use engine_policy::{Certificate, Verdict, WhyMissing, WrittenEntry};
use kernel::{CaseId, Date, FieldLevel, Slug, Truth};
use std::collections::BTreeMap;
use store::Tx;

/// A certificate as a person reads it.
#[derive(Clone, Debug)]
pub struct Steps {
    /// The case.
    pub case: CaseId,
    /// The service's name.
    pub service: String,
    /// Who applied.
    pub applicant: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The day it was judged by.
    pub as_of: Date,
    /// The pack's hash.
    pub pack: String,
    /// What it was judged on.
    pub facts: Vec<FactLine>,
    /// The law's numbers used.
    pub numbers: Vec<NumberLine>,
    /// Each condition.
    pub conditions: Vec<ConditionLine>,
    /// The arithmetic.
    pub sum: Vec<String>,
    /// Judged again just now: `Ok` with what differs (nothing, it should be), `Err`
    /// with why it cannot be.
    pub replayed: Result<Vec<String>, String>,
}

/// One fact.
#[derive(Clone, Debug)]
pub struct FactLine {
    /// Of whom.
    pub whose: String,
    /// Its name.
    pub label: String,
    /// Its value; hidden ones say so.
    pub value: String,
    /// Where it comes from, or why it is missing.
    pub source: String,
    /// The day it is about.
    pub as_of: Option<Date>,
    /// Whether it is known.
    pub known: bool,
}

/// One number of the law.
#[derive(Clone, Debug)]
pub struct NumberLine {
    /// Its name.
    pub label: String,
    /// Its value with unit.
    pub value: String,
    /// In force from.
    pub from: Date,
    /// The document and article.
    pub source: String,
    /// `演示值`, `未核实`.
    pub caution: Option<&'static str>,
}

/// One condition.
#[derive(Clone, Debug)]
pub struct ConditionLine {
    /// Whether it holds.
    pub truth: Truth,
    /// The sentence.
    pub says: String,
    /// The rule as the pack writes it.
    pub rule: String,
    /// The article.
    pub basis: String,
    /// `演示值`, `未核实`.
    pub caution: Option<&'static str>,
}

impl App {
    /// 看每一步 The certificate behind a case, laid open and judged again.
    ///
    /// # Errors
    /// A refusal; not judged yet; the store's.
    pub async fn certificate_steps(&self, context: &Context, case: CaseId) -> Result<Steps> {
        let desk = self.desk(context);
        self.db
            .look(async move |tx| desk.steps(tx, case).await)
            .await
    }
}

impl Desk {
    async fn steps(&self, tx: &mut Tx, id: CaseId) -> Result<Steps> {
        let case = tx.case(id).await?.state;
        let permit = self.reads(tx, &case, rights::JUDGEMENT).await?;
        let opened = case.opened.as_ref();
        let opened = opened.ok_or_else(|| AppError::BadInput("还没有这个办件".to_owned()))?;
        let people = people::people_of(tx, opened).await?;
        let names = family::names(&family::register(tx, opened).await?);
        let found = self.latest_certificate(tx, &case).await?;
        let not_judged = || AppError::refused(engine_case::Refusal::NotJudged);
        let certificate = found.ok_or_else(not_judged)?;
        let desk = self.under_hash(&certificate.pack_hash);
        let reading = Reading {
            desk: &desk,
            case: &case,
            people: &people,
            permit: &permit,
            names: &names,
            certificate: Some(&certificate),
        };
        Ok(reading.laid_open(id, &certificate))
    }

    /// The law a certificate was made by, where it is loaded.
    fn under_hash(&self, hash: &str) -> Desk {
        let law = self.app.law_of(hash).cloned();
        Desk {
            law: law.unwrap_or_else(|| self.law.clone()),
            ..self.clone()
        }
    }
}

impl Reading<'_> {
    fn laid_open(&self, case: CaseId, certificate: &Certificate) -> Steps {
        let told = &certificate.judgement;
        let replayed = certificate.replay(&self.desk.law.judge);
        let mut facts = self.fact_lines("全家".to_owned(), &certificate.household);
        let members = self.case.opened.iter().flat_map(|one| &one.members);
        for (member, written) in members.zip(&certificate.members) {
            facts.extend(self.fact_lines(self.name(member.person), &written.facts));
        }
        let caution = |one: Option<kernel::Provenance>| {
            one.filter(|one| !one.is_founded()).map(|one| one.label())
        };
        Steps {
            case,
            service: self.desk.app.service_name(&told.benefit),
            applicant: self.people.name(),
            verdict: told.verdict,
            as_of: certificate.as_of,
            pack: certificate.pack_hash.clone(),
            facts,
            numbers: certificate
                .parameters
                .iter()
                .map(|one| NumberLine {
                    label: one.label.clone(),
                    value: one.value.clone(),
                    from: one.from,
                    source: match &one.article {
                        Some(article) => format!("{} {article}", one.source),
                        None => one.source.clone(),
                    },
                    caution: caution(Some(one.provenance)),
                })
                .collect(),
            conditions: told
                .conditions
                .iter()
                .map(|one| ConditionLine {
                    truth: one.truth,
                    says: one.says.clone(),
                    rule: one.rule.clone(),
                    basis: one.basis.clone(),
                    caution: caution(one.provenance),
                })
                .collect(),
            sum: told.sum.clone(),
            replayed: match replayed {
                Ok(differences) => Ok(differences.into_iter().map(|one| one.part).collect()),
                Err(why) => Err(why.to_string()),
            },
        }
    }

    fn fact_lines(&self, whose: String, facts: &BTreeMap<Slug, WrittenEntry>) -> Vec<FactLine> {
        let line = |(id, entry): (&Slug, &WrittenEntry)| {
            let rule = self.desk.law.pack.rules().fact(id.as_str());
            let label = rule.map_or_else(|| id.to_string(), |one| one.decl.label.clone());
            let level = rule.map_or(FieldLevel::L4, |one| one.field_level);
            let (value, source, as_of, known) = match entry {
                WrittenEntry::Known { value, source } => {
                    let words = rule.map(|one| words(value, &one.decl.ty));
                    let words = words.unwrap_or_else(|| value.clone());
                    let shown = engine_access::show(&words, level, View::Detail, self.permit);
                    let (source, as_of) = self.desk.law.said_by(source);
                    let shown = shown.unwrap_or_else(|| "您这个岗位看不到".to_owned());
                    (shown, source, as_of, true)
                }
                WrittenEntry::Missing(why) => ("不知道".to_owned(), self.why(why), None, false),
            };
            FactLine {
                whose: whose.clone(),
                label,
                value,
                source,
                as_of,
                known,
            }
        };
        facts.iter().map(line).collect()
    }

    /// Why a fact is not known.
    pub(super) fn why(&self, why: &WhyMissing) -> String {
        match why {
            WhyMissing::NotAsked => "还没有问过".to_owned(),
            WhyMissing::NoAnswer { department } => {
                format!("{}没有答复", self.department(department))
            }
            WhyMissing::NeedsAuthorisation => "要家里人先同意查".to_owned(),
            WhyMissing::Disputed => "两处说法不一样，还没有认定".to_owned(),
        }
    }
}

/// A certified value as a person reads it.
fn words(value: &str, ty: &expr::Type) -> String {
    let read = match ty {
        expr::Type::Bool => value.parse().ok().map(expr::Value::Bool),
        expr::Type::Number { .. } => value.parse().ok().map(expr::Value::Number),
        expr::Type::Date => value.parse().ok().map(expr::Value::Date),
        expr::Type::Code(set) => set.number_of(value).map(expr::Value::Code),
    };
    read.map_or_else(|| value.to_owned(), |read| read.spoken(ty))
}
