//! 「命令行」 What can be said to `nuanxin`: the contract of the command line.
//! Only words and types here, a file per family; what they do is in `commands/`.

mod acting;
mod audit;
mod bench;
mod check;
mod city;
mod facts;
mod law;
mod past;
mod pay;
mod pool;
mod rules;
mod serve;
mod sim;
mod staff;

pub(crate) use acting::Acting;
pub(crate) use audit::{AuditCommand, CipherName, FileOptions, KeyCommand, WitnessOptions};
pub(crate) use bench::{
    BenchAlarmOptions, BenchBookingOptions, BenchCommand, BenchFactsOptions, BenchLedgerOptions,
    BenchOrderOptions, BenchPoolOptions, BenchScreenOptions, BenchStoreOptions, BenchWatchOptions,
};
pub(crate) use check::{AtCase, CheckCommand};
pub(crate) use city::{CityCommand, DemoOptions, Load};
pub(crate) use facts::FactsOptions;
pub(crate) use law::{AtLaw, LawCommand};
pub(crate) use past::{AtPast, PastCommand, Way};
pub(crate) use pay::{AtBatch, Desk, Month, PayCommand, Signing};
pub(crate) use pool::{
    ImportOptions, PartitionOptions, PoolCommand, PoolDropOptions, PoolMendOptions,
    PoolWaiveOptions, ScreenOptions, SetBackOptions, SimulateOptions, VerifyCommand,
};
pub(crate) use rules::{EvalOptions, PackCommand, PolicyCommand};
pub(crate) use serve::{ScreenAt, ServeOptions};
pub(crate) use sim::{SimCommand, SimMischief, SimPlace};
pub(crate) use staff::{ProposeOptions, SignOptions, StaffCommand};

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
    /// 钥匙放在哪个目录（审计用，封存用；丢了就验不了，也打不开）
    #[arg(long, env = "NUANXIN_KEYS", default_value = "nuanxin-data/keys")]
    pub(crate) keys: PathBuf,
}

/// Whose certificates are believed.
#[derive(Args, Clone, Debug)]
pub(crate) struct PartnerCa {
    /// 对外走 https 时只信这个文件里的 CA 证书（PEM，可以放几张）；不写就信本机系统里的
    #[arg(long, env = "NUANXIN_PARTNER_CA", value_name = "FILE")]
    pub(crate) partner_ca: Option<PathBuf>,
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
    /// 测速：和别家的引擎在同样的数据上比，在演示的城市上量网页
    #[command(subcommand)]
    Bench(BenchCommand),
    /// 合成城市
    #[command(subcommand)]
    City(CityCommand),
    /// 外面的世界：部门、银行、短信的模拟器，各是一个进程
    #[command(subcommand)]
    Sim(SimCommand),
    /// 导入部门数据
    #[command(after_help = "例：nuanxin import nuanxin-data/city --department psb")]
    Import(ImportOptions),
    /// 数据池：收投放文件夹、没收下的行、补数
    #[command(subcommand)]
    Pool(PoolCommand),
    /// 核对报告：给出、重做
    #[command(subcommand)]
    Check(CheckCommand),
    /// 全域筛查：找到没领的、在领却不再找到的、还不知道的
    #[command(after_help = "例：nuanxin screen --as-of 2026-09-07 --benefit age_allowance")]
    Screen(ScreenOptions),
    /// 事实出库：主动发现能看的情况，去掉姓名和号码，给数据湖（nuanxin-lake）
    #[command(after_help = "例：nuanxin facts --as 9000000041 --out 出库")]
    Facts(FactsOptions),
    /// 政策试算：改一个数，看谁多了、谁少了、要多少钱
    #[command(
        after_help = "例：nuanxin simulate --set standard=1200\n    nuanxin simulate --set standard=1100..1300:50 --out 试算.xlsx\n    nuanxin simulate --draft drafts/pinghu"
    )]
    Simulate(SimulateOptions),
    /// 规定：起草、试算、签字、停用、改正
    #[command(subcommand)]
    Law(LawCommand),
    /// 岗位：谁能办什么，两位安全管理员说了算
    #[command(subcommand)]
    Staff(StaffCommand),
    /// 发放：制单、复核、审批、放行、银行文件、回盘、对账、幸福清单
    #[command(subcommand)]
    Pay(PayCommand),
    /// 以前的月份：规定或数据晚到，少发的、多发的，两个人说怎么办
    #[command(subcommand)]
    Past(PastCommand),
    /// 审计：检查点、见证、验证、导出
    #[command(subcommand)]
    Audit(AuditCommand),
    /// 见证人：给别家的检查点会签，由管理员碰不到的人来运行
    #[command(
        after_help = "例：nuanxin witness --name bureau --folder witness --log nuanxin/1a2b3c4d+…"
    )]
    Witness(WitnessOptions),
    /// 账本
    #[command(subcommand)]
    Ledger(VerifyCommand),
    /// 钥匙：换新的封存钥匙
    #[command(subcommand)]
    Key(KeyCommand),
    /// 检查这台机器和这套安装
    #[command(after_help = "例：nuanxin doctor --db sqlite:./nuanxin-data/nuanxin.db")]
    Doctor(Place),
    /// 备份：整个库写成一个文件，写完再读一遍核对（钥匙不在里面）
    #[command(after_help = "例：nuanxin backup 2026-11-25.backup")]
    Backup(FileOptions),
    /// 数据海分区：按人分成几份（只有 PostgreSQL 有；做一次，做的时候停用）
    #[command(after_help = "例：nuanxin partition --db postgres://localhost/nuanxin --parts 16")]
    Partition(PartitionOptions),
    /// 恢复：把备份放进一个空库，再验审计和账本
    #[command(after_help = "例：nuanxin restore 2026-11-25.backup --db sqlite:./new/nuanxin.db")]
    Restore(FileOptions),
}

/// A day as people write it on the command line.
fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| format!("没有“{text}”这一天。请写成 2026-01-31"))
}

#[cfg(test)]
mod tests {
    use super::Options;
    use clap::CommandFactory;

    fn without_example(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        let mut below = command.get_subcommands().peekable();
        if below.peek().is_none() {
            let help = command.get_after_help().map(ToString::to_string);
            if !help.is_some_and(|help| help.contains("例：nuanxin")) {
                found.push(path.clone());
            }
        }
        below.for_each(|command| without_example(command, &path, found));
    }

    #[test]
    fn every_command_has_an_example_in_its_help() {
        let command = Options::command();
        command.clone().debug_assert();
        let mut found = Vec::new();
        without_example(&command, "", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
