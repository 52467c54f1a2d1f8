//! 「写法」 The small languages inside texts: slugs, regions, time spans, levels,
//! words from a list. Expressions and templates are checked later, against what
//! is declared ([`crate::words`]).

use crate::diagnostic::{Fault, Faults};
use crate::place::{At, Place};
use crate::suggest::meant;
use engine_case::Span;
use kernel::{RegionCode, Slug};

/// How a text must be written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// Words for people: not empty.
    Sentence,
    /// An identifier.
    Slug,
    /// One of these, each with what it means.
    Word(&'static [(&'static str, &'static str)]),
    /// A region's code of 6, 9 or 12 digits.
    Region,
    /// A unit, `元/人·月`.
    Unit,
    /// `3 wd`, `7 d`, `12 months`.
    Span,
    /// `12 months`.
    Months,
    /// `50%`.
    Percent,
    /// An expression of the rule language.
    Expression,
    /// Words with `{expressions}`.
    Template,
}

impl Form {
    /// What should be written, for the author.
    pub(crate) fn says(&self) -> &'static str {
        match self {
            Form::Sentence => "文字",
            Form::Slug => "标识（小写字母、数字、下划线）",
            Form::Word(_) => "规定的词",
            Form::Region => "区划代码（文字）",
            Form::Unit => "单位（文字）",
            Form::Span => "时限（文字），例如 \"3 wd\"、\"7 d\"、\"12 months\"",
            Form::Months => "月数（文字），例如 \"12 months\"",
            Form::Percent => "百分数（文字），例如 \"50%\"",
            Form::Expression => "算式（文字）",
            Form::Template => "文字，可以含 {算式}",
        }
    }

    pub(crate) fn check(&self, name: &At<String>, text: &str, place: Place, faults: &Faults) {
        if let Some(fault) = self.fault(&name.value, text, place) {
            faults.put(fault);
        }
    }

    fn fault(&self, name: &str, text: &str, place: Place) -> Option<Fault> {
        let wrong = |message: String| Some(Fault::error("wrong_value", place, message));
        match self {
            Form::Sentence | Form::Expression | Form::Template | Form::Unit => {
                let empty = text.trim().is_empty();
                empty.then(|| Fault::error("empty", place, format!("`{name}` 不能空着")))
            }
            Form::Slug => match text.parse::<Slug>() {
                Ok(_) => None,
                Err(error) => wrong(error.to_string()),
            },
            Form::Word(words) => {
                let known = words.iter().map(|(word, _)| *word);
                if known.clone().any(|word| word == text) {
                    return None;
                }
                let fault = wrong(format!("`{name}` 不能写“{text}”"))?;
                Some(fault.maybe_help(meant(text, known)))
            }
            Form::Region => match text.parse::<RegionCode>() {
                Ok(_) => None,
                Err(error) => wrong(error.to_string()),
            },
            Form::Span | Form::Months => {
                let good = match text.parse() {
                    Ok(Span::Months(_)) => true,
                    Ok(_) => matches!(self, Form::Span),
                    Err(_) => false,
                };
                if good {
                    return None;
                }
                wrong(format!("“{text}”不是时限：要写{}", self.says()))
            }
            Form::Percent => match percent(text) {
                Some(_) => None,
                None => wrong(format!("“{text}”不是百分数：要写例如 \"50%\"")),
            },
        }
    }
}

/// `50%` as whole percent, 0–100.
pub(crate) fn percent(text: &str) -> Option<u32> {
    let number = text.trim().strip_suffix('%')?.trim();
    number.parse().ok().filter(|n| *n <= 100)
}
