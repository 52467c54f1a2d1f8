//! 「分段」 A population that does not fit into memory: people are drawn, judged and
//! forgotten part by part, and the peak of the whole process stays below what was set.

use crate::BenchError;
use crate::population::{Description, draw};
use crate::screen::{ScreenOptions, Totals, bytes, engine, judge, peak_mb, rules, sealed, sweep};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::time::{Duration, Instant};

/// Of the memory, one part in so many for the columns: they grow by doubling, and the
/// process has more than columns.
const SHARE: usize = 3;
/// People drawn first, to see how large one is.
const SAMPLE: usize = 20_000;

/// Measures with at most `memory` MB.
pub(crate) fn run(
    options: &ScreenOptions,
    memory: usize,
    say: &mut dyn FnMut(&str),
) -> Result<(), BenchError> {
    let (book, region) = rules(options)?;
    let description = Description::read()?;
    let judge = judge(&book, options.benefits, region, description.on)?;
    let (sealed, environment) = (sealed(&book), judge.environment(&[region], description.on));
    let mut frame = judge.narrow_frame();
    let mut dice = ChaCha8Rng::seed_from_u64(330_482);
    let mut part = SAMPLE.min(options.people);
    let (mut people, mut households, mut parts) = (0, 0, 0);
    let (mut totals, mut judging) = (Totals::default(), Duration::ZERO);
    let mut wall = Duration::ZERO;
    while people < options.people {
        frame.clear();
        let wanted = part.min(options.people - people);
        draw(
            &mut frame,
            &description,
            wanted,
            options.complete,
            &sealed,
            &mut dice,
        )?;
        // Judged once: to note who differs from the rest would cost more than it saves.
        let began = Instant::now();
        let (found, spent) = sweep(&judge, &frame, &environment, 1)?;
        (wall, judging) = (wall + began.elapsed(), judging + spent);
        totals.add(&found);
        (people, households) = (people + frame.persons(), households + frame.households());
        parts += 1;
        part = (memory * 1_000_000 / SHARE / (bytes(&frame) / frame.persons()).max(1)).max(1);
    }
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    say(&format!(
        "{people} people in {households} households in {parts} parts, {} benefits, {} outputs, 1 thread: \
         {:.0} ms (processor {:.0}); {} amounts, {} fen",
        options.benefits,
        judge.outputs(),
        ms(wall),
        ms(judging),
        totals.eligible,
        totals.fen,
    ));
    let peak = peak_mb();
    say(&format!(
        "peak memory of this process: {peak} MB of {memory}"
    ));
    match peak <= memory as u64 {
        true => Ok(()),
        false => Err(engine("more memory was taken than was set")),
    }
}
