//! 「推送专线」 The line to the addresses the operator wrote down, and to no others: each
//! request signed, no redirect followed, no proxy asked, little of an answer read.
//! Over https or, where the operator wrote it so, over http.

use super::cloud::Cloud;
use crate::line::{Silence, client};
use crate::signing::Signer;
use crate::trust::Reach;
use crate::{AppError, Result};
use engine_pool::hook::{Consented, Heard, PER_MINUTE};
use kernel::{Clock, Now, Slug};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Method, Url};
use std::net::IpAddr;
use std::sync::Arc;

/// An address, as the operator wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookTarget {
    /// By which agreement.
    pub agreement: Slug,
    /// Where.
    pub url: String,
    /// Whether attributes go in headers.
    pub binary: bool,
    /// What the other side wants to see in `Authorization: Bearer`.
    pub token: Option<String>,
}

/// The line.
pub struct HookLine {
    http: reqwest::Client,
    signer: Signer,
    origin: String,
    targets: Vec<(HookTarget, Url)>,
    clock: Arc<dyn Clock>,
}

impl HookLine {
    /// To these and no others, in the name of `origin` (a DNS name).
    ///
    /// # Errors
    /// What is wrong with an address or the name, in words.
    pub fn new(
        origin: &str,
        signer: Signer,
        targets: Vec<HookTarget>,
        clock: Arc<dyn Clock>,
        reach: impl Into<Reach>,
    ) -> Result<HookLine, String> {
        let named = |one: char| one.is_ascii_alphanumeric() || "-.".contains(one);
        if origin.is_empty() || origin.len() > 200 || !origin.chars().all(named) {
            return Err(format!(
                "推送的 origin 要写成域名的样子，收到的是“{origin}”"
            ));
        }
        let targets = targets.into_iter().map(|one| {
            let url = address(&one.url)?;
            Ok::<_, String>((one, url))
        });
        Ok(HookLine {
            http: client(&reach.into())?,
            signer,
            origin: origin.to_owned(),
            targets: targets.collect::<Result<_, _>>()?,
            clock,
        })
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn targets(&self) -> impl Iterator<Item = &HookTarget> {
        self.targets.iter().map(|(target, _)| target)
    }

    fn url(&self, target: &HookTarget) -> Result<&Url> {
        let found = self.targets.iter().find(|(one, _)| one == target);
        let found = found.map(|(_, url)| url);
        found.ok_or_else(|| AppError::Fault("an address nobody wrote down".to_owned()))
    }

    /// Asks an address whether it wants to be told.
    pub(super) async fn ask(&self, target: &HookTarget) -> Result<Consented> {
        let url = self.url(target)?;
        let asked = self.request(Method::OPTIONS, target, url, Vec::new());
        let asked = asked.header("webhook-request-rate", PER_MINUTE.to_string());
        Ok(match asked.send().await {
            Err(why) => Consented::Silent(Silence::from(why).to_string()),
            Ok(answer) => {
                let said = |name: &str| answer.headers().get(name)?.to_str().ok();
                let origin = said("webhook-allowed-origin");
                Consented::of(&self.origin, origin, said("webhook-allowed-rate"))
            }
        })
    }

    /// Tells an address of an event.
    pub(super) async fn tell(&self, target: &HookTarget, event: &Cloud) -> Result<Heard> {
        let url = self.url(target)?;
        let (body, headers) = event.written(target.binary)?;
        let mut request = self.request(Method::POST, target, url, body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Ok(match request.send().await {
            Err(why) => Heard::Silent(Silence::from(why).to_string()),
            Ok(answer) => {
                let status = answer.status().as_u16();
                Heard::of(status, retry_after(answer.headers(), self.clock.now()))
            }
        })
    }

    fn request(
        &self,
        method: Method,
        target: &HookTarget,
        url: &Url,
        body: Vec<u8>,
    ) -> reqwest::RequestBuilder {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let now = self.clock.now();
        let signed = self.signer.sign_request(method.as_str(), &path, &body, now);
        let mut request = self.http.request(method, url.clone()).body(body);
        for (name, value) in signed.pairs() {
            request = request.header(name, value);
        }
        if let Some(token) = &target.token {
            request = request.bearer_auth(token);
        }
        request.header("webhook-request-origin", &self.origin)
    }
}

/// An address that may be written down.
fn address(text: &str) -> Result<Url, String> {
    let wrong = |why: &str| format!("推送地址“{text}”不能用：{why}");
    let url: Url = text.parse().map_err(|_| wrong("读不懂"))?;
    match url.scheme() {
        "http" | "https" => {}
        _ => return Err(wrong("要以 https:// 或 http:// 开头")),
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(wrong("地址里不能带账号、密码和 #"));
    }
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let nowhere = match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            ip.is_link_local() || ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast()
        }
        Ok(IpAddr::V6(ip)) => {
            ip.is_unicast_link_local() || ip.is_unspecified() || ip.is_multicast()
        }
        Err(_) => host.is_empty(),
    };
    match nowhere {
        true => Err(wrong("这不是一台可以接收的机器")),
        false => Ok(url),
    }
}

fn retry_after(headers: &HeaderMap, now: Now) -> Option<i64> {
    seconds_to_wait(headers.get(RETRY_AFTER)?.to_str().ok()?, now)
}

/// Seconds an answer asks us to wait, from its `Retry-After`: a number or a date.
pub fn seconds_to_wait(text: &str, now: Now) -> Option<i64> {
    let text = text.trim();
    let date = || chrono::DateTime::parse_from_rfc2822(text).ok();
    text.parse().ok().or_else(|| {
        let until = date()?.to_utc();
        Some((until - now.at).num_seconds())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_machines_are_taken() {
        for good in [
            "https://partner.example/events",
            "http://127.0.0.1:9000/events",
            "http://gateway.lan/a?b=c",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "https://169.254.169.254/latest",
            "file:///etc/passwd",
            "http://user:word@host/",
            "http://host/#part",
            "http://169.254.169.254/latest",
            "http://0.0.0.0/",
            "http://[fe80::1]/",
            "gopher://host/",
            "events",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wish_to_wait_is_seconds_or_a_date() {
        let now = Now {
            at: "2026-09-01T01:00:00Z".parse().unwrap(),
        };
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(of("120"), Some(120));
        assert_eq!(of("Tue, 01 Sep 2026 01:05:00 GMT"), Some(300));
        assert_eq!(of("soon"), None);
    }
}
