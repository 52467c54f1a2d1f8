//! 「程序」 Tokens for programs that act for an account: issued by its owner, shown
//! once, narrowed by scopes, dead at a day, taken back at any time.

use super::{Token, Visitor, actor, digest, new_token};
use crate::{App, AppError, Context, Result};
use engine_access::{Holder, Refusal, Scope};
use kernel::{Date, Now};
use store::{ApiToken, Login, Tx};

/// The longest life of a token, days.
const DAYS_MAX: u32 = 365;
/// How a token begins, so that one found in a file is known for what it is.
const PREFIX: &str = "nxt_";

/// A token to issue.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub note: String,
    /// What it opens; at least one.
    pub scopes: Vec<Scope>,
    /// How many days it lives.
    pub days: u32,
}

/// A token in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLine {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub note: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// Its last day.
    pub last: Date,
    /// Whether it still opens anything.
    pub alive: bool,
}

/// A program that showed a living token.
#[derive(Clone, Debug, PartialEq)]
pub struct Bearer {
    /// For whom it acts.
    pub visitor: Visitor,
    /// What the token opens.
    pub scopes: Vec<Scope>,
}

impl App {
    /// 发令牌 Issues a token of the actor's own account; the text is shown this once.
    ///
    /// # Errors
    /// Bad input without a note, a scope or a sensible life; the store's.
    pub async fn issue_token(&self, ctx: &Context, new: NewToken) -> Result<Token> {
        let note = new.note.trim().to_owned();
        if note.is_empty() {
            return Err(AppError::BadInput("请写明令牌给谁用、做什么".to_owned()));
        }
        if new.scopes.is_empty() {
            return Err(AppError::BadInput("请至少选一项用途".to_owned()));
        }
        if !(1..=DAYS_MAX).contains(&new.days) {
            let says = format!("有效期请写 1 到 {DAYS_MAX} 天");
            return Err(AppError::BadInput(says));
        }
        let token = Token(format!("{PREFIX}{}", new_token()?.0));
        let (key, now, ctx) = (digest(&token), self.now(), ctx.clone());
        self.db
            .write(async move |tx| {
                let login = ctx.actor.account.clone();
                if tx.login(&login).await?.is_none() {
                    return Err(AppError::refused(Refusal::SignIn));
                }
                let kept = ApiToken {
                    id: tx.next_id("api_token").await?,
                    login,
                    note: note.clone(),
                    scopes: new.scopes.clone(),
                    issued: now.at,
                    expires: now.at + chrono::TimeDelta::days(i64::from(new.days)),
                    revoked: None,
                };
                tx.issue_token(&key, &kept).await?;
                let what = (kept.id, &kept.note, &kept.scopes);
                ctx.record(tx, "token.issue", "token", &what, now).await
            })
            .await?;
        Ok(token)
    }

    /// 我的令牌 The tokens of the actor's own account.
    ///
    /// # Errors
    /// The store's.
    pub async fn own_tokens(&self, ctx: &Context) -> Result<Vec<TokenLine>> {
        let (login, now) = (ctx.actor.account.clone(), self.now());
        let kept = self
            .db
            .read(async move |tx| tx.api_tokens_of(&login).await)
            .await?;
        let line = |token: ApiToken| TokenLine {
            alive: lives(&token, now),
            id: token.id,
            note: token.note,
            scopes: token.scopes,
            last: Now { at: token.expires }.today(),
        };
        Ok(kept.into_iter().map(line).collect())
    }

    /// 收回令牌 Takes a token of the actor's own account back, at once.
    ///
    /// # Errors
    /// [`Refusal::NothingThere`]; the store's.
    pub async fn revoke_token(&self, ctx: &Context, id: i64) -> Result<()> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                if !tx.revoke_token(id, &ctx.actor.account, now.at).await? {
                    return Err(AppError::refused(Refusal::NothingThere));
                }
                ctx.record(tx, "token.revoke", "token", &id, now).await
            })
            .await
    }

    /// The program behind a token; `None`: no such token, or it is dead.
    ///
    /// # Errors
    /// The store's.
    pub async fn bearer(&self, token: &Token) -> Result<Option<Bearer>> {
        let (key, now) = (digest(token), self.now());
        let found = self.db.read(async move |tx| read(tx, &key, now).await);
        Ok(found.await?.map(|(account, scopes, region)| Bearer {
            visitor: Visitor {
                actor: actor(&account),
                name: account.name,
                region,
                // A program cannot prove who sits there.
                proved: false,
            },
            scopes,
        }))
    }
}

async fn read(
    tx: &mut Tx,
    key: &[u8],
    now: Now,
) -> Result<Option<(Login, Vec<Scope>, Option<kernel::RegionCode>)>> {
    let Some(token) = tx.api_token(key).await?.filter(|one| lives(one, now)) else {
        return Ok(None);
    };
    let account = tx.login(&token.login).await?.filter(|one| !one.closed);
    let Some(account) = account else {
        return Ok(None);
    };
    let grants = match account.person {
        Some(person) => tx.grants(&Holder::Person(person)).await?.state.grants,
        None => Vec::new(),
    };
    let today = now.today();
    let held = grants
        .iter()
        .find(|one| one.role == account.role && one.holds_on(today));
    let region = held.map(|grant| grant.region);
    Ok(Some((account, token.scopes, region)))
}

fn lives(token: &ApiToken, now: Now) -> bool {
    token.revoked.is_none() && now.at < token.expires
}
