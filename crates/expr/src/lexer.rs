//! 「词法」 Words and signs of an expression.

use crate::ast::{BinaryOp, Suffix};
use crate::{Decimal, ExprError, Span, Unit};
use kernel::{Date, Period};

/// Words that cannot be names.
pub(crate) const RESERVED: [&str; 16] = [
    "and", "or", "not", "in", "if", "then", "else", "where", "within", "true", "false", "as_of",
    "members", "records", "verdict", "months",
];

/// Whether a name belongs to the language.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// A word or sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'t> {
    Word(&'t str),
    Number(Decimal, Suffix),
    Date(Date),
    Month(Period),
    /// Arithmetic and comparison signs; `and` and `or` are words.
    Operator(BinaryOp),
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    Dot,
    /// Not readable; an error was reported.
    Broken,
    End,
}

/// Splits a text; the last token is always `End`.
pub(crate) fn tokens(text: &str) -> (Vec<(Token<'_>, Span)>, Vec<ExprError>) {
    let mut lexer = Lexer {
        text,
        at: 0,
        errors: Vec::new(),
    };
    let mut found = Vec::new();
    while let Some(token) = lexer.next() {
        // One complaint per run of unreadable characters.
        if token.0 != Token::Broken || found.last().is_none_or(|(t, _)| *t != Token::Broken) {
            found.push(token);
        }
    }
    found.push((Token::End, text.len()..text.len()));
    (found, lexer.errors)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    errors: Vec<ExprError>,
}

impl<'t> Lexer<'t> {
    fn next(&mut self) -> Option<(Token<'t>, Span)> {
        let blank = self.rest().len() - self.rest().trim_start().len();
        self.at += blank;
        let start = self.at;
        let first = self.rest().chars().next()?;
        let token = if first.is_ascii_digit() {
            self.number()
        } else if first.is_ascii_alphabetic() || first == '_' {
            self.word()
        } else {
            self.sign(first)
        };
        Some((token, start..self.at))
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn word(&mut self) -> Token<'t> {
        Token::Word(self.take_while(|c| c.is_ascii_alphanumeric() || c == '_'))
    }

    fn number(&mut self) -> Token<'t> {
        let start = self.at;
        if let Some(token) = self.date() {
            return token;
        }
        self.take_while(|c| c.is_ascii_digit());
        let after = self.rest().strip_prefix('.');
        if after.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        match self.text[start..self.at].parse::<Decimal>() {
            Ok(number) => self.suffix(number, start),
            Err(error) => self.broken(start..self.at, error.to_string(), None),
        }
    }

    fn suffix(&mut self, number: Decimal, start: usize) -> Token<'t> {
        if self.rest().starts_with('%') {
            self.at += 1;
            return match number.percent() {
                Some(_) => Token::Number(number, Suffix::Percent),
                None => {
                    let span = start..self.at;
                    self.broken(span, "百分数的小数太多".to_owned(), None)
                }
            };
        }
        let trimmed = self.rest().trim_start_matches(' ');
        let blank = self.rest().len() - trimmed.len();
        let named = ["m²", "m2", "kg"].iter().any(|name| {
            let after = trimmed.strip_prefix(name);
            after.is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
        });
        if (named || trimmed.starts_with(|c: char| !c.is_ascii()))
            && let Some((unit, length)) = Unit::read_prefix(trimmed)
        {
            self.at += blank + length;
            if unit.spoken().is_empty() && !unit.is_none() {
                let message = format!("数后面不能写单位 {unit}");
                return self.broken(start..self.at, message, None);
            }
            return Token::Number(number, Suffix::Unit(unit));
        }
        Token::Number(number, Suffix::None)
    }

    /// `2021-09` or `2021-09-01`, written without blanks.
    fn date(&mut self) -> Option<Token<'t>> {
        let bytes = self.rest().as_bytes();
        let digits = |range: std::ops::Range<usize>| {
            bytes
                .get(range)
                .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
        };
        let ends = |at: usize| bytes.get(at).is_none_or(|b| !b.is_ascii_digit());
        let month = digits(0..4) && bytes.get(4) == Some(&b'-') && digits(5..7) && ends(7);
        let day = month && bytes.get(7) == Some(&b'-') && digits(8..10) && ends(10);
        if !month {
            return None;
        }
        let start = self.at;
        self.at += if day { 10 } else { 7 };
        let text = &self.text[start..self.at];
        let token = if day {
            text.parse().ok().map(Token::Date)
        } else {
            text.parse().ok().map(Token::Month)
        };
        Some(token.unwrap_or_else(|| {
            let message = format!("没有“{text}”这一天");
            self.broken(start..start + text.len(), message, None)
        }))
    }

    fn sign(&mut self, first: char) -> Token<'t> {
        use BinaryOp::*;
        const SIGNS: [(&str, Token<'static>); 16] = [
            ("==", Token::Operator(Equal)),
            ("!=", Token::Operator(NotEqual)),
            ("<=", Token::Operator(AtMost)),
            (">=", Token::Operator(AtLeast)),
            ("<", Token::Operator(Less)),
            (">", Token::Operator(Greater)),
            ("+", Token::Operator(Add)),
            ("-", Token::Operator(Subtract)),
            ("*", Token::Operator(Multiply)),
            ("/", Token::Operator(Divide)),
            ("(", Token::Open),
            (")", Token::Close),
            ("[", Token::OpenList),
            ("]", Token::CloseList),
            (",", Token::Comma),
            (".", Token::Dot),
        ];
        for (sign, token) in SIGNS {
            if self.rest().starts_with(sign) {
                self.at += sign.len();
                return token;
            }
        }
        self.strange(first)
    }

    /// A sign the language does not have; some are easily mistaken.
    fn strange(&mut self, first: char) -> Token<'t> {
        const MEANT: [(&str, &str); 22] = [
            ("&&", "and"),
            ("||", "or"),
            ("=", "=="),
            ("!", "not"),
            ("≤", "<="),
            ("≥", ">="),
            ("≠", "!="),
            ("×", "*"),
            ("÷", "/"),
            ("−", "-"),
            ("（", "("),
            ("）", ")"),
            ("，", ","),
            ("。", "."),
            ("＋", "+"),
            ("＜", "<"),
            ("＞", ">"),
            ("％", "%"),
            ("【", "["),
            ("】", "]"),
            ("、", ","),
            ("＝", "=="),
        ];
        let start = self.at;
        for (sign, meant) in MEANT {
            if self.rest().starts_with(sign) {
                self.at += sign.len();
                let help = format!("是不是想写 `{meant}`");
                return self.broken(start..self.at, format!("规则里没有“{sign}”"), Some(help));
            }
        }
        if first.is_ascii() {
            self.at += 1;
        } else {
            self.take_while(|c| !c.is_ascii() && !c.is_whitespace());
        }
        let text = self.text[start..self.at].escape_debug();
        let help = "名字用小写英文、数字和下划线，单位只能跟在数字后面".to_owned();
        self.broken(start..self.at, format!("看不懂“{text}”"), Some(help))
    }

    fn broken(&mut self, span: Span, message: String, help: Option<String>) -> Token<'t> {
        self.errors.push(ExprError {
            span,
            message,
            help,
        });
        Token::Broken
    }
}
