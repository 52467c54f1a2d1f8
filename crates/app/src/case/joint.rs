//! 「联办」 Parts of a joint case that are services of our own become cases of their
//! own; what a person decided there is carried back as the part's answer.

use super::desk::{Desk, Handled};
use super::open::OpenCase;
use crate::{App, AppError, Context, Result};
use engine_case::{Act, Case, Outcome, PartAnswer, PartResult, Phase};
use kernel::{CaseId, Slug};
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

    /// 回报 Carries the decision of our own case back to the joint case it is a part
    /// of; nothing to do while it is not decided.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn carry_part(
        &self,
        context: &Context,
        part: CaseId,
    ) -> Result<Option<Reply<Handled>>> {
        let state = self
            .db
            .read(async move |tx| Ok::<_, AppError>(tx.case(part).await?.state))
            .await?;
        let joint = state.opened.as_ref().and_then(|o| o.part_of.clone());
        let (Some((joint, id)), Some(answer)) = (joint, answer_of(&state, self.now())) else {
            return Ok(None);
        };
        let act = Act::AnswerPart { part: id, answer };
        self.on_case(context, joint, act).await.map(Some)
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
