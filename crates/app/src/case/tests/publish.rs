//! The law changing under a running house, on both databases: drafted, tried, signed by
//! two others, in force; old cases stay; put out of force in one step, its decisions
//! listed, put right under one signature, back-paid; certificates replay all the while.

use super::town::*;
use crate::case::Ruling;
use crate::publish::{Again, Effect};
use crate::{App, Context};
use engine_access::Purpose;
use engine_case::{AdverseKind, Outcome};
use engine_policy::publish::Standing;
use kernel::{Actor, CaseId, Money, Period};
use std::path::Path;
use store::testing::both;

const TRUE: &str = "is         = 800";

fn rule(town: &Town, actor: Actor) -> Context {
    Context {
        purpose: Purpose::Administration,
        ..town.by(actor, None)
    }
}

fn pack(dir: &Path) -> packs::Pack {
    let loaded = packs::load(dir);
    loaded
        .pack
        .unwrap_or_else(|| panic!("{}", loaded.report.render()))
}

/// Another standard, with the examples' amounts beside it.
fn with_standard(yuan: i64, example: i64) -> packs::Pack {
    let (is, amount) = (
        format!("is         = {yuan}"),
        format!("amount = {example}"),
    );
    let bed = format!("\"eligible\", amount = {yuan}");
    let texts = [
        (TRUE, is.as_str()),
        ("amount = 880", &amount),
        ("{ wage = 1000 }", "{ wage = 3000 }"),
        ("\"eligible\", amount = 800", &bed),
    ];
    pack(changed(&texts).path())
}

async fn code<T: std::fmt::Debug>(done: crate::Result<T>) -> &'static str {
    done.unwrap_err().refusal_code().unwrap_or("not a refusal")
}

/// Drafts, tries, signs twice; the house under the new law and its hash.
pub(crate) async fn publish(town: &Town, app: &App, new: packs::Pack) -> (App, String) {
    let hash = app.draft_law(&rule(town, author()), new).await.unwrap();
    let day = "2026-03-01".parse().unwrap();
    app.try_law(&rule(town, author()), &hash, day, |_| {})
        .await
        .unwrap();
    app.sign_law(&rule(town, approver()), &hash).await.unwrap();
    let stands = app.sign_law(&rule(town, approver_two()), &hash).await;
    assert_eq!(stands.unwrap(), Standing::Active);
    (app.renewed().await.unwrap().unwrap(), hash)
}

async fn granted(app: &App, town: &Town, case: CaseId, savings: i64) {
    let judge = town.by(system(), Some(case));
    let facts = household(Some(savings));
    app.judge_case(&judge, case, facts).await.unwrap();
    let grant = Ruling::Grant {
        from: None,
        amount: None,
        reasons: "符合".to_owned(),
    };
    let decide = town.by(county(), Some(case));
    app.decide_case(&decide, case, grant).await.unwrap();
}

#[tokio::test]
async fn a_draft_comes_into_force_only_through_examples_dry_run_and_two_signatures() {
    both(async |db| {
        let town = Town::new(db).await;
        let app = &town.app;
        // Its examples still state the old amount.
        let wrong = pack(changed(&[(TRUE, "is         = 900")]).path());
        let refused = app.draft_law(&rule(&town, author()), wrong).await;
        assert_eq!(code(refused).await, "publish.examples_fail");
        let stranger = app
            .draft_law(&rule(&town, county()), with_standard(900, 1080))
            .await;
        assert!(
            stranger
                .unwrap_err()
                .refusal_code()
                .unwrap()
                .starts_with("access.")
        );
        let hash = app
            .draft_law(&rule(&town, author()), with_standard(900, 1080))
            .await
            .unwrap();
        let early = app.sign_law(&rule(&town, approver()), &hash).await;
        assert_eq!(code(early).await, "publish.no_dry_run");
        let day = "2026-03-01".parse().unwrap();
        let impact = app
            .try_law(&rule(&town, author()), &hash, day, |_| {})
            .await;
        assert_eq!(impact.unwrap().households, 1);
        let one = app.sign_law(&rule(&town, approver()), &hash).await.unwrap();
        assert_eq!(one, Standing::Draft);
        let again = app.sign_law(&rule(&town, approver()), &hash).await;
        assert_eq!(code(again).await, "publish.signed_already");
        assert!(app.renewed().await.unwrap().is_none(), "still the old law");
        let two = app.sign_law(&rule(&town, approver_two()), &hash).await;
        assert_eq!(two.unwrap(), Standing::Active);
        let newer = app.renewed().await.unwrap().unwrap();
        assert_eq!(newer.law().pack.hash(), hash);
        assert!(newer.renewed().await.unwrap().is_none(), "nothing new");
        let lines = newer.law_versions().await.unwrap();
        let stands: Vec<Standing> = lines.iter().map(|line| line.standing).collect();
        assert!(stands.contains(&Standing::Active) && stands.contains(&Standing::Superseded));
        // A second draft whose dry run compared with the law before this one.
        let late = app.sign_law(&rule(&town, approver()), &hash).await;
        assert_eq!(code(late).await, "publish.not_a_draft");
    })
    .await;
}

#[tokio::test]
async fn a21_cases_stay_on_their_law_and_certificates_replay_byte_for_byte_after_it_changed() {
    let texts = std::sync::Mutex::new(Vec::new());
    let kept = &texts;
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.ripe(900, 0).await;
        town.judged(case, Some(0)).await;
        let reader = town.by(county(), Some(case));
        let before = town.app.certificate_of(&reader, case).await.unwrap();
        let old = town.app.law().pack.hash().to_owned();
        let (newer, hash) = publish(&town, &town.app, with_standard(900, 1080)).await;
        assert_ne!(old, hash);
        // Judged again under the new house, the case stays on the law it began with.
        let judge = town.by(system(), Some(case));
        newer
            .judge_case(&judge, case, household(Some(0)))
            .await
            .unwrap();
        let reader = town.by(county(), Some(case));
        let after = newer.certificate_of(&reader, case).await.unwrap();
        let text = |certificate| serde_json::to_string(&certificate).unwrap();
        assert_eq!(text(before.clone()), text(after));
        // By another law it is not replayed at all; by its own, from the database, to
        // the byte.
        assert!(before.replay(&newer.law().judge).is_err());
        let earlier = newer.law_of(&old).unwrap();
        assert_eq!(before.replay(&earlier.judge).unwrap(), Vec::new());
        let read: engine_policy::Certificate = serde_json::from_str(&text(before.clone())).unwrap();
        assert_eq!(read.replay(&earlier.judge).unwrap(), Vec::new());
        kept.lock().unwrap().push(text(before.clone()));
        // All on file, each by its own law; nobody but the house itself may.
        let audit = Context {
            purpose: Purpose::Audit("certificates".to_owned()),
            ..town.by(system(), None)
        };
        let all = newer.replay_certificates(&audit).await.unwrap();
        assert_eq!((all.same, all.laws), (1, 1), "{all:?}");
        let other = town.by(county(), None);
        assert!(
            code(newer.replay_certificates(&other).await)
                .await
                .starts_with("access.")
        );
        // One that says something else than its law does, one whose law nobody kept.
        let (mut wrong, mut lost) = (before.clone(), before);
        wrong.judgement.amount = Some(Money::from_fen(1));
        lost.pack_hash = "0".repeat(64);
        let now = newer.now();
        let keep = newer.db().write(async move |tx| {
            tx.certify(&wrong, now).await?;
            tx.certify(&lost, now).await
        });
        let lost = keep.await.unwrap();
        let all = newer.replay_certificates(&audit).await.unwrap();
        assert_eq!((all.same, all.different.len()), (1, 1), "{all:?}");
        assert_eq!(all.lawless, [(lost, "0".repeat(64))]);
    })
    .await;
    let texts = texts.into_inner().unwrap();
    assert!(
        texts.windows(2).all(|two| two[0] == two[1]),
        "alike on both"
    );
}

#[tokio::test]
async fn a_version_is_suspended_in_one_step_and_its_decisions_are_put_right_in_one_batch() {
    both(async |db| {
        let town = Town::new(db).await;
        // The wrong law: a standard of 700, so a family with 1000 a month gets too little.
        let (wrong, hash) = publish(&town, &town.app, with_standard(700, 680)).await;
        let case = ripe_under(&town, &wrong).await;
        granted(&wrong, &town, case, 0).await;
        let was = town.case(case).await.latest().unwrap().amount;
        assert_eq!(was, Some(Money::from_fen(68_000)));
        let early = wrong.draw_up_again(&rule(&town, leading()), &hash).await;
        assert!(early.is_err(), "it is in force");
        let silent = wrong.suspend_law(&rule(&town, approver()), &hash, "").await;
        assert_eq!(code(silent).await, "publish.no_reasons");
        wrong
            .suspend_law(&rule(&town, approver()), &hash, "标准抄错了")
            .await
            .unwrap();
        let right = wrong.renewed().await.unwrap().unwrap();
        assert_eq!(right.law().pack.hash(), town.app.law().pack.hash());
        let again: Again = right
            .draw_up_again(&rule(&town, leading()), &hash)
            .await
            .unwrap();
        let [line] = again.lines.as_slice() else {
            panic!("one decision: {:?}", again.lines);
        };
        assert_eq!((line.case, line.effect), (case, Effect::InFavour));
        assert_eq!(line.is, Some(Money::from_fen(88_000)));
        assert!(
            town.case(case).await.decisions.len() == 1,
            "nothing by itself"
        );
        let unseen = right
            .sign_again(&rule(&town, leading()), &hash, "another batch")
            .await;
        assert!(unseen.is_err());
        let from = line.from;
        let signed = right
            .sign_again(&rule(&town, leading()), &hash, &again.digest())
            .await
            .unwrap();
        assert!(
            matches!(signed.lines[0].done, Some(Ok(_))),
            "{:?}",
            signed.lines
        );
        let after = town.case(case).await;
        assert_eq!(after.decisions.len(), 2);
        let decision = after.decision().unwrap();
        assert_eq!(decision.signed.person(), leading().person.unwrap());
        let Outcome::Granted(grant) = &decision.outcome else {
            panic!("{decision:?}");
        };
        // From the first month of the wrong decision: the difference is arrears.
        assert_eq!(
            (grant.amount, grant.from),
            (Some(Money::from_fen(88_000)), from)
        );
        let twice = right
            .sign_again(&rule(&town, leading()), &hash, &again.digest())
            .await;
        twice.unwrap();
        assert_eq!(town.case(case).await.decisions.len(), 2, "once");
    })
    .await;
}

#[tokio::test]
async fn a42_nothing_is_decided_any_more_on_a_judgement_of_a_suspended_version() {
    both(async |db| {
        let town = Town::new(db).await;
        let (wrong, hash) = publish(&town, &town.app, with_standard(700, 680)).await;
        let case = ripe_under(&town, &wrong).await;
        let judge = town.by(system(), Some(case));
        let judged = wrong.judge_case(&judge, case, household(Some(0))).await;
        judged.unwrap();
        wrong
            .suspend_law(&rule(&town, approver()), &hash, "标准抄错了")
            .await
            .unwrap();
        let right = wrong.renewed().await.unwrap().unwrap();
        let grant = Ruling::Grant {
            from: None,
            amount: None,
            reasons: "符合".to_owned(),
        };
        let decide = town.by(county(), Some(case));
        let late = right.decide_case(&decide, case, grant).await.map(|_| ());
        assert_eq!(code(late).await, "case.law_suspended");
        // Judged by the law that is back in force, it goes on.
        granted(&right, &town, case, 0).await;
        let paid = town.case(case).await.latest().unwrap().amount;
        assert_eq!(paid, Some(Money::from_fen(88_000)));
        let again = right.draw_up_again(&rule(&town, leading()), &hash).await;
        assert_eq!(again.unwrap().lines, [], "none was made by it");
    })
    .await;
}

#[tokio::test]
async fn a42_a_wrong_decision_with_a_later_one_is_named_and_left_to_a_person() {
    both(async |db| {
        let town = Town::new(db).await;
        let (wrong, hash) = publish(&town, &town.app, with_standard(700, 680)).await;
        let case = ripe_under(&town, &wrong).await;
        granted(&wrong, &town, case, 0).await;
        wrong
            .suspend_law(&rule(&town, approver()), &hash, "标准抄错了")
            .await
            .unwrap();
        let right = wrong.renewed().await.unwrap().unwrap();
        // Somebody decides anew before the batch is drawn up.
        granted(&right, &town, case, 0).await;
        let again = right
            .draw_up_again(&rule(&town, leading()), &hash)
            .await
            .unwrap();
        let [line] = again.lines.as_slice() else {
            panic!("the wrong one alone: {:?}", again.lines);
        };
        assert!(line.decided_since && line.effect == Effect::InFavour);
        assert_eq!(again.to_put_right(), 0);
        let signed = right
            .sign_again(&rule(&town, leading()), &hash, &again.digest())
            .await
            .unwrap();
        assert!(signed.lines[0].done.is_none());
        assert_eq!(town.case(case).await.decisions.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_a_suspended_version_gave_too_much_is_only_named() {
    both(async |db| {
        let town = Town::new(db).await;
        let (wrong, hash) = publish(&town, &town.app, with_standard(900, 1080)).await;
        let case = ripe_under(&town, &wrong).await;
        granted(&wrong, &town, case, 0).await;
        wrong
            .suspend_law(&rule(&town, approver()), &hash, "多给了")
            .await
            .unwrap();
        let right = wrong.renewed().await.unwrap().unwrap();
        let leads = rule(&town, leading());
        let again = right.draw_up_again(&leads, &hash).await.unwrap();
        assert_eq!(again.count(Effect::Against), 1);
        right
            .sign_again(&rule(&town, leading()), &hash, &again.digest())
            .await
            .unwrap();
        let after = town.case(case).await;
        assert_eq!(
            after.decisions.len(),
            1,
            "never by itself, never by a batch"
        );
        assert!(after.intent.is_none());
        let adverse = |one: &engine_case::Decision| match &one.outcome {
            Outcome::Adverse(adverse) => adverse.draft().kind == AdverseKind::Reduce,
            _ => false,
        };
        assert!(!after.decisions.iter().any(adverse));
        let paid = after.latest().unwrap();
        assert_eq!(paid.amount, Some(Money::from_fen(108_000)));
        assert!(
            paid.until
                .is_none_or(|until| until > Period::of("2027-01-01".parse().unwrap()))
        );
    })
    .await;
}

/// A case begun under another house over the same database, ripe for a decision.
async fn ripe_under(town: &Town, app: &App) -> CaseId {
    town.moved_to(app).ripe(900, 0).await
}

/// The other standard, and a number no rule reads: the linter warns of it.
fn with_an_idle_number() -> packs::Pack {
    let is = "is         = 900";
    let idle = "[parameter.idle]\nlabel = \"没人用的数\"\nunit = \"元\"\n\
                [[parameter.idle.value]]\nfrom = 2020-01-01\nis = 7\n\
                provenance = \"assumed\"\nsource = \"演示值\"\n\n[[condition]]";
    let bed = "\"eligible\", amount = 900";
    let texts = [
        (TRUE, is),
        ("amount = 880", "amount = 1080"),
        ("{ wage = 1000 }", "{ wage = 3000 }"),
        ("\"eligible\", amount = 800", bed),
    ];
    let folder = changed(&texts);
    let file = folder.path().join("aid/living.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("[[condition]]", idle, 1)).unwrap();
    pack(folder.path())
}

#[tokio::test]
async fn a42_who_signs_has_the_linters_warnings_in_view() {
    both(async |db| {
        let town = Town::new(db).await;
        let app = &town.app;
        let day: kernel::Date = "2026-03-01".parse().unwrap();
        let mut told = Vec::new();
        for draft in [with_standard(900, 1080), with_an_idle_number()] {
            let hash = app.draft_law(&rule(&town, author()), draft).await.unwrap();
            let pages = app.laws(&rule(&town, approver())).await.unwrap();
            let page = pages.iter().find(|one| one.line.hash == hash).unwrap();
            assert_eq!(page.warnings, None, "nobody looked yet");
            app.try_law(&rule(&town, author()), &hash, day, |_| {})
                .await
                .unwrap();
            let pages = app.laws(&rule(&town, approver())).await.unwrap();
            let page = pages.iter().find(|one| one.line.hash == hash).unwrap();
            assert!(page.missing > 0, "still to be signed");
            told.push(page.warnings.clone().expect("kept with the dry run"));
        }
        let [plain, idle] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(idle.len(), plain.len() + 1, "{idle:?}");
        let own = idle.iter().find(|says| !plain.contains(says));
        let own = own.unwrap();
        assert!(own.contains("idle") && own.contains("living.toml"), "{own}");
    })
    .await;
}
