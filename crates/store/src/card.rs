//! 「幸福码」 Cards and their scans. Whether a code is right is decided elsewhere.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use kernel::{Instant, PersonId, Role};
use serde::{Deserialize, Serialize};

const NUMBER: &str = "card.number";

/// A person's card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Whose.
    pub person: PersonId,
    /// The number in its codes.
    pub number: String,
    /// What its codes are made with.
    pub secret: Vec<u8>,
    /// The last time step whose code was taken.
    pub used_step: i64,
}

/// A scan, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardScan {
    /// When.
    pub at: Instant,
    /// The role of who scanned.
    pub role: Role,
    /// Their office.
    pub office: String,
    /// What was asked.
    pub asked: String,
    /// What for, in their words.
    pub why: String,
    /// What they were told.
    pub told: String,
}

#[derive(Serialize, Deserialize)]
struct Inside {
    number: String,
    secret: Vec<u8>,
}

sealed! {
    SECRET = card.secret (person: Int);
    SCAN = card_scan.state (id: Int, person: Int, at: Int);
}

statements! {
    OPEN = "INSERT INTO card (person, number, secret, used_step) VALUES ($1, $2, $3, $4)
            ON CONFLICT (person) DO NOTHING";
    OF_PERSON = "SELECT person, secret, used_step FROM card WHERE person = $1";
    BY_NUMBER = "SELECT person, secret, used_step FROM card WHERE number = $1";
    USE = "UPDATE card SET used_step = $2 WHERE person = $1 AND used_step < $2";
    SCANNED = "INSERT INTO card_scan (id, person, at, state) VALUES ($1, $2, $3, $4)";
    SCANS = "SELECT id, person, at, state FROM card_scan WHERE person = $1
             ORDER BY id DESC LIMIT $2";
}

impl Tx {
    /// Opens a card; a person who has one keeps it.
    pub async fn open_card(&mut self, card: &Card) -> Result<()> {
        let inside = Inside {
            number: card.number.clone(),
            secret: card.secret.clone(),
        };
        let secret = self.seal(&SECRET, &row![card.person], json(&inside)?)?;
        let number = self.shared.secrets.blind(NUMBER, &card.number);
        self.execute(OPEN, args![card.person, number, secret, card.used_step])
            .await?;
        Ok(())
    }

    /// A person's card.
    pub async fn card_of(&mut self, person: PersonId) -> Result<Option<Card>> {
        let row = self.fetch_optional(OF_PERSON, args![person]).await?;
        row.as_ref().map(read).transpose()
    }

    /// The card with this number.
    pub async fn card_by_number(&mut self, number: &str) -> Result<Option<Card>> {
        let number = self.shared.secrets.blind(NUMBER, number);
        let row = self.fetch_optional(BY_NUMBER, args![number]).await?;
        row.as_ref().map(read).transpose()
    }

    /// Takes the code of a time step; `false`: it, or a later one, was taken before.
    pub async fn use_card(&mut self, person: PersonId, step: i64) -> Result<bool> {
        Ok(self.execute(USE, args![person, step]).await? == 1)
    }

    /// Keeps a scan.
    pub async fn card_scanned(&mut self, person: PersonId, scan: &CardScan) -> Result<()> {
        let id = self.fresh_id();
        let state = self.seal(&SCAN, &row![id, person, scan.at], json(scan)?)?;
        self.execute(SCANNED, args![id, person, scan.at, state])
            .await?;
        Ok(())
    }

    /// The newest scans of a person's card.
    pub async fn card_scans(&mut self, person: PersonId, limit: u32) -> Result<Vec<CardScan>> {
        let rows = self.fetch_all(SCANS, args![person, limit]).await?;
        rows.iter().map(|row| row.unsealed_json(&SCAN)).collect()
    }
}

fn read(row: &Row) -> Result<Card> {
    let inside: Inside = row.unsealed_json(&SECRET)?;
    Ok(Card {
        person: row.get("person")?,
        number: inside.number,
        secret: inside.secret,
        used_step: row.get("used_step")?,
    })
}
