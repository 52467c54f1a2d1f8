//! 「测速」 The benchmarks as a small program of their own, quick to build:
//! `cargo run --release -p bench --example run -- PEOPLE BENEFITS known|missing [PEER…]`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, otherwise: usize| match words.get(place) {
        Some(word) => word.parse(),
        None => Ok(otherwise),
    };
    let options = bench::ScreenOptions {
        pack: "packs/pinghu".into(),
        people: number(0, 1_000_000)?,
        benefits: number(1, 10)?,
        complete: words.get(2).is_some_and(|word| word == "known"),
        peers: words.get(3..).unwrap_or_default().to_vec(),
        folder: "target/bench-screen".into(),
    };
    if let Some("inner") = words.get(3).map(String::as_str) {
        let least = bench::inner(&options, number(4, 10)?)?;
        println!("{least:.1} ms of one core");
        return Ok(());
    }
    bench::screen(&options, &mut |line| println!("{line}"))?;
    Ok(())
}
