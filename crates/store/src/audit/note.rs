//! 「签署的便条」 C2SP signed notes, checkpoints and cosignatures: a text, an empty
//! line, then a line per signature, `— name base64(key id ‖ signature)`. A public
//! key is told as `name+key id+base64(kind ‖ key)`. Both ends of a witness use
//! this one file.

use super::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// What a signature says: a log's, over the text; a witness's, with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ed25519 over the text.
    Log = 1,
    /// `cosignature/v1`.
    Witness = 4,
}

/// Somebody whose signatures are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    /// The name in the signature's line; without spaces and `+`.
    pub name: String,
    kind: Kind,
    key: VerifyingKey,
}

/// A signature's line, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose it claims to be.
    pub name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// A checkpoint's text, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Which log.
    pub origin: String,
    /// How many rows.
    pub size: i64,
    /// The root over them.
    pub root: Hash,
}

impl Body {
    /// From `origin\nsize\nroot\n`.
    pub fn read(text: &str) -> Option<Body> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let body = Body {
            origin: origin.to_owned(),
            size: size.parse().ok()?,
            root: BASE64.decode(root).ok()?.try_into().ok()?,
        };
        let same = super::note(&body.origin, body.size, &body.root) == text;
        (body.size >= 0 && !body.origin.is_empty() && same).then_some(body)
    }
}

/// A note's text (its last newline included) and its signatures' lines.
pub fn split(note: &str) -> Option<(&str, Vec<Line>)> {
    let end = note.rfind("\n\n")? + 1;
    let (text, rest) = note.split_at_checked(end)?;
    let lines = rest.strip_prefix('\n')?.lines().map(Line::read);
    Some((text, lines.collect::<Option<_>>()?))
}

impl Line {
    /// From `— name base64`.
    pub fn read(line: &str) -> Option<Line> {
        let (name, told) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = BASE64.decode(told).ok()?;
        let (id, rest) = bytes.split_first_chunk::<4>()?;
        let (name, id, bytes) = (name.to_owned(), *id, rest.to_vec());
        Some(Line { name, id, bytes })
    }

    /// The signature's own bytes.
    pub fn signature(&self) -> &[u8] {
        &self.bytes
    }

    /// `— name base64`.
    pub fn told(&self) -> String {
        let told = BASE64.encode([self.id.as_slice(), &self.bytes].concat());
        format!("— {} {told}", self.name)
    }
}

impl Verifier {
    /// Whose signatures a key makes.
    pub fn of(name: &str, kind: Kind, key: VerifyingKey) -> Verifier {
        let name = name.to_owned();
        Verifier { name, kind, key }
    }

    /// From `name+key id+base64`; `None` when the parts do not fit each other.
    pub fn read(text: &str) -> Option<Verifier> {
        let (name, rest) = text.trim().split_once('+')?;
        let (id, told) = rest.split_once('+')?;
        let bytes = BASE64.decode(told).ok()?;
        let (kind, key) = bytes.split_first()?;
        let kind = match kind {
            1 => Kind::Log,
            4 => Kind::Witness,
            _ => return None,
        };
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let verifier = Verifier::of(name, kind, key);
        (!name.is_empty() && hex(&verifier.id()) == id).then_some(verifier)
    }

    /// `name+key id+base64`.
    pub fn told(&self) -> String {
        let key = BASE64.encode(self.typed_key());
        format!("{}+{}+{key}", self.name, hex(&self.id()))
    }

    /// Whether a line is a good signature of this one over a text; of a witness,
    /// the second it cosigned at.
    pub fn believes(&self, text: &str, line: &Line) -> Option<u64> {
        if line.name != self.name || line.id != self.id() {
            return None;
        }
        let (time, signed, signature) = match self.kind {
            Kind::Log => (0, text.to_owned(), line.bytes.as_slice()),
            Kind::Witness => {
                let (time, signature) = line.bytes.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                (time, cosigned(time, text), signature)
            }
        };
        let signature = Signature::from_slice(signature).ok()?;
        let good = self.key.verify_strict(signed.as_bytes(), &signature);
        good.is_ok().then_some(time)
    }

    fn typed_key(&self) -> Vec<u8> {
        [&[self.kind as u8], self.key.as_bytes().as_slice()].concat()
    }

    fn id(&self) -> [u8; 4] {
        let digest = Sha256::new_with_prefix(self.name.as_bytes())
            .chain_update(b"\n")
            .chain_update(self.typed_key())
            .finalize();
        let mut id = [0; 4];
        id.copy_from_slice(&digest[..4]);
        id
    }
}

/// The line for a signature the log made over a text.
pub fn log_line(verifier: &Verifier, signature: &[u8]) -> Line {
    Line {
        name: verifier.name.clone(),
        id: verifier.id(),
        bytes: signature.to_vec(),
    }
}

/// A witness's line over a text, at a second since 1970.
pub fn cosign(name: &str, key: &SigningKey, text: &str, time: u64) -> Line {
    let verifier = Verifier::of(name, Kind::Witness, key.verifying_key());
    let signature = key.sign(cosigned(time, text).as_bytes()).to_bytes();
    Line {
        name: name.to_owned(),
        id: verifier.id(),
        bytes: [time.to_be_bytes().as_slice(), &signature].concat(),
    }
}

fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
