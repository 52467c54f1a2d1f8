//! 「底册存疑」 What deliveries said that does not fit the register, for a person to
//! look at. The reading is put on record before anything is given.

use crate::App;
use crate::context::Context;
use crate::error::Result;
use engine_access::{Action, Record as AccessRecord, RecordState};
use kernel::FieldLevel;
use store::RegisterQuestion;

impl App {
    /// Open questions of the register, oldest first, up to `limit`.
    ///
    /// # Errors
    /// Refused to whoever may not see leads.
    pub async fn register_questions(
        &self,
        ctx: &Context,
        limit: u32,
    ) -> Result<Vec<RegisterQuestion>> {
        let (ctx, now, law) = (ctx.clone(), self.now(), self.law.clone());
        self.db
            .write(async move |tx| {
                let everyone = AccessRecord {
                    region: law.pack.head().map(|head| head.region),
                    subjects: Vec::new(),
                    state: RecordState::None,
                    level: FieldLevel::L3,
                };
                ctx.authorise(tx, Action::Screen, everyone, &[], now)
                    .await?;
                ctx.record(tx, "register.questions", "every question", &limit, now)
                    .await?;
                Ok(tx.register_questions(limit).await?)
            })
            .await
    }
}
