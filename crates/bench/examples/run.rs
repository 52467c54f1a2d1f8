//! 「测速」 The benchmarks as a small program of their own, quick to build:
//! `cargo run --release -p bench --example run -- PEOPLE BENEFITS known|missing [WHAT…]`,
//! where WHAT is peers by name, or `inner ROUNDS`, `memory MB`, `growth`,
//! `simulation PARAMETER|all`, `every PEER…` (all packs).

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, otherwise: usize| match words.get(place) {
        Some(word) => word.parse(),
        None => Ok(otherwise),
    };
    let mut options = bench::ScreenOptions {
        pack: "packs/pinghu".into(),
        people: number(0, 1_000_000)?,
        benefits: number(1, 10)?,
        complete: words.get(2).is_some_and(|word| word == "known"),
        peers: words.get(3..).unwrap_or_default().to_vec(),
        folder: "target/bench-screen".into(),
        only_answers: false,
        memory: None,
    };
    let say = &mut |line: &str| println!("{line}");
    let what = words.get(3).map(String::as_str);
    if matches!(
        what,
        Some("inner" | "memory" | "growth" | "simulation" | "every")
    ) {
        options.peers = words.get(4..).unwrap_or_default().to_vec();
    }
    match what {
        Some("inner") => {
            let least = bench::inner(&options, number(4, 10)?)?;
            println!("{least:.1} ms of one core");
        }
        Some("memory") => {
            options.memory = Some(number(4, 1_000)?);
            bench::screen(&options, say)?;
        }
        Some("growth") => bench::growth(&options, say)?,
        Some("simulation") => {
            let parameter = words.get(4).map_or("all", String::as_str);
            bench::simulation(&options, parameter, say)?;
        }
        Some("every") => bench::every_pack(&options, "packs".as_ref(), say)?,
        _ => bench::screen(&options, say)?,
    }
    Ok(())
}
