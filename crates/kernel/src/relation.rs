//! 「家庭关系」 Relation to the head of the household, GB/T 4761-2008.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A relation of the standard, to the head of the household.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Relation(u8);

/// A code the standard does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是家庭关系代码（GB/T 4761，两位数字，例如 10 配偶、21 独生子）")]
pub struct RelationError(pub String);

const TABLE: &[(u8, &str)] = &[
    (1, "本人"),
    (2, "户主"),
    (10, "配偶"),
    (11, "夫"),
    (12, "妻"),
    (20, "子"),
    (21, "独生子"),
    (22, "长子"),
    (23, "次子"),
    (24, "三子"),
    (25, "四子"),
    (26, "五子"),
    (27, "养子或继子"),
    (28, "女婿"),
    (29, "其他儿子"),
    (30, "女"),
    (31, "独生女"),
    (32, "长女"),
    (33, "次女"),
    (34, "三女"),
    (35, "四女"),
    (36, "五女"),
    (37, "养女或继女"),
    (38, "儿媳"),
    (39, "其他女儿"),
    (40, "孙子、孙女或外孙子、外孙女"),
    (41, "孙子"),
    (42, "孙女"),
    (43, "外孙子"),
    (44, "外孙女"),
    (45, "孙媳妇或外孙媳妇"),
    (46, "孙女婿或外孙女婿"),
    (47, "曾孙子或外曾孙子"),
    (48, "曾孙女或外曾孙女"),
    (49, "其他孙辈"),
    (50, "父母"),
    (51, "父亲"),
    (52, "母亲"),
    (53, "公公"),
    (54, "婆婆"),
    (55, "岳父"),
    (56, "岳母"),
    (57, "继父或养父"),
    (58, "继母或养母"),
    (59, "其他父母关系"),
    (60, "祖父母或外祖父母"),
    (61, "祖父"),
    (62, "祖母"),
    (63, "外祖父"),
    (64, "外祖母"),
    (65, "配偶的祖父母"),
    (66, "曾祖父"),
    (67, "曾祖母"),
    (68, "配偶的曾祖父母"),
    (69, "其他祖辈"),
    (70, "兄弟姐妹"),
    (71, "兄"),
    (72, "嫂"),
    (73, "弟"),
    (74, "弟媳"),
    (75, "姐姐"),
    (76, "姐夫"),
    (77, "妹妹"),
    (78, "妹夫"),
    (79, "其他兄弟姐妹"),
    (80, "其他"),
    (81, "伯父"),
    (82, "伯母"),
    (83, "叔父"),
    (84, "婶母"),
    (85, "舅父"),
    (86, "舅母"),
    (87, "姨夫"),
    (88, "姨母"),
    (89, "姑父"),
    (90, "姑母"),
    (91, "堂兄弟姐妹"),
    (92, "表兄弟姐妹"),
    (93, "侄子"),
    (94, "侄女"),
    (95, "外甥"),
    (96, "外甥女"),
    (97, "其他亲属"),
    (99, "非亲属"),
];

impl Relation {
    /// 01 本人
    pub const SELF: Relation = Relation(1);
    /// 02 户主
    pub const HEAD: Relation = Relation(2);
    /// 10 配偶
    pub const SPOUSE: Relation = Relation(10);
    /// 20 子
    pub const SON: Relation = Relation(20);
    /// 30 女
    pub const DAUGHTER: Relation = Relation(30);
    /// 99 非亲属
    pub const NOT_RELATED: Relation = Relation(99);

    /// By the standard's code.
    pub fn from_code(code: u8) -> Result<Self, RelationError> {
        TABLE
            .iter()
            .any(|(known, _)| *known == code)
            .then_some(Relation(code))
            .ok_or_else(|| RelationError(format!("{code:02}")))
    }

    /// The standard's code.
    pub fn code(self) -> u8 {
        self.0
    }

    /// The word a person sees.
    pub fn label(self) -> &'static str {
        TABLE
            .iter()
            .find(|(code, _)| *code == self.0)
            .map_or("", |(_, label)| label)
    }

    /// 01 or 02: the head of the household.
    pub fn is_head(self) -> bool {
        self.0 <= 2
    }

    /// 10–12.
    pub fn is_spouse(self) -> bool {
        (10..=12).contains(&self.0)
    }

    /// 20–27, 29–37, 39: sons and daughters (own, adopted or step), without
    /// sons- and daughters-in-law.
    pub fn is_child(self) -> bool {
        (20..=39).contains(&self.0) && !matches!(self.0, 28 | 38)
    }

    /// 50–59: parents, also the spouse's.
    pub fn is_parent(self) -> bool {
        (50..=59).contains(&self.0)
    }

    /// 40–49: grandchildren and their spouses, great-grandchildren.
    pub fn is_grandchild(self) -> bool {
        (40..=49).contains(&self.0)
    }
}

impl FromStr for Relation {
    type Err = RelationError;

    /// Reads two digits.
    fn from_str(text: &str) -> Result<Self, RelationError> {
        let trimmed = text.trim();
        let wrong = || RelationError(text.to_owned());
        if trimmed.len() != 2 || !trimmed.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        Relation::from_code(trimmed.parse().map_err(|_| wrong())?)
    }
}

impl fmt::Display for Relation {
    /// Two digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl fmt::Debug for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Relation({self} {})", self.label())
    }
}

impl TryFrom<String> for Relation {
    type Error = RelationError;
    fn try_from(text: String) -> Result<Self, RelationError> {
        text.parse()
    }
}

impl From<Relation> for String {
    fn from(relation: Relation) -> String {
        relation.to_string()
    }
}
