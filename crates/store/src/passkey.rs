//! 「通行密钥」 Passkeys as rows, and by which document number another sign-in finds an
//! account; what a valid answer is, is decided elsewhere.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, row};
use kernel::{Instant, PersonNumber};

/// What a passkey is found by.
const CREDENTIAL: &str = "passkey.credential";
/// What a document number of an account is found by.
const NUMBER: &str = "login_number.number";

/// A passkey as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPasskey {
    /// Its number, to name it by.
    pub id: i64,
    /// The account it opens.
    pub login: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub added: Instant,
    /// When it was last used.
    pub used: Option<Instant>,
    /// Public key and counter, as the library keeps them.
    pub state: String,
}

sealed! {
    NAME = passkey.name (id: Int, login: Text);
    STATE = passkey.state (id: Int, login: Text);
}

statements! {
    ADD = "INSERT INTO passkey (credential, id, login, name, added, used, state)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (credential) DO NOTHING";
    FIND = "SELECT id, login, name, added, used, state FROM passkey WHERE credential = $1";
    OF_LOGIN = "SELECT id, login, name, added, used, state FROM passkey
                WHERE login = $1 ORDER BY id";
    USED = "UPDATE passkey SET used = $2, state = $3 WHERE id = $1";
    REMOVE = "DELETE FROM passkey WHERE id = $1 AND login = $2";
    ADD_NUMBER = "INSERT INTO login_number (number, login) VALUES ($1, $2)
                  ON CONFLICT (number, login) DO NOTHING";
    BY_NUMBER = "SELECT login FROM login_number WHERE number = $1 ORDER BY login";
}

impl Tx {
    /// Keeps a passkey under its credential's id; `false`: it is kept already.
    pub async fn add_passkey(&mut self, credential: &str, kept: &StoredPasskey) -> Result<bool> {
        let blind = self.shared.secrets.blind(CREDENTIAL, credential);
        let bound = row![kept.id, kept.login];
        let name = self.seal(&NAME, &bound, &kept.name)?;
        let state = self.seal(&STATE, &bound, &kept.state)?;
        let row = args![
            blind, kept.id, kept.login, name, kept.added, kept.used, state
        ];
        Ok(self.execute(ADD, row).await? == 1)
    }

    /// The passkey of a credential.
    pub async fn passkey(&mut self, credential: &str) -> Result<Option<StoredPasskey>> {
        let blind = self.shared.secrets.blind(CREDENTIAL, credential);
        let row = self.fetch_optional(FIND, args![blind]).await?;
        row.as_ref().map(StoredPasskey::read).transpose()
    }

    /// The passkeys of an account, oldest first.
    pub async fn passkeys_of(&mut self, login: &str) -> Result<Vec<StoredPasskey>> {
        let rows = self.fetch_all(OF_LOGIN, args![login]).await?;
        rows.iter().map(StoredPasskey::read).collect()
    }

    /// Keeps when a passkey was used and what the library remembers of it.
    pub async fn used_passkey(&mut self, kept: &StoredPasskey) -> Result<()> {
        let state = self.seal(&STATE, &row![kept.id, kept.login], &kept.state)?;
        self.execute(USED, args![kept.id, kept.used, state]).await?;
        Ok(())
    }

    /// Removes a passkey of an account; `false`: it has none of that number.
    pub async fn remove_passkey(&mut self, id: i64, login: &str) -> Result<bool> {
        Ok(self.execute(REMOVE, args![id, login]).await? == 1)
    }

    /// Lets another sign-in find an account by a document number.
    pub async fn add_login_number(&mut self, number: PersonNumber, login: &str) -> Result<bool> {
        let blind = self.shared.secrets.blind(NUMBER, number.reveal());
        Ok(self.execute(ADD_NUMBER, args![blind, login]).await? == 1)
    }

    /// The accounts that may be found by a document number.
    pub async fn logins_with(&mut self, number: PersonNumber) -> Result<Vec<String>> {
        let blind = self.shared.secrets.blind(NUMBER, number.reveal());
        let rows = self.fetch_all(BY_NUMBER, args![blind]).await?;
        rows.iter().map(|row| row.get("login")).collect()
    }
}

impl StoredPasskey {
    fn read(row: &Row) -> Result<StoredPasskey> {
        Ok(StoredPasskey {
            id: row.get("id")?,
            login: row.get("login")?,
            name: row.unsealed_text(&NAME)?.unwrap_or_default(),
            added: row.get("added")?,
            used: row.maybe("used")?,
            state: row.unsealed_text(&STATE)?.unwrap_or_default(),
        })
    }
}
