//! 「认定」 What people made of contradictions, newest last. A ruling is of two records
//! as they stood: the caller compares their days.

use super::contradictions::{FoundContradiction, OfWhom};
use crate::error::Result;
use crate::seal::{Blind, sealed};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_pool::contradiction::Ruling;
use kernel::{Instant, Now, PersonId, Slug};
use std::collections::BTreeMap;

/// A ruling as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRuling {
    /// Of whom.
    pub whom: OfWhom,
    /// Of what.
    pub found: FoundContradiction,
    /// What it says.
    pub ruling: Ruling,
    /// When.
    pub at: Instant,
}

type Content = (OfWhom, FoundContradiction, Ruling);

sealed! {
    STATE = contradiction_ruling.state (id: Int, person: Int, rule: Text);
}

statements! {
    RULE = "INSERT INTO contradiction_ruling
                (id, person, subject, rule, left_no, right_no, at, state)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    OF_PEOPLE = "SELECT id, person, subject, rule, left_no, right_no, at, state
                 FROM contradiction_ruling WHERE person >= $1 AND person <= $2 ORDER BY id";
    OF_RULE = "SELECT id, person, subject, rule, left_no, right_no, at, state
               FROM contradiction_ruling WHERE rule = $1 ORDER BY id";
}

impl Tx {
    /// Keeps what somebody made of a contradiction.
    pub async fn keep_ruling(
        &mut self,
        whom: &OfWhom,
        found: &FoundContradiction,
        ruling: &Ruling,
        now: Now,
    ) -> Result<()> {
        let id = self.next_id("contradiction_ruling").await?;
        let (person, subject, rule, left, right) = self.key(whom, found);
        let content = json(&(whom, found, ruling))?;
        let state = self.seal(&STATE, &row![id, person, rule], content)?;
        let subject = subject.as_slice();
        let row = args![id, person, subject, rule, left, right, now.at, state];
        self.execute(RULE, row).await?;
        Ok(())
    }

    /// The newest ruling of each pair about registered people numbered `first` to
    /// `last`.
    pub async fn rulings_between(
        &mut self,
        first: PersonId,
        last: PersonId,
    ) -> Result<Vec<KeptRuling>> {
        let rows = self.fetch_all(OF_PEOPLE, args![first, last]).await?;
        newest(&rows)
    }

    /// The newest ruling of each pair of a rule.
    pub async fn rulings_of(&mut self, rule: &Slug) -> Result<Vec<KeptRuling>> {
        let rows = self.fetch_all(OF_RULE, args![rule]).await?;
        newest(&rows)
    }
}

/// The pair a row is about.
type Pair = (i64, Vec<u8>, Slug, Blind, Blind);

fn newest(rows: &[Row]) -> Result<Vec<KeptRuling>> {
    let mut newest: BTreeMap<Pair, KeptRuling> = BTreeMap::new();
    for row in rows {
        let key = (
            row.get("person")?,
            row.get("subject")?,
            row.get("rule")?,
            row.get("left_no")?,
            row.get("right_no")?,
        );
        let (whom, found, ruling) = row.unsealed_json::<Content>(&STATE)?;
        let at = row.get("at")?;
        let kept = KeptRuling {
            whom,
            found,
            ruling,
            at,
        };
        newest.insert(key, kept);
    }
    Ok(newest.into_values().collect())
}
