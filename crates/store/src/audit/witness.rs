//! 「见证」 What a witness does, as C2SP tlog-witness says it: it remembers the last
//! checkpoint of each log it saw, and cosigns only a larger tree that is proven to
//! have grown from it. Pure; its key, its file and its door are the caller's.

use super::Hash;
use super::consistency::is_consistent;
use super::note::{Body, Line, Verifier, cosign, split};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest proof: a tree of 2⁶³ leaves.
const PROOF_MAX: usize = 63;

/// The last note of each log a witness cosigned, by origin: its whole memory.
pub type Seen = BTreeMap<String, SeenNote>;

/// A note a witness cosigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenNote {
    /// How many rows it covers.
    pub size: i64,
    /// The signed note, this witness's line included.
    pub note: String,
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The request cannot be read.
    Unreadable,
    /// A log this witness does not know.
    Unknown,
    /// Not signed by the log's key.
    Unsigned,
    /// The tree shrinks, or the asker does not know what the witness saw last.
    Stale {
        /// The size it saw last.
        seen: i64,
    },
    /// The proof does not show that the tree grew from the one seen: rows were
    /// changed, taken out or moved.
    Inconsistent,
}

/// A request to cosign: `old N`, the proof, an empty line, the signed note.
pub fn request(old: i64, proof: &[Hash], note: &str) -> String {
    let proof: String = proof
        .iter()
        .map(|hash| format!("{}\n", BASE64.encode(hash)))
        .collect();
    format!("old {old}\n{proof}\n{note}")
}

/// Considers a request; gives the witness's line, and keeps the note in `seen`.
///
/// # Errors
/// [`Refused`]; then `seen` is as it was.
pub fn consider(
    seen: &mut Seen,
    logs: &[Verifier],
    (name, key): (&str, &SigningKey),
    request: &str,
    time: u64,
) -> Result<Line, Refused> {
    let (old, proof, note) = read(request).ok_or(Refused::Unreadable)?;
    let (text, lines) = split(note).ok_or(Refused::Unreadable)?;
    let body = Body::read(text).ok_or(Refused::Unreadable)?;
    let log = logs.iter().find(|log| log.name == body.origin);
    let log = log.ok_or(Refused::Unknown)?;
    let signed = lines.iter().any(|line| log.believes(text, line).is_some());
    if !signed {
        return Err(Refused::Unsigned);
    }
    let (last, last_root) = match seen.get(&body.origin) {
        None => (0, [0; 32]),
        Some(last) => {
            let known = split(&last.note).and_then(|(text, _)| Body::read(text));
            let known = known.ok_or(Refused::Unreadable)?;
            (known.size, known.root)
        }
    };
    if old != last || body.size < last {
        return Err(Refused::Stale { seen: last });
    }
    if !is_consistent(last, &last_root, body.size, &body.root, &proof) {
        return Err(Refused::Inconsistent);
    }
    let line = cosign(name, key, text, time);
    let log_line = lines.iter().find(|line| log.believes(text, line).is_some());
    let log_line = log_line.map(Line::told).unwrap_or_default();
    let kept = SeenNote {
        size: body.size,
        note: format!("{text}\n{log_line}\n{}\n", line.told()),
    };
    seen.insert(body.origin, kept);
    Ok(line)
}

fn read(request: &str) -> Option<(i64, Vec<Hash>, &str)> {
    let (head, note) = request.split_once("\n\n")?;
    let mut lines = head.lines();
    let old: i64 = lines.next()?.strip_prefix("old ")?.parse().ok()?;
    let proof = lines
        .map(|line| BASE64.decode(line).ok()?.try_into().ok())
        .collect::<Option<Vec<Hash>>>()?;
    (old >= 0 && proof.len() <= PROOF_MAX).then_some((old, proof, note))
}
