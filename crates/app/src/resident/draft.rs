//! 「边填边存」 Writing an application: its drafts opened and dropped, answers kept,
//! what the household says is not right, handing in with consents.

use super::apply::{ConsentAsked, Want, cases, consents_of, in_draft, joint_of, together, wanted};
use super::home::Home;
use crate::case::{Desk, OpenCase};
use crate::verify::{Signing, sign};
use crate::{App, AppError, Context, Law, Result};
use engine_case::{Act, Answer, AnswerSource, AnswerValue, Case, Channel, Consent, Phase};
use engine_pool::authorisation::{Capacity, Scope, Signature};
use kernel::{AuthorisationId, CaseId, Date, HouseholdId, PersonId, Role, Slug, add_days};
use std::collections::{BTreeMap, BTreeSet};
use store::{Reply, Tx};

/// How long a household's consent to be looked up holds, days.
const AUTHORISED_DAYS: u32 = 90;

impl App {
    /// 开始申请 Opens the drafts of what is wanted, drops those no longer wanted.
    ///
    /// # Errors
    /// A refusal; nothing wanted; the store's.
    pub async fn begin_application(
        &self,
        ctx: &Context,
        household: Option<HouseholdId>,
        wants: BTreeSet<Want>,
    ) -> Result<Reply<Vec<CaseId>>> {
        if wants.is_empty() {
            return Err(AppError::BadInput("请至少选一项".to_owned()));
        }
        let key = ctx.key("application.begin", &(household, &wants))?;
        let desk = self.desk(ctx);
        self.db
            .write(async move |tx| {
                let wants = wants.clone();
                let does = async |tx: &mut Tx| {
                    let home = Home::open(tx, &desk.context, household, desk.now).await?;
                    begin(tx, &desk, &home, &wants).await
                };
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 填写 Keeps answers in every draft that asks for them.
    ///
    /// # Errors
    /// A refusal; nothing is in draft; the store's.
    pub async fn fill_application(
        &self,
        ctx: &Context,
        household: Option<HouseholdId>,
        answers: Vec<Answer>,
    ) -> Result<Reply<Vec<CaseId>>> {
        let key = ctx.key("application.fill", &(household, &answers))?;
        let desk = self.desk(ctx);
        self.db
            .write(async move |tx| {
                let answers = answers.clone();
                let does = async |tx: &mut Tx| {
                    let home = Home::open(tx, &desk.context, household, desk.now).await?;
                    fill(tx, &desk, &home, &answers).await
                };
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 不对 The household says of a fact that it is otherwise: kept with its
    /// application, or as a correction of the case that runs. A department's record
    /// stands until a person settles the difference.
    ///
    /// # Errors
    /// A refusal; there is nothing to keep it with; the store's.
    pub async fn dispute_fact(
        &self,
        ctx: &Context,
        household: Option<HouseholdId>,
        fact: &Slug,
        about: Option<PersonId>,
        value: AnswerValue,
    ) -> Result<Reply<Vec<CaseId>>> {
        let answer = Answer {
            field: fact.clone(),
            about,
            value,
            source: AnswerSource::Person,
        };
        let key = ctx.key("application.dispute", &(household, &answer))?;
        let (app, desk) = (self.clone(), self.desk(ctx));
        self.db
            .write(async move |tx| {
                let answer = answer.clone();
                let does = async |tx: &mut Tx| {
                    let home = Home::open(tx, &desk.context, household, desk.now).await?;
                    dispute(tx, &app, &desk, &home, answer).await
                };
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 交上去 Hands every draft in, with the consents given; consent to be looked up
    /// becomes a signed authorisation.
    ///
    /// # Errors
    /// A refusal, e.g. a consent is missing; nothing is in draft; the store's.
    pub async fn submit_application(
        &self,
        ctx: &Context,
        household: Option<HouseholdId>,
        given: BTreeSet<(Slug, PersonId)>,
    ) -> Result<Reply<Vec<CaseId>>> {
        let key = ctx.key("application.submit", &(household, &given))?;
        let desk = self.desk(ctx);
        self.db
            .write(async move |tx| {
                let given = given.clone();
                let does = async |tx: &mut Tx| {
                    let home = Home::open(tx, &desk.context, household, desk.now).await?;
                    submit(tx, &desk, &home, &given).await
                };
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }
}

async fn begin(
    tx: &mut Tx,
    desk: &Desk,
    home: &Home,
    wants: &BTreeSet<Want>,
) -> Result<Vec<CaseId>> {
    let cases = cases(tx, home).await?;
    let mut drafts: Vec<(CaseId, Case)> = in_draft(&cases).cloned().collect();
    let mut kept = BTreeSet::new();
    for (service, beneficiary) in openings(&desk.law, wants)? {
        let same = drafts.iter().find(|(_, draft)| {
            let opened = draft.opened.as_ref();
            opened.is_some_and(|one| {
                one.service == service && beneficiary.is_none_or(|who| who == one.beneficiary)
            })
        });
        let id = match same {
            Some((id, _)) => *id,
            None => {
                let open = OpenCase {
                    service: service.clone(),
                    applicant: home.applicant,
                    beneficiary,
                    household: home.id,
                    channel: channel(desk.context.actor.role),
                };
                let opened = desk.open(tx, open, None).await?;
                drafts.push((opened.case, tx.case(opened.case).await?.state));
                opened.case
            }
        };
        kept.insert(id);
    }
    for (id, draft) in &drafts {
        if !kept.contains(id) {
            desk.act(tx, *id, Act::Withdraw).await?;
        } else if let Some(answers) = said_wants(&desk.law, draft, wants) {
            let papers = Vec::new();
            desk.act(tx, *id, Act::Fill { answers, papers }).await?;
        }
    }
    Ok(kept.into_iter().collect())
}

fn channel(role: Role) -> Channel {
    match role {
        Role::Citizen => Channel::Online,
        Role::Agent => Channel::Agent,
        _ => Channel::Window,
    }
}

/// The cases these wants need: joint ones where several are asked for.
fn openings(law: &Law, wants: &BTreeSet<Want>) -> Result<BTreeSet<Want>> {
    let mut openings = BTreeSet::new();
    let services: Vec<Slug> = wants.iter().map(|(service, _)| service.clone()).collect();
    for (service, who) in wants {
        let offered = law.pack.service(service.as_str());
        if !offered.is_some_and(|one| one.needs_application) {
            return Err(AppError::BadInput(format!(
                "“{service}”不用申请，或者没有这项"
            )));
        }
        let joint = joint_of(law, service).filter(|joint| together(joint, &services));
        openings.insert(match joint {
            Some(joint) => (joint.id.clone(), None),
            None => (service.clone(), *who),
        });
    }
    Ok(openings)
}

/// What is wanted of a joint service, said in its draft, one answer per service and
/// person: also what is no longer wanted.
fn said_wants(law: &Law, draft: &Case, wants: &BTreeSet<Want>) -> Option<Vec<Answer>> {
    let service = &draft.opened.as_ref()?.service;
    let joint = law.pack.joint(service.as_str())?;
    let before = draft
        .answers
        .iter()
        .filter(|one| joint.services.contains(&one.field) && one.value == AnswerValue::Bool(true));
    let before: BTreeSet<Want> = before.map(|one| (one.field.clone(), one.about)).collect();
    let now = wants.iter().filter(|(one, _)| joint.services.contains(one));
    let all: BTreeSet<Want> = before.into_iter().chain(now.cloned()).collect();
    let said = all.into_iter().map(|want| Answer {
        value: AnswerValue::Bool(wants.contains(&want)),
        field: want.0,
        about: want.1,
        source: AnswerSource::Person,
    });
    Some(said.collect())
}

async fn drafts_of(tx: &mut Tx, home: &Home) -> Result<Vec<(CaseId, Case)>> {
    let cases = cases(tx, home).await?;
    let drafts: Vec<(CaseId, Case)> = in_draft(&cases).cloned().collect();
    match drafts.is_empty() {
        true => Err(AppError::BadInput(
            "还没有开始填的申请。请先选要办的".to_owned(),
        )),
        false => Ok(drafts),
    }
}

async fn fill(tx: &mut Tx, desk: &Desk, home: &Home, answers: &[Answer]) -> Result<Vec<CaseId>> {
    let mut filled = Vec::new();
    for (id, draft) in drafts_of(tx, home).await? {
        let service = draft.opened.as_ref().map(|one| one.service.clone());
        let form = service.and_then(|one| desk.law.pack.service(one.as_str()));
        let asks = |answer: &&Answer| {
            // A joint case carries every answer to its parts.
            form.is_none_or(|service| {
                let mut fields = service.form.fields.iter();
                fields.any(|field| *field.fact.as_ref().unwrap_or(&field.id) == answer.field)
            })
        };
        let answers: Vec<Answer> = answers.iter().filter(asks).cloned().collect();
        if !answers.is_empty() {
            let papers = Vec::new();
            desk.act(tx, id, Act::Fill { answers, papers }).await?;
        }
        filled.push(id);
    }
    Ok(filled)
}

async fn dispute(
    tx: &mut Tx,
    app: &App,
    desk: &Desk,
    home: &Home,
    answer: Answer,
) -> Result<Vec<CaseId>> {
    let all = cases(tx, home).await?;
    let mut drafts: Vec<CaseId> = in_draft(&all).map(|(id, _)| *id).collect();
    let runs = |case: &Case| matches!(case.phase, Phase::Submitted | Phase::Handling);
    let running = all.iter().filter(|(_, case)| runs(case));
    let running: Vec<CaseId> = running.map(|(id, _)| *id).collect();
    if drafts.is_empty() && !running.is_empty() {
        for id in &running {
            let answers = vec![answer.clone()];
            desk.act(tx, *id, Act::Correct { answers }).await?;
        }
        return Ok(running);
    }
    if drafts.is_empty() {
        let check = app.check(tx, &desk.context, home).await?;
        let wanted = wanted(&desk.law, &check, &all, &[]);
        let wants = wanted.into_iter().filter(|one| one.ticked);
        let wants = wants.map(|one| (one.service, one.who.map(|who| who.person)));
        let wants: BTreeSet<Want> = wants.collect();
        if wants.is_empty() {
            let says = "还没有要办的事，没地方记。请先在“申请”里选一项，或者打电话告诉我们";
            return Err(AppError::BadInput(says.to_owned()));
        }
        drafts = begin(tx, desk, home, &wants).await?;
    }
    for id in &drafts {
        let (answers, papers) = (vec![answer.clone()], Vec::new());
        desk.act(tx, *id, Act::Fill { answers, papers }).await?;
    }
    Ok(drafts)
}

async fn submit(
    tx: &mut Tx,
    desk: &Desk,
    home: &Home,
    given: &BTreeSet<(Slug, PersonId)>,
) -> Result<Vec<CaseId>> {
    if desk.context.actor.role == Role::Agent {
        let says = "同意只能本人给。您填的都存好了，请本人登录后看一遍再交";
        return Err(AppError::BadInput(says.to_owned()));
    }
    let mut sent = Vec::new();
    for (id, draft) in drafts_of(tx, home).await? {
        let asked = consents_of(&desk.law, home, &draft);
        all_given(&asked, given)?;
        let everyone = asked.iter().filter(|one| one.everyone);
        let everyone: BTreeSet<&Slug> = everyone.map(|one| &one.consent).collect();
        let of = given.iter().filter(|(one, _)| everyone.contains(one));
        let signers: BTreeSet<PersonId> = of.map(|(_, who)| *who).collect();
        let paper = authorise(tx, desk, home, id, &signers).await?;
        let consents = given.iter().map(|(consent, person)| Consent {
            consent: consent.clone(),
            person: *person,
            authorisation: paper.filter(|_| everyone.contains(consent)),
        });
        let act = desk.law.submission(consents.collect());
        sent.push(desk.act(tx, id, act).await?.case);
    }
    Ok(sent)
}

/// Nobody's consent is taken for granted, also where only a part of a joint service
/// asks for it.
fn all_given(asked: &[ConsentAsked], given: &BTreeSet<(Slug, PersonId)>) -> Result<()> {
    let each = asked.iter().flat_map(|one| {
        let people = one.by.iter();
        people.map(|who| (one.consent.clone(), who.person))
    });
    let lacking: Vec<(Slug, PersonId)> = each.filter(|one| !given.contains(one)).collect();
    let names: BTreeSet<&str> = lacking.iter().map(|(one, _)| one.as_str()).collect();
    match lacking.len() {
        0 => Ok(()),
        count => Err(AppError::refused(engine_case::Refusal::ConsentMissing {
            count,
            consents: names.into_iter().collect::<Vec<_>>().join("、"),
        })),
    }
}

/// The household's signed consent to be looked up, children signed for by the
/// applicant.
async fn authorise(
    tx: &mut Tx,
    desk: &Desk,
    home: &Home,
    case: CaseId,
    signers: &BTreeSet<PersonId>,
) -> Result<Option<AuthorisationId>> {
    if signers.is_empty() {
        return Ok(None);
    }
    let on = desk.now.today();
    let mut signatures = BTreeMap::new();
    for member in &home.members {
        let (by, capacity) = match member.adult() {
            true if signers.contains(&member.person) => (member.person, Capacity::Own),
            false if signers.contains(&home.applicant) => (home.applicant, Capacity::Guardian),
            _ => continue,
        };
        signatures.insert(member.person, Signature { by, capacity, on });
    }
    let signing = Signing {
        case,
        signatures,
        scope: Scope::All,
        from: on,
        to: add_days(on, AUTHORISED_DAYS).unwrap_or(Date::MAX),
    };
    sign(tx, &desk.context, &signing, desk.now).await.map(Some)
}
