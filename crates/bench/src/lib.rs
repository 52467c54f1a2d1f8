//! 「测速」 What the house is measured by: our figures beside those of others, on the
//! same data in the same run, and no figure before all agree on the answers. Absent on
//! purpose: anything the product needs; any pack's rules (they are read from packs).

mod facts;
mod files;
mod growth;
mod peers;
mod population;
mod screen;
mod simulation;
mod stream;

#[cfg(test)]
mod tests;

pub use facts::write_facts;
pub use growth::{every_pack, growth};
pub use screen::{ScreenOptions, inner, run as screen};
pub use simulation::run as simulation;

/// Why a measurement was not made.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The pack has errors.
    #[error("{0}")]
    Pack(String),
    /// A file or a program.
    #[error("{0}：{1}")]
    Io(String, std::io::Error),
    /// The population's description does not fit the pack.
    #[error("人口说明有错：{0}")]
    Population(String),
    /// A value or a program did not fit.
    #[error("{0}")]
    Engine(String),
    /// Two engines gave different answers.
    #[error("结果不一致：{0}")]
    Disagree(String),
}
