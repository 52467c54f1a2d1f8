//! A death the register learns of holds the money until somebody looked: before the
//! list, and between the list and its release.

use crate::world::*;
use engine_payment::ItemState;
use engine_registry::{Command, Config, Origin, PersonFact, decide};
use kernel::*;
use std::collections::BTreeSet;
use store::testing::both;
use store::{RegisterSlice, StoreError, Tx};

/// The register takes in a death, as an import does.
async fn dies(world: &World, person: i64) {
    let now = world.clock.now();
    let write = async move |tx: &mut Tx| {
        let slice = RegisterSlice {
            people: BTreeSet::from([PersonId(person)]),
            ..RegisterSlice::default()
        };
        let mut register = tx.register(&slice).await?;
        let command = Command::Record {
            person: PersonId(person),
            fact: PersonFact::Died("2026-11-02".parse().unwrap()),
            origin: Origin::Declared {
                case: None,
                by: machine(),
                as_of: now.today(),
            },
        };
        let config = Config::default();
        let events = decide(&register.state, command, &config, now).unwrap();
        events.iter().for_each(|event| register.state.apply(event));
        tx.save_register(&register, &events, &machine(), now)
            .await?;
        Ok::<_, StoreError>(())
    };
    world.db.write(write).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a35_a_death_holds_the_money_until_a_person_looked() {
    both(async |db| {
        let world = world(db).await;
        let desk = &world.desk;
        families(&world, 4).await;
        let fund = Money::from_yuan(10_000).unwrap();
        desk.appropriate(&ctx(&finance(901)), &slug("dibao"), fund, "2026-12")
            .await
            .unwrap();
        dies(&world, 2).await;
        let maker = ctx(&finance(901));
        let id = desk.open_batch(&maker, month(MONTH)).await.unwrap();
        let compute = async || {
            let computed = desk.compute_batch(&ctx(&finance(901)), id).await.unwrap();
            computed.hash.unwrap()
        };
        let seen = compute().await;
        let states = async || {
            let batch = world.db.read(async move |tx| tx.payment_batch(id).await);
            let items = batch.await.unwrap().state.items.into_iter();
            items.map(|item| item.state).collect::<Vec<_>>()
        };
        let held = states().await[1].clone();
        let says = |state: &ItemState| match state {
            ItemState::Held { reason } => reason.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            says(&held),
            "底册记着收款人2026-11-02去世，请核实并换收款账户"
        );

        // A death that comes while the others sign stops the release, in words.
        let approver = actor(904, Role::CountyApprover);
        desk.check(&ctx(&finance(902)), id, &seen).await.unwrap();
        desk.approve(&ctx(&approver), id, &seen).await.unwrap();
        dies(&world, 3).await;
        let told = desk.release(&ctx(&finance(903)), id, &seen).await;
        refused(told, "payment.doubt");
        desk.reject(&ctx(&finance(903)), id, "有人去世，重新生成")
            .await
            .unwrap();
        compute().await;
        assert!(says(&states().await[2]).contains("去世"));

        // Looked at, found mistaken, resumed: it stays so when the list is made again.
        desk.resume(&ctx(&finance(901)), id, 3).await.unwrap();
        let seen = compute().await;
        assert_eq!(states().await[2], ItemState::Ready);
        desk.check(&ctx(&finance(902)), id, &seen).await.unwrap();
        desk.approve(&ctx(&approver), id, &seen).await.unwrap();
        desk.release(&ctx(&finance(903)), id, &seen).await.unwrap();
        assert!(
            matches!(states().await[1], ItemState::Held { .. }),
            "owed, not lost"
        );
    })
    .await;
}
