//! A code is taken once, lives a minute, tells one yes or no and who asked.

use crate::case::tests::town::*;
use crate::{AppError, Context};
use engine_access::Purpose;
use kernel::*;
use store::testing::both;

fn on_duty(actor: Actor) -> Context {
    Context {
        actor,
        purpose: Purpose::Duty,
        request: String::new(),
    }
}

fn says(why: AppError) -> String {
    match why {
        AppError::BadInput(says) => says,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a17_a_scan_tells_one_yes_or_no_and_its_owner_sees_it() {
    both(async |db| {
        let place = Town::new(db).await;
        let (own, worker) = (place.by(mum(), None), on_duty(town()));
        let shown = place.app.show_code(&own).await.unwrap();
        assert!(shown.scans.is_empty());
        let living = slug("living");
        let no = place
            .app
            .scan_code(&worker, &shown.code, &living, "办公交卡");
        let no = no.await.unwrap();
        assert!(!no.holds && no.says.ends_with("：否"), "{}", no.says);
        let again = place
            .app
            .scan_code(&worker, &shown.code, &living, "再扫一次");
        assert!(says(again.await.unwrap_err()).contains("已经用过了"));
        let seen = place.app.show_code(&own).await.unwrap();
        assert_ne!(seen.code, shown.code, "a code taken is shown no more");
        let [scan] = seen.scans.as_slice() else {
            panic!("{:?}", seen.scans)
        };
        assert_eq!(
            (scan.why.as_str(), scan.role),
            ("办公交卡", Role::TownOfficer)
        );
        assert!(!scan.office.is_empty());
        let rows = place
            .app
            .db()
            .read(async |tx| tx.audit_of("person:1").await);
        let rows = rows.await.unwrap();
        assert!(rows.iter().any(|row| row.action == "card.scan"));
    })
    .await;
}

#[tokio::test]
async fn a17_what_is_granted_is_said_and_old_codes_and_guesses_are_refused() {
    both(async |db| {
        let place = Town::new(db).await;
        let case = place.ripe(900, 0).await;
        place.judged(case, Some(0)).await;
        let ctx = place.by(county(), Some(case));
        let decided = place
            .app
            .decide_case(&ctx, case, crate::papers::tests::grant());
        decided.await.unwrap();
        place.on("2026-04-10");
        let (own, worker) = (place.by(mum(), None), on_duty(village()));
        let old = place.app.show_code(&own).await.unwrap();
        place.on("2026-04-11");
        let living = slug("living");
        let late = place.app.scan_code(&worker, &old.code, &living, "办证");
        assert!(says(late.await.unwrap_err()).contains("过期"));
        let code = place.app.show_code(&own).await.unwrap().code;
        for wrong in ["", "AAAA", "00000000-00000000", "00000000-99999999x"] {
            let refused = place.app.scan_code(&worker, wrong, &living, "办证");
            assert!(
                says(refused.await.unwrap_err()).contains("码不对"),
                "{wrong}"
            );
        }
        let silent = place.app.scan_code(&worker, &code, &living, " ");
        assert!(says(silent.await.unwrap_err()).contains("为什么"));
        for (who, refusal) in [
            (mum(), "access.role"),
            (county(), "access.role"),
            (system(), "access.role"),
        ] {
            let who = on_duty(who);
            let refused = place.app.scan_code(&who, &code, &living, "看看");
            let refused = refused.await.unwrap_err();
            assert_eq!(refused.refusal_code(), Some(refusal));
        }
        let yes = place.app.scan_code(&worker, &code, &living, "办证").await;
        let yes = yes.unwrap();
        assert!(yes.holds && yes.says.contains("：是"), "{}", yes.says);
    })
    .await;
}
