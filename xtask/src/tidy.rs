//! 「整洁」 What a reader should never meet: a file without a charter, a file or
//! function too long to read, a skipped test, a room named after nothing.

use crate::run::{Outcome, root};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines a source file may have (tests apart: a table may be long).
const FILE_LINES_MAX: usize = 500;
/// Lines a function may have: a flat `match` over every command of an engine is the longest.
const FUNCTION_LINES_MAX: usize = 120;
/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "common", "helper", "helpers", "manager", "misc",
];

/// Fails with every untidiness at once.
pub(crate) fn check() -> Outcome {
    let mut faults = Vec::new();
    for room in ["crates", "xtask"] {
        for file in sources(&root().join(room)) {
            let text =
                fs::read_to_string(&file).map_err(|why| format!("{}: {why}", file.display()))?;
            faults.extend(file_faults(&file, &text));
        }
    }
    if faults.is_empty() {
        eprintln!("tidy: every file has a charter and a readable length");
        return Ok(());
    }
    Err(format!("untidy:\n  {}", faults.join("\n  ")))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_none_or(|name| name != "target"))
        .flat_map(|path| {
            if path.is_dir() {
                sources(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    found.sort();
    found
}

fn file_faults(file: &Path, text: &str) -> Vec<String> {
    let shown = file
        .strip_prefix(root())
        .unwrap_or(file)
        .display()
        .to_string();
    let is_test = shown.contains("/tests") || shown.ends_with("tests.rs");
    let mut faults = Vec::new();
    if !text.starts_with("//!") {
        faults.push(format!("{shown}: begins without a `//!` charter"));
    }
    let stem = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    if EMPTY_NAMES.contains(&stem.as_str()) {
        faults.push(format!("{shown}: `{stem}` is no noun of the field"));
    }
    let lines = text.lines().count();
    if !is_test && lines > FILE_LINES_MAX {
        faults.push(format!(
            "{shown}: {lines} lines; a file holds at most {FILE_LINES_MAX}"
        ));
    }
    let ignored = concat!("#[", "ignore");
    if text.contains(ignored) {
        faults.push(format!("{shown}: an ignored test proves nothing"));
    }
    if !is_test {
        faults.extend(long_functions(&shown, text));
    }
    faults
}

/// Functions by rustfmt's layout: from the `fn` line to the `}` at its indent.
fn long_functions(shown: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut faults = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let head = line.trim_start();
        let is_function = [
            "fn ",
            "pub fn ",
            "pub(crate) fn ",
            "async fn ",
            "pub async fn ",
            "pub(crate) async fn ",
        ]
        .iter()
        .any(|prefix| head.starts_with(prefix));
        if !is_function {
            continue;
        }
        let length = lines[start..]
            .iter()
            .position(|end| end.trim_start() == "}" && indent(end) == indent(line));
        if let Some(length) = length.filter(|length| *length > FUNCTION_LINES_MAX) {
            faults.push(format!(
                "{shown}:{}: a function of {length} lines; at most {FUNCTION_LINES_MAX}",
                start + 1
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        check().unwrap();
    }

    #[test]
    fn untidiness_is_named() {
        assert_eq!(
            file_faults(Path::new("crates/x/src/a.rs"), "fn a() {}\n").len(),
            1
        );
        assert_eq!(
            file_faults(Path::new("crates/x/src/utils.rs"), "//! x\n").len(),
            1
        );
        let long = format!(
            "//! x\nfn long() {{\n{}}}\n",
            "    call();\n".repeat(FUNCTION_LINES_MAX + 1)
        );
        assert_eq!(file_faults(Path::new("crates/x/src/a.rs"), &long).len(), 1);
        let longer = format!("//! x\n{}", "// y\n".repeat(FILE_LINES_MAX));
        assert_eq!(
            file_faults(Path::new("crates/x/src/a.rs"), &longer).len(),
            1
        );
    }
}
