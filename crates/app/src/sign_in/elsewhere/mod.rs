//! 「单点登录」 Signing in on another house's word: residents by 浙里办, staff by their
//! office's. The other house says a document number; who that is here, and what they
//! may do, this house knows alone. Absent on purpose: rights from outside, and a
//! proof for what must not be done by whoever finds a screen open (`prove`).

mod oidc;
mod ticket;

pub use oidc::{Oidc, OidcSettings};
pub use ticket::{GatewaySignature, Ticket, TicketSettings};

use super::{Token, actor, digest, new_token, signing_in};
use crate::trust::{Reach, Trust, doubt};
use crate::{App, AppError, Result};
use chrono::TimeDelta;
use engine_access::{Attempts, Refusal, SessionTimes};
use futures_util::future::BoxFuture;
use kernel::{Now, PersonNumber, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{Login, Tx};

/// How long somebody may take over there.
const MINUTES: i64 = 10;
/// How long a used ticket is remembered; longer than any ticket lives.
const TICKET_HOURS: i64 = 24;
/// How long the other house is waited for.
const PATIENCE: Duration = Duration::from_secs(8);

/// What the browser brought back, by name.
pub type Came = BTreeMap<String, String>;

/// Who signs in there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// 居民
    Residents,
    /// 工作人员
    Staff,
}

/// What is kept of a sign-in begun, besides its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// Ties the other house's word to this sign-in.
    pub nonce: String,
    /// Proves that who asks for the word is who began.
    pub verifier: String,
}

/// A sign-in as it begins: where the browser goes, and what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The address over there.
    pub to: String,
    /// What is kept.
    pub secrets: Secrets,
}

/// 别家 Another house whose word on who somebody is counts here.
pub trait Driver: Send + Sync {
    /// Where to send the browser so that it comes back to `callback` with `state`.
    fn begin<'a>(&'a self, callback: &'a str, state: &'a str) -> BoxFuture<'a, Result<Leaving>>;

    /// The state the browser brought back, where it is our own way back.
    fn state(&self, callback: &str, came: &Came) -> Option<String>;

    /// What may be shown once only, besides the state.
    fn ticket<'a>(&self, came: &'a Came) -> Option<&'a str>;

    /// Asks the other house who it is.
    fn finish<'a>(
        &'a self,
        callback: &'a str,
        secrets: &'a Secrets,
        came: &'a Came,
        now: Now,
    ) -> BoxFuture<'a, Result<PersonNumber>>;
}

/// A house to sign in at.
#[derive(Clone)]
pub struct Elsewhere {
    /// In addresses: `zlb`.
    pub id: String,
    /// On the button.
    pub label: String,
    /// Who signs in there.
    pub audience: Audience,
    /// Our own address the browser comes back to.
    pub callback: String,
    /// How it is spoken to.
    pub driver: Arc<dyn Driver>,
}

/// A sign-in begun, as kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Begun {
    at: String,
    back: String,
    secrets: Secrets,
}

const BEGUN: &str = "elsewhere";
const TICKET: &str = "ticket";

impl App {
    /// 去别家登录 Begins: gives the address over there and the state the browser keeps.
    ///
    /// # Errors
    /// Bad input for a way back that leaves the site; a fault when the other house
    /// does not answer.
    pub async fn begin_elsewhere(&self, at: &Elsewhere, back: &str) -> Result<(String, Token)> {
        if !back.is_empty() && (!back.starts_with('/') || back.starts_with("//")) {
            let says = "登录以后要回的地址不是本站的".to_owned();
            return Err(AppError::BadInput(says));
        }
        let (state, now) = (new_token()?, self.now());
        let leaving = at.driver.begin(&at.callback, &state.0).await?;
        let kept = Begun {
            at: at.id.clone(),
            back: back.to_owned(),
            secrets: leaving.secrets,
        };
        let key = state.0.clone();
        self.db
            .write(async move |tx| {
                let until = now.at + TimeDelta::minutes(MINUTES);
                tx.set_aside(BEGUN, &key, &kept, until, now).await?;
                Ok::<_, AppError>(())
            })
            .await?;
        Ok((leaving.to, state))
    }

    /// 从别家回来 Ends what [`App::begin_elsewhere`] began in the same browser: a session,
    /// and where it wanted to go. A sign-in and a ticket count once.
    ///
    /// # Errors
    /// [`Refusal::Elsewhere`] when it was not begun here or the other house's word
    /// does not hold, [`Refusal::Stranger`] for who has no account here; a fault when
    /// the other house does not answer.
    pub async fn finish_elsewhere(
        &self,
        at: &Elsewhere,
        held: Option<&str>,
        came: &Came,
    ) -> Result<(Token, String)> {
        let now = self.now();
        let state = at.driver.state(&at.callback, came);
        let state = state.filter(|state| held == Some(state.as_str()));
        let Some(state) = state else {
            return Err(unasked());
        };
        let ticket = at
            .driver
            .ticket(came)
            .map(|text| format!("{}/{text}", at.id));
        let begun = self.db.write(async move |tx| {
            let begun: Option<Begun> = tx.take_aside(BEGUN, &state, now).await?;
            let until = now.at + TimeDelta::hours(TICKET_HOURS);
            let fresh = match &ticket {
                Some(ticket) => tx.set_aside(TICKET, ticket, &(), until, now).await?,
                None => true,
            };
            Ok::<_, AppError>(begun.filter(|_| fresh))
        });
        let Some(begun) = begun.await?.filter(|begun| begun.at == at.id) else {
            return Err(unasked());
        };
        let number = at.driver.finish(&at.callback, &begun.secrets, came, now);
        let number = number.await?;
        let token = self.begin_session_of(at, number).await?;
        Ok((token, begun.back))
    }

    async fn begin_session_of(&self, at: &Elsewhere, number: PersonNumber) -> Result<Token> {
        let (token, now) = (new_token()?, self.now());
        let (digest, audience, id) = (digest(&token), at.audience, at.id.clone());
        self.db
            .write(async move |tx| {
                let account = match audience {
                    Audience::Residents => resident(tx, number, now).await?,
                    Audience::Staff => staff(tx, number).await?,
                };
                let times = SessionTimes::begin_unproved(now);
                tx.begin_session(&digest, &account.login, times).await?;
                let ctx = signing_in(&account);
                ctx.record(tx, "session.begin", "session", &id, now).await
            })
            .await?;
        Ok(token)
    }

    /// Lets an account be found by its holder's document number: for staff who are
    /// not in the register.
    ///
    /// # Errors
    /// Refused to anybody but a security administrator; an unknown account; the store's.
    pub async fn number_account(
        &self,
        ctx: &crate::Context,
        login: &str,
        number: PersonNumber,
    ) -> Result<()> {
        let (ctx, login, now) = (ctx.clone(), login.to_owned(), self.now());
        self.db
            .write(async move |tx| {
                super::account::may_open(&ctx, tx, now).await?;
                if tx.login(&login).await?.is_none() {
                    return Err(AppError::BadInput(format!("没有“{login}”这个账号")));
                }
                if tx.add_login_number(number, &login).await? {
                    ctx.record(tx, "account.number", "account", &login, now)
                        .await?;
                }
                Ok(())
            })
            .await
    }
}

/// The resident's own account; opened at the first visit, with no right but to their
/// own affairs.
async fn resident(tx: &mut Tx, number: PersonNumber, now: Now) -> Result<Login> {
    const UNKNOWN: Refusal =
        Refusal::Stranger("底册里还没有您。请带身份证到村社或者镇街窗口登记，当天就能用");
    const TWICE: Refusal =
        Refusal::Stranger("底册里您有两条记录，要先核对。请到村社或者镇街窗口办");
    let person = match tx.people_with(number).await?.as_slice() {
        [] => return Err(AppError::refused(UNKNOWN)),
        [person] => *person,
        _ => return Err(AppError::refused(TWICE)),
    };
    let mut own = tx.logins_of(person).await?;
    own.retain(|one| one.role == Role::Citizen);
    if let Some(account) = own.into_iter().next() {
        return Ok(account);
    }
    let account = Login {
        login: format!("r{person}"),
        person: Some(person),
        role: Role::Citizen,
        name: crate::worklist::name_in(tx, person).await?,
        password: None,
        totp: None,
        totp_step: 0,
        attempts: Attempts::default(),
        closed: false,
    };
    if !tx.open_login(&account).await? {
        // The login is there and closed, or somebody else's: never taken over.
        return Err(AppError::refused(Refusal::Stranger(CLOSED)));
    }
    let ctx = signing_in(&account);
    let what = (&account.login, actor(&account));
    ctx.record(tx, "account.open", "account", &what, now)
        .await?;
    Ok(account)
}

const CLOSED: &str = "您的账号停用了。请到村社或者镇街窗口问一下";

/// The one account of a member of the staff; never opened here.
async fn staff(tx: &mut Tx, number: PersonNumber) -> Result<Login> {
    const UNKNOWN: Refusal =
        Refusal::Stranger("这里没有您的工作账号。请找安全管理员开账号，并登记证件号");
    const SEVERAL: Refusal =
        Refusal::Stranger("您有几个岗位的账号，这样登不知道用哪个。请用账号和密码登录");
    let mut found: BTreeMap<String, Login> = BTreeMap::new();
    for login in tx.logins_with(number).await? {
        if let Some(account) = tx.login(&login).await? {
            found.insert(login, account);
        }
    }
    for person in tx.people_with(number).await? {
        for account in tx.logins_of(person).await? {
            found.insert(account.login.clone(), account);
        }
    }
    let is_staff = |one: &Login| !one.closed && !matches!(one.role, Role::Citizen | Role::Agent);
    let mut found = found.into_values().filter(is_staff);
    match (found.next(), found.next()) {
        (Some(account), None) => Ok(account),
        (None, _) => Err(AppError::refused(UNKNOWN)),
        _ => Err(AppError::refused(SEVERAL)),
    }
}

/// Not begun here, in another browser, too long ago, or used already.
fn unasked() -> AppError {
    disbelieved("这次登录不是在这里开始的，或者已经用过、过了时间")
}

/// The other house's word does not hold.
fn disbelieved(why: impl Into<String>) -> AppError {
    AppError::refused(Refusal::Elsewhere(why.into()))
}

/// The client for another house.
fn client(trust: &Trust) -> Result<reqwest::Client> {
    let (wait, trust) = (PATIENCE, trust.clone());
    crate::line::client(&Reach { wait, trust }).map_err(AppError::Fault)
}

/// Another house did not answer, in words.
fn silent(which: &str, why: &(dyn std::error::Error + 'static)) -> AppError {
    if let Some(doubt) = doubt(why) {
        return AppError::Fault(format!("{which}没有连上：{doubt}"));
    }
    let mut words = why.to_string();
    let mut below = why.source();
    while let Some(why) = below {
        words = format!("{words}: {why}");
        below = why.source();
    }
    AppError::Fault(format!("{which}没有应答：{words}"))
}

/// The number another house says.
fn number(said: Option<&str>) -> Result<PersonNumber> {
    let said = said.ok_or_else(|| disbelieved("对方没有说证件号"))?;
    said.parse().map_err(|_| disbelieved("对方说的证件号不对"))
}

/// An address with a query added.
fn with_query(address: &str, pairs: &[(&str, &str)]) -> Result<String> {
    let mut address = openidconnect::url::Url::parse(address)
        .map_err(|why| AppError::Fault(format!("地址 {address} 不对：{why}")))?;
    address.query_pairs_mut().extend_pairs(pairs);
    Ok(address.into())
}
