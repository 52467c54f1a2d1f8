//! 「部门专线」 The line to the departments: signed requests over HTTP, signed
//! replies, a limit to waiting and to size. Whatever goes wrong becomes a named
//! [`NoAnswer`], never an empty answer.

use super::wire;
use crate::line::{Letter, Line, Silence};
use crate::signing::{KeyRing, Signer};
use crate::trust::Reach;
use engine_pool::NoAnswer;
use kernel::{Now, Slug};
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::time::Duration;

/// The most bytes a reply may have.
const REPLY_BYTES_MAX: usize = 4 << 20;
/// The most bytes a page of a category may have.
const PAGE_BYTES_MAX: usize = 16 << 20;

/// Where the departments are, whose keys are believed, how long is waited.
pub struct Departments {
    line: Line,
    base: String,
    elsewhere: BTreeMap<Slug, String>,
    wait: Duration,
}

impl Departments {
    /// A line to `base` (e.g. `http://127.0.0.1:7001`), signing as `signer`,
    /// believing replies by `keys` under the department's id. Every request is
    /// given up after `wait`.
    ///
    /// # Errors
    /// The system's words when no HTTP client can be made.
    pub fn new(
        base: impl Into<String>,
        signer: Signer,
        keys: KeyRing,
        reach: impl Into<Reach>,
    ) -> Result<Self, String> {
        let reach = reach.into();
        Ok(Departments {
            line: Line::new(signer, keys, &reach)?,
            base: base.into().trim_end_matches('/').to_owned(),
            elsewhere: BTreeMap::new(),
            wait: reach.wait,
        })
    }

    /// A department that is somewhere else.
    #[must_use]
    pub fn at(mut self, department: Slug, base: impl Into<String>) -> Self {
        let base = base.into().trim_end_matches('/').to_owned();
        self.elsewhere.insert(department, base);
        self
    }

    /// Asks one department. `now` tells the time: a reply is judged by the clock
    /// when it comes.
    pub async fn ask(
        &self,
        department: &Slug,
        query: &wire::Query,
        now: impl Fn() -> Now,
    ) -> Result<wire::Reply, NoAnswer> {
        let path = wire::path(department);
        self.asked((department, &path), query, REPLY_BYTES_MAX, now)
            .await
    }

    /// Asks one department for a page of a whole category.
    pub async fn page(
        &self,
        department: &Slug,
        query: &wire::PageQuery,
        now: impl Fn() -> Now,
    ) -> Result<wire::PageReply, NoAnswer> {
        let path = wire::pages_path(department);
        self.asked((department, &path), query, PAGE_BYTES_MAX, now)
            .await
    }

    async fn asked<Q: Serialize, R: DeserializeOwned>(
        &self,
        (department, path): (&Slug, &str),
        query: &Q,
        reply_bytes_max: usize,
        now: impl Fn() -> Now,
    ) -> Result<R, NoAnswer> {
        let base = self.elsewhere.get(department).unwrap_or(&self.base);
        let body = serde_json::to_vec(query).map_err(|why| NoAnswer::Failed(why.to_string()))?;
        let letter = Letter {
            base,
            to: department.as_str(),
            method: Method::POST,
            path,
            body,
            reply_bytes_max,
        };
        let said = self.line.exchange(letter, now).await;
        let said = said.map_err(|why| self.lost(why))?;
        let reply = said.body;
        match (said.status, said.believed) {
            (200, Ok(())) => serde_json::from_slice(&reply)
                .map_err(|_| NoAnswer::Untrusted("答复的格式不对".to_owned())),
            (403, Ok(())) => Err(NoAnswer::Declined(words(&reply))),
            (_, Ok(())) => Err(NoAnswer::Failed(words(&reply))),
            // A gateway in between answers unsigned when the department is down.
            (500..=599, Err(_)) => Err(NoAnswer::Unreachable),
            (_, Err(why)) => Err(NoAnswer::Untrusted(why.to_string())),
        }
    }

    fn lost(&self, why: Silence) -> NoAnswer {
        match why {
            Silence::Timeout => {
                let seconds = self.wait.as_secs().max(1);
                let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
                NoAnswer::Timeout { seconds }
            }
            Silence::Unreachable => NoAnswer::Unreachable,
            Silence::TooLong | Silence::Doubtful(_) => NoAnswer::Untrusted(why.to_string()),
        }
    }
}

/// A department's words, at most 200 characters.
fn words(reply: &[u8]) -> String {
    let trouble: Option<wire::Trouble> = serde_json::from_slice(reply).ok();
    let why = trouble.map_or_else(|| "没有说明原因".to_owned(), |trouble| trouble.why);
    why.chars().filter(|c| !c.is_control()).take(200).collect()
}
