//! 「一个月重新算」 A month judged again: by the rules under which it was decided, with
//! the numbers the law in force has for that month, on the facts of the decision's
//! certificate with what came late laid over them. What nobody knows proposes nothing.

use super::facts::Late;
use super::look::Seen;
use crate::{App, AppError, Law, Result};
use engine_case::{Decision, Outcome};
use engine_payment::{Entitlement, Every, PastCause};
use engine_policy::{Certificate, Judge, Judgement, ParameterUsed, RuleBook, Subject, Verdict};
use engine_pool::Standing;
use kernel::{DataBatchId, Date, Instant, Money, Period, Slug, Truth};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is told of a month now.
pub(super) enum Told {
    /// As it was decided.
    Same,
    /// A fact is missing.
    Unknown,
    /// Another amount (nothing: zero), and what speaks for it.
    Other(Money, Vec<PastCause>),
}

/// The judges of earlier laws, each compiled once.
pub(super) struct Judges {
    app: App,
    standings: BTreeMap<Slug, Standing>,
    came: BTreeMap<DataBatchId, Instant>,
    by_law: BTreeMap<String, Arc<Judge>>,
}

impl Judges {
    pub(super) fn new(
        app: App,
        standings: BTreeMap<Slug, Standing>,
        came: BTreeMap<DataBatchId, Instant>,
    ) -> Judges {
        Judges {
            app,
            standings,
            came,
            by_law: BTreeMap::new(),
        }
    }

    /// The hash of the law in force.
    pub(super) fn law(&self) -> String {
        self.app.law.pack.hash().to_owned()
    }

    /// What a month of an entitlement should have been.
    pub(super) async fn month(
        &mut self,
        seen: &Seen,
        entitlement: &Entitlement,
        month: Period,
    ) -> Result<Told> {
        let Some((decided, certificate)) = governing(seen, entitlement, month) else {
            return Ok(Told::Same);
        };
        let judge = self.judge(&certificate.pack_hash).await?;
        let day = day_of(certificate, month);
        let fault = |why: &dyn std::fmt::Display| AppError::Fault(why.to_string());
        let read = certificate.read_household(&judge);
        let mut household = read.map_err(|why| fault(&why))?;
        let late = Late {
            app: &self.app,
            standings: &self.standings,
            came: &self.came,
            seen,
            since: decided.signed.at(),
            day,
        };
        let mut causes = Vec::new();
        let alive = late.bury(month, &mut household, &mut causes);
        let subject = match certificate.judgement.subject {
            Subject::Household if household.members.is_empty() => None,
            Subject::Household => Some(Subject::Household),
            Subject::Member(at) => alive.iter().position(|one| *one == at).map(Subject::Member),
        };
        let Some(subject) = subject else {
            return Ok(Told::Other(Money::ZERO, causes));
        };
        late.lay(&alive, &mut household, &mut causes);
        let benefit = certificate.judgement.benefit.as_str();
        let judged = judge.judge(benefit, &household, day);
        let judged = judged.map_err(|why| fault(&why))?.into_iter();
        let judged = judged.into_iter().find(|one| one.subject == subject);
        let Some(judged) = judged else {
            return Ok(Told::Unknown);
        };
        let owed = match judged.verdict {
            Verdict::Eligible => judged.amount.unwrap_or(Money::ZERO),
            Verdict::Ineligible => Money::ZERO,
            Verdict::Undetermined => return Ok(Told::Unknown),
        };
        if certificate.judgement.amount == Some(owed) {
            return Ok(Told::Same);
        }
        let used = judge.parameters_used(benefit, &household, subject, day);
        causes.extend(numbers(certificate, used.map_err(|why| fault(&why))?));
        causes.extend(conditions(&certificate.judgement, &judged));
        Ok(Told::Other(owed, causes))
    }

    /// Rules of the law under that hash, numbers of the law in force. A law that was
    /// put out of force judges nobody: then the law in force does.
    async fn judge(&mut self, hash: &str) -> Result<Arc<Judge>> {
        if let Some(judge) = self.by_law.get(hash) {
            return Ok(judge.clone());
        }
        let now = &self.app.law;
        let judge = match hash == now.pack.hash() || self.app.is_suspended(hash) {
            true => now.judge.clone(),
            false => match self.app.stored_law(hash).await {
                Ok(then) => Arc::new(with_numbers_of(now, &then)),
                // Never kept (a house that ran on a folder): the law in force judges.
                Err(AppError::BadInput(_)) => now.judge.clone(),
                Err(why) => return Err(why),
            },
        };
        self.by_law.insert(hash.to_owned(), judge.clone());
        Ok(judge)
    }
}

fn with_numbers_of(now: &Law, then: &Law) -> Judge {
    let mut book = RuleBook::clone(then.judge.book());
    for parameter in &mut book.parameters {
        let same = now
            .judge
            .book()
            .parameters
            .iter()
            .find(|one| one.decl.id == parameter.decl.id && one.decl.ty == parameter.decl.ty);
        if let Some(same) = same {
            parameter.values.clone_from(&same.values);
        }
    }
    Judge::new(Arc::new(book))
}

/// The decision whose facts a month stands on: the latest signed before it that was
/// judged eligible, else the grant's own. `None`: the amount is a person's own, or was
/// made by no judgement; then nothing is said against it.
fn governing<'a>(
    seen: &'a Seen,
    entitlement: &Entitlement,
    month: Period,
) -> Option<(&'a Decision, &'a Certificate)> {
    if entitlement.every == Every::Once {
        return None;
    }
    let decisions = &seen.case.decisions;
    let of = |decision: &'a Decision| {
        let found = seen.certificates.get(decision.certificate.as_ref()?)?;
        let judged = found.judgement.verdict == Verdict::Eligible;
        Some((decision, found)).filter(|_| judged)
    };
    let grant = decisions.iter().find(|one| one.id == entitlement.decision);
    let (grant, certificate) = of(grant?)?;
    if certificate.judgement.amount != Some(entitlement.amount) {
        return None;
    }
    let signed = |one: &&Decision| {
        let day = kernel::Now {
            at: one.signed.at(),
        };
        Period::of(day.today()) < month
    };
    let kept = decisions.iter().rev().filter(|one| !one.revoked);
    let kept = kept
        .take_while(|one| one.id != grant.id)
        .filter(|one| matches!(one.outcome, Outcome::Kept { .. }))
        .filter(signed);
    let later = kept
        .filter_map(of)
        .find(|(_, found)| found.judgement.amount == Some(entitlement.amount));
    Some(later.unwrap_or((grant, certificate)))
}

/// A month is judged by its first day; the month of the judgement itself by that day,
/// and one before it, granted with reasons, by its last.
fn day_of(certificate: &Certificate, month: Period) -> Date {
    let judged = Period::of(certificate.as_of);
    match month.cmp(&judged) {
        std::cmp::Ordering::Greater => month.first_day(),
        std::cmp::Ordering::Equal => certificate.as_of,
        std::cmp::Ordering::Less => month.last_day(),
    }
}

fn numbers(certificate: &Certificate, used: Vec<ParameterUsed>) -> Vec<PastCause> {
    let was = |id: &Slug| certificate.parameters.iter().find(|one| one.id == *id);
    let changed = used
        .into_iter()
        .filter(|one| was(&one.id).is_none_or(|was| was.value != one.value));
    changed
        .map(|one| PastCause::Parameter {
            was: was(&one.id).map(|was| was.value.clone()),
            id: one.id,
            name: one.label,
            is: one.value,
            from: one.from,
            source: one.source,
            article: one.article,
        })
        .collect()
}

fn conditions(then: &Judgement, now: &Judgement) -> Vec<PastCause> {
    let was = |id: &Slug| then.conditions.iter().find(|one| one.id == *id);
    let fails = now.conditions.iter().filter(|one| {
        one.truth == Truth::False && was(&one.id).is_none_or(|was| was.truth != Truth::False)
    });
    fails
        .map(|one| PastCause::Condition {
            id: one.id.clone(),
            says: one.says.clone(),
        })
        .collect()
}
