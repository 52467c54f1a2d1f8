//! 「审计与钥匙的说法」 `nuanxin audit`, `nuanxin witness`, `nuanxin key`.

use super::{PartnerCa, Place, SimPlace};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A backup of the whole house.
#[derive(Args, Debug)]
pub(crate) struct FileOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 备份文件
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// 从头验证
    #[command(after_help = "例：nuanxin audit verify --db sqlite:./nuanxin-data/nuanxin.db --ask")]
    Verify {
        #[command(flatten)]
        place: Place,
        /// 也去问见证记得什么：这里被删掉的检查点也瞒不过
        #[arg(long)]
        ask: bool,
        #[command(flatten)]
        ca: PartnerCa,
        /// 只验证一份下载的证明
        #[arg(long)]
        proof: Option<PathBuf>,
    },
    /// 做一个检查点，送每位见证会签
    #[command(after_help = "例：nuanxin audit checkpoint")]
    Checkpoint {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        ca: PartnerCa,
    },
    /// 打印审计的公钥：交给见证登记
    #[command(after_help = "例：nuanxin audit key")]
    Key(Place),
    /// 导出全部审计，给别的程序验证
    #[command(after_help = "例：nuanxin audit export audit.jsonl")]
    Export {
        #[command(flatten)]
        place: Place,
        /// 写到哪个文件
        file: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(crate) struct WitnessOptions {
    #[command(flatten)]
    pub(crate) at: SimPlace,
    /// 自己的名字，不带空格和加号
    #[arg(long)]
    pub(crate) name: String,
    /// 自己的钥匙和记忆放在哪个目录
    #[arg(long)]
    pub(crate) folder: PathBuf,
    /// 看哪几家的审计：各家 nuanxin audit key 打印的公钥
    #[arg(long, required = true)]
    pub(crate) log: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// 加一把封存钥匙：以后写的用新的，以前写的仍用旧的打开
    #[command(after_help = "例：nuanxin key add --keys nuanxin-data/keys --cipher sm4")]
    Add {
        /// 钥匙放在哪个目录
        #[arg(long, env = "NUANXIN_KEYS", default_value = "nuanxin-data/keys")]
        keys: PathBuf,
        /// 用哪种密码算法
        #[arg(long, value_enum, default_value_t)]
        cipher: CipherName,
    },
}

/// What a sealing key seals with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CipherName {
    /// AES-256-GCM
    #[default]
    Aes,
    /// SM4-GCM（国密）
    Sm4,
}
