//! 「入户调查」 One of those who went writes it down and signs; each of the others
//! signs the same words with their own account. With the last signature it is the
//! survey of the case. Who changes the words begins the signatures anew.

use super::is_open;
use crate::attachment::{FileLine, files_of};
use crate::case::{Desk, FILE};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Permit, View, show};
use engine_case::{Act, Case, Opened, Step};
use engine_registry::{Config, Person, PersonFact, PersonField};
use kernel::{Actor, CaseId, FieldLevel, Instant, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Loaded, RegisterSlice, Reply, SurveyWritten, Tx};

/// How a household can be looked into.
const WAYS: [&str; 3] = ["入户调查", "邻里访问", "信函索证"];
/// The longest report, characters.
const FOUND_MAX: usize = 4000;

/// What somebody wrote down at the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyNotes {
    /// How.
    pub ways: Vec<String>,
    /// What was seen and heard.
    pub found: String,
    /// Who signs for the household.
    pub household: Option<PersonId>,
    /// The version it was written over; 0: nothing was there.
    pub over: i64,
}

/// What became of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveySigned {
    /// How many more must sign; 0: the survey is done.
    pub waits_for: u32,
}

/// The page of a survey.
#[derive(Clone, Debug)]
pub struct SurveyPage {
    /// The case.
    pub case: CaseId,
    /// The step.
    pub step: Slug,
    /// Its name.
    pub step_name: String,
    /// The service.
    pub service: String,
    /// Who asks.
    pub applicant: String,
    /// Where they live, as far as it may be shown.
    pub address: Option<String>,
    /// Their telephone, as far as it may be shown.
    pub mobile: Option<String>,
    /// Below the county.
    pub place: String,
    /// The household.
    pub members: Vec<(PersonId, String)>,
    /// Whether somebody of the household signs.
    pub household_signs: bool,
    /// How many must have gone.
    pub people: u32,
    /// Whether it is under way.
    pub open: bool,
    /// What was written.
    pub written: Option<SurveyView>,
    /// Photographs and papers.
    pub files: Vec<FileLine>,
}

/// A survey as written, for one who reads it.
#[derive(Clone, Debug)]
pub struct SurveyView {
    /// What was written.
    pub notes: SurveyNotes,
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Who signed, the reader among them or not.
    pub signed: Vec<(String, Instant)>,
    /// Whether the reader has signed.
    pub mine: bool,
}

impl SurveyPage {
    /// The ways to choose from.
    pub fn ways(&self) -> [&'static str; 3] {
        WAYS
    }

    /// How many more must sign.
    pub fn waits_for(&self) -> u32 {
        let signed = self.written.as_ref().map_or(0, |one| one.signed.len());
        self.people
            .saturating_sub(u32::try_from(signed).unwrap_or(u32::MAX))
    }
}

impl App {
    /// 看入户调查 The survey of a case's step, to write or to sign.
    ///
    /// # Errors
    /// A refusal; no such step; the store's.
    pub async fn survey_page(
        &self,
        ctx: &Context,
        case: CaseId,
        step: &Slug,
    ) -> Result<SurveyPage> {
        let (desk, step) = (self.desk(ctx), step.clone());
        self.db
            .look(async move |tx| {
                let state = tx.case(case).await?.state;
                let permit = desk.reads(tx, &state, FILE).await?;
                desk.permits(tx, &state, Action::Survey).await?;
                let desk = desk.under(&state)?;
                desk.survey_page(tx, &state, &step, &permit).await
            })
            .await
    }

    /// 写入户调查 Keeps what was written and the writer's signature.
    ///
    /// # Errors
    /// A refusal; something is missing; a colleague wrote meanwhile; the store's.
    pub async fn write_survey(
        &self,
        ctx: &Context,
        case: CaseId,
        step: &Slug,
        notes: SurveyNotes,
    ) -> Result<Reply<SurveySigned>> {
        let notes = whole(notes)?;
        let key = ctx.key("survey.write", &(case, step, &notes))?;
        let (desk, step) = (self.desk(ctx), step.clone());
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| desk.write_survey(tx, case, &step, &notes).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 同去的人签字 Signs what a colleague wrote, as it was read.
    ///
    /// # Errors
    /// A refusal; signed already; the words changed meanwhile; the store's.
    pub async fn sign_survey(
        &self,
        ctx: &Context,
        case: CaseId,
        step: &Slug,
        version: i64,
    ) -> Result<Reply<SurveySigned>> {
        let key = ctx.key("survey.sign", &(case, step, version))?;
        let (desk, step) = (self.desk(ctx), step.clone());
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| desk.sign_survey(tx, case, &step, version).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }
}

fn wrong(says: &str) -> AppError {
    AppError::BadInput(says.to_owned())
}

/// Nothing that must be there is missing.
fn whole(mut notes: SurveyNotes) -> Result<SurveyNotes> {
    notes.ways.retain(|way| WAYS.contains(&way.as_str()));
    notes.found = notes.found.trim().to_owned();
    if notes.ways.is_empty() {
        return Err(wrong("请选怎样调查的"));
    }
    if notes.found.is_empty() {
        return Err(wrong("请写看到了什么、听到了什么"));
    }
    if notes.found.chars().count() > FOUND_MAX {
        return Err(wrong("写得太长了，请写在 4000 个字以内"));
    }
    Ok(notes)
}

impl Desk {
    /// The step, if it is a survey under way, and its round.
    async fn surveying(&self, tx: &mut Tx, id: CaseId, step: &Slug) -> Result<(Step, u32)> {
        let case = tx.case(id).await?.state;
        self.permits(tx, &case, Action::Survey).await?;
        let desk = self.under(&case)?;
        let found = desk.survey_step(&case, step)?;
        if !is_open(&case, &found) {
            let refusal = engine_case::Refusal::StepNotOpen(found.name);
            return Err(AppError::refused(refusal));
        }
        let round = case.steps.get(step).map_or(1, |state| state.round);
        Ok((found, round))
    }

    fn survey_step(&self, case: &Case, step: &Slug) -> Result<Step> {
        let flow = self.flow(case, &Act::Waive)?;
        let found = flow.step(step);
        let found = found.filter(|one| one.kind == engine_case::StepKind::Survey);
        found.cloned().ok_or_else(|| {
            AppError::Store(store::StoreError::NotFound {
                what: "入户调查",
                id: step.to_string(),
            })
        })
    }

    async fn write_survey(
        &self,
        tx: &mut Tx,
        id: CaseId,
        step: &Slug,
        notes: &SurveyNotes,
    ) -> Result<SurveySigned> {
        let (found, round) = self.surveying(tx, id, step).await?;
        if found.household_signs && notes.household.is_none() {
            return Err(wrong("请选家里谁签的字"));
        }
        let me = &self.context.actor;
        let before = tx.survey_written(id, step, round).await?;
        let version = before.as_ref().map_or(0, |one| one.version);
        // Over one's own words one may write again, also when the line was cut and it
        // is not sure whether they arrived; over a colleague's only as they were read.
        let own = |one: &Loaded<SurveyWritten>| one.state.by.person == me.person;
        if version != notes.over && !before.as_ref().is_some_and(own) {
            let says = "同去的人刚才也写了。请先看他写的，您写的还在下面";
            return Err(wrong(says));
        }
        let written = SurveyWritten {
            ways: notes.ways.clone(),
            found: notes.found.clone(),
            household: notes.household,
            by: me.clone(),
            at: self.now.at,
            signed: vec![(me.clone(), self.now.at)],
        };
        tx.write_survey((id, step, round), version, &written)
            .await?;
        let subject = format!("case:{id}");
        let told = (step, round, notes);
        self.context
            .record(tx, "survey.write", &subject, &told, self.now)
            .await?;
        Ok(SurveySigned {
            waits_for: needed(&found).saturating_sub(1),
        })
    }

    async fn sign_survey(
        &self,
        tx: &mut Tx,
        id: CaseId,
        step: &Slug,
        version: i64,
    ) -> Result<SurveySigned> {
        let (found, round) = self.surveying(tx, id, step).await?;
        let before = tx.survey_written(id, step, round).await?;
        let before = before.ok_or_else(|| wrong("还没有人写。请先写看到了什么"))?;
        if before.version != version {
            return Err(wrong("写的人刚才改过。请看最新的再签字"));
        }
        let mut written = before.state;
        let me = &self.context.actor;
        if written
            .signed
            .iter()
            .any(|(who, _)| who.person == me.person)
        {
            let says = "您已经签过了。同去的人要用自己的账号签";
            return Err(wrong(says));
        }
        written.signed.push((me.clone(), self.now.at));
        tx.write_survey((id, step, round), version, &written)
            .await?;
        let subject = format!("case:{id}");
        self.context
            .record(
                tx,
                "survey.sign",
                &subject,
                &(step, round, version),
                self.now,
            )
            .await?;
        let signed = u32::try_from(written.signed.len()).unwrap_or(u32::MAX);
        let waits_for = needed(&found).saturating_sub(signed);
        if waits_for == 0 {
            let act = Act::Survey {
                step: step.clone(),
                ways: written.ways,
                found: written.found,
                surveyors: written.signed.into_iter().map(|(who, _)| who).collect(),
                household: written.household,
            };
            self.act(tx, id, act).await?;
        }
        Ok(SurveySigned { waits_for })
    }

    async fn survey_page(
        &self,
        tx: &mut Tx,
        case: &Case,
        step: &Slug,
        permit: &Permit,
    ) -> Result<SurveyPage> {
        let found = self.survey_step(case, step)?;
        let opened = case.opened.as_ref();
        let opened = opened.ok_or_else(|| wrong("还没有这个办件"))?;
        let round = case.steps.get(step).map_or(1, |state| state.round);
        let people = family(tx, opened).await?;
        let name = |person: PersonId| {
            let known = people.get(&person);
            let name = known.and_then(|one| one.name(&Config::default()));
            name.map(ToString::to_string).unwrap_or_default()
        };
        let applicant = people.get(&opened.applicant);
        let written = tx.survey_written(opened.case, step, round).await?;
        Ok(SurveyPage {
            case: opened.case,
            step: step.clone(),
            step_name: found.name.clone(),
            service: self
                .law
                .pack
                .flow(opened.service.as_str())
                .map_or_else(|| opened.service.to_string(), |flow| flow.name.clone()),
            applicant: name(opened.applicant),
            address: shown(applicant, PersonField::Address, permit),
            mobile: shown(applicant, PersonField::Mobile, permit),
            place: self.app().place(opened.region),
            members: opened
                .members
                .iter()
                .map(|one| (one.person, name(one.person)))
                .collect(),
            household_signs: found.household_signs,
            people: needed(&found),
            open: is_open(case, &found),
            written: match written {
                Some(written) => Some(self.view(tx, written).await?),
                None => None,
            },
            files: files_of(tx, &self.law.pack, case).await?,
        })
    }

    async fn view(&self, tx: &mut Tx, written: Loaded<SurveyWritten>) -> Result<SurveyView> {
        let Loaded { state, version } = written;
        let mut signed = Vec::new();
        for (who, at) in &state.signed {
            signed.push((called(tx, who).await?, *at));
        }
        let me = self.context.actor.person;
        Ok(SurveyView {
            by: called(tx, &state.by).await?,
            at: state.at,
            mine: state.signed.iter().any(|(who, _)| who.person == me),
            signed,
            notes: SurveyNotes {
                ways: state.ways,
                found: state.found,
                household: state.household,
                over: version,
            },
        })
    }
}

/// How many must have gone: never fewer than the law's two.
fn needed(step: &Step) -> u32 {
    step.people.max(2)
}

/// A colleague's name.
async fn called(tx: &mut Tx, who: &Actor) -> Result<String> {
    let login = tx.login(&who.account).await?;
    Ok(login.map_or_else(|| who.account.clone(), |one| one.name))
}

async fn family(tx: &mut Tx, opened: &Opened) -> Result<BTreeMap<PersonId, Person>> {
    let members = opened.members.iter().map(|one| one.person);
    let slice = RegisterSlice {
        people: members.chain([opened.applicant]).collect::<BTreeSet<_>>(),
        ..RegisterSlice::default()
    };
    Ok(tx
        .register(&slice)
        .await?
        .state
        .people
        .into_iter()
        .collect())
}

/// A line of contact, as far as the reader may see it.
fn shown(person: Option<&Person>, field: PersonField, permit: &Permit) -> Option<String> {
    let version = person?.standing(field, &Config::default())?;
    let words = match &version.fact {
        PersonFact::Address(address) => address.clone(),
        PersonFact::Mobile(mobile) => mobile.reveal().to_owned(),
        _ => return None,
    };
    show(&words, FieldLevel::L3, View::Detail, permit)
}
