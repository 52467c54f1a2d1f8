//! Who comes to the counter is served on card and word alone, and nothing is told to
//! who cannot say both number and name. On both databases.

use super::*;
use crate::Context;
use crate::case::tests::town::*;
use kernel::Actor;
use store::testing::both;

const CARD: &str = "990482194803150023";

fn came(number: &str, name: &str, said: &str) -> CameIn {
    CameIn {
        number: number.parse().unwrap(),
        name: name.into(),
        service: slug("living"),
        said: said.into(),
    }
}

fn at_counter(town: &Town, who: Actor) -> Context {
    Context {
        purpose: Purpose::Counter,
        ..town.by(who, None)
    }
}

/// What was said to somebody who was not served.
fn says(answer: Result<Reply<CaseId>>) -> String {
    match answer {
        Err(AppError::BadInput(says)) => says,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_comes_with_card_and_word_is_served_once() {
    both(async |db| {
        let town = Town::new(db).await;
        let ctx = at_counter(&town, crate::case::tests::town::town());
        let unsaid = town.app.came_in(&ctx, came(CARD, "试甲", "")).await;
        assert!(says(unsaid).contains("怎样同意"));
        let case = town.app.came_in(&ctx, came(CARD, " 试甲 ", "here")).await;
        let case = case.unwrap().value;
        let opened = town.case(case).await.opened.unwrap();
        assert_eq!((opened.applicant, opened.beneficiary), (MUM, MUM));
        assert_eq!(opened.channel, Channel::Window);
        // Another day, the other worker: the same draft.
        let ctx = at_counter(&town, village());
        let again = town.app.came_in(&ctx, came(CARD, "试甲", "phone")).await;
        assert_eq!(again.unwrap().value, case);
        let form = town.app.behalf(&town.by(village(), Some(case)), case).await;
        assert_eq!(form.unwrap().mandate.unwrap().how, "当面说的");
    })
    .await;
}

#[tokio::test]
async fn who_is_not_served_learns_nothing_and_it_is_on_record() {
    both(async |db| {
        let town = Town::new(db).await;
        let here = || at_counter(&town, village());
        let away = at_counter(&town, elsewhere());
        let own = at_counter(&town, mum());
        let unknown = "990482198001010019";
        for (ctx, card) in [
            (here(), came(CARD, "试乙", "here")),
            (here(), came(unknown, "试甲", "here")),
            (away, came(CARD, "试甲", "here")),
            (own, came(CARD, "试甲", "here")),
        ] {
            let said = says(town.app.came_in(&ctx, card).await);
            assert_eq!(said, NOBODY);
        }
        let page = async |tx: &mut Tx| Ok::<_, AppError>(tx.audit_of("counter").await?);
        let rows = town.app.db().read(page).await.unwrap();
        let looks = rows.iter().filter(|one| one.action == "counter.card");
        assert_eq!(looks.count(), 4);
        // For another purpose nobody's card is read at all.
        let ctx = town.by(village(), None);
        let refused = town.app.came_in(&ctx, came(CARD, "试甲", "here")).await;
        assert!(refused.unwrap_err().refusal_code().is_some());
    })
    .await;
}

#[tokio::test]
async fn what_the_resident_began_or_handed_in_is_not_begun_again() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(1, 1).await;
        let ctx = at_counter(&town, village());
        let said = says(town.app.came_in(&ctx, came(CARD, "试甲", "here")).await);
        assert!(said.contains("已经在办") && said.contains(&case.to_string()));
    })
    .await;
}
