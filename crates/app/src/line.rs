//! 「专线」 The signed line to another system: the request signed, the reply read up
//! to a limit and held against its signature. Whose reply it must be and what its
//! words mean is for the gateways that use it. Absent on purpose: retries (a
//! silence is not a “no”; who asked decides).

use crate::signing::{KeyRing, SignatureError, SignedHeaders, Signer};
use crate::trust::{Doubt, Reach, doubt};
use kernel::Now;

/// The client of every call that goes out.
///
/// # Errors
/// The system's words when none can be made.
pub(crate) fn client(reach: &Reach) -> Result<reqwest::Client, String> {
    let client = reach.trust.http()?.timeout(reach.wait);
    client.build().map_err(|why| why.to_string())
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Silence {
    /// Connected or not, nothing came in time.
    #[error("没有按时答复")]
    Timeout,
    /// No connection, or it broke.
    #[error("没有连上")]
    Unreachable,
    /// More than we are willing to read.
    #[error("答复太长")]
    TooLong,
    /// Connected, but not to whom it should be.
    #[error(transparent)]
    Doubtful(Doubt),
}

impl From<reqwest::Error> for Silence {
    fn from(why: reqwest::Error) -> Silence {
        if why.is_timeout() {
            Silence::Timeout
        } else {
            doubt(&why).map_or(Silence::Unreachable, Silence::Doubtful)
        }
    }
}

/// A reply, and whether it is to be believed.
pub(crate) struct Said {
    /// HTTP's.
    pub(crate) status: u16,
    /// As it came.
    pub(crate) body: Vec<u8>,
    /// Signed by whom it must be, for this very request.
    pub(crate) believed: Result<(), SignatureError>,
}

/// To whom and what.
pub(crate) struct Letter<'a> {
    /// Where, without a slash at its end.
    pub(crate) base: &'a str,
    /// Whose key must have signed the reply.
    pub(crate) to: &'a str,
    /// `GET` or `POST`.
    pub(crate) method: reqwest::Method,
    /// From the root.
    pub(crate) path: &'a str,
    /// What is said.
    pub(crate) body: Vec<u8>,
    /// The most bytes of the reply.
    pub(crate) reply_bytes_max: usize,
}

/// Speaks in one name and believes the keys of one ring.
pub(crate) struct Line {
    http: reqwest::Client,
    signer: Signer,
    ring: KeyRing,
}

impl Line {
    /// Reaches by `reach`.
    ///
    /// # Errors
    /// The system's words when no HTTP client can be made.
    pub(crate) fn new(signer: Signer, ring: KeyRing, reach: &Reach) -> Result<Line, String> {
        Ok(Line {
            http: client(reach)?,
            signer,
            ring,
        })
    }

    /// One request and its reply. `now` tells the time: the reply is judged by the
    /// clock when it comes.
    ///
    /// # Errors
    /// [`Silence`]; whether a reply is believed stands in [`Said`].
    pub(crate) async fn exchange(
        &self,
        letter: Letter<'_>,
        now: impl Fn() -> Now,
    ) -> Result<Said, Silence> {
        let (method, path) = (letter.method, letter.path);
        let signed = self
            .signer
            .sign_request(method.as_str(), path, &letter.body, now());
        let url = format!("{}{path}", letter.base);
        let mut request = self.http.request(method, url).body(letter.body);
        for (name, value) in signed.pairs() {
            request = request.header(name, value);
        }
        let mut response = request.send().await?;
        let status = response.status().as_u16();
        let body = read(&mut response, letter.reply_bytes_max).await?;
        let got = response.headers();
        let believed =
            SignedHeaders::collect(|name| got.get(name)?.to_str().ok()).and_then(|headers| {
                let ring = &self.ring;
                ring.verify_reply(&headers, letter.to, status, &body, &signed.nonce, now())
            });
        Ok(Said {
            status,
            body,
            believed,
        })
    }
}

/// A body up to its limit.
///
/// # Errors
/// [`Silence`].
pub(crate) async fn read(
    response: &mut reqwest::Response,
    bytes_max: usize,
) -> Result<Vec<u8>, Silence> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > bytes_max {
            return Err(Silence::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
