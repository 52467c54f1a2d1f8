//! 「姓名」 Plainly invented names: surnames that are things, given names that are
//! weather and seasons. Nobody is called so; some are as hard as real ones:
//! characters beyond the basic plane, the middle dot, fifty characters.

use super::dice::Dice;

const SURNAMES: &[&str] = &[
    "禾", "麦", "柚", "苇", "砚", "榆", "棠", "岚", "霁", "舟", "笺", "篱", "汐", "桁", "萤", "缃",
    "泠", "芷", "椿", "桐",
];
const GIVEN: &[&str] = &[
    "小满", "谷雨", "青禾", "知秋", "望舒", "听雪", "半夏", "初晴", "长庚", "白露", "惊蛰", "立夏",
    "寒露", "清和", "南星", "远志", "晚舟", "朝露", "一苇", "千帆", "晴川", "新雨", "归雁", "临风",
];
const SINGLE: &[&str] = &["禾", "雨", "川", "雁", "苇", "㛃", "𬭎", "䶮", "𫖯", "堃"];
const DOTTED: &[&str] = &["云朵", "星河", "草原", "月光", "流水", "白桦", "山岗"];

/// People with a character outside what old systems know, per 10,000.
const RARE: u32 = 60;
/// People with a middle dot, per 10,000.
const WITH_DOT: u32 = 50;
/// People with a name of about fifty characters, per 10,000.
const LONG: u32 = 2;

/// A surname.
pub(crate) fn surname(dice: &mut Dice) -> &'static str {
    dice.pick(SURNAMES)
}

/// A name with this surname.
pub(crate) fn name(dice: &mut Dice, surname: &str) -> String {
    if dice.happens(LONG) {
        let mut parts = vec![surname.to_owned()];
        while parts
            .iter()
            .map(|part| part.chars().count() + 1)
            .sum::<usize>()
            < 48
        {
            parts.push(dice.pick(DOTTED).to_owned());
        }
        return parts.join("·");
    }
    if dice.happens(WITH_DOT) {
        return format!("{}{}·{}", surname, dice.pick(DOTTED), dice.pick(DOTTED));
    }
    if dice.happens(RARE) {
        let rare = dice.pick(&["㛃", "𬭎", "䶮", "𫖯"]);
        return format!("{surname}{rare}");
    }
    if dice.happens(1_500) {
        return format!("{surname}{}", dice.pick(SINGLE));
    }
    format!("{surname}{}", dice.pick(GIVEN))
}
