//! 「签名」 How two systems prove to each other who speaks: Ed25519 or SM2 (GB/T 32918)
//! over method, path, body digest, time and nonce, and the reply signed the same way,
//! bound to the request's nonce. Both ends use this one file. Absent: HTTP itself,
//! where keys are kept, and the wall clock.
//!
//! Headers of a request: `x-nx-key` (who), `x-nx-time` (RFC 3339), `x-nx-nonce`,
//! `x-nx-digest` (SHA-256 of the body, hex), `x-nx-signature` (base64). A reply
//! carries the same, its nonce being the request's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use kernel::{Instant, Now};
use sha2::{Digest, Sha256};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

/// Header: who signs.
pub const KEY: &str = "x-nx-key";
/// Header: when.
pub const TIME: &str = "x-nx-time";
/// Header: once only.
pub const NONCE: &str = "x-nx-nonce";
/// Header: SHA-256 of the body.
pub const DIGEST: &str = "x-nx-digest";
/// Header: the signature.
pub const SIGNATURE: &str = "x-nx-signature";

/// How far a signature's time may lie from the reader's clock, in seconds.
pub const WINDOW_SECONDS: i64 = 300;

/// Why a signature is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is missing or unreadable.
    #[error("签名头 {0} 缺失或读不懂")]
    Header(&'static str),
    /// Nobody here knows this key.
    #[error("不认识签名方“{0}”")]
    UnknownKey(String),
    /// The body is not what was signed.
    #[error("正文和签名里的摘要不一致")]
    WrongDigest,
    /// Too old, or from the future.
    #[error("签名时间和本机时间相差超过 5 分钟")]
    Stale,
    /// The nonce was used before: a replay.
    #[error("这个请求已经用过，不能重放")]
    Replayed,
    /// The reply answers another request.
    #[error("答复不是对这次请求的")]
    AnotherRequest,
    /// The signature does not match.
    #[error("签名不对")]
    WrongSignature,
    /// The key file cannot be read.
    #[error("密钥读不懂，需要 PEM 格式的 Ed25519 或 SM2 密钥")]
    Key,
}

/// The headers of one signed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeaders {
    /// Who.
    pub key: String,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// Once only.
    pub nonce: String,
    /// SHA-256 of the body, lower-case hex.
    pub digest: String,
    /// Base64.
    pub signature: String,
}

impl SignedHeaders {
    /// Name and value of each.
    pub fn pairs(&self) -> [(&'static str, &str); 5] {
        [
            (KEY, &self.key),
            (TIME, &self.time),
            (NONCE, &self.nonce),
            (DIGEST, &self.digest),
            (SIGNATURE, &self.signature),
        ]
    }

    /// Collects them from any header map.
    ///
    /// # Errors
    /// [`SignatureError::Header`] naming the first one missing.
    pub fn collect<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, SignatureError> {
        let take = |name: &'static str| {
            get(name)
                .filter(|value| !value.is_empty() && value.len() <= 200)
                .map(str::to_owned)
                .ok_or(SignatureError::Header(name))
        };
        Ok(SignedHeaders {
            key: take(KEY)?,
            time: take(TIME)?,
            nonce: take(NONCE)?,
            digest: take(DIGEST)?,
            signature: take(SIGNATURE)?,
        })
    }

    fn instant(&self) -> Result<Instant, SignatureError> {
        chrono::DateTime::parse_from_rfc3339(&self.time)
            .map(|time| time.to_utc())
            .map_err(|_| SignatureError::Header(TIME))
    }
}

/// Who an SM2 signer is when nothing else was agreed (GM/T 0009-2012 §10).
const SM2_ID: &str = "1234567812345678";

/// A private key of either kind.
enum PrivateKey {
    Ed25519(Box<SigningKey>),
    Sm2(Box<sm2::dsa::SigningKey>),
}

/// A public key of either kind. Whose key it is decides the algorithm: a signature
/// cannot choose a weaker one.
#[derive(Clone, Debug)]
pub enum PublicKey {
    /// Ed25519.
    Ed25519(VerifyingKey),
    /// SM2 with SM3.
    Sm2(Box<sm2::dsa::VerifyingKey>),
}

impl PublicKey {
    /// From a PEM text.
    ///
    /// # Errors
    /// [`SignatureError::Key`].
    pub fn from_pem(pem: &str) -> Result<PublicKey, SignatureError> {
        if let Ok(key) = VerifyingKey::from_public_key_pem(pem) {
            return Ok(PublicKey::Ed25519(key));
        }
        let key = sm2::PublicKey::from_public_key_pem(pem).map_err(|_| SignatureError::Key)?;
        let key = sm2::dsa::VerifyingKey::new(SM2_ID, key).map_err(|_| SignatureError::Key)?;
        Ok(PublicKey::Sm2(Box::new(key)))
    }

    fn holds(&self, text: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let unreadable = SignatureError::Header(SIGNATURE);
        let held = match self {
            PublicKey::Ed25519(key) => {
                let signature = Signature::from_slice(signature).map_err(|_| unreadable)?;
                key.verify_strict(text, &signature).is_ok()
            }
            PublicKey::Sm2(key) => {
                let read = sm2::dsa::Signature::from_slice(signature);
                key.verify(text, &read.map_err(|_| unreadable)?).is_ok()
            }
        };
        match held {
            true => Ok(()),
            false => Err(SignatureError::WrongSignature),
        }
    }
}

impl From<VerifyingKey> for PublicKey {
    fn from(key: VerifyingKey) -> PublicKey {
        PublicKey::Ed25519(key)
    }
}

/// Signs requests and replies in one party's name.
pub struct Signer {
    name: String,
    key: PrivateKey,
    count: AtomicU64,
}

impl Signer {
    /// In `name`'s name.
    pub fn new(name: impl Into<String>, key: SigningKey) -> Self {
        Signer::with(name, PrivateKey::Ed25519(Box::new(key)))
    }

    fn with(name: impl Into<String>, key: PrivateKey) -> Self {
        Signer {
            name: name.into(),
            key,
            count: AtomicU64::new(0),
        }
    }

    /// With an SM2 key of these 32 bytes.
    ///
    /// # Errors
    /// [`SignatureError::Key`]: not a scalar of the curve.
    pub fn sm2(name: impl Into<String>, key: &[u8; 32]) -> Result<Self, SignatureError> {
        let key = sm2::dsa::SigningKey::from_slice(SM2_ID, key);
        let key = key.map_err(|_| SignatureError::Key)?;
        Ok(Signer::with(name, PrivateKey::Sm2(Box::new(key))))
    }

    /// From a PKCS#8 PEM text, Ed25519 or SM2.
    ///
    /// # Errors
    /// [`SignatureError::Key`].
    pub fn from_pem(name: impl Into<String>, pem: &str) -> Result<Self, SignatureError> {
        if let Ok(key) = SigningKey::from_pkcs8_pem(pem) {
            return Ok(Signer::new(name, key));
        }
        let key = sm2::SecretKey::from_pkcs8_pem(pem).map_err(|_| SignatureError::Key)?;
        let key = sm2::dsa::SigningKey::new(SM2_ID, &key).map_err(|_| SignatureError::Key)?;
        Ok(Signer::with(name, PrivateKey::Sm2(Box::new(key))))
    }

    /// Whose name it signs in.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What others need to believe it.
    pub fn verifying_key(&self) -> PublicKey {
        match &self.key {
            PrivateKey::Ed25519(key) => PublicKey::Ed25519(key.verifying_key()),
            PrivateKey::Sm2(key) => PublicKey::Sm2(Box::new(key.verifying_key().clone())),
        }
    }

    /// Signs a request. Every call has a nonce of its own: a retry is signed anew.
    pub fn sign_request(&self, method: &str, path: &str, body: &[u8], now: Now) -> SignedHeaders {
        self.sign_streamed(method, path, hex(&Sha256::digest(body)), now)
    }

    /// Signs a request whose body is not at hand in one piece, by its SHA-256 (hex).
    pub fn sign_streamed(
        &self,
        method: &str,
        path: &str,
        digest: String,
        now: Now,
    ) -> SignedHeaders {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let micros = now.at.timestamp_micros();
        let seed = format!("{}|{process}|{count}|{micros}", self.name);
        let nonce = hex(&Sha256::digest(seed.as_bytes()))[..32].to_owned();
        self.sign(&format!("{method}\n{path}"), digest, nonce, now)
    }

    /// Signs the reply to a request.
    pub fn sign_reply(&self, status: u16, body: &[u8], nonce: &str, now: Now) -> SignedHeaders {
        let digest = hex(&Sha256::digest(body));
        self.sign(&format!("REPLY\n{status}"), digest, nonce.to_owned(), now)
    }

    fn sign(&self, about: &str, digest: String, nonce: String, now: Now) -> SignedHeaders {
        let time = now.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let text = signed_text(about, &digest, &time, &nonce, &self.name);
        let signature = match &self.key {
            PrivateKey::Ed25519(key) => key.sign(text.as_bytes()).to_bytes().to_vec(),
            PrivateKey::Sm2(key) => {
                let signature: sm2::dsa::Signature = key.sign(text.as_bytes());
                signature.to_vec()
            }
        };
        SignedHeaders {
            key: self.name.clone(),
            time,
            nonce,
            digest,
            signature: BASE64.encode(signature),
        }
    }
}

/// Whom we believe: one key per party.
#[derive(Clone, Default)]
pub struct KeyRing {
    keys: BTreeMap<String, PublicKey>,
}

impl KeyRing {
    /// Adds or replaces a party's key.
    pub fn trust(&mut self, name: impl Into<String>, key: impl Into<PublicKey>) {
        self.keys.insert(name.into(), key.into());
    }

    /// Whether somebody's key is here.
    pub fn knows(&self, name: &str) -> bool {
        self.keys.contains_key(name)
    }

    /// Adds a party's key from a PEM text.
    ///
    /// # Errors
    /// [`SignatureError::Key`].
    pub fn trust_pem(&mut self, name: impl Into<String>, pem: &str) -> Result<(), SignatureError> {
        self.trust(name, PublicKey::from_pem(pem)?);
        Ok(())
    }

    /// Believes a request, or says why not. Gives the caller's name. The nonce is
    /// remembered only when everything else holds.
    ///
    /// # Errors
    /// [`SignatureError`], the first that applies.
    pub fn verify_request(
        &self,
        headers: &SignedHeaders,
        method: &str,
        path: &str,
        body: &[u8],
        now: Now,
        nonces: &mut Nonces,
    ) -> Result<String, SignatureError> {
        self.verify(headers, &format!("{method}\n{path}"), body, now)?;
        nonces.use_once(&headers.key, &headers.nonce, now)?;
        Ok(headers.key.clone())
    }

    /// Believes the reply to the request that carried `nonce`, from `from` alone.
    ///
    /// # Errors
    /// [`SignatureError`], the first that applies.
    pub fn verify_reply(
        &self,
        headers: &SignedHeaders,
        from: &str,
        status: u16,
        body: &[u8],
        nonce: &str,
        now: Now,
    ) -> Result<(), SignatureError> {
        if headers.nonce != nonce {
            return Err(SignatureError::AnotherRequest);
        }
        if headers.key != from {
            return Err(SignatureError::UnknownKey(headers.key.clone()));
        }
        self.verify(headers, &format!("REPLY\n{status}"), body, now)
    }

    /// Believes the head of a request whose body is still to come: that the caller
    /// signed this digest for this method and path, lately. The nonce and the body are
    /// the caller's to check.
    ///
    /// # Errors
    /// [`SignatureError`], the first that applies.
    pub fn verify_head(
        &self,
        headers: &SignedHeaders,
        method: &str,
        path: &str,
        now: Now,
    ) -> Result<(), SignatureError> {
        self.verify_digest(headers, &format!("{method}\n{path}"), None, now)
    }

    fn verify(
        &self,
        headers: &SignedHeaders,
        about: &str,
        body: &[u8],
        now: Now,
    ) -> Result<(), SignatureError> {
        let digest = hex(&Sha256::digest(body));
        self.verify_digest(headers, about, Some(&digest), now)
    }

    fn verify_digest(
        &self,
        headers: &SignedHeaders,
        about: &str,
        digest: Option<&str>,
        now: Now,
    ) -> Result<(), SignatureError> {
        let key = self
            .keys
            .get(&headers.key)
            .ok_or_else(|| SignatureError::UnknownKey(headers.key.clone()))?;
        let apart = now.at.signed_duration_since(headers.instant()?);
        if apart.num_milliseconds().abs() > WINDOW_SECONDS * 1000 {
            return Err(SignatureError::Stale);
        }
        if digest.is_some_and(|digest| digest != headers.digest) {
            return Err(SignatureError::WrongDigest);
        }
        let text = signed_text(
            about,
            &headers.digest,
            &headers.time,
            &headers.nonce,
            &headers.key,
        );
        let bytes = BASE64
            .decode(&headers.signature)
            .map_err(|_| SignatureError::Header(SIGNATURE))?;
        key.holds(text.as_bytes(), &bytes)
    }
}

/// Nonces seen within the window. A process's memory: after its restart an old
/// request could be replayed until its time is past, so what a request *does*
/// must be idempotent as well.
#[derive(Debug, Default)]
pub struct Nonces {
    seen: BTreeSet<(String, String)>,
    order: BTreeSet<(Instant, String, String)>,
}

impl Nonces {
    fn use_once(&mut self, key: &str, nonce: &str, now: Now) -> Result<(), SignatureError> {
        // A signature may lie in the future by a window: keep two.
        let old = now.at - chrono::TimeDelta::seconds(2 * WINDOW_SECONDS);
        while let Some((at, key, nonce)) = self.order.first().cloned() {
            if at >= old {
                break;
            }
            self.order.pop_first();
            self.seen.remove(&(key, nonce));
        }
        if !self.seen.insert((key.to_owned(), nonce.to_owned())) {
            return Err(SignatureError::Replayed);
        }
        self.order
            .insert((now.at, key.to_owned(), nonce.to_owned()));
        Ok(())
    }
}

fn signed_text(about: &str, digest: &str, time: &str, nonce: &str, key: &str) -> String {
    format!("NX-SIGN-1\n{about}\n{digest}\n{time}\n{nonce}\n{key}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
