//! 「数据与证明」 Loading, screening, proving: `import`, `screen`, `audit`, `ledger`.

use super::Place;
use clap::{Args, Subcommand};
use kernel::{Date, RegionCode};
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
    /// 同时写成文件（.xlsx 或 .csv）
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VerifyCommand {
    /// 从头验证
    #[command(after_help = "例：nuanxin audit verify --db sqlite:./nuanxin-data/nuanxin.db")]
    Verify(Place),
}
