//! 「一件事的各项」 The parts of a joint case: whose each is, how far, by which day, and
//! what this reader may do about it. A part that is a service of ours is decided in
//! its own case, never on this page.

use super::Reading;
use super::offers::{AskKind, Asks, Offer, PROBE};
use crate::case::joint::asked_for;
use crate::{AppError, Result};
use engine_case::{Act, DeadlineFor, NoticeKind, PartAnswer, PartResult, PartRule, Step, StepKind};
use kernel::{CaseId, Date, Slug};
use store::Tx;

/// One part of a joint case, as the officer sees it.
#[derive(Clone, Debug)]
pub struct PartLine {
    /// Which.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Who answers.
    pub department: String,
    /// Whether the household asked for it by name.
    pub wanted: bool,
    /// The last day of the promise.
    pub due: Option<Date>,
    /// Whether that day is over, or was over when the answer came.
    pub late: bool,
    /// Our own case for it, and where it stands.
    pub own: Option<(CaseId, String)>,
    /// What was answered: what, why, by whom.
    pub answer: Option<PartAnswer>,
    /// Whether its own case can be opened now.
    pub opens: bool,
    /// Whether an answer can be written down now.
    pub answers: bool,
}

/// The joint case a case is a part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartOf {
    /// Which.
    pub case: CaseId,
    /// Its service's name.
    pub name: String,
}

impl Reading<'_> {
    pub(super) fn part_of(&self) -> Option<PartOf> {
        let (case, _) = self.case.opened.as_ref()?.part_of.as_ref()?;
        let mut joints = self.desk.law.pack.joints().iter();
        let part = &self.case.opened.as_ref()?.service;
        let whole = joints.find(|joint| parts(&joint.flow.steps).any(|one| one.id == *part));
        Some(PartOf {
            case: *case,
            name: whole.map(|one| one.name.clone()).unwrap_or_default(),
        })
    }

    /// The parts, what the household asked for first.
    pub(super) async fn parts(&self, tx: &mut Tx, offers: &[Offer]) -> Result<Vec<PartLine>> {
        let today = self.today();
        let mut lines = Vec::new();
        for rule in parts(&self.flow()?.steps) {
            let Some(state) = self.case.parts.get(&rule.id) else {
                continue;
            };
            let deadline = self.case.deadline(&DeadlineFor::Part(rule.id.clone()));
            let late = |one: &engine_case::Deadline| {
                matches!(
                    one.standing(today),
                    engine_case::DeadlineStanding::Overdue | engine_case::DeadlineStanding::MetLate
                )
            };
            let may = |verb: &str| {
                let id = format!("{verb}.{}", rule.id);
                offers.iter().any(|one| one.id == id)
            };
            lines.push(PartLine {
                id: rule.id.clone(),
                name: rule.name.clone(),
                department: self.department(&rule.department),
                wanted: asked_for(self.case, &rule.id),
                due: deadline.map(|one| one.due),
                late: deadline.is_some_and(late),
                own: match state.case {
                    Some(own) => Some((own, self.stage_of(tx, own).await?)),
                    None => None,
                },
                answer: state.answer.clone(),
                opens: may("open_part"),
                answers: may("answer_part"),
            });
        }
        lines.sort_by_key(|one| !one.wanted);
        Ok(lines)
    }

    async fn stage_of(&self, tx: &mut Tx, own: CaseId) -> Result<String> {
        let case = tx.case(own).await?.state;
        let desk = self.desk.under(&case)?;
        let flow = desk.flow(&case, &Act::Waive)?;
        Ok(case.stage(flow).label().to_owned())
    }

    /// What may be done about parts that wait.
    pub(super) async fn joining(
        &self,
        tx: &mut Tx,
        step: &Step,
        offers: &mut Vec<Offer>,
    ) -> Result<()> {
        for rule in &step.parts {
            let state = self.case.parts.get(&rule.id);
            if !state.is_some_and(|one| one.case.is_none() && one.answer.is_none()) {
                continue;
            }
            let own = self.desk.law.pack.service(rule.id.as_str()).is_some();
            if own {
                self.opening(tx, rule, offers).await?;
            }
            if !own || !asked_for(self.case, &rule.id) {
                self.answering(tx, (rule, own), offers).await?;
            }
        }
        Ok(())
    }

    async fn opening(&self, tx: &mut Tx, rule: &PartRule, offers: &mut Vec<Offer>) -> Result<()> {
        let act = Act::LinkPart {
            part: rule.id.clone(),
            case: CaseId(0),
        };
        let label = format!("开办{}", rule.name);
        let offer = Offer::new(format!("open_part.{}", rule.id), &label, Vec::new());
        self.offer(tx, offers, act, offer).await
    }

    async fn answering(
        &self,
        tx: &mut Tx,
        (rule, own): (&PartRule, bool),
        offers: &mut Vec<Offer>,
    ) -> Result<()> {
        let results = match own {
            true => &RESULTS[2..],
            false => &RESULTS[..],
        };
        let results = results
            .iter()
            .map(|(id, words, _)| ((*id).to_owned(), (*words).to_owned()));
        let mut asks = vec![
            Asks::new("result", "答复是什么", AskKind::One(results.collect())),
            Asks::new("decided_by", "那边谁定的（部门、姓名）", AskKind::Line),
            Asks::new("document_no", "文号", AskKind::Line),
            Asks::words("answer", "原因，写给群众看"),
            Asks::new("basis", "依据哪一条", AskKind::Line)
                .with(rule.basis.clone().unwrap_or_default()),
        ];
        if !own {
            asks.push(Asks::words("remedy", "不服怎么办，一行写一条").with(self.remedy()));
        }
        let act = Act::AnswerPart {
            part: rule.id.clone(),
            answer: self.probe(),
        };
        let label = format!("登记{}的答复", rule.name);
        let offer = Offer::new(format!("answer_part.{}", rule.id), &label, asks);
        self.offer(tx, offers, act, offer).await
    }

    fn probe(&self) -> PartAnswer {
        PartAnswer {
            result: PartResult::NotApplicable,
            decided_by: PROBE.to_owned(),
            document_no: PROBE.to_owned(),
            reasons: PROBE.to_owned(),
            basis: PROBE.to_owned(),
            remedy: Vec::new(),
            at: self.desk.now.at,
        }
    }

    /// What the joint service's own notice says of appealing.
    fn remedy(&self) -> String {
        let service = self.case.opened.as_ref().map(|one| &one.service);
        let joint = service.and_then(|one| self.desk.law.pack.joint(one.as_str()));
        let text = joint.and_then(|one| one.notices.get(&NoticeKind::Refused));
        text.map(|text| text.remedy.join("\n")).unwrap_or_default()
    }

    /// 结果互认 What the joint case had verified, taken over into this part.
    pub(super) async fn taking_over(
        &self,
        tx: &mut Tx,
        step: &Step,
        offers: &mut Vec<Offer>,
    ) -> Result<()> {
        let waits = self.desk.awaits_check(self.case)?;
        if waits.as_ref() != Some(&step.id) {
            return Ok(());
        }
        let Some((_, verification)) = self.desk.checked_together(tx, self.case).await? else {
            return Ok(());
        };
        let act = Act::StartVerification {
            step: step.id.clone(),
            verification,
        };
        let offer = Offer::new("take_over", "用一件事的核对结果", Vec::new());
        self.offer(tx, offers, act, offer).await
    }
}

/// What can be answered: in the form, in words, and as it is.
const RESULTS: [(&str, &str, PartResult); 3] = [
    ("granted", "给", PartResult::Granted),
    ("refused", "这次没有", PartResult::Refused),
    ("not_applicable", "用不着", PartResult::NotApplicable),
];

/// The result a form names.
pub(super) fn result(typed: &str) -> Result<PartResult> {
    let found = RESULTS.iter().find(|(id, _, _)| *id == typed);
    let found = found.map(|(_, _, result)| *result);
    found.ok_or_else(|| AppError::BadInput("请选答复是什么".to_owned()))
}

fn parts(steps: &[Step]) -> impl Iterator<Item = &PartRule> {
    let joint = steps.iter().filter(|step| step.kind == StepKind::Joint);
    joint.flat_map(|step| &step.parts)
}
