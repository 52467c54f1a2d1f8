//! 「接口令牌」 Tokens of programs as rows; what a scope opens is decided elsewhere.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_access::Scope;
use kernel::Instant;

/// A token as kept: its secret is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its number, to name it by.
    pub id: i64,
    /// The account it acts for.
    pub login: String,
    /// What it is for.
    pub note: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// When it was issued.
    pub issued: Instant,
    /// From when on it is dead.
    pub expires: Instant,
    /// When it was taken back.
    pub revoked: Option<Instant>,
}

sealed! {
    NOTE = api_token.note (id: Int, login: Text, scopes: Text);
}

statements! {
    ISSUE = "INSERT INTO api_token (token, id, login, note, scopes, issued, expires)
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND = "SELECT id, login, note, scopes, issued, expires, revoked FROM api_token
            WHERE token = $1";
    OF_LOGIN = "SELECT id, login, note, scopes, issued, expires, revoked FROM api_token
                WHERE login = $1 ORDER BY id";
    REVOKE = "UPDATE api_token SET revoked = $3 WHERE id = $1 AND login = $2 AND revoked IS NULL";
}

impl Tx {
    /// Keeps a token under the digest of its secret.
    pub async fn issue_token(&mut self, digest: &[u8], token: &ApiToken) -> Result<()> {
        let scopes = json(&token.scopes)?;
        let note = self.seal(&NOTE, &row![token.id, token.login, scopes], &token.note)?;
        let row = args![
            digest.to_vec(),
            token.id,
            token.login,
            note,
            scopes,
            token.issued,
            token.expires
        ];
        self.execute(ISSUE, row).await?;
        Ok(())
    }

    /// A token by the digest of its secret.
    pub async fn api_token(&mut self, digest: &[u8]) -> Result<Option<ApiToken>> {
        let row = self.fetch_optional(FIND, args![digest.to_vec()]).await?;
        row.as_ref().map(ApiToken::read).transpose()
    }

    /// The tokens of an account, oldest first.
    pub async fn api_tokens_of(&mut self, login: &str) -> Result<Vec<ApiToken>> {
        let rows = self.fetch_all(OF_LOGIN, args![login]).await?;
        rows.iter().map(ApiToken::read).collect()
    }

    /// Takes a token of an account back; `false`: it has none of that number alive.
    pub async fn revoke_token(&mut self, id: i64, login: &str, at: Instant) -> Result<bool> {
        Ok(self.execute(REVOKE, args![id, login, at]).await? == 1)
    }
}

impl ApiToken {
    fn read(row: &Row) -> Result<ApiToken> {
        Ok(ApiToken {
            id: row.get("id")?,
            login: row.get("login")?,
            note: row.unsealed_text(&NOTE)?.unwrap_or_default(),
            scopes: row.json("scopes")?,
            issued: row.get("issued")?,
            expires: row.get("expires")?,
            revoked: row.maybe("revoked")?,
        })
    }
}
