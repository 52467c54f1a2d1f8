//! 「字段级别」 How sensitive a field is. Declared in packs; undeclared fails loading.

use serde::{Deserialize, Serialize};

/// L0 public … L4 strictly limited (trust.md §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FieldLevel {
    /// 公开 Public.
    L0,
    /// 内部 Internal.
    L1,
    /// 联系方式 Contact.
    L2,
    /// 身份与钱 Identity and money.
    L3,
    /// 疾病、残疾、未成年人、侵害 Illness, disability, minors, abuse.
    L4,
}
