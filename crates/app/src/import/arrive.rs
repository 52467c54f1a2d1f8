//! 「送达」 A department's own delivery over the wire. Its head is believed before its
//! body is read: the signature, the time, the nonce that was never used, the agreement
//! and its fields. Then the body comes in pieces to a file that goes with it, and the
//! one gate judges it. Every refusal is on record. Absent: HTTP, which is web's.

use super::gate::Imported;
use super::manifest::{Manifest, WrittenIn};
use super::{FileFormat, Rows};
use crate::signing::{KeyRing, SignatureError, SignedHeaders};
use crate::{App, AppError, Context, Result};
use engine_access::{Grant, Holder, Purpose};
use engine_pool::{
    Agreement, AgreementRefusal, Came, FileKind, SET_BACK_ROW, SET_BACK_WHY, Term, Way,
};
use kernel::{Actor, DataBatchId, Date, Refuse, Role, Slug};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use store::Tx;
use tempfile::TempDir;

/// The longest body, bytes: what a county's largest category needs with room to spare.
pub const ARRIVAL_BYTES_MAX: u64 = 1 << 30;
/// After so many bytes the header of a body is looked at, before the rest comes.
const HEAD_BYTES: u64 = 64 << 10;

/// What a delivery says of itself, in its address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announced {
    /// The day it speaks of.
    pub as_of: Date,
    /// Rows without the header.
    pub rows: u64,
    /// The sender's own number of it: once used for other content it is refused.
    pub batch: String,
    /// `jsonl`, `csv`, `xlsx`.
    pub format: FileKind,
    /// Of CSV; UTF-8 when not said.
    #[serde(default)]
    pub encoding: Option<WrittenIn>,
    /// The delivery (our number) whose rows it brings again, mended.
    #[serde(default)]
    pub mends: Option<DataBatchId>,
}

/// Why a delivery was turned away before the gate.
#[derive(Debug, thiserror::Error)]
pub enum TurnedAway {
    /// Who it is from is not believed.
    #[error("{0}")]
    Signature(#[from] SignatureError),
    /// It was not agreed.
    #[error("{0}")]
    Agreement(#[from] AgreementRefusal),
    /// What it says of itself cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The number stands for other content.
    #[error("批次号“{0}”已经用过，内容和这次不同。请换一个批次号再送")]
    NumberUsed(String),
    /// Longer than is taken.
    #[error("正文超过 {0} 字节。请分成几批再送")]
    TooLong(u64),
    /// Not the bytes that were signed.
    #[error("正文和签名里的摘要不一致，多半是传输不完整。请重新送")]
    OtherBytes,
    /// The house itself.
    #[error(transparent)]
    Broken(#[from] AppError),
}

impl From<store::StoreError> for TurnedAway {
    fn from(why: store::StoreError) -> TurnedAway {
        TurnedAway::Broken(why.into())
    }
}

impl TurnedAway {
    /// Its stable code.
    pub fn code(&self) -> &'static str {
        match self {
            TurnedAway::Signature(SignatureError::Replayed) => "push.replayed",
            TurnedAway::Signature(SignatureError::Stale) => "push.stale",
            TurnedAway::Signature(_) => "push.signature",
            TurnedAway::Agreement(why) => why.code(),
            TurnedAway::Unreadable(_) => "push.unreadable",
            TurnedAway::NumberUsed(_) => "push.number_used",
            TurnedAway::TooLong(_) => "push.too_long",
            TurnedAway::OtherBytes => "push.other_bytes",
            TurnedAway::Broken(_) => "fault",
        }
    }
}

/// A delivery whose head was believed; its body is to come.
pub struct Arrival {
    party: Slug,
    category: Slug,
    announced: Announced,
    digest: String,
    agreement: Agreement,
    term: Term,
    folder: TempDir,
    path: PathBuf,
    file: std::fs::File,
    hasher: Sha256,
    taken: u64,
    looked: bool,
}

/// A head as it came.
pub struct Head<'a> {
    /// The signature's headers.
    pub signed: &'a SignedHeaders,
    /// Path and query, as signed.
    pub path: &'a str,
    /// The query alone.
    pub query: &'a str,
    /// The category of the path.
    pub category: &'a str,
}

impl Announced {
    /// Reads the query of an address.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(query: &str) -> Result<Announced, TurnedAway> {
        let unreadable = |why: &dyn std::fmt::Display| {
            let says = format!(
                "地址里的说明读不懂（{why}）。要写 as_of、rows、batch、format，可以写 encoding、mends"
            );
            TurnedAway::Unreadable(says)
        };
        let read: Announced = serde_urlencoded::from_str(query).map_err(|why| unreadable(&why))?;
        let fits = |one: char| one.is_ascii_alphanumeric() || "-_.".contains(one);
        if read.batch.is_empty() || read.batch.len() > 64 || !read.batch.chars().all(fits) {
            return Err(unreadable(&"batch 用字母、数字、- _ .，最多 64 个"));
        }
        Ok(read)
    }
}

impl App {
    /// 验头 Believes the head of a delivery, or says why not. The nonce is used up by it.
    ///
    /// # Errors
    /// [`TurnedAway`]; it is on record.
    pub async fn announce(&self, ring: &KeyRing, head: Head<'_>) -> Result<Arrival, TurnedAway> {
        let believed = self.believe(ring, &head).await;
        if let Err(why) = &believed {
            self.turned_away(&head.signed.key, head.category, why)
                .await?;
        }
        believed
    }

    async fn believe(&self, ring: &KeyRing, head: &Head<'_>) -> Result<Arrival, TurnedAway> {
        let now = self.now();
        ring.verify_head(head.signed, "POST", head.path, now)?;
        let party: Slug = head
            .signed
            .key
            .parse()
            .map_err(|_| SignatureError::UnknownKey(head.signed.key.clone()))?;
        if !self.use_nonce(head.signed).await? {
            return Err(SignatureError::Replayed.into());
        }
        let announced = Announced::parse(head.query)?;
        let category: Slug = head
            .category
            .parse()
            .map_err(|_| TurnedAway::Unreadable("数据类的标识读不懂".to_owned()))?;
        let data = self.law.pack.data();
        let found = data
            .agreements
            .with(&party, &category, Way::In, now.today());
        let (agreement, term) = found.map(|(one, term)| (one.clone(), term.clone()))?;
        let (asked, number) = ((party.clone(), category.clone()), announced.batch.clone());
        let before = self
            .db
            .read(async move |tx| tx.push_batch(asked.0.as_str(), &asked.1, &number).await)
            .await?;
        if before.is_some_and(|(digest, _)| digest != head.signed.digest) {
            return Err(TurnedAway::NumberUsed(announced.batch));
        }
        let broken = |why: io::Error| TurnedAway::Broken(AppError::Fault(why.to_string()));
        let folder = tempfile::tempdir().map_err(broken)?;
        let path = folder
            .path()
            .join(format!("{category}.{}", ending(announced.format)));
        let file = std::fs::File::create(&path).map_err(broken)?;
        Ok(Arrival {
            party,
            category,
            digest: head.signed.digest.clone(),
            agreement,
            term,
            folder,
            path,
            file,
            announced,
            hasher: Sha256::new(),
            taken: 0,
            looked: false,
        })
    }

    /// 收 A whole body through the gate, by the sender's agreement.
    ///
    /// # Errors
    /// [`TurnedAway`]; it is on record. A delivery the gate refuses is no error.
    pub async fn arrive(&self, arrival: Arrival) -> Result<Imported, TurnedAway> {
        let (party, category) = (arrival.party.clone(), arrival.category.clone());
        let taken = self.take_arrival(arrival).await;
        self.forget_numbers();
        match &taken {
            Ok(imported) => self.look_after_delivery(imported).await?,
            Err(why) => {
                self.turned_away(party.as_str(), category.as_str(), why)
                    .await?;
            }
        }
        taken
    }

    async fn take_arrival(&self, mut arrival: Arrival) -> Result<Imported, TurnedAway> {
        arrival.look_at_head(self, true)?;
        if hex(&arrival.hasher.clone().finalize()) != arrival.digest {
            return Err(TurnedAway::OtherBytes);
        }
        arrival
            .file
            .flush()
            .map_err(|why| TurnedAway::Broken(AppError::Fault(why.to_string())))?;
        let ctx = Context {
            actor: Actor {
                account: arrival.party.to_string(),
                person: None,
                role: Role::DepartmentMachine,
            },
            purpose: Purpose::Collection,
            request: arrival.announced.batch.clone(),
        };
        let grants = self.by_agreement(&arrival);
        let imported = self.import_by(&ctx, &arrival.manifest(), grants).await?;
        if let Some(batch) = imported.batch {
            let (party, category) = (arrival.party.to_string(), arrival.category.clone());
            let (number, digest) = (arrival.announced.batch.clone(), arrival.digest.clone());
            self.db
                .write(async move |tx: &mut Tx| {
                    tx.keep_push_batch(&party, &category, &number, &digest, batch)
                        .await
                })
                .await?;
        }
        Ok(plainly(imported, &arrival))
    }

    /// A body that did not come to its end is on record, too.
    ///
    /// # Errors
    /// The store's.
    pub async fn gave_up(&self, arrival: &Arrival, why: &TurnedAway) -> Result<()> {
        let (party, category) = (arrival.party.as_str(), arrival.category.as_str());
        self.turned_away(party, category, why).await
    }

    /// A department's right to hand in is its agreement, as long as it runs.
    fn by_agreement(&self, arrival: &Arrival) -> Arc<[Grant]> {
        let region = self.law.pack.region();
        let grant = region.map(|region| Grant {
            holder: Holder::Account(arrival.party.to_string()),
            role: Role::DepartmentMachine,
            region,
            from: arrival.agreement.from,
            to: Some(arrival.agreement.until),
        });
        grant.into_iter().collect()
    }

    /// Puts a refusal on record: who it claimed to be, about what, why.
    pub(super) async fn turned_away(
        &self,
        claimed: &str,
        category: &str,
        why: &TurnedAway,
    ) -> Result<()> {
        let claimed: String = claimed
            .chars()
            .filter(|c| !c.is_control())
            .take(60)
            .collect();
        let category: String = category
            .chars()
            .filter(|c| !c.is_control())
            .take(60)
            .collect();
        let ctx = Context {
            actor: Actor {
                account: claimed,
                person: None,
                role: Role::DepartmentMachine,
            },
            purpose: Purpose::Collection,
            request: String::new(),
        };
        let (now, code, says) = (self.now(), why.code(), why.to_string());
        self.db
            .write(async move |tx: &mut Tx| {
                let subject = format!("category:{category}");
                ctx.record(tx, "pool.turned_away", &subject, &(code, &says), now)
                    .await
            })
            .await
    }
}

impl Arrival {
    /// The next piece of the body.
    ///
    /// # Errors
    /// Too long; a column nobody agreed on, as soon as it is seen.
    pub fn take(&mut self, app: &App, piece: &[u8]) -> Result<(), TurnedAway> {
        self.taken += piece.len() as u64;
        if self.taken > ARRIVAL_BYTES_MAX {
            return Err(TurnedAway::TooLong(ARRIVAL_BYTES_MAX));
        }
        self.hasher.update(piece);
        self.file
            .write_all(piece)
            .map_err(|why| TurnedAway::Broken(AppError::Fault(why.to_string())))?;
        if self.taken >= HEAD_BYTES {
            self.look_at_head(app, false)?;
        }
        Ok(())
    }

    /// Whether the columns stay within the agreement, once: what cannot be read yet is
    /// the gate's to judge.
    fn look_at_head(&mut self, app: &App, whole: bool) -> Result<(), TurnedAway> {
        if self.looked || (!whole && self.announced.format == FileKind::Xlsx) {
            return Ok(());
        }
        self.looked = true;
        let Some(category) = app.law.pack.data().catalogue.category(&self.category) else {
            return Ok(());
        };
        let columns = match self.announced.format {
            FileKind::Jsonl => first_keys(&self.path),
            _ => Rows::open(&self.path, self.format(), &[])
                .map_or_else(|_| Vec::new(), |rows| rows.header().to_vec()),
        };
        let beside = [SET_BACK_ROW, SET_BACK_WHY].map(|(id, name)| [id, name]);
        let beside = beside.as_flattened();
        let mends = self.announced.mends.is_some();
        let own = |one: &&String| !(mends && beside.contains(&one.trim()));
        let columns: Vec<&String> = columns.iter().filter(own).collect();
        Ok(self.term.allows(category, &columns)?)
    }

    fn format(&self) -> FileFormat {
        self.manifest().format(self.announced.format)
    }

    fn manifest(&self) -> Manifest {
        let name = self.path.file_name().unwrap_or_default();
        Manifest {
            department: self.party.clone(),
            category: self.category.clone(),
            as_of: self.announced.as_of,
            rows: self.announced.rows,
            file: name.to_string_lossy().into_owned(),
            sha256: self.digest.clone(),
            encoding: Some(self.announced.encoding.unwrap_or(WrittenIn::Utf8)),
            mends: self.announced.mends,
            came: Some(Came::Push),
            kind: Some(self.announced.format),
            mending: None,
            stood: None,
            progress: crate::import::Progress::default(),
            agreed: Some(self.term.clone()),
            path: self.path.clone(),
        }
    }
}

/// The keys of the first JSON line; none when it cannot be read.
fn first_keys(path: &std::path::Path) -> Vec<String> {
    use std::io::{BufRead as _, Read as _};
    let Ok(file) = std::fs::File::open(path) else {
        return Vec::new();
    };
    let mut line = String::new();
    let read = io::BufReader::new(file.take(HEAD_BYTES * 16)).read_line(&mut line);
    let object: Option<serde_json::Map<String, serde_json::Value>> =
        read.ok().and_then(|_| serde_json::from_str(&line).ok());
    object.map_or_else(Vec::new, |object| object.keys().cloned().collect())
}

/// What is told without the folder of this house the file lay in.
fn plainly(mut imported: Imported, arrival: &Arrival) -> Imported {
    let folder = format!("{}/", arrival.folder.path().display());
    if let super::ImportOutcome::Refused { reasons, .. } = &mut imported.outcome {
        for why in reasons {
            *why = why.replace(&folder, "");
        }
    }
    imported
}

fn ending(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Csv => "csv",
        FileKind::Xlsx => "xlsx",
        FileKind::Jsonl => "jsonl",
    }
}

/// SHA-256 of bytes, 64 hexadecimal digits: what a slip and a signature speak of.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Refuse for TurnedAway {
    fn code(&self) -> &'static str {
        TurnedAway::code(self)
    }

    fn article(&self) -> Option<&str> {
        None
    }
}
