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
    let keep = async |tx: &mut Tx| {
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
            finding: engine_policy::Finding::FoundNotReceiving,
            verdict: engine_policy::Verdict::Eligible,
            amount: None,
            next: None,
            fault: false,
        };
        tx.save_screening(&run, &[row], now).await?;
        let place = "990101".parse::<kernel::RegionCode>().unwrap().span();
        let kind = engine_policy::Finding::FoundNotReceiving;
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
