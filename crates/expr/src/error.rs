//! 「表达式错误」 What is wrong with an expression, said to a policy officer. All
//! errors of an expression are reported at once; each underlines its words.

use std::fmt;
use std::ops::Range;

/// Bytes of the expression's text.
pub type Span = Range<usize>;

/// One fault of an expression: where, what, and what was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    /// The words at fault, as bytes of the expression text.
    pub span: Span,
    /// What is wrong, in Chinese.
    pub message: String,
    /// How to mend it, where it can be guessed.
    pub help: Option<String>,
}

impl ExprError {
    /// An error without a hint.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        ExprError {
            span,
            message: message.into(),
            help: None,
        }
    }

    /// The same error with a hint.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)?;
        match &self.help {
            Some(help) => write!(f, "（{help}）"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ExprError {}
