//! 「通行密钥」 A key in a phone or a stick instead of a password: added by who is signed
//! in and proved, shown at sign-in, a proof like the code. The library judges every
//! answer; challenges wait sealed and count once.

use super::{Token, digest, living, new_token, signing_in};
use crate::{App, AppError, Context, Result};
use chrono::TimeDelta;
use engine_access::{Refusal, SessionTimes};
use kernel::{Date, Instant, Now};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use store::{Login, StoredPasskey, Tx};
use webauthn_rs::prelude::{
    AuthenticationResult, CredentialID, DiscoverableAuthentication, DiscoverableKey, Passkey,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// How long a challenge waits.
const MINUTES: i64 = 5;
/// The longest name of a passkey.
const NAME_CHARS_MAX: usize = 40;
/// How many an account may have.
const KEYS_MAX: usize = 10;
const ADDING: &str = "passkey/add";
const SHOWING: &str = "passkey/show";

/// 通行密钥 The site's side of passkeys: bound to its address.
#[derive(Clone, Debug)]
pub struct Passkeys {
    judge: Webauthn,
}

/// A challenge: what the browser asks its keys, and what we find it by.
#[derive(Clone, Debug, Serialize)]
pub struct Ceremony {
    /// Comes back with the answer.
    pub key: String,
    /// For `navigator.credentials`.
    pub options: serde_json::Value,
}

/// A passkey in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyLine {
    /// Its number.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// The day it was added.
    pub added: Date,
    /// When it was last used.
    pub used: Option<Instant>,
}

impl Passkeys {
    /// Passkeys of the site at `base`: `https://civil.example.gov.cn`.
    ///
    /// # Errors
    /// In words, for an address passkeys do not know: an IP address, or http where it
    /// is not this machine.
    pub fn new(base: &str, name: &str) -> Result<Passkeys, String> {
        let url = Url::parse(base).map_err(|why| format!("网站地址 {base} 不对：{why}"))?;
        let domain = url.domain().map(str::to_owned);
        let domain = domain.ok_or_else(|| format!("通行密钥要有域名，{base} 不行"))?;
        let built =
            WebauthnBuilder::new(&domain, &url).and_then(|builder| builder.rp_name(name).build());
        let judge = built.map_err(|why| format!("通行密钥用不了 {base}：{why}"))?;
        Ok(Passkeys { judge })
    }
}

impl App {
    /// 添加通行密钥 Begins: the challenge for the actor's own account.
    ///
    /// # Errors
    /// [`Refusal::Unproved`] when the account has a code or a passkey to prove with
    /// and `proved` is not so; bad input beyond the number an account may have; the
    /// store's.
    pub async fn begin_passkey(
        &self,
        keys: &Passkeys,
        ctx: &Context,
        proved: bool,
    ) -> Result<Ceremony> {
        let login = ctx.actor.account.clone();
        let name = login.clone();
        let found = self.db.read(async move |tx| {
            let account = tx.login(&name).await?;
            Ok::<_, AppError>((account, tx.passkeys_of(&name).await?))
        });
        let (account, held) = found.await?;
        let can_prove = !held.is_empty() || account.is_some_and(|one| one.totp.is_some());
        if can_prove && !proved {
            return Err(AppError::refused(Refusal::Unproved));
        }
        if held.len() >= KEYS_MAX {
            let says = format!("一个账号最多 {KEYS_MAX} 把通行密钥，请先删掉不用的");
            return Err(AppError::BadInput(says));
        }
        let known: Vec<CredentialID> = held
            .iter()
            .filter_map(|one| read::<Passkey>(&one.state).ok())
            .map(|one| one.cred_id().clone())
            .collect();
        let begun =
            keys.judge
                .start_passkey_registration(user(&login), &login, &login, Some(known));
        let (asked, state) = begun.map_err(fault)?;
        let mut asked = serde_json::to_value(asked).map_err(fault)?;
        // The key must be found without a login typed first.
        let selection = &mut asked["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
        self.wait_for(ADDING, &(login, state), asked).await
    }

    /// Ends it: the passkey is the actor's from now on.
    ///
    /// # Errors
    /// [`Refusal::Passkey`] when the answer does not hold; bad input without a name.
    pub async fn finish_passkey(
        &self,
        keys: &Passkeys,
        ctx: &Context,
        key: &str,
        name: &str,
        answer: &str,
    ) -> Result<()> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            let says = format!("给这把密钥起个名字，最多 {NAME_CHARS_MAX} 个字");
            return Err(AppError::BadInput(says));
        }
        let answer: RegisterPublicKeyCredential = believable(answer)?;
        let waiting = self.waited::<(String, PasskeyRegistration)>(ADDING, key);
        let (login, state) = waiting.await?;
        if login != ctx.actor.account {
            return Err(AppError::refused(Refusal::Passkey));
        }
        let made = keys.judge.finish_passkey_registration(&answer, &state);
        let made = made.map_err(disbelieved)?;
        let credential = named(made.cred_id());
        let state = text(&made)?;
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let kept = StoredPasskey {
                    id: tx.next_id("passkey").await?,
                    login: login.clone(),
                    name: name.clone(),
                    added: now.at,
                    used: None,
                    state: state.clone(),
                };
                if !tx.add_passkey(&credential, &kept).await? {
                    return Err(AppError::refused(Refusal::Passkey));
                }
                ctx.record(tx, "passkey.add", "passkey", &kept.id, now)
                    .await
            })
            .await
    }

    /// The actor's own passkeys.
    ///
    /// # Errors
    /// The store's.
    pub async fn own_passkeys(&self, ctx: &Context) -> Result<Vec<PasskeyLine>> {
        let login = ctx.actor.account.clone();
        let kept = self
            .db
            .read(async move |tx| tx.passkeys_of(&login).await)
            .await?;
        let line = |one: StoredPasskey| PasskeyLine {
            id: one.id,
            name: one.name,
            added: Now { at: one.added }.today(),
            used: one.used,
        };
        Ok(kept.into_iter().map(line).collect())
    }

    /// Removes a passkey of the actor's own, at once.
    ///
    /// # Errors
    /// [`Refusal::NothingThere`]; the store's.
    pub async fn remove_passkey(&self, ctx: &Context, id: i64) -> Result<()> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                if !tx.remove_passkey(id, &ctx.actor.account).await? {
                    return Err(AppError::refused(Refusal::NothingThere));
                }
                ctx.record(tx, "passkey.remove", "passkey", &id, now).await
            })
            .await
    }

    /// 出示通行密钥 Begins a sign-in or a proof: any key of this site may answer.
    ///
    /// # Errors
    /// The store's.
    pub async fn ask_passkey(&self, keys: &Passkeys) -> Result<Ceremony> {
        let begun = keys.judge.start_discoverable_authentication();
        let (asked, state) = begun.map_err(fault)?;
        let asked = serde_json::to_value(asked).map_err(fault)?;
        self.wait_for(SHOWING, &state, asked).await
    }

    /// Signs in by a passkey's answer.
    ///
    /// # Errors
    /// [`Refusal::Passkey`] when the answer does not hold; the store's.
    pub async fn sign_in_by_passkey(
        &self,
        keys: &Passkeys,
        key: &str,
        answer: &str,
    ) -> Result<Token> {
        let kept = self.shown(keys, key, answer).await?;
        let (token, now) = (new_token()?, self.now());
        let digest = digest(&token);
        self.db
            .write(async move |tx| {
                let account = tx.login(&kept.login).await?.filter(|one| !one.closed);
                let Some(account) = account else {
                    return Err(AppError::refused(Refusal::Passkey));
                };
                tx.used_passkey(&kept).await?;
                let times = SessionTimes::begin(now);
                tx.begin_session(&digest, &account.login, times).await?;
                record(tx, &account, "session.begin", now).await
            })
            .await?;
        Ok(token)
    }

    /// 提级验证 Proves anew who sits there, by a passkey of the same account.
    ///
    /// # Errors
    /// As [`App::sign_in_by_passkey`].
    pub async fn prove_by_passkey(
        &self,
        keys: &Passkeys,
        token: &Token,
        key: &str,
        answer: &str,
    ) -> Result<()> {
        let kept = self.shown(keys, key, answer).await?;
        let (digest, now) = (digest(token), self.now());
        self.db
            .write(async move |tx| {
                let found = living(tx, &digest, now).await?;
                let found = found.filter(|(account, ..)| account.login == kept.login);
                let Some((_, times, _)) = found else {
                    return Err(AppError::refused(Refusal::Passkey));
                };
                tx.used_passkey(&kept).await?;
                let proved = SessionTimes {
                    proved: now.at,
                    seen: now.at,
                    ..times
                };
                tx.touch_session(&digest, proved).await?;
                Ok(())
            })
            .await
    }

    /// The passkey that gave this answer, if it holds.
    async fn shown(&self, keys: &Passkeys, key: &str, answer: &str) -> Result<StoredPasskey> {
        let answer: PublicKeyCredential = believable(answer)?;
        let state = self.waited::<DiscoverableAuthentication>(SHOWING, key);
        let state = state.await?;
        let named_by = keys.judge.identify_discoverable_authentication(&answer);
        let (_, credential) = named_by.map_err(disbelieved)?;
        let credential = hex(credential);
        let kept = self
            .db
            .read(async move |tx| tx.passkey(&credential).await)
            .await?;
        let Some(mut kept) = kept else {
            return Err(AppError::refused(Refusal::Passkey));
        };
        let mut held: Passkey = read(&kept.state)?;
        let judged = keys.judge.finish_discoverable_authentication_v2(
            &answer,
            state,
            DiscoverableKey::from(&held),
        );
        let judged: AuthenticationResult = judged.map_err(disbelieved)?;
        held.update_credential(&judged);
        kept.state = text(&held)?;
        kept.used = Some(self.now().at);
        Ok(kept)
    }

    async fn wait_for<S: Serialize>(
        &self,
        kind: &'static str,
        state: &S,
        options: serde_json::Value,
    ) -> Result<Ceremony> {
        let (token, now) = (new_token()?, self.now());
        let (key, state) = (token.0.clone(), text(state)?);
        self.db
            .write(async move |tx| {
                let until = now.at + TimeDelta::minutes(MINUTES);
                tx.set_aside(kind, &key, &state, until, now).await?;
                Ok::<_, AppError>(())
            })
            .await?;
        Ok(Ceremony {
            key: token.0,
            options,
        })
    }

    async fn waited<S: DeserializeOwned>(&self, kind: &'static str, key: &str) -> Result<S> {
        let (key, now) = (key.to_owned(), self.now());
        let text: Option<String> = self
            .db
            .write(async move |tx| Ok::<_, AppError>(tx.take_aside(kind, &key, now).await?))
            .await?;
        read(&text.ok_or_else(|| AppError::refused(Refusal::Passkey))?)
    }
}

async fn record(tx: &mut Tx, account: &Login, what: &str, now: Now) -> Result<()> {
    let ctx = signing_in(account);
    ctx.record(tx, what, "session", &"passkey", now).await
}

/// What the key holds of whose it is: nothing that says who.
fn user(login: &str) -> Uuid {
    let digest = Sha256::digest(format!("nuanxin passkey|{login}"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(digest.split_at(16).0);
    Uuid::from_bytes(bytes)
}

fn named(id: &CredentialID) -> String {
    hex(id.as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(fault)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(fault)
}

/// What the browser sent; what cannot be read is no answer.
fn believable<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| AppError::refused(Refusal::Passkey))
}

fn disbelieved(why: impl std::fmt::Display) -> AppError {
    tracing::warn!(%why, "a passkey was not believed");
    AppError::refused(Refusal::Passkey)
}

fn fault(why: impl std::fmt::Display) -> AppError {
    AppError::Fault(format!("通行密钥：{why}"))
}
