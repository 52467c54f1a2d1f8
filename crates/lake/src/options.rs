//! 「命令行」 What can be said to `nuanxin-lake`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use kernel::{Date, Slug};
use lake::cluster::Executor;
use std::net::SocketAddr;
use std::path::PathBuf;

/// 暖心数据湖：Parquet、SQL、对照、集群
#[derive(Debug, Parser)]
#[command(name = "nuanxin-lake", version, about = "暖心数据湖：Parquet、SQL、对照、集群", long_about = None)]
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
    /// 把 nuanxin facts 写出的行变成 Parquet
    #[command(after_help = "例：nuanxin-lake export 出库 --out 湖 --pack packs/pinghu")]
    Export(ExportOptions),
    /// 部门送来的 Parquet：核对列和类型，写成一行一条的 JSON 和清单，放进投放文件夹，过同一道门
    #[command(
        after_help = "例：nuanxin-lake deliver 养老金.parquet --category pension --as-of 2026-10-31 --drop /srv/投放"
    )]
    Deliver(DeliverOptions),
    /// 用 SQL 问：facts、households、persons、judged、"records.种类"、"data.类别"
    #[command(after_help = "例：nuanxin-lake sql --lake 湖 'SELECT count(*) FROM persons'")]
    Sql {
        #[command(flatten)]
        place: Place,
        /// 一句 SELECT
        sql: String,
    },
    /// 规则印成 SQL，由 DataFusion 再算一遍，逐个答案对照
    #[command(after_help = "例：nuanxin-lake check --lake 湖 --pack packs/pinghu")]
    Check(Place),
    /// 一台机器不够时：调度器和执行器，各是一个进程
    #[command(subcommand)]
    Cluster(ClusterCommand),
}

#[derive(Args, Debug)]
pub(crate) struct ExportOptions {
    /// nuanxin facts 写出的目录
    pub(crate) from: PathBuf,
    /// 湖放在哪里：要是空目录
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// 政策包目录，和写出事实时的一样
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 一个文件放多少户
    #[arg(long, default_value_t = 65_536)]
    pub(crate) part: usize,
}

#[derive(Args, Debug)]
pub(crate) struct DeliverOptions {
    /// Parquet 文件；旁边有清单（文件名.manifest.json）就按清单核对
    pub(crate) file: PathBuf,
    /// 是哪类数据；有清单不用写
    #[arg(long)]
    pub(crate) category: Option<Slug>,
    /// 数据截至哪一天，例如 2026-10-31；有清单不用写
    #[arg(long)]
    pub(crate) as_of: Option<Date>,
    /// 投放文件夹，和 nuanxin serve --drop、nuanxin pool drop 的一样
    #[arg(long, env = "NUANXIN_DROP", value_name = "DIR")]
    pub(crate) drop: PathBuf,
    /// 政策包目录，和平台的一样
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    /// 湖在哪个目录
    #[arg(long, env = "NUANXIN_LAKE", default_value = "nuanxin-data/lake")]
    pub(crate) lake: PathBuf,
    /// 政策包目录，和导出时的一样
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 几个线程
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClusterCommand {
    /// 调度器：把活分给执行器
    #[command(after_help = "例：nuanxin-lake cluster scheduler --lake 湖 --listen 127.0.0.1:50050")]
    Scheduler {
        #[command(flatten)]
        place: Place,
        /// 在哪里听
        #[arg(long, default_value = "127.0.0.1:50050")]
        listen: SocketAddr,
    },
    /// 执行器：做一份活
    #[command(
        after_help = "例：nuanxin-lake cluster executor --lake 湖 --listen 127.0.0.1:50051 --calls 50052 --work 临时目录"
    )]
    Executor {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        at: ExecutorOptions,
        /// 中间结果放在哪个目录
        #[arg(long)]
        work: PathBuf,
    },
    /// 起一个调度器和几个执行器，每个问法和一个进程的答案对照，再收起来
    #[command(after_help = "例：nuanxin-lake cluster run --lake 湖 --executors 2")]
    Run {
        #[command(flatten)]
        place: Place,
        /// 几个执行器
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
        executors: u16,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ExecutorOptions {
    /// 在哪里听（交结果）
    #[arg(long, default_value = "127.0.0.1:50051")]
    listen: SocketAddr,
    /// 在哪个端口听（接活）
    #[arg(long, default_value_t = 50_052)]
    calls: u16,
    /// 调度器在哪里
    #[arg(long, default_value = "127.0.0.1:50050")]
    scheduler: SocketAddr,
    /// 同时做几份
    #[arg(long, default_value_t = 1)]
    slots: usize,
}

impl From<ExecutorOptions> for Executor {
    fn from(given: ExecutorOptions) -> Executor {
        Executor {
            listen: given.listen,
            calls: given.calls,
            scheduler: given.scheduler,
            slots: given.slots,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Options;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Options::command().debug_assert();
    }
}
