//! 「卷宗」 A case as the officer's page shows it: what departments answered, what
//! the rules say, what this person may do now, the family, what happened. One
//! reading, on record before anything is shown. Absent on purpose: doing anything.

mod aside;
mod checks;
mod family;
mod offers;
mod parts;
mod past;
mod receiving;
mod rulings;
mod steps;
mod take;
mod told;

pub use checks::{Check, CheckMark, Checks};
pub use engine_policy::Verdict;
pub(crate) use family::kin_of;
pub use family::{Kin, KinPlace};
pub use offers::{AskKind, Asks, Offer, Preview, is_decision};
pub use parts::{PartLine, PartOf};
pub use past::{Past, PastMark};
pub use receiving::Receiving;
pub(crate) use receiving::received;
pub use steps::{ConditionLine, FactLine, NumberLine, Steps};
pub use take::Written;
pub use told::{Reason, Told};

use super::desk::Desk;
use super::people::People;
use super::{people, rights};
use crate::attachment::{FileLine, files_of};
use crate::worklist::WorkLine;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Permit};
use engine_case::{Act, Case, StepKind};
use engine_policy::Certificate;
use kernel::{CaseId, Date, PersonId};
use std::collections::BTreeMap;
use store::Tx;

/// Everything the officer's page of a case shows.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// Its line, as in lists.
    pub line: WorkLine,
    /// How many days from the beginning of the nearest deadline to its end.
    pub promised: Option<Date>,
    /// What departments answered; `None`: nobody was asked yet.
    pub checks: Option<Checks>,
    /// What the rules say; `None`: not judged yet.
    pub told: Option<Told>,
    /// What the reader may do now, and what not yet with the reason.
    pub offers: Vec<Offer>,
    /// The parts of a joint case.
    pub parts: Vec<PartLine>,
    /// The joint case it is a part of.
    pub part_of: Option<PartOf>,
    /// Where a survey under way is written and signed, each with their own account:
    /// the step and its name.
    pub survey: Option<(kernel::Slug, String)>,
    /// The family.
    pub kin: Vec<Kin>,
    /// What happened, and what is still to come.
    pub past: Vec<Past>,
    /// The household's portrait, where the pack has one.
    pub portrait: Option<crate::portrait::PortraitPage>,
    /// What the household and its members receive already.
    pub receiving: Vec<Receiving>,
    /// What can be printed.
    pub prints: Vec<crate::papers::PaperOffer>,
    /// Whether something is decided: then the page shows the decision.
    pub decided: Option<String>,
    /// What was handed in, photographs of surveys among it.
    pub files: Vec<FileLine>,
    /// Papers of the one-time notice that did not come.
    pub lacking: Vec<engine_case::MissingPaper>,
}

/// What every part of the page reads.
struct Reading<'a> {
    desk: &'a Desk,
    case: &'a Case,
    people: &'a People,
    permit: &'a Permit,
    names: &'a BTreeMap<PersonId, String>,
    certificate: Option<&'a Certificate>,
}

impl App {
    /// 看卷宗 A case as its page shows it to this reader.
    ///
    /// # Errors
    /// A refusal; no such case; the store's.
    pub async fn case_file(&self, context: &Context, case: CaseId) -> Result<CaseFile> {
        let desk = self.desk(context);
        self.db
            .look(async move |tx| desk.case_file(tx, case).await)
            .await
    }
}

impl Desk {
    async fn case_file(&self, tx: &mut Tx, id: CaseId) -> Result<CaseFile> {
        let case = tx.case(id).await?.state;
        let permit = self.reads(tx, &case, rights::FILE).await?;
        let desk = self.under(&case)?;
        let opened = case.opened.as_ref();
        let opened = opened.ok_or_else(|| AppError::BadInput("还没有这个办件".to_owned()))?;
        let people = people::people_of(tx, opened).await?;
        let register = family::register(tx, opened).await?;
        let names = family::names(&register);
        let certificate = desk.latest_certificate(tx, &case).await?;
        let reading = Reading {
            desk: &desk,
            case: &case,
            people: &people,
            permit: &permit,
            names: &names,
            certificate: certificate.as_ref(),
        };
        let lines = self.app.lines(tx, vec![case.clone()]).await?;
        let line = lines.into_iter().next();
        let line = line.ok_or_else(|| AppError::Fault("a case that was never opened".into()))?;
        let portrait = match desk.law.pack.portrait().is_empty() {
            true => None,
            false => {
                let home = (opened.household, opened.region);
                Some(self.app.portrait_of(tx, home.0, home.1, &permit).await?)
            }
        };
        let offers = reading.offers(tx).await?;
        Ok(CaseFile {
            portrait,
            parts: reading.parts(tx, &offers).await?,
            part_of: reading.part_of(),
            survey: reading.survey(tx).await?,
            promised: line.promised,
            checks: reading.checks(tx).await?,
            told: reading.told(),
            offers,
            kin: family::kin(&register, opened, self.now.today()),
            past: reading.past(tx).await?,
            receiving: receiving::of(tx, &desk, opened).await?,
            prints: crate::papers::offers(tx, id, &case).await?,
            decided: case.decision().map(past::decided),
            files: files_of(tx, &desk.law.pack, &case).await?,
            lacking: reading.lacking().cloned().collect(),
            line,
        })
    }

    /// The certificate of the judgement on file, else of the decision in force.
    async fn latest_certificate(&self, tx: &mut Tx, case: &Case) -> Result<Option<Certificate>> {
        let judged = case.judgement.as_ref().map(|one| one.certificate.clone());
        let decided = || case.decision().and_then(|one| one.certificate.clone());
        match judged.or_else(decided) {
            Some(digest) => Ok(tx.certificate(&digest).await?),
            None => Ok(None),
        }
    }
}

impl Reading<'_> {
    fn today(&self) -> Date {
        self.desk.now.today()
    }

    /// A department as the catalogue calls it.
    fn department(&self, id: &kernel::Slug) -> String {
        self.desk.law.department(id)
    }

    fn name(&self, person: PersonId) -> String {
        let name = self.names.get(&person).cloned();
        name.unwrap_or_else(|| "家里人".to_owned())
    }

    /// The survey under way, where this reader may go along.
    async fn survey(&self, tx: &mut Tx) -> Result<Option<(kernel::Slug, String)>> {
        let mut steps = self.flow()?.steps.iter();
        let open = steps.find(|one| one.kind == StepKind::Survey && self.is_open(one));
        let Some(step) = open else { return Ok(None) };
        let (actor, action) = (&self.desk.context.actor, Action::Survey);
        let may = self
            .desk
            .permit(tx, actor, action, self.case, self.people)
            .await;
        match may {
            Ok(_) => Ok(Some((step.id.clone(), step.name.clone()))),
            Err(AppError::Refused(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn flow(&self) -> Result<&engine_case::ServiceFlow> {
        self.desk.flow(self.case, &Act::Waive)
    }
}
