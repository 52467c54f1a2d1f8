//! 「发钱」 The month's money: three different people, the bank, one return, the
//! three-way match, the family's statement.

use super::cast::{Who, itself, resident};
use super::{Family, Story, Trouble};
use app::payment::{BankGateway, Payments, Progress};
use chrono::TimeDelta;
use engine_access::Purpose;
use engine_payment::{AccountNumber, Config, PayAccount};
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
            let account = PayAccount {
                holder: *person,
                number: card
                    .parse::<AccountNumber>()
                    .map_err(|why| Trouble::Other(why.to_string()))?,
                name: format!("合成户名{person}"),
            };
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
        let by = |who: Who, what: &str| {
            who.acts(Purpose::Payment(id), format!("story/pay/{period}/{what}"))
        };
        let made = desk.compute_batch(&by(Who::Maker, "compute"), id).await?;
        let hash = made
            .hash
            .clone()
            .ok_or_else(|| Trouble::Other("清单没有冻结".to_owned()))?;
        let count = made.items.values().map(|count| i64::from(*count)).sum();
        self.figure(&format!("{period} 批次笔数"), count);
        self.figure(&format!("{period} 批次金额（分）"), made.total.fen());
        self.batch_total = made.total.fen();
        self.say(format!("  制单：{} 元，清单摘要 {hash:.12}", made.total));
        desk.check(&by(Who::Checker, "check"), id, &hash).await?;
        desk.approve(&by(Who::County, "approve"), id, &hash).await?;
        desk.release(&by(Who::Releaser, "release"), id, &hash)
            .await?;
        let batch = desk.batch(&by(Who::Checker, "look"), id).await?;
        for item in &batch.items {
            if let engine_payment::ItemState::Held { .. } = &item.state {
                self.say(format!("    暂缓：{}", super::held(&item.state)));
            }
        }
        self.say("  复核、审批、放行：不是同一个人".to_owned());
        let progress = self.through_the_bank(&desk, bank, id).await?;
        self.say(format!(
            "  银行回盘：已付 {} 元，退回 {} 元（{}）",
            progress.paid,
            progress.returned,
            progress
                .items
                .iter()
                .map(|(state, count)| format!("{state} {count}"))
                .collect::<Vec<_>>()
                .join("，")
        ));
        self.figure(&format!("{period} 已付（分）"), progress.paid.fen());
        self.figure(&format!("{period} 退回（分）"), progress.returned.fen());
        let match_ = desk.compare(&by(Who::Checker, "compare"), bank, id).await?;
        let off = match_.ledger.fen() - match_.bank.fen();
        self.figure(&format!("{period} 账本与银行差（分）"), off);
        self.figure(
            &format!("{period} 账本与财政差（分）"),
            match_.ledger.fen() - match_.treasury.fen(),
        );
        self.say(format!(
            "  三方对账：账本 {}，银行 {}，财政 {}，差 {off} 分",
            match_.ledger, match_.bank, match_.treasury
        ));
        desk.reconcile(&by(Who::Checker, "reconcile"), bank, id, Vec::new())
            .await?;
        let closed = desk.close(&by(Who::Checker, "close"), id).await?;
        self.say(format!("  对账后办结：{:?}", closed.state));
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
    ) -> Result<Progress, Trouble> {
        let machine = itself(Purpose::Payment(id), "story/bank");
        let look = Who::Checker.acts(Purpose::Payment(id), "story/bank/look");
        let hour = self.clock.now().at;
        for round in 0..ROUNDS {
            // Killed after the sending was written down, before the bank had the file:
            // “never received” is believed only after the silence, so time must pass.
            self.clock.wait_until(hour + TimeDelta::hours(round))?;
            desk.talk_to_bank(&machine, bank).await?;
            let batch = desk.batch(&look, id).await?;
            let progress = Progress::of(&batch);
            if progress.paid.fen() + progress.returned.fen() >= self.batch_total {
                self.clock.wait_until(hour)?;
                return Ok(progress);
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
                "    {} {}：{} 元，{}（应发 {}）",
                line.period, line.name, line.amount, line.says, line.obligation
            ));
        }
        self.say(format!("    合计到账 {} 元", statement.totals.paid));
        Ok(())
    }

    fn desk(&self) -> Result<Payments, Trouble> {
        Ok(self.app.payments(pay_config()?))
    }
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
