//! 「补发和多发」 `past`: months gone by, looked at again; one person says what is to be
//! done, another confirms.

use super::{Acting, Place};
use clap::{Args, Subcommand, ValueEnum};
use kernel::Money;

/// A person at the proposals.
#[derive(Args, Debug)]
pub(crate) struct AtPast {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Way {
    /// 补发
    Pay,
    /// 不补
    Decline,
    /// 启动追回：先告知、听取，再决定
    Recover,
    /// 不追
    Waive,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PastCommand {
    /// 回头看：规定或数据晚到，以前哪个月少发了、多发了
    #[command(after_help = "例：nuanxin past look")]
    Look(Place),
    /// 列出：每个人、每个月、差多少、为什么
    #[command(after_help = "例：nuanxin past list --as 9000000041")]
    List(AtPast),
    /// 经办：说怎么办，写明理由
    #[command(
        after_help = "例：nuanxin past take 12 13 --way pay --reason 标准从五月起 --as 9000000041"
    )]
    Take {
        #[command(flatten)]
        at: AtPast,
        /// 哪几条（past list 会写）
        #[arg(required = true)]
        ids: Vec<i64>,
        /// 怎么办
        #[arg(long, value_enum)]
        way: Way,
        /// 理由
        #[arg(long)]
        reason: String,
    },
    /// 退回给经办
    #[command(after_help = "例：nuanxin past back 12 --reason 先看文件 --as 9000000031")]
    Back {
        #[command(flatten)]
        at: AtPast,
        /// 哪几条
        #[arg(required = true)]
        ids: Vec<i64>,
        /// 理由
        #[arg(long)]
        reason: String,
    },
    /// 复核：不能是经办人；补发进下一批，追回先告知和听取
    #[command(after_help = "例：nuanxin past confirm 12=100.00 13=100.00 --as 9000000031")]
    Confirm {
        #[command(flatten)]
        at: AtPast,
        /// 哪几条，连同您看到的差额：编号=元
        #[arg(required = true, value_parser = seen)]
        seen: Vec<(i64, Money)>,
    },
}

fn seen(text: &str) -> Result<(i64, Money), String> {
    let wrong = || format!("“{text}”要写成 编号=元，例如 12=100.00");
    let (id, yuan) = text.split_once('=').ok_or_else(wrong)?;
    Ok((
        id.trim().parse().map_err(|_| wrong())?,
        yuan.trim().parse().map_err(|_| wrong())?,
    ))
}
