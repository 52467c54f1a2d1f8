//! 「封存」 What identifies or exposes a person lies in the database sealed: an
//! envelope of authenticated encryption, bound to its table, column and row, so
//! that a value moved elsewhere does not open. What must be found exactly is
//! found by a keyed hash. Keys come from outside and are never in the database.
//! Absent on purpose: searching inside sealed values, and any key without a
//! number (docs/decisions/0060).

mod keys;
mod spot;

#[cfg(test)]
pub(crate) use keys::STATEMENTS as KEY_STATEMENTS;
pub use keys::{Profile, SealingKey, SealingKeys};
pub(crate) use spot::{Spot, sealed};

use crate::error::{Result, StoreError};
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, AesGcm, Nonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use sm4::Sm4;
use std::collections::BTreeMap;

/// Bytes before the ciphertext: profile, key number, nonce.
const HEAD: usize = 1 + 4 + NONCE;
const NONCE: usize = 12;

/// A keyed hash under which something is found: the first half of an
/// HMAC-SHA-256, which no two texts of a country share by chance.
pub(crate) type Blind = [u8; 16];

/// An authenticated cipher; the profile chooses which.
trait Cipher: Send + Sync {
    fn seal(&self, nonce: &[u8; NONCE], bound: &[u8], plain: &[u8]) -> Option<Vec<u8>>;
    fn open(&self, nonce: &[u8; NONCE], bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;
}

macro_rules! cipher {
    ($type:ty) => {
        impl Cipher for $type {
            fn seal(&self, nonce: &[u8; NONCE], bound: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
                let (msg, aad) = (plain, bound);
                self.encrypt(&Nonce::from(*nonce), Payload { msg, aad })
                    .ok()
            }

            fn open(&self, nonce: &[u8; NONCE], bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
                let (msg, aad) = (sealed, bound);
                self.decrypt(&Nonce::from(*nonce), Payload { msg, aad })
                    .ok()
            }
        }
    };
}
cipher!(Aes256Gcm);
cipher!(AesGcm<Sm4, U12>);

struct Ready {
    profile: Profile,
    cipher: Box<dyn Cipher>,
}

/// The keys made ready for use.
pub(crate) struct Secrets {
    ready: BTreeMap<u32, Ready>,
    newest: u32,
    index: Hmac<Sha256>,
}

impl Secrets {
    pub(crate) fn new(keys: &SealingKeys) -> Result<Secrets> {
        let index = Hmac::new_from_slice(&keys.index).map_err(StoreError::fault)?;
        let mut ready = BTreeMap::new();
        for key in &keys.fields {
            let cipher: Box<dyn Cipher> = match key.profile {
                Profile::Aes256Gcm => Box::new(Aes256Gcm::new(&key.bytes.into())),
                Profile::Sm4Gcm => Box::new(AesGcm::<Sm4, U12>::new(&key.sm4()?.into())),
            };
            let profile = key.profile;
            if ready.insert(key.no, Ready { profile, cipher }).is_some() {
                return Err(StoreError::SealingKeyTwice { no: key.no });
            }
        }
        let newest = ready.keys().next_back().copied();
        let newest = newest.ok_or(StoreError::SealingKeyMissing { no: 1 })?;
        Ok(Secrets {
            ready,
            newest,
            index,
        })
    }

    /// Seals under the newest key, bound to `bound`.
    pub(crate) fn seal(&self, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        self.seal_under(self.newest, bound, plain)
    }

    pub(crate) fn seal_under(&self, no: u32, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let key = self.key(no)?;
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|why| StoreError::fault(why.to_string()))?;
        let sealed = key.cipher.seal(&nonce, bound, plain);
        let sealed = sealed.ok_or_else(|| StoreError::fault("a value too long to be sealed"))?;
        let mut envelope = Vec::with_capacity(HEAD + sealed.len());
        envelope.push(key.profile as u8);
        envelope.extend_from_slice(&no.to_be_bytes());
        envelope.extend_from_slice(&nonce);
        envelope.extend_from_slice(&sealed);
        Ok(envelope)
    }

    /// Opens what was sealed there; `place` names it for the fault.
    pub(crate) fn open(&self, place: &str, bound: &[u8], envelope: &[u8]) -> Result<Vec<u8>> {
        let broken = || StoreError::SealBroken {
            place: place.to_owned(),
        };
        let (head, sealed) = envelope.split_at_checked(HEAD).ok_or_else(broken)?;
        let (&profile, rest) = head.split_first().ok_or_else(broken)?;
        let (no, nonce) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
        let nonce: &[u8; NONCE] = nonce.try_into().map_err(|_| broken())?;
        let key = self.key(u32::from_be_bytes(*no))?;
        if key.profile as u8 != profile {
            return Err(broken());
        }
        key.cipher.open(nonce, bound, sealed).ok_or_else(broken)
    }

    /// Under what `text` is found in `column`; another column, another hash.
    pub(crate) fn blind(&self, column: &str, text: &str) -> Blind {
        let mut mac = self.index.clone();
        mac.update(column.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        let mut half = [0; 16];
        half.copy_from_slice(&whole[..16]);
        half
    }

    /// The numbers of the keys at hand.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.ready.keys().copied()
    }

    fn key(&self, no: u32) -> Result<&Ready> {
        let key = self.ready.get(&no);
        key.ok_or(StoreError::SealingKeyMissing { no })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(digit).collect()
    }

    #[test]
    fn sm4_gcm_is_that_of_rfc_8998() {
        // RFC 8998, appendix A.1.
        let key: [u8; 16] = hex("0123456789ABCDEFFEDCBA9876543210").try_into().unwrap();
        let nonce: [u8; 12] = hex("00001234567800000000ABCD").try_into().unwrap();
        let bound = hex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
        let plain = hex(
            "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD\
             EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
        );
        let sealed = hex(
            "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735\
             D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D\
             83DE3541E4C2B58177E065A9BF7B62EC",
        );
        let cipher = AesGcm::<Sm4, U12>::new(&key.into());
        assert_eq!(
            Cipher::seal(&cipher, &nonce, &bound, &plain).unwrap(),
            sealed
        );
        assert_eq!(
            Cipher::open(&cipher, &nonce, &bound, &sealed).unwrap(),
            plain
        );
    }

    #[test]
    fn aes_256_gcm_is_that_of_the_published_vectors() {
        // McGrew and Viega, “The Galois/Counter Mode of Operation”, test case 16.
        let key: [u8; 32] = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
            .try_into()
            .unwrap();
        let nonce: [u8; 12] = hex("cafebabefacedbaddecaf888").try_into().unwrap();
        let bound = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plain = hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
             1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        let sealed = hex(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
             8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
        );
        let cipher = Aes256Gcm::new(&key.into());
        assert_eq!(
            Cipher::seal(&cipher, &nonce, &bound, &plain).unwrap(),
            sealed
        );
    }

    fn two(first: Profile) -> SealingKeys {
        let key = |no, profile, byte| SealingKey {
            no,
            profile,
            bytes: [byte; 32],
        };
        SealingKeys {
            fields: vec![key(1, first, 7), key(2, Profile::Aes256Gcm, 8)],
            index: [9; 32],
        }
    }

    #[test]
    fn what_was_sealed_opens_only_as_it_was() {
        for profile in [Profile::Aes256Gcm, Profile::Sm4Gcm] {
            let secrets = Secrets::new(&two(profile)).unwrap();
            let sealed = secrets.seal_under(1, b"here", "刘".as_bytes()).unwrap();
            assert_eq!(
                secrets.open("p", b"here", &sealed).unwrap(),
                "刘".as_bytes()
            );
            let broken = |bound: &[u8], bytes: &[u8]| {
                let error = secrets.open("p", bound, bytes).unwrap_err();
                matches!(
                    error,
                    StoreError::SealBroken { .. } | StoreError::SealingKeyMissing { .. }
                )
            };
            assert!(broken(b"there", &sealed));
            for at in 0..sealed.len() {
                let mut bent = sealed.clone();
                bent[at] ^= 1;
                assert!(broken(b"here", &bent), "byte {at}");
                assert!(broken(b"here", &sealed[..at]), "first {at} bytes");
            }
        }
    }

    #[test]
    fn new_values_are_sealed_with_the_newest_key_and_old_ones_open() {
        let secrets = Secrets::new(&two(Profile::Sm4Gcm)).unwrap();
        assert_eq!(secrets.seal(b"", b"x").unwrap()[..5], [1, 0, 0, 0, 2]);
        let old = secrets.seal_under(1, b"", b"x").unwrap();
        assert_eq!(old[..5], [2, 0, 0, 0, 1]);
        assert_eq!(secrets.open("p", b"", &old).unwrap(), b"x");
    }

    #[test]
    fn a_blind_hash_depends_on_column_and_key() {
        let secrets = Secrets::new(&two(Profile::Sm4Gcm)).unwrap();
        let mut other = two(Profile::Sm4Gcm);
        other.index = [10; 32];
        let other = Secrets::new(&other).unwrap();
        assert_eq!(secrets.blind("a", "x"), secrets.blind("a", "x"));
        assert_ne!(secrets.blind("a", "x"), secrets.blind("b", "x"));
        assert_ne!(secrets.blind("a", "x"), other.blind("a", "x"));
    }
}
