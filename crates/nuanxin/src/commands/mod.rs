//! 「做事」 One file per group of commands; each reads options, calls the use case
//! and prints its result for people or for programs.

mod acting;
pub(crate) mod audit;
mod backup;
mod bench;
mod check;
mod city;
mod demo;
mod devices;
mod elsewhere;
mod facts;
mod key;
mod law;
mod pack;
mod partition;
mod past;
mod pay;
mod policy;
mod pool;
mod prove;
mod serve;
mod sim;
mod simulate;
mod staff;
mod ways;
mod witness;

use crate::ending::{Failure, Outcome};
use crate::options::{BenchCommand, Command, Format, Options, VerifyCommand};
use crate::say;
use packs::Pack;
use serde::Serialize;
use std::path::Path;

/// Does what was said.
pub(crate) fn run(options: Options) -> Outcome {
    let format = options.format;
    match options.command {
        Command::Pack(command) => pack::run(command, format),
        Command::Policy(command) => waited(policy::run(command, format)),
        Command::Demo(options) => waited(demo::run(options, None, format)),
        Command::Bench(BenchCommand::Screen(options)) => bench::screen(options),
        Command::Bench(BenchCommand::Facts(options)) => bench::facts(&options),
        Command::Bench(BenchCommand::Pool(options)) => waited(bench::pool(options)),
        Command::Bench(BenchCommand::Web { demo, load }) => {
            waited(demo::run(demo, Some(load), format))
        }
        Command::Bench(BenchCommand::Watch(options)) => waited(bench::watch(options)),
        Command::Bench(BenchCommand::Booking(options)) => waited(bench::booking(options)),
        Command::Bench(BenchCommand::Alarm(options)) => waited(bench::alarm(options)),
        Command::Bench(BenchCommand::Order(options)) => waited(bench::order(options)),
        Command::Bench(BenchCommand::Ledger(options)) => waited(bench::ledger(options)),
        Command::Bench(BenchCommand::Store(options)) => waited(bench::store(options)),
        Command::Serve(options) => waited(serve::run(options)),
        Command::City(command) => city::run(command),
        Command::Sim(command) => waited(sim::run(command)),
        Command::Import(options) => waited(pool::import(options, format)),
        Command::Pool(command) => waited(ways::run(command, format)),
        Command::Check(command) => waited(check::run(command, format)),
        Command::Screen(options) => waited(pool::screen(options, format)),
        Command::Facts(options) => waited(facts::run(options, format)),
        Command::Simulate(options) => waited(simulate::run(options, format)),
        Command::Law(command) => waited(law::run(command, format)),
        Command::Staff(command) => waited(staff::run(command, format)),
        Command::Pay(command) => waited(pay::run(command, format)),
        Command::Past(command) => waited(past::run(command, format)),
        Command::Audit(command) => waited(audit::run(command, format)),
        Command::Witness(options) => waited(witness::run(options)),
        Command::Ledger(VerifyCommand::Verify(place)) => waited(prove::ledger(&place, format)),
        Command::Key(command) => key::run(command),
        Command::Partition(options) => waited(partition::run(options)),
        Command::Backup(options) => waited(backup::backup(&options, format)),
        Command::Restore(options) => waited(backup::restore(&options, format)),
        Command::Doctor(place) => waited(prove::doctor(&place, format)),
    }
}

/// Runs what must wait for the world.
fn waited(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(Failure::from)?.block_on(work)
}

/// Loads a pack; a faulty one is bad input, told whole.
pub(crate) fn load(dir: &Path) -> Result<Pack, Failure> {
    let loaded = packs::load(dir);
    let told = loaded.report.render();
    loaded.pack.ok_or_else(|| {
        Failure::BadInput(format!("{told}\n政策包 {} 有错，改好再来", dir.display()))
    })
}

/// Prints a result for programs.
pub(crate) fn print_json<T: Serialize>(value: &T) -> Result<(), Failure> {
    let text =
        serde_json::to_string_pretty(value).map_err(|why| Failure::Broken(why.to_string()))?;
    say!("{text}");
    Ok(())
}

impl Format {
    pub(crate) fn is_json(self) -> bool {
        self == Format::Json
    }
}
