//! 「词法」 Words and signs of an expression.

/// Words that cannot be names.
pub(crate) const RESERVED: [&str; 16] = [
    "and", "or", "not", "in", "if", "then", "else", "where", "within", "true", "false", "as_of",
    "members", "records", "verdict", "months",
];

/// Whether a name belongs to the language.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}
