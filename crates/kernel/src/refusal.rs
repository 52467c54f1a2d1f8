//! 「不予」 What every engine's refusal can say of itself. A refusal is the law or
//! the state saying no; it is neither a fault nor a missing fact.

/// A refusal: its `Display` is the sentence for the person, in plain Chinese,
/// and says what to do next.
pub trait Refuse: std::fmt::Display + std::fmt::Debug {
    /// A stable code, `engine.reason`, for machines and logs.
    fn code(&self) -> &'static str;

    /// The article it rests on, where a law (and not the state) says no.
    fn article(&self) -> Option<&str> {
        None
    }
}
