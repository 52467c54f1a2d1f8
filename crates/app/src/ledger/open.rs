//! 「开户」 Which accounts a book has and how they are called: what was handed out, used and
//! lapsed; a person's lots by month; what of a limit is used up in a day, month or year (an
//! account with a ceiling, in a unit of its own, so that the ledger itself refuses).

use super::Room;
use super::posting::opened;
use crate::{AppError, Result};
use chrono::{Datelike as _, FixedOffset};
use engine_ledger::{BookType, Bounds, Kind, Leg, Limit, Medium};
use kernel::{AccountId, Date, Instant, PersonId, Slug, months_after};
use store::Tx;

/// What was handed out (below zero by as much as people hold and have used).
pub(super) const ISSUED: &str = "issued";
/// What was used.
pub(super) const USED: &str = "used";
/// What lapsed unused.
pub(super) const LAPSED: &str = "lapsed";
/// A person's part that came in one month.
pub(super) const LOT: &str = "lot";
/// What of a limit is used up.
pub(super) const QUOTA: &str = "quota";
/// Where the used-up limits are counted against.
const QUOTAS: &str = "quotas";
/// A fund.
pub(super) const FUND: &str = "fund";
/// Everybody who gave.
pub(super) const DONORS: &str = "donors";
/// What a fund spent on a purpose.
pub(super) const SPENT: &str = "spent";

/// An account to be opened when it is not there.
pub(super) struct Part<'a> {
    pub(super) ty: &'a BookType,
    pub(super) part: &'static str,
    pub(super) name: String,
    pub(super) bounds: Bounds,
    pub(super) holder: Option<PersonId>,
}

impl Room {
    /// The account of a part, opened when it is not there yet.
    pub(super) async fn part(&self, tx: &mut Tx, part: Part<'_>) -> Result<AccountId> {
        let unit = match part.part {
            QUOTA | QUOTAS => quota_unit(part.ty)?,
            _ => part.ty.unit.clone(),
        };
        let named = (&unit, part.bounds);
        let (id, fresh) = opened(tx, &self.ctx, &part.name, named, self.now).await?;
        if fresh {
            let region = match part.holder {
                Some(person) => crate::order::registered(tx, person, self.now).await?.region,
                None => Some(self.county()?),
            };
            let whose = (part.holder, region);
            tx.keep_book_part(id, &part.ty.id, part.part, whose).await?;
        }
        Ok(id)
    }

    /// What was handed out: the one account without a floor.
    pub(super) async fn issued(&self, tx: &mut Tx, ty: &BookType) -> Result<AccountId> {
        self.common(tx, ty, ISSUED, Bounds::default()).await
    }

    /// An account of the whole book.
    pub(super) async fn common(
        &self,
        tx: &mut Tx,
        ty: &BookType,
        part: &'static str,
        bounds: Bounds,
    ) -> Result<AccountId> {
        let name = format!("{}:{part}", ty.id);
        let part = Part {
            ty,
            part,
            name,
            bounds,
            holder: None,
        };
        self.part(tx, part).await
    }

    /// The lot into which what a person gets this month goes.
    pub(super) async fn lot(
        &self,
        tx: &mut Tx,
        ty: &BookType,
        person: PersonId,
    ) -> Result<AccountId> {
        let today = self.now.today();
        let (of, expires) = match &ty.medium {
            Medium::Personal {
                lot_months: Some(months),
                ..
            } => {
                let month = today.format("%Y-%m").to_string();
                (month, Some(ends(today, *months)?))
            }
            _ => ("always".to_owned(), None),
        };
        let part = Part {
            ty,
            part: LOT,
            name: format!("{}:person:{person}:lot:{of}", ty.id),
            bounds: Bounds {
                expires,
                ..Bounds::floor(0)
            },
            holder: Some(person),
        };
        self.part(tx, part).await
    }

    /// What else moves so that a limit holds: the used-up part of each goes up.
    pub(super) async fn limits(
        &self,
        tx: &mut Tx,
        (ty, kind): (&BookType, &Kind),
        person: PersonId,
        amount: i64,
    ) -> Result<Vec<Leg>> {
        let mut legs = Vec::new();
        for limit in &kind.limits {
            let part = Part {
                ty,
                part: QUOTA,
                name: self.quota_name(ty, kind, limit, person),
                bounds: Bounds {
                    ceiling: Some(limit.most),
                    ..Bounds::floor(0)
                },
                holder: Some(person),
            };
            let account = self.part(tx, part).await?;
            legs.push(Leg { account, amount });
        }
        if !legs.is_empty() {
            let against = self.common(tx, ty, QUOTAS, Bounds::default()).await?;
            let all = legs.iter().map(|leg| leg.amount).sum::<i64>();
            legs.push(Leg {
                account: against,
                amount: -all,
            });
        }
        Ok(legs)
    }

    /// The name of what somebody used up of a limit in the time that runs now.
    pub(super) fn quota_name(
        &self,
        ty: &BookType,
        kind: &Kind,
        limit: &Limit,
        person: PersonId,
    ) -> String {
        let period = limit.per.of(self.now.today());
        format!("{}:person:{person}:{QUOTA}:{}:{period}", ty.id, kind.id)
    }
}

fn quota_unit(ty: &BookType) -> Result<Slug> {
    let unit = format!("{}_quota", ty.unit);
    unit.parse()
        .map_err(|_| AppError::Fault(format!("单位 {unit}")))
}

/// What comes in a month lapses when so many whole months after it are over.
fn ends(today: Date, months: u32) -> Result<Instant> {
    let far = || AppError::Fault("到期日太远".to_owned());
    let first = today.with_day(1).ok_or_else(far)?;
    let months = i32::try_from(months).map_err(|_| far())?;
    let day = months_after(first, months + 1).ok_or_else(far)?;
    begins(day).ok_or_else(far)
}

/// The first moment of a day in China.
pub(super) fn begins(day: Date) -> Option<Instant> {
    let east = FixedOffset::east_opt(8 * 3600)?;
    let midnight = day.and_hms_opt(0, 0, 0)?.and_local_timezone(east);
    Some(midnight.single()?.to_utc())
}
