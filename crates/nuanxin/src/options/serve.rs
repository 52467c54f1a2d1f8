//! 「网站」 `serve`.

use super::{PartnerCa, Place};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 监听地址
    #[arg(long, env = "NUANXIN_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// 外面打开这里用的地址，印在文书的核对码上，例如 https://shequ.example.cn（不写就用监听地址）
    #[arg(long, env = "NUANXIN_ADDRESS")]
    pub(crate) address: Option<String>,
    /// 名字里有生僻字时另加的字库文件（.otf、.ttf、.ttc）
    #[arg(long, env = "NUANXIN_FONT")]
    pub(crate) font: Option<PathBuf>,
    /// 浏览器用的网址，例如 https://civil.example.gov.cn；有了它才能用通行密钥和单点登录
    #[arg(long, env = "NUANXIN_BASE")]
    pub(crate) base: Option<String>,
    /// 单点登录的设置文件（TOML）
    #[arg(long, env = "NUANXIN_SSO", requires = "base")]
    pub(crate) sso: Option<PathBuf>,
    /// 浏览器经 https 到这里（登录的 cookie 只走 https）
    #[arg(long, env = "NUANXIN_SECURE")]
    pub(crate) secure: bool,
    /// 投放文件夹：部门放进 DIR/部门或数据类/ 的文件自动收（写法见 docs/partners.md）
    #[arg(long, env = "NUANXIN_DROP", value_name = "DIR")]
    pub(crate) drop: Option<PathBuf>,
    /// 专线文件：部门、银行、短信怎么连，信谁的签名（写法见 docs/partners.md）
    #[arg(long, env = "NUANXIN_PARTNERS")]
    pub(crate) partners: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ca: PartnerCa,
}
