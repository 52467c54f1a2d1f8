//! Tables over small sheets: counting, skipping, disagreement, confirming, drawing.

use super::*;
use kernel::{
    Actor, AssessmentId, BodyId, DrawId, Now, PersonId, Provenance, Refuse as _, Role, Slug,
};
use std::collections::{BTreeMap, BTreeSet};

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn now(day: &str) -> Now {
    Now {
        at: format!("{day}T02:00:00Z").parse().unwrap(),
    }
}

fn actor(person: i64) -> Actor {
    Actor {
        account: format!("a{person}"),
        person: Some(PersonId(person)),
        role: Role::TownOfficer,
    }
}

fn question(id: &str, most: i64) -> Question {
    let options = (0..=most)
        .rev()
        .map(|points| (points, format!("{points} 分")));
    Question {
        id: slug(id),
        section: slug("body"),
        asks: id.to_owned(),
        help: None,
        value: Value::Choice(options.collect()),
        evidence: Evidence::None,
        only: None,
        skipped: None,
        mend_days: None,
    }
}

fn points(least: i64, most: i64) -> Range<Points> {
    Range {
        least: Points::whole(least),
        most: Points::whole(most),
    }
}

fn band(id: &str, least: i64, most: i64) -> Band {
    Band {
        id: slug(id),
        name: id.to_owned(),
        range: Some(points(least, most)),
    }
}

/// Two questions of 4 points, a flag that moves the grade.
fn sheet(settle: Settle) -> Sheet {
    let flag = Question {
        section: slug("state"),
        ..question("coma", 1)
    };
    let section = |id: &str| Section {
        id: slug(id),
        name: id.to_owned(),
    };
    Sheet {
        id: slug("small"),
        name: "小表".to_owned(),
        version: "2026".to_owned(),
        about: About::Person,
        assessors: 2,
        settle,
        valid_months: Some(12),
        appeal_days: 10,
        sections: vec![section("body"), section("state")],
        questions: vec![question("eating", 4), question("walking", 4), flag],
        measures: vec![Measure {
            id: slug("total"),
            name: "总分".to_owned(),
            take: Take::Sum(vec![slug("body")]),
            start: 0,
            percent: 100,
            least: None,
            most: None,
            levels: Vec::new(),
        }],
        grading: Grading::Bands { of: slug("total") },
        bands: vec![band("good", 6, 8), band("fair", 3, 5), band("poor", 0, 2)],
        adjusts: vec![Adjust {
            id: slug("coma_worst"),
            when: Test(vec![Atom {
                of: slug("coma"),
                least: Some(1),
                most: None,
            }]),
            shift: Shift::To(2),
            says: "昏迷".to_owned(),
            basis: "C.4".to_owned(),
            provenance: Provenance::Standard,
        }],
        draw: None,
        basis: "试验".to_owned(),
        provenance: Provenance::Assumed,
    }
}

fn answers(of: &[(&str, i64)]) -> Answers {
    let each = of.iter().map(|(id, value)| (slug(id), Answer::of(*value)));
    each.collect()
}

fn whole(eating: i64, walking: i64) -> Answers {
    answers(&[("eating", eating), ("walking", walking), ("coma", 0)])
}

struct Play {
    sheet: Sheet,
    state: Option<Assessment>,
    known: Known,
    day: &'static str,
}

impl Play {
    fn new(settle: Settle) -> Play {
        let mut play = Play {
            sheet: sheet(settle),
            state: None,
            known: Known::default(),
            day: "2026-07-01",
        };
        let opened = Opened {
            id: AssessmentId(1),
            sheet: SheetRef {
                id: slug("small"),
                version: "2026".to_owned(),
                pack: "abc".to_owned(),
            },
            subject: Subject::Person(PersonId(100)),
            region: "330482001001".parse().unwrap(),
            reason: "首次评估".to_owned(),
            reviews: None,
            barred: BTreeSet::from([PersonId(77)]),
            drawn: BTreeSet::new(),
            given: Given::new(),
            stamp: Stamp {
                by: actor(1),
                at: now("2026-07-01").at,
            },
        };
        play.does(1, Command::Open(Box::new(opened))).unwrap();
        play
    }

    fn does(&mut self, who: i64, command: Command) -> Result<Vec<Event>, Refusal> {
        let events = decide(
            self.state.as_ref(),
            command,
            &actor(who),
            &self.known,
            &self.sheet,
            now(self.day),
        )?;
        for event in &events {
            match (&mut self.state, event) {
                (Some(state), event) => state.apply(event),
                (None, Event::Opened(opened)) => {
                    self.state = Some(Assessment::new(Opened::clone(opened)));
                }
                _ => unreachable!("opens first"),
            }
        }
        Ok(events)
    }

    fn fill(&mut self, who: i64, answers: Answers) -> Result<Vec<Event>, Refusal> {
        self.does(
            who,
            Command::Fill {
                answers,
                reason: None,
            },
        )
    }

    fn signs(&mut self, who: i64, answers: Answers) {
        self.fill(who, answers).unwrap();
        self.does(who, Command::Sign).unwrap();
    }

    fn no(&mut self, who: i64, command: Command) -> &'static str {
        self.does(who, command).unwrap_err().code()
    }

    fn phase(&self) -> Phase {
        self.state.as_ref().unwrap().phase(&self.sheet)
    }
}

#[test]
fn d31_two_who_agree_give_a_grade_that_a_third_person_confirms() {
    let mut play = Play::new(Settle::Joint);
    assert_eq!(play.no(1, Command::Sign), "assessment.nothing_written");
    play.signs(1, whole(4, 1));
    assert_eq!(play.phase(), Phase::Filling);
    assert_eq!(play.no(9, Command::Confirm), "assessment.not_graded");
    play.signs(2, whole(4, 1));
    assert_eq!(play.phase(), Phase::Graded);
    assert_eq!(play.no(2, Command::Confirm), "assessment.same_person");
    play.does(9, Command::Confirm).unwrap();
    let state = play.state.as_ref().unwrap();
    let confirmed = state.confirmed.as_ref().unwrap();
    assert_eq!(confirmed.certificate.sheet.version, "2026");
    assert_eq!(confirmed.certificate.band.0.as_str(), "fair");
    assert_eq!(confirmed.certificate.outcome.score, Points::whole(5));
    assert_eq!(confirmed.certificate.assessors.len(), 2);
    assert_eq!(confirmed.until.unwrap().to_string(), "2027-06-30");
    assert_eq!(state.grade_on("2027-06-30".parse().unwrap()), Some(1));
    assert_eq!(state.grade_on("2027-07-01".parse().unwrap()), None);
}

#[test]
fn missing_is_not_zero_and_unknown_answers_are_refused() {
    let mut play = Play::new(Settle::Joint);
    let told = play.fill(1, answers(&[("eating", 5)])).unwrap_err();
    assert_eq!(told.code(), "assessment.no_such_answer");
    let told = play.fill(1, answers(&[("flying", 1)])).unwrap_err();
    assert_eq!(told.code(), "assessment.no_such_question");
    play.fill(1, answers(&[("eating", 4)])).unwrap();
    let told = play.does(1, Command::Sign).unwrap_err();
    assert_eq!(told.to_string(), "还有 2 题没有答，先答“walking”");
    let sheet = sheet(Settle::Joint);
    assert_eq!(
        grade(&sheet, &answers(&[("eating", 4)]), &Given::new()),
        None
    );
}

#[test]
fn nobody_assesses_himself_his_own_or_what_he_assessed_before() {
    let mut play = Play::new(Settle::Joint);
    assert_eq!(
        play.fill(100, whole(4, 4)).unwrap_err().code(),
        "assessment.conflict"
    );
    play.known.relatives.insert(PersonId(5));
    assert_eq!(
        play.fill(5, whole(4, 4)).unwrap_err().code(),
        "assessment.conflict"
    );
    assert_eq!(
        play.fill(77, whole(4, 4)).unwrap_err().code(),
        "assessment.assessed_before"
    );
    play.signs(1, whole(4, 4));
    play.signs(2, whole(4, 4));
    assert_eq!(play.no(5, Command::Confirm), "assessment.conflict");
}

#[test]
fn assessors_who_differ_settle_it_together_with_a_reason() {
    let mut play = Play::new(Settle::Joint);
    play.signs(1, whole(4, 1));
    play.signs(2, whole(4, 3));
    assert_eq!(play.phase(), Phase::Disputed);
    let state = play.state.as_ref().unwrap();
    assert_eq!(state.disputed(&play.sheet), [slug("walking")]);
    assert_eq!(play.no(9, Command::Confirm), "assessment.not_graded");
    // Not without a reason; a third has nothing to do here.
    assert_eq!(
        play.fill(1, whole(4, 3)).unwrap_err().code(),
        "assessment.no_reason"
    );
    assert_eq!(
        play.fill(3, whole(4, 3)).unwrap_err().code(),
        "assessment.enough"
    );
    let again = Command::Fill {
        answers: whole(4, 3),
        reason: Some("一起又看了一遍，能自己走".to_owned()),
    };
    play.does(1, again).unwrap();
    assert_eq!(
        play.phase(),
        Phase::Filling,
        "the change took the signature away"
    );
    play.does(1, Command::Sign).unwrap();
    assert_eq!(play.phase(), Phase::Graded);
}

#[test]
fn a_third_decides_what_two_differ_in_and_nothing_else() {
    let mut play = Play::new(Settle::Third);
    play.signs(1, whole(4, 1));
    assert_eq!(play.no(1, Command::Sign), "assessment.signed_already");
    play.signs(2, whole(4, 3));
    let told = play.fill(3, whole(1, 2)).unwrap_err();
    assert_eq!(told.to_string(), "第三人只评意见不一的题：walking");
    play.fill(3, Answers::new()).unwrap();
    assert_eq!(play.no(3, Command::Sign), "assessment.missing");
    play.fill(3, answers(&[("walking", 2)])).unwrap();
    play.does(3, Command::Sign).unwrap();
    assert_eq!(play.phase(), Phase::Graded);
    let outcome = play.state.as_ref().unwrap().outcome(&play.sheet).unwrap();
    assert_eq!(outcome.score, Points::whole(6));
    assert_eq!(
        play.fill(4, Answers::new()).unwrap_err().code(),
        "assessment.enough"
    );
    assert_eq!(play.no(3, Command::Confirm), "assessment.same_person");
}

#[test]
fn reviewers_marks_are_averaged_to_the_hundredth() {
    let mut play = Play::new(Settle::Mean);
    play.sheet.assessors = 3;
    for (who, eating) in [(1, 4), (2, 3), (3, 3)] {
        play.signs(who, whole(eating, 2));
    }
    let outcome = play.state.as_ref().unwrap().outcome(&play.sheet);
    // 16 / 3 falls between whole bands: no grade, and the loader refuses such a sheet.
    assert_eq!(outcome, None);
    assert!(!prove(&play.sheet).is_empty());
    play.sheet.bands = vec![
        Band {
            range: Some(Range {
                least: Points(534),
                most: Points(800),
            }),
            ..band("good", 0, 0)
        },
        Band {
            range: Some(Range {
                least: Points(0),
                most: Points(533),
            }),
            ..band("fair", 0, 0)
        },
    ];
    play.sheet.adjusts.clear();
    assert_eq!(prove(&play.sheet), []);
    let outcome = play.state.as_ref().unwrap().outcome(&play.sheet).unwrap();
    assert_eq!((outcome.score, outcome.grade), (Points(533), 1));
}

#[test]
fn an_override_needs_a_reason_and_a_second_person() {
    let mut play = Play::new(Settle::Joint);
    play.signs(1, whole(4, 4));
    play.signs(2, whole(4, 4));
    let over = |reason: &str| Command::Override {
        to: slug("fair"),
        reason: reason.to_owned(),
    };
    assert_eq!(play.no(8, over("")), "assessment.no_reason");
    play.does(8, over("近期病情加重，有诊断")).unwrap();
    assert_eq!(play.no(8, Command::Confirm), "assessment.same_person");
    play.does(9, Command::Confirm).unwrap();
    let confirmed = play.state.as_ref().unwrap().confirmed.as_ref().unwrap();
    assert_eq!(
        confirmed.certificate.outcome.grade, 0,
        "what was counted stays"
    );
    assert_eq!(confirmed.certificate.grade, 1);
}

#[test]
fn an_appeal_has_its_days_and_another_assessment_looks_again() {
    let mut play = Play::new(Settle::Joint);
    let appeal = || Command::Appeal {
        reason: "那天生病了".to_owned(),
    };
    assert_eq!(play.no(100, appeal()), "assessment.not_in_force");
    play.signs(1, whole(4, 4));
    play.signs(2, whole(4, 4));
    play.does(9, Command::Confirm).unwrap();
    assert_eq!(
        play.fill(1, whole(1, 1)).unwrap_err().code(),
        "assessment.in_force"
    );
    let mut late = Play {
        state: play.state.clone(),
        sheet: play.sheet.clone(),
        known: Known::default(),
        day: "2026-07-12",
    };
    assert_eq!(late.no(100, appeal()), "assessment.too_late");
    play.day = "2026-07-11";
    play.does(100, appeal()).unwrap();
    assert_eq!(play.phase(), Phase::Appealed);
    assert_eq!(play.no(100, appeal()), "assessment.appealed_already");
    let again = AssessmentId(2);
    play.does(9, Command::LookAgain { again }).unwrap();
    play.does(9, Command::Replace { by: again }).unwrap();
    assert_eq!(play.phase(), Phase::Replaced);
    let today = "2026-07-12".parse().unwrap();
    assert_eq!(play.state.as_ref().unwrap().grade_on(today), None);
}

#[test]
fn no_grade_without_the_sheets_version() {
    let play = Play::new(Settle::Joint);
    let opened = play.state.unwrap().opened;
    let tries = |opened: Opened| {
        let open = Command::Open(Box::new(opened));
        let told = decide(
            None,
            open,
            &actor(1),
            &Known::default(),
            &play.sheet,
            now("2026-07-01"),
        );
        told.unwrap_err().code()
    };
    let mut none = opened.clone();
    none.sheet.version = String::new();
    assert_eq!(tries(none), "assessment.no_version");
    let mut other = opened;
    other.sheet.version = "2020".to_owned();
    assert_eq!(tries(other), "assessment.other_sheet");
}

#[test]
fn a_skipped_question_counts_what_the_sheet_says() {
    let mut sheet = sheet(Settle::Joint);
    sheet.questions[1].only = Some(Test(vec![Atom {
        of: slug("eating"),
        least: Some(1),
        most: None,
    }]));
    assert_eq!(prove(&sheet).len(), 1, "it does not say what it counts");
    sheet.questions[1].skipped = Some(0);
    assert_eq!(prove(&sheet), []);
    let some = answers(&[("eating", 0), ("coma", 0)]);
    let outcome = grade(&sheet, &some, &Given::new()).unwrap();
    assert_eq!(outcome.score, Points(0));
    let some = answers(&[("coma", 0)]);
    let open: Vec<&str> = missing(&sheet, &some)
        .iter()
        .map(|q| q.id.as_str())
        .collect();
    assert_eq!(open, ["eating"], "whether the next is asked is not known");
}

#[test]
fn a_sheet_with_gaps_or_overlaps_is_refused() {
    type Spoil = fn(&mut Sheet);
    let cases: &[(Spoil, &str)] = &[
        (|s| s.bands[1] = band("fair", 3, 4), "4 和 5 之间有空"),
        (|s| s.bands[1] = band("fair", 3, 6), "6 分写进了两档"),
        (|s| s.bands[0] = band("good", 6, 9), "最多 8 分，写到了 9"),
        (|s| s.bands[2] = band("poor", 1, 2), "最少 0 分，只写到 1"),
        (|s| s.version.clear(), "评估表要写版本"),
        (|s| s.adjusts[0].basis.clear(), "调整要写条款"),
        (
            |s| s.measures[0].take = Take::Sum(vec![slug("soul")]),
            "没有叫 `soul`",
        ),
    ];
    for (spoil, says) in cases {
        let mut sheet = sheet(Settle::Joint);
        assert_eq!(prove(&sheet), []);
        spoil(&mut sheet);
        let told = prove(&sheet);
        assert!(
            told.iter().any(|one| one.says.contains(says)),
            "{says}: {told:?}"
        );
    }
}

#[test]
fn shares_are_exact_and_rounded_half_up() {
    assert_eq!(Points::whole(85).share(30), Points(2550));
    assert_eq!(Points(8533).share(50), Points(4267));
    assert_eq!(
        Points::mean(&[Points::whole(1), Points::whole(2)]),
        Some(Points(150))
    );
    assert_eq!(Points::mean(&[Points(1), Points(2)]), Some(Points(2)));
    assert_eq!(Points::mean(&[]), None);
    assert_eq!(Points(4267).to_string(), "42.67");
    assert_eq!(Points(-150).to_string(), "-1.5");
}

#[test]
fn equal_scores_share_a_place() {
    let scores = [("a", 80), ("b", 90), ("c", 80), ("d", 70)];
    let placed = rank(scores.map(|(who, n)| (who, Points::whole(n))).to_vec());
    let places: Vec<(usize, &str, usize)> = placed
        .iter()
        .map(|one| (one.place, one.who, one.shared))
        .collect();
    assert_eq!(places, [(1, "b", 1), (2, "a", 2), (2, "c", 2), (4, "d", 1)]);
}

#[test]
fn f12_what_was_found_is_closed_with_proof_by_another_person() {
    let mut play = Play::new(Settle::Joint);
    play.sheet.assessors = 1;
    play.sheet.questions[0].evidence = Evidence::Below;
    play.sheet.questions[0].mend_days = Some(15);
    play.fill(1, whole(2, 4)).unwrap();
    assert_eq!(play.no(1, Command::Sign), "assessment.no_evidence");
    let mut some = whole(2, 4);
    some.get_mut("eating").unwrap().evidence = "灶台没有检修记录".to_owned();
    play.signs(1, some);
    play.does(9, Command::Confirm).unwrap();
    let question = slug("eating");
    let one = play.state.as_ref().unwrap().mendings[0].clone();
    assert_eq!(one.due.to_string(), "2026-07-16");
    assert_eq!(one.found, "灶台没有检修记录");
    assert!(one.overdue("2026-07-17".parse().unwrap()));
    let close = || Command::Close {
        question: slug("eating"),
    };
    assert_eq!(play.no(9, close()), "assessment.no_proof");
    let answer = |proof: &str| Command::Answer {
        question: slug("eating"),
        proof: proof.to_owned(),
    };
    assert_eq!(play.no(4, answer(" ")), "assessment.no_proof");
    play.does(4, answer("已检修，记录第 3 页")).unwrap();
    assert_eq!(play.no(4, close()), "assessment.same_person");
    play.does(9, close()).unwrap();
    assert!(play.state.as_ref().unwrap().mendings[0].closed());
    assert_eq!(
        play.no(
            9,
            Command::SendBack {
                question,
                reason: "再看".to_owned()
            }
        ),
        "assessment.mended_already"
    );
}

fn sortition() -> Sortition {
    let class = |id: &str, percent| (slug(id), (id.to_owned(), percent));
    Sortition {
        classes: BTreeMap::from([class("a", 2), class("d", 20)]),
        inspectors: 2,
        public_days: 20,
        basis: "试验".to_owned(),
        provenance: Provenance::Assumed,
    }
}

fn list(inspectors: i64) -> DrawList {
    let lots = (1..=60).map(|n| Lot {
        body: BodyId(n),
        name: format!("单位{n}"),
        class: slug(if n <= 30 { "a" } else { "d" }),
        people: BTreeSet::from([PersonId(n % 3 + 1)]),
    });
    let inspectors = (1..=inspectors).map(|n| Inspector {
        person: PersonId(n),
        name: format!("检查人{n}"),
        declared: BTreeMap::from([(BodyId(n + 30), "同学开的".to_owned())]),
    });
    DrawList {
        id: DrawId(1),
        sheet: SheetRef {
            id: slug("spot"),
            version: "2026".to_owned(),
            pack: "abc".to_owned(),
        },
        region: "330482".parse().unwrap(),
        name: "第一次".to_owned(),
        lots: lots.collect(),
        inspectors: inspectors.collect(),
        frozen: None,
        drawn: None,
        picks: Vec::new(),
    }
}

fn draws(list: &mut DrawList, command: DrawCommand) -> Result<(), Refusal> {
    let rules = sortition();
    let events = decide_draw(list, command, &actor(50), Some(&rules), now("2026-07-01"))?;
    events.iter().for_each(|event| list.apply(event));
    Ok(())
}

#[test]
fn f12_a_draw_has_a_seed_is_made_once_and_can_be_made_again_by_anybody() {
    let seed = || DrawCommand::Draw {
        seed: "7f1b6c0e5d2a49388c1e".to_owned(),
    };
    let mut one = list(6);
    assert_eq!(draws(&mut one, seed()).unwrap_err(), Refusal::NotFrozen);
    draws(&mut one, DrawCommand::Freeze).unwrap();
    assert_eq!(
        draws(&mut one, DrawCommand::Freeze).unwrap_err(),
        Refusal::Frozen
    );
    let short = DrawCommand::Draw {
        seed: " 1 ".to_owned(),
    };
    assert_eq!(draws(&mut one, short).unwrap_err(), Refusal::NoSeed);
    // A list changed after it was frozen is not drawn from.
    let mut changed = one.clone();
    changed.lots.pop();
    assert_eq!(draws(&mut changed, seed()).unwrap_err(), Refusal::Frozen);
    draws(&mut one, seed()).unwrap();
    assert_eq!(draws(&mut one, seed()).unwrap_err(), Refusal::DrawnAlready);
    // 2 % of 30 is at least one; 20 % of 30 is six.
    assert_eq!(one.picks.len(), 7);
    let (_, kept) = one.drawn.clone().unwrap();
    assert_eq!(redraw(&one, &sortition(), &kept), one.picks);
    let other = redraw(&one, &sortition(), "7f1b6c0e5d2a49388c1f");
    assert_ne!(other, one.picks, "another seed, another draw");
    for pick in &one.picks {
        let lot = one.lots.iter().find(|lot| lot.body == pick.body).unwrap();
        assert_eq!(pick.inspectors.len(), 2);
        let out: BTreeSet<PersonId> = pick.left_out.iter().map(|(who, _)| *who).collect();
        assert!(
            !out.is_empty(),
            "each has somebody of its own among the inspectors"
        );
        assert!(
            pick.inspectors
                .iter()
                .all(|who| !out.contains(who) && !lot.people.contains(who))
        );
    }
    // The key is what a command line gives: printf 'SEED/body N' | sha256sum
    assert_eq!(
        draw_key("abc", "body 1"),
        "607853ed8ab7eaa42be721004b39364a1f047f1670197f5633a33e5d0b7f0921"
    );
}

#[test]
fn f12_inspectors_share_the_work_and_too_few_are_told_before_the_seed() {
    let mut one = list(3);
    let told = draws(&mut one, DrawCommand::Freeze).unwrap_err();
    assert_eq!(told.code(), "assessment.too_few_inspectors");
    let mut one = list(8);
    draws(&mut one, DrawCommand::Freeze).unwrap();
    for seed in 0..200 {
        let picks = redraw(&one, &sortition(), &format!("seed-number-{seed:08}"));
        let mut load: BTreeMap<PersonId, usize> = BTreeMap::new();
        for who in picks.iter().flat_map(|pick| &pick.inspectors) {
            *load.entry(*who).or_default() += 1;
        }
        assert!(load.values().max().unwrap() <= &3, "{load:?}");
    }
}

#[test]
fn f12_over_many_seeds_everybody_is_drawn_alike() {
    let one = list(8);
    let mut times: BTreeMap<BodyId, usize> = BTreeMap::new();
    for seed in 0..2000 {
        for pick in redraw(&one, &sortition(), &format!("seed-number-{seed:08}")) {
            *times.entry(pick.body).or_default() += 1;
        }
    }
    // Class d: 6 of 30 in 2000 draws is 400 each; five standard deviations are 90.
    for body in 31..=60 {
        let drawn = times[&BodyId(body)];
        assert!((310..=490).contains(&drawn), "{body}: {drawn}");
    }
}
