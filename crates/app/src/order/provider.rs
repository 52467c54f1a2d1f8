//! 「服务方」 Who can be sent: entered, remembered over the days of the rule. Who is
//! struck off or let back stands in [`standing`](super::standing).

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_order::{Point, Provider, Standing};
use kernel::{FieldLevel, PersonId, ProviderId, RegionCode, Slug, add_days};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{ProviderKept, Reply, Tx};

/// A provider to be entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewProvider {
    /// Name.
    pub name: String,
    /// The human being who answers for them.
    pub person: PersonId,
    /// Telephone.
    pub phone: Option<String>,
    /// Where they sit.
    pub home: RegionCode,
    /// Where they work.
    pub areas: Vec<RegionCode>,
    /// What they can do.
    pub skills: BTreeSet<Slug>,
    /// Where they are.
    pub place: Option<Point>,
    /// The most orders at once.
    pub most: u32,
}

impl App {
    /// 入册 Enters a provider.
    ///
    /// # Errors
    /// A refusal; what cannot be meant; the store's.
    pub async fn add_provider(
        &self,
        context: &Context,
        new: NewProvider,
    ) -> Result<Reply<ProviderId>> {
        let bad = |says: &str| Err(AppError::BadInput(says.to_owned()));
        if new.name.trim().is_empty() {
            return bad("请写服务方的名称");
        }
        if new.skills.is_empty() || new.areas.is_empty() {
            return bad("请写会什么、服务哪里");
        }
        if !(1..=1_000).contains(&new.most) {
            return bad("同时最多几单，请写 1 到 1000");
        }
        let key = context.key("provider.add", &new)?;
        let desk = self.order_desk(context);
        self.db
            .write(async move |tx| {
                let (new, desk) = (new.clone(), &desk);
                let does = async move |tx: &mut Tx| {
                    let (context, now) = (&desk.context, desk.now);
                    context
                        .authorise(tx, Action::KeepProvider, at(new.home), &[], now)
                        .await?;
                    let id = ProviderId(tx.next_id("provider").await?);
                    let kept = ProviderKept {
                        name: new.name.clone(),
                        phone: new.phone.clone(),
                        areas: new.areas.clone(),
                        skills: new.skills.clone(),
                        place: new.place,
                        stopped_why: None,
                        standing: Standing::default(),
                    };
                    let who = (id, new.person, new.home);
                    tx.add_provider(who, new.most, &kept).await?;
                    let subject = format!("provider:{id}");
                    context
                        .record(tx, "provider.add", &subject, &new, now)
                        .await?;
                    Ok::<_, AppError>(id)
                };
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 服务方 Providers of a place.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn providers(
        &self,
        context: &Context,
        region: RegionCode,
    ) -> Result<Vec<(Provider, ProviderKept)>> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| {
                let (context, now) = (&desk.context, desk.now);
                context
                    .authorise(tx, Action::ReadFigures, at(region), &[], now)
                    .await?;
                let found = tx.providers_in(region.span(), 500).await?;
                let subject = format!("region:{region}");
                context
                    .record(tx, "provider.list", &subject, &found.len(), now)
                    .await?;
                Ok::<_, AppError>(found)
            })
            .await
    }

    /// 我是哪家 The first provider the actor answers for.
    ///
    /// # Errors
    /// The store's.
    pub async fn own_provider(&self, context: &Context) -> Result<Option<ProviderId>> {
        let Some(me) = context.actor.person else {
            return Ok(None);
        };
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.providers_of(me).await?);
        let mine = self.db.read(read).await?;
        Ok(mine.first().map(|one| one.id))
    }

    /// 村社 The villages and communities below a node, by their names.
    pub fn villages(&self, under: RegionCode) -> Vec<(RegionCode, String)> {
        let (tree, today) = (self.law.pack.regions(), self.now().today());
        let codes = tree.all(today).map(|region| region.code);
        codes
            .filter(|one| one.level() == kernel::RegionLevel::Village && under.contains(*one))
            .map(|one| (one, self.place(one)))
            .collect()
    }

    /// Counts every provider's record anew over the longest days of any kind of order:
    /// once a day, so that what is long past stops to count.
    ///
    /// # Errors
    /// The store's.
    pub async fn recount_providers(&self) -> Result<u64> {
        let days = self.order_types().iter().map(|ty| ty.colours.days).max();
        let days = i64::from(days.unwrap_or(30));
        let today = self.now().today();
        let since = today
            .checked_sub_signed(chrono::TimeDelta::days(days))
            .or_else(|| add_days(today, 0))
            .unwrap_or(today);
        let count = async move |tx: &mut Tx| Ok::<_, AppError>(tx.recount_providers(since).await?);
        let counted = self.db.write(count).await?;
        self.propose_marked().await?;
        Ok(counted)
    }
}

pub(super) fn at(region: RegionCode) -> Record {
    Record::of_place(region, FieldLevel::L1)
}
