//! 「发放」 `nuanxin pay`: one use case a verb. Every step is signed by the person of
//! `--as`, and the house counts the people; nothing here decides.

mod bank;
mod told;

use super::acting::acts;
use super::print_json;
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{AtBatch, Desk, Format, Month, PayCommand, Signing};
use crate::partners::pay_config;
use crate::{house, say};
use app::payment::{Payments, Progress};
use app::{App, Context};
use engine_access::Purpose;
use engine_payment::{AccountNumber, PayAccount};
use kernel::{CaseId, HouseholdId, Money, PaymentBatchId, Period, PersonId, Slug};
use serde_json::json;
use told::Standing;

/// The desk, open, with somebody standing at it.
struct Open {
    house: App,
    desk: Payments,
    ctx: Context,
}

impl Open {
    async fn at(desk: &Desk, purpose: Purpose) -> Result<Open, Failure> {
        let house = house::open(&desk.place).await?;
        let ctx = acts(&house, &desk.acting, purpose).await?;
        Ok(Open {
            desk: house.payments(pay_config(desk.payer.clone())),
            house,
            ctx,
        })
    }

    async fn at_batch(at: &AtBatch) -> Result<Open, Failure> {
        Open::at(&at.desk, Purpose::Payment(at.batch)).await
    }

    async fn close(self) {
        self.house.db().close().await;
    }
}

/// The purpose of what concerns no batch yet.
fn money() -> Purpose {
    Purpose::Payment(PaymentBatchId(0))
}

pub(crate) async fn run(command: PayCommand, format: Format) -> Outcome {
    match command {
        PayCommand::Fund {
            desk,
            programme,
            yuan,
            reference,
        } => fund(&desk, &programme, yuan, &reference, format).await,
        PayCommand::Account {
            desk,
            person,
            number,
            name,
            confirm,
        } => account(&desk, (person, number, name), confirm, format).await,
        PayCommand::Run(month) => compute(&month, format).await,
        PayCommand::Status(month) => status(&month, format).await,
        PayCommand::Check(signing) => sign(&signing, Step::Check, format).await,
        PayCommand::Approve(signing) => sign(&signing, Step::Approve, format).await,
        PayCommand::Release(signing) => sign(&signing, Step::Release, format).await,
        PayCommand::Reject { at, reason } => {
            let open = Open::at_batch(&at).await?;
            let after = open.desk.reject(&open.ctx, at.batch, &reason).await;
            done(open, after?, format).await
        }
        PayCommand::Hold { at, line, reason } => {
            let open = Open::at_batch(&at).await?;
            let after = open.desk.hold(&open.ctx, at.batch, line, &reason).await;
            done(open, after?, format).await
        }
        PayCommand::Resume { at, line } => {
            let open = Open::at_batch(&at).await?;
            let after = open.desk.resume(&open.ctx, at.batch, line).await;
            done(open, after?, format).await
        }
        PayCommand::Reissue { at, line, period } => {
            let open = Open::at_batch(&at).await?;
            let (desk, ctx) = (&open.desk, &open.ctx);
            let after = desk.reissue_into_month(ctx, at.batch, line, period).await;
            done(open, after?, format).await
        }
        PayCommand::Arrears {
            desk,
            from,
            through,
        } => arrears(&desk, (from, through), format).await,
        PayCommand::File { at, out } => bank::file(&at, out.as_deref(), format).await,
        PayCommand::Return { desk, files } => bank::replies(&desk, &files, format).await,
        PayCommand::Explain { at, no, words } => {
            let open = Open::at_batch(&at).await?;
            let after = open.desk.explain(&open.ctx, at.batch, no, &words).await;
            done(open, after?, format).await
        }
        PayCommand::Reconcile {
            at,
            bank,
            treasury,
            named,
        } => bank::reconcile(&at, (&bank, &treasury), named, format).await,
        PayCommand::Close(at) => {
            let open = Open::at_batch(&at).await?;
            let after = open.desk.close(&open.ctx, at.batch).await;
            done(open, after?, format).await
        }
        PayCommand::Statement {
            desk,
            household,
            from,
            through,
            case,
        } => statement(&desk, household, (from, through), case, format).await,
    }
}

/// Who signs what.
#[derive(Clone, Copy)]
enum Step {
    Check,
    Approve,
    Release,
}

async fn sign(signing: &Signing, step: Step, format: Format) -> Outcome {
    let open = Open::at_batch(&signing.at).await?;
    let (desk, ctx, id) = (&open.desk, &open.ctx, signing.at.batch);
    let seen = signing.seen.trim();
    let after = match step {
        Step::Check => desk.check(ctx, id, seen).await,
        Step::Approve => desk.approve(ctx, id, seen).await,
        Step::Release => desk.release(ctx, id, seen).await,
    };
    done(open, after?, format).await
}

/// Prints where the batch stands now.
async fn done(open: Open, after: Progress, format: Format) -> Outcome {
    open.close().await;
    if format.is_json() {
        print_json(&after)?;
    } else {
        told::progress(&after);
    }
    Ok(Ending::Yes)
}

async fn fund(
    desk: &Desk,
    programme: &Slug,
    yuan: Money,
    reference: &str,
    format: Format,
) -> Outcome {
    let mut open = Open::at(desk, money()).await?;
    if open.house.law().pack.service(programme.as_str()).is_none() {
        return Err(Failure::BadInput(format!(
            "没有“{programme}”这个项目。用 nuanxin pack show 看全部"
        )));
    }
    // The reference is the request: the same appropriation again is the same act.
    open.ctx.request = format!("cli/fund/{programme}/{reference}");
    open.desk
        .appropriate(&open.ctx, programme, yuan, reference)
        .await?;
    open.close().await;
    if format.is_json() {
        print_json(&json!({ "programme": programme, "amount": yuan, "reference": reference }))?;
    } else {
        say!("拨款 {yuan} 元记到 {programme}，文号 {reference}");
    }
    Ok(Ending::Yes)
}

async fn account(
    desk: &Desk,
    (person, number, name): (PersonId, AccountNumber, String),
    confirm: bool,
    format: Format,
) -> Outcome {
    let open = Open::at(desk, money()).await?;
    let account = PayAccount {
        holder: person,
        number,
        name,
    };
    let holding = match confirm {
        true => open.desk.confirm_account(&open.ctx, person, &account).await,
        false => open.desk.enter_account(&open.ctx, person, &account).await,
    }?;
    open.close().await;
    if format.is_json() {
        print_json(&holding)?;
    } else if holding.current.as_ref() == Some(&account) {
        say!("编号 {person} 的收款账户记下了");
    } else {
        say!("编号 {person} 的账户变更等第二个人确认：同一命令加 --confirm，换人来办");
    }
    Ok(Ending::Yes)
}

async fn compute(month: &Month, format: Format) -> Outcome {
    let open = Open::at(&month.desk, money()).await?;
    let made = open.desk.compute_month(&open.ctx, month.period).await?;
    let batch = open.desk.batch(&open.ctx, made.batch).await?;
    open.close().await;
    let standing = Standing::of(&batch);
    if format.is_json() {
        print_json(&standing)?;
    } else {
        standing.print();
    }
    Ok(Ending::Yes)
}

async fn status(month: &Month, format: Format) -> Outcome {
    let open = Open::at(&month.desk, money()).await?;
    let batches = open.desk.batches_of(&open.ctx, month.period).await?;
    open.close().await;
    let standings: Vec<Standing> = batches.iter().map(Standing::of).collect();
    if format.is_json() {
        print_json(&standings)?;
    } else if standings.is_empty() {
        say!("{} 还没有批次。先用 nuanxin pay run", month.period);
    } else {
        standings.iter().for_each(Standing::print);
    }
    Ok(Ending::Yes)
}

async fn arrears(desk: &Desk, (from, through): (Period, Period), format: Format) -> Outcome {
    let open = Open::at(desk, money()).await?;
    let proposals = open.desk.arrears(&open.ctx, from, through).await?;
    open.close().await;
    if format.is_json() {
        print_json(&proposals)?;
    } else {
        told::arrears(&proposals);
    }
    Ok(Ending::Yes)
}

async fn statement(
    desk: &Desk,
    household: HouseholdId,
    (from, through): (Period, Period),
    case: Option<i64>,
    format: Format,
) -> Outcome {
    let purpose = case.map_or(Purpose::Own, |case| Purpose::Case(CaseId(case)));
    let open = Open::at(desk, purpose).await?;
    let statement = open
        .desk
        .statement(&open.ctx, household, from, through)
        .await?;
    open.close().await;
    if format.is_json() {
        print_json(&statement)?;
    } else {
        told::statement(&statement);
    }
    Ok(Ending::Yes)
}
