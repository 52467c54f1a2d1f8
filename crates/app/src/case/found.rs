//! 「免申即享」 What nobody needs to apply for: the house opens the case on the ground
//! of a finding, looks up what may be looked up without being asked, and puts its
//! judgement on the file. A person decides, here as everywhere; and whoever is found
//! may decline. One person, one benefit: a second run opens nothing twice, and what
//! was declined or refused is not opened again by itself.

use super::desk::{Desk, Handled};
use super::open::OpenCase;
use crate::screen::look_up;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_case::{Act, Case, Channel, Phase, StepKind};
use engine_policy::{Certificate, Finding, Household, Member, Source, WrittenEntry};
use kernel::{CaseId, FindingId, HouseholdId, PersonId, Slug, VerificationId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Found, RegisterSlice, Reply, Tx};

/// A case of somebody who was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundCase {
    /// The case.
    pub case: CaseId,
    /// For whom.
    pub person: PersonId,
    /// The household.
    pub household: HouseholdId,
    /// Whether it was opened just now; otherwise it was there already.
    pub opened: bool,
    /// Where it stands.
    pub phase: Phase,
}

impl App {
    /// 找到就办 Opens and submits a case for those the latest screening found owed a
    /// service nobody needs to apply for, at most `most`, in the findings' order;
    /// those who have a case already are given with it.
    ///
    /// # Errors
    /// The service must be applied for; a refusal; the store's.
    pub async fn open_found(
        &self,
        context: &Context,
        service: &Slug,
        most: usize,
    ) -> Result<Vec<FoundCase>> {
        let needs = self.law.pack.service(service.as_str());
        if needs.is_none_or(|one| one.needs_application) {
            let says = format!("“{service}”要本人申请，不能替人建立");
            return Err(AppError::BadInput(says));
        }
        let wanted = service.clone();
        let found = self
            .db
            .read(async move |tx| match tx.latest_screening().await? {
                None => Ok(Vec::new()),
                Some(run) => {
                    let kind = Finding::FoundNotReceiving;
                    tx.findings(run.id, &wanted, kind, FindingId(0), u32::MAX)
                        .await
                }
            });
        let mut cases = Vec::new();
        for (finding, row) in found.await?.into_iter().take(most) {
            let desk = self.desk(context);
            let open = async move |tx: &mut Tx| desk.open_found(tx, finding, &row).await;
            cases.push(self.db.write(open).await?);
        }
        Ok(cases)
    }

    /// 免授权核对 Does the check of such a case, from what lies in the pool and may be
    /// read to find people, and judges by it. Nobody is asked, no authorisation is
    /// needed, and nothing else is read.
    ///
    /// # Errors
    /// The service must be applied for; a refusal; the store's.
    pub async fn check_found(&self, context: &Context, case: CaseId) -> Result<Reply<Handled>> {
        let key = context.key("case.check_found", &case)?;
        let desk = self.desk(context);
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| desk.check_found(tx, case).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }
}

impl Desk {
    async fn open_found(&self, tx: &mut Tx, finding: FindingId, row: &Found) -> Result<FoundCase> {
        let person = match row.person {
            Some(person) => person,
            None => self.head(tx, row.household).await?,
        };
        let told = |case: CaseId, phase, opened| FoundCase {
            case,
            person,
            household: row.household,
            opened,
            phase,
        };
        for id in tx.cases_of_household(row.household).await? {
            let earlier = tx.case(id).await?.state;
            if self.same_matter(&earlier, &row.benefit, row.person) && !may_begin_anew(&earlier) {
                return Ok(told(id, earlier.phase, false));
            }
        }
        let open = OpenCase {
            service: row.benefit.clone(),
            applicant: person,
            beneficiary: Some(person),
            household: row.household,
            channel: Channel::Found,
        };
        let case = self.open(tx, open, None).await?.case;
        let subject = format!("case:{case}");
        self.context
            .record(
                tx,
                "case.ground",
                &subject,
                &(finding, row.amount),
                self.now,
            )
            .await?;
        // Nobody consents to anything: nothing is read that would need it.
        let submit = self.law.submission(Vec::new());
        let handled = self.act(tx, case, submit).await?;
        Ok(told(case, handled.phase, true))
    }

    fn same_matter(&self, case: &Case, service: &Slug, person: Option<PersonId>) -> bool {
        case.opened.as_ref().is_some_and(|opened| {
            opened.service == *service && person.is_none_or(|one| one == opened.beneficiary)
        })
    }

    async fn head(&self, tx: &mut Tx, household: HouseholdId) -> Result<PersonId> {
        let slice = RegisterSlice {
            households: BTreeSet::from([household]),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let home = register.households.get(&household);
        let head = home.and_then(|home| home.head_on(self.now.today()));
        head.ok_or_else(|| AppError::BadInput(format!("底册里第 {household} 户没有户主")))
    }

    async fn check_found(&self, tx: &mut Tx, id: CaseId) -> Result<Handled> {
        let case = tx.case(id).await?.state;
        let desk = self.under(&case)?;
        let people = desk.people(tx, &case, &Act::Waive).await?;
        desk.permit(tx, &desk.context.actor, Action::Verify, &case, &people)
            .await?;
        let flow = desk.flow(&case, &Act::Waive)?;
        if flow.needs_application {
            let says = "这项服务要先有全家签字的授权才能核对".to_owned();
            return Err(AppError::BadInput(says));
        }
        let step = flow.step_of(StepKind::Verify).map(|step| step.id.clone());
        let household = desk.pool_facts(tx, &case).await?;
        if let Some(step) = step {
            let certificate = desk.certify(&case, &household, desk.now.today())?;
            let says = desk.looked_at(&certificate);
            let verification = VerificationId(tx.next_id("verification").await?);
            let start = Act::StartVerification {
                step: step.clone(),
                verification,
            };
            desk.act(tx, id, start).await?;
            let finish = Act::FinishVerification {
                step,
                verification,
                says,
            };
            desk.act(tx, id, finish).await?;
        }
        desk.judge(tx, id, household).await
    }

    /// What may be known of the case's members without asking, in the case's order.
    async fn pool_facts(&self, tx: &mut Tx, case: &Case) -> Result<Household> {
        let opened = case.opened.as_ref();
        let opened = opened.ok_or_else(|| AppError::BadInput("还没有这个办件".to_owned()))?;
        let day = self.now.today();
        let mut found = look_up(tx, &self.law, opened.household, day).await?;
        let members = opened.members.iter().map(|member| {
            let place = found.people.iter().position(|one| *one == member.person);
            let facts = place.and_then(|place| found.household.members.get_mut(place));
            // Whom no department knows by a number: nothing is known, nothing is assumed.
            facts.map_or_else(Member::default, std::mem::take)
        });
        let members = members.collect();
        Ok(Household {
            members,
            ..found.household
        })
    }

    /// What the check looked at, in words.
    fn looked_at(&self, certificate: &Certificate) -> String {
        let mut categories = BTreeSet::new();
        let (mut known, mut missing) = (0, 0);
        let members = certificate.members.iter().map(|member| &member.facts);
        for facts in members.chain([&certificate.household]) {
            for entry in facts.values() {
                match entry {
                    WrittenEntry::Known { source, .. } => {
                        known += 1;
                        if let Source::Department { category, .. } = source {
                            categories.insert(category.clone());
                        }
                    }
                    WrittenEntry::Missing(_) => missing += 1,
                }
            }
        }
        let catalogue = &self.law.pack.data().catalogue;
        let name = |id: &Slug| catalogue.category(id).map(|one| one.name.clone());
        let names: Vec<String> = categories.iter().filter_map(name).collect();
        format!(
            "查了允许主动发现使用的 {} 类：{}；{known} 项有答复，{missing} 项没有",
            names.len(),
            names.join("、")
        )
    }
}

/// Whether a finding may open the matter once more: only after something stopped that
/// the person had not given up.
fn may_begin_anew(earlier: &Case) -> bool {
    earlier.phase == Phase::Stopped && earlier.given_up.is_none()
}
