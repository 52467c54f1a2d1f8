//! Red proposes, a person decides; whom to ring up is shown to who rings up.

use super::world::*;
use crate::case::tests::town::*;
use crate::order::{Contacts, Heard, PartnerStanding, RuleOnProvider};
use crate::{AppError, Context};
use engine_order::*;
use kernel::*;
use store::Tx;
use store::testing::both;

impl Centre {
    /// What the board shows to somebody.
    async fn waiting(&self, who: Actor) -> Vec<PartnerStanding> {
        let context = self.by(who);
        let place = "990101".parse().unwrap();
        self.app.providers_to_look(&context, place).await.unwrap()
    }

    async fn rules(
        &self,
        who: Actor,
        provider: ProviderId,
        verdict: Verdict,
        why: &str,
    ) -> Result<(), String> {
        let ruling = RuleOnProvider {
            provider,
            verdict,
            why: why.into(),
        };
        let done = self.app.rule_on_provider(&self.by(who), ruling).await;
        let code = |why: AppError| why.refusal_code().map_or(why.to_string(), str::to_owned);
        done.map(|_| ()).map_err(code)
    }

    /// An order that nobody accepted in time.
    async fn lapsed(&self, provider: ProviderId, hour: u32, at: u32) -> OrderId {
        self.town.at(&format!("2026-03-02T{hour:02}:{at:02}:00Z"));
        let order = self.asked("hotline_96345", "repair").await;
        self.ok(operator(), order, dispatch(provider)).await;
        self.town
            .at(&format!("2026-03-02T{hour:02}:{:02}:00Z", at + 6));
        self.app.tick_orders().await.unwrap();
        order
    }

    /// An order somebody found unsafe.
    async fn unsafe_one(&self, provider: ProviderId) -> OrderId {
        let order = self.asked("hotline_96345", "repair").await;
        self.ok(operator(), order, dispatch(provider)).await;
        self.ok(partner(961), order, Act::Accept).await;
        self.town.at("2026-03-02T02:45:00Z");
        let proofs = vec![words("result", "换了垫圈")];
        let done = finish("2026-03-02T02:40:00Z", proofs);
        self.ok(partner(961), order, done).await;
        let confirm = Act::Confirm {
            words: "好了".into(),
            by_phone: false,
        };
        self.ok(mum(), order, confirm).await;
        let rate = Act::Rate {
            stars: 4,
            words: String::new(),
            safety: true,
        };
        self.ok(mum(), order, rate).await;
        order
    }
}

#[tokio::test]
async fn m04_five_late_ones_propose_and_only_a_person_stops_and_lets_in_again() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let near = centre.partner(961, "repair", VILLAGE).await;
        for one in 0..4 {
            centre.lapsed(near, 3, one * 10).await;
        }
        assert!(
            centre.waiting(operator()).await.is_empty(),
            "four are yellow"
        );
        let last = centre.lapsed(near, 4, 0).await;
        let waits = centre.waiting(operator()).await;
        let [one] = waits.as_slice() else {
            panic!("{waits:?}")
        };
        assert_eq!(
            (one.colour, one.held, one.may_rule),
            (Colour::Red, false, false)
        );
        let proposal = one.kept.standing.proposal.as_ref().unwrap();
        assert_eq!(proposal.orders, [last]);
        assert!(
            centre
                .told(961)
                .await
                .contains(&"provider_proposed".to_owned())
        );
        // Red stops nobody: the next order goes there.
        let order = centre.asked("hotline_96345", "repair").await;
        centre.ok(operator(), order, dispatch(near)).await;
        // Neither the centre's operator nor the partner decides; nobody without reasons.
        let (stop, clear, let_in) = (Verdict::Stop, Verdict::Clear, Verdict::LetIn);
        assert!(centre.rules(operator(), near, stop, "迟到").await.is_err());
        assert!(
            centre
                .rules(partner(961), near, clear, "没事")
                .await
                .is_err()
        );
        let blank = centre.rules(county(), near, stop, " ").await;
        assert_eq!(blank.unwrap_err(), "order.blank");
        assert!(centre.waiting(county()).await[0].may_rule);
        centre
            .rules(county(), near, stop, "五次没有回")
            .await
            .unwrap();
        let order = centre.asked("hotline_96345", "repair").await;
        let sent = centre.no(operator(), order, dispatch(near)).await;
        assert_eq!(sent, "order.stopped");
        assert_eq!(centre.told(961).await.last().unwrap(), "provider_ruled");
        let own = centre
            .app
            .own_standing(&centre.by(partner(961)))
            .await
            .unwrap();
        assert_eq!(own[0].kept.stopped_why.as_deref(), Some("五次没有回"));
        // The partner objects; nobody else may; it waits for a person again.
        let object = async |who: i64, says: &str| {
            let context = centre.by(partner(who));
            centre.app.object_to_stop(&context, near, says.into()).await
        };
        assert!(object(962, "替他说").await.is_err());
        object(961, "那天停电，收不到").await.unwrap();
        let waits = centre.waiting(county()).await;
        let proposal = waits[0].kept.standing.proposal.as_ref().unwrap();
        assert_eq!(proposal.objection.as_deref(), Some("那天停电，收不到"));
        centre
            .rules(county(), near, let_in, "查过，确实停电")
            .await
            .unwrap();
        assert!(centre.waiting(county()).await.is_empty());
        // What was looked at counts no more, today or after the daily count.
        centre.app.recount_providers().await.unwrap();
        assert!(centre.waiting(county()).await.is_empty());
        let record = centre.load_of(near).await.1;
        assert_eq!((record.late, record.seen.late), (5, 5));
        centre.ok(operator(), order, dispatch(near)).await;
        let signers: Vec<(Verdict, Role)> = {
            let read = async move |tx: &mut Tx| tx.provider(near).await;
            let (_, kept) = centre.app.db().read(read).await.unwrap().unwrap();
            let rulings = kept.standing.rulings.into_iter();
            rulings.map(|one| (one.verdict, one.by.role)).collect()
        };
        let signer = Role::CountyApprover;
        assert_eq!(signers, [(stop, signer), (let_in, signer)]);
    })
    .await;
}

#[tokio::test]
async fn m04_an_unsafe_mark_holds_new_orders_until_a_person_looked_and_reminds_of_itself() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let near = centre.partner(961, "repair", VILLAGE).await;
        let marked = centre.unsafe_one(near).await;
        let waits = centre.waiting(operator()).await;
        assert!(waits[0].held && !waits[0].provider.stopped);
        let proposal = waits[0].kept.standing.proposal.as_ref().unwrap();
        assert_eq!(proposal.orders, [marked]);
        let order = centre.asked("hotline_96345", "repair").await;
        let sent = centre.no(operator(), order, dispatch(near)).await;
        assert_eq!(sent, "order.held");
        // After four hours the centre is reminded, once; four hours later again.
        assert_eq!(centre.app.tick_orders().await.unwrap().reminded, 0);
        centre.town.at("2026-03-02T06:45:00Z");
        assert_eq!(centre.app.tick_orders().await.unwrap().reminded, 1);
        assert_eq!(centre.app.tick_orders().await.unwrap().reminded, 0);
        centre.town.at("2026-03-02T10:45:00Z");
        assert_eq!(centre.app.tick_orders().await.unwrap().reminded, 1);
        // What nobody looked at does not lapse with the days of the rule.
        centre.town.at("2026-05-02T02:45:00Z");
        centre.app.recount_providers().await.unwrap();
        assert_eq!(centre.load_of(near).await.1.unsafe_unseen(), 1);
        let clear = centre.rules(county(), near, Verdict::Clear, "看过照片，没有危险");
        clear.await.unwrap();
        centre.ok(operator(), order, dispatch(near)).await;
        centre.app.recount_providers().await.unwrap();
        assert_eq!(centre.load_of(near).await.1.safety, 0);
        assert!(centre.waiting(county()).await.is_empty());
        // Marks of before the board was there are found by the daily count.
        let today = centre.app.now().today();
        let five = Record {
            bad: 5,
            ..Record::default()
        };
        let mark = async move |tx: &mut Tx| tx.mark_provider(near, today, five).await;
        centre.app.db().write(mark).await.unwrap();
        assert!(centre.waiting(county()).await.is_empty());
        centre.app.recount_providers().await.unwrap();
        assert_eq!(centre.waiting(county()).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn d04_whoever_works_on_the_incident_sees_whom_to_ring_up_and_nobody_else() {
    both(async |db| {
        let centre = Centre::new(db).await;
        centre.device().await;
        let second = actor(959, Role::AlarmOperator);
        centre.town.hire(second.clone(), "990101").await;
        let order = centre.press(1, Heard::Red).await.unwrap();
        let look =
            async |context: Context, take| centre.app.order_contacts(&context, order, take).await;
        let not_yet = look(centre.by(operator()), false).await.unwrap();
        assert_eq!(not_yet, Contacts::NotYours, "nobody answered yet");
        for other in [actor(951, Role::Leader), partner(961), mum(), village()] {
            let role = other.role;
            assert!(look(centre.by(other), true).await.is_err(), "{role:?}");
        }
        centre.ok(operator(), order, Act::Answer).await;
        let Contacts::Shown(people) = look(centre.by(operator()), false).await.unwrap() else {
            panic!("whoever answered sees them")
        };
        let told: Vec<_> = people
            .iter()
            .map(|one| (one.person, one.name.as_str(), one.phone.as_deref()))
            .collect();
        assert_eq!(told, [(SON, "试乙", Some("19900000000"))]);
        let other = look(centre.by(second.clone()), false).await.unwrap();
        assert_eq!(other, Contacts::NotYours, "the other desk does not");
        let taken = look(centre.by(second), true).await.unwrap();
        assert!(
            matches!(taken, Contacts::Shown(_)),
            "unless it takes it over"
        );
        let rows = async move |tx: &mut Tx| tx.audit_of(&format!("person:{SON}")).await;
        let rows = centre.app.db().read(rows).await.unwrap();
        let looks = rows.iter().filter(|one| one.action == "person.unmask");
        assert_eq!(looks.count(), 2, "each look is on record");
        // A call that was made, or an incident that is over, shows nobody any more.
        let state = centre.order(order).await;
        let calls: Vec<usize> = state
            .calls_to_make()
            .filter(|(_, one)| one.who == Whom::FamilyContacts)
            .map(|(at, _)| at)
            .collect();
        for calling in calls {
            let came = "儿子马上去".to_owned();
            centre
                .ok(operator(), order, Act::Called { calling, came })
                .await;
        }
        let after = look(centre.by(operator()), false).await.unwrap();
        assert_eq!(after, Contacts::NotCalled);
    })
    .await;
}
