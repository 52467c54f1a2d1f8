//! 「试算测速」 The screening part of a simulation: the law as it is and with numbers
//! changed, in one program over one population; who gains, who loses, and the money.

use crate::BenchError;
use crate::population::{Description, fill};
use crate::screen::{
    CLAIM, Population, ScreenOptions, assumptions, cores, engine, narrowed, peak_mb, processor,
    rules, sealed,
};
use engine_policy::{Judge, Sweep};
use kernel::Money;
use std::cmp::Ordering as Order;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What a change does, over all benefits: rows are households or persons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Change {
    gaining: u64,
    losing: u64,
    fen_before: i128,
    fen_after: i128,
}

impl Change {
    fn add(&mut self, other: Change) {
        self.gaining += other.gaining;
        self.losing += other.losing;
        self.fen_before += other.fen_before;
        self.fen_after += other.fen_after;
    }

    /// Both in order of rows; who is not in it gets nothing.
    fn between(before: &[(usize, Money)], after: &[(usize, Money)]) -> Change {
        let mut change = Change::default();
        let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return change,
                (Some(_), None) => Order::Less,
                (None, Some(_)) => Order::Greater,
                (Some((a, _)), Some((b, _))) => a.cmp(b),
            };
            let was = old.next_if(|_| order.is_le()).map_or(0, |one| one.1.fen());
            let is = new.next_if(|_| order.is_ge()).map_or(0, |one| one.1.fen());
            change.gaining += u64::from(is > was);
            change.losing += u64::from(is < was);
            change.fen_before += i128::from(was);
            change.fen_after += i128::from(is);
        }
    }
}

/// Measures with one parameter of the law (or all numbers of it: `all`) by five in a
/// hundred lower, on all cores.
///
/// # Errors
/// [`BenchError`]; one core and many finding different changes is one.
pub fn run(
    options: &ScreenOptions,
    parameter: &str,
    say: &mut dyn FnMut(&str),
) -> Result<(), BenchError> {
    let population = population(options, parameter)?;
    let frame = &population.frame;
    say(&format!(
        "{} people in {} households, {} benefits by two laws, {} operations",
        frame.persons(),
        frame.households(),
        options.benefits,
        population.judge.program().operations(),
    ));
    let (alone, ..) = pass(&population, 1)?;
    for threads in [1, cores()] {
        let (mut wall, mut spent) = (Duration::MAX, Duration::MAX);
        for _ in 0..5 {
            let (change, took, used) = pass(&population, threads)?;
            if change != alone {
                return Err(BenchError::Disagree("one thread and many".to_owned()));
            }
            (wall, spent) = (wall.min(took), spent.min(used));
        }
        say(&format!(
            "simulation, {threads} threads: {:.0} ms (processor {:.0})",
            wall.as_secs_f64() * 1e3,
            spent.as_secs_f64() * 1e3
        ));
    }
    say(&format!(
        "{parameter} lower by 5 %: {} gain, {} lose, {} fen a month before, {} after; peak {} MB",
        alone.gaining,
        alone.losing,
        alone.fen_before,
        alone.fen_after,
        peak_mb()
    ));
    Ok(())
}

fn population(options: &ScreenOptions, parameter: &str) -> Result<Population, BenchError> {
    let (book, region) = rules(options)?;
    let description = Description::read()?;
    let (narrow, _) = narrowed(&book, options.benefits);
    let mut assumed = assumptions(&narrow, 2, region, description.on);
    for one in &mut assumed {
        let wanted = |id: &kernel::Slug| parameter == "all" || id.as_str() == parameter;
        one.parameters.retain(|id, _| wanted(id));
        if one.parameters.is_empty() {
            return Err(engine(format!(
                "no number of the law is called {parameter}"
            )));
        }
    }
    let judge = Judge::comparing(Arc::new(narrow), assumed).map_err(engine)?;
    let mut frame = judge.narrow_frame();
    let people = options.people;
    fill(
        &mut frame,
        &description,
        people,
        options.complete,
        &sealed(&book),
    )?;
    frame.settle();
    let environment = judge.environment(&[region], description.on);
    Ok(Population {
        judge,
        frame,
        environment,
    })
}

/// One simulation: what changes, the time on the wall, and that of all processors.
fn pass(
    population: &Population,
    threads: usize,
) -> Result<(Change, Duration, Duration), BenchError> {
    let claimed = AtomicUsize::new(0);
    let began = Instant::now();
    let parts = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| part(population, &claimed)))
            .collect();
        let done = running.into_iter().map(|one| one.join());
        done.collect::<Vec<_>>()
    });
    let took = began.elapsed();
    let (mut change, mut spent) = (Change::default(), Duration::ZERO);
    for part in parts {
        let (one, used) = part.map_err(|_| engine("a thread ended early"))??;
        change.add(one);
        spent += used;
    }
    Ok((change, took, spent))
}

fn part(population: &Population, claimed: &AtomicUsize) -> Result<(Change, Duration), BenchError> {
    let (start, frame) = (processor(), &population.frame);
    let mut sweep = Sweep::new(&population.judge);
    let own = sweep.benefits() / 2;
    let mut change = Change::default();
    loop {
        let mut next = claimed.fetch_add(CLAIM, Ordering::Relaxed);
        let end = (next + CLAIM).min(frame.households());
        if next >= end {
            return Ok((change, processor().saturating_sub(start)));
        }
        while next < end {
            let done = sweep.next(frame, &population.environment, next, end);
            next = done.map_err(engine)?.end;
            for place in 0..own {
                let (before, after) = (sweep.of(place), sweep.of(own + place));
                change.add(Change::between(&before.amounts, &after.amounts));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gains_and_who_loses() {
        let fen = |rows: &[(usize, i64)]| {
            let rows = rows.iter();
            rows.map(|(row, fen)| (*row, Money::from_fen(*fen)))
                .collect::<Vec<_>>()
        };
        let before = fen(&[(0, 100), (2, 50), (3, 70), (9, 10)]);
        let after = fen(&[(1, 20), (2, 60), (3, 70), (9, 5)]);
        let change = Change::between(&before, &after);
        let expected = Change {
            gaining: 2,
            losing: 2,
            fen_before: 230,
            fen_after: 155,
        };
        assert_eq!(change, expected);
    }
}
