//! 「一件事」 One form, one verification, every department at once: each part with its
//! own deadline and its own answer, one refused, one late; the joint case shows where
//! each stands and ends when all are decided.

use super::cast::{Who, machine, resident};
use super::{Family, Story, Trouble, World, of, plain};
use crate::city::{Story as Fate, StoryFamily};
use app::case::OpenCase;
use engine_access::Purpose;
use engine_case::{
    Act, Answer, AnswerSource, AnswerValue, Case, Channel, DeadlineFor, DeadlineStanding,
    NoticeKind, PartAnswer, PartResult, PartRule, Phase, StepKind,
};
use engine_policy::{Beneficiary, Household, Judgement, Subject, Verdict};
use kernel::{Clock as _, HouseholdId, PersonId, Slug, Truth, add_days};

/// Letters of the parts' own cases, for request keys; the joint case is `P`.
const PARTS: &str = "QRSTUVWXYZ";
/// How many days the late department is late.
const LATE: u32 = 3;

impl Story<'_> {
    pub(super) async fn together(
        &mut self,
        tales: &[StoryFamily],
        world: &World,
    ) -> Result<(), Trouble> {
        let tale = of(tales, Fate::Together)?;
        let (applicant, household) = self.register(&tale.applicant).await?;
        let law = self.app.law().clone();
        // The one that takes our own services; a death's is opened from the register.
        let mut joints = law.pack.joints().iter();
        let Some(joint) = joints.find(|one| !one.services.is_empty()) else {
            return Ok(());
        };
        self.say(format!("■ {}", joint.name));
        let mut family = self.asks_once(&joint.id, applicant, household).await?;
        let parts: Vec<PartRule> = {
            let flow = self.flow(&family.service)?;
            let steps = flow.steps.iter().filter(|s| s.kind == StepKind::Joint);
            steps.flat_map(|step| step.parts.clone()).collect()
        };
        let case = self.joint_case(&family, "begun").await?;
        if case.phase == Phase::Completed {
            return self.told_again(&family, &case, &parts, world).await;
        }
        self.handle(&mut family, &world.departments, false).await?;
        let facts = self.facts(&family).await?;
        self.board(&family, &parts).await?;
        let (ours, theirs): (Vec<_>, Vec<_>) = parts
            .iter()
            .cloned()
            .partition(|part| law.pack.service(part.id.as_str()).is_some());
        let mut owed = Vec::new();
        for (part, letter) in ours.into_iter().zip(PARTS.chars()) {
            let told = self.told_of(&family, &facts, &part).await?;
            match told.verdict {
                Verdict::Eligible => owed.push((part, letter)),
                Verdict::Ineligible => self.no_need(&family, &part, &told).await?,
                Verdict::Undetermined => self.put_off(&family, &part, &told).await?,
            }
        }
        self.later(2)?;
        let late = self.departments_answer(&family, &theirs).await?;
        self.board(&family, &parts).await?;
        for (part, letter) in owed {
            self.through(&family, &part, letter, &facts, world).await?;
        }
        self.late_answer(&family, late, &parts).await?;
        self.ended(&family, &parts).await
    }

    /// A joint case that is closed is not verified once more: what it came to is read.
    async fn told_again(
        &mut self,
        family: &Family,
        case: &Case,
        parts: &[PartRule],
        world: &World,
    ) -> Result<(), Trouble> {
        let known = case.steps.values().find_map(|step| step.verification);
        let family = Family {
            verification: known,
            declared: Vec::new(),
            service: family.service.clone(),
            ..*family
        };
        let ctx = Who::Town.on(family.case, "story/P/report");
        if let Some(id) = known
            && let Some(report) = self.app.verification_report(&ctx, id).await?
        {
            self.tell_report(&report);
        }
        let law = self.app.law().clone();
        let ours = parts
            .iter()
            .filter(|part| law.pack.service(part.id.as_str()).is_some());
        // The judgement is on file: judging again under the same request gives it.
        let nothing = Household {
            region: self.city.region,
            facts: Default::default(),
            members: Vec::new(),
        };
        self.later(2)?;
        for (part, letter) in ours.zip(PARTS.chars()) {
            let answer = case.parts.get(&part.id).and_then(|one| one.answer.as_ref());
            if answer.is_some_and(|answer| answer.result == PartResult::Granted) {
                self.through(&family, part, letter, &nothing, world).await?;
            }
        }
        self.ended(&family, parts).await
    }

    /// One set of answers, one set of consents.
    async fn asks_once(
        &mut self,
        joint: &Slug,
        applicant: PersonId,
        household: HouseholdId,
    ) -> Result<Family, Trouble> {
        let open = OpenCase {
            service: joint.clone(),
            applicant,
            beneficiary: None,
            household,
            channel: Channel::Online,
        };
        let opened = self
            .app
            .open_case(&resident(applicant, "story/P/open"), open)
            .await?;
        let family = Family {
            letter: 'P',
            service: joint.clone(),
            household,
            applicant,
            case: opened.value.case,
            declared: Vec::new(),
            verification: None,
        };
        let law = self.app.law().clone();
        let form = law.pack.joint(joint.as_str()).map(|one| &one.form);
        let fields = form.map_or(&[][..], |form| form.fields.as_slice());
        let answers = fields.iter().map(|field| Answer {
            field: field.id.clone(),
            about: None,
            value: match field.kind.as_str() {
                "bool" => AnswerValue::Bool(false),
                _ => AnswerValue::Text("挣得少，孩子要上学".to_owned()),
            },
            source: AnswerSource::Person,
        });
        let fill = Act::Fill {
            answers: answers.collect(),
            papers: Vec::new(),
        };
        self.app
            .on_case(&resident(applicant, "story/P/fill"), family.case, fill)
            .await?;
        let consents = self.consents(&family).await?;
        let (asked, signed) = (fields.len(), consents.len());
        self.app
            .submit_case(
                &resident(applicant, "story/P/submit"),
                family.case,
                consents,
            )
            .await?;
        self.figure("一件事 问了几个问题", asked as i64);
        self.say(format!(
            "  一张表：{asked} 个问题，{signed} 份同意，办件号 {}",
            family.case
        ));
        Ok(family)
    }

    /// What the rules say of one of our own parts, on the one verification.
    async fn told_of(
        &self,
        family: &Family,
        facts: &Household,
        part: &PartRule,
    ) -> Result<Judgement, Trouble> {
        let key = format!("story/P/{}/look", part.id);
        let ctx = Who::County.on(family.case, key);
        let (case, _) = self.app.case(&ctx, family.case).await?;
        let opened = case.opened.map(|opened| opened.members).unwrap_or_default();
        let place = opened.iter().position(|m| m.person == family.applicant);
        let judged = self
            .app
            .law()
            .judge
            .judge(part.id.as_str(), facts, self.today())
            .map_err(|why| Trouble::Other(why.to_string()))?;
        let mut judged = judged.into_iter();
        let told = judged.find(|one| match (one.beneficiary, one.subject) {
            (Beneficiary::Household, _) => true,
            (Beneficiary::Person, Subject::Member(at)) => Some(at) == place,
            (Beneficiary::Person, Subject::Household) => false,
        });
        told.ok_or_else(|| Trouble::Other(format!("{} 没有判断", part.id)))
    }

    /// The rules give nothing here: said with the article. It is no refusal: whoever
    /// wants one may still apply for this alone.
    async fn no_need(
        &mut self,
        family: &Family,
        part: &PartRule,
        told: &Judgement,
    ) -> Result<(), Trouble> {
        let failed = told.conditions.iter().filter(|c| c.truth == Truth::False);
        let (says, basis): (Vec<&str>, Vec<&str>) =
            failed.map(|c| (c.says.as_str(), c.basis.as_str())).unzip();
        let answer = PartAnswer {
            result: PartResult::NotApplicable,
            decided_by: "县级审核确认人".to_owned(),
            document_no: format!("一件事 {}／{}", family.case, part.id),
            reasons: says.join("；"),
            basis: basis.join("；"),
            remedy: Vec::new(),
            at: self.clock.now().at,
        };
        let act = Act::AnswerPart {
            part: part.id.clone(),
            answer,
        };
        let ctx = Who::County.on(family.case, format!("story/P/{}/answer", part.id));
        self.app.on_case(&ctx, family.case, act).await?;
        Ok(())
    }

    /// Not known yet: a case of its own is there, and the family takes it back until
    /// it is.
    async fn put_off(
        &mut self,
        family: &Family,
        part: &PartRule,
        told: &Judgement,
    ) -> Result<(), Trouble> {
        let key = |what: &str| format!("story/P/{}/{what}", part.id);
        let case = self.own_case(family, part).await?;
        let ctx = resident(family.applicant, key("withdraw"));
        self.app.on_case(&ctx, case, Act::Withdraw).await?;
        let missing: Vec<&str> = told.missing.iter().map(|m| m.label.as_str()).collect();
        self.say(format!(
            "  {}：还不知道，差 {}；本人先撤回，查清了再办",
            part.name,
            missing.join("、")
        ));
        Ok(())
    }

    async fn own_case(&self, family: &Family, part: &PartRule) -> Result<kernel::CaseId, Trouble> {
        let ctx = Who::Town.on(family.case, format!("story/P/{}/open", part.id));
        let opened = self
            .app
            .open_part(&ctx, family.case, part.id.clone())
            .await?;
        Ok(opened.value.case)
    }

    /// A part of our own through its whole flow: what was verified once is not
    /// verified again.
    async fn through(
        &mut self,
        joint: &Family,
        part: &PartRule,
        letter: char,
        facts: &Household,
        world: &World,
    ) -> Result<(), Trouble> {
        let case = self.own_case(joint, part).await?;
        self.say(format!("  {}：自己的办件 {case}", part.name));
        let mut own = Family {
            letter,
            service: part.id.clone(),
            household: joint.household,
            applicant: joint.applicant,
            case,
            declared: Vec::new(),
            verification: joint.verification,
        };
        self.handle(&mut own, &world.departments, true).await?;
        self.later(1)?;
        match self.judge(&own, facts.clone()).await? {
            Truth::True => self.grant(&own).await?,
            other => return Err(Trouble::Other(format!("{} 判断成了 {other:?}", part.id))),
        }
        Ok(())
    }

    /// The departments answer as they will: the first grants, the second refuses with
    /// rule and remedy, the last is late; the others have nothing to do here. Gives
    /// the late one.
    async fn departments_answer(
        &mut self,
        family: &Family,
        parts: &[PartRule],
    ) -> Result<Option<PartRule>, Trouble> {
        let last = parts.len().checked_sub(1);
        let mut late = None;
        for (nth, part) in parts.iter().enumerate() {
            let (result, reasons) = match nth {
                _ if Some(nth) == last => {
                    late = Some(part.clone());
                    continue;
                }
                0 => (PartResult::Granted, "符合条件，从下月起享受"),
                1 => (PartResult::Refused, "在读情况不在资助范围内"),
                _ => (PartResult::NotApplicable, "没有这方面的需要"),
            };
            self.department_answers(family, part, result, reasons)
                .await?;
        }
        Ok(late)
    }

    async fn department_answers(
        &mut self,
        family: &Family,
        part: &PartRule,
        result: PartResult,
        reasons: &str,
    ) -> Result<(), Trouble> {
        let law = self.app.law().clone();
        let catalogue = &law.pack.data().catalogue;
        let office = catalogue.department(&part.department);
        let office = office.map_or_else(|| part.department.to_string(), |one| one.name.clone());
        let refused = law.pack.joint(family.service.as_str());
        let refused = refused.and_then(|one| one.notices.get(&NoticeKind::Refused));
        let remedy = refused.filter(|_| result == PartResult::Refused);
        let answer = PartAnswer {
            result,
            decided_by: format!("{office} 经办科室"),
            document_no: format!("{}-{}", part.department, part.id),
            reasons: reasons.to_owned(),
            basis: part.basis.clone().unwrap_or_default(),
            remedy: remedy.map(|text| text.remedy.clone()).unwrap_or_default(),
            at: self.clock.now().at,
        };
        let act = Act::AnswerPart {
            part: part.id.clone(),
            answer,
        };
        let key = format!("story/P/{}/answer", part.id);
        let ctx = machine(&part.department, Purpose::Case(family.case), key);
        self.app.on_case(&ctx, family.case, act).await?;
        Ok(())
    }

    /// The late one answers some days after its last day.
    async fn late_answer(
        &mut self,
        family: &Family,
        late: Option<PartRule>,
        parts: &[PartRule],
    ) -> Result<(), Trouble> {
        let Some(part) = late else { return Ok(()) };
        let case = self.joint_case(family, "due").await?;
        let due = case.deadline(&DeadlineFor::Part(part.id.clone()));
        if let Some(due) = due.map(|deadline| deadline.due) {
            let day = add_days(due, LATE).ok_or(Trouble::Calendar)?;
            self.clock.go_to(day.max(self.today()))?;
        }
        self.board(family, parts).await?;
        let said = "材料收到，已经安排";
        self.department_answers(family, &part, PartResult::Granted, said)
            .await
    }

    async fn joint_case(&self, family: &Family, what: &str) -> Result<Case, Trouble> {
        let ctx = Who::Town.on(family.case, format!("story/P/look/{what}"));
        Ok(self.app.case(&ctx, family.case).await?.0)
    }

    /// Where every part stands today.
    async fn board(&mut self, family: &Family, parts: &[PartRule]) -> Result<(), Trouble> {
        let today = self.today();
        let case = self.joint_case(family, &today.to_string()).await?;
        let combined = case.combined();
        let open = combined.open.iter().filter_map(|id| {
            let deadline = case.deadline(&DeadlineFor::Part(id.clone()))?;
            let name = parts.iter().find(|part| part.id == *id)?.name.clone();
            (deadline.standing(today) == DeadlineStanding::Overdue).then_some(name)
        });
        let overdue: Vec<String> = open.collect();
        self.say(format!(
            "  {} 进度：{} 项里已有结果 {} 项，在办 {} 项，逾期 {} 项{}",
            plain(today),
            parts.len(),
            parts.len() - combined.open.len(),
            combined.open.len(),
            overdue.len(),
            match overdue.is_empty() {
                true => String::new(),
                false => format!("（{}）", overdue.join("、")),
            }
        ));
        Ok(())
    }

    /// Every part decided: who, what, by when.
    async fn ended(&mut self, family: &Family, parts: &[PartRule]) -> Result<(), Trouble> {
        let case = self.joint_case(family, "end").await?;
        let today = self.today();
        let (mut late, mut named) = (0, 0);
        for part in parts {
            let state = case.parts.get(&part.id);
            let Some(answer) = state.and_then(|state| state.answer.as_ref()) else {
                continue;
            };
            let deadline = case.deadline(&DeadlineFor::Part(part.id.clone()));
            let standing = deadline.map(|one| one.standing(today));
            let is_late = standing == Some(DeadlineStanding::MetLate);
            late += i64::from(is_late);
            named += i64::from(!answer.decided_by.is_empty());
            let result = match answer.result {
                PartResult::Granted => "给予",
                PartResult::Refused => "不予",
                PartResult::NotApplicable => "不涉及",
            };
            self.say(format!(
                "    {}：{result}，{}，限 {}{}；{}",
                part.name,
                answer.decided_by,
                deadline.map_or_else(|| "—".to_owned(), |one| plain(one.due)),
                if is_late { "，晚了" } else { "" },
                answer.reasons
            ));
        }
        let combined = case.combined();
        self.figure("一件事 几项", parts.len() as i64);
        self.figure("一件事 给予", combined.granted.len() as i64);
        self.figure("一件事 不予", combined.refused.len() as i64);
        self.figure("一件事 不涉及", combined.not_applicable.len() as i64);
        self.figure("一件事 没有结果", combined.open.len() as i64);
        self.figure("一件事 晚了的", late);
        self.figure("一件事 有人负责的", named);
        match case.phase {
            Phase::Completed => {
                self.say(format!("  {} 各项都有了结果，一件事办结", plain(today)));
                Ok(())
            }
            other => Err(Trouble::Other(format!("一件事应当办结，实际是 {other:?}"))),
        }
    }
}
