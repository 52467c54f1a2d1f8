//! 「您的决定」 What this person may do in this case now. Every act is tried on the
//! case engine with words filled in: what it refuses for another phase or role is
//! not offered, what it refuses for a reason is shown with the reason.

use super::Reading;
use super::aside::yes_no;
use crate::case::rights;
use crate::{AppError, Refused, Result};
use engine_case::{
    Act, Case, Command, Config, MissingPaper, Proposal, Step, StepKind, StepStatus, decide,
};
use kernel::Slug;
use store::Tx;

/// Stands for words somebody still has to write.
pub(super) const PROBE: &str = "试";

/// Something that may be done.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Which: a verb, and after a dot what of.
    pub id: String,
    /// A few words to choose it by.
    pub label: String,
    /// What the button says.
    pub button: String,
    /// What must be written.
    pub asks: Vec<Asks>,
    /// Whether it is a decision: then whoever signs proves who they are.
    pub is_decision: bool,
    /// Why it cannot be done yet.
    pub hindrance: Option<Refused>,
    /// What the household will read.
    pub preview: Option<Preview>,
}

/// A notice as drafted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Its words.
    pub text: String,
    /// Ways to appeal.
    pub remedy: Vec<String>,
}

/// One field of the form of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asks {
    /// Its name in the form.
    pub name: String,
    /// Its label.
    pub label: String,
    /// How it is answered.
    pub kind: AskKind,
    /// What stands in it at first.
    pub value: String,
}

/// How a field is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskKind {
    /// Several lines.
    Words,
    /// One line.
    Line,
    /// A day.
    Day,
    /// One of these: value and words.
    One(Vec<(String, String)>),
    /// Some of these.
    Some(Vec<(String, String)>),
}

impl Asks {
    pub(super) fn new(name: impl Into<String>, label: impl Into<String>, kind: AskKind) -> Asks {
        Asks {
            name: name.into(),
            label: label.into(),
            kind,
            value: String::new(),
        }
    }

    pub(super) fn words(name: &str, label: impl Into<String>) -> Asks {
        Asks::new(name, label, AskKind::Words)
    }

    pub(super) fn with(mut self, value: impl Into<String>) -> Asks {
        self.value = value.into();
        self
    }
}

/// Whether an offer is a decision, or one intended: signed by who has proved who
/// they are.
pub fn is_decision(offer: &str) -> bool {
    let verb = offer.split('.').next().unwrap_or_default();
    matches!(verb, "grant" | "keep" | "intend") || super::rulings::kind_of(verb).is_some()
}

impl Offer {
    pub(super) fn new(id: impl Into<String>, label: &str, asks: Vec<Asks>) -> Offer {
        let id = id.into();
        Offer {
            is_decision: is_decision(&id),
            id,
            label: label.to_owned(),
            button: label.to_owned(),
            asks,
            hindrance: None,
            preview: None,
        }
    }
}

impl Reading<'_> {
    pub(super) async fn offers(&self, tx: &mut Tx) -> Result<Vec<Offer>> {
        let mut offers = Vec::new();
        for step in self.flow()?.steps.clone() {
            match step.kind {
                StepKind::Accept => self.accepting(tx, &mut offers).await?,
                StepKind::Verify => {
                    self.taking_over(tx, &step, &mut offers).await?;
                    self.authorising(tx, &step, &mut offers).await?;
                    self.differing(tx, &mut offers).await?;
                    self.finishing(tx, &step, &mut offers).await?;
                }
                StepKind::Review => self.reviewing(tx, &step, &mut offers).await?,
                StepKind::Publicity => self.publicising(tx, &step, &mut offers).await?,
                StepKind::Decide => self.rulings(tx, &mut offers).await?,
                StepKind::Joint => self.joining(tx, &step, &mut offers).await?,
                // Each who went signs with their own account, on pages of their own.
                StepKind::Survey | StepKind::Pay => {}
            }
        }
        self.beside(tx, &mut offers).await?;
        Ok(offers)
    }

    /// Tries an act: `None` when it is not for now or not for this person.
    pub(super) async fn tries(&self, tx: &mut Tx, act: Act) -> Result<Option<Option<Refused>>> {
        let actor = &self.desk.context.actor;
        let action = rights::action(&act, actor, self.flow()?);
        let permit = self
            .desk
            .permit(tx, actor, action, self.case, self.people)
            .await;
        match permit {
            Ok(_) => {}
            Err(AppError::Refused(_)) => return Ok(None),
            Err(other) => return Err(other),
        }
        let granting = matches!(
            &act,
            Act::Decide {
                proposal: Proposal::Grant { .. },
                ..
            }
        );
        let held = match granting {
            true => self.desk.held(tx, self.case).await?,
            false => Vec::new(),
        };
        let config = Config {
            held: &held,
            flow: self.flow()?,
            calendar: self.desk.app.law().pack.calendar(),
            relatives: &self.people.relatives,
        };
        let by = actor.clone();
        let tried = decide(self.case, Command { by, act }, &config, self.desk.now);
        Ok(match tried.map_err(AppError::refused) {
            Ok(_) => Some(None),
            Err(AppError::Refused(refused)) if is_for_now(&refused) => {
                Some(Some(self.in_words(refused)))
            }
            Err(_) => None,
        })
    }

    /// Facts are named to people by their labels, each once.
    fn in_words(&self, refused: Refused) -> Refused {
        let missing = self.case.judgement.iter().flat_map(|one| &one.missing);
        let rules = self.desk.law.pack.rules();
        let mut labels: Vec<String> = Vec::new();
        for fact in missing {
            let rule = rules.fact(fact.as_str());
            let label = rule.map_or_else(|| fact.to_string(), |rule| rule.decl.label.clone());
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        if refused.code != "case.undetermined" || labels.is_empty() {
            return refused;
        }
        let missing = labels.join("、");
        match AppError::refused(engine_case::Refusal::Undetermined { missing }) {
            AppError::Refused(said) => said,
            _ => refused,
        }
    }

    pub(super) async fn offer(
        &self,
        tx: &mut Tx,
        offers: &mut Vec<Offer>,
        act: Act,
        offer: Offer,
    ) -> Result<()> {
        if let Some(hindrance) = self.tries(tx, act).await? {
            offers.push(Offer { hindrance, ..offer });
        }
        Ok(())
    }

    async fn accepting(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        let lacking: Vec<&str> = self.lacking().map(|one| one.name.as_str()).collect();
        let tolerate = (!lacking.is_empty()).then(|| PROBE.to_owned());
        let asks = match lacking.is_empty() {
            true => Vec::new(),
            false => vec![Asks::words(
                "tolerate",
                format!("还缺{}，为什么先受理", lacking.join("、")),
            )],
        };
        let offer = Offer::new("accept", "受理", asks);
        self.offer(tx, offers, Act::Accept { tolerate }, offer)
            .await?;
        let papers = papers(&self.desk.law.pack, self.case);
        if papers.is_empty() {
            return Ok(());
        }
        let choices = papers
            .iter()
            .map(|one| (one.kind.to_string(), one.name.clone()));
        let asks = Asks::new(
            "paper",
            "缺哪几样，一次说全",
            AskKind::Some(choices.collect()),
        );
        let offer = Offer::new("return", "请他补材料", vec![asks]);
        let missing = papers.into_iter().take(1).collect();
        self.offer(tx, offers, Act::Return { missing }, offer).await
    }

    /// Papers of the one-time notice that did not come.
    pub(super) fn lacking(&self) -> impl Iterator<Item = &MissingPaper> {
        let came = |kind: &Slug| self.case.papers.iter().any(|paper| paper.kind == *kind);
        let notice = self.case.one_time_notice.iter().flatten();
        notice.filter(move |one| !came(&one.kind))
    }

    /// The household's paper, before anybody is asked.
    async fn authorising(&self, tx: &mut Tx, step: &Step, offers: &mut Vec<Offer>) -> Result<()> {
        let (Some(opened), true) = (&self.case.opened, self.is_open(step)) else {
            return Ok(());
        };
        if self.desk.checked_together(tx, self.case).await?.is_some() {
            return Ok(());
        }
        let today = self.today();
        let papers = tx.authorisations_of(opened.case).await?;
        if papers.iter().any(|one| one.state.holds_on(today)) {
            return Ok(());
        }
        let record = engine_access::Record {
            region: Some(self.people.region),
            subjects: self.people.subjects.clone(),
            state: rights::state(self.case.phase),
            level: kernel::FieldLevel::L3,
        };
        let (context, relatives) = (&self.desk.context, &self.people.relatives);
        let action = engine_access::Action::Authorise;
        let permit = context
            .authorise(tx, action, record, relatives, self.desk.now)
            .await;
        if permit.is_err() {
            return Ok(());
        }
        let members = opened.members.iter();
        let members = members.map(|one| (one.person.to_string(), self.name(one.person)));
        let kind = AskKind::Some(members.collect());
        let label = "授权书上谁签了字。孩子由申请人代签";
        let offer = Offer::new(
            "authorise",
            "登记授权书",
            vec![Asks::new("signed", label, kind)],
        );
        offers.push(offer);
        Ok(())
    }

    async fn finishing(&self, tx: &mut Tx, step: &Step, offers: &mut Vec<Offer>) -> Result<()> {
        let state = self.case.steps.get(&step.id);
        let Some(verification) = state.and_then(|one| one.verification) else {
            return Ok(());
        };
        let seen = tx.verification(verification).await?.state;
        if engine_pool::report(&seen).is_none() {
            return Ok(());
        }
        let act = Act::FinishVerification {
            step: step.id.clone(),
            verification,
            says: PROBE.to_owned(),
        };
        let offer = Offer::new(format!("finish.{}", step.id), "核对完成", Vec::new());
        self.offer(tx, offers, act, offer).await
    }

    async fn reviewing(&self, tx: &mut Tx, step: &Step, offers: &mut Vec<Offer>) -> Result<()> {
        let act = Act::Review {
            step: step.id.clone(),
            says: PROBE.to_owned(),
        };
        let asks = vec![Asks::words("says", format!("{}怎么写", step.name))];
        let offer = Offer::new(format!("review.{}", step.id), &step.name, asks);
        self.offer(tx, offers, act, offer).await
    }

    async fn publicising(&self, tx: &mut Tx, step: &Step, offers: &mut Vec<Offer>) -> Result<()> {
        let shows = step.shows.iter();
        let act = Act::Publicise {
            step: step.id.clone(),
            shown: shows.map(|id| (id.clone(), PROBE.to_owned())).collect(),
        };
        let asks = step.shows.iter().map(|id| self.shown(id)).collect();
        let offer = Offer::new(format!("publicise.{}", step.id), "开始公示", asks);
        self.offer(tx, offers, act, offer).await?;
        let act = Act::EndPublicity {
            step: step.id.clone(),
        };
        let offer = Offer::new(format!("end_publicity.{}", step.id), "结束公示", Vec::new());
        self.offer(tx, offers, act, offer).await?;
        let says = PROBE.to_owned();
        let asks = vec![Asks::words("says", "有什么异议。提的人可以不留名")];
        let offer = Offer::new("object", "登记异议", asks);
        self.offer(tx, offers, Act::Object { says }, offer).await?;
        for (at, objection) in self.case.objections.iter().enumerate() {
            let act = Act::SettleObjection {
                objection: at,
                upheld: false,
                found: PROBE.to_owned(),
            };
            let asks = vec![
                Asks::words("found", format!("“{}”，查到了什么", objection.says)),
                yes_no("upheld", "这条异议对不对", ("对", "不对")),
            ];
            let offer = Offer::new(format!("settle_objection.{at}"), "答复异议", asks);
            self.offer(tx, offers, act, offer).await?;
        }
        Ok(())
    }

    /// A field of the publicity with what the case knows of it.
    fn shown(&self, id: &Slug) -> Asks {
        let rules = self.desk.law.pack.rules();
        let label = rules.fact(id.as_str()).map(|one| one.decl.label.clone());
        let opened = self.case.opened.as_ref();
        let (words, value) = match id.as_str() {
            "applicant" => ("申请人", Some(self.people.name())),
            "members_count" => (
                "几口人",
                opened.map(|o| format!("{} 口人", o.members.len())),
            ),
            "service" => (
                "事项",
                opened.map(|o| self.desk.app.service_name(&o.service)),
            ),
            "village" => ("住在", Some(self.desk.app.place(self.people.region))),
            "amount" => (
                "金额",
                self.case
                    .judgement
                    .as_ref()
                    .and_then(|one| one.amount)
                    .map(|amount| format!("{amount} 元")),
            ),
            _ => ("公示的内容", None),
        };
        let label = label.unwrap_or_else(|| words.to_owned());
        let name = format!("show.{id}");
        Asks::new(name, label, AskKind::Line).with(value.unwrap_or_default())
    }

    pub(super) fn is_open(&self, step: &Step) -> bool {
        let state = self.case.steps.get(&step.id);
        state.is_some_and(|state| state.status == StepStatus::Open)
    }
}

/// What may be asked for: once a notice was given, only what stood in it.
pub(super) fn papers(pack: &packs::Pack, case: &Case) -> Vec<MissingPaper> {
    if let Some(notice) = &case.one_time_notice {
        return notice.clone();
    }
    let Some(service) = case.opened.as_ref().map(|one| &one.service) else {
        return Vec::new();
    };
    let own = pack.service(service.as_str()).map(|one| &one.documents);
    let documents = own.or_else(|| pack.joint(service.as_str()).map(|one| &one.documents));
    let came = |kind: &Slug| case.papers.iter().any(|paper| paper.kind == *kind);
    let documents = documents.into_iter().flatten();
    documents
        .filter(|one| !came(&one.id))
        .map(|one| MissingPaper {
            kind: one.id.clone(),
            name: one.name.clone(),
            why: one.asks.clone().unwrap_or_default(),
        })
        .collect()
}

/// Whether a refusal tells of something to be done first, rather than of another
/// phase, role or person.
fn is_for_now(refused: &Refused) -> bool {
    !matches!(
        refused.code,
        "case.wrong_phase"
            | "case.wrong_role"
            | "case.not_theirs"
            | "case.no_such_step"
            | "case.step_not_open"
            | "case.nothing_there"
            | "case.not_publicised"
            | "case.not_provided"
            | "case.intent"
            | "case.escalation"
            | "case.demand"
            | "case.wrong_day"
            | "case.too_early"
            | "case.not_a_person"
            | "case.heard_on_another"
            | "case.calendar"
    )
}
