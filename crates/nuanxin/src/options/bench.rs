//! 「测速」 What can be measured.

use super::{DemoOptions, Load, Place};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// 筛查：先核对答案全都一样，再报时间
    #[command(after_help = "例：nuanxin bench screen --people 1000000 --benefits 10 --peer duckdb")]
    Screen(BenchScreenOptions),
    /// 合成的事实：写成 nuanxin facts 那样的行，多少人都行，给数据湖用
    #[command(after_help = "例：nuanxin bench facts --people 5500000 --out 出库")]
    Facts(BenchFactsOptions),
    /// 网页：每一页的 p99，与只读一行的空路由比
    #[command(after_help = "例：nuanxin bench web --residents 2000 --fresh --clients 16")]
    Web {
        #[command(flatten)]
        demo: DemoOptions,
        #[command(flatten)]
        load: Load,
    },
    /// 数据海：装入、一户的全部记录、全部读一遍，与手写 SQL 比（要用一个空库）
    #[command(
        after_help = "例：nuanxin bench pool --db sqlite:/tmp/pool.db --residents 5500000 --categories 11"
    )]
    Pool(BenchPoolOptions),
    /// 事件：一份一行的文件收进来，到线索变了，和手写语句比
    #[command(
        after_help = "例：nuanxin bench watch --residents 5000 --events 200 --db sqlite:/tmp/watch.db --db postgres://localhost/watch"
    )]
    Watch(BenchWatchOptions),
    /// 账本：一秒转多少笔，验完全部流水要多久，和手写 SQL 比
    #[command(after_help = "例：nuanxin bench ledger --entries 200000 --clients 32")]
    Ledger(BenchLedgerOptions),
    /// 存储：一秒能办多少、写多少、读多快
    #[command(after_help = "例：nuanxin bench store --people 20000")]
    Store(BenchStoreOptions),
    /// 预约：许多人同时抢同几个时段，不重不丢，和手写 SQL 比（要用一个空库）
    #[command(after_help = "例：nuanxin bench booking --clients 200 --slots 50")]
    Booking(BenchBookingOptions),
    /// 告警：真的服务、真的协议，一边报一边杀，短信不通，一个不丢、一个不重（要用一个空库）
    #[command(after_help = "例：nuanxin bench alarm --alarms 1000 --kills 20")]
    Alarm(BenchAlarmOptions),
    /// 派单：一秒派多少单，和手写 SQL 比（要用一个空库）
    #[command(
        after_help = "例：nuanxin bench order --open 10000 --providers 500；热线的一周：nuanxin bench order --week"
    )]
    Order(BenchOrderOptions),
}

#[derive(Args, Debug)]
pub(crate) struct BenchAlarmOptions {
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 空库的地址，可以写几个；不写就用一个临时的文件
    #[arg(long)]
    pub(crate) db: Vec<String>,
    /// 多少台设备，每台一次告警
    #[arg(long, default_value_t = 1_000)]
    pub(crate) alarms: usize,
    /// 服务被杀几次
    #[arg(long, default_value_t = 20)]
    pub(crate) kills: usize,
    /// 两次告警之间隔几毫秒
    #[arg(long, default_value_t = 250)]
    pub(crate) gap_ms: u64,
}

#[derive(Args, Debug)]
pub(crate) struct BenchOrderOptions {
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 空库的地址，可以写几个；不写就用一个临时的文件
    #[arg(long)]
    pub(crate) db: Vec<String>,
    /// 多少张单等着派
    #[arg(long, default_value_t = 10_000)]
    pub(crate) open: usize,
    /// 多少家服务方
    #[arg(long, default_value_t = 500)]
    pub(crate) providers: usize,
    /// 几个坐席同时派
    #[arg(long, default_value_t = 16)]
    pub(crate) clients: usize,
    /// 最多派几秒
    #[arg(long, default_value_t = 20)]
    pub(crate) seconds: u64,
    /// 改为重放热线的一周：来电、派单、接单、做完、确认、评价，钟往前拨
    #[arg(long)]
    pub(crate) week: bool,
    /// 一周多少个来电；一年 91928 个，一周就是 1763 个
    #[arg(long, default_value_t = 1_763, requires = "week")]
    pub(crate) calls: usize,
    /// 随机种子
    #[arg(long, default_value_t = 330_482)]
    pub(crate) seed: u64,
    /// 按哪一天
    #[arg(long, value_parser = super::day, default_value = "2026-08-31")]
    pub(crate) day: kernel::Date,
}

#[derive(Args, Debug)]
pub(crate) struct BenchBookingOptions {
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 空库的地址，可以写几个；不写就用一个临时的文件
    #[arg(long)]
    pub(crate) db: Vec<String>,
    /// 多少人同时约
    #[arg(long, default_value_t = 200)]
    pub(crate) clients: usize,
    /// 抢几个时段
    #[arg(long, default_value_t = 50)]
    pub(crate) slots: usize,
    /// 抢几遍，每遍换一处
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// 按哪一天
    #[arg(long, value_parser = super::day, default_value = "2026-08-31")]
    pub(crate) day: kernel::Date,
}

#[derive(Args, Debug)]
pub(crate) struct BenchFactsOptions {
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 多少人
    #[arg(long, default_value_t = 100_000)]
    pub(crate) people: usize,
    /// 写到哪个目录的 facts.jsonl
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct BenchPoolOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 多少居民
    #[arg(long, default_value_t = 200_000)]
    pub(crate) residents: i64,
    /// 每人几类记录
    #[arg(long, default_value_t = 11)]
    pub(crate) categories: usize,
    /// 只量自己，不和手写 SQL 比（数据很多、磁盘不够放两份的时候）
    #[arg(long)]
    pub(crate) alone: bool,
}

#[derive(Args, Debug)]
pub(crate) struct BenchWatchOptions {
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 空库的地址，可以写几个；不写就用一个临时的文件
    #[arg(long)]
    pub(crate) db: Vec<String>,
    /// 多少居民
    #[arg(long, default_value_t = 5_000)]
    pub(crate) residents: usize,
    /// 多少次事件
    #[arg(long, default_value_t = 200)]
    pub(crate) events: usize,
    /// 按哪一天
    #[arg(long, value_parser = super::day, default_value = "2026-08-31")]
    pub(crate) day: kernel::Date,
}

#[derive(Args, Debug)]
pub(crate) struct BenchLedgerOptions {
    /// 空库的地址，可以写几个；不写就用一个临时的文件
    #[arg(long)]
    pub(crate) db: Vec<String>,
    /// 几路同时转
    #[arg(long, default_value_t = 32)]
    pub(crate) clients: usize,
    /// 转几秒
    #[arg(long, default_value_t = 5)]
    pub(crate) seconds: u64,
    /// 验多少条流水
    #[arg(long, default_value_t = 200_000)]
    pub(crate) entries: i64,
}

#[derive(Args, Debug)]
pub(crate) struct BenchStoreOptions {
    /// 空库的地址，可以写几个；不写就用一个临时的文件
    #[arg(long)]
    pub(crate) db: Vec<String>,
    /// 写多少人的记录
    #[arg(long, default_value_t = 20_000)]
    pub(crate) people: usize,
}

#[derive(Args, Debug)]
pub(crate) struct BenchScreenOptions {
    /// 政策包目录
    #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
    pub(crate) pack: PathBuf,
    /// 多少人
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) people: usize,
    /// 多少项待遇；比包里的多，就把数字改低一点再算一遍
    #[arg(long, default_value_t = 10)]
    pub(crate) benefits: usize,
    /// 每件事都知道（OpenFisca 不懂“还不知道”，和它比时用）
    #[arg(long)]
    pub(crate) known: bool,
    /// 和谁比：duckdb、duckdb-wide（先拼好再算）、datafusion、polars、openfisca；不写就只测自己
    #[arg(long = "peer", value_parser = ["duckdb", "duckdb-wide", "datafusion", "polars", "openfisca"])]
    pub(crate) peers: Vec<String>,
    /// 数据和别家的程序放在哪里
    #[arg(long, default_value = "nuanxin-data/bench")]
    pub(crate) folder: PathBuf,
    /// 最多用多少兆内存：人一段一段地来，算完就放下；超了就报错
    #[arg(long, value_name = "MB", conflicts_with_all = ["peers", "growth", "simulate", "every"])]
    pub(crate) memory: Option<usize>,
    /// 人翻倍、待遇翻倍，各多花多少时间
    #[arg(long, conflicts_with_all = ["peers", "simulate", "every"])]
    pub(crate) growth: bool,
    /// 试算：这个参数（all 是全部）低 5%，谁多领、谁少领、差多少钱
    #[arg(long, value_name = "PARAMETER", conflicts_with_all = ["peers", "every"])]
    pub(crate) simulate: Option<String>,
    /// 这个目录里的每一个政策包都和别家核对答案，不报时间
    #[arg(long, value_name = "PACKS", requires = "peers")]
    pub(crate) every: Option<PathBuf>,
}
