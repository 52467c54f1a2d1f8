//! 「命令行」 What can be said to `nuanxin`: the contract of the command line.
//! Only words and types here; what they do is in `commands/`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use kernel::Date;
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

/// Where the data lies and which pack is the law.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    /// 数据库：sqlite:路径 或 postgres://…
    #[arg(
        long,
        env = "NUANXIN_DB",
        default_value = "sqlite:./nuanxin-data/nuanxin.db"
    )]
    pub(crate) db: String,
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 钥匙放在哪个目录（审计用；丢了审计就验不了）
    #[arg(long, env = "NUANXIN_KEYS", default_value = "nuanxin-data/keys")]
    pub(crate) keys: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 政策包：检查、试算、查看
    #[command(subcommand)]
    Pack(PackCommand),
    /// 政策：判断、重放
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// 导入部门数据
    #[command(after_help = "例：nuanxin import nuanxin-data/city --department psb")]
    Import(ImportOptions),
    /// 全域筛查：找到没领的、在领却不再找到的、还不知道的
    #[command(after_help = "例：nuanxin screen --as-of 2026-09-07 --benefit age_allowance")]
    Screen(ScreenOptions),
    /// 审计
    #[command(subcommand)]
    Audit(VerifyCommand),
    /// 账本
    #[command(subcommand)]
    Ledger(VerifyCommand),
    /// 检查这台机器和这套安装
    #[command(after_help = "例：nuanxin doctor --db sqlite:./nuanxin-data/nuanxin.db")]
    Doctor(Place),
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

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// 判断文件里的家庭：结论、金额、每个条件、缺什么、证书
    #[command(
        after_help = "例：nuanxin policy eval --pack packs/pinghu --as-of 2026-09-07 family.toml"
    )]
    Eval(EvalOptions),
    /// 按证书再判断一次：一字不差，或者说出哪里不同
    #[command(after_help = "例：nuanxin policy replay --pack packs/pinghu certificate.json")]
    Replay {
        /// 政策包目录
        #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
        pack: PathBuf,
        /// 证书文件
        certificate: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(crate) struct EvalOptions {
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 按哪一天的规定
    #[arg(long)]
    pub(crate) as_of: Option<Date>,
    /// 只看这一项
    #[arg(long)]
    pub(crate) benefit: Option<String>,
    /// 家庭文件（TOML 或 JSON，与政策包例子同一写法）
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ImportOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 目录或文件
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// 只收这个部门的
    #[arg(long)]
    pub(crate) department: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ScreenOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 按哪一天判断；不写就是今天
    #[arg(long)]
    pub(crate) as_of: Option<Date>,
    /// 只看这一项
    #[arg(long)]
    pub(crate) benefit: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VerifyCommand {
    /// 从头验证
    #[command(after_help = "例：nuanxin audit verify --db sqlite:./nuanxin-data/nuanxin.db")]
    Verify(Place),
}
