//! 「发钱」 The month's money: three different people, the bank, one return, the
//! three-way match, the family's statement.

use super::cast::{Who, itself, resident};
use super::{Family, Story, Trouble};
use app::payment::{BankGateway, Payments};
use chrono::TimeDelta;
use engine_access::Purpose;
use engine_payment::{AccountNumber, Batch, Config, ItemState, PayAccount};
use kernel::{Clock as _, Money, PaymentBatchId, Period, PersonId, Slug};
use std::collections::BTreeSet;

/// Rounds of talking until a bank that works has answered: a story killed again
/// and again right before the file goes out starts each time behind the hour it
/// had waited to.
const ROUNDS: i64 = 24;

impl Story<'_> {
    /// Takes down where each payee's money goes.
    pub(super) async fn accounts(&mut self, payees: &[(PersonId, String)]) -> Result<(), Trouble> {
        let desk = self.desk()?;
        for (person, card) in payees {
            let account = account(*person, card)?;
            let ctx = Who::Maker.acts(
                Purpose::Payment(PaymentBatchId(0)),
                format!("story/account/{person}"),
            );
            desk.enter_account(&ctx, *person, &account).await?;
        }
        Ok(())
    }

    /// The batch of a month, from its list to its close.
    pub(super) async fn pay(
        &mut self,
        period: Period,
        bank: &BankGateway,
        programmes: &[Slug],
    ) -> Result<(), Trouble> {
        let desk = self.desk()?;
        // The treasury gives each programme a round sum for the month.
        let sum = Money::from_yuan(100_000).ok_or(Trouble::Calendar)?;
        for programme in programmes {
            let given = Who::Maker.acts(
                Purpose::Payment(PaymentBatchId(0)),
                format!("story/fund/{period}/{programme}"),
            );
            let document = format!("{period}/{programme}");
            desk.appropriate(&given, programme, sum, &document).await?;
            self.say(format!("  财政拨款 {sum} 元：{}", self.name(programme)));
        }
        let first = Who::Maker.acts(
            Purpose::Payment(PaymentBatchId(0)),
            format!("story/pay/{period}/open"),
        );
        let id = desk.open_batch(&first, period).await?;
        let month = period.to_string();
        self.carry_through(&desk, bank, (id, &month)).await?;
        self.pay_again(&desk, bank, (id, period)).await
    }

    /// One batch from its list to its close; `named` begins its request keys and the
    /// names of its figures.
    async fn carry_through(
        &mut self,
        desk: &Payments,
        bank: &BankGateway,
        (id, named): (PaymentBatchId, &str),
    ) -> Result<(), Trouble> {
        let by = |who: Who, what: &str| {
            who.acts(Purpose::Payment(id), format!("story/pay/{named}/{what}"))
        };
        let made = desk.compute_batch(&by(Who::Maker, "compute"), id).await?;
        let hash = made
            .hash
            .clone()
            .ok_or_else(|| Trouble::Other("清单没有冻结".to_owned()))?;
        let count = made.items.values().map(|count| i64::from(*count)).sum();
        self.figure(&format!("{named} 批次笔数"), count);
        self.figure(&format!("{named} 批次金额（分）"), made.total.fen());
        self.batch_total = made.total.fen();
        self.say(format!("  制单：{} 元，清单摘要 {hash:.12}", made.total));
        desk.check(&by(Who::Checker, "check"), id, &hash).await?;
        desk.approve(&by(Who::County, "approve"), id, &hash).await?;
        desk.release(&by(Who::Releaser, "release"), id, &hash)
            .await?;
        let batch = desk.batch(&by(Who::Checker, "look"), id).await?;
        for item in &batch.items {
            if let ItemState::Held { .. } = &item.state {
                self.say(format!("    暂缓：{}", held(&item.state)));
            }
        }
        self.say("  复核、审批、放行：不是同一个人".to_owned());
        let [paid, returned] = self.through_the_bank(desk, bank, id).await?;
        self.say(format!(
            "  银行回盘：已付 {} 笔 {} 元，退回 {} 笔 {} 元",
            paid.0, paid.1, returned.0, returned.1,
        ));
        self.figure(&format!("{named} 已付（分）"), paid.1.fen());
        self.figure(&format!("{named} 退回（分）"), returned.1.fen());
        let match_ = desk.compare(&by(Who::Checker, "compare"), bank, id).await?;
        let off = match_.ledger.fen() - match_.bank.fen();
        self.figure(&format!("{named} 账本与银行差（分）"), off);
        self.figure(
            &format!("{named} 账本与财政差（分）"),
            match_.ledger.fen() - match_.treasury.fen(),
        );
        self.say(format!(
            "  三方对账：账本 {}，银行 {}，财政 {}，差 {off} 分",
            match_.ledger, match_.bank, match_.treasury
        ));
        desk.reconcile(&by(Who::Checker, "reconcile"), bank, id, Vec::new())
            .await?;
        let closed = desk.close(&by(Who::Checker, "close"), id).await?;
        self.say(format!("  对账以后：{}", closed.state.label()));
        Ok(())
    }

    /// What came back is paid again: the payee brings another card, a second person
    /// confirms it, and the line goes into a batch of its own.
    async fn pay_again(
        &mut self,
        desk: &Payments,
        bank: &BankGateway,
        (from, period): (PaymentBatchId, Period),
    ) -> Result<(), Trouble> {
        let look = Who::Checker.acts(Purpose::Payment(from), format!("story/again/{period}"));
        let batch = desk.batch(&look, from).await?;
        let came_back = batch.items.iter().filter(|item| came_back(&item.state));
        let came_back: Vec<(u32, PersonId)> =
            came_back.map(|item| (item.line, item.payee)).collect();
        if came_back.is_empty() {
            return Ok(());
        }
        for (line, payee) in &came_back {
            self.new_card(desk, *payee).await?;
            let key = format!("story/again/{period}/{line}");
            let ctx = Who::Maker.acts(Purpose::Payment(from), key);
            desk.reissue_into_month(&ctx, from, *line, period).await?;
        }
        let month = desk.batches_of(&look, period).await?;
        let again = month.iter().find(|one| one.id > from);
        let again = again.ok_or_else(|| Trouble::Other("没有再发的批次".to_owned()))?;
        self.say(format!(
            "  退回的 {} 笔：本人换了卡，两人经手，另做一批再发",
            came_back.len()
        ));
        self.carry_through(desk, bank, (again.id, &format!("{period} 再发")))
            .await
    }

    /// The card of somebody whose first one the bank would not pay into.
    async fn new_card(&self, desk: &Payments, payee: PersonId) -> Result<(), Trouble> {
        let number = crate::city::second_card(payee);
        let account = account(payee, &number)?;
        let by = |who: Who, what: &str| {
            let key = format!("story/account/{payee}/{what}");
            who.acts(Purpose::Payment(PaymentBatchId(0)), key)
        };
        let new = by(Who::Maker, "new");
        desk.enter_account(&new, payee, &account).await?;
        let confirm = by(Who::Checker, "confirm");
        desk.confirm_account(&confirm, payee, &account).await?;
        Ok(())
    }

    /// The months before, in which something is owed that no batch has: a right that
    /// begins with the month of its application is granted in a later one.
    pub(super) async fn owed_before(
        &mut self,
        period: Period,
    ) -> Result<BTreeSet<Period>, Trouble> {
        let ctx = Who::Maker.acts(
            Purpose::Payment(PaymentBatchId(0)),
            format!("story/arrears/{period}"),
        );
        let (from, through) = (period.plus_months(-12), period.plus_months(-1));
        let proposals = self.desk()?.arrears(&ctx, from, through).await?;
        let mut months: BTreeSet<Period> = proposals
            .iter()
            .filter(|one| one.made == Money::ZERO)
            .map(|one| one.key.period)
            .collect();
        // A story told on finds the batches it had made already.
        for month in (1..=12).map(|back| period.plus_months(-back)) {
            if !self.desk()?.batches_of(&ctx, month).await?.is_empty() {
                months.insert(month);
            }
        }
        Ok(months)
    }

    async fn through_the_bank(
        &mut self,
        desk: &Payments,
        bank: &BankGateway,
        id: PaymentBatchId,
    ) -> Result<[(usize, Money); 2], Trouble> {
        let machine = itself(Purpose::Payment(id), "story/bank");
        let look = Who::Checker.acts(Purpose::Payment(id), "story/bank/look");
        let hour = self.clock.now().at;
        for round in 0..ROUNDS {
            // Killed after the sending was written down, before the bank had the file:
            // “never received” is believed only after the silence, so time must pass.
            self.clock.wait_until(hour + TimeDelta::hours(round))?;
            desk.talk_to_bank(&machine, bank).await?;
            let batch = desk.batch(&look, id).await?;
            let paid = sum(&batch, |state| matches!(state, ItemState::Paid { .. }))?;
            let returned = sum(&batch, came_back)?;
            if paid.1.fen() + returned.1.fen() >= self.batch_total {
                self.clock.wait_until(hour)?;
                return Ok([paid, returned]);
            }
        }
        Err(Trouble::Other("银行一直没有给出完整的回盘".to_owned()))
    }

    pub(super) async fn statement(
        &mut self,
        family: &Family,
        period: Period,
    ) -> Result<(), Trouble> {
        let desk = self.desk()?;
        let ctx = resident(family.applicant, format!("story/statement/{period}"));
        let statement = desk
            .statement(&ctx, family.household, period, period)
            .await?;
        self.say(format!("  {} 户的幸福清单：", family.letter));
        for line in &statement.lines {
            self.say(format!(
                "    {} {}：{} 元，{}",
                line.period, line.name, line.amount, line.says
            ));
        }
        self.say(format!("    合计到账 {} 元", statement.totals.paid));
        Ok(())
    }

    fn desk(&self) -> Result<Payments, Trouble> {
        Ok(self.app.payments(pay_config()?))
    }
}

/// What the bank sent back, also when it was put into another batch since.
fn came_back(state: &ItemState) -> bool {
    matches!(
        state,
        ItemState::Returned { .. } | ItemState::Reissued { .. }
    )
}

/// How many items are so, and their sum.
fn sum(batch: &Batch, so: impl Fn(&ItemState) -> bool) -> Result<(usize, Money), Trouble> {
    let amounts: Vec<Money> = (batch.items.iter())
        .filter(|item| so(&item.state))
        .map(|item| item.amount)
        .collect();
    let count = amounts.len();
    let sum = Money::checked_sum(amounts).ok_or(Trouble::Calendar)?;
    Ok((count, sum))
}

fn account(holder: PersonId, card: &str) -> Result<PayAccount, Trouble> {
    let number = card.parse::<AccountNumber>();
    Ok(PayAccount {
        holder,
        number: number.map_err(|why| Trouble::Other(why.to_string()))?,
        name: format!("合成户名{holder}"),
    })
}

/// Who pays in the story, and how patient it is.
///
/// # Errors
/// [`Trouble`] when the invented account is none.
pub fn pay_config() -> Result<Config, Trouble> {
    let payer = "9900000000000000001".parse::<AccountNumber>();
    Ok(Config {
        payer: payer.map_err(|why| Trouble::Other(why.to_string()))?,
        silence_minutes: 30,
        most_lines: 5_000,
    })
}

/// Why an item is held, in words.
fn held(state: &engine_payment::ItemState) -> String {
    match state {
        engine_payment::ItemState::Held { reason } => reason.clone(),
        _ => String::new(),
    }
}
