//! 「经办人」 Who acts. Four eyes are counted by person, not by account.

use crate::PersonId;
use serde::{Deserialize, Serialize};

/// What an actor may be (trust.md §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 居民
    Citizen,
    /// 监护人、代办人
    Agent,
    /// 村社干部、网格员
    VillageWorker,
    /// 镇街受理初审
    TownOfficer,
    /// 县级审核确认
    CountyApprover,
    /// 分管领导 Sees figures and what they are made of; decides nothing.
    Leader,
    /// 财务
    Finance,
    /// 值班接警
    AlarmOperator,
    /// 服务人员 Whoever does what an order asks: a partner, a volunteer, a canteen.
    Provider,
    /// 慈善会计
    CharityAccountant,
    /// 规则编写
    RuleAuthor,
    /// 规则审批
    RuleApprover,
    /// 部门系统
    DepartmentMachine,
    /// 审计
    Auditor,
    /// 系统管理员
    SystemAdministrator,
    /// 安全管理员
    SecurityAdministrator,
    /// 审计管理员
    AuditAdministrator,
    /// 本系统（定时任务）。 Never a signer.
    System,
}

impl Role {
    /// Whether this role is a human being who can sign.
    pub fn is_human(self) -> bool {
        !matches!(self, Role::DepartmentMachine | Role::System)
    }

    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Role::Citizen => "居民",
            Role::Agent => "监护人、代办人",
            Role::VillageWorker => "村社干部",
            Role::TownOfficer => "镇街经办人",
            Role::CountyApprover => "县级审核确认人",
            Role::Leader => "分管领导",
            Role::Finance => "财务",
            Role::AlarmOperator => "值班接警",
            Role::Provider => "服务人员",
            Role::CharityAccountant => "慈善会计",
            Role::RuleAuthor => "规则编写",
            Role::RuleApprover => "规则审批",
            Role::DepartmentMachine => "部门系统",
            Role::Auditor => "审计",
            Role::SystemAdministrator => "系统管理员",
            Role::SecurityAdministrator => "安全管理员",
            Role::AuditAdministrator => "审计管理员",
            Role::System => "系统",
        }
    }
}

/// Who does something: the human being (or machine) behind the account and the
/// role in which they do it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// The account's name.
    pub account: String,
    /// The human being behind the account; `None` for machines.
    pub person: Option<PersonId>,
    /// The role used for this action.
    pub role: Role,
}
