//! 「存下的筛选」 Filters of the work list somebody keeps under a name, for themselves or
//! for everybody of their place. Only filters are kept: what the list shows is asked
//! anew each time, of the reader's own rights.

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use kernel::{FieldLevel, PersonId, RegionCode};
use std::collections::BTreeMap;
pub use store::ListView;
use store::Tx;

/// The most filters one person keeps.
const MOST: usize = 30;
/// The longest name, characters.
const NAME_MAX: usize = 20;

/// Kept filters as a page shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Filter → value.
    pub filters: BTreeMap<String, String>,
    /// Everybody of the place has it.
    pub shared: bool,
    /// The reader may drop it.
    pub mine: bool,
}

impl App {
    /// 看存下的筛选 The reader's own and those shared in the place.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn views(&self, ctx: &Context, region: RegionCode) -> Result<Vec<View>> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .read(async move |tx| {
                let me = app.working(tx, &ctx, region).await?;
                let kept = tx.views_of(me, region).await?;
                let view = |one: store::KeptView| View {
                    id: one.id,
                    name: one.view.name,
                    filters: one.view.filters,
                    shared: one.shared,
                    mine: one.owner == me,
                };
                Ok(kept.into_iter().map(view).collect())
            })
            .await
    }

    /// 存下筛选 Keeps filters under a name; the same name of the same owner is replaced.
    ///
    /// # Errors
    /// [`AppError::BadInput`]: no name, too long, nothing is filtered, too many; a
    /// refusal; the store's.
    pub async fn keep_view(
        &self,
        ctx: &Context,
        region: RegionCode,
        view: ListView,
        shared: bool,
    ) -> Result<()> {
        let view = checked(view)?;
        let key = ctx.key("view.keep", &(region, &view, shared))?;
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| {
                let me = app.working(tx, &ctx, region).await?;
                let mine = tx.views_of(me, region).await?;
                let mut mine = mine.into_iter().filter(|one| one.owner == me);
                if let Some(old) = mine.clone().find(|one| one.view.name == view.name) {
                    tx.drop_view(old.id, me).await?;
                } else if mine.by_ref().count() >= MOST {
                    let says = format!("最多存 {MOST} 个。请先删掉不用的");
                    return Err(AppError::BadInput(says));
                }
                tx.keep_view(me, region, shared, &view).await?;
                let subject = format!("region:{region}");
                ctx.record(tx, "view.keep", &subject, &shared, now).await?;
                Ok::<_, AppError>(())
            };
            tx.idempotent(&key, now, does).await
        };
        self.db.write(write).await?;
        Ok(())
    }

    /// 删掉筛选 Drops one of the reader's own; another's stays.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn drop_view(&self, ctx: &Context, region: RegionCode, id: i64) -> Result<()> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let me = app.working(tx, &ctx, region).await?;
                tx.drop_view(id, me).await?;
                let subject = format!("region:{region}");
                ctx.record(tx, "view.drop", &subject, &id, now).await?;
                Ok(())
            })
            .await
    }

    /// Who reads the list of a place.
    async fn working(&self, tx: &mut Tx, ctx: &Context, region: RegionCode) -> Result<PersonId> {
        let record = Record::of_place(region, FieldLevel::L1);
        ctx.authorise(tx, Action::ReadWork, record, &[], self.now())
            .await?;
        let me = ctx.actor.person;
        me.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))
    }
}

fn checked(view: ListView) -> Result<ListView> {
    let wrong = |says: String| Err(AppError::BadInput(says));
    let name = view.name.trim().to_owned();
    if name.is_empty() {
        return wrong("请给这个筛选起个名字".to_owned());
    }
    if name.chars().count() > NAME_MAX {
        return wrong(format!("名字最多 {NAME_MAX} 个字"));
    }
    if view.filters.is_empty() {
        return wrong("没有筛选。请先选好条件，再存下来".to_owned());
    }
    Ok(ListView { name, ..view })
}

#[cfg(test)]
mod tests;
