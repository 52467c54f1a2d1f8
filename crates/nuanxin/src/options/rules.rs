//! 「政策」 Packs, and judging by them: `pack`, `policy`.

use super::Place;
use clap::{Args, Subcommand};
use kernel::Date;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum PackCommand {
    /// 检查一个政策包，一次说出全部错误
    #[command(after_help = "例：nuanxin pack check packs/pinghu")]
    Check {
        /// 政策包目录
        dir: PathBuf,
    },
    /// 跑政策包里的例子，最后一行是 N passed, N failed
    #[command(after_help = "例：nuanxin pack test packs/pinghu")]
    Test {
        /// 政策包目录
        dir: PathBuf,
    },
    /// 像人读的那样打印一项服务
    #[command(after_help = "例：nuanxin pack show packs/pinghu dibao")]
    Show {
        /// 政策包目录
        dir: PathBuf,
        /// 服务标识；不写就列出全部
        id: Option<String>,
    },
    /// 给编辑器用的 JSON Schema
    #[command(after_help = "例：nuanxin pack schema > pack.schema.json")]
    Schema,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// 判断文件里的家庭：结论、金额、每个条件、缺什么、证书
    #[command(
        after_help = "例：nuanxin policy eval --pack packs/pinghu --as-of 2026-09-07 family.toml"
    )]
    Eval(EvalOptions),
    /// 按证书再判断一次：一字不差，或者说出哪里不同
    #[command(
        after_help = "例：nuanxin policy replay --pack packs/pinghu certificate.json\n库里的全部，各按当时的规定：nuanxin policy replay --db sqlite:nuanxin-data/nuanxin.db"
    )]
    Replay {
        #[command(flatten)]
        place: Place,
        /// 证书文件；不写，就把库里的每一份都重放一遍
        certificate: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct EvalOptions {
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 按哪一天的规定
    #[arg(long, value_parser = super::day)]
    pub(crate) as_of: Option<Date>,
    /// 只看这一项
    #[arg(long)]
    pub(crate) benefit: Option<String>,
    /// 家庭文件（TOML 或 JSON，与政策包例子同一写法）
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}
