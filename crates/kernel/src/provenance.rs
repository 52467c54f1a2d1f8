//! 「来源」 Where a number or a rule comes from. What is assumed stays labelled
//! so in packs, explanations and pages; it is never shown as law.

use serde::{Deserialize, Serialize};

/// How well a value is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// 法律 Read in a law or regulation.
    Law,
    /// 标准 Read in a named standard.
    Standard,
    /// 文件 Read in a government document that is no law.
    Source,
    /// 记忆 From general knowledge, not checked.
    Memory,
    /// 演示 Invented for demonstration.
    Assumed,
}

impl Provenance {
    /// Whether it may be shown as what the law says.
    pub fn is_founded(self) -> bool {
        matches!(
            self,
            Provenance::Law | Provenance::Standard | Provenance::Source
        )
    }

    /// The label a person sees.
    pub fn label(self) -> &'static str {
        match self {
            Provenance::Law => "法律法规",
            Provenance::Standard => "标准",
            Provenance::Source => "公开文件",
            Provenance::Memory => "未核实",
            Provenance::Assumed => "演示值",
        }
    }
}
