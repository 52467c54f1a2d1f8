//! 「交接清单」 What a department says of a file it hands over. The file must be
//! what the slip says, byte for byte.

use super::decode::TextEncoding;
use super::mending::Mending;
use super::progress::Progress;
use super::rows::{FileFault, FileFormat, Rows};
use crate::error::{AppError, Result};
use engine_pool::{Came, FileKind, Term};
use kernel::{DataBatchId, Date, Slug};
use serde::Deserialize;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The ending of a slip's name.
pub(super) const ENDING: &str = ".manifest.json";
/// A slip is a few lines.
const SLIP_BYTES_MAX: u64 = 64 << 10;

/// A slip.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// Who sends it.
    pub department: Slug,
    /// What it holds.
    pub category: Slug,
    /// The day it speaks of.
    pub as_of: Date,
    /// Rows without the header.
    pub rows: u64,
    /// The file's name, beside the slip.
    pub file: String,
    /// SHA-256 of the file's bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// How a text file is written; the catalogue's usual way when not said.
    #[serde(default)]
    pub encoding: Option<WrittenIn>,
    /// The delivery whose rows it brings again, mended.
    #[serde(default)]
    pub mends: Option<DataBatchId>,
    /// What the file is, where the catalogue's usual way is not asked.
    #[serde(skip)]
    pub kind: Option<FileKind>,
    /// By which way it comes.
    #[serde(skip)]
    pub came: Option<Came>,
    /// What was agreed about it; `None`: the pack says nothing of agreements.
    #[serde(skip)]
    pub agreed: Option<Term>,
    /// Who is told how far it came.
    #[serde(skip)]
    pub(crate) progress: Progress,
    /// The rows that wait in the delivery it mends.
    #[serde(skip)]
    pub(crate) mending: Option<Arc<Mending>>,
    /// The day of the delivery that stands; a mending is of a delivery that came already.
    #[serde(skip)]
    pub(crate) stood: Option<Date>,
    /// The file.
    #[serde(skip)]
    pub path: PathBuf,
}

/// Encodings a slip may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum WrittenIn {
    /// GB 18030.
    #[serde(rename = "GB18030", alias = "gb18030")]
    Gb18030,
    /// UTF-8.
    #[serde(rename = "UTF-8", alias = "utf-8", alias = "utf8")]
    Utf8,
}

/// Why a file is not what its slip says.
#[derive(Debug, thiserror::Error)]
pub enum ManifestFault {
    /// No file beside the slip.
    #[error("清单旁边没有文件 {path}（{why}）。请补齐再导入")]
    NoFile {
        /// The file.
        path: String,
        /// The system's words.
        why: String,
    },
    /// Other bytes.
    #[error("{path} 和清单对不上：内容摘要不同，多半是传输不完整或被改过。请重新提供")]
    OtherBytes {
        /// The file.
        path: String,
    },
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileFault),
}

impl Manifest {
    /// Every slip in a folder and beneath, in the order of their paths; of a single
    /// file (the slip, or what it lies beside) its own.
    ///
    /// # Errors
    /// A folder that cannot be read, a slip that is none.
    pub fn all_in(place: &Path) -> Result<Vec<Manifest>> {
        let mut found = Vec::new();
        if place.is_file() {
            found.push(slip_of(place)?);
        } else {
            walk(place, &mut found)?;
        }
        if found.is_empty() {
            return Err(AppError::BadInput(format!(
                "{} 里没有交接清单（*{ENDING}）。请把清单和数据文件放在一起",
                place.display()
            )));
        }
        found.sort();
        let mut manifests = Vec::with_capacity(found.len());
        let mut faults = Vec::new();
        for path in found {
            match Manifest::read(&path) {
                Ok(manifest) => manifests.push(manifest),
                Err(why) => faults.push(format!("清单 {} {why}", path.display())),
            }
        }
        match faults.is_empty() {
            true => Ok(manifests),
            false => Err(AppError::BadInput(faults.join("\n"))),
        }
    }

    pub(super) fn read(path: &Path) -> Result<Manifest, String> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(SLIP_BYTES_MAX + 1).read_to_end(&mut bytes))
            .map_err(|why| format!("打不开：{why}。请检查权限"))?;
        if bytes.len() as u64 > SLIP_BYTES_MAX {
            return Err(format!(
                "太长：清单最多 {SLIP_BYTES_MAX} 字节。请检查是不是放错了文件"
            ));
        }
        let manifest = Manifest::parse(&bytes)?;
        let name = path.to_string_lossy();
        let file = PathBuf::from(name.strip_suffix(ENDING).unwrap_or(&name));
        if file.file_name().is_none_or(|name| *name != *manifest.file) {
            let beside = file.display();
            return Err(format!(
                "写的文件名是“{}”，它旁边的文件应是 {beside}。请把两者改成一致，文件名不能带目录",
                manifest.file
            ));
        }
        Ok(Manifest {
            path: file,
            came: Some(Came::Command),
            ..manifest
        })
    }

    /// Reads a slip's text; where its file lies is not in it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(bytes: &[u8]) -> Result<Manifest, String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(bytes)
            .map_err(|why| format!("读不懂：{why}。请按交接清单的格式重写"))
    }

    /// Opens the file.
    ///
    /// # Errors
    /// [`ManifestFault`] when it is not there or cannot be read as what it claims to be.
    pub fn open(&self, usual: FileKind, columns: &[String]) -> Result<Rows, ManifestFault> {
        fs::metadata(&self.path).map_err(|why| ManifestFault::NoFile {
            path: self.path.display().to_string(),
            why: why.to_string(),
        })?;
        Ok(Rows::open(&self.path, self.format(usual), columns)?)
    }

    /// Whether these are the bytes the slip speaks of.
    ///
    /// # Errors
    /// [`ManifestFault::OtherBytes`] when not.
    pub fn check_digest(&self, digest: &str) -> Result<(), ManifestFault> {
        if digest.eq_ignore_ascii_case(&self.sha256) {
            return Ok(());
        }
        let path = self.path.display().to_string();
        Err(ManifestFault::OtherBytes { path })
    }

    /// What the file is, by the slip and the catalogue.
    pub fn format(&self, usual: FileKind) -> FileFormat {
        match (self.kind.unwrap_or(usual), self.encoding) {
            (FileKind::Csv, Some(WrittenIn::Utf8)) => FileFormat::Csv(TextEncoding::Utf8),
            (FileKind::Csv, _) => FileFormat::Csv(TextEncoding::Gb18030),
            (FileKind::Xlsx, _) => FileFormat::Xlsx,
            (FileKind::Jsonl, _) => FileFormat::JsonLines,
        }
    }
}

/// The slip of a file: itself, or what lies beside it.
fn slip_of(file: &Path) -> Result<PathBuf> {
    let name = file.to_string_lossy();
    if name.ends_with(ENDING) {
        return Ok(file.to_path_buf());
    }
    let slip = PathBuf::from(format!("{name}{ENDING}"));
    match slip.is_file() {
        true => Ok(slip),
        false => Err(AppError::BadInput(format!(
            "{name} 旁边没有交接清单 {}。请补上清单再导入",
            slip.display()
        ))),
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = |why: io::Error| {
        AppError::BadInput(format!(
            "打不开 {}：{why}。请检查路径和权限",
            folder.display()
        ))
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        // A link to a folder is not followed: it could lead around in a circle.
        let is_folder = entry.file_type().map_err(unreadable)?.is_dir();
        let path = entry.path();
        if is_folder {
            walk(&path, found)?;
        } else if path.to_string_lossy().ends_with(ENDING) {
            found.push(path);
        }
    }
    Ok(())
}
