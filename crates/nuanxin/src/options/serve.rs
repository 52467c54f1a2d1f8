//! 「网站」 `serve`.

use super::Place;
use clap::Args;
use std::net::SocketAddr;

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
