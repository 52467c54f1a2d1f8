//! 「证件号」 Whose a document number is: of one, of a file's few, of everybody. Numbers lie
//! as keyed hashes; of several entries under one the newest has it.

use crate::error::Result;
use crate::seal::{Blind, Secrets};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use kernel::{PersonId, PersonNumber};
use std::collections::HashMap;
use std::sync::Arc;

/// Whose each document number is, as of one moment.
pub struct NumberIndex {
    secrets: Arc<Secrets>,
    people: HashMap<Blind, PersonId>,
}

impl NumberIndex {
    /// Who has or had the number; of several entries the newest.
    pub fn person(&self, number: PersonNumber) -> Option<PersonId> {
        let blind = self.secrets.blind(NUMBER, number.reveal());
        self.people.get(&blind).copied()
    }

    /// How many numbers are known.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// How many numbers the register knows and whose they are, summed: another register has
/// another mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumbersMark {
    numbers: i64,
    whose: i64,
}

/// What a document number is found by in `person_number`.
pub(super) const NUMBER: &str = "person_number.number";

/// Numbers read at a time: bounds the memory of the reading, not of the index.
const NUMBERS_PAGE: i64 = 10_000;

statements! {
    BY_NUMBER = "SELECT person FROM person_number WHERE number = $1 ORDER BY person";
    ADD_NUMBER = "INSERT INTO person_number (number, person) VALUES ($1, $2)
                  ON CONFLICT (number, person) DO NOTHING";
    NUMBERS_AFTER = "SELECT number, person FROM person_number
                     WHERE (number, person) > ($1, $2) ORDER BY number, person LIMIT $3";
    NUMBERS_MARK = "SELECT count(*) AS numbers, CAST(coalesce(sum(person), 0) AS BIGINT) AS whose
                    FROM person_number";
}

impl Tx {
    /// The entries that have or had a document number.
    pub async fn people_with(&mut self, number: PersonNumber) -> Result<Vec<PersonId>> {
        let blind = self.blind_number(number);
        let rows = self.fetch_all(BY_NUMBER, args![blind]).await?;
        rows.iter().map(|row| row.get("person")).collect()
    }

    /// Whose these numbers are: for a file of a few rows.
    pub async fn numbers_among(
        &mut self,
        numbers: impl IntoIterator<Item = PersonNumber>,
    ) -> Result<NumberIndex> {
        let secrets = Arc::clone(&self.shared.secrets);
        let mut people = HashMap::new();
        for number in numbers {
            let blind = secrets.blind(NUMBER, number.reveal());
            for row in self.fetch_all(BY_NUMBER, args![blind]).await? {
                people.insert(blind, row.get("person")?);
            }
        }
        Ok(NumberIndex { secrets, people })
    }

    /// What tells whether an index of the numbers is still true.
    pub async fn numbers_mark(&mut self) -> Result<NumbersMark> {
        let row = self.fetch_one(NUMBERS_MARK, args![]).await?;
        Ok(NumbersMark {
            numbers: row.get("numbers")?,
            whose: row.get("whose")?,
        })
    }

    /// Whose every number is: for importing a large file.
    pub async fn number_index(&mut self) -> Result<NumberIndex> {
        let mark = self.numbers_mark().await?;
        let mut people = HashMap::with_capacity(usize::try_from(mark.numbers).unwrap_or(0));
        let (mut last, mut of) = (Blind::default(), PersonId(i64::MIN));
        loop {
            let page = args![last, of, NUMBERS_PAGE];
            let rows = self.fetch_all(NUMBERS_AFTER, page).await?;
            let Some(row) = rows.last() else { break };
            (last, of) = (row.get("number")?, row.get("person")?);
            for row in &rows {
                people.insert(row.get("number")?, row.get("person")?);
            }
        }
        let secrets = Arc::clone(&self.shared.secrets);
        Ok(NumberIndex { secrets, people })
    }

    /// What a number is found by, here and where rows are spoken of by their number.
    pub(crate) fn blind_number(&self, number: PersonNumber) -> Blind {
        self.shared.secrets.blind(NUMBER, number.reveal())
    }

    /// One more number somebody has or had.
    pub(super) async fn add_number(&mut self, number: &str, id: PersonId) -> Result<()> {
        let blind = self.shared.secrets.blind(NUMBER, number);
        self.execute(ADD_NUMBER, args![blind, id]).await?;
        Ok(())
    }
}
