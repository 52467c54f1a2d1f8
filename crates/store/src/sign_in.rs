//! 「登录」 Accounts and sessions as rows; what is a right password or a living
//! session is decided elsewhere.

use crate::error::Result;
use crate::seal::{Spot, sealed};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, Value, args, json, row};
use engine_access::{Attempts, SessionTimes};
use kernel::{Instant, PersonId, Role};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// What is typed to sign in.
    pub login: String,
    /// The human being; `None` for machines.
    pub person: Option<PersonId>,
    /// The one role it acts in.
    pub role: Role,
    /// The name shown to colleagues.
    pub name: String,
    /// argon2 text; `None`: signs in elsewhere.
    pub password: Option<String>,
    /// Shared secret of the code generator.
    pub totp: Option<Vec<u8>>,
    /// The last time step whose code was used.
    pub totp_step: i64,
    /// Wrong attempts.
    pub attempts: Attempts,
    /// Closed accounts never sign in again.
    pub closed: bool,
}

sealed! {
    NAME = login_account.name (login: Text);
    PASSWORD = login_account.password (login: Text, person: Int, role: Text);
    TOTP = login_account.totp (login: Text, person: Int, role: Text);
}

statements! {
    FIND = "SELECT login, person, role, name, password, totp, totp_step, failures, locked_until, closed
            FROM login_account WHERE login = $1";
    ALL = "SELECT login, person, role, name, password, totp, totp_step, failures, locked_until, closed
           FROM login_account ORDER BY login";
    OF_PERSON = "SELECT login, person, role, name, password, totp, totp_step, failures, locked_until, closed
                 FROM login_account WHERE person = $1 AND closed = 0 ORDER BY login";
    AS_ROLE = "SELECT login, person, role, name, password, totp, totp_step, failures, locked_until, closed
               FROM login_account WHERE role = $1 AND closed = 0 ORDER BY login LIMIT $2";
    OPEN = "INSERT INTO login_account (login, person, role, name, password, totp, totp_step,
                failures, locked_until, closed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (login) DO NOTHING";
    SAVE = "UPDATE login_account SET password = $2, totp = $3, totp_step = $4, failures = $5,
                locked_until = $6, closed = $7
            WHERE login = $1";
    BEGIN = "INSERT INTO session (token, login, begun, seen, proved) VALUES ($1, $2, $3, $4, $5)";
    SESSION = "SELECT login, begun, seen, proved FROM session WHERE token = $1";
    TOUCH = "UPDATE session SET seen = $2, proved = $3 WHERE token = $1";
    END = "DELETE FROM session WHERE token = $1";
    END_ALL = "DELETE FROM session WHERE login = $1";
    SWEEP = "DELETE FROM session WHERE begun < $1";
}

impl Tx {
    /// An account by its login.
    pub async fn login(&mut self, login: &str) -> Result<Option<Login>> {
        let row = self.fetch_optional(FIND, args![login]).await?;
        row.as_ref().map(Login::read).transpose()
    }

    /// Every account.
    pub async fn logins(&mut self) -> Result<Vec<Login>> {
        let rows = self.fetch_all(ALL, args![]).await?;
        rows.iter().map(Login::read).collect()
    }

    /// Living accounts of a person.
    pub async fn logins_of(&mut self, person: PersonId) -> Result<Vec<Login>> {
        let rows = self.fetch_all(OF_PERSON, args![person]).await?;
        rows.iter().map(Login::read).collect()
    }

    /// Living accounts of a role, at most `limit`.
    pub async fn logins_as(&mut self, role: Role, limit: u32) -> Result<Vec<Login>> {
        let rows = self.fetch_all(AS_ROLE, args![json(&role)?, limit]).await?;
        rows.iter().map(Login::read).collect()
    }

    /// Opens an account; `false`: the login is taken.
    pub async fn open_login(&mut self, account: &Login) -> Result<bool> {
        let Login {
            login,
            person,
            role,
            name,
            password,
            totp,
            totp_step,
            attempts,
            closed,
        } = account;
        let role = json(role)?;
        let bound = args![login, person, role];
        let name = self.seal(&NAME, &row![login], name)?;
        let password = self.seal_some(&PASSWORD, &bound, password.as_ref())?;
        let totp = self.seal_some(&TOTP, &bound, totp.as_ref())?;
        let row = args![
            login,
            person,
            role,
            name,
            password,
            totp,
            totp_step,
            attempts.failures,
            attempts.locked_until,
            closed
        ];
        Ok(self.execute(OPEN, row).await? == 1)
    }

    /// Keeps what may change of an account: secrets, attempts, whether it is closed.
    pub async fn save_login(&mut self, account: &Login) -> Result<()> {
        let bound = args![account.login, account.person, json(&account.role)?];
        let row = args![
            account.login,
            self.seal_some(&PASSWORD, &bound, account.password.as_ref())?,
            self.seal_some(&TOTP, &bound, account.totp.as_ref())?,
            account.totp_step,
            account.attempts.failures,
            account.attempts.locked_until,
            account.closed
        ];
        self.execute_one(SAVE, row, "账号").await
    }

    fn seal_some(
        &self,
        spot: &Spot,
        row: &[Value],
        plain: Option<impl AsRef<[u8]>>,
    ) -> Result<Option<Vec<u8>>> {
        plain.map(|plain| self.seal(spot, row, plain)).transpose()
    }

    /// Begins a session; `token` is the digest of what the browser holds.
    pub async fn begin_session(
        &mut self,
        token: &[u8],
        login: &str,
        times: SessionTimes,
    ) -> Result<()> {
        let token = token.to_vec();
        self.execute(
            BEGIN,
            args![token, login, times.begun, times.seen, times.proved],
        )
        .await?;
        Ok(())
    }

    /// A session: whose, and its times.
    pub async fn session(&mut self, token: &[u8]) -> Result<Option<(String, SessionTimes)>> {
        let token = token.to_vec();
        let Some(row) = self.fetch_optional(SESSION, args![token]).await? else {
            return Ok(None);
        };
        let times = SessionTimes {
            begun: row.get("begun")?,
            seen: row.get("seen")?,
            proved: row.get("proved")?,
        };
        Ok(Some((row.get("login")?, times)))
    }

    /// Keeps when a session was last used and proved.
    pub async fn touch_session(&mut self, token: &[u8], times: SessionTimes) -> Result<()> {
        let token = token.to_vec();
        self.execute(TOUCH, args![token, times.seen, times.proved])
            .await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn end_session(&mut self, token: &[u8]) -> Result<()> {
        let token = token.to_vec();
        self.execute(END, args![token]).await?;
        Ok(())
    }

    /// Ends every session of an account.
    pub async fn end_sessions_of(&mut self, login: &str) -> Result<()> {
        self.execute(END_ALL, args![login]).await?;
        Ok(())
    }

    /// Forgets sessions begun before a moment; gives how many.
    pub async fn forget_sessions(&mut self, before: Instant) -> Result<u64> {
        self.execute(SWEEP, args![before]).await
    }
}

impl Login {
    fn read(row: &Row) -> Result<Login> {
        Ok(Login {
            login: row.get("login")?,
            person: row.maybe("person")?,
            role: row.json("role")?,
            name: row.unsealed_text(&NAME)?.unwrap_or_default(),
            password: row.unsealed_text(&PASSWORD)?,
            totp: row.unsealed_some(&TOTP)?,
            totp_step: row.get("totp_step")?,
            attempts: Attempts {
                failures: row.get("failures")?,
                locked_until: row.maybe("locked_until")?,
            },
            closed: row.get("closed")?,
        })
    }
}
