//! Applying for a resident on both databases: only on their word, only where the
//! office may, and the household sees who did; agents come and go.

use super::*;
use crate::case::tests::town::*;
use crate::resident::agent::AgentLine;
use kernel::{Actor, Now, Role};
use store::testing::both;
use store::{Found, Screening};

/// A screening that found one thing about the household.
async fn found(town: &Town) -> FindingId {
    found_as(town, engine_policy::Finding::FoundNotReceiving).await
}

async fn found_as(town: &Town, kind: engine_policy::Finding) -> FindingId {
    let keep = async move |tx: &mut Tx| {
        let now = Now {
            at: "2026-03-01T02:00:00Z".parse().unwrap(),
        };
        let run = Screening {
            id: 1,
            as_of: "2026-03-01".parse().unwrap(),
            pack_hash: "p".into(),
            data_mark: "d".into(),
            households: 1,
            persons: 2,
        };
        let row = Found {
            benefit: slug("living"),
            household: HOME,
            person: None,
            finding: kind,
            verdict: engine_policy::Verdict::Eligible,
            amount: None,
            next: None,
            fault: false,
        };
        tx.save_screening(&run, &[row], now).await?;
        let place = "990101".parse::<kernel::RegionCode>().unwrap().span();
        let rows = tx
            .findings_in(1, &slug("living"), kind, None, place, 9)
            .await?;
        Ok::<_, store::StoreError>(rows[0].0)
    };
    town.app.db().write(keep).await.unwrap()
}

fn led(town: &Town, who: Actor, finding: FindingId) -> Context {
    Context {
        purpose: Purpose::Visit(finding),
        ..town.by(who, None)
    }
}

#[tokio::test]
async fn the_office_applies_on_the_residents_word_and_the_household_sees_who() {
    both(async |db| {
        let town = Town::new(db).await;
        let finding = found(&town).await;
        for who in [elsewhere(), mum(), stranger(), county()] {
            let refused = town
                .app
                .lead(&led(&town, who.clone(), finding), finding)
                .await;
            assert!(refused.unwrap_err().refusal_code().is_some(), "{who:?}");
            let ctx = led(&town, who, finding);
            let refused = town.app.apply_for(&ctx, finding, "here").await;
            assert!(refused.unwrap_err().refusal_code().is_some());
        }
        let ctx = led(&town, village(), finding);
        let lead = town.app.lead(&ctx, finding).await.unwrap();
        assert_eq!((lead.applicant.as_str(), lead.running), ("试甲", None));
        let unsaid = town.app.apply_for(&ctx, finding, "").await;
        assert!(matches!(unsaid, Err(AppError::BadInput(says)) if says.contains("怎样同意")));
        let case = town
            .app
            .apply_for(&ctx, finding, "paper")
            .await
            .unwrap()
            .value;
        let again = town.app.apply_for(&ctx, finding, "paper").await.unwrap();
        assert_eq!((again.value, again.repeated), (case, true));
        let form = town.app.behalf(&town.by(village(), Some(case)), case).await;
        let form = form.unwrap();
        assert_eq!(form.mandate.as_ref().unwrap().how, "写了委托书");
        assert_eq!(form.people.len(), 2);
        for who in [elsewhere(), stranger()] {
            let refused = town.app.behalf(&town.by(who, Some(case)), case).await;
            assert!(refused.unwrap_err().refusal_code().is_some());
        }
        let all: BTreeSet<(Slug, PersonId)> = [MUM, SON]
            .into_iter()
            .map(|who| (slug("authorisation"), who))
            .collect();
        let send = async |given| {
            let ctx = town.by(village(), Some(case));
            town.app.submit_for(&ctx, case, given).await
        };
        let unpapered = send(all.clone()).await;
        assert!(matches!(unpapered, Err(AppError::BadInput(says)) if says.contains("委托书")));
        let given = crate::attachment::HandedIn {
            purpose: AttachedTo::Mandate,
            name: "委托书.png".into(),
            body: b"\x89PNG\r\n\x1a\n of the tests".to_vec(),
        };
        let ctx = town.by(village(), Some(case));
        town.app.attach(&ctx, case, given).await.unwrap();
        let one = all.iter().take(1).cloned().collect();
        let missing = send(one).await.unwrap_err();
        assert_eq!(missing.refusal_code(), Some("case.consent_missing"));
        send(all).await.unwrap();
        assert_eq!(town.case(case).await.phase, Phase::Submitted);
        let told = town.app.case_told(&town.by(mum(), Some(case)), case).await;
        let (_, how, _) = told.unwrap().applied_by.unwrap();
        assert_eq!(how, "写了委托书");
    })
    .await;
}

#[tokio::test]
async fn a07_what_is_received_and_no_longer_found_is_reviewed_and_paid_on() {
    both(async |db| {
        let town = Town::new(db).await;
        let kind = engine_policy::Finding::ReceivingNotFound;
        let finding = found_as(&town, kind).await;
        let by = |who: Actor| led(&town, who, finding);
        let call = async |who: Actor, seen: Option<&str>| {
            let called = town.app.call_review(&by(who), finding, seen).await;
            called.map(|reply| reply.value)
        };
        let ours = async || {
            let read = async |tx: &mut Tx| tx.cases_of_household(HOME).await;
            town.app.db().read(read).await.unwrap()
        };
        let paid = async || {
            let read = async |tx: &mut Tx| {
                let home = engine_payment::Beneficiary::Household(HOME);
                tx.entitlements_of(home).await
            };
            let all = town.app.db().read(read).await.unwrap();
            let states = all.into_iter().map(|one| one.state);
            states.collect::<Vec<_>>()
        };
        // Nothing of it is paid by this house: there is nothing to review.
        let nothing = call(village(), None).await;
        assert!(matches!(nothing, Err(AppError::BadInput(says)) if says.contains("没有在发")));
        let case = town.ripe(900, 0).await;
        town.judged(case, Some(0)).await;
        let grant = crate::case::Ruling::Grant {
            from: None,
            amount: None,
            reasons: "符合".to_owned(),
        };
        let ctx = town.by(county(), Some(case));
        town.app.decide_case(&ctx, case, grant).await.unwrap();
        town.act(system(), case, engine_case::Act::StartPaying)
            .await;
        let before = (paid().await, town.case(case).await.latest());
        assert_eq!((before.0.len(), ours().await), (1, vec![case]));
        // Whoever has nothing to do there sees nothing and changes nothing.
        for who in [elsewhere(), mum(), stranger(), county()] {
            let refused = call(who.clone(), None).await.unwrap_err();
            assert!(refused.refusal_code().is_some(), "{who:?}");
        }
        let seen = town.app.lead(&by(village()), finding).await.unwrap();
        let look = seen.look.unwrap();
        assert_eq!((look.case, look.reviewed), (Some(case), false));
        // It is not asked for once more, from the desk or at the door.
        let again = town.app.apply_for(&by(village()), finding, "here").await;
        assert!(matches!(again, Err(AppError::BadInput(says)) if says.contains("正在领")));
        let ctx = by(crate::case::tests::town::town());
        let opened = town.app.open_from_finding(&ctx, finding).await.unwrap();
        assert_eq!(opened, case);
        assert_eq!(ours().await, [case], "no new application");
        let state = town.case(case).await;
        assert_eq!(state.phase, Phase::ReviewDue);
        assert_eq!((paid().await, state.latest()), before, "paid on as it was");
        let month = kernel::Period::of(town.app.now().today()).plus_months(3);
        assert!(before.0[0].due_in(month).is_some());
        // Whoever went there afterwards finds the same review, and what they saw is kept.
        let words = Some("儿子上班了");
        assert_eq!(call(village(), words).await.unwrap(), case);
        let look = town.app.lead(&by(village()), finding).await.unwrap().look;
        assert!(look.unwrap().reviewed);
        let place = VILLAGE.parse().unwrap();
        let duty = Context {
            purpose: Purpose::Duty,
            ..by(village())
        };
        let followed = town.app.followed(&duty, place).await.unwrap();
        let came: Vec<_> = followed.iter().map(|one| one.outcome).collect();
        assert_eq!(came, [store::LeadOutcome::True]);
        assert_eq!((paid().await, ours().await), (before.0, vec![case]));
    })
    .await;
}

#[tokio::test]
async fn nobody_hands_in_for_a_household_that_did_not_let_them() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.open("living").await;
        let ctx = town.by(village(), Some(case));
        let sent = town.app.submit_for(&ctx, case, BTreeSet::new()).await;
        assert!(matches!(sent, Err(AppError::BadInput(says)) if says.contains("没有记下")));
    })
    .await;
}

#[tokio::test]
async fn an_agent_is_appointed_and_ended_by_the_resident_alone() {
    both(async |db| {
        let town = Town::new(db).await;
        let agent = Actor {
            account: "relative".into(),
            person: Some(PersonId(55)),
            role: Role::Agent,
        };
        let to = "2026-12-31".parse().unwrap();
        let mine = || town.by(mum(), None);
        let unknown = town.app.appoint_by_login(&mine(), "nobody", to).await;
        assert!(matches!(unknown, Err(AppError::BadInput(says)) if says.contains("没有找到")));
        town.app
            .appoint_agent(&mine(), PersonId(55), to)
            .await
            .unwrap();
        let theirs = Context {
            purpose: Purpose::Own,
            ..town.by(agent.clone(), None)
        };
        assert_eq!(town.app.own_households(&theirs).await.unwrap().len(), 1);
        let lines: Vec<AgentLine> = town.app.agents(&mine()).await.unwrap();
        assert_eq!((lines.len(), lines[0].to), (1, to));
        for who in [stranger(), agent] {
            let ctx = Context {
                purpose: Purpose::Own,
                ..town.by(who, None)
            };
            assert!(town.app.end_agency(&ctx, PersonId(55)).await.is_err());
        }
        town.app.end_agency(&mine(), PersonId(55)).await.unwrap();
        assert!(town.app.own_households(&theirs).await.unwrap().is_empty());
        assert!(town.app.agents(&mine()).await.unwrap().is_empty());
        let again = town.app.end_agency(&mine(), PersonId(55)).await;
        assert!(matches!(again, Err(AppError::BadInput(_))));
    })
    .await;
}
