//! 「票据」 A ticket exchanged behind a signing gateway, as 浙里办 does: the browser
//! brings `ticketId`, the gateway gives a token for it, then who the token's holder is.
//! The gateway's signature (HMAC-SHA256 over method, path, query, key and date, 90
//! seconds) is taken from published guides for integrators; the replies' shapes are
//! assumed, so where the number stands in them is a setting.

use super::{Came, Driver, Leaving, Secrets, client, disbelieved, number, silent, with_query};
use crate::trust::Trust;
use crate::{AppError, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::future::BoxFuture;
use hmac::{Hmac, Mac as _};
use kernel::{Now, PersonNumber};
use openidconnect::url::Url;
use serde_json::{Value, json};
use sha2::Sha256;

/// How the gateway is spoken to.
#[derive(Clone, Debug)]
pub struct TicketSettings {
    /// Where the browser signs in.
    pub login: String,
    /// Where a ticket becomes a token.
    pub token: String,
    /// Where a token becomes a person.
    pub user: String,
    /// Our application there.
    pub app_id: String,
    /// Our key at the gateway.
    pub access_key: String,
    /// And its secret.
    pub secret: String,
    /// JSON pointer to the document number in the last reply.
    pub number_at: String,
}

/// The four headers of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySignature {
    /// `X-BG-HMAC-ACCESS-KEY`
    pub access_key: String,
    /// `X-BG-DATE-TIME`
    pub date: String,
    /// `X-BG-HMAC-SIGNATURE`
    pub signature: String,
}

impl GatewaySignature {
    /// `X-BG-HMAC-ALGORITHM`
    pub const ALGORITHM: &'static str = "hmac-sha256";

    /// Signs a request to a path without a query.
    pub fn sign(access_key: &str, secret: &str, method: &str, path: &str, now: Now) -> Self {
        let date = now.at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let text = format!("{method}\n{path}\n\n{access_key}\n{date}\n");
        // HMAC takes a key of any length.
        let signature = match Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
            Ok(mut mac) => {
                mac.update(text.as_bytes());
                BASE64.encode(mac.finalize().into_bytes())
            }
            Err(_) => String::new(),
        };
        GatewaySignature {
            access_key: access_key.to_owned(),
            date,
            signature,
        }
    }
}

/// One gateway.
#[derive(Debug)]
pub struct Ticket {
    settings: TicketSettings,
    http: reqwest::Client,
}

impl Ticket {
    /// A gateway by its settings.
    ///
    /// # Errors
    /// The system's words when no HTTP client can be made.
    pub fn new(settings: TicketSettings, trust: &Trust) -> Result<Ticket> {
        let http = client(trust)?;
        Ok(Ticket { settings, http })
    }

    async fn ask(&self, address: &str, body: &Value, now: Now) -> Result<Value> {
        let url = Url::parse(address).map_err(fault)?;
        let settings = &self.settings;
        let (key, secret) = (&settings.access_key, &settings.secret);
        let signed = GatewaySignature::sign(key, secret, "POST", url.path(), now);
        let asked = self.http.post(url).json(body);
        let asked = asked
            .header("X-BG-HMAC-ALGORITHM", GatewaySignature::ALGORITHM)
            .header("X-BG-HMAC-ACCESS-KEY", signed.access_key)
            .header("X-BG-DATE-TIME", signed.date)
            .header("X-BG-HMAC-SIGNATURE", signed.signature);
        let answer = asked.send().await.map_err(fault)?;
        let status = answer.status();
        let said: Value = answer.json().await.map_err(fault)?;
        if status == reqwest::StatusCode::UNAUTHORIZED {
            let why = said["message"].as_str().unwrap_or_default();
            tracing::error!(why, "the gateway does not believe us");
            let says = match why {
                "Clock skew exceeded" => "网关说我们的时间不对",
                "Invalid access key" => "网关不认识我们",
                _ => "网关没有认我们的签名",
            };
            return Err(disbelieved(says));
        }
        if !status.is_success() || said["success"] != Value::Bool(true) {
            return Err(disbelieved("对方不认这张票据，可能用过了或者过了时间"));
        }
        Ok(said)
    }

    async fn ask_who(&self, came: &Came, now: Now) -> Result<PersonNumber> {
        let settings = &self.settings;
        let Some(ticket) = came.get("ticketId") else {
            return Err(disbelieved("您在那边没有登录"));
        };
        let body = json!({ "ticketId": ticket, "appId": settings.app_id });
        let told = self.ask(&settings.token, &body, now).await?;
        let token = told.pointer("/data/accessToken").and_then(Value::as_str);
        let token = token.ok_or_else(|| disbelieved("对方没有给令牌"))?;
        let told = self
            .ask(&settings.user, &json!({ "token": token }), now)
            .await?;
        number(told.pointer(&settings.number_at).and_then(Value::as_str))
    }
}

impl Driver for Ticket {
    fn begin<'a>(&'a self, callback: &'a str, state: &'a str) -> BoxFuture<'a, Result<Leaving>> {
        Box::pin(async move {
            let back = with_query(callback, &[("state", state)])?;
            let pairs = [("appId", self.settings.app_id.as_str()), ("sp", &back)];
            Ok(Leaving {
                to: with_query(&self.settings.login, &pairs)?,
                secrets: Secrets {
                    nonce: String::new(),
                    verifier: String::new(),
                },
            })
        })
    }

    /// What was given as `sp` comes back as `redirectUrl`: it must be our own.
    fn state(&self, callback: &str, came: &Came) -> Option<String> {
        let back = Url::parse(came.get("redirectUrl")?).ok()?;
        let own = Url::parse(callback).ok()?;
        let ours = back.origin() == own.origin() && back.path() == own.path();
        let mut states = back.query_pairs().filter(|(name, _)| name == "state");
        states
            .next()
            .filter(|_| ours)
            .map(|(_, state)| state.into_owned())
    }

    fn ticket<'a>(&self, came: &'a Came) -> Option<&'a str> {
        came.get("ticketId").map(String::as_str)
    }

    fn finish<'a>(
        &'a self,
        _: &'a str,
        _: &'a Secrets,
        came: &'a Came,
        now: Now,
    ) -> BoxFuture<'a, Result<PersonNumber>> {
        Box::pin(self.ask_who(came, now))
    }
}

fn fault(why: impl std::error::Error + 'static) -> AppError {
    silent("票据网关", &why)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python's hmac and base64.
    #[test]
    fn the_gateway_signature_is_that_of_another_program() {
        let now = Now {
            at: "2021-11-09T08:49:20Z".parse().unwrap(),
        };
        let signed =
            GatewaySignature::sign("12345678", "secret", "POST", "/uc/sso/access_token", now);
        assert_eq!(signed.date, "Tue, 09 Nov 2021 08:49:20 GMT");
        assert_eq!(
            signed.signature,
            "+BdSMQFQeztLKOBjwzibDAseXRPthcfoQ+I4+b6JHLk="
        );
    }
}
