//! 「去看一眼」 Something is received and the rules no longer find it: what whoever goes
//! there should look at, and the review they can call for of the case it is paid by.
//! Absent on purpose: any way to hold, lower or stop a payment; a review is checked, heard
//! and signed before it changes anything.

use super::{LedTo, wrong};
use crate::case::Desk;
use crate::case::file::{Receiving, received};
use crate::found::finding_words;
use crate::resident::check::{Reason, discover, reasons};
use crate::resident::home::Home;
use crate::{App, Context, Result};
use engine_case::{Act, Case, Phase};
use engine_payment::Beneficiary;
use engine_policy::{Finding, Subject};
use kernel::{CaseId, FindingId, Truth};
use store::{LeadOutcome, Reply, Tx};

/// What is received and no longer found: a person looks, the payment goes on.
#[derive(Clone, Debug)]
pub struct LookAgain {
    /// Which conditions of the rule do not hold by the departments' data, each with its
    /// article; none where the reader may not see what they speak of.
    pub why: Vec<Reason>,
    /// What the household is paid by this house.
    pub paid: Vec<Receiving>,
    /// The case by which this house pays it; `None`: somebody else does.
    pub case: Option<CaseId>,
    /// Whether that case is under review already.
    pub reviewed: bool,
}

impl App {
    /// 请求复核 A review of the case that pays what the rules no longer find; it is paid
    /// on until a person decides otherwise. With `seen`: what came of going there is kept
    /// with it. The same lead again is the same review.
    ///
    /// # Errors
    /// A refusal; another kind of lead; nothing of it is paid by this house, or it is being
    /// ended already; the store's.
    pub async fn call_review(
        &self,
        ctx: &Context,
        finding: FindingId,
        seen: Option<&str>,
    ) -> Result<Reply<CaseId>> {
        let seen = seen.map(|words| words.trim().to_owned());
        let key = ctx.key("case.call_review", &(finding, &seen))?;
        let desk = self.desk(ctx);
        self.db
            .write(async move |tx| {
                let seen = seen.clone();
                let does = async |tx: &mut Tx| desk.call_review(tx, finding, seen).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }
}

impl Desk {
    async fn call_review(
        &self,
        tx: &mut Tx,
        finding: FindingId,
        seen: Option<String>,
    ) -> Result<CaseId> {
        let (found, _) = self.led_to(tx, finding).await?;
        if found.kind != Finding::ReceivingNotFound {
            return Err(wrong("这一项没有在领，没有可以复核的"));
        }
        let Some((case, phase)) = paying(tx, &found).await? else {
            return Err(wrong(
                "这里没有在发这一项，没有可以复核的。请告诉发这笔钱的单位",
            ));
        };
        if let Some(words) = &seen {
            let worker = self.context.actor.person;
            let worker = worker.ok_or_else(|| wrong("要由去的人自己来记"))?;
            let row = tx.finding(finding).await?;
            tx.keep_outcome(&row, LeadOutcome::True, worker, words, self.now)
                .await?;
            let subject = format!("finding:{finding}");
            let (what, outcome) = ("lead.follow", LeadOutcome::True);
            self.context
                .record(tx, what, &subject, &outcome, self.now)
                .await?;
        }
        if phase == Phase::ReviewDue {
            // Somebody looks at it already.
            return Ok(case);
        }
        let service = self.app().service_name(&found.service);
        let says = finding_words(found.kind).unwrap_or_default();
        let words = seen.filter(|words| !words.is_empty());
        let reasons = words.unwrap_or_else(|| format!("{service}：{says}"));
        self.act(tx, case, Act::CallReview { reasons }).await?;
        Ok(case)
    }

    pub(super) async fn look(&self, tx: &mut Tx, found: &LedTo, home: &Home) -> Result<LookAgain> {
        let standings = tx.pool_standings().await?;
        let day = self.now.today();
        let facts = discover(tx, &self.app().law, home, &standings, day).await?;
        let told = self
            .app()
            .law
            .judge
            .judge(found.service.as_str(), &facts, day);
        let told = told.map_err(|why| crate::AppError::Fault(why.to_string()))?;
        let numbered = home.members.iter().filter(|one| one.number.is_some());
        let place = numbered
            .map(|one| Some(one.person))
            .position(|one| one == found.beneficiary);
        let own = told.iter().find(|one| match one.subject {
            Subject::Household => true,
            Subject::Member(at) => Some(at) == place,
        });
        let mut why = own.map_or_else(Vec::new, |one| reasons(one, &home.permit));
        why.retain(|one| one.truth == Truth::False);
        let people = home.members.iter();
        let mut whose = vec![Beneficiary::Household(home.id)];
        whose.extend(people.map(|one| Beneficiary::Person(one.person)));
        let paid = received(tx, self.app(), whose).await?;
        let paying = paying(tx, found).await?;
        Ok(LookAgain {
            why,
            paid,
            case: paying.map(|(case, _)| case),
            reviewed: paying.is_some_and(|(_, phase)| phase == Phase::ReviewDue),
        })
    }
}

/// The case a finding's household is paid by, and where it stands.
async fn paying(tx: &mut Tx, found: &LedTo) -> Result<Option<(CaseId, Phase)>> {
    for id in tx.cases_of_household(found.household).await? {
        let case = tx.case(id).await?.state;
        if pays(&case, found) {
            return Ok(Some((id, case.phase)));
        }
    }
    Ok(None)
}

fn pays(case: &Case, found: &LedTo) -> bool {
    let same = case.opened.as_ref().is_some_and(|one| {
        let whose = found.beneficiary.is_none_or(|who| who == one.beneficiary);
        whose && one.service == found.service
    });
    same && matches!(case.phase, Phase::Paying | Phase::ReviewDue)
}
