//! 「照办」 An offer taken: what was written in its form becomes the act it stands
//! for and goes the way of every act. What cannot be read is said with its field.

use super::rulings::{again, by_conduct, kind_of};
use crate::case::ruling::{Adverse, Ruling};
use crate::verify::Signing;
use crate::{App, AppError, Context, Result};
use engine_case::{
    Act, AdverseKind, Answer, AnswerSource, AnswerValue, Case, Cause, Conflict, EvidenceReference,
    PartAnswer, RuleReference, Span,
};
use engine_pool::authorisation::{Capacity, Scope, Signature};
use kernel::{CaseId, Date, DecisionId, Money, PersonId, Role, Slug};
use std::collections::BTreeMap;

/// How long an authorisation taken in at the desk holds.
const PAPER_DAYS: u32 = 90;

/// What was written in a form: every value of every field.
pub type Written = BTreeMap<String, Vec<String>>;

fn text(written: &Written, field: &str) -> String {
    let first = written.get(field).and_then(|values| values.first());
    first
        .map(|value| value.trim().to_owned())
        .unwrap_or_default()
}

fn all(written: &Written, field: &str) -> Vec<String> {
    let values = written.get(field).into_iter().flatten();
    values
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
        .collect()
}

/// One of two answers; none given is no answer.
fn said_yes(written: &Written, field: &str) -> Result<bool> {
    match text(written, field).as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(wrong("有一项还没有选，请选一个")),
    }
}

fn wrong(says: impl Into<String>) -> AppError {
    AppError::BadInput(says.into())
}

fn money(written: &Written, field: &str) -> Result<Money> {
    let typed = text(written, field);
    let read = typed.replace([',', '，', '元', ' '], "").parse::<Money>();
    read.map_err(|_| wrong(format!("“{typed}”不是金额。请写成例如 1234.50")))
}

fn date(written: &Written, field: &str) -> Result<Date> {
    let typed = text(written, field);
    let read = typed.parse::<Date>();
    read.map_err(|_| wrong(format!("“{typed}”不是日期。请写成例如 2026-06-19")))
}

fn slug(text: &str) -> Result<Slug> {
    text.parse().map_err(|_| unknown())
}

fn unknown() -> AppError {
    wrong("没有这种办法。请回到办件页再选一次")
}

fn place(of: &str) -> Result<usize> {
    of.parse().map_err(|_| unknown())
}

fn person(written: &Written, field: &str) -> Result<PersonId> {
    let id = text(written, field).parse::<i64>();
    id.map(PersonId).map_err(|_| wrong("请选是谁"))
}

impl App {
    /// 照办 Does what an offer of [`App::case_file`] stands for.
    ///
    /// # Errors
    /// What was written cannot be read; a refusal; the store's.
    pub async fn take_offer(
        &self,
        context: &Context,
        case: CaseId,
        offer: &str,
        written: &Written,
    ) -> Result<()> {
        let (verb, of) = offer.split_once('.').unwrap_or((offer, ""));
        if let Some(ruling) = self.ruling(context, case, (verb, of), written).await? {
            match verb {
                "intend" => self.intend(context, case, ruling).await?,
                _ => self.decide_case(context, case, ruling).await?,
            };
            return Ok(());
        }
        if verb == "judge" {
            let facts = self.case_facts(context, case).await?;
            self.judge_case(context, case, facts).await?;
            return Ok(());
        }
        if verb == "authorise" {
            return self.paper(context, case, written).await;
        }
        if verb == "open_part" {
            self.open_part(context, case, slug(of)?).await?;
            return Ok(());
        }
        if verb == "take_over" {
            self.take_over(context, case).await?;
            return Ok(());
        }
        if verb == "difference" {
            return self.settle(context, case, place(of)?, written).await;
        }
        let act = match verb {
            "finish" => self.finish(context, case, of).await?,
            "answer_part" => self.part_answer(of, written)?,
            "return" | "establish" => self.on_file(context, case, (verb, of), written).await?,
            _ => act(context, (verb, of), written)?,
        };
        self.on_case(context, case, act).await?;
        Ok(())
    }

    /// The ruling an offer stands for; `None` when it is another kind of act.
    async fn ruling(
        &self,
        context: &Context,
        case: CaseId,
        (verb, of): (&str, &str),
        written: &Written,
    ) -> Result<Option<Ruling>> {
        let reasons = text(written, "reasons");
        Ok(match verb {
            "grant" => Some(Ruling::Grant {
                from: None,
                amount: match text(written, "amount").is_empty() {
                    true => None,
                    false => Some(money(written, "amount")?),
                },
                reasons,
            }),
            "keep" => Some(Ruling::Keep { reasons }),
            "intend" => {
                let kind = kind_of(of).ok_or_else(unknown)?;
                Some(Ruling::Adverse(adverse(kind, reasons, written)?))
            }
            verb => match kind_of(verb) {
                None => None,
                Some(kind) => {
                    let (state, _) = self.case(context, case).await?;
                    let intent = state.intent.as_ref();
                    Some(match intent.filter(|one| one.draft.kind == kind) {
                        Some(intent) => again(intent, reasons),
                        None => Ruling::Adverse(adverse(kind, reasons, written)?),
                    })
                }
            },
        })
    }

    /// The signed authorisation, for ninety days.
    async fn paper(&self, context: &Context, case: CaseId, written: &Written) -> Result<()> {
        let (state, _) = self.case(context, case).await?;
        let opened = state.opened.as_ref().ok_or_else(unknown)?;
        let on = self.now().today();
        let signed = all(written, "signed");
        let members = opened.members.iter();
        let signatures = members
            .filter(|one| signed.contains(&one.person.to_string()))
            .map(|one| {
                let (by, capacity) = match one.adult {
                    true => (one.person, Capacity::Own),
                    false => (opened.applicant, Capacity::Guardian),
                };
                (one.person, Signature { by, capacity, on })
            });
        let signing = Signing {
            case,
            signatures: signatures.collect(),
            scope: Scope::All,
            from: on,
            to: kernel::add_days(on, PAPER_DAYS).unwrap_or(on),
        };
        self.sign_authorisation(context, signing).await?;
        Ok(())
    }

    /// What the household says of a difference, and what a person makes of it.
    async fn settle(
        &self,
        context: &Context,
        case: CaseId,
        difference: usize,
        written: &Written,
    ) -> Result<()> {
        let accepted = said_yes(written, "accepted")?;
        let (words, reason) = (text(written, "words"), text(written, "reason"));
        if words.is_empty() || reason.is_empty() {
            return Err(wrong("请写明本人怎么说、您为什么这样认定"));
        }
        let last = self
            .db
            .read(async move |tx| Ok::<_, AppError>(tx.verifications_of(case).await?));
        let last = last.await?.last().copied();
        let id = last.ok_or_else(|| wrong("还没有核对过"))?;
        self.explain_difference(context, id, difference, words)
            .await?;
        self.settle_difference(context, id, (difference, accepted), reason)
            .await
    }

    /// What a department answered, taken down from its document.
    fn part_answer(&self, of: &str, written: &Written) -> Result<Act> {
        let remedy = text(written, "remedy");
        let remedy = remedy
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let answer = PartAnswer {
            result: super::parts::result(&text(written, "result"))?,
            decided_by: text(written, "decided_by"),
            document_no: text(written, "document_no"),
            reasons: text(written, "answer"),
            basis: text(written, "basis"),
            remedy: remedy.map(str::to_owned).collect(),
            at: self.now().at,
        };
        Ok(Act::AnswerPart {
            part: slug(of)?,
            answer,
        })
    }

    async fn finish(&self, context: &Context, case: CaseId, of: &str) -> Result<Act> {
        let (state, _) = self.case(context, case).await?;
        let step = slug(of)?;
        let started = state.steps.get(&step).and_then(|one| one.verification);
        let verification = started.ok_or_else(|| wrong("还没有开始核对"))?;
        let report = self.verification_report(context, verification).await?;
        let report = report.ok_or_else(|| wrong("还有部门没有答复，请等一等"))?;
        Ok(Act::FinishVerification {
            step,
            verification,
            says: report.outcome.label().to_owned(),
        })
    }

    /// Acts whose content the file fills in: papers by name, facts by type.
    async fn on_file(
        &self,
        context: &Context,
        case: CaseId,
        (verb, of): (&str, &str),
        written: &Written,
    ) -> Result<Act> {
        let (state, _) = self.case(context, case).await?;
        if verb == "return" {
            let wanted = all(written, "paper");
            let mut missing = self.wanted_papers(context, &state)?;
            missing.retain(|paper| wanted.iter().any(|one| one == paper.kind.as_str()));
            return Ok(Act::Return { missing });
        }
        let certificate = self.certificate_of(context, case).await?;
        let missing = certificate.judgement.missing.get(place(of)?);
        let missing = missing.ok_or_else(|| wrong("这一项已经知道了。请看最新的再办"))?;
        let about = missing.member.and_then(|place| {
            let opened = state.opened.as_ref()?;
            opened.members.get(place).map(|member| member.person)
        });
        let rule = self.law.pack.rules().fact(missing.fact.as_str());
        let rule = rule.ok_or_else(unknown)?;
        let answer = Answer {
            field: missing.fact.clone(),
            about,
            value: value(&rule.decl.ty, written)?,
            source: AnswerSource::Officer {
                how: text(written, "how"),
            },
        };
        let answers = vec![answer];
        Ok(Act::Establish { answers })
    }

    fn wanted_papers(
        &self,
        context: &Context,
        case: &Case,
    ) -> Result<Vec<engine_case::MissingPaper>> {
        let desk = self.desk(context).under(case)?;
        Ok(super::offers::papers(&desk.law.pack, case))
    }
}

/// An established fact in the fact's own type.
fn value(ty: &expr::Type, written: &Written) -> Result<AnswerValue> {
    let typed = text(written, "value");
    Ok(match ty {
        expr::Type::Bool => AnswerValue::Bool(said_yes(written, "value")?),
        expr::Type::Code(_) => AnswerValue::Code(slug(&typed)?),
        expr::Type::Date => AnswerValue::Date(date(written, "value")?),
        expr::Type::Number { .. } => {
            let plain = typed.replace([',', '，', ' '], "");
            let read = plain.parse::<expr::Decimal>();
            read.map_err(|_| wrong(format!("“{typed}”不是数。请写成例如 1800")))?;
            AnswerValue::Number(plain)
        }
    })
}

fn adverse(kind: AdverseKind, reasons: String, written: &Written) -> Result<Adverse> {
    let conduct = by_conduct(kind);
    let rule = |rule| RuleReference {
        rule,
        says: text(written, "rule"),
        basis: text(written, "basis"),
    };
    let evidence = EvidenceReference {
        what: text(written, "evidence"),
        source: text(written, "source"),
        as_of: None,
        reference: text(written, "reference"),
    };
    Ok(Adverse {
        kind,
        cause: match conduct {
            true => Cause::Conduct,
            false => Cause::Conditions,
        },
        reasons,
        from: None,
        amount: match kind {
            AdverseKind::Recover => Some(money(written, "amount")?),
            _ => None,
        },
        phase_out_months: text(written, "phase_out").parse().unwrap_or(0),
        rules: match conduct {
            true => vec![rule(slug("conduct")?)],
            false => Vec::new(),
        },
        evidence: match conduct {
            true => vec![evidence],
            false => Vec::new(),
        },
    })
}

/// Acts that need nothing but what was written.
fn act(context: &Context, (verb, of): (&str, &str), written: &Written) -> Result<Act> {
    let words = |field: &str| text(written, field);
    Ok(match verb {
        "accept" => Act::Accept {
            tolerate: Some(words("tolerate")).filter(|words| !words.is_empty()),
        },
        "review" => Act::Review {
            step: slug(of)?,
            says: words("says"),
        },
        "publicise" => Act::Publicise {
            step: slug(of)?,
            shown: shown(written)?,
        },
        "end_publicity" => Act::EndPublicity { step: slug(of)? },
        "object" => Act::Object {
            says: words("says"),
        },
        "settle_objection" => Act::SettleObjection {
            objection: place(of)?,
            upheld: said_yes(written, "upheld")?,
            found: words("found"),
        },
        "visit" => Act::Visit {
            found: words("found"),
        },
        "escalate" => Act::Escalate {
            question: words("question"),
            to: Role::CountyApprover,
        },
        "settle_escalation" => Act::SettleEscalation {
            in_favour: said_yes(written, "in_favour")?,
            reasons: words("reasons"),
        },
        "prolong" => Act::Prolong {
            reasons: words("reasons"),
        },
        "demand" => Act::Demand {
            asks: words("asks"),
            within: Span::Days(days(&words("days"))?),
        },
        "meet_demand" => Act::MeetDemand,
        "conflict" => Act::RegisterConflict(Conflict {
            official: context
                .actor
                .person
                .ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))?,
            relative_of: person(written, "of")?,
            relation: words("relation"),
        }),
        _ => return hearing_act((verb, of), written),
    })
}

fn hearing_act((verb, of): (&str, &str), written: &Written) -> Result<Act> {
    let words = |field: &str| text(written, field);
    Ok(match verb {
        "serve_intent" => Act::ServeIntent {
            on: date(written, "on")?,
            how: words("how"),
        },
        "speak" => Act::Speak {
            points: words("points")
                .lines()
                .map(|line| line.trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect(),
            finished: false,
        },
        "answer_point" => Act::AnswerPoint {
            point: place(of)?,
            text: words("text"),
            accepted: said_yes(written, "accepted")?,
        },
        "drop_intent" => Act::DropIntent {
            reasons: words("reasons"),
        },
        "serve" => Act::ServeDecision {
            decision: of.parse().map(DecisionId).map_err(|_| unknown())?,
            on: date(written, "on")?,
        },
        _ => return Err(unknown()),
    })
}

fn days(typed: &str) -> Result<u32> {
    let read = typed
        .parse::<u32>()
        .ok()
        .filter(|days| (1..=90).contains(days));
    read.ok_or_else(|| wrong(format!("“{typed}”不是天数。请写 1 到 90")))
}

fn shown(written: &Written) -> Result<Vec<(Slug, String)>> {
    let fields = written
        .keys()
        .filter_map(|name| Some((name.strip_prefix("show.")?, text(written, name))));
    fields.map(|(id, value)| Ok((slug(id)?, value))).collect()
}
