//! 「核对」 `check`: the report of a case's verification.

use super::{Acting, Place};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// A person at a case.
#[derive(Args, Debug)]
pub(crate) struct AtCase {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// 办件号
    pub(crate) case: i64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CheckCommand {
    /// 核对报告：给出存下的那一份，一个字节也不变
    #[command(after_help = "例：nuanxin check report 1 --as 9000000041 --pdf 核对报告.pdf")]
    Report {
        #[command(flatten)]
        at: AtCase,
        /// 同时打印成文件
        #[arg(long)]
        pdf: Option<PathBuf>,
    },
    /// 重做：按当时的答复、数据和规则再出一遍，看是不是同一份
    #[command(after_help = "例：nuanxin check remake 1 --as 9000000041")]
    Remake(AtCase),
}
