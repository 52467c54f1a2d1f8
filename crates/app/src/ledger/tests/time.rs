//! H13, D40, H14: a person's own account.

use super::*;
use kernel::{Date, PersonNumber, TransferId};
use store::ledger::ClaimStage;
use store::testing::both;

fn claim(kind: &str, amount: i64) -> NewClaim {
    NewClaim {
        book: slug("beans"),
        kind: slug(kind),
        number: "990482194803150023".parse().unwrap(),
        name: "试甲".to_owned(),
        day: "2026-03-01".parse().unwrap(),
        amount,
    }
}

fn to_son(amount: i64) -> NewGift {
    NewGift {
        book: slug("beans"),
        kind: slug("gift"),
        number: "990482200001010035".parse().unwrap(),
        name: "试乙".to_owned(),
        amount,
    }
}

async fn own(town: &Town, actor: Actor) -> OwnBook {
    let year: (Date, Date) = ("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
    let ctx = town.by(actor, None);
    town.app.own_book(&ctx, &slug("beans"), year).await.unwrap()
}

/// The son earns by helping the mother, who confirms.
async fn earned(town: &Town, amount: i64) -> TransferId {
    let ctx = town.by(son(), None);
    let id = town.app.claim(&ctx, claim("help", amount)).await.unwrap();
    let ctx = town.by(mum(), None);
    town.app.answer_claim(&ctx, id.value, true).await.unwrap();
    id.value
}

async fn spend(town: &Town, actor: Actor, count: i64) -> Result<TransferId> {
    let ctx = town.by(actor, None);
    let way = (slug("beans"), slug("use"));
    Ok(town.app.spend(&ctx, way, count).await?.value)
}

#[tokio::test]
async fn h13_time_counts_only_when_the_other_side_confirms_and_is_refused_at_the_floor() {
    both(async |db| {
        let town = house(db).await;
        let ctx = town.by(son(), None);
        let asked = town.app.claim(&ctx, claim("help", 60)).await.unwrap();
        // The same request again is the same claim.
        let again = town.app.claim(&ctx, claim("help", 60)).await.unwrap();
        assert_eq!(again.value, asked.value);
        let before = own(&town, son()).await;
        assert_eq!((before.balance, before.coming), (0, 90));
        assert_eq!(own(&town, mum()).await.to_confirm[0].other, "试乙");
        // Not by the one who says so.
        let ctx = town.by(son(), None);
        let alone = town.app.answer_claim(&ctx, asked.value, true).await;
        assert_eq!(said(alone), "没有等您确认的这一笔");
        town.app
            .answer_claim(&town.by(mum(), None), asked.value, true)
            .await
            .unwrap();
        let after = own(&town, son()).await;
        assert_eq!((after.balance, after.coming), (90, 0));
        assert_eq!(after.claimed[0].claim.stage, ClaimStage::Confirmed);
        assert_eq!((after.limits[0].used, after.limits[0].most), (90, 300));
        // The floor, in words, and nothing moved.
        let short = spend(&town, son(), 91).await;
        let says = said(short);
        assert!(says.contains("可用 90") && says.contains("颗"), "{says}");
        spend(&town, son(), 50).await.unwrap();
        let book = own(&town, son()).await;
        let lines: Vec<i64> = book
            .statement
            .lines
            .iter()
            .map(|line| line.amount)
            .collect();
        assert_eq!((book.balance, lines), (40, vec![90, -50]));
        sound(&town).await;
    })
    .await;
}

#[tokio::test]
async fn h13_denied_unconfirmed_and_kin() {
    both(async |db| {
        let town = house(db).await;
        let ctx = || town.by(son(), None);
        let no = town.app.claim(&ctx(), claim("help", 60)).await.unwrap();
        town.app
            .answer_claim(&town.by(mum(), None), no.value, false)
            .await
            .unwrap();
        let kin = town.app.claim(&ctx(), claim("far", 60)).await;
        assert_eq!(said(kin), "一家人之间帮忙，不记时间");
        let mums = town.by(mum(), None);
        let selfish = town.app.claim(&mums, claim("help", 60)).await;
        assert_eq!(said(selfish), "不能给自己记");
        let nobody = NewClaim {
            name: "别人".to_owned(),
            ..claim("help", 60)
        };
        let wrong = town.app.claim(&ctx(), nobody).await;
        assert!(said(wrong).contains("没有找到这个人"));
        // Nobody says anything: after ten days it is released, and was never there.
        town.app.claim(&ctx(), claim("help", 60)).await.unwrap();
        assert_eq!(town.app.tick_books().await.unwrap().claims, 0);
        town.on("2026-03-13");
        assert_eq!(town.app.tick_books().await.unwrap().claims, 1);
        let book = own(&town, son()).await;
        assert_eq!((book.balance, book.coming), (0, 0));
        let stages: Vec<ClaimStage> = book.claimed.iter().map(|one| one.claim.stage).collect();
        assert_eq!(stages, [ClaimStage::Lapsed, ClaimStage::Denied]);
        assert_eq!(book.limits[0].used, 0, "what did not count uses up nothing");
        sound(&town).await;
    })
    .await;
}

#[tokio::test]
async fn h13_one_round_ends_all_that_is_over_however_many_there_are() {
    both(async |db| {
        let town = house(db).await;
        for _ in 0..7 {
            let ctx = town.by(son(), None);
            town.app.claim(&ctx, claim("help", 10)).await.unwrap();
        }
        town.on("2026-03-13");
        assert_eq!(town.app.tick_books().await.unwrap().claims, 7);
        assert_eq!(town.app.tick_books().await.unwrap().claims, 0);
        sound(&town).await;
    })
    .await;
}

#[tokio::test]
async fn h13_what_lapses_first_goes_first_is_warned_of_and_lapses() {
    both(async |db| {
        let town = house(db).await;
        earned(&town, 40).await;
        town.on("2026-04-02");
        earned(&town, 20).await;
        let book = own(&town, son()).await;
        let lots: Vec<(i64, bool)> = book.lots.iter().map(|lot| (lot.left, lot.soon)).collect();
        // March's lapse on 1 June; the warning comes 40 days before.
        assert_eq!(lots, [(60, false), (30, false)]);
        town.on("2026-05-01");
        let soon: Vec<bool> = own(&town, son())
            .await
            .lots
            .iter()
            .map(|lot| lot.soon)
            .collect();
        assert_eq!(soon, [true, false]);
        spend(&town, son(), 50).await.unwrap();
        town.on("2026-06-01");
        assert_eq!(own(&town, son()).await.balance, 30, "over is over");
        assert_eq!(town.app.tick_books().await.unwrap().lots, 1);
        assert_eq!(town.app.tick_books().await.unwrap().lots, 0);
        let ctx = desk(&town, keeper());
        let sums = town.app.book_desk(&ctx, &slug("beans")).await.unwrap();
        let expected = BookSums {
            issued: 90,
            used: 50,
            lapsed: 10,
            owed: 30,
            holders: 1,
        };
        assert_eq!(sums.sums, expected);
        // Every number opens to what it is made of.
        for (part, total) in [("issued", -90), ("used", 50), ("lapsed", 10), ("lot", 30)] {
            let ctx = desk(&town, keeper());
            let behind = town.app.book_entries(&ctx, &slug("beans"), part).await;
            let behind = behind.unwrap();
            let summed: i64 = behind.entries.iter().map(|one| one.amount).sum();
            assert_eq!((behind.total, summed), (total, total), "{part}");
            assert!(
                behind.entries.iter().all(|one| one.whose == "试乙"),
                "{part}"
            );
        }
        // 90 given in 90 days: as much will be given in the next 90; 30 is owed.
        assert_eq!(sums.solvency.unwrap().short, Some(0));
        sound(&town).await;
    })
    .await;
}

#[tokio::test]
async fn h14_the_same_paper_twice_and_more_than_a_day_holds_are_refused() {
    both(async |db| {
        let town = house(db).await;
        let paper = |number: &str, count: i64| Credit {
            book: slug("beans"),
            kind: slug("paper"),
            number: "990482200001010035".parse().unwrap(),
            name: "试乙".to_owned(),
            count,
            paper: number.to_owned(),
        };
        let credit = async |one: Credit| town.app.credit(&desk(&town, keeper()), one).await;
        credit(paper("A1", 1)).await.unwrap();
        assert_eq!(code(credit(paper("A1", 1)).await), "ledger.reference_taken");
        let over = credit(paper("A2", 2)).await;
        assert_eq!(code(over), "ledger.above_ceiling");
        let says = said(credit(paper("A2", 2)).await);
        assert!(says.contains("每天最多 10 颗"), "{says}");
        credit(paper("A2", 1)).await.unwrap();
        town.on("2026-03-03");
        credit(paper("A3", 2)).await.unwrap();
        assert_eq!(own(&town, son()).await.balance, 20);
        // Given away up to the year's limit, to whoever it is meant for, not to oneself.
        let give = async |actor: Actor, gift: NewGift| {
            let ctx = town.by(actor, None);
            town.app.give_away(&ctx, gift).await
        };
        assert_eq!(said(give(son(), to_son(5)).await), "不能给自己记");
        let to_mum = NewGift {
            number: "990482194803150023".parse().unwrap(),
            name: "试甲".to_owned(),
            ..to_son(15)
        };
        give(son(), to_mum.clone()).await.unwrap();
        assert_eq!(own(&town, mum()).await.balance, 15);
        assert_eq!(code(give(son(), to_mum).await), "ledger.not_enough");
        sound(&town).await;
    })
    .await;
}

#[tokio::test]
async fn h14_fraud_is_undone_by_a_second_person_and_never_deleted() {
    both(async |db| {
        let town = house(db).await;
        let claimed = earned(&town, 60).await;
        let posted = own(&town, son()).await.statement.lines[0].transfer;
        assert_ne!(posted, claimed);
        let why = || "没有去过".to_owned();
        let ask = async |of: TransferId| {
            let ctx = desk(&town, keeper());
            town.app
                .ask_reversal(&ctx, (slug("beans"), of), why())
                .await
        };
        ask(posted).await.unwrap();
        assert!(said(ask(posted).await).contains("已经有人请求冲正"));
        let ctx = desk(&town, keeper());
        let one = town.app.decide_reversal(&ctx, posted, true).await;
        assert_eq!(code(one), "access.four_eyes");
        let two = desk(&town, keeper_two());
        town.app.decide_reversal(&two, posted, true).await.unwrap();
        let book = own(&town, son()).await;
        let lines: Vec<i64> = book
            .statement
            .lines
            .iter()
            .map(|line| line.amount)
            .collect();
        assert_eq!((book.balance, lines), (0, vec![90, -90]));
        assert!(book.statement.lines[0].reversed_by.is_some());
        assert_eq!(book.limits[0].used, 0, "the limit is given back too");
        // Residents keep no books.
        let ctx = town.by(mum(), None);
        let foreign = town.app.book_desk(&ctx, &slug("beans")).await;
        assert!(code(foreign).starts_with("access."));
        sound(&town).await;
    })
    .await;
}

#[tokio::test]
async fn d40_old_people_who_help_are_known_by_their_age() {
    both(async |db| {
        let town = house(db).await;
        let young = town
            .app
            .claim(&town.by(son(), None), claim("old", 60))
            .await;
        assert_eq!(said(young), "“老人帮人”要满 60 岁");
        let to_son = NewClaim {
            number: "990482200001010035".parse().unwrap(),
            name: "试乙".to_owned(),
            ..claim("old", 60)
        };
        let ctx = town.by(mum(), None);
        let id = town.app.claim(&ctx, to_son).await.unwrap().value;
        let ctx = town.by(son(), None);
        town.app.answer_claim(&ctx, id, true).await.unwrap();
        assert_eq!(own(&town, mum()).await.balance, 60);
        sound(&town).await;
    })
    .await;
}

#[tokio::test]
async fn h13_saved_time_is_used_for_an_old_one_of_the_same_home_and_nobody_else() {
    both(async |db| {
        let town = house(db).await;
        earned(&town, 60).await;
        let number =
            |text: &str| PersonNumber::parse_on(text, "2026-03-02".parse().unwrap()).unwrap();
        let (old, young) = (number("990482194803150023"), number("990482200001010035"));
        let use_for = async |who: Actor, kind: &str, number, name: &str| {
            let ctx = town.by(who, None);
            let way = (slug("beans"), slug(kind));
            let whom = (number, name.to_owned());
            town.app.spend_for(&ctx, way, 40, whom).await
        };
        // Number and name must be theirs; not for oneself by this way, not for a young one.
        assert!(said(use_for(son(), "use", old, "别人").await).contains("对得上"));
        assert!(said(use_for(son(), "use", young, "试乙").await).contains("家里人"));
        assert!(said(use_for(mum(), "use", young, "试乙").await).contains("满 60 岁"));
        assert_eq!(own(&town, son()).await.balance, 90, "nothing moved");
        use_for(son(), "use", old, "试甲").await.unwrap();
        let book = own(&town, son()).await;
        assert_eq!(book.balance, 50);
        // Not more than is there.
        assert!(use_for(son(), "use", old, "试甲").await.is_ok());
        assert!(said(use_for(son(), "use", old, "试甲").await).contains("可用 10"));
    })
    .await;
}
