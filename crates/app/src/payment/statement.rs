//! 「幸福清单」 Everything a household and its members were owed for some months:
//! what arrived, what is on its way, what came back; with totals, each line opened
//! to its obligation and its decision, and a digest to check a printed copy by.

use super::Payments;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_payment::{Beneficiary, Item, ItemState, line_reference};
use kernel::{
    Date, DecisionId, FieldLevel, HouseholdId, Money, PaymentBatchId, Period, PersonId, Slug,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterSlice, Tx};

/// One obligation of the household, by its latest attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// The service.
    pub programme: Slug,
    /// Its name, as the pack calls it.
    pub name: String,
    /// Whose right.
    pub beneficiary: Beneficiary,
    /// For which month.
    pub period: Period,
    /// How much.
    pub amount: Money,
    /// Where it stands, a stable name.
    pub state: String,
    /// Where it stands, in words.
    pub says: String,
    /// The day it arrived.
    pub paid_on: Option<Date>,
    /// By which signed decision.
    pub decision: DecisionId,
    /// The obligation's key.
    pub obligation: String,
    /// How often it was tried.
    pub attempts: u32,
    /// The batch of the latest attempt.
    pub batch: PaymentBatchId,
    /// The line of the latest attempt, as the bank knows it.
    pub reference: String,
}

/// Sums of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementTotals {
    /// Arrived.
    pub paid: Money,
    /// Owed and not arrived yet.
    pub outstanding: Money,
    /// Arrived, by service.
    pub by_programme: BTreeMap<Slug, Money>,
}

/// A household's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Whose.
    pub household: HouseholdId,
    /// The first month.
    pub from: Period,
    /// The last month.
    pub through: Period,
    /// By month, then service.
    pub lines: Vec<StatementLine>,
    /// Their sums.
    pub totals: StatementTotals,
    /// SHA-256 of the above as JSON, lower-case hex.
    pub digest: String,
}

impl Statement {
    /// Whether the digest fits what is written.
    pub fn is_genuine(&self) -> bool {
        digest(self.household, self.from, self.through, &self.lines)
            .is_some_and(|digest| digest == self.digest)
            && totals(&self.lines).is_some_and(|totals| totals == self.totals)
    }
}

impl Payments {
    /// A household's statement: [`App::statement`].
    ///
    /// # Errors
    /// As there.
    pub async fn statement(
        &self,
        ctx: &Context,
        household: HouseholdId,
        from: Period,
        through: Period,
    ) -> Result<Statement> {
        self.app.statement(ctx, household, from, through).await
    }
}

impl App {
    /// A household's statement for some months.
    ///
    /// # Errors
    /// [`AppError::BadInput`] for a household nobody knows or months the wrong way
    /// round; [`AppError::Refused`] without the right.
    pub async fn statement(
        &self,
        ctx: &Context,
        household: HouseholdId,
        from: Period,
        through: Period,
    ) -> Result<Statement> {
        if from > through {
            return Err(AppError::BadInput(
                "起始月份要早于或等于截止月份".to_owned(),
            ));
        }
        let (desk, ctx) = (self.clone(), ctx.clone());
        // What is shown is on record before it leaves: a write.
        let read = async move |tx: &mut Tx| {
            let members = desk
                .household_members(tx, &ctx, household, (from, through))
                .await?;
            let mut whose = vec![Beneficiary::Household(household)];
            whose.extend(members.into_iter().map(Beneficiary::Person));
            let lines = desk.lines_for(tx, &whose, (from, through)).await?;
            let fault = || AppError::Fault("合计超出范围".to_owned());
            let statement = Statement {
                household,
                from,
                through,
                totals: totals(&lines).ok_or_else(fault)?,
                digest: digest(household, from, through, &lines).ok_or_else(fault)?,
                lines,
            };
            let subject = format!("household:{household}");
            let now = desk.now();
            ctx.record(tx, "payment.statement", &subject, &statement.digest, now)
                .await?;
            Ok::<_, AppError>(statement)
        };
        self.db.look(read).await
    }

    /// What these were owed for some months, each by its latest attempt, by month.
    pub(crate) async fn lines_for(
        &self,
        tx: &mut Tx,
        whose: &[Beneficiary],
        (from, through): (Period, Period),
    ) -> Result<Vec<StatementLine>> {
        let mut found = Vec::new();
        for one in whose {
            found.extend(tx.payments_for(*one, from, through).await?);
        }
        let mut batches = BTreeMap::new();
        for (batch, _) in &found {
            if !batches.contains_key(batch) {
                batches.insert(*batch, tx.payment_batch(*batch).await?.state);
            }
        }
        let mut latest: BTreeMap<_, (PaymentBatchId, Item)> = BTreeMap::new();
        for (batch, item) in found {
            match latest.get(&item.key) {
                Some((_, other)) if other.attempt >= item.attempt => {}
                _ => drop(latest.insert(item.key.clone(), (batch, item))),
            }
        }
        let mut lines = Vec::with_capacity(latest.len());
        for (batch, item) in latest.into_values() {
            let reference = batches.get(&batch).map(|b| line_reference(b, &item));
            lines.push(self.statement_line(batch, &item, reference.unwrap_or_default()));
        }
        lines.sort_by(|one, other| {
            let order = |l: &StatementLine| (l.period, l.programme.clone(), l.obligation.clone());
            order(one).cmp(&order(other))
        });
        Ok(lines)
    }

    /// Who belonged to the household at any time in these months, once the actor
    /// may see them.
    async fn household_members(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        id: HouseholdId,
        (from, through): (Period, Period),
    ) -> Result<BTreeSet<PersonId>> {
        let slice = RegisterSlice {
            households: [id].into(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?;
        let Some(household) = register.state.households.get(&id) else {
            return Err(AppError::BadInput(format!("没有编号为 {id} 的家庭")));
        };
        let (first, last) = (from.first_day(), through.last_day());
        let members: BTreeSet<PersonId> = household
            .memberships
            .iter()
            .filter(|m| m.from <= last && m.until.is_none_or(|until| until > first))
            .map(|membership| membership.person)
            .collect();
        let now = self.now();
        let record = Record {
            region: household.region_on(now.today()),
            subjects: members.iter().copied().collect(),
            state: RecordState::None,
            level: FieldLevel::L3,
        };
        ctx.authorise(tx, Action::ReadPerson, record, &[], now)
            .await?;
        Ok(members)
    }

    fn statement_line(
        &self,
        batch: PaymentBatchId,
        item: &Item,
        reference: String,
    ) -> StatementLine {
        let key = &item.key;
        let service = self.law.pack.service(key.programme.as_str());
        let paid_on = match &item.state {
            ItemState::Paid { on, .. } => Some(*on),
            _ => None,
        };
        StatementLine {
            programme: key.programme.clone(),
            name: service.map_or_else(|| key.programme.to_string(), |s| s.name.clone()),
            beneficiary: key.beneficiary,
            period: key.period,
            amount: item.amount,
            state: item.state.name().to_owned(),
            says: item.state.label().to_owned(),
            paid_on,
            decision: item.decision,
            obligation: key.to_string(),
            attempts: item.attempt,
            batch,
            reference,
        }
    }
}

fn totals(lines: &[StatementLine]) -> Option<StatementTotals> {
    let mut totals = StatementTotals::default();
    for line in lines {
        match line.state.as_str() {
            "paid" => {
                totals.paid = totals.paid.checked_add(line.amount)?;
                let sum = totals
                    .by_programme
                    .entry(line.programme.clone())
                    .or_default();
                *sum = sum.checked_add(line.amount)?;
            }
            "cancelled" => {}
            _ => totals.outstanding = totals.outstanding.checked_add(line.amount)?,
        }
    }
    Some(totals)
}

fn digest(
    household: HouseholdId,
    from: Period,
    through: Period,
    lines: &[StatementLine],
) -> Option<String> {
    let text = serde_json::to_vec(&(household, from, through, lines)).ok()?;
    let digest = Sha256::digest(text);
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
