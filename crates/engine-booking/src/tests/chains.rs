//! From hand to hand.

use super::world::now;
use crate::*;
use kernel::{Actor, BookingId, ChainId, PersonId, Role};

fn actor(person: i64) -> Actor {
    Actor {
        account: "hall".into(),
        person: Some(PersonId(person)),
        role: Role::TownOfficer,
    }
}

fn receive() -> ChainCommand {
    ChainCommand::Receive {
        id: ChainId(1),
        code: "GH-2026-000123".to_owned(),
        what: "骨灰".to_owned(),
        to: Holder::Place("火化间".to_owned()),
        taken_by: PersonId(1),
        note: "封签完好".to_owned(),
    }
}

fn over(code: &str, from: i64, to: i64, place: &str) -> ChainCommand {
    ChainCommand::HandOver {
        code: code.to_owned(),
        given_by: PersonId(from),
        taken_by: PersonId(to),
        to: Holder::Place(place.to_owned()),
        note: "封签完好".to_owned(),
        last: false,
    }
}

#[test]
fn j08_j09_ashes_go_from_hand_to_hand_without_a_gap() {
    let by = |who: i64, chain: Option<&Chain>, command| {
        decide_chain(chain, command, &actor(who), now("2026-09-28 09:00"))
    };
    // Whoever gives it puts it on record.
    let go = |chain: Option<&Chain>, command: ChainCommand| {
        let who = match &command {
            ChainCommand::Receive { taken_by, .. } => taken_by.0,
            ChainCommand::HandOver { given_by, .. } => given_by.0,
        };
        by(who, chain, command)
    };
    assert_eq!(
        go(None, over("GH-2026-000123", 1, 2, "寄存堂")),
        Err(ChainRefusal::NotReceived)
    );
    let Ok(ChainEvent::Received(mut chain)) = go(None, receive()) else {
        panic!()
    };
    // Neither of the two: not even with everything else right. The taker may.
    let right = || over("GH-2026-000123", 1, 2, "寄存堂");
    assert_eq!(
        by(9, Some(&chain), right()),
        Err(ChainRefusal::NeitherOfThem)
    );
    assert!(by(2, Some(&chain), right()).is_ok());
    let table = [
        (
            over("GH-2026-000124", 1, 2, "寄存堂"),
            Err(ChainRefusal::OtherCode),
        ),
        (
            over("GH-2026-000123", 3, 2, "寄存堂"),
            Err(ChainRefusal::NotInHand),
        ),
        (
            over("GH-2026-000123", 1, 1, "寄存堂"),
            Err(ChainRefusal::OnePerson),
        ),
        (
            over("GH-2026-000123", 1, 2, "火化间"),
            Err(ChainRefusal::SamePlace),
        ),
        (over("GH-2026-000123", 1, 2, "寄存堂"), Ok(())),
        (
            over("GH-2026-000123", 1, 3, "福陵园"),
            Err(ChainRefusal::NotInHand),
        ),
        (over("GH-2026-000123", 2, 3, "福陵园"), Ok(())),
        (receive(), Err(ChainRefusal::ReceivedAlready)),
    ];
    for (command, wanted) in table {
        let done = go(Some(&chain), command).map(|event| chain.apply(&event));
        assert_eq!(done, wanted);
    }
    let home = ChainCommand::HandOver {
        code: "GH-2026-000123".to_owned(),
        given_by: PersonId(3),
        taken_by: PersonId(77),
        to: Holder::Person(PersonId(77), "居民77".to_owned()),
        note: "交给家属".to_owned(),
        last: true,
    };
    let event = go(Some(&chain), home.clone()).unwrap();
    chain.apply(&event);
    assert_eq!(go(Some(&chain), home), Err(ChainRefusal::Closed));
    let whole = chain.links.windows(2).all(|two| {
        two[1].from.as_ref() == Some(&two[0].to) && two[1].given_by == Some(two[0].taken_by)
    });
    assert!(whole && chain.links.len() == 4);
    assert_ne!(chain.at(), Some(&Holder::Kept(BookingId(1))));
}
