//! D31, D12, F12: a sheet that a pack alone adds, carried from opening to appeal; a
//! draw to closed findings. On both databases.

use super::*;
use crate::Law;
use crate::case::tests::town::*;
use engine_access::Purpose;
use engine_assessment::{Answer, Answers, Command, Phase};
use kernel::{Actor, AssessmentId, Role};
use store::testing::both;

/// A sheet nobody in Rust has heard of.
const ABILITY: &str = r#"
[sheet]
id = "little_ability"
name = "小评估"
version = "2026 试行"
assessors = 2
settle = "third"
valid = "12 months"
appeal_days = 10
basis = "试验"
provenance = "assumed"

[[section]]
id = "body"
name = "身体"

[[question]]
section = "body"
id = "eating"
asks = "进食"
scores = { 2 = "自己吃", 1 = "要帮", 0 = "要喂" }

[[question]]
section = "body"
id = "walking"
asks = "行走"
scores = { 2 = "自己走", 1 = "要扶", 0 = "不能" }

[[measure]]
id = "total"
name = "总分"
sum = ["body"]

[score]
of = "total"

[[band]]
id = "good"
name = "好"
least = 3
most = 4

[[band]]
id = "poor"
name = "差"
least = 0
most = 2

[[example]]
title = "都好"
answers = {}
expect = { score = 4, grade = "good" }

[[example]]
title = "都差"
answers = { eating = 0, walking = 0 }
expect = { score = 0, grade = "poor" }
"#;

const SPOT: &str = r#"
[sheet]
id = "spot_check"
name = "现场检查"
version = "2026 试行"
body = { id = "little_org", name = "小组织" }
assessors = 1
appeal_days = 10
basis = "试验"
provenance = "assumed"

[[section]]
id = "room"
name = "场所"

[[question]]
section = "room"
id = "exits"
asks = "安全出口"
scores = { 1 = "畅通", 0 = "堵了" }
evidence = "below"
mend_days = 15

[[question]]
section = "room"
id = "books"
asks = "账册"
scores = { 1 = "齐", 0 = "不齐" }

[[measure]]
id = "total"
name = "总分"
sum = ["room"]

[score]
of = "total"

[[band]]
id = "fit"
name = "合格"
least = 2
most = 2

[[band]]
id = "unfit"
name = "不合格"
least = 0
most = 1

[draw]
inspectors = 1
public_days = 20
basis = "试验"
provenance = "assumed"

[draw.class.a]
name = "一般"
percent = 50

[[example]]
title = "都好"
answers = {}
expect = { score = 2, grade = "fit" }

[[example]]
title = "堵了"
answers = { exits = 0 }
expect = { score = 1, grade = "unfit" }
"#;

/// The example pack with two files more; no Rust knows their names.
fn town_with_sheets(town: &Town) -> Town {
    let folder = changed(&[]);
    std::fs::write(folder.path().join("ability.toml"), ABILITY).unwrap();
    std::fs::write(folder.path().join("spot.toml"), SPOT).unwrap();
    let loaded = packs::load(folder.path());
    let says = loaded.report.render();
    let law = Law::new(loaded.pack.unwrap_or_else(|| panic!("{says}")));
    town.moved_to(&town.under_law(law))
}

impl Town {
    fn on_one(&self, who: Actor, id: AssessmentId) -> Context {
        let purpose = match who.role {
            Role::Citizen => Purpose::Own,
            _ => Purpose::Assessment(id),
        };
        Context {
            purpose,
            ..self.by(who, None)
        }
    }

    fn for_purpose(&self, who: Actor, purpose: Purpose) -> Context {
        Context {
            purpose,
            ..self.by(who, None)
        }
    }

    async fn assesses(&self, who: Actor, id: AssessmentId, command: Command) -> Result<Phase> {
        let done = self.app.assess(&self.on_one(who, id), id, command).await;
        done.map(|reply| reply.value)
    }

    async fn rates(&self, who: Actor, id: AssessmentId, of: &[(&str, i64)]) -> Result<Phase> {
        let done = self
            .app
            .fill_and_sign(&self.on_one(who, id), id, fill(of))
            .await;
        done.map(|reply| reply.value)
    }

    async fn begins(&self, name: &str) -> Result<AssessmentId> {
        let asked = AssessPerson {
            sheet: slug("little_ability"),
            number: kernel::PersonNumber::parse_on(
                "990482194803150023",
                "2026-03-02".parse().unwrap(),
            )
            .unwrap(),
            name: name.to_owned(),
            reason: "首次评估".to_owned(),
        };
        let ctx = self.for_purpose(village(), Purpose::Counter);
        Ok(self.app.assess_person(&ctx, asked).await?.value)
    }
}

fn fill(of: &[(&str, i64)]) -> Command {
    let each = of.iter().map(|(id, value)| (slug(id), Answer::of(*value)));
    let answers: Answers = each.collect();
    Command::Fill {
        answers,
        reason: None,
    }
}

fn code(done: Result<Phase>) -> &'static str {
    done.unwrap_err().refusal_code().unwrap()
}

#[tokio::test]
async fn d31_two_assess_differ_a_third_decides_the_county_confirms_and_an_appeal_is_heard() {
    both(async |db| {
        let town_ = town_with_sheets(&Town::new(db).await);
        assert!(town_.begins("别人").await.is_err(), "number and name");
        let id = town_.begins("试甲").await.unwrap();
        let both_good = [("eating", 2), ("walking", 2)];
        let differs = [("eating", 2), ("walking", 0)];
        // Not everybody: another place, the subject herself, her son's case.
        assert_eq!(
            code(town_.rates(elsewhere(), id, &both_good).await),
            "access.region"
        );
        assert!(town_.rates(mum(), id, &both_good).await.is_err());
        let gap = town_.rates(village(), id, &[("eating", 2)]).await;
        assert_eq!(code(gap), "assessment.missing");
        assert_eq!(
            town_.rates(village(), id, &both_good).await.unwrap(),
            Phase::Filling
        );
        let phase = town_.rates(village_two(), id, &differs).await.unwrap();
        assert_eq!(phase, Phase::Disputed);
        let confirm = town_.assesses(county(), id, Command::Confirm).await;
        assert_eq!(code(confirm), "assessment.not_graded");
        let phase = town_.rates(town(), id, &[("walking", 0)]).await.unwrap();
        assert_eq!(phase, Phase::Graded);
        let confirm = town_.assesses(town(), id, Command::Confirm).await;
        assert_eq!(code(confirm), "access.role");
        let phase = town_
            .assesses(county(), id, Command::Confirm)
            .await
            .unwrap();
        assert_eq!(phase, Phase::InForce);
        // The certificate says by which version, by whom and how it was counted.
        let own = town_
            .app
            .own_assessments(&town_.by(mum(), None))
            .await
            .unwrap();
        let kept = own[0].state.confirmed.clone().unwrap();
        assert_eq!(kept.certificate.sheet.version, "2026 试行");
        assert_eq!(kept.certificate.sheet.pack, town_.app.law().pack.hash());
        assert_eq!(kept.certificate.band.1, "差");
        assert_eq!(kept.certificate.assessors.len(), 3);
        let unread = town_.app.unseen_letters(&town_.by(mum(), None)).await;
        assert_eq!(unread.unwrap(), 1, "she was told");
        // She asks for another look; others look, and theirs counts.
        let appeal = Command::Appeal {
            reason: "那天脚扭了".to_owned(),
        };
        assert!(
            town_
                .assesses(stranger(), id, appeal.clone())
                .await
                .is_err()
        );
        town_.assesses(mum(), id, appeal).await.unwrap();
        let again = town_.app.look_again(&town_.on_one(county(), id), id).await;
        let again = again.unwrap().value;
        let first = town_.rates(village(), again, &both_good).await;
        assert_eq!(code(first), "assessment.assessed_before");
        let told = town_.app.own_assessments(&town_.by(mum(), None)).await;
        assert_eq!(told.unwrap().len(), 1, "what is not confirmed is not shown");
        for who in [county(), leading()] {
            town_.rates(who, again, &both_good).await.unwrap();
        }
        let by_himself = town_.assesses(leading(), again, Command::Confirm).await;
        assert_eq!(code(by_himself), "assessment.same_person");
    })
    .await;
}

#[tokio::test]
async fn f12_d12_a_draw_leads_to_inspections_findings_are_closed_with_proof_and_bodies_ranked() {
    both(async |db| {
        let town_ = town_with_sheets(&Town::new(db).await);
        let duty = |who: Actor| town_.for_purpose(who, Purpose::Duty);
        let region: RegionCode = "990101".parse().unwrap();
        for (name, people) in [("甲社", vec![]), ("乙社", vec![town()]), ("丙社", vec![])] {
            let people = people.iter().filter_map(|one: &Actor| one.person);
            let new = NewBody {
                kind: slug("little_org"),
                region: "990101001".parse().unwrap(),
                name: name.to_owned(),
                class: slug("a"),
                people: people.collect(),
            };
            let refused = town_.app.keep_body(&duty(town()), new.clone()).await;
            assert_eq!(refused.unwrap_err().refusal_code(), Some("access.role"));
            town_.app.keep_body(&duty(county()), new).await.unwrap();
        }
        let new = NewDraw {
            sheet: slug("spot_check"),
            region,
            name: "第一次".to_owned(),
            avoid: Vec::new(),
        };
        let draw = town_
            .app
            .make_draw(&duty(county()), new)
            .await
            .unwrap()
            .value;
        let early = town_.app.draw_lots(&duty(county()), draw, "").await;
        assert_eq!(
            early.unwrap_err().refusal_code(),
            Some("assessment.not_frozen")
        );
        town_.app.freeze_draw(&duty(county()), draw).await.unwrap();
        let count = town_.app.draw_lots(&duty(county()), draw, "2026 048").await;
        assert_eq!(count.unwrap().value, 2, "half of three, rounded up");
        let twice = town_.app.draw_lots(&duty(county()), draw, "").await;
        assert_eq!(
            twice.unwrap_err().refusal_code(),
            Some("assessment.drawn_already")
        );
        let page = town_.app.draw_page(&duty(county()), draw).await.unwrap();
        assert_eq!(page.same, Some(true));
        assert!(page.list.drawn.as_ref().unwrap().1.ends_with("-2026048"));
        assert_eq!(page.inspections.len(), 2);
        for pick in &page.list.picks {
            let led_by_town =
                page.list.lots.iter().any(|lot| {
                    lot.body == pick.body && lot.people.contains(&town().person.unwrap())
                });
            assert!(!led_by_town || !pick.inspectors.contains(&town().person.unwrap()));
            assert_eq!(led_by_town, !pick.left_out.is_empty());
        }
        // Only who was drawn inspects; what lost points has words and a day.
        let (id, pick) = (page.inspections[0].id, &page.list.picks[0]);
        let goes = |who: &Actor| pick.inspectors.contains(&who.person.unwrap());
        let (drawn, other) = match goes(&town()) {
            true => (town(), county()),
            false => (county(), town()),
        };
        let blocked = [("exits", 0), ("books", 1)];
        let other_tries = town_.rates(other.clone(), id, &blocked).await;
        assert!(other_tries.is_err());
        let silent = town_.rates(drawn.clone(), id, &blocked).await;
        assert_eq!(code(silent), "assessment.no_evidence");
        let mut told = fill(&blocked);
        if let Command::Fill { answers, .. } = &mut told {
            answers.get_mut("exits").unwrap().evidence = "后门堆了纸箱".to_owned();
        }
        let ctx = town_.on_one(drawn.clone(), id);
        town_.app.fill_and_sign(&ctx, id, told).await.unwrap();
        town_
            .assesses(leading(), id, Command::Confirm)
            .await
            .unwrap();
        let question = slug("exits");
        let close = || Command::Close {
            question: slug("exits"),
        };
        assert_eq!(
            code(town_.assesses(leading(), id, close()).await),
            "assessment.no_proof"
        );
        let late = town_
            .app
            .assessments(&duty(county()), region)
            .await
            .unwrap();
        let line = late.iter().find(|one| one.id == id).unwrap();
        assert_eq!(line.says(&"2026-03-18".parse().unwrap()), "整改逾期");
        let answer = Command::Answer {
            question,
            proof: "已清空，照片 3 张".to_owned(),
        };
        town_.assesses(drawn, id, answer).await.unwrap();
        town_.assesses(leading(), id, close()).await.unwrap();
        let late = town_
            .app
            .assessments(&duty(county()), region)
            .await
            .unwrap();
        assert_eq!(late.iter().find(|one| one.id == id).unwrap().mend_by, None);
        let (ctx, sheet) = (duty(county()), slug("spot_check"));
        let ranking = town_.app.ranking(&ctx, region, &sheet).await.unwrap();
        assert_eq!(ranking.len(), 1, "only what is confirmed is ranked");
        assert_eq!(
            (ranking[0].place, ranking[0].who.grade.as_str()),
            (1, "不合格")
        );
    })
    .await;
}
