//! 「只问不知道的」 The questions of several forms as one: what a department already
//! told is not asked, what two services ask is asked once. And reading what was
//! typed, with the sentence that says how to mend it.

use super::home::Home;
use crate::Law;
use engine_case::{Answer, AnswerSource, AnswerValue, Case};
use engine_policy::{Entry, Household, Source};
use expr::{Decimal, Type, Typed};
use kernel::{Money, PersonId, Slug};
use packs::FormField;
use std::collections::BTreeMap;

/// The longest text of an answer, characters.
const TEXT_MAX: usize = 500;

/// A question, asked once.
#[derive(Clone, Debug)]
pub struct Question {
    /// The fact it answers, or its own id: what the answer is kept under.
    pub key: Slug,
    /// The question.
    pub asks: String,
    /// More words.
    pub help: Option<String>,
    /// What is wanted.
    pub kind: Kind,
    /// Whether it must be answered.
    pub required: bool,
    /// One place to answer for the household, or one per member.
    pub slots: Vec<Slot>,
    /// Services that ask it.
    pub services: Vec<String>,
    /// Only asked when one of these holds or is not known; none: always.
    pub(super) when: Vec<Typed>,
}

/// A place for an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// About whom; `None`: the household.
    pub about: Option<PersonId>,
    /// Their name.
    pub name: String,
    /// The name of the field in a form.
    pub field: String,
    /// What was answered.
    pub value: Option<AnswerValue>,
}

/// What kind of answer is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 文字
    Text,
    /// 金额, with its unit.
    Money(String),
    /// 数, with its unit.
    Number(String),
    /// 是否
    Bool,
    /// 日期
    Date,
    /// 选项: id and label.
    Choice(Vec<(Slug, String)>),
}

/// An answer that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field of the form.
    pub field: String,
    /// How to mend it.
    pub says: String,
}

/// A form's field with the name of the service that asks.
pub(super) type Asked<'a> = (&'a FormField, &'a str);

/// The fields as questions: nothing a department knows, nothing twice.
pub(super) fn questions<'a>(
    law: &Law,
    home: &Home,
    known: &Household,
    cases: &[Case],
    fields: impl Iterator<Item = Asked<'a>>,
) -> Vec<Question> {
    let mut asked: Vec<Question> = Vec::new();
    for (field, service) in fields {
        let key = field.fact.clone().unwrap_or_else(|| field.id.clone());
        if let Some(same) = asked.iter_mut().find(|one| one.key == key) {
            same.required |= field.required;
            match &field.when {
                Some(when) if !same.when.is_empty() => same.when.push(when.clone()),
                _ => same.when.clear(),
            }
            same.services.push(service.to_owned());
            continue;
        }
        let slots = slots(home, known, cases, field, &key);
        if slots.is_empty() {
            continue;
        }
        asked.push(Question {
            kind: kind(law, field),
            asks: field.asks.clone(),
            help: field.help.clone(),
            required: field.required,
            services: vec![service.to_owned()],
            when: field.when.iter().cloned().collect(),
            slots,
            key,
        });
    }
    asked
}

fn slots(
    home: &Home,
    known: &Household,
    cases: &[Case],
    field: &FormField,
    key: &Slug,
) -> Vec<Slot> {
    let slot = |about: Option<PersonId>, name: String| Slot {
        value: answered(cases, key, about),
        field: field_name(key, about),
        about,
        name,
    };
    let told = |facts: &BTreeMap<Slug, Entry>| {
        field.fact.as_ref().is_some_and(|fact| {
            match facts.get(fact) {
                // That nobody has a record of it does not tell what must be told.
                Some(Entry::Known(_, Source::Department { record: None, .. })) => !field.required,
                Some(Entry::Known(..)) => true,
                Some(Entry::Missing(_)) | None => false,
            }
        })
    };
    if !field.per_person {
        return match told(&known.facts) {
            true => Vec::new(),
            false => vec![slot(None, String::new())],
        };
    }
    let unknown = home.members.iter().enumerate().filter(|(at, _)| {
        let member = known.members.get(*at);
        !member.is_some_and(|member| told(&member.facts))
    });
    unknown
        .map(|(_, one)| slot(Some(one.person), one.name.clone()))
        .collect()
}

/// The latest answer in any of the cases.
pub(super) fn answered(cases: &[Case], key: &Slug, about: Option<PersonId>) -> Option<AnswerValue> {
    let all = cases.iter().flat_map(|case| &case.answers);
    all.filter(|one| one.field == *key && one.about == about)
        .map(|one| one.value.clone())
        .next_back()
}

/// How a question about somebody is named in a page's form.
pub(super) fn field_name(key: &Slug, about: Option<PersonId>) -> String {
    match about {
        Some(person) => format!("{key}.{person}"),
        None => key.to_string(),
    }
}

/// A kept answer as its question and its words, by the law of its case.
pub(crate) fn answer_words(
    law: &Law,
    case: &Case,
    answer: &engine_case::Answer,
) -> (String, String) {
    let opened = case.opened.as_ref();
    let service = opened.and_then(|one| law.pack.service(one.service.as_str()));
    let fields = service.iter().flat_map(|one| &one.form.fields);
    let asked = fields
        .clone()
        .find(|one| one.id == answer.field || one.fact.as_ref() == Some(&answer.field));
    if let Some(field) = asked {
        return (field.asks.clone(), kind(law, field).spoken(&answer.value));
    }
    match law.pack.rules().fact(answer.field.as_str()) {
        Some(rule) => {
            let words = kind_of(&rule.decl.ty).spoken(&answer.value);
            (rule.decl.label.clone(), words)
        }
        None => (answer.field.to_string(), Kind::Text.spoken(&answer.value)),
    }
}

/// The kind of a base fact's values.
pub(super) fn kind_of(ty: &Type) -> Kind {
    match ty {
        Type::Bool => Kind::Bool,
        Type::Date => Kind::Date,
        Type::Code(set) => {
            let members = set.members.iter();
            Kind::Choice(
                members
                    .map(|one| (one.id.clone(), one.label.clone()))
                    .collect(),
            )
        }
        Type::Number { unit, .. } => match unit.spoken().contains('元') {
            true => Kind::Money(unit.to_string()),
            false => Kind::Number(unit.spoken()),
        },
    }
}

fn kind(law: &Law, field: &FormField) -> Kind {
    let fact = field.fact.as_ref();
    let rule = fact.and_then(|fact| law.pack.rules().fact(fact.as_str()));
    match (rule, field.kind.as_str()) {
        (Some(rule), _) => kind_of(&rule.decl.ty),
        (None, "money") => Kind::Money("元".to_owned()),
        (None, "int" | "decimal" | "number") => Kind::Number(String::new()),
        (None, "bool") => Kind::Bool,
        (None, "date") => Kind::Date,
        (None, _) => Kind::Text,
    }
}

impl Question {
    /// Reads what was typed for a place; `None`: nothing was, and nothing had been.
    ///
    /// # Errors
    /// The sentence that says how to mend it.
    pub fn read(&self, slot: &Slot, typed: &str) -> Result<Option<Answer>, Wrong> {
        let typed = typed.trim();
        let value = match typed {
            // What was answered before and is empty now is no longer known.
            "" if slot.value.is_some() => AnswerValue::Unknown,
            "" => return Ok(None),
            typed => self.kind.read(typed).map_err(|says| Wrong {
                field: slot.field.clone(),
                says,
            })?,
        };
        Ok(Some(Answer {
            field: self.key.clone(),
            about: slot.about,
            value,
            source: AnswerSource::Person,
        }))
    }

    /// An answer in words.
    pub fn spoken(&self, value: &AnswerValue) -> String {
        self.kind.spoken(value)
    }

    /// When it is asked, in words; `None`: always.
    pub fn only_when(&self) -> Option<String> {
        super::asked::looks_at(&self.when)
    }
}

impl Kind {
    /// Reads one answer.
    ///
    /// # Errors
    /// How to mend it.
    pub fn read(&self, typed: &str) -> Result<AnswerValue, String> {
        if typed == "unknown" {
            return Ok(AnswerValue::Unknown);
        }
        match self {
            Kind::Text if typed.chars().count() > TEXT_MAX => {
                Err(format!("太长了，请写在 {TEXT_MAX} 个字以内"))
            }
            Kind::Text => Ok(AnswerValue::Text(typed.to_owned())),
            Kind::Money(_) => money(typed).map(AnswerValue::Money),
            Kind::Number(_) => {
                let text = plain_digits(typed);
                let number = text.parse::<Decimal>();
                number.map_err(|_| "请写成数字，例如 2".to_owned())?;
                Ok(AnswerValue::Number(text))
            }
            Kind::Bool => match typed {
                "yes" => Ok(AnswerValue::Bool(true)),
                "no" => Ok(AnswerValue::Bool(false)),
                _ => Err("请选“是”或“不是”".to_owned()),
            },
            Kind::Date => {
                let day = typed.parse().map(AnswerValue::Date);
                day.map_err(|_| "请选一个日子，例如 2026-09-01".to_owned())
            }
            Kind::Choice(options) => {
                let chosen = options.iter().find(|(id, _)| id.as_str() == typed);
                let (id, _) = chosen.ok_or_else(|| "请从下面选一样".to_owned())?;
                Ok(AnswerValue::Code(id.clone()))
            }
        }
    }

    /// An answer as it is typed into a field of this kind.
    pub fn typed(&self, value: &AnswerValue) -> String {
        match value {
            AnswerValue::Bool(true) => "yes".to_owned(),
            AnswerValue::Bool(false) => "no".to_owned(),
            AnswerValue::Money(money) => {
                let text = money.to_string();
                text.strip_suffix(".00").map_or(text.clone(), str::to_owned)
            }
            AnswerValue::Number(text) | AnswerValue::Text(text) => text.clone(),
            AnswerValue::Date(day) => day.to_string(),
            AnswerValue::Code(code) => code.to_string(),
            AnswerValue::Unknown => match self {
                Kind::Bool | Kind::Choice(_) => "unknown".to_owned(),
                _ => String::new(),
            },
        }
    }

    /// An answer in words.
    pub fn spoken(&self, value: &AnswerValue) -> String {
        match (self, value) {
            (_, AnswerValue::Unknown) => "说不清".to_owned(),
            (_, AnswerValue::Bool(yes)) => if *yes { "是" } else { "不是" }.to_owned(),
            (_, AnswerValue::Date(day)) => day.format("%Y 年 %-m 月 %-d 日").to_string(),
            (Kind::Choice(options), AnswerValue::Code(code)) => {
                let chosen = options.iter().find(|(id, _)| id == code);
                chosen.map_or_else(|| code.to_string(), |(_, label)| label.clone())
            }
            (Kind::Money(unit) | Kind::Number(unit), _) => format!("{} {unit}", self.typed(value)),
            (_, value) => self.typed(value),
        }
    }
}

fn money(typed: &str) -> Result<Money, String> {
    let text = plain_digits(typed);
    let number = text.parse::<Decimal>().ok();
    let fen = number.and_then(|number| number.at_scale(2));
    match fen {
        Some(fen) if fen >= 0 => Ok(Money::from_fen(fen)),
        Some(_) => Err("请写 0 或更大的数".to_owned()),
        None => Err(match spoken_number(typed) {
            Some(meant) => format!("请写成数字。您是想写 {meant} 吗？"),
            None => "请写成数字，例如 1800".to_owned(),
        }),
    }
}

/// Digits as people type them on a phone: full width, grouped, with 元 behind.
fn plain_digits(typed: &str) -> String {
    let typed = typed.trim().trim_end_matches(['元', '块', '钱']);
    typed
        .chars()
        .filter(|one| !matches!(one, ',' | '，' | ' '))
        .map(|one| match one {
            '０'..='９' => char::from_u32(u32::from(one) - u32::from('０') + u32::from('0')),
            '．' | '。' => Some('.'),
            _ => Some(one),
        })
        .map(|one| one.unwrap_or('?'))
        .collect()
}

/// What a spoken number like 一千八 means, to offer it; `None` when unsure.
fn spoken_number(typed: &str) -> Option<u64> {
    let typed = typed.trim().trim_end_matches(['元', '块', '钱']);
    let (mut total, mut section, mut digit, mut last_unit) = (0_u64, 0_u64, None, 1_u64);
    for one in typed.chars() {
        let value = "零一二三四五六七八九".chars().position(|d| d == one);
        let value = value.or(match one {
            '两' => Some(2),
            '〇' => Some(0),
            _ => None,
        });
        if let Some(value) = value {
            digit = Some(u64::try_from(value).ok()?);
            if value == 0 {
                last_unit = 10;
            }
            continue;
        }
        let unit = match one {
            '十' => 10,
            '百' => 100,
            '千' => 1_000,
            '万' => 10_000,
            _ => return None,
        };
        if unit == 10_000 {
            total = (section + digit.unwrap_or(0)).checked_mul(unit)?;
            section = 0;
        } else {
            section += digit.unwrap_or(1).checked_mul(unit)?;
        }
        (digit, last_unit) = (None, unit);
    }
    // 一千八 is 1800: a bare last digit counts a tenth of the unit before it.
    let rest = digit.map_or(0, |digit| digit * (last_unit / 10).max(1));
    let number = total + section + rest;
    (number > 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_as_people_type_it_and_refused_with_a_way_to_mend_it() {
        let kind = Kind::Money("元/月".to_owned());
        for (typed, fen) in [
            ("1800", 180_000),
            ("1,800.5 元", 180_050),
            ("１８００", 180_000),
            ("0", 0),
        ] {
            assert_eq!(
                kind.read(typed),
                Ok(AnswerValue::Money(Money::from_fen(fen)))
            );
        }
        for (typed, says) in [
            ("一千八", "请写成数字。您是想写 1800 吗？"),
            ("两万三千", "请写成数字。您是想写 23000 吗？"),
            ("一千零八", "请写成数字。您是想写 1008 吗？"),
            ("不少", "请写成数字，例如 1800"),
            ("-5", "请写 0 或更大的数"),
        ] {
            assert_eq!(kind.read(typed), Err(says.to_owned()), "{typed}");
        }
    }

    #[test]
    fn an_answer_is_typed_as_it_is_read() {
        let options = vec![("fire".parse().unwrap(), "火灾".to_owned())];
        for (kind, typed) in [
            (Kind::Bool, "yes"),
            (Kind::Bool, "unknown"),
            (Kind::Date, "2026-09-01"),
            (Kind::Choice(options), "fire"),
            (Kind::Money("元".to_owned()), "1800"),
            (Kind::Number(String::new()), "2.5"),
            (Kind::Text, "看病"),
        ] {
            let value = kind.read(typed).unwrap();
            assert_eq!(kind.typed(&value), typed);
        }
    }
}
