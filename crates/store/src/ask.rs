//! 「数据服务」 How often parties asked under their agreements, as rows of a day. Absent:
//! what was asked about whom, which stands in the audit.

use crate::error::Result;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use kernel::Date;

/// The questions of one party of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskUse {
    /// Who asked, as it called itself.
    pub party: String,
    /// Under which agreement; empty: under none.
    pub agreement: String,
    /// What kind of question.
    pub kind: String,
    /// How many were answered.
    pub answered: i64,
    /// How many were not.
    pub refused: i64,
    /// The last day.
    pub last: Date,
}

statements! {
    COUNT = "INSERT INTO ask_use (party, agreement, kind, day, answered, refused)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (party, agreement, kind, day) DO UPDATE SET
                 answered = ask_use.answered + excluded.answered,
                 refused = ask_use.refused + excluded.refused";
    TODAY = "SELECT CAST(coalesce(sum(answered), 0) AS BIGINT) AS n FROM ask_use
             WHERE agreement = $1 AND day = $2";
    SINCE = "SELECT party, agreement, kind, CAST(sum(answered) AS BIGINT) AS answered,
                 CAST(sum(refused) AS BIGINT) AS refused, max(day) AS last
             FROM ask_use WHERE day >= $1
             GROUP BY party, agreement, kind ORDER BY party, agreement, kind";
}

impl Tx {
    /// Counts a question.
    pub async fn count_ask(
        &mut self,
        (party, agreement, kind): (&str, &str, &str),
        day: Date,
        answered: bool,
    ) -> Result<()> {
        let (yes, no) = (i64::from(answered), i64::from(!answered));
        let row = args![party, agreement, kind, day, yes, no];
        self.execute(COUNT, row).await?;
        Ok(())
    }

    /// How many were answered under an agreement on a day.
    pub async fn asks_on(&mut self, agreement: &str, day: Date) -> Result<i64> {
        self.fetch_one(TODAY, args![agreement, day]).await?.get("n")
    }

    /// Every party's questions since a day.
    pub async fn asks_since(&mut self, day: Date) -> Result<Vec<AskUse>> {
        let rows = self.fetch_all(SINCE, args![day]).await?;
        rows.iter()
            .map(|row| {
                Ok(AskUse {
                    party: row.get("party")?,
                    agreement: row.get("agreement")?,
                    kind: row.get("kind")?,
                    answered: row.get("answered")?,
                    refused: row.get("refused")?,
                    last: row.get("last")?,
                })
            })
            .collect()
    }
}
