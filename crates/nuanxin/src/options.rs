//! 「命令行」 What can be said to `nuanxin`: the contract of the command line.
//! Only words and types here; what they do is in `commands/`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use kernel::Date;
use std::net::SocketAddr;
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
    /// 在一座合成城市里把整个故事走一遍
    #[command(after_help = "例：nuanxin demo --residents 50000 --headless")]
    Demo(DemoOptions),
    /// 打开网站
    #[command(
        after_help = "例：nuanxin serve --db sqlite:./nuanxin-data/nuanxin.db --listen 127.0.0.1:8080"
    )]
    Serve(ServeOptions),
    /// 合成城市
    #[command(subcommand)]
    City(CityCommand),
    /// 外面的世界：部门、银行、短信的模拟器，各是一个进程
    #[command(subcommand)]
    Sim(SimCommand),
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
    #[arg(long, value_parser = day)]
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
    #[arg(long, value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// 只看这一项
    #[arg(long)]
    pub(crate) benefit: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 监听地址
    #[arg(long, env = "NUANXIN_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// 浏览器经 https 到这里（登录的 cookie 只走 https）
    #[arg(long, env = "NUANXIN_SECURE")]
    pub(crate) secure: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VerifyCommand {
    /// 从头验证
    #[command(after_help = "例：nuanxin audit verify --db sqlite:./nuanxin-data/nuanxin.db")]
    Verify(Place),
}

#[derive(Args, Debug)]
pub(crate) struct DemoOptions {
    /// 数据库；不写就放在演示自己的目录里
    #[arg(long, env = "NUANXIN_DB")]
    pub(crate) db: Option<String>,
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 居民人数
    #[arg(long, env = "NUANXIN_RESIDENTS", default_value_t = 50_000)]
    pub(crate) residents: u32,
    /// 随机种子：同一种子，同一座城
    #[arg(long, env = "NUANXIN_SEED", default_value_t = 330_482)]
    pub(crate) seed: u64,
    /// 只讲故事，讲完就结束，不打开网站
    #[arg(long)]
    pub(crate) headless: bool,
    /// 网站监听的地址
    #[arg(long, env = "NUANXIN_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// 先清空演示自己的数据目录，从头来
    #[arg(long)]
    pub(crate) fresh: bool,
    /// 城市文件、钥匙和模拟器状态放在哪里
    #[arg(long, env = "NUANXIN_DATA", default_value = "nuanxin-data/demo")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CityCommand {
    /// 造一座合成城市，写成部门文件
    #[command(
        after_help = "例：nuanxin city build --residents 50000 --seed 7 --out nuanxin-data/city"
    )]
    Build {
        /// 居民人数
        #[arg(long, default_value_t = 50_000)]
        residents: u32,
        /// 随机种子
        #[arg(long, default_value_t = 330_482)]
        seed: u64,
        /// 写到哪里
        #[arg(long)]
        out: PathBuf,
        /// 数据截至哪一天
        #[arg(long, default_value = "2026-08-31", value_parser = day)]
        as_of: Date,
        /// 政策包目录（数据目录与区划从这里来）
        #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
        pack: PathBuf,
    },
}

/// Where a simulator listens, and in which time it lives.
#[derive(Args, Debug)]
pub(crate) struct SimPlace {
    /// 监听地址
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// 从这个文件看时间；不写就看机器的钟
    #[arg(long)]
    pub(crate) clock: Option<PathBuf>,
    /// 标准输入一断就退出
    #[arg(long)]
    pub(crate) leash: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SimCommand {
    /// 二十六个部门
    #[command(after_help = "例：nuanxin sim departments --listen 127.0.0.1:7101 --down hrss")]
    Departments {
        #[command(flatten)]
        at: SimPlace,
        /// 居民人数
        #[arg(long, default_value_t = 50_000)]
        residents: u32,
        /// 随机种子
        #[arg(long, default_value_t = 330_482)]
        seed: u64,
        /// 数据截至哪一天
        #[arg(long, default_value = "2026-08-31", value_parser = day)]
        as_of: Date,
        /// 政策包目录
        #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
        pack: PathBuf,
        /// 今天不应答的部门
        #[arg(long)]
        down: Vec<String>,
    },
    /// 代发银行
    #[command(after_help = "例：nuanxin sim bank --listen 127.0.0.1:7102 --state bank.json")]
    Bank {
        #[command(flatten)]
        at: SimPlace,
        /// 演示密钥的种子
        #[arg(long, default_value_t = 330_482)]
        seed: u64,
        /// 状态文件
        #[arg(long)]
        state: PathBuf,
        /// 每几笔退回一笔；0 是不退
        #[arg(long, default_value_t = 0)]
        return_every: u32,
    },
    /// 短信通道
    #[command(after_help = "例：nuanxin sim sms --listen 127.0.0.1:7103")]
    Sms {
        #[command(flatten)]
        at: SimPlace,
        /// 演示密钥的种子
        #[arg(long, default_value_t = 330_482)]
        seed: u64,
        /// 不应答
        #[arg(long)]
        dead: bool,
    },
}

/// A day as people write it on the command line.
fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| format!("没有“{text}”这一天。请写成 2026-01-31"))
}
