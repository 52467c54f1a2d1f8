//! 「过一周」 What is due next happens next, through the use cases people and partners go
//! through themselves; what it did is noted beside it, so that it can be counted apart
//! from the house. A clock of the house that is due earlier is looked at first.

use super::super::broken;
use super::super::house::by;
use super::super::order::{FIRST, operator};
use super::script::{Call, Goes};
use crate::clock::SteppedClock;
use crate::ending::Failure;
use app::App;
use app::order::{FromLine, NewOrder};
use chrono::TimeDelta;
use engine_access::Purpose;
use engine_order::{
    Act, Asker, ClockOf, Order, OrderType, ProofGiven, ProofKind, ProofValue, Side, Stage, Want,
};
use kernel::{Clock as _, Instant, OrderId, Role};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{StoreError, Tx};

/// What happens next to a call.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask,
    Send,
    Decline,
    Accept,
    Finish,
    Confirm,
    Rate,
    CallOff,
    HandOver,
    Answered,
}

/// The week while it is told.
pub(super) struct Telling<'a> {
    app: &'a App,
    clock: &'a SteppedClock,
    ty: &'a Arc<OrderType>,
    calls: Vec<Call>,
    agenda: BTreeMap<(Instant, u64), (usize, Step)>,
    count: u64,
}

impl<'a> Telling<'a> {
    pub(super) fn new(
        app: &'a App,
        clock: &'a SteppedClock,
        ty: &'a Arc<OrderType>,
        calls: Vec<Call>,
    ) -> Telling<'a> {
        let mut telling = Telling {
            app,
            clock,
            ty,
            calls,
            agenda: BTreeMap::new(),
            count: 0,
        };
        for nth in 0..telling.calls.len() {
            let at = telling.calls[nth].at;
            telling.put(at, nth, Step::Ask);
        }
        telling
    }

    fn put(&mut self, at: Instant, nth: usize, step: Step) {
        self.count += 1;
        self.agenda.insert((at, self.count), (nth, step));
    }

    fn later(&mut self, seconds: i64, nth: usize, step: Step) {
        let at = self.clock.now().at + TimeDelta::seconds(seconds);
        self.put(at, nth, step);
    }

    /// Until nothing is left to happen.
    pub(super) async fn all(mut self) -> Result<Vec<Call>, Failure> {
        while let Some(((at, _), (nth, step))) = self.agenda.pop_first() {
            self.clocks_until(at).await?;
            self.clock.go_to(at);
            self.step(nth, step)
                .await
                .map_err(|why| broken(format!("第 {nth} 个来电，{step:?}：{why}")))?;
        }
        Ok(self.calls)
    }

    /// Everything the house itself does until then, each at its moment.
    async fn clocks_until(&self, at: Instant) -> Result<(), Failure> {
        let next = async |tx: &mut Tx| tx.next_order_tick().await;
        while let Some(due) = self.app.db().read(next).await? {
            if due > at {
                break;
            }
            self.clock.go_to(due);
            let done = self.app.tick_orders().await?;
            if done.stuck > 0 || done.ticked == 0 {
                return Err(broken("有工单的钟走不动"));
            }
        }
        Ok(())
    }

    async fn step(&mut self, nth: usize, step: Step) -> Result<(), Failure> {
        match step {
            Step::Ask => self.ask(nth).await,
            Step::Send => self.send(nth).await,
            Step::Decline => self.decline(nth).await,
            Step::Accept => self.accept(nth).await,
            Step::Finish => self.finish(nth).await,
            Step::Confirm => self.confirm(nth).await,
            Step::Rate => self.rate(nth).await,
            Step::CallOff => {
                let why = "自己修好了".to_owned();
                let side = Side::Requester;
                self.own(nth, Act::Cancel { side, why }).await
            }
            Step::HandOver => self.hand_over(nth).await,
            Step::Answered => self.answered(nth).await,
        }
    }

    async fn ask(&mut self, nth: usize) -> Result<(), Failure> {
        let call = &self.calls[nth];
        let item = self.ty.items[call.item].id.clone();
        let (says, address) = ("请来一趟".to_owned(), "家里".to_owned());
        let from = self.ty.transfer.first().map(|line| line.id.clone());
        let asked = match (call.goes, from) {
            (Goes::FromElsewhere, Some(line)) => {
                let new = FromLine {
                    reference: format!("12345-{nth}"),
                    ty: self.ty.id.clone(),
                    item,
                    region: call.region.ok_or_else(|| broken("a village"))?,
                    name: "来电人".to_owned(),
                    phone: None,
                    address,
                    says,
                };
                self.app.take_from_line(&line, new).await?
            }
            _ => {
                let new = NewOrder {
                    ty: self.ty.id.clone(),
                    asked_by: Asker::Phone,
                    person: Some(kernel::PersonId(call.person)),
                    name: "来电人".to_owned(),
                    phone: None,
                    wants: vec![Want { item, count: 1 }],
                    says,
                    region: call.region,
                    address,
                    place: None,
                    on: None,
                };
                self.app
                    .ask_order(&operator(format!("ask/{nth}")), new)
                    .await?
            }
        };
        let (goes, after) = (call.goes, call.sent_after);
        self.calls[nth].order = Some(asked.value.order);
        match goes {
            Goes::Elsewhere | Goes::Back => self.later(after, nth, Step::HandOver),
            _ => self.later(after, nth, Step::Send),
        }
        Ok(())
    }

    /// An operator sends it to the first who can come; or waits when nobody can.
    async fn send(&mut self, nth: usize) -> Result<(), Failure> {
        let order = self.id(nth)?;
        let ctx = operator(String::new());
        let all = self.app.candidates(&ctx, order).await?;
        let Some(to) = all.iter().find(|one| one.why_not.is_none()) else {
            self.later(300, nth, Step::Send);
            return Ok(());
        };
        let to = to.provider.id;
        let why = String::new();
        self.act(operator(self.request(nth)), nth, Act::Dispatch { to, why })
            .await?;
        let now = self.clock.now().at;
        let call = &mut self.calls[nth];
        call.first_sent.get_or_insert(now);
        let (goes, yes_after) = (call.goes, call.yes_after);
        match goes {
            Goes::Declined if call.yes.is_none() => self.later(40, nth, Step::Decline),
            Goes::CalledOff => self.later(10, nth, Step::CallOff),
            Goes::Silent => {
                // Until its clock has run out nobody says anything; whoever it goes to then
                // says yes in time.
                let silence = self.ty.clocks.get(&ClockOf::Accept);
                let silence = silence.and_then(|lapse| lapse.seconds()).unwrap_or(300);
                self.later(i64::from(silence) + 60, nth, Step::Accept);
            }
            _ => self.later(yes_after, nth, Step::Accept),
        }
        Ok(())
    }

    /// Whoever it is with says no; it goes on by itself, or a person must look.
    async fn decline(&mut self, nth: usize) -> Result<(), Failure> {
        let why = "手上有活".to_owned();
        self.partner(nth, Act::Decline { why }).await?;
        self.after_no(nth).await
    }

    async fn after_no(&mut self, nth: usize) -> Result<(), Failure> {
        match self.state(nth).await?.stage {
            Stage::Offered => self.later(60, nth, Step::Accept),
            _ => self.later(60, nth, Step::Send),
        }
        Ok(())
    }

    async fn accept(&mut self, nth: usize) -> Result<(), Failure> {
        if self.state(nth).await?.stage == Stage::Waiting {
            // The clock was quicker and nobody else fits: a person sends it again.
            self.later(30, nth, Step::Send);
            return Ok(());
        }
        self.partner(nth, Act::Accept).await?;
        let now = self.clock.now().at;
        self.calls[nth].yes.get_or_insert(now);
        let minutes = i64::from(self.calls[nth].works) + 30;
        self.later(minutes * 60, nth, Step::Finish);
        Ok(())
    }

    async fn finish(&mut self, nth: usize) -> Result<(), Failure> {
        let needed = self.ty.proof.iter().filter(|rule| rule.required);
        let proofs = needed.map(|rule| match rule.kind {
            ProofKind::Text => Ok(ProofGiven {
                proof: rule.id.clone(),
                value: ProofValue::Text("做好了".to_owned()),
            }),
            _ => Err(broken("只会写字的凭证")),
        });
        let finish = Act::Finish {
            proofs: proofs.collect::<Result<_, _>>()?,
            occurred: self.clock.now().at,
            minutes: Some(self.calls[nth].works),
            note: String::new(),
        };
        self.partner(nth, finish).await?;
        let call = &self.calls[nth];
        match call.confirms && call.goes != Goes::FromElsewhere {
            true => self.later(3_600, nth, Step::Confirm),
            // Nobody says anything: after the clock somebody rings up.
            false => self.later(3 * 86_400, nth, Step::Confirm),
        }
        Ok(())
    }

    async fn confirm(&mut self, nth: usize) -> Result<(), Failure> {
        let call = &self.calls[nth];
        let own = call.confirms && call.goes != Goes::FromElsewhere;
        let confirm = |by_phone| Act::Confirm {
            words: "好了".to_owned(),
            by_phone,
        };
        match own {
            true => self.own(nth, confirm(false)).await?,
            false => {
                let ctx = operator(self.request(nth));
                self.act(ctx, nth, confirm(true)).await?;
            }
        }
        self.calls[nth].closed = true;
        if own && self.calls[nth].rates.is_some() {
            self.later(120, nth, Step::Rate);
        }
        Ok(())
    }

    async fn rate(&mut self, nth: usize) -> Result<(), Failure> {
        let Some(stars) = self.calls[nth].rates else {
            return Ok(());
        };
        let words = String::new();
        let safety = false;
        self.own(
            nth,
            Act::Rate {
                stars,
                words,
                safety,
            },
        )
        .await?;
        self.calls[nth].stars = Some(stars);
        Ok(())
    }

    async fn hand_over(&mut self, nth: usize) -> Result<(), Failure> {
        let line = self.ty.transfer.first().map(|line| line.id.clone());
        let Some(to) = line else {
            self.later(1, nth, Step::Send);
            return Ok(());
        };
        let why = "不归便民服务".to_owned();
        self.act(operator(self.request(nth)), nth, Act::Transfer { to, why })
            .await?;
        self.later(4 * 3_600, nth, Step::Answered);
        Ok(())
    }

    /// The other line tells its number and what came of it.
    async fn answered(&mut self, nth: usize) -> Result<(), Failure> {
        let line = self.ty.transfer.first().map(|line| line.id.clone());
        let line = line.ok_or_else(|| broken("a line"))?;
        let undone = self.calls[nth].goes == Goes::Back;
        let (number, result) = (Some(format!("T{nth}")), Some("说了结果".to_owned()));
        let order = self.id(nth)?;
        self.app
            .line_answers(&line, order, number, result, undone)
            .await?;
        match undone {
            true => self.later(60, nth, Step::Send),
            false => self.later(3_600, nth, Step::Confirm),
        }
        Ok(())
    }

    fn id(&self, nth: usize) -> Result<OrderId, Failure> {
        self.calls[nth].order.ok_or_else(|| broken("an order"))
    }

    fn request(&self, nth: usize) -> String {
        format!("{nth}/{}", self.clock.now().at)
    }

    async fn state(&self, nth: usize) -> Result<Order, Failure> {
        let id = self.id(nth)?;
        let read = async move |tx: &mut Tx| Ok::<_, StoreError>(tx.order(id).await?.state);
        Ok(self.app.db().read(read).await?)
    }

    async fn act(&self, ctx: app::Context, nth: usize, act: Act) -> Result<(), Failure> {
        self.app.on_order(&ctx, self.id(nth)?, act).await?;
        Ok(())
    }

    /// Whoever rang up, themselves.
    async fn own(&self, nth: usize, act: Act) -> Result<(), Failure> {
        let person = self.calls[nth].person;
        let ctx = by(person, Role::Citizen, Purpose::Own, self.request(nth));
        self.act(ctx, nth, act).await
    }

    /// Whoever it is with.
    async fn partner(&self, nth: usize, act: Act) -> Result<(), Failure> {
        let state = self.state(nth).await?;
        let with = state.offer().ok_or_else(|| broken("nobody has it"))?;
        let person = with.person.0.max(FIRST);
        let ctx = by(person, Role::Provider, Purpose::Duty, self.request(nth));
        self.act(ctx, nth, act).await
    }
}
