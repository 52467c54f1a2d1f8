//! 「公开统计」 How many people receive what in which place, for everybody. Small counts
//! are hidden, and with them what would tell them (`engine_pool::suppress`). Counted once
//! a day and kept, so that two tables an hour apart are no two halves of a secret.

use super::{Of, Wanted};
use crate::{App, AppError, Result};
use chrono::TimeDelta;
use engine_pool::suppress::suppressed;
use kernel::{Date, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::Tx;

const KIND: &str = "statistics";

/// A table that may leave the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// The place.
    pub place: String,
    /// The day it was counted.
    pub counted: Date,
    /// The services, and the total.
    pub services: Vec<String>,
    /// The places below, and the whole: a count for each service; absent: hidden.
    pub places: Vec<(String, Vec<Option<u64>>)>,
    /// How many counts are hidden.
    pub hidden: usize,
}

impl App {
    /// 公开统计 The table of the day.
    ///
    /// # Errors
    /// No place in the pack; the store's.
    pub async fn statistics(&self) -> Result<Statistics> {
        let (now, day) = (self.now(), self.now().today());
        let key = format!("{day}/{}", self.law.pack.hash());
        let (app, kept) = (self.clone(), key.clone());
        let found = self
            .db
            .read(async move |tx| {
                let found = tx.look_aside::<Statistics>(KIND, &kept, now).await?;
                match found {
                    Some(table) => Ok::<_, AppError>((table, true)),
                    None => Ok((app.count_people(tx, day).await?, false)),
                }
            })
            .await?;
        let (table, kept) = found;
        if !kept {
            let (until, again) = (now.at + TimeDelta::days(1), table.clone());
            self.db
                .write(async move |tx: &mut Tx| tx.set_aside(KIND, &key, &again, until, now).await)
                .await?;
        }
        Ok(table)
    }

    async fn count_people(&self, tx: &mut Tx, day: Date) -> Result<Statistics> {
        let none = || AppError::BadInput("政策包没有写地区".to_owned());
        let head = self.law.pack.head().ok_or_else(none)?;
        let stock = self.stock(tx, head.region).await?;
        let places: Vec<_> = self.law.pack.regions().children(head.region, day).collect();
        let count = |service: &Slug, place| {
            let wanted = Wanted {
                service: Some(service.clone()),
                ..Wanted::of(Of::People, place)
            };
            stock.figure(&wanted).count as u64
        };
        // What is received counts, also what no service of today's pack gives any more.
        let given: BTreeSet<&Slug> = stock.rights.iter().map(|one| &one.service).collect();
        let named = |id: &Slug| {
            let mut services = self.law.pack.services().iter();
            let found = services.find(|one| one.id == *id);
            found.map_or_else(|| id.to_string(), |one| one.name.clone())
        };
        let cells: Vec<Vec<u64>> = places
            .iter()
            .map(|place| given.iter().map(|one| count(one, place.code)).collect())
            .collect();
        let shown = suppressed(&cells);
        let hidden = shown.iter().flatten().filter(|one| one.is_none()).count();
        let names = places.iter().map(|place| place.name.clone());
        let names = names.chain(["合计".to_owned()]);
        Ok(Statistics {
            place: head.name.clone(),
            counted: day,
            services: given
                .iter()
                .map(|one| named(one))
                .chain(["合计".to_owned()])
                .collect(),
            places: names.zip(shown).collect(),
            hidden,
        })
    }
}
