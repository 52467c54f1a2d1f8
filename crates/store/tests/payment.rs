//! Nobody is paid twice, whatever two programs do at once; files and answers of
//! the bank are kept once. On both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use engine_payment::{
    AccountHolding, Batch, Beneficiary, Command, Config, Entitlement, Every, ItemState,
    LineOutcome, MonthDiff, PayAccount, ReplyLine, compute, decide, write_bank_file,
};
use kernel::{
    Actor, DecisionId, EntitlementId, HouseholdId, Instant, Money, Now, PaymentBatchId, Period,
    PersonId, Role,
};
use std::collections::BTreeSet;
use store::testing::both;
use store::{Db, StoreError};

fn at(second: i64) -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000 + second, 0).unwrap(),
    }
}

fn officer(person: i64) -> Actor {
    Actor {
        account: format!("fin{person}"),
        person: Some(PersonId(person)),
        role: Role::Finance,
    }
}

fn config() -> Config {
    Config {
        payer: "3304820000000001".parse().unwrap(),
        silence_minutes: 30,
        most_lines: 1000,
    }
}

fn month() -> Period {
    "2026-12".parse().unwrap()
}

fn grant(id: i64) -> Entitlement {
    Entitlement {
        id: EntitlementId(id),
        programme: "dibao".parse().unwrap(),
        component: "base".parse().unwrap(),
        beneficiary: Beneficiary::Household(HouseholdId(id)),
        payee: PersonId(id),
        amount: Money::from_fen(80_000 + id),
        every: Every::Month,
        from: "2026-01".parse().unwrap(),
        to: None,
        decision: DecisionId(id),
        stop: None,
    }
}

/// `count` running grants, each payee with an account.
async fn granted(db: &Db, count: i64) {
    db.write(async move |tx| {
        for id in 1..=count {
            tx.save_entitlement(0, &grant(id), &officer(1), at(0))
                .await?;
            let account = PayAccount {
                holder: PersonId(id),
                name: format!("测试·户名{id}"),
                number: format!("62170099{id:08}").parse().unwrap(),
            };
            let account = AccountHolding {
                current: Some(account),
                proposed: None,
            };
            tx.save_pay_account(PersonId(id), 0, &account, &officer(1), at(0))
                .await?;
        }
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

/// Makes a draft for the month and freezes its list, in one transaction.
async fn computed(db: &Db, id: i64) -> Result<usize, StoreError> {
    let id = PaymentBatchId(id);
    db.write(async move |tx| {
        tx.create_payment_batch(&Batch::draft(id, month())).await?;
        let before = tx.payment_batch(id).await?;
        let accounts = tx.pay_accounts().await?;
        let made = tx.obligations_made(month(), id).await?;
        let entitlements = tx.entitlements_in(month()).await?;
        let dues = compute(
            &entitlements,
            |who| accounts.get(&who).cloned(),
            month(),
            &made,
        )
        .unwrap();
        if dues.is_empty() {
            return Ok(0);
        }
        let mut numbered = Vec::new();
        for due in dues {
            numbered.push((tx.obligation(&due.key).await?, due));
        }
        let compute = Command::Compute {
            dues: numbered,
            live: tx.obligations_live(month(), id).await?,
            diff: MonthDiff::default(),
            rule: "rule".into(),
            inputs: "inputs".into(),
        };
        // Between our two looks another batch may have been kept: the engine says no.
        let decided = decide(&before.state, compute, &officer(1), &config(), at(1));
        let Ok(events) = decided else { return Ok(0) };
        let mut after = before.state.clone();
        events.iter().for_each(|event| after.apply(event));
        tx.save_payment_batch(&before, &after, &events, &officer(1), at(1))
            .await?;
        Ok(after.items.len())
    })
    .await
}

/// One verb on a batch, kept.
async fn tell(db: &Db, id: i64, command: Command, who: i64) -> Batch {
    db.write(async move |tx| {
        let before = tx.payment_batch(PaymentBatchId(id)).await?;
        let command = command.clone();
        let events = decide(&before.state, command, &officer(who), &config(), at(2)).unwrap();
        let mut after = before.state.clone();
        events.iter().for_each(|event| after.apply(event));
        tx.save_payment_batch(&before, &after, &events, &officer(who), at(2))
            .await?;
        Ok::<_, StoreError>(after)
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_batch_reads_back_with_its_items_and_its_history() {
    both(async |db| {
        granted(&db, 12).await;
        assert_eq!(computed(&db, 1).await.unwrap(), 12);
        let id = PaymentBatchId(1);
        let loaded = db
            .read(async move |tx| tx.payment_batch(id).await)
            .await
            .unwrap();
        let seen = loaded.state.list.as_ref().unwrap().hash.clone();
        tell(&db, 1, Command::Check { seen }, 2).await;
        // Back to draft and once more: the same obligations, not new ones.
        tell(
            &db,
            1,
            Command::Hold {
                line: 3,
                reason: "账户待核实".into(),
            },
            2,
        )
        .await;
        let loaded = db
            .read(async move |tx| tx.payment_batch(id).await)
            .await
            .unwrap();
        assert!(matches!(
            loaded.state.item(3).unwrap().state,
            ItemState::Held { .. }
        ));
        assert_eq!(loaded.state.items.len(), 12);
        let paid = db
            .read(async |tx| tx.payments_to(PersonId(7)).await)
            .await
            .unwrap();
        assert_eq!((paid.len(), paid[0].1.amount), (1, Money::from_fen(80_007)));
        let in_month = db
            .read(async |tx| tx.payment_batches_in(month()).await)
            .await
            .unwrap();
        assert_eq!(in_month, [id]);
    })
    .await;
}

#[tokio::test]
async fn two_batches_at_once_never_hold_the_same_obligation() {
    both(async |db| {
        granted(&db, 10).await;
        let mut makers = tokio::task::JoinSet::new();
        for id in 1..=6 {
            let db = db.clone();
            makers.spawn(async move { computed(&db, id).await });
        }
        let lists = makers.join_all().await;
        let lines: usize = lists.iter().flatten().sum();
        assert_eq!(lines, 10, "{lists:?}");
        // Whoever came second found nothing left, or was refused by the key.
        for list in lists {
            assert!(
                matches!(list, Ok(0 | 10) | Err(StoreError::Duplicate { .. })),
                "{list:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_returned_payment_goes_on_in_one_other_batch_only() {
    both(async |db| {
        granted(&db, 2).await;
        computed(&db, 1).await.unwrap();
        let before = db
            .read(async |tx| tx.payment_batch(PaymentBatchId(1)).await)
            .await
            .unwrap();
        let again = |batch: i64, release: bool| {
            let before = before.clone();
            db.write(async move |tx| {
                let mut item = before.state.items[0].clone();
                if release {
                    let mut after = before.state.clone();
                    after.items[0].state = ItemState::Reissued {
                        into: PaymentBatchId(batch),
                    };
                    let event = engine_payment::Event::Closed {
                        stamp: engine_payment::Stamp {
                            by: officer(1),
                            at: at(3).at,
                        },
                    };
                    tx.save_payment_batch(&before, &after, &[event], &officer(1), at(3))
                        .await?;
                }
                let mut next = Batch::draft(PaymentBatchId(batch), month());
                (item.line, item.attempt) = (1, item.attempt + 1);
                next.items = vec![item];
                tx.create_payment_batch(&next).await
            })
        };
        let refused = again(2, false).await;
        assert!(
            matches!(refused, Err(StoreError::Duplicate { .. })),
            "{refused:?}"
        );
        again(2, true).await.unwrap();
        let refused = again(3, false).await;
        assert!(
            matches!(refused, Err(StoreError::Duplicate { .. })),
            "{refused:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_stale_batch_is_refused() {
    both(async |db| {
        granted(&db, 2).await;
        computed(&db, 1).await.unwrap();
        let stale = db
            .read(async |tx| tx.payment_batch(PaymentBatchId(1)).await)
            .await
            .unwrap();
        tell(
            &db,
            1,
            Command::Hold {
                line: 1,
                reason: "核实".into(),
            },
            2,
        )
        .await;
        let refused = db
            .write(async move |tx| {
                let event = engine_payment::Event::Closed {
                    stamp: engine_payment::Stamp {
                        by: officer(1),
                        at: at(3).at,
                    },
                };
                let after = stale.state.clone();
                tx.save_payment_batch(&stale, &after, &[event], &officer(1), at(3))
                    .await
            })
            .await;
        assert!(
            matches!(refused, Err(StoreError::Conflict { .. })),
            "{refused:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_resent_file_has_the_same_bytes_and_an_answer_counts_once() {
    both(async |db| {
        granted(&db, 3).await;
        computed(&db, 1).await.unwrap();
        let id = PaymentBatchId(1);
        let batch = db
            .read(async move |tx| tx.payment_batch(id).await)
            .await
            .unwrap()
            .state;
        let file = write_bank_file(&batch, &config()).unwrap();
        let mut other = file.clone();
        other.bytes.push(b' ');
        let reference = file.reference.clone();
        let keep = |file: engine_payment::BankFile| {
            db.write(async move |tx| tx.keep_bank_file(id, &file, at(3)).await)
        };
        keep(file.clone()).await.unwrap();
        keep(file.clone()).await.unwrap();
        assert!(matches!(keep(other).await, Err(StoreError::Forbidden(_))));
        let kept = db
            .read(async move |tx| tx.bank_file(&reference).await)
            .await
            .unwrap();
        assert_eq!(kept.body, file.bytes);

        let line = |n: u32, code: &str| ReplyLine {
            line: n,
            reference: format!("NX{n}"),
            account: "6217009900000001".parse().unwrap(),
            amount: Money::from_fen(100),
            outcome: LineOutcome::Returned {
                code: code.into(),
                on: "2026-12-10".parse().unwrap(),
            },
        };
        let take = |lines: Vec<ReplyLine>| {
            db.write(async move |tx| {
                tx.keep_reply_lines("bank", "file", "digest", &lines, at(4))
                    .await
            })
        };
        assert_eq!(take(vec![line(1, "A"), line(2, "A")]).await.unwrap(), 2);
        assert_eq!(take(vec![line(2, "B"), line(3, "A")]).await.unwrap(), 1);
        let said = db
            .read(async |tx| tx.reply_line("bank", "file", 2).await)
            .await
            .unwrap();
        assert!(matches!(said.unwrap().2, LineOutcome::Returned { code, .. } if code == "A"));

        let suspend = || {
            let amount = Money::from_fen(5);
            db.write(async move |tx| tx.suspend("bank", "file", 99, "NX99", amount, at(5)).await)
        };
        assert!(suspend().await.unwrap());
        assert!(!suspend().await.unwrap());
        let open = db.read(async |tx| tx.suspense().await).await.unwrap();
        let number = open[0].id;
        let words = "银行误发，已退回";
        db.write(async move |tx| tx.clear_suspense(number, words).await)
            .await
            .unwrap();
        assert!(
            db.read(async |tx| tx.suspense().await)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn an_entitlement_ends_when_it_is_stopped_and_its_versions_remain() {
    both(async |db| {
        granted(&db, 1).await;
        let months = ["2025-12", "2026-01", "2026-06", "2026-07"].map(|m| m.parse().unwrap());
        let running = async |db: &Db| {
            let mut counts = Vec::new();
            for month in months {
                let found = db
                    .read(async move |tx| tx.entitlements_in(month).await)
                    .await
                    .unwrap();
                counts.push(found.len());
            }
            counts
        };
        assert_eq!(running(&db).await, [0, 1, 1, 1]);
        let whose = Beneficiary::Household(HouseholdId(1));
        let of = db
            .read(async move |tx| tx.entitlements_of(whose).await)
            .await
            .unwrap();
        let mut stopped = of[0].state.clone();
        stopped.to = Some("2026-06".parse().unwrap());
        let version = of[0].version;
        db.write(async move |tx| {
            tx.save_entitlement(version, &stopped, &officer(2), at(9))
                .await
        })
        .await
        .unwrap();
        assert_eq!(running(&db).await, [0, 1, 1, 0]);
        let keys = db
            .read(async |tx| tx.obligations_made(month(), PaymentBatchId(0)).await)
            .await
            .unwrap();
        assert_eq!(keys, BTreeSet::new());
    })
    .await;
}
