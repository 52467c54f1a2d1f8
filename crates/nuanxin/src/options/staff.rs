//! 「岗位」 `staff`.

use super::Place;
use super::acting::{Acting, person, role};
use clap::{Args, Subcommand};
use kernel::{Date, PersonId, PersonNumber, RegionCode, Role};

#[derive(Debug, Subcommand)]
pub(crate) enum StaffCommand {
    /// 空房子里最先的两位安全管理员，只能定一次
    #[command(after_help = "例：nuanxin staff found 9000000001 9000000002

员工若也是本地居民，请用底册里的编号（遇到自己家的事要回避）；其他人从 9000000001 起编。")]
    Found {
        #[command(flatten)]
        place: Place,
        /// 第一位
        #[arg(value_parser = person)]
        first: PersonId,
        /// 第二位
        #[arg(value_parser = person)]
        second: PersonId,
    },
    /// 提出给某人一个岗位，由另一位安全管理员批准
    #[command(after_help = "例：nuanxin staff propose 9000000041 finance --as 9000000001")]
    Propose(ProposeOptions),
    /// 批准别人提出的岗位
    #[command(after_help = "例：nuanxin staff approve 9000000041 --as 9000000002")]
    Approve(SignOptions),
    /// 收回一个岗位，一个人就可以
    #[command(after_help = "例：nuanxin staff revoke 9000000041 --nth 1 --as 9000000001")]
    Revoke(SignOptions),
    /// 登记账号的证件号，单点登录靠它认人
    #[command(
        after_help = "例：nuanxin staff number wang-li 33048219900101123X --as 9000000001

单点登录只能用已有的账号，不会多出任何权限。"
    )]
    Number {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        acting: Acting,
        /// 账号
        login: String,
        /// 证件号
        number: PersonNumber,
    },
    /// 谁有什么岗位，哪些等人批准
    #[command(after_help = "例：nuanxin staff list --as 9000000001")]
    List {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        acting: Acting,
    },
}

#[derive(Args, Debug)]
pub(crate) struct ProposeOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// 给谁
    #[arg(value_parser = person)]
    pub(crate) person: PersonId,
    /// 什么岗位
    #[arg(value_name = "GRANTED", value_parser = role)]
    pub(crate) granted: Role,
    /// 管哪里；不写就是政策包的地区
    #[arg(long)]
    pub(crate) region: Option<RegionCode>,
    /// 从哪天起；不写就是今天
    #[arg(long)]
    pub(crate) from: Option<Date>,
    /// 到哪天止；不写就到收回为止
    #[arg(long)]
    pub(crate) to: Option<Date>,
}

#[derive(Args, Debug)]
pub(crate) struct SignOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// 谁的
    #[arg(value_parser = person)]
    pub(crate) person: PersonId,
    /// 第几项（staff list 里的次序）
    #[arg(long, default_value_t = 1)]
    pub(crate) nth: usize,
}
