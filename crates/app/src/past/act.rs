//! 「怎么办」 A person says what is to be done about months gone by, another confirms.
//! Confirmed arrears wait for the next list. Confirmed recovery only opens the way of
//! the law: the case's people are told what is intended and heard, and a decision with
//! notice and appeal comes after that, or does not.

use super::look::save;
use super::words;
use crate::case::{Adverse, Ruling};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Purpose, Record};
use engine_case::{AdverseKind, Cause, EvidenceReference, RuleReference};
use engine_payment::{PastCause, PastCommand, PastFinding, PastStanding, PastWay, decide_past};
use kernel::{CaseId, FieldLevel, Money, Now, Slug};
use std::collections::BTreeMap;
use store::{PastRow, Tx};

impl App {
    /// 经办 Says what is to be done about proposals, all with one reason.
    ///
    /// # Errors
    /// A refusal; no such proposal; the store's. Then none of them is taken.
    pub async fn take_past(
        &self,
        ctx: &Context,
        ids: &[i64],
        way: PastWay,
        reason: &str,
    ) -> Result<()> {
        let command = PastCommand::Take {
            way,
            reason: reason.to_owned(),
        };
        self.step_past(ctx, ids, Action::ProposePast, command).await
    }

    /// 退回 Gives proposals back to whoever takes them next.
    ///
    /// # Errors
    /// As [`App::take_past`].
    pub async fn send_back_past(&self, ctx: &Context, ids: &[i64], reason: &str) -> Result<()> {
        let reason = reason.to_owned();
        let command = PastCommand::SendBack { reason };
        self.step_past(ctx, ids, Action::ConfirmPast, command).await
    }

    async fn step_past(
        &self,
        ctx: &Context,
        ids: &[i64],
        action: Action,
        command: PastCommand,
    ) -> Result<()> {
        let key = ctx.key("past.step", &(ids, format!("{command:?}")))?;
        let (app, ctx, now, ids) = (self.clone(), ctx.clone(), self.now(), ids.to_vec());
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| {
                    app.may_past(tx, &ctx, action).await?;
                    for id in &ids {
                        one(tx, &ctx, *id, command.clone(), now).await?;
                    }
                    Ok::<_, AppError>(())
                };
                tx.idempotent(&key, now, does).await
            })
            .await?;
        Ok(())
    }

    /// 复核 Confirms proposals somebody else took: each with the difference that was
    /// seen. What is to be asked back of one case is told its people in one intention.
    ///
    /// # Errors
    /// A refusal of access, of the proposal or of the case; the store's. Then nothing
    /// is confirmed.
    pub async fn confirm_past(&self, ctx: &Context, seen: &[(i64, Money)]) -> Result<()> {
        let key = ctx.key("past.confirm", &seen)?;
        let (app, ctx, now, seen) = (self.clone(), ctx.clone(), self.now(), seen.to_vec());
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| {
                    app.may_past(tx, &ctx, Action::ConfirmPast).await?;
                    let mut back: BTreeMap<CaseId, Vec<(PastFinding, String)>> = BTreeMap::new();
                    for (id, amount) in &seen {
                        let command = PastCommand::Confirm { seen: *amount };
                        let row = one(tx, &ctx, *id, command, now).await?;
                        let state = row.loaded.state;
                        if let PastStanding::Taken { way, reason, .. } = state.standing
                            && way == PastWay::Recover
                        {
                            let of_case = back.entry(state.finding.case).or_default();
                            of_case.push((state.finding, reason));
                        }
                    }
                    for (case, findings) in &back {
                        app.open_recovery(tx, &ctx, *case, findings).await?;
                    }
                    Ok::<_, AppError>(())
                };
                tx.idempotent(&key, now, does).await
            })
            .await?;
        Ok(())
    }

    /// 启动追回 The intention, with the months, the reasons and what speaks for them.
    async fn open_recovery(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        case: CaseId,
        findings: &[(PastFinding, String)],
    ) -> Result<()> {
        let sum = findings
            .iter()
            .try_fold(0_i64, |sum, (one, _)| sum.checked_sub(one.difference.fen()));
        let sum = sum.ok_or_else(|| AppError::Fault("a sum overflows".to_owned()))?;
        let months: Vec<String> = findings
            .iter()
            .map(|(one, _)| format!("{}多发 {} 元", one.key.period, words::positive(one)))
            .collect();
        let mut reasons: Vec<&str> = findings.iter().map(|(_, reason)| reason.as_str()).collect();
        reasons.dedup();
        let mut rules = Vec::new();
        let mut evidence = Vec::new();
        for (finding, _) in findings {
            for cause in &finding.causes {
                let rule = self.past_rule(finding, cause)?;
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
                let found = self.past_evidence(finding, cause);
                if !evidence.contains(&found) {
                    evidence.push(found);
                }
            }
        }
        let ruling = Ruling::Adverse(Adverse {
            kind: AdverseKind::Recover,
            cause: Cause::Conduct,
            reasons: format!("{}。{}", reasons.join("；"), months.join("，")),
            from: None,
            amount: Some(Money::from_fen(sum)),
            phase_out_months: 0,
            rules,
            evidence,
        });
        let ctx = Context {
            purpose: Purpose::Case(case),
            ..ctx.clone()
        };
        self.intend_within(tx, &ctx, case, &ruling).await?;
        Ok(())
    }

    fn past_rule(&self, finding: &PastFinding, cause: &PastCause) -> Result<RuleReference> {
        let book = self.law.judge.book();
        let benefit = book.benefit(finding.key.programme.as_str());
        let usual = || benefit.map_or_else(String::new, |one| one.basis.join("；"));
        let of = |id: &Slug| {
            let condition = benefit?.conditions.iter().find(|one| one.id == *id)?;
            Some(condition.basis.clone())
        };
        let past = || {
            let fault = |_| AppError::Fault("标识".to_owned());
            "past".parse::<Slug>().map_err(fault)
        };
        let (rule, basis) = match cause {
            PastCause::Parameter {
                id,
                source,
                article,
                ..
            } => {
                let article = article.as_deref().unwrap_or_default();
                (id.clone(), format!("{source}{article}"))
            }
            PastCause::Condition { id, .. } => (id.clone(), of(id).unwrap_or_else(usual)),
            _ => (past()?, usual()),
        };
        Ok(RuleReference {
            rule,
            says: self.past_says(cause, &BTreeMap::new()),
            basis,
        })
    }

    fn past_evidence(&self, finding: &PastFinding, cause: &PastCause) -> EvidenceReference {
        let house = || "本系统".to_owned();
        let (what, source, as_of, reference) = match cause {
            PastCause::Record {
                name,
                department,
                record,
                as_of,
                ..
            } => (
                name.clone(),
                self.law.department(department),
                Some(*as_of),
                record.clone(),
            ),
            PastCause::Parameter {
                name, source, from, ..
            } => (
                name.clone(),
                source.clone(),
                Some(*from),
                finding.law.clone(),
            ),
            PastCause::Death { person, died } => (
                "去世日期".to_owned(),
                "人口底册".to_owned(),
                Some(*died),
                format!("编号 {person}"),
            ),
            PastCause::Decision { decision } => (
                "签过字的决定".to_owned(),
                house(),
                None,
                decision.to_string(),
            ),
            PastCause::Condition { id, .. } => (id.to_string(), house(), None, finding.law.clone()),
        };
        EvidenceReference {
            what,
            source,
            as_of,
            reference,
        }
    }

    pub(super) async fn may_past(&self, tx: &mut Tx, ctx: &Context, action: Action) -> Result<()> {
        let record = Record::of_place(self.law.pack.region(), FieldLevel::L3);
        ctx.authorise(tx, action, record, &[], self.now()).await?;
        Ok(())
    }
}

/// One step of one proposal; gives it as it was before.
async fn one(
    tx: &mut Tx,
    ctx: &Context,
    id: i64,
    command: PastCommand,
    now: Now,
) -> Result<PastRow> {
    let loaded = tx.past_proposal(id).await?;
    let row = PastRow {
        id,
        loaded,
        batch: None,
    };
    let before = Some(&row.loaded.state);
    let events = decide_past(before, command, &ctx.actor, now).map_err(AppError::refused)?;
    save(tx, ctx, Some(row.clone()), &events, now).await?;
    Ok(row)
}
