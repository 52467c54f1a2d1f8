//! 「验签」 The signed door of the simulators: requests are believed before they are
//! read, replies are signed and bound to their request. The keys here are made
//! from a name and serve demonstrations only.

use app::signing::{KeyRing, Nonces, SignatureError, SignedHeaders, Signer};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use kernel::Clock;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};

/// 演示密钥 A key anybody can make again from the name and the seed: for
/// simulators and demonstrations, never for a real department.
pub fn demo_signer(name: &str, seed: u64) -> Signer {
    Signer::new(name, demo_key(name, seed))
}

fn demo_key(name: &str, seed: u64) -> SigningKey {
    let bytes: [u8; 32] = Sha256::digest(format!("nuanxin demo key|{seed}|{name}")).into();
    SigningKey::from_bytes(&bytes)
}

/// The key of [`demo_signer`] as PEM texts, private and public, for a partners' file.
///
/// # Errors
/// A key that cannot be written as PEM.
pub fn demo_pem(name: &str, seed: u64) -> Result<(String, String), SignatureError> {
    let key = demo_key(name, seed);
    let secret = key.to_pkcs8_pem(LineEnding::LF);
    let public = key.verifying_key().to_public_key_pem(LineEnding::LF);
    match (secret, public) {
        (Ok(secret), Ok(public)) => Ok((secret.to_string(), public)),
        _ => Err(SignatureError::Key),
    }
}

/// The public halves of [`demo_signer`] for these names.
pub fn demo_ring<'a>(names: impl IntoIterator<Item = &'a str>, seed: u64) -> KeyRing {
    let mut ring = KeyRing::default();
    for name in names {
        ring.trust(name, demo_signer(name, seed).verifying_key());
    }
    ring
}

/// Whom a simulator believes, and when it is.
#[derive(Clone)]
pub(crate) struct Gate {
    ring: Arc<KeyRing>,
    nonces: Arc<Mutex<Nonces>>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A request that is believed.
pub(crate) struct Believed {
    /// Who asks.
    pub(crate) caller: String,
    /// To sign the reply with.
    pub(crate) nonce: String,
}

impl Gate {
    pub(crate) fn new(ring: KeyRing, clock: Arc<dyn Clock>) -> Self {
        Gate {
            ring: Arc::new(ring),
            nonces: Arc::default(),
            clock,
        }
    }

    /// Believes a request by its headers, or says why not.
    pub(crate) fn believe(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Believed, SignatureError> {
        let signed = SignedHeaders::collect(|name| headers.get(name)?.to_str().ok())?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let caller =
            self.ring
                .verify_request(&signed, method.as_str(), path, body, now, &mut nonces)?;
        Ok(Believed {
            caller,
            nonce: signed.nonce,
        })
    }

    /// A signed reply.
    pub(crate) fn reply(
        &self,
        signer: &Signer,
        nonce: &str,
        status: StatusCode,
        body: Vec<u8>,
    ) -> Response {
        let signed = signer.sign_reply(status.as_u16(), &body, nonce, self.clock.now());
        let mut response = (status, body).into_response();
        for (name, value) in signed.pairs() {
            if let Ok(value) = HeaderValue::from_str(value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }

    /// A signed reply of JSON.
    pub(crate) fn json<T: serde::Serialize>(
        &self,
        signer: &Signer,
        nonce: &str,
        status: StatusCode,
        body: &T,
    ) -> Response {
        match serde_json::to_vec(body) {
            Ok(body) => self.reply(signer, nonce, status, body),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// The nonce a request claims, for signing a refusal; empty without one.
pub(crate) fn claimed_nonce(headers: &HeaderMap) -> String {
    headers
        .get(app::signing::NONCE)
        .and_then(|value| value.to_str().ok())
        .filter(|value| value.len() <= 200)
        .unwrap_or_default()
        .to_owned()
}
