//! 「使命」 Which rows of the mission a test names: `fn a16_…` proves row A16.

use crate::run::{Outcome, output};
use std::collections::BTreeMap;

/// Prints row → tests, from the sources under version control.
pub(crate) fn print() -> Outcome {
    let found = output(
        "git",
        &[
            "grep",
            "-hoE",
            "fn [a-p][0-9]{2}(_[a-z0-9]+)+",
            "--",
            "*.rs",
        ],
    )?;
    let mut rows: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in found.lines() {
        let name = line.trim_start_matches("fn ");
        // `a30_a31_single_person` names two rows.
        for part in name.split('_').take_while(|part| is_row(part)) {
            rows.entry(part.to_uppercase()).or_default().push(name);
        }
    }
    for (row, tests) in &rows {
        println!("{row}  {}", tests.join(", "));
    }
    println!("{} rows named by tests", rows.len());
    Ok(())
}

fn is_row(part: &str) -> bool {
    let mut letters = part.chars();
    let lead = letters.next().is_some_and(|c| ('a'..='p').contains(&c));
    lead && part.len() == 3 && letters.all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_a_letter_and_two_digits() {
        for (part, expected) in [
            ("a16", true),
            ("p40", true),
            ("q01", false),
            ("a1", false),
            ("age", false),
        ] {
            assert_eq!(is_row(part), expected, "{part}");
        }
    }
}
