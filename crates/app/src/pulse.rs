//! 「脉搏」 The house's counts for its own operators. Nobody's data is in them, so that
//! a monitor may ask every few seconds without filling the record.

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use kernel::FieldLevel;
pub use store::Pulse;

impl App {
    /// How the house is doing.
    ///
    /// # Errors
    /// Refused to anybody but system administrators; the store's.
    pub async fn pulse(&self, ctx: &Context) -> Result<Pulse> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .read(async move |tx| {
                let record = Record::of_place(None, FieldLevel::L1);
                ctx.authorise(tx, Action::Operate, record, &[], now).await?;
                Ok::<_, AppError>(tx.pulse().await?)
            })
            .await
    }
}
