//! 「规定」 `law`: how a text of the law comes into force, step by step, each by a
//! person.

use super::{Acting, Place};
use clap::{Args, Subcommand};
use kernel::Date;
use std::path::PathBuf;

/// A person at a version.
#[derive(Args, Debug)]
pub(crate) struct AtLaw {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// 哪一版：哈希的开头几位就行（law list 会写）
    pub(crate) version: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LawCommand {
    /// 起草：一个政策包成为草案，例子要都通过
    #[command(after_help = "例：nuanxin law draft drafts/pinghu --as 9000000071")]
    Draft {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        acting: Acting,
        /// 政策包目录
        dir: PathBuf,
    },
    /// 试算：草案和施行的规定，对全体居民比一比
    #[command(after_help = "例：nuanxin law try 1a2b3c --as 9000000071")]
    Try {
        #[command(flatten)]
        at: AtLaw,
        /// 按哪一天判断；不写就是今天
        #[arg(long, value_parser = super::day)]
        as_of: Option<Date>,
    },
    /// 签字：起草人以外的两个人都签了，就施行
    #[command(after_help = "例：nuanxin law sign 1a2b3c --as 9000000072")]
    Sign(AtLaw),
    /// 停用：一步退回上一版
    #[command(after_help = "例：nuanxin law suspend 1a2b3c --reasons 标准抄错了 --as 9000000072")]
    Suspend {
        #[command(flatten)]
        at: AtLaw,
        /// 原因
        #[arg(long)]
        reasons: String,
    },
    /// 改正：停用的一版作过的决定，按现在的规定重算；看过再签
    #[command(
        after_help = "例：nuanxin law again 1a2b3c --as 9000000031\n    nuanxin law again 1a2b3c --seen 0f1e2d3c4b5a6978 --as 9000000031"
    )]
    Again {
        #[command(flatten)]
        at: AtLaw,
        /// 您看过的这一批的摘要；写了就是签字
        #[arg(long)]
        seen: Option<String>,
    },
    /// 列出全部版本
    #[command(after_help = "例：nuanxin law list")]
    List(Place),
}
