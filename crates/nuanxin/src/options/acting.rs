//! 「谁在办」 `--as`, `--role`: the person behind a command. Nobody is let through
//! for standing at the machine: the grants in the database decide.

use clap::Args;
use kernel::{PersonId, Role};

/// Who acts.
#[derive(Args, Clone, Debug)]
pub(crate) struct Acting {
    /// 谁在办：人员编号，要有岗位
    #[arg(long = "as", value_name = "PERSON", env = "NUANXIN_AS", value_parser = person)]
    pub(crate) who: PersonId,
    /// 以哪个岗位办；只有一个岗位时不用写
    #[arg(long, env = "NUANXIN_ROLE", value_parser = role)]
    pub(crate) role: Option<Role>,
}

/// A person's number.
pub(super) fn person(text: &str) -> Result<PersonId, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(PersonId(number)),
        _ => Err("人员编号要写成数字，例如 9000000041".to_owned()),
    }
}

/// A role by its stable name.
pub(super) fn role(text: &str) -> Result<Role, String> {
    serde_json::from_value(text.into()).map_err(|_| {
        "没有这个岗位。常用的有 finance（财务）、county_approver（县级审核确认）、\
         town_officer（镇街）、village_worker（村社）、security_administrator（安全管理员）"
            .to_owned()
    })
}
