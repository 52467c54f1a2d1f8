//! 「改正」 The decisions made by a version that was put out of force, each judged again
//! by the law in force on the facts of its own certificate. Drawn up by the house, signed
//! by a person as one batch: what is in favour is decided and so back-paid; what is
//! against somebody is only named, and goes the way of the law, with hearing and notice.

use crate::case::Ruling;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Purpose};
use engine_case::{AdverseKind, Case, Decision, Outcome};
use engine_policy::publish::Standing;
use engine_policy::{Certificate, Household, Judgement, Subject, Verdict};
use kernel::{Actor, CaseId, DecisionId, FieldLevel, Instant, Money, Period, Role, Slug};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::Tx;

/// Cases looked at in one transaction.
const PAGE: u32 = 500;

/// What the law in force says of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// 应当给，或者给更多
    InFavour,
    /// 应当少给或不给 A person decides, after hearing; nothing happens of itself.
    Against,
    /// 结果一样
    Same,
    /// 事实不够 By this law more must be known.
    Open,
}

/// A decision judged again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgainLine {
    /// The case.
    pub case: CaseId,
    /// The service.
    pub service: Slug,
    /// The decision.
    pub decision: DecisionId,
    /// What was decided: the amount per payment, nothing where it was refused.
    pub was: Option<Money>,
    /// What the law in force gives.
    pub is: Option<Money>,
    /// What follows.
    pub effect: Effect,
    /// From which month.
    pub from: Period,
    /// The case has a later decision, of another judgement: named here and left to whoever
    /// works on the case.
    #[serde(default)]
    pub decided_since: bool,
    /// Whether it is done, or why not.
    pub done: Option<Result<DecisionId, String>>,
}

/// The batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// The version put out of force.
    pub suspended: String,
    /// The law by which it was judged again.
    pub by_law: String,
    /// Every decision of the version.
    pub lines: Vec<AgainLine>,
    /// Who signed, when.
    pub signed: Option<(Actor, Instant)>,
}

impl Again {
    /// What whoever signs has seen: the lines and nothing else.
    pub fn digest(&self) -> String {
        let seen = (&self.suspended, &self.by_law, self.lines.len());
        let lines = self.lines.iter();
        let lines: Vec<String> = lines
            .map(|one| {
                format!(
                    "{} {:?} {:?} {:?}",
                    one.decision, one.was, one.is, one.effect
                )
            })
            .collect();
        let digest = Sha256::digest(format!("{seen:?}\n{}", lines.join("\n")));
        digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// How many lines have an effect.
    pub fn count(&self, effect: Effect) -> usize {
        self.lines.iter().filter(|one| one.effect == effect).count()
    }

    /// How many lines are put right by a signature.
    pub fn to_put_right(&self) -> usize {
        self.lines.iter().filter(|one| one.is_put_right()).count()
    }
}

impl AgainLine {
    /// Whether a signature puts it right.
    pub fn is_put_right(&self) -> bool {
        self.effect == Effect::InFavour && !self.decided_since
    }
}

impl App {
    /// 列出 Every decision of a version put out of force, judged again; kept until it is
    /// signed, drawn up anew as often as wanted.
    ///
    /// # Errors
    /// A refusal; a version still in force; the store's.
    pub async fn draw_up_again(&self, ctx: &Context, hash: &str) -> Result<Again> {
        let (app, ctx, now, hash) = (self.clone(), ctx.clone(), self.now(), hash.to_owned());
        self.db
            .write(async move |tx| {
                app.may_review(tx, &ctx).await?;
                let version = super::found(tx, &hash).await?.state;
                if version.standing != Standing::Suspended || app.law.pack.hash() == hash {
                    return Err(AppError::BadInput("这一版没有停用，不用改正".to_owned()));
                }
                let kept = tx.law_review::<Again>(&hash).await?;
                let at = kept.as_ref().map_or(0, |kept| kept.version);
                if let Some(signed) = kept.filter(|kept| kept.state.signed.is_some()) {
                    return Ok(signed.state);
                }
                let again = Again {
                    suspended: hash.clone(),
                    by_law: app.law.pack.hash().to_owned(),
                    lines: app.judged_again(tx, &hash).await?,
                    signed: None,
                };
                tx.save_law_review(&hash, at, &again).await?;
                let told = (again.lines.len(), again.digest());
                ctx.record(tx, "law.again", &super::subject(&hash), &told, now)
                    .await?;
                Ok(again)
            })
            .await
    }

    /// 签字改正 One person signs the batch he has `seen`; then every line in favour is
    /// judged and decided anew under his name, from its own first month.
    ///
    /// # Errors
    /// A refusal; a batch that is not the one seen; the store's. A line that a case
    /// refuses says so in the batch, and the others go on.
    pub async fn sign_again(&self, ctx: &Context, hash: &str, seen: &str) -> Result<Again> {
        let mut again = self.signed_again(ctx, hash, seen).await?;
        for at in 0..again.lines.len() {
            let line = &again.lines[at];
            if !line.is_put_right() || matches!(line.done, Some(Ok(_))) {
                continue;
            }
            let done = match self.put_right(ctx, line).await {
                Ok(decision) => Ok(decision),
                Err(AppError::Store(why)) => return Err(AppError::Store(why)),
                Err(why) => Err(why.to_string()),
            };
            again.lines[at].done = Some(done);
            self.note_again(hash, &again).await?;
        }
        Ok(again)
    }

    async fn signed_again(&self, ctx: &Context, hash: &str, seen: &str) -> Result<Again> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let (hash, seen) = (hash.to_owned(), seen.to_owned());
        self.db
            .write(async move |tx| {
                app.may_review(tx, &ctx).await?;
                let person = ctx.actor.person.filter(|_| ctx.actor.role.is_human());
                if person.is_none() {
                    return Err(AppError::BadInput("要由人来签，机器不能签".to_owned()));
                }
                let kept = tx.law_review::<Again>(&hash).await?;
                let says = || AppError::BadInput("还没有列出来。请先列出这一版的决定".to_owned());
                let kept = kept.ok_or_else(says)?;
                let mut again = kept.state;
                if again.digest() != seen {
                    let says = format!(
                        "您看过的不是现在这一批（{}）。请重新看过再签",
                        again.digest()
                    );
                    return Err(AppError::BadInput(says));
                }
                if again.signed.is_none() {
                    again.signed = Some((ctx.actor.clone(), now.at));
                    tx.save_law_review(&hash, kept.version, &again).await?;
                    ctx.record(tx, "law.again.sign", &super::subject(&hash), &seen, now)
                        .await?;
                }
                Ok(again)
            })
            .await
    }

    async fn note_again(&self, hash: &str, again: &Again) -> Result<()> {
        let (hash, again) = (hash.to_owned(), again.clone());
        self.db
            .write(async move |tx| {
                let at = tx
                    .law_review::<Again>(&hash)
                    .await?
                    .map_or(0, |one| one.version);
                tx.save_law_review(&hash, at, &again).await?;
                Ok::<_, AppError>(())
            })
            .await
    }

    /// Judged on its certificate's facts by the law in force, decided by whoever signed.
    async fn put_right(&self, ctx: &Context, line: &AgainLine) -> Result<DecisionId> {
        let household = self.facts_of(line).await?;
        let own = |actor: Actor, what: &str| Context {
            actor,
            purpose: Purpose::Case(line.case),
            request: format!("{}/{}/{what}", ctx.request, line.decision),
        };
        let itself = Actor {
            account: "clockwork".to_owned(),
            person: None,
            role: Role::System,
        };
        self.judge_case(&own(itself, "judge"), line.case, household)
            .await?;
        let ruling = Ruling::Grant {
            from: Some(line.from),
            amount: None,
            reasons: "原来用的规定停用了，按现在的规定改正，少发的补上".to_owned(),
        };
        let decided = self
            .decide_case(&own(ctx.actor.clone(), "decide"), line.case, ruling)
            .await?;
        let fault = || AppError::Fault("改正没有成为决定".to_owned());
        decided.value.decision.ok_or_else(fault)
    }

    async fn facts_of(&self, line: &AgainLine) -> Result<Household> {
        let (case, decision) = (line.case, line.decision);
        let certificate = self
            .db
            .read(async move |tx| {
                let case = tx.case(case).await?.state;
                let found = case.decisions.iter().find(|one| one.id == decision);
                let digest = found.and_then(|one| one.certificate.clone());
                match digest {
                    Some(digest) => tx.certificate(&digest).await,
                    None => Ok(None),
                }
            })
            .await?;
        let gone = || AppError::Fault("判断的凭据不见了".to_owned());
        let judge = &self.law.judge;
        let facts = certificate.ok_or_else(gone)?.read_household(judge);
        facts.map_err(|why| AppError::Fault(why.to_string()))
    }

    async fn may_review(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let record = engine_access::Record::of_place(self.law.pack.region(), FieldLevel::L3);
        ctx.authorise(tx, Action::ReviewVersion, record, &[], self.now())
            .await?;
        Ok(())
    }

    async fn judged_again(&self, tx: &mut Tx, hash: &str) -> Result<Vec<AgainLine>> {
        let mut lines = Vec::new();
        let mut after = CaseId(0);
        loop {
            let ids = tx.cases_taken_up(after, PAGE).await?;
            let Some(last) = ids.last() else {
                return Ok(lines);
            };
            after = *last;
            for id in ids {
                let case = tx.case(id).await?.state;
                for decision in &case.decisions {
                    let Some(digest) = &decision.certificate else {
                        continue;
                    };
                    let certificate = tx.certificate(digest).await?;
                    let certificate = certificate.filter(|one| one.pack_hash == hash);
                    if let Some(certificate) = certificate {
                        lines.extend(self.again_line(id, &case, decision, &certificate)?);
                    }
                }
            }
        }
    }

    fn again_line(
        &self,
        id: CaseId,
        case: &Case,
        decision: &Decision,
        certificate: &Certificate,
    ) -> Result<Option<AgainLine>> {
        let Some(opened) = &case.opened else {
            return Ok(None);
        };
        let signed = kernel::Now {
            at: decision.signed.at(),
        };
        let next = Period::of(signed.today()).plus_months(1);
        let (was, from) = match &decision.outcome {
            Outcome::Granted(grant) => (Some(grant.amount.unwrap_or(Money::ZERO)), grant.from),
            Outcome::Adverse(adverse) => {
                let draft = adverse.draft();
                let left = draft.amount.filter(|_| draft.kind == AdverseKind::Reduce);
                (left, draft.from.unwrap_or(next))
            }
            Outcome::Kept { .. } => {
                let standing = case.latest().and_then(|standing| standing.amount);
                (Some(standing.unwrap_or(Money::ZERO)), next)
            }
        };
        let judged = self.by_law_in_force(certificate)?;
        let (is, effect) = match judged {
            Some(told) if told.verdict == Verdict::Eligible => {
                let is = Some(told.amount.unwrap_or(Money::ZERO));
                let effect = match is.cmp(&was) {
                    std::cmp::Ordering::Greater => Effect::InFavour,
                    std::cmp::Ordering::Less => Effect::Against,
                    std::cmp::Ordering::Equal => Effect::Same,
                };
                (is, effect)
            }
            Some(told) if told.verdict == Verdict::Ineligible => match was {
                Some(_) => (None, Effect::Against),
                None => (None, Effect::Same),
            },
            _ => (None, Effect::Open),
        };
        Ok(Some(AgainLine {
            case: id,
            service: opened.service.clone(),
            decision: decision.id,
            was,
            is,
            effect,
            from,
            decided_since: case.decision().is_some_and(|last| last.id != decision.id),
            done: None,
        }))
    }

    /// `None`: the law in force has no such service, or nobody there to judge.
    fn by_law_in_force(&self, certificate: &Certificate) -> Result<Option<Judgement>> {
        let judge = &self.law.judge;
        let benefit = certificate.judgement.benefit.as_str();
        if judge.book().benefit(benefit).is_none() {
            return Ok(None);
        }
        let fault = |why: &dyn std::fmt::Display| AppError::Fault(why.to_string());
        let household = certificate.read_household(judge);
        let household = household.map_err(|why| fault(&why))?;
        let judged = judge.judge(benefit, &household, certificate.as_of);
        let place = match certificate.judgement.subject {
            Subject::Household => 0,
            Subject::Member(member) => member,
        };
        let judged = judged.map_err(|why| fault(&why))?;
        Ok(judged.into_iter().nth(place))
    }
}
