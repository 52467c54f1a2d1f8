//! 「语句」 Every SQL text of the house is a constant made here, so that a test can
//! PREPARE each one on both databases. A text built at run time cannot be one.

/// A statement that a test has prepared on both databases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql {
    pub(crate) text: &'static str,
}

/// Declares a file's statements as constants and lists them in `STATEMENTS`.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* const $name: $crate::statement::Sql = $crate::statement::Sql { text: $text };)*
        /// What the statement test prepares.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $text)),*];
    };
}
pub(crate) use statements;
