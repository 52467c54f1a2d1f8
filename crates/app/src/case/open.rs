//! 「建立与提交」 A case is opened over a household of the register and submitted
//! under the law in force that day.

use super::desk::{Desk, Handled};
use super::people::household;
use crate::{App, AppError, Context, Result};
use engine_case::{Act, Case, Channel, Consent, Member, Opened};
use kernel::{CaseId, HouseholdId, PersonId, Slug, age_on};
use serde::{Deserialize, Serialize};
use store::{Loaded, Reply, Tx};

/// Of age (民法典 第十七条).
const ADULT: u32 = 18;

/// What a case is opened with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCase {
    /// The service asked for.
    pub service: Slug,
    /// Who asks.
    pub applicant: PersonId,
    /// For whom, in a service for persons; `None`: the applicant.
    pub beneficiary: Option<PersonId>,
    /// The household.
    pub household: HouseholdId,
    /// How it came in.
    pub channel: Channel,
}

impl App {
    /// 建立 Opens a case over a household as the register has it today.
    ///
    /// # Errors
    /// A refusal; an unknown household or service; the store's.
    pub async fn open_case(&self, context: &Context, open: OpenCase) -> Result<Reply<Handled>> {
        let key = context.key("case.open", &open)?;
        let desk = self.desk(context);
        self.db
            .write(async move |tx| {
                let open = open.clone();
                let does = async |tx: &mut Tx| desk.open(tx, open, None).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 提交 Submits a case: it is pinned to the law in force.
    ///
    /// # Errors
    /// A refusal, e.g. consents missing; the store's.
    pub async fn submit_case(
        &self,
        context: &Context,
        case: CaseId,
        consents: Vec<Consent>,
    ) -> Result<Reply<Handled>> {
        let act = self.law.submission(consents);
        self.any_act(context, case, act).await
    }
}

impl crate::Law {
    pub(crate) fn submission(&self, consents: Vec<Consent>) -> Act {
        let hash = self.pack.hash();
        let head = self.pack.head().map(|head| head.id.to_string());
        let version = format!(
            "{}@{}",
            head.unwrap_or_default(),
            hash.get(..12).unwrap_or(hash)
        );
        Act::Submit {
            pack: hash.to_owned(),
            version,
            consents,
        }
    }
}

impl Desk {
    /// Opens, submits and accepts a case somebody of the house begins for a household, for
    /// whom and by whom as said: of the dead nobody may be left to ask.
    pub(crate) async fn begin_for(&self, tx: &mut Tx, mut opened: Opened) -> Result<Handled> {
        opened.case = CaseId(tx.next_id("case").await?);
        let case = opened.case;
        let nothing = Loaded {
            state: Case::default(),
            version: 0,
        };
        self.act_on(tx, nothing, Act::Open(opened)).await?;
        let submit = self.law.submission(Vec::new());
        self.act(tx, case, submit).await?;
        let mut desk = self.clone();
        desk.context.purpose = engine_access::Purpose::Case(case);
        desk.act(tx, case, Act::Accept { tolerate: None }).await
    }

    pub(crate) async fn open(
        &self,
        tx: &mut Tx,
        open: OpenCase,
        part_of: Option<(CaseId, Slug)>,
    ) -> Result<Handled> {
        let today = self.now.today();
        let registered = household(tx, open.household, today).await?;
        let members = registered.members.iter().map(|(person, born)| Member {
            person: *person,
            // Unknown age: asked for consent like an adult, never passed over.
            adult: born.is_none_or(|born| age_on(born, today).is_none_or(|age| age >= ADULT)),
        });
        let members: Vec<Member> = members.collect();
        let beneficiary = open.beneficiary.unwrap_or(open.applicant);
        if !members.iter().any(|m| m.person == beneficiary) {
            let says = "要帮的人不在这个家庭里。请核对家庭成员".to_owned();
            return Err(AppError::BadInput(says));
        }
        let opened = Opened {
            case: CaseId(tx.next_id("case").await?),
            service: open.service,
            applicant: open.applicant,
            beneficiary,
            household: open.household,
            members,
            region: registered.region,
            channel: open.channel,
            part_of,
        };
        let nothing = Loaded {
            state: Case::default(),
            version: 0,
        };
        self.act_on(tx, nothing, Act::Open(opened)).await
    }
}
