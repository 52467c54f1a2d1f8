//! 「发放」 `pay`: the month's money, step by step, each signed by a person.

use super::Place;
use super::acting::{Acting, person};
use clap::{Args, Subcommand};
use engine_payment::AccountNumber;
use kernel::{HouseholdId, Money, PaymentBatchId, Period, PersonId, Slug};
use std::path::PathBuf;

/// The paying desk, and who stands at it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Desk {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// 付款账户（财政在代发银行的账号）
    #[arg(long, env = "NUANXIN_PAYER")]
    pub(crate) payer: AccountNumber,
}

/// A batch at the desk.
#[derive(Args, Clone, Debug)]
pub(crate) struct AtBatch {
    #[command(flatten)]
    pub(crate) desk: Desk,
    /// 批次编号（pay run 和 pay status 会写）
    #[arg(long, value_parser = batch)]
    pub(crate) batch: PaymentBatchId,
}

/// A signature under a list.
#[derive(Args, Clone, Debug)]
pub(crate) struct Signing {
    #[command(flatten)]
    pub(crate) at: AtBatch,
    /// 您看过的清单摘要，整串照抄；清单变了就签不上
    #[arg(long)]
    pub(crate) seen: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PayCommand {
    /// 拨款：财政给一个项目的钱
    #[command(
        after_help = "例：nuanxin pay fund dibao 100000.00 --reference 2026-12 --as 9000000041"
    )]
    Fund {
        #[command(flatten)]
        desk: Desk,
        /// 项目
        programme: Slug,
        /// 多少元
        yuan: Money,
        /// 拨款文号；同一文号只记一次
        #[arg(long)]
        reference: String,
    },
    /// 登记收款账户；已有账户的，要第二个人加 --confirm 再登一次
    #[command(
        after_help = "例：nuanxin pay account 12 6217009900000012 --name 测试·户名 --as 9000000041"
    )]
    Account {
        #[command(flatten)]
        desk: Desk,
        /// 谁的
        #[arg(value_parser = person)]
        person: PersonId,
        /// 账号
        number: AccountNumber,
        /// 户名
        #[arg(long)]
        name: String,
        /// 确认别人提出的变更
        #[arg(long)]
        confirm: bool,
    },
    /// 制单：算出这个月的清单并冻结；再来一次不会多发
    #[command(after_help = "例：nuanxin pay run --period 2026-12 --as 9000000041")]
    Run(Month),
    /// 这个月的批次走到哪一步
    #[command(after_help = "例：nuanxin pay status --period 2026-12 --as 9000000041")]
    Status(Month),
    /// 复核：不能是制单人
    #[command(after_help = "例：nuanxin pay check --batch 1 --seen 清单摘要 --as 9000000042")]
    Check(Signing),
    /// 审批并预留资金：不能是制单人、复核人
    #[command(after_help = "例：nuanxin pay approve --batch 1 --seen 清单摘要 --as 9000000030")]
    Approve(Signing),
    /// 放行，银行文件从此定死：不能是制单人、复核人
    #[command(after_help = "例：nuanxin pay release --batch 1 --seen 清单摘要 --as 9000000043")]
    Release(Signing),
    /// 退回起草
    #[command(after_help = "例：nuanxin pay reject --batch 1 --reason 漏了一户 --as 9000000042")]
    Reject {
        #[command(flatten)]
        at: AtBatch,
        /// 为什么
        #[arg(long)]
        reason: String,
    },
    /// 暂缓一行：还欠着，这次不发；批次回到起草，要重新制单
    #[command(
        after_help = "例：nuanxin pay hold --batch 1 --line 3 --reason 账户存疑 --as 9000000041"
    )]
    Hold {
        #[command(flatten)]
        at: AtBatch,
        /// 第几行
        #[arg(long)]
        line: u32,
        /// 为什么
        #[arg(long)]
        reason: String,
    },
    /// 看清楚了，恢复一行；批次回到起草，要重新制单
    #[command(after_help = "例：nuanxin pay resume --batch 1 --line 3 --as 9000000041")]
    Resume {
        #[command(flatten)]
        at: AtBatch,
        /// 第几行
        #[arg(long)]
        line: u32,
    },
    /// 把退回的、暂缓的一行转到某个月的新清单里，再用 pay run 制单
    #[command(
        after_help = "例：nuanxin pay reissue --batch 1 --line 3 --period 2026-12 --as 9000000041"
    )]
    Reissue {
        #[command(flatten)]
        at: AtBatch,
        /// 第几行
        #[arg(long)]
        line: u32,
        /// 放进哪个月的清单
        #[arg(long)]
        period: Period,
    },
    /// 以前的月份少发了谁、多发了谁：只是建议，什么也不改
    #[command(
        after_help = "例：nuanxin pay arrears --from 2026-01 --through 2026-12 --as 9000000041

从来没列进清单的，用 pay run --period 那个月 补制清单；其余由人作出决定。"
    )]
    Arrears {
        #[command(flatten)]
        desk: Desk,
        /// 从哪个月
        #[arg(long)]
        from: Period,
        /// 到哪个月
        #[arg(long)]
        through: Period,
    },
    /// 取银行文件；再取一次，一个字节也不差
    #[command(after_help = "例：nuanxin pay file --batch 1 --out pay.txt --as 9000000043")]
    File {
        #[command(flatten)]
        at: AtBatch,
        /// 写到哪里；不写就写到标准输出
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 读银行的回盘文件；同一份读两次只算一次
    #[command(after_help = "例：nuanxin pay return reply.txt --as 9000000043")]
    Return {
        #[command(flatten)]
        desk: Desk,
        /// 回盘文件
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// 说明一项例外
    #[command(
        after_help = "例：nuanxin pay explain --batch 1 --no 1 --words 银行错发，已退回 --as 9000000043"
    )]
    Explain {
        #[command(flatten)]
        at: AtBatch,
        /// 例外编号
        #[arg(long)]
        no: u32,
        /// 是怎么回事
        #[arg(long)]
        words: String,
    },
    /// 三方对账：账本、银行、财政，差 0 分，或者每一处差额都有说明
    #[command(
        after_help = "例：nuanxin pay reconcile --batch 1 --bank bank.json --treasury treasury.json --as 9000000043

bank.json：{\"lines\":[{\"reference\":\"流水号\",\"amount\":分}]}，银行自己账上付成的每一笔
treasury.json：{\"debited\":分,\"refunded\":分}，财政账户为这份文件出了多少、退回多少"
    )]
    Reconcile {
        #[command(flatten)]
        at: AtBatch,
        /// 银行的账
        #[arg(long)]
        bank: PathBuf,
        /// 财政账户的账
        #[arg(long)]
        treasury: PathBuf,
        /// 给一处差额写说明：流水号=说明（财政的差额：=说明）
        #[arg(long = "name", value_parser = named)]
        named: Vec<(String, String)>,
    },
    /// 对平以后办结：不能是制单人
    #[command(after_help = "例：nuanxin pay close --batch 1 --as 9000000043")]
    Close(AtBatch),
    /// 一户的幸福清单
    #[command(
        after_help = "例：nuanxin pay statement 7 --from 2026-12 --through 2026-12 --as 12

本人查自己家的不用岗位；工作人员要写 --case 办件编号。"
    )]
    Statement {
        #[command(flatten)]
        desk: Desk,
        /// 家庭编号
        #[arg(value_parser = household)]
        household: HouseholdId,
        /// 从哪个月
        #[arg(long)]
        from: Period,
        /// 到哪个月
        #[arg(long)]
        through: Period,
        /// 为了哪个办件
        #[arg(long)]
        case: Option<i64>,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Month {
    #[command(flatten)]
    pub(crate) desk: Desk,
    /// 哪个月，例如 2026-12
    #[arg(long)]
    pub(crate) period: Period,
}

fn batch(text: &str) -> Result<PaymentBatchId, String> {
    let number = text.parse().map_err(|_| "批次编号要写成数字".to_owned())?;
    Ok(PaymentBatchId(number))
}

fn household(text: &str) -> Result<HouseholdId, String> {
    let number = text.parse().map_err(|_| "家庭编号要写成数字".to_owned())?;
    Ok(HouseholdId(number))
}

fn named(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((reference, words)) if !words.trim().is_empty() => {
            Ok((reference.trim().to_owned(), words.trim().to_owned()))
        }
        _ => Err("要写成 流水号=说明".to_owned()),
    }
}
