//! 「见证人」 `nuanxin witness`: run where the house's administrators have no key to
//! the door. It cosigns only a record that grew.

use super::sim::{clock, serve};
use crate::ending::{Failure, Outcome};
use crate::keys;
use crate::options::WitnessOptions;
use ed25519_dalek::SigningKey;
use std::path::Path;
use store::audit::note::{Kind, Verifier};
use testkit::witness::{self, Witness};

pub(crate) async fn run(options: WitnessOptions) -> Outcome {
    let WitnessOptions {
        at,
        name,
        folder,
        log,
    } = options;
    let unfit = name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+');
    if unfit {
        let told = "见证人的名字不能空着，也不能有空格和加号";
        return Err(Failure::BadInput(told.to_owned()));
    }
    let logs = log.iter().map(|text| {
        let read = Verifier::read(text);
        read.ok_or_else(|| {
            Failure::BadInput(format!(
                "看不懂公钥“{text}”。请把 nuanxin audit key 打印的整行给我"
            ))
        })
    });
    let witness = Witness {
        logs: logs.collect::<Result<_, _>>()?,
        key: key(&folder)?,
        state: folder.join("seen.json"),
        clock: clock(&at)?,
        name,
    };
    serve(witness::open(witness, &at.listen.to_string()).await?, &at).await
}

/// What a witness with its key in this folder is believed by.
pub(crate) fn verifier(name: &str, folder: &Path) -> Result<Verifier, Failure> {
    let key = key(folder)?.verifying_key();
    Ok(Verifier::of(name, Kind::Witness, key))
}

fn key(folder: &Path) -> Result<SigningKey, Failure> {
    Ok(SigningKey::from_bytes(&keys::key(folder, "witness.key")?))
}
