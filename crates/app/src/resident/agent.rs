//! 「请人代办」 A resident lets somebody act for them, for a time. They can look and
//! fill in; consent and bank account stay with the resident (engine-access's table).

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Agency, Record, RecordState};
use kernel::{Date, FieldLevel, PersonId};

impl App {
    /// 请人代办 From today until that day; the same again moves the end.
    ///
    /// # Errors
    /// A refusal; a day that is past; the resident himself; the store's.
    pub async fn appoint_agent(&self, ctx: &Context, agent: PersonId, to: Date) -> Result<()> {
        let now = self.now();
        let from = now.today();
        let me = ctx.actor.person;
        let me = me.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))?;
        if to < from {
            let says = "代办到哪天，要写今天或以后的日子";
            return Err(AppError::BadInput(says.to_owned()));
        }
        if agent == me {
            return Err(AppError::BadInput(
                "自己的事自己就能办，不用代办".to_owned(),
            ));
        }
        let agency = Agency {
            agent,
            of: me,
            from,
            to,
        };
        let ctx = ctx.clone();
        self.db
            .write(async move |tx| {
                let record = Record {
                    region: None,
                    subjects: vec![me],
                    state: RecordState::None,
                    level: FieldLevel::L3,
                };
                ctx.authorise(tx, Action::Authorise, record, &[], now)
                    .await?;
                tx.keep_agency(&agency).await?;
                let subject = format!("person:{me}");
                let details = (agency.agent, agency.from, agency.to);
                ctx.record(tx, "agency.appoint", &subject, &details, now)
                    .await
            })
            .await
    }
}
