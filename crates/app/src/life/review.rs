//! 「重算」 What the household gets, judged again as the family is now by what may be looked
//! at unasked. A proposal: what it was, what it would be, from which month, and what the
//! months in between make; whoever confirms it sees it first, and the right itself changes
//! in its own case, with everything that goes before less. Absent on purpose: past months
//! in money ([`crate::past`] lists them, two people decide).

use super::Room;
use super::act::Whom;
use crate::Result;
use engine_payment::{Beneficiary, Entitlement};
use engine_policy::Verdict;
use engine_registry::{Does, LifeEvent, LifeStep};
use kernel::{Date, EntitlementId, Money, Period};
use store::{Found, Tx};

impl Room {
    /// What runs for the household beyond the month of the event.
    pub(super) async fn rights_of_home(
        &self,
        tx: &mut Tx,
        whom: &Whom,
        day: Date,
    ) -> Result<Vec<(EntitlementId, String)>> {
        let Some(home) = whom.household else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for right in tx.entitlements_of(Beneficiary::Household(home)).await? {
            let right = right.state;
            if right.last_month().is_none_or(|last| last > Period::of(day)) {
                found.push((right.id, self.app.service_name(&right.programme)));
            }
        }
        Ok(found)
    }

    /// What a waiting step would come to, where the house can tell beforehand.
    pub(super) async fn proposal(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        step: &LifeStep,
    ) -> Result<Option<String>> {
        let (what, home) = (&step.step, event.begun.household);
        let (Does::ReviewHousehold, Some(id), Some(home)) = (what.does, what.about, home) else {
            return Ok(None);
        };
        if self.awaits_child(event) {
            return Ok(None);
        }
        let right = tx.entitlement(EntitlementId(id)).await?.state;
        let today = self.now.today();
        let standings = tx.pool_standings().await?;
        let found = self.app.found_of(tx, home, today, &standings).await?;
        let found = found.into_iter();
        let found = found.filter(|one| one.benefit == right.programme && one.person.is_none());
        let next = Period::of(event.begun.day).plus_months(1);
        let says = told(&right, found.last().as_ref(), next, Period::of(today));
        let subject = format!("life:{}", event.begun.id);
        self.ctx
            .record(tx, "life.review", &subject, &(id, &says), self.now)
            .await?;
        Ok(Some(format!("{}：{says}", what.says)))
    }
}

/// The proposal in words. Without a known answer it says what is missing; nothing is guessed.
fn told(right: &Entitlement, found: Option<&Found>, next: Period, this: Period) -> String {
    let was = right.amount;
    let Some(found) = found else {
        return "家里没有人了，要不要停，由人定".to_owned();
    };
    match (found.verdict, found.amount) {
        (Verdict::Eligible, Some(is)) if is == was => format!("按现在的人算，每月还是 {was} 元"),
        (Verdict::Eligible, Some(is)) => {
            let months = i64::from(next.months_until(this)) + 1;
            let apart = Money::from_fen((was.fen() - is.fen()).abs() * months.max(0));
            let says = match is < was {
                true => "多发的要不要收回，由人定",
                false => "少发的要补",
            };
            let head = format!("按现在的人算，每月 {was} 元改为 {is} 元，从 {next} 起");
            match months > 0 {
                true => format!("{head}；到 {this} 差 {apart} 元，{says}"),
                false => head,
            }
        }
        (Verdict::Eligible, None) => "按现在的人算还符合，给多少要重新核".to_owned(),
        (Verdict::Ineligible, _) => {
            "按现在的人算不再符合。先听家里说，再在原来的办件里决定".to_owned()
        }
        (Verdict::Undetermined, _) => match &found.next {
            Some(_) => "还缺事实，算不出来。请先核对，再决定".to_owned(),
            None => "算不出来，请重新核定".to_owned(),
        },
    }
}
