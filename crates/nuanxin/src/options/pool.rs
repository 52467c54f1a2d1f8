//! 「数据与证明」 Loading, screening, proving: `import`, `screen`, `audit`, `ledger`.

use super::{Acting, Place};
use clap::{Args, Subcommand};
use kernel::{Date, RegionCode};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

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
pub(crate) struct PartitionOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 分成几份
    #[arg(long)]
    pub(crate) parts: u32,
    /// 按多少人来分；不写就按底册里最后一个人的编号
    #[arg(long)]
    pub(crate) people: Option<i64>,
}

#[derive(Args, Debug)]
pub(crate) struct ScreenOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 按哪一天判断；不写就是今天
    #[arg(long, value_parser = super::day)]
    pub(crate) as_of: Option<Date>,
    /// 只看这一项
    #[arg(long)]
    pub(crate) benefit: Option<String>,
    /// 同时用几个核判断；不写就用上全部。结果一样，只是快慢不同
    #[arg(long, value_name = "个数")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// 一次读几户：越少越省内存；不写就是 1000
    #[arg(long, value_name = "户数")]
    pub(crate) page: Option<NonZeroU32>,
}

#[derive(Args, Debug)]
pub(crate) struct SimulateOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 改哪个数：参数=数，或 参数=从..到:步长；可以写几次
    #[arg(
        long = "set",
        value_name = "参数=数",
        required_unless_present = "draft",
        conflicts_with = "draft"
    )]
    pub(crate) settings: Vec<String>,
    /// 换成另一个政策包（草案的目录）
    #[arg(long, value_name = "DIR")]
    pub(crate) draft: Option<PathBuf>,
    /// 只算这个区划的
    #[arg(long)]
    pub(crate) region: Option<RegionCode>,
    /// 按哪一天判断；不写就是最近一次筛查的那天
    #[arg(long, value_parser = super::day)]
    pub(crate) as_of: Option<Date>,
    /// 只算现在就能查的：存款、证券这些要户主同意的不当作没有，查不到就是还不知道
    #[arg(long)]
    pub(crate) known_only: bool,
    /// 同时写成文件（.xlsx 或 .csv）
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
}

/// `pool`.
#[derive(Debug, Subcommand)]
pub(crate) enum PoolCommand {
    /// 收一遍投放文件夹：DIR/部门或数据类/文件，收好的在 done，没收的在 refused，都有回执
    #[command(after_help = "例：nuanxin pool drop /srv/投放")]
    Drop(PoolDropOptions),
    /// 没收下的行：有哪些批、为什么没收
    #[command(
        after_help = "例：nuanxin pool set-back --as 9000000041\n    nuanxin pool set-back 12 --as 9000000041"
    )]
    SetBack(SetBackOptions),
    /// 补一份：改好的行，过同一道闸
    #[command(after_help = "例：nuanxin pool mend 12 要补的行.csv --as 9000000041")]
    Mend(PoolMendOptions),
    /// 一行不用补：写明理由，关上
    #[command(after_help = "例：nuanxin pool waive 12-5 --why 这是合计行 --as 9000000041")]
    Waive(PoolWaiveOptions),
}

#[derive(Args, Debug)]
pub(crate) struct PoolDropOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 投放文件夹
    pub(crate) folder: PathBuf,
    /// 两次看之间等几秒：两次看都一样的文件才算写完了
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub(crate) settle: u64,
}

#[derive(Args, Debug)]
pub(crate) struct SetBackOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// 第几批；不写就列出各批
    pub(crate) batch: Option<i64>,
}

#[derive(Args, Debug)]
pub(crate) struct PoolMendOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// 补的是第几批
    pub(crate) batch: i64,
    /// 改好的文件（.csv 或 .xlsx）
    pub(crate) file: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct PoolWaiveOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// 哪一行：批-行，例如 12-5
    pub(crate) row: String,
    /// 为什么不用补
    #[arg(long)]
    pub(crate) why: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VerifyCommand {
    /// 从头验证
    #[command(after_help = "例：nuanxin audit verify --db sqlite:./nuanxin-data/nuanxin.db")]
    Verify(Place),
}
