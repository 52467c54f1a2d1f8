//! 「使命」 Row by row what the source documents name and what here serves it:
//! `docs/mission.toml` lists the rows; packs say `rows = ["A16"]`, pages say
//! `Rows: A16, A17.` in their first comment, tests carry the row in their name
//! (`fn a16_…`, `test('a16 …`). `docs/mission.md` is made of these and held against them.

use crate::run::{Outcome, output};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const LIST: &str = "docs/mission.toml";
const PAGE: &str = "docs/mission.md";

/// What serves one row.
#[derive(Default)]
struct Served {
    packs: BTreeSet<String>,
    pages: BTreeSet<String>,
    tests: BTreeSet<String>,
}

type Rows = BTreeMap<String, Served>;

/// Writes the page anew and says how much of the mission stands.
pub(crate) fn write() -> Outcome {
    let (page, told) = page()?;
    std::fs::write(PAGE, page).map_err(|why| format!("{PAGE}: {why}"))?;
    println!("{told}");
    Ok(())
}

/// Fails when the page is not what the sources say now.
pub(crate) fn check() -> Outcome {
    let (page, told) = page()?;
    let kept = std::fs::read_to_string(PAGE).map_err(|why| format!("{PAGE}: {why}"))?;
    if kept != page {
        return Err(format!("{PAGE} is out of date; run `cargo xtask mission`"));
    }
    eprintln!("mission: {told}");
    Ok(())
}

fn page() -> Result<(String, String), String> {
    let list = std::fs::read_to_string(LIST).map_err(|why| format!("{LIST}: {why}"))?;
    let list: toml::Table = list.parse().map_err(|why| format!("{LIST}: {why}"))?;
    let served = served()?;
    let known: BTreeSet<&str> = list
        .values()
        .filter_map(toml::Value::as_table)
        .flat_map(|line| line.keys().map(String::as_str))
        .filter(|key| *key != "line")
        .collect();
    let strangers: Vec<&str> = served
        .keys()
        .map(String::as_str)
        .filter(|row| !known.contains(row))
        .collect();
    if !strangers.is_empty() {
        return Err(format!(
            "rows named somewhere but not in {LIST}: {}",
            strangers.join(", ")
        ));
    }
    let told = format!(
        "{} of {} rows have a passing test, {} a pack, {} a page",
        count(&served, |row| &row.tests),
        known.len(),
        count(&served, |row| &row.packs),
        count(&served, |row| &row.pages),
    );
    let mut page = format!(
        "# The mission, row by row\n\n\
         Made by `cargo xtask mission` from `{LIST}` and the tags in packs, pages and tests; \
         do not edit. A row without a test is not claimed. {told}.\n"
    );
    for (letter, line) in &list {
        let Some(line) = line.as_table() else {
            continue;
        };
        let title = line.get("line").and_then(toml::Value::as_str);
        // Writing into a string cannot fail.
        let _ = write!(
            page,
            "\n## {letter} {}\n\n| row | what | packs | pages | tests |\n|---|---|---|---|---|\n",
            title.unwrap_or_default()
        );
        for (row, name) in line.iter().filter(|(key, _)| key.as_str() != "line") {
            let nothing = Served::default();
            let by = served.get(row).unwrap_or(&nothing);
            let _ = writeln!(
                page,
                "| {row} | {} | {} | {} | {} |",
                name.as_str().unwrap_or_default(),
                cell(&by.packs),
                cell(&by.pages),
                cell(&by.tests)
            );
        }
    }
    Ok((page, told))
}

fn count(rows: &Rows, of: impl Fn(&Served) -> &BTreeSet<String>) -> usize {
    rows.values().filter(|row| !of(row).is_empty()).count()
}

fn cell(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join("<br>")
}

fn served() -> Result<Rows, String> {
    let mut rows = Rows::new();
    let tests = grep("fn [a-p][0-9]{2}(_[a-z0-9]+)+", &["*.rs"])?;
    for (_, found) in &tests {
        let name = found.trim_start_matches("fn ");
        // `a30_a31_single_person` names two rows.
        for part in name.split('_').take_while(|part| is_row(part)) {
            let row = rows.entry(part.to_uppercase()).or_default();
            row.tests.insert(name.to_owned());
        }
    }
    let journeys = grep("test\\('[a-p][0-9]{2}(_[a-p][0-9]{2})* ", &["e2e/*.mjs"])?;
    for (file, found) in &journeys {
        for row in named(&found.to_uppercase()) {
            rows.entry(row).or_default().tests.insert(file.clone());
        }
    }
    for (file, found) in grep("^rows *= *\\[[^]]*\\]", &["packs/*.toml"])? {
        for row in named(&found) {
            let short = file.trim_start_matches("packs/").to_owned();
            rows.entry(row).or_default().packs.insert(short);
        }
    }
    for (file, found) in grep("Rows: [A-P][0-9]{2}(, [A-P][0-9]{2})*", &["crates/web"])? {
        for row in named(&found) {
            let short = file.trim_start_matches("crates/web/").to_owned();
            rows.entry(row).or_default().pages.insert(short);
        }
    }
    Ok(rows)
}

/// File and match of a pattern in what is under version control.
fn grep(pattern: &str, within: &[&str]) -> Result<Vec<(String, String)>, String> {
    let mut words = vec!["grep", "-oE", "--untracked", "-e", pattern, "--"];
    words.extend(within);
    // No match at all is an answer, and git's way to say it is to fail.
    let found = output("git", &words).unwrap_or_default();
    let lines = found.lines().filter_map(|line| line.split_once(':'));
    Ok(lines
        .map(|(file, text)| (file.to_owned(), text.to_owned()))
        .collect())
}

/// The rows a text names.
fn named(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| is_row(&part.to_lowercase()))
        .map(str::to_owned)
        .collect()
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
        assert_eq!(named("rows = [\"A16\", \"A17\"]"), ["A16", "A17"]);
    }
}
