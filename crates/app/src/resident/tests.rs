//! A family looks, applies once for everything, is told; nobody else does it for
//! them.

use crate::case::tests::town::*;
use crate::resident::{Finding, Kind};
use crate::{App, AppError, Context};
use engine_access::Purpose;
use engine_case::{AnswerValue, Phase};
use kernel::*;
use std::collections::BTreeSet;
use store::testing::both;

fn code(why: &AppError) -> Option<&'static str> {
    why.refusal_code()
}

fn relative() -> Actor {
    Actor {
        account: "relative".into(),
        person: Some(PersonId(55)),
        role: Role::Agent,
    }
}

fn asks(actor: Actor, request: &str) -> Context {
    Context {
        actor,
        purpose: Purpose::Own,
        request: request.into(),
    }
}

fn want(service: &str) -> BTreeSet<(Slug, Option<PersonId>)> {
    BTreeSet::from([(slug(service), None)])
}

/// Begins with the one benefit for households and answers one question.
async fn begun(app: &App) -> CaseId {
    let ctx = asks(mum(), "begin");
    let drafts = app
        .begin_application(&ctx, None, want("living"))
        .await
        .unwrap()
        .value;
    assert_eq!(drafts.len(), 1, "one joint case, not one per service");
    drafts[0]
}

async fn answer(app: &App, typed: &str) {
    let form = app.application(&asks(mum(), ""), None).await.unwrap();
    let question = &form.questions[0];
    let read = question.read(&question.slots[0], typed).unwrap();
    let ctx = asks(mum(), &format!("fill/{typed}"));
    app.fill_application(&ctx, None, read.into_iter().collect())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_household_is_looked_over_on_record_and_by_nobody_else() {
    both(async |db| {
        let town = Town::new(db).await;
        let check = town.app.check_household(&asks(mum(), ""), None).await;
        let check = check.unwrap();
        assert_eq!(check.household, HOME);
        assert_eq!(check.people.len(), 2);
        let open = check.with(&[Finding::Undetermined, Finding::ConsentWouldTell]);
        assert!(!open.is_empty(), "{check:?}");
        assert!(open.iter().all(|(_, row)| row.next().is_some()));
        let rows = town.app.db().read(async |tx| {
            let subject = format!("household:{HOME}");
            tx.audit_of(&subject).await
        });
        let rows = rows.await.unwrap();
        assert!(rows.iter().any(|row| row.action == "policy.check"));
        for who in [stranger(), relative()] {
            let refused = town.app.check_household(&asks(who, ""), Some(HOME)).await;
            assert_eq!(code(&refused.unwrap_err()), Some("access.not_own"));
        }
    })
    .await;
}

#[tokio::test]
async fn what_two_services_ask_is_asked_once_and_kept_until_they_come_back() {
    both(async |db| {
        let town = Town::new(db).await;
        let before = town.app.application(&asks(mum(), ""), None).await.unwrap();
        assert!(before.drafts.is_empty());
        begun(&town.app).await;
        answer(&town.app, "3000").await;
        let again = begun(&town.app).await;
        let form = town.app.application(&asks(mum(), ""), None).await.unwrap();
        assert_eq!(form.drafts, [again], "the same draft, not a second one");
        assert_eq!(form.questions.len(), 1, "{:?}", form.questions);
        let question = &form.questions[0];
        assert!(matches!(question.kind, Kind::Money(_)));
        let three_thousand = AnswerValue::Money(Money::from_fen(300_000));
        assert_eq!(question.slots[0].value, Some(three_thousand));
        assert_eq!(question.slots[1].value, None);
        let wrong = question.read(&question.slots[1], "一千八").unwrap_err();
        assert!(wrong.says.contains("1800"));
        answer(&town.app, "").await;
        let form = town.app.application(&asks(mum(), ""), None).await.unwrap();
        let value = form.questions[0].slots[0].value.clone();
        assert_eq!(value, Some(AnswerValue::Unknown), "emptied is not zero");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_handed_in_without_every_adults_consent() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = begun(&town.app).await;
        let form = town.app.application(&asks(mum(), ""), None).await.unwrap();
        let everyone = form.consents.iter().find(|one| one.everyone).unwrap();
        assert_eq!(everyone.by.len(), 2);
        let only_mum = BTreeSet::from([(everyone.consent.clone(), MUM)]);
        let early = town
            .app
            .submit_application(&asks(mum(), "early"), None, only_mum)
            .await;
        assert_eq!(code(&early.unwrap_err()), Some("case.consent_missing"));
        assert_eq!(town.case(case).await.phase, Phase::Draft);
        let both = [MUM, SON].map(|who| (everyone.consent.clone(), who));
        for _ in 0..2 {
            let sent = town
                .app
                .submit_application(&asks(mum(), "send"), None, both.clone().into())
                .await;
            assert_eq!(
                sent.unwrap().value,
                [case],
                "a doubled click is one hand-in"
            );
        }
        let state = town.case(case).await;
        assert_eq!(state.phase, Phase::Submitted);
        assert!(state.consents.iter().all(|one| one.authorisation.is_some()));
        let told = town.app.case_told(&asks(mum(), ""), case).await.unwrap();
        assert!(told.happened.iter().any(|one| one.says == "您交了申请"));
        assert!(told.may_withdraw);
        let other = town.app.case_told(&asks(stranger(), ""), case).await;
        assert_eq!(code(&other.unwrap_err()), Some("access.not_own"));
    })
    .await;
}

#[tokio::test]
async fn a_relative_fills_in_for_a_time_and_never_consents() {
    both(async |db| {
        let town = Town::new(db).await;
        let until = "2026-06-30".parse().unwrap();
        let mine = asks(mum(), "appoint");
        town.app
            .appoint_agent(&mine, PersonId(55), until)
            .await
            .unwrap();
        for (agent, to) in [(MUM, "2026-06-30"), (PersonId(55), "2026-01-01")] {
            let refused = town.app.appoint_agent(&mine, agent, to.parse().unwrap());
            assert!(matches!(refused.await, Err(AppError::BadInput(_))));
        }
        let homes = town.app.own_households(&asks(relative(), "")).await;
        assert_eq!(homes.unwrap()[0].household, HOME);
        let check = town.app.check_household(&asks(relative(), ""), None).await;
        let rows = check.unwrap();
        let rows = rows.answers.iter().flat_map(|one| &one.rows);
        // Sentences may speak of illness: they are for the family itself.
        assert!(rows.clone().count() > 0 && rows.clone().all(|row| row.reasons.is_empty()));
        let ctx = asks(relative(), "begin");
        let drafts = town.app.begin_application(&ctx, None, want("living")).await;
        let case = drafts.unwrap().value[0];
        let form = town.app.application(&asks(relative(), ""), None).await;
        let form = form.unwrap();
        assert_eq!(form.applicant.person, MUM);
        assert!(!form.may_consent);
        let given = form.consents.iter().flat_map(|one| {
            let people = one.by.iter();
            people.map(|who| (one.consent.clone(), who.person))
        });
        let sent = town
            .app
            .submit_application(&asks(relative(), "send"), None, given.collect())
            .await;
        assert!(matches!(sent, Err(AppError::BadInput(_))), "{sent:?}");
        assert_eq!(town.case(case).await.phase, Phase::Draft);
        town.on("2026-07-01");
        let late = town
            .app
            .check_household(&asks(relative(), ""), Some(HOME))
            .await;
        assert_eq!(code(&late.unwrap_err()), Some("access.not_own"));
    })
    .await;
}

#[tokio::test]
async fn a_question_is_only_asked_when_its_condition_may_hold() {
    both(async |db| {
        let town = Town::new(db).await;
        let was = "[[form.consent]]\nid   = \"authorisation\"";
        let asked = "[[form.field]]\nid = \"employer\"\nasks = \"在哪里上班？\"\ntype = \"text\"\n\
                     level = \"L3\"\nrequired = true\nwhen = \"any(members, wage > 0)\"\n\n";
        let app = town.under(was, &format!("{asked}{was}"));
        begun(&app).await;
        let form = app.application(&asks(mum(), ""), None).await.unwrap();
        let of = |key: &str| form.questions.iter().find(|one| one.key.as_str() == key);
        let (wage, employer) = (of("wage").unwrap(), of("employer").unwrap());
        assert!(employer.only_when().unwrap().contains('“'));
        assert_eq!(wage.only_when(), None);
        let said = |yuan: &str| -> Vec<engine_case::Answer> {
            let slots = wage.slots.iter();
            slots
                .filter_map(|slot| wage.read(slot, yuan).unwrap())
                .collect()
        };
        let lacks = |answers: &[engine_case::Answer]| {
            let off = app.not_asked(&form, answers).unwrap();
            let lacking = form.lacking(answers, &off);
            (
                off.contains("employer"),
                lacking.iter().any(|one| one.field == "employer"),
            )
        };
        assert_eq!(lacks(&[]), (false, true), "not known: it is asked");
        assert_eq!(lacks(&said("1800")), (false, true));
        assert_eq!(
            lacks(&said("0")),
            (true, false),
            "nobody earns: no employer"
        );
        // What was answered before counts, and what is said now counts more.
        answer(&app, "0").await;
    })
    .await;
}
