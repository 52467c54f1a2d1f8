//! 「短信模板」 The text of an SMS: words and named values already put into text.
//! A value carries its field level; above the ceiling of SMS it never gets in.

use kernel::{FieldLevel, Slug};

/// A template: `{name}您好，您的{service}申请有了结果，请登录查看。`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As written.
    Words(String),
    /// A named value.
    Value(Slug),
}

/// A value, already in words, and how sensitive it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its name in the template.
    pub name: Slug,
    /// Already rendered.
    pub text: String,
    /// Its field's level.
    pub level: FieldLevel,
}

/// What is wrong with a template or its values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace without its partner, or no name inside.
    #[error("短信模板第 {at} 个字附近的花括号不成对，或里面不是名字")]
    Brace {
        /// Characters before it.
        at: usize,
    },
    /// The template names a value nobody gave.
    #[error("短信模板里的“{0}”没有内容")]
    Missing(Slug),
    /// A value too sensitive for an SMS.
    #[error("“{0}”不能写进短信，请让人登录后查看")]
    TooSensitive(Slug),
    /// Longer than an SMS may be.
    #[error("短信有 {0} 个字，最多 {max} 个", max = Template::LONGEST)]
    TooLong(usize),
}

impl Template {
    /// The longest SMS, characters: what gateways carry as one long message.
    pub const LONGEST: usize = 300;
    /// The most sensitive field an SMS may carry: a phone may lie on a table.
    pub const CEILING: FieldLevel = FieldLevel::L1;

    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        let at = |rest: &str| text.chars().count() - rest.chars().count();
        while let Some(open) = rest.find(['{', '}']) {
            let (words, tail) = rest.split_at(open);
            let inside = tail.strip_prefix('{').and_then(|tail| tail.split_once('}'));
            let wrong = TemplateError::Brace { at: at(tail) };
            let (name, after) = inside.ok_or_else(|| wrong.clone())?;
            if !words.is_empty() {
                parts.push(Part::Words(words.to_owned()));
            }
            parts.push(Part::Value(name.parse().map_err(|_| wrong)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Words(rest.to_owned()));
        }
        Ok(Template { parts })
    }

    /// The text of the SMS. The reader's own name may stand in it whatever its
    /// level when it is called `name`; everything else stays at or below
    /// [`Template::CEILING`].
    pub fn sms(&self, values: &[Value]) -> Result<String, TemplateError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Value(name) => {
                    let value = values.iter().find(|v| &v.name == name);
                    let value = value.ok_or_else(|| TemplateError::Missing(name.clone()))?;
                    if value.level > Self::CEILING && name.as_str() != "name" {
                        return Err(TemplateError::TooSensitive(name.clone()));
                    }
                    text.push_str(&value.text);
                }
            }
        }
        let length = text.chars().count();
        if length > Self::LONGEST {
            return Err(TemplateError::TooLong(length));
        }
        Ok(text)
    }
}
