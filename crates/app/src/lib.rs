//! 「用例」 Use cases: authorise → load → decide → save. Composes the engines;
//! owns the order of things, no rule of its own. Absent on purpose: HTML, SQL
//! text, and the wall clock (the binary owns it).

mod access;
pub mod ask;
pub mod assess;
pub mod attachment;
pub mod audit;
pub mod booking;
pub mod case;
mod catalogue;
pub mod changes;
pub mod cockpit;
mod context;
mod contradict;
mod error;
mod everybody;
mod examples;
pub mod facts;
pub mod facts_out;
pub mod field;
pub mod found;
pub mod holo;
pub mod hook;
pub mod household;
pub mod import;
pub mod insight;
mod judging;
pub mod ledger;
pub mod life;
mod line;
pub mod merge;
pub mod notify;
pub mod order;
pub mod outcomes;
pub mod papers;
pub mod past;
pub mod payment;
pub mod pool;
pub mod portrait;
pub mod publish;
pub mod pull;
pub mod pulse;
pub mod resident;
pub mod rules;
mod screen;
pub mod sign_in;
pub mod signing;
pub mod simulate;
pub mod sms;
mod staff;
pub mod table;
pub mod trust;
mod turned;
pub mod verify;
pub mod views;
pub mod visits;
pub mod warn;
pub mod watch;
pub mod witness;
mod worklist;
pub mod xingfuma;

pub use catalogue::{ServiceLine, Trial};
pub use context::Context;
pub use contradict::{Contradicting, ContradictionLine, ContradictionSource};
pub use contradict::{ContradictionCard, ContradictionGroup, RightSide, RulingShown, SideShown};
pub use error::{AppError, Refused, Result};
pub use examples::{Tried, try_examples};
pub use judging::Pace;
pub use screen::{BenefitFound, ScreenReport};
pub use store::OpenCases;
pub use worklist::{WorkDeadline, WorkLine, Worklist};

use engine_policy::Judge;
use kernel::{Clock, Now};
use packs::Pack;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Db;

/// The law in force: a pack and its rules, compiled. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Law {
    /// The pack, whole and proven.
    pub pack: Arc<Pack>,
    /// Its rules, ready to judge.
    pub judge: Arc<Judge>,
}

impl Law {
    /// A department as the catalogue calls it.
    pub(crate) fn department(&self, id: &kernel::Slug) -> String {
        let found = self.pack.data().catalogue.department(id);
        found.map_or_else(|| id.to_string(), |one| one.name.clone())
    }

    /// Who said a fact, in words, and of which day it is.
    pub(crate) fn said_by(&self, source: &engine_policy::Source) -> (String, Option<kernel::Date>) {
        use engine_policy::Source;
        match source {
            Source::Department {
                department, as_of, ..
            } => (self.department(department), Some(*as_of)),
            Source::Declared { on } => ("本人填写".to_owned(), Some(*on)),
            Source::Surveyed { on } => ("经办人核实".to_owned(), Some(*on)),
            Source::Register => ("人口底册".to_owned(), None),
            Source::Example => ("例子".to_owned(), None),
            Source::Supposed => ("试算时假定".to_owned(), None),
        }
    }

    /// Compiles a pack.
    pub fn new(pack: Pack) -> Law {
        let judge = Arc::new(Judge::new(pack.rules().clone()));
        Law {
            pack: Arc::new(pack),
            judge,
        }
    }
}

/// The house, open for business. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) db: Db,
    pub(crate) law: Law,
    earlier: Arc<BTreeMap<String, Law>>,
    suspended: Arc<BTreeSet<String>>,
    letters: ::papers::Letters,
    progress: import::Progress,
    numbers: import::Numbers,
    clock: Arc<dyn Clock>,
    pub(crate) pace: Pace,
}

impl App {
    /// Opens the house over a database, under a law.
    pub fn new(db: Db, law: Law, clock: Arc<dyn Clock>) -> App {
        App {
            db,
            law,
            earlier: Arc::default(),
            suspended: Arc::default(),
            letters: ::papers::Letters::default(),
            progress: import::Progress::default(),
            numbers: import::Numbers::default(),
            clock,
            pace: Pace::default(),
        }
    }

    /// Prints papers with another font file too, for rare characters of names.
    ///
    /// # Errors
    /// It is no font file.
    pub fn with_letters(mut self, file: Vec<u8>) -> Result<App> {
        let more = self.letters.with(file);
        let says = "这不是字库文件，请用 .otf、.ttf 或 .ttc 文件";
        self.letters = more.ok_or_else(|| AppError::BadInput(says.to_owned()))?;
        Ok(self)
    }

    /// Adds the laws of earlier days that running cases are pinned to.
    #[must_use]
    pub fn with_earlier(mut self, laws: impl IntoIterator<Item = Law>) -> App {
        let by_hash = |law: Law| (law.pack.hash().to_owned(), law);
        let mut earlier = BTreeMap::clone(&self.earlier);
        earlier.extend(laws.into_iter().map(by_hash));
        self.earlier = Arc::new(earlier);
        self
    }

    /// The law of a pack by its hash: the one in force, or an earlier one.
    pub(crate) fn law_of(&self, hash: &str) -> Option<&Law> {
        match self.law.pack.hash() == hash {
            true => Some(&self.law),
            false => self.earlier.get(hash),
        }
    }

    /// Laws of earlier days that are still loaded.
    pub(crate) fn earlier_laws(&self) -> impl Iterator<Item = &Law> {
        self.earlier.values()
    }

    /// The moment of this action.
    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// The law in force.
    pub fn law(&self) -> &Law {
        &self.law
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        let asked = self.db.read(async |tx| tx.register_counts().await);
        asked.await.is_ok()
    }

    /// The database, for verifying and backing up as a whole.
    pub fn db(&self) -> &Db {
        &self.db
    }
}
