//! 「合成城市」 `demo`, `city`.

use clap::{Args, Subcommand};
use kernel::Date;
use std::net::SocketAddr;
use std::path::PathBuf;

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

/// How hard the served city is asked.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Load {
    /// 同时有多少人在看
    #[arg(long, default_value_t = 16)]
    pub(crate) clients: usize,
    /// 每人看完一页歇多少毫秒
    #[arg(long, default_value_t = 100)]
    pub(crate) think_ms: u64,
    /// 量多少秒
    #[arg(long, default_value_t = 30)]
    pub(crate) seconds: u64,
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
        /// 数据截至哪一天；不写就是今天。要造出一模一样的城市，请写上
        #[arg(long, value_parser = super::day)]
        as_of: Option<Date>,
        /// 政策包目录（数据目录与区划从这里来）
        #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
        pack: PathBuf,
    },
}
