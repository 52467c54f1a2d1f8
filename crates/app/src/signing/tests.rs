//! Signatures that hold, and those that must not.

use super::*;

const BODY: &[u8] = br#"{"person":"1"}"#;
const PATH: &str = "/departments/hrss/categories/wage/query";

fn now(seconds: i64) -> Now {
    let at = chrono::DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap();
    Now { at }
}

fn signer(name: &str, seed: u8) -> Signer {
    Signer::new(name, SigningKey::from_bytes(&[seed; 32]))
}

fn ring() -> KeyRing {
    let mut ring = KeyRing::default();
    ring.trust("civil", signer("civil", 1).verifying_key());
    ring.trust("hrss", signer("hrss", 2).verifying_key());
    ring
}

#[test]
fn a_signed_request_is_believed_once() {
    let (ring, mut nonces) = (ring(), Nonces::default());
    let headers = signer("civil", 1).sign_request("POST", PATH, BODY, now(0));
    let mut verify = |at| ring.verify_request(&headers, "POST", PATH, BODY, now(at), &mut nonces);
    assert_eq!(verify(299), Ok("civil".to_owned()));
    assert_eq!(verify(299), Err(SignatureError::Replayed));
    assert_eq!(verify(301), Err(SignatureError::Stale));
    assert_eq!(verify(-301), Err(SignatureError::Stale));
}

#[test]
fn n02_an_sm2_key_signs_and_is_believed_like_any_other() {
    use sm2::pkcs8::EncodePublicKey as _;
    let signer = Signer::sm2("psb", &[7; 32]).unwrap();
    let headers = signer.sign_request("POST", PATH, BODY, now(0));
    let mut ring = KeyRing::default();
    let PublicKey::Sm2(key) = signer.verifying_key() else {
        panic!("another kind of key");
    };
    let key = sm2::PublicKey::from(&*key);
    let pem = key.to_public_key_pem(sm2::pkcs8::LineEnding::LF).unwrap();
    ring.trust_pem("psb", &pem).unwrap();
    let check = |body: &[u8]| {
        let nonces = &mut Nonces::default();
        ring.verify_request(&headers, "POST", PATH, body, now(0), nonces)
    };
    assert_eq!(check(BODY), Ok("psb".to_owned()));
    assert_eq!(check(b"{}"), Err(SignatureError::WrongDigest));
    assert_eq!(ring.verify_head(&headers, "POST", PATH, now(0)), Ok(()));
    // The name's own key decides: an Ed25519 key of the same name does not fit.
    ring.trust("psb", super::tests::signer("psb", 2).verifying_key());
    let wrong = ring.verify_head(&headers, "POST", PATH, now(0));
    assert_eq!(wrong, Err(SignatureError::WrongSignature));
}

#[test]
fn whatever_is_changed_is_noticed() {
    let ring = ring();
    let good = signer("civil", 1).sign_request("POST", PATH, BODY, now(0));
    let check = |headers: &SignedHeaders, method: &str, path: &str, body: &[u8]| {
        ring.verify_request(headers, method, path, body, now(0), &mut Nonces::default())
    };
    assert!(check(&good, "POST", PATH, BODY).is_ok());
    let wrong = Err(SignatureError::WrongSignature);
    assert_eq!(check(&good, "GET", PATH, BODY), wrong);
    assert_eq!(check(&good, "POST", "/departments/psb", BODY), wrong);
    assert_eq!(
        check(&good, "POST", PATH, b"{}"),
        Err(SignatureError::WrongDigest)
    );
    let mut other = good.clone();
    other.digest = hex(&Sha256::digest(b"{}"));
    assert_eq!(check(&other, "POST", PATH, b"{}"), wrong);
    let mut other = good.clone();
    other.nonce = "0".repeat(32);
    assert_eq!(check(&other, "POST", PATH, BODY), wrong);
    let mut other = good.clone();
    other.time = now(1).at.to_rfc3339();
    assert_eq!(check(&other, "POST", PATH, BODY), wrong);
    let mut other = good.clone();
    other.key = "hrss".to_owned();
    assert_eq!(check(&other, "POST", PATH, BODY), wrong);
    other.key = "stranger".to_owned();
    assert_eq!(
        check(&other, "POST", PATH, BODY),
        Err(SignatureError::UnknownKey("stranger".to_owned()))
    );
}

#[test]
fn a_reply_belongs_to_its_request_and_its_sender() {
    let ring = ring();
    let reply = signer("hrss", 2).sign_reply(200, BODY, "n1", now(1));
    let verify = |from: &str, status, nonce: &str| {
        ring.verify_reply(&reply, from, status, BODY, nonce, now(2))
    };
    assert_eq!(verify("hrss", 200, "n1"), Ok(()));
    assert_eq!(
        verify("hrss", 200, "n2"),
        Err(SignatureError::AnotherRequest)
    );
    assert_eq!(
        verify("hrss", 503, "n1"),
        Err(SignatureError::WrongSignature)
    );
    assert!(verify("civil", 200, "n1").is_err());
}

#[test]
fn nonces_are_forgotten_when_they_can_no_longer_be_used() {
    let mut nonces = Nonces::default();
    for second in 0..2_000 {
        nonces
            .use_once("civil", &second.to_string(), now(second))
            .unwrap();
    }
    assert_eq!(nonces.seen.len(), nonces.order.len());
    assert!(nonces.seen.len() <= 601);
}
