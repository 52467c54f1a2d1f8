//! 「统一登录模拟器」 Other houses whose word on who somebody is counts: one speaks
//! OpenID Connect, one tickets behind a signing gateway. Anybody of a given list
//! may be signed in with a click; the secrets here serve demonstrations only.

mod oidc;
mod ticket;

use crate::serving::Serving;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Html;
use axum::routing::{get, post};
use kernel::{Clock, Now};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Our name at both houses.
pub const CLIENT: &str = "nuanxin";

/// A secret anybody can make again: for demonstrations.
pub fn demo_secret(name: &str, seed: u64) -> String {
    let digest = Sha256::digest(format!("nuanxin demo secret|{seed}|{name}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Somebody who can sign in there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// On the button.
    pub name: String,
    /// The document number.
    pub number: String,
}

/// 使坏 What the identity token gets wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mischief {
    /// Nothing.
    #[default]
    None,
    /// Signed by another key.
    Signature,
    /// It ended an hour ago.
    Time,
    /// It belongs to another sign-in.
    Nonce,
    /// It is for another site.
    Audience,
}

/// Everything the two houses are.
pub struct Sso {
    /// `http://localhost:8080`: the only site that is known.
    pub site: String,
    /// Who can sign in.
    pub people: Vec<Known>,
    /// The seed of the demonstration secrets.
    pub seed: u64,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The open houses.
pub struct Houses {
    /// Their door.
    pub serving: Serving,
    house: Arc<House>,
}

impl Houses {
    /// What the next identity tokens get wrong.
    pub fn be(&self, mischief: Mischief) {
        self.house.lock().mischief = mischief;
    }
}

/// Somebody signed in over there, and what was asked.
struct Asked {
    who: Known,
    at: Now,
    query: BTreeMap<String, String>,
}

#[derive(Default)]
struct State {
    /// Code or ticket → sign-in; taken once.
    waiting: BTreeMap<String, Asked>,
    /// Token → who.
    tokens: BTreeMap<String, Known>,
    given: u64,
    mischief: Mischief,
}

struct House {
    site: String,
    people: Vec<Known>,
    seed: u64,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

impl House {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A code nobody had before.
    fn keep(&self, who: Known, query: BTreeMap<String, String>) -> String {
        let at = self.clock.now();
        let mut state = self.lock();
        state.given += 1;
        let code = demo_secret(&format!("given {} {}", state.given, at.at), self.seed);
        state.waiting.insert(code.clone(), Asked { who, at, query });
        code
    }

    fn is_ours(&self, address: &str) -> bool {
        address
            .strip_prefix(&self.site)
            .is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Opens both houses at an address (`127.0.0.1:0`: any free port): `/oidc` and `/zlb`.
///
/// # Errors
/// When the address cannot be bound.
pub async fn open(sso: Sso, address: &str) -> io::Result<Houses> {
    let house = Arc::new(House {
        site: sso.site,
        people: sso.people,
        seed: sso.seed,
        clock: sso.clock,
        state: Mutex::default(),
    });
    let router = Router::new()
        .route(
            "/oidc/.well-known/openid-configuration",
            get(oidc::metadata),
        )
        .route("/oidc/jwks", get(oidc::keys))
        .route("/oidc/authorize", get(oidc::choose))
        .route("/oidc/as", get(oidc::chosen))
        .route("/oidc/token", post(oidc::token))
        .route("/zlb/login", get(ticket::choose))
        .route("/zlb/as", get(ticket::chosen))
        .route("/zlb/access_token", post(ticket::token))
        .route("/zlb/getUserInfo", post(ticket::user))
        .layer(DefaultBodyLimit::max(1 << 16))
        .with_state(Arc::clone(&house));
    let serving = Serving::open(router, address).await?;
    Ok(Houses { serving, house })
}

/// The page of the other house: everybody who can sign in there.
fn page(house: &House, to: &str, query: &BTreeMap<String, String>) -> Html<String> {
    let lines = house.people.iter().enumerate().map(|(at, who)| {
        let mut words = form(query);
        words.push_str(&format!("&who={at}"));
        let (words, name) = (safe(&words), safe(&who.name));
        format!("<li><a href=\"{to}?{words}\">{name}</a></li>")
    });
    let lines: String = lines.collect();
    Html(format!(
        "<!doctype html><html lang=\"zh-CN\"><title>统一登录（模拟）</title>\
         <h1>统一登录（模拟）</h1><p>点一个人就算登录。</p><ul>{lines}</ul></html>"
    ))
}

fn safe(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

fn form(query: &BTreeMap<String, String>) -> String {
    serde_urlencoded::to_string(query).unwrap_or_default()
}

/// The one the browser clicked.
fn clicked(house: &House, query: &BTreeMap<String, String>) -> Option<Known> {
    let at: usize = query.get("who")?.parse().ok()?;
    house.people.get(at).cloned()
}
