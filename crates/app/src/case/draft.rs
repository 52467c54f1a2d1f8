//! 「拟稿」 Drafts of decisions from the judgement on file: rules that failed with
//! their sentences and articles, the evidence behind them, the notice in words.
//! The reasons stay the signer's own.

use super::desk::Desk;
use super::notice::Words;
use super::people::People;
use super::ruling::{Adverse, Ruling};
use crate::{AppError, Result};
use engine_case::{
    AdverseDraft, AdverseKind, Case, Cause, EvidenceReference, Held, Notice, NoticeKind, Proposal,
    RuleReference,
};
use engine_policy::{Certificate, ConditionOutcome, Source, Starts, WrittenEntry};
use kernel::{Period, Slug, Truth};
use std::collections::HashSet;

/// A proposal, and what its notice lacks in words, if anything.
pub(super) struct Drafted {
    pub(super) proposal: Proposal,
    pub(super) gap: Option<String>,
}

/// What other cases of the same people mean for a ruling.
#[derive(Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    /// Names of what a grant would end.
    pub(super) ends: &'a [String],
    /// What stands and excludes a grant.
    pub(super) held: &'a [Held],
}

impl Desk {
    /// What a ruling proposes, drafted from the certificate.
    pub(super) fn propose(
        &self,
        case: &Case,
        people: &People,
        certificate: &Certificate,
        ruling: &Ruling,
        beside: Beside<'_>,
    ) -> Result<Drafted> {
        match ruling {
            Ruling::Grant { .. } => self.grant(case, people, certificate, (ruling, beside.ends)),
            Ruling::Keep { reasons } => Ok(Drafted {
                proposal: Proposal::Keep {
                    reasons: reasons.clone(),
                },
                gap: None,
            }),
            Ruling::Adverse(adverse) => {
                self.adverse(case, people, certificate, (adverse, beside.held))
            }
        }
    }

    fn grant(
        &self,
        case: &Case,
        people: &People,
        certificate: &Certificate,
        (ruling, ends): (&Ruling, &[String]),
    ) -> Result<Drafted> {
        let Ruling::Grant {
            from,
            amount,
            reasons,
        } = ruling
        else {
            return Err(AppError::BadInput("这不是给予的决定".to_owned()));
        };
        let told = &certificate.judgement;
        let from = from.unwrap_or_else(|| self.first_month(case, ends));
        let amount = told.amount.or(*amount);
        let held = told.conditions.iter().filter(|c| c.truth == Truth::True);
        let sum = told.sum.join("，");
        let why: Vec<&str> = held.map(|c| c.says.as_str()).collect();
        let mut reasons_told = vec![match sum.is_empty() {
            true => why.join("；"),
            false => sum,
        }];
        // Granted now although a stronger benefit is not cleared up: said, not hidden.
        let open = told
            .conditions
            .iter()
            .filter(|c| c.truth == Truth::Undetermined);
        let open = open.filter(|c| !c.gives_way.is_empty());
        reasons_told.extend(open.map(|c| c.says.clone()));
        reasons_told.extend(super::beside::told(ends));
        let words = Words {
            applicant: people.name(),
            amount,
            from: Some(from),
            reasons: reasons_told.join("；"),
            basis: basis(told.conditions.iter()),
            ..Words::default()
        };
        let (notice, gap) = self.worded(case, NoticeKind::Granted, &words)?;
        let proposal = Proposal::Grant {
            amount,
            from,
            reasons: reasons.clone(),
            notice,
        };
        Ok(Drafted { proposal, gap })
    }

    /// The notice; with a gap in it, an empty one and the name of the gap.
    fn worded(
        &self,
        case: &Case,
        kind: NoticeKind,
        words: &Words,
    ) -> Result<(Notice, Option<String>)> {
        match self.notice(case, kind, words) {
            Ok(notice) => Ok((notice, None)),
            Err(AppError::BadInput(gap)) => {
                let notice = Notice {
                    kind,
                    text: String::new(),
                    remedy: Vec::new(),
                };
                Ok((notice, Some(gap)))
            }
            Err(other) => Err(other),
        }
    }

    fn adverse(
        &self,
        case: &Case,
        people: &People,
        certificate: &Certificate,
        (adverse, held): (&Adverse, &[Held]),
    ) -> Result<Drafted> {
        let told = &certificate.judgement;
        let failed: Vec<_> = told
            .conditions
            .iter()
            .filter(|c| c.truth == Truth::False)
            .collect();
        let lower = adverse.kind == AdverseKind::Reduce && adverse.cause == Cause::Conditions;
        let rules = match adverse.cause {
            Cause::Conditions if lower => self.amount_rule(case, certificate),
            Cause::Conditions if failed.is_empty() => {
                held.iter().filter_map(|held| held.rule.clone()).collect()
            }
            Cause::Conditions => failed.iter().map(|c| rule(c)).collect(),
            Cause::Death | Cause::Conduct => adverse.rules.clone(),
        };
        let says: Vec<&str> = rules.iter().map(|r| r.says.as_str()).collect();
        let amount = adverse.amount.or(match lower {
            true => told.amount,
            false => None,
        });
        let from = adverse.from.unwrap_or_else(|| self.next_month());
        let words = Words {
            applicant: people.name(),
            amount,
            old_amount: case.latest().and_then(|standing| standing.amount),
            from: Some(from),
            last: Some(from.plus_months(adverse.phase_out_months as i32 - 1)),
            months: Some(adverse.phase_out_months),
            reasons: says.join("；"),
            basis: joined(rules.iter().map(|r| r.basis.as_str())),
            ..Words::default()
        };
        let mut evidence = self.evidence(case, certificate);
        evidence.extend(adverse.evidence.iter().cloned());
        let (notice, gap) = self.worded(case, adverse.kind.notice(), &words)?;
        let proposal = Proposal::Adverse(AdverseDraft {
            kind: adverse.kind,
            cause: adverse.cause,
            notice,
            rules,
            evidence,
            reasons: adverse.reasons.clone(),
            from: Some(from),
            amount,
            phase_out_months: adverse.phase_out_months,
        });
        Ok(Drafted { proposal, gap })
    }

    /// Why the amount is what it is, for a reduction.
    fn amount_rule(&self, case: &Case, certificate: &Certificate) -> Vec<RuleReference> {
        let told = &certificate.judgement;
        let service = case.opened.as_ref().map(|opened| &opened.service);
        let benefit = service.and_then(|id| self.law.judge.book().benefit(id.as_str()));
        let basis = benefit.map(|benefit| benefit.basis.join("；"));
        "amount".parse::<Slug>().map_or_else(
            |_| Vec::new(),
            |rule| {
                vec![RuleReference {
                    rule,
                    says: told.sum.join("，"),
                    basis: basis.unwrap_or_default(),
                }]
            },
        )
    }

    /// The certificate itself and every department's record it rests on.
    fn evidence(&self, case: &Case, certificate: &Certificate) -> Vec<EvidenceReference> {
        let digest = super::ruling::digest_of(case).map(str::to_owned);
        let mut found = vec![EvidenceReference {
            what: "按规定判断的凭据".to_owned(),
            source: "本系统".to_owned(),
            as_of: Some(certificate.as_of),
            reference: digest.unwrap_or_default(),
        }];
        let mut seen = HashSet::new();
        let members = certificate.members.iter().map(|member| &member.facts);
        for facts in members.chain([&certificate.household]) {
            for (fact, entry) in facts {
                if let WrittenEntry::Known { source, .. } = entry
                    && seen.insert((fact, source))
                {
                    found.extend(self.reference(fact, source));
                }
            }
        }
        found
    }

    fn reference(&self, fact: &Slug, source: &Source) -> Option<EvidenceReference> {
        let rule = self.law.pack.rules().fact(fact.as_str());
        let what = rule.map_or_else(|| fact.to_string(), |rule| rule.decl.label.clone());
        let (source, as_of, reference) = match source {
            Source::Department {
                department,
                category,
                as_of,
                record,
            } => {
                let catalogue = &self.law.pack.data().catalogue;
                let name = catalogue.department(department).map(|d| d.name.clone());
                let none = || format!("{category}：没有记录");
                let record = record.clone().unwrap_or_else(none);
                (
                    name.unwrap_or_else(|| department.to_string()),
                    *as_of,
                    record,
                )
            }
            Source::Declared { on } => ("本人填写".to_owned(), *on, "申请表".to_owned()),
            Source::Surveyed { on } => ("入户调查".to_owned(), *on, "调查表".to_owned()),
            Source::Register | Source::Example | Source::Supposed => return None,
        };
        Some(EvidenceReference {
            what,
            source,
            as_of: Some(as_of),
            reference,
        })
    }

    /// The first month a grant is due, as the service says. What ends another
    /// benefit begins when that has ended: nobody has both for one month.
    fn first_month(&self, case: &Case, ends: &[String]) -> Period {
        let service = case.opened.as_ref().map(|opened| &opened.service);
        let benefit = service.and_then(|id| self.law.judge.book().benefit(id.as_str()));
        let amount = benefit.and_then(|benefit| benefit.amount.as_ref());
        let this = Period::of(self.now.today());
        match amount.map(|amount| amount.starts) {
            _ if !ends.is_empty() => self.next_month(),
            // The right is known from the day the case stands; that it was there
            // before is for the signer to find, with an earlier month and reasons.
            Some(Starts::MonthOfApplication | Starts::MonthOfEligibility) => {
                let asked = case.pinned.as_ref().map(|pinned| Period::of(pinned.on));
                asked.unwrap_or(this).min(this)
            }
            Some(Starts::AtOnce) => this,
            Some(Starts::MonthAfterDecision) | None => self.next_month(),
        }
    }

    /// 57号 第二十一条: from the month after the decision.
    fn next_month(&self) -> Period {
        Period::of(self.now.today()).plus_months(1)
    }
}

fn rule(condition: &ConditionOutcome) -> RuleReference {
    RuleReference {
        rule: condition.id.clone(),
        says: condition.says.clone(),
        basis: condition.basis.clone(),
    }
}

fn basis<'a>(conditions: impl Iterator<Item = &'a ConditionOutcome>) -> String {
    joined(conditions.map(|condition| condition.basis.as_str()))
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut said: Vec<&str> = Vec::new();
    texts.for_each(|text| {
        if !said.contains(&text) {
            said.push(text);
        }
    });
    said.join("；")
}
