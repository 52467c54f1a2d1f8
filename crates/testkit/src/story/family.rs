//! 「一户人家」 One household through a whole case, as its people would: every step
//! the service's own flow asks for, in its order, on its days.

use super::cast::{Who, itself, resident};
use super::{Story, Trouble, plain};
use app::case::{OpenCase, Ruling};
use app::verify::{Departments, Signing, Wanted};
use engine_access::Purpose;
use engine_case::{Act, Channel, Consent, ConsentBy, Phase, Step, StepKind};
use engine_policy::{Household, Verdict};
use engine_pool::authorisation::{Capacity, Scope, Signature};
use engine_pool::verification::{Declaration, Declared};
use engine_pool::{Report, Value};
use kernel::{
    AuthorisationId, CaseId, HouseholdId, PersonId, Slug, Truth, VerificationId, add_days,
};
use std::collections::BTreeMap;

/// A family and how far it is.
pub(super) struct Family {
    /// A letter, for request keys.
    pub(super) letter: char,
    pub(super) service: Slug,
    pub(super) household: HouseholdId,
    pub(super) applicant: PersonId,
    pub(super) case: CaseId,
    /// What the household says otherwise than a department has it.
    pub(super) declared: Vec<Declaration>,
    pub(super) verification: Option<VerificationId>,
}

impl Story<'_> {
    /// Opens and submits the application; the answers are looked up, only what
    /// no department knows is asked.
    pub(super) async fn apply(&mut self, family: &mut Family) -> Result<(), Trouble> {
        let key = |what: &str| format!("story/{}/{what}", family.letter);
        let open = OpenCase {
            service: family.service.clone(),
            applicant: family.applicant,
            beneficiary: None,
            household: family.household,
            channel: Channel::Online,
        };
        let opened = self
            .app
            .open_case(&resident(family.applicant, key("open")), open)
            .await?;
        family.case = opened.value.case;
        let consents = self.consents(family).await?;
        let signed = consents.len();
        self.app
            .submit_case(
                &resident(family.applicant, key("submit")),
                family.case,
                consents,
            )
            .await?;
        self.say(format!(
            "  {} 提交“{}”申请：{signed} 份同意，办件号 {}",
            self.who(family),
            self.name(&family.service),
            family.case
        ));
        Ok(())
    }

    /// Every consent the form wants, by whom it must be given.
    pub(super) async fn consents(&self, family: &Family) -> Result<Vec<Consent>, Trouble> {
        let flow = self.flow(&family.service)?;
        let look = resident(family.applicant, format!("story/{}/look", family.letter));
        let (case, _) = self.app.case(&look, family.case).await?;
        let members = case.opened.map(|opened| opened.members).unwrap_or_default();
        let mut consents = Vec::new();
        for consent in &flow.consents {
            let who = members.iter().filter(|member| match consent.who {
                ConsentBy::Applicant => member.person == family.applicant,
                ConsentBy::EveryAdult => member.adult,
            });
            consents.extend(who.map(|member| Consent {
                consent: consent.id.clone(),
                person: member.person,
                authorisation: None,
            }));
        }
        Ok(consents)
    }

    /// Every step before the decision, in the flow's order.
    pub(super) async fn handle(
        &mut self,
        family: &mut Family,
        departments: &Departments,
        through_publicity: bool,
    ) -> Result<(), Trouble> {
        let flow = self.flow(&family.service)?;
        for step in &flow.steps {
            match step.kind {
                StepKind::Accept => self.accept(family).await?,
                StepKind::Verify => self.verify(family, step, departments).await?,
                StepKind::Survey => self.survey(family, step).await?,
                StepKind::Review => self.review(family, step).await?,
                StepKind::Publicity if through_publicity => self.publicise(family, step).await?,
                StepKind::Publicity | StepKind::Decide | StepKind::Pay | StepKind::Joint => {}
            }
        }
        Ok(())
    }

    async fn accept(&mut self, family: &Family) -> Result<(), Trouble> {
        let ctx = Who::Town.on(family.case, format!("story/{}/accept", family.letter));
        self.app
            .on_case(&ctx, family.case, Act::Accept { tolerate: None })
            .await?;
        let day = self.today();
        self.say(format!("  {} 镇街受理", plain(day)));
        Ok(())
    }

    async fn authorise(&mut self, family: &Family) -> Result<AuthorisationId, Trouble> {
        let ctx = Who::Town.on(family.case, format!("story/{}/authorise", family.letter));
        let (case, _) = self.app.case(&ctx, family.case).await?;
        let members = case.opened.map(|opened| opened.members).unwrap_or_default();
        let on = self.today();
        let signatures = members.iter().map(|member| {
            // Children are signed for by the applicant, their parent.
            let (by, capacity) = match member.adult {
                true => (member.person, Capacity::Own),
                false => (family.applicant, Capacity::Guardian),
            };
            (member.person, Signature { by, capacity, on })
        });
        let paper = Signing {
            case: family.case,
            signatures: signatures.collect::<BTreeMap<_, _>>(),
            scope: Scope::All,
            from: on,
            to: add_days(on, 90).ok_or(Trouble::Calendar)?,
        };
        Ok(self.app.sign_authorisation(&ctx, paper).await?)
    }

    async fn verify(
        &mut self,
        family: &mut Family,
        step: &Step,
        departments: &Departments,
    ) -> Result<(), Trouble> {
        if let Some(known) = family.verification {
            return self.take_over(family, step, known).await;
        }
        let authorisation = self.authorise(family).await?;
        let key = |what: &str| format!("story/{}/{what}", family.letter);
        let wanted = Wanted {
            case: family.case,
            authorisation,
            categories: Default::default(),
            declared: family.declared.clone(),
            people: Default::default(),
        };
        let ctx = Who::Town.on(family.case, key("verify"));
        let id = self.app.begin_verification(&ctx, wanted).await?;
        family.verification = Some(id);
        let start = Act::StartVerification {
            step: step.id.clone(),
            verification: id,
        };
        self.app
            .on_case(
                &Who::Town.on(family.case, key("verify/start")),
                family.case,
                start,
            )
            .await?;
        let mut report = self
            .app
            .carry_on_verification(&ctx, departments, id)
            .await?;
        self.tell_report(&report);
        self.settle(family, id, &report).await?;
        if let Some(again) = self.app.verification_report(&ctx, id).await? {
            report = again;
        }
        self.app.draw_check_report(&ctx, family.case).await?;
        let says = report.outcome.label().to_owned();
        let finish = Act::FinishVerification {
            step: step.id.clone(),
            verification: id,
            says,
        };
        self.app
            .on_case(
                &Who::Town.on(family.case, key("verify/end")),
                family.case,
                finish,
            )
            .await?;
        Ok(())
    }

    /// What another case of the same matter has verified is taken over, not asked for
    /// again (社会救助法 第四十二条).
    async fn take_over(
        &mut self,
        family: &Family,
        step: &Step,
        known: VerificationId,
    ) -> Result<(), Trouble> {
        let start = Act::StartVerification {
            step: step.id.clone(),
            verification: known,
        };
        let says = format!("用一件事的核对 {known}，结果互认，不重复核");
        let finish = Act::FinishVerification {
            step: step.id.clone(),
            verification: known,
            says: says.clone(),
        };
        for (act, what) in [(start, "verify/start"), (finish, "verify/end")] {
            let ctx = Who::Town.on(family.case, format!("story/{}/{what}", family.letter));
            self.app.on_case(&ctx, family.case, act).await?;
        }
        self.say(format!("    {says}"));
        Ok(())
    }

    pub(super) fn tell_report(&mut self, report: &Report) {
        let mut silent: Vec<&str> = report
            .unanswered
            .iter()
            .map(|one| one.department.as_str())
            .collect();
        silent.sort_unstable();
        silent.dedup();
        let catalogue = self.app.law().pack.data().catalogue.clone();
        let name = |id: &str| {
            let slug = id.parse::<Slug>().ok();
            let department =
                slug.and_then(|id| catalogue.department(&id).map(|one| one.name.clone()));
            department.unwrap_or_else(|| id.to_owned())
        };
        let names: Vec<String> = silent.iter().map(|id| name(id)).collect();
        self.figure("核对问了几项", report.asked as i64);
        self.figure("核对答了几项", report.answered as i64);
        self.say(format!(
            "  一键核对：问了 {} 项，答了 {} 项，没答复的部门：{}；说法不一致 {} 处",
            report.asked,
            report.answered,
            if names.is_empty() {
                "没有".to_owned()
            } else {
                names.join("、")
            },
            report.differences.len()
        ));
    }

    /// The household explains each difference, a person settles it.
    async fn settle(
        &mut self,
        family: &Family,
        id: VerificationId,
        report: &Report,
    ) -> Result<(), Trouble> {
        for (nth, difference) in report.differences.iter().enumerate() {
            if difference.settled.is_some() {
                continue;
            }
            let ctx = Who::Town.on(family.case, format!("story/{}/settle/{nth}", family.letter));
            // Whoever explains a difference by having forgotten says that the record is right.
            let words = "今年春天涨过一次工资，填表时忘了".to_owned();
            if difference.explanation.is_none() {
                self.app
                    .explain_difference(&ctx, id, nth, words.clone())
                    .await?;
            }
            let reason = "以部门数据为准计算，申请人不是有意隐瞒".to_owned();
            self.app
                .settle_difference(&ctx, id, (nth, false), reason.clone())
                .await?;
            self.say(format!(
                "  不一致：{}；本人说“{words}”；经办人认定：{reason}",
                self.category(&difference.category)
            ));
        }
        Ok(())
    }

    async fn survey(&mut self, family: &Family, step: &Step) -> Result<(), Trouble> {
        self.later(1)?;
        let people = [Who::Village(1), Who::Village(2)];
        let act = Act::Survey {
            step: step.id.clone(),
            ways: vec!["入户调查".to_owned()],
            found: "住房一套，家里一人上班，一个孩子上学，与申请一致".to_owned(),
            surveyors: people.iter().map(|who| who.actor()).collect(),
            household: Some(family.applicant),
        };
        let ctx = people[0].on(family.case, format!("story/{}/survey", family.letter));
        self.app.on_case(&ctx, family.case, act).await?;
        let day = self.today();
        self.say(format!("  {} 两人入户调查，两人和户里都签了字", plain(day)));
        Ok(())
    }

    async fn review(&mut self, family: &Family, step: &Step) -> Result<(), Trouble> {
        self.later(1)?;
        let says = "材料齐全，核对和调查已完成，报县里审核确认".to_owned();
        let act = Act::Review {
            step: step.id.clone(),
            says,
        };
        let ctx = Who::Town.on(family.case, format!("story/{}/review", family.letter));
        self.app.on_case(&ctx, family.case, act).await?;
        Ok(())
    }

    async fn publicise(&mut self, family: &Family, step: &Step) -> Result<(), Trouble> {
        let shown = step
            .shows
            .iter()
            .map(|field| (field.clone(), "（按规定只公示这一项）".to_owned()));
        let act = Act::Publicise {
            step: step.id.clone(),
            shown: shown.collect(),
        };
        let ctx = Who::Village(1).on(family.case, format!("story/{}/publicise", family.letter));
        self.app.on_case(&ctx, family.case, act).await?;
        let from = self.today();
        self.later(8)?;
        let act = Act::EndPublicity {
            step: step.id.clone(),
        };
        let ctx = Who::Village(1).on(family.case, format!("story/{}/publicised", family.letter));
        self.app.on_case(&ctx, family.case, act).await?;
        self.say(format!(
            "  {} 起公示 {} 项，满 7 天没有异议",
            plain(from),
            step.shows.len()
        ));
        Ok(())
    }

    /// Puts the engine's judgement on the file; says what it says.
    pub(super) async fn judge(
        &mut self,
        family: &Family,
        facts: Household,
    ) -> Result<Truth, Trouble> {
        let ctx = itself(
            Purpose::Case(family.case),
            format!("story/{}/judge", family.letter),
        );
        self.app.judge_case(&ctx, family.case, facts).await?;
        let look = Who::County.on(family.case, format!("story/{}/read", family.letter));
        let certificate = self.app.certificate_of(&look, family.case).await?;
        let told = &certificate.judgement;
        self.say(format!(
            "  按规定判断：{}（证书按政策包 {:.12} 可重放）",
            told.verdict.label(),
            certificate.pack_hash
        ));
        for condition in told
            .conditions
            .iter()
            .filter(|one| one.truth != Truth::True)
        {
            self.say(format!("    {}　{}", condition.says, condition.basis));
        }
        for line in &told.sum {
            self.say(format!("    {line}"));
        }
        // The same fact of several members is one line.
        let mut lacking: Vec<(String, Vec<usize>)> = Vec::new();
        for missing in &told.missing {
            let what = format!("{}（{}）", missing.label, self.why(&missing.why));
            let at = lacking.iter().position(|(one, _)| *one == what);
            let at = at.unwrap_or_else(|| {
                lacking.push((what, Vec::new()));
                lacking.len() - 1
            });
            lacking[at].1.extend(missing.member.map(|place| place + 1));
        }
        for (what, members) in lacking {
            let whose: Vec<String> = members.iter().map(usize::to_string).collect();
            let whose = match whose.is_empty() {
                true => String::new(),
                false => format!("第 {} 个人的", whose.join("、")),
            };
            self.say(format!("    还差：{whose}{what}"));
        }
        let differences = certificate
            .replay(&self.app.law().judge)
            .map_err(|why| Trouble::Other(why.to_string()))?;
        self.figure(
            &format!("{} 证书重放的差异", family.letter),
            differences.len() as i64,
        );
        // Read from the certificate: a decision already made has used the judgement up.
        Ok(match told.verdict {
            Verdict::Eligible => Truth::True,
            Verdict::Ineligible => Truth::False,
            Verdict::Undetermined => Truth::Undetermined,
        })
    }

    /// The facts the verification brought.
    pub(super) async fn facts(&mut self, family: &Family) -> Result<Household, Trouble> {
        let id = family
            .verification
            .ok_or_else(|| Trouble::Other("还没有核对".to_owned()))?;
        let ctx = Who::Town.on(family.case, format!("story/{}/facts", family.letter));
        Ok(self.app.verified_facts(&ctx, id).await?)
    }

    /// A person grants, with reasons.
    pub(super) async fn grant(&mut self, family: &Family) -> Result<(), Trouble> {
        let reasons = "核对、调查、公示都已完成，收入和财产符合规定".to_owned();
        let ruling = Ruling::Grant {
            amount: None,
            from: None,
            reasons,
        };
        let ctx = Who::County.on(family.case, format!("story/{}/grant", family.letter));
        self.app.decide_case(&ctx, family.case, ruling).await?;
        self.paid_from(family).await
    }

    async fn paid_from(&mut self, family: &Family) -> Result<(), Trouble> {
        let look = Who::County.on(family.case, format!("story/{}/decided", family.letter));
        let (case, _) = self.app.case(&look, family.case).await?;
        if case.phase == Phase::Granted {
            let ctx = itself(
                Purpose::Case(family.case),
                format!("story/{}/start", family.letter),
            );
            self.app
                .on_case(&ctx, family.case, Act::StartPaying)
                .await?;
        }
        let day = self.today();
        let amount = case.judgement.as_ref().and_then(|one| one.amount);
        let amount = amount.or_else(|| case.latest().and_then(|decision| decision.amount));
        let fen = amount.map_or(0, |amount| amount.fen());
        self.figure(&format!("{} 每月（分）", family.letter), fen);
        self.say(format!(
            "  {} 县里签字给予：每月 {} 元",
            plain(day),
            amount.map_or_else(|| "—".to_owned(), |amount| amount.to_string())
        ));
        Ok(())
    }

    fn who(&self, family: &Family) -> String {
        format!("{} 户", family.letter)
    }
}

/// What a family says of a department's field.
pub(super) fn declaration(
    person: PersonId,
    category: Slug,
    field: Slug,
    value: kernel::Money,
) -> Declaration {
    Declaration {
        person,
        category,
        says: Declared::Is {
            field,
            value: Value::Money(value),
        },
    }
}
