//! 「增长」 What more people and more benefits cost, and whether other engines agree
//! with us on every city's law.

use crate::screen::{Population, ScreenOptions, best, sweep};
use crate::{BenchError, screen};
use std::path::Path;

/// Times when people double and when benefits double; the ratios are what counts.
///
/// # Errors
/// [`BenchError`].
pub fn growth(options: &ScreenOptions, say: &mut dyn FnMut(&str)) -> Result<(), BenchError> {
    let spent = |people: usize, benefits: usize| {
        let options = ScreenOptions {
            people,
            benefits,
            ..options.clone()
        };
        let Population {
            judge,
            frame,
            environment,
        } = Population::of(&options)?;
        let took = best(|| Ok(sweep(&judge, &frame, &environment, 1)?.1))?;
        Ok::<_, BenchError>(took.spent.as_secs_f64() * 1e3)
    };
    let mut ratios = |what: &str, steps: [(usize, usize); 4]| {
        let mut before = None;
        for (people, benefits) in steps {
            let now = spent(people, benefits)?;
            let ratio = before.map(|before: f64| format!(", {:.2} times", now / before));
            say(&format!(
                "{what}: {people} people, {benefits} benefits: {now:.0} ms of processor{}",
                ratio.unwrap_or_default()
            ));
            before = Some(now);
        }
        Ok::<_, BenchError>(())
    };
    let (people, benefits) = (options.people, options.benefits);
    ratios(
        "people double",
        [1, 2, 4, 8].map(|times| (people / 8 * times, benefits)),
    )?;
    ratios(
        "benefits double",
        [1, 2, 4, 8].map(|times| (people / 4, times * 5)),
    )
}

/// Holds the peers to our answers on every pack of a folder; nobody is timed.
///
/// # Errors
/// [`BenchError`]; different answers are one.
pub fn every_pack(
    options: &ScreenOptions,
    packs: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<(), BenchError> {
    let io = |why| BenchError::Io(packs.display().to_string(), why);
    let mut folders = std::fs::read_dir(packs).map_err(io)?;
    let mut found = Vec::new();
    while let Some(entry) = folders.next().transpose().map_err(io)? {
        if entry.path().join("pack.toml").exists() {
            found.push(entry.path());
        }
    }
    found.sort();
    for pack in found {
        say(&format!("{}:", pack.display()));
        let benefits = crate::screen::rules(&ScreenOptions {
            pack: pack.clone(),
            ..options.clone()
        })?;
        let options = ScreenOptions {
            pack,
            benefits: benefits.0.benefits.len(),
            only_answers: true,
            ..options.clone()
        };
        screen(&options, say)?;
    }
    Ok(())
}
