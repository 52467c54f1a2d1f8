//! 「命令行」 What can be said to `nuanxin`: the contract of the command line.
//! Only words and types here; what they do is in `commands/`.

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// 暖心：智慧民政平台
#[derive(Debug, Parser)]
#[command(name = "nuanxin", version, about = "暖心：智慧民政平台", long_about = None)]
pub(crate) struct Options {
    /// 输出格式
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "NUANXIN_FORMAT"
    )]
    pub(crate) format: Format,
    /// 要做的事
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// 给人看
    #[default]
    Text,
    /// 给程序看（键名稳定）
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 政策包：检查、试算、查看
    #[command(subcommand)]
    Pack(PackCommand),
}

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
