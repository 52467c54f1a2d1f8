//! 「同行」 Runs the peers.

use crate::{BenchError, ScreenOptions};
use engine_policy::Judge;
use expr::{Environment, Frame, Results};

pub(crate) struct Peers<'p> {
    pub(crate) options: &'p ScreenOptions,
    pub(crate) judge: &'p Judge,
    pub(crate) frame: &'p Frame,
    pub(crate) environment: &'p Environment,
    pub(crate) results: &'p Results,
}

impl Peers<'_> {
    pub(crate) fn run(&self) -> Result<Vec<String>, BenchError> {
        Ok(Vec::new())
    }
}
