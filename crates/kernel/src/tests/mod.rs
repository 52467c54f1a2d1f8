//! 「检验」 The vectors of the standards, and: what is printed reads back, and
//! nothing makes a reader fall over.

mod calendar;
mod numbers;
mod readers;
mod regions;

/// A day written as people write it.
fn day(text: &str) -> crate::Date {
    text.parse().unwrap()
}
