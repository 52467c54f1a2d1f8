//! 「一次申请」 Everything a household asks for, as one application: which services,
//! one set of answers, consents, handing in. Its draft is the household's cases in
//! draft: one joint case where the pack has one and several are asked for, else one
//! case per service.

use super::asked::Ground;
use super::check::{HouseholdCheck, Someone, someone};
use super::form::{Question, Wrong, questions};
use super::home::Home;
use crate::{App, Context, Law, Result};
use engine_case::{Answer, AnswerValue, Case, ConsentBy, Phase};
use engine_policy::{Every, Finding};
use kernel::{CaseId, Date, HouseholdId, Money, PersonId, Role, Slug};
use packs::{Form, Joint};
use std::collections::BTreeSet;
use store::Tx;

/// What a household may ask for, for whom.
pub(super) type Want = (Slug, Option<PersonId>);

/// A household's application as it stands.
#[derive(Clone, Debug)]
pub struct Application {
    /// Which household.
    pub household: HouseholdId,
    /// Its people.
    pub people: Vec<Someone>,
    /// Who asks.
    pub applicant: Someone,
    /// What can be asked for.
    pub wanted: Vec<Wanted>,
    /// The cases in draft.
    pub drafts: Vec<CaseId>,
    /// What is asked.
    pub questions: Vec<Question>,
    /// What is consented to.
    pub consents: Vec<ConsentAsked>,
    /// Papers no department can give: name, and what to say about it.
    pub papers: Vec<(String, Option<String>)>,
    /// Handed in and taken up today, the last day for an answer.
    pub promise: Option<Date>,
    /// Whether who looks may consent: nobody consents for another.
    pub may_consent: bool,
    /// Somebody of the household has died.
    pub solemn: bool,
    /// What the conditions of questions are judged over.
    pub(super) ground: Ground,
}

/// A service that can be asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which.
    pub service: Slug,
    /// For whom; `None`: the household.
    pub who: Option<Someone>,
    /// Its name.
    pub name: String,
    /// How people would ask for it.
    pub says: String,
    /// Whether it is asked for.
    pub ticked: bool,
    /// What looking it over said.
    pub finding: Finding,
    /// Per payment, where it is known.
    pub amount: Option<Money>,
    /// How often.
    pub every: Option<Every>,
    /// A case for it that is being handled.
    pub running: Option<CaseId>,
}

/// A consent of the forms, asked once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentAsked {
    /// Its id.
    pub consent: Slug,
    /// The words.
    pub asks: String,
    /// Whether every adult must give it: it opens what is looked up about them.
    pub everyone: bool,
    /// Who must give it.
    pub by: Vec<Someone>,
}

impl Wanted {
    /// What an amount is paid in: `元/月`.
    pub fn unit(&self) -> &'static str {
        super::check::unit(self.every)
    }
}

impl Application {
    /// Questions that must be answered and are not, now or before: where one per
    /// member is asked, one answer is enough; `off` are the fields that do not apply.
    pub fn lacking(&self, answers: &[Answer], off: &BTreeSet<String>) -> Vec<Wrong> {
        let given = |question: &Question| {
            let now = answers.iter().filter(|one| one.field == question.key);
            let now = now.filter(|one| one.value != AnswerValue::Unknown);
            let before = question.slots.iter().any(|slot| {
                let again = answers
                    .iter()
                    .any(|one| one.field == question.key && one.about == slot.about);
                slot.value.is_some() && !again
            });
            before || now.count() > 0
        };
        let needed = self.questions.iter().filter(|one| {
            let applies = one.slots.iter().any(|slot| !off.contains(&slot.field));
            one.required && applies
        });
        needed
            .filter(|one| !given(one))
            .filter_map(|one| {
                Some(Wrong {
                    field: one.slots.first()?.field.clone(),
                    says: format!("请回答：{}", one.asks),
                })
            })
            .collect()
    }

    /// What is asked for.
    pub fn ticked(&self) -> Vec<&Wanted> {
        self.wanted.iter().filter(|one| one.ticked).collect()
    }
}

impl App {
    /// 看申请 The household's application: begun, or as it would begin.
    ///
    /// # Errors
    /// As [`App::check_household`].
    pub async fn application(
        &self,
        ctx: &Context,
        household: Option<HouseholdId>,
    ) -> Result<Application> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                let home = Home::open(tx, &ctx, household, app.now()).await?;
                let (check, known) = app.check_known(tx, &ctx, &home).await?;
                let cases = cases(tx, &home).await?;
                Ok(app.as_it_stands(&ctx, &home, &check, &known, &cases))
            })
            .await
    }

    fn as_it_stands(
        &self,
        ctx: &Context,
        home: &Home,
        check: &HouseholdCheck,
        known: &engine_policy::Household,
        cases: &[(CaseId, Case)],
    ) -> Application {
        let drafts: Vec<(CaseId, Case)> = in_draft(cases).cloned().collect();
        let wanted = wanted(&self.law, check, cases, &drafts);
        let ticked: Vec<Slug> = wanted
            .iter()
            .filter(|one| one.ticked)
            .map(|one| one.service.clone())
            .collect();
        let forms = forms(&self.law, &ticked);
        let states: Vec<Case> = drafts.iter().map(|(_, case)| case.clone()).collect();
        let fields = forms
            .iter()
            .flat_map(|one| one.form.fields.iter().map(|field| (field, one.name)));
        let applicant = home.members.iter().find(|one| one.person == home.applicant);
        Application {
            household: home.id,
            people: check.people.clone(),
            applicant: applicant.map_or_else(|| nobody(home.applicant), someone),
            questions: questions(&self.law, home, known, &states, fields),
            consents: consents(&forms, home),
            papers: papers(&forms),
            promise: self.promise(&forms, self.now().today()),
            drafts: drafts.into_iter().map(|(id, _)| id).collect(),
            may_consent: ctx.actor.role == Role::Citizen,
            solemn: check.solemn,
            ground: Ground {
                known: known.clone(),
                members: home.members.iter().map(|one| one.person).collect(),
                before: states.iter().flat_map(|one| one.answers.clone()).collect(),
                day: check.day,
            },
            wanted,
        }
    }

    /// The last day for an answer to what is taken up on `day`.
    fn promise(&self, forms: &[FormOf<'_>], day: Date) -> Option<Date> {
        let calendar = self.law.pack.calendar();
        let total = |one: &FormOf<'_>| one.flow.total?.last_day(day, calendar).ok();
        forms.iter().filter_map(total).max()
    }
}

/// A form that is filled in, with where it belongs.
struct FormOf<'a> {
    name: &'a str,
    form: &'a Form,
    flow: &'a engine_case::ServiceFlow,
    documents: &'a [packs::DocumentNeeded],
}

/// The forms of these services; a joint service's first.
fn forms<'a>(law: &'a Law, services: &[Slug]) -> Vec<FormOf<'a>> {
    let mut forms = Vec::new();
    for joint in law.pack.joints() {
        if together(joint, services) {
            forms.push(FormOf {
                name: &joint.name,
                form: &joint.form,
                flow: &joint.flow,
                documents: &joint.documents,
            });
        }
    }
    let singles = law.pack.services().iter();
    forms.extend(
        singles
            .filter(|one| services.contains(&one.id))
            .map(|one| FormOf {
                name: &one.name,
                form: &one.form,
                flow: &one.flow,
                documents: &one.documents,
            }),
    );
    forms
}

fn consents(forms: &[FormOf<'_>], home: &Home) -> Vec<ConsentAsked> {
    let mut asked: Vec<ConsentAsked> = Vec::new();
    for consent in forms.iter().flat_map(|one| &one.form.consents) {
        let by: Vec<Someone> = home
            .members
            .iter()
            .filter(|one| match consent.who {
                ConsentBy::Applicant => one.person == home.applicant,
                ConsentBy::EveryAdult => one.adult(),
            })
            .map(someone)
            .collect();
        match asked.iter_mut().find(|one| one.consent == consent.id) {
            Some(same) if same.everyone || consent.who == ConsentBy::Applicant => {}
            Some(same) => (same.by, same.everyone) = (by, true),
            None => asked.push(ConsentAsked {
                consent: consent.id.clone(),
                asks: consent.asks.clone(),
                everyone: consent.who == ConsentBy::EveryAdult,
                by,
            }),
        }
    }
    asked
}

/// The services a draft asks for.
fn services_of(law: &Law, draft: &Case) -> Vec<Slug> {
    let service = draft.opened.as_ref().map(|one| &one.service);
    let joint = service.and_then(|one| law.pack.joint(one.as_str()));
    let Some(joint) = joint else {
        return service.cloned().into_iter().collect();
    };
    let said = draft
        .answers
        .iter()
        .filter(|one| joint.services.contains(&one.field) && one.value == AnswerValue::Bool(true));
    said.map(|one| one.field.clone()).collect()
}

/// The consents a draft needs before it can be handed in.
pub(super) fn consents_of(law: &Law, home: &Home, draft: &Case) -> Vec<ConsentAsked> {
    consents(&forms(law, &services_of(law, draft)), home)
}

fn papers(forms: &[FormOf<'_>]) -> Vec<(String, Option<String>)> {
    let mut papers: Vec<(String, Option<String>)> = Vec::new();
    for paper in forms.iter().flat_map(|one| one.documents) {
        let line = (paper.name.clone(), paper.asks.clone());
        if !papers.contains(&line) {
            papers.push(line);
        }
    }
    papers
}

fn nobody(person: PersonId) -> Someone {
    Someone {
        person,
        name: String::new(),
        relation: "",
        age: None,
        adult: true,
    }
}

/// The household's cases that concern who asks, oldest first.
pub(super) async fn cases(tx: &mut Tx, home: &Home) -> Result<Vec<(CaseId, Case)>> {
    let mut cases = Vec::new();
    for id in tx.cases_of_household(home.id).await? {
        let case = tx.case(id).await?.state;
        if case.concerns(home.applicant) {
            cases.push((id, case));
        }
    }
    Ok(cases)
}

pub(super) fn in_draft(cases: &[(CaseId, Case)]) -> impl Iterator<Item = &(CaseId, Case)> {
    cases.iter().filter(|(_, case)| {
        let own = case
            .opened
            .as_ref()
            .is_some_and(|one| one.part_of.is_none());
        case.phase == Phase::Draft && own
    })
}

/// The joint service a service is asked for through, if there is one.
pub(super) fn joint_of<'a>(law: &'a Law, service: &Slug) -> Option<&'a Joint> {
    let mut joints = law.pack.joints().iter();
    joints.find(|one| takes(one, service))
}

/// Whether a service can be asked for through a joint one: somebody must answer for it
/// there, else it would wait for ever.
fn takes(joint: &Joint, service: &Slug) -> bool {
    let mut parts = joint.flow.steps.iter().flat_map(|step| &step.parts);
    joint.services.contains(service) && parts.any(|part| part.id == *service)
}

/// Whether these services are asked for as one thing: one alone goes its own way,
/// without a round through seventeen parts that nobody asked for.
pub(super) fn together(joint: &Joint, services: &[Slug]) -> bool {
    let mut asked = services.iter().filter(|one| takes(joint, one));
    let first = asked.next();
    first.is_some_and(|first| asked.any(|other| other != first))
}

/// Whether a draft asks for a service.
fn asks_for(law: &Law, draft: &Case, (service, who): &Want) -> bool {
    let Some(opened) = &draft.opened else {
        return false;
    };
    if opened.service == *service {
        return who.is_none_or(|who| who == opened.beneficiary);
    }
    let joint = joint_of(law, service).filter(|joint| joint.id == opened.service);
    joint.is_some()
        && draft.answers.iter().any(|one| {
            one.field == *service && one.about == *who && one.value == AnswerValue::Bool(true)
        })
}

pub(super) fn wanted(
    law: &Law,
    check: &HouseholdCheck,
    cases: &[(CaseId, Case)],
    drafts: &[(CaseId, Case)],
) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for answer in check.answers.iter().filter(|one| one.needs_application) {
        for row in &answer.rows {
            let receives = matches!(
                row.finding,
                Finding::ReceivingRightly | Finding::ReceivingNotFound
            );
            if receives {
                continue;
            }
            let want = (
                answer.service.clone(),
                row.who.as_ref().map(|one| one.person),
            );
            let found = matches!(
                row.finding,
                Finding::FoundNotReceiving | Finding::ConsentWouldTell
            );
            let running = running(law, cases, &want);
            let ticked = match drafts.is_empty() {
                true => found && running.is_none(),
                false => drafts.iter().any(|(_, draft)| asks_for(law, draft, &want)),
            };
            wanted.push(Wanted {
                service: answer.service.clone(),
                who: row.who.clone(),
                name: answer.name.clone(),
                says: answer.says.clone(),
                finding: row.finding,
                amount: row.amount,
                every: row.every,
                running,
                ticked,
            });
        }
    }
    wanted
}

/// A case for this that is handed in and not decided yet.
fn running(law: &Law, cases: &[(CaseId, Case)], want: &Want) -> Option<CaseId> {
    let open = cases.iter().filter(|(_, case)| {
        matches!(
            case.phase,
            Phase::Submitted | Phase::Returned | Phase::Handling
        )
    });
    open.filter(|(_, case)| asks_for(law, case, want))
        .map(|(id, _)| *id)
        .next()
}
