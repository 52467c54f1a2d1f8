//! 「同时判断」 Pages of households judged beside one another, on as many threads as the
//! house is told to use; what they found comes in the order of the pages, so that one core
//! and many give the same rows. Absent on purpose: pages without end in memory: no more
//! wait than are judged.

use crate::error::{AppError, Result};
use crate::screen::{Family, Pooled, judge_page};
use crate::{App, Law};
use engine_pool::Standing;
use kernel::{Date, Slug};
use std::collections::{BTreeMap, VecDeque};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use store::Found;
use tokio::task::{JoinHandle, spawn_blocking};

/// How a run over everybody goes: what bounds its time, and its memory.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Pages of a screening judged at once.
    pub threads: NonZeroUsize,
    /// Households of a page, of any run over everybody.
    pub households: NonZeroU32,
}

impl Default for Pace {
    /// One thread; a thousand households.
    fn default() -> Pace {
        const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);
        Pace {
            threads: NonZeroUsize::MIN,
            households: PAGE,
        }
    }
}

impl App {
    /// Goes over everybody at another pace; what is found is the same at any.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> App {
        self.pace = pace;
        self
    }
}

/// Pages being judged.
pub(crate) struct Judging {
    law: Law,
    day: Date,
    standings: Arc<BTreeMap<Slug, Standing>>,
    threads: usize,
    running: VecDeque<JoinHandle<Result<Vec<Found>>>>,
}

impl Judging {
    pub(crate) fn new(app: &App, day: Date, standings: BTreeMap<Slug, Standing>) -> Judging {
        Judging {
            law: app.law.clone(),
            day,
            standings: Arc::new(standings),
            threads: app.pace.threads.get(),
            running: VecDeque::new(),
        }
    }

    /// Begins a page; gives what earlier ones found that must end before the next may
    /// begin.
    ///
    /// # Errors
    /// A fault of a rule; a thread that ended early.
    pub(crate) async fn page(
        &mut self,
        families: Vec<Family>,
        pooled: Pooled,
    ) -> Result<Vec<Found>> {
        let (law, day, standings) = (self.law.clone(), self.day, Arc::clone(&self.standings));
        let judge = move || judge_page(&law, day, &standings, &families, pooled);
        self.running.push_back(spawn_blocking(judge));
        self.down_to(self.threads - 1).await
    }

    /// What the pages still running found.
    ///
    /// # Errors
    /// As [`Judging::page`].
    pub(crate) async fn rest(mut self) -> Result<Vec<Found>> {
        self.down_to(0).await
    }

    /// The oldest first, until so many run.
    async fn down_to(&mut self, running: usize) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        while self.running.len() > running {
            let Some(oldest) = self.running.pop_front() else {
                break;
            };
            let rows = oldest.await;
            found.extend(rows.map_err(|why| AppError::Fault(why.to_string()))??);
        }
        Ok(found)
    }
}
