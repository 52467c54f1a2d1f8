//! 「看数」 Lines to count by, from plain columns only: rights that run, money by the
//! month, open cases, what a screening found. What a line holds is sealed and is
//! not opened here; what a count means is app's affair.

use crate::case::CaseLine;
use crate::error::Result;
use crate::payment::beneficiary;
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{Row, Value, args};
use engine_payment::Beneficiary;
use engine_policy::Finding;
use kernel::{
    EntitlementId, FindingId, HouseholdId, Money, PaymentBatchId, Period, PersonId, RegionCode,
    Slug,
};

/// A right that runs in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightLine {
    /// Its number.
    pub id: EntitlementId,
    /// The service.
    pub programme: Slug,
    /// Whose.
    pub beneficiary: Beneficiary,
}

/// One attempt to pay something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidLine {
    /// In which batch.
    pub batch: PaymentBatchId,
    /// Which line of it.
    pub line: u32,
    /// To whom.
    pub payee: PersonId,
    /// How much.
    pub amount: Money,
    /// Where it stands, the engine's stable name.
    pub phase: String,
    /// The service.
    pub programme: Slug,
    /// Whose right it was.
    pub beneficiary: Beneficiary,
    /// The month of the batch.
    pub month: Period,
    /// The month it is owed for.
    pub period: Period,
}

/// A finding, as far as counting goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingLine {
    /// Its number.
    pub id: FindingId,
    /// The benefit.
    pub benefit: Slug,
    /// The household.
    pub household: HouseholdId,
    /// The person, for personal benefits.
    pub person: Option<PersonId>,
    /// The fact to get next.
    pub next: Option<Slug>,
    /// Where the household lives.
    pub region: RegionCode,
}

statements! {
    RIGHTS = "SELECT id, programme, beneficiary FROM entitlement
              WHERE first_month <= $1 AND (last_month IS NULL OR last_month >= $1)
              ORDER BY programme, id";
    PAID = "SELECT i.batch, i.line, i.payee, i.amount, i.phase, o.programme, o.beneficiary,
                b.period AS month, o.period AS owed_for
            FROM payment_batch b JOIN payment_item i ON i.batch = b.id
                JOIN obligation o ON o.id = i.obligation
            WHERE b.period >= $1 AND b.period <= $2 AND i.live = 1
            ORDER BY i.batch, i.line";
    CAME_BACK = "SELECT i.batch, i.line, i.payee, i.amount, i.phase, o.programme, o.beneficiary,
                     b.period AS month, o.period AS owed_for
                 FROM payment_item i JOIN payment_batch b ON b.id = i.batch
                     JOIN obligation o ON o.id = i.obligation
                 WHERE i.phase = 'returned' AND i.batch >= $1
                 ORDER BY i.batch, i.line";
    OPEN = "SELECT id, service, applicant, household, region, due FROM case_file
            WHERE phase IN ('submitted', 'returned', 'handling', 'review_due')
                AND region >= $1 AND region <= $2
            ORDER BY due NULLS LAST, id";
    FOUND = "SELECT f.id, f.benefit, f.household, f.person, f.next_fact, h.region
             FROM finding f JOIN household h ON h.id = f.household
             WHERE f.screening = $1 AND f.finding = $2 AND h.region >= $3 AND h.region <= $4
             ORDER BY h.region, f.household, f.id";
}

impl Tx {
    /// Rights that run in a month, phase-outs included.
    pub async fn rights_in(&mut self, month: Period) -> Result<Vec<RightLine>> {
        let rows = self.fetch_all(RIGHTS, args![month]).await?;
        let line = |row: &Row| {
            Ok(RightLine {
                id: row.get("id")?,
                programme: row.get("programme")?,
                beneficiary: beneficiary(row)?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// What may still be paid or is, in the batches of some months.
    pub async fn paid_between(&mut self, from: Period, to: Period) -> Result<Vec<PaidLine>> {
        self.paid_lines(PAID, args![from, to]).await
    }

    /// What came back from the bank and goes on nowhere yet.
    pub async fn paid_back(&mut self) -> Result<Vec<PaidLine>> {
        self.paid_lines(CAME_BACK, args![PaymentBatchId(0)]).await
    }

    /// Every case somebody must work on whose responsible node lies between two
    /// codes, both included, most urgent first.
    pub async fn open_case_lines(
        &mut self,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<CaseLine>> {
        let rows = self.fetch_all(OPEN, args![from, to]).await?;
        rows.iter().map(CaseLine::read).collect()
    }

    /// A run's findings of a kind, of households between two codes.
    pub async fn finding_lines(
        &mut self,
        screening: i64,
        finding: Finding,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<FindingLine>> {
        let kind = crate::policy::name(&finding)?;
        let rows = self
            .fetch_all(FOUND, args![screening, kind, from, to])
            .await?;
        let line = |row: &Row| {
            Ok(FindingLine {
                id: row.get("id")?,
                benefit: row.get("benefit")?,
                household: row.get("household")?,
                person: row.maybe("person")?,
                next: row.maybe("next_fact")?,
                region: row.get("region")?,
            })
        };
        rows.iter().map(line).collect()
    }

    async fn paid_lines(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<PaidLine>> {
        let rows = self.fetch_all(sql, args).await?;
        let line = |row: &Row| {
            Ok(PaidLine {
                batch: row.get("batch")?,
                line: row.get("line")?,
                payee: row.get("payee")?,
                amount: row.get("amount")?,
                phase: row.get("phase")?,
                programme: row.get("programme")?,
                beneficiary: beneficiary(row)?,
                month: row.get("month")?,
                period: row.get("owed_for")?,
            })
        };
        rows.iter().map(line).collect()
    }
}
