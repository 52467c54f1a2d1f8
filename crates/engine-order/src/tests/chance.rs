//! By chance: whatever people and machines do, an open alarm always has a next step, and
//! no order is closed without what the pack asks for.

use super::world::*;
use crate::*;
use kernel::{Actor, ProviderId};
use proptest::prelude::*;

fn acts() -> impl Strategy<Value = (Actor, Act, i64)> {
    let who = prop_oneof![
        Just(operator()),
        Just(resident()),
        Just(system()),
        (1..5i64).prop_map(of_provider),
    ];
    let text = prop_oneof![Just(String::new()), Just("x".to_owned())];
    let act = (0..19u8, 1..6i64, text, -300..90_000i64, any::<bool>()).prop_map(
        |(kind, id, text, seconds, yes)| match kind {
            0 => Act::Press,
            1 => Act::Answer,
            2 => Act::Dispatch {
                to: ProviderId(id),
                why: text,
            },
            3 => Act::Claim {
                provider: ProviderId(id),
            },
            4 => Act::Accept,
            5 => Act::Decline { why: text },
            6 => Act::Arrive {
                occurred: at(seconds).at,
            },
            7 => finish(seconds, if yes { vec![photo()] } else { vec![] }),
            8 => Act::Confirm {
                words: text,
                by_phone: yes,
            },
            9 => Act::Reopen { why: text },
            10 => Act::Rate {
                stars: u8::try_from(id).unwrap(),
                words: text,
                safety: yes,
            },
            11 => Act::Settle,
            12 => Act::Close {
                answers: [
                    (slug("who_answered"), text.clone()),
                    (slug("what_happened"), text),
                ]
                .into(),
            },
            13 => Act::Cancel {
                side: Side::Office,
                why: text,
            },
            14 => Act::Transfer {
                to: slug("line_12345"),
                why: text,
            },
            15 => Act::Answered {
                reference: None,
                result: Some(text),
                undone: yes,
            },
            16 => Act::Called {
                calling: usize::try_from(id).unwrap(),
                came: text,
            },
            _ => Act::Tick,
        },
    );
    (who, act, prop_oneof![0..90i64, 0..7_200i64])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn d04_no_alarm_is_ever_without_next_step(told in prop::collection::vec(acts(), 0..60)) {
        let mut tale = Tale::pressed();
        tale.ty.transfer = hotline().transfer;
        tale.providers.push(provider(5, "urgent", "330482001001"));
        let mut seconds = 0;
        for (by, act, pause) in told {
            seconds += pause;
            let _ = tale.does(seconds, by, act);
            let order = &tale.order;
            prop_assert!(order.stage != Stage::Cancelled && order.stage != Stage::Transferred);
            if order.stage == Stage::Closed {
                prop_assert!(tale.ty.close.needs.iter().all(|need| order.closing.contains_key(&need.id)));
                prop_assert!(order.answered.is_some());
                continue;
            }
            let next = order.next_tick(&tale.ty);
            prop_assert!(next.is_some(), "an open alarm without a next step: {order:?}");
            // And at that moment something really happens.
            let then = (next.unwrap() - at(0).at).num_seconds().max(seconds);
            let mut copy = Tale { ty: tale.ty.clone(), providers: tale.providers.clone(), used: tale.used.clone(), order: order.clone() };
            prop_assert!(!copy.ok(then, system(), Act::Tick).is_empty());
        }
    }

    #[test]
    fn m01_no_order_is_closed_without_proof_and_a_fold_gives_the_state(
        told in prop::collection::vec(acts(), 0..60),
        nearest in any::<bool>(),
    ) {
        let mut ty = hotline();
        if nearest {
            ty.dispatch.by = DispatchBy::Nearest;
        }
        let mut tale = Tale::new(ty);
        let asked = requested(&tale.ty, Asker::Phone, Cause::Asked);
        let mut history = tale.ok(0, operator(), Act::Request(Box::new(asked)));
        let mut seconds = 0;
        for (by, act, pause) in told {
            seconds += pause;
            history.extend(tale.does(seconds, by, act).unwrap_or_default());
            let order = &tale.order;
            if order.stage == Stage::Closed && order.transfers.is_empty() {
                prop_assert!(order.proofs.iter().any(|one| one.proof == slug("photo")));
                prop_assert!(order.confirmed.is_some());
            }
            let running = order.clocks.iter().filter(|c| c.stopped.is_none());
            let mut kinds: Vec<_> = running.map(|c| c.of).collect();
            kinds.sort();
            kinds.dedup();
            let count = order.clocks.iter().filter(|c| c.stopped.is_none()).count();
            prop_assert_eq!(kinds.len(), count, "two clocks of one kind run");
        }
        let mut again = Order::default();
        history.iter().for_each(|event| again.apply(event));
        prop_assert_eq!(again, tale.order);
    }
}
