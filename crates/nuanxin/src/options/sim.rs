//! 「外面的世界」 `sim`.

use clap::{Args, Subcommand};
use engine_payment::AccountNumber;
use kernel::Date;
use std::net::SocketAddr;
use std::path::PathBuf;

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

/// What simulated departments do wrong.
#[derive(Args, Debug)]
pub(crate) struct SimMischief {
    /// 每次答复多等几毫秒
    #[arg(long, default_value_t = 0)]
    pub(crate) delay_ms: u64,
    /// 每几页有一页 503；0 是没有
    #[arg(long, default_value_t = 0)]
    pub(crate) page_down_every: u64,
    /// 每几页有一页收了不答；0 是没有
    #[arg(long, default_value_t = 0)]
    pub(crate) page_silent_every: u64,
    /// 每页开头重复上一页的几行
    #[arg(long, default_value_t = 0)]
    pub(crate) page_repeats: usize,
    /// 每几页有一条记录说两遍、说法不同；0 是没有
    #[arg(long, default_value_t = 0)]
    pub(crate) page_contradicts_every: u64,
    /// 翻过几页以后数据变一版；0 是不变
    #[arg(long, default_value_t = 0)]
    pub(crate) page_changes_after: u64,
    /// 整页拉取的数据晚几天
    #[arg(long, default_value_t = 0)]
    pub(crate) late_days: u64,
    /// 说法和别处不同：部门/数据类/证件号/字段=值；可以写几次
    #[arg(long)]
    pub(crate) says: Vec<String>,
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
        #[arg(long, default_value = "2026-08-31", value_parser = super::day)]
        as_of: Date,
        /// 政策包目录
        #[arg(long, env = "NUANXIN_PACK", default_value = "packs/pinghu")]
        pack: PathBuf,
        /// 今天不应答的部门
        #[arg(long)]
        down: Vec<String>,
        #[command(flatten)]
        wrong: SimMischief,
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
        /// 打到这张卡的一律退回；可以写几次
        #[arg(long)]
        return_account: Vec<AccountNumber>,
    },
    /// 统一登录：OIDC 和票据两家
    #[command(
        after_help = "例：nuanxin sim sso --listen 127.0.0.1:7104 --site http://localhost:8080 --people people.json"
    )]
    Sso {
        #[command(flatten)]
        at: SimPlace,
        /// 演示密钥的种子
        #[arg(long, default_value_t = 330_482)]
        seed: u64,
        /// 只认这个网站
        #[arg(long)]
        site: String,
        /// 谁能登录：[{"name": …, "number": …}]
        #[arg(long)]
        people: PathBuf,
    },
    /// 居家设备：按红键、绿键，报心跳
    #[command(
        after_help = "例：nuanxin sim devices --to http://127.0.0.1:8080 --clock nuanxin-data/demo/clock --press red"
    )]
    Devices {
        /// 报给谁
        #[arg(long)]
        to: String,
        /// 钟的文件（演示城市的钟）；不写就用本机的钟
        #[arg(long)]
        clock: Option<PathBuf>,
        /// 演示密钥的种子
        #[arg(long, default_value_t = 330_482)]
        seed: u64,
        /// 网关
        #[arg(long, default_value = "demo")]
        gateway: String,
        /// 哪几台；可以写几次
        #[arg(long = "device", default_values_t = ["demo-1".to_owned()])]
        devices: Vec<String>,
        /// 按什么：red 红键、green 绿键、heartbeat 心跳
        #[arg(long, default_value = "red", value_parser = ["red", "green", "heartbeat"])]
        press: String,
        /// 每台按几次
        #[arg(long, default_value_t = 1)]
        times: u32,
        /// 两次之间隔几毫秒
        #[arg(long, default_value_t = 200)]
        every_ms: u64,
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
