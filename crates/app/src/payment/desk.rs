//! 「发放台」 What the paying desk's pages read: batches of late, and one batch with
//! the names behind its lines.

use super::{Payments, Progress};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{
    AccountHolding, Batch, BatchException, BatchState, Beneficiary, ExceptionKind, Item, ItemState,
    StopLink,
};
use kernel::{PaymentBatchId, PersonId, Role};
use std::collections::BTreeMap;
use store::{RegisterSlice, Tx};

/// Batches shown.
const BATCHES: usize = 24;

/// Whose turn it is with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// 生成清单
    Compute,
    /// 复核
    Check,
    /// 审批
    Approve,
    /// 放行
    Release,
    /// 发送、问银行
    AskBank,
    /// 对账
    Reconcile,
    /// 办结
    Close,
    /// 没有了
    Nothing,
}

/// A batch as its page shows it.
#[derive(Clone, Debug)]
pub struct BatchPage {
    /// Where it stands.
    pub progress: Progress,
    /// What comes next.
    pub turn: Turn,
    /// Whether whoever looks signed an earlier step, so that the next is another's.
    pub mine: bool,
    /// Its lines.
    pub lines: Vec<BatchLine>,
    /// How many rights are the same as last month.
    pub unchanged: u32,
    /// What does not fit, and what was written about it.
    pub exceptions: Vec<ExceptionLine>,
    /// The three-way match: books, bank, treasury.
    pub matched: Option<(kernel::Money, kernel::Money, kernel::Money)>,
    /// Who made, checked, approved, released it.
    pub signers: Vec<(&'static str, Option<String>)>,
    /// What changed since last month: whose, was, is, why.
    pub changes: Vec<ChangeLine>,
}

/// One line of a batch.
#[derive(Clone, Debug)]
pub struct BatchLine {
    /// Its number in the list.
    pub line: u32,
    /// Who receives it.
    pub name: String,
    /// The service.
    pub programme: String,
    /// For which month.
    pub period: kernel::Period,
    /// How much.
    pub amount: kernel::Money,
    /// By which decision.
    pub decision: kernel::DecisionId,
    /// Where it stands: a stable name and the words.
    pub state: (&'static str, &'static str),
    /// Why it is held, when it arrived, why it came back.
    pub note: String,
    /// What can be mended about it; only where it came back.
    pub mend: Option<Mend>,
}

/// 换卡重发 A line that came back: the card it went to, and the card that is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    /// The card in force, its last digits.
    pub card: String,
    /// A new card taken down by one person, and whether by whoever looks.
    pub proposed: Option<(String, bool)>,
}

/// Something a person must explain.
#[derive(Clone, Debug)]
pub struct ExceptionLine {
    /// Its number.
    pub no: u32,
    /// What.
    pub says: String,
    /// What a person wrote about it.
    pub explained: Option<String>,
}

/// One change since last month.
#[derive(Clone, Debug)]
pub struct ChangeLine {
    /// The service.
    pub programme: String,
    /// Whose.
    pub whose: String,
    /// Last month.
    pub was: Option<kernel::Money>,
    /// This month.
    pub is: Option<kernel::Money>,
    /// Why; `None`: nobody knows, and the batch cannot be checked.
    pub why: Option<String>,
}

impl Payments {
    /// 批次清单 Newest first.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn batches(&self, ctx: &Context) -> Result<Vec<Progress>> {
        let (desk, ctx) = (self.clone(), ctx.clone());
        let read = async move |tx: &mut Tx| {
            let approves = ctx.actor.role == Role::CountyApprover;
            if !approves {
                desk.authorise(tx, &ctx, Action::ReadLedger, None).await?;
            }
            let mut found = Vec::new();
            for id in tx.payment_batches().await?.into_iter().rev().take(BATCHES) {
                let batch = tx.payment_batch(id).await?.state;
                let may = desk.authorise(tx, &ctx, Action::ApproveBatch, Some(&batch));
                // Who approves sees what there is to approve and what he approved.
                if !approves || may.await.is_ok() {
                    found.push(Progress::of(&batch));
                }
            }
            Ok::<_, AppError>(found)
        };
        self.app.db.read(read).await
    }

    /// 看批次 With the names behind its lines; on record before it is shown.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn batch_page(&self, ctx: &Context, id: PaymentBatchId) -> Result<BatchPage> {
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let batch = tx.payment_batch(id).await?.state;
            // Who approves sees what he signs.
            let action = match ctx.actor.role {
                Role::CountyApprover => Action::ApproveBatch,
                _ => Action::ReadLedger,
            };
            desk.authorise(tx, &ctx, action, Some(&batch)).await?;
            let now = desk.app.now();
            let subject = format!("payment_batch:{id}");
            ctx.record(tx, "payment.read", &subject, &(), now).await?;
            let slice = RegisterSlice {
                people: batch.items.iter().map(|item| item.payee).collect(),
                ..RegisterSlice::default()
            };
            let register = tx.register(&slice).await?.state;
            let config = engine_registry::Config::default();
            let people = register.people.values();
            let names: BTreeMap<PersonId, String> = people
                .filter_map(|one| Some((one.id, one.name(&config)?.to_string())))
                .collect();
            let mut signers = Vec::new();
            let accounts = tx.logins_as(Role::Finance, 200).await?;
            let approvers = tx.logins_as(Role::CountyApprover, 200).await?;
            for (what, who) in [
                ("经办", batch.maker),
                ("复核", batch.checker),
                ("审批", batch.approver),
                ("放行", batch.releaser),
            ] {
                let mut all = accounts.iter().chain(&approvers);
                let named = who.map(|who| {
                    let account = all.find(|one| one.person == Some(who));
                    account.map_or_else(|| format!("编号 {who}"), |one| one.name.clone())
                });
                signers.push((what, named));
            }
            let me = ctx.actor.person;
            let mut lines = desk.batch_lines(&batch, &names);
            for (line, item) in lines.iter_mut().zip(&batch.items) {
                if matches!(item.state, ItemState::Returned { .. }) {
                    line.mend = Some(mend(&tx.pay_account(item.payee).await?.state, me));
                }
            }
            let signed = [batch.maker, batch.checker, batch.approver];
            Ok::<_, AppError>(BatchPage {
                progress: Progress::of(&batch),
                turn: turn(batch.state),
                mine: me.is_some() && signed.contains(&me),
                changes: desk.changes(&batch, &names),
                lines,
                unchanged: batch.list.as_ref().map_or(0, |list| list.diff.unchanged),
                exceptions: batch.exceptions.iter().map(exception).collect(),
                matched: batch
                    .reconciliation
                    .as_ref()
                    .map(|one| (one.ledger, one.bank, one.treasury)),
                signers,
            })
        };
        self.app.db.look(write).await
    }

    fn batch_lines(&self, batch: &Batch, names: &BTreeMap<PersonId, String>) -> Vec<BatchLine> {
        let line = |item: &Item| BatchLine {
            line: item.line,
            name: names
                .get(&item.payee)
                .cloned()
                .unwrap_or_else(|| format!("编号 {}", item.payee)),
            programme: self.app.service_name(&item.key.programme),
            period: item.key.period,
            amount: item.amount,
            decision: item.decision,
            state: (item.state.name(), item.state.label()),
            note: match &item.state {
                ItemState::Held { reason } => reason.clone(),
                ItemState::Paid { on, .. } => format!("{} 到账", on.format("%-m月%-d日")),
                ItemState::Returned { code, on } => {
                    format!("{} 退回，银行代码 {code}", on.format("%-m月%-d日"))
                }
                ItemState::Reissued { into } => format!("转到第 {into} 批"),
                ItemState::Cancelled { decision } => format!("决定 {decision}"),
                ItemState::Ready | ItemState::Sent | ItemState::Unknown => String::new(),
            },
            mend: None,
        };
        batch.items.iter().map(line).collect()
    }

    fn changes(&self, batch: &Batch, names: &BTreeMap<PersonId, String>) -> Vec<ChangeLine> {
        let Some(list) = &batch.list else {
            return Vec::new();
        };
        let whose = |one: &Beneficiary| {
            let item = batch.items.iter().find(|item| item.key.beneficiary == *one);
            let name = item.and_then(|item| names.get(&item.payee));
            match (name, one) {
                (Some(name), _) => name.clone(),
                (None, Beneficiary::Household(id)) => format!("家庭 {id}"),
                (None, Beneficiary::Person(id)) => format!("编号 {id}"),
            }
        };
        let changed = list.diff.changes.iter().map(|one| ChangeLine {
            programme: self.app.service_name(&one.programme),
            whose: whose(&one.beneficiary),
            was: one.was,
            is: one.is,
            why: Some(why(&one.link)),
        });
        let vanished = list.diff.vanished.iter().map(|one| ChangeLine {
            programme: self.app.service_name(&one.programme),
            whose: whose(&one.beneficiary),
            was: Some(one.was),
            is: one.is,
            why: None,
        });
        vanished.chain(changed).collect()
    }
}

fn mend(holding: &AccountHolding, me: Option<PersonId>) -> Mend {
    let card = holding.current.as_ref();
    let proposed = holding.proposed.as_ref();
    Mend {
        card: card.map_or_else(String::new, |one| one.number.masked()),
        proposed: proposed.map(|one| (one.account.number.masked(), one.stamp.by.person == me)),
    }
}

fn why(link: &StopLink) -> String {
    let (words, decision) = match link {
        StopLink::Granted(decision) => ("新给予", decision),
        StopLink::Revised(decision) => ("调整", decision),
        StopLink::Fading(decision) => ("渐退", decision),
        StopLink::Stopped(decision) => ("停发", decision),
        StopLink::FadedOut(decision) => ("渐退期满", decision),
        StopLink::GrantEnded(decision) => ("到期", decision),
        StopLink::NotThisMonth(decision) => ("这个月不发", decision),
    };
    format!("{words}，决定 {decision}")
}

fn turn(state: BatchState) -> Turn {
    match state {
        BatchState::Draft => Turn::Compute,
        BatchState::Computed => Turn::Check,
        BatchState::Checked => Turn::Approve,
        BatchState::Approved => Turn::Release,
        BatchState::Released | BatchState::Sent | BatchState::Accepted => Turn::AskBank,
        BatchState::Settled | BatchState::PartlyFailed => Turn::Reconcile,
        BatchState::Reconciled => Turn::Close,
        BatchState::Closed => Turn::Nothing,
    }
}

fn exception(one: &BatchException) -> ExceptionLine {
    let says = match &one.kind {
        ExceptionKind::UnknownLine => "银行说的这一笔我们没有发过".to_owned(),
        ExceptionKind::WrongAmount { ours } => format!("金额不符，我们是 {ours} 元"),
        ExceptionKind::WrongAccount => "账号不符".to_owned(),
        ExceptionKind::Contradiction { before } => format!("前后说法不一样，原来说“{before}”"),
        ExceptionKind::NotSent => "这一笔是我们的，可是没有在发出的文件里".to_owned(),
    };
    ExceptionLine {
        no: one.no,
        says: format!("第 {} 行，{} 元：{says}", one.line, one.amount),
        explained: one.explained.clone(),
    }
}
