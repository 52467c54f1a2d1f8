//! 「做事」 One file per group of commands; each reads options, calls the use case
//! and prints its result for people or for programs.

mod pack;

use crate::ending::{Failure, Outcome};
use crate::options::{Command, Format, Options};
use packs::Pack;
use serde::Serialize;
use std::path::Path;

/// Does what was said.
pub(crate) fn run(options: Options) -> Outcome {
    let format = options.format;
    match options.command {
        Command::Pack(command) => pack::run(command, format),
    }
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
    println!("{text}");
    Ok(())
}

impl Format {
    pub(crate) fn is_json(self) -> bool {
        self == Format::Json
    }
}
