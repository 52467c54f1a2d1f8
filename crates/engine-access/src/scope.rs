//! 「范围」 What a program's token opens. A scope only narrows: the program acts for
//! an account, and the table judges that account's role, place and purpose besides.

use serde::{Deserialize, Serialize};

/// One thing a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// 读规则、试算
    #[serde(rename = "policy:read")]
    PolicyRead,
    /// 读待办和办件
    #[serde(rename = "cases:read")]
    CasesRead,
    /// 读核对报告
    #[serde(rename = "checks:read")]
    ChecksRead,
    /// 读审计
    #[serde(rename = "audit:read")]
    AuditRead,
    /// 读运行指标
    #[serde(rename = "metrics:read")]
    MetricsRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: &[Scope] = &[
        Scope::PolicyRead,
        Scope::CasesRead,
        Scope::ChecksRead,
        Scope::AuditRead,
        Scope::MetricsRead,
    ];

    /// As written in a token.
    pub fn id(self) -> &'static str {
        match self {
            Scope::PolicyRead => "policy:read",
            Scope::CasesRead => "cases:read",
            Scope::ChecksRead => "checks:read",
            Scope::AuditRead => "audit:read",
            Scope::MetricsRead => "metrics:read",
        }
    }

    /// What it opens, in words.
    pub fn label(self) -> &'static str {
        match self {
            Scope::PolicyRead => "读规则、按规则试算",
            Scope::CasesRead => "读本岗位的待办和办件",
            Scope::ChecksRead => "读本岗位办件的核对报告",
            Scope::AuditRead => "读审计和它的证明",
            Scope::MetricsRead => "读系统运行的指标",
        }
    }

    /// The scope of that name.
    pub fn named(id: &str) -> Option<Scope> {
        Scope::ALL.iter().copied().find(|scope| scope.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_written_as_it_is_named() {
        for scope in Scope::ALL {
            let written = serde_json::to_value(scope).unwrap();
            assert_eq!(written, scope.id());
            assert_eq!(Scope::named(scope.id()), Some(*scope));
        }
        assert_eq!(Scope::named("everything"), None);
    }
}
