//! H10: what an organisation's year comes to is counted from the entries and held against
//! what the pack says; a line crossed waits for a person. What one gave is one's own to see.

use super::*;
use engine_ledger::Standing;
use kernel::{AccountId, Date, FundOrgId, Money, TransferId};
use store::testing::both;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

async fn club(town: &Town, (kind, name): (&str, &str), from: &str) -> Result<FundOrgId> {
    let new = NewOrg {
        book: slug("chest"),
        kind: slug(kind),
        name: name.to_owned(),
        books_from: day(from),
    };
    let ctx = desk(town, keeper());
    Ok(town.app.open_fund_org(&ctx, new).await?.value)
}

async fn fund(town: &Town, name: &str, org: Option<FundOrgId>) -> Result<AccountId> {
    let new = NewFund {
        book: slug("chest"),
        name: name.to_owned(),
        says: "给老人".to_owned(),
        began: day("2026-01-01"),
        ends: day("2028-12-31"),
        emergency: false,
        purposes: vec![slug("elder"), slug("office")],
        org,
    };
    let ctx = desk(town, keeper());
    Ok(town.app.open_fund(&ctx, new).await?.value)
}

async fn give(town: &Town, fund: AccountId, yuan: i64, receipt: &str) -> Result<TransferId> {
    let number: Option<kernel::PersonNumber> = match receipt.starts_with('P') {
        true => Some("990482200001010035".parse().unwrap()),
        false => None,
    };
    let new = NewDonation {
        fund,
        gift: slug("plain"),
        amount: Money::from_fen(yuan * 100),
        donor: "试乙".to_owned(),
        number,
        show: false,
        receipt: receipt.to_owned(),
    };
    let ctx = desk(town, keeper());
    Ok(town.app.donate(&ctx, new).await?.value)
}

async fn spend(town: &Town, fund: AccountId, purpose: &str, yuan: i64) -> TransferId {
    let new = NewSpending {
        fund,
        purpose: slug(purpose),
        amount: Money::from_fen(yuan * 100),
        says: "棉被".to_owned(),
    };
    let one = desk(town, keeper());
    let hold = town.app.ask_spending(&one, new).await.unwrap().value;
    let two = desk(town, keeper_two());
    town.app.decide_spending(&two, hold, true).await.unwrap();
    hold
}

fn standings(of: &OrgYear) -> Vec<(&str, Standing)> {
    let all = of.checks.iter();
    all.map(|one| (one.limit.id.as_str(), one.standing))
        .collect()
}

fn fen(view: &OrgYearView, part: YearPart) -> i64 {
    let all = view.entries.iter().filter(|one| one.part == part);
    all.map(|one| one.amount.fen()).sum()
}

#[tokio::test]
async fn h10_a_year_is_counted_from_its_entries_and_a_line_crossed_waits_for_a_person() {
    both(async |db| {
        let town = house(db).await;
        town.on("2026-03-01");
        let org = club(&town, ("club", "试会"), "2026-01-01").await.unwrap();
        let (one, two) = (
            fund(&town, "一", Some(org)).await.unwrap(),
            fund(&town, "二", Some(org)).await.unwrap(),
        );
        give(&town, one, 1_000, "S1").await.unwrap();
        give(&town, two, 500, "S2").await.unwrap();
        let wrong_one = give(&town, two, 90, "S3").await.unwrap();
        let ctx = desk(&town, keeper());
        let why = "写错了".to_owned();
        let asked = town.app.ask_reversal(&ctx, (slug("chest"), wrong_one), why);
        asked.await.unwrap();
        let other = desk(&town, keeper_two());
        town.app
            .decide_reversal(&other, wrong_one, true)
            .await
            .unwrap();
        spend(&town, one, "elder", 300).await;
        spend(&town, one, "office", 100).await;

        // The first year: the one before is not in the books, and is not taken for nothing.
        let first = town.app.org_year(org, 2026).await.unwrap();
        let sums = first.of.sums.unwrap();
        assert_eq!(
            (sums.income, sums.charity, sums.admin, sums.left),
            (150_000, 30_000, 10_000, 110_000)
        );
        assert_eq!(
            standings(&first.of),
            [("out", Standing::Unknown), ("costs", Standing::Within)]
        );
        let parts = [YearPart::Income, YearPart::Charity, YearPart::Admin];
        assert_eq!(
            parts.map(|part| fen(&first, part)),
            [150_000, 30_000, 10_000],
            "each number is the sum of what it opens to"
        );
        let undone = first
            .entries
            .iter()
            .find(|one| one.amount.fen() < 0)
            .unwrap();
        assert!(
            !undone.says.contains("写错"),
            "why is not the public's: {}",
            undone.says
        );

        // The second: 200 of 1500 on charity, 80 of 280 on the office.
        town.on("2027-06-01");
        spend(&town, two, "elder", 200).await;
        spend(&town, one, "office", 80).await;
        let now = town.app.org_year(org, 2027).await.unwrap().of;
        assert_eq!(
            standings(&now),
            [("out", Standing::NotYet), ("costs", Standing::Crossed)]
        );
        // Looked at, it waits no longer; when the number changes after that, it does again.
        let seen = NewLook {
            org,
            year: 2027,
            limit: slug("costs"),
            says: "年底再看".to_owned(),
        };
        let ctx = desk(&town, keeper());
        town.app.look_at_limit(&ctx, seen).await.unwrap();
        let waits = async || {
            town.app
                .org_year(org, 2027)
                .await
                .unwrap()
                .of
                .to_look_at()
                .len()
        };
        assert_eq!(waits().await, 0);
        spend(&town, one, "office", 1).await;
        assert_eq!(waits().await, 1);
        town.on("2028-01-02");
        let year = town.app.org_year(org, 2027).await.unwrap().of;
        assert_eq!(
            standings(&year),
            [("out", Standing::Crossed), ("costs", Standing::Crossed)]
        );
        assert_eq!(year.checks[0].lines[0].bound, Some(105_000));
        assert_eq!(year.to_look_at().len(), 2);
        // What was crossed stops nothing: it is for a person to look at.
        spend(&town, two, "elder", 1).await;

        let look = |limit: &str, says: &str| NewLook {
            org,
            year: 2027,
            limit: slug(limit),
            says: says.to_owned(),
        };
        let ctx = desk(&town, keeper());
        let empty = town.app.look_at_limit(&ctx, look("out", " ")).await;
        assert!(said(empty).contains("请写"));
        let foreign = town.by(mum(), None);
        let foreign = town.app.look_at_limit(&foreign, look("out", "我来")).await;
        assert!(code(foreign).starts_with("access."));
        let ctx = desk(&town, keeper());
        let words = look("out", "问过了，年底的钱明年用");
        town.app.look_at_limit(&ctx, words).await.unwrap();
        let year = town.app.org_year(org, 2027).await.unwrap().of;
        assert_eq!(year.to_look_at().len(), 1, "the other still waits");
        assert_eq!(year.said_of(&slug("out"))[0].says, "问过了，年底的钱明年用");
        assert_eq!(standings(&year)[0].1, Standing::Crossed, "it stays crossed");
        let ctx = desk(&town, keeper());
        let kept = NewLook {
            year: 2026,
            ..look("costs", "没事")
        };
        assert!(said(town.app.look_at_limit(&ctx, kept).await).contains("没有越线"));
        sound(&town).await;
    })
    .await;
}

#[tokio::test]
async fn h10_a_fund_is_of_an_organisation_of_its_book_and_a_broken_year_is_not_counted() {
    both(async |db| {
        let town = house(db).await;
        town.on("2026-03-01");
        let loose = fund(&town, "早", None).await.unwrap();
        let bad = club(&town, ("choir", "试会"), "2026-01-01").await;
        assert!(said(bad).contains("哪一种"));
        let late = club(&town, ("club", "试会"), "2026-03-02").await;
        assert!(said(late).contains("不能晚于今天"));
        // Its books begin in March: the year is not whole.
        let org = club(&town, ("other", "试会"), "2026-03-01").await.unwrap();
        let twice = club(&town, ("club", "试会"), "2026-03-01").await;
        assert!(said(twice).contains("登记过"));
        assert!(said(fund(&town, "二", None).await).contains("哪个组织"));
        let nobody = fund(&town, "二", Some(FundOrgId(99))).await;
        assert!(said(nobody).contains("哪个组织"));
        let fund = fund(&town, "二", Some(org)).await.unwrap();
        give(&town, fund, 100, "S1").await.unwrap();
        let all = town.app.charity_year(2026).await.unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].sums, all[0].checks.len()), (None, 0));
        assert!(
            town.app
                .org_year(org, 2026)
                .await
                .unwrap()
                .entries
                .is_empty()
        );
        let left = town.app.funds_of_nobody().await.unwrap();
        assert_eq!(left.iter().map(|one| one.id).collect::<Vec<_>>(), [loose]);
        assert!(town.app.org_year(org, i32::MIN).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn h10_what_one_gave_is_ones_own_record_and_nobody_elses() {
    both(async |db| {
        let town = house(db).await;
        let fund = fund(&town, "一", None).await.unwrap();
        give(&town, fund, 30, "P1").await.unwrap();
        give(&town, fund, 20, "S2").await.unwrap();
        let own = town.app.own_gifts(&town.by(son(), None)).await.unwrap();
        assert_eq!(own.len(), 1, "a name alone is nobody's record");
        assert_eq!((own[0].amount.fen(), own[0].fund), (3_000, fund));
        assert_eq!((own[0].gift.as_str(), own[0].reversed), ("随手捐", false));
        let mums = town.app.own_gifts(&town.by(mum(), None)).await.unwrap();
        assert!(mums.is_empty());
        let new = NewDonation {
            fund,
            gift: slug("plain"),
            amount: Money::from_fen(100),
            donor: "试甲".to_owned(),
            number: Some("990482200001010035".parse().unwrap()),
            show: true,
            receipt: "P9".to_owned(),
        };
        let ctx = desk(&town, keeper());
        let others = town.app.donate(&ctx, new).await;
        assert!(said(others).contains("对得上"), "a number of somebody else");
        let desk = desk(&town, keeper());
        assert!(code(town.app.own_gifts(&desk).await) != "ok");
    })
    .await;
}
