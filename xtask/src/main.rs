//! 「作坊」 The workshop: one command for a newcomer, a developer and CI alike.
//! Absent on purpose: anything the product needs at run time.

mod browser;
mod contrast;
mod demo;
mod doors;
mod fuzz;
mod machine;
mod mission;
mod run;
mod suite;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask demo [-- OPTIONS]   build, then `nuanxin demo OPTIONS` (synthetic city, the whole story)
cargo xtask test                everything: unit, packs, both databases, both demo stories
cargo xtask ci                  what CI runs: formatting, clippy, licences, tidiness, doors, test
cargo xtask browser [-- NAME]   the pages in a real Chromium, on both databases
cargo xtask bench [-- NAME]     the measurements of docs/performance.md: screen, store
cargo xtask fuzz [--seconds N] [NAME]   every parser under bytes nobody wrote, each so long
cargo xtask mission             docs/mission.md anew: row, packs, pages, tests
cargo xtask tidy | doors | contrast   only that check
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let rest: Vec<String> = words.filter(|word| word != "--").collect();
    let outcome = match command.as_str() {
        "demo" => demo::run(&rest),
        "test" => suite::test(),
        "ci" => suite::ci(),
        "browser" => browser::test(&rest),
        "bench" => demo::bench(&rest),
        "fuzz" => fuzz::run(&rest),
        "mission" => mission::write(),
        "tidy" => tidy::check(),
        "doors" => doors::check(),
        "contrast" => contrast::check(),
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\nxtask {command}: {why}");
            ExitCode::FAILURE
        }
    }
}
