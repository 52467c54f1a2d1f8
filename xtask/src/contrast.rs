//! 「对比度」 Every pair of text and ground of the tokens, in every tone, has the ratio
//! WCAG 2 asks for: 7 for words, 4.5 for the quietest, 3 for marks and lines.

use crate::run::{Outcome, root};
use std::collections::BTreeMap;
use std::fs;

type Tokens = BTreeMap<String, String>;

/// Grounds text stands on.
const GROUNDS: &[&str] = &["bg", "surface", "sunk", "lamp-soft"];
const STATES: &[&str] = &["ok", "warn", "stop", "info"];

/// Fails with every pair too close.
pub(crate) fn check() -> Outcome {
    let path = root().join("web/css/tokens.css");
    let css = fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
    let (asked, faults) = faults(&css)?;
    if faults.is_empty() {
        eprintln!("contrast: {asked} pairs are far enough apart");
        return Ok(());
    }
    Err(format!("too little contrast:\n  {}", faults.join("\n  ")))
}

fn faults(css: &str) -> Outcome<(usize, Vec<String>)> {
    let css = without_comments(css);
    let base = block(&css, ":root {")?;
    let over = |selectors: &[&str]| -> Outcome<Tokens> {
        let mut tokens = base.clone();
        for selector in selectors {
            tokens.extend(block(&css, selector)?);
        }
        Ok(tokens)
    };
    let (dark, solemn) = ("[data-theme=\"dark\"] {", "[data-tone=\"solemn\"]");
    let tones = [
        ("light", over(&[])?),
        ("dark", over(&[dark])?),
        ("contrast", over(&["[data-contrast=\"more\"] {"])?),
        ("solemn", over(&[solemn])?),
        ("dark solemn", over(&[dark, solemn])?),
    ];
    let (mut asked, mut faults) = (0, Vec::new());
    for (tone, tokens) in &tones {
        for (front, ground, least) in pairs() {
            asked += 1;
            let ratio = ratio(colour(tokens, &front)?, colour(tokens, &ground)?);
            if ratio < least {
                faults.push(format!(
                    "{tone}: --{front} on --{ground}: {ratio:.2}, at least {least}"
                ));
            }
        }
    }
    Ok((asked, faults))
}

fn pairs() -> Vec<(String, String, f64)> {
    let pair = |front: &str, ground: &str, least| (front.to_owned(), ground.to_owned(), least);
    let mut pairs = Vec::new();
    for ground in GROUNDS {
        pairs.push(pair("text", ground, 7.0));
        pairs.push(pair("text-2", ground, 7.0));
    }
    for ground in &GROUNDS[..3] {
        pairs.push(pair("text-3", ground, 4.5));
    }
    for ground in &GROUNDS[..2] {
        pairs.push(pair("lamp", ground, 7.0));
        pairs.push(pair("link", ground, 7.0));
        pairs.push(pair("line-strong", ground, 3.0));
    }
    pairs.push(pair("lamp", "lamp-soft", 6.5));
    for state in STATES {
        let soft = format!("{state}-soft");
        pairs.push(pair("text", &soft, 7.0));
        for ground in ["surface", "bg", &soft] {
            pairs.push(pair(state, ground, 7.0));
        }
        pairs.push(pair(&format!("{state}-mark"), "surface", 3.0));
    }
    for fill in ["lamp", "lamp-hover", "ok", "stop", "info"] {
        pairs.push(pair("text-on-fill", fill, 7.0));
    }
    pairs
}

fn without_comments(css: &str) -> String {
    let mut parts = css.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.filter_map(|part| part.split_once("*/"));
    rest.fold(first, |out, (_, text)| out + text)
}

/// The custom properties of the first block of a selector.
fn block(css: &str, selector: &str) -> Outcome<Tokens> {
    let missing = || format!("tokens.css has no block {selector}");
    let at = css.find(selector).ok_or_else(missing)?;
    let (_, body) = css[at..].split_once('{').ok_or_else(missing)?;
    let (body, _) = body.split_once('}').ok_or_else(missing)?;
    let property = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let name = name.trim().strip_prefix("--")?;
        Some((name.to_owned(), value.trim().to_owned()))
    };
    Ok(body.split(';').filter_map(property).collect())
}

/// Red, green and blue of a token, 0 to 1.
fn colour(tokens: &Tokens, name: &str) -> Outcome<[f64; 3]> {
    let mut value = tokens.get(name).map(String::as_str);
    while let Some(other) = value.and_then(|value| value.strip_prefix("var(--")) {
        value = tokens.get(other.trim_end_matches(')')).map(String::as_str);
    }
    let wrong = || format!("--{name} is no colour in #rrggbb: {value:?}");
    let hex = value.and_then(|value| value.strip_prefix('#'));
    let hex = hex.ok_or_else(wrong)?;
    let hex: String = match hex.len() {
        3 => hex.chars().flat_map(|c| [c, c]).collect(),
        _ => hex.to_owned(),
    };
    let part = |at: usize| {
        let pair = hex.get(at..at + 2).ok_or_else(wrong)?;
        let number = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        Ok::<_, String>(f64::from(number) / 255.0)
    };
    Ok([part(0)?, part(2)?, part(4)?])
}

fn ratio(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = |part: f64| match part <= 0.03928 {
        true => part / 12.92,
        false => ((part + 0.055) / 1.055).powf(2.4),
    };
    let weights = [0.2126, 0.7152, 0.0722];
    colour
        .iter()
        .zip(weights)
        .map(|(part, weight)| linear(*part) * weight)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_are_far_enough_apart() {
        check().unwrap();
    }

    #[test]
    fn black_on_white_is_21_and_a_pale_word_is_named() {
        assert!((ratio([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
        let css = fs::read_to_string(root().join("web/css/tokens.css")).unwrap();
        let tokens = block(&without_comments(&css), ":root {").unwrap();
        let pale = css.replacen(&format!("--text: {}", tokens["text"]), "--text: #999999", 1);
        assert_ne!(pale, css);
        let (_, faults) = faults(&pale).unwrap();
        assert!(
            faults
                .iter()
                .any(|fault| fault.starts_with("light: --text on --bg")),
            "{faults:?}"
        );
    }
}
