//! 「说给人听」 How batches, matches and statements are printed.

use crate::say;
use app::payment::{PaperReply, Progress, Statement};
use engine_payment::{
    ArrearsProposal, Batch, BatchException, BatchState, Difference, DifferenceKind, ExceptionKind,
    ItemState, Reconciliation,
};
use kernel::Money;
use serde::Serialize;

/// A batch with what a person has to look after.
#[derive(Serialize)]
pub(super) struct Standing {
    #[serde(flatten)]
    progress: Progress,
    /// Owed, but not in the file, and why.
    held: Vec<Held>,
    /// What the bank said that does not fit.
    exceptions: Vec<BatchException>,
}

#[derive(Serialize)]
struct Held {
    line: u32,
    obligation: String,
    reason: String,
}

impl Standing {
    pub(super) fn of(batch: &Batch) -> Self {
        let held = batch.items.iter().filter_map(|item| match &item.state {
            ItemState::Held { reason } => Some(Held {
                line: item.line,
                obligation: item.key.to_string(),
                reason: reason.clone(),
            }),
            _ => None,
        });
        Standing {
            progress: Progress::of(batch),
            held: held.collect(),
            exceptions: batch.exceptions.clone(),
        }
    }

    pub(super) fn print(&self) {
        progress(&self.progress);
        for held in &self.held {
            say!(
                "  暂缓 第 {} 行 {}：{}",
                held.line,
                held.obligation,
                held.reason
            );
        }
        self.exceptions.iter().for_each(exception);
    }
}

/// Where a batch stands, and the command that comes next.
pub(super) fn progress(progress: &Progress) {
    let Progress {
        batch,
        period,
        state,
        total,
        paid,
        returned,
        ..
    } = progress;
    say!("批次 {batch}（{period}）：{}", state.label());
    let items: Vec<String> = progress
        .items
        .iter()
        .map(|(state, count)| format!("{state} {count}"))
        .collect();
    say!(
        "  {}；应发 {total} 元，已付 {paid} 元，退回 {returned} 元",
        items.join("，")
    );
    if let Some(diff) = &progress.diff {
        for gone in &diff.vanished {
            say!("  上月有、这月没有、又没有决定书：{gone:?}");
        }
    }
    if let Some(hash) = &progress.hash {
        say!("  清单摘要 {hash}");
    }
    if let Some(next) = next(progress) {
        say!("  下一步：nuanxin pay {next}");
    }
}

/// What earlier months should have been.
pub(super) fn arrears(proposals: &[ArrearsProposal]) {
    if proposals.is_empty() {
        say!("这些月份没有少发，也没有多发");
    }
    for one in proposals {
        let ArrearsProposal {
            key,
            owed,
            made,
            difference,
            ..
        } = one;
        let what = match (difference.fen() > 0, *made == Money::ZERO) {
            (true, true) => format!("没有列进清单：nuanxin pay run --period {}", key.period),
            (true, false) => "少发了，由人决定补发".to_owned(),
            (false, _) => "多发了，由人决定怎么办；系统不会自己追回".to_owned(),
        };
        say!("{key}：应 {owed} 元，已列 {made} 元，差 {difference} 元。{what}");
    }
}

fn next(progress: &Progress) -> Option<String> {
    let batch = progress.batch;
    let seen = progress.hash.as_deref().unwrap_or_default();
    Some(match progress.state {
        BatchState::Draft => format!("run --period {}", progress.period),
        BatchState::Computed => format!("check --batch {batch} --seen {seen}"),
        BatchState::Checked => format!("approve --batch {batch} --seen {seen}"),
        BatchState::Approved => format!("release --batch {batch} --seen {seen}"),
        BatchState::Released => format!("file --batch {batch} --out 银行文件"),
        BatchState::Sent | BatchState::Accepted => "return 回盘文件".to_owned(),
        BatchState::Settled | BatchState::PartlyFailed if progress.open_exceptions > 0 => {
            format!("explain --batch {batch} --no 例外编号 --words 说明")
        }
        BatchState::Settled | BatchState::PartlyFailed => {
            format!("reconcile --batch {batch} --bank 银行账 --treasury 财政账")
        }
        BatchState::Reconciled => format!("close --batch {batch}"),
        BatchState::Closed => return None,
    })
}

fn exception(exception: &BatchException) {
    let kind = match &exception.kind {
        ExceptionKind::UnknownLine => "我们没有发过这一笔，已挂账".to_owned(),
        ExceptionKind::NotSent => "这一笔不在发出的文件里，已挂账".to_owned(),
        ExceptionKind::WrongAmount { ours } => format!("金额不符，我们发的是 {ours} 元"),
        ExceptionKind::WrongAccount => "账号不符".to_owned(),
        ExceptionKind::Contradiction { before } => format!("前后说法不一，以前说 {before}"),
    };
    let explained = match &exception.explained {
        Some(words) => format!("说明：{words}"),
        None => "还没有说明".to_owned(),
    };
    say!(
        "  例外 {}：流水号 {}，{} 元：{kind}。{explained}",
        exception.no,
        exception.reference,
        exception.amount
    );
}

/// What became of a reply file.
pub(super) fn reply(file: &str, reply: &PaperReply) {
    if reply.is_unusable() {
        say!("✕ {file}：不能用，什么也没有采用。请向银行重新索取");
    } else {
        say!("● {file}：读了，回答的是 {}", reply.file_reference);
    }
    for fault in &reply.faults {
        say!("    {fault}");
    }
    reply.exceptions.iter().for_each(exception);
    if let Some(after) = &reply.progress {
        progress(after);
    }
}

/// The three sides beside each other.
pub(super) fn matched(matched: &Reconciliation) {
    say!(
        "三方对账：账本 {} 元，银行 {} 元，财政 {} 元，差 {} 分",
        matched.ledger,
        matched.bank,
        matched.treasury,
        matched.difference().fen()
    );
    matched.differences.iter().for_each(difference);
}

fn difference(difference: &Difference) {
    let kind = match difference.kind {
        DifferenceKind::LedgerOnly => "账本有，银行没有",
        DifferenceKind::BankOnly => "银行有，账本没有",
        DifferenceKind::Amount => "金额不同",
        DifferenceKind::Twice => "一边记了两次",
        DifferenceKind::Treasury => "财政账户和银行的合计不同",
    };
    let whose = match difference.reference.as_str() {
        "" => "财政账户",
        reference => reference,
    };
    say!("  {whose}：{kind}，{} 分", difference.fen);
}

/// The family's list.
pub(super) fn statement(statement: &Statement) {
    let (from, through) = (statement.from, statement.through);
    say!(
        "幸福清单　第 {} 户　{from} 到 {through}",
        statement.household
    );
    for line in &statement.lines {
        let on = line.paid_on.map(|day| format!("，{day}"));
        say!(
            "  {} {}：{} 元，{}{}（决定 {}，应发 {}）",
            line.period,
            line.name,
            line.amount,
            line.says,
            on.unwrap_or_default(),
            line.decision,
            line.obligation
        );
    }
    let totals = &statement.totals;
    say!(
        "  到账 {} 元，还没到 {} 元",
        totals.paid,
        totals.outstanding
    );
    say!("  校验码 {}", statement.digest);
}
