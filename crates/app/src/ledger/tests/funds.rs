//! H01–H04: funds and campaigns.

use super::*;
use kernel::{AccountId, Date, Money, TransferId};
use store::testing::both;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

async fn campaign(town: &Town) -> AccountId {
    let new = NewFund {
        book: slug("jar"),
        name: "台风救灾".to_owned(),
        says: "给受灾的老人".to_owned(),
        began: day("2026-03-01"),
        ends: day("2026-04-30"),
        emergency: true,
        purposes: vec![slug("elder")],
        org: None,
    };
    let ctx = desk(town, keeper());
    town.app.open_fund(&ctx, new).await.unwrap().value
}

async fn donate(
    town: &Town,
    fund: AccountId,
    (yuan, show, receipt): (i64, bool, &str),
) -> Result<TransferId> {
    let new = NewDonation {
        fund,
        gift: slug("plain"),
        amount: Money::from_fen(yuan * 100),
        donor: "试丙".to_owned(),
        number: None,
        show,
        receipt: receipt.to_owned(),
    };
    let ctx = desk(town, keeper());
    Ok(town.app.donate(&ctx, new).await?.value)
}

async fn ask(town: &Town, fund: AccountId, purpose: &str, yuan: i64) -> Result<TransferId> {
    let new = NewSpending {
        fund,
        purpose: slug(purpose),
        amount: Money::from_fen(yuan * 100),
        says: "棉被 20 床".to_owned(),
    };
    let ctx = desk(town, keeper());
    Ok(town.app.ask_spending(&ctx, new).await?.value)
}

async fn seen(town: &Town, fund: AccountId) -> FundView {
    // Anybody at all.
    town.app.public_fund(fund).await.unwrap()
}

#[tokio::test]
async fn h01_money_comes_in_once_is_spent_on_its_purpose_by_two_people_and_everybody_sees_it() {
    both(async |db| {
        let town = house(db).await;
        let fund = campaign(&town).await;
        donate(&town, fund, (800, true, "S1")).await.unwrap();
        donate(&town, fund, (200, false, "S2")).await.unwrap();
        let twice = donate(&town, fund, (200, false, "S2")).await;
        assert_eq!(code(twice), "ledger.reference_taken");
        assert_eq!(
            code(ask(&town, fund, "school", 10).await),
            "ledger.purpose_not_allowed",
            "a purpose of the book, not of this fund"
        );
        let much = ask(&town, fund, "elder", 1_001).await;
        assert_eq!(code(much), "ledger.below_floor");
        let hold = ask(&town, fund, "elder", 600).await.unwrap();
        // Reserved is not spent, and cannot be asked for twice.
        let before = seen(&town, fund).await;
        assert_eq!((before.spent.fen(), before.asked.fen()), (0, 60_000));
        let more = ask(&town, fund, "elder", 401).await;
        assert_eq!(code(more), "ledger.below_floor");
        let one = desk(&town, keeper());
        let own = town.app.decide_spending(&one, hold, true).await;
        assert_eq!(code(own), "access.four_eyes");
        let two = desk(&town, keeper_two());
        town.app.decide_spending(&two, hold, true).await.unwrap();
        let no = ask(&town, fund, "elder", 100).await.unwrap();
        let two = desk(&town, keeper_two());
        town.app.decide_spending(&two, no, false).await.unwrap();
        let view = seen(&town, fund).await;
        let sums = [view.received, view.spent, view.left, view.asked].map(Money::fen);
        assert_eq!(sums, [100_000, 60_000, 40_000, 0]);
        assert_eq!(view.by_purpose.len(), 1);
        assert_eq!(view.by_purpose[0].spent.fen(), 60_000);
        assert_eq!(view.share(&view.by_purpose[0]), Some(1_000));
        let names: Vec<&str> = view.gifts.iter().map(|one| one.shown.as_str()).collect();
        assert_eq!(names, ["爱心人士", "试丙"], "a name is hidden on request");
        assert_eq!(view.paid().count(), 1);
        sound(&town).await;
    })
    .await;
}

#[tokio::test]
async fn h03_an_emergency_campaign_not_shown_in_five_days_is_late_for_everybody_to_see() {
    both(async |db| {
        let town = house(db).await;
        let fund = campaign(&town).await;
        let late = async |on: &str| {
            town.on(on);
            let view = seen(&town, fund).await;
            (view.open_due().unwrap().by, view.late(day(on)))
        };
        assert_eq!(late("2026-03-06").await, (day("2026-03-06"), 0));
        assert_eq!(late("2026-03-09").await, (day("2026-03-06"), 3));
        let says = "收到 0 元".to_owned();
        let ctx = desk(&town, keeper());
        town.app.show_fund(&ctx, fund, says).await.unwrap();
        assert_eq!(late("2026-03-09").await, (day("2026-03-14"), 0));
        let view = seen(&town, fund).await;
        assert_eq!(view.dues[0].late_days(day("2026-03-09")), 3, "it was late");
        assert_eq!(view.shown.len(), 1);
        // Who has no right to the book shows nothing.
        let ctx = town.by(mum(), None);
        let foreign = town.app.show_fund(&ctx, fund, "我来".to_owned()).await;
        assert!(code(foreign).starts_with("access."));
    })
    .await;
}

#[tokio::test]
async fn h01_a_donation_written_wrong_is_reversed_not_deleted() {
    both(async |db| {
        let town = house(db).await;
        let fund = campaign(&town).await;
        let gift = donate(&town, fund, (800, true, "S1")).await.unwrap();
        let ctx = desk(&town, keeper());
        let why = "写错了".to_owned();
        let asked = town.app.ask_reversal(&ctx, (slug("jar"), gift), why);
        asked.await.unwrap();
        let two = desk(&town, keeper_two());
        town.app.decide_reversal(&two, gift, true).await.unwrap();
        let view = seen(&town, fund).await;
        assert_eq!((view.received.fen(), view.left.fen()), (0, 0));
        assert!(view.gifts[0].reversed);
        sound(&town).await;
    })
    .await;
}
