//! 「不用补」 A row that was set back and needs no mending (a total, a line that came twice,
//! somebody who moved away): a person says so with a reason, once, on record. It is no
//! longer mended; whoever it was about stays as unknown as before.

use super::missing;
use crate::{App, AppError, Context, Result};
use engine_pool::{RowName, may_waive};
use kernel::Slug;
use store::{Tx, Waived};

impl App {
    /// 不用补 Closes a row without mending it.
    ///
    /// # Errors
    /// A refusal; no such row; it was closed before; the store's.
    pub async fn waive_row(
        &self,
        ctx: &Context,
        category: &Slug,
        row: RowName,
        why: &str,
    ) -> Result<()> {
        let category = self.category(category)?.clone();
        let (app, ctx, why, now) = (self.clone(), ctx.clone(), why.trim().to_owned(), self.now());
        self.db
            .write(async move |tx: &mut Tx| {
                app.may_import(tx, &ctx).await?;
                let mut pool = tx.pool(&category.id).await?;
                let batch = pool.batches.remove(&row.batch);
                let batch = batch.ok_or_else(|| missing(row.batch))?;
                may_waive(&batch, &ctx.actor, &why).map_err(AppError::refused)?;
                let said = Waived {
                    by: ctx.actor.clone(),
                    at: now.at,
                    why: why.clone(),
                };
                if !tx.waive_row(row.batch, row.line, &said).await? {
                    return Err(AppError::BadInput(format!(
                        "{row} 不是等着补的行，或者刚才有人补上、说不用补了。请看最新的"
                    )));
                }
                let subject = format!("data_batch:{}", row.batch);
                ctx.record(tx, "pool.waive", &subject, &(row.line, &why), now)
                    .await
            })
            .await
    }
}
