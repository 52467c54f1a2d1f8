//! 「筛查测速」 `nuanxin bench screen`: the packs' own benefits over invented people, ours
//! beside OpenFisca, DuckDB, DataFusion and Polars, all on the same columns in the same
//! run. No time is printed before every answer agrees. The loop written by hand is a
//! program of its own, `examples/ceiling.rs`.

use crate::population::{Description, fill};
use crate::{BenchError, peers, stream};
use engine_policy::{Assumption, Judge, RuleBook, Sweep};
use expr::{Environment, Frame, Results, Value};
use kernel::{Date, RegionCode};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What to measure.
#[derive(Clone, Debug)]
pub struct ScreenOptions {
    /// The pack whose benefits are judged.
    pub pack: PathBuf,
    /// How many people.
    pub people: usize,
    /// How many benefits; beyond the pack's own they are taken again with numbers of
    /// the law a little lower.
    pub benefits: usize,
    /// Whether every fact is known (OpenFisca knows no “unknown”).
    pub complete: bool,
    /// Which peers, by name; none: only ours.
    pub peers: Vec<String>,
    /// Where the peers' programs and the columns are put.
    pub folder: PathBuf,
    /// Peers are held to our answers, and nobody is timed.
    pub only_answers: bool,
    /// The most memory our side may take, in MB: people are drawn, judged and forgotten
    /// part by part.
    pub memory: Option<usize>,
}

/// Measures and prints.
///
/// # Errors
/// [`BenchError`]; different answers are one.
pub fn run(options: &ScreenOptions, say: &mut dyn FnMut(&str)) -> Result<(), BenchError> {
    if let Some(memory) = options.memory {
        return stream::run(options, memory, say);
    }
    let Population {
        judge,
        frame,
        environment,
    } = Population::of(options)?;
    say(&format!(
        "{} people in {} households, {} benefits, {} conditions and amounts, {} operations; {}",
        frame.persons(),
        frame.households(),
        options.benefits,
        judge.outputs(),
        judge.program().operations(),
        match options.complete {
            true => "every fact known",
            false => "facts missing as in discovery",
        }
    ));
    let whole = judge.program().run(&frame, &environment).map_err(engine)?;
    let others = peers::Peers {
        options,
        judge: &judge,
        frame: &frame,
        environment: &environment,
        results: &whole,
    };
    let told = others.run()?;
    drop(whole);
    if options.only_answers {
        told.iter().for_each(|line| say(line));
        return Ok(());
    }
    ours(&judge, &frame, &environment, say)?;
    told.iter().for_each(|line| say(line));
    one_household(&judge, &frame, &environment, say)
}

/// Nothing but our own sweeps, for whoever looks where the time goes: processor time
/// of the best of so many, in milliseconds.
///
/// # Errors
/// [`BenchError`].
pub fn inner(options: &ScreenOptions, rounds: usize) -> Result<f64, BenchError> {
    let population = Population::of(options)?;
    let Population {
        judge,
        frame,
        environment,
    } = &population;
    let mut least = f64::MAX;
    for _ in 0..rounds {
        let (_, spent) = sweep(judge, frame, environment, 1)?;
        least = least.min(spent.as_secs_f64() * 1e3);
    }
    one_household(judge, frame, environment, &mut |line| println!("{line}"))?;
    Ok(least)
}

/// Processor time of this thread so far: the machine is shared, so the time on the wall
/// has others' work in it.
pub(crate) fn processor() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = told.split(' ').next().and_then(|word| word.parse().ok());
    Duration::from_nanos(spent.unwrap_or(0))
}

/// Invented people and what judges them.
pub(crate) struct Population {
    pub(crate) judge: Judge,
    pub(crate) frame: Frame,
    pub(crate) environment: Environment,
}

/// A pack's rules, where they hold.
pub(crate) fn rules(options: &ScreenOptions) -> Result<(Arc<RuleBook>, RegionCode), BenchError> {
    let loaded = packs::load(&options.pack);
    let pack = loaded
        .pack
        .ok_or_else(|| BenchError::Pack(loaded.report.render()))?;
    let region = pack.region();
    let region = region.ok_or_else(|| BenchError::Pack("no region".to_owned()))?;
    Ok((pack.rules().clone(), region))
}

/// Facts that need the household's authorisation.
pub(crate) fn sealed(book: &RuleBook) -> BTreeSet<String> {
    let sealed = book.facts.iter().filter(|fact| fact.needs_authorisation);
    sealed.map(|fact| fact.decl.id.to_string()).collect()
}

impl Population {
    pub(crate) fn of(options: &ScreenOptions) -> Result<Population, BenchError> {
        let (book, region) = rules(options)?;
        let description = Description::read()?;
        let judge = judge(&book, options.benefits, region, description.on)?;
        let mut frame = judge.narrow_frame();
        let sealed = sealed(&book);
        fill(
            &mut frame,
            &description,
            options.people,
            options.complete,
            &sealed,
        )?;
        frame.settle();
        let environment = judge.environment(&[region], description.on);
        Ok(Population {
            judge,
            frame,
            environment,
        })
    }
}

pub(crate) fn engine(why: impl std::fmt::Display) -> BenchError {
    BenchError::Engine(why.to_string())
}

/// A judge of this many benefits: the pack's own, then the same under a law whose
/// numbers are a little lower.
pub(crate) fn judge(
    book: &RuleBook,
    benefits: usize,
    region: RegionCode,
    day: Date,
) -> Result<Judge, BenchError> {
    let (book, copies) = narrowed(book, benefits);
    let assumptions = assumptions(&book, copies, region, day);
    Judge::comparing(Arc::new(book), assumptions).map_err(engine)
}

/// The book with so many of its benefits that, taken so many times, there are as many
/// as wanted.
pub(crate) fn narrowed(book: &RuleBook, benefits: usize) -> (RuleBook, usize) {
    let mut book = book.clone();
    let copies = benefits.div_ceil(book.benefits.len());
    book.benefits.truncate(benefits.div_ceil(copies));
    (book, copies)
}

/// The law's numbers by five in a hundred lower, then by ten, and so on.
pub(crate) fn assumptions(
    book: &RuleBook,
    copies: usize,
    region: RegionCode,
    day: Date,
) -> Vec<Assumption> {
    let lower = |value: Value, percent: i64| match value {
        Value::Number(number) => Value::Number(expr::Decimal {
            mantissa: number.mantissa * percent / 100,
            ..number
        }),
        other => other,
    };
    let assumption = |copy: usize| Assumption {
        parameters: book
            .parameters
            .iter()
            .filter_map(|one| {
                let value = one.at(region, day)?.value;
                let percent = 100 - 5 * i64::try_from(copy).unwrap_or(0);
                Some((one.decl.id.clone(), lower(value, percent)))
            })
            .collect(),
    };
    (1..copies).map(assumption).collect()
}

/// How often each thing is done; the best counts.
pub(crate) const TIMES: usize = 5;

/// The best of some runs on the wall and on the processor, and how far the others lay
/// above it.
pub(crate) fn best(
    mut work: impl FnMut() -> Result<Duration, BenchError>,
) -> Result<Best, BenchError> {
    let (mut took, mut spent) = (Vec::new(), Duration::MAX);
    for _ in 0..TIMES {
        let start = Instant::now();
        spent = work()?.min(spent);
        took.push(start.elapsed());
    }
    took.sort();
    Ok(Best {
        best: took[0],
        worst: took[took.len() - 1],
        spent,
    })
}

pub(crate) struct Best {
    pub(crate) best: Duration,
    worst: Duration,
    pub(crate) spent: Duration,
}

impl std::fmt::Display for Best {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let (best, worst, spent) = (ms(self.best), ms(self.worst), ms(self.spent));
        write!(f, "{best:.0} ms (to {worst:.0}; processor {spent:.0})")
    }
}

fn ours(
    judge: &Judge,
    frame: &Frame,
    environment: &Environment,
    say: &mut dyn FnMut(&str),
) -> Result<(), BenchError> {
    let mut again = frame.clone();
    let start = processor();
    again.settle();
    say(&format!(
        "noting once who differs from the rest: {:.0} ms of processor",
        processor().saturating_sub(start).as_secs_f64() * 1e3
    ));
    drop(again);
    let cores = cores();
    let (alone, together) = (
        sweep(judge, frame, environment, 1)?,
        sweep(judge, frame, environment, cores)?,
    );
    if alone.0 != together.0 {
        return Err(BenchError::Disagree("one thread and many".to_owned()));
    }
    let swept = |threads: usize| best(|| Ok(sweep(judge, frame, environment, threads)?.1));
    say(&format!("nuanxin, 1 thread: {}", swept(1)?));
    say(&format!("nuanxin, {cores} threads: {}", swept(cores)?));
    let floor = best(|| {
        let start = processor();
        std::hint::black_box(touch(frame));
        Ok(processor().saturating_sub(start))
    })?;
    say(&format!(
        "reading the {} MB of columns once: {floor}",
        bytes(frame) / 1_000_000
    ));
    say(&format!("peak memory of this process: {} MB", peak_mb()));
    Ok(())
}

/// How many threads there are to be had.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The most memory this process has had.
pub(crate) fn peak_mb() -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

/// What a sweep found: digests of the masks, and money.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    holds: u64,
    fails: u64,
    pub(crate) fen: i128,
    pub(crate) eligible: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, part: &Totals) {
        self.holds = self.holds.wrapping_add(part.holds);
        self.fails = self.fails.wrapping_add(part.fails);
        self.fen += part.fen;
        self.eligible += part.eligible;
    }
}

/// Households a thread takes at a time.
pub(crate) const CLAIM: usize = 8_192;

pub(crate) fn sweep(
    judge: &Judge,
    frame: &Frame,
    environment: &Environment,
    threads: usize,
) -> Result<(Totals, Duration), BenchError> {
    // Threads take what is next, so that none waits for one whose core others use.
    let claimed = AtomicUsize::new(0);
    let part = || -> Result<(Totals, Duration), BenchError> {
        let start = processor();
        let mut totals = Totals::default();
        let mut sweep = Sweep::new(judge);
        let all = frame.households();
        let (mut next, mut end) = (0, 0);
        loop {
            if next == end {
                next = claimed.fetch_add(CLAIM, Ordering::Relaxed);
                end = (next + CLAIM).min(all);
            }
            if next >= end {
                break;
            }
            let households = sweep.next(frame, environment, next, end).map_err(engine)?;
            next = households.end;
            for place in 0..sweep.benefits() {
                let swept = sweep.of(place);
                totals.holds = totals.holds.wrapping_add(digest(&swept.holds));
                totals.fails = totals.fails.wrapping_add(digest(&swept.fails));
                totals.eligible += swept.amounts.len() as u64;
                let fen = swept
                    .amounts
                    .iter()
                    .map(|(_, money)| i128::from(money.fen()));
                totals.fen += fen.sum::<i128>();
            }
        }
        Ok((totals, processor().saturating_sub(start)))
    };
    let parts = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(part)).collect();
        let done = running.into_iter().map(|one| one.join());
        done.collect::<Vec<_>>()
    });
    let (mut totals, mut spent) = (Totals::default(), Duration::ZERO);
    for part in parts {
        let (part, one) = part.map_err(|_| engine("a thread ended early"))??;
        spent += one;
        totals.add(&part);
    }
    Ok((totals, spent))
}

/// Of masks in any order. That all is read is what matters; cell by cell they are
/// compared elsewhere.
fn digest(masks: &[u32]) -> u64 {
    let sum = masks
        .iter()
        .fold(0_u32, |sum, mask| sum.wrapping_add(*mask));
    let mixed = masks.iter().fold(0_u32, |sum, mask| {
        sum.wrapping_add((mask >> 3) ^ (mask << 7) ^ 0x5bd1)
    });
    u64::from(sum) + u64::from(mixed)
}

fn columns(frame: &Frame) -> impl Iterator<Item = expr::ColumnView<'_>> {
    let layout = frame.layout();
    let places = layout
        .facts()
        .iter()
        .filter_map(|f| layout.fact(f.id.as_str()));
    places.filter_map(|place| frame.column(place))
}

pub(crate) fn bytes(frame: &Frame) -> usize {
    let of = |column| match column {
        expr::ColumnView::Truth(v) => v.len(),
        expr::ColumnView::Number(v, _) => v.len() * 9,
        expr::ColumnView::Date(v, _) => v.len() * 5,
        expr::ColumnView::Code(v, _) => v.len() * 3,
    };
    columns(frame).map(of).sum()
}

/// Reads every byte of the fact columns once: no engine can be faster on them.
fn touch(frame: &Frame) -> u64 {
    let of_bytes = |bytes: &[u8]| {
        let words = bytes.chunks_exact(8);
        words.fold(0_u64, |all, word| {
            all ^ u64::from_le_bytes(word.try_into().unwrap_or_default())
        })
    };
    let of = |column| match column {
        expr::ColumnView::Truth(v) => of_bytes(v),
        expr::ColumnView::Number(v, g) => v.iter().fold(of_bytes(g), |a, x| a ^ *x as u64),
        expr::ColumnView::Date(v, g) => v.iter().fold(of_bytes(g), |a, x| a ^ *x as u64),
        expr::ColumnView::Code(v, g) => v.iter().fold(of_bytes(g), |a, x| a ^ u64::from(*x)),
    };
    columns(frame).map(of).fold(0, |a, b| a ^ b)
}

/// Single households, all benefits with all reasons.
fn one_household(
    judge: &Judge,
    frame: &Frame,
    environment: &Environment,
    say: &mut dyn FnMut(&str),
) -> Result<(), BenchError> {
    let mut runner = judge.program().runner().chunk_of(1);
    let mut results = Results::default();
    let mut times = Vec::new();
    for round in 0..20 {
        for household in 0..500.min(frame.households()) {
            let start = Instant::now();
            runner
                .run_next(
                    frame,
                    environment,
                    household,
                    frame.households(),
                    &mut results,
                )
                .map_err(engine)?;
            if round > 0 {
                times.push(start.elapsed());
            }
        }
    }
    times.sort();
    let at = |share: usize| times[times.len() * share / 100].as_nanos() as f64 / 1e3;
    say(&format!(
        "one household, all {} outputs: p50 {:.1} µs, p99 {:.1} µs",
        judge.outputs(),
        at(50),
        at(99)
    ));
    Ok(())
}
