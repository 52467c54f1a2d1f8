//! A small world to tell stories in: a flow like 低保, its people, a clock.

use crate::*;
use kernel::*;

pub(super) const APPLICANT: i64 = 100;
pub(super) const SPOUSE: i64 = 101;

pub(super) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

pub(super) fn calendar() -> WorkCalendar {
    let csv = "date,kind,name\n2026-10-01,holiday,国庆\n2026-10-02,holiday,国庆\n\
               2026-10-05,holiday,国庆\n2026-10-06,holiday,国庆\n2026-10-07,holiday,国庆\n\
               2026-10-10,workday,国庆\n2027-01-01,holiday,元旦\n2028-01-03,holiday,元旦\n";
    WorkCalendar::from_csv(csv).unwrap()
}

pub(super) fn at(day: &str) -> Now {
    let text = format!("{day}T02:00:00Z");
    Now {
        at: text.parse().unwrap(),
    }
}

fn actor(name: &str, person: i64, role: Role) -> Actor {
    Actor {
        account: name.into(),
        person: Some(PersonId(person)),
        role,
    }
}

pub(super) fn citizen() -> Actor {
    actor("zhang", APPLICANT, Role::Citizen)
}
pub(super) fn stranger() -> Actor {
    actor("qian", 900, Role::Citizen)
}
pub(super) fn village() -> Actor {
    actor("village", 1, Role::VillageWorker)
}
pub(super) fn village_two() -> Actor {
    actor("village2", 2, Role::VillageWorker)
}
pub(super) fn town() -> Actor {
    actor("town", 3, Role::TownOfficer)
}
pub(super) fn county() -> Actor {
    actor("county", 4, Role::CountyApprover)
}
pub(super) fn county_two() -> Actor {
    actor("county2", 5, Role::CountyApprover)
}
pub(super) fn machine() -> Actor {
    Actor {
        account: "psb".into(),
        person: None,
        role: Role::DepartmentMachine,
    }
}
pub(super) fn system() -> Actor {
    Actor {
        account: "system".into(),
        person: None,
        role: Role::System,
    }
}

pub(super) fn notice(kind: NoticeKind) -> Notice {
    Notice {
        kind,
        text: "您的申请有了结果。".into(),
        remedy: vec!["60 日内申请行政复议".into(), "6 个月内提起行政诉讼".into()],
    }
}

/// A flow like 低保: verification and survey side by side, publicity, opinion, decision.
pub(super) fn dibao() -> ServiceFlow {
    let mut flow = ServiceFlow::new(slug("dibao"), "最低生活保障");
    let step = |id, name: &str, kind, by| Step::new(slug(id), name, kind, by);
    let within = |mut step: Step, text: &str| {
        step.within = Some(text.parse().unwrap());
        step
    };
    let accept = step("accept", "受理", StepKind::Accept, Role::TownOfficer);
    let check = step("check", "核对", StepKind::Verify, Role::TownOfficer);
    let survey = step("survey", "入户调查", StepKind::Survey, Role::VillageWorker);
    let mut publicity = step(
        "publicity",
        "公示",
        StepKind::Publicity,
        Role::VillageWorker,
    );
    publicity.lasts = Some(Span::Days(7));
    publicity.shows = vec![slug("applicant"), slug("members_count")];
    let opinion = step("opinion", "初审意见", StepKind::Review, Role::TownOfficer);
    let mut decide = step("decide", "审核确认", StepKind::Decide, Role::CountyApprover);
    decide.not_same_as = vec![slug("survey")];
    decide.visit_if_conflict = true;
    flow.steps = vec![
        within(accept, "5 wd"),
        within(check, "3 wd"),
        within(survey, "10 wd"),
        publicity,
        opinion,
        within(decide, "10 wd"),
        step("pay", "发放", StepKind::Pay, Role::Finance),
    ];
    flow.consents = vec![ConsentRule {
        id: slug("authorisation"),
        who: ConsentBy::EveryAdult,
    }];
    flow.total = Some(Span::WorkingDays(30));
    flow.special = Some(Span::WorkingDays(45));
    flow.serve = Some(Span::WorkingDays(3));
    flow.review = Some(ReviewRule {
        every: Span::Months(12),
        otherwise: Some(Span::Months(6)),
    });
    flow.phase_out = Some(PhaseOutRule {
        months: 12,
        basis: Some("浙江省社会救助条例 第五十条".into()),
    });
    for kind in [
        NoticeKind::Granted,
        NoticeKind::Refused,
        NoticeKind::Reduced,
        NoticeKind::Stopped,
        NoticeKind::Recovered,
        NoticeKind::Terminated,
    ] {
        let rule = NoticeRule {
            says: "{applicant}，您的申请有了结果。".into(),
            after_hearing: false,
            remedy: notice(kind).remedy,
        };
        flow.notices.insert(kind, rule);
    }
    flow
}

/// 小额快救: no check, no publicity, three days; nothing but configuration.
pub(super) fn small_fast() -> ServiceFlow {
    let mut flow = ServiceFlow::new(slug("small_fast"), "小额快救");
    flow.steps = vec![
        Step::new(slug("accept"), "受理", StepKind::Accept, Role::TownOfficer),
        Step::new(slug("decide"), "救助", StepKind::Decide, Role::TownOfficer),
        Step::new(slug("pay"), "发放", StepKind::Pay, Role::Finance),
    ];
    flow.total = Some(Span::Days(3));
    flow.notices = dibao().notices;
    flow
}

/// 困难群众救助“一件事”: two departments side by side.
pub(super) fn joint() -> ServiceFlow {
    let mut flow = ServiceFlow::new(slug("one_thing"), "困难群众救助一件事");
    let mut step = Step::new(slug("parts"), "联办", StepKind::Joint, Role::TownOfficer);
    let part = |id, name: &str, department, days| PartRule {
        id: slug(id),
        name: name.into(),
        department: slug(department),
        within: Some(Span::WorkingDays(days)),
        basis: None,
    };
    step.parts = vec![
        part("medical_aid", "医疗救助", "nhsa", 10),
        part("rent", "租赁补贴", "hud", 20),
        part("dibao", "最低生活保障", "mca", 30),
    ];
    let accept = Step::new(slug("accept"), "受理", StepKind::Accept, Role::TownOfficer);
    flow.steps = vec![accept, step];
    flow
}

pub(super) struct World {
    pub(super) case: Case,
    pub(super) flow: ServiceFlow,
    pub(super) calendar: WorkCalendar,
    pub(super) relatives: Vec<PersonId>,
    pub(super) held: Vec<Held>,
    pub(super) now: Now,
    pub(super) events: Vec<Event>,
}

impl World {
    pub(super) fn new(flow: ServiceFlow, day: &str) -> Self {
        assert_eq!(flow.validate(), Vec::new());
        World {
            case: Case::default(),
            flow,
            calendar: calendar(),
            relatives: Vec::new(),
            held: Vec::new(),
            now: at(day),
            events: Vec::new(),
        }
    }

    /// The events an act would yield, without doing it.
    pub(super) fn would(&self, by: Actor, act: Act) -> Result<Vec<Event>, Refusal> {
        let config = Config {
            flow: &self.flow,
            calendar: &self.calendar,
            relatives: &self.relatives,
            held: &self.held,
        };
        decide(&self.case, Command { by, act }, &config, self.now)
    }

    pub(super) fn act(&mut self, by: Actor, act: Act) -> Result<(), Refusal> {
        for event in self.would(by, act)? {
            self.case.apply(&event);
            self.events.push(event);
        }
        Ok(())
    }

    #[track_caller]
    pub(super) fn does(&mut self, by: Actor, act: Act) -> &mut Self {
        if let Err(refusal) = self.act(by, act.clone()) {
            panic!("{act:?}: {refusal}");
        }
        self
    }

    pub(super) fn on(&mut self, day: &str) -> &mut Self {
        self.now = at(day);
        self
    }

    pub(super) fn opened(&mut self) -> &mut Self {
        let act = open(&self.flow);
        self.does(citizen(), act)
    }

    pub(super) fn submitted(&mut self) -> &mut Self {
        self.opened().does(citizen(), submit())
    }

    pub(super) fn accepted(&mut self) -> &mut Self {
        self.submitted()
            .does(town(), Act::Accept { tolerate: None })
    }

    pub(super) fn checked(&mut self) -> &mut Self {
        self.does(system(), start_check())
            .does(system(), finish_check())
    }

    /// Everything done but the decision; ends on 2026-09-10.
    pub(super) fn ripe(&mut self) -> &mut Self {
        self.accepted().checked().does(village(), survey());
        self.does(village(), publicise()).on("2026-09-10");
        self.does(system(), end_publicity()).does(town(), opinion())
    }

    pub(super) fn paying(&mut self) -> &mut Self {
        self.ripe().does(system(), judged(Truth::True));
        self.does(county(), granted(1))
            .does(system(), Act::StartPaying)
    }
}

pub(super) fn open(flow: &ServiceFlow) -> Act {
    let adult = |person| Member {
        person: PersonId(person),
        adult: true,
    };
    let child = Member {
        person: PersonId(102),
        adult: false,
    };
    Act::Open(Opened {
        case: CaseId(1),
        service: flow.service.clone(),
        applicant: PersonId(APPLICANT),
        beneficiary: PersonId(APPLICANT),
        household: HouseholdId(1),
        members: vec![adult(APPLICANT), adult(SPOUSE), child],
        region: "330482001001".parse().unwrap(),
        channel: Channel::Online,
        part_of: None,
    })
}

pub(super) fn consent(person: i64) -> Consent {
    Consent {
        consent: slug("authorisation"),
        person: PersonId(person),
        authorisation: Some(AuthorisationId(person)),
    }
}

pub(super) fn submit() -> Act {
    Act::Submit {
        pack: "ab12".into(),
        version: "2026-07-01".into(),
        consents: vec![consent(APPLICANT), consent(SPOUSE)],
    }
}

pub(super) fn start_check() -> Act {
    Act::StartVerification {
        step: slug("check"),
        verification: VerificationId(9),
    }
}

pub(super) fn finish_check() -> Act {
    Act::FinishVerification {
        step: slug("check"),
        verification: VerificationId(9),
        says: "没有出入".into(),
    }
}

pub(super) fn survey() -> Act {
    Act::Survey {
        step: slug("survey"),
        ways: vec!["入户调查".into()],
        found: "住房一间，家具简单".into(),
        surveyors: vec![village(), village_two()],
        household: Some(PersonId(APPLICANT)),
    }
}

pub(super) fn publicise() -> Act {
    Act::Publicise {
        step: slug("publicity"),
        shown: vec![
            (slug("applicant"), "张某".into()),
            (slug("members_count"), "3".into()),
        ],
    }
}

pub(super) fn end_publicity() -> Act {
    Act::EndPublicity {
        step: slug("publicity"),
    }
}

pub(super) fn opinion() -> Act {
    Act::Review {
        step: slug("opinion"),
        says: "建议给予".into(),
    }
}

pub(super) fn judgement(verdict: Truth) -> Judgement {
    Judgement {
        verdict,
        certificate: "c1".into(),
        failed: match verdict {
            Truth::False => vec![slug("income")],
            _ => Vec::new(),
        },
        missing: match verdict {
            Truth::Undetermined => vec![slug("deposits")],
            _ => Vec::new(),
        },
        amount: (verdict == Truth::True).then(|| Money::from_fen(82_000)),
        gives_way: None,
        review_sooner: false,
    }
}

pub(super) fn judged(verdict: Truth) -> Act {
    Act::Judge(judgement(verdict))
}

pub(super) fn judged_amount(fen: i64) -> Act {
    Act::Judge(Judgement {
        amount: Some(Money::from_fen(fen)),
        ..judgement(Truth::True)
    })
}

pub(super) fn grant(fen: i64) -> Proposal {
    Proposal::Grant {
        amount: Some(Money::from_fen(fen)),
        from: "2026-10".parse().unwrap(),
        reasons: "收入低于标准".into(),
        notice: notice(NoticeKind::Granted),
    }
}

pub(super) fn granted(id: i64) -> Act {
    Act::Decide {
        decision: DecisionId(id),
        proposal: grant(82_000),
    }
}

pub(super) fn draft(kind: AdverseKind) -> AdverseDraft {
    AdverseDraft {
        kind,
        cause: match kind {
            AdverseKind::Recover | AdverseKind::Terminate => Cause::Conduct,
            _ => Cause::Conditions,
        },
        rules: vec![RuleReference {
            rule: slug("income"),
            says: "平均每人每月 1012.00 元，没有低于 860.00 元的标准".into(),
            basis: "57号 第四条".into(),
        }],
        evidence: vec![EvidenceReference {
            what: "工资薪金个税".into(),
            source: "税务局".into(),
            as_of: None,
            reference: "tax-7".into(),
        }],
        reasons: "收入超过标准".into(),
        notice: notice(kind.notice()),
        from: Some("2026-12".parse().unwrap()),
        amount: match kind {
            AdverseKind::Reduce => Some(Money::from_fen(50_000)),
            AdverseKind::Recover => Some(Money::from_fen(10_000)),
            _ => None,
        },
        phase_out_months: 0,
    }
}

pub(super) fn adverse(id: i64, draft: AdverseDraft) -> Act {
    Act::Decide {
        decision: DecisionId(id),
        proposal: Proposal::Adverse(draft),
    }
}

pub(super) fn served(day: &str) -> Act {
    Act::ServeIntent {
        on: day.parse().unwrap(),
        how: "当面送达".into(),
    }
}
