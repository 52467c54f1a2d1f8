//! 「判断入卷」 The engine's judgement goes on the file with its certificate. It
//! decides nothing; a person does.

use super::desk::{Desk, Handled};
use super::facts::overlay;
use super::rights;
use crate::{App, AppError, Context, Result};
use engine_case::{Act, Case, GivesWay, Judgement, Phase};
use engine_policy::{Beneficiary, Certificate, ConditionOutcome, Household, Subject, Verdict};
use kernel::{CaseId, Date, Truth};
use store::{Reply, Tx};

impl App {
    /// 判断 Judges a case on the facts gathered (members in the case's order), with
    /// what the case itself knows laid over them, and puts verdict and certificate
    /// on the file.
    ///
    /// # Errors
    /// A refusal; facts of a wrong type; the store's.
    pub async fn judge_case(
        &self,
        context: &Context,
        case: CaseId,
        household: Household,
    ) -> Result<Reply<Handled>> {
        let day = self.now().today();
        let key = context.key("case.judge", &(case, day))?;
        let desk = self.desk(context);
        self.db
            .write(async move |tx| {
                let household = household.clone();
                let does = async |tx: &mut Tx| desk.judge(tx, case, household).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }
}

impl Desk {
    pub(super) async fn judge(
        &self,
        tx: &mut Tx,
        id: CaseId,
        mut household: Household,
    ) -> Result<Handled> {
        let loaded = tx.case(id).await?;
        let case = &loaded.state;
        let today = self.now.today();
        // A first application is judged by the law of the day it was handed in; what
        // is looked at again later, by the law of that later day.
        let (desk, day) = match (&case.pinned, case.phase) {
            // A version put out of force judges nobody any more.
            (Some(pinned), _) if self.app.is_suspended(&pinned.pack) => (self.clone(), pinned.on),
            (Some(pinned), Phase::Handling | Phase::Refused) => (self.under(case)?, pinned.on),
            _ => (self.clone(), today),
        };
        overlay(&desk.law.pack, case, &mut household, today);
        let certificate = desk.certify(case, &household, day)?;
        let digest = tx.certify(&certificate, self.now).await?;
        let judgement = on_file(&certificate, digest);
        self.act_on(tx, loaded, Act::Judge(judgement)).await
    }

    pub(super) fn certify(
        &self,
        case: &Case,
        household: &Household,
        day: Date,
    ) -> Result<Certificate> {
        let opened = case.opened.as_ref();
        let opened = opened.ok_or_else(|| AppError::BadInput("还没有这个办件".to_owned()))?;
        let judge = &self.law.judge;
        let fault = |why: engine_policy::JudgeError| AppError::Fault(why.to_string());
        let told = judge.judge(opened.service.as_str(), household, day);
        let whom = opened.members.iter();
        let whom = whom.map(|m| m.person).position(|p| p == opened.beneficiary);
        let told = told.map_err(fault)?.into_iter().find(|judgement| {
            match (judgement.beneficiary, judgement.subject) {
                (Beneficiary::Household, _) => true,
                (Beneficiary::Person, Subject::Member(place)) => Some(place) == whom,
                (Beneficiary::Person, Subject::Household) => false,
            }
        });
        let told = told.ok_or_else(|| {
            AppError::BadInput("要帮的人不在这次判断的家庭里。请核对家庭成员".to_owned())
        })?;
        Certificate::issue(judge, household, told, day).map_err(fault)
    }
}

/// The conditions by which a benefit gives way to a stronger one.
fn gives_way(told: &engine_policy::Judgement) -> impl Iterator<Item = &ConditionOutcome> {
    told.conditions.iter().filter(|c| !c.gives_way.is_empty())
}

/// The judgement as the case keeps it.
fn on_file(certificate: &Certificate, digest: String) -> Judgement {
    let told = &certificate.judgement;
    let failed = told.conditions.iter().filter(|c| c.truth == Truth::False);
    Judgement {
        verdict: match told.verdict {
            Verdict::Eligible => Truth::True,
            Verdict::Ineligible => Truth::False,
            Verdict::Undetermined => Truth::Undetermined,
        },
        certificate: digest,
        failed: failed.map(|condition| condition.id.clone()).collect(),
        missing: match told.verdict {
            Verdict::Undetermined => told.missing.iter().map(|m| m.fact.clone()).collect(),
            Verdict::Eligible | Verdict::Ineligible => Vec::new(),
        },
        amount: told.amount,
        gives_way: gives_way(told)
            .find(|c| c.truth == Truth::False)
            .map(|c| GivesWay {
                says: c.says.clone(),
                basis: c.basis.clone(),
            }),
        // Not shown to be stable, or perhaps owed something better: looked at sooner.
        review_sooner: told.review_sooner != Truth::False
            || gives_way(told).any(|c| c.truth == Truth::Undetermined),
    }
}

impl Desk {
    /// The certificate of the judgement on file.
    pub(super) async fn certificate(&self, tx: &mut Tx, case: &Case) -> Result<Certificate> {
        let judgement = case.judgement.as_ref();
        let judgement =
            judgement.ok_or_else(|| AppError::refused(engine_case::Refusal::NotJudged))?;
        Desk::certified(tx, &judgement.certificate).await
    }

    pub(crate) async fn certified(tx: &mut Tx, digest: &str) -> Result<Certificate> {
        let found = tx.certificate(digest).await?;
        found.ok_or_else(|| AppError::Fault("判断的凭据不见了".to_owned()))
    }
}

impl App {
    /// 看判断 The certificate of the judgement on file or, when a decision has used it
    /// up and none has come since, the one that decision was made on; reading it is on
    /// record.
    ///
    /// # Errors
    /// A refusal; there is no judgement; the store's.
    pub async fn certificate_of(&self, context: &Context, case: CaseId) -> Result<Certificate> {
        let desk = self.desk(context);
        self.db
            .look(async move |tx| {
                let loaded = tx.case(case).await?;
                let case = &loaded.state;
                desk.reads(tx, case, rights::JUDGEMENT).await?;
                let decided = case.decision().and_then(|one| one.certificate.as_deref());
                match (&case.judgement, decided) {
                    (None, Some(digest)) => Desk::certified(tx, digest).await,
                    _ => desk.certificate(tx, case).await,
                }
            })
            .await
    }
}
