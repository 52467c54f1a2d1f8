//! From the first word to the county's desk.

use super::world::*;
use crate::*;
use kernel::*;

#[test]
fn an_application_goes_its_way_to_payment() {
    let mut world = World::new(dibao(), "2026-09-01");
    let stages: Vec<Stage> = {
        let mut seen = Vec::new();
        let mut see = |world: &World| seen.push(world.case.stage(&world.flow));
        see(world.submitted());
        see(world.does(town(), Act::Accept { tolerate: None }));
        see(world.checked());
        see(world.does(village(), survey()));
        world.does(village(), publicise()).on("2026-09-09");
        see(world.does(system(), end_publicity()));
        see(world.does(town(), opinion()));
        world.does(system(), judged(Truth::True));
        see(world.does(county(), granted(1)));
        see(world.does(system(), Act::StartPaying));
        seen
    };
    assert_eq!(
        stages,
        [
            Stage::Phase(Phase::Submitted),
            Stage::VerifyingAndSurveying,
            Stage::Surveying,
            Stage::Publicising,
            Stage::Reviewing,
            Stage::Deciding,
            Stage::Phase(Phase::Granted),
            Stage::Phase(Phase::Paying),
        ]
    );
    let standing = world.case.granted_in("2026-10".parse().unwrap()).unwrap();
    assert_eq!(standing.amount, Some(Money::from_fen(82_000)));
    assert_eq!(world.case.granted_in("2026-09".parse().unwrap()), None);
    // Folding the events again gives the same case, also through JSON.
    let mut again = Case::default();
    for event in &world.events {
        let text = serde_json::to_string(event).unwrap();
        again.apply(&serde_json::from_str(&text).unwrap());
    }
    assert_eq!(again, world.case);
    let text = serde_json::to_string(&world.case).unwrap();
    assert_eq!(serde_json::from_str::<Case>(&text).unwrap(), world.case);
}

#[test]
fn a_case_is_pinned_at_submission_and_stays_so() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.submitted();
    let pinned = world.case.pinned.clone().unwrap();
    assert_eq!(pinned.pack, "ab12");
    let missing = vec![MissingPaper {
        kind: slug("lease"),
        name: "租房合同".into(),
        why: "没有部门登记".into(),
    }];
    world.does(town(), Act::Return { missing }).on("2026-09-08");
    let newer = Act::Submit {
        pack: "cd34".into(),
        version: "2026-09-05".into(),
        consents: Vec::new(),
    };
    world.does(citizen(), newer);
    assert_eq!(world.case.pinned, Some(pinned));
}

#[test]
fn missing_papers_are_named_once_all_together() {
    let paper = |kind: &str, name: &str| MissingPaper {
        kind: slug(kind),
        name: name.into(),
        why: "没有部门能提供".into(),
    };
    let back = |missing| Act::Return { missing };
    let mut world = World::new(dibao(), "2026-09-01");
    world.submitted();
    assert_eq!(
        world.act(town(), back(Vec::new())),
        Err(Refusal::Blank("缺哪些材料"))
    );
    let both = vec![paper("lease", "租房合同"), paper("school", "学费收据")];
    world.does(town(), back(both)).does(citizen(), submit());
    // A paper not named the first time cannot be asked for now.
    assert_eq!(
        world.act(town(), back(vec![paper("photo", "照片")])),
        Err(Refusal::NoticeGiven("照片".into()))
    );
    assert_eq!(
        world.act(town(), Act::Accept { tolerate: None }),
        Err(Refusal::PapersMissing("租房合同、学费收据".into()))
    );
    world.does(town(), back(vec![paper("lease", "租房合同")]));
    let papers = vec![Paper {
        kind: slug("lease"),
        document: DocumentId(1),
    }];
    world.does(
        citizen(),
        Act::Fill {
            answers: Vec::new(),
            papers,
        },
    );
    world.does(citizen(), submit());
    let tolerate = Some("学校放假，开学补".to_owned());
    world.does(town(), Act::Accept { tolerate });
    assert_eq!(world.case.phase, Phase::Handling);
}

#[test]
fn every_adult_must_consent() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.opened();
    let one = Act::Submit {
        pack: "ab12".into(),
        version: "1".into(),
        consents: vec![consent(APPLICANT)],
    };
    assert_eq!(
        world.act(citizen(), one),
        Err(Refusal::ConsentMissing {
            count: 1,
            consents: "authorisation".into()
        })
    );
    world.does(citizen(), submit());
}

#[test]
fn only_the_household_or_an_officer_applies() {
    let flow = dibao();
    let mut world = World::new(flow.clone(), "2026-09-01");
    for (by, may) in [
        (stranger(), false),
        (machine(), false),
        (system(), false),
        (citizen(), true),
        (town(), true),
    ] {
        assert_eq!(world.would(by.clone(), open(&flow)).is_ok(), may, "{by:?}");
    }
    // 免申即享: where nobody needs to apply, the system prepares the case.
    world.flow.needs_application = false;
    let act = open(&world.flow);
    world.does(system(), act);
    world.does(system(), submit());
    assert_eq!(world.case.phase, Phase::Submitted);
}

#[test]
fn a_survey_needs_two_different_impartial_people_and_the_household() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.accepted();
    let went = |surveyors, household| Act::Survey {
        step: slug("survey"),
        ways: vec!["入户调查".into()],
        found: "住房一间".into(),
        surveyors,
        household,
    };
    let me = Some(PersonId(APPLICANT));
    let same_person = Actor {
        account: "another-account".into(),
        ..village()
    };
    let too_few = Refusal::TooFewPeople {
        needed: 2,
        present: 1,
    };
    for (surveyors, household, expected) in [
        (vec![village()], me, too_few.clone()),
        (vec![village(), same_person], me, too_few),
        (vec![village(), machine()], me, Refusal::NotAPerson),
        (vec![village(), stranger()], me, Refusal::NotAPerson),
        (
            vec![village(), village_two()],
            None,
            Refusal::HouseholdUnsigned,
        ),
        (
            vec![village(), village_two()],
            Some(PersonId(555)),
            Refusal::HouseholdUnsigned,
        ),
        (
            vec![town(), village_two()],
            me,
            Refusal::NotTheirs {
                act: "写调查结果"
            },
        ),
    ] {
        let act = went(surveyors, household);
        assert_eq!(world.act(village(), act), Err(expected));
    }
    world.relatives = vec![PersonId(2)];
    assert_eq!(world.act(village(), survey()), Err(Refusal::Relative));
    world.relatives.clear();
    world.does(village(), survey());
}

#[test]
fn a_registered_relative_stays_away_and_the_county_visits() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.accepted();
    let conflict = Conflict {
        official: PersonId(4),
        relative_of: PersonId(APPLICANT),
        relation: "表兄".into(),
    };
    world.does(county(), Act::RegisterConflict(conflict));
    world.checked().does(village(), survey());
    world.does(village(), publicise()).on("2026-09-10");
    world
        .does(system(), end_publicity())
        .does(town(), opinion());
    world.does(system(), judged(Truth::True));
    assert_eq!(world.act(county(), granted(1)), Err(Refusal::Relative));
    assert_eq!(
        world.act(county_two(), granted(1)),
        Err(Refusal::VisitNeeded)
    );
    let found = "与调查一致".to_owned();
    world.does(county_two(), Act::Visit { found });
    world.does(county_two(), granted(1));
}

#[test]
fn publicity_shows_only_what_is_declared_and_lasts_seven_full_days() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.accepted().checked().does(village(), survey());
    let illness = Act::Publicise {
        step: slug("publicity"),
        shown: vec![(slug("illness"), "某病".into())],
    };
    assert_eq!(
        world.act(village(), illness),
        Err(Refusal::NotForShow("illness".into()))
    );
    world.does(village(), publicise());
    for (day, over) in [
        ("2026-09-01", false),
        ("2026-09-07", false),
        ("2026-09-08", false), // the seventh full day itself
        ("2026-09-09", true),
    ] {
        world.on(day);
        assert_eq!(
            world.would(system(), end_publicity()).is_ok(),
            over,
            "{day}"
        );
    }
}

#[test]
fn an_objection_brings_a_new_survey() {
    for again in [false, true] {
        let mut flow = dibao();
        flow.steps[3].again = again;
        let mut world = World::new(flow, "2026-09-01");
        let object = || Act::Object {
            says: "他家有车".into(),
        };
        world.accepted();
        assert_eq!(world.act(stranger(), object()), Err(Refusal::NotPublicised));
        world.checked().does(village(), survey());
        world.does(village(), publicise()).on("2026-09-04");
        world.does(stranger(), object());
        assert_eq!(world.case.steps[&slug("survey")].round, 2);
        let settle = || Act::SettleObjection {
            objection: 0,
            upheld: false,
            found: "车是邻居的".into(),
        };
        assert_eq!(world.act(town(), settle()), Err(Refusal::SurveyFirst));
        world.does(village(), survey());
        if again {
            // the publicity starts again after the new survey
            world.on("2026-09-10");
            assert_eq!(
                world.act(system(), end_publicity()),
                Err(Refusal::NotPublicised)
            );
            world.does(village(), publicise());
        }
        world.on("2026-09-20").does(system(), end_publicity());
        world
            .does(town(), opinion())
            .does(system(), judged(Truth::True));
        assert_eq!(
            world.act(county(), granted(1)),
            Err(Refusal::ObjectionsOpen(1))
        );
        world.does(town(), settle());
        let found = "与调查一致".to_owned();
        world.does(county(), Act::Visit { found });
        world.does(county(), granted(1));
    }
}

#[test]
fn a_correction_drops_the_judgement_and_verifies_again() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.ripe().does(system(), judged(Truth::True));
    let answers = vec![Answer {
        field: slug("helpers"),
        about: None,
        value: AnswerValue::Money(Money::from_fen(20_000)),
        source: AnswerSource::Person,
    }];
    world.does(citizen(), Act::Correct { answers });
    assert_eq!(world.case.judgement, None);
    assert_eq!(world.case.stage(&world.flow), Stage::Verifying);
    assert_eq!(
        world.act(county(), granted(1)),
        Err(Refusal::StepNotOpen("审核确认".into()))
    );
    world.checked();
    assert_eq!(world.case.stage(&world.flow), Stage::Deciding);
    assert_eq!(world.act(county(), granted(1)), Err(Refusal::NotJudged));
}

#[test]
fn deadlines_count_working_days_and_never_guess() {
    let mut world = World::new(dibao(), "2026-09-28");
    world.accepted();
    let due = |world: &World, of| world.case.deadline(&of).map(|d| d.due.to_string());
    // 09-29, 09-30, then the holiday, 10-08 is the third working day
    let check = DeadlineFor::Step(slug("check"), 1);
    assert_eq!(due(&world, check.clone()).as_deref(), Some("2026-10-08"));
    let standing = |world: &World, day: &str| {
        let open = world.case.open_deadlines(day.parse().unwrap());
        open.iter().find(|(d, _)| d.of == check).map(|(_, s)| *s)
    };
    use DeadlineStanding::*;
    assert_eq!(standing(&world, "2026-09-29"), Some(OnTime));
    assert_eq!(standing(&world, "2026-10-05"), Some(DueSoon));
    assert_eq!(standing(&world, "2026-10-08"), Some(DueSoon));
    assert_eq!(standing(&world, "2026-10-09"), Some(Overdue));
    world.on("2026-10-09").checked();
    let met = world.case.deadline(&check).unwrap();
    assert_eq!(met.standing("2026-12-01".parse().unwrap()), MetLate);

    let before = due(&world, DeadlineFor::Total);
    let prolong = || Act::Prolong {
        reasons: "情况复杂".into(),
    };
    world.does(town(), prolong());
    assert!(due(&world, DeadlineFor::Total) > before);
    assert!(world.act(town(), prolong()).is_err());

    let mut late = World::new(dibao(), "2028-12-20");
    let refusal = late.submitted().act(town(), Act::Accept { tolerate: None });
    assert!(matches!(refusal, Err(Refusal::Calendar(_))), "{refusal:?}");
}

#[test]
fn small_fast_is_nothing_but_configuration() {
    let mut world = World::new(small_fast(), "2026-09-01");
    world.accepted();
    assert_eq!(world.case.stage(&world.flow), Stage::Deciding);
    let total = world.case.deadline(&DeadlineFor::Total).unwrap();
    assert_eq!(total.due.to_string(), "2026-09-04");
    world
        .does(town(), judged(Truth::True))
        .does(town(), granted(1));
    world.does(system(), Act::StartPaying);
}

#[test]
fn a_joint_case_runs_side_by_side_and_combines() {
    let mut world = World::new(joint(), "2026-09-01");
    world.accepted();
    let answer = |result| PartAnswer {
        result,
        decided_by: "医疗保障局 王五".into(),
        document_no: "医保〔2026〕7号".into(),
        reasons: "符合条件".into(),
        basis: "社会救助法 第二十四条".into(),
        remedy: vec!["60 日内申请行政复议".into()],
        at: at("2026-01-01").at,
    };
    let answers = |part, answer| Act::AnswerPart {
        part: slug(part),
        answer,
    };
    let due = |world: &World, part| {
        let of = DeadlineFor::Part(slug(part));
        world.case.deadline(&of).map(|d| d.due.to_string())
    };
    assert_eq!(due(&world, "medical_aid").as_deref(), Some("2026-09-15"));
    assert!(due(&world, "rent") > due(&world, "medical_aid"));
    let bare = PartAnswer {
        remedy: Vec::new(),
        basis: String::new(),
        ..answer(PartResult::Refused)
    };
    assert_eq!(
        world.act(machine(), answers("rent", bare)),
        Err(Refusal::AnswerIncomplete(
            "依据哪一条、怎样申请复议或起诉".into()
        ))
    );
    world.does(machine(), answers("rent", answer(PartResult::Refused)));
    // the system carries only what a person decided in one of our own cases
    let granted = || answer(PartResult::Granted);
    assert!(world.act(system(), answers("dibao", granted())).is_err());
    let link = Act::LinkPart {
        part: slug("dibao"),
        case: CaseId(2),
    };
    world.does(system(), link);
    // nobody answers past our own case
    for by in [machine(), town()] {
        assert!(matches!(
            world.act(by, answers("dibao", granted())),
            Err(Refusal::NotTheirs { .. })
        ));
    }
    world.does(system(), answers("dibao", granted()));
    assert_eq!(world.case.combined().open, [slug("medical_aid")]);
    world.does(machine(), answers("medical_aid", granted()));
    assert_eq!(world.case.phase, Phase::Completed);
    let combined = world.case.combined();
    assert_eq!(combined.granted, [slug("dibao"), slug("medical_aid")]);
    assert_eq!(combined.refused, [slug("rent")]);
    assert!(world.act(machine(), answers("rent", granted())).is_err());
}

#[test]
fn a_flow_with_faults_names_them_all() {
    let mut flow = dibao();
    flow.steps[2].people = 1;
    flow.steps[3].shows.clear();
    flow.steps[3].lasts = None;
    flow.steps[5].by = Role::System;
    flow.steps[5].not_same_as = vec![slug("nowhere")];
    flow.steps[4].after = Some(vec![slug("decide")]);
    flow.notices.remove(&NoticeKind::Granted);
    let refused = flow.notices.get_mut(&NoticeKind::Refused).unwrap();
    refused.remedy.clear();
    assert_eq!(flow.validate().len(), 8, "{:#?}", flow.validate());
    assert_eq!(ServiceFlow::new(slug("x"), "空").validate().len(), 2);
}
