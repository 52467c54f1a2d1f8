//! Authorisations: who may sign for whom, once, and withdraw.

use super::flow::{BOY, MUM, context, open};
use crate::verify::Signing;
use crate::{App, Context};
use engine_access::Purpose;
use engine_pool::authorisation::{Capacity, Scope, Signature};
use kernel::{Actor, AuthorisationId, CaseId, Date, PersonId, Role};
use std::collections::BTreeMap;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn signed(by: PersonId, capacity: Capacity) -> Signature {
    let on = day("2026-11-20");
    Signature { by, capacity, on }
}

fn paper(signatures: &[(PersonId, Signature)]) -> Signing {
    Signing {
        case: CaseId(7),
        signatures: signatures.iter().cloned().collect::<BTreeMap<_, _>>(),
        scope: Scope::All,
        from: day("2026-11-20"),
        to: day("2027-11-19"),
    }
}

/// The mother herself, at home.
fn mother() -> Context {
    let actor = Actor {
        account: "mother".into(),
        person: Some(MUM),
        role: Role::Citizen,
    };
    let purpose = Purpose::Own;
    Context {
        actor,
        purpose,
        request: "m1".into(),
    }
}

async fn code(app: &App, signing: Signing) -> Option<&'static str> {
    let refused = app.sign_authorisation(&context("x"), signing).await;
    refused.unwrap_err().refusal_code()
}

#[tokio::test]
async fn everyone_signs_for_themselves_and_a_guardian_for_the_child() {
    store::testing::both(async |db| {
        let app = open(db).await;
        let (own, guardian) = (Capacity::Own, Capacity::Guardian);
        let aunt = PersonId(8);
        for (signatures, refused) in [
            (vec![], "pool.nobody_signed"),
            (vec![(BOY, signed(BOY, own))], "pool.minor_signed"),
            (vec![(BOY, signed(BOY, guardian))], "pool.minor_signed"),
            (
                vec![(MUM, signed(aunt, guardian))],
                "pool.signed_by_another",
            ),
            (vec![(aunt, signed(aunt, own))], "pool.not_of_the_household"),
        ] {
            assert_eq!(code(&app, paper(&signatures)).await, Some(refused));
        }
        let good = paper(&[(MUM, signed(MUM, own))]);
        let id = app
            .sign_authorisation(&context("r1"), good.clone())
            .await
            .unwrap();
        assert_eq!(
            app.sign_authorisation(&context("r1"), good).await.unwrap(),
            id
        );
        let more = signed(MUM, guardian);
        app.add_signature(&context("r2"), id, BOY, more.clone())
            .await
            .unwrap();
        let twice = app
            .add_signature(&context("r3"), id, BOY, more)
            .await
            .unwrap_err();
        assert_eq!(twice.refusal_code(), Some("pool.already_signed"));
        let kept = load(&app, id).await;
        assert_eq!((kept.signatures.len(), kept.withdrawn), (2, None));
    })
    .await;
}

#[tokio::test]
async fn whoever_signed_can_withdraw_it_themselves() {
    store::testing::both(async |db| {
        let app = open(db).await;
        let good = paper(&[(MUM, signed(MUM, Capacity::Own))]);
        let id = app.sign_authorisation(&mother(), good).await.unwrap();
        let other = app
            .withdraw_authorisation(&mother(), id, BOY)
            .await
            .unwrap_err();
        assert_eq!(other.refusal_code(), Some("pool.did_not_sign"));
        let mut stranger = mother();
        stranger.actor.person = Some(PersonId(77));
        let refused = app
            .withdraw_authorisation(&stranger, id, MUM)
            .await
            .unwrap_err();
        assert!(
            refused
                .refusal_code()
                .is_some_and(|code| code.starts_with("access."))
        );
        app.withdraw_authorisation(&mother(), id, MUM)
            .await
            .unwrap();
        let withdrawn = load(&app, id).await.withdrawn.unwrap();
        assert_eq!((withdrawn.by, withdrawn.on), (MUM, day("2026-11-23")));
        let again = app
            .withdraw_authorisation(&mother(), id, MUM)
            .await
            .unwrap_err();
        assert_eq!(again.refusal_code(), Some("pool.authorisation_withdrawn"));
    })
    .await;
}

async fn load(app: &App, id: AuthorisationId) -> engine_pool::Authorisation {
    let loaded = app
        .db()
        .read(async move |tx| tx.authorisation(id).await)
        .await;
    loaded.unwrap().state
}
