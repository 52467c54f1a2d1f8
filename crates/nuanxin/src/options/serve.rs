//! 「网站」 `serve`.

use super::{PartnerCa, Place};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

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
    /// 每天几点以后把全体居民筛查一遍（0 到 23 的整点）；写 off 就不筛
    #[arg(
        long,
        env = "NUANXIN_SCREEN_AT",
        value_name = "HOUR",
        default_value = "2"
    )]
    pub(crate) screen_at: ScreenAt,
    #[command(flatten)]
    pub(crate) ca: PartnerCa,
}

/// The hour of the day in China from which everybody is screened once; `None`: never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScreenAt(pub(crate) Option<u32>);

impl FromStr for ScreenAt {
    type Err = String;

    fn from_str(text: &str) -> Result<ScreenAt, String> {
        if text == "off" {
            return Ok(ScreenAt(None));
        }
        let hour = text.parse().ok().filter(|hour| *hour < 24);
        let says = || "请写 0 到 23 的整点，或者 off".to_owned();
        hour.map(|hour| ScreenAt(Some(hour))).ok_or_else(says)
    }
}
