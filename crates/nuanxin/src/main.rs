//! 「程序」 The one binary: reads what was said, opens what is needed, calls the
//! use case, prints. Owns the wall clock; holds no rule.

mod clock;
mod commands;
mod ending;
mod house;
mod keys;
mod options;
mod partners;
mod print;
mod rounds;

use clap::Parser;
use options::Options;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = Options::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("NUANXIN_LOG"))
        .with_writer(std::io::stderr)
        .init();
    match commands::run(options) {
        Ok(ending) => ending.code(),
        Err(why) => {
            eprintln!("{why}");
            why.code()
        }
    }
}
