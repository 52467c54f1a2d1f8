//! 「封存钥匙」 The keys as they are handed in, and the proof that they are the ones
//! this database was sealed with: each key's own envelope of nothing, kept on
//! first use. A database opens with all of its keys, or not at all.

use super::Secrets;
use crate::error::{Result, StoreError};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Which authenticated cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// AES-256-GCM.
    Aes256Gcm = 1,
    /// SM4-GCM (GB/T 32907, RFC 8998).
    Sm4Gcm = 2,
}

/// One key of field encryption.
#[derive(Clone)]
pub struct SealingKey {
    /// Its number, from 1: in every envelope it made.
    pub no: u32,
    /// What it seals with.
    pub profile: Profile,
    /// The key.
    pub bytes: [u8; 32],
}

impl SealingKey {
    /// SM4 takes 16 bytes: drawn from all 32.
    pub(super) fn sm4(&self) -> Result<[u8; 16]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.bytes).map_err(StoreError::fault)?;
        mac.update(b"nuanxin sm4-gcm");
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        whole[..16].try_into().map_err(StoreError::fault)
    }
}

/// All keys of field encryption.
#[derive(Clone)]
pub struct SealingKeys {
    /// Every key the database was ever sealed with; the highest number seals.
    pub fields: Vec<SealingKey>,
    /// The key of look-ups; it cannot change while the database lives.
    pub index: [u8; 32],
}

statements! {
    KNOWN = "SELECT no, proof FROM sealing_key ORDER BY no";
    KEEP = "INSERT INTO sealing_key (no, proof) VALUES ($1, $2)
            ON CONFLICT (no) DO NOTHING";
}

/// What the look-up key's proof stands under; no field key has this number.
const INDEX: i64 = 0;

impl Tx {
    /// Refuses keys that are not this database's; keeps the proof of new ones.
    pub(crate) async fn prove_keys(&mut self) -> Result<()> {
        let secrets = std::sync::Arc::clone(&self.shared.secrets);
        let known = self.fetch_all(KNOWN, args![]).await?;
        let mut proven = Vec::new();
        for row in &known {
            let (no, proof): (i64, Vec<u8>) = (row.get("no")?, row.get("proof")?);
            prove(&secrets, no, &proof)?;
            proven.extend(u32::try_from(no));
        }
        let index = secrets.blind("sealing_key", "index").to_vec();
        if known.is_empty() {
            self.execute(KEEP, args![INDEX, index]).await?;
        }
        for no in secrets.numbers().filter(|no| !proven.contains(no)) {
            let proof = secrets.seal_under(no, &bound(no), b"")?;
            self.execute(KEEP, args![no, proof]).await?;
        }
        Ok(())
    }

    /// Refuses when a key that made this proof is not among the present ones.
    pub(crate) fn prove_key(&self, no: i64, proof: &[u8]) -> Result<()> {
        prove(&self.shared.secrets, no, proof)
    }
}

fn bound(no: u32) -> Vec<u8> {
    format!("sealing_key {no}").into_bytes()
}

fn prove(secrets: &Secrets, no: i64, proof: &[u8]) -> Result<()> {
    if no == INDEX {
        return match proof == secrets.blind("sealing_key", "index") {
            true => Ok(()),
            false => Err(StoreError::IndexKeyWrong),
        };
    }
    let no = u32::try_from(no).map_err(StoreError::fault)?;
    match secrets.open("sealing_key", &bound(no), proof) {
        Err(StoreError::SealBroken { .. }) => Err(StoreError::SealingKeyWrong { no }),
        other => other.map(drop),
    }
}
