//! 「经办台」 The one way every act on a case goes.

use super::people::People;
use super::{rights, tell};
use crate::{App, AppError, Context, Law, Result};
use engine_access::{Permit, Purpose, Record};
use engine_case::{
    Act, Case, Cause, Command, Config, Event, Phase, Proposal, ServiceFlow, What, decide,
};
use kernel::{Actor, CaseId, DecisionId, DocumentId, Now};
use serde::{Deserialize, Serialize};
use store::{Loaded, Reply, Tx};

/// What an act on a case gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handled {
    /// The case.
    pub case: CaseId,
    /// Its version after the act.
    pub version: i64,
    /// Where it stands.
    pub phase: Phase,
    /// The same in the words of a person.
    pub stage: String,
    /// The decision, if the act was one.
    pub decision: Option<DecisionId>,
    /// Notices written.
    pub notices: Vec<DocumentId>,
}

/// What one transaction needs; owned, because it may run again.
#[derive(Clone)]
pub(crate) struct Desk {
    /// The law in force; after [`Desk::under`], the one the case is pinned to.
    pub(crate) law: Law,
    /// The whole house, for the laws of other days.
    pub(super) app: App,
    pub(crate) context: Context,
    pub(crate) now: Now,
}

impl App {
    pub(crate) fn desk(&self, context: &Context) -> Desk {
        Desk {
            law: self.law.clone(),
            app: self.clone(),
            context: context.clone(),
            now: self.now(),
        }
    }

    /// 办一步 Does one act on a case. Decisions are better made with
    /// [`App::decide_case`], which drafts them from the judgement.
    ///
    /// # Errors
    /// A refusal of access or of the case; the store's.
    pub async fn on_case(
        &self,
        context: &Context,
        case: CaseId,
        act: Act,
    ) -> Result<Reply<Handled>> {
        if let Some(says) = has_its_own_way(&act) {
            return Err(AppError::BadInput(says.to_owned()));
        }
        self.any_act(context, case, act).await
    }

    pub(super) async fn any_act(
        &self,
        context: &Context,
        case: CaseId,
        act: Act,
    ) -> Result<Reply<Handled>> {
        let key = context.key("case.act", &(case, &act))?;
        let desk = self.desk(context);
        self.db
            .write(async move |tx| {
                let act = act.clone();
                let does = async |tx: &mut Tx| desk.act(tx, case, act).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }
}

impl Desk {
    /// One act on a case that exists.
    pub(crate) async fn act(&self, tx: &mut Tx, case: CaseId, act: Act) -> Result<Handled> {
        let loaded = tx.case(case).await?;
        self.act_on(tx, loaded, act).await
    }

    /// One act on a case as loaded (version 0: one that is being opened).
    pub(super) async fn act_on(
        &self,
        tx: &mut Tx,
        loaded: Loaded<Case>,
        act: Act,
    ) -> Result<Handled> {
        let desk = self.under(&loaded.state)?;
        desk.act_under(tx, loaded, act).await
    }

    /// This desk under the law the case is pinned to: a new law, form or flow does
    /// not touch a running case.
    pub(crate) fn under(&self, case: &Case) -> Result<Desk> {
        let mut desk = self.clone();
        if let Some(pinned) = &case.pinned {
            let law = self.app.law_of(&pinned.pack).cloned();
            desk.law = law.ok_or_else(|| {
                let says = "办件按规则包 {} 办理，这个规则包没有装入。请装入后再办";
                AppError::Fault(says.replace("{}", &pinned.pack))
            })?;
        }
        Ok(desk)
    }

    async fn act_under(&self, tx: &mut Tx, loaded: Loaded<Case>, act: Act) -> Result<Handled> {
        let mut case = loaded.state;
        let people = self.people(tx, &case, &act).await?;
        self.may(tx, &case, &people, &act).await?;
        self.not_by_hand(&case, &act)?;
        self.not_by_suspended_law(tx, &case, &act).await?;
        let name = rights::name(&act);
        let ruling = matches!(&act, Act::Decide { .. } | Act::Intend(_));
        let granting = matches!(
            &act,
            Act::Decide {
                proposal: Proposal::Grant { .. },
                ..
            }
        );
        let held = match ruling {
            true => self.held(tx, &case).await?,
            false => Vec::new(),
        };
        let flow = self.flow(&case, &act)?;
        let config = Config {
            flow,
            calendar: self.calendar(),
            relatives: &people.relatives,
            held: &held,
        };
        let by = self.context.actor.clone();
        let events = decide(&case, Command { by, act }, &config, self.now);
        let events = events.map_err(AppError::refused)?;
        events.iter().for_each(|event| case.apply(event));
        let stage = case.stage(flow).label().to_owned();
        let (actor, now) = (&self.context.actor, self.now);
        let version = match loaded.version {
            0 => {
                tx.create_case(&case, &events, actor, now).await?;
                events.len() as i64
            }
            version => tx.save_case(version, &case, &events, actor, now).await?,
        };
        let id = case_id(&case)?;
        let subject = format!("case:{id}");
        self.context
            .record(tx, name, &subject, &events, now)
            .await?;
        let notices = tell::follow(self, tx, &case, &people, &events).await?;
        let handled = Handled {
            case: id,
            version,
            phase: case.phase,
            stage,
            decision: decision_of(&events),
            notices,
        };
        crate::hook::of_case(tx, &self.app.law, &case, &events, now).await?;
        if events.iter().any(changes_standing) {
            crate::payment::follow_case(tx, &self.law, &case, &self.context.actor, now).await?;
        }
        if granting {
            self.others_give_way(tx, &case).await?;
        }
        if events.iter().any(ends_part) {
            self.carry(tx, &case).await?;
        }
        Ok(handled)
    }

    /// Nothing is decided any more on a judgement by a version put out of force. What
    /// rests on conduct or a death does not rest on a judgement.
    async fn not_by_suspended_law(&self, tx: &mut Tx, case: &Case, act: &Act) -> Result<()> {
        let draft = match act {
            Act::Decide { proposal, .. } => match proposal {
                Proposal::Adverse(draft) => Some(draft),
                Proposal::Grant { .. } | Proposal::Keep { .. } => None,
            },
            Act::Intend(draft) => Some(draft),
            _ => return Ok(()),
        };
        let rests = draft.is_none_or(|draft| draft.cause == Cause::Conditions);
        let (Some(judgement), true) = (&case.judgement, rests) else {
            return Ok(());
        };
        let certificate = Desk::certified(tx, &judgement.certificate).await?;
        match self.app.is_suspended(&certificate.pack_hash) {
            true => Err(AppError::refused(engine_case::Refusal::LawSuspended)),
            false => Ok(()),
        }
    }

    /// Whether the actor, and everyone the act names as having gone along, may.
    async fn may(&self, tx: &mut Tx, case: &Case, people: &People, act: &Act) -> Result<()> {
        let flow = self.flow(case, act)?;
        let action = rights::action(act, &self.context.actor, flow);
        self.permit(tx, &self.context.actor, action, case, people)
            .await?;
        if let Act::Survey { surveyors, .. } = act {
            for surveyor in surveyors {
                self.permit(tx, surveyor, action, case, people).await?;
            }
        }
        Ok(())
    }

    /// Asks access for one actor. A purpose that names a case names this one.
    pub(super) async fn permit(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        action: engine_access::Action,
        case: &Case,
        people: &People,
    ) -> Result<Permit> {
        let context = Context {
            actor: actor.clone(),
            ..self.context.clone()
        };
        let opened = case.opened.as_ref().map(|opened| opened.case);
        if let (Purpose::Case(named), Some(id)) = (&context.purpose, opened)
            && *named != id
        {
            return Err(AppError::refused(engine_access::Refusal::Purpose));
        }
        let record = Record {
            region: Some(people.region),
            subjects: people.subjects.clone(),
            state: rights::state(case.phase),
            level: rights::level(action),
        };
        context
            .authorise(tx, action, record, &people.relatives, self.now)
            .await
    }

    /// The whole house.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// Which days people work: a fact of today, whatever law the case is under.
    pub(crate) fn calendar(&self) -> &kernel::WorkCalendar {
        self.app.law().pack.calendar()
    }

    /// The flow of the desk's law: call it on a desk [`Desk::under`] the case's.
    pub(crate) fn flow(&self, case: &Case, act: &Act) -> Result<&ServiceFlow> {
        let pack = &self.law.pack;
        let service = match (&case.opened, act) {
            (Some(opened), _) | (None, Act::Open(opened)) => &opened.service,
            (None, _) => return Err(AppError::BadInput("还没有这个办件".to_owned())),
        };
        let flow = pack.flow(service.as_str());
        let flow = flow.ok_or_else(|| AppError::BadInput(format!("没有“{service}”这项服务")))?;
        Ok(flow)
    }
}

/// Acts whose content the house fills in itself: nobody hands in a judgement or
/// says which law a case is pinned to.
fn has_its_own_way(act: &Act) -> Option<&'static str> {
    match act {
        Act::Open(_) => Some("建立办件请用 open_case：家庭成员以底册为准"),
        Act::Submit { .. } => Some("提交请用 submit_case：规则版本以装入的规则包为准"),
        Act::GiveWay { .. } => Some("让位随另一项的给予一起办：请用 decide_case 给予那一项"),
        Act::Judge(_) => Some("判断请用 judge_case：结论由系统按事实得出，不能填写"),
        _ => None,
    }
}

pub(super) fn case_id(case: &Case) -> Result<CaseId> {
    let opened = case.opened.as_ref().map(|opened| opened.case);
    opened.ok_or_else(|| AppError::Fault("a case that was never opened".to_owned()))
}

fn decision_of(events: &[Event]) -> Option<DecisionId> {
    events.iter().find_map(|event| match &event.what {
        What::Decided(decision) => Some(decision.id),
        _ => None,
    })
}

/// Whether it may be what a joint case waits for.
fn ends_part(event: &Event) -> bool {
    let withdrawn = What::PhaseChanged {
        phase: Phase::Withdrawn,
    };
    matches!(event.what, What::Decided(_)) || event.what == withdrawn
}

fn changes_standing(event: &Event) -> bool {
    matches!(
        event.what,
        What::Decided(_)
            | What::EffectPaused { .. }
            | What::EffectResumed { .. }
            | What::Revoked { .. }
            | What::GivenUp { .. }
            | What::GaveWay { .. }
    )
}
