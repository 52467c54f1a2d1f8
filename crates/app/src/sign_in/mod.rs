//! 「登录」 Password and code for the staff, a session for everybody. The browser
//! holds a random token; the house keeps its digest only. Absent on purpose:
//! which page asks (web's), how long things last (engine-access).

mod account;
mod carried;
mod code;
pub mod elsewhere;
mod passkey;
mod password;
mod program;

pub use account::NewAccount;
pub use carried::CarriedForm;
pub use code::{code_at, setup_key};
pub use passkey::{Ceremony, PasskeyLine, Passkeys};
pub use program::{Bearer, NewToken, TokenLine};

use crate::{App, AppError, Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use engine_access::{Grant, Holder, Purpose, Refusal, SessionTimes};
use kernel::{Actor, Now, RegionCode, Role};
use sha2::{Digest as _, Sha256};
use store::{Login, Tx};

/// What the browser holds: 256 random bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(pub String);

/// Who is signed in.
#[derive(Clone, Debug, PartialEq)]
pub struct Visitor {
    /// As whom everything is done.
    pub actor: Actor,
    /// The name shown to colleagues.
    pub name: String,
    /// Where the role is held: the node of the first grant that holds today.
    pub region: Option<RegionCode>,
    /// Whether they proved lately who they are (提级验证).
    pub proved: bool,
}

impl Visitor {
    /// Acting for a purpose, under a request key.
    pub fn acts(&self, purpose: Purpose, request: impl Into<String>) -> Context {
        Context {
            actor: self.actor.clone(),
            purpose,
            request: request.into(),
        }
    }
}

impl App {
    /// 登录 Begins a session for who knows password and code. A wrong login, a wrong
    /// password and a wrong code sound and cost the same.
    ///
    /// # Errors
    /// [`Refusal::SignIn`], [`Refusal::Locked`]; the store's.
    pub async fn sign_in(&self, login: &str, password: &str, code: Option<&str>) -> Result<Token> {
        let now = self.now();
        let (login, code) = (login.trim().to_owned(), code.map(str::to_owned));
        let name = login.clone();
        let found = self
            .db
            .read(async move |tx| Ok::<_, AppError>(tx.login(&name).await?))
            .await?;
        let kept = found.as_ref().and_then(|one| one.password.clone());
        let right = password::is_right(password.to_owned(), kept).await?;
        let token = new_token()?;
        let digest = digest(&token);
        let begun = self.db.write(async move |tx| {
            let Some(mut account) = tx.login(&login).await? else {
                return Ok(Err(Refusal::SignIn));
            };
            if let Err(locked) = account.attempts.may_try(now) {
                return Ok(Err(locked));
            }
            let step = code::step(&account, code.as_deref(), now)?;
            let ctx = signing_in(&account);
            match step.filter(|_| right && !account.closed) {
                Some(step) => {
                    account.totp_step = step;
                    account.attempts = Default::default();
                    tx.save_login(&account).await?;
                    let times = SessionTimes::begin(now);
                    tx.begin_session(&digest, &account.login, times).await?;
                    ctx.record(tx, "session.begin", "session", &(), now).await?;
                    Ok::<_, AppError>(Ok(()))
                }
                None => {
                    account.attempts = account.attempts.after_failure(now);
                    tx.save_login(&account).await?;
                    ctx.record(tx, "session.refused", "session", &(), now)
                        .await?;
                    Ok(Err(Refusal::SignIn))
                }
            }
        });
        begun.await?.map_err(AppError::refused)?;
        Ok(token)
    }

    /// Whose session it is; `None` when it never was or has ended.
    ///
    /// # Errors
    /// The store's.
    pub async fn visitor(&self, token: &Token) -> Result<Option<Visitor>> {
        let (now, digest) = (self.now(), digest(token));
        let found = self.db.read({
            let digest = digest.clone();
            async move |tx| living(tx, &digest, now).await
        });
        let Some((account, times, grants)) = found.await? else {
            return Ok(None);
        };
        if now.at - times.seen > chrono::TimeDelta::minutes(1) {
            let seen = SessionTimes {
                seen: now.at,
                ..times
            };
            let touch = async move |tx: &mut Tx| {
                tx.touch_session(&digest, seen).await?;
                Ok::<_, AppError>(())
            };
            self.db.write(touch).await?;
        }
        let today = now.today();
        let held = grants
            .iter()
            .find(|one| one.role == account.role && one.holds_on(today));
        Ok(Some(Visitor {
            region: held.map(|grant| grant.region),
            proved: times.is_proved(now),
            name: account.name.clone(),
            actor: actor(&account),
        }))
    }

    /// 提级验证 Proves anew who sits there, by the code.
    ///
    /// # Errors
    /// As [`App::sign_in`].
    pub async fn prove(&self, token: &Token, code: &str) -> Result<()> {
        let (now, digest, code) = (self.now(), digest(token), code.to_owned());
        let proved = self.db.write(async move |tx| {
            let Some((mut account, times, _)) = living(tx, &digest, now).await? else {
                return Ok(Err(Refusal::SignIn));
            };
            if let Err(locked) = account.attempts.may_try(now) {
                return Ok(Err(locked));
            }
            // Who has no code generator proves by a passkey, never by nothing.
            let step = match &account.totp {
                Some(_) => code::step(&account, Some(&code), now)?,
                None => None,
            };
            let outcome = match step {
                Some(step) => {
                    account.totp_step = step;
                    account.attempts = Default::default();
                    let proved = SessionTimes {
                        proved: now.at,
                        seen: now.at,
                        ..times
                    };
                    tx.touch_session(&digest, proved).await?;
                    Ok(())
                }
                None => {
                    account.attempts = account.attempts.after_failure(now);
                    Err(Refusal::SignIn)
                }
            };
            tx.save_login(&account).await?;
            Ok::<_, AppError>(outcome)
        });
        proved.await?.map_err(AppError::refused)
    }

    /// The code of an account that would be taken now, and in how many seconds it
    /// will be (a code works once). For demonstrations, where the secret is known.
    ///
    /// # Errors
    /// The store's; a secret too short.
    pub async fn next_code(&self, login: &str, secret: &[u8]) -> Result<(String, i64)> {
        let (login, now) = (login.to_owned(), self.now());
        let found = self.db.read(async move |tx| tx.login(&login).await);
        let used = found.await?.map_or(0, |account| account.totp_step);
        code::next(secret, used, now)
    }

    /// 退出 Ends a session; it is gone with the next request.
    ///
    /// # Errors
    /// The store's.
    pub async fn sign_out(&self, token: &Token) -> Result<()> {
        let digest = digest(token);
        self.db
            .write(async move |tx| Ok::<_, AppError>(tx.end_session(&digest).await?))
            .await
    }
}

/// A living session: its account, its times, the grants of its holder.
async fn living(
    tx: &mut Tx,
    digest: &[u8],
    now: Now,
) -> Result<Option<(Login, SessionTimes, Vec<Grant>)>> {
    let Some((login, times)) = tx.session(digest).await? else {
        return Ok(None);
    };
    let account = tx.login(&login).await?;
    let account = account.filter(|one| !one.closed && times.lives(one.role, now));
    let Some(account) = account else {
        return Ok(None);
    };
    let grants = match account.person {
        Some(person) => tx.grants(&Holder::Person(person)).await?.state.grants,
        None => Vec::new(),
    };
    Ok(Some((account, times, grants)))
}

fn actor(account: &Login) -> Actor {
    Actor {
        account: account.login.clone(),
        person: account.person,
        role: account.role,
    }
}

fn signing_in(account: &Login) -> Context {
    Context {
        actor: actor(account),
        purpose: match account.role {
            Role::Citizen | Role::Agent => Purpose::Own,
            _ => Purpose::Administration,
        },
        request: String::new(),
    }
}

pub(crate) fn new_token() -> Result<Token> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|why| AppError::Fault(format!("系统不给随机数：{why}")))?;
    Ok(Token(BASE64.encode(bytes)))
}

fn digest(token: &Token) -> Vec<u8> {
    Sha256::digest(token.0.as_bytes()).to_vec()
}
