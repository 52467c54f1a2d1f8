//! 「代为申请」 Somebody of the village or town applies for a resident who lets them:
//! how that was said is kept with the case, and the resident sees it. Consent stays
//! with each person: the office only writes down who signed the paper.

mod look;

pub use look::LookAgain;

use super::apply::{ConsentAsked, consents_of};
use super::check::{Someone, discover, someone};
use super::form::{Question, questions};
use super::home::{Home, members};
use crate::attachment::{FileLine, files_of};
use crate::case::{Desk, OpenCase};
use crate::turned::spoken;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Permit, Purpose};
use engine_case::{Case, Channel, Consent, Opened, Phase};
use engine_policy::Finding;
use kernel::{CaseId, FindingId, PersonId, Slug};
use std::collections::BTreeSet;
use store::{AttachedTo, Mandate, RegisterSlice, Reply, Tx};

/// How a resident can let somebody apply for them.
pub const SAID: [(&str, &str); 3] = [
    ("here", "当面说的"),
    ("phone", "电话里说的"),
    ("paper", "写了委托书"),
];

/// A lead as somebody who wants to apply reads it.
#[derive(Clone, Debug)]
pub struct Lead {
    /// The finding.
    pub finding: FindingId,
    /// The service found for them.
    pub service: String,
    /// How people would ask for it.
    pub says: String,
    /// Who would apply.
    pub applicant: String,
    /// Below the county.
    pub place: String,
    /// How many people.
    pub people: usize,
    /// A case for it that is begun or runs.
    pub running: Option<CaseId>,
    /// What the latest data changed in the household, where that is what led here.
    pub changed: Vec<String>,
    /// For what is received and no longer found: what somebody should look at.
    pub look: Option<LookAgain>,
}

/// An application somebody writes for a resident.
#[derive(Clone, Debug)]
pub struct Behalf {
    /// The case.
    pub case: CaseId,
    /// The service.
    pub service: String,
    /// For whom.
    pub applicant: Someone,
    /// The household.
    pub people: Vec<Someone>,
    /// What is asked.
    pub questions: Vec<Question>,
    /// Who must have signed what.
    pub consents: Vec<ConsentAsked>,
    /// How the resident let them.
    pub mandate: Option<Mandate>,
    /// Photographs of papers.
    pub files: Vec<FileLine>,
    /// Whether it can still be written.
    pub draft: bool,
}

impl App {
    /// 看一条线索 A finding, for who may apply for its household.
    ///
    /// # Errors
    /// A refusal; no such finding; the store's.
    pub async fn lead(&self, ctx: &Context, finding: FindingId) -> Result<Lead> {
        let (desk, ctx) = (self.desk(ctx), ctx.clone());
        self.db
            .look(async move |tx| {
                let (found, home) = desk.led_to(tx, finding).await?;
                let subject = format!("household:{}", found.household);
                ctx.record(tx, "lead.read", &subject, &finding, desk.now)
                    .await?;
                let law = desk.app().law();
                let service = law.pack.service(found.service.as_str());
                let name = |who: PersonId| home.name(who);
                let mut running = None;
                for id in tx.cases_of_household(found.household).await? {
                    let case = tx.case(id).await?.state;
                    let same = case.opened.as_ref().is_some_and(|one| {
                        one.service == found.service && one.applicant == found.applicant
                    });
                    if same && !case.is_over() {
                        running = Some(id);
                    }
                }
                Ok(Lead {
                    finding,
                    service: desk.app().service_name(&found.service),
                    says: service.map(|one| one.says.clone()).unwrap_or_default(),
                    applicant: name(found.applicant),
                    place: desk.app().place(home.region),
                    people: home.members.len(),
                    running,
                    changed: match tx.change_behind(finding).await? {
                        Some(change) => spoken(&change.facts, home.permit.level, name),
                        None => Vec::new(),
                    },
                    look: match found.kind {
                        Finding::ReceivingNotFound => Some(desk.look(tx, &found, &home).await?),
                        _ => None,
                    },
                })
            })
            .await
    }

    /// 代为申请 Opens the application a lead speaks of, on the resident's word.
    ///
    /// # Errors
    /// A refusal; it is not said how the resident let them; the store's.
    pub async fn apply_for(
        &self,
        ctx: &Context,
        finding: FindingId,
        said: &str,
    ) -> Result<Reply<CaseId>> {
        let how = SAID.iter().find(|(id, _)| *id == said);
        let how = how.ok_or_else(|| wrong("请选本人是怎样同意您代办的"))?.1;
        let key = ctx.key("case.apply_for", &(finding, how))?;
        let desk = self.desk(ctx);
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| desk.apply_for(tx, finding, how).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 看代办的申请 The form somebody fills in for a resident.
    ///
    /// # Errors
    /// A refusal; no such case; the store's.
    pub async fn behalf(&self, ctx: &Context, case: CaseId) -> Result<Behalf> {
        let desk = self.desk(ctx);
        self.db
            .look(async move |tx| {
                let state = tx.case(case).await?.state;
                let permit = desk.permits(tx, &state, Action::Apply).await?;
                let subject = format!("case:{case}");
                desk.context
                    .record(tx, "case.read_form", &subject, &permit.level, desk.now)
                    .await?;
                desk.behalf(tx, &state, permit).await
            })
            .await
    }

    /// 代交 Hands in what was written for a resident, with the consents signed on paper.
    ///
    /// # Errors
    /// Nobody let them; a consent or the written mandate is missing; a refusal.
    pub async fn submit_for(
        &self,
        ctx: &Context,
        case: CaseId,
        given: BTreeSet<(Slug, PersonId)>,
    ) -> Result<()> {
        let form = self.behalf(ctx, case).await?;
        if !form.draft {
            return Ok(());
        }
        let mandate = form.mandate.as_ref();
        let mandate = mandate.ok_or_else(|| wrong("没有记下本人同意您代办，不能替他交"))?;
        let paper = self.mandate_paper(case).await?;
        if mandate.how == SAID[2].1 && !paper {
            return Err(wrong("请拍下委托书再交"));
        }
        let consents = given.into_iter().map(|(consent, person)| Consent {
            consent,
            person,
            authorisation: None,
        });
        self.submit_case(ctx, case, consents.collect()).await?;
        Ok(())
    }

    async fn mandate_paper(&self, case: CaseId) -> Result<bool> {
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.attachments_of(case).await?);
        let files = self.db.read(read).await?;
        Ok(files.iter().any(|one| one.purpose == AttachedTo::Mandate))
    }
}

fn wrong(says: &str) -> AppError {
    AppError::BadInput(says.to_owned())
}

/// What a finding leads to.
struct LedTo {
    household: kernel::HouseholdId,
    service: Slug,
    applicant: PersonId,
    beneficiary: Option<PersonId>,
    kind: Finding,
}

impl Desk {
    /// The finding's household, opened to who may apply for it on this lead.
    async fn led_to(&self, tx: &mut Tx, finding: FindingId) -> Result<(LedTo, Home)> {
        if self.context.purpose != Purpose::Visit(finding) {
            return Err(AppError::refused(engine_access::Refusal::Purpose));
        }
        let row = tx.finding(finding).await?;
        let today = self.now.today();
        let slice = RegisterSlice {
            households: [row.household].into(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?;
        let household = register.state.households.get(&row.household);
        let region = household.and_then(|one| one.region_on(today));
        let head = household.and_then(|one| one.head_on(today));
        let nobody = || wrong("这一户现在没有人。请先核对底册");
        let applicant = row.person.or(head).ok_or_else(nobody)?;
        let members = members(&register, row.household, today);
        let region = region.ok_or_else(nobody)?;
        let record = engine_access::Record {
            region: Some(region),
            subjects: members.iter().map(|one| one.person).collect(),
            state: engine_access::RecordState::None,
            level: kernel::FieldLevel::L4,
        };
        let permit = self
            .context
            .authorise(tx, Action::Apply, record, &[], self.now)
            .await?;
        let home = Home {
            id: row.household,
            region,
            applicant,
            members,
            permit,
        };
        let led = LedTo {
            household: row.household,
            service: row.benefit,
            applicant,
            beneficiary: row.person,
            kind: row.finding,
        };
        Ok((led, home))
    }

    async fn apply_for(&self, tx: &mut Tx, finding: FindingId, how: &str) -> Result<CaseId> {
        let (found, _) = self.led_to(tx, finding).await?;
        if found.kind == Finding::ReceivingNotFound {
            return Err(wrong("这一项正在领，不用再申请。要改，请镇里复核"));
        }
        let needs = self.law.pack.service(found.service.as_str());
        if !needs.is_some_and(|one| one.needs_application) {
            return Err(wrong("这一项不用申请，会自动办"));
        }
        let open = OpenCase {
            service: found.service,
            applicant: found.applicant,
            beneficiary: found.beneficiary,
            household: found.household,
            channel: Channel::Agent,
        };
        let applicant = open.applicant;
        let opened = self.open(tx, open, None).await?.case;
        self.let_by(tx, opened, applicant, how).await?;
        Ok(opened)
    }

    /// Keeps how a resident let the office apply for them.
    pub(super) async fn let_by(
        &self,
        tx: &mut Tx,
        case: CaseId,
        applicant: PersonId,
        how: &str,
    ) -> Result<()> {
        let mandate = Mandate {
            of: applicant,
            by: self.context.actor.clone(),
            how: how.to_owned(),
            at: self.now.at,
        };
        let subject = format!("case:{case}");
        self.context
            .record(tx, "case.mandate", &subject, &mandate, self.now)
            .await?;
        Ok(tx.keep_mandate(case, &mandate, self.now).await?)
    }

    async fn behalf(&self, tx: &mut Tx, case: &Case, permit: Permit) -> Result<Behalf> {
        let opened = case.opened.as_ref();
        let opened = opened.ok_or_else(|| wrong("还没有这个办件"))?;
        let desk = self.under(case)?;
        let home = home_of(tx, opened, permit, desk.now.today()).await?;
        let standings = tx.pool_standings().await?;
        let known = discover(tx, &desk.law, &home, &standings, desk.now.today()).await?;
        let service = desk.law.pack.service(opened.service.as_str());
        let name = self.app().service_name(&opened.service);
        let fields = service.map_or(&[][..], |one| one.form.fields.as_slice());
        let fields = fields.iter().map(|field| (field, name.as_str()));
        let applicant = home
            .members
            .iter()
            .find(|one| one.person == opened.applicant);
        let applicant = applicant.ok_or_else(|| wrong("申请人不在这个家里了。请先核对底册"))?;
        Ok(Behalf {
            case: opened.case,
            applicant: someone(applicant),
            people: home.members.iter().map(someone).collect(),
            questions: questions(&desk.law, &home, &known, std::slice::from_ref(case), fields),
            consents: consents_of(&desk.law, &home, case),
            mandate: tx.mandate(opened.case).await?,
            files: files_of(tx, &desk.law.pack, case).await?,
            draft: case.phase == Phase::Draft,
            service: name,
        })
    }
}

/// The household of a case as the register has it today.
async fn home_of(
    tx: &mut Tx,
    opened: &Opened,
    permit: Permit,
    today: kernel::Date,
) -> Result<Home> {
    let slice = RegisterSlice {
        households: [opened.household].into(),
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?;
    Ok(Home {
        id: opened.household,
        region: opened.region,
        applicant: opened.applicant,
        members: members(&register, opened.household, today),
        permit,
    })
}

#[cfg(test)]
mod tests;
