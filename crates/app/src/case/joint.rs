//! 「联办」 Parts of a joint case that are services of our own become cases of their
//! own; what a person decided there is carried back as the part's answer.

use super::desk::{Desk, Handled};
use super::open::OpenCase;
use crate::{App, AppError, Context, Result};
use engine_access::Purpose;
use engine_case::{
    Act, AnswerValue, Case, Outcome, PartAnswer, PartResult, Phase, StepKind, StepStatus,
};
use kernel::{Actor, CaseId, Role, Slug, VerificationId};
use store::{Reply, Tx};

impl App {
    /// 分办 Opens and submits our own case for a part, with the answers and consents
    /// of the joint form: what was said once is not asked again.
    ///
    /// # Errors
    /// A refusal; the part is no service of ours; the store's.
    pub async fn open_part(
        &self,
        context: &Context,
        joint: CaseId,
        part: Slug,
    ) -> Result<Reply<Handled>> {
        let key = context.key("case.open_part", &(joint, &part))?;
        let desk = self.desk(context);
        self.db
            .write(async move |tx| {
                let part = part.clone();
                let does = async |tx: &mut Tx| desk.open_part(tx, joint, part).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 结果互认 Takes what the joint case had verified over into the part's own case:
    /// nobody is asked twice (社会救助法 第四十二条).
    ///
    /// # Errors
    /// A refusal; it is no part, or nothing was verified yet; the store's.
    pub async fn take_over(&self, context: &Context, part: CaseId) -> Result<Reply<Handled>> {
        let key = context.key("case.take_over", &part)?;
        let desk = self.desk(context);
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| desk.take_over(tx, part).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }
}

impl Desk {
    async fn open_part(&self, tx: &mut Tx, joint: CaseId, part: Slug) -> Result<Handled> {
        let whole = tx.case(joint).await?.state;
        let Some(opened) = whole.opened.clone() else {
            return Err(AppError::BadInput("还没有这个办件".to_owned()));
        };
        if self.law.pack.service(part.as_str()).is_none() {
            let says = format!("“{part}”不是我们自己办的事项，由部门答复");
            return Err(AppError::BadInput(says));
        }
        let open = OpenCase {
            service: part.clone(),
            applicant: opened.applicant,
            beneficiary: Some(opened.beneficiary),
            household: opened.household,
            channel: opened.channel,
        };
        let own = self.open(tx, open, Some((joint, part.clone()))).await?;
        let (answers, papers) = (whole.answers.clone(), whole.papers.clone());
        self.about(own.case)
            .act(tx, own.case, Act::Fill { answers, papers })
            .await?;
        let submit = self.law.submission(self.consents_for(&part, &whole));
        let handled = self.about(own.case).act(tx, own.case, submit).await?;
        let link = Act::LinkPart {
            part,
            case: own.case,
        };
        self.about(joint).act(tx, joint, link).await?;
        Ok(handled)
    }

    async fn take_over(&self, tx: &mut Tx, part: CaseId) -> Result<Handled> {
        let own = tx.case(part).await?.state;
        let desk = self.under(&own)?;
        let step = desk.awaits_check(&own)?;
        let known = desk.checked_together(tx, &own).await?;
        let (Some(step), Some((joint, verification))) = (step, known) else {
            let says = "“一件事”还没有核对完，或者这一项已经核对过了";
            return Err(AppError::BadInput(says.to_owned()));
        };
        let start = Act::StartVerification {
            step: step.clone(),
            verification,
        };
        self.act(tx, part, start).await?;
        let finish = Act::FinishVerification {
            step,
            verification,
            says: format!("用一件事 {joint} 的核对 {verification}，结果互认，不重复核"),
        };
        self.act(tx, part, finish).await
    }

    /// The open step of a case that waits for a verification; call it on a desk
    /// [`Desk::under`] the case's law.
    pub(super) fn awaits_check(&self, case: &Case) -> Result<Option<Slug>> {
        let steps = self.flow(case, &Act::Waive)?.steps.iter();
        let mut waits = steps.filter(|step| {
            let state = case.steps.get(&step.id);
            let waits = |one: &engine_case::StepState| {
                one.status == StepStatus::Open && one.verification.is_none()
            };
            step.kind == StepKind::Verify && state.is_some_and(waits)
        });
        Ok(waits.next().map(|step| step.id.clone()))
    }

    /// What the joint case of a part had verified: which joint case, which verification.
    pub(super) async fn checked_together(
        &self,
        tx: &mut Tx,
        part: &Case,
    ) -> Result<Option<(CaseId, VerificationId)>> {
        let Some((joint, _)) = part.opened.as_ref().and_then(|one| one.part_of.as_ref()) else {
            return Ok(None);
        };
        let whole = tx.case(*joint).await?.state;
        let mut done = whole.steps.values().filter_map(|step| match step.status {
            StepStatus::Done => step.verification,
            StepStatus::Open | StepStatus::Waiting => None,
        });
        Ok(done.next().map(|id| (*joint, id)))
    }

    /// 回报 Carries what a person decided in a part's own case back to the joint case,
    /// in the same transaction; nothing to do while either is not there yet.
    pub(super) async fn carry(&self, tx: &mut Tx, own: &Case) -> Result<()> {
        let part_of = own.opened.as_ref().and_then(|one| one.part_of.clone());
        let (Some((joint, part)), Some(answer)) = (part_of, answer_of(own, self.now)) else {
            return Ok(());
        };
        let whole = tx.case(joint).await?.state;
        let waits = whole
            .parts
            .get(&part)
            .is_some_and(|one| one.answer.is_none());
        if !waits || whole.phase != Phase::Handling {
            return Ok(());
        }
        let mut desk = self.clone();
        desk.context.actor = Actor {
            account: "clockwork".to_owned(),
            person: None,
            role: Role::System,
        };
        desk.context.purpose = Purpose::Case(joint);
        let act = Act::AnswerPart { part, answer };
        Box::pin(desk.act(tx, joint, act)).await?;
        Ok(())
    }

    /// 亲办 A service of our own is decided in a case of its own, with everything that
    /// goes before a refusal; by hand it can only be put aside, and only where the
    /// household never asked for it.
    pub(super) fn not_by_hand(&self, whole: &Case, act: &Act) -> Result<()> {
        let Act::AnswerPart { part, answer } = act else {
            return Ok(());
        };
        let by_people = self.context.actor.role != Role::System;
        if !by_people || self.law.pack.service(part.as_str()).is_none() {
            return Ok(());
        }
        let aside = answer.result == PartResult::NotApplicable;
        match aside && !asked_for(whole, part) {
            true => Ok(()),
            false => Err(AppError::BadInput(
                "这一项是我们自己办的。请开办，按它自己的步骤决定".to_owned(),
            )),
        }
    }

    /// The same desk with a purpose that names another case of the same matter.
    pub(super) fn about(&self, case: CaseId) -> Desk {
        let mut desk = self.clone();
        if let engine_access::Purpose::Case(named) = &mut desk.context.purpose {
            *named = case;
        }
        desk
    }

    /// Consents of the joint form that the part's form wants, by their ids.
    fn consents_for(&self, part: &Slug, whole: &Case) -> Vec<engine_case::Consent> {
        let flow = self.law.pack.flow(part.as_str());
        let wanted = flow.map_or(&[][..], |flow| flow.consents.as_slice());
        let given = whole.consents.iter();
        let given = given.filter(|c| wanted.iter().any(|rule| rule.id == c.consent));
        given.cloned().collect()
    }
}

/// Whether the household asked for this service by name.
pub(super) fn asked_for(whole: &Case, part: &Slug) -> bool {
    let mut said = whole.answers.iter();
    said.any(|one| one.field == *part && one.value == AnswerValue::Bool(true))
}

/// What a part answers, once a person decided it.
fn answer_of(case: &Case, now: kernel::Now) -> Option<PartAnswer> {
    if case.phase == Phase::Withdrawn {
        return Some(PartAnswer {
            result: PartResult::NotApplicable,
            decided_by: "申请人".to_owned(),
            document_no: case.opened.as_ref()?.case.to_string(),
            reasons: "本人撤回".to_owned(),
            basis: String::new(),
            remedy: Vec::new(),
            at: now.at,
        });
    }
    let decision = case.decision()?;
    let (result, reasons, basis, remedy) = match &decision.outcome {
        Outcome::Granted(grant) => (
            PartResult::Granted,
            grant.reasons.clone(),
            String::new(),
            grant.notice.remedy.clone(),
        ),
        Outcome::Adverse(adverse) => {
            let draft = adverse.draft();
            let basis: Vec<&str> = draft.rules.iter().map(|r| r.basis.as_str()).collect();
            let remedy = draft.notice.remedy.clone();
            (
                PartResult::Refused,
                draft.reasons.clone(),
                basis.join("；"),
                remedy,
            )
        }
        Outcome::Kept { .. } => return None,
    };
    Some(PartAnswer {
        result,
        decided_by: format!(
            "{} {}",
            decision.signed.role().label(),
            decision.signed.account()
        ),
        document_no: format!("决定 {}", decision.id),
        reasons,
        basis,
        remedy,
        at: decision.signed.at(),
    })
}
