//! 「我的一件事」 One case as its household reads it: where it stands, what was found,
//! the result with the sum, why and why not with the article, what can still be
//! done and until when.

use super::check::{Reason, reasons};
use super::progress::{ahead, happened, kind_words, part_name};
use crate::attachment::{FileLine, files_of};
use crate::case::{Desk, FILE};
use crate::{App, Context, Result};
use engine_access::Permit;
use engine_case::{
    AdverseDraft, AppealWay, Case, Cause, Decision, MissingPaper, Outcome, PartResult, Phase,
    ServiceFlow,
};
use engine_policy::{Certificate, Every};
use kernel::{Actor, CaseId, Date, DecisionId, FieldLevel, Money, Period, PersonId, Role, Slug};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterSlice, Tx};

/// A case as its household reads it.
#[derive(Clone, Debug)]
pub struct CaseTold {
    /// The case.
    pub case: CaseId,
    /// The service.
    pub service: Slug,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub phase: Phase,
    /// The same in words.
    pub stage: &'static str,
    /// Who asks.
    pub applicant: String,
    /// For whom, where that is not the applicant.
    pub beneficiary: Option<String>,
    /// The people of the household then.
    pub people: Vec<String>,
    /// The day it was handed in.
    pub submitted: Option<Date>,
    /// The last day for an answer, while there is none.
    pub promised: Option<Date>,
    /// Whether an officer has taken it up: before, the promise counts from then.
    pub accepted: bool,
    /// What happened, oldest first.
    pub happened: Vec<Happened>,
    /// What is being done.
    pub now: Vec<String>,
    /// What comes after.
    pub next: Vec<String>,
    /// What is granted at present.
    pub granted: Option<(Option<Money>, Period)>,
    /// How often it is paid.
    pub every: Option<Every>,
    /// The decision in force.
    pub decision: Option<Resulted>,
    /// Every condition in words, from the certificate.
    pub reasons: Vec<Reason>,
    /// The sum, line by line.
    pub sum: Vec<String>,
    /// Facts still missing, cheapest first.
    pub missing: Vec<String>,
    /// Papers asked for and not handed in yet.
    pub papers: Vec<MissingPaper>,
    /// What was handed in, photographs of surveys among it.
    pub files: Vec<FileLine>,
    /// What the household was asked to do, and until when.
    pub demand: Option<(String, Date)>,
    /// An adverse decision somebody intends.
    pub intent: Option<Adverse>,
    /// Parts of a joint case.
    pub parts: Vec<PartTold>,
    /// Appeals: where, on which day, how it ended.
    pub appeals: Vec<(AppealWay, Date, Option<String>)>,
    /// Who of the office applied for them, how they let them, on which day.
    pub applied_by: Option<(String, String, Date)>,
    /// Whether it can be taken back.
    pub may_withdraw: bool,
    /// What can be printed.
    pub prints: Vec<crate::papers::PaperOffer>,
    /// It concerns a death.
    pub solemn: bool,
}

impl CaseTold {
    /// What an amount is paid in: `元/月`.
    pub fn unit(&self) -> &'static str {
        super::check::unit(self.every)
    }

    /// The conditions that came out so.
    pub fn reasons_that(&self, truth: kernel::Truth) -> Vec<&Reason> {
        let all = self.reasons.iter();
        all.filter(|one| one.truth == truth).collect()
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// The day.
    pub on: Date,
    /// What.
    pub says: String,
    /// More words.
    pub note: Option<String>,
}

/// A decision as its household reads it.
#[derive(Clone, Debug)]
pub struct Resulted {
    /// Which.
    pub decision: DecisionId,
    /// The day it was signed.
    pub on: Date,
    /// The notice as it was sent.
    pub notice: String,
    /// The signer's reasons.
    pub reasons: String,
    /// What is taken away, if anything: `减少金额`.
    pub takes: Option<&'static str>,
    /// Rules that lead to it: sentence and article.
    pub rules: Vec<(String, String)>,
    /// What it rests on: what, whose, of which day.
    pub evidence: Vec<(String, String, Option<Date>)>,
    /// Ways to appeal, in the law's words.
    pub remedy: Vec<String>,
    /// Last day for reconsideration; `None` while the notice is not served.
    pub reconsider_until: Option<Date>,
    /// Last day for the court.
    pub sue_until: Option<Date>,
    /// Whether an appeal holds it up.
    pub paused: bool,
}

/// An adverse decision somebody intends, and the hearing on it.
#[derive(Clone, Debug)]
pub struct Adverse {
    /// What is intended.
    pub what: &'static str,
    /// Rules that lead to it: sentence and article.
    pub rules: Vec<(String, String)>,
    /// Why.
    pub reasons: String,
    /// The notice.
    pub notice: String,
    /// What it rests on.
    pub evidence: Vec<(String, String, Option<Date>)>,
    /// The last day to speak.
    pub until: Option<Date>,
    /// Whether one can still speak.
    pub open: bool,
    /// What was said, and the answer.
    pub points: Vec<(String, Option<String>)>,
}

/// A part of a joint case.
#[derive(Clone, Debug)]
pub struct PartTold {
    /// Its name.
    pub name: String,
    /// Who answers.
    pub department: String,
    /// Our own case for it.
    pub case: Option<CaseId>,
    /// The last day.
    pub due: Option<Date>,
    /// What was answered.
    pub result: Option<PartResult>,
    /// Why, with articles and ways to appeal.
    pub reasons: String,
    /// Articles.
    pub basis: String,
    /// Ways to appeal.
    pub remedy: Vec<String>,
}

impl App {
    /// 看我的一件事 A case as its household reads it; the reading is on record.
    ///
    /// # Errors
    /// A refusal; no such case; the store's.
    pub async fn case_told(&self, ctx: &Context, case: CaseId) -> Result<CaseTold> {
        let desk = self.desk(ctx);
        self.db
            .look(async move |tx| {
                let state = tx.case(case).await?.state;
                let permit = desk.reads(tx, &state, FILE).await?;
                let desk = desk.under(&state)?;
                tell(tx, &desk, case, &state, &permit).await
            })
            .await
    }
}

pub(crate) async fn tell(
    tx: &mut Tx,
    desk: &Desk,
    id: CaseId,
    case: &Case,
    permit: &Permit,
) -> Result<CaseTold> {
    let law = &desk.law;
    let missing = || crate::AppError::BadInput("还没有这个办件".to_owned());
    let opened = case.opened.as_ref().ok_or_else(missing)?;
    let flow = law.pack.flow(opened.service.as_str());
    let flow = flow.ok_or_else(missing)?.clone();
    let people = names(tx, case).await?;
    let name = |person: PersonId| people.get(&person).cloned().unwrap_or_default();
    let certificate = certificate(tx, case).await?;
    let judged = certificate.as_ref().map(|one| &one.judgement);
    let full = permit.level >= FieldLevel::L4;
    let events = tx.case_history(id).await?;
    let today = desk.now.today();
    let (now, next) = ahead(case, &flow);
    let promise = promised(desk, case, &flow);
    let beneficiary = Some(opened.beneficiary).filter(|one| *one != opened.applicant);
    Ok(CaseTold {
        case: id,
        service: opened.service.clone(),
        name: flow.name.clone(),
        phase: case.phase,
        stage: case.stage(&flow).label(),
        applicant: name(opened.applicant),
        beneficiary: beneficiary.map(name),
        people: opened.members.iter().map(|one| name(one.person)).collect(),
        submitted: case.pinned.as_ref().map(|pinned| pinned.on),
        promised: promise,
        accepted: case.deadline(&engine_case::DeadlineFor::Total).is_some(),
        happened: happened(law, &flow, &events),
        now,
        next,
        granted: case.latest().map(|one| (one.amount, one.from)),
        every: law
            .pack
            .rules()
            .benefit(opened.service.as_str())
            .and_then(|one| one.amount.as_ref().map(|rule| rule.every)),
        decision: case.decision().map(|one| resulted(desk, &flow, one)),
        reasons: judged.map_or_else(Vec::new, |one| reasons(one, permit)),
        sum: judged
            .filter(|_| full)
            .map_or_else(Vec::new, |one| one.sum.clone()),
        missing: judged.map_or_else(Vec::new, |one| {
            one.missing.iter().map(|fact| fact.label.clone()).collect()
        }),
        papers: papers(case),
        files: files_of(tx, &law.pack, case).await?,
        demand: case
            .demand
            .as_ref()
            .filter(|one| !one.done)
            .map(|one| (one.asks.clone(), one.until)),
        intent: case.intent.as_ref().map(|one| intended(one, today)),
        parts: parts(desk, case, &flow),
        appeals: appeals(case),
        applied_by: applied_by(tx, id).await?,
        may_withdraw: may_withdraw(case, &desk.context.actor),
        prints: crate::papers::offers(tx, id, case).await?,
        solemn: concerns_a_death(case),
    })
}

/// Before a decision, and by whoever asked or whom it is for: the engine says the same.
fn may_withdraw(case: &Case, actor: &Actor) -> bool {
    let open = matches!(
        case.phase,
        Phase::Draft | Phase::Submitted | Phase::Returned | Phase::Handling
    );
    let theirs = case.opened.as_ref().is_none_or(|one| {
        let askers = [one.applicant, one.beneficiary];
        actor.person.is_some_and(|person| askers.contains(&person))
    });
    open && (theirs || actor.role == Role::Agent)
}

async fn applied_by(tx: &mut Tx, id: CaseId) -> Result<Option<(String, String, Date)>> {
    let Some(mandate) = tx.mandate(id).await? else {
        return Ok(None);
    };
    let login = tx.login(&mandate.by.account).await?;
    let name = login.map_or(mandate.by.account, |one| one.name);
    let on = kernel::Now { at: mandate.at }.today();
    Ok(Some((name, mandate.how, on)))
}

pub(crate) async fn names(tx: &mut Tx, case: &Case) -> Result<BTreeMap<PersonId, String>> {
    let opened = case.opened.iter();
    let people: BTreeSet<PersonId> = opened
        .flat_map(|one| {
            let members = one.members.iter().map(|member| member.person);
            members.chain([one.applicant, one.beneficiary])
        })
        .collect();
    let slice = RegisterSlice {
        people,
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let config = engine_registry::Config::default();
    let named = register.people.values();
    Ok(named
        .filter_map(|one| Some((one.id, one.name(&config)?.to_string())))
        .collect())
}

/// The judgement on file, or the one the decision was made on.
async fn certificate(tx: &mut Tx, case: &Case) -> Result<Option<Certificate>> {
    let decided = case.decision().and_then(|one| one.certificate.as_deref());
    let on_file = case.judgement.as_ref().map(|one| one.certificate.as_str());
    match on_file.or(decided) {
        Some(digest) => Desk::certified(tx, digest).await.map(Some),
        None => Ok(None),
    }
}

/// The last day for an answer: as it runs, or as it would from the day of handing in.
fn promised(desk: &Desk, case: &Case, flow: &ServiceFlow) -> Option<Date> {
    let total = case.deadline(&engine_case::DeadlineFor::Total);
    match (total, case.phase) {
        (Some(total), _) => Some(total.due).filter(|_| total.met.is_none()),
        (None, Phase::Submitted) => {
            let from = case.pinned.as_ref()?.on;
            let calendar = desk.calendar();
            flow.total?.last_day(from, calendar).ok()
        }
        _ => None,
    }
}

fn rules(draft: &AdverseDraft) -> Vec<(String, String)> {
    let rules = draft.rules.iter();
    rules
        .map(|one| (one.says.clone(), one.basis.clone()))
        .collect()
}

fn evidence(draft: &AdverseDraft) -> Vec<(String, String, Option<Date>)> {
    let evidence = draft.evidence.iter();
    evidence
        .map(|one| (one.what.clone(), one.source.clone(), one.as_of))
        .collect()
}

fn resulted(desk: &Desk, flow: &ServiceFlow, decision: &Decision) -> Resulted {
    let calendar = desk.calendar();
    let until = |span: engine_case::Span| {
        let served = decision.served?;
        span.last_day(served, calendar).ok()
    };
    let on = kernel::Now {
        at: decision.signed.at(),
    };
    let mut told = Resulted {
        decision: decision.id,
        on: on.today(),
        notice: String::new(),
        reasons: String::new(),
        takes: None,
        rules: Vec::new(),
        evidence: Vec::new(),
        remedy: Vec::new(),
        reconsider_until: until(flow.appeal.reconsideration),
        sue_until: until(flow.appeal.litigation),
        paused: decision.paused,
    };
    match &decision.outcome {
        Outcome::Granted(grant) => {
            told.notice = grant.notice.text.clone();
            told.reasons = grant.reasons.clone();
            told.remedy = grant.notice.remedy.clone();
        }
        Outcome::Kept { reasons, .. } => told.reasons = reasons.clone(),
        Outcome::Adverse(adverse) => {
            let draft = adverse.draft();
            told.takes = Some(kind_words(draft.kind));
            told.notice = draft.notice.text.clone();
            told.reasons = draft.reasons.clone();
            told.rules = rules(draft);
            told.evidence = evidence(draft);
            told.remedy = draft.notice.remedy.clone();
        }
    }
    told
}

fn intended(intent: &engine_case::Intent, today: Date) -> Adverse {
    let draft = &intent.draft;
    let points = intent.points.iter();
    Adverse {
        what: kind_words(draft.kind),
        rules: rules(draft),
        reasons: draft.reasons.clone(),
        notice: draft.notice.text.clone(),
        evidence: evidence(draft),
        until: intent.served.as_ref().map(|one| one.until),
        open: intent.open_on(today),
        points: points
            .map(|one| {
                let answer = one.answer.as_ref().map(|answer| answer.text.clone());
                (one.said.clone(), answer)
            })
            .collect(),
    }
}

fn parts(desk: &Desk, case: &Case, flow: &ServiceFlow) -> Vec<PartTold> {
    let part = |(id, state): (&Slug, &engine_case::PartState)| {
        let answer = state.answer.as_ref();
        let due = case.deadline(&engine_case::DeadlineFor::Part(id.clone()));
        PartTold {
            name: part_name(&desk.law, flow, id),
            department: super::known::department_name(&desk.law, &state.department),
            case: state.case,
            due: due.filter(|one| one.met.is_none()).map(|one| one.due),
            result: answer.map(|one| one.result),
            reasons: answer.map(|one| one.reasons.clone()).unwrap_or_default(),
            basis: answer.map(|one| one.basis.clone()).unwrap_or_default(),
            remedy: answer.map(|one| one.remedy.clone()).unwrap_or_default(),
        }
    };
    case.parts.iter().map(part).collect()
}

fn papers(case: &Case) -> Vec<MissingPaper> {
    let notice = case.one_time_notice.iter().flatten();
    let lacking = notice.filter(|one| !case.papers.iter().any(|paper| paper.kind == one.kind));
    lacking.cloned().collect()
}

fn appeals(case: &Case) -> Vec<(AppealWay, Date, Option<String>)> {
    let appeals = case.appeals.iter();
    appeals
        .map(|one| {
            let ended = one.ended.as_ref().map(|end| end.says.clone());
            (one.way, one.filed_on, ended)
        })
        .collect()
}

/// Whether anything decided or intended in it is because somebody died.
pub(super) fn concerns_a_death(case: &Case) -> bool {
    let decided = case.decisions.iter().filter_map(Decision::adverse);
    let drafts = decided.map(engine_case::AdverseDecision::draft);
    let intended = case.intent.iter().map(|one| &one.draft);
    drafts
        .chain(intended)
        .any(|draft| draft.cause == Cause::Death)
}
